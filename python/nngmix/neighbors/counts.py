"""How many rows a pass has met, and of what kind."""

from dataclasses import dataclass, field
from typing import Self

from nngmix.rows.label_counts import LabelCounts

__all__ = ["Counts"]


@dataclass
class Counts:
    """Rows met in one pass.

    Attributes
    ----------
    n_rows, n_unlabeled, n_anomalies : int
        All rows; those that are unlabelled, and labelled anomalies, and finite.
    n_missing : int
        Rows passed by, since they are not finite.
    labels : LabelCounts
    """

    n_rows: int = 0
    n_unlabeled: int = 0
    n_anomalies: int = 0
    n_missing: int = 0
    labels: LabelCounts = field(default_factory=LabelCounts)

    def add(self, other: Self) -> None:
        self.n_rows += other.n_rows
        self.n_unlabeled += other.n_unlabeled
        self.n_anomalies += other.n_anomalies
        self.n_missing += other.n_missing
        self.labels.merge(other.labels)
