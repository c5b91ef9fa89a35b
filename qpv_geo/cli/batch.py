"""`qpv batch`."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qpv_geo import messages as msg
from qpv_geo.cli.french import FORMAT_TEXT_JSON, NUMBER, Command, Option, Whole
from qpv_geo.cli.progress import rows_progress
from qpv_geo.cli.show import echo_facts, echo_json, echo_paragraph
from qpv_geo.errors import RemoteError
from qpv_geo.messages.cli import remedy

if TYPE_CHECKING:
    from qpv_geo.batch.run import Run
    from qpv_geo.batch.summary import Summary
    from qpv_geo.untyped import AnyValue

_LISTED = 10
_INTERRUPTED = 130
_COLOURS = {"inside": "green", "outside": "blue", "uncertain": "yellow", "not_located": "magenta", "error": "red"}


@click.command("batch", cls=Command, help=msg.usage.BATCH)
@click.argument("source", metavar="FICHIER")
@click.option("-o", "--output", cls=Option, required=True, metavar="SORTIE", help=msg.usage.BATCH_OUTPUT)
@click.option("--address-column", multiple=True, metavar="NOM", help=msg.usage.BATCH_ADDRESS)
@click.option("--lon-column", metavar="NOM", help=msg.usage.BATCH_LON)
@click.option("--lat-column", metavar="NOM", help=msg.usage.BATCH_LAT)
@click.option("--date-column", metavar="NOM", help=msg.usage.BATCH_DATE)
@click.option("--postcode-column", metavar="NOM", help=msg.usage.BATCH_POSTCODE)
@click.option("--citycode-column", metavar="NOM", help=msg.usage.BATCH_CITYCODE)
@click.option("--on", metavar="AAAA-MM-JJ", help=msg.usage.BATCH_ON)
@click.option("--generation", metavar="ID", help=msg.usage.CHECK_GENERATION)
@click.option("--perimeters", metavar="JEU", help=msg.usage.BATCH_PERIMETERS)
@click.option("--kind", "kinds", multiple=True, default=("qpv",), metavar="TYPE", help=msg.usage.CHECK_KIND)
@click.option("--accuracy", type=NUMBER, default=0.0, metavar="MÈTRES", help=msg.usage.BATCH_ACCURACY)
@click.option("--crs", metavar="CODE", help=msg.usage.BATCH_CRS)
@click.option("--encoding", metavar="NOM", help=msg.usage.BATCH_ENCODING)
@click.option("--delimiter", metavar="SIGNE", help=msg.usage.BATCH_DELIMITER)
@click.option("--layer", "--sheet", "layer", metavar="NOM", help=msg.usage.BATCH_LAYER)
@click.option("--header-row", type=Whole(1, 1_000), metavar="N", help=msg.usage.BATCH_HEADER_ROW)
@click.option("--offline", is_flag=True, help=msg.usage.OFFLINE)
@click.option("--no-cache", is_flag=True, help=msg.usage.NO_CACHE)
@click.option("--strict", is_flag=True, help=msg.usage.BATCH_STRICT)
@click.option("--overwrite", is_flag=True, help=msg.usage.BATCH_OVERWRITE)
@click.option("--replace-columns", is_flag=True, help=msg.usage.BATCH_REPLACE)
@click.option("--restart", is_flag=True, help=msg.usage.BATCH_RESTART)
@click.option("--dry-run", is_flag=True, help=msg.usage.BATCH_DRY_RUN)
@click.option("--format", "shape", type=FORMAT_TEXT_JSON, default="text", help=msg.usage.FORMAT)
def batch(source: str, output: str, dry_run: bool, shape: str, **options: AnyValue) -> int:
    from qpv_geo.batch.run import Run  # noqa: PLC0415 - heavy: help must not wait for it
    from qpv_geo.eligibility.check import default_checker  # noqa: PLC0415

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: say how to resume
    checker = default_checker()
    run = Run(_options(source, output, options), checker)
    _show_columns(run)
    if dry_run:
        if shape == "json":
            echo_json({"columns": run.columns.named(run.source.schema.names), "notes": run.notes})
        return 0
    with ExitStack() as stack:
        watch = stack.enter_context(rows_progress())
        addresses = None
        if run.columns.address:
            from qpv_geo.batch.addresses import Addresses  # noqa: PLC0415 - coordinates do without

            addresses = stack.enter_context(
                Addresses(
                    checker.settings, offline=options["offline"], cached=not options["no_cache"], watch=watch.part
                )
            )
        try:
            summary = run.run(addresses, watch.rows)
        except KeyboardInterrupt:
            stack.close()
            click.echo(f"qpv : {msg.batch.stopped(run.done, output)}", err=True)
            return _INTERRUPTED
        except RemoteError as error:
            raise RemoteError(msg.batch.goes_on(str(error))) from error
        except OSError as error:
            if error.filename is None:  # raised by a write to an open file
                error.filename = output
            raise
    if shape == "json":
        columns = run.columns.named(run.source.schema.names)
        echo_json({"output": output, "columns": columns, **summary.to_dict(), "notice": msg.verdicts.NOTICE})
    else:
        _show(summary, output)
    return 0


def _options(source: str, output: str, options: dict[str, Any]) -> AnyValue:
    from qpv_geo.batch.columns import NamedColumns  # noqa: PLC0415 - heavy: help must not wait for it
    from qpv_geo.batch.run import BatchOptions  # noqa: PLC0415
    from qpv_geo.tables.protocol import ReadingOptions  # noqa: PLC0415

    return BatchOptions(
        source=Path(source),
        output=Path(output),
        named=NamedColumns(
            address=options["address_column"],
            lon=options["lon_column"],
            lat=options["lat_column"],
            date=options["date_column"],
            postcode=options["postcode_column"],
            citycode=options["citycode_column"],
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
        offline=options["offline"],
        cached=not options["no_cache"],
        strict=options["strict"],
        overwrite=options["overwrite"],
        replace_columns=options["replace_columns"],
        restart=options["restart"],
    )


def _show_columns(run: Run) -> None:
    """Report on standard error how the file is read, before any answer."""
    names = [one.name for one in run.source.schema]
    for line in msg.batch.reading(run.source.path.name, run.source.format.value, run.source.reading.__dict__):
        click.echo(line, err=True)
    for text in run.notes:
        click.echo(msg.batch.note(text), err=True)
    if others := getattr(run.source, "other_sheets", ()):
        click.echo(f"  {msg.batch.other_sheets(others)}", err=True)
    unused = run.columns.unused_date
    day = msg.verdicts.day(run.day) if run.columns.date is None or run.options.on is not None else None
    for line in msg.batch.columns(run.columns.named(names), day, None if unused is None else names[unused], run.system):
        click.echo(line, err=True)


def _show(summary: Summary, output: str) -> None:
    click.echo(msg.batch.written(summary.rows, output))
    for status, count, share in summary.by_status():
        line = msg.batch.count(msg.batch.STATUS[status], count, msg.verdicts.percent(share))
        click.echo(f"  {click.style(line, fg=_COLOURS[status])}")
        for of_status, reason, some, _ in summary.by_reason():
            if of_status == status and reason != "clear":
                click.echo(f"      {msg.batch.count(msg.batch.REASON[reason], some, '')}")
    if summary.quartiers:
        click.echo()
        click.echo(msg.batch.QUARTIERS)
        quartiers = sorted(summary.by_quartier(), key=lambda one: (-one[2] - one[3], one[0]))
        for code, name, inside, uncertain in quartiers[:_LISTED]:
            click.echo(f"  {msg.verdicts.named(name, code)} : {msg.batch.of_quartier(inside, uncertain)}")
        if len(quartiers) > _LISTED:
            echo_paragraph(msg.batch.and_other_quartiers(len(quartiers) - _LISTED))
    if summary.unanswered_count:
        _show_unanswered(summary)
    if summary.remedies:
        click.echo()
        for command in summary.remedies:
            echo_paragraph(remedy(command))
    click.echo()
    echo_paragraph(msg.verdicts.NOTICE)


def _show_unanswered(summary: Summary) -> None:
    click.echo()
    click.echo(msg.batch.unanswered(summary.unanswered_count))
    echo_facts((msg.batch.row(one.row), one.message) for one in summary.unanswered[:_LISTED])
    if summary.unanswered_count > _LISTED:
        echo_paragraph(msg.batch.and_others(summary.unanswered_count - _LISTED))
