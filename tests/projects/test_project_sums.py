"""Sums reconcile to the cent, whatever they are by; what has no single place or no answer has its own line."""

from dataclasses import replace
from decimal import Decimal

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.errors import InputError
from qpv_geo.projects import (
    KEYS,
    OUTSIDE,
    UNCERTAIN,
    Funding,
    LineKind,
    Placement,
    Project,
    Projects,
    ReconciliationError,
    cross_sums,
    sums,
)
from qpv_geo.projects.amounts import share, share_both

EUROS = st.integers(-(10**11), 10**11).map(lambda cents: Decimal(cents).scaleb(-2))
NAMES = st.sampled_from(
    ["Couronneries", "Saint-Éloi", "saint eloi", "Bellejouanne", "Carré nord", "Trois Cités", "Bel Air"]
)
FUNDERS = st.sampled_from(["État", "etat", "Ville d'essai", "Région"])
THEMES = st.sampled_from(["sport", "emploi", "Essai libre", "essai libre"])
BY = st.sampled_from(sorted(KEYS))
CODES = st.sampled_from(["QN08603M", "QN08604M", "QN08605M", "QN08606M", "QP059077"])


@st.composite
def placements(draw):
    names = tuple(draw(st.lists(NAMES, max_size=4, unique=True)))
    codes = tuple(draw(st.lists(CODES, max_size=4, unique=True))) if not names else ()
    count = len(names or codes)
    weights = tuple(draw(st.lists(st.fractions("1/100", 100), min_size=count, max_size=count)))
    everywhere = None if count else draw(st.sampled_from([None, "tous"]))
    return Placement(
        address=draw(st.sampled_from([None, "1 rue X"])),
        codes=codes,
        neighbourhoods=names,
        everywhere=everywhere,
        commune=draw(st.sampled_from([None, "86194", "Poitiers", "Ville d'essai"])),
        parts=draw(st.sampled_from([(), weights])),
    )


@st.composite
def fundings(draw, amount):
    """Funders of a project: what each gives, signs mixed, adds up to its amount or to less; or is not published."""
    names = draw(st.lists(FUNDERS, max_size=4, unique=True))
    if amount is None or not names or draw(st.booleans()):
        return tuple(Funding(name) for name in names)
    given = [draw(st.none() | st.integers(-(10**6), 10**6)) for _ in names]
    return tuple(
        Funding(name, None if cents is None else Decimal(cents).scaleb(-2))
        for name, cents in zip(names, given, strict=True)
    )


@st.composite
def projects_of(draw, ident, line):
    amount = draw(st.none() | EUROS)
    themes = tuple(draw(st.lists(THEMES, max_size=3, unique=True)))
    weights = tuple(draw(st.lists(st.fractions("1/100", 100), min_size=len(themes), max_size=len(themes))))
    return Project(
        id=ident,
        title="Essai",
        lead=draw(st.sampled_from([None, "Ekidom", "EKIDOM", "—", "Association d'essai"])),
        scheme=draw(st.sampled_from([None, "FIQ", "PIC", "fiq"])),
        year=draw(st.none() | st.integers(1970, 2100)),
        amount=amount,
        themes=themes,
        placement=draw(placements()),
        line=line,
        theme_parts=draw(st.sampled_from([(), weights])),
        funding=draw(fundings(amount)),
    )


@st.composite
def tables(draw):
    return table(*(draw(projects_of(f"P{k}", k + 2)) for k in range(draw(st.integers(0, 8)))))


@st.composite
def answered(draw):
    """A table, and what eligibility answered for some of its projects."""
    projects = draw(tables())
    answers = st.sampled_from([OUTSIDE, UNCERTAIN, "QN08604M"]) | st.lists(CODES, min_size=1, max_size=3, unique=True)
    codes = {project.id: draw(answers) for project in projects.projects if draw(st.booleans())}
    return projects, codes


def table(*projects):
    return Projects("essai", projects)


def project(amount="100.00", *, ident="A", year=2024, **placement):
    euros = None if amount is None else Decimal(amount)
    return Project(ident, "Essai", None, None, year, euros, (), Placement(**placement), 2)


def amounts(found):
    return {line.label: line.amount for line in found.lines}


def kinds(found):
    return {line.kind: line.amount for line in found.lines}


@examples(10, of=50)
@given(answered(), BY)
def test_every_sum_reconciles_and_holds_every_project(case, by):
    projects, codes = case
    found = sums(projects, by, codes=codes)
    known = [one.amount for one in projects.projects if one.amount is not None]
    summed = [line.amount for line in found.lines if line.amount is not None]
    assert sum(summed, Decimal(0)) == sum(known, Decimal(0))
    assert (found.total is None) == (not known and bool(projects.projects))
    in_lines = {ident for line in found.lines for ident in (*line.projects, *line.unpublished)}
    assert in_lines == {one.id for one in projects.projects}
    for line in found.lines:
        assert (line.amount is None) == (not line.projects)
        assert not set(line.projects) & set(found.unpublished)


