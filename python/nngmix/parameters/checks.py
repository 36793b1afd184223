"""Checks of parameters: which one, what was expected, what came."""

import math
import numbers
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.parameters.warnings import warn_clamped

__all__ = [
    "LARGEST_ELEMENT",
    "check_count",
    "check_finite_number",
    "check_ids",
    "check_neighbors",
    "check_range",
    "check_span",
    "check_threads",
    "clamp_neighbors",
]

LARGEST_ELEMENT = (1 << 63) - 1


def check_count(name: str, value: Any, minimum: int = 0) -> int:
    """`value` as an int of at least `minimum`."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {value}")
    return int(value)


def check_finite_number(name: str, value: Any) -> float:
    """`value` as a finite float."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    return float(value)


def check_range(noise_std: Any, alpha: Any, beta: Any, unlabeled_fraction: Any) -> tuple[float, ...]:
    """The parameters of the mixture as floats in their ranges."""
    noise_std = check_finite_number("noise_std", noise_std)
    if noise_std < 0:
        raise ValueError(f"noise_std must not be negative, got {noise_std}")
    weights = []
    for name, value in (("alpha", alpha), ("beta", beta)):
        value = check_finite_number(name, value)
        if not 1e-300 <= value <= 1e6:
            raise ValueError(f"{name} must be above 0 and at most 1e6, got {value}")
        weights.append(value)
    unlabeled_fraction = check_finite_number("unlabeled_fraction", unlabeled_fraction)
    if not 0 <= unlabeled_fraction <= 1:
        raise ValueError(f"unlabeled_fraction must be between 0 and 1, got {unlabeled_fraction}")
    return noise_std, *weights, unlabeled_fraction


def check_neighbors(name: str, value: Any, n_anomalies: int) -> int:
    """A number of neighbours: an int as it is, a float as that multiple of the anomalies, at least 1."""
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        factor = check_finite_number(name, value)
        if factor <= 0:
            raise ValueError(f"{name} as a multiple of the anomalies must be above 0, got {factor}")
        return max(1, int(factor * n_anomalies))
    return check_count(name, value, minimum=1)


def clamp_neighbors(name: str, n_neighbors: int, n_rows: int) -> int:
    """At most the rows there are, with a warning."""
    if n_neighbors > n_rows:
        warn_clamped(name, n_neighbors, n_rows)
    return min(n_neighbors, n_rows)


def check_span(start: Any, stop: Any, n_features: int) -> tuple[int, int]:
    """First row and number of the rows from `start` to `stop`, as far as rows can be numbered."""
    start, stop = check_count("start", start), check_count("stop", stop)
    if stop < start:
        raise ValueError(f"stop must not be below start, got {start} and {stop}")
    if stop * n_features > LARGEST_ELEMENT:
        raise ValueError(f"rows are numbered up to 2**63 / n_features, got {stop}")
    return start, stop - start


def check_threads(n_threads: Any) -> int | None:
    """None for all the system offers, else an int of at least 1."""
    return None if n_threads is None else check_count("n_threads", n_threads, minimum=1)


def check_ids(name: str, ids: ArrayLike, n_rows: int) -> int | NDArray[np.int64]:
    """An id for each row, or that of the first."""
    array = np.asarray(ids)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, got dtype {array.dtype}")
    if array.size and (int(array.min()) < 0 or int(array.max()) + n_rows > LARGEST_ELEMENT):
        raise ValueError(f"{name} must be between 0 and 2**63 - 1")
    if array.ndim == 0:
        return int(array)
    if array.shape != (n_rows,):
        raise ValueError(f"{name} must be one for each of the {n_rows} rows, got shape {array.shape}")
    return np.require(array, np.int64, "C")
