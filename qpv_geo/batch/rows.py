"""Read the cells of a block as questions: a point, a site or an address, on a date; or a fault."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.batch import values
from qpv_geo.eligibility.sentences import Messages
from qpv_geo.eligibility.typed_point import read_point
from qpv_geo.errors import InputError
from qpv_geo.geocoding.accuracy import accuracy_m
from qpv_geo.geocoding.protocol import MatchType, make_query
from qpv_geo.projects.amounts import parse_amount
from qpv_geo.tables.written_places import read_place
from qpv_geo.text_normalisation import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from qpv_geo.batch.columns import Columns
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo.model import Reason
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.tables.protocol import RowBatch

_POINT = 0
_BETWEEN_PARTS = re.compile(r"[,;\n]|\b\d{5}\b")
_CEDEX = re.compile(r"\bcedex\b.*", re.IGNORECASE)
_RADIUS_M = {str(kind): accuracy_m(kind) for kind in MatchType} | {"": 0.0}
_COARSEST_M = max(_RADIUS_M.values())


class RowStatus(StrEnum):
    """Status of a row, in addition to `qpv_geo.model.Status`."""

    ERROR = "error"


class RowReason(StrEnum):
    """Why a row has no verdict, in addition to `qpv_geo.model.Reason`.

    ======================  =====================================================================================
    ``empty``               the row gives no place (``not_located``)
    ``bad_input``           invalid coordinates, date, address or geometry (``error``)
    ``missing_perimeters``  the perimeters of that date are not installed (``error``)
    ``no_generation``       no generation was in force on that date (``error``)
    ======================  =====================================================================================
    """

    EMPTY = "empty"
    BAD_INPUT = "bad_input"
    MISSING_PERIMETERS = "missing_perimeters"
    NO_GENERATION = "no_generation"


@dataclass(frozen=True)
class RowFault:
    """Why a row has no verdict: the reason, shared with verdicts if possible, and a French sentence."""

    reason: RowReason | Reason
    message: str


@dataclass(frozen=True)
class RowOptions:
    """Options common to all rows of a table.

    Attributes
    ----------
    on
        Date of rows without their own; None if such rows are faulty.
    accuracy_m
        Accuracy radius of the coordinates, metres.
    crs
        CRS of the coordinates; None for longitude and latitude in degrees.
    perimeters
        Set to use instead of the registered ones.
    messages
        Which rows are told in a sentence; rows without an answer always say why.
    results
        Positions of the result columns that the table already has, by name; kept in rows without an address search.
    corrections
        See `qpv_geo.batch.options.BatchOptions`.
    """

    columns: Columns
    on: date | None
    generation: str | None = None
    kinds: tuple[str, ...] = ("qpv",)
    accuracy_m: float = 0.0
    crs: CRS | None = None
    perimeters: PerimeterSet | None = None
    messages: Messages = Messages.ALL
    results: Mapping[str, int] = field(default_factory=dict)
    corrections: Mapping[int, Query] = field(default_factory=dict)


@dataclass(eq=False)
class RowQuestions:
    """Questions of the rows of a block; a row has a point, a site, a query or a fault.

    Attributes
    ----------
    lon, lat
        Degrees, NaN for a row without a point, shape ``(n,)``.
    accuracy_m
        Accuracy radius of each point, metres, shape ``(n,)``.
    days
        Date of each row, or one for all; None for a row with a fault.
    amounts
        Amount of each row that has one, euros.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    days: list[date | None] | date | None
    sites: dict[int, Any] = field(default_factory=dict)
    queries: dict[int, Query] = field(default_factory=dict)
    faults: dict[int, RowFault] = field(default_factory=dict)
    amounts: dict[int, float] = field(default_factory=dict)

    def day(self, row: int) -> date:
        """Return the date of a row without fault."""
        day = self.days[row] if isinstance(self.days, list) else self.days
        if day is None:
            raise ValueError(row)
        return day

    def bad(self, row: int, message: str) -> None:
        """Mark a row as faulty; the first fault of a row is kept."""
        self.faults.setdefault(row, RowFault(RowReason.BAD_INPUT, message))

    @property
    def points(self) -> NDArray[np.int64]:
        """The rows that have a point and no fault."""
        some = np.isfinite(self.lon)
        some[list(self.faults)] = False
        return np.flatnonzero(some)


def read_coordinates(block: RowBatch, row_options: RowOptions) -> RowQuestions:
    """Read the coordinates of a block as points; the other rows have none, or a fault."""
    rows = _unread(block, row_options)
    if row_options.columns.lon is not None and row_options.columns.lat is not None:
        _read_coordinates(block, row_options, rows)
    if row_options.columns.point is not None:
        _read_places(block, row_options, row_options.columns.point, rows)
    _refuse_misplaced(rows)
    return rows


