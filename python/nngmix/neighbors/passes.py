"""The two passes of a fit, as states that take rows in any parts.

They can be copied before a part that may have to be given up, travel between processes, and merge.
"""

from collections.abc import Callable
from copy import copy, deepcopy
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.anomalies import Anomalies, recoded
from nngmix.neighbors.counts import Counts
from nngmix.neighbors.generation import BLOCK_VALUES
from nngmix.neighbors.glance import Glance, Mistaken
from nngmix.neighbors.row_choice import Mask, RowChoice, all_take_part
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.neighbors.updates import SEARCH_VALUES
from nngmix.rows.kinds import Kinds, joined_kinds
from nngmix.rows.labels import Labels, spelled_once
from nngmix.rows.rows import Rows
from nngmix.rows.scaling import MinMaxState, scale_state, take

__all__ = ["AnyPass", "Counts", "Pass", "Search", "Survey"]

# Called with the number of rows done.
Report = Callable[[int], None]


class Pass(Protocol):
    """What is known after some rows."""

    # What reports call it.
    stage: ClassVar[str]
    counts: Counts

    def update(self, rows: Rows, labels: Labels | None, first_id: int, report: Report | None = None) -> None:
        """Take rows into account, whose ids begin with `first_id`; labels of None make all unlabelled.

        `report` is called with the number of rows done, after each block.
        """
        ...

    def merge(self, other: Self) -> None:
        """Take into account what another pass over other rows has found."""
        ...

    def copied(self) -> Self:
        """A copy to go back to, whatever becomes of the original."""
        ...


AnyPass = TypeVar("AnyPass", bound=Pass)


# Of a block, in which a column shows soon whether it is of whole numbers or of one value.
_FEW_ROWS = 1024


class Survey(RowChoice):
    """First pass: the scale of the columns, the labelled anomalies if they are few, and all counts.

    One that is `trusting` may be given glances instead of rows; a search `checks` them then.
    """

    stage: ClassVar[str] = "scale"

    def __init__(self, spec: FitSpec, *, trusting: bool = False) -> None:
        super().__init__(spec)
        self.trusting, self.guessed = trusting, False
        # Finding ranges is the fastest check that all is finite; without a scale they are not used.
        missing = spec.missing == "keep"
        self.scaling = scale_state(spec.scale, spec.n_features, missing) or MinMaxState(
            spec.n_features, missing
        )
        # What new rows are clipped to is another range than that of all rows.
        self.unlabeled = MinMaxState(spec.n_features, missing) if spec.columns.clip == "unlabeled" else None
        # What the columns hold, and the anomalies by the dictionaries of the rows that they came with.
        self.kinds: Kinds | None = None
        self.found: list[tuple[NDArray[np.int64], NDArray[Any], list[Any], Kinds | None]] = []
        # Whether the labels were texts of a file without types, where 1 and 1.0 are one label.
        self.written = False

    def update(self, rows: Rows, labels: Labels | None, first_id: int, report: Report | None = None) -> None:
        who = None
        if labels is not None and self.spec.rule is not None:
            who = self.spec.rule.split(labels)
            self.counts.labels.add(labels.counts())
            self.written |= labels.written
        self._learn(rows.kinds, self.counts.n_rows)
        kinds = np.empty(0, np.int64) if who is None else np.zeros(len(rows), np.int64)
        if who is not None:
            kinds[who.anomaly] = who.kinds
        for span, made in rows.lazy_blocks(self.spec.dtype, BLOCK_VALUES):
            given = (None, None) if who is None else (who.anomaly[span], who.unlabeled[span])
            block = None
            if all_take_part(*given) and self._taken_by_column(rows, span):
                anomaly, _ = self.masks(span.stop - span.start, None, *given)
            else:
                block = made(self.spec.n_threads)
                anomaly = self._taken_by_row(rows, block, span.start, *given)
            if who is not None and anomaly is not None and anomaly.any():
                at = np.flatnonzero(anomaly)
                values = [who.values[kind] for kind in kinds[span][at].tolist()]
                if block is None:
                    found = rows.take(span.start + at, self.spec.dtype, n_threads=self.spec.n_threads)
                else:
                    found = block[at]
                self.found.append((first_id + span.start + at, found, values, rows.kinds))
                self._forget()
            if report is not None:
                report(span.stop)

    def glance(self, told: Glance) -> None:
        """Take rows into account by what is said of them."""
        self.guessed = True
        self.counts.n_rows += told.num_rows
        self.counts.n_unlabeled += told.n_unlabeled
        self.counts.labels.add(told.labels)
        self.written |= told.written
        self.scaling.update(told.ends, n_threads=self.spec.n_threads)

    def _learn(self, kinds: Kinds | None, n_known: int) -> None:
        """Take dictionaries into account; the first that are met say which columns hold categories."""
        self.kinds = kinds if n_known == 0 else joined_kinds(self.kinds, kinds, self.spec.names)

    def _taken_by_column(self, rows: Rows, span: slice) -> bool:
        """Scale rows by their columns, where these lie, unless they must be looked at row by row."""
        # A range of the unlabelled rows alone needs their block.
        columns = rows.by_column(span, self.spec.dtype) if self.unlabeled is None else None
        if columns is None:
            return False
        try:
            self.scaling.update(columns, n_threads=self.spec.n_threads)
        except ValueError:
            # A value is not finite: its row is named, or passed by.
            return False
        return True

    def _taken_by_row(
        self, rows: Rows, block: NDArray[Any], start: int, anomaly: Mask | None, unlabeled: Mask | None
    ) -> Mask | None:
        """Scale the rows of a block that take part; the anomalies among them."""
        anomaly, unlabeled = self.masks(len(block), self.finite_rows(rows, block), anomaly, unlabeled)
        used = unlabeled if anomaly is None or unlabeled is None else unlabeled | anomaly
        n_threads = self.spec.n_threads
        with rows.located(block, start, used):
            chosen = block if used is None or used.all() else take(block, used, n_threads=n_threads)
            self.scaling.update(chosen, n_threads=n_threads)
            if self.unlabeled is not None:
                self.unlabeled.update(take(block, unlabeled, n_threads=n_threads), n_threads=n_threads)
        return anomaly

    def merge(self, other: Self) -> None:
        if other.counts.n_rows > 0:
            self._learn(other.kinds, self.counts.n_rows)
        self.counts.add(other.counts)
        self.scaling.merge(other.scaling)
        if self.unlabeled is not None and other.unlabeled is not None:
            self.unlabeled.merge(other.unlabeled)
        self.found = self.found + other.found
        self.written |= other.written
        self.guessed |= other.guessed
        self._forget()

    def copied(self) -> Self:
        survey = copy(self)
        survey.counts, survey.scaling = deepcopy(self.counts), deepcopy(self.scaling)
        survey.unlabeled = deepcopy(self.unlabeled)
        survey.found = list(self.found)
        return survey

    def _forget(self) -> None:
        # A label that marks too many is an error in the end; until then they must not fill the memory.
        most = self.spec.max_anomalies
        if most is not None and self.counts.n_anomalies > most:
            self.found = []

    def anomalies(self) -> Anomalies:
        """The labelled anomalies in the order of their ids, at least one."""
        rule, where, n_found = self.spec.rule, self.spec.where, self.counts.n_anomalies
        if rule is None:
            raise ValueError("there are no labelled anomalies")
        if n_found == 0:
            there = (value for value in self.counts.labels.counts if value is not None)
            if any(rule.is_anomaly(value, self.written) for value in there):
                raise ValueError(
                    f"no labelled anomaly of {where} is finite in all columns: with missing='skip' all of "
                    "them were left out"
                )
            raise rule.missing_label(where, self.counts.labels)
        most = self.spec.max_anomalies
        if most is not None and n_found > most:
            raise ValueError(
                f"{n_found} rows are labelled anomalies by {where}, more than max_anomalies={most}: is it "
                "the value of the normal rows? Raise max_anomalies if not"
            )
        ids = np.concatenate([ids for ids, _, _, _ in self.found])
        order = np.argsort(ids, kind="stable")
        values = [value for _, _, values, _ in self.found for value in values]
        values = [values[i] for i in order.tolist()]
        rows = np.concatenate([recoded(rows, kinds, self.kinds) for _, rows, _, kinds in self.found])
        labels = spelled_once(values) if self.written else values
        return Anomalies(rows[order], ids[order], labels, self.kinds)


