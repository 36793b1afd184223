"""Plan and rows of NNG-Mix, and the whole method."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.reference.neighbors import kneighbors
from nngmix.reference.random import (
    PURPOSE_PLAN,
    Words,
    beta_attempt,
    bounded,
    chacha8,
    normals,
    open_unit,
    word64,
)

__all__ = ["draw_plan", "key_of", "mix", "nng_mix"]

Float = NDArray[np.float64]
Rows = NDArray[Any]


def key_of(seed: int) -> Words:
    """The key of all streams of one seed."""
    return np.random.SeedSequence(seed).generate_state(8).astype(np.uint32)


def draw_plan(
    key: Words,
    start: int,
    n_samples: int,
    n_anomalies: int,
    n_neighbors: int,
    n_others: int,
    *,
    unlabeled_fraction: float = 0.5,
    alpha: float = 0.2,
    beta: float = 0.2,
    purpose: int = PURPOSE_PLAN,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64], Float]:
    """Anchor, pool (True: unlabelled), neighbour and lam of rows `start` to ``start + n_samples``.

    Row i reads block i of the stream of `purpose`: words 0-1 the pool, 2-3 the anchor, 4-5 the neighbour,
    6-7 and 8-9 the uniforms of lam; attempt t at lam reads words 6-9 of the row's block with t in the nonce.
    """
    row = np.uint64(start) + np.arange(n_samples, dtype=np.uint64)
    words = chacha8(key, purpose, row)
    unlabeled = open_unit(word64(words[:, 0], words[:, 1])) < unlabeled_fraction
    anchor = bounded(word64(words[:, 2], words[:, 3]), n_anomalies)
    neighbor = bounded(word64(words[:, 4], words[:, 5]), np.where(unlabeled, n_neighbors, n_others))
    lam = np.zeros(n_samples)
    waiting = np.arange(n_samples)
    attempt = 0
    while len(waiting):
        words = chacha8(key, purpose, row[waiting], attempt)
        u, v = open_unit(word64(words[:, 6], words[:, 7])), open_unit(word64(words[:, 8], words[:, 9]))
        accepted, value = beta_attempt(alpha, beta, u, v)
        lam[waiting[accepted]] = value[accepted]
        waiting = waiting[~accepted]
        attempt += 1
    return anchor, unlabeled, neighbor, lam


def mix(key: Words, start: int, anchors: Rows, partners: Rows, lam: Float, noise_std: float) -> Rows:
    """``(lam a + (1 - lam) p) + (noise_std sqrt(lam**2 + (1 - lam)**2)) z``, in the dtype of the rows.

    The weights are computed in float64 and rounded once; the normal of column j of row i is number
    ``i * n_features + j`` of the noise stream. One z with that deviation equals, in distribution, noise of
    `noise_std` on anchor and on partner.
    """
    dtype = anchors.dtype
    n, d = anchors.shape
    rest = 1.0 - lam
    deviation = noise_std * np.sqrt(lam * lam + rest * rest)
    mixed: Rows = lam.astype(dtype)[:, None] * anchors + rest.astype(dtype)[:, None] * partners
    if noise_std == 0:
        return mixed
    z = normals(key, start * d, n * d).reshape(n, d).astype(dtype)
    mixed += deviation.astype(dtype)[:, None] * z
    return mixed


def nng_mix(
    X_anomaly: Rows,
    X_unlabeled: Rows,
    n_samples: int,
    *,
    n_neighbors: int = 10,
    n_neighbors_anomaly: int = 10,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: int = 0,
    start: int = 0,
) -> Rows:
    """The whole method; rows of one dtype, float32 or float64, for an int seed."""
    # Adding 0 turns -0 into 0, so that rows which compare equal are the same bytes.
    X_anomaly, X_unlabeled = X_anomaly + X_anomaly.dtype.type(0), X_unlabeled + X_unlabeled.dtype.type(0)
    key = key_of(random_state)
    n_anomalies = len(X_anomaly)
    _, nearest = kneighbors(X_anomaly, X_unlabeled, n_neighbors)
    n_others = min(n_neighbors_anomaly, n_anomalies) - 1
    _, others = kneighbors(X_anomaly, X_anomaly, n_others, exclude_self=True)
    anchor, unlabeled, neighbor, lam = draw_plan(
        key,
        start,
        n_samples,
        n_anomalies,
        nearest.shape[1],
        n_others,
        unlabeled_fraction=unlabeled_fraction,
        alpha=alpha,
        beta=beta,
    )
    partners = X_anomaly[anchor]
    partners[unlabeled] = X_unlabeled[nearest[anchor[unlabeled], neighbor[unlabeled]]]
    if n_others > 0:
        among = ~unlabeled
        partners[among] = X_anomaly[others[anchor[among], neighbor[among]]]
    return mix(key, start, X_anomaly[anchor], partners, lam, noise_std)
