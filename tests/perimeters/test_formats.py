"""What a file says, in every format and system, and what is refused before it can say anything."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from examples import some_pairs
from pyproj import CRS
from synthetic import MAINLAND, degrees, square

from qpv_geo import crs
from qpv_geo.errors import FormatError
from qpv_geo.perimeters.formats import read_geojson, read_layer

REUNION = crs.TERRITORIES[3]
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
ROWS = {
    "code_qp": ["QN08699N", "QN08698N"],
    "lib_qp": ["Carré d'essai 1", "Carré d'essai 2 (Œuvre)"],
    "insee_com": ["86194,86214", "86041"],
}
MAINLAND_SHAPES = degrees(
    np.array([square(0, 0, 600).difference(square(200, 200, 200)), square(2000, 0, 500)], dtype=object)
)
REUNION_SHAPES = crs.unproject(
    np.array(
        [shapely.box(340_000, 7_685_000, 340_700, 7_685_300), shapely.box(342_000, 7_685_000, 342_400, 7_685_400)]
    ),
    REUNION,
)
SYSTEMS = [
    (MAINLAND, 4326),
    (MAINLAND, 2154),
    (MAINLAND, 3857),
    (MAINLAND, 4171),
    (REUNION, 4326),
    (REUNION, 2975),
    (REUNION, 3857),
]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def squares(epsg=4326, territory=MAINLAND):
    shapes = MAINLAND_SHAPES if territory is MAINLAND else REUNION_SHAPES
    return gpd.GeoDataFrame(ROWS, geometry=list(shapes), crs=4326).to_crs(epsg)


def document(frame, *, name_crs=True):
    """The features of a frame as a GeoJSON object, with the ``crs`` member that older files have."""
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    features = [
        {"type": "Feature", "properties": row, "geometry": json.loads(shapely.to_geojson(one))}
        for row, one in zip(rows, frame.geometry, strict=True)
    ]
    member = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{frame.crs.to_epsg()}"}}
    return {"type": "FeatureCollection", "features": features, **({"crs": member} if name_crs else {})}


def to_geojson(frame, folder):
    path = folder / "carres.geojson"
    path.write_text(json.dumps(document(frame)), encoding="utf-8-sig")
    return path


def to_geojson_gz(frame, folder):
    path = folder / "carres.geojson.GZ"
    path.write_bytes(gzip.compress(json.dumps(document(frame)).encode()))
    return path


def to_gpkg(frame, folder):
    path = folder / "carres.gpkg"
    frame.to_file(path, layer="carres")
    return path


def to_fgb(frame, folder):
    path = folder / "carres.fgb"
    frame.to_file(path, driver="FlatGeobuf", SPATIAL_INDEX="NO")
    return path


def to_parquet(frame, folder):
    path = folder / "carres.parquet"
    frame.to_parquet(path)
    return path


def to_shapefile(frame, folder):
    path = folder / "carres.shp"
    frame.to_file(path, driver="ESRI Shapefile", encoding="UTF-8")
    return path


def archive(path, *files, inside="", **texts):
    """A zip of files, each at `inside`, and of texts by name."""
    with zipfile.ZipFile(path, "w") as opened:
        for file in files:
            opened.write(file, f"{inside}{file.name}")
        for name, text in texts.items():
            opened.writestr(name, text)
    return path


def shapefile_parts(folder, stem="carres"):
    return [folder / f"{stem}{suffix}" for suffix in PARTS]


def to_zipped_shapefile(frame, folder):
    to_shapefile(frame, folder)
    return archive(folder / "carrés d'essai.zip", *shapefile_parts(folder), inside="Données 2024/")


def to_zipped_geojson(frame, folder):
    return archive(folder / "carres.zip", to_geojson(frame, folder))


WRITERS = [
    to_geojson, to_geojson_gz, to_gpkg, to_fgb, to_parquet, to_shapefile, to_zipped_shapefile, to_zipped_geojson,
]  # fmt: skip


@pytest.mark.more
@pytest.mark.parametrize(
    ("write", "system"),
    some_pairs(WRITERS, SYSTEMS),
    ids=lambda one: one.__name__ if callable(one) else f"{one[0].id}-{one[1]}",
)
def test_every_format_says_the_same_in_every_system(tmp_path, write, system):
    territory, epsg = system
    layer = read_layer(write(squares(epsg, territory), tmp_path))
    assert layer.crs.equals(CRS(f"EPSG:{epsg}"), ignore_axis_order=True)
    assert {name: layer.fields[name] for name in ROWS} == ROWS
    found = crs.project(crs.to_wgs84(layer.geometry, layer.crs), territory)
    expected = crs.project(np.array(MAINLAND_SHAPES if territory is MAINLAND else REUNION_SHAPES), territory)
    assert (shapely.hausdorff_distance(found, expected) < 0.01).all()  # a centimetre
    assert (shapely.get_num_coordinates(found) == shapely.get_num_coordinates(expected)).all()


# ── GeoJSON ──────────────────────────────────────────────────────────────────────────────────────────────────


def read(value, name="carres.geojson"):
    return read_geojson(value if isinstance(value, bytes) else json.dumps(value).encode(), name=name)


def test_geojson_without_crs_is_in_wgs84():
    layer = read(document(squares(), name_crs=False))
    assert layer.crs.equals(CRS("EPSG:4326"))
    assert (shapely.to_wkb(layer.geometry) == shapely.to_wkb(np.array(squares().geometry))).all()


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_longitude_comes_first_whatever_the_name_of_wgs84(name):
    layer = read(document(squares()) | {"crs": {"type": "name", "properties": {"name": name}}})
    assert (crs.to_wgs84(layer.geometry, layer.crs) == np.array(squares().geometry)).all()


def test_a_feature_and_a_bare_geometry_are_layers_of_one():
    whole = document(squares())
    feature = whole["features"][1]
    layer = read(feature)
    assert layer.fields == {key: [values[1]] for key, values in ROWS.items()}
    bare = read(feature["geometry"])
    assert bare.fields == {}
    assert bare.geometry[0].equals(layer.geometry[0])
    both = read({"type": "GeometryCollection", "geometries": [feature["geometry"]]})
    assert both.geometry[0].geom_type == "GeometryCollection"


def test_a_feature_may_lack_properties_and_geometry():
    layer = read(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": None, "properties": {"a": 1}},
                {"type": "Feature", "geometry": None, "properties": None},
                {"type": "Feature", "properties": {"b": "x"}},
            ],
        }
    )
    assert list(layer.geometry) == [None, None, None]
    assert layer.fields == {"a": [1, None, None], "b": [None, None, "x"]}


def test_heights_are_dropped():
    high = shapely.force_3d(MAINLAND_SHAPES[0], 120.0)
    layer = read(json.loads(shapely.to_geojson(high)))
    assert not layer.geometry[0].has_z
    assert layer.geometry[0].equals(MAINLAND_SHAPES[0])


def feature(geometry=None, properties=None):
    return {"type": "FeatureCollection", "features": [{"geometry": geometry, "properties": properties}]}


def named_crs(member):
    return feature() | {"crs": member}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b"bonjour", "n’est pas du JSON"),
        (b"", "n’est pas du JSON"),
        (b"\xe9\xe8", "n’est pas du JSON"),
        (b"[" * 200_000, "n’est pas du JSON"),
        (json.dumps(feature(properties={"lib_qp": "Carré"}), ensure_ascii=False).encode("latin-1"), "pas en UTF-8"),
        ([1], "n’est pas du GeoJSON"),
        (3, "n’est pas du GeoJSON"),
        ({"type": "Topology", "objects": {}}, "n’est pas du GeoJSON"),
        ({"type": "FeatureCollection"}, "n’est pas du GeoJSON"),
        ({"type": "FeatureCollection", "features": {"a": 1}}, "n’est pas du GeoJSON"),
        ({"type": "FeatureCollection", "features": [1]}, "n’est pas du GeoJSON"),
        (feature(properties=[1]), "n’est pas du GeoJSON"),
        (feature(properties="abc"), "n’est pas du GeoJSON"),
        (feature({"type": "Polygon", "coordinates": [[["a", "b"]]]}), "géométrie GeoJSON mal formée"),
        (feature({"type": "Polygon", "coordinates": [[[0.3, 46.5], [0.4, 46.5], [0.4, 46.6]]]}), "mal formée"),
        (feature({"type": "Polygone", "coordinates": []}), "mal formée"),
        (feature({"type": "Point", "coordinates": [float("nan"), 46.5]}), "mal formée"),
        (feature(3), "mal formée"),
        (named_crs("EPSG:2154"), "système de coordonnées inconnu : « EPSG:2154 »"),
        (named_crs({"type": "name"}), "système de coordonnées inconnu : « {'type': 'name'} »"),
        (named_crs({"properties": None}), "système de coordonnées inconnu"),
        (named_crs({"properties": [1]}), "système de coordonnées inconnu"),
        (named_crs({"properties": {"name": 2154}}), "système de coordonnées inconnu : « 2154 »"),
        (named_crs({"properties": {"name": "EPSG:999999"}}), "« EPSG:999999 »"),
        (named_crs({"properties": {"name": "EPSG:5720"}}), "« EPSG:5720 »"),  # heights
        (named_crs({"properties": {"name": 'LOCAL_CS["plan"]'}}), "LOCAL_CS"),  # a drawing's own axes
    ],
)
def test_what_is_no_geojson_is_refused(value, says):
    with pytest.raises(FormatError) as refused:
        read(value, name="carres.geojson")
    message = str(refused.value)
    assert says in message
    assert "carres.geojson" in message
    assert "\n" not in message


# ── Files that cannot be read ────────────────────────────────────────────────────────────────────────────────


def refusal(path, **options):
    """The one line that says why a file cannot be read; it names the file."""
    with pytest.raises(FormatError) as refused:
        read_layer(path, **options)
    message = str(refused.value)
    assert path.name in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("suffix", ["shp", "gpkg", "geojson", "json", "parquet", "geoparquet", "fgb", "zip", "png"])
@pytest.mark.parametrize("content", [PIXEL, b"code_qp;lib_qp\nQN08699N;essai\n", b""], ids=["image", "text", "empty"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, suffix, content):
    path = tmp_path / f"carres.{suffix}"
    path.write_bytes(content)
    assert "lisible" in refusal(path)


def test_a_table_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "carres.csv"
    path.write_bytes(PIXEL)
    assert "n’est pas un fichier vectoriel" in refusal(path)


@pytest.mark.parametrize("write", [to_gpkg, to_parquet, to_zipped_shapefile])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_a_truncated_file_is_refused(tmp_path, write, share):
    path = write(squares(), tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert "n’est pas un fichier vectoriel" in refusal(path)


def altered_gzip(at):
    content = bytearray(gzip.compress(json.dumps(document(squares())).encode()))
    content[at] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [b"bonjour", gzip.compress(b"{}" * 500)[:-9], altered_gzip(30), altered_gzip(200), altered_gzip(-6)],
    ids=["not gzip", "cut", "altered early", "altered later", "wrong sum"],
)
def test_a_gzip_that_is_not_whole_is_refused(tmp_path, content):
    path = tmp_path / "carres.geojson.gz"
    path.write_bytes(content)
    assert "n’est pas un fichier gzip entier" in refusal(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert "introuvable" in refusal(tmp_path / "absent.gpkg")
    assert "introuvable" in refusal(tmp_path)


def test_a_shapefile_whose_text_is_not_in_its_encoding_is_refused(tmp_path):
    path = tmp_path / "carres.shp"
    squares().to_file(path, driver="ESRI Shapefile", encoding="ISO-8859-15")
    path.with_suffix(".cpg").write_text("UTF-8")
    message = refusal(path)
    assert "n’est pas en UTF-8" in message
    assert "--encoding" in message


# ── Systems ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_shapefile_without_prj_names_no_system(tmp_path):
    path = to_shapefile(squares(2154), tmp_path)
    path.with_suffix(".prj").unlink()
    layer = read_layer(path)
    assert layer.crs is None
    assert layer.fields["code_qp"] == ROWS["code_qp"]


def test_a_drawing_s_own_axes_are_no_system(tmp_path):
    path = tmp_path / "carres.parquet"
    squares().set_crs('LOCAL_CS["plan de géomètre",UNIT["metre",1]]', allow_override=True).to_parquet(path)
    assert read_layer(path).crs is None


# ── Layers and members ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two_layers(tmp_path):
    path = tmp_path / "carres.gpkg"
    squares().iloc[:1].to_file(path, layer="nord")
    squares().iloc[1:].to_file(path, layer="sud")
    return path


def codes(path, layer=None):
    return read_layer(path, layer=layer).fields["code_qp"]


def test_a_layer_is_chosen_among_several(two_layers):
    assert codes(two_layers, "nord") == ["QN08699N"]
    assert codes(two_layers, "sud") == ["QN08698N"]
    message = refusal(two_layers)
    assert "« nord », « sud »" in message
    assert "--layer" in message
    assert "« est »" in refusal(two_layers, layer="est")


def test_a_layer_is_chosen_in_the_only_member_of_a_zip(two_layers, tmp_path):
    path = archive(tmp_path / "carres.zip", two_layers)
    assert codes(path, "sud") == ["QN08698N"]
    assert codes(archive(tmp_path / "un.zip", two_layers), "sud") == ["QN08698N"]
    assert "« nord », « sud »" in refusal(path)
    assert "« est »" in refusal(path, layer="est")


@pytest.fixture
def several(tmp_path):
    """A zip of a Shapefile, of two GeoJSON files of the same name, and of what is no vector file."""
    to_shapefile(squares().iloc[:1], tmp_path)
    text = json.dumps(document(squares().iloc[1:]))
    members = {"nord/zones.geojson": text, "sud/zones.geojson": text, "LISEZMOI.txt": "essai"}
    return archive(tmp_path / "tout.zip", *shapefile_parts(tmp_path), **members)


def test_a_member_is_chosen_by_its_name_or_its_path(several):
    assert codes(several, "carres.shp") == ["QN08699N"]
    assert codes(several, "sud/zones.geojson") == ["QN08698N"]
    message = refusal(several)
    for member in ("carres.shp", "nord/zones.geojson", "sud/zones.geojson", "--layer"):
        assert member in message
    assert "LISEZMOI" not in message
    ambiguous = refusal(several, layer="zones.geojson")
    assert "« nord/zones.geojson », « sud/zones.geojson »" in ambiguous
    assert "carres.shp" not in ambiguous
    assert "« absent.shp »" in refusal(several, layer="absent.shp")


def test_what_a_mac_leaves_in_a_zip_is_no_layer(tmp_path):
    to_shapefile(squares(), tmp_path)
    path = archive(tmp_path / "mac.zip", *shapefile_parts(tmp_path), **{"__MACOSX/._carres.shp": "x"})
    assert codes(path) == ROWS["code_qp"]


def test_a_geojson_in_a_zip_has_no_layer_to_choose(tmp_path):
    path = to_zipped_geojson(squares(), tmp_path)
    assert codes(path, "carres.geojson") == ROWS["code_qp"]
    assert "« nord »" in refusal(path, layer="nord")


def test_a_zip_without_vector_file_is_refused(tmp_path):
    assert "n’est pas un fichier vectoriel" in refusal(archive(tmp_path / "vide.zip"))
    assert "n’est pas un fichier vectoriel" in refusal(archive(tmp_path / "texte.zip", **{"a.txt": "essai"}))


def test_a_damaged_or_locked_zip_is_refused(tmp_path):
    path = to_zipped_geojson(squares(), tmp_path)
    sound, at = path.read_bytes(), path.read_bytes().rfind(b"PK\x01\x02")
    damaged = {
        "content": (len(sound) // 3, 0xFF),
        "directory": (at, 0xFF),
        "password": (6, 0x01),
    }
    for name, (position, bits) in damaged.items():
        content = bytearray(sound)
        content[position] ^= bits
        if name == "password":
            content[at + 8] ^= bits
        path.write_bytes(content)
        assert "n’est pas un fichier vectoriel" in refusal(path), name


# ── Tables ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_without_geometry_is_an_empty_layer(tmp_path):
    path = tmp_path / "table.gpkg"
    pyogrio.write_dataframe(pd.DataFrame(ROWS), path)
    layer = read_layer(path)
    assert len(layer.geometry) == 0
    assert set(layer.fields) >= set(ROWS)


def test_a_parquet_table_without_geometry_is_refused(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame(ROWS).to_parquet(path)
    assert "n’est pas un fichier vectoriel" in refusal(path)


def test_an_empty_cell_is_none_whatever_the_type_of_its_column(tmp_path):
    frame = squares().assign(
        entier=pd.array([86194, None], dtype="Int64"),
        reel=[86194.0, np.nan],
        texte=pd.array(["essai", None], dtype="string"),
        objet=[None, "essai"],
    )
    layer = read_layer(to_parquet(frame, tmp_path))
    assert layer.fields["entier"] == [86194, None]
    assert layer.fields["reel"] == [86194.0, None]
    assert layer.fields["texte"] == ["essai", None]
    assert layer.fields["objet"] == [None, "essai"]


def test_a_shapefile_without_its_table_has_no_field(tmp_path):
    path = to_shapefile(squares(), tmp_path)
    path.with_suffix(".dbf").unlink()
    assert "code_qp" not in read_layer(path).fields


def test_a_shapefile_without_its_index_is_refused(tmp_path):
    path = to_shapefile(squares(), tmp_path)
    alone = tmp_path / "seul.shp"
    shutil.copy(path, alone)
    assert "n’est pas un fichier vectoriel" in refusal(alone)
