"""The state between search and mixing: small, exact, mergeable."""

import os
import reprlib
from typing import Self

from numpy.typing import ArrayLike

from nngmix.neighbors.given import checked_ids, checked_rows, ordered
from nngmix.neighbors.saved import Saved, read_fields, write_fields
from nngmix.neighbors.state import empty_state
from nngmix.neighbors.training import Training
from nngmix.neighbors.updates import SEARCH_VALUES
from nngmix.parameters.checks import LARGEST_ELEMENT, check_count, check_neighbors, check_threads
from nngmix.rows.arrays import frozen
from nngmix.rows.asked_columns import Features, Missing
from nngmix.rows.rows import Names, Rows, as_rows, coded_rows
from nngmix.rows.scaling import Scale, check_scale, check_scaled
from nngmix.rows.spared_columns import spared
from nngmix.rows.unscaled import asked_unscaled, check_weighed

__all__ = ["SEARCH_VALUES", "NeighborTable"]


class NeighborTable(Training):
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
    categorical_features, missing
        See `kneighbors`. What holds categories in `X_anomaly` does so in all rows that come later.
    categorical_weight : float, optional
        What a category that differs adds to a squared distance. Default: 1 with a scale; else it is needed
        with categories and with ``missing="keep"``.
    n_threads : int, optional
        Threads of every search and generation. Default: all the system offers. No result depends on it.

    Attributes
    ----------
    X_anomaly : ndarray of shape (n_anomalies, n_features)
        In the input's units; a category is the number of its value in `categories`, and NaN is missing.
    categories : tuple
        For each column the values of its categories seen so far, in order, or None if it holds numbers.
        Rows that the table gives hold their numbers; ``decoded`` gives the values.
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
        categorical_features: Features = None,
        categorical_weight: float | None = None,
        missing: Missing = "error",
        n_threads: int | None = None,
    ) -> None:
        asked = asked_unscaled(categorical_features, categorical_weight, missing)
        rows = as_rows("X_anomaly", X_anomaly, asked=asked)
        if len(rows) == 0:
            raise ValueError("X_anomaly must have at least one row, got none")
        self.n_threads = check_threads(n_threads)
        self.n_neighbors = check_neighbors("n_neighbors", n_neighbors, len(rows))
        self.n_neighbors_anomaly = check_neighbors("n_neighbors_anomaly", n_neighbors_anomaly, len(rows))
        anomalies = rows.whole()
        rows.check_finite(anomalies)
        if scale is None:
            check_weighed(rows.kinds, categorical_weight)
        else:
            check_scale(scale, rows.n_features, anomalies.dtype)
            scale = scale if rows.kinds is None else spared(scale, rows.kinds)
        self.feature_names: Names | None = rows.names
        self.kinds, self.types = rows.kinds, rows.types
        self.categorical_weight = asked.categorical_weight
        # A copy in which -0 is 0: rows that compare equal must be the same bytes.
        self.X_anomaly = frozen(anomalies + anomalies.dtype.type(0))
        self.scale = scale
        scaled = self.X_anomaly if scale is None else scale.transform(anomalies)
        check_scaled(scaled, scale, missing=self.may_miss)
        self._set_scaled(scaled)
        self.n_seen = 0
        self._numbered_itself = False
        self.state = empty_state(self.X_scaled, self.n_neighbors)

    @classmethod
    def from_neighbors(
        cls,
        X_anomaly: ArrayLike | Rows,
        rows: ArrayLike,
        ids: ArrayLike,
        *,
        n_rows: int | None = None,
        n_neighbors_anomaly: float = 10,
        scale: Scale | None = None,
        categorical_features: Features = None,
        categorical_weight: float | None = None,
        missing: Missing = "error",
        n_threads: int | None = None,
    ) -> Self:
        """Make a table of neighbours that were found elsewhere: by FAISS, cuVS, pynndescent, a database.

        The distances are computed and the neighbours ordered anew, so that an exact index gives the bytes of
        `update` on all rows (but for ties that it cut off); an approximate one gives neighbours that are as
        good as it is. The table can be updated and merged like any other.

        Parameters
        ----------
        X_anomaly : array-like or frame of shape (n_anomalies, n_features)
            See `NeighborTable`.
        rows : array-like of shape (n_anomalies, n_neighbors, n_features)
            The neighbours of each anomaly in the input's units, in any order: ``X_unlabeled[ids]``.
        ids : array-like of int64, shape (n_anomalies, n_neighbors)
            What the plan calls them; for each anomaly different ones.
        n_rows : int, optional
            Unlabelled rows in the index, which `n_seen` counts and from which later rows are numbered, so
            that it is above every id. Default: the largest id and one.
        n_neighbors_anomaly, scale, categorical_features, categorical_weight, missing, n_threads
            See `NeighborTable`. With a scale the index should be one of scaled rows, ``scale.transform(X)``.

        Returns
        -------
        NeighborTable

        Raises
        ------
        ValueError
            For shapes that do not fit, values that are not finite, ids that are negative or come twice.
        TypeError
            For what does not hold real numbers, ids that are not whole numbers, or float64 rows for float32
            anomalies.

        Examples
        --------
        An index gives the numbers of the nearest rows: FAISS by ``index.search(X_anomaly, 10)[1]``,
        pynndescent by ``index.query(X_anomaly, 10)[0]``.


        >>> import numpy as np, nngmix
        >>> rng = np.random.default_rng(0)
        >>> X_anomaly, X_unlabeled = rng.random((5, 4)) + 1, rng.random((1000, 4))
        >>> _, ids = nngmix.kneighbors(X_anomaly, X_unlabeled, 10)
        >>> table = nngmix.NeighborTable.from_neighbors(X_anomaly, X_unlabeled[ids], ids, n_rows=1000)
        >>> made = nngmix.nng_mix(X_anomaly, X_unlabeled, 50, random_state=0)
        >>> np.array_equal(table.rows(0, 50, random_state=0), made)
        True
        """
        table = cls(
            X_anomaly,
            1,
            n_neighbors_anomaly,
            scale=scale,
            categorical_features=categorical_features,
            categorical_weight=categorical_weight,
            missing=missing,
            n_threads=n_threads,
        )
        contents = checked_rows(rows, len(table.X_anomaly), table.n_features, table.may_miss)
        numbers = checked_ids(ids, contents.shape[:2])
        taken = table.taken("rows", contents.reshape(-1, table.n_features))
        values = table.learn(taken).whole(table.dtype).reshape(contents.shape)
        largest = int(numbers.max())
        n_seen = largest + 1 if n_rows is None else check_count("n_rows", n_rows)
        if n_seen <= largest:
            raise ValueError(f"n_rows must be above the largest of ids, {largest}, got {n_rows}")
        if n_seen > LARGEST_ELEMENT:
            raise ValueError(f"n_rows must be below 2**63, got {reprlib.repr(n_seen)}: pass ids from 0 on")
        table.n_neighbors, table.n_seen = contents.shape[1], n_seen
        table.state = ordered(table.X_scaled, values, numbers, table.scale, table.mixed)
        return table

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
        ValueError
            For names of columns that are neither texts, numbers, None nor tuples of them.
        """
        write_fields(
            path,
            X_anomaly=self.X_anomaly,
            scaled_anomaly=self.X_scaled,
            scale=self.scale,
            kinds=self.kinds,
            types=self.types,
            categorical_weight=self.categorical_weight,
            feature_names=self.feature_names,
            n_neighbors_anomaly=self.n_neighbors_anomaly,
            n_seen=self.n_seen,
            numbered_itself=self._numbered_itself,
            state=self.state,
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
        table = cls(
            coded_rows("X_anomaly", fields.X_anomaly, fields.feature_names, fields.kinds, fields.types),
            n_neighbors_anomaly=fields.n_neighbors_anomaly,
            categorical_weight=fields.categorical_weight,
            n_threads=n_threads,
        )
        table._restore(fields)
        return table

    def _restore(self, fields: Saved) -> None:
        self.n_neighbors = int(fields.state.row_ids.shape[1])
        self.scale, self.feature_names = fields.scale, fields.feature_names
        self._set_scaled(fields.scaled_anomaly)
        self.state, self.n_seen = fields.state, fields.n_seen
        self._numbered_itself = fields.numbered_itself
