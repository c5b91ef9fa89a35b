"""`qpv batch`."""

from __future__ import annotations

import signal
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click import get_current_context

from qpv_geo import messages as msg
from qpv_geo.batch.columns import NamedColumns
from qpv_geo.batch.folder import FolderRun
from qpv_geo.batch.options import BatchOptions
from qpv_geo.batch.run import Run
from qpv_geo.cli.check import refuse_labels
from qpv_geo.cli.progress import rows_progress
from qpv_geo.cli.register import opened
from qpv_geo.cli.show import STATUS_COLOURS, echo, echo_facts, echo_json, echo_paragraph, style
from qpv_geo.eligibility.check import default_checker
from qpv_geo.errors import InputError, RemoteError
from qpv_geo.extras import spare_pandas
from qpv_geo.messages.cli import remedy
from qpv_geo.tables.protocol import ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qpv_geo.batch.addresses import Addresses
    from qpv_geo.batch.summary import Summary
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.register.rows import RowKeeper
    from qpv_geo.untyped import AnyValue

_LISTED = 10
_INTERRUPTED = 130


def batch(source: str, output: str, dry_run: bool, shape: str, **options: AnyValue) -> int:

    _prepare_process()
    checker = default_checker()
    whole = _options(source, output, options)
    folder = FolderRun(whole, checker) if whole.source.is_dir() else None
    run = Run(whole, checker) if folder is None else folder.first
    _show_columns(run)
    if dry_run:
        if shape == "json":
            echo_json({"columns": run.columns.named(run.source.schema.names), "notes": run.notes})
        return 0
    with ExitStack() as stack:
        watch = stack.enter_context(rows_progress())
        addresses = stack.enter_context(_addresses(whole, checker, watch.part)) if run.columns.address else None
        keeper = None if not options["save"] else stack.enter_context(_keeper(checker))
        keep = None if keeper is None else keeper.keeping
        try:
            if folder:
                summary = folder.run(addresses, watch.rows, keeper=keep)
            else:
                summary = run.run(addresses, watch.rows, keeper=None if keep is None else partial(keep, run))
        except KeyboardInterrupt:
            stack.close()
            echo(msg.cli.error_line(msg.batch.stopped((folder or run).done, output)), err=True)
            return _INTERRUPTED
        except RemoteError as error:
            raise RemoteError(msg.batch.goes_on(str(error)), remedy=error.remedy) from error
        except OSError as error:
            if error.filename is None:  # raised by a write to an open file
                error.filename = output
            raise
    if keeper is not None:
        echo(msg.register.kept_rows(keeper.count), err=True)
    if shape == "json":
        columns = run.columns.named(run.source.schema.names)
        echo_json({"output": output, "columns": columns, **summary.to_dict(), "notice": msg.verdicts.NOTICE})
    else:
        _show(summary, output)
    return 0


def _prepare_process() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: say how to resume
    if get_current_context().obj:  # the process is that of the command alone
        spare_pandas()


def _addresses(options: BatchOptions, checker: Checker, watch: Callable[[int, int], None]) -> Addresses:
    from qpv_geo.batch.addresses import Addresses  # noqa: PLC0415 - coordinates do without

    return Addresses(checker.settings, offline=options.offline, cached=options.cached, watch=watch)


@contextmanager
def _keeper(checker: Checker) -> Iterator[RowKeeper]:
    """Yield what keeps rows in the register."""
    with opened() as register:
        from qpv_geo.register.rows import RowKeeper  # noqa: PLC0415 - sqlalchemy is an extra

        yield RowKeeper(register, checker)


def _kept(options: dict[str, Any]) -> dict[str, str | None] | None:
    """Return what is kept with every row, None without ``--save``.

    Raises
    ------
    InputError
        There is something to keep and nothing is kept, or perimeters that a recheck would not have.
    """
    labels = {"service": options["service"], "by": options["by"]}
    refuse_labels(labels | {"case_column": options["case_column"]}, save=options["save"])
    if options["save"] and options["perimeters"] is not None:
        raise InputError(msg.register_errors.saving_with_perimeters())
    return labels if options["save"] else None


def _options(source: str, output: str, options: dict[str, Any]) -> AnyValue:

    return BatchOptions(
        source=Path(source),
        output=Path(output),
        named=NamedColumns(
            address=options["address_column"],
            lon=options["lon_column"],
            lat=options["lat_column"],
            point=options["point_column"],
            date=options["date_column"],
            postcode=options["postcode_column"],
            citycode=options["citycode_column"],
            amount=options["amount_column"],
            case=options["case_column"],
        ),
        reading=ReadingOptions(
            options["encoding"], msg.batch.delimiter(options["delimiter"]), options["layer"], options["header_row"]
        ),
        on=options["on"],
        generation=options["generation"],
        kinds=options["kinds"],
        accuracy_m=options["accuracy"],
        crs=options["crs"],
        perimeters=options["perimeters"],
        schemes=options["schemes"],
        answer_columns=options["answer_columns"],
        messages=options["messages"],
        offline=options["offline"],
        cached=not options["no_cache"],
        strict=options["strict"],
        kept=_kept(options),
        overwrite=options["overwrite"],
        replace_columns=options["replace_columns"],
        restart=options["restart"],
    )


def _show_columns(run: Run) -> None:
    """Report on standard error how the file is read, before any answer."""
    names = [one.name for one in run.source.schema]
    for line in msg.batch.reading(run.source.path.name, run.source.format.value, run.source.reading.__dict__):
        echo(line, err=True)
    for text in run.notes:
        echo(msg.batch.note(text), err=True)
    if others := getattr(run.source, "other_sheets", ()):
        echo(f"  {msg.batch.other_sheets(others)}", err=True)
    unused = run.columns.unused_date
    day = msg.verdicts.day(run.day) if run.columns.date is None or run.options.on is not None else None
    for line in msg.batch.columns(run.columns.named(names), day, None if unused is None else names[unused], run.system):
        echo(line, err=True)


def _show(summary: Summary, output: str) -> None:
    echo(msg.batch.written(summary.rows, output))
    for status, count, share in summary.by_status():
        line = msg.batch.count(msg.batch.STATUS[status], count, msg.verdicts.percent(share))
        echo("  ", style(line, fg=STATUS_COLOURS[status]))
        for of_status, reason, some, _ in summary.by_reason():
            if of_status == status and reason != "clear":
                echo(f"      {msg.batch.count(msg.batch.REASON[reason], some, '')}")
    if summary.quartiers:
        echo()
        echo(msg.batch.QUARTIERS)
        quartiers = sorted(summary.by_quartier(), key=lambda one: (-one[2] - one[3], one[0]))
        for code, name, inside, uncertain in quartiers[:_LISTED]:
            echo(f"  {msg.batch.of_quartier(msg.verdicts.named(name, code), inside, uncertain)}")
        if len(quartiers) > _LISTED:
            echo_paragraph(msg.batch.and_other_quartiers(len(quartiers) - _LISTED))
    if summary.unanswered_count:
        _show_unanswered(summary)
    if summary.remedies:
        echo()
        for command in summary.remedies:
            echo_paragraph(remedy(command))
    echo()
    echo_paragraph(msg.verdicts.NOTICE)


def _show_unanswered(summary: Summary) -> None:
    echo()
    echo(msg.batch.unanswered(summary.unanswered_count))
    echo_facts((msg.batch.row(one.row), one.message) for one in summary.unanswered[:_LISTED])
    if summary.unanswered_count > _LISTED:
        echo_paragraph(msg.batch.and_others(summary.unanswered_count - _LISTED))
