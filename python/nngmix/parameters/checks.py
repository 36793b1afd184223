"""Checks of parameters: which one, what was expected, what came."""

import math
import numbers
import reprlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.parameters.errors import ParameterError, shown
from nngmix.parameters.warnings import warn_clamped

__all__ = [
    "LARGEST_ELEMENT",
    "check_count",
    "check_finite_number",
    "check_flag",
    "check_ids",
    "check_neighbors",
    "check_span",
    "check_threads",
    "check_widths",
    "clamp_neighbors",
]

LARGEST_ELEMENT = (1 << 63) - 1
_LARGEST_COUNT = 10**300


def check_count(name: str, value: Any, minimum: int = 0) -> int:
    """`value` as an int of at least `minimum`, small enough that its multiples are still floats."""
    # Most are ints, and asking an abstract class takes a microsecond.
    if type(value) is not int and (
        isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral)
    ):
        raise ParameterError(name, "be an integer", shown(value))
    if value < minimum:
        raise ParameterError(name, f"be at least {minimum}", shown(value, str))
    count = int(value)
    if count > _LARGEST_COUNT:
        raise ParameterError(name, "be below 1e300", shown(count, reprlib.repr))
    return count


def check_flag(name: str, value: Any) -> bool:
    """`value` as a bool: anything else would be taken for True."""
    if not isinstance(value, bool | np.bool_):
        raise ParameterError(name, "be True or False", shown(value))
    return bool(value)


def check_finite_number(name: str, value: Any) -> float:
    """`value` as a finite float."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise ParameterError(name, "be a number", shown(value))
    try:
        number = float(value)
    except OverflowError:
        raise ParameterError(name, "be a number that a float holds", shown(value, reprlib.repr)) from None
    if not math.isfinite(number):
        raise ParameterError(name, "be finite", shown(value, str))
    return number


def check_neighbors(name: str, value: Any, n_anomalies: int) -> int:
    """A number of neighbours: an int as it is, a float as that multiple of the anomalies, at least 1."""
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        factor = check_finite_number(name, value)
        if factor <= 0:
            raise ParameterError(name, "be above 0 as a multiple of the anomalies", str(factor))
        if factor * n_anomalies > LARGEST_ELEMENT:
            raise ValueError(f"{name}={factor} is too large a multiple of {n_anomalies} anomalies")
        return max(1, int(factor * n_anomalies))
    return check_count(name, value, minimum=1)


def clamp_neighbors(name: str, n_neighbors: int, n_rows: int) -> int:
    """At most the rows there are, with a warning."""
    if n_neighbors > n_rows:
        warn_clamped(name, n_neighbors, n_rows)
    return min(n_neighbors, n_rows)


def check_span(start: Any, stop: Any, n_features: int) -> tuple[int, int]:
    """First row and number of the rows from `start` to `stop`, as far as rows can be numbered."""
    start, stop = check_count("start", start), check_count("stop", stop)
    if stop < start:
        raise ValueError(f"stop must not be below start, got {start} and {stop}")
    if stop * n_features > LARGEST_ELEMENT:
        raise ValueError(f"rows are numbered up to 2**63 / n_features, got {stop}")
    return start, stop - start


def check_threads(n_threads: Any) -> int | None:
    """None for all the system offers, else an int of at least 1."""
    # More than the kernels can count to are as many as there are.
    return None if n_threads is None else min(check_count("n_threads", n_threads, minimum=1), LARGEST_ELEMENT)


def check_ids(name: str, ids: ArrayLike, n_rows: int) -> int | NDArray[np.int64]:
    """An id for each row, or that of the first."""
    if isinstance(ids, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it or drop the masked rows")
    array = np.asarray(ids)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, got dtype {array.dtype}")
    if array.size and (int(array.min()) < 0 or int(array.max()) + n_rows > LARGEST_ELEMENT):
        raise ValueError(f"{name} must be between 0 and 2**63 - 1")
    if array.ndim == 0:
        return int(array)
    if array.shape != (n_rows,):
        raise ValueError(f"{name} must be one for each of the {n_rows} rows, got shape {array.shape}")
    return np.require(array, np.int64, "C")


def check_widths(min_width: Any, max_width: Any) -> tuple[float, float]:
    """Smallest and largest share of the columns as floats."""
    low, high = check_finite_number("min_width", min_width), check_finite_number("max_width", max_width)
    if not 0 <= low <= high <= 1:
        name = "max_width" if 0 <= low <= 1 else "min_width"
        expected = "be a share of the columns, 0 <= min_width <= max_width <= 1"
        raise ParameterError(name, expected, f"min_width={low} and max_width={high}")
    return low, high
