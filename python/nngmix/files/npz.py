"""NPZ: the arrays X, the labels and perhaps the names of the columns; nothing is unpickled."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.archive import read_arrays
from nngmix.files.arrow import arrow, is_text
from nngmix.files.table import IN_FILES, Table, check_asked
from nngmix.rows.asked_columns import ColumnsAsked, named_columns
from nngmix.rows.category_values import array_values
from nngmix.rows.containers import container_of
from nngmix.rows.finish import Finish
from nngmix.rows.kinds import Kinds
from nngmix.rows.names import check_unique, listed, nearest
from nngmix.rows.rows import Rows, as_rows

__all__ = ["npz_arrays", "read_npz"]


def read_npz(
    path: str,
    label: str | None,
    ignore: Collection[str],
    id: str | None = None,
    asked: ColumnsAsked | None = None,
) -> Table:
    """Read a table from an archive of arrays, as `read_table` does."""
    arrays = _load(path)
    others = [name for name in (label, *ignore) if name is not None]
    for name in ("X", *others):
        if name not in arrays:
            raise _missing(path, name, sorted(arrays))
    if {"X", "columns"} & set(others):
        raise ValueError(f"{path}: 'X' and 'columns' are the features, neither label nor ignored")
    unknown = sorted(arrays.keys() - {"X", "columns", *others})
    if unknown:
        raise ValueError(
            f"{path}: besides X{'' if label is None else f' and {label!r}'} there are "
            f"{listed(map(repr, unknown))}; leave them out with --ignore"
        )
    X, names = arrays["X"], arrays.get("columns")
    if X.ndim != 2 or 0 in X.shape:
        raise ValueError(f"{path}: X must be 2-D with at least one row and column, got shape {X.shape}")
    if names is not None and (names.shape != X.shape[1:] or names.dtype.kind != "U"):
        raise ValueError(
            f"{path}: columns must hold {X.shape[1]} texts, got {names.dtype} of shape {names.shape}"
        )
    features = tuple(f"x{j}" for j in range(X.shape[1])) if names is None else tuple(names.tolist())
    columns = features if label is None else (*features, label)
    check_unique(path, columns)
    return Table(
        path=path,
        rows=_rows(path, X, features, asked or ColumnsAsked()),
        features=features,
        label=label,
        labels=None if label is None else _column(path, label, arrays[label], len(X)),
        ignored={} if id is None else {id: _column(path, id, arrays[id], len(X))},
        columns=columns,
        id=id,
        array=X,
        npz_label=label or "y",
        named=names is not None,
    )


def _rows(path: str, X: NDArray[Any], features: tuple[str, ...], asked: ColumnsAsked) -> Rows:
    check_asked(path, asked, features)
    if asked.categorical_features is not None:
        # An array has no names.
        mask = named_columns("--categorical", asked.categorical_features, path, features, len(features))
        chosen = asked.categorical_features if isinstance(asked.categorical_features, str) else mask
        asked = replace(asked, categorical_features=chosen)
    rows = as_rows(f"{path}: X", X, asked=asked, advice=IN_FILES)
    rows.name, rows.names = path, features
    return rows


def _missing(path: str, name: str, there: list[str]) -> ValueError:
    close = nearest(name, there) or there
    return ValueError(f"{path}: there is no array {name!r}; there are {listed(map(repr, close))}")


def _load(path: str) -> dict[str, NDArray[Any]]:
    try:
        return read_arrays(path)
    except ValueError as error:
        if "pickle" in str(error):
            raise ValueError(
                f"{path}: it holds Python objects, which only pickle can load, and pickle can run any code: "
                f"refused; save arrays of numbers or texts"
            ) from error
        # NumPy evaluates headers, as literals alone, and shows what is none by its address.
        said = "the header of an array is damaged" if "malformed node" in str(error) else error
        raise ValueError(f"{path}: cannot be read as NPZ: {said}") from error


def _column(path: str, name: str, values: NDArray[Any], n_rows: int) -> Any:
    if values.shape not in ((n_rows,), (n_rows, 1)):
        raise ValueError(
            f"{path}: {name!r} must hold one value a row of X ({n_rows}), got shape {values.shape}"
        )
    if values.dtype.kind not in "biufU" or (values.dtype.kind == "f" and values.dtype.itemsize > 8):
        raise ValueError(f"{path}: {name!r} must hold numbers, booleans or texts, got {values.dtype}")
    return arrow().chunked_array([values.ravel().astype(values.dtype.newbyteorder("="))])


def npz_arrays(
    table: Table,
    kept: int,
    rows: NDArray[Any],
    labels: Any,
    added: Mapping[str, Any],
    finish: Finish | None = None,
    kinds: Kinds | None = None,
) -> dict[str, NDArray[Any]]:
    """The arrays to write: the first `kept` rows of `table`, then `rows`.

    Parameters
    ----------
    table : Table
    kept : int
    rows : ndarray
        The new rows.
    labels : pyarrow.ChunkedArray or None
        Labels of all of them.
    added : mapping of str to pyarrow.ChunkedArray
        Further columns of all of them; what is missing becomes -1, "" or NaN.
    finish : Finish or None
        What new rows may hold.
    kinds : Kinds or None
        What the columns hold.
    """
    if table.array is None and kinds is not None and kinds.categorical.any():
        old = kinds.recode(table.X, table.rows.kinds or kinds)[:kept]
        X = array_values(np.concatenate([old, rows]), kinds, None, np.nan)
    else:
        container = container_of(
            "X", getattr(table.rows, "array", rows) if table.array is None else table.array
        )
        container.keep_integers(finish)
        # The old rows are converted only if they are kept.
        if kept:
            X = container.extended(table.rows, rows, "--only-new", None, kinds)
        else:
            X = container.alone(rows, kinds)
    arrays = {"X": X}
    if labels is not None:
        # NumPy's own text type: arrays of Python objects would need pickle.
        arrays[table.npz_label] = _array(labels, "")
    if table.named:
        arrays["columns"] = np.array(table.features)
    return arrays | {name: _array(column, "") for name, column in added.items()}


def _array(column: Any, nothing: str) -> NDArray[Any]:
    types = arrow().types
    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if is_text(column.type):
        return np.array(column.fill_null(nothing).to_pylist(), dtype=str)
    if types.is_integer(column.type) and column.null_count:
        column = column.fill_null(-1)
    array: NDArray[Any] = column.to_numpy()
    return array
