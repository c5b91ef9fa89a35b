"""A CSV comes back to the byte with its answers beside it, and reads as Python's csv module reads it."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from examples import examples
from hypothesis import assume, example, given
from hypothesis import strategies as st

from qpv_geo.errors import FormatError
from qpv_geo.geocoding.address_files import open_rows
from qpv_geo.messages.typography import quoted
from qpv_geo.tables.csv_reader import CsvReader
from qpv_geo.tables.csv_writer import CsvWriter
from qpv_geo.tables.parquet import ParquetReader
from qpv_geo.tables.protocol import AddedColumns, ReadingOptions

MARK = "§réponse§"
DELIMITERS = [",", ";", "\t", "|"]
ENCODINGS = [
    ("utf-8", b""),
    ("utf-8", codecs.BOM_UTF8),
    ("cp1252", b""),
    ("latin-1", b""),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
    ("utf-16-le", b""),
]
SOUP = st.text(st.sampled_from('aé;,\t|""\r\n\0 \x85'), min_size=1, max_size=60)
CELLS = st.text(st.characters(codec="latin-1", exclude_characters="§"), max_size=8)
CHUNKS = st.sampled_from([1, 2, 3, 7, 20, 1 << 20])
ROWS = st.sampled_from([1, 2, 7, 50_000])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("csv")


def source_of(folder, content, reading=None, **how):
    path = folder / "essai.csv"
    path.write_bytes(content)
    return CsvReader(path, reading or ReadingOptions(), **how)


def refusal(folder, content, reading=None):
    with pytest.raises(FormatError) as caught:
        for _ in source_of(folder, content, reading).blocks():
            pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def written(folder, source, columns, *, dropped=(), rows=50_000):
    """Return the bytes that a sink writes; `columns` gives the name and the values of each extra column."""
    answers = pa.table(columns)
    writer = CsvWriter(folder / "sortie.csv", source, AddedColumns(answers.schema, dropped=dropped))
    done = 0
    for block in source.blocks(rows):
        writer.write(block, answers.slice(done, len(block)).combine_chunks().to_batches()[0])
        done += len(block)
    writer.finish()
    assert done == answers.num_rows
    return (folder / "sortie.csv").read_bytes()


def count(source):
    return sum(len(block) for block in source.blocks())


def marked(folder, source, **how):
    return written(folder, source, {MARK: pa.array([MARK] * count(source), pa.string())}, **how)


def rows_of(source, rows=50_000):
    """Return the cells of every row, read by columns."""
    width = len(source.schema)
    return [
        list(row)
        for block in source.blocks(rows)
        for row in zip(*(block.column(k).to_pylist() for k in range(width)), strict=True)
    ]


def by_python(text, delimiter):
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def left_open(text, delimiter):
    """Tell whether a quotation mark is never closed: it then swallows whatever is added."""
    return by_python(text + "\nfin", delimiter)[-1] != ["fin"]


def render(rows, quoting, delimiter, line_break, *, last):
    """Return the text of a table; `quoting` tells for each cell in turn whether it is quoted without need."""
    special = {delimiter, '"', "\r", "\n"}
    wanted = iter(quoting)

    def cell(text):
        needed = bool(special & set(text))
        return '"' + text.replace('"', '""') + '"' if needed or next(wanted, False) else text

    return line_break.join(delimiter.join(map(cell, row)) for row in rows) + (line_break if last else "")


@st.composite
def tables(draw):
    """Draw a table that is whole: text, delimiter, rows (the header first)."""
    delimiter = draw(st.sampled_from(DELIMITERS))
    width = draw(st.integers(2, 5))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8))
    quoting = draw(st.lists(st.booleans(), max_size=12))
    line_break = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return render(rows, quoting, delimiter, line_break, last=draw(st.booleans())), delimiter, rows


# ── What is read ───────────────────────────────────────────────────────────────────────────────────────────────────


@examples(70, of=250)
@given(text=SOUP, delimiter=st.sampled_from(DELIMITERS), chunk_bytes=CHUNKS, rows=ROWS)
@example(text='a;b\n1;"x"y";2\n"";""""\r"a\r\nb" ";', delimiter=";", chunk_bytes=3, rows=1)
@example(text='a;b\n5" tube;1\n"x;y";2\n', delimiter=";", chunk_bytes=1 << 20, rows=7)
def test_any_text_is_read_as_the_csv_module_reads_it(folder, text, delimiter, chunk_bytes, rows):
    expected = by_python(text, delimiter)
    assume(expected[0] and not left_open(text, delimiter))
    source = source_of(folder, text.encode(), ReadingOptions("utf-8", delimiter), chunk_bytes=chunk_bytes)
    width = len(expected[0])
    assert source.schema.names == expected[0]
    assert rows_of(source, rows) == [(row + [""] * width)[:width] for row in expected[1:]]
    faults = {block.start + k: fault for block in source.blocks(rows) for k, fault in block.faults.items()}
    surplus = {k: row for k, row in enumerate(expected[1:]) if "".join(row[width:]).strip()}
    assert faults.keys() == surplus.keys()
    for k, row in surplus.items():
        assert faults[k].startswith(f"{len(row)} cellules au lieu de {width} (en trop : ")
        assert "\n" not in faults[k]


