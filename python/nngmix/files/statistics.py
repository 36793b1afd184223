"""What the footer of a Parquet file says of a row group that is not read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nngmix.files.arrow import arrow

__all__ = ["Look", "RowGroup", "row_group"]

# Of fewer rows the values are read sooner than the statistics of their columns.
_FEW_ROWS = 4096


@dataclass(frozen=True)
class RowGroup:
    """Rows of which no more is known than their footer tells, and the columns beside.

    Attributes
    ----------
    num_rows : int
    ends : pyarrow.RecordBatch
        Two rows: the least and the greatest value of each column, as the file claims.
    beside : pyarrow.Table or None
        Columns that were read.
    """

    num_rows: int
    ends: Any
    beside: Any


@dataclass(frozen=True)
class Look:
    """What may take the place of rows that are not read.

    Attributes
    ----------
    instead : callable
        Called with each `RowGroup`; gives an object with `num_rows`, or None to have the rows read.
    beside : tuple of str
        Columns that are read for that, whose ends are not asked for.
    """

    instead: Callable[[RowGroup], Any]
    beside: tuple[str, ...] = ()


def row_group(fragment: Any, group: Any, columns: Sequence[str], beside: Sequence[str]) -> RowGroup | None:
    """A row group of a fragment; None unless there are statistics of every column."""
    pa, metadata = arrow(), fragment.metadata
    if group.num_rows < _FEW_ROWS:
        return None
    leaves = {metadata.schema.column(j).path: j for j in range(metadata.num_columns)}
    told, ends = metadata.row_group(group.id), {}
    for name in columns:
        if name in beside:
            continue
        known = told.column(leaves[name]).statistics if name in leaves else None
        if known is None or not known.has_min_max:
            return None
        try:
            ends[name] = pa.array([known.min, known.max], fragment.physical_schema.field(name).type)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            # Not every type comes back from its statistics: half floats are bytes there.
            return None
    read = fragment.subset(row_group_ids=[group.id]).to_table(columns=list(beside)) if beside else None
    return RowGroup(group.num_rows, pa.RecordBatch.from_pydict(ends), read)
