"""The command line: what it prints, its exit codes, its one line of error."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import shapely

import qpv_geo

COLLEGE = ("--lon", 3.00671, "--lat", 50.60889)
JUNE = ("--on", "2024-06-01")


def assert_refused(answer, code, *says):
    assert answer.code == code
    assert answer.out == ""
    line, *remedy = answer.err.splitlines()
    assert line.startswith("qpv : ")
    assert "qpv perimeters" not in line
    assert [one.partition(" : qpv ")[0] for one in remedy] in ([], ["À transmettre à l’administrateur"])
    for text in says:
        assert text in answer.err


def test_a_check_in_words(qpv):
    answer = qpv("check", *COLLEGE, *JUNE)
    assert (answer.code, answer.err) == (0, "")
    for text in ("EN QPV", "Les Oliveaux (QN05975M)", "1er juin 2024", "génération qpv-2024", "décret n° 2023-1314"):
        assert text in answer.out
    assert "Résultat indicatif, ne vaut pas attestation réglementaire." in answer.out


def test_a_check_in_json_is_that_of_the_library(qpv):
    answer = qpv("check", *COLLEGE, *JUNE, "--format", "json")
    found, expected = json.loads(answer.out), qpv_geo.check(lon=3.00671, lat=50.60889, on="2024-06-01").to_dict()
    for one in (found, expected):
        del one["evidence"]["checked_at"]
    assert found == expected


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (("--lon", 0.34, "--lat", 46.58), "HORS QPV"),
        (("--lon", 4.8357, "--lat", 45.7640), "À VÉRIFIER"),
        ((*COLLEGE, "--accuracy", "30"), "à 30 m près"),
        ((*COLLEGE, "--generation", "qpv-2024"), "imposée"),
        (("--lon", "3,00671", "--lat", "50,60889"), "EN QPV"),
    ],
)
def test_every_answer_exits_with_zero(qpv, question, says):
    answer = qpv("check", *question, *JUNE)
    assert (answer.code, answer.err) == (0, "")
    assert says in answer.out


def test_a_day_to_come_says_so(qpv):
    assert "Cette date est à venir" in qpv("check", *COLLEGE, "--on", "2999-01-01").out
    assert "Cette date est à venir" not in qpv("check", *COLLEGE, *JUNE).out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("check",), 2, "rien à vérifier"),
        (("check", "--lon", 50.6, "--lat", 3.0), 2, "inversées"),
        (("check", "--lon", "nan", "--lat", 50.6), 2, "non finies"),
        (("check", "--lon", 3.0), 2, "il manque la latitude"),
        (("check", *COLLEGE, "--on", "31/02/2024"), 2, "« 31/02/2024 »"),
        (("check", *COLLEGE, "--on", "2014-12-31"), 2, "« 31/12/2014 »"),
        (("check", *COLLEGE, "--on", "2023-06-01"), 3, "qpv perimeters fetch qpv-2015"),
        (("check", *COLLEGE, "--kind", "watch_area"), 3, "« watch_area »"),
        (("check", "1 rue des Essais, Loos"), 4, "127.0.0.1:9"),
        (("check", "ab"), 2, "« ab »"),
        (("check", *COLLEGE, "--generation", "qpv-1996"), 2, "« qpv-1996 »"),
        (("check", "--lon", "est", "--lat", 50.6), 2, "valeur invalide : « est » ; donnez un nombre"),
        (("check", "--lom", 3.0), 2, "option inconnue : « --lom » ; vouliez-vous dire « --"),
        (("check", "--xyz"), 2, "option inconnue : « --xyz »"),
        (("check", "--lon"), 2, "--lon"),
        (("check", "a", "b"), 2, "argument en trop : « b »"),
        (
            ("check", "1", "rue", "(des) Essais"),
            2,
            "argument en trop : « rue (des) Essais » ; un texte de plusieurs mots",
        ),
        (
            ("check", *COLLEGE, "--format", "xml"),
            2,
            "valeur inconnue : « xml » ; valeurs possibles : « text », « json »",
        ),
        (("chek",), 2, "commande inconnue : « chek » ; vouliez-vous dire « check » ?"),
        (("verify",), 2, "il manque FICHIER"),
        (("verify", "absent.json"), 2, "absent.json"),
        (("perimeters", "fetch", "qpv-1996"), 2, "« qpv-1996 »"),
        (("check", "--site", "absent.geojson"), 2, "absent.geojson"),
        (("check", "Poitiers", "--encoding", "cp1252"), 2, "--site"),
    ],
)
def test_what_is_wrong_is_one_line_and_never_a_verdict(qpv, arguments, code, says):
    assert_refused(qpv(*arguments), code, says)


@pytest.mark.parametrize("setting", ["QPV_GEO_INSIDE_MIN_SHARE", "QPV_GEO_HTTP_ATTEMPTS"])
def test_a_bad_setting_is_one_line(qpv, monkeypatch, setting):
    monkeypatch.setenv(setting, "oui")
    assert_refused(qpv("check", *COLLEGE), 2, f"{setting} = « oui »")


def test_no_command_prints_the_help(qpv):
    answer = qpv()
    assert answer.code == 2
    assert "Commandes :" in answer.out
    assert qpv("--help").code == 0
    assert qpv("--version").out.strip() == f"qpv-geo {qpv_geo.__version__}"


# ── Sites ────────────────────────────────────────────────────────────────────────────────────────────────────


def feature(geometry):
    return {"type": "Feature", "properties": {}, "geometry": geometry}


SQUARE = json.loads(shapely.to_geojson(shapely.box(3.010, 50.606, 3.011, 50.607)))
BOW_TIE = {"type": "Polygon", "coordinates": [[[3.0, 50.60], [3.01, 50.61], [3.01, 50.60], [3.0, 50.61], [3.0, 50.60]]]}


def collection(*geometries, **members):
    return {"type": "FeatureCollection", "features": [feature(one) for one in geometries], **members}


@pytest.mark.parametrize("document", [SQUARE, feature(SQUARE), collection(SQUARE), collection(SQUARE, SQUARE)])
def test_a_site_from_a_file(qpv, tmp_path, document):
    path = tmp_path / "site.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    answer = qpv("check", "--site", path, *JUNE)
    assert answer.code == 0
    assert "EN QPV" in answer.out
    assert "site autour de longitude 3.01" in answer.out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (json.dumps(BOW_TIE), "se croise"),
        (json.dumps(collection()), "site vide"),
        (json.dumps(collection(None)), "site vide"),
        (json.dumps({"type": "Polygon", "coordinates": []}), "site vide"),
        (
            json.dumps(collection(SQUARE, crs={"type": "name", "properties": {"name": "EPSG:999999"}})),
            "« EPSG:999999 »",
        ),
        ("ceci n’est pas une carte", "site.geojson » n’est pas du JSON"),
        (json.dumps({"ville": "Loos"}), "site.geojson » n’est pas du GeoJSON"),
        (json.dumps({"type": "Polygon", "coordinates": "rue"}), "mal formée"),
        (json.dumps({"type": "Point", "coordinates": [50.6, 3.0]}), "inversées"),
    ],
)
def test_a_bad_site_file_is_one_line(qpv, tmp_path, content, says):
    path = tmp_path / "site.geojson"
    path.write_text(content, encoding="utf-8")
    assert_refused(qpv("check", "--site", path), 2, says)


def test_a_site_without_a_system_of_coordinates(qpv, tmp_path):
    import geopandas as gpd  # noqa: PLC0415

    path = tmp_path / "site.shp"
    gpd.GeoSeries([shapely.box(3.010, 50.606, 3.011, 50.607)], crs=4326).to_file(path)
    assert "EN QPV" in qpv("check", "--site", path, *JUNE).out
    path.with_suffix(".prj").unlink()
    assert_refused(qpv("check", "--site", path, *JUNE), 2, "sans système de coordonnées")


# ── Records ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_kept_verdict_is_verified(qpv, tmp_path):
    path = tmp_path / "verdict.json"
    path.write_text(qpv("check", *COLLEGE, *JUNE, "--format", "json").out, encoding="utf-8")
    assert "IDENTIQUE" in qpv("verify", path).out
    path.write_text(path.read_text(encoding="utf-8").replace('"inside"', '"outside"'), encoding="utf-8")
    altered = qpv("verify", path)
    assert altered.code == 0
    assert "RÉPONSE MODIFIÉE" in altered.out
    assert "réponse, status : outside → inside" in altered.out
    found = json.loads(qpv("verify", path, "--format", "json").out)
    assert (found["intact"], found["same_answer"], found["identical"]) == (False, False, False)


def test_a_record_that_only_changed_software(qpv, tmp_path):
    path = tmp_path / "verdict.json"
    text = qpv("check", *COLLEGE, *JUNE, "--format", "json").out
    path.write_text(text.replace(f"qpv-geo {qpv_geo.__version__}", "qpv-geo 0.0.0"), encoding="utf-8")
    answer = qpv("verify", path)
    assert "MÊME RÉPONSE" in answer.out
    assert "logiciel" in answer.out


def test_a_record_comes_by_a_pipe_too(forked):
    record = forked.run("check", *COLLEGE, "--format", "json")
    done = forked.run("verify", "-", stdin=record.out.encode())
    assert (record.code, done.code) == (0, 0)
    assert "IDENTIQUE" in done.out


def test_a_reader_that_goes_away_is_no_error():
    line = f"{sys.executable} -m qpv_geo perimeters show loos --in qpv-2024 --format geojson | head -c 1"
    line = line.replace("show loos", "show QN05975M")
    done = subprocess.run(["/bin/bash", "-o", "pipefail", "-c", line], capture_output=True, check=False)
    assert done.stderr == b""
    assert done.stdout == b"{"
