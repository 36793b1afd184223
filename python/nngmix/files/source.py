"""One file, whatever its format: what columns it has, and its rows as Arrow batches."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.columns import Header
from nngmix.files.identity import Identity, check_unchanged
from nngmix.files.read_ahead import ahead
from nngmix.files.statistics import Look

__all__ = ["Reading", "Source"]


@dataclass(frozen=True)
class Reading:
    """How the rows of a file are wanted.

    Attributes
    ----------
    most_rows : int
        Rows of a batch at most.
    most_bytes : int
        Row groups of Parquet that are larger are read page by page.
    texts : collection of str
        Columns of a CSV that are no numbers.
    types : mapping of str to pyarrow.DataType
        Columns of a CSV that are categories, with the types of their values.
    look : Look, optional
        What may take the place of rows of Parquet.
    counters : collection of str
        Columns of a CSV that are left out because they count rows, which is checked.
    filter : pyarrow.compute.Expression, optional
        Rows that are wanted, for sources that `filters`.
    keys : mapping of str to pyarrow.Scalar
        Partition keys that `filter` may ask for.
    """

    most_rows: int
    most_bytes: int
    texts: Collection[str] = ()
    counters: Collection[str] = ()
    filter: Any = None
    keys: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, Any] = field(default_factory=dict)
    look: Look | None = None


class Source(ABC):
    """One file.

    Attributes
    ----------
    path : str
    identity : Identity
        The state of the file whose header was read; its rows must be of the same state.
    filters : bool
        It leaves rows out while it reads, instead of afterwards.
    """

    filters = False

    def __init__(self, path: str) -> None:
        self.path = path
        self.identity = Identity.of(path)

    def header(self) -> Header:
        """Names and types of its columns; OSError or ValueError if it cannot be read."""
        try:
            return self._header()
        except self._faults() as error:
            raise self._unreadable(error) from error

    def batches(self, columns: Sequence[str], reading: Reading) -> Iterator[Any]:
        """Batches of some of its columns in the types of the file; ChangedError if that was changed."""
        check_unchanged(self.identity)
        try:
            if threading.current_thread() is threading.main_thread():
                # The one that Ctrl-C stops, but not within a large row group.
                yield from ahead(lambda: self._batches(columns, reading), 1)
            else:
                yield from self._batches(columns, reading)
        except self._faults(ValueError) as error:
            # What was changed under the reader is no bad file.
            check_unchanged(self.identity)
            if isinstance(error, self._faults()):
                raise self._unreadable(error) from error
            raise
        check_unchanged(self.identity)

    def counts_rows(self, name: str) -> bool:
        """Whether a column of a file without types holds integers or nothing at its beginning."""
        return False

    @abstractmethod
    def _header(self) -> Header: ...

    @abstractmethod
    def _batches(self, columns: Sequence[str], reading: Reading) -> Iterator[Any]: ...

    @staticmethod
    def _faults(*more: type[Exception]) -> tuple[type[Exception], ...]:
        # The two behind OSError are what Arrow raises for a damaged name of a column.
        return arrow().ArrowException, OSError, UnicodeDecodeError, SystemError, *more

    def _unreadable(self, error: Exception) -> OSError:
        said = str(error)
        return OSError(said if said.startswith(self.path) else f"{self.path}: cannot be read: {said}")
