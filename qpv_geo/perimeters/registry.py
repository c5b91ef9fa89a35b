"""Read the registry ``boundaries/registry.toml``: generations, embedded datasets, downloads and local names."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from qpv_geo.model import Dataset, Generation, Validity
from qpv_geo.perimeters.coverage import Coverage, coverage_from_json
from qpv_geo.resources import data_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, eq=False)
class Embedded:
    """A dataset that ships with the project."""

    dataset: Dataset
    coverage: Coverage
    path: Path


@dataclass(frozen=True)
class Download:
    """How the file of a generation is fetched, and what the known edition looks like.

    Attributes
    ----------
    protocol
        ``zip`` (one member of an archive) or ``wfs`` (a layer, page by page).
    sha256, size
        Of the known edition's file; None if no edition is known.
    count
        Number of perimeters in a complete file.
    member
        For ``zip``: path of the file in the archive.
    layer, crs, page
        For ``wfs``: type name, default system, and features per request.
    """

    id: str
    generation: str
    title: str
    protocol: str
    url: str
    source: str
    edition: str
    licence: str
    count: int
    precision_m: float
    coverage: str
    sha256: str | None = None
    size: int | None = None
    member: str = ""
    layer: str = ""
    crs: str = ""
    page: int = 1000


@dataclass(frozen=True)
class Alias:
    """A name that people use for a perimeter and that is not its label, with its source.

    `commune` is the INSEE code of the commune where it is used; if empty, any commune of the perimeter.
    """

    name: str
    codes: tuple[str, ...]
    source: str
    commune: str = ""


@dataclass(frozen=True)
class UnpublishedPlace:
    """A place that a town names without publishing its location.

    Attributes
    ----------
    commune
        INSEE code.
    told
        What the town says about it, in French; empty if nothing.
    """

    name: str
    commune: str
    source: str
    told: str = ""


@dataclass(frozen=True)
class PlaceStatement:
    """What a town says of a published place, in French, with its source.

    `place` is the id of the place in ``published-addresses.csv``.
    """

    place: str
    told: str
    source: str


@dataclass(frozen=True, eq=False)
class Registry:
    """The registry: generations by id, embedded datasets, downloads by id, and names.

    Attributes
    ----------
    aliases
        Local names, other than labels.
    wider
        Labels that a town also uses for a larger area: given with the town's name, they mean that area.
    places
        Places without a published location.
    statements
        What towns say of published places, by id.
    correspondence
        File of the official correspondence of codes between the generations, for the embedded perimeters.
    """

    generations: dict[str, Generation]
    embedded: tuple[Embedded, ...]
    downloads: dict[str, Download]
    aliases: tuple[Alias, ...]
    wider: tuple[Alias, ...] = ()
    places: tuple[UnpublishedPlace, ...] = ()
    statements: Mapping[str, PlaceStatement] = field(default_factory=dict)
    correspondence: Path | None = None


@cache
def registry() -> Registry:
    """Return the registry that ships with this version."""
    return read_registry(data_folder() / "registry.toml")


def read_registry(path: Path) -> Registry:
    """Read a registry file; the files it names are in the same folder."""
    with path.open("rb") as stream:
        document = tomllib.load(stream)
    correspondence = document.get("correspondence")
    return Registry(
        generations={key: _generation(key, entry) for key, entry in document["generations"].items()},
        embedded=tuple(_embedded(entry, path.parent) for entry in document["datasets"]),
        downloads={entry["id"]: Download(**entry) for entry in document["downloads"]},
        aliases=tuple(map(_alias, document["aliases"])),
        wider=tuple(map(_alias, document.get("wider_names", ()))),
        places=tuple(UnpublishedPlace(**entry) for entry in document.get("places", ())),
        statements={entry["place"]: PlaceStatement(**entry) for entry in document.get("statements", ())},
        correspondence=path.parent / correspondence["file"] if correspondence else None,
    )


def dataset_from_entry(entry: dict[str, Any]) -> Dataset:
    """Build a dataset from an entry, ignoring keys that are not its fields."""
    return Dataset(**{field.name: entry[field.name] for field in fields(Dataset) if field.name in entry})


def _generation(key: str, entry: dict[str, Any]) -> Generation:
    validity = tuple(
        Validity(tuple(row["territories"]), row["from"], row.get("to"), tuple(row["decrees"]))
        for row in entry["validity"]
    )
    return Generation(key, entry["label"], entry["count"], entry["code"], validity)


def _alias(entry: dict[str, Any]) -> Alias:
    return Alias(**entry | {"codes": tuple(entry["codes"])})


def _embedded(entry: dict[str, Any], folder: Path) -> Embedded:
    return Embedded(dataset_from_entry(entry), coverage_from_json(entry["coverage"]), folder / entry["file"])
