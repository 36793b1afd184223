"""Rows that have passed the door: what every later layer takes, and nobody checks again.

`as_rows` is the door for everything in memory, and the batches of files, streams and engines pass it too.
The values stay where they are: rows are converted in blocks, when they are read.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from nngmix import _core
from nngmix.parameters.warnings import warn
from nngmix.rows.columns import Column, NotNumbers
from nngmix.rows.frame import Names, column_names, frame_columns, is_frame, refuse_lazy
from nngmix.rows.names import listed, looks_like_index, positions
from nngmix.rows.numbers import Unfit, float_dtype, floats, is_narrow, is_number

__all__ = ["IN_MEMORY", "Advice", "Names", "Rows", "as_rows", "common_dtype", "matched"]

# Values of a block that has to be converted: a few MiB, whatever the size of the rows.
_BLOCK_VALUES = 1 << 20


@dataclass(frozen=True)
class Advice:
    """The ways out that errors name: they differ between a call in Python and the shell.

    Attributes
    ----------
    types : str
        For columns that hold no numbers.
    values : str
        For rows that are not finite.
    warn_index : bool
        Warn of columns that look like an index which became a column.
    """

    types: str
    values: str
    warn_index: bool = False


IN_MEMORY = Advice(
    "convert it first, for instance with X.astype(float), and drop columns that are not features",
    "drop or impute such rows",
    warn_index=True,
)


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
    """

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

    def cast(self, dtype: np.dtype[Any]) -> "Rows":
        """The same rows, to be read as `dtype` where nothing else is said."""
        rows = copy(self)
        rows.dtype = dtype
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
        step = max(1, (n_values or _BLOCK_VALUES) // self.n_features)
        buffer = None if there is not None else np.empty((min(step, self.n_rows), self.n_features), dtype)
        for start in range(0, self.n_rows, step):
            stop = min(start + step, self.n_rows)
            if there is not None:
                yield start, there[start:stop]
            elif buffer is not None:
                self._converted(slice(start, stop), start, buffer[: stop - start], n_threads)
                yield start, buffer[: stop - start]

    def read(self, start: int, stop: int, out: NDArray[Any], *, n_threads: int | None = None) -> None:
        """Write rows `start` to `stop` to `out`."""
        self._converted(slice(start, stop), start, out, n_threads)

    def take(self, numbers: NDArray[np.int64], dtype: np.dtype[Any] | None = None) -> NDArray[Any]:
        """The rows of these numbers, in a new array."""
        out = np.empty((len(numbers), self.n_features), self.dtype if dtype is None else dtype)
        self._converted(numbers, numbers, out, None)
        return out

    def whole(self, dtype: np.dtype[Any] | None = None, *, n_threads: int | None = None) -> NDArray[Any]:
        """All rows as one C-contiguous array: themselves if they are that already."""
        dtype = self.dtype if dtype is None else dtype
        there = self.ready(dtype)
        if there is None:
            there = np.empty((self.n_rows, self.n_features), dtype)
            self._converted(slice(0, self.n_rows), 0, there, n_threads)
        return there

    def _converted(
        self,
        rows: slice | NDArray[np.int64],
        numbers: int | NDArray[np.int64],
        out: NDArray[Any],
        n_threads: int | None,
    ) -> None:
        try:
            self._read(rows, out, n_threads)
        except Unfit as unfit:
            row, column = divmod(unfit.at, self.n_features)
            row = int(numbers[row]) if isinstance(numbers, np.ndarray) else numbers + row
            raise ValueError(
                f"{self.name} holds {unfit.value!r} at row {self.first_row + row}, column "
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
        if found is not None:
            self._refuse(start + found[0], found[1])

    @contextmanager
    def located(self, block: NDArray[Any], start: int = 0) -> Iterator[None]:
        """Within, a kernel may find a value that is not finite: it is named as the user knows it."""
        try:
            yield
        except ValueError:
            self.check_finite(block, start)
            raise

    def _refuse(self, row: int, column: int) -> NoReturn:
        raise ValueError(
            f"{self.name} must be finite, got {self.value(row, column)!r} at row {self.first_row + row}, "
            f"column {self.column_name(column)}; {self.advice.values}"
        )


class MatrixRows(Rows):
    """Rows of one NumPy array."""

    def __init__(
        self, name: str, array: NDArray[Any], names: Names | None, advice: Advice, first_row: int
    ) -> None:
        narrow = array.dtype != object and is_narrow(array.dtype)
        super().__init__(name, names, (array.shape[0], array.shape[1]), narrow, advice, first_row)
        self.array = array

    def matched(self, names: Names | None, reference: str) -> "Rows":
        if names is None or self.names is None or names == self.names:
            return self
        order = positions(self.name, self.names, names, reference)
        return MatrixRows(self.name, self.array[:, order], names, self.advice, self.first_row)

    def ready(self, dtype: np.dtype[Any]) -> NDArray[Any] | None:
        flags = self.array.flags
        same = self.array.dtype == dtype and self.array.dtype.isnative
        return self.array if same and flags.c_contiguous and flags.aligned else None

    def value(self, row: int, column: int) -> Any:
        value = self.array[row, column]
        return value.item() if isinstance(value, np.generic) else value

    def _read(self, rows: slice | NDArray[np.int64], out: NDArray[Any], n_threads: int | None) -> None:
        values = self.array[rows]
        # Floats need no look at each of them, and no copy on the way.
        out[...] = values if values.dtype.kind == "f" else floats(values, out.dtype)


class FrameRows(Rows):
    """Rows of a frame, column by column."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        names: Names | None,
        n_rows: int,
        advice: Advice,
        first_row: int,
    ) -> None:
        narrow = all(column.narrow for column in columns)
        super().__init__(name, names, (n_rows, len(columns)), narrow, advice, first_row)
        self.columns = columns

    def matched(self, names: Names | None, reference: str) -> "Rows":
        if names is None or self.names is None or names == self.names:
            return self
        order = positions(self.name, self.names, names, reference)
        columns = [self.columns[position] for position in order]
        return FrameRows(self.name, columns, names, self.n_rows, self.advice, self.first_row)

    def ready(self, dtype: np.dtype[Any]) -> NDArray[Any] | None:
        return None

    def value(self, row: int, column: int) -> Any:
        return self.columns[column].value(row)

    def _read(self, rows: slice | NDArray[np.int64], out: NDArray[Any], n_threads: int | None) -> None:
        values = []
        for j, column in enumerate(self.columns):
            try:
                values.append(column.floats(rows, out.dtype))
            except Unfit as unfit:
                raise Unfit(unfit.at * self.n_features + j, unfit.value, unfit.why) from None
        _core.interleave_columns(out, values, n_threads)


def as_rows(name: str, X: Any, *, advice: Advice = IN_MEMORY, first_row: int = 0) -> Rows:
    """Whatever a user has, as rows.

    Parameters
    ----------
    name : str
        What messages call it.
    X : array-like, frame or Arrow table of shape (n_rows, n_features)
        Real numbers: an array or memory map, lists, a pandas or polars frame, an Arrow table, batch or
        reader, or `Rows`, which are given back as they are.
    advice : Advice
        The ways out that errors name.
    first_row : int, default=0
        Number of the first row in what the user knows, of which `X` may be a part.

    Raises
    ------
    TypeError
        For what holds no real numbers, with the columns and their types.
    ValueError
        For another shape than rows x columns, or names that occur twice.
    """
    if isinstance(X, Rows):
        return X
    refuse_lazy(name, X)
    if is_frame(X):
        return _frame_rows(name, X, advice, first_row)
    return MatrixRows(name, _matrix(name, X, advice), None, advice, first_row)


def _frame_rows(name: str, X: Any, advice: Advice, first_row: int) -> Rows:
    names, columns = column_names(name, X), frame_columns(X)
    if not columns:
        raise ValueError(f"{name} must have at least one column, got none")
    shown: Callable[[int], object] = (lambda j: j) if names is None else (lambda j: names[j])
    refused = [(j, column) for j, column in enumerate(columns) if isinstance(column, NotNumbers)]
    if refused:
        said = listed(f"{shown(j)!r} ({column.kind})" for j, column in refused)
        raise TypeError(
            f"{name} must hold real numbers (float32, float64, integers, booleans or decimals), got columns "
            f"of other types: {said}{_example(refused[0][1])}; {advice.types}"
        )
    good = [column for column in columns if isinstance(column, Column)]
    if advice.warn_index:
        for j, column in enumerate(good):
            if column.whole and looks_like_index(shown(j)):
                warn(
                    f"{name}: the column {shown(j)!r} looks like an index that was written as a column, and is "
                    "taken for a feature as it stands there; drop it if it is none"
                )
    return FrameRows(name, good, names, len(good[0]), advice, first_row)


def _example(refused: NotNumbers) -> str:
    """The first value of a column that is refused, since a number may wear a disguise."""
    for value in refused.values[:1]:
        value = value.as_py() if hasattr(value, "as_py") else value
        return f", the first value being {value!r}"
    return ""


def _matrix(name: str, X: Any, advice: Advice) -> NDArray[Any]:
    """`X` as a 2-D array of real numbers or of objects, its values as they are."""
    if hasattr(X, "tocsr") or hasattr(X, "todense"):
        raise TypeError(f"{name} is a sparse matrix; pass a dense one, for instance X.toarray()")
    if isinstance(X, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it or drop the masked rows")
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise ValueError(f"{name} must be a matrix with rows of equal length: {error}") from None
    if array.dtype != object and not is_number(array.dtype):
        raise TypeError(
            f"{name} must hold real numbers (float32, float64 or integers), got dtype {array.dtype}; "
            f"{advice.types}"
        )
    if array.ndim != 2:
        hint = "; for a single row use X.reshape(1, -1)" if array.ndim == 1 else ""
        raise ValueError(f"{name} must be 2-D (rows x columns), got shape {array.shape}{hint}")
    if array.shape[1] == 0:
        raise ValueError(f"{name} must have at least one column, got shape {array.shape}")
    return array


def common_dtype(*rows: Rows) -> np.dtype[Any]:
    """float32 if all rows are, else float64."""
    return float_dtype(*(there.dtype == np.float32 for there in rows))


def matched(rows: Rows, reference: Rows) -> Rows:
    """The rows with their columns in the order of `reference`: by name where both have names."""
    if rows.n_features != reference.n_features and None in (rows.names, reference.names):
        raise ValueError(
            f"{rows.name} must have the {reference.n_features} columns of {reference.name}, "
            f"got {rows.n_features}"
        )
    return rows.matched(reference.names, reference.name)
