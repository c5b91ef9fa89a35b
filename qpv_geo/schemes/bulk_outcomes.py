"""Outcomes of several schemes for many places: each place is checked and decided once per date and amount.

Places are checked together, as many at once as memory allows; schemes that read perimeters on the same date share the
verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qpv_geo.errors import DateError, MissingError, QpvGeoError
from qpv_geo.schemes.asking import AskedPlace
from qpv_geo.schemes.evaluate import checked_amount, decide_amount
from qpv_geo.schemes.model import RoadLimit, Scheme, SchemeOutcome
from qpv_geo.schemes.places import at_asked

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from datetime import date

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.eligibility.location import Place
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.model import Verdict

    Outcomes = tuple[SchemeOutcome, ...]
    Key = tuple[Hashable, date, float | None]

_AT_ONCE, _KEPT = 1_000, 100_000


@dataclass(frozen=True, eq=False)
class SchemeQuestion:
    """What is asked of the schemes about a place.

    Attributes
    ----------
    place
        A point or a site, or what was found for an address.
    identity
        The same for two questions about the same place.
    amount
        Euros, or None.
    """

    place: Place | GeocodingResult
    identity: Hashable
    day: date
    amount: float | None = None

    @property
    def key(self) -> Key:
        """What the outcomes depend on."""
        return self.identity, self.day, self.amount


class BulkOutcomes:
    """Decides several schemes for many places; the outcomes of the last ones are kept.

    Parameters
    ----------
    schemes
        The schemes, in the order of the outcomes.
    checker
        Its perimeters and thresholds decide.
    """

    def __init__(self, schemes: Sequence[Scheme], checker: Checker) -> None:
        # The road limit changes the sentences, never the outcome, and is slow to look for.
        self._schemes = tuple(replace(one, road_limit=RoadLimit.AS_DRAWN) for one in schemes)
        self._checker = checker
        self._kept: dict[Key, Outcomes] = {}

    def of(self, questions: Sequence[SchemeQuestion]) -> list[Outcomes]:
        """Return the outcome of each scheme for each question.

        They are those of `qpv_geo.schemes.evaluate.decide_scheme` without answers; ``to_review`` where it raises, for
        lack of perimeters.

        Raises
        ------
        IntegrityError, FormatError
            A file of perimeters changed on disk, or the list of renewal conventions is damaged.
        """
        if len(self._kept) > _KEPT:
            self._kept.clear()
        asked = {one.key: one for one in questions}
        new = [one for key, one in asked.items() if key not in self._kept]
        for start in range(0, len(new), _AT_ONCE):
            some = new[start : start + _AT_ONCE]
            places = self._checked(some)
            self._kept |= {one.key: tuple(self._outcome(each, one, places) for each in self._schemes) for one in some}
        return [self._kept[one.key] for one in questions]

    def _outcome(
        self, scheme: Scheme, question: SchemeQuestion, places: Mapping[tuple[Hashable, date], AskedPlace]
    ) -> SchemeOutcome:
        used = scheme.dates.used(question.day)
        if not scheme.dates.applies(used):
            return SchemeOutcome.NOT_ELIGIBLE
        asked = places.get((question.identity, used))
        if asked is None:
            return SchemeOutcome.TO_REVIEW
        try:
            tested = at_asked(scheme, self._checker, question.day, asked)
        except (DateError, MissingError):
            return SchemeOutcome.TO_REVIEW
        return decide_amount(tested, checked_amount(question.amount)).outcome

    def _checked(self, questions: Sequence[SchemeQuestion]) -> dict[tuple[Hashable, date], AskedPlace]:
        """Check the places on the dates that the schemes use; leave out those that cannot be checked."""
        by_day: dict[date, dict[Hashable, Place | GeocodingResult]] = {}
        for one in questions:
            for scheme in self._schemes:
                used = scheme.dates.used(one.day)
                if scheme.dates.applies(used):
                    by_day.setdefault(used, {})[one.identity] = one.place
        return {
            (identity, day): AskedPlace(self._checker, verdict, day)
            for day, places in by_day.items()
            for identity, verdict in self._verdicts(places, day).items()
        }

    def _verdicts(self, places: Mapping[Hashable, Place | GeocodingResult], day: date) -> dict[Hashable, Verdict]:
        told = self._checker.check_all(list(places.values()), self._checker.check_options(on=day))
        _refuse_others(told)
        return {identity: one for identity, one in zip(places, told, strict=True) if not isinstance(one, QpvGeoError)}


def _refuse_others(found: Iterable[Verdict | QpvGeoError]) -> None:
    """Raise the errors that are not about what is installed for a day: a damaged file is no doubt about a place."""
    for one in found:
        if isinstance(one, QpvGeoError) and not isinstance(one, DateError | MissingError):
            raise one
