"""Answer a file: what ``qpv batch`` does, for a request or for a job."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from qpv_geo.batch.addresses import Addresses
from qpv_geo.batch.columns import NamedColumns
from qpv_geo.batch.journal import discard
from qpv_geo.batch.run import BatchOptions, Run
from qpv_geo.errors import InputError
from qpv_geo.tables.protocol import ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from qpv_geo.batch.summary import Summary
    from qpv_geo.eligibility.check import Checker
    from qpv_geo_service.jobs.folder import JobFolder, JobRequest


def reading_of(job_request: JobRequest) -> ReadingOptions:
    """Return how the file is to be read."""
    return ReadingOptions(*map(job_request.options.get, ("encoding", "delimiter", "layer", "header_row")))


def run_of(job: JobFolder, checker: Checker, *, offline: bool = False) -> Run:
    """Return the run that a job asks for; `offline` leaves the national service out even if the job does not.

    Raises
    ------
    InputError
        A file, a column or an option that cannot be used.
    """
    given = job.job_request.options
    columns = {name: given.get(f"{name}_column") for name in ("lon", "lat", "date", "postcode", "citycode")}
    options = BatchOptions(
        source=job.source,
        output=job.output,
        named=NamedColumns(address=tuple(given.get("address_column", ())), **columns),
        reading=reading_of(job.job_request),
        on=given.get("on"),
        generation=given.get("generation"),
        kinds=tuple(given.get("kind") or ("qpv",)),
        accuracy_m=given.get("accuracy", 0.0),
        crs=given.get("crs"),
        offline=offline or given.get("offline", False),
        strict=given.get("strict", False),
        replace_columns=given.get("replace_columns", False),
        overwrite=True,  # its own: a job that was killed between its answers and their announcement starts again
    )
    return Run(options, checker)


def carry_out(run: Run, checker: Checker, watch: Callable[[int, float], None]) -> Summary:
    """Answer every row; `watch` is told how many are, and what part of the file that is, and may raise to stop.

    What was found by a run that was stopped is used, unless it is of other data, options or software than today's.

    Raises
    ------
    QpvGeoError, OSError
        As `qpv_geo.batch.run.Run.run`.
    """
    with ExitStack() as stack:
        addresses = None
        if run.columns.address:
            # told of addresses while a block of rows is not answered yet: the time is looked at, the rows are not more
            offline = run.options.offline
            addresses = stack.enter_context(
                Addresses(checker.settings, offline=offline, watch=lambda _found, _all: watch(run.done, 0.0))
            )
        try:
            return run.run(addresses, watch)
        except InputError:
            if not run.journal_path.exists():  # it is removed where the file itself cannot be answered
                raise
            discard(run.journal_path)
            return run.run(addresses, watch)
