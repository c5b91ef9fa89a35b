"""A GeoJSON comes back with the same members in the same order and its answers beside them; a bad one says where."""

from __future__ import annotations

import codecs
import json
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.errors import FormatError, InputError
from qpv_geo.tables.csv_reader import CsvReader
from qpv_geo.tables.geojson_reader import GeoJSONReader
from qpv_geo.tables.geojson_writer import GeoJSONWriter
from qpv_geo.tables.geopackage_reader import GeoPackageReader
from qpv_geo.tables.parquet import ParquetReader
from qpv_geo.tables.protocol import AddedColumns, ReadingOptions

ANSWERS = pa.schema([("§statut", pa.string()), ("§distance", pa.float64()), ("§rang", pa.int64())])
POINT = {"type": "Point", "coordinates": [3.00671, 50.60889]}
CHUNK = 1 << 20
TEXTS = st.text(st.characters(exclude_characters="§"), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
FOREIGN = st.dictionaries(TEXTS.filter(lambda key: key not in {"type", "features", "crs"}), VALUES, max_size=3)
OTHERS = st.dictionaries(TEXTS.filter(lambda key: key not in {"type", "geometry", "properties"}), VALUES, max_size=2)
GEOMETRIES = st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(
    lambda place: {"type": "Point", "coordinates": list(place)}
)
PROPERTIES = st.none() | st.dictionaries(TEXTS, VALUES, max_size=4)
LAYOUTS = st.sampled_from([{}, {"indent": 2}, {"separators": (",", ":")}, {"indent": "\t", "separators": (" ,", ": ")}])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("geojson")


@st.composite
def features(draw):
    members = {"type": "Feature", "geometry": draw(GEOMETRIES), "properties": draw(PROPERTIES), **draw(OTHERS)}
    return {key: members[key] for key in draw(st.permutations(list(members)))}


@st.composite
def collections(draw):
    members = {"type": "FeatureCollection", "features": draw(st.lists(features(), max_size=5)), **draw(FOREIGN)}
    return {key: members[key] for key in draw(st.permutations(list(members)))}


def feature(properties=None, geometry=POINT, **others):
    return {"type": "Feature", "properties": properties, "geometry": geometry, **others}


def collection(*members, **others):
    return {"type": "FeatureCollection", **others, "features": list(members)}


def source_of(folder, content):
    path = folder / "essai.geojson"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return GeoJSONReader(path, ReadingOptions())


def answers_of(count, start=0):
    rows = range(start, start + count)
    columns = [
        pa.array([None if row % 3 == 2 else f"à vérifier {row}" for row in rows], pa.string()),
        pa.array([None if row % 2 else row / 8 for row in rows], pa.float64()),
        pa.array(list(rows), pa.int64()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ANSWERS)


def written(folder, source, *, dropped=(), rows=50_000):
    path = folder / "sortie.geojson"
    writer = GeoJSONWriter(path, source, AddedColumns(ANSWERS, dropped))
    for block in source.blocks(rows):
        writer.write(block, answers_of(len(block), block.start))
    writer.finish()
    return path.read_bytes()


def exact(text):
    """Everything that a JSON text says: the order of members, whole and decimal numbers, -0.0."""
    return json.loads(
        text,
        object_pairs_hook=lambda pairs: ("object", pairs),
        parse_float=lambda number: ("float", repr(float(number))),
    )


def with_answers(document):
    """What `exact` gives for a document, with the answers of `answers_of` where they are expected."""
    count = 0

    def answered(member):
        nonlocal count
        row = answers_of(1, count).to_pylist()[0]
        count += 1
        added = [(key, ("float", repr(value)) if isinstance(value, float) else value) for key, value in row.items()]
        keys = [key for key, _ in member[1]]
        properties = dict(member[1])["properties"] if "properties" in keys else None
        extended = ("properties", ("object", [*(properties[1] if properties is not None else []), *added]))
        last = len(keys) - 1 - keys[::-1].index("properties") if "properties" in keys else len(keys)
        return ("object", [*member[1][:last], extended, *member[1][last + 1 :]])

    return (
        "object",
        [(key, [answered(m) for m in value] if key == "features" else value) for key, value in document[1]],
    )


def refusal(folder, content):
    with pytest.raises(FormatError) as caught:
        source_of(folder, content)
    assert "\n" not in str(caught.value)
    assert "essai.geojson" in str(caught.value)
    return str(caught.value)


# ── What is kept ───────────────────────────────────────────────────────────────────────────────────────────────────


@examples(25, of=100)
@given(document=collections(), layout=LAYOUTS, mark=st.booleans(), rows=st.integers(1, 6))
def test_a_collection_comes_back_with_its_answers(folder, document, layout, mark, rows):
    text = json.dumps(document, **layout)
    content = (codecs.BOM_UTF8 if mark else b"") + text.encode()
    output = written(folder, source_of(folder, content), rows=rows).decode()
    assert exact(output) == with_answers(exact(text))


@examples(15, of=100)
@given(document=collections())
def test_the_size_of_blocks_changes_nothing(folder, document):
    source = source_of(folder, document)
    assert written(folder, source, rows=1) == written(folder, source, rows=2) == written(folder, source)


def test_values_that_are_hard_to_write_are_kept(folder):
    text = (
        '{"a": 1.10, "type": "FeatureCollection", "big": 12345678901234567890123, "features": ['
        '{"type": "Feature", "id": 1e3, "properties": {"v": 0.1000, "w": -0.0, "\\u00e9": "\\ud800"},'
        ' "geometry": {"type": "Point", "coordinates": [3.000000, 50.60]}}], "n": 18446744073709551616, "z": [1e-7]}'
    )
    output = written(folder, source_of(folder, text.encode())).decode()
    assert exact(output) == with_answers(exact(text))


def test_of_a_key_given_twice_the_last_value_counts(folder):
    text = '{"a": 1, "type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"v": 1}, '
    text += '"properties": {"v": 4, "w": 5, "v": 6}, "geometry": null}], "a": 7}'
    output = written(folder, source_of(folder, text.encode())).decode()
    assert exact(output) == with_answers(exact(json.dumps(json.loads(text))))


def test_a_number_too_large_for_any_program_is_null(folder):
    text = json.dumps(collection(feature({"v": 1}), z=12)).replace("12", "-1E400").replace("50.60889", "1e999")
    output = json.loads(written(folder, source_of(folder, text.encode())))
    assert output["z"] is None
    assert output["features"][0]["geometry"]["coordinates"] == [3.00671, None]


def test_many_levels_are_kept(folder):
    levels = "[" * 500 + "-0.5" + "]" * 500
    text = (
        json.dumps(collection(feature({"\ud800": 1, "v": 2}), z=3)).replace("2", levels).replace(" 3,", f" {levels},")
    )
    assert text.count(levels) == 2
    output = written(folder, source_of(folder, text.encode())).decode()
    assert exact(output) == with_answers(exact(text))


def test_a_feature_is_on_one_line(folder):
    document = collection(feature({"nom": "École"}), feature({"nom": "Mairie"}), name="essai")
    lines = written(folder, source_of(folder, json.dumps(document, indent=4).encode())).decode().splitlines()
    assert [json.loads(line.rstrip(","))["properties"]["nom"] for line in lines[1:-1]] == ["École", "Mairie"]


def test_dropped_properties_go_and_the_others_stay(folder):
    content = b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": 1.0, "b": {"a": 2}, '
    content += b'"c": 3.10, "a": 4}, "geometry": null}, {"type": "Feature", "properties": {"a": 5}, "geometry": null}]}'
    output = json.loads(written(folder, source_of(folder, content), dropped=(0,)))
    first, second = (list(member["properties"].items()) for member in output["features"])
    assert first[:3] == [("b", {"a": 2}), ("c", 3.1), ("§statut", "à vérifier 0")]
    assert second[0] == ("§statut", "à vérifier 1")


def test_a_property_of_the_name_of_an_answer_is_refused_unless_dropped(folder):
    source = source_of(folder, collection(feature({"§statut": "ancien", "nom": "École"})))
    with pytest.raises(InputError, match="§statut"):
        written(folder, source)
    output = json.loads(written(folder, source, dropped=(0,)))
    assert output["features"][0]["properties"]["§statut"] == "à vérifier 0"


@pytest.mark.parametrize(("before", "between"), [("", "\n"), ("", "\r\n\r\n"), ("\x1e", "\n"), ("", " ")], ids=repr)
def test_a_sequence_of_features_stays_one(folder, before, between):
    texts = [json.dumps(feature({"rang": rank}, id=rank)) for rank in range(3)]
    source = source_of(folder, "".join(before + text + between for text in texts).encode())
    output = written(folder, source).decode()
    lines = output.split("\n")
    assert lines.pop() == ""
    assert all(line.startswith(before + "{") for line in lines)
    read = [json.loads(line.removeprefix(before)) for line in lines]
    assert [(member["id"], member["properties"]["rang"], member["properties"]["§rang"]) for member in read] == [
        (0, 0, 0),
        (1, 1, 1),
        (2, 2, 2),
    ]


def test_a_single_feature_stays_one(folder):
    output = json.loads(written(folder, source_of(folder, feature(None, id="a", bbox=[1, 2, 3, 4]))))
    assert output == feature({"§statut": "à vérifier 0", "§distance": 0.0, "§rang": 0}, id="a", bbox=[1, 2, 3, 4])


def test_a_feature_without_properties_gets_some(folder):
    output = written(folder, source_of(folder, {"type": "Feature", "geometry": POINT}))
    assert json.loads(output) == feature({"§statut": "à vérifier 0", "§distance": 0.0, "§rang": 0})


def test_an_empty_collection_stays_one(folder):
    assert json.loads(written(folder, source_of(folder, collection()))) == collection()


def test_wherever_reading_stops_to_read_on(folder):
    values = '{"type": "Feature", "properties": {"é€": -1.5e+10, "v": [true, null, 12], "😀": "\\ud83d\\ude00\\"€"}, '
    values += '"geometry": {"type": "Point", "coordinates": [3.25, 50.5]}}'
    expected = json.loads(values)["properties"]
    start = '{"type": "FeatureCollection", "features": ['
    for shift in range(0, len(values.encode()), 3):
        padding = " " * (CHUNK - len(start) - shift)
        source = source_of(folder, f"{start}{padding}{values}, {values}]}}".encode())
        (block,) = source.blocks()
        assert [member["properties"] for member in block.features] == [expected, expected]


# ── What is read ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "kind", "column"),
    [
        ([1, None, -3], pa.int64(), [1, None, -3]),
        ([2**63 - 1, -(2**63)], pa.int64(), [2**63 - 1, -(2**63)]),
        ([2**63, 1], pa.string(), ["9223372036854775808", "1"]),
        ([1, 2.5], pa.float64(), [1.0, 2.5]),
        ([2**53 + 1, 0.5], pa.string(), ["9007199254740993", "0.5"]),
        ([True, None, False], pa.bool_(), [True, None, False]),
        ([True, 1], pa.string(), ["true", "1"]),
        (["075", 75], pa.string(), ["075", "75"]),
        ([{"é": [1, None]}, "x"], pa.string(), ['{"é": [1, null]}', "x"]),
        ([None, None], pa.string(), [None, None]),
        (["\ud800a"], pa.string(), ["�a"]),
    ],
)
def test_the_type_of_a_column_holds_all_its_values(folder, values, kind, column):
    source = source_of(folder, collection(*(feature({"v": value}) for value in values)))
    (block,) = source.blocks()
    assert source.schema == pa.schema([("v", kind)])
    assert block.column(0).to_pylist() == column
    assert block.record_batch().to_pydict() == {"v": column}


def test_columns_come_in_the_order_in_which_they_appear(folder):
    source = source_of(folder, collection(feature({"b": 1}), feature(None), feature({"": 3, "a": 2, "b": None})))
    assert source.schema.names == ["b", "", "a"]
    assert [len(block) for block in source.blocks(2)] == [2, 1]
    assert [block.start for block in source.blocks(2)] == [0, 2]
    assert [block.share_read for block in source.blocks(2)][-1] == 1.0
    (block,) = source.blocks()
    assert block.record_batch().to_pydict() == {"b": [1, None, None], "": [None, None, 3], "a": [None, None, 2]}


def test_features_without_properties_are_rows_all_the_same(folder):
    source = source_of(folder, collection(feature(None), feature({})))
    (block,) = source.blocks()
    assert (block.record_batch().num_rows, block.record_batch().num_columns) == (2, 0)


def test_geometries_are_flat_and_a_bad_one_is_a_fault_of_its_row(folder):
    good = [POINT, {"type": "Point", "coordinates": [3.0, 50.0, 12.0]}, {"type": "LineString", "coordinates": []}, None]
    bad = [
        {"type": "Point", "coordinates": [3.0]},
        {"type": "Point", "coordinates": ["3", "50"]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0]]]},
        {"type": "Cercle", "coordinates": [0, 0]},
        {"type": ["Point"], "coordinates": [0, 0]},
        {"type": "Feature", "geometry": POINT, "properties": {}},
        {"type": "Point"},
        {},
        [],
        "POINT (3 50)",
        0,
    ]
    source = source_of(folder, collection(*(feature(None, geometry) for geometry in [*good, *bad])))
    (block,) = source.blocks()
    found = block.geometry()
    assert shapely.to_wkt(found[:3], trim=True).tolist() == [
        "POINT (3.00671 50.60889)",
        "POINT (3 50)",
        "LINESTRING EMPTY",
    ]
    assert all(geometry is None for geometry in found[3:])
    assert sorted(block.faults) == list(range(4, 15))
    assert all("géométrie" in fault for fault in block.faults.values())
    assert exact(written(folder, source).decode()) == with_answers(exact(source.path.read_text(encoding="utf-8")))


