"""``/v1/batch``: ``qpv batch`` for an uploaded file; answered at once if small, otherwise as a job."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from pydantic import Field, FiniteFloat
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from qpv_geo.errors import FormatError, InputError, QpvGeoError, RemoteError
from qpv_geo.messages.batch import delimiter
from qpv_geo.tables.opening import format_of, open_reader
from qpv_geo_service import messages, messages_list, schemas
from qpv_geo_service.errors import TimedOutError, UnfinishedError, UnsupportedMediaError
from qpv_geo_service.jobs.folder import JobFolder, JobProgress, JobRequest, State, safe_name
from qpv_geo_service.jobs.listed_rows import MOST_LISTED, in_format, preview
from qpv_geo_service.jobs.work import carry_out, reading_of, run_of
from qpv_geo_service.prefix import prefix_of
from qpv_geo_service.problems import EVERYWHERE, responses
from qpv_geo_service.query_params import Parameters, documented, read_pairs, read_query
from qpv_geo_service.responses import json_reply
from qpv_geo_service.routing import documented_router
from qpv_geo_service.state import ServiceState, service_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.datastructures import FormData

    from qpv_geo.batch.run import Run
    from qpv_geo_service.jobs.lent_folder import LentFolder

router = APIRouter(**documented_router(messages.TAG_FILES, *EVERYWHERE))

_KINDS = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xlsm": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".geoparquet": "application/vnd.apache.parquet",
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": "application/geo+json",
    ".json": "application/geo+json",
}
JobId = Annotated[str, PathParameter(description=messages.PARAMETER["id"])]
_MOST_FIELDS, _MOST_FIELD_BYTES = 50, 200_000
_MOST = 20
_COPIED = 1 << 20
_ACCEPTED: dict[str, Any] = {
    "model": schemas.Job,
    "description": "Traitement accepté",
    "headers": {"Location": {"schema": {"type": "string"}, "description": "Où demander son avancement"}},
}


class Options(Parameters):
    """The options of ``qpv batch`` under the same names, plus ``job`` and ``dry_run``."""

    address_column: tuple[str, ...] = Field(default=(), max_length=_MOST)
    lon_column: str | None = None
    lat_column: str | None = None
    point_column: str | None = None
    date_column: str | None = None
    postcode_column: str | None = None
    citycode_column: str | None = None
    amount_column: str | None = None
    on: str | None = None
    generation: str | None = None
    kind: tuple[str, ...] = Field(default=(), max_length=_MOST)
    scheme: tuple[str, ...] = Field(default=(), max_length=_MOST)
    accuracy: FiniteFloat = 0.0
    crs: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    layer: str | None = None
    header_row: int | None = Field(default=None, ge=1, le=1_000)
    columns: Literal["short", "all"] | None = None
    offline: bool = False
    strict: bool = False
    replace_columns: bool = False
    job: bool = False
    dry_run: bool = False
    corrections: str | None = None


class ResultFormat(Parameters):
    """In which format the file of answers is wanted."""

    format: Literal["csv", "xlsx"] | None = Field(default=None, description=messages_list.RESULT_FORMAT)


class ListedSelection(Parameters):
    """How many rows and points."""

    limit: int = Field(default=1_000, ge=1, le=MOST_LISTED, description=messages_list.LIMIT)


class Resuming(Parameters):
    """How to resume a job."""

    offline: bool = False


def _form() -> dict[str, Any]:
    """Return the OpenAPI description of the form."""
    known: dict[str, Any] = {"file": {"type": "string", "format": "binary"}}
    for name, one in Options.model_json_schema()["properties"].items():
        options = one.get("anyOf", [one])
        shown = next(option for option in options if option != {"type": "null"})
        known[name] = {key: value for key, value in shown.items() if key in {"type", "enum", "items", "default"}}
    for name, one in known.items():
        one["description"] = messages.FORM[name]
    schema = {"type": "object", "required": ["file"], "properties": known, "additionalProperties": False}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


@router.post(
    "/v1/batch",
    summary=messages.BATCH,
    responses=responses(
        408,
        413,
        415,
        answers={
            200: {
                "model": schemas.Reading,  # of a `dry_run`
                "content": {kind: {} for kind in sorted(set(_KINDS.values()))},
                "description": "Le fichier et ses réponses ; ou, avec dry_run, comment il serait lu",
            },
            202: _ACCEPTED,
        },
    ),
    openapi_extra=_form(),
)
async def batch(request: Request) -> Response:
    """Answer a file, or accept it as a job."""
    service = service_of(request)
    async with service.upload():
        workspace = await anyio.to_thread.run_sync(service.jobs.workspace)
        lent = service.jobs.lend(workspace)
        kept = False
        try:
            options = await _receive(request, workspace, lent)
            if options.dry_run:
                return json_reply(await service.wait(partial(lent.run, _reading, workspace, service)))
            if options.job or await service.wait(partial(lent.run, _is_long, workspace, service)):
                job = await anyio.to_thread.run_sync(lent.run, service.jobs.accept, workspace)
                return _accepted(job, request)
            await _answer(workspace, service, lent)
            kept = True
        finally:
            if not kept:  # once accepted as a job, the folder has another name
                await anyio.to_thread.run_sync(lent.give_back)
        return _file(workspace.output, lent.give_back)


@router.get(
    "/v1/batch/{job_id}",
    summary=messages.JOB,
    responses=responses(404, answers={200: {"model": schemas.Job, "description": "Avancement"}}),
)
async def progress(request: Request, job_id: JobId) -> Response:
    """Return the progress of a job."""
    service = service_of(request)
    job = await anyio.to_thread.run_sync(service.jobs.find, job_id)
    return json_reply(_told(job, request, job.progress))


@router.post(
    "/v1/batch/{job_id}",
    status_code=202,
    summary=messages.RESUME,
    description=messages.RESUME_DESCRIPTION,
    responses=responses(404, 409, answers={202: _ACCEPTED}),
    openapi_extra=documented(Resuming),
)
async def resume(request: Request, job_id: JobId) -> Response:
    """Queue a job again."""
    service, asked = service_of(request), read_query(Resuming, request.scope)
    job = await anyio.to_thread.run_sync(partial(service.jobs.resume, job_id, offline=asked.offline))
    return _accepted(job, request)


@router.get(
    "/v1/batch/{job_id}/result",
    summary=messages.RESULT,
    responses=responses(
        404,
        409,
        answers={200: {"content": {kind: {} for kind in sorted(set(_KINDS.values()))}, "description": "Le fichier"}},
    ),
    openapi_extra=documented(ResultFormat),
)
async def result(request: Request, job_id: JobId) -> Response:
    """Return the file of answers of a job."""
    service, asked = service_of(request), read_query(ResultFormat, request.scope)
    job = await anyio.to_thread.run_sync(service.jobs.find, job_id)
    _refuse_unfinished(job.progress)
    return _file(await service.wait(partial(in_format, job, asked.format)))


@router.get(
    "/v1/batch/{job_id}/rows",
    summary=messages_list.ROWS,
    description=messages_list.ROWS_DESCRIPTION,
    responses=responses(404, 409, answers={200: {"model": schemas.ListedRows, "description": "Lignes et points"}}),
    openapi_extra=documented(ListedSelection),
)
async def rows(request: Request, job_id: JobId) -> Response:
    """Return the rows to verify of a job, and the points of its rows."""
    service, asked = service_of(request), read_query(ListedSelection, request.scope)
    job = await anyio.to_thread.run_sync(service.jobs.find, job_id)
    _refuse_unfinished(job.progress)
    listed = await service.wait(lambda: job.rows)
    return json_reply(listed | {name: listed[name][: asked.limit] for name in ("rows", "points")})


def _refuse_unfinished(found: JobProgress) -> None:
    if found.state is State.FAILED:
        raise UnfinishedError(messages.job_failed(found.cause or ""))
    if found.state is not State.DONE:
        raise UnfinishedError(messages.job_unfinished(found.state.value))


# ── Receiving ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def _receive(request: Request, workspace: JobFolder, lent: LentFolder) -> Options:
    """Write the uploaded file and the request into the workspace, and return the options."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMediaError(messages.NOT_MULTIPART)
    try:
        async with request.form(max_files=2, max_fields=_MOST_FIELDS, max_part_size=_MOST_FIELD_BYTES) as form:
            file, options = _sent(form)
            service_of(request).kinds(options.kind)  # refuses one that is unknown
            name = _source_name(file.filename or "")
            job_request = JobRequest(name, _output_name(name), options.model_dump(exclude={"job", "dry_run"}))
            await anyio.to_thread.run_sync(lent.run, workspace.set_wish, job_request)
            await anyio.to_thread.run_sync(lent.run, _copy, file, workspace.source)
    except HTTPException as error:  # raised by Starlette for a form it cannot parse
        raise InputError(messages.BAD_FORM) from error
    return options


