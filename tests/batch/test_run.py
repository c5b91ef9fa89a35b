"""`qpv batch`: every format in and out, what is asked followed, what is shown, the summary."""

from __future__ import annotations

import datetime as dt
import json

import geopandas
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from batch_files import (
    ANSWERS,
    INSIDE,
    LAMBERT_93,
    ON,
    OUTSIDE,
    answers_of,
    read_csv,
    read_rows,
    read_sheets,
    write_csv,
    write_points,
)
from examples import some_pairs

SUFFIXES = ["csv", "xlsx", "parquet", "gpkg", "geojson"]
CODES = ["01000", "086000", "=1+1"]
EXPECTED = ["inside", "outside", "not_located"]


def statuses(path):
    return [row["qpv_status"] for row in read_rows(path)]


def make(folder, suffix):
    """Write a table of three rows in a format: in, out, and no place; texts that programs like to change."""
    path = folder / f"entree.{suffix}"
    frame = pd.DataFrame({"code": CODES, "lon": [INSIDE[0], OUTSIDE[0], None], "lat": [INSIDE[1], OUTSIDE[1], None]})
    match suffix:
        case "csv":
            frame.to_csv(path, index=False, sep=";", decimal=",")
        case "xlsx":
            book = openpyxl.Workbook()
            for row in [tuple(frame.columns), *frame.astype(object).where(frame.notna(), None).itertuples(index=False)]:
                book.active.append(row)
            book.active["A4"].data_type = "s"
            book.save(path)
        case "parquet":
            frame.to_parquet(path, index=False)
        case _:
            shapes = [shapely.Point(*INSIDE), shapely.Point(*OUTSIDE), None]
            geopandas.GeoDataFrame({"code": CODES}, geometry=shapes, crs=4326).to_file(path)
    return path


# ── Formats ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def expected(qpv, tmp_path):
    """The answers of CSV to CSV, to which those of all other formats are compared."""
    folder = tmp_path / "attendu"
    folder.mkdir()
    assert qpv("batch", make(folder, "csv"), "-o", folder / "sortie.csv", "--on", ON).code == 0
    rows = read_rows(folder / "sortie.csv")
    assert [row["qpv_status"] for row in rows] == EXPECTED
    return answers_of(rows)


@pytest.mark.more
@pytest.mark.parametrize(("source", "target"), some_pairs(SUFFIXES, SUFFIXES))
def test_every_format_to_every_format(qpv, tmp_path, expected, source, target):
    output = tmp_path / f"sortie.{target}"
    answer = qpv("batch", make(tmp_path, source), "-o", output, "--on", ON, "--messages", "all", "--columns", "all")
    assert answer.code == 0, answer.err
    rows = read_rows(output)
    assert [row["code"] for row in rows] == CODES
    *found, nowhere = answers_of(rows)
    *placed, without_place = expected
    assert found == placed
    sentence = ANSWERS.index("qpv_message")
    assert nowhere[:sentence] + nowhere[sentence + 1 :] == without_place[:sentence] + without_place[sentence + 1 :]
    assert nowhere[sentence] == ("ligne sans géométrie" if source in {"gpkg", "geojson"} else "ligne sans coordonnées")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        f"entree.{source}",
        f"sortie.{target}",
    ]


@pytest.mark.parametrize("target", ["gpkg", "geojson"])
def test_geometries_stay_where_they_are(qpv, tmp_path, target):
    source = tmp_path / "sites.gpkg"
    shapes = [shapely.Point(*INSIDE), shapely.box(3.0, 50.6, 3.01, 50.61), shapely.Polygon(), None]
    shapes += [shapely.LineString([INSIDE, (3.01, 50.61)])]
    before = geopandas.GeoDataFrame({"k": range(5)}, geometry=shapes, crs=4326).to_crs(LAMBERT_93)
    before.to_file(source, layer="sites")
    output = tmp_path / f"sortie.{target}"
    assert qpv("batch", source, "-o", output, "--on", ON).code == 0
    after = geopandas.read_file(output)
    assert after.crs.to_epsg() == (LAMBERT_93 if target == "gpkg" else 4326)
    kept = after.geometry.to_crs(LAMBERT_93)
    for one, other in zip(before.geometry, kept, strict=True):
        if one is None or one.is_empty:
            assert other is None or other.is_empty
        else:
            assert other.hausdorff_distance(one) < 0.05
    assert [row["qpv_status"] for row in read_rows(output)] == [
        *("inside", "uncertain", "not_located", "not_located", "uncertain"),
    ]


