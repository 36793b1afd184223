"""What a scale has nothing to do with: categories, and values that are missing."""

import numpy as np

from nngmix.rows.finish import Finish
from nngmix.rows.kinds import Kinds
from nngmix.rows.scaling import Scale

__all__ = ["spared"]


def spared(scale: Scale, kinds: Kinds) -> Scale:
    """The scale that leaves columns of categories as they are, and values that are missing."""
    categorical = kinds.categorical
    offset, width = np.where(categorical, 0, scale.offset), np.where(categorical, 1, scale.width)
    finish = scale.finish
    if finish is None and kinds.missing:
        unbounded = np.full(len(offset), np.inf, offset.dtype)
        finish = Finish(-unbounded, unbounded, np.zeros(len(offset), bool), True)
    elif finish is not None:
        low, high = np.where(categorical, -np.inf, finish.low), np.where(categorical, np.inf, finish.high)
        whole, missing = finish.whole & ~categorical, finish.missing or kinds.missing
        finish = Finish(low.astype(offset.dtype), high.astype(offset.dtype), whole, missing)
    return Scale(offset, width, finish)
