"""Column scaling whose result does not depend on the order or the cut of the rows.

Minima and maxima are exact anyway; sums and sums of squares are kept exactly, as wide integers, and rounded
once. States of parts of the data merge into the state of all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from nngmix import _core
from nngmix.parameters.errors import ParameterError
from nngmix.rows.arrays import frozen
from nngmix.rows.finish import Finish, same_finish

__all__ = [
    "MinMaxState",
    "Scale",
    "ScaleState",
    "StandardState",
    "check_scale",
    "check_scaled",
    "finish_in",
    "finished",
    "same_scale",
    "scale_state",
    "take",
    "unit_scale",
]

# Limbs of an exact sum and the power of two of the lowest, as in the kernel.
_LIMBS = 68
_LOWEST_BIT = 1074


@dataclass(frozen=True)
class Scale:
    """``(x - offset) / width``, column by column, and back; on the way back values are finished, if asked."""

    offset: NDArray[Any]
    width: NDArray[Any]
    finish: Finish | None = None

    def __post_init__(self) -> None:
        self.__setstate__(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(frozen(state))

    @property
    def moves(self) -> bool:
        """Whether it changes values at all, besides what it does to new rows."""
        return self.finish is None or bool((self.offset != 0).any() or (self.width != 1).any())

    def transform(
        self,
        rows: NDArray[Any],
        chosen: NDArray[np.bool_] | None = None,
        *,
        out: NDArray[Any] | None = None,
        n_threads: int | None = None,
    ) -> NDArray[Any]:
        """The chosen rows, or all, scaled; in `out` if it is given."""
        return take(rows, chosen, self, out=out, n_threads=n_threads)

    def inverse(self, rows: NDArray[Any], *, n_threads: int | None = None) -> NDArray[Any]:
        """Back to the input's units, in place; then what `finish` says."""
        _core.unscale_rows(rows, self, n_threads)
        return rows


