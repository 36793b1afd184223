"""Plan and rows of NNG-Mix, and the whole method."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.reference.neighbors import kneighbors
from nngmix.reference.random import (
    PURPOSE_NOISE,
    PURPOSE_PLAN,
    Words,
    beta_attempt,
    bounded,
    chacha8,
    normals,
    open_unit,
    word64,
)

__all__ = ["draw_donors", "draw_plan", "key_of", "mix", "nng_mix", "normals_of"]

Bools = NDArray[np.bool_]
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
    Words 12-13 are those of `draw_donors`.
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


def draw_donors(key: Words, start: int, lam: Float, purpose: int = PURPOSE_PLAN) -> Bools:
    """Whether the anchor is the donor of rows `start` to ``start + len(lam)``: with probability lam.

    Words 12-13 of the row's block, which nothing else reads, are a uniform; the donor is the anchor if it is
    below lam. It is neither 0 nor 1, so that lam 0 makes it the partner and lam 1 the anchor.
    """
    words = chacha8(key, purpose, np.uint64(start) + np.arange(len(lam), dtype=np.uint64))
    donor_is_anchor: Bools = open_unit(word64(words[:, 12], words[:, 13])) < lam
    return donor_is_anchor


def normals_of(
    key: Words, start: int, rows: Rows, categorical: Bools | None = None, purpose: int = PURPOSE_NOISE
) -> Rows:
    """The normals of all columns of some rows, 0 in categorical ones.

    They are numbered over the numeric columns: that of the j-th of them in row i is number
    ``i * n_numeric + j`` of the stream.
    """
    numeric = np.ones(rows.shape[1], np.bool_) if categorical is None else ~categorical
    n, n_numeric = len(rows), int(numeric.sum())
    z = np.zeros_like(rows)
    z[:, numeric] = normals(key, start * n_numeric, n * n_numeric, purpose).reshape(n, n_numeric)
    return z


def mix(
    key: Words,
    start: int,
    anchors: Rows,
    partners: Rows,
    lam: Float,
    noise_std: float,
    donor_is_anchor: Bools | None = None,
    categorical: Bools | None = None,
) -> Rows:
    """``(lam a + (1 - lam) p) + (noise_std sqrt(lam**2 + (1 - lam)**2)) z``, in the dtype of the rows.

    The weights are computed in float64 and rounded once; the normals are those of `normals_of`. One z with
    that deviation equals, in distribution, noise of `noise_std` on anchor and on partner.

    Rows of mixed columns have a donor. Categories are the donor's; so is what is missing, NaN. A number that
    the other parent misses is the donor's ``x + noise_std z``.
    """
    dtype = anchors.dtype
    rest = 1.0 - lam
    mixed: Rows = lam.astype(dtype)[:, None] * anchors + rest.astype(dtype)[:, None] * partners
    z = None if noise_std == 0 else normals_of(key, start, anchors, categorical)
    if z is not None:
        deviation = noise_std * np.sqrt(lam * lam + rest * rest)
        mixed += deviation.astype(dtype)[:, None] * z
    if donor_is_anchor is None:
        return mixed
    donors = np.where(donor_is_anchor[:, None], anchors, partners)
    others = np.where(donor_is_anchor[:, None], partners, anchors)
    alone = donors if z is None else donors + dtype.type(noise_std) * z
    made: Rows = np.where(np.isnan(others), alone, mixed)
    if categorical is not None:
        made[:, categorical] = donors[:, categorical]
    made[np.isnan(donors)] = np.nan
    return made


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
    categorical: Bools | None = None,
    categorical_weight: float = 1.0,
) -> Rows:
    """The whole method; rows of one dtype, float32 or float64, for an int seed.

    With `categorical`, which says of each column whether it holds categories, columns are mixed: categories
    are numbers that compare as they do, and NaN is a missing value.
    """
    # Adding 0 turns -0 into 0, so that rows which compare equal are the same bytes.
    X_anomaly, X_unlabeled = X_anomaly + X_anomaly.dtype.type(0), X_unlabeled + X_unlabeled.dtype.type(0)
    key = key_of(random_state)
    n_anomalies = len(X_anomaly)
    kinds: dict[str, Any] = {"categorical": categorical, "categorical_weight": categorical_weight}
    _, nearest = kneighbors(X_anomaly, X_unlabeled, n_neighbors, **kinds)
    n_others = min(n_neighbors_anomaly, n_anomalies) - 1
    _, others = kneighbors(X_anomaly, X_anomaly, n_others, exclude_self=True, **kinds)
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
    donor_is_anchor = None if categorical is None else draw_donors(key, start, lam)
    return mix(key, start, X_anomaly[anchor], partners, lam, noise_std, donor_is_anchor, categorical)
