"""The new rows as Parquet files, each there whole or not at all, made and written several at a time."""

import os
import shutil
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import cycle, islice
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.arrow import arrow
from nngmix.files.new_columns import new_column
from nngmix.files.read_ahead import ahead
from nngmix.files.replace import beside, writing
from nngmix.files.schema import feature_types
from nngmix.jobs.digest import Digest
from nngmix.jobs.provenance import Ids
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.spec import FitSpec
from nngmix.plan import ID_COLUMNS, MixPlan
from nngmix.rows.scaling import finish_in

__all__ = ["Labelled", "Maker", "check_size", "file_name", "write_files"]

# Values of a row group: its bytes in the file depend on it, so that it is no matter of the memory there is.
_GROUP_VALUES = 1 << 22
# Values that are made at a time, and rows of them turned into columns, so that they stay in the cache.
_TILE_VALUES = 1 << 19
_TURN = 2048
# One group waits, one is written, one is made.
_BUFFERS = 3
# Files that are written at a time: more would take more memory, whatever the machine.
_WRITERS = 2
# Values of a column that are encoded at a time, which changes no byte.
_BATCH_ROWS = 1 << 16
# Seconds between two looks at what else there is to do, as in `ahead`.
_PATIENCE = 0.05
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

    def groups(self, start: int, stop: int, n_buffers: int = 1) -> Generator[Any]:
        """The record batches of rows `start` to `stop`, each valid until this many more are taken."""
        dtype, n_features = self.new.dtype, self.new.n_features
        n_rows = min(self.group_rows, stop - start)
        # A plan is one of a whole group.
        n_tile = n_rows if self.plan else min(n_rows, max(1, _TILE_VALUES // n_features))
        rows = np.empty((n_tile, n_features), dtype)
        buffers = cycle([np.empty(n_rows * n_features, dtype) for _ in range(n_buffers)])
        for first in range(start, stop, self.group_rows):
            n_rows = min(self.group_rows, stop - first)
            columns = next(buffers)[: n_rows * n_features].reshape(n_features, n_rows)
            yield self._group(first, rows, columns)

    def _group(self, start: int, rows: NDArray[Any], columns: NDArray[Any]) -> Any:
        """The rows from `start` on, by way of `rows`, in `columns`, whose memory they are."""
        pa, n_rows = arrow(), columns.shape[1]
        besides: list[Any] = []
        if self.label is not None:
            besides.append(self.label.column(self.new.kinds(start, start + n_rows)))
        for first in range(0, n_rows, len(rows)):
            tile = rows[: n_rows - first]
            if self.plan:
                besides += self._choices(self.new.fill_with_plan(start + first, tile))
            else:
                self.new.fill(start + first, tile)
            for at in range(0, len(tile), _TURN):
                part = tile[at : at + _TURN]
                columns[:, first + at : first + at + len(part)] = part.T
        if self.mark is not None:
            besides.append(pa.repeat(pa.scalar(True), n_rows))
        return pa.RecordBatch.from_arrays([*self._columns([*columns]), *besides], schema=self.schema)

    def _columns(self, values: Sequence[NDArray[Any]]) -> list[Any]:
        """Features in their types."""
        of = zip(values, self.types, self.categories, self.like, strict=True)
        return [new_column(*column) for column in of]

    def _choices(self, plan: MixPlan) -> list[Any]:
        columns = [arrow().array(column) for column in plan.columns().values()]
        return columns if self.ids is None else columns + self.ids.columns(plan)


def write_files(folder: str, maker: Maker, spans: dict[int, tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Write the file of each span; yields its description once it stands under its name.

    Several files are under way at a time, each made, encoded and written by a thread, and followed for its
    checksum by another; the rows of a file that is the only one are made while those before are encoded.
    """
    todo = iter(spans.items())
    n_writers = max(1, min(_WRITERS, len(spans)))
    stopped = Event()
    with ThreadPoolExecutor(n_writers) as pool, ExitStack() as at_end:
        # Before the pool waits for files that nobody wants any more.
        at_end.callback(pool.shutdown, wait=False, cancel_futures=True)
        at_end.callback(stopped.set)
        waiting: deque[Future[dict[str, Any]]] = deque()
        while True:
            for number, span in islice(todo, n_writers + 1 - len(waiting)):
                try:
                    waiting.append(
                        pool.submit(_new_file, folder, maker, number, span, n_writers == 1, stopped)
                    )
                except RuntimeError as error:
                    raise OSError(f"the system starts no more threads: {error}") from error
            if not waiting:
                return
            while not wait([waiting[0]], _PATIENCE).done:
                pass
            yield waiting.popleft().result()


def _new_file(
    folder: str, maker: Maker, number: int, span: tuple[int, int], alone: bool, stopped: Event
) -> dict[str, Any]:
    """Write one file; its description."""
    path = os.path.join(folder, file_name(number))
    options = {"use_dictionary": maker.dictionary, "compression": "snappy", "write_batch_size": _BATCH_ROWS}
    groups = ahead(lambda: maker.groups(*span, _BUFFERS), 1) if alone else maker.groups(*span)
    with closing(groups), writing(path), beside(path) as (descriptor, made), Digest(made) as digest:
        # Not a file of Python's, for which each page would be copied once more.
        with arrow().OSFile(made, "wb") as file:
            with arrow().parquet.ParquetWriter(file, maker.schema, **options) as writer:
                for group in groups:
                    if stopped.is_set():
                        raise CancelledError
                    writer.write_batch(group, row_group_size=maker.group_rows)
                    digest.reach(file.tell())
            size = file.tell()
        digest.reach(size)
        # While the digest is computed of what is left.
        os.fsync(descriptor)
        found = digest.hexdigest()
    return {"name": file_name(number), "rows": span[1] - span[0], "bytes": size, "sha256": found}
