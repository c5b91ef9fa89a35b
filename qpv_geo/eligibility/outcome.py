"""The outcome for a place before it is written: its status, its reason and its facts, from what was measured.

`qpv_geo.eligibility.decide` decides any number of points at once; single checks and the addresses and sites of a table
all go through here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from qpv_geo.eligibility import address
from qpv_geo.eligibility.decide import REASONS, STATUSES, decide
from qpv_geo.geocoding.protocol import PRECISE
from qpv_geo.geocoding.result import MOST_LISTED, is_commune_alone
from qpv_geo.model import Nearest, PerimeterMatch, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.eligibility.index import PerimeterIndex
    from qpv_geo.eligibility.location import Place
    from qpv_geo.eligibility.measures import Measure
    from qpv_geo.geocoding.protocol import Candidate
    from qpv_geo.geocoding.result import GeocodingResult, Shortlist
    from qpv_geo.model import Location, PlausibleMatch, StreetSide, Thresholds
    from qpv_geo.perimeters.read import PerimeterSet

_METRES_DECIMALS = 2
_SHARE_DECIMALS = 6


class Outcome(NamedTuple):
    """What was found out about a place, before it is written.

    Attributes
    ----------
    question
        The place asked about, as the evidence writes it; for an address, what was found is added later.
    what
        ``point``, ``site`` or ``address``.
    radius_m
        How far off the place may be, in metres, precision of the perimeters included; None without a point of its own.
    matches
        Every perimeter that holds part of the place.
    points
        For an address: the points whose perimeters are in `matches`; empty without a point of its own.
    found
        For an address: what the geocoders found.
    message
        The sentence, if it is not written from what was measured.
    """

    question: dict[str, Any]
    what: str
    status: Status
    reason: Reason
    location: Location
    radius_m: float | None = None
    share: float | None = None
    distance_m: float | None = None
    nearest: Nearest | None = None
    matches: tuple[PerimeterMatch, ...] = ()
    candidates: tuple[PlausibleMatch, ...] = ()
    street: tuple[StreetSide, ...] = ()
    points: tuple[Candidate, ...] = ()
    found: GeocodingResult | None = None
    message: str | None = None


# ── Points and sites ─────────────────────────────────────────────────────────────────────────────────────────


def measure_places(index: PerimeterIndex, places: Sequence[Place]) -> list[Measure]:
    """Measure points of one territory, or one site, however far the nearest edge is."""
    first, *rest = places
    if first.site is not None and not rest:
        return index.measure_site(first.site, territory=first.territory).each()
    return index.measure_each([place.point for place in places], territory=first.territory)


def of_places(places: Sequence[Place], index: PerimeterIndex, thresholds: Thresholds) -> list[Outcome]:
    """Return the outcomes of points of one territory, all measured at once, or of one site."""
    measured = measure_places(index, places)
    return [_of_place(place, one, index.perimeters, thresholds) for place, one in zip(places, measured, strict=True)]


def _of_place(place: Place, measured: Measure, perimeters: PerimeterSet, thresholds: Thresholds) -> Outcome:
    site = place.site is not None
    status, reason = decide(measured, thresholds, site=site)
    distance_m = metres(measured.distance_m)
    return Outcome(
        question=place.question,
        what="site" if site else "point",
        status=STATUSES[status],
        reason=REASONS[reason],
        location=place.location,
        radius_m=measured.radius_m,
        share=measured.share,
        distance_m=distance_m,
        nearest=edge(perimeters, measured.nearest, distance_m),
        matches=matches(perimeters, perimeters.kinds, [measured]),
    )


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────────


def not_found(found: GeocodingResult) -> Outcome:
    """Return the outcome of an address that was not found, lacks address data, or only names communes."""
    if is_commune_alone(found):
        doubt = Status.UNCERTAIN, Reason.WEAK_MATCH
        first, candidates = found.communes[0], address.listed_communes(found.communes, [doubt[0]] * len(found.communes))
        where = address.location_of_commune(first, found.query)
        return Outcome(found.asked(), "address", *doubt, where, candidates=candidates, found=found)
    reason = Reason.MISSING_ADDRESSES if found.missing else Reason.NO_MATCH
    return Outcome(found.asked(), "address", Status.NOT_LOCATED, reason, address.no_location(found), found=found)


def of_communes(found: GeocodingResult, perimeters: PerimeterSet) -> Outcome | None:
    """Return the outcome of an address that only names communes or is in one without perimeters; None for others.

    Parameters
    ----------
    perimeters
        All perimeters asked about in the territory of the communes, as one set.
    """
    without = address.is_without_perimeter(found, perimeters)
    alone = is_commune_alone(found)
    if not without and not alone:
        return None
    status, reason = Status.OUTSIDE, Reason.COMMUNE_WITHOUT_PERIMETER
    commune, *others = found.communes
    touching = () if others else address.perimeters_of_commune(commune, perimeters)
    if not without:
        status = Status.UNCERTAIN
        known = perimeters.coverage.everywhere or touching
        reason = Reason.WEAK_MATCH if others else Reason.IMPRECISE_LOCATION if known else Reason.NOT_COVERED
    return Outcome(
        question=found.asked(),
        what="address",
        status=status,
        reason=reason,
        location=address.location_of_commune(commune, found.query),
        matches=touching,
        candidates=address.listed_communes(found.communes, address.each_commune(found.communes, perimeters))
        if others
        else (),
        found=found,
    )


def measure_found(index: PerimeterIndex, points: Sequence[Candidate]) -> list[Measure]:
    """Measure what a geocoder found, however far the nearest edge is."""
    return index.measure_each([(one.lon, one.lat, one.accuracy_m) for one in points])


def of_addresses(
    found: Sequence[tuple[GeocodingResult, Shortlist]], index: PerimeterIndex, thresholds: Thresholds
) -> list[Outcome]:
    """Return the outcomes of addresses, all their points measured and decided at once.

    Parameters
    ----------
    found
        Addresses with their shortlists, each of at least one candidate.
    index
        Index of the perimeters asked about in the territory of all these addresses.
    """
    decisive = [
        address.decided_by(one, short.candidates) if short.is_firm else short.candidates for one, short in found
    ]
    measured = measure_found(index, [point for points in decisive for point in points])
    codes = [decide(one, thresholds) for one in measured]
    decided = [(STATUSES[status], REASONS[reason]) for status, reason in codes]
    outcome, start = [], 0
    for (one, short), points in zip(found, decisive, strict=True):
        end = start + len(points)
        told = _MeasuredAddress(one, short, points, measured[start:end], decided[start:end])
        outcome.append(_of_address(told, index.perimeters))
        start = end
    return outcome


class _MeasuredAddress(NamedTuple):
    """An address, its shortlist, the points that decide it, and the measure and decision of each."""

    found: GeocodingResult
    shortlist: Shortlist
    points: tuple[Candidate, ...]
    measured: list[Measure]
    decided: list[address.Answer]


def _of_address(told: _MeasuredAddress, perimeters: PerimeterSet) -> Outcome:
    candidates, points, first = told.shortlist.candidates, told.points, told.measured[0]
    status, reason = Status.UNCERTAIN, Reason.WEAK_MATCH
    if told.shortlist.is_firm:
        status, reason = address.answer(candidates, points, told.decided)
    firm_place = reason is not Reason.WEAK_MATCH  # the measures of a weak match would read as an answer
    by_numbers = firm_place and points is not candidates
    one_point = firm_place and candidates[0].type in PRECISE and not by_numbers
    listed = points if by_numbers else points[:1] if one_point else ()
    own = told.measured if by_numbers else told.measured[:1]
    distance_m = metres(first.distance_m) if one_point else None
    return Outcome(
        question=told.found.asked(),
        what="address",
        status=status,
        reason=reason,
        location=address.location_of(candidates[0], told.found.query),
        radius_m=first.radius_m if one_point else None,
        share=round(sum(one.share for one in own) / len(own), _SHARE_DECIMALS) if listed else None,
        distance_m=distance_m,
        nearest=edge(perimeters, first.nearest, distance_m),
        matches=matches(perimeters, perimeters.kinds, own) if listed else (),
        candidates=() if firm_place and (by_numbers or len(candidates) == 1) else _plausible(told, perimeters),
        street=address.sides(points, told.decided) if by_numbers else (),
        points=listed,
        found=told.found,
    )


def _plausible(told: _MeasuredAddress, perimeters: PerimeterSet) -> tuple[PlausibleMatch, ...]:
    candidates = told.shortlist.candidates
    if told.points is not candidates:
        return ()
    codes = [None if one.best < 0 else perimeters.codes[one.best] for one in told.measured]
    alone = address.each_alone(candidates, told.decided)
    most = MOST_LISTED
    return address.listed(candidates[:most], alone[:most], codes[:most])


# ── Facts ────────────────────────────────────────────────────────────────────────────────────────────────────


def matches(perimeters: PerimeterSet, kinds: Sequence[str], measured: Sequence[Measure]) -> tuple[PerimeterMatch, ...]:
    """Return every perimeter that holds part of what was measured, with its mean share over several points."""
    if len(measured) == 1:
        return tuple(_match(perimeters, kinds, row, share) for row, share in measured[0].overlaps)
    shares: dict[int, float] = {}
    for row, share in (pair for one in measured for pair in one.overlaps):
        shares[row] = shares.get(row, 0.0) + share
    return tuple(_match(perimeters, kinds, row, shares[row] / len(measured)) for row in sorted(shares))


def _match(perimeters: PerimeterSet, kinds: Sequence[str], row: int, share: float) -> PerimeterMatch:
    return PerimeterMatch(perimeters.codes[row], perimeters.names[row], str(kinds[row]), round(share, _SHARE_DECIMALS))


def edge(perimeters: PerimeterSet, row: int, distance_m: float | None) -> Nearest | None:
    """Return the perimeter of a row as the nearest one, or None without a row or a distance."""
    if row < 0 or distance_m is None:
        return None
    return Nearest(perimeters.codes[row], perimeters.names[row], distance_m)


def metres(distance_m: float) -> float | None:
    """Round metres to the centimetre; return None for infinity, where no edge was near enough."""
    return round(float(distance_m), _METRES_DECIMALS) + 0.0 if math.isfinite(distance_m) else None
