"""Rows that a survey takes on trust, since statistics tell of them, until the search has seen them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.spec import FitSpec
from nngmix.rows.base import Rows
from nngmix.rows.labels import Labels

__all__ = ["Glance", "Mistaken", "glance"]


class Mistaken(Exception):
    """What a survey took on trust is not so: another one must see all rows."""


@dataclass(frozen=True, eq=False)
class Glance:
    """What is said of some rows without a labelled anomaly.

    Attributes
    ----------
    num_rows, n_unlabeled : int
    labels : mapping of label to int
        How many rows each label has, which is known.
    written : bool
        See `Labels`.
    ends : ndarray of shape (2, n_features)
        The least and the greatest value of each column, which is not.
    """

    num_rows: int
    n_unlabeled: int
    labels: Mapping[Any, int]
    written: bool
    ends: NDArray[Any]


def glance(
    spec: FitSpec, num_rows: int, ends: Callable[[], Rows], labels: Callable[[], Labels] | None
) -> Glance | None:
    """A glance at rows; None if they have to be read, if only for the error that they are.

    Parameters
    ----------
    spec : FitSpec
    num_rows : int
    ends : callable
        Gives two rows, the least and the greatest values.
    labels : callable or None
        Gives the labels of the rows; None if they have none.
    """
    try:
        X = ends().whole(spec.dtype)
        if not np.isfinite(X).all():
            return None
        if labels is None or spec.rule is None:
            return Glance(num_rows, num_rows, {}, False, X)
        there = labels()
        who = spec.rule.split(there)
    except (ValueError, TypeError):
        return None
    if who.anomaly.any():
        return None
    return Glance(num_rows, int(np.count_nonzero(who.unlabeled)), there.counts(), there.written, X)
