"""Frames of any library as names and columns, recognised by narwhals."""

from collections.abc import Hashable
from typing import Any

from nngmix.rows.columns import Column, NotNumbers, arrow_column, column_of
from nngmix.rows.names import check_unique

__all__ = ["Names", "column_names", "frame_columns", "is_frame", "refuse_lazy"]

Names = tuple[Hashable, ...]


def is_frame(X: Any) -> bool:
    """Whether `X` has columns of its own: a frame, an Arrow table, batch or reader."""
    return _is_arrow(X) or (hasattr(X, "columns") and hasattr(X, "shape"))


def refuse_lazy(name: str, X: Any) -> None:
    """TypeError for a frame that holds a query instead of rows."""
    kind = type(X)
    module = kind.__module__.partition(".")[0]
    if module == "polars" and kind.__name__ == "LazyFrame":
        raise TypeError(f"{name} is a polars LazyFrame, which holds a query and no rows: collect() it first")
    if module == "pyspark":
        raise TypeError(f"{name} is a Spark DataFrame: use nngmix.spark, or collect the rows with toPandas()")
    if module.startswith("dask"):
        raise TypeError(f"{name} is a Dask collection: use nngmix.dask, or compute() it first")


def column_names(name: str, X: Any) -> Names | None:
    """The names of the columns, each once; None where the columns are merely counted."""
    if _is_arrow(X):
        names: Names = tuple(X.schema.names)
    elif isinstance(X.columns, list):
        names = tuple(X.columns)
    else:
        # A pandas frame that was made from an array numbers its columns, which are no names.
        index = X.columns
        if type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1:
            return None
        names = tuple(index)
    check_unique(name, names)
    return names


def frame_columns(X: Any) -> list[Column | NotNumbers]:
    """The columns in order; one that holds no numbers is told instead of raised, so that all are named."""
    if _is_arrow(X):
        if hasattr(X, "read_all"):
            X = X.read_all()
        return [_tried(arrow_column, column) for column in X.columns]
    import narwhals as nw

    frame = nw.from_native(X, eager_only=True)
    return [_tried(column_of, column) for column in frame.iter_columns()]


def _tried(make: Any, values: Any) -> Column | NotNumbers:
    try:
        column: Column = make(values)
    except NotNumbers as refused:
        return refused
    return column


def _is_arrow(X: Any) -> bool:
    return type(X).__module__.partition(".")[0] == "pyarrow" and hasattr(X, "schema")
