"""Tables in files: CSV, Parquet and NPZ in; the same rows and the made ones out.

The way is `read_table` -> `find_anomalies` -> (made rows) -> `write_table`. Everything that could make the
writing fail is asked beforehand by `check_target` and `check_writing`: no long run is lost at its end.
Rows count from 0, in messages too, as `MixPlan` and ``--plan`` count them.
"""

import os
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files import replacing
from nngmix.plan import MixPlan

__all__ = ["Table", "check_target", "check_writing", "find_anomalies", "read_table", "write_table"]

FORMATS = ("csv", "parquet", "npz")
PLAN_COLUMNS = ("anchor", "partner", "pool", "lam")
# Beyond this float64 no longer holds every integer.
_EXACT = 2**53


@dataclass(frozen=True, eq=False)
class Table:
    """A table cut into features, label and the rest.

    Attributes
    ----------
    X : ndarray, shape (n_rows, n_features)
        The features: float32 if all of them are, else float64.
    features : tuple of str
        Their names, in order.
    label : str
        Name of the label column.
    labels : pyarrow.ChunkedArray
        The label column.
    ignored : mapping of str to pyarrow.ChunkedArray
        Columns that are carried along but are no features.
    columns : tuple of str
        All names in the order of the file.
    npz_label : str
        What an NPZ calls the labels: "y", or what the NPZ called them that was read.
    named : bool
        False if the feature names were made up here, for an NPZ without ``columns``.
    """

    X: NDArray[Any]
    features: tuple[str, ...]
    label: str
    labels: Any
    ignored: Mapping[str, Any]
    columns: tuple[str, ...]
    npz_label: str = "y"
    named: bool = True


def _arrow() -> Any:
    """Pyarrow, imported late: only files need it."""
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.csv
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError("reading and writing tables needs pyarrow: pip install 'nngmix[cli]'") from error
    return pyarrow


def table_format(path: str) -> str:
    """The format that the ending of `path` names."""
    ending = os.path.splitext(path)[1].lower().lstrip(".")
    if ending not in FORMATS:
        raise ValueError(f"{path}: the ending must be .csv, .parquet or .npz, got {'.' + ending!r}")
    return ending


def _quoted(names: Sequence[object], most: int = 12) -> str:
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + more


# --- reading ---------------------------------------------------------------------------------------------


def read_table(path: str, label: str, ignore: Collection[str] = ()) -> Table:
    """Read a table and check that its features are finite numbers.

    Parameters
    ----------
    path : str
        A file ending in .csv, .parquet or .npz (arrays ``X``, labels, and perhaps ``columns``).
    label : str
        The label column, or the array of labels in an NPZ.
    ignore : collection of str
        Columns that are no features. From CSV they are taken as text, exactly as written; the other arrays
        of an NPZ are left out.
    """
    kind = table_format(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: no such file")
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path}: is a directory")
    if label in ignore:
        raise ValueError(f"{label!r} is the label, it cannot be ignored")
    if kind == "npz":
        return _read_npz(path, label, ignore)
    source = _read_csv(path, ignore) if kind == "csv" else _read_parquet(path)
    return _cut(path, source, label, ignore)


def _read_csv(path: str, ignore: Collection[str]) -> Any:
    pa = _arrow()
    try:
        return pa.csv.read_csv(
            path,
            parse_options=pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(column_types={name: pa.string() for name in ignore}),
        )
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path}: {error}") from error


def _read_parquet(path: str) -> Any:
    pa = _arrow()
    try:
        source = pa.parquet.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{path}: cannot be read as Parquet: {error}") from error
    return source


def _cut(path: str, source: Any, label: str, ignore: Collection[str]) -> Table:
    columns = tuple(source.column_names)
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise ValueError(f"{path}: these column names occur more than once: {_quoted(twice)}")
    for name in (label, *ignore):
        if name not in columns:
            raise ValueError(f"{path}: there is no column {name!r}; there are {_quoted(columns)}")
    if not source.num_rows:
        raise ValueError(f"{path}: there are no rows")
    features = tuple(name for name in columns if name != label and name not in ignore)
    if not features:
        raise ValueError(f"{path}: no feature column is left besides the label and the ignored ones")
    _refuse_index(path, source, features)
    ignored = {
        name: _text_or_null(source[name]) if path.lower().endswith(".csv") else source[name]
        for name in columns
        if name in ignore
    }
    X = _matrix(path, {name: source[name] for name in features})
    return Table(X, features, label, source[label], ignored, columns)