def test_a_geoparquet_stays_one(qpv, tmp_path):
    frame = geopandas.GeoDataFrame({"k": [1]}, geometry=[shapely.Point(*INSIDE)], crs=4326).to_crs(LAMBERT_93)
    frame.to_parquet(tmp_path / "a.parquet")
    assert qpv("batch", tmp_path / "a.parquet", "-o", tmp_path / "b.parquet", "--on", ON).code == 0
    after = geopandas.read_parquet(tmp_path / "b.parquet")
    assert after.crs == frame.crs
    assert after.geometry.geom_equals(frame.geometry).all()
    assert after["qpv_status"].tolist() == ["inside"]


def test_types_of_a_parquet_are_kept(qpv, tmp_path):
    table = pa.table(
        {
            "lon": pa.array([INSIDE[0]], pa.float32()),
            "lat": pa.array([INSIDE[1]]),
            "code": pa.array(["01000"]).dictionary_encode(),
            "jour": pa.array([dt.date(2024, 6, 1)]),
            "liste": pa.array([[1, 2]]),
            "grand": pa.array([2**60 + 1]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert qpv("batch", tmp_path / "a.parquet", "-o", tmp_path / "b.parquet", "--on", ON).code == 0
    after = pq.read_table(tmp_path / "b.parquet")
    assert after.select(table.column_names).equals(table)
    assert after.schema.field("qpv_distance_m").type == pa.float64()
    assert after.schema.names[-len(ANSWERS) :] == list(ANSWERS)


def test_the_text_of_a_csv_is_kept_to_the_byte(qpv, tmp_path):
    source, output = tmp_path / "a.csv", tmp_path / "b.csv"
    lines = ['id;"lon";lat;note', '001;3,00671;"50,60889";"a ""b""\nc"', ' =1+1 ;0,30;46,55;="00123"', ";;;"]
    source.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n")
    assert qpv("batch", source, "-o", output, "--on", ON).code == 0
    written = output.read_bytes().decode("utf-8-sig").split("\r\n")
    assert [after[: len(before)] for before, after in zip(lines, written, strict=False)] == lines
    assert written[-1] == ""
    assert statuses(output) == ["inside", "outside", "not_located"]


# ── What is asked ────────────────────────────────────────────────────────────────────────────────────────────


def test_coordinates_in_lambert_93_with_decimal_commas(qpv, tmp_path):
    places = geopandas.GeoSeries([shapely.Point(*INSIDE), shapely.Point(*OUTSIDE)], crs=4326).to_crs(LAMBERT_93)
    rows = [
        (f"{place.x:.2f}".replace(".", ","), f"{place.y:,.2f}".replace(",", "\u202f").replace(".", ","))
        for place in places
    ]
    source = write_csv(tmp_path / "a.csv", ("X", "Y"), *rows)
    refused = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON)
    assert refused.code == 2
    assert "--crs EPSG:2154" in refused.err
    answer = qpv("batch", source, "-o", tmp_path / "c.csv", "--on", ON, "--crs", "EPSG:2154")
    assert answer.code == 0
    assert statuses(tmp_path / "c.csv") == ["inside", "outside"]
    wrong = qpv("batch", source, "-o", tmp_path / "d.csv", "--crs", "Lambert")
    assert (wrong.code, "« Lambert »" in wrong.err) == (2, True)


def test_days_of_rows(qpv, tmp_path):
    days = ["2024-06-01", "01/06/2024", "2023-06-01", "hier", ""]
    source = write_csv(tmp_path / "a.csv", ("lon", "lat", "depot"), *((*INSIDE, day) for day in days))
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--date-column", "depot").code == 0
    rows = read_csv(tmp_path / "b.csv")
    assert [(row["qpv_status"], row["qpv_reason"]) for row in rows] == [
        *(("inside", "clear"), ("inside", "clear")),
        *(("error", "missing_perimeters"), ("error", "bad_input"), ("error", "bad_input")),
    ]
    assert "les périmètres qpv-2015 ne sont pas installés" in rows[2]["qpv_message"]
    answer = qpv("batch", source, "-o", tmp_path / "c.csv", "--date-column", "depot", "--on", ON)
    assert answer.code == 0
    assert statuses(tmp_path / "c.csv") == ["inside", "inside", "error", "error", "inside"]


def test_days_before_any_generation_call_for_no_perimeters(qpv, tmp_path):
    source = write_csv(
        tmp_path / "a.csv", ("lon", "lat", "depot"), *((*INSIDE, day) for day in ("01/06/2014", "1999-1-1"))
    )
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--date-column", "depot")
    assert answer.code == 0
    assert "qpv perimeters" not in answer.out + answer.err
    rows = read_csv(tmp_path / "b.csv")
    assert [(row["qpv_status"], row["qpv_reason"]) for row in rows] == [
        ("error", "no_generation"),
        ("error", "bad_input"),
    ]
    alone = qpv("check", "--lon", INSIDE[0], "--lat", INSIDE[1], "--on", "01/06/2014")
    assert (alone.code, alone.err) == (2, f"qpv : {rows[0]['qpv_message']}\n")


def test_the_day_of_all_rows_is_written_as_in_a_column(qpv, tmp_path):
    source = write_points(tmp_path / "a.csv", INSIDE)
    for k, day in enumerate(["01/06/2024", "2024/06/01", "01-06-2024"]):
        answer = qpv("batch", source, "-o", tmp_path / f"b{k}.csv", "--on", day)
        assert "1er juin 2024" in answer.err
    assert qpv("batch", source, "-o", tmp_path / "c.csv", "--on", "06/13/2024").code == 2


def test_dates_of_a_workbook(qpv, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["lon", "lat", "Date"])
    for day in (dt.date(2024, 6, 1), dt.datetime(2024, 6, 1, 10, 30), "01/06/2024", None):  # noqa: DTZ001 - of a sheet
        book.active.append([*INSIDE, day])
    book.save(tmp_path / "a.xlsx")
    answer = qpv("batch", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx", "--columns", "all")
    assert "« Date » n’est pas utilisée" in answer.err
    assert (
        qpv("batch", tmp_path / "a.xlsx", "-o", tmp_path / "c.xlsx", "--date-column", "Date", "--columns", "all").code
        == 0
    )
    rows = read_rows(tmp_path / "c.xlsx")
    assert [row["qpv_status"] for row in rows] == ["inside", "inside", "inside", "error"]
    assert {row["qpv_message"].split(",")[0] for row in rows[:3]} == {"Au 1er juin 2024"}
    assert [row["Date"] for row in rows][:2] == [dt.datetime(2024, 6, 1), dt.datetime(2024, 6, 1, 10, 30)]  # noqa: DTZ001


def test_accuracy_generation_and_kinds(qpv, tmp_path):
    source = write_points(tmp_path / "a.csv", INSIDE)
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--accuracy", "30").code == 0
    assert statuses(tmp_path / "b.csv") == ["uncertain"]
    forced = ("--on", "2023-06-01", "--generation", "qpv-2024")
    assert qpv("batch", source, "-o", tmp_path / "c.csv", *forced).code == 0
    assert statuses(tmp_path / "c.csv") == ["inside"]
    assert "quelle que soit la date" in read_csv(tmp_path / "c.csv")[0]["qpv_message"]


def test_columns_of_answers_are_replaced_on_request(qpv, tmp_path):
    source, output = write_points(tmp_path / "a.csv", INSIDE, OUTSIDE), tmp_path / "b.csv"
    assert qpv("batch", source, "-o", output, "--on", ON).code == 0
    refused = qpv("batch", output, "-o", tmp_path / "c.csv", "--on", ON)
    assert (refused.code, refused.out) == (2, "")
    for text in ("« qpv_status »", "« qpv_message »", "--replace-columns"):
        assert text in refused.err
    answer = qpv("batch", output, "-o", tmp_path / "c.csv", "--on", ON, "--replace-columns")
    assert answer.code == 0
    assert (tmp_path / "c.csv").read_bytes() == output.read_bytes()


def test_the_first_bad_row_of_a_strict_run_stops_it(qpv, tmp_path):
    source = write_points(tmp_path / "a.csv", INSIDE, ("", ""), ("abc", "50.6"), ("def", "50.6"))
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--strict")
    assert (answer.code, answer.out) == (2, "")
    assert "ligne 4" in answer.err.splitlines()[-1]
    assert "« abc »" in answer.err
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.csv"]
    write_points(source, INSIDE, ("", ""))
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--strict").code == 0


def test_an_output_is_written_over_on_request(qpv, tmp_path):
    source, output = write_points(tmp_path / "a.csv", INSIDE), tmp_path / "b.csv"
    output.write_text("précieux", encoding="utf-8")
    refused = qpv("batch", source, "-o", output, "--on", ON)
    assert (refused.code, output.read_text(encoding="utf-8")) == (2, "précieux")
    assert "--overwrite" in refused.err
    assert qpv("batch", source, "-o", output, "--on", ON, "--overwrite").code == 0
    assert statuses(output) == ["inside"]


def test_cells_beyond_the_header_are_told_in_every_format(qpv, tmp_path):
    source = tmp_path / "a.csv"
    source.write_text("id,lon,lat\n1,3.0,50.6,EXTRA,é\n2,3.00671,50.60889,\n", encoding="utf-8")
    for suffix in SUFFIXES:
        output = tmp_path / f"b.{suffix}"
        assert qpv("batch", source, "-o", output, "--on", ON, "--columns", "all").code == 0
        first, second = read_rows(output)
        assert first["qpv_message"] == "5 cellules au lieu de 3 (en trop : « EXTRA », « é »)"
        assert second["qpv_status"] == "inside"


# ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────


def test_one_more_and_several_more_are_not_said_alike(qpv, tmp_path):
    for count, words in ((11, "et 1 autre,"), (12, "et 2 autres,")):
        source = write_points(tmp_path / f"{count}.csv", *[("abc", "1")] * count)
        assert words in qpv("batch", source, "-o", tmp_path / f"{count}-b.csv", "--on", ON).out


def test_one_column_and_several_are_not_said_alike(qpv, tmp_path):
    for names, words in (("Adresse", "(reconnue à son nom)"), ("Adresse;CP", "(reconnues à leur nom)")):
        source = tmp_path / f"{len(names)}.csv"
        source.write_text(f"{names};x\n", encoding="utf-8")
        assert words in qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--dry-run").err


def test_how_the_file_is_read_is_shown_before_the_run(qpv, tmp_path):
    source = write_csv(tmp_path / "a.csv", ("Adresse", "CP", "Longitude", "Latitude", "INSEE"), ("", "", *INSIDE, ""))
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--offline")
    lines = answer.err.splitlines()
    assert lines[0] == "a.csv : CSV, encodage utf-8, séparateur : point-virgule"
    for text in (
        "« Longitude »",
        "« Latitude »",
        "reconnues à leur nom",
        "« Adresse » + « CP »",
        "« INSEE »",
        "1er juin 2024",
    ):
        assert text in answer.err
    named = qpv(
        "batch", source, "-o", tmp_path / "c.csv", "--lon-column", "Longitude", "--lat-column", "Latitude", "--on", ON
    )
    assert "reconnues" not in named.err
    assert "Adresse" not in named.err


def test_a_dry_run_writes_nothing(qpv, tmp_path):
    source = write_points(tmp_path / "a.csv", INSIDE)
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--dry-run")
    assert (answer.code, answer.out) == (0, "")
    assert "« lon »" in answer.err
    assert list(tmp_path.glob("b*")) == []


def test_the_summary_is_printed(qpv, tmp_path):
    source = write_points(tmp_path / "a.csv", INSIDE, INSIDE, OUTSIDE, ("abc", "1"), ("", ""))
    out = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON).out
    for text in (
        "5 lignes",
        "40 %",
        "Les Oliveaux (QN05975M) : 2 en QPV",
        "ligne 5",
        "« abc »",
        "ligne 6",
        "indicatif",
    ):
        assert text in out


def test_json_is_one_document_alone_on_the_standard_output(qpv, tmp_path):
    source = write_points(tmp_path / "a.csv", INSIDE, OUTSIDE, ("abc", "1"))
    answer = qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON, "--format", "json")
    assert answer.code == 0
    document = json.loads(answer.out)
    assert document["rows"] == 3
    assert {one["status"]: one["count"] for one in document["by_status"]} == {"inside": 1, "outside": 1, "error": 1}
    assert document["by_quartier"] == [{"code": "QN05975M", "name": "Les Oliveaux", "inside": 1, "uncertain": 0}]
    assert [one["row"] for one in document["unanswered"]["rows"]] == [4]
    assert (document["columns"]["lon"], document["columns"]["guessed"]) == ("lon", True)
    assert document["output"] == str(tmp_path / "b.csv")


def test_a_workbook_tells_its_summary_on_sheets_of_its_own(qpv, tmp_path):
    source = write_points(tmp_path / "a.csv", INSIDE, OUTSIDE, ("abc", "1"), ("", ""))
    assert qpv("batch", source, "-o", tmp_path / "b.xlsx", "--on", ON, "--columns", "all").code == 0
    found = read_sheets(tmp_path / "b.xlsx")
    data, *names = found
    assert names == ["Synthèse", "Motifs", "Par quartier", "À vérifier", "Légende"]
    assert ("en QPV", 1, 0.25) in found["Synthèse"]
    assert [one for one in found["Synthèse"][-1] if one] == ["total", 4, 1]
    assert found["Par quartier"][1] == ("QN05975M", "Les Oliveaux", 1, 0)
    assert [row[0] for row in found["À vérifier"]] == ["ligne", 4, 5]
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    sheet = book[data]
    status = [cell.value for cell in sheet[1]].index("qpv_status") + 1
    fills = {sheet.cell(row, status).value: sheet.cell(row, status).fill.fgColor.rgb for row in (2, 3, 4, 5)}
    assert len(set(fills.values())) == 4
    assert sheet.auto_filter.ref is not None
    distance = [cell.value for cell in sheet[1]].index("qpv_distance_m") + 1
    assert isinstance(sheet.cell(2, distance).value, float)


def test_a_workbook_leads_with_the_answer_in_french(qpv, tmp_path):
    source = write_points(tmp_path / "a.csv", INSIDE, OUTSIDE, ("abc", "1"))
    assert qpv("batch", source, "-o", tmp_path / "b.xlsx", "--on", "01/06/2024").code == 0
    header, *rows = next(iter(read_sheets(tmp_path / "b.xlsx").values()))
    assert [name for name in header if name.startswith("qpv_")] == ["qpv_reponse", "qpv_message", "qpv_code", "qpv_nom"]
    place = header.index("qpv_reponse")
    assert [row[place] for row in rows] == ["en QPV", "hors QPV", "à corriger"]


@pytest.mark.parametrize(("mark", "answered"), [(",", "-14,98"), (".", "-14.98")])
def test_numbers_have_the_decimal_mark_of_the_file(qpv, tmp_path, mark, answered):
    cells = [str(value).replace(".", mark) for value in INSIDE]
    source = write_csv(tmp_path / "a.csv", ("lon", "lat"), cells)
    assert qpv("batch", source, "-o", tmp_path / "b.csv", "--on", ON).code == 0
    (row,) = read_rows(tmp_path / "b.csv")
    assert row["qpv_distance_m"] == answered


def test_no_cell_of_a_workbook_becomes_a_formula(qpv, tmp_path):
    texts = ["=1+1", "+33", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://127.0.0.1")', "{=1}"]
    source = write_csv(tmp_path / "a.csv", ("=note", "lon", "lat"), *((text, text, "50.6") for text in texts))
    assert qpv("batch", source, "-o", tmp_path / "b.xlsx", "--on", ON, "--columns", "all").code == 0
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert [row["=note"] for row in read_rows(tmp_path / "b.xlsx")] == texts


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("parquet",), ["uncertain", "error"]),
        (("csv",), ["inside", "outside", "uncertain", "error"]),
        (("parquet", "--messages", "all"), ["inside", "outside", "uncertain", "error"]),
        (("csv", "--messages", "doubt"), ["uncertain", "error"]),
        (("csv", "--messages", "none"), ["error"]),
    ],
)
def test_which_rows_are_told_in_a_sentence(qpv, tmp_path, options, told):
    kind, *others = options
    source = write_points(tmp_path / "a.csv", INSIDE, OUTSIDE, (2.0, 47.0), ("x", "y"))
    assert qpv("batch", source, "-o", tmp_path / f"b.{kind}", "--on", ON, *others).code == 0
    rows = read_rows(tmp_path / f"b.{kind}")
    assert [row["qpv_status"] for row in rows] == ["inside", "outside", "uncertain", "error"]
    assert [row["qpv_status"] for row in rows if row["qpv_message"]] == told
