"""Files as a stream of Arrow batches: CSV, Parquet, Arrow and Feather; single, globbed or partitioned."""

import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from nngmix.files.arrow import arrow
from nngmix.files.catalog import Catalog
from nngmix.files.csv_categories import CellTypes
from nngmix.files.csv_format import CsvFormat
from nngmix.files.identity import Identity
from nngmix.files.row_filter import RowFilter
from nngmix.files.source import Reading
from nngmix.files.statistics import Look
from nngmix.files.united import united
from nngmix.parameters.checks import check_count
from nngmix.rows.asked_columns import Features
from nngmix.rows.names import check_known, check_unique

__all__ = ["Part", "Scan"]

# Rows of a batch.
_BATCH_ROWS = 1 << 16


@dataclass(frozen=True)
class Part:
    """One file of a scan; it may lack some of the columns."""

    number: int
    path: str
    identity: Identity
    lacks: tuple[str, ...] = ()


class Scan:
    """A re-iterable stream of Arrow record batches from files, in the order of their paths.

    Columns and row filters are pushed down: of Parquet only what is asked for is read. Files may differ: the
    columns are those of all of them (empty where a file lacks one), in a type that holds the values of each,
    exactly. Columns that nobody chose as features are left out unless they are asked for: indexes that pandas
    wrote, columns without a name that count rows, and the keys of a partitioned path (``day=3/``).

    Parameters
    ----------
    source : str, path, sequence of them, or pyarrow.dataset.Dataset
        Files, folders and patterns such as ``data/*.parquet``; .csv, .tsv, .txt or .data (also with .gz, .bz2
        or .zst), .parquet, .pq, .arrow, .feather or .ipc.
    columns : sequence of str, optional
        Columns to read, in this order. Default: all but those that are left out or ignored.
    filter : pyarrow.compute.Expression, optional
        Rows to read, for instance ``pyarrow.dataset.field("day") > 3``.
    batch_rows : int, default=65536
        Rows of a batch at most.
    most_bytes : int, default=2**28
        Parquet row groups larger than this are read page by page: slower, in less memory.
    csv : CsvFormat, optional
        Delimiter, decimal mark, thousands separator and encoding of CSV.
    text : sequence of str, optional
        Columns that CSV files give as they are written, such as labels; all others are numbers there.
    ignore : sequence of str, optional
        Columns that are not among those read by default; a name may occur twice there.
    categorical : sequence of str, mapping of str to pyarrow.DataType, or 'auto', optional
        Columns of CSV that hold categories; it is read once more to see what its cells are, unless types are
        given. 'auto': columns of texts, and of true and false; texts among numbers are refused.
    dates : sequence of str, optional
        Columns of CSV that may hold dates or times as ISO 8601 writes them; CSV is read once more for these.

    Attributes
    ----------
    columns : list of str
        The columns that are read.
    left_out : dict of str to str
        Columns that are left out unasked, and why.
    names : list of str
        All that may be asked for.
    files : list of str
        The files, in the order in which they are read.
    keys : list of str
        Those that are partition keys of the paths.
    repeated : list of str
        Columns that are there more than once in a file, and so cannot be asked for.
    typeless : bool
        A CSV is among the files: a column of texts may hold numbers there.

    Raises
    ------
    FileNotFoundError
        If there is no such file, or no file of a known format in a folder.
    ValueError
        For an unknown column, a name that occurs twice, and columns whose types in two files have none in
        common; from iterating, for a value that is none of its column, with file, row and column.
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
        csv: CsvFormat | None = None,
        text: Collection[str] = (),
        ignore: Collection[str] = (),
        categorical: Features | Mapping[str, Any] = None,
        dates: Collection[str] = (),
    ) -> None:
        self.most_bytes = check_count("most_bytes", most_bytes, 1)
        self.batch_rows = check_count("batch_rows", batch_rows, 1)
        self._catalog = Catalog(source, csv or CsvFormat(), filter, categorical, tuple(dates))
        self.names, self.files = self._catalog.names, self._catalog.paths
        self.keys, self.typeless = self._catalog.key_names, self._catalog.typeless
        self.repeated = list(dict.fromkeys(name for _, names in self._catalog.repeated() for name in names))
        self._filter = None if filter is None else RowFilter(filter, self.names)
        self._ignore = frozenset(self._known(ignore))
        if columns is None:
            left_out = self._catalog.left_out.keys() - set(text)
            columns = [name for name in self.names if name not in left_out and name not in self._ignore]
        self._choose(columns, text)

    def select(
        self,
        columns: Sequence[str],
        *,
        text: Collection[str] = (),
        carried: Collection[str] = (),
        batch_rows: int | None = None,
        most_bytes: int | None = None,
    ) -> Self:
        """The same files with other columns, without opening them again.

        Parameters
        ----------
        columns, text, batch_rows, most_bytes
            See `Scan`; the last two are kept unless they are given.
        carried : collection of str, optional
            Those of the columns that are read as they are, and left out of the features nevertheless.

        Returns
        -------
        Scan

        Raises
        ------
        ValueError
            For a column that there is not, with the nearest names, or a number out of range.
        """
        other = copy.copy(self)
        other.batch_rows = self.batch_rows if batch_rows is None else check_count("batch_rows", batch_rows, 1)
        other.most_bytes = self.most_bytes if most_bytes is None else check_count("most_bytes", most_bytes, 1)
        other._choose(columns, text, carried)
        return other

    def _choose(self, columns: Sequence[str], text: Collection[str], carried: Collection[str] = ()) -> None:
        self._schema: Any = None
        self._cells: list[CellTypes] = []
        self.columns = self._known(columns)
        chosen = set(self.columns)
        if len(chosen) < len(self.columns):
            check_unique("columns", self.columns)
        for path, names in self._catalog.repeated():
            if not chosen.isdisjoint(names):
                check_unique(path, [name for name in names if name in chosen])
        self._text = frozenset(text)
        passed_by = chosen.difference(carried) | self._ignore
        self.left_out = {name: why for name, why in self._catalog.left_out.items() if name not in passed_by}

    def _known(self, names: Collection[str]) -> list[str]:
        check_known(self.files[0], names, self.names)
        return list(names)

    @property
    def schema(self) -> Any:
        """The Arrow schema of the columns; ValueError if the files have no type in common for one."""
        # Not `cached_property`: its lock, one for all scans, would stay locked in a forked child.
        if self._schema is None:
            self._cells = self._catalog.cell_types([c for c in self.columns if c not in self._text])
            kinds = self._catalog.united(self.columns, self._text, self._cells)
            self._schema = arrow().schema(list(kinds.items()))
        return self._schema

    def parts(self) -> list[Part]:
        """The files, in the order of their paths.

        Returns
        -------
        list of Part
            Number and path of each, its state, which must stay as it is until it was read, and those of the
            columns that it lacks.
        """
        lacks = self._catalog.lacking(self.columns)
        of = zip(self._catalog.sources, lacks, strict=True)
        return [Part(n, source.path, source.identity, absent) for n, (source, absent) in enumerate(of)]

    def types_in(self, part: Part) -> dict[str, Any]:
        """The types of the columns in one file.

        Parameters
        ----------
        part : Part

        Returns
        -------
        dict of str to pyarrow.DataType

        Raises
        ------
        OSError
            If the file cannot be opened.
        ValueError
            If it holds no table.
        """
        header = self._catalog.header(part.number)
        return dict(zip(header.names, header.types, strict=False))

    def batches(self, part: Part, look: Look | None = None) -> Iterator[Any]:
        """The batches of one file; what goes wrong names it.

        Parameters
        ----------
        part : Part
        look : Look, optional
            What may take the place of the rows of a Parquet file.

        Yields
        ------
        pyarrow.RecordBatch
            The columns asked for, in the types of `schema`, or what `look` gives instead.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            For a value that the types do not hold, with its row and column.
        """
        header, source = self._catalog.header(part.number), self._catalog.sources[part.number]
        keys = self._catalog.keys_of(part.number)
        if self._filter is not None and not self._filter.keeps(keys):
            return
        kinds = dict(zip(self.schema.names, self.schema.types, strict=True))
        texts = set(self._text)
        there = set(header.names)
        wanted = [name for name in self.columns if name in there]
        counters = self._counters() if header.typeless else ()
        pushed, apply, asked = None, None, {}
        if self._filter is not None:
            if header.typeless:
                texts |= self._filter.texts({**kinds, **{name: value.type for name, value in keys.items()}})
            more = [name for name in self._filter.columns if name not in kinds]
            kinds |= self._catalog.united(more, texts)
            own = self.types_in(part)
            same = all(own.get(name) == kinds[name] for name in self._filter.columns if name not in keys)
            if source.filters and same:
                pushed = self._filter.expression
                asked = {name: keys[name] for name in self._filter.columns if name in keys}
            else:
                apply = self._filter
                wanted += [name for name in more if name in there]
        types = {name: kind for name, kind in self._cells[part.number].items() if kind is not None}
        look = look if self._filter is None and kinds.items() <= self.types_in(part).items() else None
        reading = Reading(self.batch_rows, self.most_bytes, texts, counters, pushed, asked, types, look)
        row = 0
        for batch in source.batches(wanted, reading):
            if apply is None:
                # What `look` gives, and what is of these types already, goes on as it is.
                ready = look and not isinstance(batch, arrow().RecordBatch)
                ready = ready or batch.schema.equals(self.schema)
                yield batch if ready else united(batch, kinds, self.columns, keys, part.path, row)
            else:
                columns = [*self.columns, *(name for name in kinds if name not in self.columns)]
                for rest in apply.apply(united(batch, kinds, columns, keys, part.path, row)):
                    yield rest.select(self.columns)
            row += batch.num_rows

    def _counters(self) -> list[str]:
        """Columns of a CSV that are left out for what its first block shows."""
        return [name for name in self.left_out if self._catalog.counted(name)]

    def __iter__(self) -> Iterator[Any]:
        for part in self.parts():
            yield from self.batches(part)
