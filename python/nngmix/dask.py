"""NNG-Mix on Dask: the search as a tree reduction of tables, the new rows as a lazy DataFrame or Array.

Works with every scheduler; on `distributed` nothing but tables travels, for a partition is read and searched
in one task. The bytes are those of `nng_mix`, whatever the partitions, the workers and the faults on the way.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nngmix.engines.maker import Maker
from nngmix.engines.partitions import fit_partitions, split_row_id
from nngmix.engines.reader import Reader
from nngmix.neighbors.scaled import ScaledTable
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_count
from nngmix.parameters.seed import RandomState
from nngmix.rows.matrix import row_dtype

try:
    import dask.array as da
    import dask.dataframe as dd
    import pandas as pd

    from nngmix.engines.dask_collection import complete, folder, made_array, made_frame, with_gaps
except ImportError as error:
    raise ImportError(f"nngmix.dask needs {error.name}: pip install 'nngmix[dask]'") from error

__all__ = ["augment", "fit", "generate", "split_row_id"]

# Bytes of a generated partition, if nothing else is said.
_PARTITION_BYTES = 1 << 26


def fit(
    X_anomaly: ArrayLike,
    X_unlabeled: Any,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    *,
    features: Sequence[str] | None = None,
    scale: str | None = None,
    skip_bad: bool = False,
    n_threads: int | None = 1,
) -> ScaledTable:
    """Search the nearest unlabelled rows of every anomaly in a Dask collection.

    Computes at once, with the scheduler Dask is set to: one pass over the data, or two with `scale`.

    Parameters
    ----------
    X_anomaly : array-like or DataFrame of shape (n_anomalies, n_features)
        Labelled anomalies; of a DataFrame the `features`, by name.
    X_unlabeled : dask DataFrame or dask Array of shape (n_unlabeled, n_features)
        Unlabelled rows.
    n_neighbors, n_neighbors_anomaly : int or float, default=10
        As in `nng_mix`.
    features : sequence of str, optional
        Columns of a DataFrame that are features; default: all of them.
    scale : {None, 'minmax', 'standard'}, default=None
        Scale the columns for search and noise, fitted on anomalies and unlabelled rows; new rows come back
        in the input's units.
    skip_bad : bool, default=False
        Leave out rows that are not finite and partitions that cannot be read, with a UserWarning that
        counts and names them. By default the first of them is an error.
    n_threads : int, default=1
        Threads of each task; the scheduler runs as many tasks as there are cores.

    Returns
    -------
    ScaledTable
        Its row ids are ``partition * 2**40 + row``, see `split_row_id`.

    Raises
    ------
    ValueError, TypeError
        For parameters and types that do not fit, before any work, and for rows that are not finite or
        cannot be read: the message names the partition.
    """
    reader, n_features = _reader(X_unlabeled, features, None, None, skip_bad)
    return fit_partitions(
        folder(X_unlabeled, n_features),
        reader,
        n_features,
        X_anomaly,
        n_neighbors,
        n_neighbors_anomaly,
        scale,
        n_threads,
    ).table


def generate(
    table: ScaledTable,
    n_samples: int,
    npartitions: int | None = None,
    *,
    columns: Sequence[str] | None = None,
    plan: bool = False,
    start: int = 0,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    n_threads: int | None = 1,
) -> Any:
    """Make pseudo-anomalies lazily: every partition is made where and when it is needed.

    Parameters
    ----------
    table : ScaledTable
        From `fit`, or from anywhere else.
    n_samples : int
        Rows to make.
    npartitions : int, optional
        Default: as many as keep a partition below 64 MiB.
    columns : sequence of str, optional
        Names of the features, for a DataFrame; without them the result is an Array.
    plan : bool, default=False
        Add the columns row, anchor, partner, pool and lam to a DataFrame: what each row is made of.
    start : int, default=0
        Number of the first row.
    noise_std, alpha, beta, unlabeled_fraction, random_state
        As in `nng_mix`. A generator or None is asked once, here, so that all partitions belong together.
    n_threads : int, default=1
        Threads of each task.

    Returns
    -------
    dask DataFrame or dask Array of shape (n_samples, n_features)
        With known divisions (the index is the number of the row) or chunks.
    """
    maker = Maker(
        table,
        columns,
        plan=plan,
        n_threads=n_threads,
        noise_std=noise_std,
        alpha=alpha,
        beta=beta,
        unlabeled_fraction=unlabeled_fraction,
        random_state=random_state,
    )
    return _generate(maker, n_samples, npartitions, start)


def augment(
    frame: Any,
    n_samples: int | str,
    *,
    label: str,
    anomaly: Any = 1,
    features: Sequence[str] | None = None,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    scale: str | None = "minmax",
    max_anomalies: int = 10_000,
    skip_bad: bool = False,
    only_new: bool = False,
    npartitions: int | None = None,
    plan: bool = False,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    n_threads: int | None = 1,
) -> Any:
    """Add pseudo-anomalies to a DataFrame that holds a few labelled anomalies; `fit` and `generate` in one.

    The anomalies are taken from the frame in its order, so that the new rows are those of
    ``NNGMix(n_samples=...).fit_resample`` on the same rows.

    Parameters
    ----------
    frame : dask DataFrame
        All rows.
    n_samples : int or str
        Rows to make: a count, ``"10x"`` (times the labelled anomalies) or ``"10%"`` (until anomalies, old
        and new, are that share of the unlabelled rows).
    label : str
        Column that tells labelled anomalies from unlabelled rows.
    anomaly : default=1
        Its value for labelled anomalies; all other rows are unlabelled.
    features : sequence of str, optional
        Columns that are features; default: all but `label`. The others are empty in new rows.
    scale : {'minmax', 'standard', None}, default='minmax'
        As in `fit`.
    max_anomalies : int, default=10_000
        More labelled anomalies than this are an error: they are held by every task.
    only_new : bool, default=False
        Leave the old rows out.
    n_neighbors, n_neighbors_anomaly, skip_bad, npartitions, plan, noise_std, alpha, beta, \
