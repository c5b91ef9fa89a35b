"""Check a table in memory block by block, as for a file: the common part of frames and Arrow tables."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.batch.addresses import Addresses
from qpv_geo.batch.answer_columns import answer_schema, own_results
from qpv_geo.batch.answers import Answerer
from qpv_geo.batch.columns import NamedColumns, find_columns
from qpv_geo.batch.rows import RowOptions
from qpv_geo.batch.run import ADDRESS_BLOCK_ROWS, BLOCK_ROWS
from qpv_geo.batch.systems import named_crs
from qpv_geo.batch.values import iso_day
from qpv_geo.eligibility.location import accuracies
from qpv_geo.eligibility.sentences import Messages
from qpv_geo.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date as day

    import pyarrow as pa
    from pyproj import CRS

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.tables.protocol import RowBatch


@dataclass(frozen=True)
class TableOptions:
    """Options of a table in memory; see `qpv_geo.check_table`.

    Attributes
    ----------
    workers
        Most processes that search the address indexes, by default one a core.
    """

    named: NamedColumns = field(default_factory=NamedColumns)
    on: day | str | None = None
    generation: str | None = None
    kinds: Sequence[str] = ("qpv",)
    accuracy_m: float = 0.0
    crs: str | None = None
    offline: bool = False
    replace: bool = False
    messages: str = Messages.ALL
    workers: int | None = None

    def for_workers(self, checker: Checker) -> TableOptions:
        """Return these options for the processes of an engine, which may run tomorrow, and one on each core."""
        is_dated = self.on is not None or self.named.date is not None
        return replace(self, on=self.on if is_dated else checker.check_options().day, workers=1)


def table_options(  # noqa: PLR0913 - those of `qpv_geo.check_table`
    names: Sequence[str],
    address: str | Sequence[str] | None = None,
    *,
    lon: str | None = "lon",
    lat: str | None = "lat",
    point: str | None = None,
    date: str | None = None,
    postcode: str | None = None,
    citycode: str | None = None,
    on: day | str | None = None,
    generation: str | None = None,
    kinds: Sequence[str] = ("qpv",),
    accuracy_m: float = 0.0,
    crs: str | None = None,
    offline: bool = False,
    replace: bool = False,
    messages: str = Messages.ALL,
) -> TableOptions:
    """Return the options of a table with these column names; the default coordinates may be missing from it."""
    usual = (lon, lat) == ("lon", "lat")
    if usual and point is not None:
        lon = lat = None
    named = NamedColumns(
        address=(address,) if isinstance(address, str) else tuple(address or ()),
        lon=lon if not usual or lon in names else None,
        lat=lat if not usual or lat in names else None,
        point=point,
        date=date,
        postcode=postcode,
        citycode=citycode,
    )
    return TableOptions(named, on, generation, kinds, accuracy_m, crs, offline, replace, messages)


def messages_of(text: str) -> Messages:
    """Return which rows are told in a sentence.

    Raises
    ------
    InputError
        `text` is not one of the three words.
    """
    try:
        return Messages(text)
    except ValueError as error:
        raise InputError(msg.batch.no_such_messages(text, [*Messages])) from error


class TableCheck:
    """A table to check: its columns found, its options validated.

    Parameters
    ----------
    names
        Columns of the table, in order.
    source_crs
        CRS of its geometries, None if it has none to check.

    Attributes
    ----------
    schema
        Names and types of the answers.
    taken
        Columns of the table that answers replace.

    Raises
    ------
    InputError
        A column is missing, no column locates the rows, answer columns already exist, or an option is invalid.
    """

    def __init__(
        self, checker: Checker, names: Sequence[str], options: TableOptions, *, source_crs: CRS | None = None
    ) -> None:
        self._checker, self._options, self._source_crs = checker, options, source_crs
        columns = find_columns(names, options.named, has_geometry=source_crs is not None)
        self.schema: pa.Schema = answer_schema(addresses=bool(columns.address))
        self.taken = [name for name in self.schema.names if name in names]
        if self.taken and not options.replace:
            raise InputError(msg.batch.frame_columns_taken(self.taken))
        accuracies(options.accuracy_m)
        if options.generation is not None:
            checker.catalogue.generation(options.generation)
        check_options = checker.check_options(
            on=iso_day(options.on) if isinstance(options.on, str) else options.on,
            generation=options.generation,
            kinds=options.kinds,
        )
        self._row_options = RowOptions(
            columns,
            None if options.on is None and columns.date is not None else check_options.day,
            options.generation,
            check_options.kinds,
            options.accuracy_m,
            named_crs(options.crs),
            messages=messages_of(options.messages),
            results=own_results(names, self.schema),
        )
        self.block_rows = ADDRESS_BLOCK_ROWS if columns.address else BLOCK_ROWS

    def answers(self, blocks: Iterable[RowBatch]) -> Iterator[tuple[RowBatch, pa.RecordBatch]]:
        """Return blocks with their answers, one row each, in the same order."""
        options = self._options
        with Addresses(self._checker.settings, offline=options.offline, workers=options.workers) as addresses:
            find = addresses.finding() if self._row_options.columns.address else None
            yield from Answerer(self._checker, self._row_options, self._source_crs, find).answers(blocks)
