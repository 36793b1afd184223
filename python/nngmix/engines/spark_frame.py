"""How states run over the partitions of a Spark DataFrame, and how made rows become one.

Columns are taken by their positions: names may hold anything, and differ in case alone.
"""

import pickle
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyspark.sql.functions as F
import pyspark.sql.types as T
from pyspark import TaskContext
from pyspark.errors import PythonException
from pyspark.sql import SparkSession

from nngmix.engines.maker import Maker, n_parts_for
from nngmix.engines.partitions import Block, PartitionState, fold_partition, merged
from nngmix.engines.roles import Roles
from nngmix.engines.spark_types import Types, arrow_type, numbered
from nngmix.parameters.progress import Callback
from nngmix.rows.category_values import arrow_values
from nngmix.rows.date_values import arrow_date_type, arrow_dates
from nngmix.rows.numbers import integer_limits
from nngmix.rows.scaling import finish_in

__all__ = ["made_frame", "runner", "with_old_rows"]

_STATES = "partition long, state binary"
# Values searched and made at a time: large enough that a search is worth its start, a few MiB.
_SEARCHED_VALUES = 1 << 21
_MADE_VALUES = 1 << 19
# Rows turned into columns at a time, so that they stay in the cache.
_TILE = 2048


def runner(
    frame: Any, roles: Roles, report: Callback | None = None
) -> Callable[[PartitionState], PartitionState]:
    """The function that runs an empty state over all partitions and merges."""
    at = {name: f"c{i}" for i, name in enumerate(frame.columns)}
    wanted = (*roles.features, *roles.others)
    frame = numbered(frame).select(*(at[name] for name in wanted))
    n_rows = max(1, _SEARCHED_VALUES // len(wanted))

    def run(empty: PartitionState) -> PartitionState:
        # Spark broadcasts the functions, and the empty state with them, once to each executor.
        def search(batches: Iterable[Any]) -> Iterator[Any]:
            number = TaskContext.get().partitionId()  # type: ignore[union-attr]
            yield _packed(number, fold_partition(empty, _blocks(_larger(batches, n_rows), roles), number))

        def merge(packed: Iterable[Any]) -> Iterator[Any]:
            states = [pickle.loads(state) for batch in packed for state in batch["state"].to_pylist()]
            if states:
                yield _packed(0, merged(states))

        # What is shuffled are states, small and few. Spark puts as many of them together as it finds right.
        if report is not None:
            report(empty.state.stage, 0, 0)
        states = frame.mapInArrow(search, _STATES).repartition("partition").mapInArrow(merge, _STATES)
        total = merged([empty])
        with _worker_errors():
            # One merged partition at a time: the driver never holds many.
            for row in states.select("state").toLocalIterator():
                total.merge(pickle.loads(row.state))
        if report is not None:
            n_all = total.state.counts.n_rows
            report(empty.state.stage, n_all, n_all)
        return total

    return run


def _blocks(batches: Iterable[Any], roles: Roles) -> Iterator[Block]:
    n = len(roles.features)
    for batch in batches:
        X = pa.RecordBatch.from_arrays(batch.columns[:n], names=list(roles.features))
        others = dict(zip(roles.others, batch.columns[n:], strict=True))
        yield Block(X, others.get(roles.label), others.get(roles.id))


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
    """What a worker says of a partition as the error that it was there."""
    try:
        yield
    except PythonException as error:
        said = re.findall(r"^(ValueError|TypeError): (partition \d+.*)", str(error), re.MULTILINE)
        if not said:
            raise
        kind, message = said[-1]
        raise (TypeError if kind == "TypeError" else ValueError)(message) from None


def made_frame(session: Any, maker: Maker, n_samples: Any, n_parts: Any, start: Any, types: Types) -> Any:
    """The new rows as a DataFrame: the features, the columns of the plan, and the number of the class.

    Columns are named by their numbers.
    """
    n_samples, n_parts, start = n_parts_for(maker, n_samples, n_parts, start, "num_partitions")
    session = session or SparkSession.getActiveSession()
    if session is None:
        raise ValueError("there is no active Spark session: pass one as session")
    at_most = max(1, _MADE_VALUES // maker.new.n_features)
    n_rows = max(1, min(at_most, -(-n_samples // n_parts)))
    stop = start + n_samples

    def make(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            for block in batch["id"].to_pylist():
                first = start + block * n_rows
                yield _batch(maker, first, min(first + n_rows, stop), types)

    kinds = {pa.float32(): T.FloatType(), pa.float64(): T.DoubleType(), pa.int64(): T.LongType()}
    if types.id is not None:
        kinds[types.id[1]] = types.id[0]
    schema = T.StructType()
    for column, field in enumerate(_batch(maker, start, start, types).schema):
        kind, _ = types.features.get(column, (kinds.get(field.type, T.StringType()), None))
        schema.add(field.name, kind)
    n_blocks = -(-n_samples // n_rows)
    return session.range(0, n_blocks, 1, max(1, min(n_parts, n_blocks))).mapInArrow(make, schema)


def _batch(maker: Maker, start: int, stop: int, types: Types) -> Any:
    rows, chosen = maker.made(start, stop)
    columns = np.empty(rows.shape[::-1], rows.dtype)
    for first in range(0, len(rows), _TILE):
        columns[:, first : first + _TILE] = rows[first : first + _TILE].T
    arrays = [pa.array(column, from_pandas=maker.new.table.may_miss) for column in columns]
    for j, dictionary in maker.categories.items():
        arrays[j] = arrow_values(dictionary, columns[j], pa.array([], types.features[j][1]))
    for j, kind in maker.dates.items():
        arrays[j] = arrow_dates(columns[j], arrow_date_type(kind)).cast(types.features[j][1])
    id_type = None if types.id is None else types.id[1]
    for values in chosen.values():
        text = isinstance(values, np.ndarray) and values.dtype.kind == "U"
        arrays.append(
            pa.array(values, id_type if isinstance(values, list) else pa.string() if text else None)
        )
    arrays.append(pa.array(maker.new.kinds(start, stop)))
    return pa.RecordBatch.from_arrays(arrays, [f"c{i}" for i in range(len(arrays))])


def with_old_rows(frame: Any, made: Any, maker: Maker, roles: Roles, mark: str | None, only_new: bool) -> Any:
    """Old and new rows, or the new ones alone, with all columns of the frame and those that are added."""
    kind = "float" if maker.new.dtype.itemsize == 4 else "double"
    feature = {name: f"c{i}" for i, name in enumerate(roles.features)}
    finish = finish_in(maker.new.table.scale)
    fields = made.schema.fields[len(feature) : -1]
    kept, new, names = [], [], list(frame.columns)
    for i, field in enumerate(frame.schema.fields):
        column = F.col(f"c{i}")
        if field.name in feature:
            made_column, number = F.col(feature[field.name]), roles.features.index(field.name)
            whole = finish is not None and finish.holds(number, integer_limits(arrow_type(field.dataType)))
            if whole or number in maker.categories or number in maker.dates:
                kept.append(column)
                new.append(made_column.cast(field.dataType))
            else:
                kept.append(column.cast(kind))
                new.append(made_column)
            continue
        kept.append(column)
        if field.name == roles.label:
            labels = F.array(*(F.lit(label).cast(field.dataType) for label in maker.new.labels))
            new.append(labels[F.col(made.columns[-1])])
        else:
            new.append(F.lit(None).cast(field.dataType))
    for name, field in zip(maker.added, fields, strict=True):
        kept.append(F.lit(None).cast(field.dataType))
        new.append(F.col(field.name))
        names.append(name)
    if mark is not None:
        kept.append(F.lit(False))
        new.append(F.lit(True))
        names.append(mark)
    made = _selected(made, new)
    rows = made if only_new else _selected(numbered(frame), kept).union(made)
    return rows.toDF(*names)


def _selected(frame: Any, columns: Sequence[Any]) -> Any:
    return frame.select(*(column.alias(f"o{i}") for i, column in enumerate(columns)))
