"""A geocoder that contradicts the question, or what is known of France, fails: no verdict is made of it, nor kept."""

from __future__ import annotations

import math

import pytest
from counting import Counting
from geocoder_shapes import (
    ADDOK_COLUMNS,
    COMMUNE,
    FOUND,
    HERRIOT,
    LOOS_POINT,
    NUMBER,
    Bench,
    CsvService,
    collection,
    feature,
    refusal,
)
from pyproj import Geod

from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.cache import CachedGeocoder
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.protocol import Candidate, MatchType, Query
from qpv_geo.geocoding.trust import Trust, no_box

PARIS, POITIERS, AJACCIO = (2.3488, 48.8534), (0.3403, 46.5826), (8.7381, 41.9189)
POINTE_A_PITRE, FORT_DE_FRANCE = (-61.5331, 16.2411), (-61.0667, 14.6037)
BERLIN, LONDON = (13.405, 52.52), (-0.1276, 51.5072)
LOOS_BOX = (2.99, 50.59, 3.04, 50.62)


def door(citycode="59360", postcode="59120", point=LOOS_POINT, **changes):
    """Return the door of a made-up street, in Loos unless told otherwise."""
    lon, lat = point
    made = Candidate(
        label="12 Rue d'Essai", score=0.9, type=MatchType.HOUSENUMBER, id="essai", housenumber="12",
        street="Rue d'Essai", postcode=postcode, citycode=citycode, city=None, lon=lon, lat=lat, position=None,
        accuracy_m=30.0, source="essai", edition=None,
    )  # fmt: skip
    return made._replace(**changes)


def trust(boxes=no_box):
    return Trust("essai", gazetteer(), boxes)


def asked(**codes):
    return Query("12 rue d'Essai", **codes)


# ── What is believed ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "query"),
    [
        pytest.param(door(), asked(), id="nothing asked"),
        pytest.param(door(), asked(citycode="59360", postcode="59120"), id="as asked"),
        pytest.param(door("75101", "75001", PARIS), asked(citycode="75056"), id="an arrondissement for its city"),
        pytest.param(door("75056", "75001", PARIS), asked(citycode="75101"), id="a city for its arrondissement"),
        pytest.param(door("59350", "59160"), asked(citycode="59355"), id="Lille for Lomme"),
        pytest.param(door("59355", "59160"), asked(citycode="59350"), id="Lomme for Lille"),
        pytest.param(door("2A004", "20000", AJACCIO), asked(postcode="20090"), id="another postcode of the commune"),
        pytest.param(door(postcode="59373"), asked(), id="a CEDEX"),
        pytest.param(door(postcode="59373"), asked(postcode="59373"), id="the CEDEX asked"),
        pytest.param(door("86042", "37160", POITIERS), asked(), id="a commune served from the next département"),
        pytest.param(door("91479", "94390", PARIS), asked(), id="a commune served from two"),
        pytest.param(door(postcode=None), asked(citycode="59360", postcode="59120"), id="no postcode"),
        pytest.param(door(citycode=None), asked(postcode="59120"), id="no commune"),
        pytest.param(door(citycode=None, point=FORT_DE_FRANCE), asked(), id="no commune, overseas"),
        pytest.param(door("97120", "97110", POINTE_A_PITRE), asked(), id="Guadeloupe"),
        pytest.param(door("97209", "97200", FORT_DE_FRANCE), asked(), id="Martinique"),
        pytest.param(door("97302", "97300", (-52.326, 4.937)), asked(), id="Guyane"),
        pytest.param(door("97411", "97400", (55.4504, -20.8789)), asked(), id="La Réunion"),
        pytest.param(door("97502", "97500", (-56.1773, 46.7811)), asked(), id="Saint-Pierre"),
        pytest.param(door("97611", "97600", (45.2279, -12.7806)), asked(), id="Mayotte"),
        pytest.param(door("97701", "97133", (-62.8498, 17.8962)), asked(), id="Saint-Barthélemy"),
        pytest.param(door("97801", "97150", (-63.0822, 18.0675)), asked(), id="Saint-Martin"),
        pytest.param(door("98613", "98600", (-176.1753, -13.2825)), asked(), id="Wallis"),
        pytest.param(door("98735", "98714", (-149.5667, -17.5333)), asked(), id="Tahiti"),
        pytest.param(door("98818", "98800", (166.4488, -22.2741)), asked(), id="Nouvelle-Calédonie"),
    ],
)
def test_what_agrees_is_believed(one, query):
    assert trust().checked([one], query) == [one]


def test_homonyms_elsewhere_contradict_nothing_where_no_code_was_asked():
    found = [door(), door("86194", "86000", POITIERS), door("97209", "97200", FORT_DE_FRANCE)]
    assert trust().checked(found, asked()) == found


