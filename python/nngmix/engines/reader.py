"""How rows are taken from the blocks of a partition, and what is left out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix import _core
from nngmix.engines.columns import common_dtype, label_is, matrix

__all__ = ["Reader", "Skipped"]


@dataclass
class Skipped:
    """What ``skip_bad=True`` left out.

    Attributes
    ----------
    n_rows : int
        Rows with NaN, infinity or no value, in partitions that could be read.
    partitions : dict of int to str
        Partitions that could not be read, and why.
    """

    n_rows: int = 0
    partitions: dict[int, str] = field(default_factory=dict)

    def merge(self, other: Self) -> None:
        self.n_rows += other.n_rows
        self.partitions |= other.partitions

    def __bool__(self) -> bool:
        return bool(self.n_rows or self.partitions)

    def __str__(self) -> str:
        named = "; ".join(f"partition {n}: {why}" for n, why in sorted(self.partitions.items())[:8])
        more = "; ..." if len(self.partitions) > 8 else ""
        return f"skipped {self.n_rows} rows that are not finite and {len(self.partitions)} partitions" + (
            f" ({named}{more})" if named else ""
        )


@dataclass(frozen=True)
class Reader:
    """How rows are taken from a block.

    Attributes
    ----------
    features : tuple of str or None
        Their columns; None for arrays.
    dtype : dtype
        float32 or float64, of the whole data set.
    label, anomaly
        Column and value that mark the labelled anomalies among the rows; a label of None marks none.
    skip_bad : bool
        Leave out rows that are not finite, and partitions that cannot be read.
    n_threads : int or None
        Threads that put columns side by side.
    """

    features: tuple[str, ...] | None
    dtype: np.dtype[Any]
    label: str | None = None
    anomaly: Any = None
    skip_bad: bool = False
    n_threads: int | None = 1

    @classmethod
    def of_columns(
        cls,
        types: Mapping[str, Any],
        features: Sequence[str] | None,
        label: str | None,
        anomaly: Any,
        skip_bad: bool,
    ) -> Self:
        """The reader of a frame; `types` are its columns' NumPy or pandas types, or texts if not numeric."""
        if label is not None and label not in types:
            raise ValueError(f"there is no label column {label!r}; there are {_listed(types)}")
        names = tuple(name for name in types if name != label) if features is None else tuple(features)
        if isinstance(features, str) or not names or len(set(names)) < len(names):
            raise ValueError(
                f"features must be the names of at least one column, each once, got {features!r}"
            )
        for name in names:
            if name not in types:
                raise ValueError(f"there is no column {name!r}; there are {_listed(types)}")
            if name == label:
                raise ValueError(f"{name!r} is the label column, it cannot be a feature")
            if getattr(types[name], "kind", "O") not in "fiub":
                raise TypeError(f"column {name!r} must hold numbers, got {types[name]}; name the features")
        return cls(names, common_dtype(types[name] for name in names), label, anomaly, skip_bad)

    def take(self, block: Any, row: int) -> tuple[NDArray[Any], NDArray[np.bool_], NDArray[np.int64]]:
        """Finite rows, which of them are labelled, and their numbers, the block's first being `row`."""
        X = matrix(block, self.features, self.dtype, self.n_threads)
        numbers = np.arange(row, row + len(X))
        marked = np.zeros(len(X), bool) if self.label is None else label_is(block[self.label], self.anomaly)
        bad = _core.first_not_finite(X)
        if bad is not None:
            if not self.skip_bad:
                column = bad[1] if self.features is None else repr(self.features[bad[1]])
                raise ValueError(
                    f"X_unlabeled must be finite, got {X[bad]} in row {row + bad[0]}, column {column}; "
                    "drop or impute such rows, or leave them out with skip_bad=True"
                )
            good = np.isfinite(X).all(axis=1)
            X, marked, numbers = X[good], marked[good], numbers[good]
        return X, marked, numbers


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(map(repr, names[:12])) + (", ..." if len(names) > 12 else "")
