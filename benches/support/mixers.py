"""Ways to make pseudo-anomalies: ours, vectorised NumPy, the published script restated, SMOTE.

`generation` builds calls that make rows from neighbours already found, `whole` calls that do everything from
the arrays on, `sampler` calls of ``fit_resample``.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nngmix
from support import numpy_mix

Rows = NDArray[Any]
NOISE, ALPHA, K = 0.01, 0.2, 10


def generation(
    queries: Rows, rows: Rows, *, maker: str, n: int, threads: int, reuse: bool
) -> Callable[[], Any]:
    table = nngmix.NeighborTable(queries, n_threads=threads).update(rows)
    out = np.ones((n, table.n_features), table.dtype) if reuse else None
    if maker == "ours":
        return lambda: table.rows(0, n, random_state=0, out=out)
    if maker == "fill":
        return lambda: fill(np.empty((n, table.n_features), table.dtype) if out is None else out, threads)
    if maker == "reference":
        from support import reference_times

        return lambda: reference_times.generation(table, n, NOISE)
    others = table.X_anomaly[table.anomaly_neighbors]

    def make() -> Rows:
        made = np.empty((n, table.n_features), table.dtype) if out is None else out
        return numpy_mix.mix(made, table.X_anomaly, table.neighbor_rows, others, NOISE, ALPHA)

    return make


def fill(out: Rows, threads: int) -> Rows:
    """What writing alone costs."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda part: np.copyto(part, 1), np.array_split(out, threads)))
    return out


def whole(queries: Rows, rows: Rows, *, maker: str, n: int, threads: int) -> Callable[[], Any]:
    """`queries` are the labelled anomalies, `rows` the unlabelled ones."""
    if maker == "ours":
        return lambda: nngmix.nng_mix(queries, rows, n, random_state=0, n_threads=threads)
    if maker == "script":
        from support import published_script

        return lambda: published_script.run(queries, rows, n, k=K, noise_std=NOISE, alpha=ALPHA)
    from sklearn.neighbors import NearestNeighbors

    def scikit_learn() -> Rows:
        index = NearestNeighbors(n_neighbors=K, algorithm="brute", n_jobs=threads)
        nearest = rows[index.fit(rows).kneighbors(queries, return_distance=False)]
        others = queries[index.fit(queries).kneighbors(n_neighbors=K - 1, return_distance=False)]
        out = np.empty((n, rows.shape[1]), rows.dtype)
        return numpy_mix.mix(out, queries, nearest, others, NOISE, ALPHA)

    return scikit_learn


def sampler(queries: Rows, rows: Rows, *, maker: str, n: int, threads: int) -> Callable[[], Any]:
    X = np.concatenate([rows, queries])
    y = np.repeat([0, 1], [len(rows), len(queries)])
    if maker == "copy":
        return X.copy
    if maker == "ours":
        ours = nngmix.NNGMix(n_samples=n, random_state=0, n_threads=threads)
        return lambda: ours.fit_resample(X, y)
    from imblearn.over_sampling import SMOTE

    smote = SMOTE(sampling_strategy={1: len(queries) + n}, k_neighbors=K, random_state=0)
    return lambda: smote.fit_resample(X, y)
