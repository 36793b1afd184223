"""What a fit looks for, and how: every parameter of it, checked once."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_neighbors, check_threads
from nngmix.parameters.errors import ParameterError
from nngmix.rows.labels import LabelRule
from nngmix.rows.rows import Names
from nngmix.rows.scaling import scale_state

__all__ = ["FitSpec", "Missing", "check_missing"]

Missing = Literal["error", "skip"]


def check_missing(missing: Any) -> None:
    """ValueError unless it says what to do with rows that are not finite."""
    if missing not in ("error", "skip"):
        raise ParameterError("missing", "be 'error' or 'skip'", repr(missing))


@dataclass(frozen=True)
class FitSpec:
    """What is looked for, and how.

    Attributes
    ----------
    n_features : int
    dtype : dtype
        float32 or float64, of all rows.
    names : tuple or None
        Names of the columns.
    rule : LabelRule or None
        Which rows are labelled anomalies; None if none are among the rows.
    where : str
        What messages call the labels.
    scale : {'minmax', 'standard', None}
    missing : {'error', 'skip'}
        What to do with rows that are not finite: refuse them, or pass them by and count them.
    n_neighbors, n_neighbors_anomaly : int or float
    unlabeled_fraction : float
        Of the rows that will be made; 0 spares the search.
    amount : Amount or None
        How many rows will be made, if it is known.
    max_anomalies : int or None
        More are an error: they are held in memory.
    n_threads : int or None
    always_search : bool
        Search even if no rows will be made, for some may be asked for later.
    """

    n_features: int
    dtype: np.dtype[Any]
    names: Names | None = None
    rule: LabelRule | None = None
    where: str = "the labels"
    scale: str | None = None
    missing: Missing = "error"
    n_neighbors: float = 10
    n_neighbors_anomaly: float = 10
    unlabeled_fraction: float = 0.5
    amount: Amount | None = None
    max_anomalies: int | None = None
    n_threads: int | None = None
    always_search: bool = False

    def searches(self, n_samples: int | None) -> bool:
        """Whether neighbours have to be found for so many rows."""
        return self.unlabeled_fraction > 0 and (self.always_search or n_samples != 0)

    def __post_init__(self) -> None:
        check_missing(self.missing)
        # Frozen: the number that the kernels take goes in the place of the one that was given.
        object.__setattr__(self, "n_threads", check_threads(self.n_threads))
        scale_state(self.scale, 1)
        check_neighbors("n_neighbors", self.n_neighbors, 1)
        check_neighbors("n_neighbors_anomaly", self.n_neighbors_anomaly, 1)
