"""The points and perimeters of a verdict, to draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from qpv_geo.eligibility.address import decided_by
from qpv_geo.geocoding.result import found_from_json, shortlist
from qpv_geo.model import Status
from qpv_geo.perimeters.read import combine

if TYPE_CHECKING:
    from qpv_geo.model import Verdict
    from qpv_geo.perimeters.catalogue import Catalogue
    from qpv_geo.perimeters.read import PerimeterSet


@dataclass(frozen=True)
class Spot:
    """A point of a verdict, degrees, with its accuracy radius in metres and the label next to it."""

    lon: float
    lat: float
    accuracy_m: float
    status: str
    label: str = ""


@dataclass(frozen=True, eq=False)
class Asked:
    """The points of a verdict, or its site (a geometry in degrees)."""

    spots: tuple[Spot, ...]
    site: Any = None


def asked_of(verdict: Verdict) -> Asked:
    """Return the points or the site of a verdict; candidates are numbered as listed, house numbers as labels."""
    location, question = verdict.location, verdict.evidence.input
    if "site" in question:
        return Asked((), shapely.geometry.shape(question["site"]))
    if location.lon is None or location.lat is None or location.accuracy_m is None:
        return Asked(())
    if "found" not in question:
        return Asked((Spot(location.lon, location.lat, location.accuracy_m, verdict.status),))
    return Asked(_of_address(verdict))


def perimeters_of(verdict: Verdict, catalogue: Catalogue) -> PerimeterSet | None:
    """Return the perimeters a verdict used, from the sets available with the same hash; None if there are none."""
    evidence = verdict.evidence
    wanted = [(evidence.dataset, evidence.sha256), *((one.dataset, one.sha256) for one in evidence.others)]
    entries = [(catalogue.find(name), sha256) for name, sha256 in wanted if name is not None]
    sets = [catalogue.load(one) for one, sha256 in entries if one is not None and one.dataset.sha256 == sha256]
    return combine(tuple(sets)) if sets else None


def _of_address(verdict: Verdict) -> tuple[Spot, ...]:
    found = found_from_json(verdict.evidence.input)
    short = shortlist(found)
    candidates = short.candidates
    points = decided_by(found, candidates) if short.is_firm else candidates
    if points is not candidates:
        of_number = {
            number: status
            for side in verdict.street
            for status, numbers in (
                (Status.INSIDE, side.inside),
                (Status.OUTSIDE, side.outside),
                (Status.UNCERTAIN, side.uncertain),
            )
            for number in numbers
        }
        return tuple(
            Spot(one.lon, one.lat, 0.0, of_number.get(one.housenumber or "", Status.UNCERTAIN), one.housenumber or "")
            for one in points
        )
    if not verdict.candidates:
        return tuple(Spot(one.lon, one.lat, one.accuracy_m, verdict.status) for one in points[:1])
    return tuple(
        Spot(one.lon, one.lat, one.accuracy_m, listed.status, str(number))
        for number, (one, listed) in enumerate(zip(points, verdict.candidates, strict=False), start=1)
    )
