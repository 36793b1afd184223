"""What new rows may hold, column by column."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["finish"]


def finish(
    rows: NDArray[Any], low: NDArray[Any], high: NDArray[Any], whole: NDArray[np.bool_]
) -> NDArray[Any]:
    """Rows in their own units, clipped, then rounded half to even where a column is whole; -0 becomes 0.

    A constant column is one whose `low` and `high` are its value; a missing value, NaN, stays.
    """
    rows = np.where(rows < low, low, rows)
    rows = np.where(rows > high, high, rows)
    finished: NDArray[Any] = np.where(whole, np.rint(rows), rows) + rows.dtype.type(0)
    return finished
