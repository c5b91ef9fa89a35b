"""Quartiers that are named instead of an address: by their code, their label, or a local name."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from naming import AREA, BEFORE, INSIDE, NOBODY, ON, OUTSIDE, check, codes, renamed, words
from synthetic import perimeters, square

import qpv_geo
from qpv_geo.errors import DateError, MissingPerimetersError
from qpv_geo.perimeters.coverage import EVERYWHERE

# ── A quartier by its code or its official label ─────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("socket_disabled")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("QN05975M", "QN05975M"),
        ("qn05975m", "QN05975M"),
        ("QN 05975 M", "QN05975M"),
        ("QPV QN05975M", "QN05975M"),
        ("Les Oliveaux (QN05975M)", "QN05975M"),
        ("Les Oliveaux (QN05975M), Loos", "QN05975M"),
        ("QN05975M, 59120 Loos", "QN05975M"),
        ("Les Oliveaux", "QN05975M"),
        ("LES OLIVEAUX", "QN05975M"),
        ("QPV Les Oliveaux, Loos", "QN05975M"),
        ("quartier prioritaire Les Oliveaux, Loos", "QN05975M"),
        ("Clemenceau Kiener", "QN05976M"),
        ("Clémenceau-Kiener, Loos", "QN05976M"),
        ("Secteur Sud", "QN05972M"),
        ("Secteur Sud, 59000 Lille", "QN05972M"),
        ("Bel Air", "QN08603M"),
        ("Poitiers - Bel Air", "QN08603M"),
        ("Bel Air à Poitiers (86)", "QN08603M"),
        ("Trois Cités 86000", "QN08604M"),
        ("Trois Cités, Saint-Benoît", "QN08604M"),
        ("Couronneries Saint-Eloi", "QN08605M"),
        ("Beaulieu, Poitiers", "QN08606M"),
        ("Beaulieu 86000", "QN08606M"),
    ],
)
def test_a_quartier_is_known_by_its_code_or_its_label(text, code):
    verdict = check(text)
    assert words(verdict) == INSIDE
    assert codes(verdict) == [(code, 1.0)]
    assert verdict.location.type == "perimeter"
    assert (verdict.share_inside, verdict.distance_m, verdict.generation) == (1.0, None, "qpv-2024")
    assert code in verdict.location.label
    assert code in verdict.message
    inner = qpv_geo.check(lon=verdict.location.lon, lat=verdict.location.lat, on=ON)
    assert inner.perimeters[0].code == code


def test_its_surface_is_in_the_evidence():
    verdict = check("QN05975M")
    [surface] = [
        geometry
        for code, geometry in zip(
            qpv_geo.load_perimeters("qpv-2024").codes, qpv_geo.load_perimeters("qpv-2024").geometry, strict=True
        )
        if code == "QN05975M"
    ]
    assert shapely.geometry.shape(verdict.evidence.input["site"]).equals(surface)
    assert verdict.location.citycode == "59360"
    assert verdict.location.asked == "QN05975M"
    assert verdict.evidence.decrees


@pytest.mark.parametrize(
    "text",
    [
        "Rue des Oliveaux, 59120 Loos",
        "12 rue de Bel Air, Poitiers",
        "86 Bel Air, Poitiers",
        "86 Bel Air",
        "Résidence Les Oliveaux, 3 rue Herriot, Loos",
        "Les Oliveaux, Lille",
        "Bel Air, 75013 Paris",
        "QN05975M Bel Air",
        "Maison de quartier Bel Air",
        "oliveaux",
    ],
)
def test_only_the_whole_text_names_a_quartier(text):
    verdict = check(text, geocoder=NOBODY)
    assert verdict.location.type != "perimeter"
    assert verdict.status.value in {"not_located", "uncertain"}
    assert not verdict.perimeters


@pytest.mark.parametrize("filters", [{"postcode": "59120"}, {"citycode": "59360"}, {}])
def test_filters_say_the_commune(filters):
    assert codes(check("QN05975M", **filters)) == [("QN05975M", 1.0)]
    assert words(check("Clémenceau-Kiener", **filters)) == INSIDE


def test_filters_of_another_commune_name_no_quartier():
    assert words(check("Clémenceau-Kiener", geocoder=NOBODY, citycode="86194")) == ("not_located", "no_match")


def test_a_label_may_be_that_of_others_where_the_perimeters_are_not_all_there():
    assert "D’autres quartiers peuvent porter ce nom" in check("Clémenceau-Kiener").message
    assert "D’autres" not in check("Clémenceau-Kiener, Loos").message
    assert "D’autres" not in check("QN05976M").message


# ── In other generations ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("text", "instead"), [("QP059077", "Les Oliveaux (QN05975M)"), ("qp086005", "QN08605M")])
def test_a_code_of_2015_is_not_in_force_in_2024(text, instead):
    verdict = check(text)
    assert words(verdict) == OUTSIDE
    assert verdict.location.type == "perimeter"
    assert not verdict.perimeters
    assert "n’était pas en vigueur au 1er juin 2024" in verdict.message
    assert instead in verdict.message
    assert (verdict.location.lon, verdict.share_inside, verdict.generation) == (None, None, "qpv-2024")


@pytest.mark.parametrize("on", ["2023-12-31", BEFORE])
def test_a_code_of_2024_was_not_in_force_before_even_where_nothing_of_2015_is_installed(on):
    verdict = check("QN05975M", on=on)
    assert words(verdict) == OUTSIDE
    assert verdict.generation == "qpv-2015"
    assert "Les Oliveaux (QP059077)" in verdict.message


def test_a_label_needs_the_perimeters_of_the_day():
    with pytest.raises(MissingPerimetersError):
        check("Les Oliveaux", on=BEFORE)
    with pytest.raises(DateError):
        check("Les Oliveaux", on="2014-06-01")


@pytest.mark.usefixtures("with_2015")
def test_in_2023_the_code_and_the_label_are_those_of_2015():
    for text in ("QP059077", "Les Oliveaux"):
        verdict = check(text, on=BEFORE)
        assert (words(verdict), codes(verdict)) == (INSIDE, [("QP059077", 1.0)])
    assert words(check("QP059077")) == OUTSIDE
    assert codes(check("Les Oliveaux")) == [("QN05975M", 1.0)]
    assert codes(check("La Mouchonnière, Seclin", on=BEFORE)) == [("QP059084", 1.0)]


@pytest.mark.usefixtures("with_2015")
def test_a_label_of_2015_alone_is_not_covered_where_the_perimeters_of_2024_may_miss_one():
    verdict = check("La Mouchonnière, Seclin")
    assert words(verdict) == ("uncertain", "not_covered")
    assert verdict.remedy == "qpv perimeters fetch qpv-2024"


def test_a_label_of_2015_alone_is_outside_where_those_of_2024_are_complete(with_2015, national, install_national):
    install_national()
    gone = sorted(set(with_2015.load(with_2015.find("qpv-2015")).names) - set(national.names))
    assert gone
    for label in gone:
        verdict = check(label)
        assert words(verdict) == OUTSIDE, label
        assert "n’était pas en vigueur au 1er juin 2024" in verdict.message


@pytest.mark.parametrize(("generation", "answer"), [("qpv-2024", INSIDE), ("qpv-2015", OUTSIDE)])
def test_a_forced_generation_is_the_one_that_counts(generation, answer):
    verdict = check("QN05975M", on=BEFORE if generation == "qpv-2024" else ON, generation=generation)
    assert words(verdict) == answer
    assert "au 1er juin" not in verdict.message


def test_overseas_2015_lasts_a_year_longer():
    assert words(check("QN97401N", on="2024-06-01")) == OUTSIDE
    with pytest.raises(MissingPerimetersError, match="qpv-2015"):
        check("QP974001", on="2024-06-01")
    assert words(check("QP974001", on="2025-06-01")) == OUTSIDE


def test_a_code_that_nobody_knows(catalogue):
    verdict = check("QN99999X")
    assert words(verdict) == ("uncertain", "not_covered")
    assert verdict.remedy == "qpv perimeters fetch qpv-2024"
    catalogue.store.install(renamed(perimeters(square(0, 0, 400)), ["Carré d'essai"]))
    verdict = check("QN99999X")
    assert words(verdict) == ("not_located", "no_match")
    assert "hors QPV" in verdict.message


# ── A label that several bear ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def three_centres(catalogue):
    """Three perimeters of the same label, in Lille, Lyon and Nantes, of which one is near a commune of that name."""
    squares = perimeters(*(square(2_000 * k, 0, 400) for k in range(4)), coverage=EVERYWHERE, name="qpv-2024")
    codes = ("QN05991N", "QN06991N", "QN04491N", "QN04492N")
    some = renamed(squares, ["Centre", "Centre", "Centre", "Malakoff"], ["59350", "69123", "44109", "44109"])
    catalogue.store.install(replace(some, codes=codes))


@pytest.mark.usefixtures("three_centres", "socket_disabled")
def test_a_label_of_several_is_listed_with_the_communes():
    verdict = check("Centre")
    assert words(verdict) == ("uncertain", "weak_match")
    assert [(one.code, one.status, one.citycode) for one in verdict.candidates] == [
        ("QN05991N", "inside", "59350"),
        ("QN06991N", "inside", "69123"),
        ("QN04491N", "inside", "44109"),
    ]
    assert all(town in verdict.message for town in ("Lille", "Lyon", "Nantes"))
    for one in verdict.candidates:
        assert codes(check(one.label)) == [(one.code, 1.0)]


@pytest.mark.usefixtures("three_centres")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Centre, Lyon", "QN06991N"),
        ("Centre 69003", "QN06991N"),
        ("Centre, Lyon 3e", None),
        ("Centre (44)", "QN04491N"),
        ("Lille Centre", "QN05991N"),
        ("Centre 59350", "QN05991N"),
    ],
)
def test_with_the_commune_it_is_settled(text, code):
    verdict = check(text, geocoder=NOBODY)
    assert codes(verdict) == ([] if code is None else [(code, 1.0)])


@pytest.mark.usefixtures("three_centres")
def test_a_label_that_is_the_name_of_a_commune_is_either():
    verdict = check("Malakoff")
    assert words(verdict) == ("uncertain", "weak_match")
    assert [(one.type, one.citycode) for one in verdict.candidates] == [
        ("perimeter", "44109"),
        ("municipality", "92046"),
    ]
    assert words(check("Malakoff, Nantes")) == INSIDE
    assert words(check("QPV Malakoff")) == INSIDE
    assert check("Malakoff 92240", geocoder=NOBODY).location.type == "municipality"


def test_a_label_that_is_the_name_of_its_own_commune_is_the_commune(catalogue):
    some = renamed(perimeters(square(0, 0, 400), name="qpv-2024"), ["Denain"], ["59172"])
    catalogue.store.install(replace(some, codes=("QN05950M",)))
    assert words(check("Denain")) == ("uncertain", "imprecise_location")
    assert words(check("QPV Denain")) == INSIDE
    assert words(check("Denain (QN05950M)")) == INSIDE


def test_words_that_say_a_quartier_or_a_country_may_be_those_of_a_label_or_a_town(catalogue):
    squares = perimeters(*(square(2_000 * k, 0, 400) for k in range(2)), coverage=EVERYWHERE, name="qpv-2024")
    some = renamed(squares, ["QPV de Maromme", "Tremblay Grand Ensemble"], ["76410", "93073"])
    catalogue.store.install(replace(some, codes=("QN07691N", "QN09391N")))
    for text, code in (
        ("QPV de Maromme", "QN07691N"),
        ("QPV de Maromme (QN07691N), Maromme", "QN07691N"),
        ("Tremblay Grand Ensemble, Tremblay-en-France", "QN09391N"),
        ("Tremblay Grand Ensemble, 93290 Tremblay-en-France, France", "QN09391N"),
    ):
        assert codes(check(text)) == [(code, 1.0)]


# ── A local name ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("socket_disabled")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Épi de Soil", "QN05972M"),
        ("epi de soil, 59120 Loos", "QN05972M"),
        ("Les Oliveaux, Loos", "QN05975M"),
        ("les oliveaux 59120", "QN05975M"),
        ("Loos, Les Oliveaux", "QN05975M"),
        ("quartier des Oliveaux", "QN05975M"),
        ("quartier des Oliveaux à Loos", "QN05975M"),
        ("Couronneries", "QN08605M"),
        ("Saint-Éloi, Poitiers", "QN08605M"),
        ("Saint-Éloi", "QN08605M"),
    ],
)
def test_a_local_name_is_an_area_without_limits(text, code):
    verdict = check(text)
    assert words(verdict) == AREA
    assert codes(verdict) == [(code, None)]
    assert (verdict.location.type, verdict.location.lon, verdict.share_inside) == ("locality", None, None)
    assert code in verdict.message


def test_a_local_name_is_that_of_its_town_alone():
    assert words(check("Épi de Soil, Lille", geocoder=NOBODY)) == ("not_located", "no_match")


def test_an_area_that_a_filter_says_the_town_of():
    assert words(check("Les Oliveaux", citycode="59360")) == AREA


@pytest.mark.usefixtures("with_2015")
def test_a_local_name_is_linked_to_the_perimeter_of_the_day():
    assert codes(check("Épi de Soil", on=BEFORE)) == [("QP059074", None)]
    assert codes(check("Les Oliveaux, Loos", on=BEFORE)) == [("QP059077", None)]


def test_a_batch_gives_the_code_of_a_local_name(qpv, tmp_path):
    source, output = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text("adresse\nÉpi de Soil\nLes Oliveaux\nQP059077\nCentre Prévert\n", encoding="utf-8")
    assert qpv("batch", source, "-o", output, "--on", ON, "--offline").code == 0
    rows = [line.split(";" if ";" in line else ",") for line in output.read_text(encoding="utf-8-sig").splitlines()]
    columns = [dict(zip(rows[0], one, strict=False)) for one in rows[1:]]
    assert [(one["qpv_status"], one["qpv_code"]) for one in columns] == [
        ("uncertain", "QN05972M"),
        ("inside", "QN05975M"),
        ("outside", ""),
        ("not_located", ""),
    ]


# ── Other zones than QPV ─────────────────────────────────────────────────────────────────────────────────────


def test_asked_about_other_zones_a_quartier_is_a_site(catalogue):
    whole = perimeters(square(-100, -100, 3_000), kind="municipal_zone", generation=None, name="zones-essai")
    part = perimeters(square(0, 0, 400), name="qpv-2024")
    catalogue.store.install(replace(whole, names=("Zone d'essai",)))
    catalogue.store.install(replace(part, names=("Carré",)))
    verdict = check("Carré", kinds=("municipal_zone",))
    assert words(verdict) == INSIDE
    assert verdict.perimeters[0].kind == "municipal_zone"
    listed = check("Carré")
    assert [one.kind for one in listed.perimeters] == ["qpv", "municipal_zone"]
    assert codes(check("Zone d'essai", kinds=("municipal_zone",)))[0][1] == 1.0


def test_a_set_that_is_given_is_asked_about():
    mine = replace(perimeters(square(0, 0, 400)), names=("Mon carré",))
    verdict = qpv_geo.check(address="Mon carré", on=ON, geocoder=NOBODY, perimeters=mine)
    assert (words(verdict), codes(verdict)) == (INSIDE, [("QN99901N", 1.0)])


# ── What a town says of a published place ────────────────────────────────────────────────────────────────────


def test_what_a_town_says_of_a_place_is_told_beside_its_verdict():
    verdict = check("Collège René Descartes, 59120 Loos")
    point = qpv_geo.check(lon=verdict.location.lon, lat=verdict.location.lat, accuracy_m=20, on=ON)
    assert (verdict.status, verdict.reason) == (point.status, point.reason)
    [said] = verdict.to_dict()["statements"]
    assert said == {"text": "entré dans le QPV en 2024 d’après la ville de Loos", "source": "Ville de Loos"}
    assert "statements" not in point.to_dict()
