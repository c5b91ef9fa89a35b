"""The table of firmness: a candidate is the address asked part by part, and no part makes up for another."""

from __future__ import annotations

import pytest
from asking import asked, door, firm, indexed, parts
from counting import DOOR
from hypothesis import given
from hypothesis import strategies as st
from real_towns import (
    BEAUMONT_63,
    BEAUMONT_74,
    HEM,
    HENIN_BEAUMONT,
    LOOS,
    LYON_2,
    POITIERS,
    SAINT_ETIENNE,
    VILLEURBANNE,
)
from written import ESSAI, ban, street

from qpv_geo.geocoding.match import compared, is_firm, is_town_sure
from qpv_geo.geocoding.protocol import Agreement, Match, Query

SAME, SPELLING, UNSAID, DIFFERENT = Agreement.SAME, Agreement.SPELLING, Agreement.UNSAID, Agreement.DIFFERENT
AGREEMENTS = st.sampled_from(list(Agreement))
MATCHES = st.builds(
    Match, AGREEMENTS, AGREEMENTS, AGREEMENTS, AGREEMENTS, st.booleans(), st.booleans(), is_elsewhere=st.booleans()
)


# ── The table itself ─────────────────────────────────────────────────────────────────────────────────────────


@given(MATCHES)
def test_firm_is_the_number_the_street_and_the_town_whatever_else(match):
    number = match.number in {SAME, UNSAID}
    street_ = match.street in {SAME, SPELLING}
    town = match.city in {SAME, SPELLING} or (match.city is UNSAID and match.is_determined)
    assert is_firm(match) is (number and street_ and town and not match.is_elsewhere)
    assert is_town_sure(match) is (town and not match.is_elsewhere)


def test_what_was_not_compared_is_not_firm():
    assert not is_firm(None)
    assert not is_town_sure(None)


@given(st.floats(0, 1), st.floats(0, 1))
def test_no_score_makes_a_candidate_firm_or_takes_it_away(score, other):
    right = DOOR._replace(score=score)
    wrong = DOOR._replace(id="autre", street="Rue des Témoins", label="15 bis Rue des Témoins", score=other)
    found = compared(Query("15 bis rue des Essais, Essai-sur-Test"), [wrong, right], lambda _: False)
    assert (found[0].id, found[0].score, is_firm(found[0].match)) == (right.id, score, True)
    assert [(one.id, is_firm(one.match)) for one in found[1:]] in ([("autre", False)], [])


def test_of_candidates_alike_the_best_score_comes_first_and_all_that_are_firm_are_kept():
    some = [DOOR._replace(id=str(score), score=score) for score in (0.2, 0.9, 0.5)]
    found = compared(Query("15 bis rue des Essais, Essai-sur-Test"), some, lambda _: False)
    assert [one.score for one in found] == [0.9, 0.5, 0.2]
    assert all(is_firm(one.match) for one in found)


# ── What is not there is never firm ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "held", "town"),
    [
        ("11 rue du Rivage 59510 Hem", "Rue du Tige", HEM),
        ("12 rue des Tulipes, 59120 Loos", "Rue des Lilas", LOOS),
        ("12 rue des Lilas, 59120 Loos", "Rue des Tulipes", LOOS),
        ("12 avenue du Général de Gaulle, 59120 Loos", "Avenue du Général Leclerc", LOOS),
        ("12 avenue du Général Leclerc, 59120 Loos", "Avenue du Général de Gaulle", LOOS),
        ("12 avenue Leclerc, 59120 Loos", "Avenue du Général de Gaulle", LOOS),
        ("12 rue Jules Ferry, 59120 Loos", "Rue Jules Guesde", LOOS),
        ("12 rue Jules Guesde, 59120 Loos", "Rue Jules Ferry", LOOS),
        ("12 rue de la Porte, 59120 Loos", "Rue de la Poste", LOOS),
        ("12 rue de la Poste, 59120 Loos", "Rue de la Porte", LOOS),
        ("12 rue Martin, 59120 Loos", "Rue Henri Martin", LOOS),
        ("12 rue Henri Martin, 59120 Loos", "Rue Martin", LOOS),
        ("12 rue Paul Martin, 59120 Loos", "Rue Henri Martin", LOOS),
        ("mairie de Poitiers", "Rue de la Mairie", POITIERS),
        ("mairie, Poitiers", "Rue de la Mairie", POITIERS),
        ("12 mairie, Poitiers", "Rue de la Mairie", POITIERS),
        ("collège de Loos", "Rue du Collège", LOOS),
        ("centre social de Hem", "Rue du Centre Social", HEM),
    ],
)
def test_a_street_that_is_not_there_is_not_answered_by_one_that_is(tmp_path, text, held, town):
    found = asked(indexed(tmp_path, street(held, town)), text)
    assert not any(is_firm(one.match) for one in found)
    assert {one.match.street for one in found} <= {DIFFERENT}