def _text_or_null(column: Any) -> Any:
    # CSV does not tell an empty text from none; null is what is written back as an empty cell.
    pa = _arrow()
    return pa.compute.if_else(pa.compute.equal(column, ""), None, column)


def _refuse_index(path: str, source: Any, features: Collection[str]) -> None:
    """Pandas stores its index as a column like any other: as a feature it would do silent harm."""
    about = source.schema.pandas_metadata or {}
    index = [name for name in about.get("index_columns", ()) if name in features]
    if index:
        raise ValueError(
            f"{path}: {_quoted(index)} is the index of a pandas table; leave it out with --ignore"
        )


def _matrix(path: str, columns: Mapping[str, Any]) -> NDArray[Any]:
    pa = _arrow()
    kinds = pa.types
    no_numbers = [
        name
        for name, column in columns.items()
        if not (
            kinds.is_integer(column.type)
            or kinds.is_floating(column.type)
            or kinds.is_boolean(column.type)
            or kinds.is_decimal(column.type)
            or kinds.is_null(column.type)
        )
    ]
    if no_numbers:
        kept = ", ".join(f"{name!r} ({columns[name].type})" for name in no_numbers[:12])
        more = f", and {len(no_numbers) - 12} more" if len(no_numbers) > 12 else ""
        raise ValueError(
            f"{path}: not numeric: {kept}{more}; name columns that are no features with --ignore"
        )
    single = all(kinds.is_float32(column.type) for column in columns.values())
    n_rows = len(next(iter(columns.values())))
    X = np.empty((n_rows, len(columns)), dtype=np.float32 if single else np.float64)
    for j, (name, column) in enumerate(columns.items()):
        if column.null_count:
            row = pa.compute.index(pa.compute.is_null(column), True).as_py()
            raise ValueError(_gap(path, name, row, "has no value"))
        if kinds.is_decimal(column.type):
            column = column.cast(pa.float64())
        values = column.to_numpy()
        _check_exact(path, name, values)
        X[:, j] = values
    _check_finite(path, X, tuple(columns))
    return X


def _gap(path: str, name: str, row: int, what: str) -> str:
    return (
        f"{path}: column {name!r} {what} in row {row} (counted from 0); fill it, drop the row, or leave the "
        f"column out with --ignore"
    )


def _check_exact(path: str, name: str, values: NDArray[Any]) -> None:
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        # Two comparisons, for the absolute value of the smallest int64 is no int64.
        beyond = values > _EXACT if values.dtype.kind == "u" else (values > _EXACT) | (values < -_EXACT)
        if beyond.any():
            row = int(np.argmax(beyond))
            raise ValueError(
                f"{path}: column {name!r} holds {values[row]} in row {row} (counted from 0), an integer "
                f"beyond 2^53 that float64 would change; if it is an id, leave it out with --ignore"
            )


def _check_finite(path: str, X: NDArray[Any], names: Sequence[str]) -> None:
    # One sum a column finds a NaN or inf without an array as large as X; a sum that overflows is no proof.
    with np.errstate(over="ignore", invalid="ignore"):
        suspects = np.flatnonzero(~np.isfinite(X.sum(axis=0)))
    for j in suspects.tolist():
        bad = ~np.isfinite(X[:, j])
        if bad.any():
            row = int(np.argmax(bad))
            raise ValueError(_gap(path, names[j], row, f"is {X[row, j]}"))


def _read_npz(path: str, label: str, ignore: Collection[str]) -> Table:
    arrays = _load_npz(path)
    for name in ("X", label, *ignore):
        if name not in arrays:
            raise ValueError(f"{path}: there is no array {name!r}; there are {_quoted(sorted(arrays))}")
    if label in ("X", "columns") or {"X", "columns"} & set(ignore):
        raise ValueError(f"{path}: 'X' and 'columns' are the features, neither label nor ignored")
    others = sorted(arrays.keys() - {"X", "columns", label} - set(ignore))
    if others:
        raise ValueError(
            f"{path}: besides X and {label!r} there are {_quoted(others)}; leave them out with --ignore"
        )
    X, y = arrays["X"], arrays[label]
    if X.ndim != 2 or 0 in X.shape:
        raise ValueError(f"{path}: X must be 2-D with at least one row and column, got shape {X.shape}")
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.shape != X.shape[:1]:
        raise ValueError(f"{path}: {label!r} must hold one value a row of X ({len(X)}), got shape {y.shape}")
    names = arrays.get("columns")
    if names is not None and (names.shape != X.shape[1:] or names.dtype.kind != "U"):
        raise ValueError(
            f"{path}: columns must hold {X.shape[1]} texts, got {names.dtype} of shape {names.shape}"
        )
    features = tuple(f"x{j}" for j in range(X.shape[1])) if names is None else tuple(map(str, names))
    if len({*features, label}) <= len(features):
        raise ValueError(f"{path}: the names in columns and of the label must differ from one another")
    return Table(
        _floats(path, X, features),
        features,
        label,
        _label_array(path, label, y),
        {},
        (*features, label),
        npz_label=label,
        named=names is not None,
    )


