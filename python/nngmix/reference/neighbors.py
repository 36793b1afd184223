"""Exact neighbours in a total order."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["kneighbors"]

Float = NDArray[np.float64]
Rows = NDArray[Any]


def kneighbors(
    X_query: Rows,
    X: Rows,
    n_neighbors: int,
    *,
    exclude_self: bool = False,
    categorical: NDArray[np.bool_] | None = None,
    categorical_weight: float = 1.0,
) -> tuple[Float, NDArray[np.int64]]:
    """Squared distances and indices of the nearest rows, by the total order.

    The distance is the heterogeneous Euclidean-overlap metric, in which NaN is a missing value: over the
    numeric columns that both rows have, ``(x_j - q_j)**2`` is summed in float64, columns ascending; then one
    addition brings the number of numeric columns that either row misses, and `categorical_weight` times the
    number of `categorical` columns in which the rows differ or either misses its value. Rows are ordered by
    (squared distance, row content, row number), where contents compare column by column, -0 equals 0, and NaN
    comes last and equals NaN.
    """
    X = np.asarray(X, dtype=np.float64)
    X_query = np.asarray(X_query, dtype=np.float64)
    n_neighbors = min(n_neighbors, len(X) - exclude_self)
    is_category = np.zeros(X.shape[1], bool) if categorical is None else np.asarray(categorical, bool)
    # By content once: lexsort sorts by its last key first, keeps the order of equal rows, which is that of their
    # numbers, and like every sort of NumPy puts NaN last. A stable sort by distance then keeps all of that.
    by_content = np.lexsort([X[:, j] for j in reversed(range(X.shape[1]))])
    shape = len(X_query), len(X)
    squared, n_missing, n_different = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    with np.errstate(over="ignore", under="ignore"):
        for j in range(X.shape[1]):
            values, asked = X[:, j], X_query[:, j, None]
            if is_category[j]:
                n_different += values != asked  # NaN equals nothing.
                continue
            difference = values - asked
            missing = np.isnan(difference)
            n_missing += missing
            squared += np.where(missing, 0.0, difference * difference)
        squared += n_missing + categorical_weight * n_different
    distances = np.empty((len(X_query), n_neighbors))
    indices = np.empty((len(X_query), n_neighbors), np.int64)
    for i, row in enumerate(squared):
        order = by_content[np.argsort(row[by_content], kind="stable")]
        if exclude_self:
            order = order[order != i]
        indices[i] = order[:n_neighbors]
        distances[i] = row[indices[i]]
    return distances, indices
