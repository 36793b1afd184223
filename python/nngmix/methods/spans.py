"""The flow all comparison methods share: from arrays, or from a labelled table, to new rows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.methods.recipe import PlanT, Recipe, Shape
from nngmix.neighbors.generation import BLOCK_VALUES
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_count, check_span, check_threads
from nngmix.parameters.seed import RandomState, key_from
from nngmix.rows.matrix import as_matrix, as_rows, blocks, check_finite, check_memory, check_out, row_dtype
from nngmix.rows.scaling import MinMaxState, Scale, scale_state

__all__ = ["make_rows", "resample_with"]

Rows = NDArray[Any]
# The unlabelled rows as they are, or what gives those of some numbers, of the right dtype and scale.
Unlabeled = Rows | Callable[[NDArray[np.int64]], Rows]

# Values made at a time, and rows at most: few enough for the cache, enough for all threads.
_SPAN_VALUES = 1 << 19
_SPAN_ROWS = 1 << 16
# No plan takes more bytes a row: six columns of 8 bytes, one of 1.
_PLAN_BYTES = 49


def make_rows(
    recipe: Recipe[PlanT],
    X_anomaly: ArrayLike,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    random_state: RandomState,
    start: int,
    out: Rows | None,
    return_plan: bool,
    n_threads: int | None,
) -> Rows | tuple[Rows, PlanT]:
    """What the functions do: check everything, then make the rows span by span."""
    n_samples, start = check_count("n_samples", n_samples), check_count("start", start)
    n_threads = check_threads(n_threads)
    anomalies = as_matrix("X_anomaly", X_anomaly)
    if len(anomalies) == 0:
        raise ValueError("X_anomaly must have at least one row, got none")
    n_features = anomalies.shape[1]
    if X_unlabeled is None:
        unlabeled = np.empty((0, n_features), anomalies.dtype)
    else:
        unlabeled = as_matrix("X_unlabeled", X_unlabeled)
    if unlabeled.shape[1] != n_features:
        raise ValueError(
            f"X_unlabeled must have the {n_features} columns of X_anomaly, got {unlabeled.shape[1]}"
        )
    dtype = row_dtype(anomalies, unlabeled)
    anomalies = as_rows("X_anomaly", anomalies, dtype)
    check_finite("X_anomaly", anomalies)
    if recipe.takes_unlabeled and len(unlabeled) == 0:
        raise ValueError("X_unlabeled has no rows: pass some, or set partners='anomaly'")
    check_span(start, start + n_samples, n_features)
    key = key_from(random_state)
    shape = Shape(len(anomalies), len(unlabeled), n_features)
    out = check_out(out, n_samples, n_features, dtype, in_parts="start")
    if return_plan:
        what, way_out = f"the choices of n_samples={n_samples} rows", "make them in parts with start"
        check_memory(what, n_samples * _PLAN_BYTES, way_out)
    source = _source(unlabeled, dtype) if recipe.takes_unlabeled else np.empty((0, n_features), dtype)

    plan = recipe.draw(key, start, n_samples, shape, n_threads) if return_plan else None
    for rows in _spans(n_samples, n_features):
        if plan is not None:
            part = plan[rows]
        else:
            part = recipe.draw(key, start + rows.start, rows.stop - rows.start, shape, n_threads)
        _fill(recipe, part, anomalies, source, out[rows], n_threads)
    return out if plan is None else (out, plan)


def resample_with(
    recipe: Recipe[PlanT],
    X: ArrayLike,
    is_anomaly: NDArray[np.bool_],
    amount: Amount,
    *,
    scale: str | None,
    random_state: RandomState,
    n_threads: int | None,
) -> tuple[Rows, PlanT]:
    """What the samplers do: scale, make the rows span by span, scale back."""
    array, anomaly_rows = check_table(X, is_anomaly)
    n_threads = check_threads(n_threads)
    unlabeled_rows = np.flatnonzero(~is_anomaly)
    n_samples = amount.count(len(anomaly_rows), len(unlabeled_rows))
    dtype, n_features = row_dtype(array), array.shape[1]
    key = key_from(random_state)
    out = check_out(None, n_samples, n_features, dtype, in_parts="the function and its start")
    scaling = fit_scale(array, dtype, scale, n_threads=n_threads)
    own = np.ascontiguousarray(array[anomaly_rows], dtype)
    anomalies = own if scaling is None else scaling.transform(own)

    def fetch(numbers: NDArray[np.int64]) -> Rows:
        rows = np.ascontiguousarray(array[unlabeled_rows[numbers]], dtype)
        return rows if scaling is None else scaling.transform(rows, n_threads=n_threads)

    source = fetch if recipe.takes_unlabeled else np.empty((0, n_features), dtype)
    shape = Shape(len(anomaly_rows), len(unlabeled_rows), n_features)
    plan = recipe.draw(key, 0, n_samples, shape, n_threads)
    for rows in _spans(n_samples, n_features):
        part, made = plan[rows], out[rows]
        _fill(recipe, part, anomalies, source, made, n_threads)
        if scaling is not None:
            scaling.inverse(made, n_threads=n_threads)
            replaced = recipe.replaced(part, n_features)
            if replaced is not None:
                # There and back would cost the values that were not touched their last digits.
                np.copyto(made, own[part.anchor], where=~replaced)
    return out, plan.renumbered(anomaly_rows, unlabeled_rows)


def _spans(n_samples: int, n_features: int) -> list[slice]:
    step = max(1, min(_SPAN_ROWS, _SPAN_VALUES // n_features))
    return [slice(first, min(first + step, n_samples)) for first in range(0, n_samples, step)]


def _source(unlabeled: Rows, dtype: np.dtype[Any]) -> Unlabeled:
    """The rows where they lie if they need no conversion; every value is checked."""
    for first, rows in blocks("X_unlabeled", unlabeled, dtype):
        check_finite("X_unlabeled", rows, first)
        if len(rows) == len(unlabeled):
            return rows
    return lambda numbers: as_rows("X_unlabeled", unlabeled[numbers], dtype)


def _fill(
    recipe: Recipe[PlanT], plan: Any, anomalies: Rows, source: Unlabeled, out: Rows, n_threads: int | None
) -> None:
    if callable(source):
        # Only a plan with partners asks for unlabelled rows: those of this span, numbered anew.
        source_rows = source(plan.partner[plan.unlabeled])
        partner = plan.partner.copy()
        partner[plan.unlabeled] = np.arange(len(source_rows))
        source, plan = source_rows, replace(plan, partner=partner)
    recipe.make(plan, anomalies, source, out, n_threads)


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
    report: Any = None,
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