def read_rows(block: RowBatch, row_options: RowOptions, source_crs: CRS | None) -> RowQuestions:
    """Read the question of each row of a block."""
    rows = _unread(block, row_options)
    columns = row_options.columns
    _refuse_uncomputed(block, {columns.lon, columns.lat, columns.date, columns.amount, columns.match_type}, rows)
    if row_options.columns.date is not None:
        rows.days = _days(block, row_options.columns, row_options.on, rows)
    if row_options.columns.amount is not None:
        _read_amounts(block, row_options.columns.amount, rows)
    if row_options.columns.geometry:
        _read_geometries(block, source_crs, rows)
    if row_options.columns.lon is not None and row_options.columns.lat is not None:
        _read_coordinates(block, row_options, rows)
    if row_options.columns.point is not None:
        _read_places(block, row_options, row_options.columns.point, rows)
    _refuse_uncomputed(block, {*columns.address, columns.postcode, columns.citycode}, rows, but=np.isfinite(rows.lon))
    if row_options.columns.address:
        _read_addresses(block, row_options.columns, rows)
    _refuse_misplaced(rows)
    placed = np.isfinite(rows.lon)
    placed[[*rows.queries, *rows.sites]] = True
    for row in np.flatnonzero(~placed).tolist():
        rows.faults.setdefault(row, RowFault(RowReason.EMPTY, _nowhere(row_options.columns)))
    return rows


def _unread(block: RowBatch, row_options: RowOptions) -> RowQuestions:
    """Return rows without places, with the faults of the file."""
    n = len(block)
    rows = RowQuestions(np.full(n, np.nan), np.full(n, np.nan), _accuracies(block, row_options), row_options.on)
    for row, message in block.faults.items():
        rows.bad(row, message)
    return rows


def _refuse_uncomputed(
    block: RowBatch, positions: Iterable[int | None], rows: RowQuestions, *, but: NDArray[np.bool_] | None = None
) -> None:
    """Mark the rows, except those of a mask, with a formula without a result in some columns of a workbook."""
    find: Callable[[int], list[int]] | None = getattr(block, "uncomputed", None)
    for position in sorted(one for one in positions if one is not None):
        for row in find(position) if find is not None else ():
            if but is None or not but[row]:
                rows.bad(row, msg.sheet_errors.uncomputed())


def _nowhere(columns: Columns) -> str:
    if columns.geometry:
        return msg.row_errors.row_without_geometry()
    return msg.row_errors.empty_row(address=bool(columns.address), coordinates=columns.has_points)


def _accuracies(block: RowBatch, row_options: RowOptions) -> NDArray[np.float64]:
    """Return the accuracy radii: the option, or that of the match type if larger; an unknown type is the coarsest."""
    accuracy = np.full(len(block), row_options.accuracy_m)
    if row_options.columns.match_type is None:
        return accuracy
    matched = values.texts(block.column(row_options.columns.match_type))
    radii = np.array([_RADIUS_M.get(word.lower(), _COARSEST_M) for word in matched], dtype=np.float64)
    return np.asarray(np.maximum(accuracy, radii))


def _days(block: RowBatch, columns: Columns, otherwise: date | None, rows: RowQuestions) -> list[date | None]:
    days: list[Any] = values.days(block.column(columns.date or 0))
    if columns.is_date_by_name or any(isinstance(day, date) for day in days):
        days = [values.serial_day(day) if isinstance(day, str) else day for day in days]
    for row, day in enumerate(days):
        if isinstance(day, str):
            days[row] = otherwise
            if day or otherwise is None:
                rows.bad(row, msg.row_errors.bad_day(day))
    return days


def _read_amounts(block: RowBatch, position: int, rows: RowQuestions) -> None:
    column = block.column(position)
    for row, written in enumerate(values.texts(column)):
        value = written if pa.types.is_string(column.type) else column[row].as_py()
        if not written or value != value:  # noqa: PLR0124 - NaN is how a number is missing
            continue
        try:
            amount = parse_amount(value)
        except ValueError:
            amount = None
        if amount is None or amount < 0:
            rows.bad(row, msg.row_errors.bad_amount(written))
        else:
            rows.amounts[row] = float(amount)


def _read_coordinates(block: RowBatch, row_options: RowOptions, rows: RowQuestions) -> None:
    x, written_x = values.numbers(block.column(row_options.columns.lon or 0))
    y, written_y = values.numbers(block.column(row_options.columns.lat or 0))
    known = np.isfinite(x) & np.isfinite(y)
    rows.lon[known], rows.lat[known] = x[known], y[known]
    for row in np.flatnonzero(~known).tolist():
        if written_x[row] or written_y[row]:
            rows.bad(row, _unusable((x[row], y[row]), (written_x[row], written_y[row])))
    if row_options.crs is None:
        return
    rows.lon[known], rows.lat[known] = crs.points_to_wgs84(x[known], y[known], row_options.crs)
    abroad = known & (crs.territory_index(lon=rows.lon, lat=rows.lat) < 0)
    rows.lon[abroad] = np.nan
    for row in np.flatnonzero(abroad).tolist():
        rows.bad(row, msg.row_errors.abroad_in_crs(written_x[row], written_y[row]))


