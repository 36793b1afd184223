"""Files as a stream of Arrow batches: Parquet, CSV, Arrow/Feather; single, globbed or partitioned."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nngmix.files.schema import common_schema
from nngmix.parameters.checks import check_count

__all__ = ["Part", "Scan", "expand"]

_FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".arrow": "ipc",
    ".feather": "ipc",
    ".ipc": "ipc",
}
# Rows of a batch, and batches that Arrow decodes before they are asked for.
_BATCH_ROWS = 1 << 16
_READAHEAD = 4
# Row groups of a Parquet file that are opened together.
_PIECE_BYTES = 1 << 25


@dataclass(frozen=True)
class Part:
    """One file of a scan."""

    number: int
    path: str
    fragment: Any


class Scan:
    """A re-iterable stream of Arrow record batches from files, in the order of their paths.

    Columns and row filters are pushed down: of Parquet only what is asked for is read. Files may differ: the
    columns are those of all of them (empty where a file lacks one), in a type that holds the values of each.

    Parameters
    ----------
    source : str, path, sequence of them, or pyarrow.dataset.Dataset
        Files, folders (partitioned ones as Hive does: ``day=3/part.parquet``) and patterns such as
        ``data/*.parquet``; .parquet, .csv, .arrow or .feather, all of one format.
    columns : sequence of str, optional
        Columns to read, in this order. Default: all.
    filter : pyarrow.compute.Expression, optional
        Rows to read, for instance ``pyarrow.dataset.field("day") > 3``.
    batch_rows : int, default=65536
        At most so many rows a batch.
    most_bytes : int, default=2**28
        Parquet row groups larger than this are read page by page: slower, in less memory.

    Raises
    ------
    FileNotFoundError
        If there is no such file, or no file of a known format in a folder.
    OSError
        From iterating, if a file cannot be read; it is named.
    """

    def __init__(
        self,
        source: Any,
        *,
        columns: Sequence[str] | None = None,
        filter: Any = None,
        batch_rows: int = _BATCH_ROWS,
        most_bytes: int = 1 << 28,
    ) -> None:
        self.most_bytes = check_count("most_bytes", most_bytes, 1)
        self.batch_rows = check_count("batch_rows", batch_rows, 1)
        self.filter = filter
        self._given = hasattr(source, "get_fragments")
        self.dataset = source if self._given else _open(source)
        there = self.dataset.schema.names
        self.columns = list(there if columns is None else columns)
        for name in self.columns:
            if name not in there:
                shown = ", ".join(map(repr, there[:12])) + (", ..." if len(there) > 12 else "")
                raise ValueError(f"there is no column {name!r}; there are {shown}")
        self.schema = self.dataset.schema

    def parts(self) -> list[Part]:
        """The files, in the order of their paths."""
        fragments = list(self.dataset.get_fragments(filter=self.filter))
        paths = [getattr(fragment, "path", f"fragment {i}") for i, fragment in enumerate(fragments)]
        order = sorted(range(len(paths)), key=paths.__getitem__)
        return [Part(i, paths[j], fragments[j]) for i, j in enumerate(order)]

    def batches(self, part: Part) -> Iterator[Any]:
        """The batches of one file; what goes wrong names it."""
        import pyarrow as pa
        import pyarrow.dataset as ds

        try:
            for piece, paged in self._pieces(self._fresh(part.fragment)):
                parquet = hasattr(piece, "row_groups")
                yield from piece.to_batches(
                    schema=self.schema,
                    columns=self.columns,
                    filter=self.filter,
                    batch_size=self.batch_rows,
                    batch_readahead=0 if paged else _READAHEAD,
                    fragment_scan_options=ds.ParquetFragmentScanOptions(
                        pre_buffer=False, use_buffered_stream=paged
                    )
                    if parquet
                    else None,
                )
        except (pa.ArrowException, OSError, ValueError) as error:
            raise OSError(f"{part.path}: cannot be read: {error}") from error

    def _fresh(self, fragment: Any) -> Any:
        """The same file, opened anew: one that was read keeps its footer, 150 KB each for 30 columns."""
        # A fragment of a dataset of the caller's may be a choice of row groups.
        if self._given:
            return fragment
        return fragment.format.make_fragment(
            fragment.path, fragment.filesystem, fragment.partition_expression
        )

    def _pieces(self, fragment: Any) -> Iterator[tuple[Any, bool]]:
        """A few row groups at a time, since Arrow reads ahead to the end; and whether page by page."""
        if not hasattr(fragment, "row_groups"):
            yield fragment, False
            return
        waiting: list[int] = []
        size = 0
        for group in fragment.row_groups:
            if waiting and size + group.total_byte_size > _PIECE_BYTES:
                yield fragment.subset(row_group_ids=waiting), size > self.most_bytes
                waiting, size = [], 0
            waiting.append(group.id)
            size += group.total_byte_size
        if waiting:
            yield fragment.subset(row_group_ids=waiting), size > self.most_bytes

    def __iter__(self) -> Iterator[Any]:
        for part in self.parts():
            yield from self.batches(part)


def expand(source: Any) -> list[str]:
    """The files that paths, folders and patterns name, sorted, each once."""
    paths = [source] if isinstance(source, str | os.PathLike) else list(source)
    found: set[str] = set()
    for path in paths:
        given = str(os.fspath(path))
        if os.path.isdir(given):
            there = [
                os.path.join(folder, name)
                for folder, _, names in os.walk(given)
                for name in names
                if not name.startswith((".", "_")) and os.path.splitext(name)[1].lower() in _FORMATS
            ]
            what = "there is no .parquet, .csv, .arrow or .feather file in it"
        elif os.path.exists(given):
            there, what = [given], ""
        else:
            there = [name for name in glob.glob(given, recursive=True) if os.path.isfile(name)]
            what = "no file has such a name" if glob.has_magic(given) else "no such file"
        if not there:
            raise FileNotFoundError(f"{given}: {what}")
        found.update(there)
    return sorted(found)


def _open(source: Any) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.dataset as ds
    except ImportError as error:
        raise ImportError("reading files needs pyarrow: pip install 'nngmix[cli]'") from error
    files = expand(source)
    kinds = {_FORMATS.get(os.path.splitext(path)[1].lower(), "") for path in files}
    if kinds - set(_FORMATS.values()):
        odd = next(path for path in files if os.path.splitext(path)[1].lower() not in _FORMATS)
        raise ValueError(f"{odd}: the ending must be .parquet, .csv, .arrow or .feather")
    if len(kinds) > 1:
        raise ValueError(f"the files must be of one format, got {' and '.join(sorted(kinds))}")
    kind = kinds.pop()
    schemas, errors = [], []
    for path in files:
        try:
            schemas.append(ds.dataset(path, format=kind, partitioning="hive").schema)
        except (pa.ArrowException, OSError) as error:
            # A bad file is named when its turn comes, unless none is good.
            errors.append(f"{path}: cannot be read: {error}")
    if not schemas:
        raise OSError(errors[0])
    return ds.dataset(files, schema=common_schema(schemas), format=kind, partitioning="hive")
