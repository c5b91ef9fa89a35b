"""`qpv indicators import`, `list` and `show`."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.cli.show import echo, echo_json, echo_paragraph, style
from qpv_geo.errors import InputError
from qpv_geo.perimeters.correspondence import correspondence_at_hand
from qpv_geo.perimeters.names import generation_of
from qpv_geo.perimeters.registry import registry
from qpv_geo.projects.indicator_files import IndicatorOptions, read_indicators
from qpv_geo.projects.indicators import keep, load_indicators
from qpv_geo.settings import load_settings

if TYPE_CHECKING:
    from qpv_geo.projects.indicators import IndicatorSet, IndicatorValue


def import_(
    file: str,
    generation: str,
    mapping: str | None,
    vintage: str | None,
    source: str | None,
    name: str | None,
    layer: str | None,
    overwrite: bool,
) -> None:
    options = IndicatorOptions(generation, name, vintage, source, None if mapping is None else Path(mapping), layer)
    read = read_indicators(Path(file), options)
    found = read.found
    keep(found, load_settings().home, overwrite=overwrite)
    echo(msg.indicators.kept(found.id, len(found.codes), found.generation, found.indicators, found.vintages))
    for count, text in ((found.marks, msg.indicators.not_given), (read.aggregates, msg.indicators.aggregates)):
        if count:
            echo(text(count))
    if read.dropped:
        echo(msg.indicators.dropped(read.dropped), err=True)
    if not found.vintages:
        echo(msg.indicators.add_vintage(), err=True)


def list_(shape: str) -> None:
    sets = load_indicators(load_settings().home).sets
    if shape == "json":
        echo_json([one.to_dict() for one in sets])
        return
    for one in sets:
        echo(style(one.id, bold=True), f"  {one.title}")
        echo_paragraph(msg.indicators.set_line(len(one.codes), one.generation, one.vintages, len(one.indicators)))
        echo_paragraph(_origin(one))


def show(code: str, shape: str) -> None:
    code, known = code.strip().upper(), registry()
    generation = generation_of(code, known)
    if generation is None:
        raise InputError(msg.indicators.not_a_code(code))
    home = load_settings().home
    found, linked = list(load_indicators(home).of(code)), correspondence_at_hand(home).linked(code)
    if shape == "json":
        listed = [value.to_dict() | {"set": one.id, "source": one.source} for one, value in found]
        echo_json({"code": code, "generation": generation, "values": listed, "linked": list(linked)})
        return
    names = [value.name for _, value in found if value.name and not value.part]
    echo(style(msg.verdicts.named(names[0], code) if names else code, bold=True), f"  {generation}")
    if not found:
        echo_paragraph(msg.indicators.none_of(code, generation))
        echo_paragraph(msg.cli.remedy(msg.remedies.import_population(generation)))
    for one, values in groupby(found, key=lambda pair: pair[0]):
        for _, value in values:
            echo_paragraph(_line(value))
        echo_paragraph(_origin(one), indent="    ")
    if linked:
        echo_paragraph(msg.indicators.of_another_generation(linked))


def _line(one: IndicatorValue) -> str:
    told = msg.indicators.value(one.value, one.text, rounded=one.rounded)
    return msg.indicators.value_line(one.indicator, told, one.vintage, one.name if one.part else None)


def _origin(one: IndicatorSet) -> str:
    return msg.indicators.origin(one.source, one.url, date.fromisoformat(one.read_on), shipped=one.sha256 is None)
