"""Rows of any magnitude, by row and by column, over the whole range of their type."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["values"]

Array = NDArray[Any]


def values(rng: np.random.Generator, n: int, d: int, dtype: Any, columns: Array) -> Array:
    """Rows with ties among them, some or all with a magnitude of their own."""
    lowest, highest = (-149, 127) if dtype == np.float32 else (-1074, 1023)
    digits = rng.choice([1, 3, 1e6])
    rows = np.round(rng.uniform(-1, 1, (n, d)) * digits) / digits
    borders = [lowest, -540, -512, -126, -64, 0, 0, 0, 64, 127, 511, 900, highest]
    own = np.where(rng.random(n) < rng.choice([0, 0.1, 1]), rng.choice(borders, n), rng.choice(borders))
    exponents = np.clip(own[:, None] + columns, lowest, highest)
    with np.errstate(under="ignore"):
        scaled = np.ldexp(np.ldexp(rows, exponents // 2), exponents - exponents // 2)
        made: Array = scaled.astype(dtype)
    return made
