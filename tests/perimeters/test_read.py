"""From what a file says to perimeters that can be trusted: columns, systems, precision, and every refusal."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace

import numpy as np
import pytest
import shapely
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from synthetic import MAINLAND, perimeters, square

from qpv_geo import crs
from qpv_geo.errors import PerimeterError
from qpv_geo.perimeters.coverage import EVERYWHERE, NOWHERE, Coverage
from qpv_geo.perimeters.formats import PerimeterLayer, read_geojson
from qpv_geo.perimeters.read import combine, coordinate_precision, file_sha256, insee_codes, normalise
from qpv_geo.perimeters.registry import registry

GENERATION_2015 = registry().generations["qpv-2015"]
GENERATION_2024 = registry().generations["qpv-2024"]
NEAR_POITIERS = (0.30, 46.50)
HERE, THERE = shapely.box(0.30, 46.50, 0.31, 46.51), shapely.box(0.32, 46.50, 0.33, 46.51)


def layer(*shapes, epsg=4326, **fields):
    """A layer in longitude and latitude, or in the system of an EPSG code; None for a file that names none."""
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return PerimeterLayer(geometry, fields, None if epsg is None else CRS(f"EPSG:{epsg}"))


def features(*shapes, generation=GENERATION_2024, prefix=None, epsg=4326, **fields):
    fields = fields or {"code_qp": [f"QN0869{k}N" for k in range(len(shapes))]}
    return normalise(layer(*shapes, epsg=epsg, **fields), name="carres.gpkg", generation=generation, prefix=prefix)


def refusal(*shapes, **how):
    """The one line that says why a file is not to be trusted; it names the file."""
    with pytest.raises(PerimeterError) as refused:
        features(*shapes, **how)
    message = str(refused.value)
    assert message.startswith("« carres.gpkg »")
    assert "\n" not in message
    return message


# ── Columns ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_columns_of_2024_are_understood():
    found = features(
        HERE, THERE,
        code_qp=["QN08699N", "QN08698N"], lib_qp=["Carré d'essai 1", " Carré d'essai 2 "],
        insee_com=["86194; 86214", None], lib_com=["Poitiers,\n Ligugé", float("nan")],
    )  # fmt: skip
    assert found.codes == ("QN08699N", "QN08698N")
    assert found.names == ("Carré d'essai 1", "Carré d'essai 2")
    assert found.insee == ("86194,86214", "")
    assert found.communes == ("Poitiers, Ligugé", "")
    assert found.repaired == 0


def test_the_columns_of_2015_are_understood():
    fields = {"fid": [1], "CODE_QP": ["QP086999"], "NOM_QP": ["Carré d'essai 1"], "COMMUNE_QP": ["Poitiers"]}
    found = features(HERE, generation=GENERATION_2015, **fields)
    assert (found.codes, found.names, found.communes, found.insee) == (
        ("QP086999",), ("Carré d'essai 1",), ("Poitiers",), ("",),
    )  # fmt: skip


def test_a_perimeter_without_a_name_goes_by_its_code():
    assert features(HERE, THERE, code_qp=["QN08699N", "QN08698N"], lib_qp=["", None]).names == ("QN08699N", "QN08698N")


def test_local_zones_without_codes_are_numbered():
    local = {"generation": None, "prefix": "zones-essai"}
    assert features(HERE, THERE, nom=["A", "B"], **local).codes == ("zones-essai-1", "zones-essai-2")
    assert features(HERE, THERE, code=["z", None], **local).codes == ("z", "zones-essai-2")


def test_text_that_cannot_be_printed_is_left_out():
    names = ["\ufeffCarré\x00 d'essai\x1b[31m", "Carré \ud800d'essai"]
    found = features(HERE, THERE, code_qp=["QN08699N\n", "\ufeffQN08698N"], lib_qp=names)
    assert found.codes == ("QN08699N", "QN08698N")
    assert all(name.isprintable() and name.encode() for name in found.names)
    assert all(name.startswith("Carré") for name in found.names)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("02571; 02691", ("02571", "02691")),
        ("86194,86214", ("86194", "86214")),
        ("\ufeff02571", ("02571",)),
        ('="01053"', ("01053",)),
        ('\ufeff="01053";="02691"', ("01053", "02691")),
        ('"01053"', ("01053",)),
        (1053, ("01053",)),
        (1053.0, ("01053",)),
        (np.float64(1053), ("01053",)),
        (np.float32(1053), ("01053",)),
        (np.int64(1053), ("01053",)),
        ("1053", ("01053",)),
        ("1053.0", ("01053",)),
        (86194.0, ("86194",)),
        ("2A004", ("2A004",)),
        ("2a004", ("2A004",)),
        ("97411", ("97411",)),
        (float("nan"), ()),
        (None, ()),
        ("", ()),
        (" ; ,", ()),
    ],
)
def test_insee_codes_are_read_whatever_a_file_did_to_them(value, expected):
    assert insee_codes(value) == expected


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────────────


def endless(value):
    """A polygon one coordinate of which is no number."""
    with np.errstate(invalid="ignore"):
        return shapely.Polygon([(0.30, 46.50), (0.31, 46.50), (0.31, value)])


SWAPPED = shapely.box(46.50, 0.30, 46.51, 0.31)
ABROAD = shapely.box(4.30, 52.00, 4.31, 52.01)
POINT, LINE = shapely.Point(NEAR_POITIERS), shapely.LineString([NEAR_POITIERS, (0.31, 46.51)])


def test_a_file_without_perimeter_or_code_is_refused():
    assert "ne contient aucun périmètre" in refusal(code_qp=[])
    message = refusal(HERE, NOM_QP=["Carré d'essai 1"])
    assert "code_qp" in message
    assert "NOM_QP" in message
    with pytest.raises(PerimeterError, match="colonnes présentes : aucune"):
        normalise(layer(HERE), name="carres.gpkg", generation=GENERATION_2024)
    assert "code_qp" in refusal(HERE, code_qp=[None])
    assert "périmètre n° 2 : code absent" in refusal(HERE, THERE, code_qp=["QN08699N", " "])


def test_the_same_code_twice_is_refused():
    assert "QN08699N" in refusal(HERE, THERE, code_qp=["QN08699N", "QN08699N "])


@pytest.mark.parametrize(
    ("generation", "code"),
    [
        (GENERATION_2024, "QP086999"),
        (GENERATION_2024, "QN086999"),
        (GENERATION_2024, "QN8699N"),
        (GENERATION_2024, "QN08699NN"),
        (GENERATION_2024, "QN2A099N"),
        (GENERATION_2015, "QN08699N"),
        (GENERATION_2015, "QP08699"),
        (GENERATION_2015, "QP0869999"),
    ],
)
def test_a_code_of_another_generation_is_refused(generation, code):
    message = refusal(HERE, generation=generation, code_qp=[code])
    assert code in message
    assert generation.id in message


@pytest.mark.parametrize("code", ["QN08699N", "QN02A99M", "QN02B99I", "QN97499C"])
def test_the_codes_of_every_department_are_accepted(code):
    assert features(HERE, code_qp=[code]).codes == (code,)


def test_a_file_that_names_no_system_is_refused():
    assert "--crs" in refusal(HERE, epsg=None)


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        (None, "absente ou vide"),
        (shapely.Polygon(), "absente ou vide"),
        (shapely.MultiPolygon(), "absente ou vide"),
        (POINT, "de type Point"),
        (LINE, "de type LineString"),
        (shapely.GeometryCollection([HERE, LINE]), "contient aussi LineString"),
        (endless(np.nan), "non finies"),
        (endless(np.inf), "non finies"),
        (shapely.Polygon([(0.30, 46.50), (0.31, 46.50), (0.32, 46.50)]), "sans surface"),
        (shapely.Polygon([(0.30, 46.50), (0.31, 46.51), (0.32, 46.52)]), "sans surface"),
        (SWAPPED, "inversées (longitude 46.50000, latitude 0.30000)"),
        (ABROAD, "hors des territoires français (longitude 4.30000, latitude 52.00000)"),
        (shapely.box(0, 0, 0.01, 0.01), "hors des territoires"),
        (shapely.MultiPolygon([HERE, ABROAD]), "hors des territoires"),
        (shapely.MultiPolygon([HERE, shapely.box(55.4, -21.0, 55.5, -20.9)]), "hors des territoires"),
    ],
)
def test_a_geometry_that_cannot_be_a_perimeter_is_refused_with_its_code(shape, says):
    message = refusal(HERE, shape, code_qp=["QN08699N", "QN08698N"])
    assert says in message
    assert "QN08698N" in message
    assert "QN08699N" not in message


def test_a_line_of_a_projected_system_has_no_area_in_degrees_either():
    line = shapely.Polygon([(500_000, 6_600_000), (500_100, 6_600_100), (500_300, 6_600_300)])
    assert "sans surface" in refusal(line, epsg=2154)


@pytest.mark.parametrize(
    ("epsg", "shape"), [(2154, HERE), (3857, HERE), (2975, HERE), (2154, shapely.box(1e9, 0, 2e9, 9))]
)
def test_coordinates_that_are_not_of_the_system_named_are_refused(epsg, shape):
    assert "vérifiez le système de coordonnées" in refusal(shape, epsg=epsg)


# ── Geometry ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_invalid_perimeter_is_repaired_and_counted():
    bow_tie = shapely.Polygon([(0.30, 46.50), (0.31, 46.51), (0.31, 46.50), (0.30, 46.51)])
    found = features(THERE, bow_tie)
    assert found.repaired == 1
    assert shapely.get_num_geometries(found.geometry).tolist() == [1, 2]
    assert found.geometry[1].area == pytest.approx(0.01 * 0.01 / 2)


@pytest.mark.parametrize("territory", crs.TERRITORIES, ids=lambda territory: territory.id)
def test_the_legal_system_of_every_territory_comes_back_as_degrees(territory):
    lon, lat = (territory.bounds[0] + territory.bounds[2]) / 2, (territory.bounds[1] + territory.bounds[3]) / 2
    shape = shapely.box(lon, lat, lon + 0.01, lat + 0.01)
    found = features(crs.project(shape, territory), epsg=territory.epsg)
    assert shapely.hausdorff_distance(found.geometry[0], shape) < 1e-8  # a millimetre, in degrees


cell = st.tuples(st.integers(0, 5), st.integers(0, 5))
unit = st.floats(0.1, 0.9, allow_nan=False)


@st.composite
def holed_multipolygons(draw):
    """Squares apart from one another, each with up to four holes apart from one another."""
    parts = []
    for x, y in draw(st.lists(cell, min_size=1, max_size=6, unique=True)):
        low, size = draw(unit) * 1e-4, 8e-4 + draw(unit) * 1e-4
        holes = [
            shapely.box(*(low + 1e-4 + 3.5e-4 * column + offset * 1e-4, low + 1e-4 + 3.5e-4 * row),
                        *(low + 3e-4 + 3.5e-4 * column, low + (1.5 + offset) * 1e-4 + 3.5e-4 * row))
            for column, row in draw(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=4, unique=True))
            for offset in [draw(unit)]
        ]  # fmt: skip
        shell = shapely.box(low, low, low + size, low + size)
        whole = shapely.Polygon(shell.exterior, [hole.exterior for hole in holes])
        parts.append(
            shapely.transform(whole, lambda points, x=x, y=y: np.add(points, (0.3 + x * 1e-3, 46.5 + y * 1e-3)))
        )
    return shapely.MultiPolygon(parts)


@examples(25, of=100)
@given(shapes=st.lists(holed_multipolygons(), min_size=1, max_size=3))
def test_every_part_and_every_hole_survives_to_the_last_bit(shapes):
    assert all(shape.is_valid for shape in shapes)
    document = {
        "type": "FeatureCollection",
        "features": [
            {"properties": {"code_qp": f"QN0869{k}N"}, "geometry": json.loads(shapely.to_geojson(shape))}
            for k, shape in enumerate(shapes)
        ],
    }
    read = read_geojson(json.dumps(document).encode(), name="carres.geojson")
    found = normalise(read, name="carres.geojson", generation=GENERATION_2024)
    assert found.repaired == 0
    assert [shape.wkb for shape in found.geometry] == [shape.wkb for shape in shapes]


def test_the_national_perimeters_are_all_there(national):
    assert len(set(national.codes)) == 1584
    assert shapely.is_valid(national.geometry).all()
    lon, lat = shapely.bounds(national.geometry).T[:2]
    territory = crs.territory_index(lon=lon, lat=lat)
    assert int((territory == 0).sum()) == 1362
    assert (territory >= 0).all()
    assert sum("," in insee for insee in national.insee) == 149


# ── Precision ────────────────────────────────────────────────────────────────────────────────────────────────


def rounded(decimals, epsg=None):
    """A thousand points of an invented outline, rounded."""
    rng = np.random.default_rng(2024)
    points = rng.uniform(-0.01, 0.01, (1000, 2)) + NEAR_POITIERS
    if epsg is not None:
        points = np.array(crs.project_points(lon=points[:, 0], lat=points[:, 1], territory=MAINLAND)).T
    return np.array([shapely.Polygon(np.round(points, decimals))], dtype=object)


@pytest.mark.parametrize(
    ("decimals", "low", "high"),
    [(3, 60, 80), (4, 6, 8), (5, 0.6, 0.8), (6, 0.1, 0.1), (7, 0.1, 0.1), (17, 0.1, 0.1)],
)
def test_the_precision_of_degrees_is_half_a_step_of_their_rounding(decimals, low, high):
    assert low <= coordinate_precision(rounded(decimals), geographic=True) <= high


@pytest.mark.parametrize(("decimals", "precision_m"), [(-2, 0.5), (-1, 0.5), (0, 0.5), (1, 0.1), (2, 0.1), (9, 0.1)])
def test_the_precision_of_metres_is_half_a_step_of_their_rounding(decimals, precision_m):
    assert coordinate_precision(rounded(decimals, 2154), geographic=False) == precision_m


def test_no_point_moved_further_by_rounding_than_the_precision_says():
    rng = np.random.default_rng(86)
    exact = rng.uniform(-0.01, 0.01, (5000, 2)) + NEAR_POITIERS
    moved = np.round(exact, 4)
    before = np.array(crs.project_points(lon=exact[:, 0], lat=exact[:, 1], territory=MAINLAND))
    after = np.array(crs.project_points(lon=moved[:, 0], lat=moved[:, 1], territory=MAINLAND))
    furthest = np.hypot(*(after - before)).max()
    precision_m = coordinate_precision(np.array([shapely.Polygon(moved)], dtype=object), geographic=True)
    assert 0.9 * precision_m < furthest <= precision_m


def test_the_precision_of_published_files(national, loos_2015):
    assert 6 <= national.dataset.precision_m <= 8
    assert loos_2015.dataset.precision_m == 0.1


# ── Sets ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_set_is_a_frame_in_degrees():
    one = perimeters(square(0, 0, 900), square(2000, 0, 500), kind="municipal_zone", generation=None)
    frame = one.frame
    assert list(frame.columns) == ["code_qp", "lib_qp", "insee_com", "kind", "geometry"]
    assert frame.crs.to_epsg() == 4326
    assert len(frame) == len(one) == 2
    assert set(frame.kind) == {"municipal_zone"} == set(one.kinds)
    assert frame.geometry.to_crs(2154).area.tolist() == pytest.approx([900**2, 500**2], rel=1e-6)


def one_square(code, kind="qpv", **how):
    """A set of one square of that kind."""
    return replace(perimeters(square(0, 0, 900), kind=kind, name=f"jeu-{code}", **how), codes=(code,))


NEAR, FAR = Coverage(shapely.box(0.0, 46.0, 1.0, 47.0)), Coverage(shapely.box(0.5, 46.5, 1.5, 47.5))


def test_a_set_alone_is_itself():
    one = one_square("A")
    assert combine((one,)) is one


def test_sets_put_together_keep_every_perimeter_with_its_kind_under_the_first_dataset():
    sets = (one_square("A", precision_m=0.1), one_square("B", precision_m=2.0), one_square("A", "watch_area"))
    whole = combine(sets)
    assert whole.codes == ("A", "B", "A")
    assert whole.kinds == tuple(whole.frame.kind) == ("qpv", "qpv", "watch_area")
    assert len(whole) == len(whole.names) == len(whole.insee) == len(whole.communes) == len(whole.geometry) == 3
    assert whole.dataset == replace(sets[0].dataset, precision_m=2.0)  # the coarsest


def test_a_perimeter_held_twice_is_taken_from_the_first_set():
    first, second = one_square("A"), replace(one_square("A"), names=("autre",))
    assert combine((first, second)).names == first.names
    assert combine((second, first)).names == ("autre",)


def test_sets_of_one_kind_are_complete_where_one_of_them_is():
    both = combine((one_square("A", coverage=NEAR), one_square("B", coverage=FAR))).coverage
    assert both.area.equals(NEAR.area.union(FAR.area))
    assert combine((one_square("A", coverage=NEAR), one_square("B", coverage=NOWHERE))).coverage.area.equals(NEAR.area)
    assert combine((one_square("A", coverage=NOWHERE), one_square("B", coverage=EVERYWHERE))).coverage.everywhere


def test_sets_of_two_kinds_are_complete_where_both_are():
    both = combine((one_square("A", coverage=NEAR), one_square("B", "watch_area", coverage=FAR))).coverage
    assert both.area.equals(shapely.box(0.5, 46.5, 1.0, 47.0))
    zones = one_square("B", "watch_area", coverage=NOWHERE)
    assert combine((one_square("A", coverage=EVERYWHERE), zones)).coverage.kind == "none"


# ── Hashes ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_has_the_hash_that_sha256sum_gives(tmp_path):
    content = os.urandom(3_000_000)  # more than one block
    (tmp_path / "carres.gpkg").write_bytes(content)
    assert file_sha256(tmp_path / "carres.gpkg") == hashlib.sha256(content).hexdigest()


def test_every_part_of_a_shapefile_counts_in_its_hash_and_nothing_else(tmp_path):
    path = tmp_path / "carres [2024].shp"
    parts = {suffix: suffix.encode() for suffix in (".cpg", ".dbf", ".prj", ".shp", ".shx")}
    for suffix, content in parts.items():
        path.with_suffix(suffix).write_bytes(content)
    whole = file_sha256(path)
    assert whole == hashlib.sha256(b"".join(parts.values())).hexdigest()
    for name in ("carres [2024].geojson", "carres [2024].qix", "carres 2.dbf", "autres.prj"):
        (tmp_path / name).write_bytes(b"autre chose")
    assert file_sha256(path) == whole
    for suffix, content in parts.items():
        path.with_suffix(suffix).write_bytes(b"change")
        assert file_sha256(path) != whole
        path.with_suffix(suffix).write_bytes(content)
