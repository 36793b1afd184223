"""Mixed tables as methods and detectors take them: categories are ranks, or a column for each value."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.kinds import Kinds

__all__ = ["asked", "few_values", "one_hot", "positions"]


def positions(kinds: Kinds | None) -> list[int]:
    """The columns of categories."""
    found: list[int] = [] if kinds is None else np.flatnonzero(kinds.categorical).tolist()
    return found


def asked(kinds: Kinds | None) -> dict[str, Any]:
    """What functions and detectors of nngmix are told of a matrix of ranks; nothing of numbers alone."""
    if kinds is None:
        return {}
    return {"categorical_features": positions(kinds), "missing": "keep" if kinds.missing else "error"}


def few_values(kinds: Kinds, most: int) -> list[int]:
    """The columns of categories that have no more values than these."""
    return [j for j, values in enumerate(kinds.categories) if values is not None and len(values) <= most]


def one_hot(X: NDArray[np.float64], kinds: Kinds | None) -> NDArray[np.float64]:
    """A column of 0 and 1 for each category, behind the numbers; zeros alone where one is missing."""
    at = positions(kinds)
    if kinds is None or not at:
        return X
    columns = [X[:, [j]] == np.arange(len(kinds.categories[j] or ())) for j in at]
    return np.concatenate([X[:, ~kinds.categorical], *columns], axis=1)
