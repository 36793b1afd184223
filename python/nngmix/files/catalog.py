"""The files of a scan and what their headers say: which columns there are, and which are no features."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.columns import Header, index_reason, key_type, path_keys
from nngmix.files.csv_categories import CellTypes, cell_types
from nngmix.files.csv_dates import date_types
from nngmix.files.csv_format import CsvFormat
from nngmix.files.formats import expand
from nngmix.files.schema import settled, unite
from nngmix.files.source import Source
from nngmix.files.sources import source_of_file, source_of_fragment
from nngmix.rows.names import looks_like_index

__all__ = ["Catalog"]

_KEY = "a partition key of the path"


class Catalog:
    """Files with their headers.

    Parameters
    ----------
    source : str, path, sequence of them, or pyarrow.dataset.Dataset
    csv : CsvFormat
    filter : pyarrow.compute.Expression or None
        For a dataset, whose partitions it may leave out.
    categorical : sequence of str, mapping of str to pyarrow.DataType, 'auto' or None
        Columns of CSV that hold categories, whose types are known if it is a mapping.
    dates : collection of str
        Columns of CSV that may hold dates.

    Attributes
    ----------
    sources : list of Source
        In the order of their paths.
    paths : list of str
        Theirs.
    names : list of str
        The columns of any file, then the partition keys.
    key_names : list of str
        The partition keys.
    left_out : dict of str to str
        Columns that are no features unless somebody says so, and why.
    typeless : bool
        Whether a CSV is among the files.
    """

    def __init__(
        self,
        source: Any,
        csv: CsvFormat,
        filter: Any,
        categorical: Any = None,
        dates: Collection[str] = (),
    ) -> None:
        arrow()
        self.sources: list[Source]
        self._keys: list[dict[str, Any]]
        if hasattr(source, "get_fragments"):
            self._take_dataset(source, filter)
        else:
            paths = expand(source)
            self.sources = [source_of_file(path, csv) for path in paths]
            self._keys = [path_keys(path) for path in paths]
        self.paths = [there.path for there in self.sources]
        self._headers = self._read_headers()
        good = [header for header in self._headers if isinstance(header, Header)]
        if not good:
            self.header(0)
        self.typeless = any(header.typeless for header in good)
        physical = dict.fromkeys(name for header in dict.fromkeys(good) for name in header.names)
        # A column of the files goes before a key of their path with its name.
        self.key_names = [
            name for name in dict.fromkeys(key for keys in self._keys for key in keys) if name not in physical
        ]
        self.names = [*physical, *self.key_names]
        # Once and for all: what is found later, in a thread that reads ahead, would have to be guarded.
        self._distinct = self._first_files()
        self._key_types = {name: key_type(name, self._keys) for name in self.key_names}
        self._counted: set[str] = set()
        # For each column the types in the files, by their numbers.
        self._categorical, self._cells = categorical, dict[str, dict[int, Any]]()
        self._dates = set(dates)
        self.left_out = self._without_choice()

    def _take_dataset(self, dataset: Any, filter: Any) -> None:
        fragments = list(dataset.get_fragments(filter=filter))
        named = [(getattr(there, "path", f"fragment {i}"), there) for i, there in enumerate(fragments)]
        named.sort(key=lambda item: str(item[0]))
        names = set(dataset.schema.names)
        keys = [_fragment_keys(fragment) for _, fragment in named]
        self._keys = [{key: value for key, value in there.items() if key in names} for there in keys]
        self.sources = [source_of_fragment(path, fragment, names) for path, fragment in named]
        if not self.sources:
            raise FileNotFoundError("the dataset has no files")

    def _read_headers(self) -> list[Header | Exception]:
        headers: list[Header | Exception] = []
        # Files of one table have one header, which is kept once.
        known: dict[Header, Header] = {}
        for source in self.sources:
            try:
                header = source.header()
            except (OSError, ValueError) as error:
                # A bad file is told of when its turn comes, unless none is good.
                headers.append(error)
            else:
                headers.append(known.setdefault(header, header))
        return headers

    def header(self, number: int) -> Header:
        """What a file says of its columns; OSError or ValueError if it cannot be read."""
        header = self._headers[number]
        if isinstance(header, Exception):
            kind = OSError if isinstance(header, OSError) else ValueError
            raise kind(str(header)) from header
        return header

    def lacking(self, columns: Sequence[str]) -> list[tuple[str, ...]]:
        """For each file those of the columns that it does not have; none of one that cannot be read."""
        found: dict[Header, tuple[str, ...]] = {}
        for header in self._distinct:
            there = {*header.names, *self.key_names}
            found[header] = tuple(name for name in columns if name not in there)
        return [found[there] if isinstance(there, Header) else () for there in self._headers]

    def _first_files(self) -> dict[Header, str]:
        """Each header that there is, with the first file that has it."""
        first: dict[Header, str] = {}
        for path, header in zip(self.paths, self._headers, strict=True):
            if isinstance(header, Header):
                first.setdefault(header, path)
        return first

    def repeated(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Files with the names of columns that occur more than once in them, as often as they do."""
        for header, path in self._distinct.items():
            if len(set(header.names)) < len(header.names):
                seen: set[str] = set()
                twice = {name for name in header.names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
                yield path, [name for name in header.names if name in twice]

    def counted(self, name: str) -> bool:
        """Whether a column is left out for the values in the first block of a CSV."""
        return name in self._counted

    def keys_of(self, number: int) -> dict[str, Any]:
        """The partition keys of a file as Arrow scalars; those it lacks are null."""
        pa = arrow()
        there = self._keys[number]
        return {name: pa.scalar(_as(kind, there.get(name)), kind) for name, kind in self._key_types.items()}

    def cell_types(self, columns: Collection[str]) -> list[CellTypes]:
        """For each file the types of columns that may hold categories or dates in a CSV; None for numbers."""
        asked = () if self._categorical is None else self._categorical
        if not self.typeless or not (asked or self._dates):
            return [{} for _ in self.sources]
        auto = isinstance(asked, str)
        wanted = [name for name in columns if auto or name in asked]
        at = [i for i, header in enumerate(self._headers) if isinstance(header, Header) and header.typeless]
        if isinstance(asked, Mapping):
            for name in wanted:
                self._cells[name] = {i: asked[name] for i in at if name in self.header(i).names}
        names = [set(self.header(i).names) for i in at]
        dates = self._dates.intersection(columns).difference(self._cells, () if auto else wanted)
        if dates:
            for name, kind in date_types([self.sources[i] for i in at], names, dates).items():
                self._cells[name] = {i: kind for i, there in zip(at, names, strict=True) if name in there}
            # What holds no dates is not looked at again.
            self._dates -= dates
        new = [name for name in wanted if name not in self._cells]
        if new:
            found = cell_types([self.sources[i] for i in at], names, new, auto)
            typed = {name for header in self._distinct if not header.typeless for name in header.names}
            for name in new:
                kinds = {i: there[name] for i, there in zip(at, found, strict=True) if name in there}
                plain = all(kind is None or arrow().types.is_null(kind) for kind in kinds.values())
                # A column of empty cells may be anything, and is taken for numbers.
                self._cells[name] = {} if auto and plain and name not in typed else kinds
        told = {name: self._cells[name] for name in columns if name in self._cells}
        return [
            {name: there[i] for name, there in told.items() if i in there} for i in range(len(self.sources))
        ]

    def united(
        self, columns: Collection[str], texts: Collection[str], types: Sequence[CellTypes] = ()
    ) -> dict[str, Any]:
        """The type of each column over all files, in the order of `columns`; ValueError if there is none.

        `types` are those of `cell_types`.
        """
        pa = arrow()
        wanted = set(columns)
        found: dict[str, list[tuple[str, Any]]] = {name: [] for name in columns}
        untyped: set[str] = set()
        told = [(path, there) for path, there in zip(self.paths, types, strict=False) if there]
        categories = {name for _, there in told for name in there}
        for header, path in self._distinct.items():
            if header.typeless:
                for name in wanted.intersection(header.names) - categories:
                    found[name].append((path, pa.string() if name in texts else pa.float64()))
                    untyped.add(name)
            else:
                for name, kind in zip(header.names, header.types, strict=True):
                    if name in wanted:
                        found[name].append((path, settled(kind)))
        for name in categories:
            for path, there in told:
                if name in there:
                    found[name].append((path, pa.float64() if there[name] is None else there[name]))
        for name in self._key_types:
            if name in wanted:
                found[name].append(("the paths", self._key_types[name]))
        return {
            name: there[0][1]
            if len(there) == 1
            else unite(
                name,
                there,
                name in untyped and name in texts,
                is_feature=name not in texts,
                by_name=name in categories,
            )
            for name, there in found.items()
        }

    def _without_choice(self) -> dict[str, str]:
        """Indexes that were written as columns, and keys of the path."""
        pa = arrow()
        reasons = {}
        from_pandas = {name for header in self._distinct for name in header.index}
        suspects = [name for name in self.names if name in from_pandas or looks_like_index(name)]
        for name in suspects:
            kinds = []
            for source, header in zip(self.sources, self._headers, strict=True):
                if not isinstance(header, Header) or name not in header.names:
                    continue
                if header.typeless:
                    self._counted.add(name)
                    kinds.append(pa.int64() if source.counts_rows(name) else pa.string())
                else:
                    kinds += [
                        kind for there, kind in zip(header.names, header.types, strict=True) if there == name
                    ]
            why = index_reason(name, kinds, name in from_pandas)
            if why is not None:
                reasons[name] = why
        return reasons | dict.fromkeys(self.key_names, _KEY)


def _as(kind: Any, value: Any) -> Any:
    """A partition key, which a path gives as text."""
    return int(value) if isinstance(value, str) and arrow().types.is_integer(kind) else value


def _fragment_keys(fragment: Any) -> Mapping[str, Any]:
    keys: Mapping[str, Any] = arrow().dataset.get_partition_keys(fragment.partition_expression)
    return keys
