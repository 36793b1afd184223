"""Whether contestants agree: zero or a fraction of the tolerance, and more than one if they do not."""

from typing import Any

import numpy as np


def same_bytes(expected: Any, result: Any) -> float:
    """The result, or the part of it that was made, is what was expected."""
    return 0.0 if np.array_equal(expected[: len(result)], result) else float("inf")


def moments_apart(expected: Any, result: Any) -> float:
    """Largest difference of column means and deviations, over what chance allows to two samples."""
    a, b = np.asarray(expected, float), np.asarray(result, float)
    allowed = 6 * a.std(axis=0) * np.sqrt(1 / len(a) + 1 / len(b))
    apart = [abs(a.mean(axis=0) - b.mean(axis=0)), abs(a.std(axis=0) - b.std(axis=0))]
    return float((np.array(apart) / allowed).max())
