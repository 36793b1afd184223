"""The passes of a fit over partitions: folded over the blocks of each, and merged.

A partition is one or more blocks (arrays, pandas frames, Arrow batches). An engine brings the function that
runs a state over all partitions; nothing but states travels.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.engines.roles import ADVICE
from nngmix.neighbors.fit import Fitted, fit
from nngmix.neighbors.glance import Glance
from nngmix.neighbors.passes import AnyPass, Pass, Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.warnings import warn, warn_missing
from nngmix.rows.labels import read_labels
from nngmix.rows.names import listed
from nngmix.rows.rows import Rows, as_rows, check_units

__all__ = [
    "Block",
    "Note",
    "PartitionState",
    "Partitions",
    "fold_partition",
    "merged",
    "partition_name",
    "split_row_id",
]

# Rows of a partition are numbered from here on: 2^23 partitions of 2^40 rows.
_PARTITION = 40


def split_row_id(row_ids: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Partition and row within it of the row ids that Dask and Spark give to the rows of a frame.

    Parameters
    ----------
    row_ids : array-like of int
        ``partition * 2**40 + row``, as in `MixPlan.partner` where `MixPlan.unlabeled`.

    Returns
    -------
    partition, row : ndarray of int64
        As the engine numbered them while it searched; another run may cut the data otherwise.

    Raises
    ------
    ValueError
        For what is no integer.

    Examples
    --------
    >>> from nngmix.dask import split_row_id
    >>> split_row_id([3 * 2**40 + 17])
    (array([3]), array([17]))
    """
    ids = np.asarray(row_ids, np.int64)
    return ids >> _PARTITION, ids & ((1 << _PARTITION) - 1)


def partition_name(number: int) -> str:
    """What messages call a partition."""
    return f"partition {number}"


@dataclass(frozen=True, eq=False)
class Block:
    """Some rows of a partition.

    Attributes
    ----------
    X
        Their features, as the door takes them.
    label, id
        Those columns, where there are any.
    others
        Columns that a note looks at.
    """

    X: Any
    label: Any = None
    id: Any = None
    others: Any = None


class Note(Protocol):
    """What is to be known of the rows besides; small, and mergeable."""

    def update(self, block: Block, first_id: int, state: Pass) -> None:
        """Take a block into account that `state` has just met, whose row ids begin with `first_id`."""
        ...

    def merge(self, other: Self, state: Pass | None = None) -> None:
        """Take another note into account; `state` is that of both, if they are of one pass."""
        ...


class PartitionState:
    """What is known after some partitions: a pass, partitions that could not be read and why, and notes."""

    def __init__(self, state: Any, skip_bad: bool, notes: Sequence[Any] = ()) -> None:
        self.state = state
        self.skip_bad = skip_bad
        self.notes = list(notes)
        self.skipped: dict[int, str] = {}

    def copied(self) -> Self:
        """A copy to go back to."""
        copy = type(self)(self.state.copied(), self.skip_bad, deepcopy(self.notes))
        copy.skipped = dict(self.skipped)
        return copy

    def update(self, block: Block, rows: Rows, first_id: int) -> None:
        """Take rows that have passed the door into account."""
        spec: FitSpec = self.state.spec
        if np.result_type(rows.dtype, spec.dtype) != spec.dtype:
            raise TypeError(
                f"{rows.name} is {rows.dtype}, but the whole frame is {spec.dtype} by its types: give the "
                "partitions the types that the frame says they have"
            )
        labels = None if block.label is None else read_labels(f"the label column in {rows.name}", block.label)
        self.state.update(rows, labels, first_id)
        for note in self.notes:
            note.update(block, first_id, self.state)

    def merge(self, other: Self) -> None:
        self.state.merge(other.state)
        self.skipped |= other.skipped
        for note, theirs in zip(self.notes, other.notes, strict=True):
            note.merge(theirs, self.state)


