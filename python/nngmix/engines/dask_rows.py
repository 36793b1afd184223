"""Old and new rows of an augmented Dask DataFrame: the same columns, of the same types.

Columns that are no features come through as they are. Dask knows the types of partitions by an empty frame,
in which the categories of a column may be placeholders: they are learnt from the partitions themselves.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from nngmix.engines.maker import Maker
from nngmix.engines.partitions import Block
from nngmix.engines.roles import ADVICE, Roles
from nngmix.neighbors.passes import Pass
from nngmix.rows.category_values import pandas_values
from nngmix.rows.date_columns import date_column
from nngmix.rows.date_values import pandas_date_type, pandas_dates
from nngmix.rows.kinds import Dictionary
from nngmix.rows.number_types import pandas_numbers
from nngmix.rows.numbers import integer_limits
from nngmix.rows.rows import as_rows
from nngmix.rows.scaling import finish_in

__all__ = ["Categories", "OutputColumns", "new_features", "new_rows", "old_rows", "unknown_categories"]


def unknown_categories(frame: Any) -> list[Hashable]:
    """Columns of categories that Dask does not know before it reads them."""
    meta = frame._meta
    return [
        name
        for name, dtype in meta.dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype) and not frame[name].cat.known
    ]


class Categories:
    """A note of the categories that columns of the partitions have.

    Attributes
    ----------
    of : dict of name to CategoricalDtype
    """

    def __init__(self) -> None:
        self.of: dict[Hashable, Any] = {}

    def update(self, block: Block, first_id: int, state: Pass) -> None:
        for name, dtype in block.others.dtypes.items():
            self._add(name, dtype)

    def merge(self, other: Self, state: Pass | None = None) -> None:
        for name, dtype in other.of.items():
            self._add(name, dtype)

    def _add(self, name: Hashable, dtype: Any) -> None:
        known = self.of.get(name)
        if not isinstance(dtype, pd.CategoricalDtype) or dtype == known:
            return
        if known is None or len(known.categories) == 0:
            self.of[name] = dtype
        elif len(dtype.categories) > 0:
            empty = [pd.Categorical([], dtype=kind) for kind in (known, dtype)]
            union = union_categoricals(empty, ignore_order=True).categories
            self.of[name] = pd.CategoricalDtype(union, ordered=bool(known.ordered and dtype.ordered))


@dataclass(frozen=True, eq=False)
class OutputColumns:
    """The columns of old and new rows.

    Attributes
    ----------
    like : DataFrame
        Without rows; all columns of both, in order, with their types.
    features : tuple
        Names of the features.
    dtype : dtype
        Of the features, but for those of integers in which new rows are whole.
    label : name or None
    labels : list
        Those of the classes of new rows.
    mark : name or None
        The column that says which rows are new.
    categories : dict of name to tuple
        The values of each feature that holds categories.
    """

    like: pd.DataFrame
    features: tuple[Hashable, ...]
    dtype: np.dtype[Any]
    label: Hashable
    labels: list[Any]
    mark: Hashable | None
    categories: dict[Hashable, Dictionary]

    @classmethod
    def of(
        cls, old: pd.DataFrame, maker: Maker, roles: Roles, categories: Categories, mark: Hashable | None
    ) -> Self:
        """The columns of an augmented frame; `old` is the frame without rows."""
        dtype = maker.new.dtype
        finish, types = finish_in(maker.new.table.scale), dict(old.dtypes.items())
        types = {name: categories.of.get(name, kind) for name, kind in types.items()}
        values_of = {roles.features[column]: values for column, values in maker.categories.items()}
        for column, name in enumerate(roles.features):
            if name in values_of:
                continue
            if finish is None or not finish.holds(column, _limits(old[name])):
                types[name] = dtype
        types = {
            name: kind if name in (*roles.features, roles.label) else _with_gaps(kind)
            for name, kind in types.items()
        }
        _, chosen = maker.made(0, 0)
        for name, values in chosen.items():
            values = np.asarray(values)
            types[name] = pd.Series(values).dtype if values.dtype.kind == "U" else _with_gaps(values.dtype)
        if roles.id is not None and maker.plan:
            types |= dict.fromkeys(maker.added[-2:], types[roles.id])
        if mark is not None:
            types[mark] = np.dtype(bool)
        index = old.index[:0]
        columns = {name: pd.Series([], index=index, dtype=kind) for name, kind in types.items()}
        like = pd.DataFrame(columns, index=index)
        return cls(like, roles.features, dtype, roles.label, maker.new.labels, mark, values_of)


def old_rows(part: pd.DataFrame, to: OutputColumns) -> pd.DataFrame:
    """Rows of the frame; their features in the type of the new ones, and all else as it is."""
    features, columns = set(to.features), {}
    for name, dtype in to.like.dtypes.items():
        if name == to.mark:
            columns[name] = pd.Series(False, index=part.index)
        elif name not in part:
            columns[name] = _empty(dtype, part.index)
        elif name in to.categories or (name in features and date_column(part[name]) is not None):
            columns[name] = part[name].astype(dtype)
        elif name in features and part[name].dtype != dtype:
            rows = as_rows("the frame", part[[name]], advice=ADVICE)
            columns[name] = _feature(rows.whole(to.dtype)[:, 0], part.index, dtype)
        elif _with_gaps(part[name].dtype) == dtype:
            columns[name] = part[name].astype(dtype)
        else:
            columns[name] = part[name]
    return pd.DataFrame(columns, index=part.index)


def new_features(numbers: pd.DataFrame, maker: Maker) -> pd.DataFrame:
    """New rows with their features and their plan alone; their index is the number of the row."""
    rows, chosen = maker.made(*_span(numbers))
    # The matrix itself: columns of their own would be a copy.
    frame = pd.DataFrame(rows, index=numbers.index, columns=list(maker.columns or ()), copy=False)
    for column, values in maker.categories.items():
        frame.isetitem(
            column, pandas_values(values, rows[:, column], pd.CategoricalDtype(list(values)), None)
        )
    for column, kind in maker.dates.items():
        frame.isetitem(column, pandas_dates(rows[:, column], pandas_date_type(kind)))
    return frame.assign(**chosen)


def new_rows(numbers: pd.DataFrame, maker: Maker, to: OutputColumns) -> pd.DataFrame:
    """New rows with all columns of the old ones."""
    start, stop = _span(numbers)
    rows, chosen = maker.made(start, stop)
    index = _index(to.like.index, numbers.index)
    at = {name: position for position, name in enumerate(to.features)}
    columns = {}
    for name, dtype in to.like.dtypes.items():
        if name in to.categories:
            values = pandas_values(to.categories[name], rows[:, at[name]], dtype, None)
            columns[name] = pd.Series(values).set_axis(index)
        elif name in at:
            columns[name] = _feature(rows[:, at[name]], index, dtype)
        elif name in chosen:
            columns[name] = pd.Series(chosen[name], index=index, dtype=dtype)
        elif name == to.mark:
            columns[name] = pd.Series(True, index=index)
        elif name == to.label:
            labels = pd.Series(to.labels, dtype=dtype)
            columns[name] = labels.take(maker.new.kinds(start, stop)).set_axis(index)
        else:
            columns[name] = _empty(dtype, index)
    return pd.DataFrame(columns, index=index)


def _limits(column: pd.Series) -> tuple[float, float] | None:
    """What a type of integers, of NumPy, of pandas' own or of Arrow's, or of dates holds."""
    dates = date_column(column)
    return (
        integer_limits(getattr(column.dtype, "numpy_dtype", column.dtype)) if dates is None else dates.limits
    )


def _feature(values: NDArray[Any], index: Any, dtype: Any) -> pd.Series:
    """A column of floats, or of the integers that they are."""
    return pd.Series(values if dtype == values.dtype else pandas_numbers(values, dtype), index=index)


def _span(numbers: pd.DataFrame) -> tuple[int, int]:
    return numbers.index.start, numbers.index.stop


def _with_gaps(dtype: Any) -> Any:
    """The type of a column that can be empty: pandas' own instead of NumPy's integers and booleans."""
    if not isinstance(dtype, np.dtype) or dtype.kind not in "iub":
        return dtype
    name = "boolean" if dtype.kind == "b" else dtype.name.replace("i", "I", 1).replace("u", "U", 1)
    return pd.api.types.pandas_dtype(name)


def _empty(dtype: Any, index: Any) -> pd.Series:
    """A column without a value in any row, of a type that has missing values or else of objects."""
    try:
        return pd.Series(None, index=index, dtype=dtype)
    except (TypeError, ValueError):
        return pd.Series(None, index=index, dtype=object)


def _index(old: Any, numbers: Any) -> Any:
    """The index of new rows: numbers where the old rows have some, else empty."""
    if isinstance(old.dtype, np.dtype) and old.dtype.kind in "iu":
        return numbers.rename(old.name)
    return pd.Index(_empty(old.dtype, range(len(numbers))), name=old.name)
