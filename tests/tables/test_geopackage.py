"""A GeoPackage comes back whole, with its answers as further columns of one layer, and nothing beside it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from examples import examples
from hypothesis import example, given
from hypothesis import strategies as st
from synthetic import MAINLAND, square

from qpv_geo.errors import FormatError, InputError
from qpv_geo.tables.csv_reader import CsvReader
from qpv_geo.tables.geojson_reader import GeoJSONReader
from qpv_geo.tables.geopackage_reader import GeoPackageReader
from qpv_geo.tables.geopackage_writer import GeoPackageWriter
from qpv_geo.tables.parquet import ParquetReader
from qpv_geo.tables.protocol import AddedColumns, ReadingOptions

ANSWERS = pa.schema([("qpv_statut", pa.string()), ("qpv_distance", pa.float64()), ("qpv_rang", pa.int64())])
COUNT = 6
SITES = ReadingOptions(layer="sites d'essai")
SPATIAL = ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")
STORED = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(max_size=9)
DECLARED = [
    "BOOLEAN",
    "INTEGER",
    "MEDIUMINT",
    "DOUBLE",
    "REAL",
    "TEXT",
    "TEXT(5)",
    "BLOB",
    "DATE",
    "DATETIME",
    "NUMERIC",
    "",
]


def sites():
    """Places in Lambert-93 whose fields have every type of the format, and null in each."""
    moments = pd.Series(pd.to_datetime(["2024-06-01T10:20:30.456Z", None] * 3), dtype="datetime64[ms, UTC]")
    return gpd.GeoDataFrame(
        {
            "nom": ["École d'essai", "", None, "Œuvre", "‘x’", "a\nb"],
            "Montant €": [1.1, None, -0.0, 1e300, 2.0, 3.0],
            "rang": pd.array([1, None, 2**62, -5, 0, 7], dtype="Int64"),
            "ouvert": pd.array([True, None, False, True, True, False], dtype="boolean"),
            "jour": np.array(["2024-06-01", None, "2023-12-31", None, None, "1999-01-01"], dtype="datetime64[D]"),
            "moment": moments,
            "photo": [b"\x00\xff", None, b"", b"x", None, b"y"],
        },
        geometry=[
            square(0, 0, 50),
            None,
            shapely.Point(),
            square(9, 9, 9).exterior,
            shapely.Point(1, 2, 3),
            square(5, 5, 5),
        ],
        crs=MAINLAND.epsg,
    )


def to_layer(path, frame, layer, **how):
    """Write a frame as a layer, its days as DATE and its bytes as BLOB, which geopandas does not tell apart itself."""
    table = pa.table({name: frame[name] for name in frame.columns if name not in {"geometry", "jour"}})
    if "jour" in frame.columns:
        table = table.append_column(
            "jour", pa.array(frame["jour"].astype("datetime64[ms]"), pa.timestamp("ms")).cast(pa.date32())
        )
    if "geometry" in frame.columns:
        table = table.append_column("geometry", pa.array(list(shapely.to_wkb(frame.geometry.array)), pa.binary()))
        how = {"geometry_name": "geometry", "geometry_type": "Unknown", "crs": frame.crs.to_wkt(), **how}
    pyogrio.write_arrow(table, path, layer=layer, driver="GPKG", **how)


@pytest.fixture
def package(tmp_path, whole):
    """A GeoPackage of three layers, a table and a style, with gaps between identifiers and triggers of its own."""
    path = tmp_path / "entrée" / "essai #1?.gpkg"
    path.parent.mkdir()
    return shutil.copy(whole, path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The file of which each test has a copy."""
    path = tmp_path_factory.mktemp("paquet") / "essai.gpkg"
    frame = sites()
    to_layer(path, frame.loc[frame.index.repeat(2)], SITES.layer)
    to_layer(path, frame[["nom", "geometry"]].to_crs(4326), "points", append=True, SPATIAL_INDEX="NO")
    to_layer(path, frame[["nom", "geometry"]], "zones", append=True)
    to_layer(path, pd.DataFrame(frame[["nom", "rang"]]), "élus", append=True)
    with changing(path) as database:
        database.execute(f'DELETE FROM "{SITES.layer}" WHERE fid % 2')  # noqa: S608 - a constant
        database.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleQML TEXT, update_time DATETIME)")
        database.execute("INSERT INTO layer_styles VALUES (1, '<qgis/>', '2020-01-01T00:00:00.000Z')")
        database.execute(
            """CREATE TRIGGER suivi AFTER UPDATE ON "sites d'essai" """
            "BEGIN UPDATE layer_styles SET update_time = strftime('%f', 'now'); END"
        )
    return path


