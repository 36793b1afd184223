"""What counts as a number, and its way into a float that holds it as it is.

float16 and float32 become float32; float64, integers up to 2^53, booleans and decimals become float64.
Nothing else is a number: no text, no date, no category, no complex or extended precision.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "EXACT_INTEGER",
    "Unfit",
    "first_stranger",
    "float_dtype",
    "floats",
    "integer_limits",
    "is_missing_type",
    "is_narrow",
    "is_number",
]

# Integers up to here are exact in float64.
EXACT_INTEGER = 1 << 53


class Unfit(Exception):
    """One number that no float holds: where it stands, what it is, and why not. Never reaches the user."""

    def __init__(self, at: int, what: str, why: str) -> None:
        super().__init__(at, what, why)
        self.at, self.what, self.why = at, what, why


def is_number(dtype: np.dtype[Any]) -> bool:
    """Whether values of a NumPy type are real numbers of at most 64 bits."""
    return dtype.kind in "fiub" and dtype.itemsize <= 8


def is_narrow(dtype: np.dtype[Any]) -> bool:
    """Whether float32 holds every value of a NumPy type that holds numbers."""
    return dtype.kind == "f" and dtype.itemsize <= 4


def integer_limits(kind: object) -> tuple[float, float] | None:
    """What a type of integers holds, as far as float64 counts exactly; None for any other type.

    The types of all libraries tell it by their names: int8, UInt16, Int64.
    """
    found = re.fullmatch(r"(u?)int(\d+)", str(getattr(kind, "name", kind)).lower())
    if found is None:
        return None
    bits = int(found[2])
    low, high = (0, (1 << bits) - 1) if found[1] else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    return float(max(low, -EXACT_INTEGER)), float(min(high, EXACT_INTEGER))


_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


def float_dtype(*narrow: bool) -> np.dtype[Any]:
    """float32 if everything is narrow, else float64."""
    return _FLOAT32 if all(narrow) else _FLOAT64


def is_missing_type(kind: type) -> bool:
    """Whether objects of a type stand for a value that is missing."""
    # pandas' NA is known by the name of its type, for pandas may not be there.
    return kind is type(None) or kind.__name__ == "NAType"


def first_stranger(values: Iterable[Any]) -> int | None:
    """Position of the first object that is neither a real number nor missing."""
    values = list(values)
    # There are few types and many values: the types alone are looked at.
    strange = {kind for kind in set(map(type, values)) if not _is_number_type(kind)}
    if not strange:
        return None
    return next(at for at, value in enumerate(values) if type(value) in strange)


def _is_number_type(kind: type) -> bool:
    real = issubclass(kind, Real | Decimal | np.bool_) and not issubclass(kind, np.longdouble)
    return real or is_missing_type(kind)


def floats(
    values: NDArray[Any], dtype: np.dtype[Any], missing: NDArray[np.bool_] | None = None
) -> NDArray[Any]:
    """The values as native, aligned, C-contiguous floats, NaN where one is missing.

    Objects must be real numbers or missing. Raises `Unfit` with the position in the flattened array of the
    first value that no float holds.
    """
    if values.dtype is dtype and missing is None and values.flags.c_contiguous and values.flags.aligned:
        # Small blocks of many columns come here often.
        return values
    if values.dtype == object:
        return _from_objects(values).astype(dtype, copy=False)
    _check_exact(values, missing)
    out: NDArray[Any] = np.require(values, dtype, ["C", "A"])
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
        raise _inexact(at, values.flat[at])


def _inexact(at: int, value: Any) -> Unfit:
    value = int(value)
    shown = str(value) if value.bit_length() <= 256 else f"of {value.bit_length()} bits"
    return Unfit(
        at,
        f"the integer {shown}, beyond 2**53,",
        "float64 cannot represent it exactly; scale the column or drop it if it is an identifier",
    )


def _from_objects(values: NDArray[Any]) -> NDArray[np.float64]:
    """Python objects that are real numbers, or nothing: each is rounded once, by its own `float`."""
    try:
        out = values.astype(np.float64)
    except (TypeError, ValueError, ArithmeticError):
        # pandas' NA is no float, nor is a signalling NaN or a fraction out of range: one by one.
        out = np.array([_from_object(at, value) for at, value in enumerate(values.flat)], np.float64)
        out = out.reshape(values.shape)
    for at in np.flatnonzero(np.abs(out) >= EXACT_INTEGER):
        value = values.flat[at]
        if isinstance(value, Integral) and abs(int(value)) > EXACT_INTEGER:
            raise _inexact(int(at), value)
    return out


def _from_object(at: int, value: Any) -> float:
    if is_missing_type(type(value)):
        return np.nan
    try:
        return float(value)
    except (TypeError, ValueError, ArithmeticError) as error:
        if isinstance(value, Integral):
            raise _inexact(at, value) from None
        raise Unfit(at, repr(value), f"no float holds it ({error})") from None