@pytest.mark.parametrize(
    ("text", "held", "town"),
    [
        ("30 boulevard Antonio Vivaldi Lyon", "Boulevard Antonio Vivaldi", SAINT_ETIENNE),
        ("30 boulevard Antonio Vivaldi, Lyon", "Boulevard Antonio Vivaldi", SAINT_ETIENNE),
        ("30 boulevard Antonio Vivaldi, 69003 Lyon", "Boulevard Antonio Vivaldi", SAINT_ETIENNE),
        ("30 boulevard Antonio Vivaldi, 69003", "Boulevard Antonio Vivaldi", SAINT_ETIENNE),
        ("30 rue Victor Hugo, Beaumont (63)", "Rue Victor Hugo", HENIN_BEAUMONT),
        ("30 rue Victor Hugo, Beaumont", "Rue Victor Hugo", HENIN_BEAUMONT),
        ("30 rue Victor Hugo, Beaumont (63)", "Rue Victor Hugo", BEAUMONT_74),
        ("30 rue Victor Hugo, 63110 Beaumont", "Rue Victor Hugo", BEAUMONT_74),
        ("30 rue Victor Hugo, Hem", "Rue Victor Hugo", LOOS),
        ("30 rue Victor Hugo, 59510 Hem", "Rue Victor Hugo", LOOS),
        ("30 rue Victor Hugo, 59120 Hem", "Rue Victor Hugo", LOOS),
        ("30 rue Victor Hugo, Trucville", "Rue Victor Hugo", LOOS),
        ("30 rue Victor Hugo, Lille", "Rue Victor Hugo", LOOS),
        ("30 rue Victor Hugo, Lille", "Rue Victor Hugo", ESSAI),
    ],
)
def test_a_town_that_is_not_there_is_not_answered_by_one_that_is(tmp_path, text, held, town):
    index = indexed(tmp_path, street(held, town, [30]))
    assert asked(index, text)
    assert firm(index, text) == []
    assert parts(index, text)[:2] == ("same", "same")  # the town or its code differs, and nothing else


# ── The town ─────────────────────────────────────────────────────────────────────────────────────────────────

LILAS = [*street("Rue des Lilas", LOOS), *street("Rue du Tige", HEM), *street("Rue de l'Épreuve", POITIERS)]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return indexed(tmp_path_factory.mktemp("match"), LILAS)


