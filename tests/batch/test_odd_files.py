"""Files as programs really write them: each is answered whole, or refused in one line that says what to do."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextlib import closing

import geopandas
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from batch_files import INSIDE, LAMBERT_93, ON, OUTSIDE, read_csv, read_rows, read_sheets, write_csv
from examples import some_pairs

IN, OUT, EMPTY, BAD = ("inside", "clear"), ("outside", "clear"), ("not_located", "empty"), ("error", "bad_input")
STRADDLES = ("uncertain", "site_straddles")

TEXTS = {
    "excel-fr.csv": (
        'N°;Nom;Longitude;Latitude;CP\r\n1;Élodie;3,00671;50,60889;01000\r\n2;"a ; b";0,30;46,55;\r\n;;;;\r\n'.encode(
            "cp1252"
        ),
        [IN, OUT, EMPTY],
    ),
    "utf-8-bom.csv": ("\ufeffid,lon,lat\n1,3.00671,50.60889\n".encode(), [IN]),
    "texte-unicode.txt": ("id\tlongitude\tlatitude\n1\t3,00671\t50,60889\r\n".encode("utf-16"), [IN]),
    "utf-16-be-sans-marque.csv": ("id;lon;lat\r\n1;3.00671;50.60889\r\n".encode("utf-16-be"), [IN]),
    "latin-1.csv": ("id;lon;lat;nom\n1;3.00671;50.60889;\x81é\n".encode("latin-1"), [IN]),
    "mac.csv": (b"id;lon;lat\r1;3.00671;50.60889\r2;0.3;46.55\r", [IN, OUT]),
    "tabulations.tsv": ('\ufeff"id"\t"lon"\t"lat"\n"1"\t"3.00671"\t"50.60889"\n'.encode(), [IN]),
    "barres.csv": (b"id|lon|lat\n1|3.00671|50.60889", [IN]),
    "sans-fin-de-ligne.csv": (b"id,lon,lat\n1,3.00671,50.60889", [IN]),
    "en-tete-seul.csv": (b"id,lon,lat\n", []),
    "doublons.csv": (b"lon,lat,nom,lon,lat,nom\n3.00671,50.60889,a,0,0,b\n", [IN]),
    "lignes-vides.csv": (b"id,lon,lat\n\n1,3.00671,50.60889\n\n\n", [EMPTY, IN, EMPTY, EMPTY]),
    "trop-de-cellules.csv": (
        b"id,lon,lat\n1,3.00671,50.60889,de,trop\n2,3.00671\n3,3.00671,50.60889\n",
        [BAD, BAD, IN],
    ),
    "sauts-de-ligne.csv": (b'"lon\ndegres";"Longitude";"lat"\n"x\r\ny";"3.00671";"50.60889"\n', [IN]),
    "octet-nul.csv": (b"lon,lat,note\n3.00671,50.60889,a\0b\n", [IN]),
    "pandas.csv": (b",lon,lat,cp\n0,3.00671,50.60889,86000.0\n1,,,\n2,nan,nan,\n", [IN, EMPTY, BAD]),
    "qgis.csv": (b"X,Y,fid,lon,lat\n704500.1,7055800.2,1,3.00671,50.60889\n", [IN]),
    "200-colonnes.csv": (
        (
            ",".join([*(f"c{k}" for k in range(198)), "lon", "lat"])
            + "\n"
            + ",".join(["x"] * 198 + ["3.00671", "50.60889"])
        ).encode(),
        [IN],
    ),
}
REFUSED_TEXTS = {
    "vide.csv": (b"", "vide.csv"),
    "titre.csv": (
        "Liste des bénéficiaires 2024;;\n;;\nid;lon;lat\n1;3;50\n".encode(),
        "--header-row 3",
    ),
    "guillemet.csv": (b'lon,lat,note\n3.0,50.6,"jamais ferme\n3.0,50.6,a\n', "ligne 2"),
    "classeur.csv": (b"PK\x03\x04" + b"x" * 100, "classeur.csv"),
    "objet.geojson": (b'{"lon": 3.0, "lat": 50.6}', "objet.geojson"),
    "tronque.geojson": (b'{"type": "FeatureCollection", "features": [{"type": "Feat', "tronque.geojson"),
}


def answered(qpv, source, *options, suffix=None):
    """Return the answers to a file, once written beside it in the same format."""
    output = source.with_name(f"sortie{suffix or source.suffix}")
    answer = qpv("batch", source, "-o", output, "--on", ON, "--columns", "all", *options)
    assert answer.code == 0, answer.err
    assert "Traceback" not in answer.err
    return output


def pairs(rows):
    return [(row["qpv_status"], row["qpv_reason"]) for row in rows]


@pytest.mark.parametrize("name", TEXTS)
def test_texts(qpv, tmp_path, name):
    content, expected = TEXTS[name]
    source = tmp_path / name
    source.write_bytes(content)
    assert pairs(read_csv(answered(qpv, source, suffix=".csv"), encoding=encoding_of(content))) == expected
    assert pairs(read_rows(answered(qpv, source, suffix=".xlsx"))) == expected
    assert source.read_bytes() == content


def encoding_of(content):
    """Return the encoding of the file, which is that of its output."""
    if content.startswith(b"\xff\xfe"):
        return "utf-16"
    if content.startswith(b"\0"):
        return "utf-16-be"
    return "utf-8-sig" if content.isascii() or content.startswith(b"\xef") else "latin-1"


@pytest.mark.parametrize("name", REFUSED_TEXTS)
def test_texts_that_are_refused(qpv, tmp_path, name):
    content, says = REFUSED_TEXTS[name]
    (tmp_path / name).write_bytes(content)
    answer = qpv("batch", tmp_path / name, "-o", tmp_path / "sortie.csv", "--on", ON)
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err.splitlines()[-1]
    assert not (tmp_path / "sortie.csv").exists()


def test_that_only_the_first_column_of_a_name_is_read_is_told(qpv, tmp_path):
    source = tmp_path / "doublons.csv"
    for header, told in (
        ("lon;LON;lat;nom;nom", ["2 colonnes s’appellent « lon » : seule la première est lue"]),
        ("lon;x;lat;nom;nom", []),
    ):
        source.write_text(f"{header}\n3.00671;0.3;50.60889;a;b\n", encoding="utf-8")
        answer = qpv("batch", source, "-o", tmp_path / "sortie.csv", "--on", ON, "--overwrite", "--format", "json")
        assert json.loads(answer.out)["notes"] == told
        assert all(note in answer.err for note in told)


def test_names_of_columns_are_shown_on_one_line(qpv, tmp_path):
    source = tmp_path / "a.csv"
    source.write_bytes(b'"lon\n degr\x1b[31m";lat\n3.00671;50.60889\n')
    output = tmp_path / "b.csv"
    options = ("--lon-column", "lon\n degr\x1b[31m", "--lat-column", "lat")
    answer = qpv("batch", source, "-o", output, "--on", ON, "--columns", "all", *options)
    assert answer.code == 0
    assert len(answer.err.splitlines()) == 3
    assert "\x1b" not in answer.err


# ── Workbooks ────────────────────────────────────────────────────────────────────────────────────────────────


def workbook(path, *rows, title="Données"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_with_a_title_and_cells_of_all_kinds(qpv, tmp_path):
    rows = [
        (1, *INSIDE, dt.date(2024, 6, 1), "01000", True),
        (2, "3,00671", " 50,60889", "01/06/2024", 1000, None),
        (None,) * 6,
        (4, "abc", 50.6, dt.time(10, 30), None, "x\ny"),
        (5, 0.30, 46.55, None, None, 1.5),
    ]
    head = [("Liste des bénéficiaires",), (), ("id", "Longitude", "Latitude", "Date", "CP", "Divers")]
    output = answered(qpv, workbook(tmp_path / "a.xlsx", *head, *rows))
    data = next(iter(read_sheets(output).values()))
    assert data[0][0] == "Liste des bénéficiaires"
    first = data[2].index("qpv_status")
    assert [row[first] for row in data[3:]] == ["inside", "inside", "not_located", "error", "outside"]
    assert [row[4] for row in data[3:5]] == ["01000", 1000]
    unanswered = read_sheets(output)["À vérifier"]
    assert [row[:2] for row in unanswered[1:]] == [(6, None), (7, "abc 50.6")]


def test_a_workbook_whose_sheet_has_the_name_of_a_summary(qpv, tmp_path):
    source = workbook(tmp_path / "a.xlsx", ("lon", "lat"), INSIDE, title="Synthèse")
    first, *names = read_sheets(answered(qpv, source))
    assert first == "Synthèse"
    assert len(names) == 5


def test_an_answered_workbook_can_be_answered_again(qpv, tmp_path):
    output = answered(qpv, workbook(tmp_path / "a.xlsx", ("lon", "lat"), INSIDE, OUTSIDE))
    again = answered(qpv, output, "--replace-columns", suffix="-2.xlsx")
    assert read_sheets(again) == read_sheets(output)


def test_the_sheet_is_chosen(qpv, tmp_path):
    book = openpyxl.Workbook()
    book.create_sheet("Deux").append(["lon", "lat"])
    book["Deux"].append(OUTSIDE)
    book.active.append(["lon", "lat"])
    book.active.append(INSIDE)
    book.save(tmp_path / "a.xlsx")
    assert pairs(read_rows(answered(qpv, tmp_path / "a.xlsx"))) == [IN]
    found = read_sheets(answered(qpv, tmp_path / "a.xlsx", "--sheet", "Deux", suffix="-2.xlsx"))
    header, row = found["Deux"]
    assert row[:3] == (*OUTSIDE, "hors QPV")
    assert pairs([dict(zip(header, row, strict=True))]) == [OUT]
    assert found["Sheet"] == [("lon", "lat"), INSIDE]


def test_a_cell_that_no_workbook_holds(qpv, tmp_path):
    source = write_csv(tmp_path / "a.csv", ("lon", "lat", "note"), (*INSIDE, "x" * 40_000))
    answer = qpv("batch", source, "-o", tmp_path / "b.xlsx", "--on", ON, "--columns", "all")
    assert answer.code == 2
    assert "colonne « C »" in answer.err
    assert not (tmp_path / "b.xlsx").exists()
    assert len(read_csv(answered(qpv, source))[0]["note"]) == 40_000


# ── Maps ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def mixed():
    """Points, a multipoint, an area, a line, an empty geometry and none."""
    shapes = [shapely.Point(*INSIDE), shapely.MultiPoint([INSIDE]), shapely.box(3.0, 50.6, 3.01, 50.61)]
    shapes += [shapely.LineString([(3.0, 50.6), (3.01, 50.61)]), shapely.Point(), None, shapely.Point(*OUTSIDE)]
    return geopandas.GeoDataFrame({"id": range(len(shapes))}, geometry=shapes, crs=4326)


MIXED = [IN, IN, STRADDLES, STRADDLES, EMPTY, EMPTY, OUT]


@pytest.mark.more
@pytest.mark.parametrize(
    ("name", "system"), some_pairs(["a.gpkg", "a.parquet", "a.geojson"], [4326, LAMBERT_93, 3857], times=1), ids=str
)
def test_mixed_geometries_in_any_system(qpv, tmp_path, mixed, name, system):
    moved = mixed.to_crs(system)
    if name.endswith("parquet"):
        moved.to_parquet(tmp_path / name)
    else:
        moved.to_file(tmp_path / name)
    assert pairs(read_rows(answered(qpv, tmp_path / name))) == MIXED
    assert pairs(read_rows(answered(qpv, tmp_path / name, suffix=".csv"))) == MIXED


def test_a_layer_of_several_is_chosen(qpv, tmp_path, mixed):
    mixed.to_file(tmp_path / "a.gpkg", layer="un")
    mixed.iloc[:1].to_file(tmp_path / "a.gpkg", layer="deux")
    refused = qpv("batch", tmp_path / "a.gpkg", "-o", tmp_path / "b.gpkg", "--on", ON)
    assert refused.code == 2
    assert "« un », « deux »" in refused.err
    assert pairs(read_rows(answered(qpv, tmp_path / "a.gpkg", "--layer", "deux"), layer="deux")) == [IN]


def test_a_geopackage_without_geometries(qpv, tmp_path):
    source = tmp_path / "a.gpkg"
    geopandas.GeoDataFrame({"k": [1]}, geometry=[shapely.Point(*INSIDE)], crs=4326).to_file(source, layer="carte")
    with closing(sqlite3.connect(source)) as book, book:
        book.execute("CREATE TABLE liste (fid INTEGER PRIMARY KEY, lon REAL, lat REAL)")
        book.execute("INSERT INTO liste VALUES (7, ?, ?)", INSIDE)
        book.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('liste', 'attributes')")
    assert pairs(read_rows(answered(qpv, source, "--layer", "liste"), layer="liste")) == [IN]


def test_geojson_of_few_words(qpv, tmp_path):
    point = {"type": "Point", "coordinates": [*INSIDE, 12]}
    bow = {"type": "Polygon", "coordinates": [[[3, 50.6], [3.01, 50.61], [3.01, 50.6], [3, 50.61], [3, 50.6]]]}
    features = [
        {"type": "Feature", "properties": None, "geometry": point},
        {"type": "Feature", "properties": {"a": {"b": 1}}, "geometry": None},
        {"type": "Feature", "properties": {"a": "x"}, "geometry": {"type": "GeometryCollection", "geometries": []}},
        {"type": "Feature", "properties": {}, "geometry": bow},
    ]
    source = tmp_path / "a.geojson"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    assert pairs(read_rows(answered(qpv, source))) == [IN, EMPTY, EMPTY, BAD]
    lines = tmp_path / "lignes.geojson"
    lines.write_text("\n".join(map(json.dumps, features)), encoding="utf-8")
    assert pairs(read_rows(answered(qpv, lines, suffix=".csv"))) == [IN, EMPTY, EMPTY, BAD]


# ── Parquet ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_parquet_of_odd_types(qpv, tmp_path):
    table = pa.table(
        {
            "lon": pa.array([INSIDE[0], float("nan"), float("inf"), None, 3.0]),
            "lat": pa.array([INSIDE[1], float("nan"), 46.5, 46.5, 2.0**60]),
            "jour": pa.array([dt.date(2024, 6, 1), None, None, None, None]),
            "liste": pa.array([[1], [], None, [2, 3], None]),
            "mot": pa.array(["a", "b", "a", None, "c"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    output = answered(qpv, tmp_path / "a.parquet", "--date-column", "jour")
    assert pairs(read_rows(output)) == [IN, EMPTY, BAD, BAD, BAD]
    before, after = pq.read_table(tmp_path / "a.parquet"), pq.read_table(output).select(table.column_names)
    assert after.schema.equals(before.schema)
    pd.testing.assert_frame_equal(after.to_pandas(), before.to_pandas())


def test_a_parquet_of_whole_numbers_too_large_for_degrees(qpv, tmp_path):
    pq.write_table(pa.table({"lon": [2**60, 3], "lat": [2**60 + 1, 50]}), tmp_path / "a.parquet")
    assert pairs(read_rows(answered(qpv, tmp_path / "a.parquet")))[0] == BAD


def test_a_parquet_of_pandas_with_an_index(qpv, tmp_path):
    frame = pd.DataFrame({"lon": [INSIDE[0]], "lat": [INSIDE[1]]}, index=pd.Index(["a"], name="clé"))
    frame.to_parquet(tmp_path / "a.parquet")
    after = pd.read_parquet(answered(qpv, tmp_path / "a.parquet"))
    pd.testing.assert_frame_equal(after[["lon", "lat"]], frame)
