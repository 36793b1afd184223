"""Frames of any library as names and columns.

pandas, polars and Arrow are read by their own means; other libraries lend their columns by Arrow's stream or
by the interchange protocol.
"""

from collections.abc import Callable, Hashable
from typing import Any

from nngmix.rows.columns import Column, NotNumbers, NumPyColumn, arrow_column, pandas_column, polars_column
from nngmix.rows.names import check_unique

__all__ = [
    "Names",
    "column_names",
    "frame_columns",
    "is_frame",
    "known_frame",
    "library",
    "native",
    "native_columns",
    "tried_column",
]

Names = tuple[Hashable, ...]

_COLUMN: dict[str, Callable[[Any], Column]] = {
    "pandas": pandas_column,
    "polars": polars_column,
    "pyarrow": arrow_column,
}


def library(X: Any) -> str:
    """The top module that the type of `X` comes from, or that of a frame which it extends."""
    kind = type(X)
    module = kind.__module__.partition(".")[0]
    if module in _COLUMN or len(kind.__mro__) == 2:
        return module
    # A GeoDataFrame is a pandas frame.
    return next(
        (top for base in kind.__mro__ if (top := base.__module__.partition(".")[0]) in _COLUMN), module
    )


def native(name: str, X: Any) -> Any:
    """What the user has, out of the wrapping of narwhals.

    Raises
    ------
    TypeError
        For what holds a query instead of rows, or rows that are elsewhere.
    """
    if library(X) == "narwhals":
        X = X.to_native()
    module = library(X)
    if module == "polars" and type(X).__name__ == "LazyFrame":
        raise TypeError(f"{name} is a polars LazyFrame, which holds a query and no rows: collect() it first")
    if module == "pyspark":
        raise TypeError(f"{name} is a Spark DataFrame: use nngmix.spark, or collect the rows with toPandas()")
    if module.startswith("dask"):
        raise TypeError(f"{name} is a Dask collection: use nngmix.dask, or compute() it first")
    return X


def is_frame(X: Any) -> bool:
    """Whether `X` has columns of its own: a frame, an Arrow table, batch or reader."""
    if library(X) == "pyarrow":
        return hasattr(X, "schema")
    named = hasattr(X, "columns") and hasattr(X, "shape")
    if library(X) in _COLUMN:
        return named
    lends = hasattr(X, "__arrow_c_stream__") or hasattr(X, "__dataframe__")
    return lends and (named or not hasattr(X, "__array__"))


def known_frame(X: Any) -> Any:
    """A frame as one of pandas, polars or Arrow: that of another library is lent as an Arrow table."""
    if library(X) == "pyarrow":
        return X.read_all() if hasattr(X, "read_all") else X
    if library(X) in _COLUMN:
        return X
    import pyarrow as pa

    if hasattr(X, "__arrow_c_stream__"):
        return pa.table(X)
    from pyarrow.interchange import from_dataframe

    return from_dataframe(X)


def column_names(name: str, X: Any) -> Names | None:
    """The names of a known frame's columns, each once; None where the columns are merely counted."""
    if library(X) == "pyarrow":
        names: Names = tuple(X.schema.names)
    else:
        # A pandas frame that was made from an array numbers its columns, which are no names.
        index = X.columns
        if type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1:
            return None
        names = tuple(index)
    check_unique(name, names)
    return names


def native_columns(X: Any) -> list[Any]:
    """The columns of a known frame as its library has them."""
    if library(X) == "pandas":
        return [series for _, series in X.items()]
    return list(X.iter_columns()) if library(X) == "polars" else list(X.columns)


def frame_columns(X: Any) -> list[Column | NotNumbers]:
    """The columns in order; one that holds no numbers is told instead of raised, so that all are named."""
    return [*map(tried_column, native_columns(X))]


def tried_column(values: Any) -> Column | NotNumbers:
    """A column as its library has it, or what it is if it holds no numbers."""
    try:
        return _COLUMN.get(library(values), NumPyColumn)(values)
    except NotNumbers as refused:
        return refused
