"""A table of neighbours from a stream: any iterable of arrays, frames or Arrow batches, or files on disk."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.files.read_ahead import ahead
from nngmix.files.scan import Scan
from nngmix.neighbors.scaled import SEARCH_VALUES, ScaledTable
from nngmix.parameters.checks import check_count
from nngmix.rows.matrix import as_matrix, as_rows, check_finite, interleave, row_dtype
from nngmix.rows.scaling import scale_state

__all__ = ["Scan", "fit"]

Batches = Iterable[Any] | Callable[[], Iterable[Any]]


def fit(
    X_anomaly: ArrayLike,
    batches: Batches,
    *,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    scale: str | None = None,
    read_ahead: int = 6,
    n_threads: int | None = None,
) -> ScaledTable:
    """Find the neighbours of the anomalies in a stream of unlabelled rows.

    One pass without a scale, two with one: the first fits it, exactly, on the anomalies and all rows. Rows
    are numbered in the order in which they come. The result is that of one call on all rows at once.

    Parameters
    ----------
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies. If all of it is float32 the table is, else it is float64.
    batches : iterable of blocks, callable that gives one, or pyarrow.dataset.Dataset
        Blocks of shape (n_rows, n_features): arrays, pandas or polars frames, Arrow batches or tables.
        Columns of frames are matched by name. `Scan` reads files.
    n_neighbors, n_neighbors_anomaly, n_threads
        See `NeighborTable`.
    scale : {'minmax', 'standard', None}, default=None
        'minmax' gives the rows of `NNGMix` with its defaults. Needs batches that can be gone through twice.
    read_ahead : int, default=6
        Blocks fetched by a thread of its own while the search works; 0 fetches them in this thread.

    Returns
    -------
    ScaledTable
        Make rows from it with ``rows`` and ``batches``, in the input's units.

    Raises
    ------
    ValueError
        For a scale with batches that can be gone through once, columns that do not fit, or NaN and infinity
        (named by their row in the stream).
    TypeError
        For blocks that do not hold real numbers, or float64 blocks while the anomalies are float32.

    Examples
    --------
    >>> import numpy as np, nngmix.stream
    >>> rng = np.random.default_rng(0)
    >>> X_anomaly, blocks = rng.random((5, 4)) + 1, [rng.random((1000, 4)) for _ in range(3)]
    >>> table = nngmix.stream.fit(X_anomaly, blocks, scale="minmax")
    >>> table.n_seen, table.rows(0, 50, random_state=0).shape
    (3000, (50, 4))
    """
    read_ahead = check_count("read_ahead", read_ahead)
    if hasattr(batches, "get_fragments"):
        batches = Scan(batches)
    if not callable(batches) and not isinstance(batches, Iterable):
        raise TypeError(f"batches must be an iterable or a callable, got {type(batches).__name__}")
    once = not callable(batches) and iter(batches) is batches
    if scale is not None and once:
        raise ValueError(
            f"scale={scale!r} needs two passes, but batches is an iterator that gives its blocks once: "
            "pass a list, an nngmix.stream.Scan or a callable that makes the iterator, or scale=None"
        )
    names = _names(X_anomaly)
    parts = _columns("X_anomaly", X_anomaly, names)
    whole = parts[0] if parts[0].ndim == 2 else np.column_stack(parts)
    anomalies = as_rows("X_anomaly", whole, row_dtype(*parts))
    check_finite("X_anomaly", anomalies)
    rows = _Rows(batches, names, anomalies.shape[1], anomalies.dtype, read_ahead)
    state, n_first = scale_state(scale, anomalies.shape[1]), None
    # Before any work: what is wrong with the parameters.
    table = ScaledTable(anomalies, None, n_neighbors, n_neighbors_anomaly, n_threads=n_threads)
    if state is not None:
        state.update(anomalies, n_threads=n_threads)
        n_first = 0
        for block in rows:
            with rows.named(block):
                state.update(block, n_threads=n_threads)
            n_first += len(block)
        table = ScaledTable(
            anomalies, state.scale(anomalies.dtype), n_neighbors, n_neighbors_anomaly, n_threads=n_threads
        )
    for block in rows:
        with rows.named(block):
            table.update(block)
    if n_first is not None and n_first != table.n_seen:
        raise ValueError(
            f"batches gave {n_first} rows in the first pass and {table.n_seen} in the second: they must give "
            "the same both times"
        )
    return table


class _Rows:
    """Blocks as C-contiguous rows of one dtype; small ones are put together for the search."""

    def __init__(
        self,
        batches: Batches,
        names: Sequence[str] | None,
        n_features: int,
        dtype: np.dtype[Any],
        read_ahead: int,
    ) -> None:
        self.batches, self.names = batches, names
        self.n_features, self.dtype, self.read_ahead = n_features, dtype, read_ahead
        self.first_row = 0

    def __iter__(self) -> Iterator[NDArray[Any]]:
        self.first_row = 0
        n_rows = max(1, SEARCH_VALUES // self.n_features)
        buffer, held = np.empty((n_rows, self.n_features), self.dtype), 0
        for block in self._blocks():
            columns = self._checked(block, self.first_row + held)
            whole = columns[0] if len(columns) == 1 and columns[0].ndim == 2 else None
            n_block = len(columns[0])
            ready = whole is not None and whole.dtype == self.dtype and whole.flags.c_contiguous
            # Rows that are ready are searched where they lie, unless they are few.
            if whole is not None and ready and n_block >= n_rows // 2:
                if held:
                    yield buffer[:held]
                    self.first_row, held = self.first_row + held, 0
                yield whole
                self.first_row += n_block
                continue
            start = 0
            while start < n_block:
                stop = min(n_block, start + n_rows - held)
                room = buffer[held : held + stop - start]
                if whole is None:
                    interleave([column[start:stop] for column in columns], room)
                else:
                    room[...] = as_rows("a block of batches", whole[start:stop], self.dtype)
                held, start = held + len(room), stop
                if held == n_rows:
                    yield buffer
                    self.first_row, held = self.first_row + held, 0
        if held:
            yield buffer[:held]
            self.first_row += held

    @contextmanager
    def named(self, block: NDArray[Any]) -> Iterator[None]:
        """Name a value that a kernel refused by its row in the stream."""
        try:
            yield
        except ValueError:
            check_finite("batches", block, self.first_row)
            raise

    def _blocks(self) -> Iterator[Any]:
        batches = self.batches

        def make() -> Iterator[Any]:
            return iter(batches() if callable(batches) else batches)

        return ahead(make, self.read_ahead) if self.read_ahead else make()

    def _checked(self, block: Any, row: int) -> list[NDArray[Any]]:
        """The block as its columns, or as the one matrix that it is."""
        if self.names is None:
            # Anomalies without names take the columns of the first frame as they come.
            self.names = _names(block)
        name = f"the block of batches from row {row}"
        columns = _columns(name, block, self.names)
        n_columns = columns[0].shape[1] if columns[0].ndim == 2 else len(columns)
        if n_columns != self.n_features:
            raise ValueError(f"{name} must have the {self.n_features} columns of X_anomaly, got {n_columns}")
        if np.result_type(row_dtype(*columns), self.dtype) != self.dtype:
            raise TypeError(
                f"{name} is {row_dtype(*columns)} but X_anomaly is float32: make both float32, or pass "
                "X_anomaly.astype(float) for rows in float64"
            )
        return columns


def _names(block: Any) -> list[str] | None:
    """Names of the columns of a frame or an Arrow table; None for an array."""
    if hasattr(block, "column_names"):
        return list(block.column_names)
    if hasattr(block, "schema") and hasattr(block.schema, "names") and hasattr(block, "num_rows"):
        return list(block.schema.names)
    columns = getattr(block, "columns", None)
    return None if columns is None else list(columns)


def _columns(name: str, block: Any, names: Sequence[str] | None) -> list[NDArray[Any]]:
    """The columns of a frame in the order of `names`; an array as the one matrix that it is."""
    there = _names(block)
    if there is None:
        return [as_matrix(name, block)]
    wanted = there if names is None else names
    missing = [repr(column) for column in wanted if column not in there]
    if missing or not wanted:
        raise ValueError(f"{name} must have the column {(missing or ['that is a feature'])[0]}")
    return [_column(name, column, block[column]) for column in wanted]


def _column(name: str, column: str, values: Any) -> NDArray[Any]:
    if getattr(values, "null_count", 0) and not callable(values.null_count):
        raise ValueError(f"{name} has no value in {values.null_count} rows of column {column!r}; fill them")
    if hasattr(values, "chunks") or not hasattr(values, "to_pylist"):
        array = values.to_numpy()
    else:
        array = values.to_numpy(zero_copy_only=False)
    # As a matrix of one column it is refused like any other.
    return as_rows(
        f"{name}, column {column!r},",
        as_matrix(f"{name}, column {column!r},", array[:, None]),
        row_dtype(array),
    )[:, 0]