@pytest.mark.parametrize(
    ("rows", "is_plain"),
    [
        ('"x;1";2\r\né;"3"\r\n', True),
        ("1;2\n;\n", True),
        ('"x\n1";2\n', False),
        ('5" tube;1\n3" tube;2\n', False),
        ("1;2\n1\n", False),
        ("1;2\n\n", False),
        ("1;2\r3;4\n", False),
        ("1;2", False),
    ],
)
def test_lines_that_are_each_a_record_are_read_together(folder, rows, is_plain):
    text = "a;b\n" + rows
    source = source_of(folder, text.encode(), ReadingOptions("utf-8", ";"))
    assert {type(block).__name__ for block in source.blocks()} == {"PlainRowBatch" if is_plain else "CsvRowBatch"}
    assert rows_of(source) == [[*row, "", ""][:2] for row in by_python(text, ";")[1:]]


def test_cells_beyond_the_header_can_be_read_in_the_fault(folder):
    source = source_of(folder, 'a;b\n1;2;"EX""TRA; \n1";é\n1;2;;\n1;2;"";x\n'.encode(), ReadingOptions())
    (block,) = source.blocks()
    assert block.faults == {
        0: '4 cellules au lieu de 2 (en trop : « EX"TRA; 1 », « é »)',
        2: "4 cellules au lieu de 2 (en trop : vide, « x »)",
    }


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_a_delimiter_that_ends_all_rows_but_the_header_is_found(folder, delimiter):
    lines = ["id;lon;lat", "1;3.0;50.6;", "2;3.1;50.7;;"]
    source = source_of(folder, "\n".join(lines).replace(";", delimiter).encode(), ReadingOptions())
    assert source.reading.delimiter == delimiter
    assert not any(block.faults for block in source.blocks())
    assert rows_of(source, 7) == [["1", "3.0", "50.6"], ["2", "3.1", "50.7"]]


@examples(80, of=200)
@given(text=SOUP, delimiter=st.sampled_from(DELIMITERS))
def test_a_quotation_mark_never_closed_is_refused_and_nothing_else(folder, text, delimiter):
    assume(by_python(text, delimiter)[0])
    reading = ReadingOptions("utf-8", delimiter)
    if left_open(text, delimiter):
        assert "guillemet" in refusal(folder, text.encode(), reading)
    else:
        assert count(source_of(folder, text.encode(), reading)) == len(by_python(text, delimiter)) - 1


