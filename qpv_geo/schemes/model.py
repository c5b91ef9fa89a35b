"""Schemes and their decisions: frozen dataclasses, and the JSON of a decision."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from qpv_geo.eligibility.bands import Result
from qpv_geo.schemes.dates import in_force

if TYPE_CHECKING:
    from datetime import date

    from qpv_geo.model import Verdict
    from qpv_geo.schemes.dates import Dates
    from qpv_geo.schemes.relation import SchemeCommune, SpatialTest
    from qpv_geo.untyped import AnyValue


class SchemeOutcome(StrEnum):
    """Outcome of a scheme for a place, a date, an amount and the answers given.

    ``place_ok``: place and date fit, and a decisive condition is not answered yet, or the date is later than what is
    known; ``eligible``: every decisive condition is answered yes; ``not_eligible``: the place, the date, the amount or
    an answer rules it out; ``to_review``: the place is not firm, or a text it rests on could not be read.
    """

    PLACE_OK = "place_ok"
    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    TO_REVIEW = "to_review"


@dataclass(frozen=True)
class LegalSource:
    """Source of a rule, and the day it was read.

    Attributes
    ----------
    start, end
        First and last day on which the text applies.
    unread
        What could not be read, in French; an answer that rests on this source is then to be reviewed.
    """

    id: str
    title: str
    read_on: date
    url: str | None = None
    start: date | None = None
    end: date | None = None
    unread: str | None = None


DECLARED = "declared"


class KnownBy(StrEnum):
    """Data that may answer a condition."""

    NPNRU = "npnru"


@dataclass(frozen=True)
class Condition:
    """A condition that a person answers, or that data answers for some perimeters.

    Attributes
    ----------
    question
        A question that is answered by yes or no, in French.
    decisive
        Whether the scheme depends on it; otherwise it is only recalled.
    article
        Article or paragraph that sets it.
    known_by
        Data that answer it where they can.
    start, end
        First and last day on which it applies.
    """

    id: str
    question: str
    source: LegalSource
    decisive: bool
    article: str | None = None
    known_by: KnownBy | None = None
    start: date | None = None
    end: date | None = None

    def applies(self, day: date) -> bool:
        """Tell whether it applies on a day."""
        return in_force(self.start, self.end, day)


@dataclass(frozen=True)
class AskedCondition:
    """A condition that applies, and its answer, None if there is none yet.

    Attributes
    ----------
    by
        ``declared`` if a person answered, the name of the data that did, or None.
    """

    condition: Condition
    answer: bool | None = None
    by: str | None = None


class RoadLimit(StrEnum):
    """How a rule reads a limit that runs along a road.

    ``as_drawn``: the line of the perimeter decides; ``both_sides``: buildings on either side are deemed inside;
    ``axis``: the axis of the road is the limit.
    """

    AS_DRAWN = "as_drawn"
    BOTH_SIDES = "both_sides"
    AXIS = "axis"


@dataclass(frozen=True)
class Step:
    """A step in the course of a file, as the town publishes it."""

    id: str
    text: str
    source: LegalSource


@dataclass(frozen=True)
class Zone:
    """A zone that makes a place eligible; any zone of a scheme is enough.

    Attributes
    ----------
    label
        What completes the sentence « le lieu est … ».
    communes
        Communes whose perimeters count; every commune if this and `datasets` are empty.
    datasets
        Installed sets whose perimeters always count, whatever their commune.
    generation
        Generation to read instead of the one in force.
    requires
        Conditions added by this zone.
    unpublished
        Answer if no such perimeter is installed, for zones that are not published.
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
    requires: tuple[Condition, ...] = ()
    unpublished: str | None = None
    start: date | None = None
    end: date | None = None

    def applies(self, day: date) -> bool:
        """Tell whether it counts on a day."""
        return in_force(self.start, self.end, day)

    @property
    def narrowed(self) -> bool:
        """Whether only some perimeters of the kind count."""
        return bool(self.communes or self.datasets)


@dataclass(frozen=True)
class Amounts:
    """Cap per project, which is decisive, and total budget, in euros, from a day to another."""

    source: LegalSource
    max_eur: float | None = None
    budget_eur: float | None = None
    start: date | None = None
    end: date | None = None

    def applies(self, day: date) -> bool:
        """Tell whether they count on a day."""
        return in_force(self.start, self.end, day)


