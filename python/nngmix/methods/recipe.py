"""What a method is: its parameters, how a plan is drawn, and how the rows of a plan are made."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from nngmix.methods.pool import Pool
from nngmix.methods.shares import Share
from nngmix.neighbors.fit import Fitted
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.progress import Callback
from nngmix.parameters.seed import Key
from nngmix.plan import PlanT
from nngmix.rows.rows import Rows

__all__ = ["Recipe", "SourceT"]

# What new rows of one class are made from.
SourceT = TypeVar("SourceT")


class Recipe(ABC, Generic[SourceT, PlanT]):
    """A method with its parameters, which are the fields of a frozen dataclass, checked when it is made.

    Row i of the output depends on the source, the parameters, the key and i alone, so that rows can be made
    in any parts.
    """

    # What an error advises where there are no unlabelled rows, and for more rows than the memory holds.
    without_unlabeled: ClassVar[str] = "partners='anomaly'"
    in_parts: ClassVar[str] = "start"
    # Whether neighbours are looked for.
    searches: ClassVar[bool] = False

    @property
    def takes_unlabeled(self) -> bool:
        """Whether partners are unlabelled rows too."""
        return False

    def asked(self, spec: FitSpec) -> FitSpec:
        """`spec` with what the method asks of the search: nothing, unless it has neighbours."""
        return replace(spec, unlabeled_fraction=0.0)

    def fitted(self, table: NeighborTable) -> Self:
        """The method with what it leaves to the table of all classes settled."""
        return self

    @abstractmethod
    def source(
        self,
        anomalies: Rows,
        unlabeled: Rows | None,
        n_threads: int | None,
        report: Callback | None = None,
        categorical_weight: float | None = None,
    ) -> SourceT:
        """What rows are made from, for rows as they are; both are of one dtype, with the same dictionaries.

        A search reports, and weighs categories.
        """

    @abstractmethod
    def sources(
        self, fitted: Fitted, classes: Sequence[Share], unlabeled: Callable[[], Pool]
    ) -> list[SourceT]:
        """What the rows of each class are made from, after a fit; `unlabeled` gives the unlabelled rows."""

    @abstractmethod
    def draw(self, source: SourceT, start: int, n_samples: int, key: Key) -> PlanT:
        """The choices of rows `start` to ``start + n_samples``."""

    @abstractmethod
    def make(self, source: SourceT, plan: PlanT, out: NDArray[Any]) -> None:
        """Write the rows of a plan to `out`."""

    @abstractmethod
    def fill(self, source: SourceT, start: int, out: NDArray[Any], key: Key) -> None:
        """Write rows from number `start` on to `out`, without keeping a plan."""

    def named(self, source: SourceT, plan: PlanT, anomaly_ids: NDArray[np.int64]) -> PlanT:
        """A plan by the ids of all rows: `anomaly_ids` are those of the source's anomalies."""
        return plan.renumbered(anomaly_ids)