@examples(20, of=100)
@given(table=tables(), encoding=st.sampled_from(ENCODINGS), chunk_bytes=CHUNKS)
def test_any_encoding_is_read(folder, table, encoding, chunk_bytes):
    text, delimiter, rows = table
    codec, mark = encoding
    text = text.encode(codec, errors="replace").decode(codec)
    source = source_of(folder, mark + text.encode(codec), ReadingOptions(codec, delimiter), chunk_bytes=chunk_bytes)
    assert [source.schema.names, *rows_of(source)] == by_python(text, delimiter)
    assert count(source) == len(rows) - 1
    for block in source.blocks():
        assert block.record_batch().schema == source.schema
        assert block.record_batch().columns == [block.column(k) for k in range(len(source.schema))]


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16-le"])
def test_encoding_and_delimiter_are_found(folder, delimiter, encoding):
    rows = [["id", "adresse, ville; code", "prix"], *([f"{k:05}", "1, rue d'Été; Loos|é", "1,5"] for k in range(50))]
    text = render(rows, [], delimiter, "\r\n", last=True)
    source = source_of(folder, text.encode(encoding))
    assert source.reading == ReadingOptions(encoding, delimiter)
    assert [source.schema.names, *rows_of(source)] == rows


def test_decimal_commas_and_commas_in_addresses_are_no_delimiters(folder):
    assert source_of(folder, b"lon;lat\n2,35;48,85\n2,36;48,86\n").reading.delimiter == ";"
    one_column = source_of(folder, b"adresse\n1 rue A, 59120 Loos\n2 rue B, 86000 Poitiers\n")
    assert rows_of(one_column) == [["1 rue A, 59120 Loos"], ["2 rue B, 86000 Poitiers"]]


def test_a_table_of_one_column_and_one_of_a_header_only(folder):
    assert rows_of(source_of(folder, b"code\n00123\n\n59120")) == [["00123"], [""], ["59120"]]
    for content in (b"code;nom", b"code;nom\r\n"):
        source = source_of(folder, content)
        assert (source.schema.names, rows_of(source)) == (["code", "nom"], [])


def test_a_blank_line_is_a_row_of_empty_cells(folder):
    assert rows_of(source_of(folder, b"a;b\n1;2\n\n3;4\n")) == [["1", "2"], ["", ""], ["3", "4"]]


def test_names_may_be_empty_and_the_same(folder):
    source = source_of(folder, b'nom;;nom;"x;""y"""\n1;2;3;4\n')
    assert source.schema.names == ["nom", "", "nom", 'x;"y"']
    assert rows_of(source) == [["1", "2", "3", "4"]]


def test_ten_thousand_columns(folder):
    rows = [[f"c{k}" for k in range(10_000)], *([str(k * n) for k in range(10_000)] for n in range(3))]
    source = source_of(folder, render(rows, [], ",", "\n", last=True).encode())
    assert [source.schema.names, *rows_of(source)] == rows


def test_blocks_are_the_same_each_time_and_tell_how_far_they_are(folder):
    content = b"a;b\n" + b"1;2\n" * 100
    source = source_of(folder, content, chunk_bytes=50)
    once, again = ([(block.start, len(block), block.share_read) for block in source.blocks(7)] for _ in range(2))
    assert once == again
    starts, lengths, shares = zip(*once, strict=True)
    assert [start + length for start, length in zip(starts, lengths, strict=True)] == [*starts[1:], 100]
    assert max(lengths) <= 7
    assert list(shares) == sorted(shares)
    assert 0 < shares[0] < 0.1
    assert shares[-1] == pytest.approx(1)
    assert (source.first_row, source.crs, next(source.blocks()).geometry()) == (2, None, None)


def test_a_file_that_is_no_csv_is_refused(folder):
    with pytest.raises(FormatError, match="introuvable"):
        CsvReader(folder / "absent.csv", ReadingOptions())
    assert "est vide" in refusal(folder, b"")
    assert "est vide" in refusal(folder, codecs.BOM_UTF8)
    assert "première ligne" in refusal(folder, b"\r\na;b\r\n1;2\r\n")
    with io.BytesIO() as held:
        with zipfile.ZipFile(held, "w") as workbook:
            workbook.writestr("xl/workbook.xml", "<workbook/>")
        assert "classeur" in refusal(folder, held.getvalue())


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n", "é"])
def test_a_delimiter_that_is_none_is_refused(folder, delimiter):
    assert quoted(delimiter) in refusal(folder, b"a;b\n", ReadingOptions(delimiter=delimiter))


