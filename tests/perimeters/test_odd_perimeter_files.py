"""Files as GIS programs and people really write them: read rightly, or refused in one line that says what to do."""

from __future__ import annotations

import gzip
import json
import sqlite3
import struct
import zipfile

import geopandas as gpd
import pytest
import shapely

from qpv_geo.cli import main
from qpv_geo.eligibility.location import read_site
from qpv_geo.errors import FormatError, InputError, PerimeterError, SiteError
from qpv_geo.perimeters.coverage import coverage_from_option
from qpv_geo.perimeters.formats import UNPACKED_BYTES, read_layer
from qpv_geo.perimeters.importing import ImportOptions, read_file
from qpv_geo.perimeters.registry import registry

WEST, EAST = shapely.box(0.300, 46.500, 0.305, 46.505), shapely.box(0.310, 46.500, 0.315, 46.505)
LINE = shapely.LineString([(0.300, 46.500), (0.315, 46.505)])
CODES, NAMES = ["QN08699N", "QN08698N"], ["Carré d’été", "Œuvre"]
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def frame(*geometry, names=NAMES):
    geometry = geometry or (WEST, EAST)
    return gpd.GeoDataFrame({"code_qp": CODES[: len(geometry)], "lib_qp": names}, geometry=list(geometry), crs=4326)


def geojson(path, *geometry, encoding="utf-8", **members):
    features = [
        {
            "type": "Feature",
            "properties": {"code_qp": code, "lib_qp": name},
            "geometry": None if one is None else shapely.geometry.mapping(one),
        }
        for code, name, one in zip(CODES, NAMES, geometry, strict=False)
    ]
    document = {"type": "FeatureCollection", "features": features, **members}
    path.write_bytes(json.dumps(document, ensure_ascii=False).encode(encoding))
    return path


def shapefile(folder, *, text, cpg, names=NAMES, stem="carres"):
    """A Shapefile whose text is in an encoding and whose ``.cpg`` names another, or which has none."""
    path = folder / f"{stem}.shp"
    frame(names=names).to_file(path, driver="ESRI Shapefile", encoding=text)
    if cpg is None:
        path.with_suffix(".cpg").unlink()
    else:
        path.with_suffix(".cpg").write_text(cpg)
    return path


def zipped(path, folder, stem="carres", inside="", suffixes=PARTS):
    with zipfile.ZipFile(path, "w") as archive:
        for suffix in suffixes:
            archive.write(folder / f"{stem}{suffix}", f"{inside}{stem}{suffix}")
    return path


def imported(path, **options):
    return read_file(path, ImportOptions(**options), registry())


def refusal(error, read, path, **options):
    with pytest.raises(error) as refused:
        read(path, **options)
    message = str(refused.value)
    assert path.name in message
    assert "\n" not in message
    return message


# ── The encoding of names ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "cpg"),
    [
        ("UTF-8", None),
        ("UTF-8", "UTF-8"),
        ("UTF-8", "65001"),
        ("UTF-8", "ISO-8859-1"),
        ("UTF-8", "1252"),
        ("UTF-8", "charabia"),
        ("CP1252", None),
        ("CP1252", "1252"),
        ("CP1252", "ANSI 1252"),
        ("CP1252", "ISO-8859-1"),
        ("CP1252", "88591"),
    ],
)
@pytest.mark.parametrize("within_a_zip", [False, True])
def test_names_are_read_whatever_the_cpg_says(tmp_path, text, cpg, within_a_zip):
    path = shapefile(tmp_path, text=text, cpg=cpg)
    if within_a_zip:
        parts = [suffix for suffix in PARTS if path.with_suffix(suffix).exists()]
        path = zipped(tmp_path / "carres.zip", tmp_path, inside="Données/", suffixes=parts)
    assert imported(path).names == tuple(NAMES)


@pytest.mark.parametrize(("text", "cpg"), [("ISO-8859-15", "ISO-8859-15"), ("CP850", "850")])
def test_another_encoding_is_the_one_that_is_declared(tmp_path, text, cpg):
    names = ["Carré d'été", "Îlot n° 2"]
    assert imported(shapefile(tmp_path, text=text, cpg=cpg, names=names)).names == tuple(names)


def test_text_without_accent_needs_no_encoding(tmp_path):
    names = ["Carre", "Ilot"]
    assert imported(shapefile(tmp_path, text="UTF-8", cpg="UTF-8", names=names)).names == tuple(names)


