"""The new rows as Parquet files, each there whole or not at all, made while the one before is written."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.arrow import arrow
from nngmix.files.new_columns import new_column
from nngmix.files.read_ahead import ahead
from nngmix.files.replace import replacing, writing
from nngmix.files.schema import feature_types
from nngmix.jobs.manifest import checksum
from nngmix.jobs.provenance import Ids
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.spec import FitSpec
from nngmix.plan import ID_COLUMNS, MixPlan
from nngmix.rows.scaling import finish_in

__all__ = ["Labelled", "Maker", "check_size", "file_name", "write_files"]

# Values of a row group: its bytes in the file depend on it, so that it is no matter of the memory there is.
_GROUP_VALUES = 1 << 22
# Rows turned into columns at a time, so that they stay in the cache.
_TILE = 2048
# One group waits, one is written, one is made.
_BUFFERS = 3
# As many as have names of one length, so that their order is that of the rows.
_MOST_FILES = 100_000


def file_name(number: int) -> str:
    """Name of an output file."""
    return f"part-{number:05d}.parquet"


def check_size(folder: str, n_rows: int, rows_per_file: int, spec: FitSpec) -> None:
    """OSError for more new rows than the whole disk of a folder could hold; ValueError for too many files."""
    wanted, disk = n_rows * spec.n_features * spec.dtype.itemsize, shutil.disk_usage(folder)
    if wanted > disk.total:
        raise OSError(
            f"{n_rows} new rows of {spec.n_features} columns need {wanted / 2**30:.1f} GiB, and the disk of "
            f"{folder} has {disk.total / 2**30:.1f} GiB: ask for fewer with -n"
        )
    n_files = -(-n_rows // rows_per_file)
    if n_files > _MOST_FILES:
        raise ValueError(
            f"{n_rows} new rows, {rows_per_file} in each file, are {n_files} files, {n_files / 2**18:.1f} "
            f"GiB of 4 KiB each at least, and a folder takes {_MOST_FILES} files: give --rows-per-file "
            f"{-(-n_rows // _MOST_FILES)} or more, or ask for fewer rows with -n"
        )


@dataclass(frozen=True, eq=False)
class Labelled:
    """The label column of new rows.

    Attributes
    ----------
    name : str
    values : pyarrow.Array
        The label of each class of new rows, in the type of the column.
    """

    name: str
    values: Any

    def column(self, kinds: NDArray[np.int64]) -> Any:
        """The labels of rows of these classes."""
        return self.values.take(arrow().array(kinds))


class Maker:
    """Row groups of new rows.

    Parameters
    ----------
    new : NewRows
    features : sequence of str
    label : Labelled or None
    plan : bool
        Whether anchor, partner, pool, lam and, if rows have one, donor are columns, too.
    ids : Ids or None
        For two more columns of the plan.
    mark : str or None
        Name of a column that is true.
    types : sequence of pyarrow.DataType, optional
        Those of the features as they came: integers stay so where new rows are whole, and categories what
        they are.
    like : mapping of str to pyarrow.Array, optional
        Columns of dictionaries with the values that they have, used or not.
    """

    def __init__(
        self,
        new: NewRows,
        features: Sequence[str],
        label: Labelled | None,
        *,
        plan: bool,
        ids: Ids | None = None,
        mark: str | None = None,
        types: Sequence[Any] | None = None,
        like: Mapping[str, Any] | None = None,
    ) -> None:
        pa = arrow()
        self.new, self.label, self.plan, self.ids, self.mark = new, label, plan, ids, mark
        types = [None] * new.n_features if types is None else types
        self.types = feature_types(types, new.dtype, finish_in(new.table.scale))
        self.categories = new.table.categories
        # What the columns of categories are like.
        self.like = [
            (like or {}).get(name, None if kind is None else pa.array([], kind))
            for name, kind in zip(features, types, strict=True)
        ]
        nothing = [np.empty(0, new.dtype)] * new.n_features
        self.dictionary = [
            name for name, values in zip(features, self.categories, strict=True) if values is not None
        ]
        fields = [(n, column.type) for n, column in zip(features, self._columns(nothing), strict=True)]
        if label is not None:
            fields.append((label.name, label.values.type))
            self.dictionary.append(label.name)
        if plan:
            # Those of a plan without rows: only it knows whether rows have donors.
            columns = new.fill_with_plan(0, np.empty((0, new.n_features), new.dtype)).columns()
            fields += [(name, pa.array(column).type) for name, column in columns.items()]
            self.dictionary += [name for name in columns if name != "lam"]
        if plan and ids is not None:
            fields += [(name, ids.type) for name in ID_COLUMNS]
            self.dictionary += ID_COLUMNS
        if mark is not None:
            fields.append((mark, pa.bool_()))
        self.schema = pa.schema(fields)
        self.group_rows = max(1, _GROUP_VALUES // new.n_features)

    def groups(self, spans: Sequence[tuple[int, int]]) -> Iterator[Any]:
        """The record batches of the spans, one after the other; each is valid until two more are taken."""
        n_rows = min(self.group_rows, max((stop - start for start, stop in spans), default=0))
        shape = n_rows, self.new.n_features
        rows = np.empty(shape, self.new.dtype)
        buffers = [np.empty(shape[::-1], self.new.dtype) for _ in range(_BUFFERS)]
        number = 0
        for start, stop in spans:
            for first in range(start, stop, self.group_rows):
                last = min(first + self.group_rows, stop)
                yield self._group(first, last, rows[: last - first], buffers[number % _BUFFERS])
                number += 1

    def _group(self, start: int, stop: int, rows: NDArray[Any], buffer: NDArray[Any]) -> Any:
        pa = arrow()
        besides: list[Any] = []
        if self.label is not None:
            besides.append(self.label.column(self.new.kinds(start, stop)))
        if self.plan:
            besides += self._choices(self.new.fill_with_plan(start, rows))
        else:
            self.new.fill(start, rows)
        if self.mark is not None:
            besides.append(pa.repeat(pa.scalar(True), len(rows)))
        for first in range(0, len(rows), _TILE):
            tile = rows[first : first + _TILE]
            buffer[:, first : first + len(tile)] = tile.T
        columns = self._columns([column[: len(rows)] for column in buffer])
        return pa.RecordBatch.from_arrays([*columns, *besides], schema=self.schema)

    def _columns(self, values: Sequence[NDArray[Any]]) -> list[Any]:
        """Features in their types."""
        of = zip(values, self.types, self.categories, self.like, strict=True)
        return [new_column(*column) for column in of]

    def _choices(self, plan: MixPlan) -> list[Any]:
        columns = [arrow().array(column) for column in plan.columns().values()]
        return columns if self.ids is None else columns + self.ids.columns(plan)


def write_files(folder: str, maker: Maker, spans: dict[int, tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Write the file of each span; yields its description once it stands under its name.

    Three things happen at a time: rows are made, the ones before are encoded and written, and the file before
    is read back for its checksum.
    """
    todo = list(spans.items())
    groups = ahead(lambda: maker.groups([span for _, span in todo]), 1)
    waiting: tuple[dict[str, Any], Future[str]] | None = None
    stopped = Event()
    with ThreadPoolExecutor(1) as pool, closing(groups), ExitStack() as at_end:
        # Before the pool waits for its last task, which reads a whole file.
        at_end.callback(stopped.set)
        for number, (start, stop) in todo:
            path = os.path.join(folder, file_name(number))
            size = _write_file(path, maker, start, stop, groups)
            if waiting is not None:
                yield {**waiting[0], "sha256": waiting[1].result()}
            about = {"name": file_name(number), "rows": stop - start, "bytes": size}
            try:
                waiting = about, pool.submit(checksum, path, stopped)
            except RuntimeError as error:
                raise OSError(f"the system starts no more threads: {error}") from error
        if waiting is not None:
            yield {**waiting[0], "sha256": waiting[1].result()}


def _write_file(path: str, maker: Maker, start: int, stop: int, groups: Iterator[Any]) -> int:
    """Write the next groups of rows `start` to `stop` to one file; its size."""
    options = {"use_dictionary": maker.dictionary, "compression": "snappy"}
    with writing(path), replacing(path) as file:
        with arrow().parquet.ParquetWriter(file, maker.schema, **options) as writer:
            for _ in range(start, stop, maker.group_rows):
                writer.write_batch(next(groups), row_group_size=maker.group_rows)
        return file.tell()
