"""The map of funded projects; projects without a mark are listed in the panel, with their sum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo.errors import InputError
from qpv_geo.maps import areas, legend, marks, palette, shapes
from qpv_geo.maps.diff_map import change_layers, has_unknown, name_of, source, unknown_layer, unknown_notes
from qpv_geo.maps.facets import facets_of
from qpv_geo.maps.framing import around, communes_of, of_quartiers
from qpv_geo.maps.placing import Placing, place
from qpv_geo.maps.views import beyond, count_of, marked, towns_of
from qpv_geo.projects import LineKind, sums
from qpv_geo.projects.amounts import to_cents, total
from qpv_geo.projects.classes import Classes, class_colours, classify
from qpv_geo.projects.neighbourhoods import generation_in_year, known_neighbourhoods

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from qpv_geo.maps.placing import Gathering
    from qpv_geo.maps.views import TownView
    from qpv_geo.perimeters.diff_model import PerimeterDiff
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import Project, Projects
    from qpv_geo.projects.judged import Judged
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.projects.per_inhabitant import PerInhabitant
    from qpv_geo.projects.sums import Line


_SUMS = ("amount", "gathered", "whole")
"""Fields of popups that sum all the projects of a place."""


@dataclass(frozen=True)
class Caption:
    """What a map says of how the places of its table were judged.

    Attributes
    ----------
    known
        Neighbourhoods and perimeters by name; by default the shipped ones and those of the map.
    notes
        Sentences: by which perimeters each year was judged, and why some projects are to review.
    title
        Title in words; by default, the name of the table.
    per
        Euros per inhabitant by code of perimeter, which colour the map instead of euros; None for euros.
    """

    known: Known | None = None
    notes: tuple[str, ...] = ()
    title: str | None = None
    per: Mapping[str, PerInhabitant] | None = None

    @property
    def money_title(self) -> str:
        """Return the title of the classes of the legend."""
        return msg.maps.LEGEND_MONEY if self.per is None else msg.indicators.LEGEND_PER

    @property
    def nothing(self) -> str:
        """Return what the legend says of a perimeter without a colour."""
        return msg.maps.NO_MONEY if self.per is None else msg.indicators.NO_FIGURE

    def amount_of(self, line: Line) -> str:
        """Return the sum of a perimeter, with its euros per inhabitant if the map shows those."""
        one = None if self.per is None else self.per.get(str(line.code))
        amount = msg.maps.euros(line.amount)
        return amount if one is None or one.amount is None else msg.indicators.both(amount, one.amount)


@dataclass(frozen=True)
class Scene:
    """Content of a map of projects, for a page or a picture.

    Attributes
    ----------
    judged
        Positions by project id.
    earlier
        The former perimeters, or None.
    redraw
        What changed from `earlier` to `perimeters`, or None.
    towns
        Views of the map, one per town; the first is shown at first.
    colours
        Of the largest themes, by name.
    caption
        What is told of how places were judged, and what is known of names.
    """

    title: str
    projects: Projects
    perimeters: PerimeterSet
    judged: Mapping[str, Judged]
    placing: Placing
    classes: Classes
    earlier: PerimeterSet | None
    redraw: PerimeterDiff | None
    towns: list[TownView]
    colours: Mapping[str, str]
    caption: Caption


def make_scene(  # noqa: PLR0913 - options by keyword
    projects: Projects,
    perimeters: PerimeterSet,
    judged: Mapping[str, Judged],
    *,
    title: str | None,
    earlier: PerimeterSet | None = None,
    caption: Caption | None = None,
) -> Scene:
    """Place projects, sum them and classify the sums.

    Raises
    ------
    InputError
        No perimeter.
    """
    if not len(perimeters):
        raise InputError(msg.maps.nothing_to_show())
    redraw = None
    if earlier is not None:
        from qpv_geo.perimeters.diff import compare  # noqa: PLC0415 - one kind of map only

        redraw = compare(earlier, perimeters)
    caption = caption or Caption()
    placing = place(projects, perimeters, judged, known=caption.known)
    known = caption.known or known_neighbourhoods((perimeters,))
    with_money = {line.code for line in placing.by_perimeter.lines if line.code is not None}
    communes = communes_of(projects.projects, judged, known)
    of_table = around(perimeters, communes, with_money)
    perimeters = of_table if len(of_table) else perimeters
    if earlier is not None and redraw is not None:
        redraw = of_quartiers(redraw, perimeters.codes, communes)
        earlier = around(earlier, (), {code for one in redraw.quartiers for code in one.codes_before})
    return Scene(
        title or caption.title or msg.maps.titled_projects(Path(projects.name).stem),
        projects,
        perimeters,
        judged,
        placing,
        classify(_amounts(perimeters, placing, caption)),
        earlier,
        redraw,
        towns_of(perimeters, placing, judged, communes),
        palette.theme_colours(projects),
        caption,
    )


def projects_document(scene: Scene, *, tolerance_m: float | None = None) -> dict[str, Any]:
    """Return the document of the page of a map of projects; see `qpv_geo.maps.projects_map`."""
    tolerance_m = shapes.tolerance_for(scene.perimeters.geometry) if tolerance_m is None else tolerance_m
    layers = _areas(scene, tolerance_m)
    perimeters = [one["id"] for one in layers if one["id"] in {areas.FORMER, areas.CURRENT}]
    filters, facets = facets_of(scene.projects)
    return {
        "title": scene.title,
        "facts": _facts(scene),
        "bounds": scene.towns[0].bounds,
        "towns": [one._asdict() for one in scene.towns if one.name] if len(scene.towns) > 1 else [],
        "groups": [
            {"name": msg.maps.PERIMETERS, "layers": [*perimeters, areas.MONEY]},
            *([{"name": msg.maps.REDRAW, "layers": list(areas.CHANGES)}] if scene.redraw else []),
            {"name": msg.maps.PROJECTS, "layers": [areas.SITES, marks.LOCATED, marks.GATHERED]},
        ],
        "areas": layers,
        "fills": {"id": areas.MONEY, "name": _layer_of_money(scene.caption), "of": areas.CURRENT},
        "marks": marks.layers(scene.placing, scene.judged, scene.perimeters, scene.colours),
        "legend": _legend(scene),
        "lists": [_sums(scene), _elsewhere(scene)],
        "filters": filters,
        "facets": facets,
        "amounts": {one.id: None if one.amount is None else to_cents(one.amount) for one in scene.projects.projects},
        "classes": _classes(scene),
        "labels": {"sums": [*map(msg.maps.FIELDS.get, _SUMS), msg.indicators.PER_INHABITANT, msg.maps.PROJECTS]},
        "notes": _notes(scene, tolerance_m),
        "sources": sources(scene),
    }


def sources(scene: Scene) -> list[str]:
    """Return the source lines of the projects and perimeters."""
    sets = [scene.perimeters] if scene.earlier is None else [scene.perimeters, scene.earlier]
    return [msg.maps.source_projects(scene.projects.name), *map(source, sets)]


def split_lines(perimeters: PerimeterSet, placing: Placing) -> tuple[list[Line], list[Line]]:
    """Return the sums of the perimeters on the map and all other sums; together they add up to the table's total."""
    drawn = set(perimeters.codes)
    lines = placing.by_perimeter.lines
    return [line for line in lines if line.code in drawn], [line for line in lines if line.code not in drawn]


