"""Provenance: every random choice of every row, as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from nngmix.parameters.seed import Key

__all__ = [
    "DONOR_COLUMN",
    "ID_COLUMNS",
    "PLAN_COLUMNS",
    "CutMixPlan",
    "CutoutPlan",
    "MixPlan",
    "MixupPlan",
    "NoisePlan",
    "PartnerPlan",
    "Plan",
    "PlanT",
    "added_columns",
    "joined",
    "plan_columns",
]

# The columns of a plan wherever it is written beside the rows.
PLAN_COLUMNS = ("anchor", "partner", "pool", "lam")
# Behind them, where columns are mixed: which of the two gave the categories, "anchor" or "partner".
DONOR_COLUMN = "donor"
# Beside them, where rows have ids: those of anchor and partner.
ID_COLUMNS = ("anchor_id", "partner_id")


def plan_columns(donors: bool) -> tuple[str, ...]:
    """Names of the columns of a plan, with donors or without."""
    return (*PLAN_COLUMNS, DONOR_COLUMN) if donors else PLAN_COLUMNS


def added_columns(plan: bool, id: str | None, mark: str | None, *, donors: bool = False) -> list[str]:
    """Names of the columns that are added to the new rows: of the plan, and of the one that marks them."""
    names = list(plan_columns(donors)) if plan else []
    names += ID_COLUMNS if plan and id is not None else ()
    return names if mark is None else [*names, mark]


@dataclass(frozen=True, eq=False)
class Plan:
    """What each generated row is made of; row `i` of the plan is output row `start + i`.

    Attributes
    ----------
    start : int
        Number of the first row in the whole output.
    anchor : ndarray of int64, shape (n_samples,)
        The labelled anomaly each row starts from: its row in `X_anomaly`.
    """

    start: int
    anchor: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.anchor)

    def __getitem__(self, rows: slice) -> Self:
        """The plan of some of the rows; `rows` is a slice without a step."""
        if not isinstance(rows, slice) or rows.step not in (None, 1):
            raise TypeError(f"a plan is cut by slices without a step, got {rows!r}")
        first, _, _ = rows.indices(len(self))
        columns: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        columns = {name: c[rows] for name, c in columns.items() if isinstance(c, np.ndarray)}
        return replace(self, start=self.start + first, **columns)

    def renumbered(
        self, anomaly_rows: NDArray[np.int64], unlabeled_rows: NDArray[np.int64] | None = None
    ) -> Self:
        """The same plan with other row numbers: row `i` of `X_anomaly` becomes ``anomaly_rows[i]``.

        Parameters
        ----------
        anomaly_rows : ndarray of int64
            Numbers of the anomalies.
        unlabeled_rows : ndarray of int64, optional
            Numbers of the unlabelled rows, for a plan with partners; default: they keep theirs.

        Returns
        -------
        Plan
        """
        return replace(self, anchor=anomaly_rows[self.anchor])


@dataclass(frozen=True, eq=False)
class PartnerPlan(Plan):
    """A plan with a second row for each new one.

    Attributes
    ----------
    unlabeled : ndarray of bool, shape (n_samples,)
        The pool: True if the partner is an unlabelled row, False if it is another anomaly.
    partner : ndarray of int64, shape (n_samples,)
        The second row: its row id among the unlabelled rows, or its row in `X_anomaly`.
    donor_is_anchor : ndarray of bool, shape (n_samples,), or None
        Whether categories and missing values are the anchor's, else the partner's; None for numbers alone.
    """

    unlabeled: NDArray[np.bool_]
    partner: NDArray[np.int64]
    donor_is_anchor: NDArray[np.bool_] | None = field(default=None, kw_only=True)

    @property
    def donor(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]] | None:
        """The parent whose categories and missing values a row has: its number and, as `unlabeled`, its pool.

        Returns
        -------
        tuple of ndarray, or None
            None for a plan without donors.
        """
        if self.donor_is_anchor is None:
            return None
        is_anchor = self.donor_is_anchor
        return np.where(is_anchor, self.anchor, self.partner), self.unlabeled & ~is_anchor

    def renumbered(
        self, anomaly_rows: NDArray[np.int64], unlabeled_rows: NDArray[np.int64] | None = None
    ) -> Self:
        """The same plan with other row numbers for both pools, or for the anomalies alone.

        Parameters
        ----------
        anomaly_rows : ndarray of int64
            Numbers of the anomalies.
        unlabeled_rows : ndarray of int64, optional
            Numbers of the unlabelled rows; default: they keep theirs.

        Returns
        -------
        Plan
        """
        partner = self.partner.copy()
        if unlabeled_rows is not None:
            partner[self.unlabeled] = unlabeled_rows[partner[self.unlabeled]]
        partner[~self.unlabeled] = anomaly_rows[partner[~self.unlabeled]]
        return replace(self, anchor=anomaly_rows[self.anchor], partner=partner)


@dataclass(frozen=True, eq=False)
class MixPlan(PartnerPlan):
    """What each row of NNG-Mix is made of; row `i` of the plan is output row `start + i`.

    Attributes
    ----------
    start : int
        Number of the first row in the whole output.
    anchor : ndarray of int64, shape (n_samples,)
        The labelled anomaly each row starts from: its row in `X_anomaly`.
    unlabeled : ndarray of bool, shape (n_samples,)
        The pool: True if the partner is an unlabelled row, False if it is another anomaly.
    partner : ndarray of int64, shape (n_samples,)
        The row mixed in: its row id among the unlabelled rows, or its row in `X_anomaly`.
    neighbor : ndarray of int64, shape (n_samples,)
        Which of the anchor's neighbours the partner is; 0 is the nearest.
    lam : ndarray of float64, shape (n_samples,)
        Weight of the anchor, between 0 and 1; the partner's is ``1 - lam``.
    key : tuple of 8 int
        Key of the random streams, from which the noise of the rows is drawn.
    table : str or None
        Digest of the table that drew it, which no other table mixes; None for a plan made by hand.
    donor_is_anchor : ndarray of bool, shape (n_samples,), or None
        Whether categories and missing values are the anchor's, else the partner's; None for numbers alone.
    """

    neighbor: NDArray[np.int64]
    lam: NDArray[np.float64]
    key: Key
    table: str | None = None

    def renumbered(
        self, anomaly_rows: NDArray[np.int64], unlabeled_rows: NDArray[np.int64] | None = None
    ) -> Self:
        """The same plan with other row numbers, which no table mixes any more.

        Parameters
        ----------
        anomaly_rows : ndarray of int64
            Numbers of the anomalies.
        unlabeled_rows : ndarray of int64, optional
            Numbers of the unlabelled rows; default: they keep theirs.

        Returns
        -------
        MixPlan
        """
        return replace(super().renumbered(anomaly_rows, unlabeled_rows), table="")

    def columns(self) -> dict[str, NDArray[Any]]:
        """What each row is made of, as the columns that tables and frames show: those of `plan_columns`.

        Returns
        -------
        dict of str to ndarray
        """
        pool = np.where(self.unlabeled, "unlabeled", "anomaly")
        columns = dict(zip(PLAN_COLUMNS, (self.anchor, self.partner, pool, self.lam), strict=True))
        if self.donor_is_anchor is not None:
            columns[DONOR_COLUMN] = np.where(self.donor_is_anchor, "anchor", "partner")
        return columns


@dataclass(frozen=True, eq=False)
class MixupPlan(PartnerPlan):
    """A plan of `nngmix.mixup`: also the weight.

    Attributes
    ----------
    lam : ndarray of float64, shape (n_samples,)
        Weight of the anchor, between 0 and 1; the partner's is ``1 - lam``.
    """

    lam: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CutMixPlan(PartnerPlan):
    """A plan of `nngmix.cutmix`: also the window.

    Attributes
    ----------
    origin : ndarray of int64, shape (n_samples,)
        First of the partner's columns that are pasted.
    begin : ndarray of int64, shape (n_samples,)
        First of the columns they are pasted over.
    width : ndarray of int64, shape (n_samples,)
        Number of columns.
    """

    origin: NDArray[np.int64]
    begin: NDArray[np.int64]
    width: NDArray[np.int64]

    def replaced(self, n_features: int) -> NDArray[np.bool_]:
        """Which values are the partner's, shape (n_samples, n_features)."""
        return _inside(self.begin, self.width, n_features)


