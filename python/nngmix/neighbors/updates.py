"""Unlabelled rows taken into account: block by block, and by merging what others have seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix import _core
from nngmix.neighbors.given import check_named_once
from nngmix.neighbors.incoming import Incoming
from nngmix.neighbors.state import SEARCH_VALUES, State
from nngmix.parameters.checks import check_ids
from nngmix.parameters.progress import Callback, reported
from nngmix.rows.column_types import joined_types
from nngmix.rows.kinds import joined_kinds, same_kinds
from nngmix.rows.names import listed
from nngmix.rows.rows import Rows
from nngmix.rows.scaling import check_scaled, same_scale, take

__all__ = ["SEARCH_VALUES", "Updates"]

Ids = int | NDArray[np.int64]


class Updates(Incoming):
    """How `NeighborTable` finds its neighbours."""

    def update(
        self,
        X_unlabeled: ArrayLike | Rows,
        row_ids: ArrayLike | None = None,
        *,
        where: ArrayLike | None = None,
        callback: Callback | None = None,
        verbose: bool = False,
    ) -> Self:
        """Take one more block of unlabelled rows, in the input's units, into account.

        Parameters
        ----------
        X_unlabeled : array-like or frame of shape (n_rows, n_features)
            What the table's columns hold; columns are matched by name where both sides have names. A float32
            table takes float32 alone; a float64 table takes anything. Categories may be new.
        row_ids : int or array-like of int64 of shape (n_rows,), optional
            What the plan calls these rows: an id for each, or that of the first. Default: the rows are
            numbered in the order in which they come. Give ids, each once, to tables that will be merged;
            one that comes again is refused where it is found among the neighbours.
        where : array-like of bool, shape (n_rows,), optional
            Which rows are taken; the others, labelled ones for instance, are passed by. They keep their ids
            if there are some; otherwise the rows that are taken are numbered.
        callback : callable, optional
            Called after each part with the stage, "search", rows done and rows in all. An exception in it
            ends the call.
        verbose : bool, default=False
            Show a bar on stderr, by tqdm where it is installed.

        Returns
        -------
        NeighborTable
            The table itself. If an error or an interrupt ends the call, it is as it was before.

        Raises
        ------
        ValueError
            For columns, ids or a mask that do not fit, and for values that are not finite.
        TypeError
            For what does not hold real numbers, or float64 rows for a float32 table.
        RuntimeError
            If another thread is updating the table.
        """
        rows = self.taken("X_unlabeled", X_unlabeled)
        if isinstance(where, np.ma.MaskedArray):
            raise TypeError("where is a masked array; fill it or drop the masked rows")
        mask = None if where is None else np.asarray(where)
        if mask is not None and (mask.shape != (len(rows),) or mask.dtype != np.bool_):
            raise ValueError(f"where must be bool of shape ({len(rows)},), got {mask.dtype} {mask.shape}")
        ids = None if row_ids is None else check_ids("row_ids", row_ids, len(rows))
        with self._alone(), reported(callback, verbose) as report:
            # A shallow copy: updates replace the state of a table, they do not write into it.
            table = self._copied()
            rows = table.learn(rows)
            n_values = None if self.scale is None and mask is None and report is None else SEARCH_VALUES
            for start, block in rows.blocks(self.dtype, n_values, n_threads=self.n_threads):
                span = slice(start, start + len(block))
                block_ids = ids[span] if isinstance(ids, np.ndarray) else None if ids is None else ids + start
                taken = None if mask is None else mask[span]
                with rows.located(block, start, taken):
                    table.update_block(block, block_ids, taken)
                if report is not None:
                    report("search", span.stop, len(rows))
            if ids is not None:
                check_named_once("row_ids", table.row_ids)
            table._numbered_itself |= row_ids is None and table.n_seen > self.n_seen
            vars(self).update(vars(table))
        return self

    def update_block(
        self, block: NDArray[Any], ids: Ids | None, where: NDArray[np.bool_] | None = None
    ) -> None:
        """`update` with rows that were checked.

        Parameters
        ----------
        block : ndarray of shape (n_rows, n_features)
            C-contiguous, of the table's dtype and columns, and of its ranks where they hold categories.
        ids : int, ndarray of int64 of shape (n_rows,) or None
            As the `row_ids` of `update`.
        where : ndarray of bool, shape (n_rows,), optional

        Raises
        ------
        ValueError
            For values that are not finite.
        RuntimeError
            If another thread is updating the table.
        """
        with self._alone():
            self._take_block(block, ids, where)

    def _take_block(self, block: NDArray[Any], ids: Ids | None, where: NDArray[np.bool_] | None) -> None:
        if where is not None and where.all():
            where = None
        if where is not None or self.scale is not None:
            n_rows = len(block) if where is None else int(np.count_nonzero(where))
            if where is not None and ids is not None:
                ids = ids + np.flatnonzero(where) if isinstance(ids, int) else ids[where]
            block = take(block, where, self.scale, out=self._room(n_rows), n_threads=self.n_threads)
        if len(block) == 0:
            return
        ids = self.n_seen if ids is None else ids
        try:
            state = _core.update(
                self.X_scaled, self.state, self.n_filled, block, ids, self.n_threads, self.mixed
            )
        except ValueError:
            check_scaled(block, self.scale, missing=self.may_miss)
            raise
        vars(self).update(state=State(**state), n_seen=self.n_seen + len(block))

    def number_itself(self) -> None:
        """Say that ids count the rows of this table alone: one such table does not merge with another."""
        self._numbered_itself = True

    def _room(self, n_rows: int) -> NDArray[Any]:
        """Rows of the one buffer: fresh memory for each block would cost more than the arithmetic."""
        if self._buffer is None or len(self._buffer) < n_rows:
            self._buffer = np.empty((n_rows, self.n_features), self.dtype)
        return self._buffer[:n_rows]

    def merge(self, other: "Updates") -> Self:
        """Take the rows seen by another table of the same anomalies and the same scale into account.

        Parameters
        ----------
        other : NeighborTable
            Its rows must have ids that are theirs alone. It stays as it is. The order of merges does not
            matter.

        Returns
        -------
        NeighborTable
            The table itself.

        Raises
        ------
        ValueError
            For a table of other anomalies, numbers of neighbours, kinds of columns or another scale, if both
            tables numbered their rows themselves, or if both hold the same row.
        TypeError
            For what is no NeighborTable.
        RuntimeError
            If another thread is updating this table.
        """
        if not isinstance(other, Updates):
            raise TypeError(f"other must be a NeighborTable, got {type(other).__name__}")
        if other is self:
            raise ValueError("a table does not merge with itself: each of its rows would count twice")
        # As it is now, whatever other threads do to it meanwhile.
        other = copy(other)
        with self._alone():
            table = self._copied()
            self._check_kinds(other)
            kinds = joined_kinds(table.kinds, other.kinds, table.feature_names)
            table.recode(kinds)
            table.types = joined_types(table.types, other.types)
            other.recode(kinds)
            table._check_same(other)
            state = _core.merge(table.state, table.n_filled, other.state, other.n_filled, self.n_threads)
            table.state, table.n_seen = State(**state), table.n_seen + other.n_seen
            table._numbered_itself |= other._numbered_itself
            # All at once: an interrupt leaves the old table or the new one.
            vars(self).update(vars(table))
        return self

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Within, no other thread may change the table: it would be told so, for it does not wait."""
        mine = object()
        # Not a lock, which a forked child would find locked for ever; one step for Python's threads.
        if vars(self).setdefault("_updating", mine) is not mine:
            raise RuntimeError(
                "another thread is updating this NeighborTable, or was when this process was forked: give "
                "each thread a table of its own, and merge them"
            )
        try:
            yield
        finally:
            del vars(self)["_updating"]

    def _check_kinds(self, other: "Updates") -> None:
        """ValueError unless the columns of both hold the same, but for the categories that were seen."""
        if not same_kinds(self.kinds, other.kinds) or self.categorical_weight != other.categorical_weight:
            raise ValueError(
                "only tables of the same categorical_features, categorical_weight and missing merge: make "
                "both alike"
            )

    def _check_same(self, other: "Updates") -> None:
        """ValueError unless both hold what is of one table, but for the rows that they have seen."""
        names = self.feature_names, other.feature_names
        if None not in names and names[0] != names[1]:
            first, second = (listed(map(repr, there or ()), 8) for there in names)
            raise ValueError(
                "only tables of the same columns in the same order merge: make both of X_anomaly with its "
                f"columns in one order, got {first} and {second}"
            )
        if not same_scale(self.scale, other.scale):
            raise ValueError("only tables of the same scale merge: fit it on all rows first")
        same = (
            self.n_neighbors == other.n_neighbors
            and self.n_neighbors_anomaly == other.n_neighbors_anomaly
            and self.dtype == other.dtype
            and np.array_equal(self.X_scaled, other.X_scaled, equal_nan=True)
        )
        if not same:
            raise ValueError(
                "only tables of the same anomalies, dtype and numbers of neighbours merge, "
                f"got {self} and {other}"
            )
        if self._numbered_itself and other._numbered_itself:
            raise ValueError(
                "both tables numbered their rows themselves, from 0: the plan could not tell them apart; "
                "pass row_ids to update"
            )
