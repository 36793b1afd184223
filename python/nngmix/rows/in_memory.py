"""Rows in memory: of one array, or of a frame column by column."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix import _core
from nngmix.rows.base import Rows
from nngmix.rows.category_columns import CategoryColumn
from nngmix.rows.column_types import ColumnTypes, column_type, units_of
from nngmix.rows.columns import Column, NumPyColumn
from nngmix.rows.date_columns import DateColumn
from nngmix.rows.frame import Names
from nngmix.rows.kinds import Kinds
from nngmix.rows.names import order
from nngmix.rows.numbers import Unfit, floats, integer_limits, is_narrow
from nngmix.rows.refusal import Advice

__all__ = ["FrameRows", "MatrixRows", "one_matrix"]

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
        types: ColumnTypes | None = None,
    ) -> None:
        narrow = array.dtype != object and is_narrow(array.dtype)
        super().__init__(name, names, (array.shape[0], array.shape[1]), narrow, advice, first_row)
        self.array, self.kinds, self._types = array, kinds, types
        self.units = units_of(types, kinds)

    @property
    def types(self) -> ColumnTypes | None:
        # Floats go without saying, and ranks are no type of a column.
        coded = self.kinds is not None and self.kinds.categorical.any()
        if self._types is not None or coded or self.array.dtype.kind == "f":
            return self._types
        return (column_type(self.array),) * self.n_features

    def column_limits(self, column: int) -> tuple[float, float] | None:
        return integer_limits(self.array.dtype)

    def matched(self, names: Names | None, reference: str) -> "Rows":
        at = order(self.name, self.names, names, reference)
        if at is None:
            return self
        kinds = None if self.kinds is None else self.kinds.taken(at)
        types = None if self._types is None else tuple(self._types[j] for j in at)
        return MatrixRows(self.name, self.array[:, at], names, self.advice, self.first_row, kinds, types)

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
    """Rows of a frame, column by column; `natives` are the columns as their library has them."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        natives: Sequence[Any],
        names: Names | None,
        n_rows: int,
        advice: Advice,
        first_row: int,
        missing: bool = False,
    ) -> None:
        narrow = all(column.narrow for column in columns)
        super().__init__(name, names, (n_rows, len(columns)), narrow, advice, first_row)
        self.columns, self._natives = columns, natives
        if any(isinstance(column, DateColumn) for column in columns):
            self.units = tuple(column.unit if isinstance(column, DateColumn) else None for column in columns)
        if missing or any(isinstance(column, CategoryColumn) for column in columns):
            self.kinds = Kinds(tuple(map(_dictionary, columns)), missing)

    @property
    def types(self) -> ColumnTypes | None:
        return tuple(map(column_type, self._natives))

    def column_limits(self, column: int) -> tuple[float, float] | None:
        return self.columns[column].limits

    def matched(self, names: Names | None, reference: str) -> "Rows":
        at = order(self.name, self.names, names, reference)
        if at is None:
            return self
        natives = [self._natives[position] for position in at]
        return self._with([self.columns[position] for position in at], natives, names, self.may_miss)

    def _with(
        self, columns: Sequence[Column], natives: Sequence[Any], names: Names | None, missing: bool
    ) -> "FrameRows":
        return FrameRows(
            self.name, columns, natives, names, self.n_rows, self.advice, self.first_row, missing
        )

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
        return self._with(columns, self._natives, self.names, kinds.missing)

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


def one_matrix(columns: Sequence[Column]) -> NDArray[Any] | None:
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
