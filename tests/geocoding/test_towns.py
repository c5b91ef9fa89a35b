"""The towns of an index: found by present and former names, arrondissements and codes, and told from homonyms."""

from __future__ import annotations

import pytest
from asking import asked, firm, indexed, parts
from real_towns import ANNECY, BEAUMONT_63, BEAUMONT_74, LOOS, LYON_2, LYON_3, PARIS_11, PARIS_12, POITIERS
from written import ESSAI, Commune, ban, street

from qpv_geo.geocoding.match import is_firm


def sure(index, text, **filters):
    """Return the INSEE codes of what is firmly found, best first."""
    return [one.citycode for one in asked(index, text, **filters) if is_firm(one.match)]


# ── Former communes ──────────────────────────────────────────────────────────────────────────────────────────


def merged(former, at):
    return ban(3, "Rue de l'Église", ANNECY, at=at, nom_ancienne_commune=former, id=f"74010_{former}_00003")


@pytest.fixture(scope="module")
def annecy(tmp_path_factory):
    """A street of the same name in two communes that became one."""
    rows = [merged("Cran-Gevrier", (6.1, 45.9)), merged("Seynod", (6.2, 45.8)), *street("Rue du Banc", ANNECY)]
    return indexed(tmp_path_factory.mktemp("annecy"), rows)


@pytest.mark.parametrize("town", ["Cran-Gevrier", "CRAN GEVRIER", "74960 Cran-Gevrier", "74000 Cran-Gevrier"])
def test_a_former_commune_is_another_name_of_its_part_of_the_town(annecy, town):
    [found] = [one for one in asked(annecy, f"3 rue de l'Église, {town}") if is_firm(one.match)]
    assert (found.id, found.former_city) == ("74010_Cran-Gevrier_00003", "Cran-Gevrier")


def test_each_former_commune_has_a_street_of_its_own(annecy):
    found = [one for one in asked(annecy, "3 rue de l'Église, Seynod") if is_firm(one.match)]
    assert [one.id for one in found] == ["74010_Seynod_00003"]
    both = [one.id for one in asked(annecy, "3 rue de l'Église, Annecy") if is_firm(one.match)]
    assert sorted(both) == ["74010_Cran-Gevrier_00003", "74010_Seynod_00003"]


def test_another_former_commune_of_the_town_is_another_place(annecy):
    assert firm(annecy, "3 rue de l'Église, Meythet") == []


@pytest.mark.parametrize("town", ["Annecy", "Meythet", "Seynod", "74600 Seynod"])
def test_where_the_source_does_not_say_the_part_of_the_town_any_of_its_names_will_do(annecy, town):
    assert firm(annecy, f"3 rue du Banc, {town}") == [("3", "Rue du Banc", "Annecy")]


# ── Arrondissements ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def cities(tmp_path_factory):
    """A street that two arrondissements of Paris have, one that a single one has; the same in Lyon."""
    rows = [
        ban(3, "Rue du Gabarit", PARIS_11, at=(2.37, 48.86)),
        ban(3, "Rue du Gabarit", PARIS_12, at=(2.40, 48.84)),
        ban(3, "Rue du Banc", PARIS_12, at=(2.41, 48.83)),
        ban(3, "Rue du Gabarit", LYON_2, at=(4.83, 45.75)),
        ban(3, "Rue du Banc", LYON_3, at=(4.85, 45.76)),
    ]
    return indexed(tmp_path_factory.mktemp("cities"), rows)


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("Paris Cedex 12", "Paris Cedex 13"),
        ("75571 Paris Cedex 12", "75634 PARIS CEDEX 13"),
        ("Paris XII", "Paris XIII"),
        ("Paris XIIe", "Paris XIIIème"),
        ("Paris douzième", "Paris dix-septième"),
        ("75112 Paris", "75113 Paris"),
        ("75012 Paris (75112)", "75012 Paris 75013"),
    ],
)
def test_a_street_of_one_arrondissement_is_not_firm_in_another_however_it_is_said(cities, own, other):
    assert sure(cities, f"3 rue du Banc, {own}") == ["75112"]
    assert sure(cities, f"3 rue du Banc, {other}") == []


def test_the_cedex_of_another_town_has_no_arrondissement(cities):
    assert sure(cities, "3 rue du Banc, Lyon Cedex 3") == ["69383"]
    assert sure(cities, "3 rue du Banc, Lyon Cedex 7") == []
    assert sure(cities, "3 rue du Banc, Lyon Cedex 20") == ["69383"]