def _sent(form: FormData) -> tuple[UploadFile, Options]:
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    if not files or "file" not in form or not isinstance(form["file"], UploadFile):
        raise InputError(messages.NO_FILE)
    if len(files) > 1:
        raise InputError(messages.SEVERAL_FILES)
    pairs = [(name.replace("-", "_"), value) for name, value in form.multi_items() if isinstance(value, str)]
    options = read_pairs(Options, pairs)
    return files[0], options.model_copy(update={"delimiter": delimiter(options.delimiter)})


def _source_name(sent: str) -> str:
    name = safe_name(sent)
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if suffix not in _KINDS:
        raise UnsupportedMediaError(messages.unsupported_file(sent, _KINDS))
    return name


def _output_name(source: str) -> str:
    stem, _, suffix = source.rpartition(".")
    return f"{stem}-qpv.{'xlsx' if suffix.lower() == 'xlsm' else suffix}"  # macros are not kept


def _copy(file: UploadFile, path: Path) -> None:
    with path.open("xb") as stream:
        shutil.copyfileobj(file.file, stream, _COPIED)
        stream.flush()
        os.fsync(stream.fileno())
    if not path.stat().st_size:
        raise InputError(messages.EMPTY_FILE)


# ── Answering ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_long(workspace: JobFolder, service: ServiceState) -> bool:
    """Tell whether a file must become a job; raise if it cannot be read."""
    run = run_of(workspace, service.checker)
    if workspace.source.stat().st_size > service.settings.sync_max_bytes:
        return True
    most = service.settings.sync_max_rows
    return any(block.start + len(block) > most for block in run.source.blocks(most + 1))


