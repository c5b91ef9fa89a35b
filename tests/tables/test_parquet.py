"""A Parquet comes back with its types, its metadata and its values, its answers beside them."""

from __future__ import annotations

import datetime as dt
import decimal
import json

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from qpv_geo.errors import FormatError
from qpv_geo.tables.csv_reader import CsvReader
from qpv_geo.tables.parquet import ParquetReader, ParquetWriter
from qpv_geo.tables.protocol import AddedColumns, ReadingOptions

DAY = dt.date(2024, 6, 1)
NOON = dt.datetime(2024, 6, 1, 12, 30, 15, 123456)  # noqa: DTZ001 - a column without time zone
TYPED = {
    pa.bool_(): [True, False, None],
    pa.int8(): [-1, 0, None],
    pa.uint64(): [2**64 - 1, 0, None],
    pa.float16(): [np.float16(0.5), np.float16(-1), None],
    pa.float32(): [0.1, float("inf"), None],
    pa.float64(): [0.1, -14.98, None],
    pa.string(): ["00123", "", None],
    pa.large_string(): ["é", "\0", None],
    pa.string_view(): ["é", "une chaîne plus longue que douze octets", None],
    pa.binary(): [b"\x00\xff", b"", None],
    pa.binary(3): [b"abc", b"\0\0\0", None],
    pa.decimal128(12, 3): [decimal.Decimal("1.500"), decimal.Decimal(0), None],
    pa.date32(): [DAY, DAY, None],
    pa.time64("us"): [NOON.time(), NOON.time(), None],
    pa.timestamp("ms"): [NOON.replace(microsecond=0), NOON.replace(microsecond=0), None],
    pa.timestamp("ns", tz="Europe/Paris"): [NOON, NOON, None],
    pa.duration("s"): [dt.timedelta(1), dt.timedelta(0), None],
    pa.list_(pa.int16()): [[1, None], [], None],
    pa.list_(pa.float64(), 2): [[1.0, 2.0], [3.0, None], None],
    pa.struct([("x", pa.float64()), ("y", pa.list_(pa.string()))]): [
        {"x": 1.0, "y": ["a"]},
        {"x": None, "y": []},
        None,
    ],
    pa.map_(pa.string(), pa.int32()): [[("a", 1)], [], None],
    pa.dictionary(pa.int8(), pa.string()): ["x", "y", None],
    pa.null(): [None, None, None],
}
EXTRA = pa.schema([("qpv_statut", pa.string()), ("qpv_distance_m", pa.float64()), ("qpv_n", pa.int64())])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("parquet")


def source_of(folder, table, **how):
    pq.write_table(table, folder / "essai.parquet", **how)
    return ParquetReader(folder / "essai.parquet", ReadingOptions())


def answers(start, length):
    positions = range(start, start + length)
    words = pa.array([None if k % 5 == 0 else f"réponse {k % 3}" for k in positions], pa.string())
    return pa.record_batch([words, pa.array([k / 4 for k in positions]), pa.array(positions, pa.int64())], schema=EXTRA)


def written(folder, source, *, dropped=(), rows=50_000, name="sortie.parquet"):
    writer = ParquetWriter(folder / name, source, AddedColumns(EXTRA, dropped=dropped))
    for block in source.blocks(rows):
        writer.write(block, answers(block.start, len(block)))
    writer.finish()
    return folder / name


def refusal(path):
    with pytest.raises(FormatError) as caught:
        for _ in ParquetReader(path, ReadingOptions()).blocks():
            pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("kind", TYPED, ids=str)
@pytest.mark.parametrize("rows", [1, 7, 50_000])
def test_every_type_comes_back(folder, kind, rows):
    values = pa.array(TYPED[kind] * 4, kind)
    whole = pa.field("plein", pa.int32(), nullable=False, metadata={"unité": "m"})
    schema = pa.schema([pa.field("colonne", kind, metadata={"note": "été"}), whole], metadata={"titre": "essai"})
    table = pa.table([values, pa.array(range(12), pa.int32())], schema=schema)
    source = source_of(folder, table, row_group_size=5)
    output = pq.read_table(written(folder, source, rows=rows))
    expected = pq.read_table(source.path)
    kept = output.select(["colonne", "plein"])
    assert kept.schema.equals(expected.schema, check_metadata=True)
    assert kept.schema.field("colonne").metadata[b"note"] == "été".encode()
    assert not kept.schema.field("plein").nullable
    assert kept.equals(expected)
    assert output.select(EXTRA.names).equals(pa.Table.from_batches([answers(0, 12)]))