@pytest.mark.parametrize(
    ("town", "codes"),
    [
        ("75012 Paris", ["75112"]),
        ("75012", ["75112"]),
        ("Paris 12e", ["75112"]),
        ("Paris 12", ["75112"]),
        ("Paris 12ème", ["75112"]),
        ("PARIS 12E ARRONDISSEMENT", ["75112"]),
        ("75011 Paris 11e", ["75111"]),
        ("75011 PARIS CEDEX 11", ["75111"]),
        ("75112 Paris", ["75112"]),
        ("Paris", ["75111", "75112"]),
        ("75013 Paris", []),
        ("Paris 13e", []),
        ("75013", []),
        ("75000 Paris", ["75111", "75112"]),
        ("69002 Lyon", ["69382"]),
        ("Lyon 2e", ["69382"]),
        ("Lyon", ["69382"]),
        ("69003 Lyon", []),
        ("Marseille", []),
        ("75012 Lyon", []),
    ],
)
def test_an_arrondissement_is_told_from_the_others_and_the_city_is_all_of_them(cities, town, codes):
    assert sorted(sure(cities, f"3 rue du Gabarit, {town}")) == codes


@pytest.mark.parametrize("text", ["3 rue du Gabarit, 75013 Paris", "3 rue du Gabarit, 69003 Lyon"])
def test_the_postcode_of_another_arrondissement_is_different(cities, text):
    assert parts(cities, text)[2] == "different"


@pytest.mark.parametrize(
    ("filters", "codes"),
    [
        ({"citycode": "75112"}, ["75112"]),
        ({"citycode": "75056"}, ["75111", "75112"]),
        ({"postcode": "75011"}, ["75111"]),
        ({"postcode": "75013"}, []),
        ({"citycode": "75113"}, []),
    ],
)
def test_a_filter_is_of_an_arrondissement_or_of_the_whole_city(cities, filters, codes):
    assert sorted(sure(cities, "3 rue du Gabarit", **filters)) == codes
    assert sorted(sure(cities, "3 rue du Gabarit, Paris", **filters)) == codes


# ── Homonyms ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def homonyms(tmp_path_factory):
    rows = [
        ban(3, "Rue du Bidule", BEAUMONT_63, at=(3.08, 45.75)),
        ban(3, "Rue du Bidule", BEAUMONT_74, at=(6.12, 46.10)),
        ban(3, "Rue du Leurre", BEAUMONT_63, at=(3.09, 45.75)),
    ]
    return indexed(tmp_path_factory.mktemp("homonyms"), rows)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("3 rue du Bidule, Beaumont", ["63032", "74031"]),
        ("3 rue du Bidule, Beaumont (63)", ["63032"]),
        ("3 rue du Bidule, Beaumont (74)", ["74031"]),
        ("3 rue du Bidule, Beaumont (07)", []),
        ("3 rue du Bidule, 63110 Beaumont", ["63032"]),
        ("3 rue du Bidule, 74160 Beaumont", ["74031"]),
        ("3 rue du Bidule, 07110 Beaumont", []),
        ("3 rue du Bidule, 63999 Beaumont", ["63032"]),
        ("3 rue du Bidule 63110", ["63032"]),
        ("3 rue du Leurre, Beaumont (63)", ["63032"]),
        ("3 rue du Leurre, Beaumont (74)", []),
        ("3 rue du Leurre, 74160 Beaumont", []),
    ],
)
def test_communes_of_one_name_are_told_by_code_or_departement(homonyms, text, codes):
    assert sorted(sure(homonyms, text)) == codes


def test_the_best_of_homonyms_is_that_of_the_code(homonyms):
    assert asked(homonyms, "3 rue du Bidule, 74160 Beaumont")[0].citycode == "74031"
    assert asked(homonyms, "3 rue du Bidule, Beaumont (74)")[0].citycode == "74031"


# ── Names ────────────────────────────────────────────────────────────────────────────────────────────────────

LONG = Commune("99003", "99030", "Exemplaire-lès-Fictions")
SHORT = Commune("99005", "99050", "Ivry")
WORDY = Commune("86235", "86160", "Saint-Maurice-la-Clouère")


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    rows = [*street("Rue du Banc", LONG), *street("Rue du Banc", SHORT), *street("Rue du Banc", WORDY)]
    rows += [*street("Rue du Gabarit", POITIERS), *street("Rue de Poitiers", ESSAI), *street("Rue de Loos", LOOS)]
    return indexed(tmp_path_factory.mktemp("towns"), rows)