class Search(RowChoice):
    """Second pass: the table of the nearest unlabelled rows.

    Where it is the only one, it sees of the columns what a survey would have seen: nothing is scaled then, so
    that this can wait until the end. Where a survey was given glances, it sees whether they were right.
    """

    stage: ClassVar[str] = "search"

    def __init__(
        self,
        spec: FitSpec,
        table: NeighborTable,
        *,
        surveys: bool = False,
        within: MinMaxState | None = None,
    ) -> None:
        super().__init__(spec)
        # The ranges by which rows are scaled, if all of them must lie within.
        self.table, self.within = table, within
        self.seen = (
            MinMaxState(spec.n_features, spec.missing == "keep") if surveys and spec.finishes else None
        )

    def update(self, rows: Rows, labels: Labels | None, first_id: int, report: Report | None = None) -> None:
        who = None
        if labels is not None and self.spec.rule is not None:
            who = self.spec.rule.split(labels)
        rows = self.table.learn(rows)
        for start, block in rows.blocks(self.spec.dtype, SEARCH_VALUES, n_threads=self.spec.n_threads):
            span = slice(start, start + len(block))
            given = (None, None) if who is None else (who.anomaly[span], who.unlabeled[span])
            _, unlabeled = self.masks(len(block), self.finite_rows(rows, block), *given)
            # No mask is faster than one of all rows.
            unlabeled = None if unlabeled is None or unlabeled.all() else unlabeled
            with rows.located(block, start, unlabeled):
                self._see(block, unlabeled)
                self.table.update_block(block, first_id + start, unlabeled)
            if report is not None:
                report(span.stop)

    def _see(self, block: NDArray[Any], unlabeled: Mask | None) -> None:
        """Find out what there still is to find out of the columns: most show soon that it is nothing."""
        for rows in (slice(None, _FEW_ROWS), slice(_FEW_ROWS, None)):
            seen, n_threads = self.seen, self.spec.n_threads
            if seen is None:
                return
            everything = self.within is not None or self.spec.columns.clip == "unlabeled"
            if not everything and not (seen.constant() | seen.whole()).any():
                return
            part = block[rows]
            used = part if unlabeled is None else take(part, unlabeled[rows], n_threads=n_threads)
            seen.update(used, n_threads=n_threads)
            if self.within is not None and not self.within.holds(seen):
                raise Mistaken

    def merge(self, other: Self) -> None:
        self.counts.add(other.counts)
        self.table.merge(other.table)
        if self.seen is not None and other.seen is not None:
            self.seen.merge(other.seen)

    def copied(self) -> Self:
        search = copy(self)
        # Updates replace the state of a table, they do not write into it.
        search.counts, search.table = deepcopy(self.counts), copy(self.table)
        search.seen = deepcopy(self.seen)
        return search
