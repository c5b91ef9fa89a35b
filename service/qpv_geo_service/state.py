"""State shared by the routes: settings, the checker, threads, jobs, and the readiness of the data."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo.errors import InputError, QpvGeoError
from qpv_geo.geocoding.effort import Effort, EffortError
from qpv_geo.geocoding.store import AddressStore
from qpv_geo.model import Kind
from qpv_geo_service import messages
from qpv_geo_service.answering import VerdictAndDecisions, answer
from qpv_geo_service.batcher import Batcher
from qpv_geo_service.errors import BusyError, TimedOutError
from qpv_geo_service.jobs.job_scheduler import JobScheduler
from qpv_geo_service.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from concurrent.futures import Executor

    from fastapi import Request

    from qpv_geo.eligibility.check import Checker
    from qpv_geo.register.store import Register
    from qpv_geo_service.jobs.fork_server import ForkServer
    from qpv_geo_service.questions import PreparedQuestion
    from qpv_geo_service.settings import ServiceSettings

Returned = TypeVar("Returned")


class ServiceState:
    """State shared by the routes of one application.

    Parameters
    ----------
    settings
        Settings of the service.
    checker
        Gives verdicts; its settings say where the data is.
    fork_server
        Starts the processes of jobs, see `JobScheduler`.
    """

    def __init__(self, settings: ServiceSettings, checker: Checker, fork_server: ForkServer | None = None) -> None:
        self.settings, self.checker = settings, checker
        self._batcher = Batcher(checker)
        self.metrics = Metrics()
        self.addresses = AddressStore(checker.settings.home)
        self._register: Register | None = None
        self.jobs = JobScheduler(checker.settings.home, settings, self.metrics, fork_server)
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="answer")
        # what only computes is no faster in several threads, which take the GIL from one another and from the loop
        self._computing = ThreadPoolExecutor(1, thread_name_prefix="compute")
        self._uploads = 0

    @property
    def register(self) -> Register:
        """The register of the settings, opened once."""
        if self._register is None:
            from qpv_geo.register.store import register_of  # noqa: PLC0415 - sqlalchemy is an extra

            self._register = register_of(self.checker.settings)
        return self._register

    async def answer(self, question: PreparedQuestion) -> VerdictAndDecisions:
        """Answer a question; see `qpv_geo_service.answering.answer`, and `wait` for the time that it may take.

        Points, and addresses known as written, are answered in the event loop: no thread takes less time.
        """
        if not question.schemes:
            with suppress(EffortError):
                return VerdictAndDecisions(await self._batcher.verdict(question), [])
        with suppress(EffortError):
            return await self._in(self._computing, lambda: answer(self.checker, question, effort=Effort.SEARCH))
        return await self.wait(lambda: answer(self.checker, question))

    async def wait(self, call: Callable[[], Returned]) -> Returned:
        """Run a call that would block the event loop in a thread, and return its result.

        Raises
        ------
        TimedOutError
            It exceeds the request timeout; it runs on in its thread, and its result is dropped.
        """
        return await self._in(self._threads, call)

    async def _in(self, threads: Executor, call: Callable[[], Returned]) -> Returned:
        seconds = self.settings.request_timeout_s
        try:
            async with asyncio.timeout(seconds) as limit:
                return await asyncio.get_running_loop().run_in_executor(threads, call)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise TimedOutError(messages.timed_out(seconds)) from error

    def watch(self) -> Callable[[], None]:
        """Return a function that raises `TimedOutError` once the request timeout, counted from now, is over."""
        seconds = self.settings.request_timeout_s
        ends = time.monotonic() + seconds

        def watch() -> None:
            if time.monotonic() > ends:
                raise TimedOutError(messages.timed_out(seconds))

        return watch

    @asynccontextmanager
    async def upload(self) -> AsyncIterator[None]:
        """Take a slot for receiving and answering a file.

        Raises
        ------
        BusyError
            No slot is free.
        """
        if self._uploads >= self.settings.upload_concurrency:
            raise BusyError(messages.UPLOADS_BUSY)
        self._uploads += 1
        self.metrics.uploads.inc()
        try:
            yield
        finally:
            self._uploads -= 1
            self.metrics.uploads.dec()

    def kinds(self, asked: Sequence[str]) -> tuple[str, ...]:
        """Return the requested kinds, by default ``qpv``.

        Raises
        ------
        InputError
            Unknown kind, probably a typo.
        """
        if not asked:
            return (Kind.QPV.value,)
        known = sorted({*map(str, Kind), *(entry.dataset.kind for entry in self.checker.catalogue.entries())})
        for one in asked:
            if one.strip().lower() not in known:
                raise InputError(messages.unknown_kind(one, known))
        return tuple(asked)

    def load(self) -> None:
        """Load the perimeters and build their indexes, so that no request waits for them."""
        catalogue = self.checker.catalogue
        for generation in catalogue.registry.generations.values():
            for entry in catalogue.answering(generation.id):
                inner = shapely.get_coordinates(shapely.point_on_surface(catalogue.load(entry).geometry))
                _, first = np.unique(crs.territory_index(lon=inner[:, 0], lat=inner[:, 1]), return_index=True)
                for lon, lat in inner[first].tolist():
                    self.checker.check(lon=lon, lat=lat, generation=generation.id)
            if catalogue.answering(generation.id):
                self.checker.contexts.prepare(self.checker.check_options(generation=generation.id))


class Readiness:
    """Checks that the data is loaded and matches its recorded hashes; each check is reused for a while."""

    def __init__(self, service: ServiceState) -> None:
        self._service = service
        self._lock = asyncio.Lock()
        self._checked_at = 0.0
        self._faults: dict[str, str] | None = None

    async def faults(self) -> dict[str, str]:
        """Return what is wrong with each unusable dataset; empty if the service is ready."""
        now = asyncio.get_running_loop().time()
        async with self._lock:
            if self._faults is None or now - self._checked_at > self._service.settings.ready_check_s:
                self._faults = await asyncio.to_thread(self._check)
                self._checked_at = now
            return self._faults

    def _check(self) -> dict[str, str]:
        faults = {}
        for name, read in self._service.checker.catalogue.to_verify():
            try:
                read()
            except (QpvGeoError, OSError) as error:
                faults[name] = str(error) if isinstance(error, QpvGeoError) else messages.STORAGE_DETAIL
        if not faults:
            self._service.load()
        return faults


def service_of(request: Request) -> ServiceState:
    """Return the state of the application that received a request."""
    service: ServiceState = request.app.state.service
    return service
