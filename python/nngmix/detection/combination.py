"""Many scores become one: each on the scale of its own distribution, then their mean."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.distribution import Distribution

__all__ = ["Combination"]

# What the neighbour score adds to tell rows apart that are level in all else: less than one row of a
# distribution makes.
_TIE = 1e-9

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Combination:
    """How the scores of members and the neighbour score make one.

    Attributes
    ----------
    members : list of Distribution
    neighbor : Distribution or None
        None leaves the neighbour score out.
    weight : float
        Of the neighbour score; the mean of the members has the rest.
    """

    members: list[Distribution]
    neighbor: Distribution | None
    weight: float

    @classmethod
    def of(
        cls, scores: NDArray[np.floating], unseen: Mask, neighbor: NDArray[np.float64] | None, weight: float
    ) -> Self:
        """The distributions among reference rows.

        Parameters
        ----------
        scores : ndarray of shape (n_rows, n_members)
        unseen : ndarray of bool, shape (n_rows, n_members)
            Which rows a member was not trained on: those of its distribution.
        neighbor : ndarray of shape (n_rows,), optional
            Their neighbour score.
        weight : float
        """
        members = [Distribution(column[known]) for column, known in zip(scores.T, unseen.T, strict=True)]
        return cls(members, None if neighbor is None else Distribution(neighbor), weight)

    def values(
        self, scores: NDArray[np.floating], neighbor: NDArray[Any] | None, unseen: Mask | None = None
    ) -> NDArray[np.float64]:
        """The combined score of rows, to which only the members count that are `unseen`; default: all."""
        # Member by member: a row has the same sum whatever the number of rows.
        total, counted = np.zeros(len(scores)), np.zeros(len(scores))
        for number, distribution in enumerate(self.members):
            counts = np.ones(len(scores)) if unseen is None else unseen[:, number].astype(float)
            total += counts * distribution.surprise(scores[:, number])
            counted += counts
        total /= counted
        if self.neighbor is None or neighbor is None:
            return total
        total += self.weight * (self.neighbor.surprise(neighbor) - total)
        total += _TIE * (neighbor / (1 + np.abs(neighbor)))
        return total
