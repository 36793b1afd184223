"""How states run over the partitions of a Dask collection, and how made partitions become one."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
from dask.base import compute
from dask.delayed import delayed
from dask.local import get_sync
from dask.optimization import cull
from numpy.typing import NDArray

from nngmix.engines.dask_parquet import ParquetPart, look_at
from nngmix.engines.dask_progress import computed
from nngmix.engines.maker import Maker, spans
from nngmix.engines.partitions import Block, PartitionState, fold_partition, merged, partition_name
from nngmix.engines.roles import FRAME, Roles
from nngmix.files.statistics import Look
from nngmix.neighbors.glance import Glance
from nngmix.parameters.progress import Callback
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.category_columns import is_category
from nngmix.rows.names import check_known
from nngmix.rows.rows import Known, Rows, as_rows

__all__ = ["feature_types", "made_array", "made_frame", "runner"]

# States merged in one task: few enough to be held together, many enough for a low tree.
_FAN_IN = 8
# Values made a matrix at a time: large enough that a search is worth its start, a few MiB.
_BLOCK_VALUES = 1 << 21


def feature_types(
    frame: Any, roles: Roles, where: str, asked: ColumnsAsked, known: Known | None = None
) -> Rows:
    """No rows of the features' types: what the door refuses is refused before any work.

    `known` are the columns of the anomalies, if these are given apart from the frame.
    """
    if tuple(frame.columns) != roles.features:
        frame = frame[list(roles.features)]
    meta = frame._meta.iloc[:0]
    if asked.categorical_features == "auto":
        asked = replace(asked, categorical_features=_categories(frame, meta))
    return as_rows(where, meta, asked=asked, known=known, advice=FRAME)


def _categories(frame: Any, meta: pd.DataFrame) -> list[bool]:
    """Which columns hold categories by their type; what objects are is known to the partitions alone."""
    found = [is_category(column) for _, column in meta.items()]
    objects = [j for j, kind in enumerate(meta.dtypes) if str(kind) == "object"]
    if objects:
        look = delayed(_which_categories, pure=False)
        shown = compute(*map(look, frame[list(meta.columns[objects])].to_delayed()))
        for j, held in zip(objects, np.any(shown, axis=0).tolist(), strict=True):
            found[j] = held
    return found


def _which_categories(part: pd.DataFrame) -> list[bool]:
    return [is_category(column) for _, column in part.items()]


def runner(
    collection: Any,
    n_features: int,
    roles: Roles | None,
    others: Sequence[Hashable] = (),
    report: Callback | None = None,
) -> Callable[[PartitionState], PartitionState]:
    """The function that runs an empty state over all partitions and merges, as a tree.

    `others` are columns that the notes of the state look at.
    """
    cuts = _Cuts(n_features, max(1, _BLOCK_VALUES // n_features))
    if roles is not None:
        cuts = _Cuts.of(roles, others, cuts.n_rows)
        wanted = set(cuts.columns or ())
        # In the order of the frame: another one would be a step of its own in the graph.
        if len(wanted) < len(collection.columns):
            collection = collection[[name for name in collection.columns if name in wanted]]
    partitions = _partitions(collection)

    def run(empty: PartitionState) -> PartitionState:
        # One value in the graph, however many partitions; a lost worker's copy is sent again.
        sent = delayed(empty, traverse=False, pure=False)
        search, merge = delayed(_search, pure=False), delayed(merged, pure=False)
        states = searches = [search(sent, part, number, cuts) for number, part in enumerate(partitions)]
        while len(states) > 1:
            states = [merge(states[first : first + _FAN_IN]) for first in range(0, len(states), _FAN_IN)]
        stage = None if report is None else partial(report, empty.state.stage)
        state: PartitionState = computed(states[0], searches, stage)
        return state

    return run


@dataclass(frozen=True)
class _Cuts:
    """How a partition is cut into blocks, its columns by their positions: the features come first."""

    n_features: int
    n_rows: int
    columns: tuple[Hashable, ...] | None = None
    label: int | None = None
    id: int | None = None
    others: tuple[int, ...] = ()

    @classmethod
    def of(cls, roles: Roles, others: Sequence[Hashable], n_rows: int) -> "_Cuts":
        columns = tuple(dict.fromkeys((*roles.features, *roles.others, *others)))
        at = {name: position for position, name in enumerate(columns)}
        label = None if roles.label is None else at[roles.label]
        id = None if roles.id is None else at[roles.id]
        return cls(len(roles.features), n_rows, columns, label, id, tuple(at[name] for name in others))

    @property
    def takes_parquet(self) -> bool:
        """Whether all features may come as columns of Arrow, since no note looks at one."""
        return self.columns is not None and all(at >= self.n_features for at in self.others)

    def blocks(self, part: Any) -> Iterator[Block]:
        """A partition as blocks; rows and columns are views of it."""
        if self.columns is None:
            for first in range(0, len(part), self.n_rows):
                yield Block(part[first : first + self.n_rows])
            return
        if tuple(part.columns) != self.columns:
            check_known("what came", self.columns, list(part.columns))
            part = part[list(self.columns)]
        # Features that are merely counted stay so.
        features = part.iloc[:, : self.n_features]
        for first in range(0, len(part), self.n_rows):
            rows = slice(first, first + self.n_rows)
            yield Block(
                features.iloc[rows],
                None if self.label is None else part.iloc[rows, self.label],
                None if self.id is None else part.iloc[rows, self.id],
                part.iloc[rows, list(self.others)] if self.others else None,
            )

    def straight(self, part: ParquetPart, look: Look | None) -> Iterator[Block | Glance] | None:
        """The same of a partition that is Parquet; None if Dask has to read it."""
        columns = self.columns or ()
        features, besides = columns[: self.n_features], columns[self.n_features :]
        batches = part.batches(features, self.n_rows, look)
        return (
            None
            if batches is None
            else self._with_others(batches, part.besides(besides) if besides else None)
        )

    def _with_others(self, batches: Iterator[Any], others: Any) -> Iterator[Block | Glance]:
        first = 0

        def column(at: int | None) -> Any:
            return None if at is None else others.iloc[first : first + batch.num_rows, at - self.n_features]

        for batch in batches:
            if isinstance(batch, Glance):
                yield batch
            else:
                more = others.iloc[first : first + batch.num_rows] if self.others else None
                yield Block(batch, column(self.label), column(self.id), more)
            first += batch.num_rows


class _Unread:
    """A partition that is read where it is searched: in one task, so that its rows are never sent or held."""

    def __init__(self, graph: dict[Any, Any], key: Any) -> None:
        self.graph = graph
        self.key = key
        self.parquet = ParquetPart.of(graph)

    def blocks(self, empty: PartitionState, number: int, cuts: _Cuts) -> Iterator[Block | Glance]:
        with _reading():
            blocks = self._straight(empty, number, cuts)
            part = get_sync(self.graph, self.key) if blocks is None else None
        if blocks is None:
            yield from cuts.blocks(part)
            return
        with _reading():
            yield from blocks

    def _straight(self, empty: PartitionState, number: int, cuts: _Cuts) -> Iterator[Block | Glance] | None:
        if self.parquet is None or not cuts.takes_parquet:
            return None
        label = None if cuts.label is None or cuts.columns is None else cuts.columns[cuts.label]
        return cuts.straight(self.parquet, look_at(empty, partition_name(number), label))


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        raise ValueError(f"cannot be read: {type(error).__name__}: {error}") from error


def _partitions(collection: Any) -> list[Any]:
    """The partitions, unread where their part of the graph is theirs alone and waits for nothing."""
    if isinstance(collection, da.Array):
        # Rows are searched whole: columns in several chunks become one.
        collection = collection.rechunk({1: -1})
    parts = np.ravel(collection.to_delayed(optimize_graph=True)).tolist()
    graph = dict(parts[0].__dask_graph__())
    own = [cull(graph, [part.key])[0] for part in parts]
    uses = Counter(key for nodes in own for key in nodes)
    return [
        _Unread(nodes, part.key) if all(uses[key] == 1 and _is_ready(nodes[key]) for key in nodes) else part
        for part, nodes in zip(parts, own, strict=True)
    ]


def _is_ready(node: Any) -> bool:
    # Futures of persisted collections are rows that a worker holds.
    return not type(node).__module__.startswith("distributed")


def _search(empty: PartitionState, part: Any, number: int, cuts: _Cuts) -> PartitionState:
    blocks = part.blocks(empty, number, cuts) if isinstance(part, _Unread) else cuts.blocks(part)
    return fold_partition(empty, blocks, number)


def made_array(maker: Maker, n_samples: int, n_parts: int, start: int) -> Any:
    """The new rows as an Array."""
    borders = spans(0, n_samples, n_parts)
    dtype = maker.new.dtype
    return da.map_blocks(
        _make_rows,
        delayed(maker, traverse=False, pure=False),
        start,
        chunks=(tuple(np.diff(borders).tolist()), (maker.new.n_features,)),
        dtype=dtype,
        meta=np.empty((0, 0), dtype),
    )


def _make_rows(maker: Maker, start: int, block_info: Any = None) -> NDArray[Any]:
    first, stop = block_info[None]["array-location"][0]
    return maker.rows(start + first, start + stop)


def made_frame(
    maker: Maker, n_samples: int, n_parts: int, start: int, make: Callable[..., pd.DataFrame], *args: Any
) -> Any:
    """The new rows as a DataFrame: ``make(numbers, maker, *args)`` of frames that have an index alone.

    The index is the number of the row.
    """
    borders = spans(start, n_samples, n_parts)
    divisions = (*borders[:-1], max(start, borders[-1] - 1))
    index = pd.DataFrame(index=pd.RangeIndex(0))
    numbers = dd.from_map(_numbers, borders[:-1], borders[1:], meta=index, divisions=divisions)
    sent = delayed(maker, traverse=False, pure=False)
    return numbers.map_partitions(make, sent, *args, meta=make(index, maker, *args))


def _numbers(first: int, stop: int) -> pd.DataFrame:
    return pd.DataFrame(index=pd.RangeIndex(first, stop))