def test_a_number_too_large_for_a_place_is_a_fault(folder):
    content = json.dumps(collection(feature({"v": 1}))).replace("50.60889", "1e999")
    (block,) = source_of(folder, content.encode()).blocks()
    assert list(block.faults) == [0]


def test_a_table_without_any_geometry_says_so(folder):
    source = source_of(folder, collection(feature({"adresse": "1 rue X"}, None)))
    (block,) = source.blocks()
    assert (source.crs, block.geometry(), block.faults) == (None, None, {})


@pytest.mark.parametrize(
    ("member", "epsg"),
    [
        (None, 4326),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}, 2154),
        ({"type": "name", "properties": {"name": "EPSG:2975"}}, 2975),
    ],
)
def test_the_system_is_wgs84_unless_another_is_named(folder, member, epsg):
    assert source_of(folder, collection(feature(), crs=member)).crs.to_epsg() == epsg


def test_crs84_is_known(folder):
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert source_of(folder, collection(feature(), crs=member)).crs.is_geographic


# ── What is refused ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "n’est pas du GeoJSON"),
        (b"nom;adresse", "n’est pas du GeoJSON"),
        (b"[]", "n’est pas du GeoJSON"),
        (b"{}", "n’est pas du GeoJSON"),
        (json.dumps(POINT).encode(), "n’est pas du GeoJSON"),
        (b'{"type": "FeatureCollection"}', "n’est pas du GeoJSON"),
        (b'{"type": "FeatureCollection", "features": {}}', "n’est pas du GeoJSON"),
        (b'{"type": "Collection", "features": []}', "n’est pas du GeoJSON"),
        (b'{"type": "FeatureCollection", "features": [], "features": []}', "n’est pas du GeoJSON"),
        (b'{"type": "FeatureCollection", "features": [3]}', "n° 1"),
        (json.dumps(collection(feature(), feature("texte"))).encode(), "n° 2"),
        (json.dumps(collection(feature(), POINT)).encode(), "n° 2"),
        (b'{"type": "FeatureCollection",\n "features": [}', "ligne 2, caractère 15"),
        (b'{"type": "FeatureCollection",\n "features": [], }', "ligne 2, caractère 18"),
        (b'{"type": "FeatureCollection", "features": []} {}', "ligne 1, caractère 47"),
        (b"{'type': 1}", "ligne 1, caractère 2"),
        (b'{"a": NaN, "type": "FeatureCollection", "features": []}', "ligne 1, caractère 7"),
        (b'{"a": ' + b"9" * 5000 + b"}", "milliers de chiffres"),
        (b'{"a": ' + b"[" * 100_000, "trop de niveaux"),
        (b'{"a": ' + b'{"a":' * 100_000, "trop de niveaux"),
        (b'{"a": "\xe9"}', "UTF-8"),
        ('{"type": "Feature"}'.encode("utf-16"), "UTF-8"),
        (json.dumps(collection(feature(), crs={"type": "name", "properties": {"name": "Lune"}})).encode(), "« Lune »"),
        (json.dumps(collection(feature(), crs={"type": "link"})).encode(), '« {"type": "link"} »'),
        (json.dumps(collection(feature(), crs="EPSG:2154")).encode(), "« EPSG:2154 »"),
    ],
)
def test_what_is_no_geojson_is_refused(folder, content, why):
    assert why in refusal(folder, content)