@pytest.mark.parametrize(
    ("text", "expected", "is_sure"),
    [
        ("3 rue des Lilas, 59120 Loos", ("same", "same", "same", "same"), True),
        ("3 rue des Lilas, Loos", ("same", "same", "unsaid", "same"), True),
        ("3 rue des Lilas Loos", ("same", "same", "unsaid", "same"), True),
        ("Loos, 3 rue des Lilas", ("same", "same", "unsaid", "same"), True),
        ("59120 Loos 3 rue des Lilas", ("same", "same", "same", "same"), True),
        ("3 rue des Lilas 59120", ("same", "same", "same", "unsaid"), True),  # a postcode of one commune
        ("3 rue du Tige 59510", ("same", "same", "same", "unsaid"), False),  # of Forest-sur-Marque too
        ("3 rue du Tige 59510 Hem", ("same", "same", "same", "same"), True),
        ("3 rue de l'Épreuve 86194", ("same", "same", "same", "unsaid"), False),  # or a CEDEX of another town
        ("3 rue du Tige 59299", ("same", "same", "same", "unsaid"), False),  # one that is the postcode of others
        ("3 rue des Lilas 59360", ("same", "same", "same", "unsaid"), False),
        ("3 rue des Lilas 59360 Loos", ("same", "same", "same", "same"), True),
        ("3 rue des Lilas", ("same", "same", "unsaid", "unsaid"), False),
        ("rue des Lilas", ("unsaid", "same", "unsaid", "unsaid"), False),
        ("rue des Lilas, Loos", ("unsaid", "same", "unsaid", "same"), True),
        ("3 rue de l'Épreuve 86000 Poitier", ("same", "same", "same", "spelling"), True),
        ("3 rue de l'Épreuve Potiers", ("same", "same", "unsaid", "spelling"), True),
        ("3 rue de l'Épreuve POI TIERS", ("same", "same", "unsaid", "spelling"), True),
        ("3 rue de l'Épreuve 8600 Poitiers", ("same", "same", "spelling", "same"), True),
        ("3 rue de l'Épreuve 86 000 Poitiers", ("same", "same", "same", "same"), True),
        ("3 rue de l'Épreuve 860000 Poitiers", ("same", "same", "spelling", "same"), True),
        ("3 rue de l'Épreuve 86001 Poitiers", ("same", "same", "spelling", "same"), True),
        ("3 rue de l'Épreuve 86030 Poitiers cedex", ("same", "same", "spelling", "same"), True),
        ("3 rue de l'Épreuve 86100 Poitiers", ("same", "same", "spelling", "same"), False),  # that of Châtellerault
        ("3 rue des Lilas, 86000 Loos", ("same", "same", "different", "same"), False),  # of another département
        ("3 rue des Lilas, 86000", ("same", "same", "different", "unsaid"), False),
        ("3 rue des Lilas, 2A004 Loos", ("same", "same", "different", "same"), False),
        ("3 rue des Lilas, 97400 Loos", ("same", "same", "different", "same"), False),
        ("3 rue des Lilas, Loos (59)", ("same", "same", "unsaid", "same"), True),
        ("3 rue des Lilas (59)", ("same", "same", "unsaid", "unsaid"), False),
        ("3 rue des Lilas, Loos (62)", ("same", "same", "unsaid", "same"), False),
    ],
)
def test_the_town_is_said_or_determined_or_nothing_is_firm(index, text, expected, is_sure):
    assert parts(index, text) == expected
    assert bool(firm(index, text)) is is_sure


@pytest.mark.parametrize(
    ("filters", "is_sure"),
    [
        ({"citycode": "59360"}, True),
        ({"postcode": "59120"}, True),
        ({"postcode": "59120", "citycode": "59360"}, True),
        ({"citycode": "59299"}, False),
        ({"postcode": "59360"}, False),
        ({"postcode": "59120", "citycode": "59299"}, False),
    ],
)
def test_a_code_given_as_such_determines_the_town(index, filters, is_sure):
    assert firm(index, "3 rue des Lilas", **filters) == ([("3", "Rue des Lilas", "Loos")] if is_sure else [])
    assert firm(index, "3 rue des Lilas, Loos", **filters) == ([("3", "Rue des Lilas", "Loos")] if is_sure else [])


@pytest.mark.parametrize("filters", [{"citycode": "59360"}, {"postcode": "59120"}])
def test_a_code_does_not_make_up_for_a_street_or_a_number(index, filters):
    for text in ("3 rue des Tulipes", "99 rue des Lilas", "3 rue du Tige", "3 rue des Lilas, Hem"):
        assert firm(index, text, **filters) == []


@pytest.mark.parametrize("text", ["12 rue Victor Hugo, 69100 Lyon", "12 rue Victor Hugo 69002 Villeurbanne"])
def test_a_name_and_a_code_that_are_of_two_towns_with_that_door_leave_it_open(tmp_path, text):
    """People of the suburbs write the name of the big town after a postcode of their own."""
    rows = [ban(12, "Rue Victor Hugo", LYON_2), ban(12, "Rue Victor Hugo", VILLEURBANNE, at=(0.4, 46.5))]
    index = indexed(tmp_path, rows)
    assert {one.city for one in asked(index, text)} == {LYON_2.name, VILLEURBANNE.name}
    assert len(firm(index, text)) != 1