async def _answer(workspace: JobFolder, service: ServiceState, lent: LentFolder) -> None:
    """Answer a file within the request timeout, which the thread itself enforces."""
    seconds = service.settings.request_timeout_s
    ends = time.monotonic() + seconds

    def watch(_rows: int, _share: float) -> None:
        if lent.is_over or time.monotonic() > ends:
            raise TimedOutError(messages.sync_timed_out(seconds))

    def answer() -> None:
        carry_out(run_of(workspace, service.checker), service.checker, watch)

    try:
        await asyncio.to_thread(lent.run, answer)
    except RemoteError as error:
        raise RemoteError(messages.without_geocoder(str(error)), remedy=error.remedy) from error.__cause__


def _reading(workspace: JobFolder, service: ServiceState) -> dict[str, Any]:
    """Return how a file would be read, and which columns would be used."""
    source = open_reader(workspace.source, reading_of(workspace.job_request))
    run, problem = _run(workspace, service)
    return {
        "file": workspace.job_request.source,
        "format": format_of(workspace.source).value,
        "header": [one.name for one in source.schema],
        "preview": preview(source),
        "columns": None if run is None else run.columns.named(run.source.schema.names),
        "problem": problem,
    }


def _run(workspace: JobFolder, service: ServiceState) -> tuple[Run | None, str | None]:
    try:
        return run_of(workspace, service.checker), None
    except FormatError:
        raise
    except QpvGeoError as error:
        return None, messages.by_fields(str(error))


def _accepted(job: JobFolder, request: Request) -> Response:
    service_of(request).jobs.wake()
    told = _told(job, request, job.progress)
    return json_reply(told, status=202, headers={"Location": told["links"]["self"]})


def _told(job: JobFolder, request: Request, found: JobProgress) -> dict[str, Any]:
    job_request, here = job.job_request, f"{prefix_of(request)}/v1/batch/{job.id}"
    expiry = job.expires_at(found, service_of(request).settings.job_retention_s)
    links = {"self": here} | ({"result": f"{here}/result"} if found.state is State.DONE else {})
    links |= {"resume": here} if found.resumable else {}
    return {
        "id": job.id,
        "state": found.state.value,
        "rows": found.rows,
        "share": found.share,
        "created_at": job_request.created_at,
        "ended_at": found.ended_at,
        "expires_at": None if expiry is None else expiry.isoformat(timespec="seconds"),
        "file": job_request.output,
        "columns": found.columns,
        "summary": found.summary,
        "cause": found.cause,
        "remedy": found.remedy,
        "links": links,
    }


def _file(path: Path, after: Callable[[], None] | None = None) -> FileResponse:
    kind = _KINDS[path.suffix.lower()]
    return FileResponse(
        path,
        headers={"Cache-Control": "no-store", "Content-Type": kind},  # no charset: the encoding is that of the upload
        filename=path.name,
        background=None if after is None else BackgroundTask(after),
    )
