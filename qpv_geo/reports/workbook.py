"""A workbook of funded projects: sums that reconcile, the projects, the verdicts on their places, and a legend.

Amounts, distances and years are numbers; texts are written as text, so that a title is never a formula. The same
content gives the same bytes.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.files import replaced
from qpv_geo.messages.colours import CELL as COLOURS
from qpv_geo.messages.colours import OUTCOME_CELL
from qpv_geo.messages.typography import joined
from qpv_geo.messages.verdicts import NOTICE
from qpv_geo.model import Status
from qpv_geo.perimeters.registry import registry
from qpv_geo.projects import KEYS, CrossSums, sums
from qpv_geo.projects.checks import answers
from qpv_geo.projects.judgement import judgement
from qpv_geo.reports import asked
from qpv_geo.reports.divided import DividedColumns
from qpv_geo.reports.sheets import EUROS, fill, fit
from qpv_geo.reports.sum_files import sums_table
from qpv_geo.tables.xlsx_book import PLAIN, BookWriter, Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from qpv_geo.projects import Line, Project, Projects, Sums
    from qpv_geo.projects.checks import Assessment
    from qpv_geo.projects.named_schemes import Course
    from qpv_geo.projects.neighbourhoods import Known
    from qpv_geo.projects.per_inhabitant import PerInhabitant
    from qpv_geo.reports.sheets import Cells

_TO_REVIEW = frozenset({Status.UNCERTAIN, Status.NOT_LOCATED})


def write_workbook(  # noqa: PLR0913 - options by keyword
    path: Path,
    projects: Projects,
    assessments: Sequence[Assessment] = (),
    *,
    known: Known | None = None,
    found: Sums | CrossSums | None = None,
    divided: Sequence[PerInhabitant] = (),
) -> None:
    """Write the workbook of a table of projects.

    Parameters
    ----------
    path
        File to write; an existing one is replaced.
    assessments
        Result of `qpv_geo.projects.checks.assess`; without it the sheet of verdicts is empty, and a point is "to
        review" in the sums by QPV.
    known
        Neighbourhoods and perimeters by name; by default the shipped ones.
    found
        Sums by two keys, for a sheet of their own before the others.
    divided
        Euros per inhabitant, for a sheet of their own after that one.

    Raises
    ------
    ReconciliationError
        The sums do not add up; nothing is written.
    FormatError
        More rows or characters than a sheet can hold.
    OSError
        The file cannot be written.
    """
    checked = answers(assessments)
    every = [sums(projects, by, known=known, **checked) for by in KEYS]
    with replaced(path) as beside:
        book = BookWriter(beside)
        crossed = found if isinstance(found, CrossSums) else None
        _write(book, _Content(projects, assessments, every, crossed, divided))


class _Content(NamedTuple):
    """What a workbook is of; see `write_workbook`."""

    projects: Projects
    assessments: Sequence[Assessment]
    every: Sequence[Sums]
    crossed: CrossSums | None
    divided: Sequence[PerInhabitant]


def _write(book: BookWriter, content: _Content) -> None:
    projects, assessments = content.projects, content.assessments
    try:
        if content.crossed is not None:
            _cross(book, content.crossed)
        if content.divided:
            _divide(book, content.divided)
        summary = book.sheet(msg.reports.SHEET_SUMMARY)
        above = _above(projects, assessments)
        for row, (label, text) in enumerate(above):
            summary.value(row, 0, label, Style(bold=True))
            summary.value(row, 1, text)
        fill(
            summary, msg.reports.SUMMARY, (line for one in content.every for line in _lines(one)), first=len(above) + 1
        )
        fill(book.sheet(msg.reports.SHEET_PROJECTS), msg.reports.PROJECTS, map(_project, projects.projects))
        firm = [one for one in assessments if one.status not in _TO_REVIEW]
        doubtful = [one for one in assessments if one.status in _TO_REVIEW]
        fill(book.sheet(msg.reports.SHEET_VERDICTS), msg.reports.VERDICTS, map(_verdict, firm))
        if doubtful:
            fill(book.sheet(msg.reports.SHEET_TO_REVIEW), msg.reports.TO_REVIEW, map(_to_review, doubtful))
        rows = (dict(zip(msg.reports.LEGEND, row, strict=True)) for row in _legend(content))
        fill(book.sheet(msg.reports.SHEET_LEGEND), msg.reports.LEGEND, rows)
        book.close()
    except BaseException:
        book.abort()
        raise


def _cross(book: BookWriter, crossed: CrossSums) -> None:
    """Write sums by two keys, with their totals in both directions."""
    by = msg.reports.BY[crossed.rows.by], msg.reports.BY[crossed.columns.by]
    sheet = book.sheet(msg.reports.crossed(*by))
    columns, rows = sums_table(crossed)
    fit(sheet, columns, rows)
    sheet.header(0, columns, wrap=True)
    for row, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells):
            style = Style(EUROS if isinstance(cell, Decimal) else PLAIN.number_format, bold=row == len(rows))
            sheet.value(row, column, cell, style)
    sheet.finish(0, len(rows), len(columns))


def _divide(book: BookWriter, divided: Sequence[PerInhabitant]) -> None:
    """Write euros per inhabitant, with the inhabitants that each generation is divided by."""
    per = DividedColumns(divided)
    columns = ("ligne", "code", "montant", *per.names)
    rows = (
        {"ligne": one.line.label, "code": one.line.code, **_amount(one.line), **per.record(one.line)} for one in divided
    )
    fill(book.sheet(msg.indicators.PER_INHABITANT), columns, rows)


def _amount(one: Line | Project) -> Cells:
    return {"montant": msg.reports.UNPUBLISHED if one.amount is None else one.amount}


def _above(projects: Projects, assessments: Sequence[Assessment]) -> tuple[tuple[str, str], ...]:
    total = msg.reports.workbook_total(len(projects.projects), projects.total, len(projects.unpublished))
    judged = judgement(assessments, registry())
    return (
        (msg.reports.LEGEND_FILE, projects.name),
        (msg.reports.TOTAL, total),
        *((msg.series.JUDGED, note) for note in judged.notes),
        *((msg.series.TO_INSTALL, command) for command in judged.remedies),
        (msg.reports.LEGEND_NOTICE, NOTICE),
    )


# ── Rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _lines(found: Sums) -> Iterator[Cells]:
    """Return the lines of a sum, then its total."""
    for line in found.lines:
        yield {
            "regroupement": msg.reports.BY[found.by],
            "ligne": line.label,
            "code": line.code,
            "nature": msg.reports.LINE_KIND[line.kind] or None,
            "projets": line.count,
            **_amount(line),
            "part": float(line.amount / found.total) if line.amount is not None and found.total else None,
            "montants non publiés": len(line.unpublished),
        }
    yield {
        "regroupement": msg.reports.BY[found.by],
        "ligne": msg.reports.TOTAL,
        "projets": found.count,
        "montant": msg.reports.UNPUBLISHED if found.total is None else found.total,
        "part": 1 if found.total else None,
        "montants non publiés": len(found.unpublished),
        "bold": True,
    }


def _project(project: Project) -> Cells:
    place = project.placement
    return {
        "id": project.id,
        "intitulé": project.title,
        "porteur": project.lead,
        "dispositif": project.scheme,
        "année": project.year,
        **_amount(project),
        "thèmes": joined(project.themes) or None,
        "financeurs": joined(msg.reports.funded(one.funder, one.amount) for one in project.funding) or None,
        "quartiers": place.everywhere or joined(place.neighbourhoods) or None,
        "codes déclarés": joined(place.codes) or None,
        "adresse": place.address,
        "longitude": place.lon,
        "latitude": place.lat,
        "ligne du fichier": project.line,
    }


def _verdict(one: Assessment) -> Cells:
    told: Cells = {
        "id": one.project.id,
        "intitulé": one.project.title,
        "réponse": msg.reports.STATUS[one.status],
        "fondement": msg.reports.BASIS[one.basis],
        "qpv_code": joined(one.codes) or None,
        "explication": one.message,
        "raisons": one.undecided,
        "reconnu": one.recognised,
        **_course(one.course),
        "colours": {"réponse": COLOURS.get(str(one.status))},
    }
    if one.verdict is not None:
        told |= {
            "motif": msg.cli.REASON[one.verdict.reason],
            "part en QPV": one.verdict.share_inside,
            "distance_m": one.verdict.distance_m,
            "date": date.fromisoformat(one.verdict.on),
            "génération": one.verdict.generation,
            "empreinte numérique": one.verdict.evidence.digest,
        }
        if one.verdict.location.asked is not None:
            told |= {
                "demandé": one.verdict.location.asked,
                "trouvé": asked.found(one.verdict),
                "comparaison": asked.compared(one.verdict) or None,
            }
    if one.decision is not None:
        told |= {
            "dispositif vérifié": one.decision.label,
            "décision": msg.reports.OUTCOME[one.decision.outcome],
            "raisons": " ".join(f"{reason.text} [{reason.source.title}]" for reason in one.decision.reasons),
        }
        told["colours"]["décision"] = OUTCOME_CELL[one.decision.outcome]
    return told


def _to_review(one: Assessment) -> Cells:
    remedy = one.verdict.remedy if one.verdict is not None else None
    command = None if remedy is None else msg.cli.remedy(remedy)
    return {**_verdict(one), **_amount(one.project), "à installer": command, "adresse": one.project.placement.address}


def _course(course: Course | None) -> Cells:
    if course is None:
        return {}
    dated = joined(msg.projects.step_dated(step, day) for step, day in course.dated.items())
    return {"étapes": dated or None, "suivi": " ".join(course.messages) or None}


def _legend(content: _Content) -> Iterator[tuple[str | None, str, str]]:
    projects, assessments = content.projects, content.assessments
    yield None, msg.reports.LEGEND_NOTICE, NOTICE
    generations = DividedColumns(content.divided).generations
    sheets: dict[str, Mapping[str, str]] = {
        msg.indicators.PER_INHABITANT: msg.indicators.divided_columns(generations) if content.divided else {},
        msg.reports.SHEET_SUMMARY: msg.reports.SUMMARY,
        msg.reports.SHEET_PROJECTS: msg.reports.PROJECTS,
        msg.reports.SHEET_VERDICTS: msg.reports.VERDICTS,
        msg.reports.SHEET_TO_REVIEW: msg.reports.TO_REVIEW,
    }
    for sheet, columns in sheets.items():
        for column, meaning in columns.items():
            yield sheet, column, meaning
    yield None, msg.reports.LEGEND_FILE, projects.name
    if projects.ignored:
        yield None, msg.reports.LEGEND_IGNORED, joined(projects.ignored)
    for source in dict.fromkeys(_sources(assessments)):
        yield None, msg.reports.LEGEND_SOURCE, source
    yield None, msg.reports.LEGEND_SOFTWARE, f"qpv-geo {__version__}"


def _sources(assessments: Iterable[Assessment]) -> Iterator[str]:
    """Return the sources of verdicts and decisions."""
    for one in assessments:
        evidence = one.verdict.evidence if one.verdict is not None else None
        if evidence is not None and evidence.title is not None:
            yield msg.reports.dataset(
                evidence.title, evidence.source, evidence.edition, evidence.licence, evidence.sha256
            )
            yield from evidence.decrees
        if one.decision is not None:
            for reason in one.decision.reasons:
                yield f"{reason.source.title}{f', {reason.source.url}' if reason.source.url else ''}"
