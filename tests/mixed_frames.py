"""Generated frames of numbers and categories, either of which may miss values."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import strategies as st

__all__ = ["MixedCase", "connections", "mixed_cases"]


def connections(
    n_rows: int = 500, n_anomalies: int = 24, attacks: tuple[str, ...] = ("smurf", "satan")
) -> pd.DataFrame:
    """A table like that of KDD Cup 1999, with gaps: categories, flags, counts, rates, a constant, a label."""
    rng = np.random.default_rng(1999)
    frame = pd.DataFrame(
        {
            "duration": rng.geometric(0.3, n_rows) - 1,
            "protocol": rng.choice(["tcp", "udp", "icmp"], n_rows, p=[0.6, 0.3, 0.1]),
            "service": rng.choice([f"service {i}" for i in range(15)], n_rows),
            "flag": pd.Categorical(
                rng.choice(["SF", "S0", "REJ"], n_rows), ["REJ", "S0", "never seen", "SF"], ordered=True
            ),
            "src_bytes": rng.lognormal(5, 2, n_rows).round(),
            "logged_in": rng.random(n_rows) < 0.6,
            "count": rng.integers(0, 512, n_rows),
            "rate": rng.integers(0, 11, n_rows) / 10,
            "outbound": np.zeros(n_rows, np.int64),
        }
    )
    for name in ("service", "flag", "src_bytes", "rate"):
        frame.loc[rng.random(n_rows) < 0.1, name] = None
    label = np.full(n_rows, "normal", object)
    at = rng.choice(n_rows, n_anomalies, replace=False)
    label[at] = [attacks[i % len(attacks)] for i in range(n_anomalies)]
    return frame.assign(attack=label)


@dataclass(frozen=True)
class MixedCase:
    """Anomalies and unlabelled rows of the same columns; either may have values that the other lacks."""

    n_anomalies: int
    n_unlabeled: int
    n_numeric: int
    n_categorical: int
    n_values: int
    missing: float
    dtype: str
    seed: int

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        rng = np.random.default_rng(self.seed)
        return self._frame(rng, self.n_anomalies), self._frame(rng, self.n_unlabeled)

    def _frame(self, rng: np.random.Generator, n_rows: int) -> pd.DataFrame:
        columns = {}
        for j in range(self.n_numeric):
            # Ties abound.
            column = rng.integers(-2, 3, n_rows).astype(self.dtype) / 2
            column[rng.random(n_rows) < self.missing] = np.nan
            columns[f"number {j}"] = column
        for j in range(self.n_categorical):
            column = np.array([f"v{number}" for number in rng.integers(0, self.n_values, n_rows)], object)
            column[rng.random(n_rows) < self.missing] = None
            columns[f"kind {j}"] = column
        frame = pd.DataFrame(columns)
        return frame[rng.permutation(frame.columns)] if n_rows == self.n_anomalies else frame


def mixed_cases(most_rows: int = 60) -> st.SearchStrategy[MixedCase]:
    """Few rows and columns of all kinds, at least one of categories."""
    return st.builds(
        MixedCase,
        n_anomalies=st.integers(1, 7),
        n_unlabeled=st.integers(8, most_rows),
        n_numeric=st.integers(0, 4),
        n_categorical=st.integers(1, 4),
        n_values=st.sampled_from([1, 2, 3, 30]),
        missing=st.sampled_from([0.0, 0.1, 0.6, 1.0]),
        dtype=st.sampled_from(["float32", "float64"]),
        seed=st.integers(0, 2**32 - 1),
    )
