"""The new rows as Parquet files, each there whole or not at all, made while the one before is written."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.disk import writing
from nngmix.files.read_ahead import ahead
from nngmix.files.replace import replacing
from nngmix.files.table import arrow
from nngmix.jobs.manifest import checksum
from nngmix.neighbors.scaled import ScaledTable

__all__ = ["Maker", "file_name", "write_files"]

# Values of a row group: its bytes in the file depend on it, so that it is no matter of the memory there is.
_GROUP_VALUES = 1 << 22
# Rows turned into columns at a time, so that they stay in the cache.
_TILE = 2048
# One group waits, one is written, one is made.
_BUFFERS = 3


def file_name(number: int) -> str:
    """Name of an output file."""
    return f"part-{number:05d}.parquet"


class Maker:
    """Row groups of new rows from a table.

    Parameters
    ----------
    table : ScaledTable
    features : sequence of str
    label : tuple of (str, pyarrow.Scalar) or None
        Name and value of the label of the new rows.
    mixture : dict
        alpha, beta, unlabeled_fraction and random_state, an int.
    noise_std : float
    plan : bool
        Whether anchor, partner, pool and lam are columns, too.
    anomaly_rows : ndarray of int64 or None
        Rows of the anomalies among all rows read, which the plan then names instead of their number.
    """

    def __init__(
        self,
        table: ScaledTable,
        features: Sequence[str],
        label: tuple[str, Any] | None,
        mixture: dict[str, Any],
        noise_std: float,
        plan: bool,
        anomaly_rows: NDArray[np.int64] | None,
    ) -> None:
        pa = arrow()
        self.table, self.label, self.mixture, self.noise_std = table, label, mixture, noise_std
        self.plan, self.anomaly_rows = plan, anomaly_rows
        kind = pa.from_numpy_dtype(table.dtype)
        fields = [(name, kind) for name in features]
        self.dictionary: list[str] = []
        if label is not None:
            fields.append((label[0], label[1].type))
            self.dictionary.append(label[0])
        if plan:
            fields += [("anchor", pa.int64()), ("partner", pa.int64()), ("pool", pa.string())]
            fields.append(("lam", pa.float64()))
            self.dictionary += ["anchor", "partner", "pool"]
        self.schema = pa.schema(fields)
        self.group_rows = max(1, _GROUP_VALUES // table.n_features)

    def groups(self, spans: Sequence[tuple[int, int]]) -> Iterator[Any]:
        """The record batches of the spans, one after the other; each is valid until two more are taken."""
        n_rows = min(self.group_rows, max((stop - start for start, stop in spans), default=0))
        shape = n_rows, self.table.n_features
        rows = np.empty(shape, self.table.dtype)
        buffers = [np.empty(shape[::-1], self.table.dtype) for _ in range(_BUFFERS)]
        number = 0
        for start, stop in spans:
            for first in range(start, stop, self.group_rows):
                last = min(first + self.group_rows, stop)
                yield self._group(first, last, rows[: last - first], buffers[number % _BUFFERS])
                number += 1

    def _group(self, start: int, stop: int, rows: NDArray[Any], buffer: NDArray[Any]) -> Any:
        pa = arrow()
        choices: list[Any] = []
        if self.plan:
            plan = self.table.plan(start, stop, **self.mixture)
            self.table.mix(plan, noise_std=self.noise_std, out=rows)
            anchor, partner = plan.anchor, plan.partner
            if self.anomaly_rows is not None:
                among = ~plan.unlabeled
                partner = partner.copy()
                partner[among] = self.anomaly_rows[partner[among]]
                anchor = self.anomaly_rows[anchor]
            pool = np.where(plan.unlabeled, "unlabeled", "anomaly")
            choices = [pa.array(anchor), pa.array(partner), pa.array(pool), pa.array(plan.lam)]
        else:
            self.table.rows(start, stop, noise_std=self.noise_std, out=rows, **self.mixture)
        for first in range(0, len(rows), _TILE):
            tile = rows[first : first + _TILE]
            buffer[:, first : first + len(tile)] = tile.T
        columns: list[Any] = [pa.array(column[: len(rows)]) for column in buffer]
        if self.label is not None:
            columns.append(pa.repeat(self.label[1], len(rows)))
        return pa.RecordBatch.from_arrays([*columns, *choices], schema=self.schema)


def write_files(folder: str, maker: Maker, spans: dict[int, tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Write the file of each span; yields its description once it stands under its name.

    Three things happen at a time: rows are made, the ones before are encoded and written, and the file before
    is read back for its checksum.
    """
    todo = list(spans.items())
    groups = ahead(lambda: maker.groups([span for _, span in todo]), 1)
    waiting: tuple[dict[str, Any], Future[str]] | None = None
    with ThreadPoolExecutor(1) as pool, closing(groups):
        for number, (start, stop) in todo:
            path = os.path.join(folder, file_name(number))
            size = _write_file(path, maker, start, stop, groups)
            if waiting is not None:
                yield {**waiting[0], "sha256": waiting[1].result()}
            about = {"name": file_name(number), "rows": stop - start, "bytes": size}
            waiting = about, pool.submit(checksum, path)
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
