"""Reading a file of any format, and cutting its columns into features, label and the rest."""

import os
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.features import features_of_columns
from nngmix.files.npz import read_npz
from nngmix.files.table import Table, arrow, listed, table_format

__all__ = ["read_features", "read_table"]


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
        return read_npz(path, label, ignore)
    source = _read_csv(path, ignore) if kind == "csv" else _read_parquet(path)
    return _cut(path, source, label, ignore)


def read_features(
    path: str, features: Sequence[str], left_out: Collection[str], dtype: np.dtype[Any]
) -> NDArray[Any]:
    """The rows of a file that has these features, in any order, and perhaps columns to be left out."""
    kind = table_format(path)
    if kind == "npz":
        raise ValueError(f"{path}: must be .csv or .parquet, whose columns have names")
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: no such file")
    there = [] if kind == "parquet" else list(left_out)
    source = _read_csv(path, there) if kind == "csv" else _read_parquet(path)
    missing = [repr(name) for name in features if name not in source.column_names]
    odd = [repr(name) for name in source.column_names if name not in features and name not in left_out]
    if missing or odd:
        said = f"lacks {listed(missing)}" if missing else f"has {listed(odd)} besides"
        raise ValueError(f"{path}: must have the features of the input, but it {said}")
    if not source.num_rows:
        raise ValueError(f"{path}: there are no rows")
    X = features_of_columns(path, {name: source[name] for name in features})
    if np.result_type(X.dtype, dtype) != dtype and kind != "csv":
        raise ValueError(
            f"{path}: its features are float64 and those of the input float32; cast one of them, or the new "
            "rows would be rounded unasked"
        )
    return X.astype(dtype)


def _read_csv(path: str, ignore: Collection[str]) -> Any:
    pa = arrow()
    try:
        return pa.csv.read_csv(
            path,
            parse_options=pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(column_types={name: pa.string() for name in ignore}),
        )
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path}: {error}") from error


def _read_parquet(path: str) -> Any:
    pa = arrow()
    try:
        return pa.parquet.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{path}: cannot be read as Parquet: {error}") from error


def _cut(path: str, source: Any, label: str, ignore: Collection[str]) -> Table:
    columns = tuple(source.column_names)
    twice = [repr(name) for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise ValueError(f"{path}: these column names occur more than once: {listed(twice)}")
    for name in (label, *ignore):
        if name not in columns:
            raise ValueError(f"{path}: there is no column {name!r}; there are {listed(map(repr, columns))}")
    if not source.num_rows:
        raise ValueError(f"{path}: there are no rows")
    features = tuple(name for name in columns if name != label and name not in ignore)
    if not features:
        raise ValueError(f"{path}: no feature column is left besides the label and the ignored ones")
    _refuse_index(path, source, features)
    X = features_of_columns(path, {name: source[name] for name in features})
    ignored = {name: source[name] for name in ignore}
    if table_format(path) == "csv":
        ignored = {name: _empty_as_null(column) for name, column in ignored.items()}
    return Table(X, features, label, source[label], ignored, columns)


def _empty_as_null(column: Any) -> Any:
    # CSV does not tell an empty text from none; null is what is written back as an empty cell.
    compute = arrow().compute
    return compute.if_else(compute.equal(column, ""), None, column)


def _refuse_index(path: str, source: Any, features: Collection[str]) -> None:
    """Pandas stores its index as a column like any other: as a feature it would do silent harm."""
    about = source.schema.pandas_metadata or {}
    # An index that is a range is described there instead of stored.
    index = [repr(name) for name in about.get("index_columns", ()) if name in features]
    if index:
        raise ValueError(
            f"{path}: {listed(index)} is the index of a pandas table; leave it out with --ignore"
        )