def _load_npz(path: str) -> dict[str, NDArray[Any]]:
    try:
        archive = np.load(path, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise ValueError("it holds one array, not an archive with X and y")
        with archive:
            return {name: archive[name] for name in archive.files}
    except ValueError as error:
        if "pickle" in str(error):
            raise ValueError(
                f"{path}: it holds Python objects, which only pickle can load, and pickle can run any code: "
                f"refused; save arrays of numbers or texts"
            ) from error
        raise ValueError(f"{path}: cannot be read as NPZ: {error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError) as error:
        raise ValueError(f"{path}: cannot be read as NPZ: {error}") from error


def _floats(path: str, X: NDArray[Any], names: Sequence[str]) -> NDArray[Any]:
    if X.dtype.kind not in "biuf" or X.dtype.itemsize > 8:
        raise ValueError(f"{path}: X must hold real numbers of at most 64 bits, got {X.dtype}")
    if X.dtype.kind in "iu":
        for j, name in enumerate(names):
            _check_exact(path, name, X[:, j])
    X = X.astype(np.float32 if X.dtype.kind == "f" and X.dtype.itemsize == 4 else np.float64, copy=False)
    _check_finite(path, X, names)
    return X


def _label_array(path: str, label: str, y: NDArray[Any]) -> Any:
    if y.dtype.kind not in "biufU" or (y.dtype.kind == "f" and y.dtype.itemsize > 8):
        raise ValueError(f"{path}: {label!r} must hold numbers, booleans or texts, got {y.dtype}")
    return _arrow().chunked_array([y.astype(y.dtype.newbyteorder("="))])


# --- the label ---------------------------------------------------------------------------------------------


def find_anomalies(table: Table, value: str) -> tuple[Any, NDArray[np.bool_]]:
    """The rows whose label is `value`, read as the label column's type has it.

    Returns
    -------
    value : pyarrow.Scalar
        The value in the label column's own type.
    is_anomaly : ndarray of bool, shape (n_rows,)
        True for labelled anomalies; False for all others, those without a label included.
    """
    pa = _arrow()
    plain = table.labels
    if pa.types.is_dictionary(plain.type):
        plain = plain.cast(plain.type.value_type)
    scalar = _as_type(table.label, value, plain.type)
    mask = pa.compute.fill_null(pa.compute.equal(plain, scalar), False).to_numpy().astype(bool)
    if not mask.any():
        counts = sorted(pa.compute.value_counts(plain).to_pylist(), key=lambda item: -item["counts"])
        there = ", ".join(f"{item['values']} ({item['counts']} rows)" for item in counts[:8])
        more = f", and {len(counts) - 8} more values" if len(counts) > 8 else ""
        raise ValueError(f"no row has {value!r} in the label column {table.label!r}; it holds {there}{more}")
    return scalar, mask


def _is_text(kind: Any) -> bool:
    types = _arrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _as_type(label: str, value: str, kind: Any) -> Any:
    pa = _arrow()
    types = pa.types
    if types.is_null(kind):
        raise ValueError(f"the label column {label!r} is empty")
    if _is_text(kind):
        return pa.scalar(value, kind)
    words = {"true": True, "1": True, "false": False, "0": False}
    readers: list[tuple[bool, str, Callable[[str], object]]] = [
        (types.is_boolean(kind), "true or false", lambda text: words[text.lower()]),
        (types.is_integer(kind), "an integer", int),
        (types.is_floating(kind), "a number", float),
    ]
    for fits, expected, read in readers:
        if fits:
            try:
                return pa.scalar(read(value), kind)
            except (ValueError, KeyError, OverflowError) as error:
                raise ValueError(
                    f"the label column {label!r} is of type {kind}: the anomaly value must be {expected}, "
                    f"got {value!r}"
                ) from error
    raise ValueError(f"the label column {label!r} is of type {kind}; it must hold numbers, booleans or texts")


# --- writing -----------------------------------------------------------------------------------------------


def check_target(path: str) -> None:
    """Raise if `path` cannot be written: asked before the work, by making a nameless file beside it."""
    table_format(path)
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path}: is a directory")
    folder = os.path.dirname(os.path.realpath(path))
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(f"{path}: cannot be written in {folder}: {error.strerror}") from error


def check_writing(table: Table, path: str, plan: bool) -> None:
    """Raise if `table` cannot be written to `path` for what it holds."""
    pa = _arrow()
    taken = [name for name in PLAN_COLUMNS if plan and name in table.columns]
    if taken:
        raise ValueError(
            f"--plan would add the columns {_quoted(PLAN_COLUMNS)}, but there is {_quoted(taken)} already"
        )
    kind = table_format(path)
    if kind == "npz" and table.labels.null_count:
        row = pa.compute.index(pa.compute.is_null(table.labels), True).as_py()
        raise ValueError(
            f"{path}: NPZ cannot hold the missing label of row {row} (counted from 0); write CSV or Parquet"
        )
    if kind == "csv":
        for name, column in table.ignored.items():
            try:
                pa.csv.write_csv(pa.table({name: column.slice(0, 0)}), pa.BufferOutputStream())
            except pa.ArrowInvalid as error:
                raise ValueError(
                    f"{path}: CSV cannot hold column {name!r} of type {column.type}; write Parquet"
                ) from error


def write_table(
    path: str,
    table: Table,
    rows: NDArray[Any],
    value: Any,
    *,
    plan: MixPlan | None = None,
    only_new: bool = False,
) -> int:
    """Write the rows of `table` and after them `rows`, labelled `value`; all or nothing.

    Features are written in the type of ``table.X``, so that integers come out as floats of the same value;
    ignored columns are empty for new rows, the columns of `plan` for old ones (in an NPZ: -1, "" and NaN).

    Returns
    -------
    int
        Size of the file in bytes.
    """
    kind = table_format(path)
    # The real path, so that a symbolic link stays one.
    with replacing(os.path.realpath(path)) as file:
        if kind == "npz":
            np.savez(file, **_npz_arrays(table, rows, value, plan, only_new))
        else:
            pa = _arrow()
            write = pa.csv.write_csv if kind == "csv" else pa.parquet.write_table
            write(_arrow_table(table, rows, value, plan, only_new), file)
        return file.tell()


def _arrow_table(table: Table, rows: NDArray[Any], value: Any, plan: MixPlan | None, only_new: bool) -> Any:
    pa = _arrow()
    kept = 0 if only_new else len(table.X)
    old, n_new = table.X[:kept], len(rows)
    out: dict[str, Any] = {}
    for name in table.columns:
        if name == table.label:
            kind = table.labels.type
            fresh = pa.repeat(value, n_new)
            if pa.types.is_dictionary(kind):
                fresh = fresh.dictionary_encode().cast(kind)
            chunks = [*table.labels.slice(0, kept).chunks, fresh]
        elif name in table.ignored:
            kind = table.ignored[name].type
            chunks = [*table.ignored[name].slice(0, kept).chunks, pa.nulls(n_new, kind)]
        else:
            j, kind = table.features.index(name), pa.from_numpy_dtype(table.X.dtype)
            chunks = [pa.array(np.ascontiguousarray(part[:, j]), kind) for part in (old, rows)]
        out[name] = pa.chunked_array(chunks, kind)
    if plan is not None:
        pool = np.where(plan.unlabeled, "unlabeled", "anomaly")
        for name, made in zip(PLAN_COLUMNS, (plan.anchor, plan.partner, pool, plan.lam), strict=True):
            fresh = pa.array(made)
            out[name] = pa.chunked_array([pa.nulls(kept, fresh.type), fresh])
    return pa.table(out)


def _npz_arrays(
    table: Table, rows: NDArray[Any], value: Any, plan: MixPlan | None, only_new: bool
) -> dict[str, Any]:
    kept = 0 if only_new else len(table.X)
    pa = _arrow()
    labels = pa.chunked_array(
        [*table.labels.slice(0, kept).cast(value.type).chunks, pa.repeat(value, len(rows))]
    )
    # NumPy's own text type: arrays of Python objects would need pickle.
    y = np.array(labels.to_pylist(), dtype=str) if _is_text(value.type) else labels.to_numpy()
    arrays = {"X": np.concatenate([table.X[:kept], rows]), table.npz_label: y}
    if table.named:
        arrays["columns"] = np.array(table.features)
    if plan is not None:
        pool = np.where(plan.unlabeled, "unlabeled", "anomaly")
        made = (plan.anchor, plan.partner, pool, plan.lam)
        for name, fresh, none in zip(PLAN_COLUMNS, made, (-1, -1, "", np.nan), strict=True):
            arrays[name] = np.concatenate([np.full(kept, none, dtype=fresh.dtype), fresh])
    return arrays