def test_the_encoding_that_is_asked_for_wins(tmp_path):
    path = shapefile(tmp_path, text="CP1252", cpg="UTF-8")
    assert "n’est pas en UTF-8" in refusal(FormatError, imported, path)
    assert imported(path, encoding="cp1252").names == tuple(NAMES)
    assert imported(shapefile(tmp_path, text="UTF-8", cpg="UTF-8"), encoding="cp1252").names[0] == "CarrÃ© dâ€™Ã©tÃ©"
    latin = geojson(tmp_path / "latin.geojson", WEST, encoding="cp1252")
    assert "n’est pas en UTF-8" in refusal(FormatError, imported, latin)
    assert imported(latin, encoding="cp1252").names == (NAMES[0],)


def test_an_unknown_encoding_is_refused_with_its_name(tmp_path):
    with pytest.raises(InputError, match="encodage inconnu : « charabia »"):
        imported(shapefile(tmp_path, text="UTF-8", cpg=None), encoding="charabia")


def test_the_command_takes_an_encoding(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QPV_GEO_HOME", str(tmp_path / "home"))
    path = str(shapefile(tmp_path, text="CP1252", cpg="UTF-8"))
    assert main(["perimeters", "import", path]) == 2
    assert "--encoding" in capsys.readouterr().err
    assert main(["perimeters", "import", path, "--encoding", "cp1252"]) == 0
    capsys.readouterr()
    assert main(["perimeters", "show", CODES[1]]) == 0
    assert "Œuvre" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_geojson_in_any_unicode_is_read(tmp_path, encoding):
    assert imported(geojson(tmp_path / "carres.geojson", WEST, EAST, encoding=encoding)).names == tuple(NAMES)


# ── Geometries ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("levels", [1, 3])
def test_a_collection_of_one_polygon_is_that_polygon(tmp_path, levels):
    nested = WEST
    for _ in range(levels):
        nested = shapely.GeometryCollection([nested])
    found = imported(geojson(tmp_path / "carres.geojson", nested, EAST))
    assert found.geometry[0].geom_type == "Polygon"
    assert found.geometry[0].equals(WEST)


def test_a_collection_of_polygons_is_the_ground_of_all(tmp_path):
    apart = imported(geojson(tmp_path / "a.geojson", shapely.GeometryCollection([WEST, EAST]))).geometry[0]
    assert apart.geom_type == "MultiPolygon"
    assert apart.equals(WEST.union(EAST))
    half = shapely.box(0.3025, 46.500, 0.3075, 46.505)
    over = imported(geojson(tmp_path / "b.geojson", shapely.GeometryCollection([WEST, half]))).geometry[0]
    assert over.equals(WEST.union(half))
    zone = coverage_from_option(str(tmp_path / "a.geojson"))
    assert zone.area.equals(WEST.union(EAST))


def test_a_collection_with_a_line_is_refused_by_its_code(tmp_path):
    path = geojson(tmp_path / "carres.geojson", WEST, shapely.GeometryCollection([EAST, LINE, LINE.centroid]))
    message = refusal(PerimeterError, imported, path)
    assert CODES[1] in message
    assert "LineString, Point" in message


@pytest.mark.parametrize("nothing", [None, shapely.Polygon(), shapely.GeometryCollection()])
def test_an_element_without_geometry_is_named(tmp_path, nothing):
    path = geojson(tmp_path / "carres.geojson", WEST, nothing)
    message = refusal(SiteError, read_site, path)
    assert "élément n° 2 (« Œuvre »)" in message
    assert "retirez cet élément" in message
    message = refusal(PerimeterError, imported, path)
    assert CODES[1] in message
    assert "retirez ce périmètre" in message


def test_an_element_without_name_has_its_number(tmp_path):
    path = tmp_path / "site.geojson"
    parts = [{"type": "Feature", "properties": None, "geometry": one} for one in (None, shapely.geometry.mapping(WEST))]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": parts}))
    assert "élément n° 1 :" in refusal(SiteError, read_site, path)


def test_heights_are_left_out(tmp_path):
    frame(shapely.force_3d(WEST, 12.0), EAST).to_file(tmp_path / "carres.shp")
    frame(shapely.force_3d(WEST, 12.0), EAST).to_file(tmp_path / "carres.gpkg")
    for name in ("carres.shp", "carres.gpkg"):
        found = imported(tmp_path / name).geometry[0]
        assert not found.has_z
        assert found.equals(WEST)


def geopackage_of(path, wkb, kind):
    """A GeoPackage of one perimeter, in a geometry that the usual writers do not make."""
    frame(WEST, names=NAMES[:1]).to_file(path, layer="carres", geometry_type="Unknown")
    with sqlite3.connect(path) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        blob = b"GP\x00\x01" + struct.pack("<i", 4326) + wkb
        connection.execute("UPDATE carres SET geom = ?", (blob,))
        connection.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = ?", (kind,))
    connection.close()
    return path


@pytest.mark.parametrize(("kind", "numbers"), [(2003, 3), (3003, 4)], ids=["M", "ZM"])
def test_measures_are_left_out(tmp_path, kind, numbers):
    corners = [value for x, y in shapely.get_coordinates(WEST) for value in (x, y, *[7.0] * (numbers - 2))]
    wkb = struct.pack(f"<BIII{len(corners)}d", 1, kind, 1, 5, *corners)
    found = imported(geopackage_of(tmp_path / "carres.gpkg", wkb, "GEOMETRY")).geometry[0]
    assert found.equals(WEST)
    assert shapely.get_coordinate_dimension(found) == 2


def test_a_curve_is_read_as_the_polygon_it_draws(tmp_path):
    """A circle of 0.002 degree, in two arcs: GDAL draws it with a vertex every 4 degrees of arc."""
    circle = [0.300, 46.502, 0.302, 46.504, 0.304, 46.502, 0.302, 46.500, 0.300, 46.502]
    wkb = struct.pack("<BIIBII10d", 1, 10, 1, 1, 8, 5, *circle)
    found = imported(geopackage_of(tmp_path / "carres.gpkg", wkb, "GEOMETRY")).geometry[0]
    assert found.geom_type == "Polygon"
    disc = shapely.Point(0.302, 46.502).buffer(0.002, quad_segs=200)
    assert found.symmetric_difference(disc).area < 0.002 * disc.area


# ── Archives ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_capital_extensions_deep_in_a_zip_are_read(tmp_path):
    shapefile(tmp_path, text="UTF-8", cpg="ISO-8859-1")
    for suffix in PARTS:
        (tmp_path / f"carres{suffix}").rename(tmp_path / f"CARRES{suffix.upper()}")
    suffixes = [suffix.upper() for suffix in PARTS]
    path = zipped(tmp_path / "TOUT.ZIP", tmp_path, stem="CARRES", inside="Données/a/b/", suffixes=suffixes)
    assert imported(path).names == tuple(NAMES)
    assert imported(tmp_path / "CARRES.SHP").names == tuple(NAMES)


def test_a_member_is_chosen_without_its_extension(tmp_path):
    path = tmp_path / "tout.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for stem in ("nord", "sud"):
            shapefile(tmp_path, text="UTF-8", cpg=None, stem=stem)
            for suffix in PARTS[:-1]:
                archive.write(tmp_path / f"{stem}{suffix}", f"{stem}{suffix}")
    assert "« nord.shp », « sud.shp »" in refusal(FormatError, imported, path)
    assert imported(path, layer="sud").names == tuple(NAMES)


def blank_geojson(size):
    return b'{"type": "FeatureCollection", "features": []' + b" " * size + b"}"


@pytest.mark.parametrize("name", ["carres.geojson.gz", "carres.zip"])
def test_what_unpacks_to_too_much_is_refused(tmp_path, name):
    path = tmp_path / name
    content = blank_geojson(3_000_000)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("carres.geojson", content)
    assert len(path.read_bytes()) < 10_000
    assert "dépasse 2 Mo une fois décompressé" in refusal(FormatError, read_layer, path, limit=2_000_000)
    assert not len(read_layer(path).geometry)
    assert UNPACKED_BYTES == 500_000_000


def test_a_zipped_shapefile_that_unpacks_to_too_much_is_refused(tmp_path):
    shapefile(tmp_path, text="UTF-8", cpg="UTF-8")
    path = zipped(tmp_path / "carres.zip", tmp_path)
    size = sum((tmp_path / f"carres{suffix}").stat().st_size for suffix in PARTS)
    assert "une fois décompressé" in refusal(FormatError, read_layer, path, limit=size - 1)
    assert len(read_layer(path, limit=size).geometry) == 2


# ── Codes and systems ────────────────────────────────────────────────────────────────────────────────────────


def test_metres_in_a_file_of_degrees_are_refused(tmp_path):
    lambert = shapely.box(500_000, 6_600_000, 500_400, 6_600_400)
    message = refusal(PerimeterError, imported, geojson(tmp_path / "carres.geojson", lambert))
    assert "vérifiez le système de coordonnées" in message
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    placed = imported(geojson(tmp_path / "dit.geojson", lambert, crs=member)).geometry[0]
    assert shapely.box(0.3, 46.4, 0.5, 46.6).covers(placed)