@examples(10, of=50)
@given(answered(), BY, BY)
def test_sums_by_two_keys_are_those_of_each_key_in_both_directions(case, by, across):
    projects, codes = case
    found = cross_sums(projects, by, across, codes=codes)
    assert (found.rows, found.columns) == (sums(projects, by, codes=codes), sums(projects, across, codes=codes))
    for side, lines in enumerate((found.rows.lines, found.columns.lines)):
        for k, line in enumerate(lines):
            mine = [cell.amount for where, cell in found.cells.items() if where[side] == k]
            assert sum(filter(None, mine), Decimal(0)) == (line.amount or 0)
            assert (line.amount is None) == (not [one for one in mine if one is not None])


@given(st.integers(-(10**9), 10**9), st.data())
def test_cents_split_in_two_ways_keep_both_and_their_sign(cents, data):
    weights = st.lists(st.integers(0, 9), min_size=1, max_size=5).filter(any)
    rows, columns = (share(cents, data.draw(weights)) for _ in range(2))
    cells = share_both(rows, columns)
    assert [sum(row) for row in cells] == rows
    assert [sum(column) for column in zip(*cells, strict=True)] == columns
    assert all((cell >= 0) is (cents >= 0) or cell == 0 for row in cells for cell in row)


@examples(10, of=50)
@given(answered(), BY, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(case, by, chance):
    projects, codes = case
    shuffled = list(projects.projects)
    chance.shuffle(shuffled)

    def told(found):
        return [(line.kind, line.label, line.code, line.amount, line.count) for line in found.lines]

    assert told(sums(table(*shuffled), by, codes=codes)) == told(sums(projects, by, codes=codes))


@given(EUROS, st.lists(NAMES, min_size=1, max_size=4, unique_by=str.casefold))
def test_what_has_no_single_place_is_never_shared(euros, names):
    everywhere = project(euros, ident="E", everywhere="tous les QPV")
    placed = project(euros, ident="P", neighbourhoods=tuple(names))
    for by in ("quartier", "qpv"):
        (line,) = (line for line in sums(table(everywhere, placed), by).lines if line.kind is LineKind.NONE)
        assert (line.label, line.amount, line.projects) == ("sans lieu unique", euros, ("E",))


def test_equal_parts_and_the_cents_that_remain_in_the_order_listed():
    found = sums(table(project("100.00", neighbourhoods=("Carré c", "Carré a", "Carré b"))))
    thirds = {"Carré c": Decimal("33.34"), "Carré a": Decimal("33.33"), "Carré b": Decimal("33.33")}
    assert amounts(found) == thirds
    assert [line.count for line in found.lines] == [1, 1, 1]
    assert found.count == 1


def test_stated_parts_are_followed_by_neighbourhood_and_by_qpv():
    shared = table(project("90.00", neighbourhoods=("Couronneries", "Trois Cités", "Saint-Éloi"), parts=(1, 6, 2)))
    by_name = {"Trois Cités": Decimal(60), "Saint-Éloi": Decimal(20), "Couronneries": Decimal(10)}
    assert amounts(sums(shared)) == by_name
    assert amounts(sums(shared, "qpv")) == {"Couronneries Saint-Eloi": Decimal(30), "Trois Cités": Decimal(60)}


@pytest.mark.parametrize("place", [{"lon": 0.34, "lat": 46.58}, {"address": "1 rue X"}])
@pytest.mark.parametrize("names", [(), ("Trois Cités",)])
def test_a_place_that_nobody_has_checked_is_to_review(place, names):
    found = sums(table(project(neighbourhoods=names, **place)), "qpv")
    assert kinds(found) == {LineKind.TO_REVIEW: Decimal(100)}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ("QN08604M", LineKind.GROUP, "QN08604M"),
        (OUTSIDE, LineKind.OUTSIDE, None),
        (UNCERTAIN, LineKind.TO_REVIEW, None),
    ],
)
def test_an_answer_decides_of_a_point(answer, kind, code):
    (line,) = sums(table(project(lon=0.34, lat=46.58)), "qpv", codes={"A": answer}).lines
    assert (line.kind, line.code, line.amount) == (kind, code, Decimal(100))


def test_a_site_in_two_qpv_is_shared():
    found = sums(table(project("0.01", lon=0.34, lat=46.58)), "qpv", codes={"A": ["QN08606M", "QN08604M"]})
    assert {line.code: line.amount for line in found.lines} == {
        "QN08606M": Decimal("0.01"),
        "QN08604M": Decimal("0.00"),
    }


@pytest.mark.parametrize("codes", [{"Z": OUTSIDE}, {"A": ""}, {"A": []}, {"A": [OUTSIDE, "QN08604M"]}])
def test_an_answer_that_means_nothing_is_refused(codes):
    with pytest.raises(InputError):
        sums(table(project()), "qpv", codes=codes)


