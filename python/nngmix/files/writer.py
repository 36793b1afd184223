"""Writing: the old rows and the made ones, in one file that is there whole or not at all."""

import os
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.npz import npz_arrays
from nngmix.files.replace import replacing
from nngmix.files.table import Table, arrow, listed, table_format
from nngmix.plan import MixPlan

__all__ = ["check_target", "check_writing", "write_table"]

_PLAN_COLUMNS = ("anchor", "partner", "pool", "lam")


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
    pa = arrow()
    taken = [repr(name) for name in _PLAN_COLUMNS if plan and name in table.columns]
    if taken:
        raise ValueError(
            f"--plan would add the columns {listed(map(repr, _PLAN_COLUMNS))}, "
            f"but there is {listed(taken)} already"
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
    kept = 0 if only_new else len(table.X)
    choices = {} if plan is None else _choices(plan)
    # The real path, so that a symbolic link stays one.
    with replacing(os.path.realpath(path)) as file:
        if kind == "npz":
            # The keywords are names of arrays, whatever the stub of savez thinks they might be.
            np.savez(file, **npz_arrays(table, kept, rows, value, choices))  # type: ignore[arg-type]
        else:
            pa = arrow()
            write = pa.csv.write_csv if kind == "csv" else pa.parquet.write_table
            write(_arrow_table(table, kept, rows, value, choices), file)
        return file.tell()


def _choices(plan: MixPlan) -> dict[str, NDArray[Any]]:
    pool = np.where(plan.unlabeled, "unlabeled", "anomaly")
    return dict(zip(_PLAN_COLUMNS, (plan.anchor, plan.partner, pool, plan.lam), strict=True))


def _arrow_table(
    table: Table, kept: int, rows: NDArray[Any], value: Any, choices: Mapping[str, NDArray[Any]]
) -> Any:
    pa = arrow()
    columns: dict[str, Any] = {}
    for name in table.columns:
        if name == table.label:
            kind = table.labels.type
            fresh = pa.repeat(value, len(rows))
            if pa.types.is_dictionary(kind):
                fresh = fresh.dictionary_encode().cast(kind)
            chunks = [*table.labels.slice(0, kept).chunks, fresh]
        elif name in table.ignored:
            kind = table.ignored[name].type
            chunks = [*table.ignored[name].slice(0, kept).chunks, pa.nulls(len(rows), kind)]
        else:
            j, kind = table.features.index(name), pa.from_numpy_dtype(table.X.dtype)
            chunks = [pa.array(np.ascontiguousarray(part[:, j]), kind) for part in (table.X[:kept], rows)]
        columns[name] = pa.chunked_array(chunks, kind)
    for name, made in choices.items():
        fresh = pa.array(made)
        columns[name] = pa.chunked_array([pa.nulls(kept, fresh.type), fresh])
    return pa.table(columns)
