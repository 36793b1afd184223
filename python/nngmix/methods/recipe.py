"""What a method is: how its plan is drawn and how the rows of a plan are made."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from nngmix.parameters.checks import check_finite_number
from nngmix.parameters.seed import Key
from nngmix.plan import PartnerPlan, Plan

__all__ = [
    "AllRows",
    "Partners",
    "PlanT",
    "Recipe",
    "Shape",
    "check_partners",
    "check_widths",
    "numbered",
    "split_partner",
]

Rows = NDArray[Any]
Partners = Literal["anomaly", "all"]
PlanT = TypeVar("PlanT", bound=Plan)


@dataclass(frozen=True)
class Shape:
    """Of what a plan is drawn."""

    n_anomalies: int
    n_unlabeled: int
    n_features: int

    def n_rows(self, partners: Partners) -> int:
        """Rows partners are taken from."""
        return self.n_anomalies + (self.n_unlabeled if partners == "all" else 0)


@dataclass(frozen=True, eq=False)
class AllRows:
    """The rows partners are taken from, as the kernel numbers them."""

    anomalies: Rows
    unlabeled: Rows


class Recipe(ABC, Generic[PlanT]):
    """A method with its parameters, which are checked when it is made."""

    @property
    def takes_unlabeled(self) -> bool:
        """Whether partners are unlabelled rows too."""
        return False

    @abstractmethod
    def draw(self, key: Key, start: int, n_samples: int, shape: Shape, n_threads: int | None) -> PlanT:
        """The choices of rows `start` to ``start + n_samples``."""

    @abstractmethod
    def make(self, plan: PlanT, anomalies: Rows, unlabeled: Rows, out: Rows, n_threads: int | None) -> None:
        """Write the rows of a plan to `out`; all rows are C-contiguous and of one dtype."""

    def replaced(self, plan: PlanT, n_features: int) -> NDArray[np.bool_] | None:
        """Which values are not the anchor's own; None for all of them."""
        return None


def split_partner(number: NDArray[np.int64], n_anomalies: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Pool and row of partners that the kernel numbers through: the anomalies, then the unlabelled rows."""
    unlabeled = number >= n_anomalies
    return unlabeled, number - n_anomalies * unlabeled


def numbered(plan: PartnerPlan, n_anomalies: int) -> NDArray[np.int64]:
    """Partners as the kernel numbers them."""
    number: NDArray[np.int64] = plan.partner + n_anomalies * plan.unlabeled
    return number


def check_partners(partners: Any) -> None:
    """ValueError unless it is the name of a pool."""
    if partners not in ("anomaly", "all"):
        raise ValueError(f"partners must be 'anomaly' or 'all', got {partners!r}")


def check_widths(min_width: Any, max_width: Any) -> tuple[float, float]:
    """Smallest and largest share of the columns as floats."""
    low, high = check_finite_number("min_width", min_width), check_finite_number("max_width", max_width)
    if not 0 <= low <= high <= 1:
        raise ValueError(
            "min_width and max_width are shares of the columns, 0 <= min_width <= max_width <= 1, "
            f"got {low} and {high}"
        )
    return low, high
