"""Small blocks of rows put together, so that a kernel is worth its start."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.base import Rows
from nngmix.rows.frame import Names
from nngmix.rows.kinds import Kinds, joined_kinds
from nngmix.rows.refusal import Advice

__all__ = ["Gathered"]


class Gathered(Rows):
    """Rows of several blocks in one buffer.

    Parameters
    ----------
    name : str
    buffer : ndarray of shape (n_rows, n_features)
        Holds all rows that there is room for.
    names : tuple or None
    kinds : Kinds or None
        What the columns hold; the values are learnt.
    advice : Advice
    """

    def __init__(
        self, name: str, buffer: NDArray[Any], names: Names | None, kinds: Kinds | None, advice: Advice
    ) -> None:
        super().__init__(name, names, (0, buffer.shape[1]), buffer.dtype == np.float32, advice, 0)
        self.buffer, self.kinds = buffer, kinds
        # Where each part begins in the buffer, its rows, and the first of them that is in the buffer.
        self.parts: list[tuple[int, Rows, int]] = []

    @property
    def full(self) -> bool:
        """Whether there is no more room."""
        return self.n_rows == len(self.buffer)

    def add(self, rows: Rows, start: int, n_threads: int | None) -> int:
        """Take what there is room for of the rows from `start` on; where the rest begins."""
        stop = min(len(rows), start + len(self.buffer) - self.n_rows)
        held = self.n_rows + stop - start
        self.coded(joined_kinds(self.kinds, rows.kinds, rows.names))
        rows.coded(self.kinds).read(start, stop, self.buffer[self.n_rows : held], n_threads=n_threads)
        self.parts.append((self.n_rows, rows, start))
        self.names, self.n_rows = rows.names, held
        return stop

    def clear(self, first_row: int) -> None:
        """Hold nothing; what is added next begins with row `first_row` of the stream."""
        self.parts, self.n_rows, self.first_row = [], 0, first_row

    def matched(self, names: Names | None, reference: str) -> Rows:
        return self

    def coded(self, kinds: Kinds | None) -> Rows:
        """These rows themselves, where they lie, so that those to come have the same ranks."""
        if kinds is not None and self.kinds is not None and kinds is not self.kinds:
            held = self.buffer[: self.n_rows]
            held[...] = kinds.recode(held, self.kinds)
        self.kinds = kinds
        return self

    def ready(self, dtype: np.dtype[Any]) -> NDArray[Any]:
        return self.buffer[: self.n_rows]

    def value(self, row: int, column: int) -> Any:
        at, rows, start = next(part for part in reversed(self.parts) if part[0] <= row)
        return rows.value(start + row - at, column)

    def _read(self, rows: Any, out: NDArray[Any], n_threads: int | None) -> None:
        out[...] = self.buffer[: self.n_rows][rows]
