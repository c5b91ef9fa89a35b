"""Check every row of a file: read blocks, answer them, write the rows with their answers; a stopped run can resume."""

from __future__ import annotations

import json
from contextlib import closing, suppress
from dataclasses import asdict, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo._version import __version__
from qpv_geo.batch import summary as summaries
from qpv_geo.batch.answer_columns import answer_schema, own_results, shortened
from qpv_geo.batch.answers import Answerer
from qpv_geo.batch.asked import AskedToVerify
from qpv_geo.batch.columns import Columns, find_columns, names_columns
from qpv_geo.batch.corrections import refuse_beyond
from qpv_geo.batch.journal import FORMAT, Journal, discard
from qpv_geo.batch.pipeline import WriteBehind, collecting_rarely, read_ahead, working_behind
from qpv_geo.batch.points import WithPoints, writes_points
from qpv_geo.batch.rows import RowOptions, RowReason, RowStatus
from qpv_geo.batch.scheme_columns import scheme_columns
from qpv_geo.batch.summary import Summary
from qpv_geo.batch.systems import label, named_crs, refuse_no_degrees
from qpv_geo.batch.values import iso_day
from qpv_geo.eligibility.compose import perimeters_remedy
from qpv_geo.eligibility.location import accuracies
from qpv_geo.eligibility.sentences import Messages
from qpv_geo.errors import InputError, MissingError
from qpv_geo.files import flush, sha256_of
from qpv_geo.messages.remedies import fetch_addresses
from qpv_geo.model import Kind, Reason, Status
from qpv_geo.perimeters.catalogue import load_perimeters
from qpv_geo.perimeters.generations import generation_in_force, parse_date
from qpv_geo.tables.opening import format_of, open_reader, open_writer, top_rows, writer_notes
from qpv_geo.tables.protocol import AddedColumns, Format, HeaderError
from qpv_geo.tables.with_geometry import WithGeometry, needs_column

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from pyproj import CRS

    from qpv_geo.batch.addresses import Addresses
    from qpv_geo.batch.answers import Keep
    from qpv_geo.batch.options import BatchOptions
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.tables.protocol import Reader, RowBatch, Writer

BLOCK_ROWS, ADDRESS_BLOCK_ROWS = 65_536, 5_000
"""Rows per block, the unit that a stopped run answers again; online, its addresses are kept as they are found."""


_NOT_WRITTEN = frozenset({".xlsm"})
"""Workbooks with macros can be read but not written."""


