"""`qpv map`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import api, maps
from qpv_geo import messages as msg
from qpv_geo.cli.projects import WRONG, TableAsked, assessed, projects_in
from qpv_geo.cli.show import echo
from qpv_geo.eligibility.check import default_checker
from qpv_geo.errors import InputError
from qpv_geo.files import replaced
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.maps import Caption
from qpv_geo.maps.framing import title_of
from qpv_geo.messages.cli import remedy
from qpv_geo.projects import sums
from qpv_geo.projects.checks import answers, known_at_hand
from qpv_geo.projects.indicators import load_indicators
from qpv_geo.projects.judged import judged_by_year
from qpv_geo.projects.judgement import judgement
from qpv_geo.projects.per_inhabitant import per_inhabitant
from qpv_geo.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.maps import Judged
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import Projects
    from qpv_geo.projects.checks import Assessment
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.untyped import AnyValue


def map_(
    source: str,
    output: str,
    layer: str | None,
    mapping: str | None,
    keep_going: bool,
    perimeters: str,
    earlier: str | None,
    title: str | None,
    per: str | None,
    offline: bool,
    png: str | None,
) -> int:
    refuse_other_names(output, png)
    projects = projects_in(TableAsked(source, layer, mapping, keep_going))
    if projects is None:
        return WRONG
    drawn = api.load_perimeters(perimeters)
    if per is not None and drawn.dataset.generation is None:
        raise InputError(msg.indicators.not_of_a_generation(perimeters))
    former = None if earlier is None else api.load_perimeters(earlier)
    judged, caption = _judged(projects, drawn, offline=offline, per=per is not None)
    how: dict[str, AnyValue] = {"judged": judged, "earlier": former, "title": title, "caption": caption}
    page = maps.projects_map(projects, drawn, offline=offline, **how)
    page.save(output)
    tell_written(output)
    if png is not None:
        picture = maps.projects_picture(projects, drawn, **how)
        with replaced(Path(png)) as beside:
            picture.savefig(beside)
        tell_written(png)
    return 0


def refuse_other_names(output: str | None, png: str | None = None) -> None:
    """Raise `InputError` for a page that is not named .html or .htm, or a picture that is not named .png."""
    if output is not None and Path(output).suffix.lower() not in {".html", ".htm"}:
        raise InputError(msg.maps.not_a_page(output))
    if png is not None and Path(png).suffix.lower() != ".png":
        raise InputError(msg.maps.not_a_picture(png))


def tell_written(path: str) -> None:
    """Report a written file and its size on standard error: standard output is for answers."""
    echo(msg.maps.written(path, Path(path).stat().st_size), err=True)


def _judged(
    projects: Projects, perimeters: PerimeterSet, *, offline: bool, per: bool
) -> tuple[dict[str, Judged], Caption]:
    """Judge projects as their summary does, each by the perimeters of its year; local zones judge them all."""
    checker = default_checker()
    if perimeters.dataset.generation is None:
        geocoder = geocoder_of(checker.settings, offline=offline)
        return maps.judge(projects, perimeters, checker=checker, geocoder=geocoder), Caption()
    assessments = assessed(checker, projects, offline=offline, scheme=None, on=None)
    found = judgement(assessments, checker.catalogue.registry)
    for command in found.remedies:
        echo(remedy(command), err=True)
    known = known_at_hand(checker.catalogue)
    caption = Caption(known, tuple(found.notes), title_of(projects, assessments, known))
    return judged_by_year(assessments), _divided(caption, known, projects, assessments) if per else caption


def _divided(caption: Caption, known: Known, projects: Projects, assessments: Sequence[Assessment]) -> Caption:
    """Return a caption with the euros per inhabitant of the followed quartiers, by code."""
    told = answers(assessments)
    indicators = load_indicators(load_settings().home)
    found = per_inhabitant(sums(projects, "quartier-suivi", known=known, **told), projects, indicators, known, told)
    missing = {each.generation for one in found for each in one.inhabitants if each.missing and not each.marks}
    for generation in sorted(missing):
        echo(remedy(msg.remedies.import_population(generation)), err=True)
    sources = tuple(dict.fromkeys(source for one in found for each in one.inhabitants for source in each.sources))
    reasons = tuple(dict.fromkeys(one.reason for one in found if one.reason))
    note = msg.indicators.per_note((*sources, *reasons))
    return replace(caption, notes=(*caption.notes, note), per={str(one.line.code): one for one in found})