@examples(12, of=40)
@given(
    length=st.integers(0, 60),
    group=st.integers(1, 70),
    distinct=st.integers(1, 9),
    codec=st.sampled_from(["none", "snappy", "zstd", "gzip"]),
)
def test_the_size_of_blocks_leaves_no_trace_in_the_file(folder, length, group, distinct, codec):
    words = [f"mot {k * k % distinct}" for k in range(length)]
    columns = {
        "mot": pa.array(words).dictionary_encode(),
        "code": pa.array([f"{k:05}" for k in range(length)]),
        "liste": pa.array([list(range(k % 4)) for k in range(length)], pa.list_(pa.int64())),
    }
    source = source_of(folder, pa.table(columns), row_group_size=group, compression=codec)
    outputs = [written(folder, source, rows=rows, name=f"{rows}.parquet").read_bytes() for rows in (1, 7, 50_000)]
    assert outputs[0] == outputs[1] == outputs[2]
    before, after = (pq.ParquetFile(path) for path in (source.path, folder / "7.parquet"))
    with before, after:
        assert after.read(list(columns)).equals(before.read())
        for k in range(before.metadata.num_row_groups if length else 0):
            of_before, of_after = before.metadata.row_group(k), after.metadata.row_group(k)
            assert of_after.num_rows == of_before.num_rows
            assert {of_after.column(c).compression for c in range(6)} == {of_before.column(0).compression}


def test_the_size_of_blocks_leaves_no_trace_where_pages_are_many(folder):
    texts = [f"{k:05} {k * k:0200}" for k in range(20_000)]
    source = source_of(folder, pa.table({"texte": texts, "liste": [[k] for k in range(20_000)]}))
    outputs = [written(folder, source, rows=rows).read_bytes() for rows in (90, 1000, 50_000)]
    assert outputs[0] == outputs[1] == outputs[2]


def test_the_blocks_follow_each_other_and_tell_how_far_they_are(folder):
    source = source_of(folder, pa.table({"n": list(range(100))}), row_group_size=30)
    once, again = ([(block.start, len(block), block.share_read) for block in source.blocks(8)] for _ in range(2))
    assert once == again
    assert [n for block in source.blocks(8) for n in block.column(0).to_pylist()] == list(range(100))
    assert all(length <= 8 and share == (start + length) / 100 for start, length, share in once)
    assert (source.first_row, source.crs, next(source.blocks()).geometry()) == (1, None, None)


def test_names_may_be_the_same_and_columns_are_dropped_by_position(folder):
    table = pa.table([pa.array([1]), pa.array([2]), pa.array([3])], names=["n", "n", ""])
    source = source_of(folder, table)
    assert source.schema.names == ["n", "n", ""]
    with pq.ParquetFile(written(folder, source, dropped=(1,))) as output:
        assert output.schema_arrow.names == ["n", "", *EXTRA.names]
        assert [column.to_pylist() for column in next(output.iter_batches()).columns[:2]] == [[1], [3]]


def test_ordered_categories_and_unused_ones_are_kept(folder):
    sizes = pd.Categorical(["grand", "petit", None], categories=["petit", "moyen", "grand"], ordered=True)
    pd.DataFrame({"taille": sizes}).to_parquet(folder / "essai.parquet")
    output = pd.read_parquet(written(folder, ParquetReader(folder / "essai.parquet", ReadingOptions()), rows=1))
    assert output["taille"].dtype == pd.CategoricalDtype(["petit", "moyen", "grand"], ordered=True)
    assert output["taille"].astype(object).tolist()[:2] == ["grand", "petit"]


def test_pandas_reads_its_frame_again_with_the_answers(folder):
    frame = pd.DataFrame(
        {"code": ["00123", "2A004"], "jour": pd.to_datetime(["2024-06-01", "2024-06-02"])},
        index=pd.Index([7, 9], name="id"),
    )
    frame.to_parquet(folder / "essai.parquet")
    source = ParquetReader(folder / "essai.parquet", ReadingOptions())
    output = pd.read_parquet(written(folder, source))
    pd.testing.assert_frame_equal(output[["code", "jour"]], frame)
    assert list(output.columns) == ["code", "jour", *EXTRA.names]
    assert output["qpv_n"].tolist() == [0, 1]
    without = pd.read_parquet(written(folder, source, dropped=(source.schema.names.index("id"),)))
    assert list(without.columns) == ["code", "jour", *EXTRA.names]
    described = json.loads(pq.read_schema(folder / "sortie.parquet").metadata[b"pandas"])
    assert [column["name"] for column in described["columns"]] == ["code", "jour", *EXTRA.names]


# ── GeoParquet ─────────────────────────────────────────────────────────────────────────────────────────────────────

POINTS = [shapely.Point(0.34, 46.58), None, shapely.Point(3.0, 50.6)]


def geoparquet(folder, crs="EPSG:2154"):
    frame = geopandas.GeoDataFrame({"nom": ["a", "b", "c"]}, geometry=POINTS, crs=crs)
    frame.to_parquet(folder / "essai.parquet")
    return folder / "essai.parquet"


def with_geo(path, change):
    """Change the GeoParquet metadata of a file."""
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    change(geo)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"geo": json.dumps(geo)}), path)
    return path


