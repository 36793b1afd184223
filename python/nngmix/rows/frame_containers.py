"""Frames of pandas and polars: new rows column by column, each in the type that it came in."""

from abc import abstractmethod
from typing import Any, Self

import numpy as np

from nngmix.rows.category_values import missing_mark, originals, pandas_values, polars_values, restored
from nngmix.rows.columns import Column
from nngmix.rows.container import Container, Matrix, decodes, extended_columns
from nngmix.rows.date_columns import date_column
from nngmix.rows.date_values import polars_dates
from nngmix.rows.finish import Finish
from nngmix.rows.frame import frame_columns, native_columns
from nngmix.rows.kinds import Dictionary, Kinds
from nngmix.rows.number_types import pandas_float, pandas_numbers
from nngmix.rows.rows import Rows

__all__ = ["Dictionaries", "FrameContainer", "PandasContainer", "PolarsContainer"]

Dictionaries = tuple[Dictionary | None, ...]


class FrameContainer(Container):
    """Frames, column by column.

    Attributes
    ----------
    own : list
        The types of the columns as they came.
    types : list
        Those of numbers that go out: types of floats, in the family of their own, that hold them, or their
        own, of integers and dates that stay such.
    hollow : set of int
        Columns without a value, of a type that is not of floats: it stays, if new rows have no value either.
    """

    own: list[Any]
    types: list[Any]
    hollow: set[int]

    def __init__(self, given: Any) -> None:
        super().__init__(given)
        self.columns = frame_columns(given)

    def keep_integers(self, finish: Finish | None) -> None:
        if finish is None:
            return
        for number, (column, native) in enumerate(zip(self.columns, native_columns(self.given), strict=True)):
            known = column if isinstance(column, Column) else date_column(native)
            if known is not None and finish.holds(number, known.limits):
                self.types[number] = self.own[number]

    def alone(self, new: Matrix, kinds: Kinds | None = None) -> Any:
        # The columns of one library lie one after the other.
        return self.frame_of([*np.ascontiguousarray(new.T)], self.dictionaries(kinds))

    def extended(
        self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None, kinds: Kinds | None = None
    ) -> Any:
        new = self.alone(new, kinds)
        return self.joined(self.as_floats(new, self.dictionaries(kinds)), new)

    def floats(self, number: int) -> Matrix:
        """A column that was of no float type, NaN where a value is missing."""
        column = self.columns[number]
        # The door has taken it.
        assert isinstance(column, Column)
        return column.floats(slice(None), np.dtype(np.float64))

    def without_rows(self, kinds: Kinds | None = None) -> Self:
        empty = super().without_rows(kinds)
        empty.columns = []
        return empty

    def stays_hollow(self, number: int, column: Matrix) -> bool:
        """Whether neither the rows that came nor the new ones have a value in a column."""
        return number in self.hollow and bool(np.isnan(column).all())

    @abstractmethod
    def frame_of(self, columns: list[Matrix], dictionaries: Dictionaries) -> Any:
        """Columns of new values as a frame with the names and types of this one."""

    @abstractmethod
    def as_floats(self, like: Any, dictionaries: Dictionaries) -> Any:
        """The frame that came, with the types of one like it: columns of other numbers may become floats."""

    @abstractmethod
    def joined(self, old: Any, new: Any) -> Any:
        """Two frames of the same names and types, one behind the other."""

    def dictionaries(self, kinds: Kinds | None) -> Dictionaries:
        """The values of each column of categories, None for one of numbers."""
        return (None,) * len(self.types) if kinds is None else kinds.categories


