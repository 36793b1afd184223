"""What the kernels of NNG-Mix are given: what is drawn from, what is mixed, and the columns that decide."""

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.plan import MixPlan
from nngmix.rows.arrays import check_memory
from nngmix.rows.kinds import Mixed

__all__ = ["Choices", "MixSources", "PlanColumns", "check_plan", "check_plan_memory"]

# A row of a plan: four columns of 8 bytes and two of 1.
_PLAN_BYTES = 34


class Choices(NamedTuple):
    """What a plan is drawn from."""

    n_anomalies: int
    n_neighbors: int
    n_others: int
    unlabeled_fraction: float
    alpha: float
    beta: float


class MixSources(NamedTuple):
    """What rows are mixed from."""

    anomalies: NDArray[Any]
    neighbor_rows: NDArray[Any]
    anomaly_neighbors: NDArray[np.int64]
    noise_std: float
    mixed: Mixed | None = None


class PlanColumns(NamedTuple):
    """The columns of a plan that decide."""

    anchor: NDArray[np.int64]
    unlabeled: NDArray[np.bool_]
    neighbor: NDArray[np.int64]
    lam: NDArray[np.float64]
    donor_is_anchor: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, plan: MixPlan) -> Self:
        """Those of a plan, whatever its arrays are made of; ValueError for what no table draws."""
        lam = _column(plan, "lam", np.float64)
        if not ((lam >= 0) & (lam <= 1)).all():
            raise ValueError("lam of the plan must be between 0 and 1")
        return cls(
            _column(plan, "anchor", np.int64),
            _column(plan, "unlabeled", np.bool_),
            _column(plan, "neighbor", np.int64),
            lam,
            None if plan.donor_is_anchor is None else _column(plan, "donor_is_anchor", np.bool_),
        )

    def part(self, rows: slice) -> Self:
        """Those of some rows."""
        donor = None if self.donor_is_anchor is None else self.donor_is_anchor[rows]
        return type(self)(self.anchor[rows], self.unlabeled[rows], self.neighbor[rows], self.lam[rows], donor)


def check_plan(plan: MixPlan, table: str) -> None:
    """TypeError for what is no plan, ValueError for one of another table than that of this digest."""
    if not isinstance(plan, MixPlan):
        raise TypeError(f"plan must be a MixPlan, got {type(plan).__name__}")
    if plan.table not in (None, table):
        raise ValueError(
            "the plan is not one of this table as it is now: another table drew it, or this one before "
            "it saw more rows, or it is numbered anew, as plan_ of a sampler is; draw it with the plan "
            "method of this table"
        )


def _column(plan: MixPlan, name: str, dtype: type[np.generic]) -> NDArray[Any]:
    column = np.asarray(getattr(plan, name))
    if column.shape != (len(plan),) or not np.can_cast(column.dtype, dtype, "same_kind"):
        raise ValueError(
            f"{name} of the plan must be {np.dtype(dtype)} of shape ({len(plan)},), one value a row, got "
            f"{column.dtype} of shape {column.shape}"
        )
    return np.require(column, dtype, "C")


def check_plan_memory(n_samples: int) -> None:
    """MemoryError for a plan that this machine cannot hold."""
    check_memory(
        f"the choices of n_samples={n_samples} rows", n_samples * _PLAN_BYTES, "draw the plan in parts"
    )
