"""Answer a block of rows, as columns to write next to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.batch import values
from qpv_geo.batch.corrections import chosen_in, refuse_unfound
from qpv_geo.batch.rows import RowFault, RowQuestions, RowReason, RowStatus, read_rows
from qpv_geo.eligibility.bulk import PlaceAnswer, answer_addresses, answer_place, answer_points
from qpv_geo.eligibility.location import site_place
from qpv_geo.eligibility.table import AnswerTable
from qpv_geo.errors import DateError, InputError, MissingPerimetersError, QpvGeoError
from qpv_geo.geocoding.protocol import MatchType
from qpv_geo.model import Reason, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray
    from pyproj import CRS

    from qpv_geo.batch.rows import RowOptions
    from qpv_geo.batch.scheme_columns import SchemeColumns
    from qpv_geo.eligibility.applicable import CheckOptions
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.eligibility.sentences import Messages
    from qpv_geo.errors import MissingError
    from qpv_geo.geocoding.protocol import Candidate, Match, Query
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.model import Location
    from qpv_geo.tables.protocol import RowBatch
    from qpv_geo.untyped import Geometry

    Find = Callable[[Sequence[Query]], Callable[[], Mapping[Query, GeocodingResult | MissingError]]]
    """Starts finding addresses, and returns a function that waits for all of them."""

    Keep = Callable[[RowBatch, RowQuestions, Mapping[int, GeocodingResult], Mapping[int, RowFault]], None]
    """Keeps the answers to a block: its rows, what they ask, what was found for their addresses, and their faults."""

QPV_COLUMNS = pa.schema(
    [
        ("qpv_reponse", pa.string()),
        ("qpv_message", pa.string()),
        ("qpv_code", pa.string()),
        ("qpv_nom", pa.string()),
        ("qpv_status", pa.string()),
        ("qpv_reason", pa.string()),
        ("qpv_part", pa.float64()),
        ("qpv_distance_m", pa.float64()),
        ("qpv_generation", pa.string()),
    ]
)
"""Answer columns of every row: the answer in French, then what programs read."""
_SHORT = frozenset({"qpv_reponse", "qpv_message", "qpv_code", "qpv_nom", "result_label"})
"""Columns for people; those of the schemes are too."""

_RESULTS: dict[str, tuple[pa.DataType, Callable[[Candidate | _ShownPlace], Any]]] = {
    "result_label": (pa.string(), attrgetter("label")),
    "result_score": (pa.float64(), attrgetter("score")),
    "result_type": (pa.string(), lambda candidate: str(candidate.type)),
    "result_id": (pa.string(), attrgetter("id")),
    "result_housenumber": (pa.string(), attrgetter("housenumber")),
    "result_street": (pa.string(), attrgetter("street")),
    "result_postcode": (pa.string(), attrgetter("postcode")),
    "result_city": (pa.string(), attrgetter("city")),
    "result_citycode": (pa.string(), attrgetter("citycode")),
    "result_longitude": (pa.float64(), attrgetter("lon")),
    "result_latitude": (pa.float64(), attrgetter("lat")),
}
RESULT_COLUMNS = pa.schema(
    [
        *((name, kind) for name, (kind, _) in _RESULTS.items()),
        ("result_status", pa.string()),
        ("result_match", pa.string()),
    ]
)
"""Result columns of addresses, named as by the national service, with the agreement of their parts."""


def own_results(names: Sequence[str], schema: pa.Schema) -> dict[str, int]:
    """Return the positions of the result columns that a table already has, by name."""
    return {name: list(names).index(name) for name in RESULT_COLUMNS.names if name in names and name in schema.names}


def answer_schema(*, addresses: bool, schemes: SchemeColumns | None = None) -> pa.Schema:
    """Return the names and types of the answers to a table, with or without addresses and schemes."""
    of_schemes = () if schemes is None else schemes.schema
    return pa.schema([*QPV_COLUMNS, *(RESULT_COLUMNS if addresses else ()), *of_schemes])


def shortened(schema: pa.Schema) -> list[str]:
    """Return the names of the answer columns for people."""
    technical = {*QPV_COLUMNS.names, *RESULT_COLUMNS.names} - _SHORT
    return [name for name in schema.names if name not in technical]


_NAMES_NOTHING = frozenset({Reason.WEAK_MATCH, Reason.NO_MATCH, Reason.MISSING_ADDRESSES})
"""Reasons for which the location of an answer may not be the one meant."""


@dataclass(eq=False)
class _Answers:
    """The answers to the rows of a block, filled in any order."""

    table: AnswerTable
    messages: Messages
    faults: dict[int, RowFault]
    found: dict[int, GeocodingResult]
    told: dict[int, str] = field(default_factory=dict)
    named: dict[int, Location] = field(default_factory=dict)

    def put(self, row: int, told: PlaceAnswer | QpvGeoError | RowFault) -> None:
        if isinstance(told, QpvGeoError):
            self.faults[row] = fault_of(told)
        elif isinstance(told, RowFault):
            self.faults[row] = told
        else:
            outcome = told.outcome
            self.table.put_one(row, outcome, generation=told.generation)
            if self.messages.tells(outcome.status):
                self.told[row] = told.message
            if outcome.location.label is not None and outcome.reason not in _NAMES_NOTHING:
                self.named[row] = outcome.location


def fault_of(error: QpvGeoError) -> RowFault:
    """Convert the error of a single check to the fault of a row."""
    if isinstance(error, MissingPerimetersError | DateError):
        return RowFault(RowReason.MISSING_PERIMETERS, str(error))
    if isinstance(error, InputError):
        return RowFault(RowReason.BAD_INPUT, str(error))
    return RowFault(Reason.MISSING_ADDRESSES, str(error))


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
        answers = _Answers(AnswerTable(len(block)), self.row_options.messages, dict(rows.faults), {})
        self._answer_points(rows, answers)
        for row, site in rows.sites.items():
            if row not in rows.faults:
                self._answer_site(row, site, rows.day(row), answers)
        self._answer_addresses(begun.queries, rows, begun.found(), answers)
        for row in begun.chosen.keys() & answers.told.keys():
            answers.told[row] = msg.row_errors.chosen(begun.chosen[row].text, answers.told[row])
        if self._keep is not None:
            self._keep(block, rows, answers.found, answers.faults)
        written = _written(answers, self._of_places, msg.batch.status_words(self.row_options.kinds))
        refuse_unfound(block.start, begun.chosen, written)
        if self.row_options.results:
            written = _with_own(written, block, self.row_options.results, rows)
        if self._schemes is None:
            return written
        columns = self._schemes.columns(rows, answers.found, answers.faults)
        return pa.record_batch([*written.columns, *columns], schema=self.schema)

    def _check_options(self, day: date) -> CheckOptions:
        row_options = self.row_options
        return self._checker.check_options(
            on=day, generation=row_options.generation, kinds=row_options.kinds, perimeters=row_options.perimeters
        )

    def _answer_points(self, rows: RowQuestions, answers: _Answers) -> None:
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

    def _answer_site(self, row: int, site: Geometry, day: date, answers: _Answers) -> None:
        try:
            answers.put(row, answer_place(self._checker.contexts, site_place(site), self._check_options(day)))
        except (InputError, MissingPerimetersError) as error:
            answers.put(row, error)

    def _answer_addresses(
        self,
        queries: dict[int, Query],
        rows: RowQuestions,
        found: Mapping[Query, GeocodingResult | MissingError],
        answers: _Answers,
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


# ── As columns ───────────────────────────────────────────────────────────────────────────────────────────────


def _written(answers: _Answers, schema: pa.Schema, words: Mapping[str, str]) -> pa.RecordBatch:
    """Return answers as columns; `words` are the answers in French, by status."""
    table = answers.table
    if answers.told:
        table.tell(np.array(list(answers.told)), pa.array(list(answers.told.values()), pa.string()))
    texts = table.texts()
    status, reason = _with(texts["status"], answers.faults, _status), _with(texts["reason"], answers.faults, _reason)
    columns = [
        _translated(status, words),
        _with(texts["message"], answers.faults, lambda fault: fault.message),
        texts["code"],
        texts["name"],
        status,
        reason,
        _numbers(table.share),
        _numbers(table.distance_m),
        texts["generation"],
    ]
    if len(schema) > len(columns):
        columns += _results(answers, len(table))
    return pa.record_batch(columns, schema=schema)


def _with_own(
    written: pa.RecordBatch, block: RowBatch, results: Mapping[str, int], rows: RowQuestions
) -> pa.RecordBatch:
    """Return answers with the table's own results in the rows whose address is not searched."""
    unasked = np.ones(len(block), dtype=bool)
    unasked[list(rows.queries)] = False
    for name, position in results.items():
        column = block.column(position)
        if written[name].type == pa.float64():
            own = _numbers(values.numbers(column)[0])
        else:
            own = pa.array([text or None for text in values.texts(column)], pa.string())
        place = written.schema.get_field_index(name)
        written = written.set_column(place, written.schema.field(place), pc.if_else(unasked, own, written[name]))
    return written


