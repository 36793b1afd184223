"""Scores of any detector on one scale: how many of the rows that it does not know score lower."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Distribution"]


class Distribution:
    """The empirical distribution of a score.

    Parameters
    ----------
    scores : ndarray of shape (n_rows,)
        Those of reference rows, at least one.
    """

    def __init__(self, scores: NDArray[np.floating]) -> None:
        self.scores = np.sort(scores)

    def values(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """The share of reference rows that score lower; of those that score the same a half counts."""
        below = np.searchsorted(self.scores, scores, "left")
        at_most = np.searchsorted(self.scores, scores, "right")
        return (below + at_most) / (2 * len(self.scores))
