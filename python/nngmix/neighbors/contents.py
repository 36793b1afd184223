"""What a table holds: the anomalies, their units, and the nearest rows found so far."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.noise import fitting_noise
from nngmix.neighbors.search import search
from nngmix.neighbors.state import State
from nngmix.parameters.mixture import Noise, check_noise_or_auto
from nngmix.rows.arrays import frozen
from nngmix.rows.column_types import ColumnTypes, date_types, units_of
from nngmix.rows.date_values import date_objects
from nngmix.rows.kinds import Dictionary, Kinds, Mixed
from nngmix.rows.rows import Known, Names, coded_rows
from nngmix.rows.scaling import Scale

__all__ = ["Contents"]


class Contents:
    """The parts of `NeighborTable`, which says what they are."""

    X_anomaly: NDArray[Any]
    feature_names: Names | None
    scale: Scale | None
    kinds: Kinds | None
    types: ColumnTypes | None
    categorical_weight: float
    n_neighbors: int
    n_neighbors_anomaly: int
    n_seen: int
    n_threads: int | None
    state: State
    _numbered_itself: bool
    _known_digest: tuple[State, str]

    def _set_scaled(self, scaled: NDArray[Any]) -> None:
        self.X_scaled = frozen(scaled + scaled.dtype.type(0))
        self._anomaly_neighbors: NDArray[np.int64] | None = None
        vars(self).pop("_known_digest", None)
        self._buffer: NDArray[Any] | None = None

    def _copied(self) -> Self:
        """The same contents in another object; `copy` would look at every array."""
        twin = object.__new__(type(self))
        vars(twin).update(vars(self))
        vars(twin).pop("_updating", None)
        return twin

    def __getstate__(self) -> dict[str, Any]:
        state = {**vars(self), "_buffer": None}
        state.pop("_updating", None)
        state.pop("_known_digest", None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Tables of versions that knew numbers alone.
        vars(self).update({"kinds": None, "types": None, "categorical_weight": 1.0} | frozen(state))

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return int(self.X_scaled.shape[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64, of all rows that are taken and made."""
        dtype: np.dtype[Any] = self.X_scaled.dtype
        return dtype

    @property
    def mixed(self) -> Mixed | None:
        """What kernels are told of the columns; None if all are numbers, of which none may be missing."""
        return None if self.kinds is None else self.kinds.mixed(self.categorical_weight)

    @property
    def may_miss(self) -> bool:
        """Whether NaN is a value that is missing."""
        return self.kinds is not None and self.kinds.missing

    @property
    def known(self) -> Known:
        """Names, kinds and units of the columns."""
        return Known(self.feature_names, self.kinds, units_of(self.types, self.kinds))

    @property
    def categories(self) -> tuple[Dictionary | None, ...]:
        """For each column the values of its categories in order, or None if it holds numbers."""
        return (None,) * self.n_features if self.kinds is None else self.kinds.categories

    @property
    def squared_distances(self) -> NDArray[np.float64]:
        return self.state.squared_distances

    @property
    def row_ids(self) -> NDArray[np.int64]:
        return self.state.row_ids

    @property
    def neighbor_rows(self) -> NDArray[Any]:
        return self.state.neighbor_rows

    @property
    def anomaly_neighbors(self) -> NDArray[np.int64]:
        """Nearest other anomalies of each anomaly, shape (n_anomalies, n_others); nearest first."""
        # Not `cached_property`: its lock, one for all tables, would stay locked in a forked child.
        if self._anomaly_neighbors is None:
            n_others = min(self.n_neighbors_anomaly, len(self.X_scaled)) - 1
            if n_others == 0:
                self._anomaly_neighbors = np.empty((len(self.X_scaled), 0), np.int64)
            else:
                rows = coded_rows("X_anomaly", self.X_scaled, None, self.kinds)
                found = search(self.X_scaled, rows, n_others, True, self.n_threads, mixed=self.mixed)
                self._anomaly_neighbors = frozen(found[1])
        return self._anomaly_neighbors

    def _digest(self) -> str:
        """What tells the table, as it is now, from every other: the same in each process."""
        known = vars(self).get("_known_digest")
        if known is None or known[0] is not self.state:
            from hashlib import blake2b

            kinds = "" if self.kinds is None else f" {self.kinds} {self.categorical_weight}"
            digest = blake2b(f"{self.n_neighbors_anomaly}{kinds}".encode(), digest_size=12)
            # Equal distances of equal ids: the contents of the rows add nothing.
            for array in (self.X_scaled, self.state.row_ids, self.state.squared_distances):
                digest.update(np.ascontiguousarray(array).data)
            known = self._known_digest = self.state, digest.hexdigest()
        return str(known[1])

    @property
    def n_filled(self) -> int:
        """Neighbours that each anomaly has."""
        return min(self.n_seen, self.n_neighbors)

    def __repr__(self) -> str:
        scaled = ", scaled" if self.scale is not None and self.scale.moves else ""
        return (
            f"{type(self).__name__}(n_anomalies={len(self.X_anomaly)}, n_features={self.n_features}, "
            f"dtype={self.dtype}, n_neighbors={self.n_neighbors}, "
            f"n_neighbors_anomaly={self.n_neighbors_anomaly}, n_seen={self.n_seen}{scaled})"
        )

    def decoded(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Give rows of the table with the categories and dates that their numbers stand for.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, n_features)
            As `mix`, `rows`, `batches` and `epochs` give them.

        Returns
        -------
        ndarray of shape (n_rows, n_features)
            Objects: categories, dates and durations, None where one is missing, and numbers; `rows` itself if
            all columns hold numbers.

        Raises
        ------
        IndexError
            For a number that no category has.
        """
        dates = date_types(self.types, self.kinds)
        if self.kinds is not None:
            found = self.kinds.decoded(rows)
        elif dates:
            found = rows.astype(object)
        else:
            return rows
        for j, kind in dates.items():
            found[:, j] = date_objects(rows[:, j], kind)
        return found

    def noise(self, noise_std: Noise = "auto") -> float:
        """Tell the standard deviation of the noise that new rows get.

        Parameters
        ----------
        noise_std : float or 'auto', default='auto'
            A number is itself. 'auto' makes the noise twice as long as the median distance from an anomaly to
            one of its unlabelled neighbours, those at distance 0 left out: ``2 * median / sqrt(d)`` for d
            numeric columns; 0.01 if there are none.

        Returns
        -------
        float
            In the units of the scaled columns.

        Raises
        ------
        ValueError, TypeError
            For what is neither a number from 0 on nor 'auto'.
        """
        noise_std = check_noise_or_auto("noise_std", noise_std)
        if noise_std != "auto":
            return noise_std
        return fitting_noise(self.squared_distances, sum(values is None for values in self.categories))

    def subset(self, anomalies: NDArray[np.int64], n_neighbors: int, n_neighbors_anomaly: int) -> Self:
        """The table of some of the anomalies and at most as many neighbours, without another search.

        Parameters
        ----------
        anomalies : ndarray of int64
            Rows of `X_anomaly`, each once.
        n_neighbors, n_neighbors_anomaly : int
            As of a table that is made of these anomalies; `n_neighbors` at most that of this one.

        Returns
        -------
        NeighborTable
            The one that would be found if all rows were searched for these anomalies alone.

        Raises
        ------
        IndexError
            For anomalies that there are not.
        """
        table = self._copied()
        table.X_anomaly = frozen(self.X_anomaly[anomalies])
        table._set_scaled(self.X_scaled[anomalies])
        table.n_neighbors, table.n_neighbors_anomaly = n_neighbors, n_neighbors_anomaly
        table.state = self.state.chosen(anomalies, n_neighbors)
        return table