def test_the_line_of_a_quotation_mark_never_closed_is_told(folder):
    assert "ligne 4 : " in refusal(folder, b'a;b\r\n1;"x\ny"\r\n2;"z\r\n3;t\r\n')


@pytest.mark.parametrize("endless", [b'2;"', b"2;x"])
def test_a_record_without_end_is_refused_with_its_line(folder, endless):
    after = b"3;" + b"4" * 1_000 + (b"\n" if b'"' in endless else b";")
    told = refusal(folder, b"a;b\n1;2\n" + endless + after * (17 << 10) + b'"\n')
    assert "ligne 3 : " in told
    assert "plus de 16 Mo" in told


# ── What is written ────────────────────────────────────────────────────────────────────────────────────────────────


@examples(40, of=150)
@given(table=tables(), encoding=st.sampled_from(ENCODINGS), chunk_bytes=CHUNKS, rows=ROWS)
def test_the_output_cut_of_its_answers_is_the_input(folder, table, encoding, chunk_bytes, rows):
    text, delimiter, _ = table
    codec, mark = encoding
    content = mark + text.encode(codec, errors="replace")
    source = source_of(folder, content, ReadingOptions(codec, delimiter), chunk_bytes=chunk_bytes)
    output = marked(folder, source, rows=rows)
    answer = f"{delimiter}{MARK}".encode(codec)
    assert output.replace(answer, b"") == content
    assert output.count(answer) == count(source) + 1


@examples(60, of=250)
@given(text=SOUP, delimiter=st.sampled_from(DELIMITERS), chunk_bytes=CHUNKS, rows=ROWS)
@example(text='a;b\n1\n\n1;2;"3;\n";4\r"x"', delimiter=";", chunk_bytes=5, rows=2)
def test_answers_are_in_their_columns_and_surplus_cells_after_them(folder, text, delimiter, chunk_bytes, rows):
    expected = by_python(text, delimiter)
    assume(expected[0] and not left_open(text, delimiter))
    source = source_of(folder, text.encode(), ReadingOptions("utf-8", delimiter), chunk_bytes=chunk_bytes)
    output = marked(folder, source, rows=rows).decode()
    width = len(expected[0])
    assert by_python(output, delimiter) == [
        [*row[:width], *[""] * (width - len(row)), MARK, *row[width:]] for row in expected
    ]
    if all(len(row or [""]) >= width for row in expected):
        assert output.replace(delimiter + MARK, "") == text


@examples(25, of=100)
@given(table=tables(), dropped=st.sets(st.integers(0, 4)), short=st.integers(0, 6))
def test_dropped_columns_are_cut_out_and_the_others_keep_their_text(folder, table, dropped, short):
    text, delimiter, rows = table
    assume(not text.endswith(("\r", "\n")))
    width = len(rows[0])
    gone = tuple(sorted(dropped & set(range(width))))
    longer = text + "\n" + delimiter.join('"é"' for _ in range(short + 1))
    source = source_of(folder, longer.encode(), ReadingOptions("utf-8", delimiter))
    output = by_python(marked(folder, source, dropped=gone).decode(), delimiter)
    kept = [k for k in range(width) if k not in gone]
    last = (["é"] * (short + 1) + [""] * width)[:width]
    whole = [*(row or [""] * width for row in by_python(text, delimiter)), last]
    assert [row[: len(kept) + 1] for row in output] == [[*(row[k] for k in kept), MARK] for row in whole]
    assert output[-1][len(kept) + 1 :] == ["é"] * (short + 1 - width)


