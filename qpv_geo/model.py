"""Domain types: a generation, a dataset, a location, a verdict and its evidence.

Frozen dataclasses. The fields of a verdict are a public contract: programs read them from the CLI, the HTTP service
and saved records.
"""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from qpv_geo.untyped import AnyValue


class Status(StrEnum):
    """The answer."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNCERTAIN = "uncertain"
    NOT_LOCATED = "not_located"


class Reason(StrEnum):
    """Reason for a status. The list is closed.

    ==========================  =============================================================================
    ``clear``                   the whole accuracy disc (or nearly) is on one side
    ``near_boundary``           the boundary crosses the accuracy disc of a precise location
    ``imprecise_location``      the boundary crosses the disc of a location known only roughly
    ``weak_match``              the address matched weakly, or several plausible matches disagree
    ``site_straddles``          part of the site is inside and part outside
    ``street_straddles``        a street with house numbers on both sides of the boundary
    ``not_covered``             no perimeter is known here, and the known perimeters are incomplete here
    ``no_match``                the address was not found
    ``missing_addresses``       offline, and no installed index covers the commune of the address
    ``commune_without_perimeter``  the commune is known, and no perimeter touches it
    ``named_area``              a local name, whose limits differ from those of the perimeter listed
    ==========================  =============================================================================
    """

    CLEAR = "clear"
    NEAR_BOUNDARY = "near_boundary"
    IMPRECISE_LOCATION = "imprecise_location"
    WEAK_MATCH = "weak_match"
    SITE_STRADDLES = "site_straddles"
    STREET_STRADDLES = "street_straddles"
    NOT_COVERED = "not_covered"
    NO_MATCH = "no_match"
    MISSING_ADDRESSES = "missing_addresses"
    COMMUNE_WITHOUT_PERIMETER = "commune_without_perimeter"
    NAMED_AREA = "named_area"


class Kind(StrEnum):
    """Kind of a perimeter."""

    QPV = "qpv"
    WATCH_AREA = "watch_area"
    MUNICIPAL_ZONE = "municipal_zone"


@dataclass(frozen=True)
class Thresholds:
    """Shares beyond which a verdict is firm, and the radius of a rough location; see `qpv_geo.settings.Settings`."""

    inside_min_share: float = 0.95
    outside_max_share: float = 0.05
    imprecise_above_m: float = 50.0


@dataclass(frozen=True)
class Validity:
    """When and by which decrees a generation is in force in some territories.

    `end` is the last day, None while in force.
    """

    territories: tuple[str, ...]
    start: date
    end: date | None
    decrees: tuple[str, ...]


@dataclass(frozen=True)
class Generation:
    """A generation of the priority geography, as set by law."""

    id: str
    label: str
    count: int
    code_pattern: str
    validity: tuple[Validity, ...]

    def decrees(self, territory: str) -> tuple[str, ...]:
        """Return the decrees that put it in force in a territory."""
        return tuple(one for validity in self.validity if territory in validity.territories for one in validity.decrees)


@dataclass(frozen=True)
class Dataset:
    """A perimeter file: its content, publisher and precision.

    Attributes
    ----------
    id
        Registered name, such as ``qpv-2024``.
    generation
        Generation of its perimeters, or None for local zones.
    kind
        Kind of its perimeters: ``qpv``, ``municipal_zone``, ``watch_area`` or a custom one.
    sha256
        Hash of the published file.
    precision_m
        How far an edge may be from its true position, in metres.
    valid_from, valid_to
        For local zones only: first and last day of validity; None if unbounded.
    """

    id: str
    generation: str | None
    kind: str
    title: str
    source: str
    edition: str | None
    licence: str | None
    sha256: str
    count: int
    precision_m: float
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Location:
    """Location of a question: degrees and accuracy radius in metres.

    For a site, and for a perimeter or a plot whose surface is known, `lon` and `lat` are a point inside it and the
    surface is in the evidence. `lon`, `lat` and `accuracy_m` are None for an address that was not found and for a place
    known only by name: a commune, a local name.

    Attributes
    ----------
    type
        ``coordinates``, ``site``, what was matched (``housenumber``, ``poi``, ``street``, ``locality``,
        ``municipality``), ``perimeter`` for a quartier known by its code or official label, ``parcel`` for a cadastral
        plot, or ``address`` if nothing was.
    asked
        Text of the address; None for coordinates and sites.
    match
        How each part of the match agrees with `asked`: ``number``, ``street``, ``postcode``, ``city``, each ``same``,
        ``spelling``, ``unsaid`` or ``different``; None if there is nothing to compare.
    """

    lon: float | None
    lat: float | None
    accuracy_m: float | None = 0.0
    type: str = "coordinates"
    score: float | None = None
    label: str | None = None
    citycode: str | None = None
    source: str = "input"
    asked: str | None = None
    match: dict[str, str] | None = None

    @property
    def point(self) -> tuple[float, float, float] | None:
        """Longitude, latitude (degrees) and accuracy radius (metres), or None without a point."""
        if self.lon is None or self.lat is None or self.accuracy_m is None:
            return None
        return self.lon, self.lat, self.accuracy_m


@dataclass(frozen=True)
class PerimeterMatch:
    """A perimeter that contains part or all of the accuracy disc or, for a commune, touches it.

    `share_inside` is None if the share is unknown.
    """

    code: str
    name: str
    kind: str
    share_inside: float | None


@dataclass(frozen=True)
class Nearest:
    """The perimeter with the nearest edge; metres, negative when the location is inside."""

    code: str
    name: str
    distance_m: float


@dataclass(frozen=True)
class OtherDataset:
    """A set of local zones consulted in addition to the generation's perimeters."""

    dataset: str
    kind: str
    sha256: str


