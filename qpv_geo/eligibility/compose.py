"""Write a verdict: from what was measured and decided to its perimeters, its sentence and its evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from qpv_geo._version import __version__
from qpv_geo.eligibility.evidence import digest
from qpv_geo.model import (
    Evidence,
    Location,
    Nearest,
    OtherDataset,
    PerimeterMatch,
    PlausibleMatch,
    Reason,
    Status,
    StreetSide,
    Verdict,
)
from qpv_geo.texts import verdicts as tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from qpv_geo.crs import Territory
    from qpv_geo.eligibility.grounds import Grounds
    from qpv_geo.eligibility.measures import Measures
    from qpv_geo.model import Thresholds
    from qpv_geo.perimeters.catalogue import Catalogue
    from qpv_geo.perimeters.read import PerimeterSet

SOFTWARE = f"qpv-geo {__version__}"
_METRES_DECIMALS = 2
_SHARE_DECIMALS = 6
_FIRM = frozenset({Status.INSIDE, Status.OUTSIDE})
_OF_ADDRESSES = frozenset({Reason.WEAK_MATCH, Reason.STREET_STRADDLES})


@dataclass(frozen=True)
class Findings:
    """What was found out, before it is written.

    Attributes
    ----------
    question
        How the evidence writes the place that was asked about.
    what
        ``point``, ``site`` or ``address``.
    radius_m
        How far off the place may be, perimeters included; None where it has no point of its own.
    """

    question: dict[str, Any]
    what: str
    status: Status
    reason: Reason
    location: Location | None
    radius_m: float | None = None
    share: float | None = None
    distance_m: float | None = None
    nearest: Nearest | None = None
    matches: tuple[PerimeterMatch, ...] = ()
    candidates: tuple[PlausibleMatch, ...] = ()
    street: tuple[StreetSide, ...] = ()


def compose(  # noqa: PLR0913 - all that a verdict is written from
    findings: Findings,
    day: date,
    grounds: Grounds | None,
    territory: Territory | None,
    *,
    thresholds: Thresholds,
    moment: datetime,
    catalogue: Catalogue,
) -> Verdict:
    """Write a verdict and seal it with its digest; without grounds where the place was not found."""
    generation = grounds.generation if grounds else None
    unknown = findings.reason is Reason.NOT_COVERED  # an edge farther on may be nearer than any that is known
    verdict = Verdict(
        status=findings.status,
        reason=findings.reason,
        message="",
        on=day.isoformat(),
        generation=generation.id if generation else None,
        perimeters=_in_order(findings.matches, grounds),
        nearest=None if unknown else findings.nearest,
        share_inside=None if unknown else findings.share,
        distance_m=None if unknown else findings.distance_m,
        location=findings.location,
        evidence=_evidence(findings, day, grounds, territory, thresholds, moment),
        candidates=findings.candidates,
        street=findings.street,
    )
    when = tell.at(day, generation.id if grounds and grounds.forced and generation else None)
    message = _message(verdict, findings, when, grounds, catalogue)
    if verdict.status in _FIRM and verdict.candidates:
        message = f"{message} {tell.all_agree(len(verdict.candidates))}"
    verdict = replace(verdict, message=message)
    return replace(verdict, evidence=replace(verdict.evidence, digest=digest(verdict.to_dict())))


def _in_order(found: Sequence[PerimeterMatch], grounds: Grounds | None) -> tuple[PerimeterMatch, ...]:
    """Return matches, those of the kinds asked about first, then the largest share first."""
    kinds = grounds.kinds if grounds else ()
    return tuple(sorted(found, key=lambda match: (match.kind not in kinds, -match.share_inside, match.code)))


def matches(perimeters: PerimeterSet, kinds: Sequence[str], measures: Measures) -> list[PerimeterMatch]:
    """Return every perimeter that holds a part of what was measured; of several points, their mean share."""
    touch, n = measures.touch, len(measures.share)
    rows, place = np.unique(touch.row, return_inverse=True)
    shares = np.bincount(place, weights=touch.share, minlength=len(rows)) / n
    return [
        PerimeterMatch(
            perimeters.codes[row], perimeters.names[row], str(kinds[row]), round(float(share), _SHARE_DECIMALS)
        )
        for row, share in zip(rows, shares, strict=True)
    ]


def nearest(perimeters: PerimeterSet, measures: Measures) -> Nearest | None:
    """Return the perimeter whose edge is nearest to the first location, None where the territory has none."""
    row, distance_m = int(measures.nearest[0]), metres(measures.distance_m[0])
    if row < 0 or distance_m is None:
        return None
    return Nearest(perimeters.codes[row], perimeters.names[row], distance_m)


def metres(distance_m: float) -> float | None:
    """Return metres to the centimetre, or None where nothing is near enough to be measured."""
    return round(float(distance_m), _METRES_DECIMALS) + 0.0 if np.isfinite(distance_m) else None


def _evidence(  # noqa: PLR0913, PLR0917 - what it is made of
    findings: Findings,
    day: date,
    grounds: Grounds | None,
    territory: Territory | None,
    thresholds: Thresholds,
    moment: datetime,
) -> Evidence:
    question: dict[str, Any] = {"on": day.isoformat()}
    first = grounds.asked[0] if grounds else None
    dataset = first.dataset if first else None
    if grounds:
        question["kinds"] = list(map(str, grounds.kinds))
        if grounds.forced and grounds.generation is not None:
            question["generation"] = grounds.generation.id
    beside = (*grounds.asked[1:], *grounds.others) if grounds else ()
    return Evidence(
        input=findings.question | question,
        dataset=dataset.id if dataset else None,
        title=dataset.title if dataset else None,
        source=dataset.source if dataset else None,
        edition=dataset.edition if dataset else None,
        licence=dataset.licence if dataset else None,
        sha256=dataset.sha256 if dataset else None,
        precision_m=dataset.precision_m if dataset else None,
        coverage=first.coverage.kind if first else None,
        others=tuple(OtherDataset(one.dataset.id, one.dataset.kind, one.dataset.sha256) for one in beside),
        decrees=grounds.decrees(territory) if grounds and territory else (),
        crs=f"EPSG:{territory.epsg}" if territory else None,
        thresholds=thresholds,
        notice=tell.NOTICE,
        software=SOFTWARE,
        checked_at=moment.astimezone(UTC).isoformat(timespec="seconds"),
    )


def _message(verdict: Verdict, findings: Findings, when: str, grounds: Grounds | None, catalogue: Catalogue) -> str:
    """Return the sentence of a verdict."""
    if grounds is None:
        return tell.no_match(findings.question["address"], findings.question["searched"])
    name = ", ".join(tell.named(one.name, one.code) for one in verdict.perimeters if one.kind in grounds.kinds)
    what = _what(verdict, findings)
    if verdict.status is Status.INSIDE:
        if verdict.distance_m is None or findings.what == "site":
            return tell.held(what, when, grounds.kinds, name, verdict.share_inside or 0.0, by=findings.what)
        return tell.inside(what, when, grounds.kinds, name, verdict.distance_m)
    if verdict.status is Status.OUTSIDE:
        return _outside(verdict, findings, when, grounds, (what, name))
    if verdict.reason is Reason.NOT_COVERED:
        about = verdict.generation if grounds.about_qpv else None
        return tell.not_covered(when, about, _remedy(grounds, catalogue))
    return _doubt(verdict, findings, when, (what, name))


def _what(verdict: Verdict, findings: Findings) -> str:
    if findings.what == "address" and verdict.location is not None and verdict.location.label:
        return tell.quoted(verdict.location.label)
    return tell.THIS[findings.what]


def _outside(verdict: Verdict, findings: Findings, when: str, grounds: Grounds, words: tuple[str, str]) -> str:
    what, name = words
    if verdict.reason is Reason.COMMUNE_WITHOUT_PERIMETER:
        return tell.commune_without_perimeter(what, when, grounds.kinds)
    if findings.what == "site" and name:
        return tell.mostly_outside(what, when, grounds.kinds, name, verdict.share_inside or 0.0)
    near = None if verdict.nearest is None else tell.named(verdict.nearest.name, verdict.nearest.code)
    known = all(one.coverage.everywhere for one in grounds.asked)
    return tell.outside(what, when, grounds.kinds, near, verdict.distance_m, all_known=known)


def _doubt(verdict: Verdict, findings: Findings, when: str, words: tuple[str, str]) -> str:
    what, name = words
    accuracy_m = verdict.location.accuracy_m if verdict.location else 0.0
    share, radius_m = verdict.share_inside or 0.0, findings.radius_m or 0.0
    if verdict.reason is Reason.SITE_STRADDLES:
        return tell.site_straddles(when, name, share)
    if findings.what == "address" and (verdict.reason in _OF_ADDRESSES or verdict.distance_m is None):
        return _doubt_of_address(verdict, findings, when, what)
    if verdict.reason is Reason.IMPRECISE_LOCATION:
        return tell.imprecise_location(when, name, radius_m, share)
    near = name if verdict.nearest is None else tell.named(verdict.nearest.name, verdict.nearest.code)
    return tell.near_boundary(when, near, verdict.distance_m or 0.0, accuracy_m, radius_m - accuracy_m)


def _doubt_of_address(verdict: Verdict, findings: Findings, when: str, what: str) -> str:
    if verdict.reason is Reason.WEAK_MATCH:
        return tell.weak_match(findings.question["address"], len(verdict.candidates))
    if verdict.reason is Reason.STREET_STRADDLES:
        inside = sum(len(side.inside) for side in verdict.street)
        numbers = sum(len(side.inside) + len(side.outside) + len(side.uncertain) for side in verdict.street)
        return tell.street_straddles(what, when, inside, numbers)
    if verdict.reason is Reason.NEAR_BOUNDARY:
        return tell.street_in_doubt(what, when)
    return tell.coarse_location(what, verdict.location.type if verdict.location else "")


def _remedy(grounds: Grounds, catalogue: Catalogue) -> str | None:
    """Return the command that brings the perimeters of the whole country, where there is one."""
    if grounds.generation is None or not grounds.about_qpv:
        return None
    download = catalogue.registry.downloads.get(grounds.generation.id)
    return None if download is None else tell.fetch_command(download.id, unpinned=download.sha256 is None)