@examples(25, of=100)
@given(document=collections(), layout=LAYOUTS, data=st.data())
def test_a_file_that_is_cut_is_refused(folder, document, layout, data):
    content = json.dumps(document, **layout).encode()
    message = refusal(folder, content[: data.draw(st.integers(1, len(content) - 1))])
    assert "s’arrête avant sa fin" in message or "n’est pas du JSON lisible" in message


@examples(25, of=100)
@given(document=collections(), data=st.data())
def test_a_damaged_file_is_read_or_refused(folder, document, data):
    content = bytearray(json.dumps(document, ensure_ascii=False, default=str).encode("utf-8", "replace"))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        source = source_of(folder, bytes(content))
    except FormatError:
        return
    assert isinstance(json.loads(written(folder, source)), dict)


def test_a_file_cut_after_it_was_opened_gives_what_it_has_then_an_error(folder):
    source = source_of(folder, collection(*(feature({"v": rank}) for rank in range(10))))
    content = source.path.read_bytes()
    source.path.write_bytes(content[: len(content) // 2])
    blocks = source.blocks(1)
    assert next(blocks).column(0).to_pylist() == [0]
    with pytest.raises(FormatError, match="s’arrête avant sa fin"):
        list(blocks)


# ── What is written of other tables ────────────────────────────────────────────────────────────────────────────────


def test_a_layer_in_lambert_93_becomes_longitudes_and_latitudes(folder):
    places = gpd.GeoSeries([shapely.Point(3.00671, 50.60889, 20.0), None, shapely.Point()], crs=4326)
    frame = gpd.GeoDataFrame({"nom": ["É", None, "x"], "n": [1, 2, 3]}, geometry=places).to_crs(2154)
    frame["jour"] = ["2024-06-01", None, "2024-06-02"]
    frame["jour"] = frame["jour"].astype("datetime64[ms]")
    frame.to_file(folder / "lambert.gpkg")
    output = json.loads(written(folder, GeoPackageReader(folder / "lambert.gpkg", ReadingOptions()), dropped=(1,)))
    assert list(output) == ["type", "features"]
    first, second, third = output["features"]
    assert first["geometry"] == POINT
    assert (second["geometry"], third["geometry"]) == (None, {"type": "Point", "coordinates": []})
    assert list(first["properties"]) == ["nom", "jour", *ANSWERS.names]
    assert first["properties"]["jour"].startswith("2024-06-01")
    assert second["properties"] == {"nom": None, "jour": None, "§statut": "à vérifier 1", "§distance": None, "§rang": 1}


def test_a_place_that_has_no_longitude_is_null(folder):
    frame = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(1e30, 1e30)], crs=2975)
    frame.to_file(folder / "loin.gpkg")
    output = json.loads(written(folder, GeoPackageReader(folder / "loin.gpkg", ReadingOptions())))
    assert output["features"][0]["geometry"] is None