def _amounts(perimeters: PerimeterSet, placing: Placing, caption: Caption) -> dict[str, Decimal]:
    """Return the published sum of each perimeter of the map that has one, euros, or euros per inhabitant."""
    if caption.per is not None:
        mine = {code: caption.per[code].amount for code in perimeters.codes if code in caption.per}
        return {code: amount for code, amount in mine.items() if amount is not None}
    drawn, _ = split_lines(perimeters, placing)
    return {str(line.code): line.amount for line in drawn if line.amount is not None}


def _areas(scene: Scene, tolerance_m: float) -> list[dict[str, Any]]:
    colours = class_colours(scene.classes)
    fills = {code: colours[k] for code, k in scene.classes.of.items()}
    facts = {
        str(line.code): [
            (msg.maps.FIELDS["amount"], msg.maps.euros(line.amount)),
            *_divided(scene.caption, line.code),
            (msg.maps.PROJECTS, str(line.count)),
        ]
        for line in scene.placing.by_perimeter.lines
        if line.code is not None
    }
    every = range(len(scene.perimeters))
    current = areas.perimeter_features(
        scene.perimeters, every, tolerance_m, facts=facts, fills=fills, parts=_parts(scene)
    )
    name = name_of(scene.perimeters.dataset)
    found = [areas.layer(areas.CURRENT, msg.maps.layer_perimeters(name), current, searched=True) | {"named": True}]
    if scene.earlier is not None and scene.redraw is not None:
        former = areas.perimeter_features(scene.earlier, range(len(scene.earlier)), tolerance_m)
        label = msg.maps.layer_perimeters(name_of(scene.earlier.dataset))
        found.insert(0, areas.layer(areas.FORMER, label, former, searched=True))
        found += change_layers(scene.redraw)
        found.append(unknown_layer(scene.redraw, scene.earlier, scene.perimeters, tolerance_m))
    return [*found, areas.layer(areas.SITES, msg.maps.LAYER_SITES, marks.site_features(scene.placing.located))]


