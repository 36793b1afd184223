"""Methods whose rows are made from their parents alone, without a search: all but NNG-Mix."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nngmix.methods.partners import Partners
from nngmix.methods.pool import Pool
from nngmix.methods.recipe import Recipe
from nngmix.methods.shares import Share
from nngmix.neighbors.fit import Fitted
from nngmix.parameters.progress import Callback
from nngmix.parameters.seed import Key
from nngmix.plan import PartnerPlan, PlanT
from nngmix.rows.kinds import Kinds, Mixed
from nngmix.rows.rows import Rows
from nngmix.rows.scaling import Scale, finished

__all__ = ["Parents", "ParentsRecipe", "Shape"]

Matrix = NDArray[Any]

# Values made at a time, and rows at most: few enough for the cache, enough for all threads.
_SPAN_VALUES = 1 << 19
_SPAN_ROWS = 1 << 16


class Shape(NamedTuple):
    """Of what a plan is drawn."""

    n_anomalies: int
    n_unlabeled: int
    n_features: int
    # What the columns hold, unless numbers alone.
    kinds: Kinds | None = None

    def n_rows(self, partners: Partners) -> int:
        """Rows partners are taken from."""
        return self.n_anomalies + (self.n_unlabeled if partners == "all" else 0)


@dataclass(frozen=True, eq=False)
class Parents:
    """What the rows of one class are made from.

    Attributes
    ----------
    anomalies : ndarray of shape (n_anomalies, n_features)
        As the method takes them: scaled, if there is a scale.
    own : ndarray of shape (n_anomalies, n_features)
        The same in the input's units, within what new rows may hold.
    unlabeled : Pool or None
        Unlabelled rows, if the method takes them.
    scale : Scale or None
    n_threads : int or None
    kinds : Kinds or None
        What the columns hold; None if all are numbers, of which none may be missing.
    """

    anomalies: Matrix
    own: Matrix
    unlabeled: Pool | None
    scale: Scale | None
    n_threads: int | None
    kinds: Kinds | None = None

    @property
    def mixed(self) -> Mixed | None:
        """The kinds as kernels take them."""
        return None if self.kinds is None else self.kinds.mixed()

    @property
    def n_features(self) -> int:
        return int(self.anomalies.shape[1])

    @property
    def shape(self) -> Shape:
        n_unlabeled = 0 if self.unlabeled is None else len(self.unlabeled)
        return Shape(len(self.anomalies), n_unlabeled, self.n_features, self.kinds)


class ParentsRecipe(Recipe[Parents, PlanT]):
    """A method that takes anomalies at random, and partners if it has any, and knows no neighbours."""

    @abstractmethod
    def plan_rows(self, key: Key, start: int, n_samples: int, shape: Shape, n_threads: int | None) -> PlanT:
        """The choices of rows `start` to ``start + n_samples``."""

    @abstractmethod
    def make_rows(self, plan: PlanT, parents: Parents, unlabeled: Matrix, out: Matrix) -> None:
        """Write the rows of a plan to `out`; all rows are C-contiguous and of one dtype."""

    def replaced(self, plan: PlanT, n_features: int) -> NDArray[np.bool_] | None:
        """Which values are not the anchor's own; None for all of them."""
        return None

    def source(
        self,
        anomalies: Rows,
        unlabeled: Rows | None,
        n_threads: int | None,
        report: Callback | None = None,
        categorical_weight: float | None = None,
    ) -> Parents:
        own = anomalies.whole()
        anomalies.check_finite(own)
        pool = None
        if unlabeled is not None and self.takes_unlabeled:
            for start, block in unlabeled.blocks(anomalies.dtype, n_threads=n_threads):
                unlabeled.check_finite(block, start)
            pool = Pool(unlabeled, anomalies.dtype, n_threads=n_threads)
        return Parents(own, own, pool, None, n_threads, anomalies.kinds)

    def sources(
        self, fitted: Fitted, classes: Sequence[Share], unlabeled: Callable[[], Pool]
    ) -> list[Parents]:
        scale, n_threads, kinds = fitted.table.scale, fitted.table.n_threads, fitted.table.kinds
        pool = unlabeled() if self.takes_unlabeled else None
        found = []
        for share in classes:
            own = fitted.anomalies.X[share.anomalies]
            scaled = own if scale is None else scale.transform(own)
            if scale is not None and scale.finish is not None:
                own = finished(own, scale.finish, n_threads=n_threads)
            found.append(Parents(scaled, own, pool, scale, n_threads, kinds))
        return found

    def draw(self, source: Parents, start: int, n_samples: int, key: Key) -> PlanT:
        return self.plan_rows(key, start, n_samples, source.shape, source.n_threads)

    def make(self, source: Parents, plan: PlanT, out: Matrix) -> None:
        for span in _spans(len(out), source.n_features):
            self._make_span(source, plan[span], out[span])

    def fill(self, source: Parents, start: int, out: Matrix, key: Key) -> None:
        for span in _spans(len(out), source.n_features):
            plan = self.draw(source, start + span.start, span.stop - span.start, key)
            self._make_span(source, plan, out[span])

    def named(self, source: Parents, plan: PlanT, anomaly_ids: NDArray[np.int64]) -> PlanT:
        return plan.renumbered(anomaly_ids, None if source.unlabeled is None else source.unlabeled.numbers)

    def _make_span(self, source: Parents, plan: PlanT, out: Matrix) -> None:
        given, unlabeled = plan, np.empty((0, source.n_features), out.dtype)
        if source.unlabeled is not None and isinstance(plan, PartnerPlan):
            if source.unlabeled.ready is not None:
                unlabeled = source.unlabeled.ready
            else:
                # Those of this span alone, numbered anew.
                unlabeled = source.unlabeled.take(plan.partner[plan.unlabeled])
                partner = plan.partner.copy()
                partner[plan.unlabeled] = np.arange(len(unlabeled))
                given = replace(plan, partner=partner)
        self.make_rows(given, source, unlabeled, out)
        if source.scale is not None:
            source.scale.inverse(out, n_threads=source.n_threads)
            replaced = self.replaced(plan, source.n_features)
            if replaced is not None:
                # There and back would cost the values that were not touched their last digits.
                np.copyto(out, source.own[plan.anchor], where=~replaced)


def _spans(n_samples: int, n_features: int) -> Iterator[slice]:
    step = max(1, min(_SPAN_ROWS, _SPAN_VALUES // n_features))
    for first in range(0, n_samples, step):
        yield slice(first, min(first + step, n_samples))
