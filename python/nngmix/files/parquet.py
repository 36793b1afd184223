"""Parquet, some row groups at a time, so that memory is bounded whatever the size of a file."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.columns import Header, pandas_index
from nngmix.files.source import Reading, Source
from nngmix.files.statistics import row_group

__all__ = ["FragmentSource", "ParquetSource"]

# Batches that Arrow decodes before they are asked for.
_READAHEAD = 4
# Row groups that are opened together.
_PIECE_BYTES = 1 << 25
# Below this many bytes a column a task for each costs more than it decodes: very wide tables show it.
_TASK_BYTES = 4096


class ParquetSource(Source):
    """A Parquet file."""

    filters = True

    def _header(self) -> Header:
        schema = arrow().parquet.read_schema(self.path)
        return Header(tuple(schema.names), tuple(schema.types), pandas_index(schema))

    def _batches(self, columns: Sequence[str], reading: Reading) -> Iterator[Any]:
        # Opened anew each time: a fragment that was read keeps its footer, 150 KB each for 30 columns.
        pa = arrow()
        ds = pa.dataset
        known = None
        for name, value in reading.keys.items():
            same = ds.field(name) == value if value.is_valid else ds.field(name).is_null()
            known = same if known is None else known & same
        fragment = ds.ParquetFileFormat().make_fragment(self.path, pa.fs.LocalFileSystem(), known)
        yield from _looked_at(fragment, columns, reading)


class FragmentSource(Source):
    """A fragment of a dataset of the caller's, which may be a choice of row groups."""

    filters = True

    def __init__(self, path: str, fragment: Any, names: Collection[str]) -> None:
        super().__init__(path)
        self.fragment, self.names = fragment, names

    def _header(self) -> Header:
        schema = self.fragment.physical_schema
        there = [
            (name, kind) for name, kind in zip(schema.names, schema.types, strict=True) if name in self.names
        ]
        return Header(
            tuple(name for name, _ in there), tuple(kind for _, kind in there), pandas_index(schema)
        )

    def _batches(self, columns: Sequence[str], reading: Reading) -> Iterator[Any]:
        yield from _looked_at(self.fragment, columns, reading)


def _looked_at(fragment: Any, columns: Sequence[str], reading: Reading) -> Iterator[Any]:
    """Batches of the row groups of which a look is not enough, and what it gives of the others."""
    look = reading.look
    if look is None or not hasattr(fragment, "row_groups"):
        yield from _fragment_batches(fragment, columns, reading)
        return
    waiting: list[int] = []
    for group in fragment.row_groups:
        # What is beside is read at once, which is not for row groups that are read page by page.
        small = group.total_byte_size <= reading.most_bytes
        told = row_group(fragment, group, columns, look.beside) if small else None
        seen = None if told is None else look.instead(told)
        if seen is None:
            waiting.append(group.id)
            continue
        if waiting:
            yield from _fragment_batches(fragment.subset(row_group_ids=waiting), columns, reading)
            waiting = []
        yield seen
    if waiting:
        yield from _fragment_batches(fragment.subset(row_group_ids=waiting), columns, reading)


def _fragment_batches(fragment: Any, columns: Sequence[str], reading: Reading) -> Iterator[Any]:
    pa = arrow()
    schema = fragment.physical_schema
    for name, value in reading.keys.items():
        schema = schema.append(pa.field(name, value.type))
    for piece, size in _pieces(fragment):
        options, paged, threads = None, False, True
        if size is not None:
            paged, threads = size > reading.most_bytes, size >= _TASK_BYTES * len(schema)
            options = pa.dataset.ParquetFragmentScanOptions(pre_buffer=False, use_buffered_stream=paged)
        yield from piece.to_batches(
            schema=schema,
            columns=list(columns),
            filter=reading.filter,
            batch_size=reading.most_rows,
            batch_readahead=0 if paged else _READAHEAD,
            fragment_scan_options=options,
            use_threads=threads,
        )


def _pieces(fragment: Any) -> Iterator[tuple[Any, int | None]]:
    """A few row groups at a time, since Arrow reads ahead to the end, and their bytes."""
    if not hasattr(fragment, "row_groups"):
        yield fragment, None
        return
    waiting: list[int] = []
    size = 0
    for group in fragment.row_groups:
        if waiting and size + group.total_byte_size > _PIECE_BYTES:
            yield fragment.subset(row_group_ids=waiting), size
            waiting, size = [], 0
        waiting.append(group.id)
        size += group.total_byte_size
    if waiting:
        yield fragment.subset(row_group_ids=waiting), size
