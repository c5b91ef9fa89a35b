"""`qpv projects summary` and `check`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from qpv_geo import messages as msg
from qpv_geo.cli.show import (
    OUTCOME_COLOURS,
    STATUS_COLOURS,
    WIDTH,
    echo,
    echo_facts,
    echo_json,
    echo_paragraph,
    one_line,
    style,
)
from qpv_geo.cli.sum_notes import followed_in, judged, notes_json, show_followed, show_judgement, show_per_inhabitant
from qpv_geo.cli.sum_tables import show_cross_sums, show_sums
from qpv_geo.eligibility.check import default_checker
from qpv_geo.errors import InputError
from qpv_geo.files import replaced
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.messages.batch import other_sheets
from qpv_geo.messages.cli import remedy
from qpv_geo.messages.projects import BY_QPV
from qpv_geo.messages.verdicts import NOTICE
from qpv_geo.projects import (
    Precision,
    ProjectsError,
    ProjectTableOptions,
    Sums,
    cross_sums,
    read_mapping,
    read_projects,
    sums,
)
from qpv_geo.projects.checks import answers, assess, known_at_hand, perimeters_at_hand
from qpv_geo.projects.columns import looks_like_a_funder, looks_like_a_step
from qpv_geo.projects.indicators import load_indicators
from qpv_geo.projects.per_inhabitant import per_inhabitant
from qpv_geo.reports import asked
from qpv_geo.schemes.load import find_scheme, load_schemes
from qpv_geo.tables.protocol import ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.projects import CellFault, CrossSums, Projects
    from qpv_geo.projects.checks import Assessment
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.projects.per_inhabitant import PerInhabitant
    from qpv_geo.schemes.model import Scheme

WRONG = 2
_MOST_KEYS = 2
_GAPS, _MOST_CODES = 6, 20
_PLACED = frozenset({"qpv", "quartier-suivi", "commune"})
"""Keys for which the place of a project is checked."""


@dataclass(frozen=True)
class TableAsked:
    """A table of projects, and how it is to be read."""

    source: str
    layer: str | None = None
    mapping: str | None = None
    keep_going: bool = False


class SumsToShow(NamedTuple):
    """Sums, and the euros per inhabitant of their lines or rows, if they were asked for."""

    found: Sums | CrossSums
    divided: Sequence[PerInhabitant]


def summary(
    source: str,
    layer: str | None,
    mapping: str | None,
    keep_going: bool,
    by: tuple[str, ...],
    per: str | None,
    output: str | None,
    offline: bool,
    shape: str,
) -> int:

    if len(set(by)) != len(by) or len(by) > _MOST_KEYS:
        raise InputError(msg.reports.too_many_keys(by))
    checker = default_checker()
    projects = projects_in(TableAsked(source, layer, mapping, keep_going), _schemes(checker, None))
    if projects is None:
        return WRONG
    placed = output is not None or per is not None or not _PLACED.isdisjoint(by)
    assessments = assessed(checker, projects, offline=offline, scheme=None, on=None) if placed else ()
    known = known_at_hand(checker.catalogue)
    told = answers(assessments)
    found = cross_sums(projects, *by, known=known, **told) if len(by) > 1 else sums(projects, *by, known=known, **told)
    every = (found,) if isinstance(found, Sums) else (found.rows, found.columns)
    divided = per_inhabitant(every[0], projects, load_indicators(checker.settings.home), known, told) if per else []
    written = _write_summary(output, projects, assessments, SumsToShow(found, divided), checker)
    how = judged(assessments, checker) if assessments else None
    followed = followed_in(every, known, checker)
    if shape == "json":
        beside = {**notes_json(how, followed), "output": written, "notice": NOTICE}
        if per:
            beside["per_inhabitant"] = [one.to_dict() for one in divided]
        echo_json({"file": projects.name, **found.to_dict(), **beside})
    else:
        _show_sums(projects, found)
        show_per_inhabitant(divided)
        show_followed(followed, checker)
        if how is not None:
            show_judgement(how)
        echo_paragraph(NOTICE)
    return 0


def check(
    source: str,
    layer: str | None,
    mapping: str | None,
    keep_going: bool,
    details: bool,
    scheme: str | None,
    on: str | None,
    output: str | None,
    offline: bool,
    shape: str,
) -> int:

    checker = default_checker()
    projects = projects_in(TableAsked(source, layer, mapping, keep_going), _schemes(checker, scheme))
    if projects is None:
        return WRONG
    assessments = assessed(checker, projects, offline=offline, scheme=scheme, on=on)
    written = _write(output, projects, assessments, known_at_hand(checker.catalogue))
    if shape == "json":
        told = [one.to_dict() for one in assessments]
        echo_json({"file": projects.name, "projects": told, "output": written, "notice": NOTICE})
    else:
        _show_assessments(assessments, details=details)
    return 0


# ── Doing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def projects_in(asked: TableAsked, schemes: Sequence[Scheme] = ()) -> Projects | None:
    """Return the projects of a file, with the steps of some schemes; if it has faults, print them and return None."""
    steps = list(dict.fromkeys(step.id for one in schemes for step in one.steps))
    mapping = None if asked.mapping is None else read_mapping(Path(asked.mapping))
    options = ProjectTableOptions(steps=steps, mapping=mapping, keep_going=asked.keep_going)
    try:
        projects = read_projects(asked.source, reading=ReadingOptions(layer=asked.layer), options=options)
    except ProjectsError as error:
        _tell_faults(error.faults)
        echo(msg.cli.error_line(msg.reports.nothing_read(asked.source, len(error.faults))), err=True)
        _tell_unread(error.unread)
        return None
    unknown = [name for name in projects.ignored if schemes and looks_like_a_step(name)]
    if unknown:
        echo(msg.projects.unknown_steps(unknown, steps), err=True)
    if left := [name for name in projects.ignored if name not in unknown]:
        echo(msg.reports.ignored_columns(left, list(filter(looks_like_a_funder, left))), err=True)
    for total in projects.totals:
        echo(msg.projects.total_aside(total.line, total.amount, total.summed, agrees=total.agrees), err=True)
    if projects.left_out:
        _tell_faults(projects.faults)
        echo(msg.projects.rows_left_out(list(projects.left_out.values())), err=True)
    if projects.subsidies:
        echo(msg.projects.subsidies(projects.subsidies), err=True)
    _tell_unread(projects.unread)
    return projects


def _tell_faults(faults: Sequence[CellFault]) -> None:
    for fault in faults:
        echo(msg.cli.error_line(str(fault)), err=True)


def _tell_unread(sheets: Sequence[str]) -> None:
    if sheets:
        echo(other_sheets(sheets), err=True)


def assessed(
    checker: Checker, projects: Projects, *, offline: bool, scheme: str | None, on: str | None
) -> tuple[Assessment, ...]:
    """Check the place of each project, and its scheme or that of all."""
    known = _schemes(checker, scheme)
    addresses = any(one.placement.precision is Precision.ADDRESS for one in projects.projects)
    geocoder = geocoder_of(checker.settings, offline=offline, cached=True) if addresses else None
    chosen = known[0] if scheme is not None else None
    return assess(projects, checker=checker, schemes=known, scheme=chosen, on=on, geocoder=geocoder)


def _schemes(checker: Checker, scheme: str | None) -> Sequence[Scheme]:
    """Return the scheme named, or all schemes."""
    home, generations = checker.settings.home, checker.catalogue.registry.generations
    if scheme is not None:
        return (find_scheme(scheme, home, generations=generations),)
    return load_schemes(home, generations=generations)


def _write_summary(
    output: str | None, projects: Projects, assessments: Sequence[Assessment], answer: SumsToShow, checker: Checker
) -> str | None:
    found, divided = answer
    if output is not None and Path(output).suffix.lower() == ".png":
        return _write_series(output, projects, assessments, answer, checker)
    if output is None or Path(output).suffix.lower() == ".xlsx":
        return _write(output, projects, assessments, known_at_hand(checker.catalogue), answer)
    from qpv_geo.reports.sum_files import SumsFile, write_sums  # noqa: PLC0415 - needed for this option only

    drawn = {
        code: geometry
        for one in perimeters_at_hand(checker.catalogue)
        for code, geometry in zip(one.codes, one.geometry, strict=True)
    }
    write_sums(Path(output), SumsFile(projects.name, found, drawn, divided))
    echo(msg.reports.report_written(output), err=True)
    return output


def _write_series(
    output: str, projects: Projects, assessments: Sequence[Assessment], answer: SumsToShow, checker: Checker
) -> str:
    """Write the small multiples of sums by some key, then by year."""
    found, divided = answer
    from qpv_geo import maps  # noqa: PLC0415 - needed for this option only
    from qpv_geo.maps.framing import title_of  # noqa: PLC0415 - beside it

    if isinstance(found, Sums) or found.columns.by != "year":
        raise InputError(msg.series.needs_years(output))
    title = title_of(projects, assessments, known_at_hand(checker.catalogue))
    notes = judged(assessments, checker).notes
    with replaced(Path(output)) as beside:
        maps.series_picture(found, title=title, notes=notes, divided=divided).savefig(beside)
    echo(msg.reports.report_written(output), err=True)
    return output


def _write(
    output: str | None,
    projects: Projects,
    assessments: Sequence[Assessment],
    known: Known,
    answer: SumsToShow | None = None,
) -> str | None:
    if output is None:
        return None
    from qpv_geo.reports.workbook import write_workbook  # noqa: PLC0415 - needed for this option only

    if Path(output).suffix.lower() != ".xlsx":
        raise InputError(msg.reports.not_a_workbook(output))
    found, divided = answer or (None, ())
    write_workbook(Path(output), projects, assessments, known=known, found=found, divided=divided)
    echo(msg.reports.report_written(output), err=True)
    return output


# ── Showing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _show_sums(projects: Projects, found: Sums | CrossSums) -> None:
    every = (found,) if isinstance(found, Sums) else (found.rows, found.columns)
    echo(style(msg.reports.sums_title(projects.name, *(one.by for one in every)), bold=True))
    if isinstance(found, Sums):
        show_sums(found)
    else:
        show_cross_sums(found)
    if any(line.label == msg.projects.NEIGHBOURHOOD_NOT_STATED for one in every for line in one.lines):
        echo_paragraph(BY_QPV)


def _show_assessments(assessments: Sequence[Assessment], *, details: bool) -> None:
    """Print a line for each project or, with details, all that is known of it."""
    rows = [_columns(one) for one in assessments]
    widest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for one, (ident, word, codes) in zip(assessments, rows, strict=True):
        status = style(f"{word:<{widest[1]}}", fg=STATUS_COLOURS.get(str(one.status)), bold=True)
        room = WIDTH - sum(widest) - _GAPS
        title = one_line(one.project.title)
        title = title if len(title) <= room else f"{title[: room - 1]}…"
        echo(f"{ident:<{widest[0]}}  ", status, f"  {codes:<{widest[2]}}  ", title)
        if details:
            _show_details(one)
    echo()
    for line in msg.reports.counts(one.status for one in assessments):
        echo_paragraph(line)
    for command in sorted({one.verdict.remedy for one in assessments if one.verdict and one.verdict.remedy}):
        echo_paragraph(remedy(command))
    if not details:
        echo_paragraph(msg.reports.MORE_WITH_DETAILS)
    echo_paragraph(NOTICE)


def _columns(one: Assessment) -> tuple[str, str, str]:
    codes = ", ".join(one.codes)
    return (
        one_line(one.project.id),
        msg.reports.STATUS[one.status].upper(),
        codes if len(codes) < _MOST_CODES else f"{codes[:8]}…",
    )


def _show_details(one: Assessment) -> None:
    echo_paragraph(one.message if one.verdict is None else f"{one.message} [{msg.reports.BASIS[one.basis]}]")
    if one.verdict is not None and one.verdict.location.asked is not None:
        told = one.verdict.location.asked, asked.found(one.verdict), asked.compared(one.verdict)
        echo_facts(zip((msg.addresses.ASKED, msg.addresses.FOUND, ""), told, strict=True))
    if one.decision is not None:
        outcome = msg.schemes.OUTCOME[one.decision.outcome]
        echo("  ", style(outcome, fg=OUTCOME_COLOURS[one.decision.outcome]), f" : {one.decision.label}")
        for reason in one.decision.reasons:
            echo_paragraph(f"- {reason.text} [{reason.source.title}]", indent="    ")
    elif one.undecided is not None:
        echo_paragraph(one.undecided)
    for text in (one.recognised, *(one.course.messages if one.course else ())):
        if text is not None:
            echo_paragraph(text)
