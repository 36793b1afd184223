"""The door out: rows go back as the type that came in.

A column of floats keeps its type, and one of integers if new rows are whole there. Any other column of
numbers (booleans, decimals, objects) comes back as the float of its family that holds it. A frame's index is
counted anew, as in imbalanced-learn.
"""

from abc import ABC, abstractmethod
from copy import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.arrays import check_out
from nngmix.rows.columns import Column
from nngmix.rows.finish import Finish
from nngmix.rows.frame import frame_columns, is_frame, known_frame, library, native
from nngmix.rows.numbers import integer_limits
from nngmix.rows.rows import Rows
from nngmix.rows.scaling import take

__all__ = ["Container", "container_of"]

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

    def without_rows(self) -> Self:
        """The same type, which holds none of the rows that came."""
        empty = copy(self)
        empty.given = self._no_rows()
        return empty

    @abstractmethod
    def keep_integers(self, finish: Finish | None) -> None:
        """Let columns of integers go out as what they are, if new rows are whole there too."""

    @abstractmethod
    def alone(self, new: Matrix) -> Any:
        """New rows in this type."""

    @abstractmethod
    def extended(self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None) -> Any:
        """The rows that came, unchanged, then the new ones; `in_parts` is what makes these in parts."""

    def _no_rows(self) -> Any:
        return None


class ArrayContainer(Container):
    """Arrays, and whatever is no other container."""

    dtype: np.dtype[Any] | None = None

    def keep_integers(self, finish: Finish | None) -> None:
        if finish is not None and finish.whole.all():
            dtype = np.asarray(self.given).dtype
            limits = integer_limits(dtype)
            if all(finish.holds(column, limits) for column in range(len(finish.whole))):
                self.dtype = dtype

    def alone(self, new: Matrix) -> Any:
        return new if self.dtype is None else new.astype(self.dtype)

    def extended(self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None) -> Any:
        if self.dtype is None:
            return _one_matrix(rows, new, in_parts, n_threads)
        return np.concatenate([self.given, new], dtype=self.dtype, casting="unsafe")


class ListContainer(ArrayContainer):
    """Lists and tuples: the rows come back as lists."""

    def alone(self, new: Matrix) -> Any:
        return super().alone(new).tolist()

    def extended(self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None) -> Any:
        return super().extended(rows, new, in_parts, n_threads).tolist()


class FrameContainer(Container):
    """Frames, column by column."""

    def __init__(self, given: Any) -> None:
        super().__init__(given)
        self.columns = [column for column in frame_columns(given) if isinstance(column, Column)]

    def keep_integers(self, finish: Finish | None) -> None:
        for number, column in enumerate(self.columns):
            if finish is not None and finish.holds(number, column.limits):
                self._keep(number)

    def alone(self, new: Matrix) -> Any:
        # The columns of one library lie one after the other.
        return self.frame_of([*np.ascontiguousarray(new.T)])

    def extended(self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None) -> Any:
        return self.joined(self.as_floats(), self.alone(new))

    def floats(self, number: int) -> Matrix:
        """A column that was of no float type, NaN where a value is missing."""
        return self.columns[number].floats(slice(None), np.dtype(np.float64))

    def without_rows(self) -> Self:
        empty = super().without_rows()
        empty.columns = []
        return empty

    @abstractmethod
    def _keep(self, number: int) -> None:
        """Let a column of integers go out as it came."""

    @abstractmethod
    def frame_of(self, columns: list[Matrix]) -> Any:
        """Columns of new values as a frame with the names and types of this one."""

    @abstractmethod
    def as_floats(self) -> Any:
        """The frame that came, its columns of other numbers as floats unless they are kept."""

    @abstractmethod
    def joined(self, old: Any, new: Any) -> Any:
        """Two frames of the same names and types, one behind the other."""


class PandasContainer(FrameContainer):
    """A pandas frame."""

    def __init__(self, given: Any) -> None:
        super().__init__(given)
        self.types = [_pandas_float(kind) for kind in given.dtypes]
        self.kept: set[int] = set()
        self.one_type = len({*self.types}) == 1 and isinstance(self.types[0], np.dtype)

    def _keep(self, number: int) -> None:
        self.types[number], self.one_type = self.given.dtypes.iloc[number], False
        self.kept.add(number)

    def alone(self, new: Matrix) -> Any:
        if not self.one_type:
            return super().alone(new)
        return self._frame(np.asarray(new, self.types[0]))

    def extended(self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None) -> Any:
        if not self.one_type:
            return super().extended(rows, new, in_parts, n_threads)
        return self._frame(_one_matrix(rows, np.asarray(new, self.types[0]), in_parts, n_threads))

    def frame_of(self, columns: list[Matrix]) -> Any:
        import pandas as pd

        # Not every type of integers takes floats.
        values = [
            column.astype(np.int64) if number in self.kept else column
            for number, column in enumerate(columns)
        ]
        arrays = [pd.array(column, kind) for column, kind in zip(values, self.types, strict=True)]
        frame = pd.DataFrame(dict(enumerate(arrays)))
        frame.columns = self.given.columns
        return frame

    def as_floats(self) -> Any:
        import pandas as pd

        old = self.given.copy(deep=False)
        for number, (there, kind) in enumerate(zip(self.given.dtypes, self.types, strict=True)):
            if there != kind:
                old.isetitem(number, pd.array(self.floats(number), kind))
        return old

    def joined(self, old: Any, new: Any) -> Any:
        import pandas as pd

        return pd.concat([old, new], ignore_index=True)

    def _no_rows(self) -> Any:
        return self.given.iloc[:0].copy()

    def _frame(self, matrix: Matrix) -> Any:
        import pandas as pd

        return pd.DataFrame(matrix, columns=self.given.columns, copy=False)


