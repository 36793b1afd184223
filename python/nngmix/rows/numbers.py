"""What counts as a number, and its way into a float that holds it as it is.

float16 and float32 become float32; float64, integers up to 2^53, booleans and decimals become float64.
Nothing else is a number: no text, no date, no category, no complex or extended precision.
"""

from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["EXACT_INTEGER", "Unfit", "float_dtype", "floats", "is_narrow", "is_number"]

# Integers up to here are exact in float64.
EXACT_INTEGER = 1 << 53

_FLOATS = frozenset({float, np.float64, np.float32, np.float16})


class Unfit(Exception):
    """One value that no float holds: where it stands, what it is, and why not. Never reaches the user."""

    def __init__(self, at: int, value: Any, why: str) -> None:
        super().__init__(at, value, why)
        self.at, self.value, self.why = at, value, why


def is_number(dtype: np.dtype[Any]) -> bool:
    """Whether values of a NumPy type are real numbers of at most 64 bits."""
    return dtype.kind in "fiub" and dtype.itemsize <= 8


def is_narrow(dtype: np.dtype[Any]) -> bool:
    """Whether float32 holds every value of a NumPy type that holds numbers."""
    return dtype.kind == "f" and dtype.itemsize <= 4


def float_dtype(*narrow: bool) -> np.dtype[Any]:
    """float32 if everything is narrow, else float64."""
    return np.dtype(np.float32 if all(narrow) else np.float64)


def floats(
    values: NDArray[Any], dtype: np.dtype[Any], missing: NDArray[np.bool_] | None = None
) -> NDArray[Any]:
    """The values as native, aligned, C-contiguous floats, NaN where one is missing.

    Raises `Unfit` with the position in the flattened array of the first value that no float holds.
    """
    if values.dtype == object:
        return _from_objects(values).astype(dtype, copy=False)
    _check_exact(values, missing)
    out = np.require(values, dtype, ["C", "A"])
    if missing is not None and missing.any():
        out = np.where(missing, dtype.type(np.nan), out)
    return out


def _check_exact(values: NDArray[Any], missing: NDArray[np.bool_] | None) -> None:
    if values.dtype.kind not in "iu" or values.dtype.itemsize < 8 or not values.size:
        return
    # Compared as Python integers, for the absolute value of the smallest int64 is no int64.
    if int(values.max()) <= EXACT_INTEGER and int(values.min()) >= -EXACT_INTEGER:
        return
    beyond = values > EXACT_INTEGER
    if values.dtype.kind == "i":
        beyond |= values < -EXACT_INTEGER
    if missing is not None:
        beyond &= ~missing
    if beyond.any():
        at = int(np.argmax(beyond))
        raise Unfit(at, int(values.flat[at]), _INEXACT)


_INEXACT = (
    "an integer beyond 2**53 that float64 cannot represent exactly; scale the column, or leave it out if it "
    "is an identifier"
)


def _from_objects(values: NDArray[Any]) -> NDArray[np.float64]:
    """Python objects that are real numbers, or nothing, one by one."""
    if set(map(type, values.flat)) <= _FLOATS:
        return values.astype(np.float64)
    out = np.empty(values.shape)
    for at, value in enumerate(values.flat):
        out.flat[at] = _from_object(at, value)
    return out


def _from_object(at: int, value: Any) -> float:
    # pandas' NA is known by its type's name, for pandas may not be there.
    if value is None or type(value).__name__ == "NAType":
        return np.nan
    known = isinstance(value, Real | Decimal | np.bool_) and not isinstance(value, np.longdouble)
    if not known:
        raise Unfit(at, value, "no real number; convert it first")
    if isinstance(value, Integral) and abs(int(value)) > EXACT_INTEGER:
        raise Unfit(at, int(value), _INEXACT)
    try:
        return float(value)
    except (ValueError, OverflowError) as error:
        raise Unfit(at, value, f"no number that a float holds ({error})") from None
