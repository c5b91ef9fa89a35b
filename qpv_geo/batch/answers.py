"""Answer a block of rows, as columns to write next to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.batch.answer_columns import BlockAnswers, answer_schema, fault_of, with_own_results, written_answers
from qpv_geo.batch.corrections import chosen_in, refuse_unfound
from qpv_geo.batch.rows import RowFault, RowQuestions, read_rows
from qpv_geo.eligibility.bulk import answer_addresses, answer_place, answer_points
from qpv_geo.eligibility.location import site_place
from qpv_geo.eligibility.table import AnswerTable
from qpv_geo.errors import InputError, MissingPerimetersError, QpvGeoError
from qpv_geo.model import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray
    from pyproj import CRS

    from qpv_geo.batch.rows import RowOptions
    from qpv_geo.batch.scheme_columns import SchemeColumns
    from qpv_geo.eligibility.applicable import CheckOptions
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.errors import MissingError
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.tables.protocol import RowBatch
    from qpv_geo.untyped import Geometry

    Find = Callable[[Sequence[Query]], Callable[[], Mapping[Query, GeocodingResult | MissingError]]]
    """Starts finding addresses, and returns a function that waits for all of them."""

    Keep = Callable[[RowBatch, RowQuestions, Mapping[int, GeocodingResult], Mapping[int, RowFault]], None]
    """Keeps the answers to a block: its rows, what they ask, what was found for their addresses, and their faults."""


@dataclass(frozen=True, eq=False)
class _Begun:
    """A block whose addresses are being found."""

    block: RowBatch
    rows: RowQuestions
    queries: dict[int, Query]
    chosen: dict[int, Query]
    found: Callable[[], Mapping[Query, GeocodingResult | MissingError]]


class Answerer:
    """Answers blocks of one table.

    Parameters
    ----------
    checker
        Makes the decisions.
    row_options
        Options common to all rows.
    source_crs
        CRS of the geometries of the table.
    find
        Finds addresses; None if the table has none.
    schemes
        Columns of the schemes asked, if any.
    keep
        Called once a block is answered, before its answers are returned.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a table is answered with
        self,
        checker: Checker,
        row_options: RowOptions,
        source_crs: CRS | None,
        find: Find | None,
        schemes: SchemeColumns | None = None,
        keep: Keep | None = None,
    ) -> None:
        self._checker, self.row_options, self._crs, self._find = checker, row_options, source_crs, find
        self._schemes, self._keep = schemes, keep
        self._of_places = answer_schema(addresses=bool(row_options.columns.address))
        self.schema = answer_schema(addresses=bool(row_options.columns.address), schemes=schemes)

    def answers(self, blocks: Iterable[RowBatch]) -> Iterator[tuple[RowBatch, pa.RecordBatch]]:
        """Return blocks with their answers, one row each, in the same order.

        The addresses of a block are being found while the previous block is answered.
        """
        begun: _Begun | None = None
        for block in blocks:
            following = self._begin(block)
            if begun is not None:
                yield begun.block, self._answer(begun)
            begun = following
        if begun is not None:
            yield begun.block, self._answer(begun)

    def _begin(self, block: RowBatch) -> _Begun:
        rows = read_rows(block, self.row_options, self._crs)
        queries = {row: query for row, query in rows.queries.items() if row not in rows.faults}
        chosen = chosen_in(block, self.row_options.corrections, queries)
        queries |= chosen
        if not queries or self._find is None:
            return _Begun(block, rows, {}, {}, dict)
        return _Begun(block, rows, queries, chosen, self._find(list(dict.fromkeys(queries.values()))))

    def _answer(self, begun: _Begun) -> pa.RecordBatch:
        block, rows = begun.block, begun.rows
        answers = BlockAnswers(AnswerTable(len(block)), self.row_options.messages, dict(rows.faults), {})
        answers.statements = self._checker.catalogue.registry.statements
        self._answer_points(rows, answers)
        for row, site in rows.sites.items():
            if row not in rows.faults:
                self._answer_site(row, site, rows.day(row), answers)
        self._answer_addresses(begun.queries, rows, begun.found(), answers)
        for row in begun.chosen.keys() & answers.told.keys():
            answers.told[row] = msg.row_errors.chosen(begun.chosen[row].text, answers.told[row])
        if self._keep is not None:
            self._keep(block, rows, answers.found, answers.faults)
        written = written_answers(answers, self._of_places, msg.batch.status_words(self.row_options.kinds))
        refuse_unfound(block.start, begun.chosen, written)
        if self.row_options.results:
            written = with_own_results(written, block, self.row_options.results, rows)
        if self._schemes is None:
            return written
        columns = self._schemes.columns(rows, answers.found, answers.faults)
        return pa.record_batch([*written.columns, *columns], schema=self.schema)

    def _check_options(self, day: date) -> CheckOptions:
        row_options = self.row_options
        return self._checker.check_options(
            on=day, generation=row_options.generation, kinds=row_options.kinds, perimeters=row_options.perimeters
        )

    def _answer_points(self, rows: RowQuestions, answers: BlockAnswers) -> None:
        points = rows.points
        territory = crs.territory_index(lon=rows.lon[points], lat=rows.lat[points])
        for day, some in _by_day(rows, points):
            for k in np.unique(territory[some]):
                mine = points[some][territory[some] == k]
                try:
                    table = answer_points(
                        self._checker.contexts,
                        rows.lon[mine],
                        rows.lat[mine],
                        rows.accuracy_m[mine],
                        self._check_options(day),
                        messages=self.row_options.messages,
                    )
                except QpvGeoError as error:
                    answers.faults.update(dict.fromkeys(mine.tolist(), fault_of(error)))
                else:
                    answers.table.put_table(mine, table)

    def _answer_site(self, row: int, site: Geometry, day: date, answers: BlockAnswers) -> None:
        try:
            answers.put(row, answer_place(self._checker.contexts, site_place(site), self._check_options(day)))
        except (InputError, MissingPerimetersError) as error:
            answers.put(row, error)

    def _answer_addresses(
        self,
        queries: dict[int, Query],
        rows: RowQuestions,
        found: Mapping[Query, GeocodingResult | MissingError],
        answers: BlockAnswers,
    ) -> None:
        """Answer each address once per date, then copy the answer to its rows."""
        asked: dict[tuple[date, Query], list[int]] = {}
        for row, query in queries.items():
            one = found[query]
            if isinstance(one, QpvGeoError):
                answers.put(row, RowFault(Reason.MISSING_ADDRESSES, msg.row_errors.no_addresses(query.text)))
            else:
                answers.found[row] = one
                asked.setdefault((rows.day(row), query), []).append(row)
        for day in {day for day, _ in asked}:
            mine = [query for of_day, query in asked if of_day == day]
            known = [_known(found[query]) for query in mine]
            told = answer_addresses(self._checker.contexts, known, self._check_options(day))
            for query, one_told in zip(mine, told, strict=True):
                for row in asked[day, query]:
                    answers.put(row, one_told)


def _known(found: GeocodingResult | MissingError) -> GeocodingResult:
    if isinstance(found, QpvGeoError):
        raise found
    return found


def _by_day(rows: RowQuestions, points: NDArray[np.int64]) -> Iterable[tuple[date, NDArray[np.int64]]]:
    """Return each date with the positions, in `points`, of its rows."""
    if not len(points):
        return []
    if not isinstance(rows.days, list):
        return [(rows.day(0), np.arange(len(points)))]
    by_day: dict[date, list[int]] = {}
    for k, row in enumerate(points.tolist()):
        by_day.setdefault(rows.day(row), []).append(k)
    return [(day, np.array(some)) for day, some in by_day.items()]
