"""NPZ: the arrays X, the labels and perhaps the names of the columns; nothing is unpickled."""

import zipfile
import zlib
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.features import features_of_array
from nngmix.files.table import Table, arrow, is_text, listed

__all__ = ["npz_arrays", "read_npz"]

# What the rows that were not made have in the columns of a plan, by kind of dtype.
_NO_PLAN = {"i": -1, "U": "", "f": np.nan}


def read_npz(path: str, label: str, ignore: Collection[str]) -> Table:
    """Read a table from an archive of arrays, as `read_table` does."""
    arrays = _load(path)
    for name in ("X", label, *ignore):
        if name not in arrays:
            raise ValueError(
                f"{path}: there is no array {name!r}; there are {listed(map(repr, sorted(arrays)))}"
            )
    if {"X", "columns"} & {label, *ignore}:
        raise ValueError(f"{path}: 'X' and 'columns' are the features, neither label nor ignored")
    others = sorted(arrays.keys() - {"X", "columns", label, *ignore})
    if others:
        raise ValueError(
            f"{path}: besides X and {label!r} there are {listed(map(repr, others))}; "
            f"leave them out with --ignore"
        )
    X, names = arrays["X"], arrays.get("columns")
    if X.ndim != 2 or 0 in X.shape:
        raise ValueError(f"{path}: X must be 2-D with at least one row and column, got shape {X.shape}")
    labels = _labels(path, label, arrays[label], len(X))
    if names is not None and (names.shape != X.shape[1:] or names.dtype.kind != "U"):
        raise ValueError(
            f"{path}: columns must hold {X.shape[1]} texts, got {names.dtype} of shape {names.shape}"
        )
    features = tuple(f"x{j}" for j in range(X.shape[1])) if names is None else tuple(names.tolist())
    columns = (*features, label)
    if len(set(columns)) < len(columns):
        raise ValueError(f"{path}: the names in columns and of the label must differ from one another")
    X = features_of_array(path, X, features)
    return Table(X, features, label, labels, {}, columns, npz_label=label, named=names is not None)


def _load(path: str) -> dict[str, NDArray[Any]]:
    try:
        archive = np.load(path, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise ValueError("it holds one array, not an archive with X and y")
        with archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError) as error:
        if "pickle" in str(error):
            raise ValueError(
                f"{path}: it holds Python objects, which only pickle can load, and pickle can run any code: "
                f"refused; save arrays of numbers or texts"
            ) from error
        raise ValueError(f"{path}: cannot be read as NPZ: {error}") from error


def _labels(path: str, label: str, y: NDArray[Any], n_rows: int) -> Any:
    if y.shape not in ((n_rows,), (n_rows, 1)):
        raise ValueError(f"{path}: {label!r} must hold one value a row of X ({n_rows}), got shape {y.shape}")
    if y.dtype.kind not in "biufU" or (y.dtype.kind == "f" and y.dtype.itemsize > 8):
        raise ValueError(f"{path}: {label!r} must hold numbers, booleans or texts, got {y.dtype}")
    return arrow().chunked_array([y.ravel().astype(y.dtype.newbyteorder("="))])


def npz_arrays(
    table: Table, kept: int, rows: NDArray[Any], value: Any, choices: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """The arrays to write: the first `kept` rows of `table`, then `rows`, labelled `value`."""
    pa = arrow()
    labels = pa.chunked_array(
        [*table.labels.slice(0, kept).cast(value.type).chunks, pa.repeat(value, len(rows))]
    )
    # NumPy's own text type: arrays of Python objects would need pickle.
    y = np.array(labels.to_pylist(), dtype=str) if is_text(value.type) else labels.to_numpy()
    arrays = {"X": np.concatenate([table.X[:kept], rows]), table.npz_label: y}
    if table.named:
        arrays["columns"] = np.array(table.features)
    for name, made in choices.items():
        arrays[name] = np.concatenate([np.full(kept, _NO_PLAN[made.dtype.kind], made.dtype), made])
    return arrays
