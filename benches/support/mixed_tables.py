"""Tables of numbers and categories, with and without missing values, made from seeds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CATEGORIES = 50


@dataclass(frozen=True)
class MixedShape:
    queries: int
    rows: int
    numeric: int
    categorical: int
    missing: float
    k: int = 10

    @property
    def name(self) -> str:
        columns = f"({self.numeric}+{self.categorical})"
        return f"{self.queries}x{self.rows}x{columns}-f32-{self.missing:.0%}-missing"

    def quick(self) -> "MixedShape":
        return MixedShape(20, 2000, self.numeric, self.categorical, self.missing, self.k)


MIXED_SHAPES = tuple(
    MixedShape(*columns, missing)
    for columns in ((50, 285_000, 20, 10), (500, 100_000, 5, 30), (50, 285_000, 30, 0))
    for missing in (0.0, 0.05)
)


def store_mixed(shape: MixedShape, folder: Path) -> dict[str, str]:
    """Files of queries and rows: numbers in [0, 1), then categories by rank, few of which are frequent."""
    rng = np.random.default_rng(1)
    paths = {}
    for name, n in ("queries", shape.queries), ("rows", shape.rows):
        numbers = rng.random((n, shape.numeric), np.float32)
        ranks = np.floor(CATEGORIES * rng.random((n, shape.categorical)) ** 2)
        made: NDArray[Any] = np.hstack([numbers, ranks]).astype(np.float32)
        if shape.missing > 0:
            made[rng.random(made.shape) < shape.missing] = np.nan
        paths[name] = str(folder / f"{name}.npy")
        np.save(paths[name], made)
    return paths
