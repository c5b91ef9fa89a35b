"""The things qpv-geo speaks of: a generation, a dataset, a location, a verdict and its evidence.

Frozen dataclasses without behaviour beyond their own JSON. The meaning of each field of a verdict is the public
contract: programs read it from the CLI, the HTTP service and kept records alike.
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
    """Why the answer is what it is. The list is closed.

    ==========================  =============================================================================
    ``clear``                   the whole accuracy disc (or nearly) is on one side
    ``near_boundary``           the limit passes through the accuracy disc of a precise location
    ``imprecise_location``      the limit passes through the disc of a location known only roughly
    ``weak_match``              the address matched weakly, or several plausible matches disagree
    ``site_straddles``          a part of the site is inside and a part outside
    ``street_straddles``        a street with house numbers on both sides of the limit
    ``not_covered``             no perimeter known here, and the perimeters held are not complete here
    ``no_match``                the address was not found
    ``missing_addresses``       nothing at hand holds the addresses of the commune that was named, and nobody was asked
    ``commune_without_perimeter``  the commune asked is known, and no perimeter touches it
    ``named_area``              a local name, whose limits are not those of the perimeter that is listed
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
    """What a perimeter is."""

    QPV = "qpv"
    WATCH_AREA = "watch_area"
    MUNICIPAL_ZONE = "municipal_zone"


@dataclass(frozen=True)
class Thresholds:
    """From which share on a verdict is firm; see `qpv_geo.settings.Settings`."""

    inside_min_share: float = 0.95
    outside_max_share: float = 0.05
    imprecise_above_m: float = 50.0


@dataclass(frozen=True)
class Validity:
    """When and by which decrees a generation is in force in some territories.

    `end` is the last day, None while it lasts.
    """

    territories: tuple[str, ...]
    start: date
    end: date | None
    decrees: tuple[str, ...]


@dataclass(frozen=True)
class Generation:
    """A generation of the priority geography, as the law made it."""

    id: str
    label: str
    count: int
    code_pattern: str
    validity: tuple[Validity, ...]

    def decrees(self, territory: str) -> tuple[str, ...]:
        """Return the decrees that make it law in a territory."""
        return tuple(one for validity in self.validity if territory in validity.territories for one in validity.decrees)


@dataclass(frozen=True)
class Dataset:
    """A file of perimeters: what it draws, who published it, and how far it can be trusted.

    Attributes
    ----------
    id
        Registered name, such as ``qpv-2024``.
    generation
        Generation it draws, or None for local zones.
    kind
        What its perimeters are: ``qpv``, ``municipal_zone``, ``watch_area`` or a kind of the user's own.
    sha256
        Hash of the published file.
    precision_m
        How far, in metres, an edge may lie from where it should.
    valid_from, valid_to
        For local zones only: first and last day on which they hold; None where unbounded.
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
    """Where the question is asked: degrees, and how far off that may be.

    For a site, and for a perimeter or a plot whose surface is known, `lon` and `lat` are a point inside it and the
    surface itself is in the evidence. They are None, as `accuracy_m` is, for an address that was not found and for what
    is known by its name alone: a commune, a local name.

    Attributes
    ----------
    type
        ``coordinates``, ``site``, what was matched (``housenumber``, ``poi``, ``street``, ``locality``,
        ``municipality``), ``perimeter`` for a quartier known by its code or official label, ``parcel`` for a cadastral
        plot, or ``address`` where nothing was.
    asked
        The words of the address asked; None for coordinates and sites.
    match
        How each part of what was found agrees with them: ``number``, ``street``, ``postcode``, ``city``, each ``same``,
        ``spelling``, ``unsaid`` or ``different``; None where there is nothing to compare.
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
        """Longitude, latitude (degrees) and accuracy radius (metres), or None where there is no point."""
        if self.lon is None or self.lat is None or self.accuracy_m is None:
            return None
        return self.lon, self.lat, self.accuracy_m


@dataclass(frozen=True)
class PerimeterMatch:
    """A perimeter that holds the location, or a part of its accuracy disc; of a commune, one that touches it.

    `share_inside` is None where nothing says which part of it is the location.
    """

    code: str
    name: str
    kind: str
    share_inside: float | None


@dataclass(frozen=True)
class Nearest:
    """The perimeter whose edge is nearest; metres, negative when the location is inside."""

    code: str
    name: str
    distance_m: float


@dataclass(frozen=True)
class OtherDataset:
    """A set of local zones that was consulted beside the generation's perimeters."""

    dataset: str
    kind: str
    sha256: str


@dataclass(frozen=True)
class StreetSide:
    """House numbers of a street on one side of it (``odd`` or ``even``), by what they are decided to be."""

    side: str
    inside: tuple[str, ...]
    outside: tuple[str, ...]
    uncertain: tuple[str, ...]


@dataclass(frozen=True)
class PlausibleMatch:
    """A place that may be the address that was asked for, the answer it alone would give, and how its parts agree."""

    label: str
    score: float
    type: str
    citycode: str | None
    status: str
    code: str | None
    match: dict[str, str] | None = None


@dataclass(frozen=True)
class Evidence:
    """What proves a verdict: enough to compute it again, and to see what changed since.

    For an address, `input` holds what the geocoder found: computing again asks no geocoder. Where the address was not
    found, no perimeters were consulted and their fields are None.

    `digest` is the sha256 of the canonical JSON of the whole verdict but for `checked_at` and itself.
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
    """The answer, how sure it is, and what proves it.

    Attributes
    ----------
    status, reason
        The answer and why.
    message
        The same as a French sentence.
    on
        Date of the question, ISO 8601.
    generation
        Generation in force on that date at that place, or the one that was forced.
    perimeters
        Every perimeter that holds a part of the accuracy disc, of every kind, largest share first.
    nearest
        Nearest perimeter of the kinds asked for, or None where none is known in the territory.
    share_inside
        Part, between 0 and 1, of the accuracy disc that is inside a perimeter of the kinds asked for; None where
        nobody can tell (``not_covered``, or no point of its own).
    distance_m
        Signed distance in metres to the nearest edge, negative inside; None where no perimeter is known, and for what
        has no point of its own (a street, a commune).
    candidates
        For an address with several plausible matches: each of them, best first.
    street
        For a street decided by its house numbers: these, by side.
    remedy
        The command that brings what is missing for a firm answer, for the administrator; None where none does.
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

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as the JSON object of the contract; with `candidates` and `street` where there are any."""
        document: dict[str, Any] = _plain(self.fields())
        return document

    def fields(self) -> dict[str, Any]:
        """Return the fields of that object as they are kept: for encoders that take dataclasses and enumerations."""
        document = dict(vars(self))
        for field in ("candidates", "street"):
            if not document[field]:
                del document[field]
        return document


_AS_THEY_ARE = frozenset({str, float, int, bool, type(None)})


def _plain(value: AnyValue) -> AnyValue:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [item if type(item) in _AS_THEY_ARE else _plain(item) for item in value]
    # what a dataclass of this module holds are its fields, in their order, for it keeps nothing else
    items = value if isinstance(value, dict) else vars(value) if is_dataclass(value) else None
    if items is None:
        return value
    document = dict(items)
    for key, item in items.items():
        if type(item) not in _AS_THEY_ARE:  # most values are plain, and are not worth a call each
            document[key] = _plain(item)
    return document
