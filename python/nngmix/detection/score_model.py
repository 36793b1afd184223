"""What a neighbour score knows after its fit, and the score itself."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.search import kneighbors
from nngmix.neighbors.updates import SEARCH_VALUES
from nngmix.parameters.checks import check_threads
from nngmix.reference.random import ln
from nngmix.rows.kinds import Kinds
from nngmix.rows.rows import Known, Names, Rows, coded_rows
from nngmix.rows.scaling import Scale, take

__all__ = ["ScoreModel", "Side", "scaled_rows"]

Float = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Side:
    """Training rows of one kind.

    Attributes
    ----------
    rows : ndarray of shape (n_rows, n_features)
        Scaled.
    ids : ndarray of int64, shape (n_rows,)
        Their numbers in the training data.
    kinds : Kinds or None
        What the columns hold, which is the same for all sides.
    categorical_weight : float
        What two categories that differ add to a squared distance.
    """

    rows: NDArray[Any]
    ids: Ids
    kinds: Kinds | None = None
    categorical_weight: float = 1.0

    def __len__(self) -> int:
        return len(self.rows)

    def neighbors(
        self, queries: NDArray[Any], n_neighbors: int, n_threads: int | None
    ) -> tuple[Float, NDArray[np.int64]]:
        """Distances and positions of the nearest rows."""
        if self.kinds is None:
            return kneighbors(queries, self.rows, n_neighbors, n_threads=n_threads)
        # A category that nobody knew is missing to the search: it differs from all, as what is missing does.
        asked = coded_rows("X_query", queries, None, replace(self.kinds, missing=True))
        rows, weight = coded_rows("X", self.rows, None, self.kinds), self.categorical_weight
        return kneighbors(asked, rows, n_neighbors, categorical_weight=weight, n_threads=n_threads)

    def squares(self, queries: NDArray[Any], at: NDArray[np.int64]) -> Float:
        """What each column adds to the squared distance of each query to one of the rows."""
        rows = self.rows[at]
        squared: Float = (queries - rows).astype(np.float64) ** 2
        if self.kinds is None:
            return squared
        # NaN equals nothing.
        different = np.where(queries == rows, 0.0, self.categorical_weight)
        return np.where(self.kinds.categorical, different, np.where(np.isnan(squared), 1.0, squared))


@dataclass(frozen=True, eq=False)
class ScoreModel:
    """The training rows that a score compares with; see `NeighborScore` for the parameters.

    Attributes
    ----------
    unlabeled, anomalies, normals : Side
    kinds : ndarray of int64, shape (n_anomalies,)
        Which of `classes` each anomaly is of.
    classes : ndarray
        The label of unlabelled rows, then those of the anomalies.
    names : tuple or None
        Names of the columns.
    scale : Scale or None
    constant : ndarray of bool, shape (n_features,)
        Columns of one value: any other is at a distance of 1 from all training rows.
    n_neighbors, n_anomalies : int
        No more than there are.
    eps : float
    n_rows : int
        Unlabelled training rows, of which `unlabeled` may be a sample.
    """

    unlabeled: Side
    anomalies: Side
    normals: Side
    kinds: NDArray[np.int64]
    classes: NDArray[Any]
    names: Names | None
    scale: Scale | None
    constant: NDArray[np.bool_]
    n_neighbors: int
    n_anomalies: int
    eps: float
    n_rows: int

    @property
    def known(self) -> Known:
        """The columns, whose kinds other rows must have."""
        return Known(self.names, self.anomalies.kinds)

    @property
    def n_features(self) -> int:
        """Number of columns."""
        n_features: int = self.anomalies.rows.shape[1]
        return n_features

    def threshold(self, scores: Float) -> float:
        """The score that as large a share of these is above as is labelled of all training rows."""
        share = len(self.anomalies) / (len(self.anomalies) + self.n_rows)
        return float(np.quantile(scores, 1 - share))

    def score_rows(
        self, rows: Rows, first_id: int | None = None, *, skip: bool = False, n_threads: int | None = None
    ) -> Float:
        """The scores of rows in the input's units, a block at a time.

        Parameters
        ----------
        rows : Rows
            With the columns of the model.
        first_id : int, optional
            They are training rows whose numbers begin with this: each leaves itself out.
        skip : bool, default=False
            Give rows that are not finite the score NaN instead of an error.
        n_threads : int, optional
        """
        scores = np.full(len(rows), np.nan)
        for start, finite, queries in self.queries(rows, skip=skip, n_threads=n_threads):
            at = start + finite
            scores[at] = self.scores(queries, None if first_id is None else first_id + at, n_threads)
        return scores

    def queries(
        self, rows: Rows, *, skip: bool = False, n_threads: int | None = None
    ) -> Iterator[tuple[int, Ids, NDArray[Any]]]:
        """Of each block: number of the first row, places of the finite rows, and these, scaled."""
        dtype, n_threads = self.anomalies.rows.dtype, check_threads(n_threads)
        for start, block in rows.blocks(dtype, SEARCH_VALUES, n_threads=n_threads):
            finite = rows.finite(block) if skip else None
            if finite is None:
                rows.check_finite(block, start)
                at = np.arange(len(block))
            else:
                at, block = np.flatnonzero(finite), block[finite]
            kinds = self.anomalies.kinds
            if kinds is not None and rows.kinds is not None:
                block = kinds.recode(block, rows.kinds, known=True)
            yield start, at, self.scaled(block, n_threads)

    def scaled(self, block: NDArray[Any], n_threads: int | None = None) -> NDArray[Any]:
        """Rows in the units of the search."""
        if self.scale is None:
            return block
        return scaled_rows(block, self.scale, self.constant, n_threads)

    def scores(self, queries: NDArray[Any], ids: Ids | None = None, n_threads: int | None = None) -> Float:
        """The score of scaled rows; training rows leave themselves out by their ids."""
        score = self._log(self._to_unlabeled(queries, ids, n_threads))
        distances, _ = self.anomalies.neighbors(queries, self.n_anomalies, n_threads)
        # Column by column: a row has the same sum whatever the number of rows.
        near = self._log(distances[:, 0])
        for j in range(1, self.n_anomalies):
            near += self._log(distances[:, j])
        score -= near / self.n_anomalies
        return score

    def _to_unlabeled(self, queries: NDArray[Any], ids: Ids | None, n_threads: int | None) -> Float:
        """Distance to the k-th nearest unlabelled row, or to the nearest known normal one if that is less."""
        k = self.n_neighbors
        distances, at = self.unlabeled.neighbors(queries, k if ids is None else k + 1, n_threads)
        radius = distances[:, k - 1].copy()
        if ids is not None:
            # Who is among its own first k gives way to the next one.
            own = (self.unlabeled.ids[at[:, :k]] == ids[:, None]).any(axis=1)
            radius[own] = distances[own, k]
        if len(self.normals):
            to_normals, _ = self.normals.neighbors(queries, 1, n_threads)
            np.minimum(radius, to_normals[:, 0], out=radius)
        return radius

    def _log(self, distances: Float) -> Float:
        # What float64 cannot hold is as far as can be: infinity less infinity would be no score.
        return ln(np.minimum(distances + self.eps, np.finfo(np.float64).max))


def scaled_rows(
    block: NDArray[Any], scale: Scale, constant: NDArray[np.bool_], n_threads: int | None = None
) -> NDArray[Any]:
    """Rows in the units of a scale; a value of a constant column is 0 if it is the constant, else 1.

    What is missing stays so.
    """
    scaled = take(block, None, scale, n_threads=n_threads)
    if constant.any():
        there = ~np.isnan(block[:, constant])
        scaled[:, constant] = np.where(there, block[:, constant] != scale.offset[constant], np.nan)
    return scaled