def test_a_table_without_geometry_has_null_ones_and_names_told_apart(folder):
    path = folder / "double.csv"
    path.write_text("nom;nom;;NOM\na;b;c;d\n", encoding="utf-8")
    output = json.loads(written(folder, CsvReader(path, ReadingOptions())))
    (only,) = output["features"]
    assert only["geometry"] is None
    assert list(only["properties"].items())[:4] == [("nom", "a"), ("nom_2", "b"), ("colonne_3", "c"), ("NOM_3", "d")]


def test_values_that_json_has_not(folder):
    columns = {
        "décimaux": pa.array([Decimal("12.50"), Decimal("3.00")]),
        "jour": pa.array([date(2024, 6, 1), None]),
        "moment": pa.array([datetime(2024, 6, 1, 10, 20, tzinfo=UTC), None], pa.timestamp("us", tz="UTC")),
        "octets": pa.array([b"\x00\xff", b""]),
        "nombre": pa.array([float("nan"), float("inf")]),
        "fiche": pa.array([{"liste": [1.5, float("inf")]}, None]),
        "durée": pa.array([timedelta(minutes=90), None]),
    }
    pq.write_table(pa.table(columns), folder / "x.parquet")
    output = json.loads(written(folder, ParquetReader(folder / "x.parquet", ReadingOptions())))
    first, second = ({key: member["properties"][key] for key in columns} for member in output["features"])
    assert first == {
        "décimaux": 12.5,
        "jour": "2024-06-01",
        "moment": "2024-06-01T10:20:00+00:00",
        "octets": "AP8=",
        "nombre": None,
        "fiche": {"liste": [1.5, None]},
        "durée": "1:30:00",
    }
    assert second == {**dict.fromkeys(columns), "décimaux": 3, "octets": ""}