def _status(fault: RowFault) -> str:
    nowhere = fault.reason in {RowReason.EMPTY, Reason.MISSING_ADDRESSES}
    return (Status.NOT_LOCATED if nowhere else RowStatus.ERROR).value


def _reason(fault: RowFault) -> str:
    return fault.reason.value


def _with(texts: pa.Array, faults: Mapping[int, RowFault], said: Callable[[RowFault], str]) -> pa.Array:
    """Replace the texts of rows that have a fault."""
    if not faults:
        return texts
    mask = np.zeros(len(texts), dtype=bool)
    mask[list(faults)] = True
    return pc.replace_with_mask(
        texts, pa.array(mask), pa.array([said(faults[row]) for row in sorted(faults)], pa.string())
    )


def _translated(status: pa.Array, words: Mapping[str, str]) -> pa.Array:
    if pa.types.is_dictionary(status.type):
        status = status.dictionary_decode()
    known = pa.array(list(words), pa.string())
    return pa.array(list(words.values()), pa.string()).take(pc.index_in(status.cast(pa.string()), value_set=known))


def _numbers(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, pa.float64(), mask=~np.isfinite(values))


def _results(answers: _Answers, n: int) -> list[pa.Array]:
    """Return the result columns: the best candidate of each address, even a wrong one, as ``result_match`` shows."""
    best = [_best(answers, row) for row in range(n)]
    columns = [pa.array([one and value(one) for one in best], kind) for kind, value in _RESULTS.values()]
    known = ["ok" if one else "not-found" if row in answers.found else None for row, one in enumerate(best)]
    matches = [None if one is None else _agreement(one.match) for one in best]
    return [*columns, pa.array(known, pa.string()), pa.array(matches, pa.string())]


def _best(answers: _Answers, row: int) -> Candidate | _ShownPlace | None:
    """Return what to show for an address: its best candidate, else the commune or the quartier it names."""
    found = answers.found.get(row)
    if found is not None and found.candidates:
        return found.candidates[0]
    location = answers.named.get(row)
    return None if location is None else _ShownPlace(location)


class _ShownPlace:
    """A location other than an address, with the fields of a candidate; no score, as nothing was ranked."""

    type: str
    score = id = housenumber = street = postcode = None

    def __init__(self, location: Location) -> None:
        self.label, self.type, self.citycode = location.label, location.type, location.citycode
        self.lon, self.lat, self.match = location.lon, location.lat, location.match
        self.city = location.label if location.type == MatchType.MUNICIPALITY else None


def _agreement(match: Match | dict[str, str] | None) -> str | None:
    """Return a match as ``number=same street=spelling postcode=same city=unsaid``."""
    if match is None:
        return None
    return _parts(tuple((match if isinstance(match, dict) else match.parts()).items()))


@lru_cache(maxsize=1024)
def _parts(parts: tuple[tuple[str, str], ...]) -> str:
    return " ".join(f"{part}={value}" for part, value in parts)