class changing:  # noqa: N801 - reads as a verb
    """A database to change as a program that knows the spatial functions would."""

    def __init__(self, path):
        self.database = sqlite3.connect(path)
        for name in SPATIAL:
            self.database.create_function(name, 1, lambda _: 0)

    def __enter__(self):
        return self.database

    def __exit__(self, *_):
        self.database.commit()
        self.database.close()


def answers_of(count, start=0):
    rows = range(start, start + count)
    columns = [
        pa.array([None if row % 3 == 2 else f"à vérifier {row}" for row in rows], pa.string()),
        pa.array([None if row % 2 else row / 8 for row in rows], pa.float64()),
        pa.array(list(rows), pa.int64()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ANSWERS)


def written(path, source, *, dropped=(), rows=50_000):
    writer = GeoPackageWriter(path, source, AddedColumns(ANSWERS, dropped))
    for block in source.blocks(rows):
        writer.write(block, answers_of(len(block), block.start))
    writer.finish()
    return path


def tables(path):
    """Every table of a file with its rows, in the order in which they are kept."""
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}  # noqa: S608


def schema(path):
    """What defines every table, index and trigger of a file."""
    with closing(sqlite3.connect(path)) as database:
        return set(database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def columns(path, table):
    with closing(sqlite3.connect(path)) as database:
        return [row[1:3] for row in database.execute(f'PRAGMA table_info("{table}")')]


def alone(path):
    """Whether a file is alone in its folder."""
    return [other.name for other in path.parent.iterdir()] == [path.name]


@pytest.fixture
def out(tmp_path):
    (tmp_path / "sortie").mkdir()
    return tmp_path / "sortie" / "résultat.tmp"


# ── What is kept ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("layer", [SITES.layer, "points", "zones", "élus"])
def test_everything_comes_back_with_answers_beside_one_layer(package, out, layer):
    before, content = tables(package), package.read_bytes()
    after = tables(written(out, GeoPackageReader(package, ReadingOptions(layer=layer)), rows=4))
    expected = [tuple(row.values()) for row in answers_of(COUNT).to_pylist()]
    assert [row[-3:] for row in after[layer]] == expected
    assert {**after, layer: [row[:-3] for row in after[layer]]} == before
    added = [("qpv_statut", "TEXT"), ("qpv_distance", "REAL"), ("qpv_rang", "INTEGER")]
    assert columns(out, layer) == columns(package, layer) + added
    of_layer = {entry for entry in schema(package) if entry[1] == layer}
    assert schema(package) - of_layer < schema(out)
    assert len(schema(out)) == len(schema(package))
    assert package.read_bytes() == content
    assert alone(out)
    assert alone(package)


def test_the_same_bytes_whenever_and_in_whatever_blocks(package, out):
    source = GeoPackageReader(package, SITES)
    outputs = {written(out, source, rows=rows).read_bytes() for rows in (1, 2, 4, 50_000, 50_000)}
    assert len(outputs) == 1


def test_geopandas_opens_what_is_written(package, out):
    before = gpd.read_file(package, layer=SITES.layer, fid_as_index=True)
    after = gpd.read_file(
        written(out.with_suffix(".gpkg"), GeoPackageReader(package, SITES)), layer=SITES.layer, fid_as_index=True
    )
    pd.testing.assert_frame_equal(before, after[before.columns])
    assert after["qpv_rang"].tolist() == list(range(COUNT))
    assert after.crs == before.crs


def test_an_index_of_space_still_finds(package, out):
    path = written(out.with_suffix(".gpkg"), GeoPackageReader(package, SITES))
    x, y, *_ = square(20, 20, 1).bounds
    found = gpd.read_file(path, layer=SITES.layer, bbox=(x, y, x + 1, y + 1))
    assert found["nom"].tolist() == ["École d'essai"]


def test_dropped_columns_go_with_what_is_said_of_them(package, out):
    with changing(package) as database:
        database.execute("CREATE TABLE gpkg_data_columns (table_name TEXT, column_name TEXT, title TEXT)")
        rows = [(SITES.layer, "nom", "Nom"), (SITES.layer, "rang", "Rang"), ("zones", "nom", "Nom")]
        database.executemany("INSERT INTO gpkg_data_columns VALUES (?, ?, ?)", rows)
    source = GeoPackageReader(package, SITES)
    kept = [name for name in source.schema.names if name not in {"nom", "jour"}]
    dropped = tuple(source.schema.names.index(name) for name in ("nom", "jour"))
    written(out, source, dropped=dropped)
    assert [name for name, _ in columns(out, SITES.layer)][2:] == [*kept, *ANSWERS.names]
    assert tables(out)["gpkg_data_columns"] == rows[1:]
    assert tables(out)["zones"] == tables(package)["zones"]
    assert {entry for entry in schema(package) if entry[0] == "trigger"} < schema(out)


def test_a_column_that_an_index_needs_is_not_dropped(package, out):
    with changing(package) as database:
        database.execute(f'CREATE INDEX par_nom ON "{SITES.layer}" (nom)')
    source = GeoPackageReader(package, SITES)
    with pytest.raises(FormatError, match="« nom » ne peut pas être retirée"):
        written(out, source, dropped=(source.schema.names.index("nom"),))


@pytest.mark.parametrize("taken", ["qpv_statut", "QPV_Statut"])
def test_a_column_of_the_name_of_an_answer_is_refused_unless_dropped(package, out, taken):
    with changing(package) as database:
        database.execute(f'ALTER TABLE "zones" ADD COLUMN {taken} TEXT')
    source = GeoPackageReader(package, ReadingOptions(layer="zones"))
    with pytest.raises(InputError, match="a déjà une colonne « qpv_statut »"):
        written(out, source)
    assert columns(written(out, source, dropped=(1,)), "zones")[2:5] == [
        ("nom", "TEXT"),
        ("qpv_statut", "TEXT"),
        ("qpv_distance", "REAL"),
    ]


def test_what_a_log_still_holds_is_read_and_kept(package, out):
    with closing(sqlite3.connect(package)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("UPDATE points SET nom = 'dans le journal' WHERE fid = 1")
        other.commit()
        source = GeoPackageReader(package, ReadingOptions(layer="points"))
        assert next(source.blocks()).column(0)[0].as_py() == "dans le journal"
        written(out, source)
        assert alone(out)
    assert tables(out)["points"][0][2] == "dans le journal"
    assert alone(out)


def test_a_file_whose_log_is_gone_is_read_without_making_another(package, out):
    with closing(sqlite3.connect(package)) as other:
        other.execute("PRAGMA journal_mode = WAL")
    source = GeoPackageReader(package, SITES)
    written(out, source)
    assert alone(package)
    assert alone(out)


@pytest.mark.parametrize("finish", [True, False])
def test_nothing_is_ever_beside_the_file(package, out, tmp_path, finish):
    (tmp_path / "points.geojson").write_text(json.dumps(document(5)), encoding="utf-8")
    for source in (GeoPackageReader(package, SITES), GeoJSONReader(tmp_path / "points.geojson", ReadingOptions())):
        writer = GeoPackageWriter(out, source, AddedColumns(ANSWERS))
        for block in source.blocks(2):
            writer.write(block, answers_of(len(block), block.start))
            assert alone(out)
        if finish:
            writer.finish()
        else:
            writer.abort()
        assert alone(out)


# ── What is read ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_layer_is_read_in_the_order_of_identifiers_with_its_types(package):
    source = GeoPackageReader(package, SITES)
    (block,) = source.blocks()
    batch = block.record_batch()
    assert batch.schema == source.schema
    assert dict(zip(source.schema.names, source.schema.types, strict=True)) == {
        "nom": pa.string(),
        "Montant €": pa.float64(),
        "rang": pa.int64(),
        "ouvert": pa.bool_(),
        "moment": pa.timestamp("ms", tz="UTC"),
        "photo": pa.binary(),
        "jour": pa.date32(),
    }
    rows = batch.to_pylist()
    assert rows[0] == {
        "nom": "École d'essai",
        "Montant €": 1.1,
        "rang": 1,
        "ouvert": True,
        "moment": datetime(2024, 6, 1, 10, 20, 30, 456_000, tzinfo=UTC),
        "photo": b"\x00\xff",
        "jour": date(2024, 6, 1),
    }
    assert rows[1] == {**dict.fromkeys(source.schema.names), "nom": ""}
    assert (rows[2]["rang"], rows[2]["nom"], rows[2]["photo"]) == (2**62, None, b"")
    assert source.reading == SITES
    assert source.crs.to_epsg() == MAINLAND.epsg


def test_blocks_follow_one_another(package):
    source = GeoPackageReader(package, SITES)
    blocks = list(source.blocks(4))
    assert [(block.start, len(block)) for block in blocks] == [(0, 4), (4, 2)]
    assert [block.share_read for block in blocks] == [4 / 6, 1.0]
    whole = next(source.blocks()).record_batch()
    assert pa.Table.from_batches([block.record_batch() for block in blocks]).equals(pa.Table.from_batches([whole]))


def test_geometries_are_those_of_the_file_without_their_heights(package):
    (block,) = GeoPackageReader(package, SITES).blocks()
    expected = shapely.force_2d(gpd.read_file(package, layer=SITES.layer).geometry.array.to_numpy())
    assert [None if g is None else shapely.to_wkt(g) for g in block.geometry()] == [
        None if g is None else shapely.to_wkt(g) for g in expected
    ]
    assert not shapely.has_z(block.geometry()).any()
    assert block.faults == {}


def header(envelope=0, extended=0):
    return b"GP\x00" + bytes([1 | envelope << 1 | extended << 5]) + (2154).to_bytes(4, "little")


CURVE = bytes([1]) + (8).to_bytes(4, "little") + (3).to_bytes(4, "little") + np.array([0.0, 0, 1, 1, 2, 0]).tobytes()
WKB = shapely.to_wkb(shapely.Point(1, 2))


@pytest.mark.parametrize(
    "stored",
    [b"", b"GP", header(), header() + WKB[:-1], WKB, header(5) + WKB, header(0, 1) + WKB, header() + CURVE, "texte", 3],
)
def test_a_geometry_that_cannot_be_read_is_a_fault_of_its_row(package, out, stored):
    with changing(package) as database:
        database.execute("UPDATE points SET geom = ? WHERE fid = 2", (stored,))
        database.execute("UPDATE points SET geom = ? WHERE fid = 3", (header() + WKB,))
        database.execute("UPDATE points SET geom = ? WHERE fid = 5", (header(4) + bytes(64) + WKB,))
    source = GeoPackageReader(package, ReadingOptions(layer="points"))
    (block,) = source.blocks()
    assert list(block.faults) == [1]
    assert "géométrie" in block.faults[1]
    assert block.geometry()[1] is None
    assert shapely.to_wkt(block.geometry()[[2, 4]], trim=True).tolist() == ["POINT (1 2)"] * 2
    assert [row[1] for row in tables(written(out, source))["points"]] == [row[1] for row in tables(package)["points"]]


@examples(30, of=100)
@given(values=st.lists(STORED, max_size=6), declared=st.sampled_from(DECLARED))
@example(values=[2**53, 1.5], declared="BLOB")
@example(values=[2**53 + 1, 1.5], declared="BLOB")
@example(values=[1, -(2**63)], declared="BOOLEAN")
def test_a_column_gives_whatever_it_holds(tmp_path_factory, values, declared):
    path = tmp_path_factory.mktemp("valeurs") / "valeurs.gpkg"
    bare(path)
    with changing(path) as database:
        database.execute(f'CREATE TABLE "table" (fid INTEGER PRIMARY KEY, "v" {declared})')
        database.execute("INSERT INTO gpkg_contents VALUES ('table', 'attributes')")
        database.executemany('INSERT INTO "table" (v) VALUES (?)', [(value,) for value in values])
        stored = [value for (value,) in database.execute('SELECT v FROM "table" ORDER BY fid')]
    source = GeoPackageReader(path, ReadingOptions())
    read = [value for block in source.blocks(2) for value in block.column(0).to_pylist()]
    if pa.types.is_string(source.schema.field("v").type):
        stored = [
            value.hex() if isinstance(value, bytes) else None if value is None else str(value) for value in stored
        ]
    assert read == stored


@pytest.mark.parametrize(
    ("declared", "value", "kind"),
    [
        ("DATE", "2024-02-30", pa.string()),
        ("DATE", "01/02/2024", pa.string()),
        ("DATE", "2024-02-29", pa.date32()),
        ("DATETIME", "2024-02-29T10:00:00Z", pa.timestamp("ms", tz="UTC")),
        ("DATETIME", "2024-02-29 10:00", pa.string()),
        ("BOOLEAN", 2, pa.int64()),
        ("INTEGER", "douze", pa.string()),
        ("INTEGER", None, pa.int64()),
        ("BOOLEAN", None, pa.bool_()),
        ("DATETIME", None, pa.timestamp("ms", tz="UTC")),
        ("VARCHAR(3)", None, pa.string()),
    ],
)
def test_a_type_is_that_which_the_values_have(tmp_path, declared, value, kind):
    bare(tmp_path / "x.gpkg")
    with changing(tmp_path / "x.gpkg") as database:
        database.execute(f"CREATE TABLE t (fid INTEGER PRIMARY KEY, v {declared})")
        database.execute("INSERT INTO gpkg_contents VALUES ('t', 'attributes')")
        database.execute("INSERT INTO t (v) VALUES (?)", (value,))
    source = GeoPackageReader(tmp_path / "x.gpkg", ReadingOptions())
    assert source.schema == pa.schema([("v", kind)])
    assert len(next(source.blocks()).column(0)) == 1


def bare(path):
    """A file with the least that makes a GeoPackage of tables."""
    with changing(path) as database:
        database.execute("CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT)")


# ── Which layer ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_several_layers_are_listed(package):
    with pytest.raises(FormatError, match="« sites d'essai », « points », « zones » ; choisissez avec --layer"):
        GeoPackageReader(package, ReadingOptions())


def test_an_unknown_layer_is_told_with_those_there_are(package):
    with pytest.raises(
        FormatError, match="« Zones » ; couches présentes : « sites d'essai », « points », « zones », « élus »"
    ):
        GeoPackageReader(package, ReadingOptions(layer="Zones"))


def test_the_only_layer_of_features_is_chosen_whatever_tables_there_are(tmp_path):
    to_layer(tmp_path / "x.gpkg", pd.DataFrame({"nom": ["a"]}), "élus")
    to_layer(tmp_path / "x.gpkg", sites()[["nom", "geometry"]], "sites", append=True)
    assert GeoPackageReader(tmp_path / "x.gpkg", ReadingOptions()).reading.layer == "sites"


def test_a_table_counts_where_there_is_no_layer_of_features(tmp_path):
    to_layer(tmp_path / "x.gpkg", pd.DataFrame({"nom": ["a"]}), "élus")
    source = GeoPackageReader(tmp_path / "x.gpkg", ReadingOptions())
    (block,) = source.blocks()
    assert (source.layer.table, source.crs, block.geometry()) == ("élus", None, None)
    assert block.record_batch().to_pydict() == {"nom": ["a"]}


def test_an_undefined_system_is_none(package):
    with changing(package) as database:
        database.execute("UPDATE gpkg_geometry_columns SET srs_id = -1 WHERE table_name = 'zones'")
    source = GeoPackageReader(package, ReadingOptions(layer="zones"))
    assert source.crs is None
    assert next(source.blocks()).geometry() is not None


def test_a_system_without_authority_is_read_from_its_definition(package):
    definition = sites().crs.to_wkt("WKT1_GDAL")
    with changing(package) as database:
        database.execute("INSERT INTO gpkg_spatial_ref_sys VALUES ('local', 100001, 'NONE', 7, ?, NULL)", (definition,))
        database.execute("UPDATE gpkg_geometry_columns SET srs_id = 100001 WHERE table_name = 'zones'")
    assert GeoPackageReader(package, ReadingOptions(layer="zones")).crs.equals(sites().crs)


# ── What is refused ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content", [b"", b"nom;adresse\n", b"SQLite format 3\x00" + b"\xff" * 500])
def test_what_is_no_geopackage_is_refused(tmp_path, content):
    (tmp_path / "faux.gpkg").write_bytes(content)
    with pytest.raises(FormatError, match=r"« faux\.gpkg » n’est pas un GeoPackage lisible"):
        GeoPackageReader(tmp_path / "faux.gpkg", ReadingOptions())


def test_a_database_of_something_else_is_refused(tmp_path):
    with changing(tmp_path / "faux.gpkg") as database:
        database.execute("CREATE TABLE t (a)")
    with pytest.raises(FormatError, match="n’est pas un GeoPackage lisible"):
        GeoPackageReader(tmp_path / "faux.gpkg", ReadingOptions())


def test_a_geopackage_without_layer_is_refused(tmp_path):
    bare(tmp_path / "vide.gpkg")
    with pytest.raises(FormatError, match="aucune couche"):
        GeoPackageReader(tmp_path / "vide.gpkg", ReadingOptions())


def test_a_view_is_refused(package):
    with changing(package) as database:
        database.execute("CREATE VIEW vue AS SELECT * FROM zones")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('vue', 'features', 'vue')"
        )
    with pytest.raises(FormatError, match="« vue » n’a pas d’identifiant entier"):
        GeoPackageReader(package, ReadingOptions(layer="vue"))


def test_a_truncated_file_is_refused_at_opening_or_after_the_rows_it_has(tmp_path):
    frame = gpd.GeoDataFrame({"texte": ["x" * 500] * 2000}, geometry=[shapely.Point(1, 2)] * 2000, crs=2154)
    frame.to_file(tmp_path / "x.gpkg")
    content = (tmp_path / "x.gpkg").read_bytes()
    for share in range(1, 20):
        (tmp_path / "x.gpkg").write_bytes(content[: len(content) * share // 20])
        with pytest.raises(FormatError, match=r"« x\.gpkg » (n’est pas un GeoPackage|est illisible)"):
            list(GeoPackageReader(tmp_path / "x.gpkg", ReadingOptions()).blocks())


def test_a_page_damaged_after_opening_stops_the_blocks_where_it_is(tmp_path):
    frame = gpd.GeoDataFrame({"texte": ["x" * 500] * 2000}, geometry=[shapely.Point(1, 2)] * 2000, crs=2154)
    frame.to_file(tmp_path / "x.gpkg")
    source = GeoPackageReader(tmp_path / "x.gpkg", ReadingOptions())
    content = bytearray((tmp_path / "x.gpkg").read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    (tmp_path / "x.gpkg").write_bytes(bytes(content))
    blocks = source.blocks(10)
    assert len(next(blocks)) == 10
    with pytest.raises(FormatError, match=r"illisible après la ligne \d+0 ; "):
        list(blocks)


def test_a_place_where_nothing_can_be_written_is_an_error_of_the_system(package, tmp_path):
    with pytest.raises(OSError, match="unable to open"):
        GeoPackageWriter(tmp_path / "absent" / "x.gpkg", GeoPackageReader(package, SITES), AddedColumns(ANSWERS))


# ── What is written of other tables ────────────────────────────────────────────────────────────────────────────────


def document(count, **others):
    features = [
        {
            "type": "Feature",
            "properties": {"nom": f"École {row}", "fid": row * 7, "geom": True, "Nom": None, "v": row / 4},
            "geometry": None if row == 1 else {"type": "Point", "coordinates": [3 + row, 50]},
            **others,
        }
        for row in range(count)
    ]
    return {"type": "FeatureCollection", "features": features}


def test_a_geojson_becomes_a_layer_named_after_it(tmp_path, out):
    (tmp_path / "écoles.geojson").write_text(json.dumps(document(5)), encoding="utf-8")
    source = GeoJSONReader(tmp_path / "écoles.geojson", ReadingOptions())
    path = written(out.with_suffix(".gpkg"), source, dropped=(4,), rows=2)
    assert [name for name, _ in columns(path, "écoles")] == [
        "fid_2", "geom_2", "nom", "fid", "geom", "Nom_2", *ANSWERS.names,
    ]  # fmt: skip
    frame = gpd.read_file(path)
    assert frame["nom"].tolist() == [f"École {row}" for row in range(5)]
    assert (frame["fid"].tolist(), frame["geom"].tolist()) == ([0, 7, 14, 21, 28], [True] * 5)
    assert frame["qpv_rang"].tolist() == [0, 1, 2, 3, 4]
    assert [g and shapely.to_wkt(g, trim=True) for g in frame.geometry] == [
        "POINT (3 50)", None, "POINT (5 50)", "POINT (6 50)", "POINT (7 50)",
    ]  # fmt: skip
    assert frame.crs.to_epsg() == 4326
    assert gpd.read_file(path, bbox=(4.5, 49, 5.5, 51))["fid"].tolist() == [14]


def test_the_same_bytes_whenever(tmp_path, out):
    (tmp_path / "x.geojson").write_text(json.dumps(document(5)), encoding="utf-8")
    source = GeoJSONReader(tmp_path / "x.geojson", ReadingOptions())
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    assert len({written(out, source, rows=2).read_bytes() for _ in range(3)}) == 1
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before
    layer = tables(out)["x"]
    assert tables(written(out, source))["x"] == layer


def test_a_table_without_geometry_becomes_attributes(tmp_path, out):
    (tmp_path / "adresses.csv").write_text("nom;nom;\na;b;c\n", encoding="utf-8")
    path = written(out, CsvReader(tmp_path / "adresses.csv", ReadingOptions()))
    assert tables(path)["adresses"] == [(1, "a", "b", "c", "à vérifier 0", 0.0, 0)]
    assert [name for name, _ in columns(path, "adresses")] == ["fid", "nom", "nom_2", "colonne_3", *ANSWERS.names]
    assert GeoPackageReader(path, ReadingOptions()).crs is None


def test_what_parquet_has_and_geopackages_have_not(tmp_path, out):
    columns = {
        "décimal": pa.array([Decimal("12.50"), None]),
        "liste": pa.array([[1, None], None]),
        "fiche": pa.array([{"a": date(2024, 6, 1)}, None]),
        "mot": pa.array(["a", None]).dictionary_encode(),
        "heure": pa.array([time(8, 30), None]),
        "grand": pa.array([2**63, None], pa.uint64()),
        "rien": pa.nulls(2),
    }
    pq.write_table(pa.table(columns), tmp_path / "x.parquet")
    (block,) = GeoPackageReader(
        written(out, ParquetReader(tmp_path / "x.parquet", ReadingOptions())), ReadingOptions()
    ).blocks()
    first, second = block.record_batch().drop_columns(ANSWERS.names).to_pylist()
    assert first == {
        "décimal": 12.5,
        "liste": "[1, null]",
        "fiche": '{"a": "2024-06-01"}',
        "mot": "a",
        "heure": "08:30:00",
        "grand": 2.0**63,
        "rien": None,
    }
    assert second == dict.fromkeys(columns)


@pytest.mark.parametrize(("content", "kind"), [(document(0), "attributes"), (document(1), "features")])
def test_an_empty_table_makes_an_empty_layer(tmp_path, out, content, kind):
    (tmp_path / "x.geojson").write_text(json.dumps(content), encoding="utf-8")
    GeoPackageWriter(out, GeoJSONReader(tmp_path / "x.geojson", ReadingOptions()), AddedColumns(ANSWERS)).finish()
    source = GeoPackageReader(out, ReadingOptions())
    assert (source.count, list(source.blocks())) == (0, [])
    assert tables(out)["gpkg_contents"][0][:2] == ("x", kind)
