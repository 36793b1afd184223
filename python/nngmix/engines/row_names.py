"""The values of an id column for the few rows that a plan can name."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.engines.partitions import Block
from nngmix.neighbors.passes import Pass, Search, Survey

__all__ = ["RowNames"]


class RowNames:
    """What the id column calls labelled anomalies and their neighbours.

    Attributes
    ----------
    of : dict of int to Any
        By row id.
    """

    def __init__(self) -> None:
        self.of: dict[int, Any] = {}

    def update(self, block: Block, first_id: int, state: Pass) -> None:
        """Look up the rows of a block that its pass keeps."""
        ids = np.array(sorted(_kept(state, first_id)), np.int64)
        here = ids[(ids >= first_id) & (ids < first_id + len(block.X))]
        self.of.update(zip(here.tolist(), _values(block.id, here - first_id), strict=True))
        self._forget(state)

    def merge(self, other: Self, state: Pass | None = None) -> None:
        self.of |= other.of
        self._forget(state)

    def _forget(self, state: Pass | None) -> None:
        """A neighbour that gave way to a nearer one will not be named."""
        if isinstance(state, Search):
            kept = _kept(state, 0)
            self.of = {number: name for number, name in self.of.items() if number in kept}

    def names(self, ids: NDArray[np.int64]) -> list[Any]:
        """What each row is called."""
        return [self.of.get(number) for number in ids.tolist()]


def _kept(state: Pass, first_id: int) -> set[int]:
    """Ids of the rows that a pass keeps: for a survey those from `first_id` on."""
    if isinstance(state, Search):
        return set(state.table.row_ids.ravel().tolist())
    found = state.found if isinstance(state, Survey) else []
    return {number for ids, *_ in found if len(ids) and ids[-1] >= first_id for number in ids.tolist()}


def _values(column: Any, rows: NDArray[np.int64]) -> list[Any]:
    if hasattr(column, "to_pylist"):
        import pyarrow as pa

        values: list[Any] = column.take(pa.array(rows)).to_pylist()
        return values
    return list(column.take(rows).tolist())