@dataclass(frozen=True)
class Scheme:
    """A scheme as read from its file.

    Attributes
    ----------
    place_decides
        Whether a place in no zone is not eligible; false if beneficiaries decide.
    conditions
        Conditions whatever the zone.
    amounts
        Caps and budgets, of different periods.
    road_limit
        How the rule reads a limit along a road.
    steps
        Course of a file.
    replaces
        Former ids, which say what replaces them.
    sha256
        Hash of the file.
    aliases
        Short names used in tables of projects; for a scheme limited to some communes, valid only in them.
    """

    id: str
    label: str
    summary: str
    dates: Dates
    zones: tuple[Zone, ...]
    conditions: tuple[Condition, ...]
    sources: tuple[LegalSource, ...]
    amounts: tuple[Amounts, ...]
    place_decides: bool
    sha256: str
    path: str
    aliases: tuple[str, ...] = ()
    road_limit: RoadLimit = RoadLimit.AS_DRAWN
    steps: tuple[Step, ...] = ()
    replaces: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[Condition, ...]:
        """All its conditions, those of zones included, without repeats."""
        return tuple(dict.fromkeys((*(one for zone in self.zones for one in zone.requires), *self.conditions)))

    def amounts_on(self, day: date) -> Amounts | None:
        """Return the cap and budget of a day, or None."""
        return next((one for one in self.amounts if one.applies(day)), None)

    @property
    def communes(self) -> frozenset[str]:
        """INSEE codes of the communes it is limited to; empty if it is not limited."""
        if not all(zone.communes for zone in self.zones):
            return frozenset()
        return frozenset(commune.insee for zone in self.zones for commune in zone.communes)

    def to_dict(self) -> dict[str, Any]:
        """Return the scheme as a JSON object."""
        document: dict[str, Any] = plain(self)
        return document


@dataclass(frozen=True)
class Statement:
    """One reason of a decision: a French sentence, its subject and its legal source.

    Attributes
    ----------
    about
        Id of a zone or of a condition, or ``date``, ``validity``, ``amount``, ``place``, ``known_until``.
    result
        ``met``, ``not_met``, ``in_doubt``, ``unanswered`` for a decisive condition without an answer, or ``recalled``
        for information only.
    """

    about: str
    result: str
    text: str
    source: LegalSource


@dataclass(frozen=True)
class ZoneFinding:
    """Result for a zone, with the distances measured.

    Attributes
    ----------
    street
        Street along the limit, by the address index of this machine, and its numbers on either side; a sentence.
    conventions_sha256
        Hash of the lists of renewal conventions, if a condition of the zone is answered by them where they can.
    remedy
        Command that installs the perimeters of the zone, for the administrator.
    """

    zone: Zone
    result: Result
    text: str
    nearest_m: float | None = None
    farthest_m: float | None = None
    margin_m: float | None = None
    dataset: str | None = None
    sha256: str | None = None
    street: str | None = None
    conventions_sha256: str | None = None
    asked: tuple[AskedCondition, ...] = ()
    remedy: str | None = None

    @property
    def settled(self) -> Result:
        """The result, with the decisive conditions of the zone: one no is not met, one without an answer a doubt."""
        answers = {one.answer for one in self.asked if one.condition.decisive}
        if self.result is Result.NOT_MET or False in answers:
            return Result.NOT_MET
        return Result.IN_DOUBT if None in answers else self.result


@dataclass(frozen=True)
class SchemeEvidence:
    """Evidence of a decision."""

    scheme_sha256: str
    verdict_digests: tuple[str, ...]
    zones: tuple[dict[str, Any], ...]
    thresholds: dict[str, float]
    notice: str
    software: str


@dataclass(frozen=True)
class SchemeDecision:
    """Decision of a scheme.

    Attributes
    ----------
    spatial
        Result of the zones alone: met, not met or in doubt; None if no zone was tested.
    on, date_used, date_counts
        The date given, the date on which perimeters were read, and the event the date must be of.
    questions
        The conditions that apply, with the answers given.
    steps
        Course of a file.
    known_until
        Day on which the first of the texts used was read, if `date_used` is later; else None.
    remedies
        Commands that install the perimeters that some zone lacks, for the administrator.
    verdict
        The verdict on QPV on `date_used`; None without a place, or if the scheme is not in force.
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
    questions: tuple[AskedCondition, ...] = ()
    steps: tuple[Step, ...] = ()
    known_until: str | None = None
    remedies: tuple[str, ...] = ()
    verdict: Verdict | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the decision as a JSON object, without the verdict; its digest is in the evidence.

        ``remedies`` is there only where there is one: records of earlier releases do not have it.
        """
        document: dict[str, Any] = plain(replace(self, verdict=None))
        del document["verdict"]
        if not self.remedies:
            del document["remedies"]
        document["questions"] = [_question(one) for one in self.questions]
        document["steps"] = [{"id": one.id, "text": one.text} for one in self.steps]
        return document


def _question(asked: AskedCondition) -> dict[str, Any]:
    one = asked.condition
    shown = {"id": one.id, "question": one.question, "decisive": one.decisive, "article": one.article}
    return {**shown, "answer": asked.answer, "by": asked.by}


_AS_THEY_ARE = frozenset({str, float, int, bool, type(None)})


def plain(value: AnyValue) -> AnyValue:
    """Convert to JSON values: dataclasses to objects, enumerations to text, dates to ISO 8601."""
    if type(value) in _AS_THEY_ARE:
        return value
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if hasattr(value, "isoformat") else value
