"""The noise that fits is that of the definition, whatever the table and the order of its rows."""

from typing import Any

import numpy as np
import pytest

import nngmix
from nngmix.neighbors.noise import DEFAULT_NOISE, fitting_noise
from nngmix.reference import fitting_noise as defined


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers(dtype: Any) -> None:
    rng = np.random.default_rng(0)
    X, U = rng.random((7, 5)).astype(dtype), rng.random((90, 5)).astype(dtype)
    # Copies of anomalies tell nothing.
    U[:6] = X[:6]
    expected = defined(X, U)
    assert 0.1 < expected < 1
    one, other = nngmix.NeighborTable(X, n_threads=1).update(U), nngmix.NeighborTable(X, n_threads=2)
    for block in np.array_split(U, 4):
        other.update(block)
    assert one.noise() == other.noise("auto") == expected
    assert one.noise(0.25) == 0.25
    with pytest.raises(ValueError, match="noise_std must be at least 0"):
        one.noise(-1)


def test_the_default_where_no_distance_is_known() -> None:
    X = np.eye(3)
    assert nngmix.NeighborTable(X).noise() == DEFAULT_NOISE
    assert nngmix.NeighborTable(X, 1).update(X).noise() == defined(X, X, 1) == DEFAULT_NOISE
    # As where every square overflows, or no column is a number.
    assert fitting_noise(np.array([[np.inf, 0.0]]), 2) == DEFAULT_NOISE
    assert fitting_noise(np.array([[1.0, 4.0]]), 0) == DEFAULT_NOISE
    # Fewer rows than neighbours leave infinite distances.
    assert nngmix.NeighborTable(X[:1]).update(X[1:]).noise() == defined(X[:1], X[1:]) > 1


def test_categories_count_in_distances_and_get_no_noise() -> None:
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 4, (60, 5)).astype(float)
    rows[rng.random((60, 5)) < 0.1] = np.nan
    kinds: dict[str, Any] = {"categorical_features": [1, 3], "categorical_weight": 0.5, "missing": "keep"}
    table = nngmix.NeighborTable(rows[:8], **kinds).update(rows[8:])
    categorical = np.isin(np.arange(5), [1, 3])
    assert table.noise() == defined(rows[:8], rows[8:], 10, categorical, 0.5)
