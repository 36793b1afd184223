"""From a table with a few labelled anomalies to its new rows: the one flow behind every ``fit_resample``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.fit import Fitted, fit
from nngmix.neighbors.generation import BLOCK_VALUES
from nngmix.neighbors.passes import Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import RandomState
from nngmix.plan import MixPlan
from nngmix.rows.arrays import check_out
from nngmix.rows.labels import Labels
from nngmix.rows.rows import Rows

__all__ = ["Progress", "Resampled", "fit_rows", "resample"]

# Called with the stage ("scale", "search" or "mix"), rows done and rows in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Resampled:
    """New rows in the input's units, their plan, whose anchors and partners are rows of `X`, and who they are.

    Attributes
    ----------
    rows : ndarray of shape (n_samples, n_features)
    plan : MixPlan
    labels : list
        One for each new row.
    fitted : Fitted
    """

    rows: NDArray[Any]
    plan: MixPlan
    labels: list[Any]
    fitted: Fitted


def fit_rows(rows: Rows, labels: Labels, spec: FitSpec, progress: Progress | None = None) -> Fitted:
    """The fitting sequence over rows in memory."""

    def fold(state: Any) -> Any:
        stage = "scale" if isinstance(state, Survey) else "search"
        report = None if progress is None else lambda done: progress(stage, done, len(rows))
        if progress is not None:
            progress(stage, 0, len(rows))
        state.update(rows, labels, 0, report)
        return state

    return fit(fold, spec)


def resample(
    rows: Rows,
    labels: Labels,
    spec: FitSpec,
    mixture: Mixture,
    *,
    random_state: RandomState = None,
    progress: Progress | None = None,
) -> Resampled:
    """Make new anomalies from the rows that `spec` says are labelled anomalies."""
    fitted = fit_rows(rows, labels, spec, progress)
    n_samples = fitted.n_samples or 0
    new = NewRows(
        fitted.table,
        mixture,
        n_samples=n_samples,
        labels=fitted.anomalies.labels,
        n_neighbors=spec.n_neighbors,
        n_neighbors_anomaly=spec.n_neighbors_anomaly,
        anomaly_ids=fitted.anomalies.ids,
        random_state=random_state,
    )
    out = check_out(None, n_samples, rows.n_features, fitted.table.dtype)
    if progress is not None:
        progress("mix", 0, n_samples)
    plans = []
    step = max(1, BLOCK_VALUES // rows.n_features)
    for start in range(0, max(1, n_samples), step):
        stop = min(start + step, n_samples)
        plans.append(new.fill_with_plan(start, out[start:stop]))
        if progress is not None:
            progress("mix", stop, n_samples)
    from nngmix.plan import joined

    made = [new.labels[kind] for kind in new.kinds(0, n_samples).tolist()]
    return Resampled(out, joined(plans, 0), made, fitted)
