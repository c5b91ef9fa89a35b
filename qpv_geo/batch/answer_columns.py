"""The answers to a block of rows as columns, and the names of these columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qpv_geo import messages as msg
from qpv_geo.batch import values
from qpv_geo.batch.rows import RowFault, RowQuestions, RowReason, RowStatus
from qpv_geo.errors import DateError, InputError, MissingPerimetersError, QpvGeoError
from qpv_geo.geocoding.protocol import MatchType
from qpv_geo.model import Reason, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from qpv_geo.batch.scheme_columns import SchemeColumns
    from qpv_geo.eligibility.bulk import PlaceAnswer
    from qpv_geo.eligibility.sentences import Messages
    from qpv_geo.eligibility.table import AnswerTable
    from qpv_geo.geocoding.protocol import Candidate, Match
    from qpv_geo.geocoding.result import GeocodingResult
    from qpv_geo.model import Location
    from qpv_geo.perimeters.registry import PlaceStatement
    from qpv_geo.tables.protocol import RowBatch


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
        ("qpv_mention", pa.string()),
    ]
)
"""Result columns of addresses, named as by the national service; the agreement of their parts; what a town says."""


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
class BlockAnswers:
    """The answers to the rows of a block, filled in any order."""

    table: AnswerTable
    messages: Messages
    faults: dict[int, RowFault]
    found: dict[int, GeocodingResult]
    told: dict[int, str] = field(default_factory=dict)
    named: dict[int, Location] = field(default_factory=dict)
    statements: Mapping[str, PlaceStatement] = field(default_factory=dict)
    mentions: dict[int, str] = field(default_factory=dict)

    def put(self, row: int, told: PlaceAnswer | QpvGeoError | RowFault) -> None:
        """Put the answer to a row, or the fault that leaves it without one."""
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
            said = self.statements.get(outcome.points[0].id) if len(outcome.points) == 1 else None
            if said is not None:
                self.mentions[row] = msg.cli.stated(said.told, said.source)


def fault_of(error: QpvGeoError) -> RowFault:
    """Convert the error of a single check to the fault of a row."""
    if isinstance(error, MissingPerimetersError):
        return RowFault(RowReason.MISSING_PERIMETERS, str(error))
    if isinstance(error, DateError):
        return RowFault(RowReason.NO_GENERATION, str(error))
    if isinstance(error, InputError):
        return RowFault(RowReason.BAD_INPUT, str(error))
    return RowFault(Reason.MISSING_ADDRESSES, str(error))


def written_answers(answers: BlockAnswers, schema: pa.Schema, words: Mapping[str, str]) -> pa.RecordBatch:
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


def with_own_results(
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


def _results(answers: BlockAnswers, n: int) -> list[pa.Array]:
    """Return the result columns: the best candidate of each address, even a wrong one, as ``result_match`` shows."""
    best = [_best(answers, row) for row in range(n)]
    columns = [pa.array([one and value(one) for one in best], kind) for kind, value in _RESULTS.values()]
    known = ["ok" if one else "not-found" if row in answers.found else None for row, one in enumerate(best)]
    matches = [None if one is None else _agreement(one.match) for one in best]
    texts = (known, matches, [answers.mentions.get(row) for row in range(n)])
    return [*columns, *(pa.array(text, pa.string()) for text in texts)]


def _best(answers: BlockAnswers, row: int) -> Candidate | _ShownPlace | None:
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
