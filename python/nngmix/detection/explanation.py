"""Why a row has its neighbour score: whom it is near to, and in which columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.score_model import ScoreModel
from nngmix.rows.rows import Rows

__all__ = ["Explanation", "explained", "shown_values"]


@dataclass(frozen=True, eq=False)
class Explanation:
    """One entry for each row that was asked about.

    Attributes
    ----------
    score : ndarray of float64, shape (n_rows,)
    anomaly : ndarray of int64, shape (n_rows,)
        Number of the nearest labelled anomaly among the training rows.
    label : ndarray, shape (n_rows,)
        Its class.
    anomaly_distance : ndarray of float64, shape (n_rows,)
        Distance to it in scaled columns.
    unlabeled : ndarray of int64, shape (n_rows, n_neighbors)
        Numbers of the nearest unlabelled training rows, the nearest first.
    unlabeled_distance : ndarray of float64, shape (n_rows,)
        Distance to the last of them.
    columns : ndarray of int64, shape (n_rows, n_columns)
        The columns that speak most for an anomaly, the first the loudest: in which the row differs from its
        unlabelled neighbours and not from the anomaly.
    contributions : ndarray of float64, shape (n_rows, n_columns)
        For these columns, the mean squared scaled difference from the unlabelled neighbours minus the squared
        scaled difference from the anomaly.
    names : ndarray of object, shape (n_rows, n_columns)
        The names of these columns; their numbers if they have none.
    values : ndarray of object, shape (n_rows, n_columns)
        What the row has there: a number, a category as it was given, or None, which is missing.
    """

    score: NDArray[np.float64]
    anomaly: NDArray[np.int64]
    label: NDArray[Any]
    anomaly_distance: NDArray[np.float64]
    unlabeled: NDArray[np.int64]
    unlabeled_distance: NDArray[np.float64]
    columns: NDArray[np.int64]
    contributions: NDArray[np.float64]
    names: NDArray[np.object_]
    values: NDArray[np.object_]

    def to_dict(self) -> dict[str, NDArray[Any]]:
        """One-dimensional columns by name, of which any library makes a frame.

        Returns
        -------
        dict of str to ndarray
            ``score``, ``anomaly``, ``label``, ``anomaly_distance``, ``unlabeled`` (the nearest alone),
            ``unlabeled_distance``, and ``column_1``, ``value_1``, ``contribution_1`` and so on.
        """
        flat = {name: value for name, value in vars(self).items() if value.ndim == 1}
        flat["unlabeled"] = self.unlabeled[:, 0]
        for j in range(self.columns.shape[1]):
            flat[f"column_{j + 1}"] = self.names[:, j]
            flat[f"value_{j + 1}"] = self.values[:, j]
            flat[f"contribution_{j + 1}"] = self.contributions[:, j]
        return flat


def explained(
    model: ScoreModel, rows: Rows, ids: NDArray[np.int64] | None, n_columns: int, n_threads: int | None
) -> Explanation:
    """Explain rows in the input's units, which are training rows if they have ids, a block at a time."""
    parts = []
    for start, at, queries in model.queries(rows, n_threads=n_threads):
        numbers = None if ids is None else ids[start + at]
        values = shown_values(rows, start + at)
        parts.append(_explained(model, queries, values, numbers, n_columns, n_threads))
    if not parts:
        none = np.empty((0, model.n_features), model.anomalies.rows.dtype)
        parts = [_explained(model, none, none.astype(object), None, n_columns, n_threads)]
    together = zip(*(vars(part).values() for part in parts), strict=True)
    return Explanation(*map(np.concatenate, together))


def shown_values(rows: Rows, at: NDArray[np.int64]) -> NDArray[np.object_]:
    """Some rows as the user knows them: numbers, categories, and None for what is missing."""
    taken = rows.take(at)
    if rows.kinds is None:
        return taken.astype(object)
    shown = rows.kinds.decoded(taken)
    shown[np.isnan(taken)] = None
    return shown


def _explained(
    model: ScoreModel,
    queries: NDArray[Any],
    values: NDArray[np.object_],
    ids: NDArray[np.int64] | None,
    n_columns: int,
    n_threads: int | None,
) -> Explanation:
    k, score = model.n_neighbors, model.scores(queries, ids, n_threads)
    distances, near = model.unlabeled.neighbors(queries, k if ids is None else k + 1, n_threads)
    if ids is not None:
        # Of a row that is not among its own neighbours the last one goes.
        others = model.unlabeled.ids[near] != ids[:, None]
        others[:, -1] &= ~others.all(axis=1)
        distances, near = distances[others].reshape(-1, k), near[others].reshape(-1, k)
    to_anomaly, nearest = model.anomalies.neighbors(queries, 1, n_threads)
    anomaly = nearest[:, 0]
    # Squares of what is farther could not be told apart.
    most = np.sqrt(np.finfo(queries.dtype).max) / 4
    queries = np.clip(queries, -most, most)
    gain = -model.anomalies.squares(queries, anomaly)
    for j in range(k):
        gain += model.unlabeled.squares(queries, near[:, j]) / k
    columns = np.argsort(-gain, axis=1, kind="stable")[:, :n_columns]
    names = np.array(range(model.n_features) if model.names is None else model.names, object)
    return Explanation(
        score=score,
        anomaly=model.anomalies.ids[anomaly],
        label=model.classes[model.kinds[anomaly]],
        anomaly_distance=to_anomaly[:, 0],
        unlabeled=model.unlabeled.ids[near],
        unlabeled_distance=distances[:, -1],
        columns=columns,
        contributions=np.take_along_axis(gain, columns, axis=1),
        names=names[columns],
        values=np.take_along_axis(values, columns, axis=1),
    )
