"""`qpv perimeters list`, `show`, `export`, `verify` and `remove`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.cli.show import echo, echo_facts, echo_json, echo_paragraph, style
from qpv_geo.errors import InputError, IntegrityError
from qpv_geo.geocoding.gazetteer import gazetteer
from qpv_geo.messages.typography import joined
from qpv_geo.perimeters.catalogue import Catalogue, load_perimeters
from qpv_geo.perimeters.exporting import export as export_perimeters
from qpv_geo.perimeters.names import aliases_of, find_perimeters, named_by
from qpv_geo.perimeters.registry import Embedded
from qpv_geo.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.perimeters.catalogue import Entry
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.perimeters.registry import Alias, Download

_SQUARE_METRES_IN_HECTARE = 10_000


def list_(shape: str) -> None:
    catalogue = _catalogue()
    entries = list(catalogue.entries())
    whole = {entry.dataset.generation for entry in entries if entry.coverage.everywhere}
    downloads = [one for one in catalogue.registry.downloads.values() if one.generation not in whole]
    if shape == "json":
        echo_json(
            {
                "datasets": [_entry_json(entry, catalogue) for entry in entries],
                "downloads": [{"id": one.id, "generation": one.generation, "title": one.title} for one in downloads],
            }
        )
        return
    for entry in entries:
        _show_entry(entry, catalogue)
    if downloads:
        echo(msg.perimeters.CAN_BE_FETCHED)
    for one in downloads:
        echo(f"  {msg.perimeters.download_line(one.id, one.title, _fetch_command(one))}")


def show(name: str, dataset: str | None, shape: str) -> None:

    catalogue = _catalogue()
    found = [
        (one, row)
        for one in _sets(catalogue, dataset)
        for row in find_perimeters(name, one, catalogue.registry.aliases)
    ]
    if not found:
        raise InputError(msg.perimeter_errors.unknown_perimeter(name))
    features = [_feature(one, row, catalogue) for one, row in found]
    if shape == "geojson":
        echo_json({"type": "FeatureCollection", "features": features})
    elif shape == "json":
        echo_json([feature["properties"] for feature in features])
    else:
        for feature in features:
            _show_perimeter(feature["properties"], named_by(name, catalogue.registry.aliases))


def verify() -> None:
    catalogue = _catalogue()
    bad: list[IntegrityError] = []
    for dataset, load in catalogue.to_verify():
        try:
            perimeters = load()
        except IntegrityError as error:
            bad.append(error)
        else:
            echo(msg.perimeters.dataset_sound(dataset, len(perimeters), perimeters.dataset.sha256))
    if bad:
        raise IntegrityError(joined(map(str, bad)))


def export(generation: str, commune: str | None, output: str) -> None:
    catalogue = _catalogue()
    if generation in catalogue.registry.generations:
        sets: Sequence[PerimeterSet] = catalogue.sets_of(catalogue.generation(generation))
    else:
        sets = [load_perimeters(generation, catalogue=catalogue)]
    count = export_perimeters(sets, Path(output), commune=commune)
    echo(msg.perimeters.exported(count, output))


def remove(dataset: str) -> None:
    if not _catalogue().store.remove(dataset):
        raise InputError(msg.perimeter_errors.not_installed(dataset))
    echo(msg.perimeters.removed(dataset))


def _catalogue() -> Catalogue:

    return Catalogue(load_settings().home)


def _sets(catalogue: Catalogue, dataset: str | None) -> list[PerimeterSet]:
    """Return the sets to search: the one named, or those used in answers (an embedded one may be superseded)."""
    if dataset is not None:
        return [load_perimeters(dataset, catalogue=catalogue)]
    return [catalogue.load(entry) for entry in catalogue.entries() if _answers(entry, catalogue)]


def _answers(entry: Entry, catalogue: Catalogue) -> bool:
    """Tell whether a dataset is used in answers; an embedded one is not if one of the whole country is installed."""
    if entry.dataset.generation is None:
        return True
    return entry.dataset.id in {one.dataset.id for one in catalogue.answering(entry.dataset.generation)}


def _state(entry: Entry) -> str:

    return msg.perimeters.EMBEDDED if isinstance(entry, Embedded) else msg.perimeters.INSTALLED


def _entry_json(entry: Entry, catalogue: Catalogue) -> dict[str, Any]:
    days = {"valid_from": entry.dataset.valid_from, "valid_to": entry.dataset.valid_to}
    return {
        **asdict(entry.dataset),
        **{key: None if day is None else day.isoformat() for key, day in days.items()},
        "coverage": entry.coverage.to_json(),
        "embedded": _state(entry) == msg.perimeters.EMBEDDED,
        "answers": _answers(entry, catalogue),
        "path": str(entry.path),
    }


def _show_entry(entry: Entry, catalogue: Catalogue) -> None:
    dataset = entry.dataset
    echo(style(msg.perimeters.dataset_line(dataset.id, _state(entry), dataset.title), bold=True))
    kind, coverage = msg.cli.KIND.get(dataset.kind, dataset.kind), msg.perimeters.COVERAGE[entry.coverage.kind]
    echo_paragraph(
        msg.perimeters.dataset_facts(dataset.count, kind, coverage, msg.verdicts.metres(dataset.precision_m))
    )
    echo_paragraph(msg.perimeters.dataset_origin(dataset.source, dataset.edition, dataset.licence, dataset.sha256))
    if dataset.generation and _answers(entry, catalogue):
        echo_paragraph(msg.perimeters.used_for(dataset.generation))
    echo()


def _fetch_command(download: Download) -> str:
    return msg.remedies.fetch_perimeters(download.id, unpinned=download.sha256 is None)


def _feature(perimeters: PerimeterSet, row: int, catalogue: Catalogue) -> dict[str, Any]:

    geometry = perimeters.geometry[row]
    west, south, east, north = geometry.bounds
    territory = crs.territory_of(lon=west, lat=south)
    properties = {
        "code_qp": perimeters.codes[row],
        "lib_qp": perimeters.names[row],
        "aliases": list(aliases_of(perimeters.codes[row], catalogue.registry.aliases)),
        "kind": perimeters.kinds[row],
        "generation": perimeters.dataset.generation,
        "insee_com": perimeters.insee[row],
        "lib_com": perimeters.communes[row],
        "area_m2": round(crs.project(geometry, territory).area),
        "bbox": [round(value, 6) for value in (west, south, east, north)],
        "dataset": perimeters.dataset.id,
        "sha256": perimeters.dataset.sha256,
    }
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))}


def _commune(insee: str) -> str:
    found = gazetteer().commune(insee.strip())
    return insee.strip() if found is None else msg.verdicts.named(found.name, found.code)


def _show_perimeter(properties: dict[str, Any], alias: Alias | None) -> None:
    echo(style(msg.verdicts.named(properties["lib_qp"], properties["code_qp"]), bold=True))
    if alias is not None:
        echo_paragraph(msg.perimeters.local_name(alias.name, properties["lib_qp"], alias.source))
    communes = properties["lib_com"] or ", ".join(map(_commune, filter(None, properties["insee_com"].split(","))))
    kind = msg.cli.KIND.get(properties["kind"], properties["kind"])
    hectares = msg.verdicts.number(properties["area_m2"] / _SQUARE_METRES_IN_HECTARE, 1)
    echo_facts(
        [
            (msg.perimeters.ALIASES, ", ".join(properties["aliases"])),
            (msg.perimeters.COMMUNES, communes),
            (msg.perimeters.AREA, f"{hectares} ha"),
            (msg.perimeters.DATASET, f"{properties['dataset']} ({kind}), sha256 {properties['sha256'][:12]}…"),
        ]
    )
    echo()
