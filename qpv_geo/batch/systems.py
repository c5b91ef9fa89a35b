"""The CRS of coordinates: the one named by the user overrides that of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from qpv_geo import crs
from qpv_geo import messages as msg
from qpv_geo.batch.values import numbers
from qpv_geo.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from qpv_geo.batch.columns import Columns
    from qpv_geo.tables.protocol import RowBatch
    from qpv_geo.untyped import AnyValue

_MOST_DEGREES = 180


def named_crs(text: str | None) -> AnyValue:
    """Return the coordinate reference system named by the user, or None."""
    if text is None:
        return None
    found = crs.parse(text)
    if found is None:
        raise InputError(msg.errors.bad_crs(text))
    return found


def label(system: CRS) -> str:
    """Return the code of a CRS, or its name if it has none."""
    authority = system.to_authority()
    return str(system.name) if authority is None else ":".join(authority)


def refuse_no_degrees(block: RowBatch, columns: Columns, names: Sequence[str], system: CRS | None) -> None:
    """Raise `InputError` if all coordinates taken for degrees are out of range.

    Parameters
    ----------
    system
        CRS of the coordinates or geometries; None for degrees.
    """
    if system is not None and not system.is_geographic:
        return
    if columns.geometry:
        geometry = block.geometry()
        pair = [] if geometry is None else list(shapely.bounds(geometry).T[:2])
    elif columns.lon is None or columns.lat is None or system is not None:
        return
    else:
        pair = [numbers(block.column(position))[0] for position in (columns.lon, columns.lat)]
    known = [values[~np.isnan(values)] for values in pair]
    if not known or not all(len(values) and (abs(values) > _MOST_DEGREES).all() for values in known):
        return
    shown = f"{known[0][0]:.15g}, {known[1][0]:.15g}"
    if columns.lon is None or columns.lat is None:
        raise InputError(msg.batch.geometries_not_degrees(shown))
    raise InputError(msg.batch.not_degrees(names[columns.lon], names[columns.lat], shown))
