"""Read a user's file into perimeters with their generation, coverage and precision."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.errors import InputError, PerimeterError
from qpv_geo.model import Dataset, Kind
from qpv_geo.perimeters.coverage import EVERYWHERE, NOWHERE, Coverage
from qpv_geo.perimeters.formats import PerimeterLayer, on_earth, read_layer
from qpv_geo.perimeters.read import CODE_FIELDS, PerimeterFeatures, PerimeterSet, file_sha256, normalise, texts

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from qpv_geo.model import Generation
    from qpv_geo.perimeters.registry import Registry

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class ImportOptions:
    """The user's options for a file to import.

    Attributes
    ----------
    id
        Id of a generation, or another one for local zones; by default, the generation that the codes match, or the
        file's name for local zones.
    kind
        Kind of the perimeters; ``qpv`` for a generation.
    coverage
        Where the file is complete. By default, everywhere if it holds the generation's official number of perimeters,
        nowhere otherwise.
    precision_m
        How far an edge may be off, in metres; by default, as far as the rounding of the coordinates allows.
    crs
        The system of a file that does not name its own, such as ``EPSG:2154``.
    layer
        The layer or zip member to read if there are several.
    encoding
        The encoding of the text of a Shapefile or a GeoJSON, if it is not the one found in the file.
    source, edition, licence
        Where the file comes from, for the evidence.
    valid_from, valid_to
        For local zones: first and last day of validity.
    """

    id: str | None = None
    kind: str = Kind.QPV
    coverage: Coverage | None = None
    precision_m: float | None = None
    crs: str | None = None
    layer: str | None = None
    encoding: str | None = None
    source: str | None = None
    edition: str | None = None
    licence: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def read_file(path: Path, options: ImportOptions, known: Registry) -> PerimeterSet:
    """Read a file of perimeters in any supported format and system.

    Raises
    ------
    InputError
        The options contradict each other or the file cannot be read.
    PerimeterError
        The file cannot be trusted; see `qpv_geo.perimeters.read.normalise`.
    """
    options = replace(options, kind=options.kind.strip().lower())
    layer = _with_crs(read_layer(path, layer=options.layer, encoding=options.encoding), options.crs)
    generation = _generation(layer, options, known, path.name)
    by_default = generation.id if generation else path.name.split(".")[0].lower()
    name = by_default if options.id is None else options.id
    _refuse_contradictions(name, options, known)
    local = None if options.kind == Kind.QPV else name
    features = normalise(layer, name=path.name, generation=generation, prefix=local)
    dataset = Dataset(
        id=name,
        generation=generation.id if generation else None,
        kind=str(options.kind),
        title=f"{generation.label if generation else name} (fichier {path.name})",
        source=options.source or path.name,
        edition=options.edition,
        licence=options.licence,
        sha256=file_sha256(path),
        count=len(features.codes),
        precision_m=features.precision_m if options.precision_m is None else options.precision_m,
        valid_from=options.valid_from,
        valid_to=options.valid_to,
    )
    return assemble(dataset, features, options.coverage, generation)


def assemble(
    dataset: Dataset, features: PerimeterFeatures, coverage: Coverage | None, generation: Generation | None
) -> PerimeterSet:
    """Combine a dataset and its features; a coverage of None is deduced from the number of perimeters."""
    if coverage is None:
        complete = generation is not None and dataset.count == generation.count
        coverage = EVERYWHERE if complete else NOWHERE
    return PerimeterSet(
        dataset, coverage, features.codes, features.names, features.insee, features.communes, features.geometry
    )


def _with_crs(layer: PerimeterLayer, text: str | None) -> PerimeterLayer:
    if text is None:
        return layer
    given = crs.parse(text)
    if given is None or not on_earth(given):
        raise InputError(msg.errors.bad_crs(text))
    if layer.crs is not None and not layer.crs.equals(given, ignore_axis_order=True):
        raise InputError(msg.errors.crs_contradicts_file(text, layer.crs.name))
    return PerimeterLayer(layer.geometry, layer.fields, given)


def _generation(layer: PerimeterLayer, options: ImportOptions, known: Registry, name: str) -> Generation | None:
    """Return the generation named or else the one whose pattern the first code matches; None for local zones."""
    if options.id in known.generations:
        return known.generations[options.id]
    if options.id is not None or options.kind != Kind.QPV:
        return None
    if not len(layer.geometry):
        raise PerimeterError(msg.perimeter_errors.no_perimeter(name))
    first = next((code for code in texts(layer, CODE_FIELDS) if code), None)
    for generation in known.generations.values():
        if first is not None and re.match(generation.code_pattern, first):
            return generation
    raise PerimeterError(msg.perimeter_errors.generation_unknown(name, first))


def _refuse_contradictions(name: str, options: ImportOptions, known: Registry) -> None:
    taken = name not in known.generations and (
        name.startswith("qpv-") or name in {one.dataset.id for one in known.embedded}
    )
    if taken or not _ID.fullmatch(name):
        raise InputError(msg.errors.bad_id(name))
    if name not in known.generations and options.kind == Kind.QPV:
        raise InputError(msg.perimeter_errors.local_needs_kind(name))
    if name in known.generations and options.kind != Kind.QPV:
        raise InputError(msg.perimeter_errors.generation_is_qpv(name, options.kind))
    if name in known.generations and (options.valid_from or options.valid_to):
        raise InputError(msg.perimeter_errors.generation_has_dates(name))
    if options.valid_from and options.valid_to and options.valid_to < options.valid_from:
        raise InputError(msg.perimeter_errors.dates_reversed(options.valid_from, options.valid_to))
    if options.precision_m is not None and not 0 <= options.precision_m <= 1000:  # noqa: PLR2004 - a sane bound, metres
        raise InputError(msg.perimeter_errors.bad_precision(options.precision_m))
