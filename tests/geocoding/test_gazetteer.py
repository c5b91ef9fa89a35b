"""The gazetteer: which communes there are, were, and are meant by a postcode or a name."""

from __future__ import annotations

import json
import re

import pytest

from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.geocoding.normalise import tokens
from qpv_geo.resources import data_folder

CITIES = {"75056": ("751", 20), "69123": ("6938", 9), "13055": ("132", 16)}
ARRONDISSEMENTS = [f"{prefix}{k:0{5 - len(prefix)}}" for prefix, n in CITIES.values() for k in range(1, n + 1)]


def codes(communes):
    return [commune.code for commune in communes]


def written(name):
    return " ".join(tokens(name))


@pytest.mark.parametrize(
    ("code", "name", "department", "postcode"),
    [
        ("59360", "Loos", "59", "59120"),
        ("86194", "Poitiers", "86", "86000"),
        ("17300", "La Rochelle", "17", "17000"),
        ("2A004", "Ajaccio", "2A", "20000"),
        ("2B033", "Bastia", "2B", "20200"),
        ("01004", "Ambérieu-en-Bugey", "01", "01500"),
        ("97105", "Basse-Terre", "971", "97100"),
        ("97209", "Fort-de-France", "972", "97200"),
        ("97302", "Cayenne", "973", "97300"),
        ("97411", "Saint-Denis", "974", "97400"),
        ("97611", "Mamoudzou", "976", "97600"),
        ("97502", "Saint-Pierre", "975", "97500"),
        ("97701", "Saint-Barthélemy", "977", "97133"),
        ("97801", "Saint-Martin", "978", "97150"),
        ("98613", "Uvea", "986", "98600"),
        ("98735", "Papeete", "987", "98714"),
        ("98818", "Nouméa", "988", "98800"),
    ],
)
def test_a_commune_has_its_name_its_department_and_its_postcode(code, name, department, postcode):
    commune = gazetteer().commune(code)
    assert (commune.code, commune.name, commune.department) == (code, name, department)
    assert postcode in commune.postcodes
    assert commune in gazetteer().with_postcode(postcode)


def test_the_postcode_of_loos_belongs_to_loos_alone():
    assert codes(gazetteer().with_postcode("59120")) == ["59360"]
    assert gazetteer().commune("59360").postcodes == ("59120",)


def test_a_postcode_of_several_communes_gives_them_all():
    names = {commune.name for commune in gazetteer().with_postcode("86240")}
    assert {"Ligugé", "Iteuil", "Fontaine-le-Comte"} <= names


@pytest.mark.parametrize("code", CITIES)
def test_a_city_with_arrondissements_is_one_commune(code):
    prefix, count = CITIES[code]
    found = [each for each in ARRONDISSEMENTS if each.startswith(prefix)]
    city = gazetteer().commune(code)
    assert len(found) == count
    assert {gazetteer().commune(each) for each in found} == {city}
    assert all(gazetteer().is_arrondissement(each) for each in found)
    assert not gazetteer().is_arrondissement(code)


@pytest.mark.parametrize(
    ("postcode", "city"),
    [("75001", "75056"), ("75116", "75056"), ("75020", "75056"), ("69009", "69123"), ("13016", "13055")],
)
def test_the_postcode_of_an_arrondissement_gives_the_whole_city_once(postcode, city):
    assert codes(gazetteer().with_postcode(postcode)) == [city]
    assert postcode in gazetteer().commune(city).postcodes


def test_an_arrondissement_has_its_own_names_before_those_of_its_city():
    names = gazetteer().names("75101")
    assert names[:4] == ("paris 1er arrondissement", "paris 1er", "paris 1", "paris 01")
    assert names[-1] == "paris"
    assert {"lyon 3e", "lyon 03", "lyon"} <= set(gazetteer().names("69383"))
    assert codes(gazetteer().named("marseille 15e arrondissement")) == ["13055"]
    assert gazetteer().names("75056") == ("paris",)


@pytest.mark.parametrize(
    ("code", "name", "today"),
    [
        ("59355", "Lomme", "59350"),
        ("93059", "Pierrefitte-sur-Seine", "93066"),
        ("01144", "Dommartin", "01025"),
        ("69232", None, "69123"),
        ("75066", None, "93066"),
    ],
)
def test_the_code_and_the_name_of_a_former_commune_lead_to_that_of_today(code, name, today):
    commune = gazetteer().commune(code)
    assert commune.code == today
    assert not gazetteer().is_arrondissement(code)
    assert name is None or (name in commune.former and commune in gazetteer().named(written(name)))