def test_geometries_are_those_of_the_primary_column(folder):
    source = ParquetReader(geoparquet(folder), ReadingOptions())
    assert source.crs == CRS("EPSG:2154")
    (block,) = source.blocks()
    assert list(block.geometry()) == POINTS
    assert block.column(source.schema.names.index("geometry")).type == pa.binary()


def test_geometries_without_a_system_are_longitude_and_latitude_and_those_of_an_unknown_one_are_not(folder):
    path = with_geo(geoparquet(folder), lambda geo: geo["columns"]["geometry"].pop("crs"))
    assert ParquetReader(path, ReadingOptions()).crs == CRS("OGC:CRS84")
    assert ParquetReader(geoparquet(folder, crs=None), ReadingOptions()).crs is None


def test_a_geoparquet_is_one_again(folder):
    source = ParquetReader(geoparquet(folder), ReadingOptions())
    output = geopandas.read_parquet(written(folder, source, rows=2))
    assert output.crs == CRS("EPSG:2154")
    assert output.geometry.tolist() == POINTS
    assert output["qpv_n"].tolist() == [0, 1, 2]
    metadata = pq.read_schema(folder / "sortie.parquet").metadata
    assert metadata[b"geo"] == source.schema.metadata[b"geo"]


def test_without_its_geometry_it_is_a_geoparquet_no_longer(folder):
    source = ParquetReader(geoparquet(folder), ReadingOptions())
    written(folder, source, dropped=(source.schema.names.index("geometry"),))
    assert b"geo" not in pq.read_schema(folder / "sortie.parquet").metadata
    assert ParquetReader(folder / "sortie.parquet", ReadingOptions()).crs is None


def test_a_second_geometry_column_is_dropped_from_the_metadata_too(folder):
    frame = geopandas.GeoDataFrame({"nom": ["a"]}, geometry=[shapely.Point(0, 0)], crs="EPSG:4326")
    frame["autre"] = geopandas.GeoSeries([shapely.Point(1, 1)], crs="EPSG:2154")
    frame.to_parquet(folder / "essai.parquet")
    source = ParquetReader(folder / "essai.parquet", ReadingOptions())
    output = geopandas.read_parquet(written(folder, source, dropped=(source.schema.names.index("autre"),)))
    assert output.geometry.tolist() == [shapely.Point(0, 0)]
    assert list(json.loads(pq.read_schema(folder / "sortie.parquet").metadata[b"geo"])["columns"]) == ["geometry"]


def test_a_geometry_that_cannot_be_read_is_told_with_its_row(folder):
    path = geoparquet(folder)
    table = pq.read_table(path)
    broken = pa.array([shapely.to_wkb(POINTS[0]), None, b"\x01\x02"], pa.binary())
    pq.write_table(table.set_column(table.schema.get_field_index("geometry"), "geometry", broken), path)
    with pytest.raises(FormatError, match=r"« essai\.parquet », ligne 3 : la géométrie de la colonne « geometry »"):
        [block.geometry() for block in ParquetReader(path, ReadingOptions()).blocks(2)]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [("encoding", "point", "« point »"), ("crs", {"type": "inconnu"}, "système de coordonnées")],
)
def test_geometries_that_cannot_be_placed_are_refused(folder, key, value, told):
    assert told in refusal(with_geo(geoparquet(folder), lambda geo: geo["columns"]["geometry"].update({key: value})))


# ── Other formats ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_csv_becomes_text_columns(folder):
    (folder / "essai.csv").write_text("code;nom\n00123;é\n;\n", encoding="utf-8")
    output = pq.read_table(written(folder, CsvReader(folder / "essai.csv", ReadingOptions())))
    assert output.schema.equals(pa.schema([("code", pa.string()), ("nom", pa.string()), *EXTRA]))
    assert output.select(["code", "nom"]).to_pylist() == [{"code": "00123", "nom": "é"}, {"code": "", "nom": ""}]


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1" + bytes(40) + b"PAR1", b"PARE" + bytes(40) + b"PARE", b"a;b\n1;2"]
)
def test_what_is_no_parquet_is_refused(folder, content):
    (folder / "essai.parquet").write_bytes(content)
    assert "« essai.parquet » n’est pas un fichier Parquet lisible" in refusal(folder / "essai.parquet")


def test_a_truncated_damaged_or_absent_file_is_refused(folder):
    path = source_of(folder, pa.table({"n": list(range(1000))}), compression="zstd").path
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "n’est pas un fichier Parquet lisible" in refusal(path)
    path.write_bytes(content[:20] + bytes(300) + content[320:])
    assert "illisible à partir de la ligne 1" in refusal(path)
    assert "introuvable" in refusal(folder / "absent.parquet")


def test_a_sink_that_is_given_up_closes_its_file(folder):
    writer = ParquetWriter(folder / "sortie.parquet", source_of(folder, pa.table({"n": [1]})), AddedColumns(EXTRA))
    writer.abort()
    assert pq.read_table(folder / "sortie.parquet").num_rows == 0
