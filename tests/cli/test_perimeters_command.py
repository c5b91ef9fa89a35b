"""`qpv perimeters list`, `show`, `import` and `verify`, as their users run them."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile

import geopandas as gpd
import numpy as np
import pytest
import shapely
from examples import some_pairs
from synthetic import degrees, point, square

from qpv_geo import crs
from qpv_geo.messages.typography import quoted
from qpv_geo.perimeters.catalogue import Catalogue

EXTRACT = "qpv-2024-poitiers-loos"
COLLEGE = ("--lon", 3.00671, "--lat", 50.60889)
REUNION = crs.TERRITORIES[3]
SHAPES = degrees(np.array([square(0, 0, 900).difference(square(300, 300, 300)), square(2000, 0, 500)], dtype=object))
SHAPES_OVERSEAS = crs.unproject(np.array([shapely.box(340_000, 7_685_000, 340_700, 7_685_300)]), REUNION)
NAMES = ["Carré d'essai 1", "Carré d'essai 2"]
ZONES = ("--generation", "zones-essai", "--kind", "municipal_zone")


def squares(prefix="QN0869", suffix="N"):
    return gpd.GeoDataFrame(
        {
            "code_qp": [f"{prefix}9{suffix}", f"{prefix}8{suffix}"],
            "lib_qp": NAMES,
            "insee_com": ["86194,86214", "86041"],
            "lib_com": ["Poitiers, Saint-Benoît", "Buxerolles"],
        },
        geometry=list(SHAPES),
        crs=4326,
    )


@pytest.fixture
def file(tmp_path):
    """Two squares near Poitiers, in a GeoPackage."""
    path = tmp_path / "carres.gpkg"
    squares().to_file(path)
    return path


def assert_refused(answer, *says, code=2):
    """One line on standard error, the command for the administrator on its own, nothing on standard output."""
    assert answer.code == code
    assert answer.out == ""
    assert answer.err.startswith("qpv : ")
    assert answer.err.endswith("\n")
    assert [one.partition(" : qpv ")[0] for one in answer.err.splitlines()[1:]] in (
        [],
        ["À transmettre à l’administrateur"],
    )
    for text in says:
        assert text in answer.err


def accepted(answer, *says):
    assert (answer.code, answer.err) == (0, "")
    for text in says:
        assert text in answer.out
    return answer.out


def held(home, dataset="qpv-2024"):
    catalogue = Catalogue(home)
    return catalogue.load(catalogue.find(dataset))


# ── list ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_says_what_is_embedded_and_what_can_be_fetched(qpv):
    out = accepted(qpv("perimeters", "list"), EXTRACT, "livré", "7 périmètres", "0,1 m", "Licence Ouverte 2.0")
    assert "qpv perimeters fetch qpv-2024\n" in out
    assert "qpv perimeters fetch qpv-2015 --accept-new\n" in out  # no hash of it is known
    assert "utilisé pour qpv-2024" in out
    assert "installé" not in out


def test_what_is_installed_everywhere_takes_the_place_of_what_is_embedded(qpv, file):
    accepted(qpv("perimeters", "import", file, "--coverage", "all"))
    out = accepted(qpv("perimeters", "list"), "qpv-2024  [installé]", f"{EXTRACT}  [livré]")
    assert out.index("qpv-2024  [installé]") < out.index("utilisé pour qpv-2024") < out.index(EXTRACT)
    assert out.count("utilisé pour qpv-2024") == 1
    assert "qpv perimeters fetch qpv-2024\n" not in out
    assert "qpv perimeters fetch qpv-2015" in out


def test_what_is_installed_for_a_place_leaves_the_rest_to_what_is_embedded(qpv, file):
    accepted(qpv("perimeters", "import", file))
    out = accepted(qpv("perimeters", "list"))
    assert out.count("utilisé pour qpv-2024") == 2
    assert "qpv perimeters fetch qpv-2024\n" in out
    accepted(qpv("check", "--lon", 3.00671, "--lat", 50.60889, "--on", "2024-06-01"), "EN QPV")


def test_an_installed_set_can_be_removed(qpv, file, home):
    accepted(qpv("perimeters", "import", file))
    accepted(qpv("perimeters", "remove", "qpv-2024"), "qpv-2024 retiré")
    assert not list((home / "perimeters").glob("*qpv*"))
    assert_refused(qpv("perimeters", "remove", "qpv-2024"), "« qpv-2024 »")


def test_local_zones_answer_for_no_generation(qpv, file):
    accepted(qpv("perimeters", "import", file, *ZONES))
    out = accepted(qpv("perimeters", "list"), "zones-essai  [installé]", "zone municipale")
    assert out.index("utilisé pour qpv-2024") > out.index(EXTRACT)


def test_the_list_in_json_holds_everything(qpv, file, home):
    accepted(qpv("perimeters", "import", file, "--coverage", "0.2,46.4,0.5,46.7", "--edition", "essai"))
    accepted(qpv("perimeters", "import", file, *ZONES, "--from", "2024-01-01"))
    document = json.loads(accepted(qpv("perimeters", "list", "--format", "json")))
    datasets = {one["id"]: one for one in document["datasets"]}
    assert list(datasets) == ["qpv-2024", "zones-essai", EXTRACT]
    for one in datasets.values():
        assert one["count"] in {2, 7}
        assert len(one["sha256"]) == 64
        assert one["precision_m"] > 0
        assert one["source"]
    installed, zones, embedded = datasets.values()
    assert (installed["embedded"], zones["embedded"], embedded["embedded"]) == (False, False, True)
    assert (installed["answers"], zones["answers"], embedded["answers"]) == (True, True, True)
    assert (installed["generation"], zones["generation"]) == ("qpv-2024", None)
    assert (installed["edition"], installed["kind"], zones["kind"]) == ("essai", "qpv", "municipal_zone")
    assert (zones["valid_from"], zones["valid_to"]) == ("2024-01-01", None)
    assert installed["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert shapely.from_geojson(json.dumps(installed["coverage"])).equals(shapely.box(0.2, 46.4, 0.5, 46.7))
    assert zones["coverage"] == "none"
    assert installed["path"].startswith(str(home))
    assert [one["id"] for one in document["downloads"]] == ["qpv-2024", "qpv-2015"]


def test_with_everything_installed_nothing_is_left_to_fetch(qpv, file, tmp_path):
    accepted(qpv("perimeters", "import", file, "--coverage", "all"))
    other = tmp_path / "anciens.gpkg"
    squares("QP08699", "").to_file(other)
    accepted(qpv("perimeters", "import", other, "--coverage", "all"))
    out = accepted(qpv("perimeters", "list"))
    assert "fetch" not in out
    assert "À télécharger" not in out


# ── show ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["QN05972M", "qn05972m", "Secteur Sud", "secteur sud", "Épi de Soil", "epi de soil"])
def test_a_perimeter_is_shown_by_its_code_its_name_or_its_local_name(qpv, name):
    out = accepted(qpv("perimeters", "show", name), "Secteur Sud (QN05972M)", "Épi de Soil", "59350", EXTRACT)
    assert out.count("(QN") == 1


def test_a_part_of_a_name_shows_all_that_have_it(qpv):
    out = accepted(qpv("perimeters", "show", "cour"))
    assert "Couronneries" in out
    assert accepted(qpv("perimeters", "show", "e")).count("(QN") > 1


def test_a_perimeter_in_json(qpv):
    (one,) = json.loads(accepted(qpv("perimeters", "show", "Les Oliveaux", "--format", "json")))
    assert (one["code_qp"], one["lib_qp"], one["kind"], one["generation"]) == (
        "QN05975M", "Les Oliveaux", "qpv", "qpv-2024",
    )  # fmt: skip
    assert one["insee_com"] == "59360"
    assert one["aliases"] == []
    assert one["area_m2"] == pytest.approx(237_000, abs=500)  # 23.7 ha
    west, south, east, north = one["bbox"]
    assert west < 3.00671 < east
    assert south < 50.60889 < north
    assert one["dataset"] == EXTRACT
    assert len(one["sha256"]) == 64


def test_a_perimeter_in_geojson_can_be_imported_again(qpv, tmp_path, home):
    text = accepted(qpv("perimeters", "show", "Les Oliveaux", "--format", "geojson"))
    path = tmp_path / "oliveaux.geojson"
    path.write_text(text, encoding="utf-8")
    before = held(home)
    accepted(qpv("perimeters", "import", path))
    after = held(home)
    assert after.codes == ("QN05975M",)
    assert after.geometry[0].wkb == before.geometry[before.codes.index("QN05975M")].wkb


def test_a_perimeter_overseas_is_measured_in_its_own_system(qpv, tmp_path):
    path = tmp_path / "reunion.geojson"
    path.write_text(shapely.to_geojson(SHAPES_OVERSEAS[0]))
    accepted(qpv("perimeters", "import", path, *ZONES))
    (one,) = json.loads(accepted(qpv("perimeters", "show", "zones-essai-1", "--format", "json")))
    assert one["area_m2"] == 700 * 300
    assert one["generation"] is None


def test_show_looks_where_it_is_told(qpv, file, with_2015):
    assert with_2015.store.ids() == ("qpv-2015",)
    both = accepted(qpv("perimeters", "show", "Les Oliveaux"))
    assert "QP059077" in both
    assert "QN05975M" in both
    assert "QN" not in accepted(qpv("perimeters", "show", "Les Oliveaux", "--in", "qpv-2015"))
    assert "QP" not in accepted(qpv("perimeters", "show", "Les Oliveaux", "--in", EXTRACT)).replace("(QPV)", "")
    tower = accepted(qpv("perimeters", "show", "Épi de Soil", "--in", "qpv-2015"), "QP059074")
    assert "QN05972M" not in tower
    accepted(qpv("perimeters", "import", file, "--coverage", "all"))
    accepted(qpv("perimeters", "show", "Les Oliveaux", "--in", EXTRACT), "QN05975M")
    assert "QN05975M" not in accepted(qpv("perimeters", "show", "Les Oliveaux"))  # superseded


def test_show_looks_in_a_file_too(qpv, file):
    accepted(qpv("perimeters", "show", "carré d'essai 2", "--in", file), "Carré d'essai 2 (QN08698N)", "25,0 ha")


@pytest.mark.parametrize("name", ["Bellejouanne", "QN99999Z", ""])
def test_an_unknown_name_is_an_error(qpv, name):
    for shape in ("text", "json", "geojson"):
        assert_refused(qpv("perimeters", "show", name, "--format", shape), quoted(name), "quartier inconnu")


def test_show_refuses_what_it_cannot_look_in(qpv):
    assert_refused(qpv("perimeters", "show", "Loos", "--in", "qpv-1996"), "« qpv-1996 »")
    assert_refused(qpv("perimeters", "show", "Loos", "--in", "qpv-2015"), "qpv perimeters fetch qpv-2015", code=3)
    assert_refused(qpv("perimeters", "show", "Loos", "--format", "xml"), "« xml »", "« text », « json », « geojson »")
    assert_refused(qpv("perimeters", "show"), "CODE")


# ── import ───────────────────────────────────────────────────────────────────────────────────────────────────


def to_geojson_gz(frame, folder):
    plain = folder / "plain.geojson"
    frame.to_file(plain, COORDINATE_PRECISION=12)
    path = folder / "carres.geojson.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


def to_zip(frame, folder):
    frame.to_file(folder / "carres.shp")
    path = folder / "carres.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.glob("carres.*"):
            if part != path:
                archive.write(part, f"SHP/{part.name}")
        archive.writestr("GEOJSON/autres.geojson", "{}")
    return path


def to_parquet(frame, folder):
    frame.to_parquet(folder / "carres.parquet")
    return folder / "carres.parquet"


def to_shapefile(frame, folder):
    frame.to_file(folder / "carres.shp")
    return folder / "carres.shp"


@pytest.mark.more
@pytest.mark.parametrize(
    ("writer", "epsg"),
    some_pairs([to_geojson_gz, to_shapefile, to_zip, to_parquet], [4326, 2154, 3857], times=1),
    ids=lambda one: getattr(one, "__name__", one),
)
def test_any_format_in_any_system_is_installed(qpv, tmp_path, home, writer, epsg):
    path = writer(squares().to_crs(epsg), tmp_path)
    options = ("--layer", "carres.shp") if writer is to_zip else ()
    out = accepted(qpv("perimeters", "import", path, *options), "qpv-2024 installé : 2 périmètres", str(home))
    assert path.name in out
    found = held(home)
    assert found.codes == ("QN08699N", "QN08698N")
    assert found.names == tuple(NAMES)
    assert found.insee == ("86194,86214", "86041")
    assert found.communes == ("Poitiers, Saint-Benoît", "Buxerolles")
    assert (shapely.hausdorff_distance(found.geometry, np.array(SHAPES)) < 1e-7).all()  # a centimetre, in degrees


def test_a_zip_of_several_files_needs_one_to_be_named(qpv, tmp_path):
    path = to_zip(squares(), tmp_path)
    assert_refused(qpv("perimeters", "import", path), "« SHP/carres.shp », « GEOJSON/autres.geojson »", "--layer")
    assert_refused(qpv("perimeters", "import", path, "--layer", "absent.shp"), "« absent.shp »")


def test_local_zones_answer_on_their_days_under_their_kind(qpv, file, home):
    out = accepted(
        qpv("perimeters", "import", file, *ZONES, "--from", "2024-01-01", "--to", "2024-12-31",
            "--coverage", "0.2,46.4,0.5,46.7", "--source", "Ville d'essai", "--licence", "Licence Ouverte 2.0"),
        "zones-essai installé",
    )  # fmt: skip
    assert "Ville d'essai" in out
    dataset = held(home, "zones-essai").dataset
    assert (dataset.generation, dataset.kind, dataset.licence) == (None, "municipal_zone", "Licence Ouverte 2.0")
    place = point(100, 100)
    question = ("check", "--lon", place["lon"], "--lat", place["lat"], "--kind", "municipal_zone", "--format", "json")
    assert json.loads(accepted(qpv(*question, "--on", "2024-06-01")))["status"] == "inside"
    for day in ("2023-12-31", "2025-01-01"):
        assert_refused(qpv(*question, "--on", day), "municipal_zone", code=3)


@pytest.fixture
def zone(tmp_path):
    """A rectangle around the squares, in a file."""
    path = tmp_path / "zone.geojson"
    path.write_text(shapely.to_geojson(shapely.box(0.2, 46.4, 0.5, 46.7)))
    return path


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (None, "none", "inconnue"),
        ("all", "all", "toute la France"),
        ("none", "none", "inconnue"),
        ("0.2,46.4,0.5,46.7", "area", "partielle"),
    ],
)
def test_the_coverage_is_what_is_said(qpv, file, said, kind, words):
    accepted(qpv("perimeters", "import", file, *([] if said is None else ["--coverage", said])), words)
    (installed, _) = json.loads(accepted(qpv("perimeters", "list", "--format", "json")))["datasets"]
    coverage = installed["coverage"]
    if kind == "area":
        assert shapely.from_geojson(json.dumps(coverage)).equals(shapely.box(0.2, 46.4, 0.5, 46.7))
    else:
        assert coverage == kind


def test_the_coverage_may_be_a_file(qpv, file, zone, home):
    accepted(qpv("perimeters", "import", file, "--coverage", zone), "partielle")
    assert Catalogue(home).find("qpv-2024").coverage.area.equals(shapely.box(0.2, 46.4, 0.5, 46.7))


def test_a_coverage_decides_what_is_outside(qpv, file, zone):
    place = point(3000, 1500)  # a kilometre from the squares, and outside what the embedded perimeters cover
    question = ("check", "--lon", place["lon"], "--lat", place["lat"], "--on", "2024-06-01", "--format", "json")
    accepted(qpv("perimeters", "import", file))
    assert json.loads(accepted(qpv(*question)))["reason"] == "not_covered"
    accepted(qpv("perimeters", "import", file, "--coverage", zone, "--replace"))
    assert json.loads(accepted(qpv(*question)))["status"] == "outside"


def test_the_national_file_is_complete_everywhere(qpv, national_home, monkeypatch):
    said = " ".join((national_home / "said.txt").read_text(encoding="utf-8").split())
    assert all(text in said for text in ("1584 périmètres", "toute la France", "à 7"))
    assert Catalogue(national_home).find("qpv-2024").coverage.kind == "all"
    monkeypatch.setenv("QPV_GEO_HOME", str(national_home))
    accepted(qpv("perimeters", "verify"), "qpv-2024 : intact, 1584 périmètres")


@pytest.mark.parametrize(("said", "precision_m"), [("2.5", 2.5), ("0,5", 0.5), ("0", 0.0)])
def test_the_precision_is_what_is_said(qpv, file, home, said, precision_m):
    accepted(qpv("perimeters", "import", file, "--precision", said))
    assert held(home).dataset.precision_m == precision_m


def test_a_shapefile_without_prj_is_told_its_system(qpv, tmp_path, home):
    path = to_shapefile(squares().to_crs(2154), tmp_path)
    path.with_suffix(".prj").unlink()
    assert_refused(qpv("perimeters", "import", path), "carres.shp", "--crs EPSG:2154")
    accepted(qpv("perimeters", "import", path, "--crs", "EPSG:2154"))
    assert (shapely.hausdorff_distance(held(home).geometry, np.array(SHAPES)) < 1e-7).all()


def test_the_same_id_is_replaced_only_when_told_to(qpv, file, tmp_path, home):
    accepted(qpv("perimeters", "import", file))
    other = tmp_path / "un.gpkg"
    squares().iloc[:1].to_file(other)
    before = {path: path.read_bytes() for path in (home / "perimeters").iterdir()}
    assert_refused(qpv("perimeters", "import", other), "« qpv-2024 » est déjà installé", "carres.gpkg", "--replace")
    assert {path: path.read_bytes() for path in (home / "perimeters").iterdir()} == before
    accepted(qpv("perimeters", "import", other, "--replace"), "qpv-2024 installé : 1 périmètre")
    assert held(home).codes == ("QN08699N",)
    assert len(list((home / "perimeters").glob("*.gpkg"))) == 1


def test_an_altered_dataset_is_mended_by_importing_it_again(qpv, file, home):
    accepted(qpv("perimeters", "import", file))
    installed(home).write_bytes(b"")
    accepted(qpv("perimeters", "import", file, "--replace"))
    accepted(qpv("perimeters", "verify"), "qpv-2024 : intact")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--generation", "qpv-2015"), ("QN08699N", "qpv-2015")),
        (("--generation", "zones-essai"), ("« zones-essai »", "--kind")),
        (("--generation", "Zones d'essai", "--kind", "municipal_zone"), ("Zones d'essai",)),
        (("--generation", "../essai", "--kind", "municipal_zone"), ("« ../essai »",)),
        (("--generation", "qpv-2024", "--kind", "municipal_zone"), ("qpv-2024", "--kind municipal_zone")),
        (("--from", "2024-01-01"), ("qpv-2024", "décret")),
        ((*ZONES, "--from", "hier"), ("« hier »",)),
        ((*ZONES, "--to", "2024-13-01"), ("« 2024-13-01 »",)),
        ((*ZONES, "--from", "2024-02-01", "--to", "2024-01-01"), ("01/02/2024", "01/01/2024")),
        (("--coverage", "partout"), ("« partout »",)),
        (("--coverage", "46.4,0.2,46.7,0.5"), ("« 46.4,0.2,46.7,0.5 »",)),
        (("--precision", "fine"), ("--precision", "« fine »")),
        (("--precision", "-1"), ("« -1.0 »",)),
        (("--crs", "Lambert"), ("« Lambert »",)),
        (("--crs", "EPSG:2154"), ("EPSG:2154", "WGS 84")),
        (("--layer", "absent"), ("« absent »",)),
    ],
)
def test_what_cannot_be_is_refused_and_installs_nothing(qpv, file, home, options, says):
    assert_refused(qpv("perimeters", "import", file, *options), *says)
    assert not home.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("image.shp", b"\x89PNG\r\n\x1a\n"),
        ("texte.gpkg", b"bonjour"),
        ("texte.geojson", b"bonjour"),
        ("coupe.geojson.gz", gzip.compress(b"{}" * 100, mtime=0)[:-4]),
        ("liste.geojson", b"[1, 2]"),
        ("vide.geojson", b'{"type": "FeatureCollection", "features": []}'),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_by_name(qpv, tmp_path, home, name, content):
    (tmp_path / name).write_bytes(content)
    assert_refused(qpv("perimeters", "import", tmp_path / name), name)
    assert not home.exists()


def test_a_file_that_is_not_there_is_refused_by_name(qpv, tmp_path):
    assert_refused(qpv("perimeters", "import", tmp_path / "absent.gpkg"), "absent.gpkg", "introuvable")
    assert_refused(qpv("perimeters", "import", tmp_path), "introuvable")
    assert_refused(qpv("perimeters", "import"), "FICHIER")


def test_a_home_that_cannot_be_written_is_named(qpv, file, tmp_path, monkeypatch):
    (tmp_path / "plein").write_text("un fichier, pas un dossier")
    monkeypatch.setenv("QPV_GEO_HOME", str(tmp_path / "plein"))
    assert_refused(qpv("perimeters", "import", file), str(tmp_path / "plein"))


# ── verify, and what an altered file does to every command ───────────────────────────────────────────────────


def installed(home, dataset="qpv-2024"):
    (path,) = (home / "perimeters").glob(f"{dataset}-*.gpkg")
    return path


def flip_a_byte(home):
    path = installed(home)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(content)


def delete_the_data(home):
    installed(home).unlink()


def lose_a_field(home):
    path = home / "perimeters/qpv-2024.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    del record["coverage"]
    path.write_text(json.dumps(record), encoding="utf-8")


def test_what_is_intact_is_said_so_one_by_one(qpv, file, home):
    assert accepted(qpv("perimeters", "verify")).count("\n") == 1
    accepted(qpv("perimeters", "import", file))
    accepted(qpv("perimeters", "import", file, *ZONES))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    lines = accepted(qpv("perimeters", "verify")).splitlines()
    assert [line.split(" :")[0] for line in lines] == ["qpv-2024", "zones-essai", EXTRACT]
    assert all("intact" in line for line in lines)
    assert "2 périmètres" in lines[0]
    assert sha256[:12] in lines[0]
    assert held(home).dataset.sha256 == sha256


@pytest.mark.parametrize("harm", [flip_a_byte, delete_the_data, lose_a_field])
def test_an_altered_dataset_gives_no_verdict_and_no_perimeter(qpv, file, home, harm):
    accepted(qpv("perimeters", "import", file))
    harm(home)
    assert_refused(qpv("check", *COLLEGE), "qpv-2024", "réinstallez")
    assert_refused(qpv("check", *COLLEGE, "--format", "json"), "qpv-2024")
    assert_refused(qpv("perimeters", "show", "QN08699N"))
    assert_refused(qpv("perimeters", "show", "QN08699N", "--in", "qpv-2024", "--format", "geojson"), "qpv-2024")


def test_an_altered_record_gives_no_verdict(qpv, file, home):
    accepted(qpv("perimeters", "import", file))
    path = home / "perimeters/qpv-2024.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**record, "coverage": "all"}), encoding="utf-8")
    assert_refused(qpv("check", *COLLEGE), str(path), "réinstallez")
    accepted(qpv("perimeters", "import", file, "--replace"))
    accepted(qpv("perimeters", "verify"), "qpv-2024 : intact")


@pytest.mark.parametrize("harm", [flip_a_byte, delete_the_data])
def test_verify_prints_each_intact_one_and_names_each_altered_one(qpv, file, home, harm):
    accepted(qpv("perimeters", "import", file, "--generation", "a-part", "--kind", "municipal_zone"))
    accepted(qpv("perimeters", "import", file))
    accepted(qpv("perimeters", "import", file, *ZONES))
    path = str(installed(home))
    harm(home)
    answer = qpv("perimeters", "verify")
    assert answer.code == 2
    assert [line.split(", sha256")[0] for line in answer.out.splitlines()] == [
        "a-part : intact, 2 périmètres", "zones-essai : intact, 2 périmètres", f"{EXTRACT} : intact, 7 périmètres",
    ]  # fmt: skip
    assert answer.err.count("\n") == 1
    assert path in answer.err
    installed(home, "zones-essai").unlink()
    answer = qpv("perimeters", "verify")
    assert (answer.code, answer.err.count("\n"), answer.out.count("\n")) == (2, 1, 2)
    assert path in answer.err
    assert "zones-essai" in answer.err


def test_verify_refuses_a_record_that_cannot_be_read(qpv, file, home):
    accepted(qpv("perimeters", "import", file))
    lose_a_field(home)
    answer = qpv("perimeters", "verify")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert str(home / "perimeters/qpv-2024.json") in answer.err
    assert answer.out.startswith(f"{EXTRACT} : intact")