def _classes(scene: Scene) -> dict[str, Any]:
    """Return the classes by which a filtered map is coloured again."""
    return {
        "bounds": [to_cents(one) for one in scene.classes.bounds],
        "colours": class_colours(scene.classes),
        "divided": scene.caption.per is not None,
    }


def _layer_of_money(caption: Caption) -> str:
    return msg.maps.LAYER_MONEY if caption.per is None else caption.money_title


def _parts(scene: Scene) -> dict[str, list[areas.AreaPart]]:
    """Return the projects of each perimeter, each with its cents there and the inhabitants they are divided by."""
    found: dict[str, list[areas.AreaPart]] = {}
    for project in scene.projects.projects:
        for code, _, amount in scene.placing.parts[project.id]:
            if code is not None:
                cents = None if amount is None else to_cents(amount)
                found.setdefault(code, []).append((project.id, cents, *_divisor(scene.caption, code, project)))
    return found


def _divisor(caption: Caption, code: str, project: Project) -> tuple[float | None, ...]:
    """Return the inhabitants of the generation of a project, None if unknown; nothing on a map of euros."""
    if caption.per is None:
        return ()
    generation, mine = generation_in_year(project.year), caption.per.get(code)
    counts = [one.count for one in (mine.inhabitants if mine else ()) if generation and one.generation == generation.id]
    return (float(counts[0]) if counts and counts[0] is not None else None,)


def _divided(caption: Caption, code: str) -> list[tuple[str, str]]:
    """Return the euros per inhabitant of a perimeter, or why there are none, as a line of its popup."""
    one = None if caption.per is None else caption.per.get(code)
    if one is None:
        return []
    told = one.reason or "" if one.amount is None else msg.indicators.per_inhabitant(one.amount)
    return [(msg.indicators.PER_INHABITANT, told)]


def _facts(scene: Scene) -> list[str]:
    projects, placing = scene.projects, scene.placing
    hidden = beyond(scene.towns[:1], marked(scene.perimeters, placing, scene.judged))
    far = (
        [
            msg.maps.out_of_first_view(
                msg.maps.euros(total(part.amount for part in hidden)), count_of(hidden), towns=len(scene.towns) > 1
            )
        ]
        if hidden
        else []
    )
    return [
        msg.maps.totals(len(projects.projects), msg.maps.euros(projects.total), len(projects.unpublished)),
        _balance(placing),
        *far,
        *_undivided(scene),
    ]


