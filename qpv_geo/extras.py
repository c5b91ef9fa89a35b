"""The optional parts of the package: ``pip install 'qpv-geo[maps]'`` brings the libraries of one."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from qpv_geo import messages as msg
from qpv_geo.errors import MissingError

if TYPE_CHECKING:
    from collections.abc import Iterator

Extra = Literal["dask", "maps", "register", "reports", "service", "spark"]

_LIBRARIES: dict[Extra, frozenset[str]] = {
    "dask": frozenset({"dask"}),
    "maps": frozenset({"folium", "branca", "matplotlib", "xstatic"}),
    "register": frozenset({"sqlalchemy", "cryptography", "psycopg"}),
    "reports": frozenset({"fpdf", "matplotlib"}),
    "service": frozenset({"fastapi", "starlette", "uvicorn", "prometheus_client", "qpv_geo_service"}),
    "spark": frozenset({"pyspark"}),
}


@contextmanager
def needed(extra: Extra) -> Iterator[None]:
    """Import the libraries of an extra in this context.

    Raises
    ------
    MissingError
        One of them is not installed; the message tells the command that installs the extra, and is its remedy too.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _LIBRARIES[extra]:
            raise
        command = msg.remedies.libraries(extra)
        raise MissingError(msg.errors.extra_missing(extra, command), remedy=command) from error


class _NoPandas:
    """Finder of modules that finds no pandas."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def spare_pandas() -> None:
    """Have pyarrow do without pandas in this process, which has none of its series: importing it would take long.

    pyarrow imports pandas once, at the first value it is given, to tell whether that is a series.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy

    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    pa.scalar(None)
    sys.meta_path.remove(finder)