def test_what_a_spreadsheet_would_break_is_kept(folder):
    content = 'code;="00123";é\r\n00123;="00123";"a"\r\n;;" b ""c"" "\r\n"1";"x\ny";5" tube\n'.encode("cp1252")
    source = source_of(folder, content)
    output = written(folder, source, {"qpv_statut": ["inside", None, "à vérifier"], "qpv_n": [1.0, None, -14.98]})
    assert output == (
        'code;="00123";é;qpv_statut;qpv_n\r\n00123;="00123";"a";inside;1\r\n;;" b ""c"" ";;\r\n'
        '"1";"x\ny";5" tube;à vérifier;-14.98\n'
    ).encode("cp1252")


def test_a_dropped_column_takes_its_quotes_with_it(folder):
    source = source_of(folder, b'a;b;c\n"1";"x;""y";" 3"\n')
    assert marked(folder, source, dropped=(1,)).decode() == f'a;c;{MARK}\n"1";" 3";{MARK}\n'
    assert marked(folder, source, dropped=(0, 1, 2)).decode() == f"{MARK}\n{MARK}\n"


def test_texts_are_quoted_where_they_must_be(folder):
    source = source_of(folder, b"a;b\n" + b"1;2\n" * 5)
    texts = ["x;y", 'dit "oui"', "deux\nlignes", "x,y", ""]
    assert written(folder, source, {"r;1": texts}).decode() == (
        'a;b;"r;1"\n1;2;"x;y"\n1;2;"dit ""oui"""\n1;2;"deux\nlignes"\n1;2;x,y\n1;2;\n'
    )


@examples(25, of=100)
@given(
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20),
    whole=st.integers(-(2**63), 2**63 - 1),
)
def test_numbers_are_in_their_shortest_form_without_exponent(folder, numbers, whole):
    source = source_of(folder, b"a;b\n" + b"1;2\n" * len(numbers))
    columns = {"x": pa.array(numbers, pa.float64()), "n": pa.array([whole] * len(numbers))}
    cells = [row[2:] for row in by_python(written(folder, source, columns).decode(), ";")[1:]]
    assert [float(x) for x, _ in cells] == numbers
    assert [int(n) for _, n in cells] == [whole] * len(numbers)
    for (x, _), number in zip(cells, numbers, strict=True):
        assert set(x) <= set("-.0123456789")
        digits = {text.replace(".", "").lstrip("-0").rstrip("0") for text in (x, repr(number).split("e")[0])}
        assert len(digits) == 1


def test_what_is_unknown_is_empty(folder):
    source = source_of(folder, b"a;b\n1;2\n1;2\n")
    columns = {"x": pa.array([None, float("nan")]), "n": pa.array([None, 0], pa.int64()), "t": pa.array([None, "t"])}
    assert written(folder, source, columns) == b"a;b;x;n;t\n1;2;;;\n1;2;;0;t\n"


@pytest.mark.parametrize(
    ("encoding", "expected"), [("latin-1", "10\xa0m, d'oe?, é?"), ("ascii", "10 m, d'oe?, e?"), ("utf-8", None)]
)
def test_characters_that_the_encoding_lacks_are_replaced_in_the_answers_only(folder, encoding, expected):
    message = "10\u202fm, d’œ日, é日"
    source = source_of(folder, b"a;b\n1;2\n", ReadingOptions(encoding))
    output = written(folder, source, {"message": [message]})
    assert output.decode(encoding) == f"a;b;message\n1;2;{expected or message}\n"


def test_a_replacement_never_breaks_the_record(folder):
    source = source_of(folder, b"a;b\n1;2\n", ReadingOptions("latin-1"))
    output = written(folder, source, {"message": ["“oui”；non"]})
    assert by_python(output.decode("latin-1"), ";")[1] == ["1", "2", '"oui";non']