def _pandas_float(kind: Any) -> Any:
    """The type of floats, in the family of a column's type, that holds its values."""
    import pandas as pd

    if isinstance(kind, np.dtype):
        return np.dtype(np.float32 if kind.kind == "f" and kind.itemsize <= 4 else np.float64)
    if hasattr(kind, "pyarrow_dtype"):
        return pd.ArrowDtype(_arrow_float(kind.pyarrow_dtype))
    if hasattr(kind, "fill_value"):
        return pd.SparseDtype(_pandas_float(kind.subtype), float(kind.fill_value))
    return pd.Float32Dtype() if kind == pd.Float32Dtype() else pd.Float64Dtype()


class PolarsContainer(FrameContainer):
    """A polars frame."""

    def __init__(self, given: Any) -> None:
        import polars as pl

        super().__init__(given)
        narrow = (pl.Float32, getattr(pl, "Float16", pl.Float32))
        self.types: list[Any] = [pl.Float32 if kind in narrow else pl.Float64 for kind in given.dtypes]

    def _keep(self, number: int) -> None:
        self.types[number] = self.given.dtypes[number]

    def frame_of(self, columns: list[Matrix]) -> Any:
        import polars as pl

        named = zip(self.given.columns, columns, self.types, strict=True)
        return pl.DataFrame([pl.Series(name, column).cast(kind) for name, column, kind in named])

    def as_floats(self) -> Any:
        import polars as pl

        kinds = zip(self.given.columns, self.given.dtypes, self.types, strict=True)
        changed = [
            pl.Series(name, self.floats(number), kind, nan_to_null=True)
            for number, (name, there, kind) in enumerate(kinds)
            if there != kind
        ]
        return self.given.with_columns(changed)

    def joined(self, old: Any, new: Any) -> Any:
        import polars as pl

        return pl.concat([old, new])

    def _no_rows(self) -> Any:
        return self.given.clear()


class ArrowContainer(FrameContainer):
    """An Arrow table or record batch."""

    def __init__(self, given: Any) -> None:
        import pyarrow as pa

        super().__init__(given)
        fields = [field.with_type(_arrow_float(field.type)) for field in given.schema]
        self.schema = pa.schema(fields, given.schema.metadata)

    def _keep(self, number: int) -> None:
        self.schema = self.schema.set(number, self.given.schema.field(number))

    def alone(self, new: Matrix) -> Any:
        return self._as_came(super().alone(new))

    def extended(self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None) -> Any:
        return self._as_came(self.joined(self.as_floats(), super().alone(new)))

    def frame_of(self, columns: list[Matrix]) -> Any:
        import pyarrow as pa

        arrays = [
            pa.array(np.asarray(column, field.type.to_pandas_dtype()))
            for column, field in zip(columns, self.schema, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def as_floats(self) -> Any:
        import pyarrow as pa

        arrays = [
            column
            if column.type == field.type
            else pa.array(self.floats(number), field.type, from_pandas=True)
            for number, (column, field) in enumerate(zip(self.given.columns, self.schema, strict=True))
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def joined(self, old: Any, new: Any) -> Any:
        import pyarrow as pa

        return pa.concat_tables([old, new])

    def _no_rows(self) -> Any:
        import pyarrow as pa

        return self.given.take(pa.array([], pa.int64()))

    def _as_came(self, table: Any) -> Any:
        import pyarrow as pa

        if not isinstance(self.given, pa.RecordBatch):
            return table
        arrays = [column.combine_chunks() for column in table.columns]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def _arrow_float(kind: Any) -> Any:
    import pyarrow as pa

    narrow = pa.types.is_float16(kind) or pa.types.is_float32(kind)
    return pa.float32() if narrow else pa.float64()


def container_of(name: str, X: Any, *, lists: bool = True) -> Container:
    """The type that rows came in, which is that of the rows that go out.

    A frame of another library than pandas, polars and Arrow goes out as an Arrow table, and lists as an array
    unless `lists` are wanted.

    Raises
    ------
    TypeError
        For a query without rows, or rows that are elsewhere.
    """
    X = native(name, X)
    if not is_frame(X):
        return ListContainer(X) if lists and isinstance(X, list | tuple) else ArrayContainer(X)
    X = known_frame(X)
    return _FRAMES[library(X)](X)


_FRAMES: dict[str, type[FrameContainer]] = {
    "pandas": PandasContainer,
    "polars": PolarsContainer,
    "pyarrow": ArrowContainer,
}


def _one_matrix(rows: Rows, new: Matrix, in_parts: str, n_threads: int | None) -> Matrix:
    """The rows as they are, then the new ones: fresh memory, written by all threads."""
    n_old, there = len(rows), rows.ready(new.dtype)
    out = check_out(None, n_old + len(new), rows.n_features, new.dtype, in_parts=in_parts)
    if there is None:
        rows.read(0, n_old, out[:n_old], n_threads=n_threads)
    else:
        take(there, out=out[:n_old], n_threads=n_threads)
    take(new, out=out[n_old:], n_threads=n_threads)
    return out