def test_a_name_that_is_not_known_is_to_review_and_so_is_its_namesake_elsewhere():
    unknown = project(ident="U", neighbourhoods=("Carré nord",))
    namesake = project(ident="N", neighbourhoods=("Trois Cités",), commune="33063")
    (line,) = sums(table(unknown, namesake), "qpv").lines
    assert (line.kind, line.projects) == (LineKind.TO_REVIEW, ("U", "N"))


@pytest.mark.parametrize("name", ["Les Couronneries", "couronneries", "COURONNERIES"])
@pytest.mark.parametrize("commune", [None, "86194", "poitiers"])
def test_a_name_is_known_however_it_is_spelled(name, commune):
    (line,) = sums(table(project(neighbourhoods=(name,), commune=commune)), "qpv").lines
    assert line.code == "QN08605M"


def test_the_year_tells_the_generation():
    before, after, unknown = (
        project(ident=str(year), year=year, neighbourhoods=("Épi de Soil",)) for year in (2023, 2024, None)
    )
    codes = {line.code: line.projects for line in sums(table(before, after, unknown), "qpv").lines}
    assert codes == {"QP059074": ("2023",), "QN05972M": ("2024", "None")}
    (line,) = sums(table(project(year=2020, neighbourhoods=("Couronneries",))), "qpv").lines
    assert line.code == "QP086005"  # the official correspondence gives its label of 2015
    (line,) = sums(table(project(year=2020, neighbourhoods=("Saint-Éloi",))), "qpv").lines
    assert line.kind is LineKind.TO_REVIEW  # a local name of the quartier of 2024


def test_namesakes_of_several_communes_are_not_one_neighbourhood():
    here = project(ident="H", neighbourhoods=("Carré nord",), commune="86194")
    there = project(ident="T", neighbourhoods=("Carré nord",), commune="59360")
    assert {line.projects for line in sums(table(here, there)).lines} == {("H",), ("T",)}


def test_labels_of_perimeters_may_be_given():
    (line,) = sums(table(project(codes=("QP059077",))), "qpv", names={"QP059077": "Carré d'essai"}).lines
    assert (line.code, line.label) == ("QP059077", "Carré d'essai")


def test_sums_that_lost_a_line_are_an_error():
    found = sums(table(project(ident="A", neighbourhoods=("Carré a",)), project(None, ident="B", everywhere="tous")))
    paid, unpaid = found.lines
    with pytest.raises(ReconciliationError):
        replace(found, lines=(unpaid,)).check()
    with pytest.raises(ReconciliationError):
        replace(found, lines=(paid,)).check()
    with pytest.raises(ReconciliationError):
        replace(found, lines=(replace(paid, amount=paid.amount + Decimal("0.01")), unpaid)).check()


def test_an_unknown_key_is_refused():
    with pytest.raises(InputError, match="couleur"):
        sums(table(project()), "couleur")


def test_what_each_funder_gives_is_its_line_and_what_nobody_is_said_to_give_has_its_own():
    stated = replace(project("100.00", ident="S"), funding=(Funding("État", Decimal(60)), Funding("CAF", Decimal(30))))
    silent = replace(project("50.00", ident="T"), funding=(Funding("État"), Funding("CAF")))
    alone = replace(project("7.00", ident="U"), funding=(Funding("etat"),))
    found = sums(table(stated, silent, alone), "funder")
    assert [(line.label, line.amount, line.projects) for line in found.lines] == [
        ("etat", Decimal(67), ("S", "U")),
        ("CAF", Decimal(30), ("S",)),
        ("plusieurs financeurs (part de chacun non publiée)", Decimal(50), ("T",)),
        ("non précisé", Decimal(10), ("S",)),
    ]


def test_themes_are_shared_by_their_weights_and_the_total_is_the_same():
    shared = replace(project("100.01"), themes=("sport", "emploi"), theme_parts=(3, 1))
    assert amounts(sums(table(shared), "theme")) == {"sport": Decimal("75.01"), "emploi": Decimal("25.00")}


def test_a_quartier_written_by_its_name_by_its_code_or_by_both_is_one_line():
    rows = [{"neighbourhoods": ("Bel Air",)}, {"neighbourhoods": ("bel-air (QN08603M)",)}, {"codes": ("QN08603M",)}]
    found = sums(table(*(project(ident=str(k), **row) for k, row in enumerate(rows))), "quartier")
    assert [(line.label, line.code, line.amount) for line in found.lines] == [("Bel Air", "QN08603M", Decimal(300))]


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ({"commune": "poitiers"}, ("Poitiers", "86194")),
        ({"codes": ("QN08603M",)}, ("Poitiers", "86194")),
        ({"neighbourhoods": ("Les Oliveaux",)}, ("Loos", "59360")),
        ({"codes": ("QN08605M",)}, ("plusieurs communes", None)),
        ({}, ("non précisé", None)),
    ],
)
def test_the_commune_is_that_of_the_table_or_of_its_quartiers(place, label):
    (line,) = sums(table(project(**place)), "commune").lines
    assert (line.label, line.code) == label
