"""A firm verdict is about the address asked: the cases that were wrong, each with a service that knows better."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_geocoder import FakeGeocoder, candidate, offline_index, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from real_towns import (
    BEAUMONT_63,
    BEAUMONT_74,
    HEM,
    HENIN_BEAUMONT,
    LILLE,
    LOOS,
    LYON_2,
    LYON_3,
    PARIS_11,
    PARIS_12,
    POITIERS,
    SAINT_ETIENNE,
    VILLEURBANNE,
    Commune,
)
from synthetic import perimeters, square

import qpv_geo
from qpv_geo.errors import RemoteError
from qpv_geo.geocoding.chain import Chain

TOUCHED = ("59360", "59299", "86194", "42218", "69123", "75056", "63032", "62427", "69266", "99999", "59350")
SQUARES = replace(perimeters(square(0, 0, 1000)), insee=(",".join(TOUCHED),))
"""One square, which touches every commune of these tests: that a commune has none answers nothing here."""
IN, OUT = 500, -500


def at(x, street, town, numbers=range(1, 41), **columns):
    """Return the rows of a street whose doors are all at one place, inside or outside."""
    return [row(x, 500, number, street, **town.columns(), **columns) for number in numbers]


def check(geocoder, text, **filters):
    return qpv_geo.check(address=text, geocoder=geocoder, perimeters=SQUARES, **filters)


def words(verdict):
    return verdict.status.value, verdict.reason.value


def is_firm(verdict):
    return verdict.status.value in {"inside", "outside"}


# ── What was answered about another place ────────────────────────────────────────────────────────────────────

WEAK, ABSENT, MISSING = ("uncertain", "weak_match"), ("not_located", "no_match"), ("not_located", "missing_addresses")

CASES = [
    # asked, the only street that the index has, the right one, what is answered without it
    ("11 rue du Rivage 59510 Hem", ("Rue du Tige", HEM), ("Rue du Rivage", HEM), ABSENT),
    ("12 rue des Tulipes, 59120 Loos", ("Rue des Lilas", LOOS), ("Rue des Tulipes", LOOS), ABSENT),
    ("12 rue des Lilas, 59120 Loos", ("Rue des Tulipes", LOOS), ("Rue des Lilas", LOOS), ABSENT),
    ("30 boulevard Antonio Vivaldi Lyon", ("Boulevard Antonio Vivaldi", SAINT_ETIENNE),
     ("Boulevard Antonio Vivaldi", LYON_3), MISSING),
    ("30 boulevard Antonio Vivaldi, 69003 Lyon", ("Boulevard Antonio Vivaldi", SAINT_ETIENNE),
     ("Boulevard Antonio Vivaldi", LYON_3), MISSING),
    ("12 rue Victor Hugo, Beaumont (63)", ("Rue Victor Hugo", HENIN_BEAUMONT),
     ("Rue Victor Hugo", BEAUMONT_63), MISSING),
    ("12 rue Victor Hugo, Beaumont (63)", ("Rue Victor Hugo", BEAUMONT_74), ("Rue Victor Hugo", BEAUMONT_63), MISSING),
    ("12 avenue du Général de Gaulle, Loos", ("Avenue du Général Leclerc", LOOS),
     ("Avenue du Général de Gaulle", LOOS), ABSENT),
    ("12 avenue du Général Leclerc, Loos", ("Avenue du Général de Gaulle", LOOS),
     ("Avenue du Général Leclerc", LOOS), ABSENT),
    ("12 rue Jules Ferry, 59120 Loos", ("Rue Jules Guesde", LOOS), ("Rue Jules Ferry", LOOS), WEAK),
    ("12 rue de la Porte, 59120 Loos", ("Rue de la Poste", LOOS), ("Rue de la Porte", LOOS), ABSENT),
    ("12 impasse du Bidule, 59120 Loos", ("Rue du Bidule", LOOS), ("Impasse du Bidule", LOOS), WEAK),
    ("12 rue des Chênes, 59120 Loos", ("Rue du Chêne", LOOS), ("Rue des Chênes", LOOS), None),
    ("12 rue Martin, 59120 Loos", ("Rue Henri Martin", LOOS), ("Rue Martin", LOOS), WEAK),
    ("12 rue du Bidule, Loos", ("Rue du Bidule", HEM), ("Rue du Bidule", LOOS), MISSING),
    ("12 rue du Bidule, 59120", ("Rue du Bidule", HEM), ("Rue du Bidule", LOOS), MISSING),
    ("12 rue du Bidule, 59120 Loos", ("Rue du Bidule", POITIERS), ("Rue du Bidule", LOOS), MISSING),
    ("12 rue du Bidule, Paris 12e", ("Rue du Bidule", PARIS_11), ("Rue du Bidule", PARIS_12), None),
    ("12 rue du Bidule, 75012 Paris", ("Rue du Bidule", PARIS_11), ("Rue du Bidule", PARIS_12), None),
    ("12 rue du Bidule, 69100 Villeurbanne", ("Rue du Bidule", LYON_2), ("Rue du Bidule", VILLEURBANNE), MISSING),
    ("12 bis rue du Bidule, 59120 Loos", ("Rue du Bidule", LOOS), None, WEAK),
    ("99 rue du Bidule, 59120 Loos", ("Rue du Bidule", LOOS), None, WEAK),
    ("mairie de Poitiers", ("Rue de la Mairie", POITIERS), None, None),
    ("12 rue du Bidule, 86000 Loos", ("Rue du Bidule", LOOS), None, WEAK),
    ("12 rue du Bidule", ("Rue du Bidule", LOOS), None, WEAK),
    ("12 rue du Bidule (59)", ("Rue du Bidule", LOOS), None, WEAK),
    ("12 rue du Bidule Rouge, 59120 Loos", ("Rue du Bidule", LOOS), None, WEAK),
]  # fmt: skip


@pytest.mark.parametrize(("text", "held", "expected"), [(text, held, expected) for text, held, _, expected in CASES])
def test_another_place_is_never_the_answer(tmp_path, text, held, expected):
    """Offline: whichever side that other place is on."""
    for x in (IN, OUT):
        verdict = check(Chain([offline_index(tmp_path / str(x), *at(x, *held))]), text)
        assert verdict.status.value in {"uncertain", "not_located"}
        assert expected is None or words(verdict) == expected
        assert verdict.location.asked == text
        assert (verdict.share_inside, verdict.distance_m, verdict.perimeters, verdict.street) == (None, None, (), ())


@pytest.mark.parametrize(("text", "held", "right"), [(text, held, right) for text, held, right, _ in CASES if right])
def test_the_national_service_that_knows_the_right_door_is_asked_and_answers(home, text, held, right):
    street, town = right
    number = text.split()[0]
    door = candidate(IN, 500, f"{number} {street}", score=0.4, **town.fields())
    service = FakeGeocoder({text: [door]})
    verdict = check(Chain([offline_index(home, *at(OUT, *held)), service]), text)
    assert [query.text for query in service.asked] == [text]
    assert words(verdict) == ("inside", "clear")
    assert verdict.location.source == "essai"
    assert (verdict.location.asked, verdict.location.citycode) == (text, town.citycode)
    assert {verdict.location.match[part] for part in ("number", "street")} <= {"same", "spelling"}


@pytest.mark.parametrize(("text", "held"), [(text, held) for text, held, *_ in CASES])
def test_a_service_that_fails_is_an_error_and_no_verdict(home, text, held):
    service = FakeGeocoder({text: RemoteError("panne")})
    with pytest.raises(RemoteError, match="panne"):
        check(Chain([offline_index(home, *at(IN, *held)), service]), text)


# ── What is said ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "held", "says"),
    [
        ("11 rue du Rivage 59510 Hem", ("Rue du Tige", HEM), ["Rue introuvable à Hem", "Rue du Tige"]),
        ("12 impasse du Bidule, 59120 Loos", ("Rue du Bidule", LOOS), ["introuvable à Loos", "Rue du Bidule"]),
        ("99 rue du Bidule, 59120 Loos", ("Rue du Bidule", LOOS),
         ["Le n°\N{NO-BREAK SPACE}99 n’est pas connu rue du Bidule (numéros connus : de 1 à 40)"]),
        ("12 bis rue du Bidule, 59120 Loos", ("Rue du Bidule", LOOS), ["12 bis n’est pas connu rue du Bidule"]),
        ("12 rue du Bidule", ("Rue du Bidule", LOOS), ["Précisez la commune", "12 Rue du Bidule 59120 Loos"]),
        ("12 rue du Bidule, 86000 Loos", ("Rue du Bidule", LOOS), ["code postal", "12 Rue du Bidule 59120 Loos"]),
        ("30 boulevard Antonio Vivaldi Lyon", ("Boulevard Antonio Vivaldi", SAINT_ETIENNE), ["Lyon", "69"]),
    ],
)  # fmt: skip
def test_the_part_that_differs_is_named(home, text, held, says):
    message = check(Chain([offline_index(home, *at(OUT, *held))]), text).message
    for words_ in says:
        assert words_ in message
    assert "\n" not in message
    assert "qpv " not in message  # a command is no part of the answer


def test_another_arrondissement_is_not_another_departement(home):
    verdict = check(Chain([offline_index(home, *at(OUT, "Rue du Bidule", PARIS_11))]), "12 rue du Bidule, 75012 Paris")
    assert "autre département" not in verdict.message
    assert verdict.location.match["postcode"] == "different"


def test_homonymous_towns_are_a_weak_match_that_tells_both(home):
    index = offline_index(home, *at(IN, "Rue du Bidule", BEAUMONT_63), *at(OUT, "Rue du Bidule", BEAUMONT_74))
    verdict = check(Chain([index]), "12 rue du Bidule, Beaumont")
    assert words(verdict) == WEAK
    assert {one.citycode: one.status for one in verdict.candidates} == {"63032": "inside", "74031": "outside"}
    for town, expected in (("Beaumont (63)", "inside"), ("74160 Beaumont", "outside")):
        assert check(Chain([index]), f"12 rue du Bidule, {town}").status == expected


# ── A town that no index holds ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "departments", "remedy"),
    [
        ("30 boulevard Antonio Vivaldi Lyon", "69", "qpv addresses fetch 69"),
        ("12 rue du Bidule, 86000 Poitiers", "86", "qpv addresses fetch 86"),
        ("12 rue du Bidule, Ajaccio", "2A", "qpv addresses fetch 2A"),
        ("12 rue du Bidule, 97400 Saint-Denis", "974", "qpv addresses fetch 974"),
        ("12 rue de l'Absence, 86000 Poitiers", "86", "qpv addresses fetch 86"),
        ("12 rue du Bidule, Beaumont (07)", "07", "qpv addresses fetch 07"),
        ("12 rue du Bidule, Hem", "59", "qpv addresses fetch 59"),
    ],
)
@pytest.mark.usefixtures("socket_disabled")
def test_offline_a_town_that_no_index_holds_is_missing_addresses(home, text, departments, remedy):
    sets = replace(SQUARES, insee=("69123,86194,2A004,97411,59299,07029,07028,07027",))
    index = offline_index(home, *at(OUT, "Rue du Bidule", LOOS), *at(OUT, "Boulevard Antonio Vivaldi", LOOS))
    verdict = qpv_geo.check(address=text, geocoder=Chain([index]), perimeters=sets)
    assert (words(verdict), verdict.remedy) == (MISSING, remedy)
    assert departments in verdict.message
    assert "Ce n’est pas une réponse" in verdict.message
    assert verdict.location.point is None


def test_a_filter_names_a_town_that_no_index_holds(home):
    index = offline_index(home, *at(OUT, "Rue du Bidule", LOOS))
    for filters in ({"postcode": "86000"}, {"citycode": "86194"}):
        verdict = check(Chain([index]), "12 rue du Bidule", **filters)
        assert (words(verdict), verdict.remedy) == (MISSING, "qpv addresses fetch 86")


def test_a_town_that_no_index_holds_is_asked_of_the_service(home):
    index = offline_index(home, *at(OUT, "Rue du Bidule", LOOS))
    verdict = check(Chain([index, FakeGeocoder({})]), "12 rue du Bidule, 86000 Poitiers")
    assert (words(verdict), verdict.remedy) in [(WEAK, None), (ABSENT, None)]


# ── What is firm ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return offline_index(
        tmp_path_factory.mktemp("firm"),
        *at(IN, "Rue de l'Épreuve", LOOS),
        *at(OUT, "Rue des Tulipes", LOOS),
        *at(OUT, "Rue de l'Épreuve", POITIERS),
        row(IN, 500, 12, "Rue des Tulipes", rep="bis", **LOOS.columns()),
    )


@pytest.mark.parametrize(
    ("text", "filters", "status"),
    [
        ("30 rue de l'Épreuve, 59120 Loos", {}, "inside"),
        ("30 rue de l'Épreuve Apt 12, 59120 Loos", {}, "inside"),
        ("30 rue de l'Épreuve 59120", {}, "inside"),  # Loos alone has that postcode
        ("30 rue de l'Épreuve", {"postcode": "59120"}, "inside"),
        ("30 rue de l'Épreuve", {"citycode": "59360"}, "inside"),
        ("30 rue de l'Épreuve", {"citycode": "86194"}, "outside"),
        ("30 rue de l'Épreuve, 86000 Poitiers", {}, "outside"),
        ("30 RUE DE L EPREUVE 86000 POITIERS CEDEX", {}, "outside"),
        ("30 rue de l&#39;&Eacute;preuve 59120 Loos", {}, "inside"),
        ("30 rue de l'Ã‰preuve 59120 Loos", {}, "inside"),
        ("30 rue de l'\ufffdpreuve 59120 Loos", {}, "inside"),
        ("30 rue de l'Épreuve 59120 Loos jean@exemple.fr", {}, "inside"),
        ("30 rue de l'Épreuve 59120 Loos, tél. 03 20 12 34 56", {}, "inside"),
        ("12 rue des Tulipes, Loos", {}, "outside"),
        ("12 bis rue des Tulipes, Loos", {}, "inside"),
        ("12 B rue des Tulipes, Loos", {}, "inside"),
        ("12b rue des Tulpies, Loos", {}, "inside"),
    ],
)
def test_the_very_address_is_firm(index, text, filters, status):
    verdict = check(Chain([index]), text, **filters)
    assert words(verdict) == (status, "clear")


@given(
    st.integers(1, 60),
    st.sampled_from(
        ["Rue de l'Épreuve", "Rue des Tulipes", "Rue du Rivage", "Impasse des Tulipes", "Rue de l'Éprouvé"]
    ),
    st.sampled_from(["59120 Loos", "Loos", "59120", "86000 Poitiers", "Poitiers", "Hem", "Lille", "Trucville", ""]),
    st.sampled_from(["{} {}, {}", "{} {} {}", "{2} {0} {1}", "{0}, {1} apt 12, {2}"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_firm_verdict_is_about_the_number_street_and_town_asked(index, number, street, town, layout):
    text = layout.format(number, street, town)
    verdict = check(Chain([index]), text)
    if is_firm(verdict):
        held = number <= 40 and (street, town.split()[-1:]) in [
            ("Rue de l'Épreuve", ["Loos"]), ("Rue des Tulipes", ["Loos"]), ("Rue de l'Épreuve", ["Poitiers"]),
            ("Rue de l'Épreuve", ["59120"]), ("Rue des Tulipes", ["59120"]),
        ]  # fmt: skip
        assert held, text
        assert verdict.location.label.startswith(f"{number} {street} ")


def test_what_is_firm_in_an_index_is_asked_of_nobody(index):
    service = FakeGeocoder({})
    assert is_firm(check(Chain([index, service]), "30 rue de l'Épreuve, 59120 Loos"))
    assert service.asked == []


# ── A name and a code that contradict each other ─────────────────────────────────────────────────────────────


def test_a_code_of_another_town_leaves_it_open_where_both_have_the_door(home):
    """« 69100 Lyon » is written in Villeurbanne."""
    index = offline_index(home, *at(IN, "Rue du Bidule", VILLEURBANNE), *at(OUT, "Rue du Bidule", LYON_2))
    assert words(check(Chain([index]), "12 rue du Bidule, 69100 Lyon")) == WEAK
    assert words(check(Chain([index]), "12 rue du Bidule, 69100 Villeurbanne")) == ("inside", "clear")


def test_a_code_of_another_town_keeps_a_commune_from_being_outside(home):
    """The index has the door in Loos, which a perimeter touches; none touches Lille."""
    sets = replace(SQUARES, insee=("59360",))
    index = offline_index(home, *at(IN, "Rue du Bidule", LOOS))
    for text in ("12 rue du Bidule, 59120 Lille", "12 rue de l'Absence, 59120 Lille"):
        verdict = qpv_geo.check(address=text, geocoder=Chain([index]), perimeters=sets)
        assert not is_firm(verdict), text
    right = qpv_geo.check(address=f"12 rue du Bidule, {LILLE.postcode} Lille", geocoder=Chain([index]), perimeters=sets)
    assert words(right) == ("outside", "commune_without_perimeter")


def test_a_range_whose_end_is_unknown_is_not_firm_where_a_street_has_two_postcodes(home):
    """Each postcode has a street of its own in the index, and both have a number of the range."""
    other = Commune(LILLE.citycode, "59800", LILLE.name)
    rows = [one | {"id": f"59350_9999_{one['numero']:05}"} for one in at(IN, "Rue du Bidule", other, range(13, 20))]
    index = offline_index(home, *at(IN, "Rue du Bidule", LILLE, range(13, 20)), *rows)
    assert words(check(Chain([index]), "13 à 15 rue du Bidule, 59000 Lille")) == ("inside", "clear")
    for text in (
        "13 à 99 rue du Bidule, 59000 Lille",
        "1-17 rue du Bidule, 59800 Lille",
        "13, 99 rue du Bidule, Lille",
    ):
        assert words(check(Chain([index]), text)) == WEAK, text


def test_the_sentence_names_the_address_that_is_shown_as_found():
    text = "12 rue du Bidule, 59120 Loos"
    better = candidate(IN, 500, "Rue Millet", score=0.9, kind="street", **LOOS.fields())
    alike = candidate(OUT, 500, "Avenue du Bidule", score=0.4, kind="street", **LOOS.fields())
    verdict = check(FakeGeocoder({text: [better, alike]}), text)
    assert words(verdict) == WEAK
    assert "Bidule" in verdict.location.label
    assert "Avenue du Bidule" in verdict.message
    assert "Millet" not in verdict.message


# ── A complement in words ────────────────────────────────────────────────────────────────────────────────────


def test_a_residence_is_more_than_its_commune(home):
    index = offline_index(home, *at(IN, "Résidence du Gabarit", LOOS), *at(OUT, "Rue du Banc", LOOS))
    assert words(check(Chain([index]), "Résidence du Gabarit, 59120 Loos")) == ("inside", "clear")
    assert words(check(Chain([index]), "3 résidence du Gabarit, 59120 Loos")) == ("inside", "clear")
    assert words(check(Chain([index]), "résidence du Gabarit, 3 rue du Banc, 59120 Loos")) == ("outside", "clear")
