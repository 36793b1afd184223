"""The state between search and mixing: small, exact, mergeable, saved without pickle."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix import _core
from nngmix.files.replace import replacing
from nngmix.neighbors.search import State, empty_state, kneighbors, update_state
from nngmix.parameters.checks import (
    LARGEST_ELEMENT,
    check_count,
    check_neighbors,
    check_range,
    check_span,
    check_threads,
)
from nngmix.parameters.seed import Key, RandomState, key_from
from nngmix.parameters.warnings import warn_clamped
from nngmix.plan import MixPlan
from nngmix.rows.matrix import (
    aligned,
    as_matrix,
    as_rows,
    blocks,
    check_finite,
    check_memory,
    check_out,
    row_dtype,
)

__all__ = ["NeighborTable", "reading_fields"]

_FORMAT = 1
# A row of a plan: four columns of 8 bytes and one of 1.
_PLAN_BYTES = 33


@dataclass(frozen=True)
class Choices:
    """What a plan is drawn from."""

    n_anomalies: int
    n_neighbors: int
    n_others: int
    unlabeled_fraction: float
    alpha: float
    beta: float


@dataclass(frozen=True, eq=False)
class _Sources:
    """What rows are mixed from."""

    anomalies: NDArray[Any]
    neighbor_rows: NDArray[Any]
    anomaly_neighbors: NDArray[np.int64]
    noise_std: float


@dataclass(frozen=True, eq=False)
class _Columns:
    """The columns of a plan that decide."""

    anchor: NDArray[np.int64]
    unlabeled: NDArray[np.bool_]
    neighbor: NDArray[np.int64]
    lam: NDArray[np.float64]


class NeighborTable:
    """The labelled anomalies and, for each, the nearest unlabelled rows seen so far.

    Unlabelled rows come in any blocks (`update`), on any number of machines (`merge`); the table is the same
    as if all had come at once, and its size does not grow with them. Pseudo-anomalies are made from the table
    alone, and row i of the output depends on nothing but the table, the parameters, the seed and i.

    Parameters
    ----------
    X_anomaly : array-like of shape (n_anomalies, n_features)
        Labelled anomalies, at least one. Copied. float32 stays float32, everything else becomes float64.
    n_neighbors : int or float, default=10
        Nearest unlabelled rows kept for each anomaly; a float means that multiple of n_anomalies.
    n_neighbors_anomaly : int or float, default=10
        Neighbours among the anomalies, **counting the anomaly itself**, as the published script does: 10
        means 9 others. Clamped to the anomalies there are; 1 makes an anomaly its own partner.
    n_threads : int, optional
        Threads of every search and generation. Default: all the system offers. No result depends on it.

    Attributes
    ----------
    X_anomaly : ndarray of shape (n_anomalies, n_features)
    n_neighbors, n_neighbors_anomaly : int
    n_seen : int
        Unlabelled rows seen.
    squared_distances : ndarray of float64, shape (n_anomalies, n_neighbors)
        Ascending; infinite where fewer rows have been seen.
    row_ids : ndarray of int64, shape (n_anomalies, n_neighbors)
        -1 where fewer rows have been seen.
    neighbor_rows : ndarray of shape (n_anomalies, n_neighbors, n_features)
        Contents of the nearest rows.
    """

    def __init__(
        self,
        X_anomaly: ArrayLike,
        n_neighbors: float = 10,
        n_neighbors_anomaly: float = 10,
        *,
        n_threads: int | None = None,
    ) -> None:
        anomalies = as_matrix("X_anomaly", X_anomaly)
        if len(anomalies) == 0:
            raise ValueError("X_anomaly must have at least one row, got none")
        self.n_threads = check_threads(n_threads)
        self.n_neighbors = check_neighbors("n_neighbors", n_neighbors, len(anomalies))
        self.n_neighbors_anomaly = check_neighbors("n_neighbors_anomaly", n_neighbors_anomaly, len(anomalies))
        rows = as_rows("X_anomaly", anomalies, row_dtype(anomalies))
        check_finite("X_anomaly", rows)
        # A copy in which -0 is 0: rows that compare equal must be the same bytes.
        self.X_anomaly = rows + rows.dtype.type(0)
        self.n_seen = 0
        self._numbered_itself = False
        self._state: State = empty_state(self.X_anomaly, self.n_neighbors)
        self._anomaly_neighbors: NDArray[np.int64] | None = None

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(aligned(state))

    @property
    def squared_distances(self) -> NDArray[np.float64]:
        return self._state.squared_distances

    @property
    def row_ids(self) -> NDArray[np.int64]:
        return self._state.row_ids

    @property
    def neighbor_rows(self) -> NDArray[Any]:
        return self._state.neighbor_rows

    @property
    def n_features(self) -> int:
        return int(self.X_anomaly.shape[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = self.X_anomaly.dtype
        return dtype

    @property
    def _filled(self) -> int:
        return min(self.n_seen, self.n_neighbors)

    def __repr__(self) -> str:
        return (
            f"NeighborTable(n_anomalies={len(self.X_anomaly)}, n_features={self.n_features}, "
            f"dtype={self.dtype}, n_neighbors={self.n_neighbors}, "
            f"n_neighbors_anomaly={self.n_neighbors_anomaly}, n_seen={self.n_seen})"
        )

    @property
    def anomaly_neighbors(self) -> NDArray[np.int64]:
        """Nearest other anomalies of each anomaly, shape (n_anomalies, n_others); nearest first."""
        # Not `cached_property`: its lock, one for all tables, would stay locked in a forked child.
        if self._anomaly_neighbors is None:
            self._anomaly_neighbors = self._search_anomalies()
        return self._anomaly_neighbors

    def _search_anomalies(self) -> NDArray[np.int64]:
        n_others = min(self.n_neighbors_anomaly, len(self.X_anomaly)) - 1
        if n_others == 0:
            return np.empty((len(self.X_anomaly), 0), np.int64)
        _, indices = kneighbors(
            self.X_anomaly, self.X_anomaly, n_others, exclude_self=True, n_threads=self.n_threads
        )
        return indices

    def update(self, X_unlabeled: ArrayLike, row_ids: ArrayLike | None = None) -> Self:
        """Take one more block of unlabelled rows into account.

        Parameters
        ----------
        X_unlabeled : array-like of shape (n_rows, n_features)
            Finite real numbers. A float32 table takes float32 alone; a float64 table takes anything.
        row_ids : int or array-like of int64 of shape (n_rows,), optional
            What the plan calls these rows: an id for each, or that of the first. Default: the rows are
            numbered in the order in which they come. Give ids, each once, to tables that will be merged.

        Returns
        -------
        NeighborTable
            The table itself. If an error or an interrupt ends the call, it is as it was before.
        """
        array = as_matrix("X_unlabeled", X_unlabeled)
        self._check_block("X_unlabeled", array)
        ids = self.n_seen if row_ids is None else _check_ids(row_ids, len(array))
        state = self._state
        for start, rows in blocks("X_unlabeled", array, self.dtype):
            block_ids = ids[start : start + len(rows)] if isinstance(ids, np.ndarray) else ids + start
            filled = min(self.n_seen + start, self.n_neighbors)
            state = update_state(
                "X_unlabeled", self.X_anomaly, state, filled, rows, block_ids, self.n_threads, start
            )
        self._state = state
        self.n_seen += len(array)
        self._numbered_itself |= row_ids is None and len(array) > 0
        return self

    def merge(self, other: "NeighborTable") -> Self:
        """Take the rows seen by another table of the same anomalies into account.

        The order of merges does not matter. Both tables' rows must have ids that are theirs alone.
        """
        if not isinstance(other, NeighborTable):
            raise TypeError(f"other must be a NeighborTable, got {type(other).__name__}")
        same = (
            self.n_neighbors == other.n_neighbors
            and self.n_neighbors_anomaly == other.n_neighbors_anomaly
            and self.dtype == other.dtype
            and np.array_equal(self.X_anomaly, other.X_anomaly)
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
        merged = _core.merge(self._state, self._filled, other._state, other._filled)
        self._state = State(**merged)
        self.n_seen += other.n_seen
        self._numbered_itself = self._numbered_itself or other._numbered_itself
        return self

    def plan(
        self,
        start: int,
        stop: int,
        *,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
    ) -> MixPlan:
        """Draw the choices of output rows `start` to `stop`; see `nng_mix` for the parameters."""
        start, n_samples = self._check_span(start, stop)
        choices = self._choices(alpha, beta, unlabeled_fraction)
        check_memory(
            f"the choices of n_samples={n_samples} rows", n_samples * _PLAN_BYTES, "draw the plan in parts"
        )
        key = key_from(random_state)
        drawn = _core.plan(key, start, n_samples, choices, self.n_threads)
        anchor, unlabeled, neighbor = drawn["anchor"], drawn["unlabeled"], drawn["neighbor"]
        partner = anchor.copy()
        partner[unlabeled] = self.row_ids[anchor[unlabeled], neighbor[unlabeled]]
        # Without other anomalies the anchor stays its own partner.
        if choices.n_others > 0:
            among = ~unlabeled
            partner[among] = self.anomaly_neighbors[anchor[among], neighbor[among]]
        return MixPlan(start=start, partner=partner, key=key, **drawn)

    def mix(self, plan: MixPlan, *, noise_std: float = 0.01, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Make the rows of a plan; its `partner` ids are not read, `anchor` and `neighbor` decide."""
        noise_std = check_range(noise_std, 1, 1, 0)[0]
        out = check_out(out, len(plan), self.n_features, self.dtype)
        start, _ = self._check_span(plan.start, plan.start + len(plan))
        columns = _Columns(
            np.require(plan.anchor, np.int64, "C"),
            np.require(plan.unlabeled, np.bool_, "C"),
            np.require(plan.neighbor, np.int64, "C"),
            np.require(plan.lam, np.float64, "C"),
        )
        sources = self._sources(noise_std, among_anomalies=not columns.unlabeled.all())
        _core.mix(out, sources, plan.key, start, columns, self.n_threads)
        return out

    def rows(
        self,
        start: int,
        stop: int,
        *,
        noise_std: float = 0.01,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
        out: NDArray[Any] | None = None,
    ) -> NDArray[Any]:
        """Make output rows `start` to `stop`; see `nng_mix` for the parameters.

        With an int seed any split of a span concatenates to the rows of the whole, byte for byte.
        """
        start, n_samples = self._check_span(start, stop)
        noise_std = check_range(noise_std, 1, 1, 0)[0]
        choices = self._choices(alpha, beta, unlabeled_fraction)
        out = check_out(out, n_samples, self.n_features, self.dtype)
        self._generate(out, start, noise_std, choices, key_from(random_state))
        return out

    def batches(
        self,
        n_samples: int,
        batch_size: int,
        *,
        start: int = 0,
        noise_std: float = 0.01,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
    ) -> Iterator[NDArray[Any]]:
        """Iterate over output rows `start` to ``start + n_samples``, `batch_size` at a time.

        See `nng_mix` for the parameters. The batches concatenate to the rows of one call.
        """
        n_samples, batch_size = check_count("n_samples", n_samples), check_count("batch_size", batch_size, 1)
        start, _ = self._check_span(start, check_count("start", start) + n_samples)
        noise_std = check_range(noise_std, 1, 1, 0)[0]
        choices = self._choices(alpha, beta, unlabeled_fraction)
        # Drawn once, so that None and generators too give one output cut into batches.
        key = key_from(random_state)
        return self._batches(start, start + n_samples, batch_size, noise_std, choices, key)

    def _batches(
        self, start: int, stop: int, batch_size: int, noise_std: float, choices: Choices, key: Key
    ) -> Iterator[NDArray[Any]]:
        for first in range(start, stop, batch_size):
            out = check_out(None, min(batch_size, stop - first), self.n_features, self.dtype)
            self._generate(out, first, noise_std, choices, key)
            yield out

    def _generate(self, out: NDArray[Any], start: int, noise_std: float, choices: Choices, key: Key) -> None:
        # With unlabelled partners alone the neighbours among the anomalies are never looked for.
        sources = self._sources(noise_std, among_anomalies=choices.unlabeled_fraction < 1)
        _core.generate(out, sources, key, start, choices, self.n_threads)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table to an npz file, beside it first and then renamed."""
        with replacing(path) as file:
            np.savez(file, **self._fields())

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, n_threads: int | None = None) -> Self:
        """Read a table that `save` wrote. Nothing is unpickled."""
        with reading_fields(path, "NeighborTable") as fields:
            return cls._from_fields(fields, n_threads)

    def _fields(self) -> dict[str, Any]:
        """The table as named arrays."""
        return {
            "format": np.int64(_FORMAT),
            "X_anomaly": self.X_anomaly,
            "n_neighbors_anomaly": np.int64(self.n_neighbors_anomaly),
            "n_seen": np.int64(self.n_seen),
            "numbered_itself": np.bool_(self._numbered_itself),
            "squared_distances": self.squared_distances,
            "row_ids": self.row_ids,
            "neighbor_rows": self.neighbor_rows,
        }

    @classmethod
    def _from_fields(cls, fields: Mapping[str, Any], n_threads: int | None) -> Self:
        if int(fields["format"]) != _FORMAT:
            raise ValueError(f"format {fields['format']}, this version reads {_FORMAT}")
        table = cls(
            fields["X_anomaly"], n_neighbors_anomaly=int(fields["n_neighbors_anomaly"]), n_threads=n_threads
        )
        names = ("squared_distances", "row_ids", "neighbor_rows")
        table.n_neighbors = int(fields["row_ids"].shape[1])
        expected = empty_state(table.X_anomaly, table.n_neighbors)
        for name in names:
            array, like = fields[name], getattr(expected, name)
            if array.shape != like.shape or array.dtype != like.dtype:
                raise ValueError(f"{name} is {array.dtype} of shape {array.shape}")
        table._state = State(**{name: np.ascontiguousarray(fields[name]) for name in names})
        table.n_seen = check_count("n_seen", int(fields["n_seen"]))
        table._numbered_itself = bool(fields["numbered_itself"])
        return table

    def _check_block(self, name: str, array: NDArray[Any]) -> None:
        self._check_columns(name, array)
        if np.result_type(row_dtype(array), self.dtype) != self.dtype:
            raise TypeError(
                f"{name} is {array.dtype} but the table is float32: convert the block with "
                f"{name}.astype(np.float32), or make the table from float64 anomalies"
            )

    def _check_columns(self, name: str, array: NDArray[Any]) -> None:
        if array.shape[1] != self.n_features:
            raise ValueError(
                f"{name} must have the {self.n_features} columns of X_anomaly, got {array.shape[1]}"
            )

    def _check_span(self, start: int, stop: int) -> tuple[int, int]:
        return check_span(start, stop, self.n_features)

    def _choices(self, alpha: float, beta: float, unlabeled_fraction: float) -> Choices:
        _, alpha, beta, unlabeled_fraction = check_range(0, alpha, beta, unlabeled_fraction)
        if unlabeled_fraction > 0:
            if self.n_seen == 0:
                raise ValueError(
                    "X_unlabeled has no rows to take partners from: pass some, or set unlabeled_fraction=0"
                )
            if self.n_seen < self.n_neighbors:
                warn_clamped("n_neighbors", self.n_neighbors, self.n_seen)
        n_others = int(self.anomaly_neighbors.shape[1]) if unlabeled_fraction < 1 else 0
        return Choices(len(self.X_anomaly), self._filled, n_others, unlabeled_fraction, alpha, beta)

    def _sources(self, noise_std: float, among_anomalies: bool) -> _Sources:
        none = np.empty((len(self.X_anomaly), 0), np.int64)
        neighbors = self.anomaly_neighbors if among_anomalies else none
        return _Sources(self.X_anomaly, self.neighbor_rows, neighbors, noise_std)


@contextmanager
def reading_fields(path: str | os.PathLike[str], kind: str) -> Iterator[dict[str, NDArray[Any]]]:
    """The arrays that ``save`` of the class `kind` wrote; whatever is wrong with them names the file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            fields = {name: file[name] for name in file.files}
        yield fields
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"{os.fspath(path)} is not a table saved by {kind}.save: {error}") from error


def _check_ids(row_ids: ArrayLike, n_rows: int) -> int | NDArray[np.int64]:
    ids = np.asarray(row_ids)
    if ids.dtype.kind not in "iu":
        raise TypeError(f"row_ids must be integers, got dtype {ids.dtype}")
    if ids.size and (int(ids.min()) < 0 or int(ids.max()) + n_rows > LARGEST_ELEMENT):
        raise ValueError("row_ids must be between 0 and 2**63 - 1")
    if ids.ndim == 0:
        return int(ids)
    if ids.shape != (n_rows,):
        raise ValueError(f"row_ids must be one for each of the {n_rows} rows, got shape {ids.shape}")
    return np.require(ids, np.int64, "C")