def test_geopandas_opens_what_is_written(folder):
    document = collection(feature({"nom": "École"}), feature({"nom": "Mairie"}, None))
    written(folder, source_of(folder, document))
    frame = gpd.read_file(folder / "sortie.geojson")
    assert frame["nom"].tolist() == ["École", "Mairie"]
    assert frame["§statut"].tolist() == ["à vérifier 0", "à vérifier 1"]
    assert shapely.to_wkt(frame.geometry[0], trim=True) == "POINT (3.00671 50.60889)"


# ── How ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sink_that_is_given_up_leaves_its_file_only(tmp_path):
    source = source_of(tmp_path, collection(*(feature({"v": rank}) for rank in range(4))))
    writer = GeoJSONWriter(tmp_path / "sortie.geojson", source, AddedColumns(ANSWERS))
    writer.write(next(source.blocks(2)), answers_of(2))
    writer.abort()
    assert {path.name for path in tmp_path.iterdir()} == {"essai.geojson", "sortie.geojson"}


def test_long_features_make_shorter_blocks(folder):
    long = feature({"texte": "x" * 2_000_000})
    sizes = [len(block) for block in source_of(folder, collection(*[long] * 4)).blocks()]
    assert sum(sizes) == 4
    assert max(sizes) < 4


def test_memory_does_not_grow_with_rows(folder):
    def peak(count):
        path = source_of(folder, collection(*(feature({"texte": "x" * 1000, "v": row}) for row in range(count)))).path
        tracemalloc.start()
        try:
            source = GeoJSONReader(path, ReadingOptions())
            writer = GeoJSONWriter(folder / "sortie.geojson", source, AddedColumns(ANSWERS))
            for block in source.blocks(200):
                writer.write(block, answers_of(len(block)))
            writer.finish()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)
    assert peak(4_000) < 1.3 * peak(1_000)
