"""The flow behind every function: arrays or frames in, new rows out in the type of the anomalies."""

from collections.abc import Sequence
from typing import Any, TypedDict

from numpy.typing import NDArray

from nngmix.methods.recipe import Recipe
from nngmix.neighbors.finished import unscaled_finish
from nngmix.neighbors.generation import BLOCK_VALUES
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.checks import check_count, check_flag, check_span, check_threads
from nngmix.parameters.mixture import Noise
from nngmix.parameters.progress import Callback, reported
from nngmix.parameters.seed import RandomState, key_from
from nngmix.plan import PlanT, joined
from nngmix.rows.arrays import check_apart, check_memory, check_out
from nngmix.rows.asked_columns import Clip, Features, Missing
from nngmix.rows.containers import container_of
from nngmix.rows.finish import common_limits
from nngmix.rows.rows import Known, as_rows, common_dtype, paired
from nngmix.rows.scaling import finish_in
from nngmix.rows.unscaled import asked_unscaled

__all__ = ["Arrays", "NeighborOptions", "Options", "make_rows"]

# What gives an array; frames, which have no type in common, give a frame of their own library.
Arrays = NDArray[Any] | Sequence[Any]

# No plan takes more bytes a row: six columns of 8 bytes, two of 1.
_PLAN_BYTES = 50


class Options(TypedDict, total=False):
    """What every function takes besides the parameters of its method."""

    categorical_features: Features
    missing: Missing
    whole_features: Features
    clip: Clip | None
    random_state: RandomState
    start: int
    out: NDArray[Any] | None
    n_threads: int | None


class NeighborOptions(Options, total=False):
    """What the function of a method that looks for neighbours takes."""

    n_neighbors: float
    n_neighbors_anomaly: float
    noise_std: Noise
    alpha: float
    beta: float
    unlabeled_fraction: float
    categorical_weight: float | None
    callback: Callback | None
    verbose: bool


def make_rows(
    recipe: Recipe[Any, PlanT],
    X_anomaly: Any,
    X_unlabeled: Any,
    n_samples: int,
    *,
    categorical_features: Features,
    missing: Missing,
    categorical_weight: float | None = None,
    whole_features: Features,
    clip: Clip | None,
    random_state: RandomState,
    start: int,
    out: NDArray[Any] | None,
    return_plan: bool,
    n_threads: int | None,
    callback: Callback | None = None,
    verbose: bool = False,
) -> Any:
    """Check everything, find what the rows are made from, then make them."""
    n_samples, start = check_count("n_samples", n_samples), check_count("start", start)
    n_threads = check_threads(n_threads)
    asked = asked_unscaled(
        categorical_features, categorical_weight, missing, whole_features=whole_features, clip=clip
    )
    container = container_of("X_anomaly", X_anomaly, lists=False)
    anomalies = as_rows("X_anomaly", container.given, asked=asked)
    if len(anomalies) == 0:
        raise ValueError("X_anomaly must have at least one row, got none")
    unlabeled = None
    if X_unlabeled is not None:
        known = Known.of(anomalies)
        unlabeled = as_rows("X_unlabeled", X_unlabeled, asked=asked, known=known)
        unlabeled, anomalies = paired(unlabeled, anomalies)
        dtype = common_dtype(anomalies, unlabeled)
        anomalies, unlabeled = anomalies.cast(dtype), unlabeled.cast(dtype)
    if recipe.takes_unlabeled and (unlabeled is None or len(unlabeled) == 0):
        raise ValueError(f"X_unlabeled has no rows: pass some, or set {recipe.without_unlabeled}")
    if out is not None and anomalies.kinds is not None and anomalies.kinds.categorical.any():
        raise ValueError("out holds numbers alone, and X_anomaly has categories: leave it out")
    if out is not None and anomalies.units is not None:
        raise ValueError("out holds numbers alone, and X_anomaly has dates: leave it out")
    spec = FitSpec(
        anomalies.n_features,
        anomalies.dtype,
        anomalies.names,
        columns=asked,
        n_threads=n_threads,
        limits=anomalies.limits if unlabeled is None else common_limits(anomalies.limits, unlabeled.limits),
    )
    key = key_from(random_state)
    rows = check_out(out, n_samples, anomalies.n_features, anomalies.dtype, in_parts=recipe.in_parts)
    check_apart(out, X_anomaly=anomalies, X_unlabeled=unlabeled)
    check_span(start, start + n_samples, anomalies.n_features)
    if check_flag("return_plan", return_plan):
        check_memory(
            f"the choices of n_samples={n_samples} rows",
            n_samples * _PLAN_BYTES,
            "make them in parts with start",
        )
    plans = []
    with reported(callback, verbose) as report:
        scale = unscaled_finish(spec, anomalies, unlabeled)
        source = recipe.source(anomalies, unlabeled, n_threads, report, categorical_weight)
        # In one go, unless somebody wants to hear of parts.
        step = max(1, n_samples if report is None else BLOCK_VALUES // anomalies.n_features)
        for first in range(0, max(1, n_samples), step):
            part = rows[first : first + step]
            if return_plan:
                plans.append(recipe.draw(source, start + first, len(part), key))
                recipe.make(source, plans[-1], part)
            else:
                recipe.fill(source, start + first, part, key)
            if scale is not None:
                scale.inverse(part, n_threads=n_threads)
            if report is not None:
                report("mix", first + len(part), n_samples)
    container.keep_integers(finish_in(scale))
    made = container.alone(rows, anomalies.kinds) if out is None else out
    return (made, joined(plans, start)) if return_plan else made
