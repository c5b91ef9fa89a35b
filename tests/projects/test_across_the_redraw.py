"""A table over years: one followed quartier before and after the redraw, its euros per inhabitant, and its caption."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.eligibility.check import Checker
from qpv_geo.perimeters.catalogue import load_perimeters
from qpv_geo.perimeters.correspondence import Correspondence
from qpv_geo.projects import LineKind, Placement, Project, Projects, sums
from qpv_geo.projects.amounts import to_cents, to_euros
from qpv_geo.projects.checks import answers, assess, known_at_hand
from qpv_geo.projects.followed import redrawn
from qpv_geo.projects.indicators import Indicators, IndicatorSet, IndicatorValue, load_indicators
from qpv_geo.projects.judged import judged_by_year
from qpv_geo.projects.judgement import judgement
from qpv_geo.projects.neighbourhoods import known_neighbourhoods
from qpv_geo.projects.per_inhabitant import per_inhabitant
from qpv_geo.settings import load_settings

NOTHING = {"codes": {}, "names": {}}
ADDED = {"lon": 3.00409, "lat": 50.60919}
"""A point inside ground that the redraw added."""


def project(key, amount, **place):
    year, scheme = place.pop("year", 2024), place.pop("scheme", None)
    return Project(key, "Projet d'essai", None, scheme, year, amount, (), Placement(**place), 2)


def table(*projects):
    return Projects("essai.csv", tuple(projects))


SERIES = table(
    project("a", Decimal("1000.10"), codes=("QP059077",), year=2019),
    project("b", Decimal("2000.00"), neighbourhoods=("Les Oliveaux",), commune="59360", year=2022),
    project("c", Decimal("3000.01"), codes=("QN05975M",)),
    project("d", Decimal("400.00"), codes=("QN05976M",), year=2025),
    project("e", Decimal("77.00"), year=2019, **ADDED),
    project("f", Decimal("33.00"), **ADDED),
    project("g", Decimal("5.00"), codes=("QN05975M",), year=2019),
    project("h", None, codes=("QP059078",), year=2020),
)


def judged(catalogue, projects=SERIES):
    found = assess(projects, checker=Checker(load_settings(), catalogue=catalogue), geocoder=None)
    return found, known_at_hand(catalogue)


def lines(found):
    return {line.code or line.kind: line.amount for line in found.lines}


def test_a_quartier_before_and_after_the_redraw_is_one(catalogue):
    found, known = judged(catalogue)
    followed = sums(SERIES, "quartier-suivi", known=known, **answers(found))
    assert lines(followed) == {
        "QN05975M": Decimal("6033.11"),
        "QN05976M": Decimal("400.00"),
        LineKind.TO_REVIEW: Decimal("82.00"),
    }
    assert followed.lines[0].label == "Les Oliveaux"
    assert followed.lines[1].unpublished == ("h",)


def test_what_is_to_review_says_why_and_what_to_install(catalogue):
    told = judgement(judged(catalogue)[0], catalogue.registry)
    assert told.years == (("qpv-2015", 2019, 2022), ("qpv-2024", 2024, 2025))
    assert dict(told.reasons)["périmètres qpv-2015 non installés"] == 1
    assert told.remedies == ("qpv perimeters fetch qpv-2015 --accept-new",)


def test_with_2015_each_year_is_judged_by_its_own_perimeters(with_2015):
    found, known = judged(with_2015)
    followed = sums(SERIES, "quartier-suivi", known=known, **answers(found))
    assert lines(followed) == {
        "QN05975M": Decimal("6033.11"),
        "QN05976M": Decimal("400.00"),
        LineKind.OUTSIDE: Decimal("77.00"),
        LineKind.TO_REVIEW: Decimal("5.00"),
    }
    assert judgement(found, with_2015.registry).remedies == ()


@pytest.mark.parametrize("install", [False, True])
def test_the_map_and_the_summary_say_the_same_to_the_cent(install, request, catalogue):
    if install:
        request.getfixturevalue("with_2015")
    from qpv_geo.maps.placing import place  # noqa: PLC0415 - the extra maps

    found, known = judged(catalogue)
    drawn = load_perimeters("qpv-2024", catalogue=catalogue)
    placing = place(SERIES, drawn, judged_by_year(found), known=known)
    summed = sums(SERIES, "quartier-suivi", known=known, **answers(found))
    assert lines(placing.by_perimeter) == lines(summed)
    shown = (placing.total_on_map or 0) + (placing.total_elsewhere or 0)
    assert shown == SERIES.total


def test_with_2015_what_the_redraw_changed_is_measured(with_2015):
    oliveaux = with_2015.correspondence.followed("QP059077")
    (found,) = redrawn([oliveaux], with_2015)
    assert (found.area_before_m2, found.area_after_m2) == (pytest.approx(212e3, abs=500), pytest.approx(237e3, abs=500))
    assert found.added_m2 > 26_000
    assert found.source is None


def test_without_2015_the_published_areas_are_told_with_their_source(catalogue):
    oliveaux, kiener = (catalogue.correspondence.followed(code) for code in ("QP059077", "QP059078"))
    found, other = redrawn([oliveaux, kiener], catalogue)
    assert (found.area_before_m2, found.area_after_m2, bool(found.source)) == (212_000, 237_000, True)
    assert (other.area_before_m2, other.added_m2) == (None, None)


def test_the_command_tells_it(qpv, tmp_path):
    path = tmp_path / "serie.csv"
    rows = "a,Un,2019,1000.10,QP059077\nb,Deux,2024,3000.01,QN05975M\n"
    path.write_text(f"id,intitulé,année,montant,code_qp\n{rows}", encoding="utf-8")
    told = qpv("projects", "summary", path, "--by", "quartier-suivi", "--by", "year").out.replace("\u202f", " ")
    assert "Les Oliveaux : QP059077 jusqu’en 2023, QN05975M depuis 2024." in told
    assert "4 000,11" in told
    answer = json.loads(qpv("projects", "summary", path, "--by", "quartier-suivi", "--format", "json").out)
    assert [(one["code"], one["amount"]) for one in answer["lines"]] == [("QN05975M", "4000.11")]
    assert answer["followed"][0]["before"] == ["QP059077"]


# ── Whatever was split or merged ───────────────────────────────────────────────────────────────────────────────────

BEFORE, AFTER = [f"QP9990{k:02d}" for k in range(6)], [f"QN999{k:02d}M" for k in range(6)]
links = st.dictionaries(st.sampled_from(AFTER), st.lists(st.sampled_from(BEFORE), max_size=3, unique=True))
rows = st.lists(st.tuples(st.sampled_from(BEFORE + AFTER), st.integers(-(10**7), 10**7)), min_size=1, max_size=20)


@given(links=links, rows=rows)
@examples(25, of=60)
def test_many_to_many_never_doubles_nor_loses_a_cent(links, rows):
    known = known_neighbourhoods((), Correspondence({key: tuple(value) for key, value in links.items()}, {}))
    projects = table(*(project(str(k), to_euros(cents), codes=(code,)) for k, (code, cents) in enumerate(rows)))
    found = sums(projects, "quartier-suivi", known=known)
    assert sum(to_cents(line.amount) for line in found.lines) == sum(cents for _, cents in rows)
    assert sum(line.count for line in found.lines) == len(rows)


# ── Per inhabitant ─────────────────────────────────────────────────────────────────────────────────────────────────


def base(generation, **inhabitants):
    values = tuple(IndicatorValue(code, "", "population", "POP", text, "2020") for code, text in inhabitants.items())
    return IndicatorSet(generation, generation, "Essai", "inventé", None, "2026-11-30", "0", values)


def divided(projects, *sets, by="quartier-suivi"):
    known = known_neighbourhoods()
    found = sums(projects, by, known=known)
    lines = per_inhabitant(found, projects, Indicators(sets), known, NOTHING)
    return {one.line.code: one for one in lines}


BOTH = table(
    project("a", Decimal(1000), codes=("QP059077",), year=2019), project("b", Decimal(300), codes=("QN05975M",))
)


def test_the_euros_of_a_generation_are_divided_by_its_own_inhabitants():
    found = divided(BOTH, base("qpv-2015", QP059077="5000"), base("qpv-2024", QN05975M="100"))["QN05975M"]
    assert found.amount == Decimal("3.20")  # 1000 / 5000 + 300 / 100
    assert [one.generation for one in found.inhabitants] == ["qpv-2015", "qpv-2024"]


def test_the_inhabitants_of_one_generation_never_stand_for_those_of_the_other():
    found = divided(BOTH, base("qpv-2015", QP059077="5000"))["QN05975M"]
    assert (found.amount, found.reason) == (None, "nombre d’habitants de QN05975M inconnu (qpv-2024)")


def test_a_secret_is_told_and_divides_nothing():
    found = divided(BOTH, base("qpv-2015", QP059077="5000"), base("qpv-2024", QN05975M="s"))["QN05975M"]
    assert (found.amount, "secret statistique" in found.reason) == (None, True)


def test_a_tower_is_divided_by_its_own_inhabitants_and_its_quartier_is_not(home):
    tower = table(project("a", Decimal(500), neighbourhoods=("Épi de Soil",), year=2019))
    shipped = load_indicators(home).sets
    assert divided(tower, *shipped, by="quartier")[None].amount == Decimal("5.00")
    later = table(project("a", Decimal(500), neighbourhoods=("Épi de Soil",), year=2024))
    assert divided(later, *shipped, by="quartier")[None].amount is None
    assert divided(tower, *shipped, by="qpv")["QP059074"].amount is None


@given(cents=st.integers(-(10**10), 10**10), count=st.integers(1, 10**6))
def test_a_quotient_is_rounded_once_to_the_nearest_cent(cents, count):
    rows = table(project("a", to_euros(cents), codes=("QN05975M",)))
    found = divided(rows, base("qpv-2024", QN05975M=str(count)))["QN05975M"].amount
    assert abs(Fraction(found) - Fraction(cents, 100 * count)) <= Fraction(1, 200)


def test_what_has_no_inhabitants_is_refused(qpv):
    answer = qpv("projects", "summary", "fiq-2024", "--by", "theme", "--per", "inhabitant")
    assert (answer.code, "« theme »" in answer.err) == (2, True)


def test_the_command_divides(qpv, tmp_path):
    path = tmp_path / "pop.csv"
    path.write_text("codeQPV;popMuniQPV\nQN08604M;4000\n", encoding="utf-8")
    assert qpv("indicators", "import", path, "--generation", "qpv-2024", "--vintage", "2020").code == 0
    answer = qpv("projects", "summary", "fiq-2024", "--by", "qpv", "--per", "inhabitant", "--format", "json").out
    found = {one["code"]: one["per_inhabitant"] for one in json.loads(answer)["per_inhabitant"]}
    assert found == {"QN08605M": None, "QN08604M": "17.00"}
