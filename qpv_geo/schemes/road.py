"""Tell whether a street follows the limit of a perimeter: its house numbers stand on both sides of it, near it.

For rules that deem inside the buildings on either side of a road that is a limit. A building is on a road if it has an
address on it, so the numbers are told and a person decides: no distance alone does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qpv_geo import messages as msg
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.geocoding.result import found_from_json, shortlist

if TYPE_CHECKING:
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Candidate
    from qpv_geo.schemes.asking import AskedPlace

_LEAST_ON_A_SIDE = 2
_TOLD = 12


def street_along_limit(asked: AskedPlace, checker: Checker, within_m: float) -> str | None:
    """Return a French sentence with the numbers of the street asked on either side of a limit, or None.

    Parameters
    ----------
    within_m
        How far a number may be from the limit, in metres.
    """
    numbers = _numbers(asked, checker)
    if not numbers:
        return None
    table = checker.check_many(
        lon=[one.lon for one in numbers],
        lat=[one.lat for one in numbers],
        on=asked.day,
        horizon_m=within_m,
    )
    distance_m = table["distance_m"].to_numpy(float)
    near = np.abs(np.nan_to_num(distance_m, nan=np.inf)) <= within_m
    sides = [
        [_number(one) for one, mine in zip(numbers, near & side, strict=True) if mine]
        for side in (distance_m < 0, distance_m > 0)
    ]
    if min(map(len, sides)) < _LEAST_ON_A_SIDE:
        return None
    return msg.schemes.limit_follows(str(numbers[0].street), *(_enumerated(side) for side in sides))


def _numbers(asked: AskedPlace, checker: Checker) -> list[Candidate]:
    question = asked.base.evidence.input
    if "found" not in question:
        return []
    short = shortlist(found_from_json(question))
    if not short.is_firm or not short.candidates or short.candidates[0].street is None:
        return []
    return geocoder_of(checker.settings, offline=True).street_numbers(short.candidates[0])


def _number(candidate: Candidate) -> str:
    return str(candidate.housenumber)


def _enumerated(numbers: list[str]) -> str:
    told = list(dict.fromkeys(numbers))
    return ", ".join(told[:_TOLD]) + ("…" if len(told) > _TOLD else "")