def test_another_table_is_written_as_french_spreadsheets_read_it(folder):
    columns = {
        "texte": pa.array(["a;b", None, "é"]),
        "vrai": pa.array([True, None, False]),
        "nombre": pa.array([0.5, None, 1e-7]),
        "jour": pa.array([19_875, None, 0], pa.date32()),
        "heure": pa.array([0, None, 1_500_000], pa.timestamp("us")),
        "octets": pa.array([b"\x00\xff", None, b""]),
        "liste": pa.array([["à", None], None, []]),
        "mot": pa.array(["x", None, "y"]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), folder / "essai.parquet")
    source = ParquetReader(folder / "essai.parquet", ReadingOptions())
    output = written(folder, source, {"qpv": ["1", "2", "3"]}, dropped=(0,), rows=2)
    lines = (
        "\ufeffvrai;nombre;jour;heure;octets;liste;mot;qpv",
        'true;0.5;2024-06-01;1970-01-01 00:00:00;00ff;"[""à"", null]";x;1',
        ";;;;;;;2",
        "false;0.0000001;1970-01-01;1970-01-01 00:00:01.500000;;[];y;3",
    )
    assert output.decode() == "".join(f"{line}\r\n" for line in lines)


def test_a_sink_that_is_given_up_closes_its_file(folder):
    source = source_of(folder, b"a;b\n1;2\n")
    writer = CsvWriter(folder / "sortie.csv", source, AddedColumns(pa.schema([("x", pa.string())])))
    writer.abort()
    assert (folder / "sortie.csv").read_bytes() == b"a;b;x\n"


# ── The line that tells Excel the delimiter ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("codec", "bom"), ENCODINGS)
@pytest.mark.parametrize(("line", "delimiter"), [("sep=;\r\n", ";"), ("SEP=|\n", "|"), ('"sep=,"\r\n', ",")])
def test_a_line_that_tells_the_delimiter_stays_before_the_header(folder, codec, bom, line, delimiter):
    body = f"numéro{delimiter}rue\r\n001{delimiter}Été"
    source = source_of(folder, bom + (line + body).encode(codec))
    assert (source.schema.names, source.delimiter, source.first_row) == (["numéro", "rue"], delimiter, 3)
    expected = line + body.replace("\r\n", f"{delimiter}vu\r\n") + f"{delimiter}oui"
    assert written(folder, source, {"vu": ["oui"]}) == bom + expected.encode(codec)


def test_the_delimiter_of_the_user_is_taken_before_the_one_of_the_file(folder):
    assert source_of(folder, b"sep=;\na,b\n1,2\n", ReadingOptions(delimiter=",")).schema.names == ["a", "b"]


def test_lines_are_counted_from_the_one_that_tells_the_delimiter(folder):
    assert "ligne 3 : " in refusal(folder, b'sep=;\na;b\n1;"2\n')
    assert "vide" in refusal(folder, b"sep=;\n")


# ── A header below titles ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("codec", "bom"), ENCODINGS)
@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r"])
def test_the_lines_above_the_header_that_is_told_stay_as_they_are(folder, codec, bom, line_break):
    above = line_break.join(["Bénéficiaires de l'essai", "Export du 12/03/2026;;", "", ""])
    body = f"numéro;rue{line_break}001;Été{line_break}"
    source = source_of(folder, bom + (above + body).encode(codec), ReadingOptions(codec, header_row=4))
    assert (source.schema.names, rows_of(source), source.first_row) == (["numéro", "rue"], [["001", "Été"]], 5)
    expected = above + f"numéro;rue;vu{line_break}001;Été;oui{line_break}"
    assert written(folder, source, {"vu": ["oui"]}) == bom + expected.encode(codec)


def test_a_header_row_counts_the_line_that_tells_the_delimiter(folder):
    source = source_of(folder, b"sep=|\nExport\na,1|b\n1|2\n", ReadingOptions(header_row=3))
    assert (source.schema.names, source.delimiter, source.first_row) == (["a,1", "b"], "|", 4)
    assert written(folder, source, {"vu": ["oui"]}) == b"sep=|\nExport\na,1|b|vu\n1|2|oui\n"


