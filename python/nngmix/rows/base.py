"""Rows that have passed the door: what every later layer takes, and nobody checks again."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from nngmix import _core
from nngmix.rows.column_types import ColumnTypes, Units
from nngmix.rows.finish import Range
from nngmix.rows.frame import Names
from nngmix.rows.kinds import Kinds
from nngmix.rows.numbers import Unfit, float_dtype
from nngmix.rows.refusal import Advice

__all__ = ["Rows"]

# Values of a block that has to be converted: a few MiB, whatever the size of the rows.
_BLOCK_VALUES = 1 << 20
# Fewer rows than these are not worth a turn through all columns: the work stays linear in the columns.
_BLOCK_ROWS = 256


class Rows(ABC):
    """Rows of real numbers.

    Attributes
    ----------
    name : str
        What messages call them: an argument, a file.
    names : tuple or None
        Names of the columns.
    n_features : int
        Number of columns, at least one.
    dtype : dtype
        float32 if float32 holds every column, else float64.
    kinds : Kinds or None
        What the columns hold; None if all are numbers, and none may be missing.
    units : tuple or None
        What the numbers of each column of dates or durations count, None for other columns; None if there
        are no dates.
    types : tuple or None
        The types of the columns, as far as they have names; None if nobody knows them.
    """

    kinds: Kinds | None = None
    units: Units = None

    def __init__(
        self,
        name: str,
        names: Names | None,
        shape: tuple[int, int],
        narrow: bool,
        advice: Advice,
        first_row: int,
    ) -> None:
        self.name, self.names, self.advice, self.first_row = name, names, advice, first_row
        self.n_rows, self.n_features = shape
        self.dtype = float_dtype(narrow)

    def __len__(self) -> int:
        return self.n_rows

    def column_limits(self, column: int) -> tuple[float, float] | None:
        """What the type of a column holds, if that is one of integers."""
        return None

    @property
    def limits(self) -> Range | None:
        """The same for all columns, infinite for those of other types; None if there are no others."""
        found = [self.column_limits(column) or (-np.inf, np.inf) for column in range(self.n_features)]
        low, high = np.array(found).T
        return (low, high) if np.isfinite(low).any() else None

    @property
    def types(self) -> ColumnTypes | None:
        return None

    def cast(self, dtype: np.dtype[Any]) -> "Rows":
        """The same rows, to be read as `dtype` where nothing else is said."""
        if dtype == self.dtype:
            return self
        rows = copy(self)
        rows.dtype = dtype
        return rows

    def coded(self, kinds: Kinds | None) -> "Rows":
        """The same rows with the ranks of other dictionaries, which must have all values.

        Raises
        ------
        ValueError
            For a value that is in none.
        """
        if kinds is None or kinds is self.kinds:
            return self
        rows = copy(self)
        rows.kinds = kinds
        return rows

    @abstractmethod
    def matched(self, names: Names | None, reference: str) -> "Rows":
        """The same rows with their columns in the order of `names`, those of `reference`."""

    @abstractmethod
    def ready(self, dtype: np.dtype[Any]) -> NDArray[Any] | None:
        """The rows where they lie, if they need no conversion."""

    @abstractmethod
    def value(self, row: int, column: int) -> Any:
        """One value as the user knows it."""

    def _by_column(self, rows: slice | NDArray[np.int64], dtype: np.dtype[Any]) -> list[NDArray[Any]] | None:
        """What `by_column` gives, or `Unfit` if a value does not fit."""
        return None

    @abstractmethod
    def _read(self, rows: slice | NDArray[np.int64], out: NDArray[Any], n_threads: int | None) -> None:
        """Write some rows to `out`, NaN where a value is missing; `Unfit` if one does not fit."""

    def blocks(
        self,
        dtype: np.dtype[Any] | None = None,
        n_values: int | None = None,
        *,
        n_threads: int | None = None,
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        """Number of the first row and the rows of each block; a block is valid until the next is taken.

        Rows that need no conversion are one block, unless `n_values` asks for smaller ones.
        """
        dtype = self.dtype if dtype is None else dtype
        there = self.ready(dtype)
        if there is not None and n_values is None:
            yield 0, there
            return
        for span, block in self.lazy_blocks(dtype, n_values):
            yield span.start, block(n_threads)

    def lazy_blocks(
        self, dtype: np.dtype[Any], n_values: int | None
    ) -> Iterator[tuple[slice, Callable[[int | None], NDArray[Any]]]]:
        """The same blocks, each made when it is called for, with the rows that they are."""
        there = self.ready(dtype)
        step = self._step(n_values) if there is None else max(1, (n_values or 0) // self.n_features)
        # Memory that nobody writes to costs nothing.
        buffer = np.empty((0 if there is not None else min(step, self.n_rows), self.n_features), dtype)

        def block(n_threads: int | None) -> NDArray[Any]:
            if there is not None:
                return there[span]
            made = buffer[: span.stop - span.start]
            self._converted(span, span.start, made, n_threads)
            return made

        for start in range(0, self.n_rows, step):
            span = slice(start, min(start + step, self.n_rows))
            yield span, block

    def by_column(self, rows: slice, dtype: np.dtype[Any]) -> list[NDArray[Any]] | None:
        """Contiguous columns of some rows, NaN where a value is missing; None if that is not how they lie."""
        with self._fitting(rows.start):
            return self._by_column(rows, dtype)

    def read(self, start: int, stop: int, out: NDArray[Any], *, n_threads: int | None = None) -> None:
        """Write rows `start` to `stop` to `out`."""
        step = self._step(None)
        for first in range(start, stop, step):
            last = min(first + step, stop)
            self._converted(slice(first, last), first, out[first - start : last - start], n_threads)

    def _step(self, n_values: int | None) -> int:
        """Number of rows that are converted at a time."""
        return max(_BLOCK_ROWS, (n_values or _BLOCK_VALUES) // self.n_features)

    def take(
        self,
        numbers: NDArray[np.int64],
        dtype: np.dtype[Any] | None = None,
        *,
        n_threads: int | None = None,
    ) -> NDArray[Any]:
        """The rows of these numbers, in a new array."""
        out = np.empty((len(numbers), self.n_features), self.dtype if dtype is None else dtype)
        self._converted(numbers, numbers, out, n_threads)
        return out

    def whole(self, dtype: np.dtype[Any] | None = None, *, n_threads: int | None = None) -> NDArray[Any]:
        """All rows as one C-contiguous array: themselves if they are that already."""
        dtype = self.dtype if dtype is None else dtype
        there = self.ready(dtype)
        if there is None:
            there = np.empty((self.n_rows, self.n_features), dtype)
            self.read(0, self.n_rows, there, n_threads=n_threads)
        return there

    def _converted(
        self,
        rows: slice | NDArray[np.int64],
        numbers: int | NDArray[np.int64],
        out: NDArray[Any],
        n_threads: int | None,
    ) -> None:
        with self._fitting(numbers):
            self._read(rows, out, n_threads)

    @contextmanager
    def _fitting(self, numbers: int | NDArray[np.int64]) -> Iterator[None]:
        """Within, a value that does not fit is named as the user knows it."""
        try:
            yield
        except Unfit as unfit:
            row, column = divmod(unfit.at, self.n_features)
            row = int(numbers[row]) if isinstance(numbers, np.ndarray) else numbers + row
            raise ValueError(
                f"{self.name} holds {unfit.what} at row {self.first_row + row}, column "
                f"{self.column_name(column)}: {unfit.why}"
            ) from None

    def column_name(self, column: int) -> str:
        """A column as messages show it."""
        return repr(self.names[column]) if self.names is not None else str(column)

    def finite(self, block: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Which rows of a block hold finite numbers alone; None if all do."""
        if _core.first_not_finite(block) is None:
            return None
        mask: NDArray[np.bool_] = np.isfinite(block).all(axis=1)
        return mask

    def check_finite(self, block: NDArray[Any], start: int = 0) -> None:
        """The one error for a missing value, NaN or infinity; `block` begins at row `start`."""
        found = _core.first_not_finite(block)
        if found is not None and self.may_miss:
            # Infinity alone is refused.
            infinite = np.isinf(block)
            found = divmod(int(infinite.argmax()), self.n_features) if infinite.any() else None
        if found is not None:
            self._refuse(start + found[0], found[1])

    @property
    def may_miss(self) -> bool:
        """Whether NaN is a value that is missing, and not refused."""
        return self.kinds is not None and self.kinds.missing

    @contextmanager
    def located(
        self, block: NDArray[Any], start: int = 0, taken: NDArray[np.bool_] | None = None
    ) -> Iterator[None]:
        """Within, a kernel may find a value that is not finite: it is named as the user knows it.

        `taken` says which rows of the block the kernel is given, if not all.
        """
        try:
            yield
        except ValueError:
            if taken is None:
                self.check_finite(block, start)
            else:
                good = ~np.isinf(block) if self.may_miss else np.isfinite(block)
                bad = np.flatnonzero(taken & ~good.all(axis=1))
                if len(bad) > 0:
                    self.check_finite(block[bad[0] : bad[0] + 1], start + int(bad[0]))
            raise

    def _refuse(self, row: int, column: int) -> NoReturn:
        expected = "not be infinite" if self.may_miss else "be finite"
        raise ValueError(
            f"{self.name} must {expected}, got {self.value(row, column)!r} at row {self.first_row + row}, "
            f"column {self.column_name(column)}; {self.advice.values}"
        )
