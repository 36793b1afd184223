"""The labelled anomalies that a fit has found, or was given."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.kinds import Kinds, joined_kinds
from nngmix.rows.rows import Names

__all__ = ["Anomalies", "recoded"]


def recoded(rows: NDArray[Any], old: Kinds | None, new: Kinds | None) -> NDArray[Any]:
    """Rows by other dictionaries, if there are some."""
    return rows if old is None or new is None else new.recode(rows, old)


@dataclass(frozen=True, eq=False)
class Anomalies:
    """The labelled anomalies, as rows of the table to be.

    Attributes
    ----------
    X : ndarray of shape (n_anomalies, n_features)
        In the input's units.
    ids : ndarray of int64, shape (n_anomalies,)
        Their ids among all rows.
    labels : list
        The label of each, as it was met.
    kinds : Kinds or None
        What the columns hold.
    """

    X: NDArray[Any]
    ids: NDArray[np.int64] | None = None
    labels: list[Any] | None = None
    kinds: Kinds | None = None

    def joined(self, kinds: Kinds | None, names: Names | None) -> "Anomalies":
        """The same, with other dictionaries taken into account."""
        kinds = joined_kinds(self.kinds, kinds, names)
        return replace(self, X=recoded(self.X, self.kinds, kinds), kinds=kinds)
