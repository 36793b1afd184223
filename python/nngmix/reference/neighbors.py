"""Exact neighbours in a total order."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["kneighbors"]

Float = NDArray[np.float64]
Rows = NDArray[Any]


def kneighbors(
    X_query: Rows, X: Rows, n_neighbors: int, *, exclude_self: bool = False
) -> tuple[Float, NDArray[np.int64]]:
    """Squared distances and indices of the nearest rows, by the total order.

    ``(x_j - q_j)**2`` is summed in float64, columns ascending; rows are ordered by (squared distance, row
    content, row number), where contents compare column by column and -0 equals 0.
    """
    X = np.asarray(X, dtype=np.float64)
    X_query = np.asarray(X_query, dtype=np.float64)
    n_neighbors = min(n_neighbors, len(X) - exclude_self)
    # lexsort sorts by its last key first: number (the stable order), content from the last column, distance.
    content = [X[:, j] for j in reversed(range(X.shape[1]))]
    distances = np.empty((len(X_query), n_neighbors))
    indices = np.empty((len(X_query), n_neighbors), np.int64)
    with np.errstate(over="ignore", under="ignore"):
        for i, query in enumerate(X_query):
            squared = np.zeros(len(X))
            for j in range(X.shape[1]):
                difference = X[:, j] - query[j]
                squared += difference * difference
            order = np.lexsort([*content, squared])
            if exclude_self:
                order = order[order != i]
            indices[i] = order[:n_neighbors]
            distances[i] = squared[indices[i]]
    return distances, indices
