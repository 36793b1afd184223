"""Arrays, lists and whatever NumPy reads as one: a matrix of real numbers, its values as they are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.numbers import EXACT_INTEGER, first_stranger, is_number
from nngmix.rows.refusal import Advice, no_numbers, one_thing

__all__ = ["check_shape", "number_matrix", "value_matrix"]


def number_matrix(name: str, X: Any, advice: Advice) -> NDArray[Any]:
    """`X` as a 2-D array of real numbers, or of objects that are numbers or missing."""
    array = value_matrix(name, X)
    if array.dtype == object:
        _check_objects(name, array, advice)
    elif not is_number(array.dtype):
        raise no_numbers(name, f"dtype {array.dtype}", [array.dtype.name], advice)
    check_shape(name, X, array)
    return array


def value_matrix(name: str, X: Any) -> NDArray[Any]:
    """`X` as an array of anything, of whatever shape but a single thing."""
    if type(X) is np.ndarray and X.ndim > 0:
        return X
    if hasattr(X, "tocsr") or hasattr(X, "todense"):
        raise TypeError(f"{name} is a sparse matrix; pass a dense one, for instance X.toarray()")
    if isinstance(X, np.ma.MaskedArray):
        raise TypeError(
            f"{name} is a masked array; fill it or drop the masked rows, or pass {name}.filled(numpy.nan) "
            "with missing='keep'"
        )
    try:
        array = _as_array(X)
    except ValueError as error:
        raise ValueError(f"{name} must be a matrix with rows of equal length: {error}") from None
    if array.ndim == 0 and array.dtype.kind in "OUS":
        raise TypeError(
            f"{name} must hold real numbers (float32, float64 or integers), got dtype {array.dtype}, "
            + one_thing(X, "an array, a list of rows, a frame or an Arrow table")
        )
    return array


def check_shape(name: str, X: Any, array: NDArray[Any]) -> None:
    """ValueError unless the array of `X` is a matrix that has columns."""
    if array.ndim != 2:
        hint = _two_dimensions(X) if array.ndim == 1 else ""
        raise ValueError(f"{name} must be 2-D (rows x columns), got shape {array.shape}{hint}")
    if array.shape[1] == 0:
        # In scikit-learn's words, too.
        raise ValueError(
            f"{name} must have at least one column, got shape {array.shape}: "
            f"0 feature(s) (shape={array.shape}) while a minimum of 1 is required."
        )


def _as_array(X: Any) -> NDArray[Any]:
    array = np.asarray(X)
    if isinstance(X, list | tuple) and array.size:
        # NumPy finds one type for all values of a list: numbers beside texts become texts, and integers
        # beside floats become floats, whether or not they are exact.
        changed = array.dtype.kind in "US" or (
            array.dtype == np.float64 and bool((np.abs(array) >= EXACT_INTEGER).any())
        )
        if changed:
            return np.asarray(X, dtype=object)
    return array


def _two_dimensions(X: Any) -> str:
    """The way from one row or one column to a matrix."""
    if hasattr(X, "to_frame"):
        row = "X.to_frame().T" if hasattr(X, "iloc") else "X.to_frame().transpose()"
        return f"; for a single column use X.to_frame(), for a single row {row}"
    if isinstance(X, np.ndarray):
        return "; for a single row use X.reshape(1, -1), for a single column X.reshape(-1, 1)"
    return "; for a single row use [X] or numpy.asarray(X).reshape(1, -1)"


def _check_objects(name: str, array: NDArray[Any], advice: Advice) -> None:
    at = first_stranger(array.flat)
    if at is not None:
        position = np.unravel_index(at, array.shape)
        where = ", column ".join(str(int(index)) for index in position[:2])
        value = array[position]
        raise no_numbers(name, f"dtype object, {value!r} at row {where}", [type(value).__name__], advice)
