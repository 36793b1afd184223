"""What a fit looks for, and how: every parameter of it, checked once."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_neighbors, check_threads
from nngmix.rows.asked_columns import ColumnsAsked, Missing, check_missing, named_columns
from nngmix.rows.column_types import ColumnTypes, units_of
from nngmix.rows.finish import Range
from nngmix.rows.kinds import Kinds
from nngmix.rows.labels import LabelRule
from nngmix.rows.rows import Known, Names
from nngmix.rows.scaling import scale_state

__all__ = ["FitSpec", "Missing", "check_missing"]


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
    columns : ColumnsAsked
        What to do with rows that are not finite, and what new rows may hold.
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
    limits : Range or None
        What the types of the columns hold, as far as they are types of integers.
    kinds : Kinds or None
        What the columns hold, where rows come in parts that may not show it: a part of a column of categories
        may miss every value.
    types : tuple or None
        Those that the columns came in, for rows that are made of the table later.
    """

    n_features: int
    dtype: np.dtype[Any]
    names: Names | None = None
    rule: LabelRule | None = None
    where: str = "the labels"
    scale: str | None = None
    columns: ColumnsAsked = field(default_factory=ColumnsAsked)
    n_neighbors: float = 10
    n_neighbors_anomaly: float = 10
    unlabeled_fraction: float = 0.5
    amount: Amount | None = None
    max_anomalies: int | None = None
    n_threads: int | None = None
    always_search: bool = False
    limits: Range | None = field(default=None, compare=False)
    kinds: Kinds | None = None
    types: ColumnTypes | None = field(default=None, compare=False)

    @property
    def missing(self) -> Missing:
        """What to do with rows that are not finite."""
        return self.columns.missing

    @property
    def known(self) -> Known:
        """What parts of the rows are told of their columns."""
        return Known(self.names, self.kinds, units_of(self.types, self.kinds))

    @property
    def finishes(self) -> bool:
        """Whether new rows are not merely what mixing makes of rows as they are."""
        asked = self.columns
        return self.scale is not None or asked.whole_features is not None or asked.clip is not None

    def whole(self, seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which columns are whole, where those of `seen` have shown whole numbers alone."""
        asked = self.columns.whole_features
        if isinstance(asked, str):
            return seen
        return named_columns("whole_features", asked, "the rows", self.names, self.n_features)

    def searches(self, n_samples: int | None) -> bool:
        """Whether neighbours have to be found for this many rows."""
        return self.unlabeled_fraction > 0 and (self.always_search or n_samples != 0)

    def __post_init__(self) -> None:
        self.whole(np.zeros(self.n_features, bool))
        # Frozen: the number that the kernels take goes in the place of the one that was given.
        object.__setattr__(self, "n_threads", check_threads(self.n_threads))
        scale_state(self.scale, 1)
        check_neighbors("n_neighbors", self.n_neighbors, 1)
        check_neighbors("n_neighbors_anomaly", self.n_neighbors_anomaly, 1)
