"""Keep the rows of a file: a block in one transaction, once, even if the run is stopped and resumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo.batch import values
from qpv_geo.batch.scheme_columns import questions_of
from qpv_geo.errors import QpvGeoError
from qpv_geo.register.drafts import Labels
from qpv_geo.schemes.evaluate import decide_schemes
from qpv_geo.schemes.records import with_schemes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from qpv_geo.batch.answers import Keep
    from qpv_geo.batch.options import BatchOptions
    from qpv_geo.batch.rows import RowFault, RowQuestions
    from qpv_geo.batch.run import Run
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.model import Verdict
    from qpv_geo.register.store import Register
    from qpv_geo.schemes.bulk_outcomes import SchemeQuestion
    from qpv_geo.tables.protocol import RowBatch


class RowKeeper:
    """Keeps the verdicts on the rows of one or more runs that have an answer.

    Attributes
    ----------
    count
        Number of rows kept.
    """

    def __init__(self, register: Register, checker: Checker) -> None:
        self._register, self._checker = register, checker
        self.count = 0

    def keeping(self, run: Run, run_id: str) -> Keep:
        """Return what keeps each block of a run, once for the same id."""

        def keep(
            block: RowBatch, rows: RowQuestions, found: Mapping[int, GeocodingResult], faults: Mapping[int, RowFault]
        ) -> None:
            column = run.columns.case
            cases = None if column is None else values.texts(block.column(column))
            labels = run.options.kept or {}
            kept = [
                (
                    verdict.to_dict(),
                    Labels(
                        service=labels.get("service"),
                        by=labels.get("by"),
                        case=None if cases is None else cases[row] or None,
                        origin=f"{run_id}:{block.start + row}",
                    ),
                )
                for row, verdict in self._verdicts(run.options, questions_of(rows, found, set(faults))).items()
            ]
            self.count += len(self._register.keep(kept))

        return keep

    def _verdicts(self, options: BatchOptions, asked: Mapping[int, SchemeQuestion]) -> dict[int, Verdict]:
        """Return the verdict on each row, with its schemes, in the order of the rows."""
        by_day: dict[date, list[int]] = {}
        for row, one in asked.items():
            by_day.setdefault(one.day, []).append(row)
        told: dict[int, Verdict] = {}
        for day, rows in by_day.items():
            check_options = self._checker.check_options(on=day, generation=options.generation, kinds=options.kinds)
            verdicts = self._checker.check_all([asked[row].place for row in rows], check_options)
            for row, verdict in zip(rows, verdicts, strict=True):
                if not isinstance(verdict, QpvGeoError):
                    told[row] = self._with_schemes(options.schemes, verdict, asked[row].amount)
        return {row: told[row] for row in sorted(told)}

    def _with_schemes(self, ids: Sequence[str], verdict: Verdict, amount: float | None) -> Verdict:
        return with_schemes(verdict, decide_schemes(ids, verdict, checker=self._checker, amount=amount))
