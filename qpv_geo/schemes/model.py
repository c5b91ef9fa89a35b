"""A scheme and what is decided under it: frozen dataclasses, and the JSON of a decision."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from qpv_geo.eligibility.bands import Result

if TYPE_CHECKING:
    from datetime import date

    from qpv_geo.model import Verdict
    from qpv_geo.untyped import AnyValue


class SchemeOutcome(StrEnum):
    """What a scheme says of a place, a date and an amount."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    TO_REVIEW = "to_review"


class Relation(StrEnum):
    """How a place must stand to a zone.

    ``within``: in it, as a verdict decides; ``intersects``: some of it in; ``within_distance``: some of it within a
    distance; ``entirely_within_distance``: all of it.
    """

    WITHIN = "within"
    INTERSECTS = "intersects"
    WITHIN_DISTANCE = "within_distance"
    ENTIRELY_WITHIN_DISTANCE = "entirely_within_distance"


class AsOf(StrEnum):
    """From the date that is given to the date on which perimeters are read."""

    GIVEN = "given"
    JANUARY_FIRST = "january_1"


@dataclass(frozen=True)
class LegalSource:
    """Where a rule is written, and the day it was read there."""

    id: str
    title: str
    read_on: date
    url: str | None = None


@dataclass(frozen=True)
class SchemeCommune:
    """A commune: files of 2024 tell it by its INSEE code, those of 2015 by its name.

    Attributes
    ----------
    box
        ``(west, south, east, north)`` in degrees, generous: what is out of it is surely not in the commune.
    """

    insee: str
    name: str
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class SpatialTest:
    """A relation and, for bands, its distance in metres."""

    relation: Relation
    distance_m: float | None = None
    partly_within_m: float | None = None


@dataclass(frozen=True)
class HumanCondition:
    """What only a person can judge.

    Attributes
    ----------
    decisive
        Whether the answer cannot be given without it (``to_review``), or it is only recalled.
    """

    id: str
    text: str
    source: LegalSource
    decisive: bool


@dataclass(frozen=True)
class Zone:
    """One of the zones that make a place eligible; any of them is enough.

    Attributes
    ----------
    label
        What completes the sentence « le lieu est … ».
    communes
        The communes whose perimeters count; all where empty.
    datasets
        Installed sets whose perimeters count though they do not tell their commune.
    generation
        The generation to read instead of the one in force.
    requires
        Conditions that only hold for this zone.
    unpublished
        What to answer where no such perimeter is installed, for zones that are not published.
    start, end
        First and last day on which the zone counts.
    """

    id: str
    label: str
    kind: str
    test: SpatialTest
    source: LegalSource
    communes: tuple[SchemeCommune, ...] = ()
    datasets: tuple[str, ...] = ()
    generation: str | None = None
    requires: tuple[HumanCondition, ...] = ()
    unpublished: str | None = None
    start: date | None = None
    end: date | None = None

    @property
    def narrowed(self) -> bool:
        """Whether only some perimeters of the kind count."""
        return bool(self.communes or self.datasets)


@dataclass(frozen=True)
class Dates:
    """Which date counts, how perimeters are read from it, and when the scheme exists."""

    counts: str
    as_of: AsOf
    source: LegalSource
    start: date | None = None
    end: date | None = None
    outside: str | None = None


@dataclass(frozen=True)
class Amounts:
    """Euros: the most that one project may ask, the whole budget, and what an amount that is not given means."""

    source: LegalSource
    max_eur: float | None = None
    budget_eur: float | None = None
    decisive_if_unknown: bool = False


@dataclass(frozen=True)
class Scheme:
    """A scheme as its file says it.

    Attributes
    ----------
    place_decides
        Whether a place in no zone is not eligible; where beneficiaries decide, it is not.
    conditions
        What only a person can judge, whatever the zone.
    sha256
        Hash of the file.
    aliases
        Short names that tables of projects give it; of a fund of some communes, they are its own in these only.
    """

    id: str
    label: str
    summary: str
    dates: Dates
    zones: tuple[Zone, ...]
    conditions: tuple[HumanCondition, ...]
    sources: tuple[LegalSource, ...]
    amounts: Amounts | None
    place_decides: bool
    sha256: str
    path: str
    aliases: tuple[str, ...] = ()

    @property
    def communes(self) -> frozenset[str]:
        """INSEE codes of the communes that it is for; empty where it is not for some communes only."""
        if not all(zone.communes for zone in self.zones):
            return frozenset()
        return frozenset(commune.insee for zone in self.zones for commune in zone.communes)

    def to_dict(self) -> dict[str, Any]:
        """Return the scheme as a JSON object."""
        document: dict[str, Any] = plain(asdict(self))
        return document


@dataclass(frozen=True)
class Statement:
    """One reason of a decision: a French sentence, what it is about and the text it rests on.

    Attributes
    ----------
    about
        The id of a zone or of a condition, or ``validity``, ``amount``, ``place``.
    result
        ``met``, ``not_met``, ``in_doubt``; ``recalled`` for what is only said.
    """

    about: str
    result: str
    text: str
    source: LegalSource


@dataclass(frozen=True)
class ZoneFinding:
    """What was found for a zone, with the distances that were measured."""

    zone: Zone
    result: Result
    text: str
    nearest_m: float | None = None
    farthest_m: float | None = None
    margin_m: float | None = None
    dataset: str | None = None
    sha256: str | None = None

    @property
    def waits(self) -> bool:
        """Whether a person must still judge something that decides."""
        return any(condition.decisive for condition in self.zone.requires)

    @property
    def settled(self) -> Result:
        """The result, once what a person must judge is counted as a doubt."""
        return Result.IN_DOUBT if self.result is Result.MET and self.waits else self.result


@dataclass(frozen=True)
class SchemeEvidence:
    """What a decision rests on."""

    scheme_sha256: str
    verdict_digests: tuple[str, ...]
    zones: tuple[dict[str, Any], ...]
    thresholds: dict[str, float]
    notice: str
    software: str


@dataclass(frozen=True)
class SchemeDecision:
    """What a scheme says.

    Attributes
    ----------
    spatial
        The zones alone: met, not met or in doubt.
    on, date_used, date_counts
        The date given, the one on which perimeters were read, and what it must be the date of.
    verdict
        The verdict of the place for the first zone; None where it was not needed.
    """

    scheme: str
    label: str
    outcome: SchemeOutcome
    spatial: Result | None
    message: str
    reasons: tuple[Statement, ...]
    on: str
    date_used: str
    date_counts: str
    generation: str | None
    amount: float | None
    evidence: SchemeEvidence
    verdict: Verdict | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the decision as a JSON object; of the verdict, its digest only."""
        document: dict[str, Any] = plain(asdict(replace(self, verdict=None)))
        del document["verdict"]
        return document


def plain(value: AnyValue) -> AnyValue:
    """Return a value of dataclasses made dicts as JSON: words as text, dates in ISO 8601."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if hasattr(value, "isoformat") else value
