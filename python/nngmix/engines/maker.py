"""What an engine's workers need to make any of the new rows."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.scaled import ScaledTable
from nngmix.parameters.checks import check_threads
from nngmix.parameters.seed import RandomState, seed_sequence
from nngmix.plan import MixPlan

__all__ = ["PLAN_COLUMNS", "Maker", "spans"]

PLAN_COLUMNS = ("row", "anchor", "partner", "pool", "lam")


class Maker:
    """A table and the parameters of the mixture: all that a worker is sent.

    Parameters
    ----------
    table : ScaledTable
        Copied.
    columns : sequence of str, optional
        Names of the features.
    plan : bool
        Add the columns row, anchor, partner, pool and lam.
    anomaly_ids : ndarray of int64, optional
        What the plan calls the anomalies; default: their rows in `X_anomaly`.
    n_threads : int or None
        Threads of each task.
    random_state
        Asked once, here, so that all workers draw from the same streams.
    """

    def __init__(
        self,
        table: ScaledTable,
        columns: Sequence[str] | None = None,
        *,
        plan: bool = False,
        anomaly_ids: NDArray[np.int64] | None = None,
        n_threads: int | None = 1,
        noise_std: float = 0.01,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
    ) -> None:
        self.table = deepcopy(table)
        self.table.table.n_threads = check_threads(n_threads)
        self.columns = self._checked(columns, plan)
        self.plan = plan
        self.anomaly_ids = anomaly_ids
        self.noise_std = noise_std
        self.choices: dict[str, Any] = {
            "alpha": alpha,
            "beta": beta,
            "unlabeled_fraction": unlabeled_fraction,
            "random_state": seed_sequence(random_state),
        }
        # No row, but all checks: what is wrong is said here and not by a worker.
        self.rows(0, 0)

    def _checked(self, columns: Sequence[str] | None, plan: bool) -> tuple[str, ...] | None:
        if columns is None:
            if plan:
                raise ValueError("plan=True adds columns: give the names of the features with columns")
            return None
        names = tuple(columns)
        if isinstance(columns, str) or len(names) != self.table.n_features:
            raise ValueError(
                f"columns must name the {self.table.n_features} features of the table, got {columns!r}"
            )
        twice = sorted(
            {name for name in names if (*names, *PLAN_COLUMNS[: len(PLAN_COLUMNS) * plan]).count(name) > 1}
        )
        if twice:
            raise ValueError(
                f"columns must differ from one another and from the plan's, got {twice[0]!r} twice"
            )
        return names

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Output rows `start` to `stop`."""
        return self.table.rows(start, stop, noise_std=self.noise_std, **self.choices)

    def made(self, start: int, stop: int) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        """Output rows `start` to `stop`, and the columns of the plan if they are wanted."""
        if not self.plan:
            return self.rows(start, stop), {}
        plan = self.table.plan(start, stop, **self.choices)
        return self.table.mix(plan, noise_std=self.noise_std), self._chosen(plan)

    def _chosen(self, plan: MixPlan) -> dict[str, NDArray[Any]]:
        anchor, partner = plan.anchor, plan.partner
        if self.anomaly_ids is not None:
            partner = partner.copy()
            partner[~plan.unlabeled] = self.anomaly_ids[partner[~plan.unlabeled]]
            anchor = self.anomaly_ids[anchor]
        pool = np.where(plan.unlabeled, "unlabeled", "anomaly")
        row = np.arange(plan.start, plan.start + len(plan))
        return dict(zip(PLAN_COLUMNS, (row, anchor, partner, pool, plan.lam), strict=True))


def spans(start: int, n_samples: int, n_parts: int) -> list[int]:
    """The borders of `n_parts` nearly equal parts of the rows from `start` on."""
    return [start + n_samples * part // n_parts for part in range(n_parts + 1)]