@dataclass(frozen=True)
class StreetSide:
    """House numbers on one side of a street (``odd`` or ``even``), by status."""

    side: str
    inside: tuple[str, ...]
    outside: tuple[str, ...]
    uncertain: tuple[str, ...]


@dataclass(frozen=True)
class PlausibleMatch:
    """A candidate for the address asked, the answer for it alone, and how its parts agree."""

    label: str
    score: float
    type: str
    citycode: str | None
    status: str
    code: str | None
    match: dict[str, str] | None = None


@dataclass(frozen=True)
class TownStatement:
    """What a town says of the place, in French, beside the verdict and never in its place."""

    text: str
    source: str


@dataclass(frozen=True)
class Evidence:
    """Evidence of a verdict: enough to recompute it and to see what has changed since.

    For an address, `input` contains what the geocoder found, so that recomputing needs no geocoder. If the address was
    not found, no perimeters were consulted and their fields are None.

    `digest` is the sha256 of the canonical JSON of the whole verdict, with its schemes, except `checked_at` and itself.
    """

    input: dict[str, Any]
    dataset: str | None
    title: str | None
    source: str | None
    edition: str | None
    licence: str | None
    sha256: str | None
    precision_m: float | None
    coverage: str | None
    others: tuple[OtherDataset, ...]
    decrees: tuple[str, ...]
    crs: str | None
    thresholds: Thresholds
    notice: str
    software: str
    checked_at: str
    digest: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer to a question, with its reason and evidence.

    Attributes
    ----------
    status, reason
        The answer and why.
    message
        The answer as a French sentence.
    on
        Date of the question, ISO 8601.
    generation
        Generation in force on that date at that place, or the forced one.
    perimeters
        Every perimeter that contains part of the accuracy disc: the kinds asked for first, then by decreasing share.
    nearest
        Nearest perimeter of the kinds asked for; None when `distance_m` is.
    share_inside
        Share of the accuracy disc inside perimeters of the kinds asked for, 0 to 1 (the mean over house numbers for a
        street decided by them); None for ``not_covered``, a weak match or no point.
    distance_m
        Signed distance in metres to the nearest edge, negative inside; None if no perimeter is known, for
        ``not_covered``, and without a single firm point (a street, a commune, a weak match).
    candidates
        Plausible matches of an ambiguous address, best first.
    street
        House numbers, by side, of a street decided by them.
    remedy
        Command for the administrator that installs what a firm answer needs; None if there is none.
    statements
        What the town says of a published place.
    schemes
        Decisions of the schemes asked with the question, as JSON objects; see `qpv_geo.schemes.records.with_schemes`.
    """

    status: Status
    reason: Reason
    message: str
    on: str
    generation: str | None
    perimeters: tuple[PerimeterMatch, ...]
    nearest: Nearest | None
    share_inside: float | None
    distance_m: float | None
    remedy: str | None
    location: Location
    evidence: Evidence
    candidates: tuple[PlausibleMatch, ...] = ()
    street: tuple[StreetSide, ...] = ()
    statements: tuple[TownStatement, ...] = ()
    schemes: tuple[dict[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as its public JSON object, without its last four lists where they are empty."""
        document: dict[str, Any] = _plain(self.fields())
        return document

    def fields(self) -> dict[str, Any]:
        """Return the fields of that object unconverted, for encoders that accept dataclasses and enumerations."""
        document = dict(vars(self))
        for field in ("candidates", "street", "statements", "schemes"):
            if not document[field]:
                del document[field]
        return document


_AS_THEY_ARE = frozenset({str, float, int, bool, type(None)})


def _plain(value: AnyValue) -> AnyValue:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [item if type(item) in _AS_THEY_ARE else _plain(item) for item in value]
    # `vars` of a dataclass of this module is exactly its fields, in order
    items = value if isinstance(value, dict) else vars(value) if is_dataclass(value) else None
    if items is None:
        return value
    document = dict(items)
    for key, item in items.items():
        if type(item) not in _AS_THEY_ARE:  # most values are plain: skip the call
            document[key] = _plain(item)
    return document
