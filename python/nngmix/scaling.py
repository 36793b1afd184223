"""Column scaling whose result does not depend on the order or the cut of the rows.

Minima and maxima are exact anyway; sums and sums of squares are kept exactly, as wide integers, and rounded
once. States of parts of the data merge into the state of all of it.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from nngmix import _core

__all__ = ["MinMaxState", "Scale", "ScaleState", "StandardState", "scale_state"]

# Limbs of an exact sum and the power of two of the lowest, as in the kernel.
_LIMBS = 68
_LOWEST_BIT = 1074


@dataclass(frozen=True)
class Scale:
    """``(x - offset) / width``, column by column, and back."""

    offset: NDArray[Any]
    width: NDArray[Any]

    def transform(self, rows: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Scaled rows, in `out` if it is given, which may be `rows`."""
        scaled: NDArray[Any] = np.subtract(rows, self.offset, out=out)
        scaled /= self.width
        return scaled

    def inverse(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Back to the input's units, in place."""
        rows *= self.width
        rows += self.offset
        return rows


class ScaleState(Protocol):
    """What is known of the columns after some rows."""

    def update(self, rows: NDArray[Any]) -> None: ...
    def merge(self, other: Self) -> None: ...
    def scale(self, dtype: np.dtype[Any]) -> Scale: ...


class MinMaxState:
    """Every column to the interval from 0 to 1; a constant one to 0."""

    def __init__(self, n_features: int) -> None:
        self.minimum = np.full(n_features, np.inf)
        self.maximum = np.full(n_features, -np.inf)

    def update(self, rows: NDArray[Any]) -> None:
        if len(rows):
            self.minimum = np.minimum(self.minimum, rows.min(axis=0))
            self.maximum = np.maximum(self.maximum, rows.max(axis=0))

    def merge(self, other: Self) -> None:
        self.minimum = np.minimum(self.minimum, other.minimum)
        self.maximum = np.maximum(self.maximum, other.maximum)

    def scale(self, dtype: np.dtype[Any]) -> Scale:
        # Adding 0 turns -0 into 0, whichever of the two was met first.
        with np.errstate(over="ignore"):
            width = self.maximum - self.minimum
        return _scale(self.minimum + 0.0, width, dtype)


class StandardState:
    """Every column to mean 0 and standard deviation 1 (of the rows, not an estimate); a constant one to 0."""

    def __init__(self, n_features: int) -> None:
        self.n_rows = 0
        self.sums = np.zeros((n_features, 2 * _LIMBS), np.int64)

    def update(self, rows: NDArray[Any]) -> None:
        _core.sum_columns(rows, self.sums)
        self.n_rows += len(rows)

    def merge(self, other: Self) -> None:
        self.sums = self.sums + other.sums
        self.n_rows += other.n_rows

    def scale(self, dtype: np.dtype[Any]) -> Scale:
        n = max(self.n_rows, 1)
        means, deviations = [], []
        for column in self.sums:
            total, squares = _exact(column[:_LIMBS]), _exact(column[_LIMBS:])
            means.append(float(Fraction(total, n << _LOWEST_BIT)))
            # n^2 times the variance, in units of 2^-(2 * 1074).
            spread = n * (squares << _LOWEST_BIT) - total * total
            # 2^200 keeps the integer square root exact far beyond the 53 bits of a float.
            deviations.append(float(Fraction(isqrt(max(spread, 0) << 200), n << (_LOWEST_BIT + 100))))
        return _scale(np.array(means), np.array(deviations), dtype)


def _exact(limbs: NDArray[np.int64]) -> int:
    return sum(int(limb) << (32 * i) for i, limb in enumerate(limbs))


def _scale(offset: NDArray[Any], width: NDArray[Any], dtype: np.dtype[Any]) -> Scale:
    with np.errstate(over="ignore"):
        width = width.astype(dtype)
    if not np.isfinite(width).all():
        column = int(np.flatnonzero(~np.isfinite(width))[0])
        raise ValueError(f"column {column} spans more than {dtype} can hold; rescale it first")
    return Scale(offset.astype(dtype), np.where(width == 0, dtype.type(1), width))


def scale_state(scale: str | None, n_features: int) -> ScaleState | None:
    """The empty state of a scaling by name: minmax, standard or None."""
    if scale is None:
        return None
    if scale == "minmax":
        return MinMaxState(n_features)
    if scale == "standard":
        return StandardState(n_features)
    raise ValueError(f"scale must be 'minmax', 'standard' or None, got {scale!r}")