@pytest.mark.parametrize("row", [0, 2, 5, 400])
def test_a_header_row_that_is_empty_or_absent_is_refused(folder, row):
    assert f"ligne {row} " in refusal(folder, b"Export\n\na;b\n1;2\n", ReadingOptions(header_row=row))


def test_faults_below_titles_have_the_line_of_the_file(folder):
    assert "ligne 4 : " in refusal(folder, b'Export\n\na;b\n1;"2\n', ReadingOptions(header_row=3))


# ── A file that mixes two encodings ──────────────────────────────────────────────────────────────────────────


@examples(30, of=100)
@given(
    parts=st.lists(st.tuples(st.text("aéœ€;\n", max_size=8), st.sampled_from(["utf-8", "cp1252"])), max_size=8),
    chunk_bytes=CHUNKS,
)
def test_a_mix_is_read_and_written_alike_however_it_is_cut(folder, parts, chunk_bytes):
    content = b"nom;rue\n" + b"".join(text.encode(codec) for text, codec in parts)
    whole = source_of(folder, content, ReadingOptions("utf-8+cp1252", ";"))
    cut = source_of(folder, content, ReadingOptions("utf-8+cp1252", ";"), chunk_bytes=chunk_bytes)
    assert rows_of(cut) == rows_of(whole)
    count_of = len(rows_of(whole))
    output = written(folder, cut, {"vu": ["oui"] * count_of})
    assert output == written(folder, whole, {"vu": ["oui"] * count_of})
    output.decode()


def test_a_mix_is_written_as_utf_8_title_included(folder):
    content = "Été\n".encode("cp1252") + "numéro;rue\n1;Été\n".encode() + "2;Noël\n".encode("cp1252")
    source = source_of(folder, content, ReadingOptions("utf-8+cp1252", header_row=2))
    assert written(folder, source, {"vu": ["a", "b"]}).decode() == "Été\nnuméro;rue;vu\n1;Été;a\n2;Noël;b\n"
    assert "3 octets lus en cp1252, le premier ligne 1" in source.notes[0]


def test_what_is_supposed_of_a_file_is_told(folder):
    assert source_of(folder, "a;b\n1;é\n".encode()).notes == ()
    assert source_of(folder, "a;b\n1;é\n".encode("cp1252"), ReadingOptions("cp1252")).notes == ()
    assert source_of(folder, "a;b\n1;é\n".encode("cp1252")).notes == ()
    spoilt = ("a;b\n" + "1;é\n" * 20 + "2;Ã©\n").encode("cp1252")
    assert "ligne 22 (« Ã© »)" in source_of(folder, spoilt).notes[0]


def test_a_sink_that_is_given_up_on_a_full_disk_closes_in_silence(folder):
    source = source_of(folder, b"a;b\n1;2\n")
    CsvWriter(Path("/dev/full"), source, AddedColumns(pa.schema([("vu", pa.string())]))).abort()


def test_a_table_read_before_changes_nothing_of_how_other_files_are_read(tmp_path):
    """An address file relies on the limit of `csv`, common to the process, to see a quotation mark never closed."""
    table = tmp_path / "a.csv"
    table.write_text(f"id;texte\n1;{'x' * 200_000}\n", encoding="utf-8")
    (block,) = CsvReader(table, ReadingOptions()).blocks()
    assert len(block.column(1)[0].as_py()) == 200_000
    rows = [f"86194_0001_{k:05};;{k};;Rue de l'Essai;86000;86194;Poitiers;;;;;0.34;46.58" for k in range(1, 5_000)]
    columns = "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune"
    header = f"{columns};nom_ancienne_commune;x;y;lon;lat"
    addresses = tmp_path / "adresses-99.csv"
    opened = rows[1].replace("Rue de", '"Rue de')
    addresses.write_text("\n".join([header, rows[0], opened, *rows[2:]]), encoding="utf-8")
    with pytest.raises(FormatError), open_rows(addresses) as found:
        list(found)
