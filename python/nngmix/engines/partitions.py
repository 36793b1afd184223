"""The search over partitions: states that are folded over the blocks of a partition, and merged.

A partition is one or more blocks (arrays, pandas frames, Arrow batches). An engine brings the function that
runs a state over all partitions; nothing but states travels.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.engines.columns import anomaly_matrix
from nngmix.engines.reader import Reader, Skipped
from nngmix.neighbors.scaled import ScaledTable
from nngmix.parameters.checks import check_count
from nngmix.parameters.warnings import warn
from nngmix.rows.matrix import as_rows, row_dtype
from nngmix.rows.scaling import scale_state

__all__ = ["Fitted", "fit_partitions", "fold_partition", "merged", "split_row_id"]

# Rows of a partition are numbered from here on: 2^23 partitions of 2^40 rows.
_PARTITION = 40


def split_row_id(row_ids: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Partition and row within it of the row ids that Dask and Spark give to unlabelled rows.

    Parameters
    ----------
    row_ids : array-like of int
        ``partition * 2**40 + row``, as in `MixPlan.partner` where `MixPlan.unlabeled`.

    Returns
    -------
    partition, row : ndarray of int64
        As the engine numbered them while it searched; another run may cut the data otherwise.
    """
    ids = np.asarray(row_ids, np.int64)
    return ids >> _PARTITION, ids & ((1 << _PARTITION) - 1)


class State(Protocol):
    """What is known after some partitions."""

    reader: Reader
    skipped: Skipped

    def update(self, block: Any, partition: int, row: int) -> None: ...
    def merge(self, other: Self) -> None: ...


AnyState = TypeVar("AnyState", bound=State)


