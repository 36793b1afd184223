"""Scores of any detector on one scale: how few of the rows that it does not know score as high."""

import numpy as np
from numpy.typing import NDArray

from nngmix.reference.random import ln

__all__ = ["Distribution"]

_PLACES = 2.0**40


class Distribution:
    """The empirical distribution of a score.

    Parameters
    ----------
    scores : ndarray of shape (n_rows,)
        Those of reference rows, at least one.
    """

    def __init__(self, scores: NDArray[np.floating]) -> None:
        self.scores = np.sort(scores)

    def surprise(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """``-log p`` of each score, p being the share of reference rows that score higher, and itself.

        Of rows that score the same a half counts. From 0 to log(n_rows + 1). The logarithm is that of
        Fisher's way to combine tests: between the first rows and the next it makes a difference, between the
        middle ones hardly any.
        """
        below = np.searchsorted(self.scores, scores, "left")
        at_most = np.searchsorted(self.scores, scores, "right")
        n_rows = len(self.scores)
        share = (n_rows + 1 - (below + at_most) / 2) / (n_rows + 1)
        # To this many binary places, so that the sum of hundreds is exact: rows that are level for each
        # member are level in the mean, however many members count.
        return np.rint(-ln(share) * _PLACES) / _PLACES