def take(
    rows: NDArray[Any],
    chosen: NDArray[np.bool_] | None = None,
    scale: Scale | None = None,
    *,
    out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> NDArray[Any]:
    """The chosen rows, or all, in the units of `scale` if there is one: one pass over C-contiguous rows."""
    n_rows = len(rows) if chosen is None else int(np.count_nonzero(chosen))
    if out is None:
        out = np.empty((n_rows, rows.shape[1]), rows.dtype)
    elif np.may_share_memory(rows, out):
        rows = rows.copy()
    if n_rows > 0:
        _core.take_rows(out, rows, chosen, scale, n_threads)
    return out


def unit_scale(finish: Finish | None) -> Scale | None:
    """The scale that leaves values as they are, and finishes them; None if there is nothing to finish."""
    return None if finish is None else _unit(finish)


def _unit(finish: Finish) -> Scale:
    return Scale(np.zeros_like(finish.low), np.ones_like(finish.low), finish)


def finished(rows: NDArray[Any], finish: Finish, *, n_threads: int | None = None) -> NDArray[Any]:
    """A copy of rows in their own units, as new rows may be."""
    return _unit(finish).inverse(np.array(rows, order="C"), n_threads=n_threads)


# Rows, or columns that lie by themselves.
Values = NDArray[Any] | list[NDArray[Any]]


class ScaleState(Protocol):
    """What is known of the columns after some rows."""

    def update(self, rows: Values, *, n_threads: int | None = None) -> None: ...
    def merge(self, other: Self) -> None: ...
    def scale(self, dtype: np.dtype[Any]) -> Scale: ...
    def constant(self) -> NDArray[np.bool_]: ...
    def whole(self) -> NDArray[np.bool_]: ...
    def only_values(self) -> NDArray[np.float64]: ...


class _WholeState:
    """Which columns hold whole numbers alone; with `missing`, NaN is a missing value, and passed by."""

    def __init__(self, n_features: int, missing: bool = False) -> None:
        self.missing = missing
        self.is_whole = np.ones(n_features, bool)

    def update(self, rows: Values, *, n_threads: int | None = None) -> None:
        """Take rows into account, C-contiguous or as a list of columns.

        ValueError for a value that is not finite, without a change.
        """
        _core.keep_whole(rows, self.is_whole, n_threads)

    def merge(self, other: Self) -> None:
        self.is_whole = self.is_whole & other.is_whole

    def whole(self) -> NDArray[np.bool_]:
        """Which columns hold whole numbers alone, or nothing."""
        return self.is_whole.copy()


class MinMaxState(_WholeState):
    """Every column to the interval from 0 to 1; a constant one to 0."""

    def __init__(self, n_features: int, missing: bool = False) -> None:
        super().__init__(n_features, missing)
        self.minimum = np.full(n_features, np.inf)
        self.maximum = np.full(n_features, -np.inf)

    def update(self, rows: Values, *, n_threads: int | None = None) -> None:
        _core.widen_ranges(rows, self.minimum, self.maximum, n_threads, missing=self.missing)
        super().update(rows, n_threads=n_threads)

    def merge(self, other: Self) -> None:
        super().merge(other)
        self.minimum = np.minimum(self.minimum, other.minimum)
        self.maximum = np.maximum(self.maximum, other.maximum)

    def holds(self, other: Self) -> bool:
        """Whether no value of another state lies outside of the range of its column."""
        return bool((self.minimum <= other.minimum).all() and (other.maximum <= self.maximum).all())

    def scale(self, dtype: np.dtype[Any]) -> Scale:
        minimum, maximum = self.minimum, self.maximum
        if self.missing:
            empty = minimum > maximum
            minimum, maximum = np.where(empty, 0.0, minimum), np.where(empty, 0.0, maximum)
        # Adding 0 turns -0 into 0, whichever of the two was met first.
        with np.errstate(over="ignore"):
            width = maximum - minimum
        return _scale(minimum + 0.0, width, dtype)

    def constant(self) -> NDArray[np.bool_]:
        """Which columns hold one value alone, or none."""
        found: NDArray[np.bool_] = self.minimum >= self.maximum
        return found

    def only_values(self) -> NDArray[np.float64]:
        """The value of each column that holds one alone; NaN for the others."""
        # Adding 0 as above: which zero was met first is a matter of the order of rows.
        return np.where(self.minimum == self.maximum, self.minimum + 0.0, np.nan)


class StandardState(_WholeState):
    """Every column to mean 0 and standard deviation 1 (of the rows, not an estimate); a constant one to 0."""

    def __init__(self, n_features: int, missing: bool = False) -> None:
        super().__init__(n_features, missing)
        self.counts = np.zeros(n_features, np.int64)
        self.sums = np.zeros((n_features, 2 * _LIMBS), np.int64)

    def update(self, rows: Values, *, n_threads: int | None = None) -> None:
        _core.sum_columns(rows, self.sums, n_threads, counts=self.counts if self.missing else None)
        if not self.missing:
            self.counts += len(rows[0]) if isinstance(rows, list) else len(rows)
        super().update(rows, n_threads=n_threads)

    def merge(self, other: Self) -> None:
        super().merge(other)
        self.sums = self.sums + other.sums
        self.counts = self.counts + other.counts

    def scale(self, dtype: np.dtype[Any]) -> Scale:
        means, deviations = [], []
        for n, total, squares in self._exact_sums():
            n = max(n, 1)
            means.append(float(Fraction(total, n << _LOWEST_BIT)))
            # n^2 times the variance, in units of 2^-(2 * 1074).
            spread = n * (squares << _LOWEST_BIT) - total * total
            # 2^200 keeps the integer square root exact far beyond the 53 bits of a float.
            deviations.append(float(Fraction(isqrt(max(spread, 0) << 200), n << (_LOWEST_BIT + 100))))
        return _scale(np.array(means), np.array(deviations), dtype)

    def constant(self) -> NDArray[np.bool_]:
        """Which columns hold one value alone, or none."""
        sums = self._exact_sums()
        return np.array([n * (squares << _LOWEST_BIT) == total * total for n, total, squares in sums], bool)

    def _exact_sums(self) -> Iterator[tuple[int, int, int]]:
        """Number of values of each column, their sum, and that of their squares."""
        for n, column in zip(self.counts.tolist(), self.sums, strict=True):
            yield n, _exact(column[:_LIMBS]), _exact(column[_LIMBS:])

    def only_values(self) -> NDArray[np.float64]:
        """The value of each column that holds one alone; NaN for the others."""
        means = [
            float(Fraction(total, n << _LOWEST_BIT)) if n else np.nan for n, total, _ in self._exact_sums()
        ]
        return np.where(self.constant(), means, np.nan)


def _exact(limbs: NDArray[np.int64]) -> int:
    low = int.from_bytes((limbs & 0xFFFFFFFF).astype("<u4").tobytes(), "little")
    # Few limbs hold more than their own 32 bits: that of the sign, and those of sums that were merged.
    over = limbs >> 32
    return low + sum(int(over[i]) << (32 * (i + 1)) for i in np.flatnonzero(over).tolist())


def _scale(offset: NDArray[Any], width: NDArray[Any], dtype: np.dtype[Any]) -> Scale:
    with np.errstate(over="ignore"):
        width = width.astype(dtype)
    if not np.isfinite(width).all():
        column = int(np.flatnonzero(~np.isfinite(width))[0])
        raise ValueError(f"column {column} spans more than {dtype} can hold; rescale it first")
    return Scale(offset.astype(dtype), np.where(width == 0, dtype.type(1), width))


def finish_in(scale: Scale | None) -> Finish | None:
    """What a scale does to new rows, if there is one and it does anything."""
    return None if scale is None else scale.finish


def check_scale(scale: Scale, n_features: int, dtype: np.dtype[Any]) -> None:
    """ValueError for a scale of other columns, or of another dtype."""
    if not isinstance(scale, Scale):
        raise TypeError(
            f"scale must be a fitted Scale, got {scale!r}: nngmix.stream.fit(X_anomaly, [X_unlabeled], "
            "scale='minmax') fits one, and table.scale holds it"
        )
    bounds = () if scale.finish is None else (scale.finish.low, scale.finish.high)
    for array in (scale.offset, scale.width, *bounds):
        if array.shape != (n_features,) or array.dtype != dtype:
            raise ValueError(
                f"scale must be of {n_features} columns in {dtype}, as X_anomaly is, "
                f"got {array.dtype} of shape {array.shape}"
            )


def check_scaled(rows: NDArray[Any], scale: Scale | None, missing: bool = False) -> None:
    """ValueError if finite rows, or such that miss values, are infinite in the units of `scale`."""
    found = None if scale is None else _core.first_not_finite(rows)
    if found is not None and missing:
        infinite = np.argwhere(np.isinf(rows))
        found = tuple(infinite[0].tolist()) if len(infinite) else None
    if found is not None:
        raise ValueError(
            f"column {found[1]} would be infinite in {rows.dtype} once it is scaled: its values lie farther "
            "apart than the type can hold; divide the column by a constant first"
        )


def same_scale(scale: Scale | None, other: Scale | None) -> bool:
    """Whether two scales, or none, are the same to the last bit."""
    if scale is None or other is None:
        return scale is other
    same = np.array_equal(scale.offset, other.offset) and np.array_equal(scale.width, other.width)
    return same and same_finish(scale.finish, other.finish)


def scale_state(scale: str | None, n_features: int, missing: bool = False) -> ScaleState | None:
    """The empty state of a scaling by name: minmax, standard or None; with `missing`, NaN is passed by."""
    if scale is None:
        return None
    if scale == "minmax":
        return MinMaxState(n_features, missing)
    if scale == "standard":
        return StandardState(n_features, missing)
    raise ParameterError("scale", "be 'minmax', 'standard' or None", repr(scale))
