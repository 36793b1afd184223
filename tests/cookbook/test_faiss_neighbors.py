"""For whoever has a FAISS index already: its neighbours become the table, and no second search is made.

An exact index gives the bytes of nngmix's own search, an approximate one rows as good as its neighbours.
"""

import numpy as np
import pytest

import nngmix

faiss = pytest.importorskip("faiss", reason="neighbours by FAISS: pip install faiss-cpu")


def test_neighbors_of_an_index_become_new_rows() -> None:
    rng = np.random.default_rng(0)
    X_unlabeled = rng.random((20_000, 16), np.float32)
    X_anomaly = rng.random((20, 16), np.float32) + np.float32(0.3)

    index = faiss.IndexFlatL2(16)
    index.add(X_unlabeled)
    _, ids = index.search(X_anomaly, 10)
    table = nngmix.NeighborTable.from_neighbors(X_anomaly, X_unlabeled[ids], ids)
    rows = table.rows(0, 1000, random_state=0)
    assert np.array_equal(rows, nngmix.nng_mix(X_anomaly, X_unlabeled, 1000, random_state=0))

    # An approximate index may find fewer neighbours, or others; -1 for "none" would be refused by name.
    cells = faiss.IndexIVFFlat(faiss.IndexFlatL2(16), 16, 64)
    cells.train(X_unlabeled)
    cells.add(X_unlabeled)
    cells.nprobe = 8
    _, near = cells.search(X_anomaly, 10)
    table = nngmix.NeighborTable.from_neighbors(X_anomaly, X_unlabeled[near], near)
    assert table.rows(0, 1000, random_state=0).shape == (1000, 16)
    assert np.isin(near, ids).mean() > 0.5
