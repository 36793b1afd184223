"""For whoever has a pynndescent index (of UMAP, for instance): its neighbours become the table.

Numba compiles for minutes before the first answer, so pynndescent is no part of the tests' extra: the recipe
runs where it is installed (it did with pynndescent 0.7.0 and numba 0.68.1).
"""

import importlib.util

import numpy as np
import pytest

import nngmix


@pytest.mark.skipif(
    importlib.util.find_spec("pynndescent") is None,
    reason="neighbours by pynndescent, which compiles for long: pip install pynndescent",
)
def test_approximate_neighbors_become_new_rows() -> None:
    from pynndescent import NNDescent

    rng = np.random.default_rng(0)
    X_unlabeled = rng.random((5000, 8), np.float32)
    X_anomaly = rng.random((20, 8), np.float32) + np.float32(0.3)

    index = NNDescent(X_unlabeled, random_state=0)
    ids, _ = index.query(X_anomaly, k=10)
    table = nngmix.NeighborTable.from_neighbors(X_anomaly, X_unlabeled[ids], ids)
    assert table.rows(0, 1000, random_state=0).shape == (1000, 8)

    # How good it was: nearly all of the exact neighbours, in nngmix's own order.
    _, exact = nngmix.kneighbors(X_anomaly, X_unlabeled, 10)
    assert np.mean([len({*a} & {*b}) for a, b in zip(ids, exact, strict=True)]) > 9
