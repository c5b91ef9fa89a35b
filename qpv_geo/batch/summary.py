"""Summarise a table of answers: rows by status, by reason and by quartier, and rows without an answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from qpv_geo import messages as msg
from qpv_geo.batch.rows import RowStatus
from qpv_geo.model import Reason, Status
from qpv_geo.tables.protocol import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

UNANSWERED = (Status.NOT_LOCATED.value, RowStatus.ERROR.value)
"""Statuses of rows without an answer."""
_TO_VERIFY = (Status.UNCERTAIN.value, *UNANSWERED)
"""Statuses of rows that someone has to look at."""
_MOST_LISTED = 1_000
_STATUS_ORDER = [*(one.value for one in Status), RowStatus.ERROR.value]


@dataclass(frozen=True)
class Unanswered:
    """A row without an answer: its row number in the file, and why."""

    row: int
    status: str
    reason: str
    message: str


@dataclass
class Summary:
    """The counts of a table, added up block by block.

    Attributes
    ----------
    notes
        Notes on how the file is read, in French.
    rows
        Number of rows.
    statuses
        Number of rows by status.
    reasons
        Number of rows by status and reason.
    quartiers
        Number of rows by code and name of the perimeter, and status.
    unanswered
        The first rows without an answer; `unanswered_count` is their number.
    examples
        The first message of each reason.
    uncovered
        Generations whose perimeters do not cover the place of some row.
    remedies
        Commands for the administrator that install what some rows lack.
    """

    first_row: int = 1
    notes: list[str] = field(default_factory=list)
    rows: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    quartiers: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    unanswered: list[Unanswered] = field(default_factory=list)
    examples: dict[str, str] = field(default_factory=dict)
    uncovered: set[str] = field(default_factory=set)
    remedies: list[str] = field(default_factory=list)

    def add(self, start: int, answers: pa.RecordBatch) -> None:
        """Add the answers to a block that starts at a row, counted from 0."""
        self.rows += len(answers)
        columns = ("qpv_status", "qpv_reason", "qpv_code", "qpv_nom", "qpv_generation")
        for (status, reason, code, name, generation), count in _counted(answers, *columns):
            self.statuses[status] += count
            if reason == Reason.NOT_COVERED and generation is not None:
                self.uncovered.add(generation)
            self.reasons[status, reason] += count
            if reason not in self.examples:
                first = pc.index(answers["qpv_reason"], reason).as_py()
                self.examples[reason] = answers["qpv_message"][first].as_py()
            if code is not None:
                self.quartiers[code, name, status] += count
        room = _MOST_LISTED - len(self.unanswered)
        if room > 0:
            some = unanswered(start + self.first_row, answers)
            self.unanswered += [one for one, _ in zip(some, range(room), strict=False)]

    def add_file(self, name: str, other: Summary) -> None:
        """Add the summary of a file of a folder."""
        self.rows += other.rows
        self.notes += [note for note in other.notes if note not in self.notes]
        self.statuses += other.statuses
        self.reasons += other.reasons
        self.quartiers += other.quartiers
        self.examples = other.examples | self.examples
        self.uncovered |= other.uncovered
        self.remedies += [one for one in other.remedies if one not in self.remedies]
        room = _MOST_LISTED - len(self.unanswered)
        self.unanswered += [replace(one, message=f"{name} : {one.message}") for one in other.unanswered[:room]]

    @property
    def unanswered_count(self) -> int:
        """The number of rows without an answer."""
        return sum(self.statuses[status] for status in UNANSWERED)

    def by_status(self) -> list[tuple[str, int, float]]:
        """Return each status, its number of rows and their share, in the order of the documentation."""
        counts = [(status, self.statuses[status]) for status in _STATUS_ORDER if self.statuses[status]]
        return [(status, count, count / self.rows) for status, count in counts]

    def by_reason(self) -> list[tuple[str, str, int, float]]:
        """Return each status and reason, its number of rows and their share, most frequent first within a status."""
        items = sorted(self.reasons.items(), key=lambda item: (_STATUS_ORDER.index(item[0][0]), -item[1], item[0][1]))
        return [(status, reason, count, count / self.rows) for (status, reason), count in items]

    def by_quartier(self) -> list[tuple[str, str, int, int]]:
        """Return the code and the name of each perimeter, and its numbers of rows inside and uncertain."""
        places = sorted({(code, name) for code, name, _ in self.quartiers})
        inside, uncertain = Status.INSIDE.value, Status.UNCERTAIN.value
        return [
            (code, name, self.quartiers[code, name, inside], self.quartiers[code, name, uncertain])
            for code, name in places
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        return {
            "rows": self.rows,
            "notes": self.notes,
            "by_status": [{"status": s, "count": n, "share": round(part, 6)} for s, n, part in self.by_status()],
            "by_reason": [
                {"status": s, "reason": r, "count": n, "share": round(part, 6)} for s, r, n, part in self.by_reason()
            ],
            "by_quartier": [
                {"code": code, "name": name, "inside": inside, "uncertain": uncertain}
                for code, name, inside, uncertain in self.by_quartier()
            ],
            "unanswered": {"count": self.unanswered_count, "rows": [vars(one) for one in self.unanswered]},
            "remedies": self.remedies,
        }


def to_verify(answers: pa.RecordBatch, statuses: Sequence[str] = _TO_VERIFY) -> list[int]:
    """Return the rows of a block that someone has to look at, from 0."""
    rows: list[int] = pc.indices_nonzero(pc.is_in(answers["qpv_status"], value_set=pa.array(statuses))).to_pylist()
    return rows


def unanswered(first: int, answers: pa.RecordBatch, statuses: Sequence[str] = UNANSWERED) -> Iterator[Unanswered]:
    """Return the rows of a block with such statuses; `first` is the number of its first row."""
    for row in to_verify(answers, statuses):
        words = (answers[name][row].as_py() for name in ("qpv_status", "qpv_reason", "qpv_message"))
        yield Unanswered(first + row, *words)


def sheets(
    summary: Summary,
    all_answers: Iterable[tuple[int, pa.RecordBatch]],
    asked: Callable[[int], Sequence[str | None]],
    kinds: Sequence[str] = ("qpv",),
) -> list[Sheet]:
    """Return the extra sheets of a workbook.

    Parameters
    ----------
    all_answers
        Each block after the row at which it starts.
    asked
        What the rows to verify ask, in order, of the block that starts at a row.
    """
    answer, of_reason, told = msg.batch.status_words(kinds), msg.batch.REASON.get, msg.batch_sheets
    every = (
        (one.row, words, answer[one.status], of_reason(one.reason, one.reason), one.message, _to_do(one.reason))
        for start, answers in all_answers
        for one, words in zip(unanswered(start + summary.first_row, answers, _TO_VERIFY), asked(start), strict=True)
    )
    words = [(answer[status], count, share) for status, count, share in summary.by_status()]
    reasons = [(answer[s], of_reason(r, r), count, share) for s, r, count, share in summary.by_reason()]
    totals = [(msg.batch.TOTAL, summary.rows, 1.0 if summary.rows else None)]
    return [
        Sheet(told.SHEET_SUMMARY, told.SUMMARY_COLUMNS, [*words, *totals], shares=(2,), coloured=0),
        Sheet(told.SHEET_REASONS, told.REASONS_COLUMNS, reasons, shares=(3,), coloured=0),
        Sheet(told.SHEET_QUARTIERS, told.QUARTIERS_COLUMNS, summary.by_quartier()),
        Sheet(told.SHEET_UNANSWERED, told.UNANSWERED_COLUMNS, every, coloured=2),
        Sheet(told.SHEET_LEGEND, told.LEGEND_COLUMNS, told.LEGEND),
    ]


def _to_do(reason: str) -> str | None:
    return msg.to_do.TO_DO.get(reason)


def _counted(answers: pa.RecordBatch, *names: str) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Return the number of rows of each combination of values."""
    grouped = pa.Table.from_batches([answers]).select(list(names)).group_by(list(names)).aggregate([([], "count_all")])
    for row in grouped.to_pylist():
        yield tuple(row[name] for name in names), row["count_all"]
