"""What an ensemble knows after its fit: members, the neighbour score, and the distributions of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.combination import Combination
from nngmix.detection.member_rows import MemberRows
from nngmix.detection.members import member_scores
from nngmix.detection.roles import Roles
from nngmix.detection.score import NeighborScore
from nngmix.rows.rows import Rows, coded_rows

__all__ = ["EnsembleModel", "Ranked", "ranked"]


@dataclass(frozen=True, eq=False)
class EnsembleModel:
    """How rows are scored.

    Attributes
    ----------
    members : list of classifier
    form : MemberRows
        What members see of rows.
    neighbor : NeighborScore or None
    combination : Combination
    """

    members: list[Any]
    form: MemberRows
    neighbor: NeighborScore | None
    combination: Combination

    def scores(self, rows: Rows, n_jobs: int | None) -> NDArray[np.float64]:
        """The combined score of rows to come."""
        found = member_scores(self.members, rows, self.form, n_jobs)
        return self.combination.values(found, _neighbor_scores(self.neighbor, rows))


@dataclass(frozen=True, eq=False)
class Ranked:
    """A fitted model, and its scores of the training rows.

    Attributes
    ----------
    model : EnsembleModel
    unlabeled : ndarray of float64
        Scores of the unlabelled rows, each by the members that were not trained on it.
    anomaly : ndarray of float64
        Scores of the labelled anomalies, which every member was trained on.
    """

    model: EnsembleModel
    unlabeled: NDArray[np.float64]
    anomaly: NDArray[np.float64]


def ranked(
    members: list[Any],
    form: MemberRows,
    neighbor: NeighborScore | None,
    weight: float,
    rows: Rows,
    who: Roles,
    samples: Sequence[NDArray[np.int64]],
    n_jobs: int | None,
) -> Ranked:
    """Score the training rows; `samples` are the bags' parts of the unlabelled ones, counted among them."""
    found = member_scores(members, rows, form, n_jobs)
    unseen = np.ones((len(who.unlabeled), len(members)), bool)
    for member, part in enumerate(samples):
        unseen[part, member] = False
    nearness = None if neighbor is None else neighbor.training_scores_[who.unlabeled]
    combination = Combination.of(found[who.unlabeled], unseen, nearness, weight)
    unlabeled = combination.values(found[who.unlabeled], nearness, unseen)
    anomalies = coded_rows(rows.name, rows.take(who.anomaly), rows.names, rows.kinds)
    known = _neighbor_scores(neighbor, anomalies)
    anomaly = combination.values(found[who.anomaly], known)
    return Ranked(EnsembleModel(members, form, neighbor, combination), unlabeled, anomaly)


def _neighbor_scores(neighbor: NeighborScore | None, rows: Rows) -> NDArray[np.float64] | None:
    return None if neighbor is None else neighbor.decision_function(rows)
