"""The new rows of NNG-Mix as a whole that can be made in any parts, in any process."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.methods.class_rows import ClassRows
from nngmix.methods.nng_mix_recipe import NNGMixRecipe
from nngmix.methods.shares import class_tables, shares
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import RandomState
from nngmix.plan import MixPlan

__all__ = ["NewRows"]


class NewRows(ClassRows[NeighborTable, MixPlan]):
    """All that is needed to make any of the new rows: what a worker is sent, and what a file is made of.

    Parameters
    ----------
    table : NeighborTable
    mixture : Mixture
    n_samples : int or None
        Rows in all; needed, and known, where there are several classes.
    labels : list or None
        The label of each anomaly of the table; None makes them one class.
    n_neighbors, n_neighbors_anomaly : int or float
        As they were asked for: for several classes they count within each.
    anomaly_ids : ndarray of int64, optional
        What plans call the anomalies; default: their rows in `X_anomaly`.
    random_state
        Asked once, here, so that all parts draw from the same streams.

    Attributes
    ----------
    n_samples : int or None
    labels : list
        Labels of the classes in order; [None] for one without a label.
    """

    def __init__(
        self,
        table: NeighborTable,
        mixture: Mixture,
        *,
        n_samples: int | None = None,
        labels: list[Any] | None = None,
        n_neighbors: float = 10,
        n_neighbors_anomaly: float = 10,
        anomaly_ids: NDArray[np.int64] | None = None,
        random_state: RandomState = None,
    ) -> None:
        recipe = NNGMixRecipe(n_neighbors, n_neighbors_anomaly, **vars(mixture)).fitted(table)
        classes = shares(labels, len(table.X_anomaly), n_samples or 0, random_state)
        tables = class_tables(table, classes, n_neighbors, n_neighbors_anomaly)
        super().__init__(recipe, tables, classes, anomaly_ids)
        self.table, self.mixture, self.n_samples = table, recipe.mixture, n_samples

    @property
    def n_features(self) -> int:
        return self.table.n_features

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.table.dtype
