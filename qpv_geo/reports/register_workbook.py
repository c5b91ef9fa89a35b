"""Workbooks of the register: the checks that were kept, and those that a recheck found to have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.files import PRIVATE, replaced
from qpv_geo.messages.verdicts import NOTICE
from qpv_geo.register.tabulated import case_row, changed_row
from qpv_geo.reports.sheets import fill
from qpv_geo.tables.xlsx_book import BookWriter, Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from qpv_geo.register.recheck import RecheckReport
    from qpv_geo.register.store import Case

    Rows = Iterable[dict[str, Any]]


def write_checks(path: Path, cases: Iterable[Case]) -> None:
    """Write checks as a workbook that only its owner can read.

    Raises
    ------
    FormatError
        More rows or characters than a sheet can hold.
    OSError
        The file cannot be written.
    """
    _write(path, msg.register.SHEET_CHECKS, msg.register.CHECK_COLUMNS, map(case_row, cases), [])


def write_recheck(path: Path, report: RecheckReport) -> None:
    """Write the result of a recheck as a workbook that only its owner can read.

    Raises
    ------
    FormatError, OSError
        As `write_checks`.
    """
    above = [(msg.register.CHANGE[change], count) for change, count in report.counts.items()]
    above += [(msg.register.PURGED_COUNT, report.purged)] if report.purged else []
    rows = map(changed_row, report.changed)
    _write(path, msg.register.SHEET_RECHECK, msg.register.RECHECK_COLUMNS, rows, above)


def _write(path: Path, name: str, columns: Mapping[str, str], rows: Rows, above: Sequence[tuple[str, int]]) -> None:
    with replaced(path, mode=PRIVATE) as beside:
        book = BookWriter(beside)
        try:
            sheet = book.sheet(name)
            for row, (label, count) in enumerate(above):
                sheet.value(row, 0, label, Style(bold=True))
                sheet.value(row, 1, count)
            fill(sheet, columns, rows, first=len(above) + 1 if above else 0)
            fill(book.sheet(msg.reports.SHEET_LEGEND), msg.reports.LEGEND, _legend(name, columns))
            book.close()
        except BaseException:
            book.abort()
            raise


def _legend(name: str, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    lines: list[tuple[str | None, str, str]] = [(None, msg.reports.LEGEND_NOTICE, NOTICE)]
    lines += [(name, column, meaning) for column, meaning in columns.items()]
    lines.append((None, msg.reports.LEGEND_SOFTWARE, f"qpv-geo {__version__}"))
    return (dict(zip(msg.reports.LEGEND, line, strict=True)) for line in lines)
