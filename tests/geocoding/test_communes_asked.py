"""Which communes an address names: by the gazetteer alone, without any index."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.geocoding.communes import communes_asked
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.text_normalisation import shown


def asked(text, **filters):
    return communes_asked(make_query(text, **filters))


def codes(text, **filters):
    return [one.code for one in asked(text, **filters).communes]


# ── Alone ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "code", "agreement"),
    [
        ("Loos", "59360", "same"),
        ("LOOS", "59360", "same"),
        ("59120 Loos", "59360", "same"),
        ("Loos 59120", "59360", "same"),
        ("Loos (59)", "59360", "same"),
        ("LOOS CEDEX", "59360", "same"),
        ("59120", "59360", "unsaid"),
        ("Poitiers", "86194", "same"),
        ("Poitiers cedex 9", "86194", "same"),
        ("86000 Potiers", "86194", "spelling"),
        ("saint etienne", "42218", "same"),
        ("St-Étienne", "42218", "same"),
        ("42000 Saint Etiene", "42218", "spelling"),
        ("Paris", "75056", "same"),
        ("Paris 12e", "75056", "same"),
        ("75012", "75056", "unsaid"),
        ("75012 Paris", "75056", "same"),
        ("Lyon 3e arrondissement", "69123", "same"),
        ("69003 Lyon", "69123", "same"),
        ("Marseille", "13055", "same"),
        ("Cran-Gevrier", "74010", "same"),  # a former commune, part of Annecy today
        ("86194", "86194", "unsaid"),  # an INSEE code that is no postcode
        ("Beaumont (63)", "63032", "same"),
        ("63110 Beaumont", "63032", "same"),
        ("à Loos", "59360", "same"),
        ("Le Mans", "72181", "same"),
        ("Rue", "80688", "same"),
        ("Saint-Denis (974)", "97411", "same"),
        ("97400 Saint-Denis", "97411", "same"),
        ("Ajaccio (2A)", "2A004", "same"),
    ],
)
def test_a_commune_alone_is_known_by_name_or_code(text, code, agreement):
    found = asked(text)
    assert [one.code for one in found.communes] == [code]
    assert (str(found.agreement), found.is_alone, found.is_sure) == (agreement, True, True)


@pytest.mark.parametrize("name", ["Beaumont", "Mons", "Saint-Denis", "Valence", "Villeneuve"])
def test_communes_of_one_name_are_all_asked_the_most_populated_first(name):
    found = asked(name)
    assert len(found.communes) > 1
    assert found.is_alone
    inhabitants = [one.population for one in found.communes]
    assert inhabitants == sorted(inhabitants, reverse=True)
    assert len({one.department for one in found.communes}) > 1


def test_communes_of_one_postcode_are_all_asked():
    assert set(codes("59510")) == {"59299", "59247"}
    assert codes("59510 Hem") == ["59299"]


@pytest.mark.parametrize(
    "text",
    ["Trucville", "rue des Lilas", "12 rue des Lilas", "mairie", "12345", "99999 Trucville", "...", "Lille-sur-Trucs"],
)
def test_what_names_no_commune_names_none(text):
    assert codes(text) == []
    assert not asked(text).is_alone


# ── In an address ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("30 boulevard Antonio Vivaldi Lyon", "69123"),
        ("30 boulevard Antonio Vivaldi, Lyon", "69123"),
        ("30 boulevard Antonio Vivaldi, 69003 Lyon", "69123"),
        ("30 boulevard Antonio Vivaldi 69003", "69123"),
        ("Lyon, 30 boulevard Antonio Vivaldi", "69123"),
        ("Lyon 30 boulevard Antonio Vivaldi", "69123"),
        ("12 rue des Lilas 59120 Loos", "59360"),
        ("12 rue des Lilas Loos", "59360"),
        ("12 rue de Lille, Loos", "59360"),
        ("12 rue de Lille Loos", "59360"),
        ("12 rue de Lille 59120 Loos", "59360"),
        ("12 rue de Lyon, 42000 Saint-Étienne", "42218"),
        ("mairie de Poitiers", "86194"),
        ("mairie, Poitiers", "86194"),
        ("12 rue Victor Hugo, Beaumont (63)", "63032"),
        ("12 rue des Lilas, Cran-Gevrier", "74010"),
        ("12 rue des Lilas, 75012 Paris", "75056"),
        ("12 rue des Lilas, Paris 12e", "75056"),
    ],
)
def test_an_address_names_its_commune_and_is_more_than_that(text, code):
    found = asked(text)
    assert [one.code for one in found.communes] == [code]
    assert not found.is_alone


@pytest.mark.parametrize("text", ["12 rue de Lille", "12 rue de Lyon", "rue de Paris", "avenue de Loos", "rue du Mans"])
def test_the_name_of_a_street_names_no_commune(text):
    found = asked(text)
    assert found.communes == () or not found.is_sure


@pytest.mark.parametrize(
    ("filters", "code"),
    [({"citycode": "59360"}, "59360"), ({"postcode": "59120"}, "59360"), ({"citycode": "75112"}, "75056")],
)
def test_a_filter_names_the_commune_whatever_is_written(filters, code):
    assert codes("12 rue des Lilas", **filters) == [code]
    assert codes("12 rue de Lille", **filters) == [code]
    assert not asked("12 rue des Lilas", **filters).is_alone


@pytest.mark.parametrize(
    "text",
    ["12 rue Nulle, 59120 Loos", "12 rue Nulle Loos", "12 rue Nulle, 59120", "59120 Loos, 12 rue Nulle", "59120 Loos"],
)
@pytest.mark.parametrize("filters", [{"citycode": "75015"}, {"citycode": "86194"}, {"postcode": "20620"}])
def test_a_filter_is_not_sure_of_an_address_that_names_another_town(text, filters):
    assert not asked(text, **filters).is_sure


def test_two_filters_that_contradict_each_other_are_not_sure():
    assert not asked("12 rue Nulle", citycode="27003", postcode="59120").is_sure
    assert asked("12 rue Nulle", citycode="59360", postcode="59120").is_sure


@pytest.mark.parametrize(
    "text", ["12 rue Nulle", "Le Bourg", "12 Saint-Martin", "rue de Lyon", "12 rue Nulle, 59000 Lille"]
)
def test_a_filter_is_sure_of_an_address_that_names_no_other_town(text):
    assert asked(text, citycode="59350").is_sure


def test_a_filter_that_no_commune_has_names_none():
    assert codes("12 rue des Lilas", postcode="99999") == []
    assert codes("12 rue des Lilas", citycode="99999") == []


def test_a_name_and_a_code_of_another_departement_name_nothing_sure():
    for text in ("12 rue des Lilas, 86000 Loos", "12 rue des Lilas, 13001 Poitiers", "86000 Loos"):
        found = asked(text)
        assert not (found.communes and found.is_sure), text


# ── As a verdict tells them ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Loos", ("unsaid", "unsaid", "unsaid", "same")),
        ("59120 Loos", ("unsaid", "unsaid", "same", "same")),
        ("59120", ("unsaid", "unsaid", "same", "unsaid")),
        ("12 rue des Lilas, Loos", ("different", "different", "unsaid", "same")),
        ("rue des Lilas, 59120 Loos", ("unsaid", "different", "same", "same")),
    ],
)
def test_what_is_asked_beside_the_commune_is_not_found(text, parts):
    query = make_query(text)
    [commune] = communes_asked(query).named(query)
    assert (commune.citycode, commune.name, commune.department) == ("59360", "Loos", "59")
    assert tuple(map(str, commune.match.parts().values())) == parts


# ── Any commune ──────────────────────────────────────────────────────────────────────────────────────────────

COMMUNES = st.sampled_from(gazetteer().codes())


@given(COMMUNES)
def test_any_commune_is_named_by_its_postcode_and_name(code):
    commune = gazetteer().commune(code)
    if not commune.postcodes or len(commune.name) < 3:
        return
    text = f"{commune.postcodes[0]} {commune.name}"
    found = asked(text)
    assert code in [one.code for one in found.communes]
    assert found.is_alone
    assert code in codes(f"12 rue des Témoins, {text}")


@given(COMMUNES, st.sampled_from([str.upper, str.lower]))
def test_any_commune_is_named_by_its_name_in_capitals_or_not(code, change):
    commune = gazetteer().commune(code)
    if len(commune.name) < 3:
        return
    found = asked(change(commune.name))
    assert code in [one.code for one in found.communes]
    assert found.is_alone


@given(st.text(max_size=40).filter(lambda text: len(" ".join(shown(text).split())) >= 3))
def test_no_text_breaks_it(text):
    found = asked(text[:200])
    assert isinstance(found.is_alone, bool)


def test_a_postcode_that_a_neighbour_has_for_some_streets_settles_no_commune():
    assert gazetteer().is_shared("59000")  # Lille's, and of some streets of Ronchin
    assert not gazetteer().is_shared("59120")
    assert not communes_asked(make_query("12 rue du Gabarit 59000")).is_sure
    assert communes_asked(make_query("12 rue du Gabarit 59120")).is_sure


@pytest.mark.parametrize("text", ["12 Le Bourg", "12, Loos", "12 Saint-Martin", "59120 Trucville-les-Oies"])
def test_a_number_and_a_name_or_a_code_and_another_name_leave_the_commune_open(text):
    assert not asked(text).is_sure


@pytest.mark.parametrize("text", ["12 rue Nulle, Loos", "59120, 12 rue Nulle", "12 rue Nulle, 59120", "12, 59120 Loos"])
def test_a_name_beside_a_street_or_a_code_alone_is_sure(text):
    assert asked(text).is_sure