class PandasContainer(FrameContainer):
    """A pandas frame."""

    def __init__(self, given: Any) -> None:
        super().__init__(given)
        self.own, self.types = list(given.dtypes), [*map(pandas_float, given.dtypes)]
        self.marks: dict[int, Any] = {}
        self.objects: dict[int, dict[Any, Any]] = {}
        objects = [number for number, kind in enumerate(self.own) if str(kind) == "object"]
        self.hollow = {number for number in objects if len(given) and given.iloc[:, number].isna().all()}
        for number in self.hollow:
            self.types[number] = self.own[number]
            self.marks[number] = missing_mark(given.iloc[:, number].tolist())

    @property
    def one_type(self) -> bool:
        """Whether the frame is one matrix of floats."""
        kind = self.types[0]
        return isinstance(kind, np.dtype) and kind.kind == "f" and all(other == kind for other in self.types)

    def alone(self, new: Matrix, kinds: Kinds | None = None) -> Any:
        if kinds is not None:
            self.set_marks(kinds)
        if not self.one_type or decodes(kinds):
            return super().alone(new, kinds)
        return self._frame(np.asarray(new, self.types[0]))

    def extended(
        self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None, kinds: Kinds | None = None
    ) -> Any:
        if not self.one_type or decodes(kinds):
            return super().extended(rows, new, in_parts, n_threads, kinds)
        return self._frame(extended_columns(rows, np.asarray(new, self.types[0]), in_parts, n_threads))

    def frame_of(self, columns: list[Matrix], dictionaries: Dictionaries) -> Any:
        import pandas as pd

        parts = zip(columns, self.own, self.types, dictionaries, strict=True)
        arrays = [
            pd.Series([self.marks[number]] * len(column), dtype=object)
            if values is None and self.stays_hollow(number, column)
            else pandas_numbers(column, pandas_float(there) if number in self.hollow else kind)
            if values is None
            else pandas_values(
                restored(values, self.objects.get(number, {})), column, there, self.marks.get(number, np.nan)
            )
            for number, (column, there, kind, values) in enumerate(parts)
        ]
        frame = pd.DataFrame(dict(enumerate(arrays)))
        frame.columns = self.given.columns
        return frame

    def as_floats(self, like: Any, dictionaries: Dictionaries) -> Any:
        import pandas as pd

        # A plain frame, whatever extends it: so are the new rows.
        old = pd.DataFrame(self.given.copy(deep=False))
        parts = zip(self.own, like.dtypes, dictionaries, strict=True)
        for number, (there, kind, values) in enumerate(parts):
            if there != kind:
                column = self.given.iloc[:, number] if values is not None else self.floats(number)
                old.isetitem(number, pd.array(column, kind))
        return old

    def joined(self, old: Any, new: Any) -> Any:
        import pandas as pd

        return pd.concat([old, new], ignore_index=True)

    def no_rows(self) -> Any:
        return self.given.iloc[:0].copy()

    def set_marks(self, kinds: Kinds) -> None:
        for number in np.flatnonzero(kinds.categorical).tolist():
            column = self.given.iloc[:, number]
            if str(self.own[number]).startswith(("object", "interval")) and len(column):
                values = column.tolist()
                self.marks[number], self.objects[number] = missing_mark(values), originals(values)

    def _frame(self, matrix: Matrix) -> Any:
        import pandas as pd

        return pd.DataFrame(matrix, columns=self.given.columns, copy=False)


class PolarsContainer(FrameContainer):
    """A polars frame."""

    def __init__(self, given: Any) -> None:
        import polars as pl

        super().__init__(given)
        narrow = (pl.Float32, getattr(pl, "Float16", pl.Float32))
        self.own = list(given.dtypes)
        self.types = [pl.Float32 if kind in narrow else pl.Float64 for kind in self.own]
        self.hollow = {number for number, kind in enumerate(self.own) if kind == pl.Null}

    def frame_of(self, columns: list[Matrix], dictionaries: Dictionaries) -> Any:
        import polars as pl

        named = zip(self.given.columns, self.own, columns, self.types, dictionaries, strict=True)
        return pl.DataFrame(
            [
                polars_values(name, values, column, there)
                if values is not None
                else pl.Series(name, [None] * len(column), dtype=pl.Null)
                if self.stays_hollow(number, column)
                else polars_dates(name, column, kind)
                if kind.is_temporal()
                else pl.Series(name, column, nan_to_null=True).cast(kind)
                for number, (name, there, column, kind, values) in enumerate(named)
            ]
        )

    def as_floats(self, like: Any, dictionaries: Dictionaries) -> Any:
        import polars as pl

        parts = zip(self.given.columns, self.own, like.dtypes, dictionaries, strict=True)
        changed = [
            pl.Series(name, self.floats(number), kind, nan_to_null=True)
            if values is None
            else self.given[name].cast(kind)
            for number, (name, there, kind, values) in enumerate(parts)
            if there != kind
        ]
        return self.given.with_columns(changed)

    def joined(self, old: Any, new: Any) -> Any:
        import polars as pl

        return pl.concat([old, new])

    def no_rows(self) -> Any:
        return self.given.clear()
