"""The application: its routes, middleware, startup and shutdown."""

from __future__ import annotations

import gc
import importlib
import logging
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.cors import CORSMiddleware

from qpv_geo._version import __version__
from qpv_geo.eligibility.check import default_checker
from qpv_geo.errors import InputError
from qpv_geo_service import messages, schemas
from qpv_geo_service.logs import LOG, configure_logging
from qpv_geo_service.middleware import AccessLog, Admission, Bodies, SecurityHeaders
from qpv_geo_service.prefix import PathPrefix
from qpv_geo_service.problems import Problem, add_handlers, problem_of
from qpv_geo_service.register_access import refuse_open_register
from qpv_geo_service.routes import (
    addresses,
    administration,
    batch,
    carte,
    check,
    docs,
    operations,
    perimeters,
    reference,
    register,
    suggest,
)
from qpv_geo_service.routing import PlainRoutes
from qpv_geo_service.settings import ServiceSettings, load_service_settings
from qpv_geo_service.state import Readiness, ServiceState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from qpv_geo_service.jobs.fork_server import ForkServer

_API = (check, suggest, addresses, perimeters, reference, batch, register)
_PAGE = "qpv_geo_service.page"


def create_app(settings: ServiceSettings | None = None, fork_server: ForkServer | None = None) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    settings
        Settings of the service, by default from the environment. ``QPV_GEO_*`` sets the data and the thresholds.
    fork_server
        Starts the processes of jobs, and is left to its owner; by default one of the application, ended with it.

    Raises
    ------
    InputError
        An environment variable has an invalid value.
    """
    found = settings or load_service_settings()
    refuse_open_register(found, found.host)
    configure_logging(found)
    service = ServiceState(found, default_checker(), fork_server)
    app = FastAPI(
        title=messages.API_TITLE,
        description=messages.API_DESCRIPTION,
        version=__version__,
        lifespan=_lifespan,
        openapi_url=None,  # `docs` serves it
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # a trace would contain the question
    )
    app.state.service, app.state.readiness = service, Readiness(service)
    app.router.redirect_slashes = False
    _add_routes(app)
    add_handlers(app)
    _add_guards(app, service)
    _document(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: ServiceState = app.state.service
    faults = await app.state.readiness.faults()
    if faults:
        LOG.log(logging.ERROR, "data not fit to answer", extra={"facts": {"datasets": sorted(faults)}})
    service.jobs.start()
    gc.collect()
    gc.freeze()  # loaded data stays: scanning it for garbage would block every request for tens of milliseconds
    LOG.info("started", extra={"facts": {"version": __version__}})
    yield
    gc.unfreeze()
    await service.jobs.stop()
    service.metrics.forget_this_process()
    LOG.info("stopped")


def _add_routes(app: FastAPI) -> None:
    for module in (*_API, operations, docs, carte, administration):
        app.router.routes.extend(module.router.routes)
    if find_spec(_PAGE) is not None:
        page: APIRouter = importlib.import_module(_PAGE).router
        app.router.routes.extend(page.routes)


def _add_guards(app: FastAPI, service: ServiceState) -> None:
    """Add the middleware, innermost first."""
    settings = service.settings
    app.add_middleware(PlainRoutes, routes=check.router.routes)
    app.add_middleware(Bodies, settings=settings)
    app.add_middleware(Admission, settings=settings)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["X-API-Key", "Content-Type", "If-None-Match"],
            expose_headers=["ETag", "Location", "Retry-After", "Content-Disposition"],
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(AccessLog, settings=settings, metrics=service.metrics)
    app.add_middleware(PathPrefix, settings=settings)


def _document(app: FastAPI) -> None:
    """Add the problems, the API key and a real verdict to the OpenAPI document."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=[{"name": name, "description": told} for name, told in messages.TAGS.items()],
            )
            known = document.setdefault("components", {}).setdefault("schemas", {})
            for model in (Problem, schemas.Feature, schemas.Features, schemas.AnsweredFeatures):
                schema = model.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
                for name, one in (schema.pop("$defs", {}) | {model.__name__: schema}).items():
                    known.setdefault(name, one)
            _add_key(document, app.state.service)
            _add_example(document, app.state.service)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _add_key(document: dict[str, Any], service: ServiceState) -> None:
    if service.settings.api_keys:
        key = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
        document["components"]["securitySchemes"] = {"key": key}
        document["security"] = [{"key": []}]


def _add_example(document: dict[str, Any], service: ServiceState) -> None:
    verdict = service.checker.check(lon=3.00671, lat=50.60889, on="2024-06-01").to_dict()
    answers = {"answers": [verdict, problem_of(InputError(messages.NOT_A_QUESTION))]}
    for path, example in (("/v1/check", verdict), ("/v1/checks", answers)):
        for operation in document["paths"][path].values():
            operation["responses"]["200"]["content"]["application/json"]["example"] = example