def test_a_commune_that_changed_its_name_keeps_its_code_and_is_found_by_both_names():
    commune = gazetteer().commune("01025")
    assert commune.name == "Bâgé-Dommartin"
    assert "Bâgé-la-Ville" in commune.former
    assert codes(gazetteer().named("bage la ville")) == codes(gazetteer().named("bage dommartin")) == ["01025"]


def test_homonyms_are_all_given_the_most_populated_first():
    found = gazetteer().named("st denis")
    assert codes(found)[:2] == ["97411", "93066"]
    assert {"11339", "30247"} <= set(codes(found))
    assert [each.population for each in found] == sorted((each.population for each in found), reverse=True)


@pytest.mark.parametrize("code", ["58062", "58063"])
def test_what_stands_in_brackets_in_a_name_may_be_left_out(code):
    assert code in codes(gazetteer().named("chateau chinon"))


@pytest.mark.parametrize("words", ["rochelle", "havre", "", "tulpies", "Loos", "paris 21"])
def test_what_is_not_a_name_gives_nothing(words):
    assert gazetteer().named(words) == ()


@pytest.mark.parametrize("code", ["99999", "", "5936", "00000", "75121", "75056;"])
def test_an_unknown_code_gives_nothing(code):
    assert gazetteer().commune(code) is None
    assert gazetteer().names(code) == ()
    assert gazetteer().with_postcode(code) == ()
    assert not gazetteer().is_arrondissement(code)


def test_a_postcode_of_a_few_streets_does_not_blur_whose_postcode_it_is():
    ronchin = gazetteer().commune("59507")
    assert "59000" in ronchin.other_postcodes
    assert codes(gazetteer().with_postcode("59000")) == ["59350"]


def test_a_postcode_that_only_older_lists_have_is_known():
    assert "30189" in codes(gazetteer().with_postcode("30998"))


def test_the_communes_of_the_embedded_perimeters_are_known():
    features = json.loads((data_folder() / "qpv-2024-poitiers-loos.geojson").read_text(encoding="utf-8"))["features"]
    found = {code for each in features for code in re.findall(r"\w+", each["properties"]["insee_com"])}
    assert {"59360", "86194"} <= found
    assert all(gazetteer().commune(code).code == code for code in found)


def test_every_commune_is_found_by_its_code_its_names_and_its_postcodes():
    known = gazetteer()
    everyone = [known.commune(code) for code in known.codes()]
    assert len(everyone) > 34_900
    for commune in everyone:
        assert known.commune(commune.code) == commune
        assert all(commune in known.with_postcode(postcode) for postcode in commune.postcodes)
        assert all(commune in known.named(words) for words in known.names(commune.code))


def test_names_are_written_as_addresses_are():
    """Where this fails, ``tokens`` has changed: run ``scripts/gazetteer words``."""
    known = gazetteer()
    for commune in map(known.commune, known.codes()):
        first, *others = known.names(commune.code)
        assert first == written(commune.name)
        assert {written(name) for name in commune.former} <= {first, *others}
        assert all(written(words) == words for words in others)
    for code in ARRONDISSEMENTS:
        assert all(written(words) == words for words in known.names(code))


def test_every_postcode_is_five_digits_and_only_the_southern_lands_have_none():
    everyone = [gazetteer().commune(code) for code in gazetteer().codes()]
    assert all(re.fullmatch(r"\d{5}", code) for each in everyone for code in (*each.postcodes, *each.other_postcodes))
    assert {each.department for each in everyone if not each.postcodes} == {"984"}


def test_the_departments_are_those_of_france():
    found = {gazetteer().commune(code).department for code in gazetteer().codes()}
    mainland = {f"{k:02}" for k in range(1, 96)} - {"20"} | {"2A", "2B"}
    assert mainland | {"971", "972", "973", "974", "976"} <= found
    assert found - mainland == {
        "971",
        "972",
        "973",
        "974",
        "975",
        "976",
        "977",
        "978",
        "984",
        "986",
        "987",
        "988",
        "989",
    }
