"""Provenance: every random choice of every row, as data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nngmix.seeding import Key

__all__ = ["MixPlan"]


@dataclass(frozen=True, eq=False)
class MixPlan:
    """What each generated row is made of; row `i` of the plan is output row `start + i`.

    Attributes
    ----------
    start : int
        Number of the first row in the whole output.
    anchor : ndarray of int64, shape (n_samples,)
        The labelled anomaly each row starts from: its row in `X_anomaly`.
    unlabeled : ndarray of bool, shape (n_samples,)
        The pool: True if the partner is an unlabelled row, False if it is another anomaly.
    partner : ndarray of int64, shape (n_samples,)
        The row mixed in: its row id among the unlabelled rows, or its row in `X_anomaly`.
    neighbor : ndarray of int64, shape (n_samples,)
        Which of the anchor's neighbours the partner is; 0 is the nearest.
    lam : ndarray of float64, shape (n_samples,)
        Weight of the anchor, between 0 and 1; the partner's is ``1 - lam``.
    key : tuple of 8 int
        Key of the random streams, from which the noise of the rows is drawn.
    """

    start: int
    anchor: NDArray[np.int64]
    unlabeled: NDArray[np.bool_]
    partner: NDArray[np.int64]
    neighbor: NDArray[np.int64]
    lam: NDArray[np.float64]
    key: Key

    def __len__(self) -> int:
        return len(self.lam)

    def __getitem__(self, rows: slice) -> "MixPlan":
        """The plan of some of the rows; `rows` is a slice without a step."""
        if not isinstance(rows, slice) or rows.step not in (None, 1):
            raise TypeError(f"a plan is cut by slices without a step, got {rows!r}")
        first, _, _ = rows.indices(len(self))
        return MixPlan(
            self.start + first,
            self.anchor[rows],
            self.unlabeled[rows],
            self.partner[rows],
            self.neighbor[rows],
            self.lam[rows],
            self.key,
        )