# ── The number ───────────────────────────────────────────────────────────────────────────────────────────────

DOORS = ["12", "12 bis", "14", "16 a", "16 b", "18 ter", "20 t"]


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    split = [one.partition(" ") for one in DOORS]
    return indexed(tmp_path_factory.mktemp("doors"), [ban(n, "Rue du Banc", LOOS, suffix=s) for n, _, s in split])


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("12", "12"),
        ("12 bis", "12 bis"),
        ("12bis", "12 bis"),
        ("12 BIS,", "12 bis"),
        ("12-bis", "12 bis"),
        ("12 B", "12 bis"),
        ("12b", "12 bis"),
        ("n° 12", "12"),
        ("No12", "12"),
        ("N°12 bis,", "12 bis"),
        ("012", "12"),
        ("14", "14"),
        ("14 bis", None),
        ("14 B", None),
        ("14 ter", None),
        ("12 ter", None),
        ("12 A", None),
        ("16", None),  # only 16 a and 16 b are known
        ("16 A", "16 a"),
        ("16 bis", "16 b"),
        ("16 C", None),
        ("18", None),
        ("18 T", "18 ter"),
        ("20 ter", "20 t"),
        ("1", None),
        ("120", None),
        ("2", None),
        ("99", None),
        ("0", None),
    ],
)
def test_a_door_is_the_very_number_with_its_suffix(doors, number, found):
    text = f"{number} rue du Banc, 59120 Loos"
    assert firm(doors, text) == ([(found, "Rue du Banc", "Loos")] if found else [])
    assert parts(doors, text) == ("same" if found else "different", "same", "same", "same")


@pytest.mark.parametrize("number", ["N12", "A12", "l2", "00012", "12345", "59000"])
def test_figures_in_front_of_a_street_that_are_not_read_as_a_number_are_not_left_out(doors, number):
    assert firm(doors, f"{number} rue du Banc, 59120 Loos") == []


@pytest.mark.parametrize("word", ["Ancienne", "Petite", "Vieille", "Grande", "Nouvelle", "Contre-"])
def test_what_a_street_is_told_from_another_by_is_not_left_out(doors, word):
    assert firm(doors, f"{word} rue du Banc, 59120 Loos") == []
    assert firm(doors, "Mairie, rue du Banc, 59120 Loos") == [(None, "Rue du Banc", "Loos")]
    assert firm(doors, "Café de la Grande, rue du Banc, 59120 Loos") == [(None, "Rue du Banc", "Loos")]


@pytest.mark.parametrize("others", ["86000", "59000", "97400"])
def test_a_code_of_another_town_beside_the_right_one_is_not_left_out(doors, others):
    assert firm(doors, f"12 rue du Banc, {others}, 59120 Loos") == []
    assert firm(doors, f"12 rue du Banc, 59120 Loos {others}") == []
    assert firm(doors, "12 rue du Banc, 59120 Loos (59360)") == [("12", "Rue du Banc", "Loos")]
    assert firm(doors, "12 rue du Banc, 59120 Loos 59374 cedex") == [("12", "Rue du Banc", "Loos")]


@pytest.mark.parametrize(
    "front",
    [
        "Impasse de la",
        "Derrière la",
        "Angle",
        "Parking de la",
        "Rue Haute x",
        "Place de l'Essai -",
        "Puits, allée Basse et",
        "Entre la rue Haute et la",
        "Belle",
        "Seconde",
        "Cité",
        "B",
        "Hem,",
        "Ex-",
        "Résidence de la",
    ],
)
def test_words_in_front_of_a_street_that_make_it_another_place_are_not_left_out(doors, front):
    assert firm(doors, f"{front} rue du Banc, 59120 Loos") == []


@pytest.mark.parametrize("front", ["Mairie", "Collège Essai", "Café de la Place,", "Quartier des Essais,"])
def test_who_is_in_front_of_a_street_is_left_out(doors, front):
    assert firm(doors, f"{front} rue du Banc, 59120 Loos") == [(None, "Rue du Banc", "Loos")]