@pytest.mark.parametrize(
    ("town", "code"),
    [
        ("Exemplaire-lès-Fictions", "99003"),
        ("EXEMPLAIRE LES FICTIONS", "99003"),
        ("Exemplaire les Fictions", "99003"),
        ("Exemplairelesfictions", "99003"),
        ("Exemplaire lès Fitcions", "99003"),
        ("Exemplare-les-Fictions", "99003"),
        ("99030 Exemplaire", "99003"),  # cut short beside its postcode
        ("86160 Saint-Maurice", "86235"),
        ("St Maurice la Clouere", "86235"),
        ("Saint Maurice la Clouère", "86235"),
        ("86160 SAINT MAURICE LA CLOUERE", "86235"),
        ("Ivry", "99005"),
        ("99050 Ivry", "99005"),
    ],
)
def test_a_town_is_found_however_it_is_written(towns, town, code):
    assert sure(towns, f"3 rue du Banc, {town}") == [code]
    assert sure(towns, f"3 rue du Banc {town}") == [code]
    assert sure(towns, f"{town}, 3 rue du Banc") == [code]


@pytest.mark.parametrize("town", ["Saint-Maurice", "Exemplaire", "Fictions", "Ivri", "Ivy", "Ivory", "86160"])
def test_a_town_that_may_be_another_is_not_sure(towns, town):
    """A name cut short, a short one mistyped, a postcode of several, or another town of France."""
    assert sure(towns, f"3 rue du Banc, {town}") == []


@pytest.mark.parametrize(
    ("text", "door"),
    [
        ("3 rue de Poitiers, Essai-sur-Test", ("3", "Rue de Poitiers", ESSAI.name)),
        ("3 rue de Poitiers, 99010 Essai-sur-Test", ("3", "Rue de Poitiers", ESSAI.name)),
        ("3 rue de Loos, Loos", ("3", "Rue de Loos", "Loos")),
        ("3 rue de Loos Loos", ("3", "Rue de Loos", "Loos")),
        ("Loos, 3 rue de Loos", ("3", "Rue de Loos", "Loos")),
        ("3 rue de Loos 59120", ("3", "Rue de Loos", "Loos")),
    ],
)
def test_a_street_named_after_a_town_is_no_town(towns, text, door):
    assert firm(towns, text) == [door]


@pytest.mark.parametrize("text", ["3 rue de Poitiers", "3 rue de Loos", "3 rue de Loos, Poitiers", "3 rue du Gabarit"])
def test_the_name_of_a_street_does_not_say_the_town(towns, text):
    assert firm(towns, text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3 rue du Gabarit 8600 Poitiers", "86194"),
        ("3 rue du Gabarit 68000 Poitiers", None),  # two digits swapped, and the postcode of Colmar
        ("3 rue du Gabarit 86000 Potiers", "86194"),
        ("3 rue du Gabarit 86000 Poitierss", "86194"),
        ("3 rue du Gabarit 86O00 Poitiers", "86194"),  # the letter O
        ("3 rue du Gabarit 86000Poitiers", "86194"),
        ("3 rue du Gabarit, 86000, Poitiers", "86194"),
        ("3 rue du Gabarit (86000) Poitiers", "86194"),
        ("3 rue du Gabarit Poitiers 86000", "86194"),
        ("3 rue du Gabarit, Poitiers, Vienne, France", "86194"),
        ("86000 POITIERS, 3 RUE DU GABARIT", "86194"),
        ("Poitiers rue du Gabarit 3", "86194"),
    ],
)
def test_a_code_and_a_town_are_read_in_many_ways(towns, text, code):
    assert sure(towns, text) == ([code] if code else [])


def test_a_lost_leading_zero_is_a_mistyped_code(tmp_path):
    """What a spreadsheet makes of 01000."""
    bourg = Commune("01053", "01000", "Bourg-en-Bresse")
    index = indexed(tmp_path, street("Rue du Gabarit", bourg))
    for text in ("3 rue du Gabarit 1000 Bourg-en-Bresse", "3 rue du Gabarit, Bourg en Bresse 1000"):
        assert sure(index, text) == ["01053"]
        assert parts(index, text) == ("same", "same", "spelling", "same")