unlabeled_fraction, random_state, n_threads
        As in `fit` and `generate`. With ``plan=True`` anchors and partners are row ids of the frame, see
        `split_row_id`.

    Returns
    -------
    dask DataFrame
        The rows of `frame`, with features as float32 if all of them are and as float64 otherwise, then the
        new ones; bad rows that were left out of the search are still among them.
    """
    amount = Amount.parse(n_samples) if isinstance(n_samples, str) else Amount(n_samples=n_samples)
    reader, n_features = _reader(frame, features, label, anomaly, skip_bad)
    fitted = fit_partitions(
        folder(frame, n_features),
        reader,
        n_features,
        None,
        n_neighbors,
        n_neighbors_anomaly,
        scale,
        n_threads,
        max_anomalies,
    )
    maker = Maker(
        fitted.table,
        reader.features,
        plan=plan,
        anomaly_ids=fitted.anomaly_ids,
        n_threads=n_threads,
        noise_std=noise_std,
        alpha=alpha,
        beta=beta,
        unlabeled_fraction=unlabeled_fraction,
        random_state=random_state,
    )
    count = amount.count(len(fitted.table.table.X_anomaly), fitted.table.n_seen)
    made = _generate(maker, count, npartitions, 0)
    like = _all_columns(frame._meta, made._meta, reader)
    made = made.map_partitions(complete, like, {label: anomaly}, meta=like)
    return made if only_new else dd.concat([frame.map_partitions(complete, like, {}, meta=like), made])


def _all_columns(old: Any, made: Any, reader: Reader) -> Any:
    """The columns of old and made rows; those that are empty in some rows have a type that can be."""
    features = reader.features or ()
    chosen = made.drop(columns=list(features))
    twice = [name for name in chosen if name in old]
    if twice:
        raise ValueError(f"plan=True adds a column {twice[0]!r}, but the frame has one already; rename it")
    types = {name: reader.dtype if name in features else with_gaps(kind) for name, kind in old.dtypes.items()}
    types[reader.label] = old.dtypes[reader.label]
    return pd.concat(
        [old.astype(types), chosen.astype({n: with_gaps(k) for n, k in chosen.dtypes.items()})], axis=1
    )


def _reader(
    collection: Any, features: Sequence[str] | None, label: str | None, anomaly: Any, skip_bad: bool
) -> tuple[Reader, int]:
    if isinstance(collection, dd.DataFrame):
        types = dict(collection.dtypes)
        reader = Reader.of_columns(types, features, label, anomaly, skip_bad)
        return reader, len(reader.features or ())
    if not isinstance(collection, da.Array) or label is not None:
        expected = "a dask DataFrame" + ("" if label is not None else " or Array")
        raise TypeError(f"expected {expected}, got {type(collection).__name__}")
    if features is not None:
        raise ValueError("features are names of columns: an Array has none, pass the columns themselves")
    if collection.ndim != 2 or collection.dtype.kind not in "fiub" or not collection.shape[1] >= 1:
        raise ValueError(
            "X_unlabeled must be a 2-D Array of real numbers, "
            f"got {collection.dtype} of shape {collection.shape}"
        )
    return Reader(None, row_dtype(np.empty(0, collection.dtype)), skip_bad=skip_bad), collection.shape[1]


def _generate(maker: Maker, n_samples: int, npartitions: int | None, start: int) -> Any:
    n_samples, start = check_count("n_samples", n_samples), check_count("start", start)
    if npartitions is None:
        row_bytes = maker.table.n_features * maker.table.dtype.itemsize
        npartitions = max(1, -(-n_samples * row_bytes // _PARTITION_BYTES))
    npartitions = min(check_count("npartitions", npartitions, minimum=1), max(1, n_samples))
    make = made_array if maker.columns is None else made_frame
    return make(maker, n_samples, npartitions, start)
