"""What a fit makes of the columns that it has seen: their scale, and what new rows may hold."""

from typing import Any

from numpy.typing import NDArray

from nngmix.neighbors.generation import BLOCK_VALUES
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.base import Rows
from nngmix.rows.finish import Range, finish_of
from nngmix.rows.scaling import MinMaxState, Scale, ScaleState, unit_scale

__all__ = ["fitted_scale", "range_of", "unscaled_finish"]


def fitted_scale(
    spec: FitSpec, seen: ScaleState, anomalies: NDArray[Any], unlabeled: Range | None
) -> Scale | None:
    """The scale that a fit comes to, with its finish.

    Parameters
    ----------
    spec : FitSpec
    seen : ScaleState
        Of all rows; that of minima and maxima where nothing is scaled.
    anomalies : ndarray of shape (n_anomalies, n_features)
        In the input's units.
    unlabeled : Range or None
        Of the unlabelled rows, where new rows are clipped to it.
    """
    if not spec.finishes:
        return None
    scale = None if spec.scale is None else seen.scale(spec.dtype)
    clip = (anomalies.min(axis=0), anomalies.max(axis=0)) if spec.columns.clip == "anomaly" else unlabeled
    whole = spec.whole(seen.whole())
    finish = finish_of(spec.dtype, whole, limits=spec.limits, clip=clip, constant=seen.only_values())
    return unit_scale(finish) if scale is None else Scale(scale.offset, scale.width, finish)


def unscaled_finish(spec: FitSpec, anomalies: Rows, unlabeled: Rows | None) -> Scale | None:
    """What `fitted_scale` gives for rows in memory that nothing scales."""
    if not spec.finishes:
        return None
    seen = MinMaxState(spec.n_features)
    if unlabeled is not None:
        for start, block in unlabeled.blocks(spec.dtype, BLOCK_VALUES, n_threads=spec.n_threads):
            with unlabeled.located(block, start):
                seen.update(block, n_threads=spec.n_threads)
    clip = range_of(seen) if spec.columns.clip == "unlabeled" else None
    X = anomalies.whole(spec.dtype)
    with anomalies.located(X):
        seen.update(X, n_threads=spec.n_threads)
    return fitted_scale(spec, seen, X, clip)


def range_of(state: MinMaxState) -> Range:
    """What a state has seen; ValueError if that is nothing."""
    if (state.minimum > state.maximum).all():
        raise ValueError("clip='unlabeled' needs unlabelled rows, and there is none: say 'anomaly' or None")
    return state.minimum.copy(), state.maximum.copy()
