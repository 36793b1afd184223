"""How states run over the partitions of a Spark DataFrame, and how made rows become one."""

import pickle
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyspark.sql.functions as F
import pyspark.sql.types as T
from numpy.typing import NDArray
from pyspark import TaskContext
from pyspark.errors import PythonException

from nngmix.engines.maker import Maker
from nngmix.engines.partitions import AnyState, fold_partition, merged

__all__ = ["folder", "made_frame", "named", "numpy_types"]

_STATES = "partition long, state binary"
# Values searched and made at a time: large enough that a search is worth its start, a few MiB.
_SEARCHED_VALUES = 1 << 21
_MADE_VALUES = 1 << 19
# Rows turned into columns at a time, so that they stay in the cache.
_TILE = 2048


def folder(frame: Any, columns: Sequence[str]) -> Callable[[AnyState], AnyState]:
    """The function that runs an empty state over all partitions and merges."""
    frame = frame.select(*map(named, columns))
    n_rows = max(1, _SEARCHED_VALUES // len(columns))

    def fold(empty: AnyState) -> AnyState:
        # Spark broadcasts the functions, and the empty state with them, once to each executor.
        def search(batches: Iterable[Any]) -> Iterator[Any]:
            number = TaskContext.get().partitionId()  # type: ignore[union-attr]
            yield _packed(number, fold_partition(empty, _larger(batches, n_rows), number))

        def merge(packed: Iterable[Any]) -> Iterator[Any]:
            states = [pickle.loads(state) for batch in packed for state in batch["state"].to_pylist()]
            if states:
                yield _packed(0, merged(states))

        # What is shuffled are states, small and few. Spark puts as many of them together as it finds right.
        states = frame.mapInArrow(search, _STATES).repartition("partition").mapInArrow(merge, _STATES)
        total = merged([empty])
        with _worker_errors():
            # One merged partition at a time: the driver never holds many.
            for row in states.select("state").toLocalIterator():
                total.merge(pickle.loads(row.state))
        return total

    return fold


def _larger(batches: Iterable[Any], n_rows: int) -> Iterator[Any]:
    """The batches, put together until they have `n_rows` rows."""
    held: list[Any] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= n_rows:
            yield from _together(held)
            held = []
    yield from _together(held)


def _together(batches: list[Any]) -> list[Any]:
    return pa.Table.from_batches(batches).combine_chunks().to_batches() if batches else []


def _packed(partition: int, state: Any) -> Any:
    columns = [pa.array([partition], pa.int64()), pa.array([pickle.dumps(state)], pa.binary())]
    return pa.RecordBatch.from_arrays(columns, ["partition", "state"])


@contextmanager
def _worker_errors() -> Iterator[None]:
    """What a worker says of a partition as the ValueError that it was there."""
    try:
        yield
    except PythonException as error:
        said = re.findall(r"^ValueError: (partition \d+: .*)", str(error), re.MULTILINE)
        if not said:
            raise
        raise ValueError(said[-1]) from None


def named(column: str) -> Any:
    """A column by a name that may hold dots."""
    return F.col("`" + column.replace("`", "``") + "`")


def numpy_types(frame: Any) -> dict[str, Any]:
    """The NumPy type of every column of numbers, a text for the others."""
    numbers = (T.IntegralType, T.DoubleType, T.DecimalType, T.BooleanType)
    types: dict[str, Any] = {}
    for field in frame.schema.fields:
        if isinstance(field.dataType, T.FloatType):
            types[field.name] = np.dtype(np.float32)
        elif isinstance(field.dataType, numbers):
            types[field.name] = np.dtype(np.float64)
        else:
            types[field.name] = field.dataType.simpleString()
    return types


def made_frame(session: Any, maker: Maker, n_samples: int, n_parts: int, start: int) -> Any:
    """The new rows as a DataFrame."""
    at_most = max(1, _MADE_VALUES // maker.table.n_features)
    n_rows = max(1, min(at_most, -(-n_samples // n_parts)))
    stop = start + n_samples

    def make(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            for block in batch["id"].to_pylist():
                first = start + block * n_rows
                yield pa.RecordBatch.from_pydict(_columns(maker, first, min(first + n_rows, stop)))

    kinds = {"float32": "float", "float64": "double", "int64": "long"}
    schema = T.StructType()
    for name, values in _columns(maker, start, start).items():
        schema.add(name, kinds.get(values.dtype.name, "string"))
    n_blocks = -(-n_samples // n_rows)
    return session.range(0, n_blocks, 1, max(1, min(n_parts, n_blocks))).mapInArrow(make, schema)


def _columns(maker: Maker, start: int, stop: int) -> dict[str, NDArray[Any]]:
    rows, chosen = maker.made(start, stop)
    columns = np.empty(rows.shape[::-1], rows.dtype)
    for first in range(0, len(rows), _TILE):
        columns[:, first : first + _TILE] = rows[first : first + _TILE].T
    return {**dict(zip(maker.columns or (), columns, strict=True)), **chosen}
