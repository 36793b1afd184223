"""A table with anomalies, as a pandas frame of categories, booleans, whole numbers, measures and holes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_ROWS = 6000
# Of the rows: a table of which half are "anomalies" is another task.
MOST_ANOMALIES = 0.1


@dataclass(frozen=True, eq=False)
class Table:
    name: str
    frame: Any
    anomaly: NDArray[np.bool_]

    def cut(self, rng: np.random.Generator, most_rows: int) -> "Table":
        """At most this many rows, of which at most a tenth are anomalies, drawn at random."""
        normal, anomalies = (rng.permutation(np.flatnonzero(self.anomaly == kind)) for kind in (False, True))
        most = int(MOST_ANOMALIES * min(most_rows, len(normal) / (1 - MOST_ANOMALIES)))
        anomalies = anomalies[:most]
        kept = np.sort(np.concatenate([anomalies, normal[: most_rows - len(anomalies)]]))
        return Table(self.name, self.frame.iloc[kept].reset_index(drop=True), self.anomaly[kept])


def with_holes(rng: np.random.Generator, frame: Any, names: list[str], share: float) -> None:
    """Make that share of the values of each of these columns missing; columns of integers become floats."""
    for name in names:
        frame[name] = frame[name].mask(rng.random(len(frame)) < share)