# ── What is not ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "query", "why"),
    [
        (door("75101", "75001", PARIS), asked(citycode="59360"), "commune « 75101 » au lieu de « 59360 »"),
        (door("75101", "75001", PARIS), asked(citycode="75102"), "commune « 75101 » au lieu de « 75102 »"),
        (door("59350", "59000"), asked(citycode="59360"), "commune « 59350 » au lieu de « 59360 »"),
        (door(citycode=None), asked(citycode="59360"), "commune non précisée au lieu de « 59360 »"),
        (door(), asked(postcode="59000"), "code postal « 59120 » au lieu de « 59000 »"),
        (door(citycode=None, postcode=None), asked(postcode="59120"), "code postal non précisé au lieu de « 59120 »"),
        (door("99999"), asked(), "code INSEE « 99999 » inconnu"),
        (door("99999"), asked(citycode="99999"), "code INSEE « 99999 » inconnu"),
        (door("99999", type=MatchType.MUNICIPALITY, postcode=None), asked(), "code INSEE « 99999 » inconnu"),
        (
            door(postcode="75001"),
            asked(),
            "code postal « 75001 » d’un autre département que la commune « Loos » (59360)",
        ),
        (door(postcode="00120"), asked(), "code postal « 00120 »"),
        (door("2A004", "06000", AJACCIO), asked(), "code postal « 06000 »"),
        (door("97209", "97110", FORT_DE_FRANCE), asked(), "code postal « 97110 »"),
        (door(point=LOOS_POINT[::-1]), asked(), "point hors de France (longitude 50.60889, latitude 3.00671)"),
        (door(point=(0.0, 0.0)), asked(), "point hors de France (longitude 0.0, latitude 0.0)"),
        (door(point=BERLIN), asked(), "point hors de France"),
        (door(point=LONDON), asked(), "point hors de France"),
        (door(citycode=None, point=LONDON), asked(), "point hors de France"),
        (door(point=(math.nan, 50.6)), asked(), "point hors de France"),
        (door(point=FORT_DE_FRANCE), asked(), "point dans un autre territoire que la commune « Loos » (59360)"),
        (door("97209", "97200", PARIS), asked(), "un autre territoire que la commune « Fort-de-France » (97209)"),
        (door("97209", "97200", POINTE_A_PITRE), asked(), "un autre territoire que la commune « Fort-de-France »"),
        (door("2A004", "20000", PARIS), asked(), "un autre territoire que la commune « Ajaccio »"),
        (door("98818", "98800", PARIS), asked(), "un autre territoire que la commune « Nouméa »"),
    ],
)
def test_what_contradicts_is_an_error_of_the_service(one, query, why):
    message = refusal(trust().checked, [one], query)
    assert message.startswith("réponse incohérente du géocodeur « essai » : résultat 1, ")
    assert why in message


def test_one_contradiction_among_others_is_an_error_of_the_whole():
    assert "résultat 2, code INSEE « 99999 »" in refusal(trust().checked, [door(), door("99999"), door()], asked())


# ── Known addresses ──────────────────────────────────────────────────────────────────────────────────────────


def from_loos(azimuth, metres):
    """Return the point so far from the north, east, south or west side of the box of Loos, on the ellipsoid."""
    lon = {90: LOOS_BOX[2], 270: LOOS_BOX[0]}.get(azimuth, 3.01)
    lat = {0: LOOS_BOX[3], 180: LOOS_BOX[1]}.get(azimuth, 50.6)
    return Geod(ellps="GRS80").fwd(lon, lat, azimuth, metres)[:2]


@pytest.mark.parametrize("azimuth", [0, 90, 180, 270])
def test_a_commune_holds_twenty_kilometres_around_its_known_addresses(azimuth):
    loos = trust({"59360": LOOS_BOX}.get)
    near, far = door(point=from_loos(azimuth, 19_900)), door(point=from_loos(azimuth, 20_100))
    assert loos.checked([door(), near], asked()) == [door(), near]
    assert "point à 20 km des adresses connues de la commune" in refusal(loos.checked, [far], asked())


def test_paris_is_far_from_the_known_addresses_of_loos():
    message = refusal(trust({"59360": LOOS_BOX}.get).checked, [door(point=PARIS)], asked())
    kilometres = int(message.partition("point à ")[2].split()[0])
    assert kilometres == pytest.approx(Geod(ellps="GRS80").inv(*PARIS, *LOOS_BOX[:2])[2] / 1_000, abs=1)


def test_known_addresses_of_other_communes_say_nothing():
    assert trust({"86194": LOOS_BOX}.get).checked([door(point=PARIS)], asked()) == [door(point=PARIS)]


def test_addresses_may_be_known_by_the_code_of_the_whole_city():
    paris = trust({"75056": (2.23, 48.81, 2.47, 48.91)}.get)
    assert paris.checked([door("75101", "75001", PARIS)], asked())
    assert "point à" in refusal(paris.checked, [door("75101", "75001", LOOS_POINT)], asked())


