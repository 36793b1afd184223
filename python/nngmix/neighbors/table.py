"""The state between search and mixing: small, exact, mergeable."""

import os
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix import _core
from nngmix.neighbors.generation import Generation
from nngmix.neighbors.saved import read_fields, write_fields
from nngmix.neighbors.state import State, empty_state
from nngmix.parameters.checks import check_ids, check_neighbors, check_threads
from nngmix.rows.rows import Names, Rows, as_rows
from nngmix.rows.scaling import Scale, check_scale, take

__all__ = ["SEARCH_VALUES", "NeighborTable"]

Ids = int | NDArray[np.int64]

# Values of a block that is searched: the beginning of a search costs as much as reading a smaller one.
SEARCH_VALUES = 1 << 21


class NeighborTable(Generation):
    """The labelled anomalies and, for each, the nearest unlabelled rows seen so far.

    Unlabelled rows come in any blocks (`update`), on any number of machines (`merge`); the table is the same
    as if all had come at once, and its size does not grow with them. Pseudo-anomalies are made from the table
    alone, and row i of the output depends on nothing but the table, the parameters, the seed and i.

    With a scale the columns are scaled for search and noise, while rows come and go in the input's units.
    Fitted on the labelled anomalies and all unlabelled rows, it gives the bytes that `nngmix.NNGMix` and
    ``nngmix augment`` give for the same data, parameters, seed and number of rows.

    Parameters
    ----------
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies, at least one. Copied. float32 stays float32, everything else becomes float64.
    n_neighbors : int or float, default=10
        Nearest unlabelled rows kept for each anomaly; a float means that multiple of n_anomalies.
    n_neighbors_anomaly : int or float, default=10
        Neighbours among the anomalies, **counting the anomaly itself**, as the published script does: 10
        means 9 others. Clamped to the anomalies there are; 1 makes an anomaly its own partner.
    scale : Scale or None, default=None
        A fitted scale in the dtype of the table, for instance that of `nngmix.stream.fit`; None leaves the
        columns as they are.
    n_threads : int, optional
        Threads of every search and generation. Default: all the system offers. No result depends on it.

    Attributes
    ----------
    X_anomaly : ndarray of shape (n_anomalies, n_features)
        In the input's units.
    feature_names : tuple or None
        Names of the columns, if the anomalies had any: those of later rows are matched with them.
    scale : Scale or None
    n_neighbors, n_neighbors_anomaly : int
    n_seen : int
        Unlabelled rows seen.
    squared_distances : ndarray of float64, shape (n_anomalies, n_neighbors)
        Of scaled columns, ascending; infinite where fewer rows have been seen.
    row_ids : ndarray of int64, shape (n_anomalies, n_neighbors)
        -1 where fewer rows have been seen.
    neighbor_rows : ndarray of shape (n_anomalies, n_neighbors, n_features)
        Contents of the nearest rows, scaled.

    Raises
    ------
    ValueError
        For no rows, values that are not finite, or a scale of other columns.
    TypeError
        For what does not hold real numbers.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> rng = np.random.default_rng(0)
    >>> table = nngmix.NeighborTable(rng.random((5, 4)) + 1)
    >>> table.update(rng.random((1000, 4))).update(rng.random((1000, 4))).n_seen
    2000
    >>> table.rows(0, 50, random_state=0).shape
    (50, 4)
    """

    def __init__(
        self,
        X_anomaly: ArrayLike | Rows,
        n_neighbors: float = 10,
        n_neighbors_anomaly: float = 10,
        *,
        scale: Scale | None = None,
        n_threads: int | None = None,
    ) -> None:
        rows = as_rows("X_anomaly", X_anomaly)
        if len(rows) == 0:
            raise ValueError("X_anomaly must have at least one row, got none")
        self.n_threads = check_threads(n_threads)
        self.n_neighbors = check_neighbors("n_neighbors", n_neighbors, len(rows))
        self.n_neighbors_anomaly = check_neighbors("n_neighbors_anomaly", n_neighbors_anomaly, len(rows))
        anomalies = rows.whole()
        rows.check_finite(anomalies)
        if scale is not None:
            check_scale(scale, rows.n_features, anomalies.dtype)
        self.feature_names: Names | None = rows.names
        # A copy in which -0 is 0: rows that compare equal must be the same bytes.
        self.X_anomaly = anomalies + anomalies.dtype.type(0)
        self.scale = scale
        self._set_scaled(self.X_anomaly if scale is None else scale.transform(anomalies))
        self.n_seen = 0
        self._numbered_itself = False
        self._state = empty_state(self._scaled, self.n_neighbors)

    def update(
        self,
        X_unlabeled: ArrayLike | Rows,
        row_ids: ArrayLike | None = None,
        *,
        where: NDArray[np.bool_] | None = None,
    ) -> Self:
        """Take one more block of unlabelled rows, in the input's units, into account.

        Parameters
        ----------
        X_unlabeled : array-like or frame of shape (n_rows, n_features)
            Finite real numbers; columns are matched by name where both sides have names. A float32 table
            takes float32 alone; a float64 table takes anything.
        row_ids : int or array-like of int64 of shape (n_rows,), optional
            What the plan calls these rows: an id for each, or that of the first. Default: the rows are
            numbered in the order in which they come. Give ids, each once, to tables that will be merged.
        where : ndarray of bool, shape (n_rows,), optional
            Which rows are taken; the others, labelled ones for instance, are passed by. They keep their ids
            if there are some; otherwise the rows that are taken are numbered.

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
        if where is not None and (where.shape != (len(rows),) or where.dtype != np.bool_):
            raise ValueError(f"where must be bool of shape ({len(rows)},), got {where.dtype} {where.shape}")
        ids = None if row_ids is None else check_ids("row_ids", row_ids, len(rows))
        with self._alone():
            # A shallow copy: updates replace the state of a table, they do not write into it.
            table = self._copied()
            n_values = None if self.scale is None and where is None else SEARCH_VALUES
            for start, block in rows.blocks(self.dtype, n_values, n_threads=self.n_threads):
                span = slice(start, start + len(block))
                block_ids = ids[span] if isinstance(ids, np.ndarray) else None if ids is None else ids + start
                mask = None if where is None else where[span]
                with rows.located(block, start, mask):
                    table.update_block(block, block_ids, mask)
            table._numbered_itself |= row_ids is None and table.n_seen > self.n_seen
            vars(self).update(vars(table))
        return self

    def taken(self, name: str, X: Any) -> Rows:
        """`X` as rows with the columns of the table, and of a dtype that it takes."""
        rows = as_rows(name, X)
        if rows.n_features != self.n_features and None in (rows.names, self.feature_names):
            raise ValueError(
                f"{name} must have the {self.n_features} columns of X_anomaly, got {rows.n_features}"
            )
        rows = rows.matched(self.feature_names, "X_anomaly")
        if np.result_type(rows.dtype, self.dtype) != self.dtype:
            raise TypeError(
                f"{name} is {rows.dtype} but the table is float32: convert the block with "
                f"{name}.astype(np.float32), or make the table from float64 anomalies"
            )
        return rows

    def update_block(
        self, block: NDArray[Any], ids: Ids | None, where: NDArray[np.bool_] | None = None
    ) -> None:
        """`update` with rows that were checked: C-contiguous, of the table's dtype and columns."""
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
        self._state = State(
            **_core.update(self._scaled, self._state, self._filled, block, ids, self.n_threads)
        )
        self.n_seen += len(block)

    def number_itself(self) -> None:
        """Say that ids count the rows of this table alone: one such table does not merge with another."""
        self._numbered_itself = True

    def _room(self, n_rows: int) -> NDArray[Any]:
        """Rows of the one buffer: fresh memory for each block would cost more than the arithmetic."""
        if self._buffer is None or len(self._buffer) < n_rows:
            self._buffer = np.empty((n_rows, self.n_features), self.dtype)
        return self._buffer[:n_rows]

    def merge(self, other: "NeighborTable") -> Self:
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
            For a table of other anomalies, numbers of neighbours or another scale, or if both tables numbered
            their rows themselves.
        TypeError
            For what is no NeighborTable.
        """
        if not isinstance(other, NeighborTable):
            raise TypeError(f"other must be a NeighborTable, got {type(other).__name__}")
        self._check_same(other)
        self._state = State(**_core.merge(self._state, self._filled, other._state, other._filled))
        self.n_seen += other.n_seen
        self._numbered_itself |= other._numbered_itself
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table to an npz file, beside it first and then renamed.

        Parameters
        ----------
        path : str or path
            The file, in whose folder there must be room for a second one.

        Raises
        ------
        OSError
            If it cannot be written; what stood there before stays.
        """
        write_fields(
            path,
            X_anomaly=self.X_anomaly,
            scaled_anomaly=self._scaled,
            scale=self.scale,
            feature_names=self.feature_names,
            n_neighbors_anomaly=self.n_neighbors_anomaly,
            n_seen=self.n_seen,
            numbered_itself=self._numbered_itself,
            state=self._state,
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, n_threads: int | None = None) -> Self:
        """Read a table that `save` wrote. Nothing is unpickled.

        Parameters
        ----------
        path : str or path
            The file.
        n_threads : int, optional
            Threads of every search and generation; see `NeighborTable`.

        Returns
        -------
        NeighborTable

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it holds no table, or one that is damaged.
        """
        fields = read_fields(path)
        table = cls(fields.X_anomaly, n_neighbors_anomaly=fields.n_neighbors_anomaly, n_threads=n_threads)
        table.n_neighbors = int(fields.state.row_ids.shape[1])
        table.scale, table.feature_names = fields.scale, fields.feature_names
        table._set_scaled(fields.scaled_anomaly)
        table._state, table.n_seen = fields.state, fields.n_seen
        table._numbered_itself = fields.numbered_itself
        return table
