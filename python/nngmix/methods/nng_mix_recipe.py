"""NNG-Mix as a recipe: its parameters, the table it searches, and how rows are made from that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from numpy.typing import NDArray

from nngmix.methods.pool import Pool
from nngmix.methods.recipe import Recipe
from nngmix.methods.shares import Share, class_tables
from nngmix.neighbors.fit import Fitted
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.checks import check_neighbors, clamp_neighbors
from nngmix.parameters.mixture import Mixture, Noise
from nngmix.parameters.progress import Callback
from nngmix.parameters.seed import Key
from nngmix.plan import MixPlan
from nngmix.rows.rows import Rows

__all__ = ["NNGMixRecipe"]


@dataclass(frozen=True)
class NNGMixRecipe(Recipe[NeighborTable, MixPlan]):
    """NNG-Mix with its parameters; rows are made from a table of neighbours."""

    n_neighbors: float = 10
    n_neighbors_anomaly: float = 10
    noise_std: Noise = 0.01
    alpha: float = 0.2
    beta: float = 0.2
    unlabeled_fraction: float = 0.5
    mixture: Mixture = field(init=False, repr=False)

    without_unlabeled: ClassVar[str] = "unlabeled_fraction=0"
    in_parts: ClassVar[str] = "NeighborTable.batches"
    searches: ClassVar[bool] = True

    def __post_init__(self) -> None:
        mixture = Mixture(self.noise_std, self.alpha, self.beta, self.unlabeled_fraction)
        object.__setattr__(self, "mixture", mixture)
        # As numbers for one anomaly; how many they are for all is known later.
        check_neighbors("n_neighbors", self.n_neighbors, 1)
        check_neighbors("n_neighbors_anomaly", self.n_neighbors_anomaly, 1)

    @property
    def takes_unlabeled(self) -> bool:
        return self.mixture.unlabeled_fraction > 0

    def asked(self, spec: FitSpec) -> FitSpec:
        return replace(
            spec,
            n_neighbors=self.n_neighbors,
            n_neighbors_anomaly=self.n_neighbors_anomaly,
            unlabeled_fraction=self.mixture.unlabeled_fraction,
        )

    def fitted(self, table: NeighborTable) -> Self:
        return replace(self, noise_std=table.noise(self.mixture.noise_std))

    def source(
        self,
        anomalies: Rows,
        unlabeled: Rows | None,
        n_threads: int | None,
        report: Callback | None = None,
        categorical_weight: float | None = None,
    ) -> NeighborTable:
        n_neighbors: float = 1
        # The table keeps no more than will be used.
        if unlabeled is not None and self.takes_unlabeled:
            n_neighbors = check_neighbors("n_neighbors", self.n_neighbors, len(anomalies))
            n_neighbors = clamp_neighbors("n_neighbors", n_neighbors, len(unlabeled))
        table = NeighborTable(
            anomalies,
            n_neighbors,
            self.n_neighbors_anomaly,
            categorical_weight=categorical_weight,
            n_threads=n_threads,
        )
        if unlabeled is not None and self.takes_unlabeled:
            table.update(unlabeled, callback=report)
        return table

    def sources(
        self, fitted: Fitted, classes: Sequence[Share], unlabeled: Callable[[], Pool]
    ) -> list[NeighborTable]:
        return class_tables(fitted.table, classes, self.n_neighbors, self.n_neighbors_anomaly)

    def draw(self, source: NeighborTable, start: int, n_samples: int, key: Key) -> MixPlan:
        return source.draw(start, n_samples, self.mixture, key)

    def make(self, source: NeighborTable, plan: MixPlan, out: NDArray[Any]) -> None:
        source.mix(plan, noise_std=self.mixture.noise_std, out=out)

    def fill(self, source: NeighborTable, start: int, out: NDArray[Any], key: Key) -> None:
        source.fill(out, start, self.mixture, key)