def fold_partition(empty: PartitionState, blocks: Iterable[Block | Glance], partition: int) -> PartitionState:
    """`empty`, which stays as it is, after the blocks of a partition; errors name the partition."""
    state, name, row, rows = empty.copied(), partition_name(partition), 0, None
    try:
        for block in blocks:
            rows = None
            if isinstance(block, Glance):
                state.state.glance(block)
                row += block.num_rows
                continue
            known = empty.state.spec.known
            rows = as_rows(name, block.X, known=known, advice=ADVICE, first_row=row)
            check_units(rows, known.units, "the whole frame by its types")
            state.update(block, rows, (partition << _PARTITION) + row)
            row += len(rows)
    except (ValueError, TypeError) as error:
        said = str(error) if str(error).startswith(name) else f"{name}: {error}"
        # Rows that are read well, but not finite, are no reason to leave out all others beside them.
        if not empty.skip_bad or (rows is not None and _converts(rows, empty.state.spec.dtype)):
            raise (TypeError if isinstance(error, TypeError) else ValueError)(said) from error
        state = empty.copied()
        state.skipped[partition] = said
    return state


def _converts(rows: Rows, dtype: np.dtype[Any]) -> bool:
    """Whether all values are numbers of the type, finite or not."""
    if np.result_type(rows.dtype, dtype) != dtype:
        return False
    try:
        for _ in rows.blocks(dtype):
            pass
    except (ValueError, TypeError):
        return False
    return True


def merged(states: Sequence[PartitionState]) -> PartitionState:
    """All of them in one; a new one, for an engine may use its results again."""
    state = states[0].copied()
    for other in states[1:]:
        state.merge(other)
    return state


class Partitions:
    """All partitions of a frame, as the fitting sequence sees them.

    Parameters
    ----------
    run : callable
        Runs a state over all partitions and gives the merged one.
    skip_bad : bool
        Leave out partitions that cannot be read.
    notes : sequence of Note
        Empty ones, taken in each pass anew; `notes` holds what all passes have found.
    """

    def __init__(
        self,
        run: Callable[[PartitionState], PartitionState],
        skip_bad: bool = False,
        notes: Sequence[Any] = (),
    ) -> None:
        self.run, self.skip_bad = run, bool(skip_bad)
        self.notes = list(notes)
        self.skipped: dict[int, str] | None = None
        self._empty = deepcopy(self.notes)

    def fit(self, spec: FitSpec, given: Rows | None = None) -> Fitted:
        """The fitting sequence over all partitions, with warnings of what it left out."""
        fitted = fit(self._fold, spec, given)
        if self.skipped:
            warn(_said(self.skipped))
        warn_missing(fitted.counts.n_missing, fitted.counts.n_rows)
        return fitted

    def _fold(self, state: AnyPass) -> AnyPass:
        done = self.run(PartitionState(state, self.skip_bad, deepcopy(self._empty)))
        if self.skipped is not None and self.skipped.keys() != done.skipped.keys():
            raise ValueError(
                f"two passes over the partitions differ: the first {_said(self.skipped)}, the second "
                f"{_said(done.skipped)}; write or persist data that changes from one reading to the next"
            )
        if done.skipped and done.state.counts.n_rows == 0:
            raise ValueError(f"no partition could be read: {_said(done.skipped)}")
        self.skipped = done.skipped
        for note, found in zip(self.notes, done.notes, strict=True):
            note.merge(found)
        if isinstance(state, Survey) and state.spec.rule is not None and not done.skipped:
            # All rows are there, so that a label that none of them has is misspelt.
            state.spec.rule.check_met(state.spec.where, done.state.counts.labels)
        folded: AnyPass = done.state
        return folded


def _said(skipped: dict[int, str]) -> str:
    named = listed((why for _, why in sorted(skipped.items())), 8)
    n = len(skipped)
    return f"left out {n} partition{'' if n == 1 else 's'} that could not be read" + (
        f" ({named})" if named else ""
    )
