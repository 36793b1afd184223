"""Ways to make pseudo-anomalies: ours, vectorised NumPy, the published script restated, SMOTE.

`generation` builds calls that make rows from neighbours already found, `whole` calls that do everything from
the arrays on, `sampler` calls of ``fit_resample``.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nngmix
from nngmix import reference
from worker import Extrapolated

Rows = NDArray[Any]
NOISE, ALPHA, K = 0.01, 0.2, 10
# Elements that NumPy makes at a time: a chunk that stays in the cache through all of its passes.
CHUNK = 1 << 16
# Rows of the published script that are timed where all would take minutes.
TIMED_ROWS = 300


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
        return lambda: reference_rows(table, n)
    others = table.X_anomaly[table.anomaly_neighbors]

    def make() -> Rows:
        made = np.empty((n, table.n_features), table.dtype) if out is None else out
        return numpy_rows(made, table.X_anomaly, table.neighbor_rows, others)

    return make


def numpy_rows(out: Rows, anomalies: Rows, nearest: Rows, others: Rows) -> Rows:
    """Vectorised: one merged normal an element, into a reused buffer, chunk by chunk."""
    rng = np.random.default_rng(0)
    d, dtype = anomalies.shape[1], anomalies.dtype
    k, k_others = nearest.shape[1], others.shape[1]
    partners = np.concatenate([nearest.reshape(-1, d), others.reshape(-1, d)])
    step = max(1, CHUNK // d)
    scratch = np.empty((step, d), dtype)
    for start in range(0, len(out), step):
        made = out[start : start + step]
        m = len(made)
        anchor = rng.integers(len(anomalies), size=m)
        from_unlabeled = anchor * k + rng.integers(k, size=m)
        from_anomalies = len(anomalies) * k + anchor * k_others + rng.integers(k_others, size=m)
        partner = np.where(rng.random(m) < 0.5, from_unlabeled, from_anomalies)
        lam = rng.beta(ALPHA, ALPHA, m)[:, None]
        rest = 1 - lam
        rng.standard_normal(out=made, dtype=dtype.type)
        made *= (NOISE * np.sqrt(lam * lam + rest * rest)).astype(dtype)
        for source, index, weight in ((anomalies, anchor, lam), (partners, partner, rest)):
            part = np.take(source, index, axis=0, out=scratch[:m], mode="clip")
            part *= weight.astype(dtype)
            made += part
    return out


def reference_rows(table: nngmix.NeighborTable, n: int) -> Extrapolated:
    """The reference on a sixteenth of the rows."""
    before = time.perf_counter()
    part = n // 16 or n
    key = np.random.SeedSequence(0).generate_state(8).astype(np.uint32)
    others = table.anomaly_neighbors
    anchor, unlabeled, neighbor, lam = reference.draw_plan(
        key, 0, part, len(table.X_anomaly), table.neighbor_rows.shape[1], others.shape[1]
    )
    partners = table.X_anomaly[anchor]
    partners[unlabeled] = table.neighbor_rows[anchor[unlabeled], neighbor[unlabeled]]
    among = ~unlabeled
    partners[among] = table.X_anomaly[others[anchor[among], neighbor[among]]]
    made = reference.mix(key, 0, table.X_anomaly[anchor], partners, lam, NOISE)
    return Extrapolated(made, (time.perf_counter() - before) * n / part)


def fill(out: Rows, threads: int) -> Rows:
    """What writing alone costs."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda part: np.copyto(part, 1), np.array_split(out, threads)))
    return out


# ---- from arrays to new rows ------------------------------------------------------------------------------


def whole(queries: Rows, rows: Rows, *, maker: str, n: int, threads: int) -> Callable[[], Any]:
    """`queries` are the labelled anomalies, `rows` the unlabelled ones."""
    if maker == "ours":
        return lambda: nngmix.nng_mix(queries, rows, n, random_state=0, n_threads=threads)
    if maker == "script":
        from scipy.spatial import KDTree

        return lambda: script(KDTree, queries, rows, n)
    from sklearn.neighbors import NearestNeighbors

    def scikit_learn() -> Rows:
        index = NearestNeighbors(n_neighbors=K, algorithm="brute", n_jobs=threads)
        nearest = rows[index.fit(rows).kneighbors(queries, return_distance=False)]
        others = queries[index.fit(queries).kneighbors(n_neighbors=K - 1, return_distance=False)]
        return numpy_rows(np.empty((n, rows.shape[1]), rows.dtype), queries, nearest, others)

    return scikit_learn


def script(tree: Callable[[Rows], Any], anomalies: Rows, unlabeled: Rows, n: int) -> Any:
    """The published procedure: two k-d trees, then for every row a query, two noises and a `vstack`.

    Beyond 1,000 rows some are timed and the rest extrapolated. `vstack` copies all rows made so far, so the
    timed ones are made when half of all are there, which is the mean.
    """
    before = time.perf_counter()
    trees = tree(unlabeled), tree(anomalies)
    built = time.perf_counter() - before
    rng = np.random.RandomState(0)
    d = anomalies.shape[1]
    timed, held = (n, 0) if n <= 1000 else (TIMED_ROWS, n // 2)
    made = np.zeros((held, d))
    before = time.perf_counter()
    for _ in range(timed):
        from_unlabeled = rng.uniform(0, 1) > 0.5
        anchor = rng.choice(len(anomalies), 1)
        pool = unlabeled if from_unlabeled else anomalies
        k = min(K, len(pool))
        _, found = trees[0 if from_unlabeled else 1].query(anomalies[anchor], k=k)
        partner = rng.choice(found[0])
        while not from_unlabeled and partner == anchor and len(anomalies) > 1:
            partner = rng.choice(found[0])
        lam = rng.beta(ALPHA, ALPHA)
        noise = rng.normal(0, NOISE, d), rng.normal(0, NOISE, d)
        row = lam * (anomalies[anchor] + noise[0]) + (1 - lam) * (pool[partner] + noise[1])
        made = np.vstack([made, row])
    seconds = built + (time.perf_counter() - before) * n / timed
    return Extrapolated(made[held:], seconds) if held else made


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
