"""What new rows may hold, column by column: a range of values, and whole numbers alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.arrays import frozen

__all__ = ["Finish", "Range", "common_limits", "finish_of", "same_finish"]

# The lowest and the highest value of each column.
Range = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Finish:
    """What is done to values that are back in their units: clipped to a range, then rounded if whole.

    Attributes
    ----------
    low, high : ndarray of shape (n_features,)
        In the dtype of the rows; infinite where there is no bound. A constant column has one value for both.
    whole : ndarray of bool, shape (n_features,)
        Columns that are rounded, half to even.
    missing : bool
        Whether NaN is a value that is missing, which stays, instead of an error.
    """

    low: NDArray[Any]
    high: NDArray[Any]
    whole: NDArray[np.bool_]
    missing: bool = False

    def __post_init__(self) -> None:
        self.__setstate__(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(frozen(state))

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Which columns have one value for all new rows."""
        found: NDArray[np.bool_] = self.low == self.high
        return found

    def holds(self, column: int, limits: tuple[float, float] | None) -> bool:
        """Whether a type of integers with these limits holds all that a column may have."""
        if limits is None or not self.whole[column]:
            return False
        return bool(limits[0] <= self.low[column] and self.high[column] <= limits[1])


def common_limits(first: Range | None, second: Range | None) -> Range | None:
    """The limits of columns that have the same in two sets of rows; infinite, or None, for others."""
    if first is None or second is None:
        return None
    same = (first[0] == second[0]) & (first[1] == second[1])
    return np.where(same, first[0], -np.inf), np.where(same, first[1], np.inf)


def finish_of(
    dtype: np.dtype[Any],
    whole: NDArray[np.bool_],
    *,
    limits: Range | None = None,
    clip: Range | None = None,
    constant: NDArray[Any] | None = None,
    missing: bool = False,
) -> Finish | None:
    """The finish of some columns; None if nothing has to be done.

    Parameters
    ----------
    dtype : dtype
        float32 or float64, of the rows.
    whole : ndarray of bool, shape (n_features,)
        Columns of whole numbers.
    limits : Range, optional
        What the types of whole columns hold.
    clip : Range, optional
        Values that no column may leave.
    constant : ndarray of shape (n_features,), optional
        The value of each column that has but one; NaN for the others.
    missing : bool, default=False
        Whether values may be missing.
    """
    low, high = np.full(len(whole), -np.inf), np.full(len(whole), np.inf)
    if limits is not None:
        low, high = np.where(whole, limits[0], low), np.where(whole, limits[1], high)
    if clip is not None:
        low, high = np.maximum(low, clip[0]), np.minimum(high, clip[1])
    if constant is not None:
        low, high = (np.where(np.isnan(constant), bound, constant) for bound in (low, high))
    if not (whole.any() or missing or np.isfinite(low).any() or np.isfinite(high).any()):
        return None
    # Adding 0 turns -0 into 0.
    return Finish((low + 0.0).astype(dtype), (high + 0.0).astype(dtype), whole.copy(), missing)


def same_finish(finish: Finish | None, other: Finish | None) -> bool:
    """Whether two are the same to the last bit."""
    if finish is None or other is None:
        return finish is other
    arrays = [(getattr(finish, name), getattr(other, name)) for name in ("low", "high", "whole")]
    return finish.missing == other.missing and all(np.array_equal(*pair) for pair in arrays)
