"""A user's file, in any format and system, under either generation's names or their own, and what is refused of it."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import date
from itertools import product

import geopandas as gpd
import numpy as np
import pytest
import shapely
from examples import some_pairs
from synthetic import MAINLAND, degrees, square

from qpv_geo import crs
from qpv_geo.errors import FormatError, InputError, PerimeterError
from qpv_geo.messages.typography import quoted
from qpv_geo.model import Kind
from qpv_geo.perimeters.coverage import EVERYWHERE, NOWHERE, coverage_from_option
from qpv_geo.perimeters.importing import ImportOptions, read_file
from qpv_geo.perimeters.registry import registry

REUNION = crs.TERRITORIES[3]
KNOWN = registry()
OF_TWO = replace(KNOWN, generations={key: replace(one, count=2) for key, one in KNOWN.generations.items()})
"""A registry whose generations are made of two perimeters, so that a file of two is complete."""

SQUARES = degrees(np.array([square(0, 0, 900).difference(square(300, 300, 300)), square(2000, 0, 500)], dtype=object))
SQUARES_OVERSEAS = crs.unproject(
    np.array(
        [shapely.box(340_000, 7_685_000, 340_700, 7_685_300), shapely.box(342_000, 7_685_000, 342_400, 7_685_400)]
    ),
    REUNION,
)
NAMES = ["Carré d'essai 1", "Carré d'essai 2"]
FIELDS = {
    "qpv-2024": {
        "code_qp": ["QN08699N", "QN08698N"], "lib_qp": NAMES,
        "insee_com": ["86194,86214", "86041"], "lib_com": ["Poitiers,Saint-Benoît", "Buxerolles"],
    },
    "qpv-2015": {
        "CODE_QP": ["QP086999", "QP086998"], "NOM_QP": NAMES, "COMMUNE_QP": ["Poitiers, Saint-Benoît", "Buxerolles"],
    },
}  # fmt: skip
ZONES = {"id": "zones-essai", "kind": "municipal_zone"}


def squares(generation="qpv-2024", territory=MAINLAND):
    shapes = SQUARES if territory is MAINLAND else SQUARES_OVERSEAS
    return gpd.GeoDataFrame(FIELDS[generation], geometry=list(shapes), crs=4326)


def geojson(frame):
    rows = frame.drop(columns="geometry").to_dict("records")
    features = [
        {"type": "Feature", "properties": row, "geometry": json.loads(shapely.to_geojson(one) or "null")}
        for row, one in zip(rows, frame.geometry, strict=True)
    ]
    named = {"crs": {"type": "name", "properties": {"name": frame.crs.to_string()}}}
    return json.dumps({"type": "FeatureCollection", **named, "features": features}, ensure_ascii=False).encode()


def write(frame, path):
    """Write a frame in the format that the name of the file tells."""
    name = path.name
    if name.endswith(".geojson"):
        path.write_bytes(geojson(frame))
    elif name.endswith(".gz"):
        path.write_bytes(gzip.compress(geojson(frame)))
    elif name.endswith(".parquet"):
        frame.to_parquet(path)
    elif name.endswith(".zip"):
        write(frame, path.with_suffix(".shp"))
        with zipfile.ZipFile(path, "w") as archive:
            for part in path.parent.glob(f"{path.stem}.*"):
                if part != path:
                    archive.write(part, part.name)
    else:
        frame.to_file(path)
    return path


@pytest.fixture
def imported(tmp_path):
    """Write a frame to a file and read that as a user does."""

    def run(frame=None, name="carres.geojson", known=KNOWN, **options):
        path = write(squares() if frame is None else frame, tmp_path / name)
        return read_file(path, ImportOptions(**options), known)

    return run


@pytest.fixture
def refusal(imported):
    """The one line that says why a file is refused, and its kind of error."""

    def run(*says, error=PerimeterError, **how):
        with pytest.raises(error) as refused:
            imported(**how)
        message = str(refused.value)
        assert "\n" not in message
        for text in says:
            assert text in message
        return message

    return run


# ── Formats, systems and names ───────────────────────────────────────────────────────────────────────────────


SUFFIXES = ["geojson", "geojson.gz", "gpkg", "shp", "zip", "parquet", "fgb"]
SYSTEMS = [(MAINLAND, 4326), (MAINLAND, 2154), (MAINLAND, 3857), (REUNION, 2975)]


@pytest.mark.more
@pytest.mark.parametrize(
    ("suffix", "asked"),
    some_pairs(SUFFIXES, list(product(["qpv-2015", "qpv-2024"], SYSTEMS))),
    ids=lambda one: one if isinstance(one, str) else f"{one[0]}-{one[1][1]}",
)
def test_the_same_perimeters_come_out_of_every_file(imported, suffix, asked):
    generation, (territory, epsg) = asked
    frame = squares(generation, territory)
    found = imported(frame.to_crs(epsg), f"carres.{suffix}")
    assert found.dataset.generation == found.dataset.id == generation
    order = np.argsort(found.codes)[::-1]  # a FlatGeobuf is written in an order of its own
    assert [found.codes[row] for row in order] == list(frame.iloc[:, 0])
    assert [found.names[row] for row in order] == NAMES
    assert found.communes[order[1]] == "Buxerolles"
    assert found.insee[order[0]] == ("86194,86214" if generation == "qpv-2024" else "")
    both = [crs.project(shapes, territory) for shapes in (found.geometry[order], np.array(frame.geometry))]
    assert (shapely.hausdorff_distance(*both) < 0.01).all()  # a centimetre
    assert shapely.area(both[0]) == pytest.approx(shapely.area(both[1]), rel=1e-4)


def test_a_dataset_says_where_it_comes_from(imported, tmp_path):
    dataset = imported(name="carres.gpkg", edition="2024-06-27", licence="Licence Ouverte 2.0").dataset
    assert dataset.sha256 == hashlib.sha256((tmp_path / "carres.gpkg").read_bytes()).hexdigest()
    assert dataset.source == "carres.gpkg"
    assert "QPV 2024" in dataset.title
    assert "carres.gpkg" in dataset.title
    assert (dataset.edition, dataset.licence, dataset.count) == ("2024-06-27", "Licence Ouverte 2.0", 2)
    assert (dataset.kind, dataset.valid_from, dataset.valid_to) == ("qpv", None, None)
    assert imported(source="Ville d'essai").dataset.source == "Ville d'essai"


def test_the_codes_tell_the_generation_even_where_the_first_are_untidy(imported):
    assert imported(squares().assign(code_qp=[" QN08699N\n", "QN08698N"])).codes == ("QN08699N", "QN08698N")


def test_the_generation_may_be_named(imported):
    assert imported(id="qpv-2024").dataset.generation == "qpv-2024"
    assert imported(squares("qpv-2015"), id="qpv-2015").dataset.generation == "qpv-2015"


# ── Coverage and precision ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("generation", ["qpv-2015", "qpv-2024"])
def test_a_file_of_the_official_number_is_complete_everywhere(imported, generation):
    assert imported(squares(generation), known=OF_TWO).coverage.kind == "all"
    assert imported(squares(generation).iloc[:1], known=OF_TWO).coverage.kind == "none"
    assert imported(squares(generation)).coverage.kind == "none"  # 2 of 1,514 or 1,584


def test_a_file_of_more_than_the_official_number_is_not_trusted_to_be_complete(imported):
    of_one = replace(KNOWN, generations={key: replace(one, count=1) for key, one in KNOWN.generations.items()})
    assert imported(known=of_one).coverage.kind == "none"


def test_what_is_said_of_the_coverage_goes_before_what_is_guessed(imported):
    box = coverage_from_option("0.25,46.40,0.48,46.66")
    assert imported(known=OF_TWO, coverage=NOWHERE).coverage.kind == "none"
    assert imported(coverage=EVERYWHERE).coverage.kind == "all"
    assert imported(coverage=box).coverage.area.equals(shapely.box(0.25, 46.40, 0.48, 46.66))


def test_local_zones_are_never_complete_unless_said(imported):
    assert imported(known=OF_TWO, **ZONES).coverage.kind == "none"
    assert imported(coverage=EVERYWHERE, **ZONES).coverage.kind == "all"


def test_the_national_file_is_complete_everywhere(national):
    assert national.coverage.kind == "all"
    assert (national.dataset.id, national.dataset.generation, national.dataset.count) == ("qpv-2024", "qpv-2024", 1584)


def test_the_perimeters_of_one_metropolis_are_complete_nowhere(shared):
    found = read_file(shared / "boundaries/qpv-2015-mel.geojson", ImportOptions(), KNOWN)
    assert (found.dataset.id, found.dataset.count, found.coverage.kind) == ("qpv-2015", 26, "none")
    row = found.codes.index("QP059077")
    assert (found.names[row], found.communes[row]) == ("Les Oliveaux", "Loos")


def rounded(decimals, epsg=4326):
    frame = squares().to_crs(epsg)
    return frame.set_geometry(shapely.transform(np.array(frame.geometry), lambda points: np.round(points, decimals)))


@pytest.mark.parametrize(
    ("decimals", "epsg", "low", "high"),
    [(4, 4326, 6, 8), (6, 4326, 0.1, 0.1), (0, 2154, 0.5, 0.5), (12, 4326, 0.1, 0.1)],
)
def test_the_precision_is_read_from_the_rounding_unless_said(imported, decimals, epsg, low, high):
    frame = rounded(decimals, epsg)
    assert low <= imported(frame).dataset.precision_m <= high
    for precision_m in (0, 2.5, 1000):
        assert imported(frame, precision_m=precision_m).dataset.precision_m == precision_m


@pytest.mark.parametrize("precision_m", [-0.1, 1000.1, float("nan"), float("inf")])
def test_a_precision_beyond_reason_is_refused(refusal, precision_m):
    refusal(f"précision invalide : « {precision_m} »", error=InputError, precision_m=precision_m)


# ── Local zones ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [Kind.MUNICIPAL_ZONE, Kind.WATCH_AREA, "poche_de_pauvrete"])
def test_local_zones_have_an_id_a_kind_and_days_of_their_own(imported, kind):
    days = {"valid_from": date(2024, 1, 1), "valid_to": date(2024, 12, 31)}
    frame = squares().drop(columns=["code_qp", "lib_qp"]).assign(nom=NAMES)
    found = imported(frame, id="zones-essai", kind=kind, **days)
    dataset = found.dataset
    assert (dataset.id, dataset.generation, dataset.kind) == ("zones-essai", None, str(kind))
    assert (dataset.valid_from, dataset.valid_to) == (days["valid_from"], days["valid_to"])
    assert found.codes == ("zones-essai-1", "zones-essai-2")
    assert found.names == tuple(NAMES)
    assert set(found.frame.kind) == {str(kind)}


def test_local_zones_keep_their_codes_whatever_these_look_like(imported):
    assert imported(squares().assign(code_qp=["A1", "QP086999"]), **ZONES).codes == ("A1", "QP086999")


def test_local_zones_without_an_id_take_the_name_of_the_file(imported):
    assert imported(name="Zones-Essai.geojson", kind="municipal_zone").dataset.id == "zones-essai"


def test_a_single_day_of_validity_is_one(imported):
    day = date(2024, 6, 1)
    assert imported(valid_from=day, valid_to=day, **ZONES).dataset.valid_to == day


# ── Contradictions ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name", ["Zones", "zones essai", "../zones", "zones/essai", "", "-zones", ".zones", "zonés", "z" * 65, "zones\n"]
)
def test_an_id_that_could_not_name_a_file_is_refused(refusal, name):
    refusal(quoted(name), error=InputError, id=name, kind="municipal_zone")


def test_a_file_name_that_could_not_be_an_id_is_refused(refusal):
    refusal("zones d'essai [1]", error=InputError, name="Zones d'essai [1].geojson", kind="municipal_zone")


def test_local_zones_never_take_the_place_of_a_generation(refusal):
    refusal("qpv-2024", "municipal_zone", error=InputError, id="qpv-2024", kind="municipal_zone")
    refusal("qpv-2024", "municipal_zone", error=InputError, name="qpv-2024.geojson", kind="municipal_zone")


@pytest.mark.parametrize("name", ["qpv-2030", "qpv-2024-poitiers-loos", "qpv-"])
def test_the_ids_of_the_project_are_its_own(refusal, name):
    refusal(quoted(name), error=InputError, id=name, kind="municipal_zone")


@pytest.mark.parametrize("kind", ["Municipal_Zone", " municipal_zone "])
def test_a_kind_is_the_same_in_any_case(imported, kind):
    assert imported(id="zones-essai", kind=kind).dataset.kind == "municipal_zone"
    assert imported(kind="QPV").dataset.generation == "qpv-2024"


def test_an_id_of_one_s_own_needs_a_kind(refusal):
    refusal("« zones-essai »", "--kind", error=InputError, id="zones-essai")


def test_the_days_of_a_generation_are_those_of_the_law(refusal):
    for days in ({"valid_from": date(2024, 1, 1)}, {"valid_to": date(2024, 12, 31)}):
        refusal("qpv-2024", "décret", error=InputError, **days)


def test_days_the_wrong_way_round_are_refused(refusal):
    days = {"valid_from": date(2024, 12, 31), "valid_to": date(2024, 1, 1)}
    refusal("31/12/2024", "01/01/2024", error=InputError, **days, **ZONES)


# ── Systems ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def without_prj(tmp_path):
    path = write(squares().to_crs(2154), tmp_path / "carres.shp")
    path.with_suffix(".prj").unlink()
    return path


def test_a_shapefile_without_prj_needs_to_be_told_its_system(without_prj):
    with pytest.raises(PerimeterError, match=r"carres\.shp » n’indique pas son système .* --crs EPSG:2154"):
        read_file(without_prj, ImportOptions(), KNOWN)
    found = read_file(without_prj, ImportOptions(crs="EPSG:2154"), KNOWN)
    assert (shapely.hausdorff_distance(found.geometry, np.array(SQUARES)) < 1e-8).all()  # a millimetre, in degrees


def test_the_wrong_system_puts_the_perimeters_abroad_and_is_refused(without_prj):
    for wrong in ("EPSG:4326", "EPSG:2975"):
        with pytest.raises(PerimeterError, match="hors des territoires français"):
            read_file(without_prj, ImportOptions(crs=wrong), KNOWN)


@pytest.mark.parametrize("name", ["EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84", "epsg:4326"])
def test_the_system_that_the_file_names_may_be_said_again(imported, name):
    assert len(imported(crs=name)) == 2


def test_a_prj_as_other_software_writes_it_is_that_system(tmp_path):
    path = write(squares().to_crs(2154), tmp_path / "carres.shp")
    text = path.with_suffix(".prj").read_text()
    assert "AUTHORITY" not in text  # nothing in it says 2154
    assert len(read_file(path, ImportOptions(crs="EPSG:2154"), KNOWN)) == 2


def test_a_system_that_contradicts_the_file_is_refused(refusal):
    refusal("EPSG:2154", "WGS 84", error=InputError, crs="EPSG:2154")


@pytest.mark.parametrize("text", ["", "Lambert", "EPSG:0", "2154 ou 3857", 'LOCAL_CS["plan"]', "EPSG:5720"])
def test_a_system_that_is_none_is_refused(refusal, text):
    refusal(quoted(text), error=InputError, crs=text)


# ── Files that cannot be trusted ─────────────────────────────────────────────────────────────────────────────


def shaped(shape):
    """The frame with its second geometry replaced."""
    frame = squares()
    frame.loc[1, "geometry"] = shape
    return frame


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
@pytest.mark.parametrize(
    ("shape", "says"),
    [
        (None, "absente ou vide"),
        (shapely.Polygon(), "absente ou vide"),
        (shapely.Point(0.3, 46.5), "Point"),
        (shapely.LineString([(0.3, 46.5), (0.4, 46.5)]), "LineString"),
        (shapely.box(46.50, 0.30, 46.51, 0.31), "longitude et latitude semblent inversées"),
        (shapely.box(4.3, 52.0, 4.4, 52.1), "hors des territoires français"),
        (shapely.Polygon([(0.3, 46.5), (0.4, 46.5), (0.35, 46.5)]), "sans surface"),
    ],
    ids=["none", "empty", "point", "line", "swapped", "abroad", "flat"],
)
@pytest.mark.filterwarnings("ignore:More than one layer geometry type")  # pyogrio's, about what this test writes
def test_a_geometry_that_is_no_perimeter_is_refused_with_its_code(refusal, suffix, shape, says):
    refusal(says, "QN08698N", f"carres.{suffix}", frame=shaped(shape), name=f"carres.{suffix}")


def test_the_same_code_twice_is_refused(refusal):
    refusal("QN08699N", "carres.geojson", frame=squares().assign(code_qp="QN08699N"))


def test_a_code_that_is_missing_is_refused_with_its_place(refusal):
    for codes, place in ((["QN08699N", None], "n° 2"), ([None, "QN08699N"], "n° 1"), (["QN08699N", " "], "n° 2")):
        refusal(place, "code absent", frame=squares().assign(code_qp=codes))


def test_a_file_without_codes_is_refused_with_what_it_has(refusal):
    frame = squares().drop(columns="code_qp")
    refusal("pas de code", "--generation", "--kind", frame=frame)
    refusal("code_qp", "« lib_qp », « insee_com », « lib_com »", frame=frame, id="qpv-2024")


def test_codes_of_no_generation_are_refused_unless_told_what_they_are(refusal):
    refusal("ZUS86001", "--generation", frame=squares().assign(code_qp=["ZUS86001", "ZUS86002"]))


@pytest.mark.parametrize(("generation", "other"), [("qpv-2015", "qpv-2024"), ("qpv-2024", "qpv-2015")])
def test_the_file_of_another_generation_is_refused(refusal, generation, other):
    refusal(FIELDS[generation][next(iter(FIELDS[generation]))][0], other, frame=squares(generation), id=other)


def test_a_file_of_two_generations_is_refused(refusal):
    refusal("QP086999", "qpv-2024", frame=squares().assign(code_qp=["QN08699N", "QP086999"]))


def test_the_published_2015_file_is_no_2024_file(shared):
    path = shared / "boundaries/qpv-2015-mel.geojson"
    with pytest.raises(PerimeterError, match=r"QP0\d{5} n’est pas un code de la génération qpv-2024"):
        read_file(path, ImportOptions(id="qpv-2024"), KNOWN)


def test_a_file_without_any_perimeter_is_refused(refusal):
    for options in ({}, {"id": "qpv-2024"}, ZONES):
        refusal("aucun périmètre", "carres.geojson", frame=squares().iloc[:0], **options)


def test_several_layers_need_one_to_be_named(tmp_path):
    path = tmp_path / "carres.gpkg"
    squares().to_file(path, layer="qpv")
    squares().iloc[:1].to_file(path, layer="zones")
    with pytest.raises(FormatError, match="« qpv », « zones »"):
        read_file(path, ImportOptions(), KNOWN)
    assert len(read_file(path, ImportOptions(layer="zones", **ZONES), KNOWN)) == 1


@pytest.mark.parametrize("part", [".shp", ".dbf"])
def test_a_shapefile_a_part_of_which_is_cut_is_refused(tmp_path, part):
    path = write(squares(), tmp_path / "carres.shp")
    content = path.with_suffix(part).read_bytes()
    path.with_suffix(part).write_bytes(content[: len(content) // 2])
    with pytest.raises((PerimeterError, FormatError)) as refused:
        read_file(path, ImportOptions(), KNOWN)
    assert "carres.shp" in str(refused.value)


def test_a_file_that_is_no_vector_file_is_refused(tmp_path):
    path = tmp_path / "carres.shp"
    path.write_text("bonjour")
    with pytest.raises(FormatError, match=r"carres\.shp » n’est pas un fichier vectoriel"):
        read_file(path, ImportOptions(), KNOWN)