class Run:
    """One run over a file.

    Parameters
    ----------
    options
        Options, checked here as far as possible without reading the rows.
    checker
        Makes the decisions.

    Attributes
    ----------
    source, columns, day
        The table, the columns to use, and the date of rows without their own.
    declared_crs
        CRS of the geometries, as declared in the file.
    done
        Number of rows done.
    on_answers
        Called with each block and its answers, all their columns, in order.

    Raises
    ------
    InputError, FormatError
        A file, a column or an option that cannot be used.
    """

    def __init__(self, options: BatchOptions, checker: Checker) -> None:
        self.options, self._checker = options, checker
        self._format = format_of(options.output)
        self._check_output()
        try:
            self.source: Reader = open_reader(options.source, options.reading)
        except HeaderError as error:
            raise self._header_elsewhere(error, 0) from error
        self._crs = named_crs(options.crs)
        self.declared_crs: CRS | None = self.source.crs
        asks_geometry = self.source.has_geometry and not options.named.place
        if asks_geometry:
            self._locate_geometries()
        if needs_column(self.source, self._format):
            self.source = WithGeometry(self.source, self._format)
        names = [one.name for one in self.source.schema]
        try:
            self.columns: Columns = find_columns(names, options.named, has_geometry=asks_geometry)
        except InputError as error:
            raise self._header_elsewhere(error, self.source.first_row - 1) from error
        accuracies(options.accuracy_m)
        on = iso_day(options.on) if isinstance(options.on, str) else options.on
        self.day = checker.check_options(on=on, kinds=options.kinds).day
        generation_in_force(checker.catalogue.registry.generations.values(), on=self.day, territory=crs.TERRITORIES[0])
        if options.generation is not None:
            checker.catalogue.generation(options.generation)
        self._perimeters: PerimeterSet | None = None
        if options.perimeters is not None:
            self._perimeters = load_perimeters(options.perimeters, catalogue=checker.catalogue)
        self._schemes = scheme_columns(options, checker)
        self._schema = answer_schema(addresses=bool(self.columns.address), schemes=self._schemes)
        is_short = (options.answer_columns or ("short" if self._format is Format.XLSX else "all")) == "short"
        self._kept = shortened(self._schema) if is_short else self._schema.names
        taken = [k for k, name in enumerate(names) if name in self._kept]
        if taken and not options.replace_columns:
            raise InputError(msg.batch.columns_taken([names[k] for k in taken]))
        outcomes = (
            {}
            if self._schemes is None
            else dict.fromkeys(self._schemes.schema.names, msg.colours.OUTCOME_CELL_IN_FRENCH)
        )
        colours = {"qpv_status": msg.colours.CELL, "qpv_reponse": msg.colours.in_french(options.kinds)} | outcomes
        self._extra = AddedColumns(pa.schema([self._schema.field(one) for one in self._kept]), tuple(taken), colours)
        self.done = 0
        self.on_answers: Callable[[RowBatch, pa.RecordBatch], None] = lambda _block, _answers: None

    @property
    def journal_path(self) -> Path:
        """Path of the journal of the run."""
        return self.options.output.with_name(f"{self.options.output.name}.qpv-journal")

    @cached_property
    def notes(self) -> list[str]:
        """Notes on how the file is read and written, in French."""
        notes = [*getattr(self.source, "notes", ()), *writer_notes(self._format, self.source, self._extra)]
        above = (self.source.reading.header_row or 1) - 1
        if above and self._format != self.source.format:
            notes.append(msg.batch.left_above(above))
        names = [one.name for one in self.source.schema]
        return notes + [msg.batch.same_name(name, count) for name, count in self.columns.same_name(names).items()]

    def _header_elsewhere(self, error: InputError, taken: int) -> InputError:
        """Return an error that names another row that can be the header, or `error` if there is none."""
        options = self.options
        if options.reading.header_row is not None:
            return error
        rows = ((row, names) for row, names in top_rows(options.source, options.reading) if row != taken)
        found = next((one for one in rows if names_columns(one[1], options.named)), None)
        return error if found is None else InputError(msg.batch.header_elsewhere(options.source.name, *found))

    def _locate_geometries(self) -> None:
        """Set the CRS of the geometries: the one named by the user, else that of the file."""
        if self._crs is not None:
            self.source.crs = self._crs
        elif self.source.crs is None:
            raise InputError(msg.batch.geometries_without_crs(self.source.path.name))

    @property
    def system(self) -> str | None:
        """French note on the CRS named by the user, None if there is none or nothing uses it."""
        if self.options.crs is None or not (self.columns.geometry or self.columns.has_points):
            return None
        declared = self.declared_crs if self.columns.geometry else None
        return msg.batch.system(label(self._crs), None if declared is None else label(declared))

    @property
    def _writes_points(self) -> bool:
        return writes_points(self.source, self.columns, self._format)

    @property
    def _partial(self) -> Path:
        return self.options.output.with_name(f"{self.options.output.name}.qpv-partiel")

    def run(
        self,
        addresses: Addresses | None = None,
        progress: Callable[[int, float], None] | None = None,
        *,
        keeper: Callable[[str], Keep] | None = None,
    ) -> Summary:
        """Answer every row and put the output in place.

        Parameters
        ----------
        addresses
            Finds addresses; needed if there is a column of addresses.
        progress
            Called with the number of rows done and the share of the file read, 0 to 1.
        keeper
            Returns what keeps each block, for the id of the run: the same when it resumes.

        Raises
        ------
        InputError
            Another run writes this output, the output exists, the stopped run was another, or, in a strict run, a row
            is invalid.
        RemoteError
            The geocoding service failed; what was found is kept.
        MissingError
            No row could be answered, for lack of perimeters or of address indexes.
        OSError
            A file cannot be written.
        """
        if self.options.restart:
            discard(self.journal_path)
        with collecting_rarely(), Journal(self.journal_path) as journal:
            about = self._about(journal.about(), addresses)
            if self.options.output.exists() and not self.options.overwrite and not about.get("finishing"):
                raise InputError(msg.batch.output_exists(str(self.options.output)))
            journal.set_about(about)
            answerer = self._answerer(journal, about, addresses, keeper)
            summary = self._write(journal, answerer, addresses, progress or (lambda _done, _share: None))
            journal.set_about({"finishing": True})
            self._partial.replace(self.options.output)
            journal.remove()
        return summary

    def _write(
        self,
        journal: Journal,
        answerer: Answerer,
        addresses: Addresses | None,
        progress: Callable[[int, float], None],
    ) -> Summary:
        summary = Summary(self.source.first_row, self.notes)
        writer: Writer | None = None
        try:
            written = WithPoints(self.source, answerer.row_options) if self._writes_points else None
            writer = WriteBehind(lambda: open_writer(self._partial, self._format, written or self.source, self._extra))
            asked = AskedToVerify(self.columns)
            with closing(self._answered(journal, answerer)) as answered:
                for block, answers in answered:
                    self._check_strict(block, answers)
                    rows = block if written is None else written.block(block, answers)
                    writer.write(rows, answers.select(self._kept))
                    summary.add(block.start, answers)
                    if self._format is Format.XLSX:
                        asked.add(block, answers)
                    self.on_answers(block, answers)
                    self.done = summary.rows
                    progress(self.done, block.share_read)
            refuse_beyond(summary.rows, self.options.corrections)
            self._check_answered(summary, addresses, journal)
            summary.remedies = self._remedies(summary, journal)
            writer.finish(summaries.sheets(summary, journal.all_answers(), asked.of_block, self.options.kinds))
            writer = None
            flush(self._partial)
        except BaseException as error:
            if isinstance(error, InputError | MissingError):
                journal.remove()  # nothing to resume: the same command starts afresh
            if writer is not None:
                writer.abort()
            self._partial.unlink(missing_ok=True)
            raise
        return summary

    def _answerer(
        self,
        journal: Journal,
        about: Mapping[str, Any],
        addresses: Addresses | None,
        keeper: Callable[[str], Keep] | None,
    ) -> Answerer:
        find = None if addresses is None else addresses.finding(journal)
        keep = None if keeper is None else keeper(about["run"])
        return Answerer(self._checker, self.row_options(about["on"]), self.source.crs, find, self._schemes, keep)

    def _answered(self, journal: Journal, answerer: Answerer) -> Generator[tuple[RowBatch, pa.RecordBatch]]:
        slow = self.columns.address or self._schemes is not None
        blocks = read_ahead(self.source.blocks(ADDRESS_BLOCK_ROWS if slow else BLOCK_ROWS))
        left: RowBatch | None = None
        for block in blocks:  # first, the blocks answered by a stopped run
            answers = journal.answers(block.start)
            if answers is None:
                left = block
                break
            yield block, answers
        if left is None:
            return
        if left.start == 0:
            system = self.source.crs if self.columns.geometry else self._crs
            refuse_no_degrees(left, self.columns, self.source.schema.names, system)
        answered = answerer.answers(chain([left], blocks))
        yield from working_behind(answered, lambda one: journal.keep_answers(one[0].start, one[1]))

    def _check_answered(self, summary: Summary, addresses: Addresses | None, journal: Journal) -> None:
        """Raise `MissingError` if no row could be answered for lack of data that can be installed."""
        hopeless = {one.value for one in (RowReason.EMPTY, RowReason.BAD_INPUT, RowReason.NO_GENERATION)}
        reasons = {reason for _, reason in summary.reasons} - hopeless
        if not reasons or not reasons <= {RowReason.MISSING_PERIMETERS.value, Reason.MISSING_ADDRESSES.value}:
            return
        if RowReason.MISSING_PERIMETERS.value in reasons:
            remedies = self._remedies(summary, journal)
            raise MissingError(
                summary.examples[RowReason.MISSING_PERIMETERS.value], remedy=remedies[0] if remedies else None
            )
        if addresses is not None and addresses.has_none:
            remedy = msg.remedies.fetch_addresses(journal.missing_departments())
            raise MissingError(msg.row_errors.no_addresses_at_all(), remedy=remedy)

    def _remedies(self, summary: Summary, journal: Journal) -> list[str]:
        """Return the commands that install what some rows lack."""
        catalogue = self._checker.catalogue
        lacking = sorted(summary.uncovered) if Kind.QPV in self.options.kinds else []
        causes = {one.message for one in summary.unanswered} | set(summary.examples.values())
        known = catalogue.registry.generations
        lacking += [one for one in known if msg.perimeter_errors.missing_generation(one) in causes]
        found = [remedy for one in lacking if (remedy := perimeters_remedy(one, catalogue)) is not None]
        if summary.reasons[Status.NOT_LOCATED.value, Reason.MISSING_ADDRESSES.value]:
            found += [fetch_addresses([one]) for one in journal.missing_departments()]
        return found

    def _check_strict(self, block: RowBatch, answers: pa.RecordBatch) -> None:
        if not self.options.strict or RowStatus.ERROR.value not in set(answers["qpv_status"].to_pylist()):
            return
        row = answers["qpv_status"].to_pylist().index(RowStatus.ERROR.value)
        raise InputError(
            msg.batch.strict_row(self.source.first_row + block.start + row, answers["qpv_message"][row].as_py())
        )

    # ── Description of a run ─────────────────────────────────────────────────────────────────────────────────

    def row_options(self, on: str | None) -> RowOptions:
        """Return the options of all rows, for the date of those without their own."""
        return RowOptions(
            columns=self.columns,
            on=None if on is None else parse_date(on),
            generation=self.options.generation,
            kinds=self.options.kinds,
            accuracy_m=self.options.accuracy_m,
            crs=self._crs,
            perimeters=self._perimeters,
            messages=Messages(
                self.options.messages or (Messages.DOUBT if self._format is Format.PARQUET else Messages.ALL)
            ),
            results=own_results(self.source.schema.names, self._schema),
            corrections=self.options.corrections,
        )

    def _about(self, former: Mapping[str, Any], addresses: Addresses | None) -> dict[str, Any]:
        """Return the description of the run; raise `InputError` if that of the stopped run differs."""
        described = self.description(addresses) | {"input": sha256_of([self.options.source])}
        about: dict[str, Any] = json.loads(json.dumps(described))  # as read back from the journal
        changed = [name for name, value in about.items() if former and former.get(name) != value]
        if changed:
            raise InputError(msg.batch.run_changed(changed, str(self.journal_path)))
        lasting = {"on": self.fixed_day(), "finishing": False, "run": str(uuid4())}
        return about | {name: former.get(name, value) for name, value in lasting.items()}

    def description(self, addresses: Addresses | None) -> dict[str, Any]:
        """Return all that the answers depend on, except the content of the file."""
        return {
            "software": [__version__, FORMAT],
            "options": self._options(),
            "given": None if self._perimeters is None else self._perimeters.dataset.sha256,
            "perimeters": sorted([one.dataset.id, one.dataset.sha256] for one in self._checker.catalogue.entries()),
            "schemes": None if self._schemes is None else self._schemes.identity(),
            "settings": asdict(self._checker.settings.thresholds),
            "addresses": None if addresses is None else addresses.identity(),
        }

    def fixed_day(self) -> str | None:
        """Return the date of rows without their own, None if they have none."""
        return None if self.columns.date is not None and self.options.on is None else self.day.isoformat()

    def _options(self) -> dict[str, Any]:
        """Return the options that affect the output."""
        options = replace(self.options, overwrite=False, restart=False, strict=False)
        said: dict[str, Any] = asdict(options)
        return said | {"source": options.source.name, "output": options.output.name, "on": str(options.on or "")}

    def _check_output(self) -> None:
        options = self.options
        if not options.output.parent.is_dir():
            raise InputError(msg.batch.no_folder(str(options.output.parent)))
        with suppress(OSError):
            if options.source.samefile(options.output):
                raise InputError(msg.batch.same_file(str(options.output)))
        if options.output.is_dir() or options.output.suffix.lower() in _NOT_WRITTEN:
            raise InputError(msg.batch.cannot_be_output(str(options.output)))
        if options.output.exists() and not options.overwrite and not self.journal_path.exists():
            raise InputError(msg.batch.output_exists(str(options.output)))
