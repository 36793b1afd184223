"""Several classes of anomalies: which rows of the output are whose, and from which random streams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.checks import check_neighbors
from nngmix.parameters.seed import RandomState, child, seed_sequence
from nngmix.rows.label_values import number_shown

__all__ = ["Share", "class_tables", "shares"]


@dataclass(frozen=True, eq=False)
class Share:
    """The new rows of one class, and the anomalies that they are made from.

    Attributes
    ----------
    label : Any
        As it was met; None where there is one class without a label.
    anomalies : ndarray of int64
        Their rows among all anomalies.
    start, stop : int
        The numbers of the new rows in the whole output.
    seed : SeedSequence
        Of the class's own random streams, in which rows are numbered from 0.
    """

    label: Any
    anomalies: NDArray[np.int64]
    start: int
    stop: int
    seed: np.random.SeedSequence

    def __len__(self) -> int:
        return self.stop - self.start


def shares(
    labels: list[Any] | None,
    n_anomalies: int,
    n_samples: int,
    random_state: RandomState,
    by_class: Mapping[Any, int] | None = None,
) -> list[Share]:
    """The shares of all classes, in the order of their labels.

    The amount is for all classes together and is shared by their numbers of anomalies, unless `by_class` has
    the rows of each. The first class reads
    the seed's own streams, so that one class keeps its bytes; the others read those of its children.
    """
    seed = seed_sequence(random_state)
    if labels is None:
        return [Share(None, np.arange(n_anomalies), 0, n_samples, seed)]
    of_class: dict[Any, list[int]] = {}
    for row, label in enumerate(labels):
        of_class.setdefault(label, []).append(row)
    ordered = sorted(of_class, key=_order)
    if by_class is None:
        counts = _shared(n_samples, [len(of_class[label]) for label in ordered])
    else:
        lacking = [label for label, count in by_class.items() if count and label not in of_class]
        if lacking:
            raise ValueError(f"no row of the class {lacking[0]!r} is finite in all columns")
        counts = [by_class.get(label, 0) for label in ordered]
    found, start = [], 0
    for number, (label, count) in enumerate(zip(ordered, counts, strict=True)):
        rows = np.array(of_class[label], np.int64)
        found.append(
            Share(label, rows, start, start + count, seed if number == 0 else child(seed, number - 1))
        )
        start += count
    return found


def _order(label: Any) -> tuple[bool, Any, str]:
    """Numbers before texts, each in their own order, whether they are numbers or texts that show one.

    So the labels of a CSV, which are all texts, come in the order that they have in a file of typed columns.
    """
    number = number_shown(label)
    return (False, number, str(label)) if number is not None else (True, str(label), "")


def _shared(n_samples: int, weights: list[int]) -> list[int]:
    """`n_samples` in whole parts as near to the weights as can be; what is left goes to the largest rests."""
    total = sum(weights)
    parts = [n_samples * weight // total for weight in weights]
    rests = sorted(range(len(weights)), key=lambda i: (-(n_samples * weights[i] % total), i))
    for i in rests[: n_samples - sum(parts)]:
        parts[i] += 1
    return parts


def class_tables(
    table: NeighborTable, classes: Sequence[Share], n_neighbors: float, n_neighbors_anomaly: float
) -> list[NeighborTable]:
    """The table of each class: its anomalies, and as many neighbours as were asked for within it."""
    if len(classes) == 1:
        return [table]
    tables = []
    for share in classes:
        n_anomalies = len(share.anomalies)
        kept = min(check_neighbors("n_neighbors", n_neighbors, n_anomalies), table.n_neighbors)
        others = check_neighbors("n_neighbors_anomaly", n_neighbors_anomaly, n_anomalies)
        tables.append(table.subset(share.anomalies, kept, others))
    return tables
