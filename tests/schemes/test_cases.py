"""The rules as a table, `cases.csv`: one line a question and its answer, each side of every limit of each rule.

Answers are ``ID=oui``, ``ID=non``, ``ID=?`` for none; ``*=oui`` answers every question of the scheme, and what follows
changes some. ``article`` is a part of what the decision says or cites.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from scheme_places import install_world, place_in, world_of

from qpv_geo.eligibility.check import Checker
from qpv_geo.errors import InputError
from qpv_geo.perimeters.catalogue import Catalogue
from qpv_geo.perimeters.registry import registry
from qpv_geo.schemes.evaluate import decide_scheme
from qpv_geo.schemes.load import SHIPPED, read_scheme
from qpv_geo.settings import load_settings

_GENERATIONS = registry().generations
SCHEMES = {path.stem: read_scheme(path, generations=_GENERATIONS) for path in sorted(SHIPPED.glob("*.toml"))}
_NEAR_M = 2.0
_OF_1_JANUARY = {"tfpb-1383-c-ter", "tfpb-1388-bis"}
"""Property taxes: their texts name 1 January of the tax year."""
_WORDS = {"oui": True, "non": False}


class Case(NamedTuple):
    scheme: str
    place: str
    on: str
    amount: str
    answers: str
    expected: str
    article: str
    note: str

    @property
    def used(self) -> date:
        """The day that counts."""
        day = date.fromisoformat(self.on)
        return day.replace(month=1, day=1) if self.scheme in _OF_1_JANUARY else day

    @property
    def said(self) -> dict[str, bool | None]:
        """The answers that the line spells out, None where it takes one back."""
        pairs = [part.split("=") for part in self.answers.split()]
        return {name: _WORDS.get(word) for name, word in pairs if name != "*"}

    @property
    def given(self) -> dict[str, bool]:
        """All the answers of the line."""
        every = {one.id: True for one in SCHEMES[self.scheme].questions} if "*=oui" in self.answers.split() else {}
        return {name: answer for name, answer in (every | self.said).items() if answer is not None}

    @property
    def metres(self) -> list[float]:
        """How far from the square the place is, if it is near one."""
        return [float(part) for part in self.place.split(":")[1:]]


def read_cases():
    with (Path(__file__).parent / "cases.csv").open(encoding="utf-8", newline="") as stream:
        return [Case(**row) for row in csv.DictReader(stream, strict=True)]


CASES = read_cases()


def of(scheme):
    return [case for case in CASES if case.scheme == scheme]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The catalogue of the home that a line needs, made once for all the lines that share it."""
    made = {}

    def catalogue_of(case):
        world = world_of(case.place, case.on)
        if world not in made:
            home, folder = tmp_path_factory.mktemp("world"), tmp_path_factory.mktemp("files")
            made[world] = Catalogue(home)
            install_world(case.place, on=case.on, catalogue=made[world], home=home, tmp_path=folder)
        return made[world]

    return catalogue_of


@pytest.mark.parametrize("case", CASES, ids=lambda one: f"{one.scheme} {one.place} {one.on} {one.answers}")
def test_each_line_of_the_table(case, worlds, monkeypatch):
    catalogue = worlds(case)
    monkeypatch.setenv("QPV_GEO_HOME", str(catalogue.home))
    place = place_in(case.place, catalogue)
    asked = {"amount": float(case.amount) if case.amount else None, "answers": case.given, **place}

    def decide():
        return decide_scheme(SCHEMES[case.scheme], checker=Checker(load_settings()), on=case.on, **asked)

    if case.expected == "refused":
        with pytest.raises(InputError, match=case.article):
            decide()
        return
    decision = decide()
    assert decision.outcome == case.expected
    assert decision.date_used == case.used.isoformat()
    told = [decision.label, *(f"{one.text} {one.source.title}" for one in decision.reasons)]
    assert case.article in " ".join(told).replace("\u202f", " ").replace("\u00a0", " ")
    shown = {one.condition.id: one.answer for one in decision.questions}
    if decision.spatial is not None:  # a question that is answered for nothing would test nothing
        assert {name: shown.get(name, "not asked") for name, answer in case.said.items() if answer is not None} == {
            name: answer for name, answer in case.said.items() if answer is not None
        }


def test_the_table_is_about_every_shipped_scheme():
    assert set(Counter(case.scheme for case in CASES)) == set(SCHEMES)
    assert len(CASES) >= 100
    assert len({case[:5] for case in CASES}) == len(CASES)
    assert all(case.note for case in CASES)


QUESTIONS = [(name, one) for name, scheme in SCHEMES.items() for one in scheme.questions if one.decisive]


@pytest.mark.parametrize(
    ("scheme", "question"), QUESTIONS, ids=[f"{name} {one.id} {one.start}" for name, one in QUESTIONS]
)
def test_every_decisive_question_is_answered_yes_no_and_not_at_all(scheme, question):
    found = {case.given.get(question.id) for case in of(scheme) if question.applies(case.used)}
    assert found == {True, False, None}
    refused = [case for case in of(scheme) if question.applies(case.used) and case.said.get(question.id) is False]
    assert any(case.expected == "not_eligible" for case in refused)


def limits(scheme):
    """Yield the first and last days of all that is dated in a scheme, and what they are of."""
    dated = [("date", scheme.dates), *((one.id, one) for one in (*scheme.zones, *scheme.questions))]
    dated += [("amount", one) for one in scheme.amounts]
    for about, one in dated:
        yield from ((about, "from", day, day - timedelta(1)) for day in [one.start] if day)
        yield from ((about, "to", day, day + timedelta(1)) for day in [one.end] if day)


LIMITS = sorted({(name, *limit) for name, scheme in SCHEMES.items() for limit in limits(scheme)})


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: " ".join(map(str, one)))
def test_both_days_of_every_dated_limit_are_asked(limit):
    scheme, _, _, day, beyond = limit
    if scheme in _OF_1_JANUARY:
        assert {case.used.year for case in of(scheme)} >= {day.year, beyond.year}
    else:
        assert {case.used for case in of(scheme)} >= {day, beyond}


CAPS = [
    (name, cap)
    for name, scheme in SCHEMES.items()
    for limit in scheme.amounts
    for cap in (limit.max_eur, limit.budget_eur)
    if cap
]


@pytest.mark.parametrize(("scheme", "cap"), CAPS)
def test_both_sides_of_every_cap_are_asked(scheme, cap):
    asked = {(float(case.amount), case.expected) for case in of(scheme) if case.amount and case.answers == "*=oui"}
    assert asked >= {(cap, "eligible"), (cap + 0.01, "not_eligible")}


DISTANCES = [
    (name, zone.id, metres)
    for name, scheme in SCHEMES.items()
    for zone in scheme.zones
    for metres in (zone.test.distance_m, zone.test.partly_within_m)
    if metres
]


@pytest.mark.parametrize(("scheme", "zone", "metres"), DISTANCES)
def test_both_sides_of_every_distance_are_asked_while_the_zone_counts(scheme, zone, metres):
    [rule] = [one for one in SCHEMES[scheme].zones if one.id == zone]
    worlds = {"pnru": {"pnru"}}.get(rule.kind, {"ancien"} if rule.generation else {"carre", "bati", "conv"})
    asked = [case for case in of(scheme) if rule.applies(case.used) and case.place.split(":")[0] in worlds]
    just = {distance < metres for case in asked for distance in case.metres if abs(distance - metres) < _NEAR_M}
    assert just == {True, False}
