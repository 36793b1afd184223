"""What a fit makes of the columns that it has seen: their scale, and what new rows may hold."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.anomalies import Anomalies
from nngmix.neighbors.generation import BLOCK_VALUES
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.base import Rows
from nngmix.rows.finish import Range, finish_of
from nngmix.rows.scaling import MinMaxState, Scale, ScaleState, unit_scale
from nngmix.rows.spared_columns import spared

__all__ = ["fitted_scale", "range_of", "unscaled_finish"]


def fitted_scale(
    spec: FitSpec, seen: ScaleState, anomalies: Anomalies, unlabeled: Range | None
) -> Scale | None:
    """The scale that a fit comes to, with its finish.

    Parameters
    ----------
    spec : FitSpec
    seen : ScaleState
        Of all rows; that of minima and maxima where nothing is scaled.
    anomalies : Anomalies
    unlabeled : Range or None
        Of the unlabelled rows, where new rows are clipped to it.
    """
    if not spec.finishes:
        return None
    scale = None if spec.scale is None else seen.scale(spec.dtype)
    clip = _range(anomalies.X) if spec.columns.clip == "anomaly" else unlabeled
    whole, missing = spec.whole(seen.whole()), spec.missing == "keep"
    finish = finish_of(
        spec.dtype, whole, limits=spec.limits, clip=clip, constant=seen.only_values(), missing=missing
    )
    fitted = unit_scale(finish) if scale is None else Scale(scale.offset, scale.width, finish)
    return fitted if fitted is None or anomalies.kinds is None else spared(fitted, anomalies.kinds)


def _range(rows: NDArray[Any]) -> Range:
    """The range of the values that are there; all numbers for a column that misses every value."""
    low, high = np.fmin.reduce(rows, axis=0), np.fmax.reduce(rows, axis=0)
    return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)


def unscaled_finish(spec: FitSpec, anomalies: Rows, unlabeled: Rows | None) -> Scale | None:
    """What `fitted_scale` gives for rows in memory that nothing scales."""
    if not spec.finishes:
        return None
    seen = MinMaxState(spec.n_features, spec.missing == "keep")
    if unlabeled is not None:
        for start, block in unlabeled.blocks(spec.dtype, BLOCK_VALUES, n_threads=spec.n_threads):
            with unlabeled.located(block, start):
                seen.update(block, n_threads=spec.n_threads)
    clip = range_of(seen) if spec.columns.clip == "unlabeled" else None
    X = anomalies.whole(spec.dtype)
    with anomalies.located(X):
        seen.update(X, n_threads=spec.n_threads)
    return fitted_scale(spec, seen, Anomalies(X, kinds=anomalies.kinds), clip)


def range_of(state: MinMaxState) -> Range:
    """What a state has seen; ValueError if that is nothing."""
    if (state.minimum > state.maximum).all():
        raise ValueError("clip='unlabeled' needs unlabelled rows, and there is none: say 'anomaly' or None")
    empty = state.minimum > state.maximum
    return np.where(empty, -np.inf, state.minimum), np.where(empty, np.inf, state.maximum)
