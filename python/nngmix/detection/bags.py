"""What each member of an ensemble is trained on: every label, a part of the unlabelled rows, new rows."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.member_rows import MemberRows
from nngmix.detection.members import Training
from nngmix.detection.roles import Roles
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.fit import fit
from nngmix.neighbors.passes import Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.mixture import SMOTE, Mixture
from nngmix.parameters.seed import child
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.rows import Rows

__all__ = ["FILLINGS", "Bags", "bag_sizes", "parts", "searched"]

# The mixtures that share the new rows of a bag.
FILLINGS: dict[str, tuple[Mixture, ...]] = {
    "both": (Mixture(), SMOTE),
    "nng_mix": (Mixture(),),
    "smote": (SMOTE,),
    "duplicate": (),
    "none": (),
}


def bag_sizes(
    n_anomalies: int, n_unlabeled: int, n_normal: int, bag_rows: int, bag_anomalies: int
) -> tuple[int, int]:
    """Unlabelled rows of each bag, and new ones.

    Anomalies, labelled and new, are to negatives what `bag_anomalies` is to `bag_rows`. More labels make
    larger bags rather than new rows; no bag holds more than half of the unlabelled rows.
    """
    wanted = max(bag_rows, math.ceil(n_anomalies * bag_rows / bag_anomalies) - n_normal)
    n_rows = min(wanted, max(1, n_unlabeled // 2))
    return n_rows, max(0, round((n_rows + n_normal) * bag_anomalies / bag_rows) - n_anomalies)


def parts(n_rows: int, size: int, n_bags: int, seed: np.random.SeedSequence) -> Iterator[NDArray[np.int64]]:
    """For each bag its rows, ascending: consecutive slices of as many permutations as are needed."""
    per_turn = n_rows // size
    order = np.empty(0, np.int64)
    for bag in range(n_bags):
        turn, place = divmod(bag, per_turn)
        if place == 0:
            order = np.random.Generator(np.random.PCG64(child(seed, turn))).permutation(n_rows)
        yield np.sort(order[place * size : (place + 1) * size])


def searched(
    rows: Rows, who: Roles, filling: str, n_neighbors: int, scale: str | None, asked: ColumnsAsked
) -> tuple[NeighborTable, NDArray[np.bool_]]:
    """What all bags' new rows are made from, found once, and which columns new rows must be told to keep.

    The table holds the labelled anomalies and, if the filling wants them, their nearest unlabelled rows. In a
    mixed table it keeps whole numbers and columns of one value itself, as for samplers.
    """
    mixed = rows.kinds is not None
    among_unlabeled = any(mixture.unlabeled_fraction > 0 for mixture in FILLINGS[filling])
    spec = FitSpec(
        rows.n_features,
        rows.dtype,
        rows.names,
        who.rule,
        "y",
        scale,
        replace(asked, whole_features="auto") if mixed else asked,
        limits=rows.limits if mixed else None,
        n_neighbors=min(n_neighbors, len(who.unlabeled)),
        unlabeled_fraction=0.5 if among_unlabeled else 0.0,
    )
    constant = np.zeros(rows.n_features, bool)

    def fold(state: Any) -> Any:
        state.update(rows, who.labels, 0)
        if isinstance(state, Survey) and not mixed:
            constant[:] = state.scaling.constant()
        return state

    return fit(fold, spec).table, constant


@dataclass(frozen=True, eq=False)
class Bags:
    """What all bags are filled from.

    Attributes
    ----------
    rows : Rows
    who : Roles
    table : NeighborTable
    form : MemberRows
    constant : ndarray of bool, shape (n_features,)
        Columns of one value, which new rows keep: noise there would tell them from real ones, and no more.
    kinds : list
        The class of each labelled anomaly.
    filling : str
        One of `FILLINGS`.
    n_new : int
        New rows of each bag.
    """

    rows: Rows
    who: Roles
    table: NeighborTable
    form: MemberRows
    constant: NDArray[np.bool_]
    kinds: list[Any]
    filling: str
    n_new: int

    def filled(self, part: NDArray[np.int64], seed: np.random.SeedSequence) -> Training:
        """The rows of one bag as members take them; `part` counts among the unlabelled ones."""
        negatives = self._scaled(self.rows.take(np.concatenate([self.who.unlabeled[part], self.who.normal])))
        X = np.concatenate([negatives, self.table.X_scaled, *self._new_rows(seed)])
        X[:, self.constant] = self.table.X_scaled[0, self.constant]
        return (
            self.form.given(X),
            (np.arange(len(X)) >= len(negatives)).astype(np.int64),
            child(seed, len(FILLINGS)),
        )

    def _new_rows(self, seed: np.random.SeedSequence) -> Iterator[NDArray[Any]]:
        """New anomalies, each within the class of its anchor."""
        if self.filling == "duplicate":
            yield self.table.X_scaled[np.arange(self.n_new) % len(self.table.X_scaled)]
        mixtures = FILLINGS[self.filling]
        for number, mixture in enumerate(mixtures):
            n_samples = (self.n_new + len(mixtures) - 1 - number) // len(mixtures)
            seed_of_rows = child(seed, number)
            new = NewRows(
                self.table, mixture, n_samples=n_samples, labels=self.kinds, random_state=seed_of_rows
            )
            out = np.empty((n_samples, self.table.n_features), self.table.dtype)
            new.fill(0, out)
            yield self._scaled(out)

    def _scaled(self, rows: NDArray[Any]) -> NDArray[Any]:
        return rows if self.table.scale is None else self.table.scale.transform(rows)
