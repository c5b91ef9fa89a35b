"""Write a verdict from an outcome, with its sentence and its evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.eligibility.address_sentences import address_sentence
from qpv_geo.eligibility.applicable import Consulted
from qpv_geo.eligibility.evidence import digest
from qpv_geo.geocoding.chain import numbers_asked
from qpv_geo.geocoding.protocol import MatchType
from qpv_geo.messages.typography import quoted
from qpv_geo.model import Evidence, PerimeterMatch, Reason, Status, TownStatement, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from shapely import Geometry

    from qpv_geo.crs import Territory
    from qpv_geo.eligibility.applicable import ApplicablePerimeters, CheckOptions
    from qpv_geo.eligibility.outcome import Outcome
    from qpv_geo.model import Thresholds
    from qpv_geo.perimeters.catalogue import Catalogue

SOFTWARE = f"qpv-geo {__version__}"
_NOTHING_CONSULTED = Consulted(
    dataset=None,
    title=None,
    source=None,
    edition=None,
    licence=None,
    sha256=None,
    precision_m=None,
    coverage=None,
    others=(),
)
_FIRM = frozenset({Status.INSIDE, Status.OUTSIDE})
_OF_ADDRESSES = frozenset({Reason.WEAK_MATCH, Reason.STREET_STRADDLES})


@dataclass(frozen=True, eq=False)
class CheckContext:
    """Everything a verdict needs except the place and the time; cached between checks.

    Attributes
    ----------
    thresholds
        Thresholds of the decision.
    """

    day: date
    applicable: ApplicablePerimeters
    territory: Territory
    thresholds: Thresholds
    catalogue: Catalogue

    @cached_property
    def question(self) -> dict[str, Any]:
        """The question as the evidence writes it, except the place and the kinds."""
        question: dict[str, Any] = {"on": self.day.isoformat()}
        if self.applicable.forced and self.applicable.generation is not None:
            question["generation"] = self.applicable.generation.id
        return question

    @cached_property
    def evidence(self) -> dict[str, Any]:
        """Evidence fields that depend neither on the question nor on the time."""
        return {
            **self.applicable.consulted,
            "decrees": self.applicable.decrees(self.territory),
            "crs": f"EPSG:{self.territory.epsg}",
            "thresholds": self.thresholds,
        }

    def about(self, where: Geometry) -> CheckContext:
        """Return the context with its sets ordered for `where`; see `ApplicablePerimeters.about`."""
        return self if len(self.applicable.asked) <= 1 else replace(self, applicable=self.applicable.about(where))


def compose(outcome: Outcome, context: CheckContext, moment: datetime) -> Verdict:
    """Write the verdict on a place at `moment` (timezone-aware), and set its digest."""
    applicable, told = context.applicable, _as_told(outcome)
    question = {**outcome.question, **context.question, "kinds": list(map(str, applicable.kinds))}  # a new list
    verdict = Verdict(
        status=told.status,
        reason=told.reason,
        message=sentence(outcome, context.day, applicable),
        on=context.question["on"],
        generation=applicable.generation.id if applicable.generation else None,
        perimeters=_in_order(told.matches, applicable),
        nearest=told.nearest,
        share_inside=told.share,
        distance_m=told.distance_m,
        location=told.location,
        evidence=_evidence(question, context.evidence, moment),
        candidates=told.candidates,
        street=told.street,
        statements=_statements(told, context.catalogue),
        remedy=_remedy(applicable, context.catalogue) if told.reason is Reason.NOT_COVERED else None,
    )
    return sealed(verdict)


def compose_not_found(
    outcome: Outcome,
    check_options: CheckOptions,
    thresholds: Thresholds,
    moment: datetime,
    *,
    generation: str | None = None,
) -> Verdict:
    """Write a verdict for which no perimeters were consulted, such as that of an address not found.

    `generation` is the one asked about if the text is a code of another generation; None otherwise.
    """
    question = outcome.question | {"on": check_options.day.isoformat()}
    if generation is not None and check_options.generation is not None:
        question["generation"] = check_options.generation
    consulted = {**_NOTHING_CONSULTED, "decrees": (), "crs": None, "thresholds": thresholds}
    verdict = Verdict(
        status=outcome.status,
        reason=outcome.reason,
        message=not_found_sentence(outcome),
        on=question["on"],
        generation=generation,
        perimeters=(),
        nearest=None,
        share_inside=None,
        distance_m=None,
        location=outcome.location,
        evidence=_evidence(question, consulted, moment),
        candidates=outcome.candidates,
        remedy=_addresses_remedy(outcome),
    )
    return sealed(verdict)


def _statements(told: Outcome, catalogue: Catalogue) -> tuple[TownStatement, ...]:
    """Return what the town says of the one place that decides the verdict."""
    said = catalogue.registry.statements.get(told.points[0].id) if len(told.points) == 1 else None
    return () if said is None else (TownStatement(said.told, said.source),)


def _addresses_remedy(outcome: Outcome) -> str | None:
    """Return the command that fetches the addresses of the first missing département, or None."""
    missing = () if outcome.found is None else outcome.found.missing
    return msg.remedies.fetch_addresses(missing) if missing else None


def _evidence(question: dict[str, Any], consulted: dict[str, Any], moment: datetime) -> Evidence:
    checked_at = moment.astimezone(UTC).isoformat(timespec="seconds")
    return Evidence(question, **consulted, notice=msg.verdicts.NOTICE, software=SOFTWARE, checked_at=checked_at)


def sealed(verdict: Verdict) -> Verdict:
    """Set the digest of a verdict that nobody has yet, and return it."""
    # safe, as nobody has it yet: copying both with `dataclasses.replace` would cost more than the digest
    object.__setattr__(verdict.evidence, "digest", digest(verdict.fields()))
    return verdict


def _as_told(outcome: Outcome) -> Outcome:
    """Drop nearest, share and distance when coverage is incomplete: an unknown perimeter may be closer."""
    if outcome.reason is not Reason.NOT_COVERED:
        return outcome
    return outcome._replace(nearest=None, share=None, distance_m=None)


def _in_order(found: Sequence[PerimeterMatch], applicable: ApplicablePerimeters) -> tuple[PerimeterMatch, ...]:
    """Sort matches: the kinds asked about first, then by decreasing share, then by code."""
    if len(found) <= 1:
        return tuple(found)
    kinds = applicable.kinds
    return tuple(sorted(found, key=lambda match: (match.kind not in kinds, -(match.share_inside or 0.0), match.code)))


# ── The sentence ─────────────────────────────────────────────────────────────────────────────────────────────


class _Words(NamedTuple):
    """Parts of several sentences: the place, the day, the perimeters that hold it, and whether all are known."""

    what: str
    when: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    all_known: bool


def not_found_sentence(outcome: Outcome) -> str:
    """Return the sentence of an address that was not found, in French."""
    if outcome.message is not None:
        return outcome.message
    assert outcome.found is not None  # noqa: S101 - it is about an address
    said = address_sentence(outcome.found)
    return said if outcome.status is Status.UNCERTAIN else msg.addresses.no_answer(said)


def sentence(outcome: Outcome, day: date, applicable: ApplicablePerimeters) -> str:
    """Return the sentence of a place that was found, in French."""
    if outcome.message is not None:
        return outcome.message
    told = _as_told(outcome)
    forced = applicable.generation.id if applicable.forced and applicable.generation else None
    held = [
        one
        for one in _in_order(told.matches, applicable)
        if one.kind in applicable.kinds and one.share_inside is not None
    ]
    names = tuple(msg.verdicts.named(one.name, one.code) for one in held)
    known = all(one.coverage.everywhere for one in applicable.asked)
    said = _sentence(
        told, applicable, _Words(_what(told), msg.verdicts.at(day, forced), applicable.kinds, names, known)
    )
    if told.status in _FIRM and told.candidates:
        said = f"{said} {msg.verdicts.all_agree(len(told.candidates))}"
    return said


def _sentence(told: Outcome, applicable: ApplicablePerimeters, words: _Words) -> str:
    if told.status is Status.INSIDE:
        return _inside(told, words)
    if told.status is Status.OUTSIDE:
        return _outside(told, words)
    if told.reason is Reason.NOT_COVERED:
        about = applicable.generation.id if applicable.generation and applicable.about_qpv else None
        return msg.verdicts.not_covered(words.when, about)
    return _doubt(told, words)


def _what(told: Outcome) -> str:
    if told.what != "point" and told.location.label:
        return quoted(_with_all_numbers(told, told.location.label))
    return msg.verdicts.THIS[told.what]


def _with_all_numbers(told: Outcome, label: str) -> str:
    """Return the label of an address with all the house numbers asked about: ``10 à 14 Rue des Essais…``."""
    numbers = None if told.found is None or not told.street else numbers_asked(told.found.query)
    first = told.points[0].housenumber if told.points else None
    if numbers is None or numbers.is_one or first is None or not label.startswith(f"{first} "):
        return label
    return f"{numbers} {label.removeprefix(f'{first} ')}"


def _inside(told: Outcome, words: _Words) -> str:
    if told.what == "site":
        return msg.verdicts.site_inside(words.when, words.kinds, words.names, told.share or 0.0)
    if told.distance_m is None:
        return msg.verdicts.numbers_inside(words.what, words.when, words.kinds, words.names)
    return msg.verdicts.inside(words.what, words.when, words.kinds, words.names, told.distance_m)


def _outside(told: Outcome, words: _Words) -> str:
    if told.reason is Reason.COMMUNE_WITHOUT_PERIMETER:
        return msg.verdicts.commune_without_perimeter(words.what, words.when, words.kinds)
    if told.what == "site" and words.names:
        return msg.verdicts.mostly_outside(words.when, words.kinds, words.names, told.share or 0.0)
    near = None if told.nearest is None else msg.verdicts.named(told.nearest.name, told.nearest.code)
    return msg.verdicts.outside(words.what, words.when, words.kinds, near, told.distance_m, all_known=words.all_known)


def _doubt(told: Outcome, words: _Words) -> str:
    accuracy_m = told.location.accuracy_m or 0.0
    radius_m = told.radius_m or 0.0
    if told.reason is Reason.SITE_STRADDLES:
        return msg.verdicts.site_straddles(words.when, words.kinds, words.names, told.share or 0.0)
    if told.what == "address" and (told.reason in _OF_ADDRESSES or told.distance_m is None):
        return _doubt_of_address(told, words)
    if told.reason is Reason.IMPRECISE_LOCATION:
        return msg.verdicts.imprecise_location(words.when, words.kinds, words.names, radius_m)
    near = words.names
    if told.nearest is not None:
        near = (msg.verdicts.named(told.nearest.name, told.nearest.code),)
    return msg.verdicts.near_boundary(
        words.when, words.kinds, near, told.distance_m or 0.0, accuracy_m, radius_m - accuracy_m
    )


def _doubt_of_address(told: Outcome, words: _Words) -> str:
    if told.reason is Reason.WEAK_MATCH and told.found is not None:
        return address_sentence(told.found)
    if told.location.type == MatchType.MUNICIPALITY:
        names = [msg.verdicts.named(one.name, one.code) for one in told.matches]
        return msg.addresses.commune_alone(told.location.label or "", words.when, names, all_known=words.all_known)
    if told.reason is Reason.STREET_STRADDLES:
        inside, outside, doubtful = (
            sum(len(getattr(side, part)) for side in told.street) for part in ("inside", "outside", "uncertain")
        )
        return msg.verdicts.street_straddles(words.what, words.when, words.kinds, (inside, outside, doubtful))
    if told.reason is Reason.NEAR_BOUNDARY:
        return msg.verdicts.street_in_doubt(words.what, words.when)
    return msg.verdicts.coarse_location(words.what, told.location.type)


def _remedy(applicable: ApplicablePerimeters, catalogue: Catalogue) -> str | None:
    if applicable.generation is None or not applicable.about_qpv:
        return None
    return perimeters_remedy(applicable.generation.id, catalogue)


def perimeters_remedy(generation: str, catalogue: Catalogue) -> str | None:
    """Return the command that fetches the QPV of a generation for the whole country, or None if there is none."""
    download = catalogue.registry.downloads.get(generation)
    return None if download is None else msg.remedies.fetch_perimeters(download.id, unpinned=download.sha256 is None)