@dataclass(frozen=True, eq=False)
class CutoutPlan(Plan):
    """A plan of `nngmix.cutout`: also the window.

    Attributes
    ----------
    begin : ndarray of int64, shape (n_samples,)
        First of the columns that are set to 0.
    width : ndarray of int64, shape (n_samples,)
        Number of columns.
    """

    begin: NDArray[np.int64]
    width: NDArray[np.int64]

    def replaced(self, n_features: int) -> NDArray[np.bool_]:
        """Which values are set to 0, shape (n_samples, n_features)."""
        return _inside(self.begin, self.width, n_features)


@dataclass(frozen=True, eq=False)
class NoisePlan(Plan):
    """A plan of `nngmix.gaussian_noise`: also the key.

    Attributes
    ----------
    key : tuple of 8 int
        Key of the random streams, from which the noise of the rows is drawn.
    """

    key: Key


PlanT = TypeVar("PlanT", bound=Plan)


def _inside(begin: NDArray[np.int64], width: NDArray[np.int64], n_features: int) -> NDArray[np.bool_]:
    columns = np.arange(n_features)
    inside: NDArray[np.bool_] = (columns >= begin[:, None]) & (columns < (begin + width)[:, None])
    return inside


def joined(plans: Sequence[PlanT], start: int) -> PlanT:
    """The rows of all plans, one after the other, from row `start` on; the key is that of the first."""
    if len(plans) == 1:
        return replace(plans[0], start=start)
    columns = {
        field.name: np.concatenate([getattr(plan, field.name) for plan in plans])
        for field in fields(plans[0])
        if isinstance(getattr(plans[0], field.name), np.ndarray)
    }
    return replace(plans[0], start=start, **columns)