# ── Through the services ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def bench():
    with Bench() as bench:
        yield bench


IN_PARIS = {"citycode": "75101", "postcode": "75001", "city": "Paris", "label": "12 Rue d'Essai 75001 Paris"}
RIGHT = collection(feature(NUMBER))
WRONG = {
    "in Paris": collection(feature(NUMBER, PARIS, **IN_PARIS)),
    "no commune": collection(feature(COMMUNE, citycode="99999", postcode="99990")),
    "swapped": collection(feature(NUMBER, LOOS_POINT[::-1])),
    "nowhere": collection(feature(NUMBER, (0.0, 0.0))),
    "abroad": collection(feature(NUMBER, BERLIN)),
    "among others": collection(feature(NUMBER), feature(NUMBER, BERLIN)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_contradiction_is_never_kept_and_the_question_is_answered_once_the_service_is_right(bench, tmp_path, wrong):
    path = tmp_path / "cache" / "cache.sqlite"
    bench.server.serve("/geocodage/search", WRONG[wrong], WRONG[wrong], RIGHT)
    geocoder = CachedGeocoder(bench.build(http_attempts=3), path)
    for attempt in (1, 2):
        assert "incohérente" in refusal(geocoder.search, asked(citycode="59360"))
        assert not path.exists()
        assert len(bench.server.requests) == attempt
    for _ in range(2):
        assert [one.label for one in geocoder.search(asked(citycode="59360"))] == [NUMBER["label"]]
    assert len(bench.server.requests) == 3


def test_the_known_addresses_are_those_that_the_geocoder_is_given(bench):
    bench.server.serve("/geocodage/search", collection(feature(NUMBER, PARIS)))
    assert bench.build().search(asked(citycode="59360"))
    boxes = {"59360": LOOS_BOX}.get
    assert "des adresses connues" in refusal(bench.build(boxes=boxes).search, asked(citycode="59360"))


def test_a_contradiction_that_an_older_version_kept_is_asked_again(bench, tmp_path):
    path = tmp_path / "cache.sqlite"
    national = bench.build()
    wrong = [door("75101", "75001", PARIS)]
    CachedGeocoder(Counting(wrong, name=national.name), path).search(asked(citycode="59360"))
    bench.server.serve("/geocodage/search", RIGHT)
    geocoder = CachedGeocoder(national, path)
    assert geocoder.kept([asked(citycode="59360")]) == [None]
    assert geocoder.search(asked(citycode="59360"))[0].label == NUMBER["label"]
    assert geocoder.kept([asked(citycode="59360")]) != [None]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"result_citycode": "75101", "result_postcode": "75001"}, "commune « 75101 » au lieu de « 59360 »"),
        ({"result_citycode": "99999", "result_postcode": ""}, "commune « 99999 »"),
        ({"longitude": "50.60889", "latitude": "3.00671"}, "point hors de France"),
    ],
)
@pytest.mark.parametrize("columns", [None, ADDOK_COLUMNS])
def test_a_row_that_contradicts_is_an_error_of_the_whole_file(bench, wrong, why, columns):
    sheet = CsvService(bench.server, {HERRIOT: FOUND, "ailleurs": {**FOUND, **wrong}})
    sheet.columns = columns or sheet.columns
    bench.server.routes["/geocodage/search/csv"] = sheet
    queries = [Query(HERRIOT, citycode="59360"), Query("zzz"), Query("ailleurs", citycode="59360")]
    with pytest.raises(RemoteError, match="ligne 3") as caught:
        bench.build().search_many(queries)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (collection(feature(NUMBER), feature(NUMBER, PARIS, **IN_PARIS)), "de celui qui était demandé"),
        (collection(feature(COMMUNE, citycode="99999")), "code INSEE « 99999 » inconnu"),
        (collection(feature(NUMBER, LOOS_POINT[::-1])), "point hors de France"),
    ],
)
def test_what_is_not_near_the_point_asked_is_an_error(bench, answer, why):
    bench.server.serve("/geocodage/reverse", answer)
    lon, lat = LOOS_POINT
    assert why in refusal(bench.build().reverse, lon=lon, lat=lat)


@pytest.mark.parametrize("wrong", WRONG)
def test_the_command_fails_as_for_any_service_that_fails_then_answers(bench, qpv, home, monkeypatch, wrong):
    monkeypatch.setenv("QPV_GEO_GEOCODER_URL", f"{bench.server.url}/geocodage")
    bench.server.serve("/geocodage/search", WRONG[wrong], RIGHT)
    command = ("check", "15 bis rue d'Essai", "--citycode", "59360", "--format", "json")
    failed = qpv(*command)
    assert (failed.code, failed.out) == (4, "")
    assert "incohérente" in failed.err.splitlines()[-1]
    assert list((home / "cache").glob("*")) == []
    assert qpv(*command).code == 0
    assert [path.name for path in (home / "cache").iterdir()] == ["geocoding.sqlite"]
