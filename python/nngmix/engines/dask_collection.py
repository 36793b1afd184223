"""How states run over the partitions of a Dask collection, and how made partitions become one."""

from collections import Counter
from collections.abc import Callable, Iterator
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

from nngmix.engines.maker import Maker, spans
from nngmix.engines.partitions import AnyState, fold_partition, merged

__all__ = ["complete", "folder", "made_array", "made_frame", "with_gaps"]

# States merged in one task: few enough to be held together, many enough for a low tree.
_FAN_IN = 8
# Values made a matrix at a time: large enough that a search is worth its start, a few MiB.
_BLOCK_VALUES = 1 << 21


def folder(collection: Any, n_features: int) -> Callable[[AnyState], AnyState]:
    """The function that runs an empty state over all partitions and merges, as a tree."""
    partitions = _partitions(collection)
    n_rows = max(1, _BLOCK_VALUES // n_features)

    def fold(empty: AnyState) -> AnyState:
        # One value in the graph, however many partitions; a lost worker's copy is sent again.
        sent = delayed(empty, traverse=False, pure=False)
        search, merge = delayed(_search, pure=False), delayed(merged, pure=False)
        states = [search(sent, part, number, n_rows) for number, part in enumerate(partitions)]
        while len(states) > 1:
            states = [merge(states[first : first + _FAN_IN]) for first in range(0, len(states), _FAN_IN)]
        state: AnyState = compute(states[0])[0]
        return state

    return fold


class _Unread:
    """A partition that is read where it is searched: in one task, so that its rows are never sent or held."""

    def __init__(self, graph: dict[Any, Any], key: Any) -> None:
        self.graph = graph
        self.key = key

    def read(self) -> Any:
        try:
            return get_sync(self.graph, self.key)
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


def _search(empty: AnyState, part: Any, number: int, n_rows: int) -> AnyState:
    return fold_partition(empty, _blocks(part, n_rows), number)


def _blocks(part: Any, n_rows: int) -> Iterator[Any]:
    block = part.read() if isinstance(part, _Unread) else part
    rows = block.iloc if isinstance(block, pd.DataFrame) else block
    for first in range(0, len(block), n_rows):
        yield rows[first : first + n_rows]


def made_array(maker: Maker, n_samples: int, n_parts: int, start: int) -> Any:
    """The new rows as an Array."""
    borders = spans(0, n_samples, n_parts)
    table = maker.table
    return da.map_blocks(
        _make_rows,
        delayed(maker, traverse=False, pure=False),
        start,
        chunks=(tuple(np.diff(borders).tolist()), (table.n_features,)),
        dtype=table.dtype,
        meta=np.empty((0, 0), table.dtype),
    )


def _make_rows(maker: Maker, start: int, block_info: Any = None) -> NDArray[Any]:
    first, stop = block_info[None]["array-location"][0]
    return maker.rows(start + first, start + stop)


def made_frame(maker: Maker, n_samples: int, n_parts: int, start: int) -> Any:
    """The new rows as a DataFrame whose index is the number of the row."""
    borders = spans(start, n_samples, n_parts)
    divisions = (*borders[:-1], max(start, borders[-1] - 1))
    index = pd.DataFrame(index=pd.RangeIndex(0))
    numbers = dd.from_map(_numbers, borders[:-1], borders[1:], meta=index, divisions=divisions)
    return numbers.map_partitions(
        _make_frame, delayed(maker, traverse=False, pure=False), meta=_make_frame(index, maker)
    )


def _numbers(first: int, stop: int) -> pd.DataFrame:
    return pd.DataFrame(index=pd.RangeIndex(first, stop))


def _make_frame(numbers: pd.DataFrame, maker: Maker) -> pd.DataFrame:
    index = numbers.index
    rows, chosen = maker.made(index.start, index.stop)
    # The matrix itself: columns of their own would be a copy.
    return pd.DataFrame(rows, index=index, columns=list(maker.columns or ()), copy=False).assign(**chosen)


def with_gaps(dtype: Any) -> Any:
    """The type of a column that can be empty: pandas' own instead of NumPy's integers and booleans."""
    if not isinstance(dtype, np.dtype) or dtype.kind not in "iub":
        return dtype
    return "boolean" if dtype.kind == "b" else dtype.name.replace("i", "I", 1).replace("u", "U", 1)


def complete(part: pd.DataFrame, like: pd.DataFrame, fixed: dict[str, Any]) -> pd.DataFrame:
    """The columns and types of `like`; those that `part` lacks are empty, or hold what is `fixed`."""
    columns = {}
    for name, dtype in like.dtypes.items():
        if name in fixed or name not in part:
            columns[name] = pd.Series(fixed.get(name), index=part.index, dtype=dtype)
        else:
            columns[name] = part[name].astype(dtype)
    return pd.DataFrame(columns, index=part.index)
