"""The blocks of a stream: what may be given as such, and as the rows that a pass takes."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from nngmix.files.read_ahead import ahead
from nngmix.files.scan import Scan
from nngmix.files.statistics import Look, RowGroup
from nngmix.neighbors.glance import Glance, glance
from nngmix.neighbors.passes import AnyPass, Survey
from nngmix.neighbors.updates import SEARCH_VALUES
from nngmix.parameters.progress import Callback
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.base import Rows
from nngmix.rows.frame import is_frame, library, native
from nngmix.rows.gathered import Gathered
from nngmix.rows.names import listed
from nngmix.rows.refusal import Advice
from nngmix.rows.rows import IN_MEMORY, Known, as_rows, matched

__all__ = ["Batches", "Blocks", "checked_batches"]

Batches = Iterable[Any] | Callable[[], Iterable[Any]]

_BLOCK = Advice(
    IN_MEMORY.types,
    IN_MEMORY.values,
    categories=IN_MEMORY.categories,
    dates=IN_MEMORY.dates,
)
_FIRST_BLOCK = replace(_BLOCK, warn_index=True)


def checked_batches(batches: Any) -> Batches:
    """Blocks to be gone through, and not one block, a path or a query."""
    batches = native("batches", batches)
    if hasattr(batches, "get_fragments"):
        return Scan(batches)
    if isinstance(batches, str | os.PathLike):
        shown = os.fspath(batches)
        raise TypeError(f"batches is the path {shown!r}: nngmix.stream.Scan({shown!r}) reads files in blocks")
    # An Arrow reader is a frame to the door, but it gives its rows in batches.
    one_block = is_frame(batches) and not hasattr(batches, "read_next_batch")
    # So is a column: its values are no blocks.
    one_block |= library(batches) in ("pandas", "polars", "pyarrow") and hasattr(batches, "dtype")
    if one_block or (isinstance(batches, np.ndarray) and batches.ndim < 3):
        kind = type(batches).__name__
        raise TypeError(f"batches must be an iterable of blocks of rows, got one {kind}: pass [batches]")
    if isinstance(batches, Mapping):
        raise TypeError(
            f"batches must be an iterable or a callable, got {type(batches).__name__} with the keys "
            f"{listed(map(repr, batches), 4)}: pass the blocks, as [batches[key]] or list(batches.values())"
        )
    if not (callable(batches) or isinstance(batches, Iterable)):
        raise TypeError(f"batches must be an iterable or a callable, got {type(batches).__name__}")
    return batches  # type: ignore[no-any-return]


def _given_by(batches: Callable[[], Any]) -> Iterable[Any]:
    """The blocks that a callable gives, which must be such as may be given without one."""
    given = batches()
    try:
        given = checked_batches(given)
    except TypeError as error:
        raise TypeError(f"batches is a callable, and what it gives is refused: {error}") from None
    if callable(given):
        raise TypeError(
            f"batches is a callable that gives another one, {type(given).__name__}: call that too"
        )
    return given


class Blocks:
    """The blocks of a stream as the rows that a pass takes; small ones are put together."""

    def __init__(
        self,
        batches: Batches,
        given: Rows,
        read_ahead: int,
        n_threads: int | None,
        report: Callback | None,
        asked: ColumnsAsked | None = None,
    ) -> None:
        self.batches, self.reference = batches, given
        self.report, self.n_rows = report, 0
        self.read_ahead, self.n_threads = read_ahead, n_threads
        self.names, self.names_of = given.names, given.name
        self.asked = None if asked is None else asked.of_others
        self.known = Known.of(given)

    def fold(self, state: AnyPass) -> AnyPass:
        """Run a pass over all rows."""
        dtype, n_features = self.reference.dtype, self.reference.n_features
        n_rows = max(1, SEARCH_VALUES // n_features)
        buffer = np.empty((n_rows, n_features), dtype)
        held = Gathered("batches", buffer, self.names, self.reference.kinds, _BLOCK)
        row = 0
        for block in self._blocks(self._look(state)):
            if isinstance(block, Glance) and isinstance(state, Survey):
                if len(held):
                    state.update(held, None, held.first_row)
                state.glance(block)
                row += block.num_rows
                held.clear(row)
                continue
            rows = self._taken(block, row)
            # Rows that are ready are searched where they lie, unless they are few.
            if len(rows) >= n_rows // 2 and rows.ready(dtype) is not None:
                if len(held):
                    state.update(held, None, held.first_row)
                state.update(rows, None, row)
                held.clear(row + len(rows))
            else:
                start = 0
                while start < len(rows):
                    start = held.add(rows, start, self.n_threads)
                    if held.full:
                        state.update(held, None, held.first_row)
                        held.clear(row + start)
            row += len(rows)
            if self.report is not None:
                self.report(state.stage, row, self.n_rows)
        if len(held):
            state.update(held, None, held.first_row)
        self.n_rows = row
        return state

    def _look(self, state: AnyPass) -> Look | None:
        """A glance at files may be enough for a survey, where no column holds categories."""
        if not (isinstance(state, Survey) and state.trusting and self.reference.kinds is None):
            return None
        spec = state.spec

        def instead(group: RowGroup) -> Glance | None:
            return glance(spec, group.num_rows, lambda: self._taken(group.ends, 1), None)

        return Look(instead)

    def _blocks(self, look: Look | None) -> Iterator[Any]:
        batches = self.batches

        def make() -> Iterator[Any]:
            if isinstance(batches, Scan):
                return (block for part in batches.parts() for block in batches.batches(part, look))
            return iter(_given_by(batches) if callable(batches) else batches)

        return ahead(make, self.read_ahead) if self.read_ahead else make()

    def _taken(self, block: Any, row: int) -> Rows:
        """A block as rows with the columns of the anomalies, and of a type that their table takes."""
        name = f"the block of batches from row {row}"
        if isinstance(block, str) or hasattr(block, "__fspath__"):
            raise TypeError(
                f"{name} is the path {os.fspath(block)!r}: nngmix.stream.Scan reads files, several too"
            )
        if isinstance(block, tuple) and len(block) == 2 and hasattr(block[1], "shape"):
            raise TypeError(
                f"{name} is a pair, {type(block[0]).__name__} and {type(block[1]).__name__}, as enumerate, "
                "zip or groupby give them: pass the blocks alone, (block for _, block in batches)"
            )
        advice = _FIRST_BLOCK if row == 0 and self.names is None else _BLOCK
        rows = as_rows(name, block, asked=self.asked, known=self.known, advice=advice, first_row=row)
        rows = matched(rows, self.reference)
        if self.names is None and rows.names is not None:
            # Anomalies without names take the columns of the first frame as they come.
            self.names, self.names_of = rows.names, "the first frame of batches"
        rows = rows.matched(self.names, self.names_of)
        if rows.dtype == np.float64 != self.reference.dtype:
            raise TypeError(
                f"{name} is {rows.dtype} but X_anomaly is float32: make both float32, or pass "
                "X_anomaly.astype(float) for rows in float64"
            )
        # What is wrong with a value is told by its row in the whole stream.
        rows.name = "batches"
        return rows
