"""Writing: the old rows and the new ones, in one file that is there whole or not at all."""

import os
import tempfile
from collections.abc import Collection, Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.arrow import arrow
from nngmix.files.formats import format_of
from nngmix.files.new_columns import new_column
from nngmix.files.new_labels import label_array, narrowed
from nngmix.files.npz import npz_arrays
from nngmix.files.paths import check_output
from nngmix.files.replace import replacing
from nngmix.files.schema import cast_column, feature_types
from nngmix.files.table import Table
from nngmix.rows.finish import Finish
from nngmix.rows.kinds import Kinds
from nngmix.rows.names import check_free

__all__ = ["check_target", "check_writing", "write_columns", "write_table"]


def check_target(path: str) -> None:
    """Raise if `path` cannot be written: asked before the work, by making a nameless file beside it."""
    format_of(path)
    check_output(path)
    folder = os.path.dirname(os.path.realpath(path))
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(f"{path}: cannot be written in {folder}: {error.strerror}") from error


def check_writing(table: Table, path: str, *, added: Collection[str] = ()) -> None:
    """Raise if `table` cannot be written to `path` for what it holds.

    Parameters
    ----------
    table : Table
    path : str
    added : collection of str
        Columns that will be added, for the plan or to mark new rows.
    """
    pa = arrow()
    kind = format_of(path).kind
    arrays = ("X", "columns", table.npz_label) if kind == "npz" else ()
    check_free(path, list(added), [*table.columns, *arrays])
    if kind == "npz" and table.labels is not None and table.labels.null_count:
        row = pa.compute.index(table.labels.is_null(), True).as_py()
        raise ValueError(
            f"{path}: NPZ cannot hold the missing label of row {row} (counted from 0); write CSV or Parquet"
        )
    kinds = table.rows.kinds
    if kind == "npz" and kinds is not None and table.array is None:
        for name, values in zip(table.features, kinds.categories, strict=True):
            texts = (value for value in values or () if not isinstance(value, bool | int | float))
            text = next(texts, None)
            if text is not None:
                raise ValueError(
                    f"{path}: NPZ holds numbers, and column {name!r} categories such as {text!r}; write CSV "
                    "or Parquet"
                )
    if kind == "npz" and table.rows.units is not None:
        name = next(name for name, unit in zip(table.features, table.rows.units, strict=True) if unit)
        raise ValueError(f"{path}: NPZ holds numbers, and column {name!r} dates; write CSV or Parquet")
    if kind == "csv":
        for name, column in table.ignored.items():
            try:
                pa.csv.write_csv(pa.table({name: column.slice(0, 0)}), pa.BufferOutputStream())
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise ValueError(
                    f"{path}: CSV cannot hold column {name!r} of type {column.type}; write Parquet"
                ) from error


def write_table(
    path: str,
    table: Table,
    rows: NDArray[Any],
    labels: Any,
    *,
    plan: Mapping[str, Any] | None = None,
    mark: str | None = None,
    only_new: bool = False,
    finish: Finish | None = None,
    kinds: Kinds | None = None,
) -> int:
    """Write the rows of `table` and after them `rows`; all or nothing.

    Numbers are written as the floats that rows are, or as the integers that they were if new rows are whole
    there, categories as what they were, and missing ones stay missing; ignored columns are empty for new
    rows.

    Parameters
    ----------
    path : str
    table : Table
    rows : ndarray of shape (n_new, n_features)
    labels : value or sequence of values
        The label of the new rows, or one of each. Without a label column it is not looked at.
    plan : mapping of str to array, optional
        Columns that say what the new rows are made of; empty for old ones (in an NPZ: -1, "" and NaN).
    mark : str, optional
        Name of a column that is true for new rows and false for old ones.
    only_new : bool, default=False
        Leave the old rows out.
    finish : Finish, optional
        What new rows may hold; default: anything.
    kinds : Kinds, optional
        What their columns hold; default: numbers.

    Returns
    -------
    int
        Size of the file in bytes.
    """
    known = format_of(path)
    kept = 0 if only_new else len(table)
    together = _labels(table, kept, labels, len(rows), known.kind)
    added = _added(plan or {}, mark, kept, len(rows))
    # The real path, so that a symbolic link stays one.
    with replacing(os.path.realpath(path)) as file:
        if known.kind == "npz":
            # The keywords are names of arrays, whatever the stub of savez thinks they might be.
            np.savez(file, **npz_arrays(table, kept, rows, together, added, finish, kinds))  # type: ignore[arg-type]
        else:
            together = _whole(table, kept, rows, together, added, finish, kinds)
            _write(together, known.kind, known.ending, known.compression, file)
        file.flush()
        return file.seek(0, os.SEEK_END)


