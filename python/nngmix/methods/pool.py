"""The unlabelled rows as partners: read where they lie, or a few at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.rows import Rows
from nngmix.rows.scaling import Scale

__all__ = ["Pool"]


class Pool:
    """Rows that partners are taken from, numbered from 0; never copied whole.

    Parameters
    ----------
    rows : Rows
        Finite where they are chosen.
    dtype : dtype
        That of the rows that are made.
    numbers : ndarray of int64, optional
        Which of the rows; default: all.
    scale : Scale or None
        What their columns are scaled by.
    n_threads : int or None

    Attributes
    ----------
    ready : ndarray or None
        All rows where they lie, if nothing has to be done to them.
    numbers : ndarray of int64 or None
    """

    def __init__(
        self,
        rows: Rows,
        dtype: np.dtype[Any],
        numbers: NDArray[np.int64] | None = None,
        scale: Scale | None = None,
        n_threads: int | None = None,
    ) -> None:
        self._rows, self._dtype, self._scale, self._n_threads = rows, dtype, scale, n_threads
        self.numbers = numbers
        self.ready = rows.ready(dtype) if numbers is None and scale is None else None

    def __len__(self) -> int:
        return len(self._rows) if self.numbers is None else len(self.numbers)

    def take(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """The rows of these numbers."""
        rows = self._rows.take(numbers if self.numbers is None else self.numbers[numbers], self._dtype)
        return rows if self._scale is None else self._scale.transform(rows, n_threads=self._n_threads)