@pytest.mark.parametrize(
    "behind",
    [
        "prolongée",
        "Nord",
        "partie haute",
        "rue Haute",
        "(ex rue Haute)",
        "angle rue Haute",
        "ruelle du Puits - bâtiment A",
    ],
)
def test_a_segment_that_makes_it_another_street_is_not_left_out(doors, behind):
    assert firm(doors, f"12 rue du Banc, {behind}, 59120 Loos") == []
    assert firm(doors, "12 rue du Banc, Espace Essai, 59120 Loos") == [("12", "Rue du Banc", "Loos")]


@pytest.mark.parametrize("text", ["rue des 12 Bancs", "rue du 12 Banc", "rue 12 du Banc", "rue des 14 Banc"])
def test_a_number_within_the_name_of_a_street_is_no_door_s(doors, text):
    assert firm(doors, f"{text}, 59120 Loos") == []


@pytest.mark.parametrize(
    "front",
    ["voisin du", "hauteur du", "après le", "non loin du", "ancienne adresse :", "ex", "dossier", "parcelle n°"],
)
def test_a_number_that_is_another_s_or_of_a_place_beside_is_not_the_door(doors, front):
    assert firm(doors, f"{front} 12 rue du Banc, 59120 Loos") == []
    assert firm(doors, f"{front} 12, rue du Banc, Loos") == []


@pytest.mark.parametrize("front", ["Syndicat du", "locataire du", "M. Carrefour,", "demeurant au"])
def test_who_is_at_a_door_is_left_out(doors, front):
    assert firm(doors, f"{front} 12 rue du Banc, 59120 Loos") == [("12", "Rue du Banc", "Loos")]


def test_a_street_is_found_where_no_number_is_asked(doors):
    assert firm(doors, "rue du Banc, 59120 Loos") == [(None, "Rue du Banc", "Loos")]
    assert parts(doors, "rue du Banc, 59120 Loos") == ("unsaid", "same", "same", "same")


@pytest.mark.parametrize("text", ["rue du Banc 12, Loos", "rue du Banc n° 12, 59120 Loos", "Loos, rue du Banc, 12"])
def test_a_number_may_stand_behind_the_street(doors, text):
    assert firm(doors, text) == [("12", "Rue du Banc", "Loos")]


# ── What nothing explains ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "3 rue des Lilas Rouges, 59120 Loos",
        "3 rue des Grands Lilas, 59120 Loos",
        "3 rue du Clos des Lilas, 59120 Loos",
        "3 petite rue des Lilas, 59120 Loos",
        "3 rue des Lilas prolongée, 59120 Loos",
        "3 rue des Lilas et des Roses, 59120 Loos",
        "3 rue des Lilas extra Loos",
        "3 rue des Lilas Nord 59120",
        "3 rue des Lilas 17 59120 Loos",
        "3 rue des Lilas impasse du Puits 59120 Loos",
    ],
)
def test_a_word_left_beside_the_street_is_of_another_one(index, text):
    assert firm(index, text) == []


@pytest.mark.parametrize(
    "beside",
    [
        "face au",
        "garage face au",
        "en face du",
        "derrière le",
        "près du",
        "à côté du",
        "au-dessus du",
        "devant le",
        "angle du",
    ],
)
def test_what_is_beside_a_door_is_not_the_door(index, beside):
    for text in (f"{beside} 3 rue des Lilas, 59120 Loos", f"{beside} 3, rue des Lilas, Loos"):
        assert firm(index, text) == []


@pytest.mark.parametrize(
    "town", ["Loos-le-Haut", "Loos Nord", "Loos Plage", "Loos, Belgique", "Loos (Suisse)", "Loos Canada"]
)
def test_words_behind_the_town_that_make_it_another_are_not_left_out(index, town):
    assert firm(index, f"3 rue des Lilas, {town}") == []
    assert firm(index, f"rue des Lilas, {town}") == []


def test_a_street_behind_the_town_is_not_left_out(index):
    assert firm(index, "3 rue des Lilas, 59120 Loos, rue du Puits") == []


@pytest.mark.parametrize("town", ["Loos-en-Gohelle", "Hem-Hardinval", "Hem-Monacu"])
def test_a_town_whose_name_begins_another_s_is_not_answered_for_it(index, town):
    for street_ in ("rue des Lilas", "rue du Tige"):
        for text in (f"3 {street_}, {town}", f"{town}, 3 {street_}", f"3 {street_} {town}"):
            assert firm(index, text) == [], text


