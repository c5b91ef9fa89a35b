"""Check whether an address, a point or a project site is in a priority neighbourhood (QPV) on a date, with evidence.

Longitudes and latitudes are WGS84 degrees, always by keyword; distances are metres in the legal system of the
territory, negative inside.

>>> import qpv_geo
>>> verdict = qpv_geo.check(lon=3.00671, lat=50.60889, on="2024-06-01")
>>> verdict.status.value, verdict.perimeters[0].name
('inside', 'Les Oliveaux')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from qpv_geo._version import __version__

if TYPE_CHECKING:
    from qpv_geo.api import check, check_many, check_table, diff, load_perimeters, verify
    from qpv_geo.batch.arrow import check_arrow
    from qpv_geo.eligibility.index import PerimeterIndex
    from qpv_geo.model import Evidence, Location, Reason, Status, Verdict
    from qpv_geo.perimeters.read import PerimeterSet
    from qpv_geo.untyped import AnyValue

_HOMES = {
    "check": "qpv_geo.api",
    "check_arrow": "qpv_geo.batch.arrow",
    "check_many": "qpv_geo.api",
    "check_table": "qpv_geo.api",
    "diff": "qpv_geo.api",
    "load_perimeters": "qpv_geo.api",
    "verify": "qpv_geo.api",
    "PerimeterIndex": "qpv_geo.eligibility.index",
    "Evidence": "qpv_geo.model",
    "Location": "qpv_geo.model",
    "Reason": "qpv_geo.model",
    "Status": "qpv_geo.model",
    "Verdict": "qpv_geo.model",
    "PerimeterSet": "qpv_geo.perimeters.read",
}

__all__ = [
    "Evidence",
    "Location",
    "PerimeterIndex",
    "PerimeterSet",
    "Reason",
    "Status",
    "Verdict",
    "__version__",
    "check",
    "check_arrow",
    "check_many",
    "check_table",
    "diff",
    "load_perimeters",
    "verify",
]


def __getattr__(name: str) -> AnyValue:
    """Import a public name on first use, so that `qpv --help` does not load a geometry library."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)  # looked up here once
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
