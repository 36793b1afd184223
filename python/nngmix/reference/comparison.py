"""The methods NNG-Mix is compared with.

Each has a stream of its own. Row i reads block i of it as eight 64-bit words: word 1 is the anchor, word 2
the partner, words 3 to 5 are lam or the window. Partners are numbered through: first the anomalies, then the
unlabelled rows. What is not changed keeps its bits.

With `categorical`, which says of each column whether it holds categories, NaN is a missing value. Noise and
duplicates have the anchor's categories and missing values, as does CutMix outside its window.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.reference.mixing import draw_plan, mix, normals_of
from nngmix.reference.random import Words, bounded, chacha8, open_unit, word64

__all__ = [
    "cutmix",
    "cutout",
    "draw_cutmix",
    "draw_cutout",
    "draw_duplicate",
    "draw_gaussian_noise",
    "draw_mixup",
    "duplicate",
    "gaussian_noise",
    "mixup",
]

Bools = NDArray[np.bool_]
Float = NDArray[np.float64]
Indices = NDArray[np.int64]
Rows = NDArray[Any]

PURPOSE_MIXUP, PURPOSE_CUTOUT, PURPOSE_CUTMIX = 2, 3, 4
PURPOSE_GAUSSIAN_NOISE, PURPOSE_GAUSSIAN_NOISE_NORMALS, PURPOSE_DUPLICATE = 5, 6, 7


def _words(key: Words, purpose: int, start: int, n_samples: int) -> list[NDArray[np.uint64]]:
    """The eight 64-bit words of every row."""
    blocks = chacha8(key, purpose, np.uint64(start) + np.arange(n_samples, dtype=np.uint64))
    return [word64(blocks[:, 2 * k], blocks[:, 2 * k + 1]) for k in range(8)]


def _skip(anchor: Indices, among_others: Indices, n_rows: int) -> Indices:
    """Row of that number among all but the anchor; the anchor if it is the only row."""
    return anchor if n_rows == 1 else among_others + (among_others >= anchor)


def _width(word: NDArray[np.uint64], n_features: int, min_width: float, max_width: float) -> Indices:
    """A uniform share of the columns, rounded down, but at least one."""
    share = min_width + (max_width - min_width) * open_unit(word)
    return np.clip((share * n_features).astype(np.int64), 1, n_features)


# ---- mixup -----------------------------------------------------------------------------------------------


def draw_mixup(
    key: Words, start: int, n_samples: int, n_anomalies: int, n_rows: int, alpha: float, beta: float
) -> tuple[Indices, Indices, Float]:
    """Anchor, partner and lam: a plan of NNG-Mix in which every other row is a neighbour."""
    anchor, _, other, lam = draw_plan(
        key,
        start,
        n_samples,
        n_anomalies,
        0,
        n_rows - 1,
        unlabeled_fraction=0,
        alpha=alpha,
        beta=beta,
        purpose=PURPOSE_MIXUP,
    )
    return anchor, _skip(anchor, other, n_rows), lam


def mixup(
    anchors: Rows,
    partners: Rows,
    lam: Float,
    donor_is_anchor: Bools | None = None,
    categorical: Bools | None = None,
) -> Rows:
    """``lam a + (1 - lam) p``, the weights rounded once to the dtype of the rows.

    Donors, which rows of mixed columns have, are those of `draw_donors` for `PURPOSE_MIXUP`.
    """
    return mix(np.zeros(8, np.uint32), 0, anchors, partners, lam, 0, donor_is_anchor, categorical)


# ---- cutout ----------------------------------------------------------------------------------------------


def draw_cutout(
    key: Words,
    start: int,
    n_samples: int,
    n_anomalies: int,
    n_features: int,
    min_width: float,
    max_width: float,
) -> tuple[Indices, Indices, Indices]:
    """Anchor, begin and width: word 3 is the width, word 4 the first column among those where it fits."""
    words = _words(key, PURPOSE_CUTOUT, start, n_samples)
    width = _width(words[3], n_features, min_width, max_width)
    return bounded(words[1], n_anomalies), bounded(words[4], n_features - width + 1), width


def cutout(
    anchors: Rows,
    begin: Indices,
    width: Indices,
    categorical: Bools | None = None,
    missing: bool = False,
) -> Rows:
    """The anchors with their windows set to 0, but for categories; or, if that is kept, to `missing`."""
    made, columns = anchors.copy(), np.arange(anchors.shape[1])
    window = (columns >= begin[:, None]) & (columns < (begin + width)[:, None])
    if missing:
        made[window] = np.nan
    else:
        made[window & (True if categorical is None else ~categorical)] = 0
    return made


# ---- CutMix ----------------------------------------------------------------------------------------------


def draw_cutmix(
    key: Words,
    start: int,
    n_samples: int,
    n_anomalies: int,
    n_rows: int,
    n_features: int,
    min_width: float,
    max_width: float,
    in_place: bool = False,
) -> tuple[Indices, Indices, Indices, Indices, Indices]:
    """Anchor, partner, origin, begin and width; as in cutout, and word 5 is the origin.

    Where some columns are categories, windows are pasted `in_place`: they begin at their origin.
    """
    words = _words(key, PURPOSE_CUTMIX, start, n_samples)
    anchor = bounded(words[1], n_anomalies)
    partner = _skip(anchor, bounded(words[2], n_rows - 1), n_rows)
    width = _width(words[3], n_features, min_width, max_width)
    places = n_features - width + 1
    origin = bounded(words[5], places)
    return anchor, partner, origin, origin if in_place else bounded(words[4], places), width


def cutmix(anchors: Rows, partners: Rows, origin: Indices, begin: Indices, width: Indices) -> Rows:
    """The anchors with a window of their partners pasted over theirs."""
    made = anchors.copy()
    for i in range(len(made)):
        made[i, begin[i] : begin[i] + width[i]] = partners[i, origin[i] : origin[i] + width[i]]
    return made


# ---- Gaussian noise --------------------------------------------------------------------------------------


def draw_gaussian_noise(key: Words, start: int, n_samples: int, n_anomalies: int) -> Indices:
    """The anchors."""
    return bounded(_words(key, PURPOSE_GAUSSIAN_NOISE, start, n_samples)[1], n_anomalies)


def gaussian_noise(
    key: Words, start: int, anchors: Rows, noise_std: float, categorical: Bools | None = None
) -> Rows:
    """``a + noise_std z`` in numeric columns; z is numbered as for `mix`, in a stream of its own."""
    if noise_std == 0:
        return anchors.copy()
    z = normals_of(key, start, anchors, categorical, PURPOSE_GAUSSIAN_NOISE_NORMALS)
    made: Rows = anchors + anchors.dtype.type(noise_std) * z
    if categorical is not None:
        made[:, categorical] = anchors[:, categorical]
    made[np.isnan(anchors)] = np.nan
    return made


# ---- duplication -----------------------------------------------------------------------------------------


def draw_duplicate(key: Words, start: int, n_samples: int, n_anomalies: int) -> Indices:
    """The anchors."""
    return bounded(_words(key, PURPOSE_DUPLICATE, start, n_samples)[1], n_anomalies)


def duplicate(anchors: Rows) -> Rows:
    """The anchors."""
    return anchors.copy()
