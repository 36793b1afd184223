"""Rows at the boundary: what is accepted as a matrix, in which blocks it is read, where results are put."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix import _core

__all__ = [
    "aligned",
    "as_matrix",
    "as_rows",
    "blocks",
    "check_finite",
    "check_memory",
    "check_out",
    "interleave",
    "row_dtype",
]

# Values of a block that has to be converted: a few MiB, whatever the size of the matrix.
_BLOCK_VALUES = 1 << 20
# Integers up to here are exact in float64.
_EXACT_INTEGER = 1 << 53


def as_matrix(name: str, X: Any) -> NDArray[Any]:
    """`X` as a 2-D array of a real dtype, without converting its values."""
    if hasattr(X, "tocsr") or hasattr(X, "todense"):
        raise TypeError(f"{name} is a sparse matrix; pass a dense one, for instance X.toarray()")
    if isinstance(X, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it or drop the masked rows")
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise ValueError(f"{name} must be a matrix with rows of equal length: {error}") from None
    if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8:
        raise TypeError(
            f"{name} must hold real numbers (float32, float64 or integers), got dtype {array.dtype}; "
            "convert it first, for instance with X.astype(float), and drop columns that are not features"
        )
    if array.ndim != 2:
        hint = "; for a single row use X.reshape(1, -1)" if array.ndim == 1 else ""
        raise ValueError(f"{name} must be 2-D (rows x columns), got shape {array.shape}{hint}")
    if array.shape[1] == 0:
        raise ValueError(f"{name} must have at least one column, got shape {array.shape}")
    return array


def interleave(
    columns: Sequence[NDArray[Any]], out: NDArray[Any], n_threads: int | None = None
) -> NDArray[Any]:
    """The columns side by side in `out`, C-contiguous rows, converted where their dtype is another one."""
    dtype = out.dtype
    columns = [np.require(column, dtype, ["C", "A"]) for column in columns]
    _core.interleave_columns(out, columns, n_threads)
    return out


def row_dtype(*arrays: NDArray[Any]) -> np.dtype[Any]:
    """float32 if every array is float32 or float16, else float64."""
    narrow = all(array.dtype.kind == "f" and array.dtype.itemsize <= 4 for array in arrays)
    return np.dtype(np.float32 if narrow else np.float64)


def as_rows(name: str, array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """`array` as native, aligned, C-contiguous rows of `dtype`: itself if it is that already."""
    if _ready(array, dtype):
        return array
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and array.size:
        largest = max(abs(int(array.max())), abs(int(array.min())))
        if largest > _EXACT_INTEGER:
            raise ValueError(
                f"{name} holds the integer {largest}, beyond 2**53: float64 cannot represent it exactly; "
                "scale the column or drop it if it is an identifier"
            )
    return np.require(array, dtype, ["C", "A"])


def aligned(value: Any) -> Any:
    """Arrays within dicts and tuples, aligned: messages between processes leave them at any address."""
    if isinstance(value, dict):
        return {name: aligned(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(aligned, value))
    return np.require(value, requirements=["C", "A"]) if isinstance(value, np.ndarray) else value


def _ready(array: NDArray[Any], dtype: np.dtype[Any]) -> bool:
    flags = array.flags
    return bool(array.dtype == dtype and flags.c_contiguous and flags.aligned)


def blocks(
    name: str, array: NDArray[Any], dtype: np.dtype[Any], block_values: int | None = None
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Number of the first row and the rows of each block, as `as_rows` gives them.

    A matrix that needs no conversion is one block, unless `block_values` asks for smaller ones.
    """
    if _ready(array, dtype) and block_values is None:
        yield 0, array
        return
    n_rows = max(1, (block_values or _BLOCK_VALUES) // array.shape[1])
    for start in range(0, len(array), n_rows):
        yield start, as_rows(name, array[start : start + n_rows], dtype)


def check_finite(name: str, rows: NDArray[Any], first_row: int = 0) -> None:
    """ValueError that names the first NaN or infinity of C-contiguous float rows."""
    found = _core.first_not_finite(rows)
    if found is not None:
        row, column = found
        raise ValueError(
            f"{name} must be finite, got {rows[row, column]} at row {first_row + row}, column {column}; "
            "drop or impute such rows"
        )


def check_out(
    out: NDArray[Any] | None,
    n_samples: int,
    n_features: int,
    dtype: np.dtype[Any],
    in_parts: str = "NeighborTable.batches",
) -> NDArray[Any]:
    """`out` if it can take the rows, or a new array if it is None; `in_parts` is what makes them in parts."""
    if out is None:
        check_memory(
            f"n_samples={n_samples} rows of {n_features} columns",
            n_samples * n_features * dtype.itemsize,
            f"make them in parts with {in_parts}, or into a memory-mapped out",
        )
        return np.empty((n_samples, n_features), dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array, got {type(out).__name__}")
    expected = (n_samples, n_features)
    if out.shape != expected or out.dtype != dtype:
        raise ValueError(f"out must be {dtype} of shape {expected}, got {out.dtype} of shape {out.shape}")
    if not out.flags.writeable:
        raise ValueError("out must be writeable, got a read-only array")
    if not (out.flags.c_contiguous and out.flags.aligned):
        raise ValueError("out must be C-contiguous and aligned, got another memory layout")
    return out


def check_memory(what: str, wanted: int, way_out: str) -> None:
    """MemoryError if `wanted` bytes are more than this machine has."""
    # The system may promise more memory than it has and kill the process later.
    try:
        physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        physical = 1 << 47
    if wanted > physical:
        raise MemoryError(
            f"{what} need {wanted / 2**30:.1f} GiB, this machine has {physical / 2**30:.1f} GiB; {way_out}"
        )
