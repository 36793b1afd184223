"""The door for everything in memory; the batches of files, streams and engines pass it too.

The values stay where they are: rows are converted in blocks, when they are read.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nngmix import _core
from nngmix.parameters.warnings import warn
from nngmix.rows.asked_columns import ColumnsAsked, named_columns
from nngmix.rows.base import Rows
from nngmix.rows.category_columns import CategoryColumn, is_category
from nngmix.rows.columns import Column, NotNumbers, NumPyColumn
from nngmix.rows.frame import (
    Names,
    column_names,
    is_frame,
    known_frame,
    native,
    native_columns,
    tried_column,
)
from nngmix.rows.kinds import Kinds, joined_kinds
from nngmix.rows.names import listed, looks_like_index, order
from nngmix.rows.ndarray import check_shape, number_matrix, value_matrix
from nngmix.rows.numbers import Unfit, float_dtype, floats, integer_limits, is_narrow
from nngmix.rows.refusal import IN_MEMORY, Advice, no_numbers, short

__all__ = [
    "IN_MEMORY",
    "Advice",
    "Known",
    "Names",
    "Rows",
    "as_rows",
    "coded_rows",
    "common_dtype",
    "matched",
    "paired",
]

# More columns than these are not lent to the kernel where they lie: what it checks of the views of one array
# grows with their square.
_MOST_VIEWS = 1024


class MatrixRows(Rows):
    """Rows of one NumPy array."""

    def __init__(
        self,
        name: str,
        array: NDArray[Any],
        names: Names | None,
        advice: Advice,
        first_row: int,
        kinds: Kinds | None = None,
    ) -> None:
        narrow = array.dtype != object and is_narrow(array.dtype)
        super().__init__(name, names, (array.shape[0], array.shape[1]), narrow, advice, first_row)
        self.array, self.kinds = array, kinds

    def column_limits(self, column: int) -> tuple[float, float] | None:
        return integer_limits(self.array.dtype)

    def matched(self, names: Names | None, reference: str) -> "Rows":
        at = order(self.name, self.names, names, reference)
        if at is None:
            return self
        kinds = None if self.kinds is None else self.kinds.taken(at)
        return MatrixRows(self.name, self.array[:, at], names, self.advice, self.first_row, kinds)

    def coded(self, kinds: Kinds | None) -> "Rows":
        rows = super().coded(kinds)
        if rows is not self and kinds is not None and self.kinds is not None and kinds.categorical.any():
            rows.array = kinds.recode(self.array, self.kinds)  # type: ignore[attr-defined]
        return rows

    def ready(self, dtype: np.dtype[Any]) -> NDArray[Any] | None:
        flags = self.array.flags
        same = self.array.dtype == dtype and self.array.dtype.isnative
        return self.array if same and flags.c_contiguous and flags.aligned else None

    def value(self, row: int, column: int) -> Any:
        value = self.array[row, column]
        if self.kinds is not None and self.kinds.categories[column] is not None:
            return self.kinds.values(column, np.array([value]))[0]
        return value.item() if isinstance(value, np.generic) else value

    def _by_column(self, rows: slice | NDArray[np.int64], dtype: np.dtype[Any]) -> list[NDArray[Any]] | None:
        return self._columns_of(self.array[rows], dtype)

    def _columns_of(self, values: NDArray[Any], dtype: np.dtype[Any]) -> list[NDArray[Any]] | None:
        lies = values.dtype == dtype and values.strides[0] == values.itemsize and values.flags.aligned
        return list(values.T) if lies and values.dtype.isnative and self.n_features <= _MOST_VIEWS else None

    def _read(self, rows: slice | NDArray[np.int64], out: NDArray[Any], n_threads: int | None) -> None:
        values = self.array[rows]
        columns = self._columns_of(values, out.dtype)
        if columns is not None:
            # Column-major: a tile at a time is several times faster than NumPy's way through them.
            _core.interleave_columns(out, columns, n_threads)
            return
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
        missing: bool = False,
    ) -> None:
        narrow = all(column.narrow for column in columns)
        super().__init__(name, names, (n_rows, len(columns)), narrow, advice, first_row)
        self.columns = columns
        if missing or any(isinstance(column, CategoryColumn) for column in columns):
            self.kinds = Kinds(tuple(map(_dictionary, columns)), missing)

    def column_limits(self, column: int) -> tuple[float, float] | None:
        return self.columns[column].limits

    def matched(self, names: Names | None, reference: str) -> "Rows":
        at = order(self.name, self.names, names, reference)
        if at is None:
            return self
        columns = [self.columns[position] for position in at]
        return self._with(columns, names, self.may_miss)

    def _with(self, columns: Sequence[Column], names: Names | None, missing: bool) -> "FrameRows":
        return FrameRows(self.name, columns, names, self.n_rows, self.advice, self.first_row, missing)

    def coded(self, kinds: Kinds | None) -> "Rows":
        if kinds is None or kinds is self.kinds:
            return self
        columns = list(self.columns)
        for j, (column, dictionary) in enumerate(zip(self.columns, kinds.categories, strict=True)):
            if isinstance(column, CategoryColumn) and dictionary is not None:
                try:
                    columns[j] = column.coded(dictionary)
                except KeyError as unknown:
                    value = unknown.args[0]
                    raise ValueError(
                        f"{self.name} holds {value!r} at row {self.first_row + column.first(value)}, column "
                        f"{self.column_name(j)}, which is none of the {len(dictionary)} categories that are "
                        "known there"
                    ) from None
        return self._with(columns, self.names, kinds.missing)

    def ready(self, dtype: np.dtype[Any]) -> NDArray[Any] | None:
        return None

    def value(self, row: int, column: int) -> Any:
        return self.columns[column].value(row)

    def _by_column(self, rows: slice | NDArray[np.int64], dtype: np.dtype[Any]) -> list[NDArray[Any]]:
        values = []
        for j, column in enumerate(self.columns):
            try:
                values.append(column.floats(rows, dtype))
            except Unfit as unfit:
                raise Unfit(unfit.at * self.n_features + j, unfit.what, unfit.why) from None
        return [column.copy() for column in values] if self.n_features > _MOST_VIEWS else values

    def _read(self, rows: slice | NDArray[np.int64], out: NDArray[Any], n_threads: int | None) -> None:
        _core.interleave_columns(out, self._by_column(rows, out.dtype), n_threads)


def _dictionary(column: Column) -> tuple[Any, ...] | None:
    return column.dictionary if isinstance(column, CategoryColumn) else None


class Known(NamedTuple):
    """Columns that are known already, whose kinds other rows must have."""

    names: Names | None
    kinds: Kinds | None

    def asked(self) -> ColumnsAsked:
        """What is asked for of other rows, but for the columns, which may stand in another order."""
        missing = self.kinds is not None and self.kinds.missing
        return ColumnsAsked(missing="keep" if missing else "error")

    def categorical(self, names: Names | None, n_features: int) -> NDArray[np.bool_]:
        """Which of some columns hold categories."""
        mask = np.zeros(n_features, bool)
        if self.kinds is None:
            return mask
        known = self.kinds.categorical
        if names is None or self.names is None:
            # Another number of columns is told of where they are matched.
            return known if len(known) == n_features else mask
        named = {name for name, categorical in zip(self.names, known.tolist(), strict=True) if categorical}
        return np.array([name in named for name in names], bool)


def as_rows(
    name: str,
    X: Any,
    *,
    asked: ColumnsAsked | None = None,
    known: Known | None = None,
    advice: Advice = IN_MEMORY,
    first_row: int = 0,
) -> Rows:
    """Whatever a user has, as rows.

    Parameters
    ----------
    name : str
        What messages call it.
    X : array-like, frame or Arrow table of shape (n_rows, n_features)
        Real numbers: an array or memory map, lists, a pandas or polars frame, an Arrow table, batch or
        reader, or `Rows`, which are given back as they are.
    asked : ColumnsAsked, optional
        Which columns hold categories, and whether values may be missing; default: numbers, of which none is.
    known : Known, optional
        Other rows of the same columns: what holds categories there does so here.
    advice : Advice
        The ways out that errors name.
    first_row : int, default=0
        Number of the first row in what the user knows, of which `X` may be a part.

    Raises
    ------
    TypeError
        For what holds no real numbers and no categories that are asked for, with the columns and their types.
    ValueError
        For another shape than rows x columns, names that occur twice, or a column asked for that there is
        not.
    """
    if isinstance(X, Rows):
        return X
    X = native(name, X)
    asked = asked or (known.asked() if known is not None else ColumnsAsked())
    missing = asked.missing == "keep"
    if is_frame(X):
        X = known_frame(X)
        names, columns = column_names(name, X), native_columns(X)
        if not columns:
            raise ValueError(f"{name} must have at least one column, got none")
        mask = _categorical(name, names, columns, asked, known)
        return _frame_rows(name, names, columns, mask, missing, advice, first_row)
    if asked.categorical_features is not None or (known is not None and known.kinds is not None):
        array = value_matrix(name, X)
        check_shape(name, X, array)
        columns = list(array.T)
        mask = _categorical(name, None, columns, asked, known)
        if mask.any():
            return _frame_rows(name, None, columns, mask, missing, advice, first_row)
    array = number_matrix(name, X, advice)
    kinds = Kinds((None,) * array.shape[1], True) if missing else None
    return MatrixRows(name, array, None, advice, first_row, kinds)


def _categorical(
    name: str, names: Names | None, columns: Sequence[Any], asked: ColumnsAsked, known: Known | None
) -> NDArray[np.bool_]:
    """Which columns, as their library has them, hold categories."""
    features = asked.categorical_features
    mask = named_columns("categorical_features", features, name, names, len(columns))
    if isinstance(features, str):
        mask = np.array([*map(is_category, columns)], bool)
    return mask if known is None else mask | known.categorical(names, len(columns))


def _frame_rows(
    name: str,
    names: Names | None,
    natives: Sequence[Any],
    mask: NDArray[np.bool_],
    missing: bool,
    advice: Advice,
    first_row: int,
) -> Rows:
    shown: Sequence[Any] = range(len(natives)) if names is None else names
    columns = [
        CategoryColumn(f"{name}, column {shown[j]!r},", column) if mask[j] else tried_column(column)
        for j, column in enumerate(natives)
    ]
    good = [column for column in columns if isinstance(column, Column)]
    if len(good) < len(columns):
        refused = [(j, column) for j, column in enumerate(columns) if isinstance(column, NotNumbers)]
        said = listed(f"{shown[j]!r} ({short(column.kind)})" for j, column in refused)
        j, first = refused[0]
        example = first.example()
        if example is not None:
            said += f", {shown[j]!r} being {short(example)} at row {first_row + first.row}"
        kinds = [column.meaning() for _, column in refused]
        raise no_numbers(name, f"columns of other types: {said}", kinds, advice)
    if advice.warn_index:
        _warn_of_index(name, [shown[j] for j, column in enumerate(good) if column.limits])
    matrix = _one_matrix(good)
    if matrix is not None:
        numbers = Kinds((None,) * len(good), True) if missing else None
        return MatrixRows(name, matrix, names, advice, first_row, numbers)
    return FrameRows(name, good, names, len(good[0]), advice, first_row, missing)


def coded_rows(name: str, array: NDArray[Any], names: Names | None, kinds: Kinds | None) -> Rows:
    """Rows that have passed the door before, of the ranks that it gave them."""
    return MatrixRows(name, array, names, IN_MEMORY, 0, kinds)


def _warn_of_index(name: str, whole: Sequence[Any]) -> None:
    found = [repr(column) for column in whole if looks_like_index(column)]
    if found:
        warn(
            f"{name}: {listed(found)} looks like an index that was written as a column, and is taken for a "
            "feature as it stands there; drop it if it is none"
        )


def _one_matrix(columns: Sequence[Column]) -> NDArray[Any] | None:
    """The matrix whose columns these are, if they are evenly spaced views of one array.

    So are those of a pandas frame of one type; it is read as the matrix that it was made of.
    """
    values = [column.values for column in columns if isinstance(column, NumPyColumn)]
    if len(values) < len(columns) or values[0].dtype == object:
        return None
    first = values[0]
    if len(values) == 1:
        return first[:, None]
    address = _address(first)
    step = _address(values[1]) - address
    layout = (first.dtype, first.strides, id(first.base))
    for j, column in enumerate(values):
        if (column.dtype, column.strides, id(column.base)) != layout or _address(
            column
        ) != address + j * step:
            return None
    shape, strides = (len(first), len(values)), (first.strides[0], step)
    return (
        None
        if first.base is None
        else np.lib.stride_tricks.as_strided(first, shape, strides, writeable=False)
    )


def _address(array: NDArray[Any]) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


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


def paired(rows: Rows, reference: Rows) -> tuple[Rows, Rows]:
    """Both with their columns in the order of `reference`, and with the same dictionaries."""
    rows = matched(rows, reference)
    kinds = joined_kinds(rows.kinds, reference.kinds, reference.names)
    return rows.coded(kinds), reference.coded(kinds)
