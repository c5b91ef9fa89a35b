"""`qpv projects summary` and `check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.cli.show import OUTCOME_COLOURS, STATUS_COLOURS, echo, echo_facts, echo_json, echo_paragraph, style
from qpv_geo.cli.sum_tables import show_cross_sums, show_sums
from qpv_geo.eligibility.check import default_checker
from qpv_geo.errors import InputError
from qpv_geo.geocoding.resolve import geocoder_of
from qpv_geo.messages.batch import other_sheets
from qpv_geo.messages.cli import remedy
from qpv_geo.messages.projects import BY_QPV
from qpv_geo.messages.verdicts import NOTICE
from qpv_geo.projects import Precision, ProjectsError, Sums, cross_sums, read_projects, sums
from qpv_geo.projects.checks import answers, assess, known_at_hand
from qpv_geo.projects.columns import looks_like_a_step
from qpv_geo.reports import asked
from qpv_geo.schemes.load import find_scheme, load_schemes
from qpv_geo.tables.protocol import ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.projects import CrossSums, Projects
    from qpv_geo.projects.checks import Assessment
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.schemes.model import Scheme

WRONG = 2
_MOST_KEYS = 2
_PLACED = frozenset({"qpv", "commune"})
"""Keys for which the place of a project is checked."""


def summary(source: str, layer: str | None, by: tuple[str, ...], output: str | None, offline: bool, shape: str) -> int:

    if len(set(by)) != len(by) or len(by) > _MOST_KEYS:
        raise InputError(msg.reports.too_many_keys(by))
    checker = default_checker()
    projects = projects_in(source, layer, _schemes(checker, None))
    if projects is None:
        return WRONG
    placed = output is not None or not _PLACED.isdisjoint(by)
    assessments = _assess(checker, projects, offline=offline, scheme=None, on=None) if placed else ()
    known = known_at_hand(checker.catalogue)
    told = answers(assessments)
    found = cross_sums(projects, *by, known=known, **told) if len(by) > 1 else sums(projects, *by, known=known, **told)
    written = _write(output, projects, assessments, known)
    if shape == "json":
        echo_json({"file": projects.name, **found.to_dict(), "output": written, "notice": NOTICE})
    else:
        _show_sums(projects, found)
    return 0


def check(
    source: str, layer: str | None, scheme: str | None, on: str | None, output: str | None, offline: bool, shape: str
) -> int:

    checker = default_checker()
    projects = projects_in(source, layer, _schemes(checker, scheme))
    if projects is None:
        return WRONG
    assessments = _assess(checker, projects, offline=offline, scheme=scheme, on=on)
    written = _write(output, projects, assessments, known_at_hand(checker.catalogue))
    if shape == "json":
        told = [one.to_dict() for one in assessments]
        echo_json({"file": projects.name, "projects": told, "output": written, "notice": NOTICE})
    else:
        _show_assessments(assessments)
    return 0


# ── Doing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def projects_in(source: str, layer: str | None, schemes: Sequence[Scheme] = ()) -> Projects | None:
    """Return the projects of a file, with the steps of some schemes; if it has faults, print them and return None."""
    steps = list(dict.fromkeys(step.id for one in schemes for step in one.steps))
    try:
        projects = read_projects(source, reading=ReadingOptions(layer=layer), steps=steps)
    except ProjectsError as error:
        for fault in error.faults:
            echo(msg.cli.error_line(str(fault)), err=True)
        echo(msg.cli.error_line(msg.reports.nothing_read(source, len(error.faults))), err=True)
        _tell_unread(error.unread)
        return None
    unknown = [name for name in projects.ignored if schemes and looks_like_a_step(name)]
    if unknown:
        echo(msg.projects.unknown_steps(unknown, steps), err=True)
    if left := [name for name in projects.ignored if name not in unknown]:
        echo(msg.reports.ignored_columns(left), err=True)
    _tell_unread(projects.unread)
    return projects


def _tell_unread(sheets: Sequence[str]) -> None:
    if sheets:
        echo(other_sheets(sheets), err=True)


def _assess(
    checker: Checker, projects: Projects, *, offline: bool, scheme: str | None, on: str | None
) -> tuple[Assessment, ...]:

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


def _write(output: str | None, projects: Projects, assessments: Sequence[Assessment], known: Known) -> str | None:
    if output is None:
        return None
    from qpv_geo.reports.workbook import write_workbook  # noqa: PLC0415 - needed for this option only

    if Path(output).suffix.lower() != ".xlsx":
        raise InputError(msg.reports.not_a_workbook(output))
    write_workbook(Path(output), projects, assessments, known=known)
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
    if any(one.by == "quartier" and any(line.kind == "not_stated" for line in one.lines) for one in every):
        echo_paragraph(BY_QPV)
    echo_paragraph(NOTICE)


def _show_assessments(assessments: Sequence[Assessment]) -> None:
    for one in assessments:
        word = style(msg.reports.STATUS[one.status].upper(), fg=STATUS_COLOURS.get(str(one.status)), bold=True)
        echo(f"{one.project.id}  ", word, f"  {one.project.title}")
        echo_paragraph(f"{one.message} [{msg.reports.BASIS[one.basis]}]")
        if one.verdict is not None and one.verdict.location.asked is not None:
            told = one.verdict.location.asked, asked.found(one.verdict), asked.compared(one.verdict)
            echo_facts(zip((msg.addresses.ASKED, msg.addresses.FOUND, ""), told, strict=True))
        if one.decision is not None:
            outcome = msg.schemes.OUTCOME[one.decision.outcome]
            echo("  ", style(outcome, fg=OUTCOME_COLOURS[one.decision.outcome]), f" : {one.decision.label}")
            for reason in one.decision.reasons:
                echo_paragraph(f"- {reason.text} [{reason.source.title}]", indent="    ")
        elif one.undecided is not None:
            echo_paragraph(one.undecided)
        for text in (one.recognised, *(one.course.messages if one.course else ())):
            if text is not None:
                echo_paragraph(text)
    echo()
    for line in msg.reports.counts(one.status for one in assessments):
        echo_paragraph(line)
    for command in sorted({one.verdict.remedy for one in assessments if one.verdict and one.verdict.remedy}):
        echo_paragraph(remedy(command))
    echo_paragraph(NOTICE)
