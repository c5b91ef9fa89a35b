"""Answer a file as ``qpv batch`` does, for a request or a job."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError

from qpv_geo.batch.addresses import Addresses
from qpv_geo.batch.columns import NamedColumns
from qpv_geo.batch.journal import discard
from qpv_geo.batch.options import BatchOptions
from qpv_geo.batch.run import Run
from qpv_geo.errors import InputError
from qpv_geo.geocoding.protocol import make_query
from qpv_geo.tables.protocol import ReadingOptions
from qpv_geo_service import messages_list as messages
from qpv_geo_service.json_bodies import refuse_twice

if TYPE_CHECKING:
    from collections.abc import Callable

    from qpv_geo.batch.summary import Summary
    from qpv_geo.eligibility.check import Checker
    from qpv_geo.geocoding.protocol import Query
    from qpv_geo_service.jobs.folder import JobFolder, JobRequest


class _Correction(BaseModel, extra="forbid"):
    q: str
    citycode: str | None = None


_CORRECTIONS = TypeAdapter(dict[Annotated[str, StringConstraints(pattern=r"^\d{1,9}(,\d{1,9})*$")], _Correction])
_COLUMNS = ("lon", "lat", "point", "date", "postcode", "citycode", "amount")


def reading_of(job_request: JobRequest) -> ReadingOptions:
    """Return the options for reading the file."""
    return ReadingOptions(*map(job_request.options.get, ("encoding", "delimiter", "layer", "header_row")))


def corrections_of(text: str | None) -> dict[int, Query]:
    """Return the addresses chosen for some rows, by position.

    Parameters
    ----------
    text
        A JSON object `{"0,12": {"q": …, "citycode": …}}`; its keys are positions of rows, one or several.

    Raises
    ------
    InputError
        It is not such an object, a name or a position is given twice, or an address is none.
    """
    try:
        given = _CORRECTIONS.validate_json(text or "{}")
    except ValidationError as error:
        raise InputError(messages.bad_corrections(text or "")) from error
    refuse_twice(text or "{}")
    pairs = [
        (int(row), make_query(one.q, citycode=one.citycode)) for rows, one in given.items() for row in rows.split(",")
    ]
    twice = next((row for row, times in Counter(row for row, _ in pairs).items() if times > 1), None)
    if twice is not None:
        raise InputError(messages.corrected_twice(twice))
    return dict(pairs)


def run_of(job: JobFolder, checker: Checker, *, offline: bool = False) -> Run:
    """Return the run that a job asks for; `offline` skips the national service even if the job does not ask for that.

    Raises
    ------
    InputError
        A file, a column or an option that cannot be used.
    """
    given = job.job_request.options
    columns = {name: given.get(f"{name}_column") for name in _COLUMNS}
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
        schemes=tuple(given.get("scheme") or ()),
        answer_columns=given.get("columns"),
        corrections=corrections_of(given.get("corrections")),
        offline=offline or given.get("offline", False),
        strict=given.get("strict", False),
        replace_columns=given.get("replace_columns", False),
        overwrite=True,  # its own output: a job killed after writing it but before ending runs again
    )
    return Run(options, checker)


def carry_out(run: Run, checker: Checker, watch: Callable[[int, float], None]) -> Summary:
    """Answer every row; `watch` receives the rows done and the share of the file, and may raise to stop.

    The journal of a stopped run is reused unless the data, options or software have changed since.

    Raises
    ------
    QpvGeoError, OSError
        As `qpv_geo.batch.run.Run.run`.
    """
    with ExitStack() as stack:
        addresses = None
        if run.columns.address:
            # called within a block too, with an unchanged row count, so that `watch` can check the time
            offline = run.options.offline
            addresses = stack.enter_context(
                Addresses(checker.settings, offline=offline, watch=lambda _found, _all: watch(run.done, 0.0))
            )
        try:
            return run.run(addresses, watch)
        except InputError:
            if not run.journal_path.exists():  # removed when the file itself cannot be answered
                raise
            discard(run.journal_path)
            return run.run(addresses, watch)