def _undivided(scene: Scene) -> list[str]:
    """Return the perimeters of the map that have euros and no figure per inhabitant."""
    per = scene.caption.per or {}
    names = dict(zip(scene.perimeters.codes, scene.perimeters.names, strict=True))
    without = [names[code] for code, one in per.items() if code in names and one.amount is None]
    return [msg.indicators.without_figure(without)] if without else []


def _balance(placing: Placing) -> str:
    """Return what is on the map and what is not; an amount that is not published is not 0."""
    if not placing.located and not placing.gathered:
        return msg.maps.NONE_ON_MAP
    elsewhere = msg.maps.euros(placing.total_elsewhere) if placing.elsewhere else None
    return msg.maps.balance(msg.maps.euros(placing.total_on_map), elsewhere)


def _legend(scene: Scene) -> list[dict[str, Any]]:
    dataset, placing = scene.perimeters.dataset, scene.placing
    found = legend.perimeters_legend(name_of(dataset), scene.classes, scene.caption.money_title, scene.caption.nothing)
    if scene.earlier is not None:
        found += legend.redraw_legend(
            name_of(scene.earlier.dataset), None, unknown=scene.redraw is not None and has_unknown(scene.redraw)
        )
    drawn = [*(one.themes for one in placing.located), *map(marks.themes_of, placing.gathered)]
    themes = legend.theme_entries(drawn, scene.colours)
    if not drawn:
        return found
    return [*found, legend.marks_legend(themes, circles=bool(placing.located), labels=bool(placing.gathered))]


def _sums(scene: Scene) -> dict[str, Any]:
    """Return the sums by neighbourhood if the table states one for every project, else by perimeter."""
    known = scene.caption.known or known_neighbourhoods((scene.perimeters,))
    by_name = sums(scene.projects, "quartier", known=known)
    named = all(line.kind is not LineKind.NOT_STATED for line in by_name.lines)
    found = by_name if named else scene.placing.by_perimeter
    items = [
        {
            "title": line.label,
            "amount": msg.maps.euros(line.amount),
            "lines": [msg.maps.projects_count(line.count)],
        }
        for line in found.lines
    ]
    return {
        "title": msg.maps.BY_PLACE if named else msg.maps.BY_PERIMETER,
        "amount": msg.maps.euros(found.total),
        "items": items,
    }


def _elsewhere(scene: Scene) -> dict[str, Any]:
    items = [_without_mark(one, scene.judged) for one in scene.placing.elsewhere]
    return {
        "title": msg.maps.NOT_ON_MAP,
        "amount": msg.maps.euros(scene.placing.total_elsewhere) if items else None,
        "note": msg.maps.NOT_ON_MAP_NOTE if items else None,
        "items": items,
        "open": True,
    }


def _without_mark(gathering: Gathering, judged: Mapping[str, Judged]) -> dict[str, Any]:
    names = dict.fromkeys(name for part in gathering.parts for name in part.project.placement.neighbourhoods)
    return {
        "title": gathering.label,
        "amount": msg.maps.euros(gathering.amount),
        "lines": list(names),
        "projects": [marks.told(part, judged.get(part.project.id)) for part in gathering.parts],
    }


def _notes(scene: Scene, tolerance_m: float) -> list[str]:
    judged = list(scene.caption.notes)
    if not judged and scene.judged and scene.perimeters.dataset.generation is None:
        judged = [msg.maps.judged_by(name_of(scene.perimeters.dataset))]
    unknown = unknown_notes(scene.redraw) if scene.redraw is not None else []
    return [*judged, *unknown, msg.maps.simplified(tolerance_m), msg.maps.NOTICE]