@pytest.mark.parametrize(
    "text", ["3 rue de Loos, Hem", "3 rue de Loos Hem", "3 rue de Loos, 59510 Hem", "rue de Loos Hem"]
)
def test_a_street_named_after_a_town_is_not_the_one_of_that_town_named_after_the_other(tmp_path, text):
    assert firm(indexed(tmp_path, street("Rue de Hem", LOOS)), text) == []


def test_a_name_behind_the_town_is_no_part_of_a_street_s(tmp_path):
    some = indexed(tmp_path, street("Rue Henri Martin", LOOS))
    assert firm(some, "3 rue Henri, 59120 Loos, Martin") == []
    assert firm(some, "3 rue Henri Martin, 59120 Loos, Martin") == [("3", "Rue Henri Martin", "Loos")]


def test_a_town_in_front_of_the_number_is_not_left_out(index):
    for text in ("Hem, 3 rue des Lilas, Loos", "Saint-Étienne, 3 rue des Lilas, 59120 Loos"):
        assert firm(index, text) == []


@pytest.mark.parametrize("said", ["Nord", "nord, France"])
@pytest.mark.parametrize("other", ["Pas-de-Calais", "Haute-Savoie", "La Réunion", "Côte d'Or"])
def test_a_departement_named_after_the_town_is_that_of_the_town(index, said, other):
    assert firm(index, f"3 rue des Lilas, Loos, {said}") == [("3", "Rue des Lilas", "Loos")]
    assert firm(index, f"3 rue des Lilas, Loos ({said})") == [("3", "Rue des Lilas", "Loos")]
    assert firm(index, f"3 rue des Lilas, Loos, {other}") == []
    assert firm(index, f"3 rue des Lilas, Loos ({other})") == []


@pytest.mark.parametrize("towns", ["Hem Loos", "Hem, Loos", "Loos, Hem", "Loos ou Hem", "59120 Loos, 59510 Hem"])
def test_two_towns_that_are_named_leave_it_open(tmp_path, towns):
    some = indexed(tmp_path, [*street("Rue du Banc", LOOS), *street("Rue du Banc", HEM, at=(0.4, 46.6))])
    assert len(firm(some, f"3 rue du Banc, {towns}")) != 1


@pytest.mark.parametrize(
    "text",
    [
        "Association des Témoins, 3 rue des Lilas, 59120 Loos",
        "Mairie, 3 rue des Lilas, 59120 Loos",
        "M. Dupont 3 rue des Lilas 59120 Loos",
        "3 rue des Lilas, 59120 Loos, France",
        "3 rue des Lilas, 59120 LOOS CEDEX",
        "3 rue des Lilas, 59120 Loos, à l'attention de Mme Durand",
    ],
)
def test_a_word_in_front_of_the_number_or_behind_the_town_is_nobody_s_street(index, text):
    assert firm(index, text) == [("3", "Rue des Lilas", "Loos")]


def test_candidates_of_a_service_are_compared_as_those_of_an_index():
    """By the words of their fields: a label, a score or an order say nothing."""
    other = DOOR._replace(id="ailleurs", citycode="99002", postcode="99020", city="Saint-Modèle", score=1.0)
    query = Query("15 bis rue des Essais, Essai-sur-Test")
    found = compared(query, [other, DOOR], lambda _: False)
    assert [(door(one), is_firm(one.match)) for one in found] == [(door(DOOR), True), (door(other), False)]
    assert [str(part) for part in found[1].match.parts().values()] == ["same", "same", "unsaid", "different"]


def test_the_town_of_homonyms_is_that_of_the_departement(tmp_path):
    rows = [ban(3, "Rue du Bidule", BEAUMONT_63), ban(3, "Rue du Bidule", BEAUMONT_74, at=(0.5, 46.6))]
    index = indexed(tmp_path, rows)
    for said, code in (("(63)", "63032"), ("(74)", "74031")):
        found = [one for one in asked(index, f"3 rue du Bidule, Beaumont {said}") if is_firm(one.match)]
        assert [one.citycode for one in found] == [code]
    assert len(firm(index, "3 rue du Bidule, Beaumont")) == 2
