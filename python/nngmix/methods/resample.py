"""From a table with a few labelled anomalies to its new rows: scale, search, mix, scale back.

What samplers and the command line share; it reads the table in blocks and never copies it whole.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.neighbors.scaled import BLOCK_VALUES, SEARCH_VALUES, ScaledTable
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_neighbors, check_range, check_threads, clamp_neighbors
from nngmix.parameters.seed import RandomState
from nngmix.plan import MixPlan
from nngmix.rows.matrix import as_matrix, blocks, check_finite, check_out, row_dtype
from nngmix.rows.scaling import MinMaxState, Scale, scale_state

__all__ = ["Progress", "Resampled", "check_table", "fit_scale", "resample"]

# Called with the stage ("scale", "search" or "mix"), rows done and rows in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Resampled:
    """New rows in the input's units, and their plan, whose anchors and partners are rows of `X`."""

    rows: NDArray[Any]
    plan: MixPlan


def resample(
    X: ArrayLike,
    is_anomaly: NDArray[np.bool_],
    amount: Amount,
    *,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    scale: str | None = "minmax",
    random_state: RandomState = None,
    n_threads: int | None = None,
    progress: Progress | None = None,
) -> Resampled:
    """Make new anomalies from the rows of `X` that `is_anomaly` marks; the others are unlabelled.

    See `nngmix.NNGMix` for the parameters.
    """
    array, anomaly_rows = check_table(X, is_anomaly)
    n_rows, n_features = array.shape
    check_range(noise_std, alpha, beta, unlabeled_fraction)
    check_threads(n_threads)
    n_neighbors = check_neighbors("n_neighbors", n_neighbors, len(anomaly_rows))
    check_neighbors("n_neighbors_anomaly", n_neighbors_anomaly, len(anomaly_rows))
    n_unlabeled = n_rows - len(anomaly_rows)
    if n_unlabeled == 0 and unlabeled_fraction > 0:
        raise ValueError(
            f"all {n_rows} rows are anomalies: pass unlabelled rows, or set unlabeled_fraction=0"
        )
    n_samples = amount.count(len(anomaly_rows), n_unlabeled)
    if n_samples == 0:
        unlabeled_fraction = 0.0
    # The table keeps no more than will be used.
    n_neighbors = 1 if unlabeled_fraction == 0 else clamp_neighbors("n_neighbors", n_neighbors, n_unlabeled)
    dtype = row_dtype(array)
    out = check_out(None, n_samples, n_features, dtype)

    report = progress or _silent
    scaling = fit_scale(array, dtype, scale, report, n_threads=n_threads)
    anomalies = np.ascontiguousarray(array[anomaly_rows], dtype)
    table = ScaledTable(anomalies, scaling, n_neighbors, n_neighbors_anomaly, n_threads=n_threads)
    if unlabeled_fraction > 0:
        report("search", 0, n_rows)
        for start, rows in blocks("X", array, dtype, SEARCH_VALUES):
            table.update(rows, row_ids=start, where=~is_anomaly[start : start + len(rows)])
            report("search", start + len(rows), n_rows)
    plan = table.plan(
        0, n_samples, alpha=alpha, beta=beta, unlabeled_fraction=unlabeled_fraction, random_state=random_state
    )
    report("mix", 0, n_samples)
    n_span = max(1, BLOCK_VALUES // n_features)
    for start in range(0, n_samples, n_span):
        made = table.mix(plan[start : start + n_span], noise_std=noise_std, out=out[start : start + n_span])
        report("mix", start + len(made), n_samples)
    partner = plan.partner.copy()
    partner[~plan.unlabeled] = anomaly_rows[partner[~plan.unlabeled]]
    return Resampled(out, replace(plan, anchor=anomaly_rows[plan.anchor], partner=partner))


def check_table(X: ArrayLike, is_anomaly: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """`X` as a matrix and the rows of its labelled anomalies, at least one."""
    array = as_matrix("X", X)
    n_rows = len(array)
    if is_anomaly.shape != (n_rows,) or is_anomaly.dtype != np.bool_:
        raise ValueError(
            f"is_anomaly must be bool of shape ({n_rows},), got {is_anomaly.dtype} {is_anomaly.shape}"
        )
    anomaly_rows = np.flatnonzero(is_anomaly)
    if len(anomaly_rows) == 0:
        raise ValueError(f"none of the {n_rows} rows is a labelled anomaly: at least one is needed")
    return array, anomaly_rows


def fit_scale(
    array: NDArray[Any],
    dtype: np.dtype[Any],
    scale: str | None,
    report: Progress | None = None,
    *,
    n_threads: int | None = None,
) -> Scale | None:
    """One pass: the scale, and the check that every value is finite."""
    report = report or _silent
    # Finding ranges is the fastest check; without a scale they are not used.
    state = scale_state(scale, array.shape[1]) or MinMaxState(array.shape[1])
    report("scale", 0, len(array))
    for start, rows in blocks("X", array, dtype, BLOCK_VALUES):
        try:
            state.update(rows, n_threads=n_threads)
        except ValueError:
            # The kernel met a value that it cannot take; name the argument and the value here.
            check_finite("X", rows, start)
            raise
        report("scale", start + len(rows), len(array))
    return None if scale is None else state.scale(dtype)


def _silent(stage: str, done: int, total: int) -> None:
    pass