def _read_places(block: RowBatch, row_options: RowOptions, position: int, rows: RowQuestions) -> None:
    """Read the places written whole in one column."""
    order = row_options.columns.point_order
    found = np.full(len(rows.lon), None, dtype=object)
    for row, text in enumerate(values.texts(block.column(position))):
        if text and row not in rows.faults:
            try:
                found[row] = read_place(text, order, row_options.crs)
            except InputError as error:
                rows.bad(row, str(error))
    _put_geometries(found, rows)


def _unusable(values_read: tuple[float, float], written: tuple[str, str]) -> str:
    """Return the fault of a pair of coordinates that is not empty and not two finite numbers."""
    if not all(written):
        return msg.errors.half_coordinates("la latitude" if written[0] else "la longitude")
    if any(
        np.isnan(value) and text.lower().strip("+-") != "nan" for value, text in zip(values_read, written, strict=True)
    ):
        return msg.row_errors.bad_coordinates(*written)
    return msg.errors.non_finite(*values_read)


def _read_geometries(block: RowBatch, source_crs: CRS | None, rows: RowQuestions) -> None:
    geometry = block.geometry()
    if geometry is None:
        return
    if source_crs is not None:
        geometry = crs.to_wgs84(geometry, source_crs)
    _put_geometries(geometry, rows)


def _put_geometries(geometry: NDArray[Any], rows: RowQuestions) -> None:
    """Put geometries in degrees into rows: points as points, others as sites."""
    kinds, empty = shapely.get_type_id(geometry), shapely.is_empty(geometry)
    points = np.flatnonzero((kinds == _POINT) & ~empty)
    rows.lon[points], rows.lat[points] = shapely.get_x(geometry[points]), shapely.get_y(geometry[points])
    for row in points[~(np.isfinite(rows.lon[points]) & np.isfinite(rows.lat[points]))].tolist():
        rows.bad(row, msg.row_errors.bad_coordinates(str(rows.lon[row]), str(rows.lat[row])))
        rows.lon[row] = np.nan
    rows.sites.update((row, geometry[row]) for row in np.flatnonzero((kinds > _POINT) & ~empty).tolist())


def _read_addresses(block: RowBatch, columns: Columns, rows: RowQuestions) -> None:
    """Read the address of the rows without a point, its parts joined in the order of their columns.

    A point may stand where an address is asked, as for one check.
    """
    wanted = [row for row in np.flatnonzero(~np.isfinite(rows.lon)).tolist() if row not in rows.sites]
    parts = [values.texts(block.column(position)) for position in columns.address]
    for k, position in enumerate(columns.address):
        if position in columns.address_postcodes:
            parts[k] = [values.code(text) or "" for text in parts[k]]
    postcodes, citycodes = (
        None if one is None else values.texts(block.column(one)) for one in (columns.postcode, columns.citycode)
    )
    for row in wanted:
        text = _together(columns, [part[row] for part in parts])
        if not text or row in rows.faults:
            continue
        try:
            query = make_query(
                text,
                postcode=None if postcodes is None else values.code(postcodes[row]),
                citycode=None if citycodes is None else values.code(citycodes[row]),
            )
        except InputError as error:
            rows.bad(row, str(error))
            continue
        typed = read_point(text) if query.postcode is query.citycode is None else None
        if typed is None:
            rows.queries[row] = query
        else:
            rows.lon[row], rows.lat[row] = typed.lon, typed.lat


def _together(columns: Columns, parts: Sequence[str]) -> str:
    """Join the parts of an address, without repeating a postcode or a commune already in it."""
    text = ""
    for position, part in zip(columns.address, parts, strict=True):
        again = (position in columns.address_postcodes and part in text.split()) or (
            position in columns.address_cities and bool(text) and _names_commune(text, part)
        )
        if part and not again:
            text = f"{text} {part}" if text else part
    return text


def _names_commune(text: str, city: str) -> bool:
    """Tell whether an address has the commune between commas or postcodes: a street may be named after a commune."""
    return fold(city) in {fold(_CEDEX.sub("", piece)) for piece in _BETWEEN_PARTS.split(text)}


def _refuse_misplaced(rows: RowQuestions) -> None:
    points = rows.points
    wrong = points[crs.territory_index(lon=rows.lon[points], lat=rows.lat[points]) < 0]
    for row in wrong.tolist():
        rows.bad(row, crs.misplaced(float(rows.lon[row]), float(rows.lat[row])))