def write_columns(path: str, table: Any) -> int:
    """Write an Arrow table of any columns, all or nothing; its size in bytes."""
    known = format_of(path)
    if known.kind == "npz":
        raise ValueError(f"{path}: columns with names are written as .csv, .parquet or .feather, not as .npz")
    with replacing(os.path.realpath(path)) as file:
        _write(table, known.kind, known.ending, known.compression, file)
        file.flush()
        return file.seek(0, os.SEEK_END)


def _write(whole: Any, kind: str, ending: str, compression: str | None, file: IO[bytes]) -> None:
    pa = arrow()
    if kind == "parquet":
        pa.parquet.write_table(whole, file)
    elif kind == "feather":
        pa.feather.write_feather(whole, file)
    else:
        options = pa.csv.WriteOptions(delimiter="\t" if ending == ".tsv" else ",")
        if compression is None:
            pa.csv.write_csv(whole, file, options)
        else:
            with pa.CompressedOutputStream(pa.PythonFile(_Open(file), "w"), compression) as stream:
                pa.csv.write_csv(whole, stream, options)


class _Open:
    """A file that stays open when the stream that compresses into it is closed."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.write, self.flush, self.tell = file.write, file.flush, file.tell

    def close(self) -> None:
        self.closed = True


def _whole(
    table: Table,
    kept: int,
    rows: NDArray[Any],
    labels: Any,
    added: Mapping[str, Any],
    finish: Finish | None,
    kinds: Kinds | None,
) -> Any:
    pa = arrow()
    there = [None] * rows.shape[1] if table.source is None else table.source.schema.types
    numbers = feature_types(there, table.rows.dtype, finish)
    dictionaries = [None] * rows.shape[1] if kinds is None else kinds.categories
    at = {name: position for position, name in enumerate(table.features)}
    if rows.shape[1] != len(at):
        raise ValueError(f"new rows must have {len(at)} columns, got {rows.shape[1]}")
    columns: dict[str, Any] = {}
    for name in table.columns:
        if name == table.label:
            columns[name] = labels
        elif name in at:
            j = at[name]
            old = _old(table, j, numbers[j], dictionaries[j] is not None)
            fresh = new_column(rows[:, j], numbers[j], dictionaries[j], old)
            chunks = [] if old is None else old.slice(0, kept).chunks
            chunks = [cast_column(chunk, fresh.type, table.path, name) for chunk in chunks]
            columns[name] = pa.chunked_array([*chunks, fresh], fresh.type).unify_dictionaries()
        else:
            column = table.ignored[name]
            chunks = column.slice(0, kept).chunks
            columns[name] = pa.chunked_array([*chunks, pa.nulls(len(rows), column.type)], column.type)
    return pa.table([*columns.values(), *added.values()], names=[*columns, *added])


def _old(table: Table, column: int, kind: Any, categorical: bool) -> Any:
    """A column as the file has it, if there was a file."""
    pa = arrow()
    if table.source is not None:
        return table.source.column(column)
    if categorical:
        return None if table.array is None else pa.chunked_array([pa.array(table.array[:, column])])
    return pa.chunked_array([pa.array(np.ascontiguousarray(table.X[:, column]), kind)])


def _labels(table: Table, kept: int, labels: Any, n_new: int, kind: str) -> Any:
    """The label column of old and new rows; None if there is none."""
    if table.label is None:
        return None
    pa = arrow()
    old = table.labels.slice(0, kept)
    new = label_array(labels, n_new, old.type)
    together = pa.chunked_array([*old.chunks, new], old.type)
    return narrowed(together, table.labels, kind == "csv") if table.typeless else together


def _added(plan: Mapping[str, Any], mark: str | None, kept: int, n_new: int) -> dict[str, Any]:
    """The columns of the plan, and the one that marks new rows."""
    pa = arrow()
    added = {}
    for name, made in plan.items():
        fresh = made.combine_chunks() if hasattr(made, "combine_chunks") else pa.array(made)
        added[name] = pa.chunked_array([pa.nulls(kept, fresh.type), fresh])
    if mark is not None:
        if mark in added:
            raise ValueError(f"the plan has a column {mark!r} already: mark new rows by another name")
        added[mark] = pa.chunked_array([pa.repeat(False, kept), pa.repeat(True, n_new)])
    return added
