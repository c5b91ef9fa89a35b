"""The answers to kept questions, computed again many at once with what is installed now."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import shapely

from qpv_geo.eligibility.location import point_place, site_place
from qpv_geo.errors import IntegrityError, QpvGeoError
from qpv_geo.geocoding.result import GeocodingResult, found_from_json
from qpv_geo.model import Kind
from qpv_geo.perimeters.succession import MIN_SHARE
from qpv_geo.register.changes import KeptAnswer, answer_of
from qpv_geo.schemes.bulk_outcomes import BulkOutcomes, SchemeQuestion
from qpv_geo.schemes.evaluate import decide_schemes
from qpv_geo.schemes.load import find_scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.eligibility.location import Place
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.model import Verdict
    from qpv_geo.perimeters.catalogue import Catalogue
    from qpv_geo.perimeters.read import PerimeterSet

    Search = Callable[[Sequence[Query]], Mapping[Query, GeocodingResult | QpvGeoError]]
    """Searches addresses again."""


class Recomputer:
    """Computes kept answers again.

    Parameters
    ----------
    checker
        Its perimeters, schemes and thresholds decide.
    generation
        Generation to use whatever the date; None for the one of each question, or in force on its date.
    search
        Searches addresses again; None to use what was found then.
    """

    def __init__(self, checker: Checker, *, generation: str | None = None, search: Search | None = None) -> None:
        self._checker, self._generation, self._search = checker, generation, search
        self._outcomes: dict[tuple[str, ...], BulkOutcomes] = {}
        self._same: dict[tuple[str, str], bool] = {}

    def answers(self, records: Sequence[Mapping[str, Any]]) -> list[KeptAnswer]:
        """Return the answer to the question of each record, in order.

        Raises
        ------
        IntegrityError
            A file of perimeters changed on disk.
        """
        questions = [one["evidence"]["input"] for one in records]
        places = self._places(questions)
        told: dict[int, Verdict | QpvGeoError] = {k: one for k, one in places.items() if isinstance(one, QpvGeoError)}
        groups: dict[tuple[str, str | None, tuple[str, ...]], list[int]] = {}
        for k, question in enumerate(questions):
            if k not in told:
                generation = self._generation or question.get("generation")
                key = (question["on"], generation, tuple(question.get("kinds", [Kind.QPV])))
                groups.setdefault(key, []).append(k)
        for (on, generation, kinds), rows in groups.items():
            check_options = self._checker.check_options(on=on, generation=generation, kinds=kinds)
            verdicts = self._checker.check_all([places[k] for k in rows], check_options)  # type: ignore[misc]
            told |= zip(rows, verdicts, strict=True)
        outcomes = self._schemes(questions, places, told)
        return [_answer(told[k], outcomes.get(k, {})) for k in range(len(questions))]

    def same_quartier(self, before: str | None, after: str | None) -> bool:
        """Tell whether a quartier is another, or succeeds it: by the official correspondence, or by shared ground."""
        if before is None or after is None or before == after:
            return before == after
        if (before, after) not in self._same:
            linked = after in self._checker.catalogue.correspondence.linked(before)
            self._same[before, after] = linked or self._share_ground(before, after)
        return self._same[before, after]

    def _share_ground(self, before: str, after: str) -> bool:
        found = [perimeter_of_code(self._checker.catalogue, code) for code in (before, after)]
        surfaces = [perimeters.geometry[row] for perimeters, row in filter(None, found)]
        if len(surfaces) < len(found):
            return False
        first, second = surfaces
        least = min(first.area, second.area)
        return least > 0 and bool(shapely.intersection(first, second).area / least >= MIN_SHARE)

    def _places(self, questions: Sequence[Mapping[str, Any]]) -> dict[int, Place | GeocodingResult | QpvGeoError]:
        places: dict[int, Place | GeocodingResult | QpvGeoError] = {}
        for k, question in enumerate(questions):
            try:
                places[k] = _place(question)
            except QpvGeoError as error:
                places[k] = error
        if self._search is None:
            return places
        queries = {k: one.query for k, one in places.items() if isinstance(one, GeocodingResult)}
        found = self._search(list(dict.fromkeys(queries.values()))) if queries else {}
        return places | {k: found[query] for k, query in queries.items()}

    def _schemes(
        self,
        questions: Sequence[Mapping[str, Any]],
        places: Mapping[int, Place | GeocodingResult | QpvGeoError],
        told: Mapping[int, Verdict | QpvGeoError],
    ) -> dict[int, dict[str, str]]:
        """Return the outcome of each scheme asked, for each question that asks any and has a verdict."""
        outcomes: dict[int, dict[str, str]] = {}
        together: dict[tuple[str, ...], list[int]] = {}
        for k, question in enumerate(questions):
            verdict, ids = told[k], tuple(question.get("schemes", ()))
            if not ids or isinstance(verdict, QpvGeoError):
                continue
            if question.get("answers"):
                outcomes[k] = self._declared(ids, verdict, question)
            else:
                together.setdefault(ids, []).append(k)
        for ids, rows in together.items():
            asked = [self._scheme_question(questions[k], places[k]) for k in rows]
            for k, found in zip(rows, self._bulk(ids).of(asked), strict=True):
                outcomes[k] = dict(zip(ids, map(str, found), strict=True))
        return outcomes

    def _declared(self, ids: Sequence[str], verdict: Verdict, question: Mapping[str, Any]) -> dict[str, str]:
        amount, answers = question.get("amount"), question["answers"]
        decisions = decide_schemes(ids, verdict, checker=self._checker, amount=amount, answers=answers)
        return {one.scheme: str(one.outcome) for one in decisions}

    def _scheme_question(self, question: Mapping[str, Any], place: Any) -> SchemeQuestion:  # noqa: ANN401
        identity = place.query if isinstance(place, GeocodingResult) else place.where.wkb + str(place.point[2]).encode()
        return SchemeQuestion(place, identity, date.fromisoformat(question["on"]), question.get("amount"))

    def _bulk(self, ids: tuple[str, ...]) -> BulkOutcomes:
        if ids not in self._outcomes:
            home, known = self._checker.settings.home, self._checker.catalogue.registry.generations
            schemes = [find_scheme(one, home, generations=known) for one in ids]
            self._outcomes[ids] = BulkOutcomes(schemes, self._checker)
        return self._outcomes[ids]


def perimeter_of_code(catalogue: Catalogue, code: str) -> tuple[PerimeterSet, int] | None:
    """Return the installed set, of any generation, that holds a code, and its row there."""
    for generation in catalogue.registry.generations.values():
        try:
            sets = catalogue.sets_of(generation)
        except IntegrityError:
            raise
        except QpvGeoError:
            continue
        for one in sets:
            if code in one.codes:
                return one, one.codes.index(code)
    return None


def _place(question: Mapping[str, Any]) -> Place | GeocodingResult:
    if "found" in question:
        return found_from_json(dict(question))
    if "site" in question:
        return site_place(question["site"])
    return point_place(lon=question["lon"], lat=question["lat"], accuracy_m=question["accuracy_m"])


def _answer(told: Verdict | QpvGeoError, outcomes: dict[str, str]) -> KeptAnswer:
    if isinstance(told, IntegrityError):
        raise told
    if isinstance(told, QpvGeoError):
        return KeptAnswer(None, None, None, None, None, None, {}, str(told))
    found = answer_of(told.to_dict())
    return KeptAnswer(**vars(found) | {"outcomes": outcomes, "message": told.message})
