"""Which rows take part in a pass: finite ones, by their labels; and how many were met."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.counts import Counts
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.rows import Rows

__all__ = ["Mask", "RowChoice", "all_take_part"]

Mask = NDArray[np.bool_]


class RowChoice:
    """How both passes choose rows: finite ones, by their labels."""

    def __init__(self, spec: FitSpec) -> None:
        self.spec = spec
        self.counts = Counts()

    def finite_rows(self, rows: Rows, block: NDArray[Any]) -> Mask | None:
        """Which rows are not to be passed by, if not all."""
        return rows.finite(block) if self.spec.missing == "skip" else None

    def masks(
        self, n_rows: int, finite: Mask | None, anomaly: Mask | None, unlabeled: Mask | None
    ) -> tuple[Mask | None, Mask | None]:
        """Anomalies and unlabelled rows of a block that take part; None for none and for all."""
        self.counts.n_rows += n_rows
        if finite is not None:
            self.counts.n_missing += int(np.count_nonzero(~finite))
            unlabeled = finite if unlabeled is None else unlabeled & finite
            anomaly = None if anomaly is None else anomaly & finite
        if unlabeled is None:
            self.counts.n_unlabeled += n_rows
            return None, None
        self.counts.n_unlabeled += int(np.count_nonzero(unlabeled))
        if anomaly is not None:
            self.counts.n_anomalies += int(np.count_nonzero(anomaly))
        return anomaly, unlabeled


def all_take_part(anomaly: Mask | None, unlabeled: Mask | None) -> bool:
    return anomaly is None or unlabeled is None or bool((anomaly | unlabeled).all())
