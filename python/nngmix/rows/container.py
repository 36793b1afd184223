"""What rows came in, so that rows go back as it."""

from abc import ABC, abstractmethod
from copy import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.arrays import check_out, check_room
from nngmix.rows.finish import Finish
from nngmix.rows.in_memory import MatrixRows
from nngmix.rows.kinds import Kinds
from nngmix.rows.rows import Rows
from nngmix.rows.scaling import take

__all__ = ["Container", "Matrix", "decodes", "extended_columns", "extended_matrix"]

Matrix = NDArray[Any]


class Container(ABC):
    """What rows came in.

    Attributes
    ----------
    given : Any
        What came in, to be read by `as_rows` (which could not read an Arrow reader twice).
    """

    def __init__(self, given: Any) -> None:
        self.given = given

    def without_rows(self, kinds: Kinds | None = None) -> Self:
        """The same type, which holds none of the rows that came; `kinds` is what their columns hold."""
        if kinds is not None:
            self.set_marks(kinds)
        empty = copy(self)
        empty.given = self.no_rows()
        return empty

    @abstractmethod
    def keep_integers(self, finish: Finish | None) -> None:
        """Let columns of integers and dates go out as what they are, if new rows are whole there too."""

    @abstractmethod
    def alone(self, new: Matrix, kinds: Kinds | None = None) -> Any:
        """New rows in this type; `kinds` is what their columns hold."""

    @abstractmethod
    def extended(
        self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None, kinds: Kinds | None = None
    ) -> Any:
        """The rows that came, unchanged, then the new ones; `in_parts` is what makes these in parts."""

    def no_rows(self) -> Any:
        return None

    def set_marks(self, kinds: Kinds) -> None:  # noqa: B027
        """Find what stands where a category is missing, if the rows of objects have a say in it."""


def decodes(kinds: Kinds | None) -> bool:
    """Whether there are ranks that stand for values."""
    return kinds is not None and bool(kinds.categorical.any())


def extended_matrix(rows: Rows, new: Matrix, in_parts: str, n_threads: int | None) -> Matrix:
    """The rows as they are, then the new ones: fresh memory, written by all threads."""
    n_old, there = len(rows), rows.ready(new.dtype)
    out = check_out(None, n_old + len(new), rows.n_features, new.dtype, in_parts=in_parts)
    if there is None:
        rows.read(0, n_old, out[:n_old], n_threads=n_threads)
    else:
        take(there, out=out[:n_old], n_threads=n_threads)
    take(new, out=out[n_old:], n_threads=n_threads)
    return out


def extended_columns(rows: Rows, new: Matrix, in_parts: str, n_threads: int | None) -> Matrix:
    """The same, column after column if the rows lie so: a copy of each column is faster than putting them
    into rows, and what was column-major stays so."""
    n_old = len(rows)
    columns = rows.by_column(slice(0, n_old), new.dtype) if isinstance(rows, MatrixRows) else None
    if columns is None:
        return extended_matrix(rows, new, in_parts, n_threads)
    check_room(n_old + len(new), rows.n_features, new.dtype, in_parts)
    out = np.empty((rows.n_features, n_old + len(new)), new.dtype)
    for column, there in zip(out, columns, strict=True):
        take(there[:, None], out=column[:n_old, None], n_threads=n_threads)
    out[:, n_old:] = new.T
    return out.T
