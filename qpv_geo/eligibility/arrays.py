"""Validate what callers give for many points: arrays, pandas Series and lists alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qpv_geo import messages as msg
from qpv_geo.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


def points(*, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitudes and latitudes as two arrays of the same length.

    Raises
    ------
    InputError
        They are not numbers, not one-dimensional, or differ in length.
    """
    x, y = _numbers("longitude", lon), _numbers("latitude", lat)
    if x.shape != y.shape or x.ndim != 1:
        raise InputError(msg.errors.lengths_differ(x.size, y.size))
    return x, y


def real_number(value: object) -> float:
    """Return a number, or the text of one, as a float; it may be infinite or NaN.

    Raises
    ------
    ValueError
        Not one number: a boolean, an array, a date, nothing, or an integer too large for a float.
    """
    if type(value) is float:  # the usual case: cheaper than asking numpy
        return value
    if isinstance(value, bool | np.bool_ | bytes) or np.ndim(value):  # type: ignore[arg-type]
        raise ValueError(value)
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, OverflowError) as error:
        raise ValueError(value) from error


def floats(values: ArrayLike) -> NDArray[np.float64]:
    """Return numbers, or texts of numbers, as an array of at least one dimension, not copied where it need not be.

    Raises
    ------
    ValueError
        One is not a number, or all are booleans, bytes or dates, of which numpy would make numbers.
    """
    try:
        kind = np.asarray(values).dtype.kind
        found = np.array(values, dtype=np.float64, ndmin=1, copy=None)
    except (TypeError, OverflowError) as error:
        raise ValueError(values) from error
    if kind in "bSmM":
        raise ValueError(values)
    return found


def positive_horizon(value: object) -> float:
    """Return a horizon in metres.

    Raises
    ------
    InputError
        Not a positive number.
    """
    try:
        horizon_m = real_number(value)
    except ValueError as error:
        raise InputError(msg.errors.bad_horizon(value)) from error
    if not horizon_m > 0:
        raise InputError(msg.errors.bad_horizon(value))
    return horizon_m


def row_labels(lon: ArrayLike, lat: ArrayLike) -> pd.Index[Any] | None:
    """Return the row labels of pandas Series, so that answers can be joined to their rows; None for other inputs.

    Raises
    ------
    InputError
        Longitudes and latitudes have different labels: pairing them by position would mix rows up.
    """
    found: list[Any] = [getattr(values, "index", None) for values in (lon, lat) if hasattr(values, "iloc")]
    if len(found) > 1 and not found[0].equals(found[1]):
        raise InputError(msg.errors.labels_differ())
    return found[0] if found else None


def _numbers(name: str, values: ArrayLike) -> NDArray[np.float64]:
    try:
        return floats(values)
    except ValueError as error:
        raise InputError(msg.errors.not_numbers(name)) from error
