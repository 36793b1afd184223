"""A table of neighbours from a stream: any iterable of arrays, frames or Arrow batches, or files on disk."""

from numpy.typing import ArrayLike

from nngmix.files.csv_format import CsvFormat
from nngmix.files.scan import Scan
from nngmix.neighbors.blocks import Batches, Blocks, checked_batches
from nngmix.neighbors.fit import fit as fit_table
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.checks import check_count
from nngmix.parameters.progress import Callback, reported
from nngmix.parameters.warnings import warn_missing
from nngmix.rows.asked_columns import Clip, Features, Missing
from nngmix.rows.date_columns import range_of_dates
from nngmix.rows.rows import as_rows
from nngmix.rows.unscaled import asked_columns, check_weighed

__all__ = ["CsvFormat", "Scan", "fit"]


def fit(
    X_anomaly: ArrayLike,
    batches: Batches,
    *,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    scale: str | None = None,
    categorical_features: Features = None,
    categorical_weight: float | None = None,
    whole_features: Features = "auto",
    clip: Clip | None = None,
    missing: Missing = "error",
    read_ahead: int = 6,
    callback: Callback | None = None,
    verbose: bool = False,
    n_threads: int | None = None,
) -> NeighborTable:
    """Find the neighbours of the anomalies in a stream of unlabelled rows.

    For data larger than memory. One pass without a scale, two with one: the first fits it, exactly, on the
    anomalies and all rows. Rows are numbered in the order in which they come. The table that comes back is
    small (77 KB for 50 anomalies of 30 columns), row i of the output depends on it and on i alone, and it is
    that of one call on all rows at once, whatever the blocks.

    Parameters
    ----------
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies. If float16 or float32 is the type of all columns, so that float32 holds them, the
        table is float32, else it is float64.
    batches : iterable of blocks, callable that gives one, or pyarrow.dataset.Dataset
        Blocks of shape (n_rows, n_features): arrays, pandas or polars frames, Arrow batches or tables.
        Columns are matched by name where both sides have names, in the order of the anomalies; anomalies
        without names take the columns of the first frame as they stand there. `Scan` reads files.
    n_neighbors, n_neighbors_anomaly : int or float, default=10
        See `NeighborTable`.
    scale : {'minmax', 'standard', None}, default=None
        'minmax' gives the rows of `NNGMix` with its defaults. Needs batches that can be gone through twice.
    categorical_features : list, 'auto' or None, default=None
        Columns whose values are the same or not, by the names or positions that they have in `X_anomaly`, or
        as a mask; 'auto' for those whose type, there and in the blocks, is of categories, texts or booleans.
        Blocks may bring new values. CSV has no types: say ``categorical=`` to `Scan`, too.
    categorical_weight : float, optional
        What a category that differs adds to a squared distance. Default: 1 with a scale; else it is needed
        with categories and with ``missing="keep"``.
    whole_features : list, 'auto' or None, default='auto'
        Columns of whole numbers, which new rows hold there too, as names, positions or a mask; 'auto' for
        those in which every value is whole; None for none. Columns of dates or durations that are named are
        numbers within, and dates in what is made of the table by name. Unless it, `scale` and `clip` are
        None, a column of one value keeps it in new rows.
    clip : {'unlabeled', 'anomaly', None}, default=None
        Keep new values within the range that the column has among the unlabelled rows, or the anomalies.
    missing : {'error', 'skip', 'keep'}, default='error'
        What to do with unlabelled rows in which a value is missing, NaN or infinite: refuse the first of them
        by its row and column, or leave them out of scale and search, with a UserWarning that counts them, or
        keep missing values, not infinite ones, as values like others: see `nng_mix`. Rows that are left out
        keep their number.
    read_ahead : int, default=6
        Blocks fetched by a thread of its own while the search works; 0 fetches them in this thread.
    callback : callable, optional
        Called after each block with the stage, "scale" or "search", rows done, and rows in all: 0 where that
        is not known, in the first pass. An exception in it ends the call.
    verbose : bool, default=False
        Show a bar on stderr, by tqdm where it is installed.
    n_threads : int, optional
        See `NeighborTable`.

    Returns
    -------
    NeighborTable
        Make rows from it with ``rows`` and ``batches``, in the input's units. Categories and dates are
        numbers there, the former those of their values in ``table.categories``: ``table.decoded(rows)``
        gives the values.

    Raises
    ------
    ValueError
        For a scale with batches that can be gone through once or that differ in the second pass, columns
        that do not fit, or values that are missing or not finite (named by their row in the stream).
    TypeError
        For blocks that hold neither real numbers nor categories that are asked for, float64 blocks while the
        anomalies are float32, or one frame or path instead of blocks.

    Notes
    -----
    Blocks may have any size: small ones are put together, large arrays of the table's type are searched where
    they lie. A pass over n rows of d columns costs the longer of reading them and about 0.02 ns for each
    value and anomaly on two cores; memory holds `read_ahead` blocks and a buffer of 2**21 values.

    Tables of parts that were searched on several machines, made with ``NeighborTable(..., scale=scale)`` and
    ``update(rows, row_ids=...)``, merge into the same table: see `NeighborTable.merge`.

    Examples
    --------
    Two passes over a list of blocks, and the rows in batches:

    >>> import numpy as np, nngmix.stream
    >>> rng = np.random.default_rng(0)
    >>> X_anomaly, blocks = rng.random((5, 4)) + 1, [rng.random((1000, 4)) for _ in range(3)]
    >>> table = nngmix.stream.fit(X_anomaly, blocks, scale="minmax")
    >>> table.n_seen, table.rows(0, 50, random_state=0).shape
    (3000, (50, 4))
    >>> [len(rows) for rows in table.batches(100, 40, random_state=0)]
    [40, 40, 20]

    The bytes are those of one call:

    >>> X, y = np.concatenate([X_anomaly, *blocks]), np.repeat([1, 0], [5, 3000])
    >>> made = nngmix.NNGMix(n_samples=50, random_state=0).fit_resample(X, y)[0][len(X) :]
    >>> np.array_equal(made, table.rows(0, 50, random_state=0))
    True

    Categories and gaps, as the values that they are:

    >>> import pandas as pd
    >>> flows = pd.DataFrame({"port": [22, None, 80, 22, 443], "flag": ["S0", "REJ", "SF", None, "SF"]})
    >>> mixed = nngmix.stream.fit(
    ...     flows[:2],
    ...     [flows[2:3], flows[3:]],
    ...     n_neighbors=2,
    ...     scale="minmax",
    ...     categorical_features="auto",
    ...     missing="keep",
    ... )
    >>> mixed.categories
    (None, ('REJ', 'S0', 'SF'))
    >>> mixed.decoded(mixed.rows(0, 3, random_state=0)).tolist()
    [[nan, 'REJ'], [21.0, 'S0'], [27.0, 'S0']]

    Blocks that are made on the way, twice; one pass would take the generator itself:

    >>> table = nngmix.stream.fit(X_anomaly, lambda: (block * 2 for block in blocks), scale="standard")

    Files: patterns, folders and partitioned data sets, columns and row filters pushed down to the reader:

    >>> table = nngmix.stream.fit(
    ...     X_anomaly, nngmix.stream.Scan("data/*.parquet", columns=["a", "b", "c", "d"]), scale="minmax"
    ... )  # doctest: +SKIP
    """
    read_ahead = check_count("read_ahead", read_ahead)
    batches = checked_batches(batches)
    if scale is not None and not callable(batches) and iter(batches) is batches:
        raise ValueError(
            f"scale={scale!r} needs two passes, but batches is an iterator that gives its blocks once: "
            "pass a list, an nngmix.stream.Scan or a callable that makes the iterator, or scale=None"
        )
    asked = asked_columns(
        categorical_weight,
        categorical_features=categorical_features,
        whole_features=whole_features,
        missing=missing,
        clip=clip,
    )
    given = as_rows("X_anomaly", X_anomaly, asked=asked)
    if scale is None:
        check_weighed(given.kinds, categorical_weight)
    spec = FitSpec(
        given.n_features,
        given.dtype,
        given.names,
        scale=scale,
        columns=asked,
        n_neighbors=n_neighbors,
        n_neighbors_anomaly=n_neighbors_anomaly,
        n_threads=n_threads,
        # Blocks may be of wider types of integers, but not of other dates.
        limits=range_of_dates(given.units),
        types=given.types,
    )
    with reported(callback, verbose) as report:
        fitted = fit_table(Blocks(batches, given, read_ahead, n_threads, report, asked).fold, spec, given)
    warn_missing(fitted.counts.n_missing, fitted.counts.n_rows)
    # Ids count the rows of this stream from 0, so that no other such table may be merged into it.
    fitted.table.number_itself()
    return fitted.table
