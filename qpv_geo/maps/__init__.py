"""French maps of funded projects and of redrawn perimeters, as web pages or pictures.

A page is a folium map: `Page.save` writes it, `Page.html` is its text, a notebook shows it. It is self-contained (see
`qpv_geo.maps.inlined`): it requests only background tiles, and nothing with ``offline``. A picture is a matplotlib
figure without background, for a report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.extras import needed
from qpv_geo.maps.diff_map import redraw_document
from qpv_geo.maps.projects import Caption, make_scene, projects_document
from qpv_geo.projects.judged import Judged, judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from qpv_geo.maps.page import Page
    from qpv_geo.perimeters.diff_model import PerimeterDiff
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.projects import CrossSums, Projects
    from qpv_geo.projects.per_inhabitant import PerInhabitant
    from qpv_geo.register.recheck import RecheckReport

__all__ = [
    "Caption",
    "Judged",
    "judge",
    "projects_map",
    "projects_picture",
    "recheck_map",
    "redraw_map",
    "redraw_picture",
    "series_picture",
]


def projects_map(  # noqa: PLR0913 - options by keyword
    projects: Projects,
    perimeters: PerimeterSet,
    *,
    judged: Mapping[str, Judged] | None = None,
    earlier: PerimeterSet | None = None,
    title: str | None = None,
    offline: bool = False,
    tolerance_m: float | None = None,
    caption: Caption | None = None,
    links: Mapping[str, str] | None = None,
) -> Page:
    """Map funded projects on perimeters.

    A project with a position is a circle, sized by its amount and coloured by its theme. Projects placed by
    neighbourhood or perimeter are grouped under one label on the perimeter, with their sum. Projects without a mark are
    listed in the panel, with theirs. The sums add up to the total of the table.

    Parameters
    ----------
    judged
        Positions and verdicts by project id, as returned by `judge`. Other projects are placed by their perimeter or
        neighbourhood only.
    earlier
        Perimeters of the previous generation, shown with what was added and removed since.
    title
        By default, the name of the table.
    offline
        Leave out the background: the page makes no request.
    tolerance_m
        Simplification tolerance of the outlines, in metres; by default `qpv_geo.maps.shapes.tolerance_for`.
    caption
        How places were judged, and the names known; see `qpv_geo.projects.judgement`.
    links
        Addresses of other pages by label, shown above the title; the label of this page has an empty address.

    Raises
    ------
    InputError
        No perimeter, or a bad tolerance.
    MissingError
        The extra ``maps`` is not installed.
    """
    with needed("maps"):
        from qpv_geo.maps.page import Page  # noqa: PLC0415 - heavy: folium
    scene = make_scene(projects, perimeters, judged or {}, title=title, earlier=earlier, caption=caption)
    document = projects_document(scene, tolerance_m=tolerance_m)
    document["links"] = [{"label": label, "href": href} for label, href in (links or {}).items()]
    return Page(document, offline=offline)


def projects_picture(  # noqa: PLR0913 - options by keyword
    projects: Projects,
    perimeters: PerimeterSet,
    *,
    judged: Mapping[str, Judged] | None = None,
    earlier: PerimeterSet | None = None,
    title: str | None = None,
    caption: Caption | None = None,
) -> Figure:
    """Draw the projects of `projects_map` as a matplotlib figure, without background; ``savefig`` writes it.

    Raises
    ------
    InputError
        No perimeter.
    MissingError
        The extra ``maps`` is not installed.
    """
    with needed("maps"):
        from qpv_geo.maps.picture import draw_projects  # noqa: PLC0415 - heavy: matplotlib
    return draw_projects(make_scene(projects, perimeters, judged or {}, title=title, earlier=earlier, caption=caption))


def redraw_map(redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet, *, offline: bool = False) -> Page:
    """Map a redraw: the perimeters compared, and the areas added and removed.

    Parameters
    ----------
    redraw
        Result of `qpv_geo.diff`.
    before, after
        The two sets compared; only the quartiers named in `redraw` are drawn.
    offline
        Leave out the background: the page makes no request.

    Raises
    ------
    InputError
        The comparison names no quartier.
    MissingError
        The extra ``maps`` is not installed.
    """
    with needed("maps"):
        from qpv_geo.maps.page import Page  # noqa: PLC0415 - heavy: folium
    return Page(redraw_document(redraw, before, after), offline=offline)


def redraw_picture(redraw: PerimeterDiff, before: PerimeterSet, after: PerimeterSet) -> Figure:
    """Draw the redraw of `redraw_map` as a matplotlib figure, without background; ``savefig`` writes it.

    Raises
    ------
    InputError
        The comparison names no quartier.
    MissingError
        The extra ``maps`` is not installed.
    """
    with needed("maps"):
        from qpv_geo.maps.picture import draw_redraw  # noqa: PLC0415 - heavy: matplotlib
    return draw_redraw(redraw, before, after)


def recheck_map(report: RecheckReport, perimeters: Sequence[PerimeterSet], *, offline: bool = False) -> Page:
    """Map the checks that a recheck found to have changed, coloured by how they did.

    Parameters
    ----------
    report
        Result of `qpv_geo.register.recheck.recheck`.
    perimeters
        The sets to draw, the current one last.
    offline
        Leave out the background: the page makes no request.

    Raises
    ------
    InputError
        No check that changed has a position.
    MissingError
        The extra ``maps`` is not installed.
    """
    with needed("maps"):
        from qpv_geo.maps.page import Page  # noqa: PLC0415 - heavy: folium
    with needed("register"):
        from qpv_geo.maps.recheck_document import recheck_document  # noqa: PLC0415 - one kind of map only
    return Page(recheck_document(report, perimeters), offline=offline)


def series_picture(
    found: CrossSums, *, title: str, notes: Sequence[str] = (), divided: Sequence[PerInhabitant] = ()
) -> Figure:
    """Draw sums by some key, then by year, as small multiples on A4; ``savefig`` writes the figure.

    Parameters
    ----------
    notes
        Sentences of the caption.
    divided
        Euros per inhabitant of the lines, told beside their sums.

    Raises
    ------
    MissingError
        The extra ``maps`` is not installed.
    """
    with needed("maps"):
        from qpv_geo.maps.series import draw_series  # noqa: PLC0415 - heavy: matplotlib
    return draw_series(found, title=title, notes=notes, divided=divided)
