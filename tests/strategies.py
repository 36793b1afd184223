"""Generated data: a drawn description and seed, made into arrays by NumPy, so that shrinking stays cheap."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

# Widths at and around those of vector registers, and any other.
WIDTHS = st.sampled_from([1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65]) | st.integers(1, 70)
KINDS = st.sampled_from(["continuous", "ties", "duplicates", "constant", "zeros", "far"])
DTYPES = st.sampled_from([np.float32, np.float64])
SCALES = st.sampled_from([1.0, 1.0, 1.0, 1e-20, 1e-22, 1e-7, 1e5, 1e20, 1e25])
# Beyond the range of float32; squared distances reach infinity in the last.
WIDE_SCALES = st.sampled_from([1e-160, 1e150, 1e200])
# One value from each region of the methods and their borders.
BETA_PARAMETERS = st.sampled_from([0.05, 0.2, 0.7, 1.0, 1.0 + 1e-9, 1.3, 5.0, 20.0]) | st.floats(0.05, 20)
SEEDS = st.integers(0, 2**64 - 1)


def make_rows(
    rng: np.random.Generator, n: int, d: int, kind: str, dtype: Any, scale: float = 1.0
) -> NDArray[Any]:
    """`n` rows of a kind that is hard in its own way."""
    if kind == "ties":
        rows = rng.integers(-1, 3, (n, d)).astype(float)
    elif kind == "duplicates":
        rows = np.linspace(-1, 1, 5 * d).reshape(5, d)[rng.integers(0, 5, n)]
    elif kind == "zeros":
        rows = rng.choice([0.0, -0.0, 1.0, -1.0], (n, d), p=[0.4, 0.4, 0.1, 0.1])
    else:
        rows = rng.standard_normal((n, d))
        if kind == "constant":
            rows[:, :: 1 + int(rng.integers(2))] = 0.5
        elif kind == "far":
            rows += 1e6 * rng.integers(0, 2, (n, 1))
    return (rows * scale).astype(dtype)


@dataclass(frozen=True)
class Case:
    """Anomalies and unlabelled rows that are hard in the same way, some rows shared."""

    n_anomalies: int
    n_unlabeled: int
    n_features: int
    kind: str
    dtype: Any
    scale: float
    seed: int

    def arrays(self) -> tuple[NDArray[Any], NDArray[Any]]:
        rng = np.random.default_rng(self.seed)
        arguments = self.n_features, self.kind, self.dtype, self.scale
        anomalies = make_rows(rng, self.n_anomalies, *arguments)
        unlabeled = make_rows(rng, self.n_unlabeled, *arguments)
        shared = min(self.n_unlabeled, self.n_anomalies) // 3
        unlabeled[:shared] = anomalies[:shared]
        return anomalies, unlabeled


@st.composite
def cases(draw: st.DrawFn, min_unlabeled: int = 1, budget: int = 600_000) -> Case:
    """Shapes up to 200 anomalies, 2,000 rows and 70 columns, as far as `budget` multiplications allow."""
    n_anomalies = draw(st.sampled_from([1, 2, 3, 10, 11, 64, 200]) | st.integers(1, 200))
    n_features = draw(WIDTHS)
    most = max(min_unlabeled + 3, min(2000, budget // (n_anomalies * n_features)))
    n_unlabeled = draw(st.integers(min_unlabeled, most))
    dtype = draw(DTYPES)
    scale = draw(SCALES if dtype == np.float32 else SCALES | WIDE_SCALES)
    return Case(n_anomalies, n_unlabeled, n_features, draw(KINDS), dtype, scale, draw(SEEDS))
