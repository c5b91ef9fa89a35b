"""`qpv diff`, on the real redraw of Loos."""

from __future__ import annotations

import json

import pytest
import shapely

pytestmark = pytest.mark.usefixtures("with_2015")

LOOS = ("diff", "qpv-2015", "qpv-2024", "--commune", 59360)


def test_the_redraw_of_les_oliveaux_in_words(qpv):
    answer = qpv(*LOOS)
    assert (answer.code, answer.err) == (0, "")
    oliveaux = answer.out.partition("Les Oliveaux")[2].partition("Clémenceau")[0]
    assert "21,2 ha → 23,7 ha" in oliveaux
    assert "autour de longitude 3.00409, latitude 50.60919" in oliveaux
    assert "autour de longitude 3.01104, latitude 50.60960" in oliveaux


def test_the_pieces_in_json(qpv):
    document = json.loads(qpv(*LOOS, "--min-area", 5000, "--format", "json").out)
    added = [one for one in document["pieces"] if one["change"] == "added" and one["code"] == "QN05975M"]
    assert [round(one["area_m2"], -1) for one in added] == [19_970, 6_460]
    for piece in document["pieces"]:
        assert {"area_m2", "lon", "lat", "code", "change"} <= set(piece)
        assert piece["change"] in {"added", "removed"}


def test_the_pieces_in_geojson(qpv):
    document = json.loads(qpv(*LOOS, "--format", "geojson").out)
    assert document["type"] == "FeatureCollection"
    for feature in document["features"]:
        place = shapely.Point(feature["properties"]["lon"], feature["properties"]["lat"])
        assert shapely.from_geojson(json.dumps(feature["geometry"])).contains(place)


def test_what_cannot_be_compared_says_so(qpv):
    answer = qpv("diff", "qpv-2015", "qpv-2024")
    assert "30 quartiers : 3 modifiés, 27 non comparables." in answer.out
    assert "sort" not in answer.out.partition("\n\n")[0]
    assert "Non comparable" in answer.out


def test_what_is_unknown_is_no_area_of_zero(qpv):
    told = qpv("diff", "qpv-2015", "qpv-2024", "--commune", "86194").out
    assert "4 non comparables." in told
    assert "Non comparable (données incomplètes ici) : " in told
    assert "0,0" not in told


def test_the_official_correspondence_gives_the_same_quartiers(qpv, shared):
    table = shared / "boundaries/correspondence-2015-2024.csv"
    by_code, by_overlap = (
        json.loads(qpv(*LOOS, "--format", "json", *option).out)["quartiers"]
        for option in (("--correspondence", table), ())
    )
    assert [(one["codes_before"], one["codes_after"]) for one in by_code] == [
        (one["codes_before"], one["codes_after"]) for one in by_overlap
    ]
    assert all(one["official"] for one in by_code)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("diff", "qpv-2015", "qpv-2030"), 2, "« qpv-2030 »"),
        (("diff", "qpv-2015"), 2, "il manque APRÈS"),
        ((*LOOS, "--min-area", -1), 2, "-1"),
        ((*LOOS, "--correspondence", "absent.csv"), 2, "absent.csv"),
        (("diff", "qpv-2015", "qpv-2024", "--commune", " "), 2, "commune"),
    ],
)
def test_what_is_wrong_is_one_line(qpv, arguments, code, says):
    answer = qpv(*arguments)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.count("\n") == 1
    assert says in answer.err