class Survey:
    """First pass: the scale of the columns, and the labelled anomalies, if they are few."""

    def __init__(
        self, reader: Reader, n_features: int, scale: str | None, most: int, n_threads: int | None
    ) -> None:
        self.reader = reader
        self.skipped = Skipped()
        self.scaling = scale_state(scale, n_features)
        self.most = most
        self.n_threads = n_threads
        self.n_anomalies = 0
        self.found: list[tuple[NDArray[np.int64], NDArray[Any]]] = []

    def update(self, block: Any, partition: int, row: int) -> None:
        X, marked, numbers = self.reader.take(block, row)
        self.skipped.n_rows += len(block) - len(X)
        if self.scaling is not None:
            self.scaling.update(X, n_threads=self.n_threads)
        if marked.any():
            self.n_anomalies += int(marked.sum())
            self.found.append(((partition << _PARTITION) + numbers[marked], X[marked]))
            self._forget()

    def merge(self, other: Self) -> None:
        self.skipped.merge(other.skipped)
        if self.scaling is not None and other.scaling is not None:
            self.scaling.merge(other.scaling)
        self.n_anomalies += other.n_anomalies
        self.found = self.found + other.found
        self._forget()

    def _forget(self) -> None:
        # A label that marks too many is an error in the end; until then they must not fill the memory.
        if self.n_anomalies > self.most:
            self.found = []

    def anomalies(self) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Row ids and contents, in the order of the data."""
        label, value = self.reader.label, self.reader.anomaly
        if self.n_anomalies == 0:
            hint = f"; {self.skipped}" if self.skipped else ""
            raise ValueError(f"no row has {value!r} in the label column {label!r}{hint}")
        if self.n_anomalies > self.most:
            raise ValueError(
                f"{self.n_anomalies} rows have {value!r} in the label column {label!r}, more than "
                f"max_anomalies={self.most}: is it the value of the normal rows? Raise max_anomalies if not"
            )
        ids = np.concatenate([ids for ids, _ in self.found])
        order = np.argsort(ids)
        return ids[order], np.concatenate([X for _, X in self.found])[order]


class Search:
    """Second pass: the table of the nearest unlabelled rows."""

    def __init__(self, reader: Reader, table: ScaledTable) -> None:
        self.reader = reader
        self.skipped = Skipped()
        self.table = table

    def update(self, block: Any, partition: int, row: int) -> None:
        X, marked, numbers = self.reader.take(block, row)
        self.skipped.n_rows += len(block) - len(X)
        if marked.any():
            X, numbers = X[~marked], numbers[~marked]
        self.table.update(X, row_ids=(partition << _PARTITION) + numbers)

    def merge(self, other: Self) -> None:
        self.skipped.merge(other.skipped)
        self.table.merge(other.table)


def fold_partition(empty: AnyState, blocks: Iterable[Any], partition: int) -> AnyState:
    """`empty`, which stays as it is, after the blocks of a partition; errors name the partition."""
    state, row = deepcopy(empty), 0
    try:
        for block in blocks:
            state.update(block, partition, row)
            row += len(block)
    except (ValueError, TypeError) as error:
        if not empty.reader.skip_bad:
            raise ValueError(f"partition {partition}: {error}") from error
        state = deepcopy(empty)
        state.skipped.partitions[partition] = str(error)
    return state


def merged(states: Sequence[AnyState]) -> AnyState:
    """All of them in one; a new one, for an engine may use its results again."""
    state = deepcopy(states[0])
    for other in states[1:]:
        state.merge(other)
    return state


@dataclass(frozen=True)
class Fitted:
    """The table of all partitions, the row ids of the labelled anomalies (or None), and what was skipped."""

    table: ScaledTable
    anomaly_ids: NDArray[np.int64] | None
    skipped: Skipped


def fit_partitions(
    fold: Callable[[Any], Any],
    reader: Reader,
    n_features: int,
    X_anomaly: ArrayLike | None,
    n_neighbors: float,
    n_neighbors_anomaly: float,
    scale: str | None,
    n_threads: int | None,
    max_anomalies: int = 1,
) -> Fitted:
    """Search all partitions, once; once more beforehand if columns are scaled or anomalies looked for.

    `fold` runs an empty state over all partitions and gives the merged one. An `X_anomaly` of None takes the
    rows that the reader's label marks.
    """
    check_count("max_anomalies", max_anomalies, minimum=1)
    reader = replace(reader, n_threads=n_threads)
    anomalies = ids = None
    if X_anomaly is not None:
        matrix = anomaly_matrix(X_anomaly, reader.features)
        reader = replace(reader, dtype=row_dtype(matrix, np.empty(0, reader.dtype)))
        anomalies = as_rows("X_anomaly", matrix, reader.dtype)
    # Made of any row at first, so that wrong parameters are found before the data is read.
    probe = np.zeros((1, n_features), reader.dtype) if anomalies is None else anomalies
    table = ScaledTable(probe, None, n_neighbors, n_neighbors_anomaly, n_threads=n_threads)
    if table.n_features != n_features:
        raise ValueError(f"X_anomaly has {table.n_features} columns, X_unlabeled has {n_features}")
    survey = Survey(reader, n_features, scale, max_anomalies, n_threads)
    twice = scale is not None or anomalies is None
    if twice:
        survey = fold(survey)
    if anomalies is None:
        ids, anomalies = survey.anomalies()
    elif survey.scaling is not None:
        survey.scaling.update(anomalies, n_threads=n_threads)
    scaling = None if survey.scaling is None else survey.scaling.scale(reader.dtype)
    table = ScaledTable(anomalies, scaling, n_neighbors, n_neighbors_anomaly, n_threads=n_threads)
    search = fold(Search(reader, table))
    if twice and survey.skipped != search.skipped:
        raise RuntimeError(
            f"two passes over the data differ: the first {survey.skipped}, the second {search.skipped}; "
            "write or persist data that changes from one reading to the next"
        )
    if search.skipped:
        warn(str(search.skipped))
    return Fitted(search.table, ids, search.skipped)
