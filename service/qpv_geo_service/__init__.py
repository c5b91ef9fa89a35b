"""The HTTP service and the staff page of qpv-geo: ``create_app`` makes the application, ``qpv serve`` runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo_service.settings import ServiceSettings

if TYPE_CHECKING:
    from qpv_geo.untyped import AnyValue
    from qpv_geo_service.app import create_app

__all__ = ["ServiceSettings", "create_app"]


def __getattr__(name: str) -> AnyValue:
    if name != "create_app":
        raise AttributeError(name)
    from qpv_geo_service.app import create_app  # noqa: PLC0415 - heavy, and not needed by the process of a job

    return create_app
