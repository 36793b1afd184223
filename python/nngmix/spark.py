"""NNG-Mix on Spark: the search and the new rows by ``mapInArrow``, without a shuffle of rows.

The bytes are those of `nng_mix`, whatever the partitions, the executors and the retries of tasks.
"""

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from nngmix.engines.maker import PLAN_COLUMNS, Maker
from nngmix.engines.partitions import Fitted, fit_partitions, split_row_id
from nngmix.engines.reader import Reader
from nngmix.neighbors.scaled import ScaledTable
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_count
from nngmix.parameters.seed import RandomState

try:
    import pyspark.sql.functions as F
    from pyspark.sql import SparkSession

    from nngmix.engines.spark_frame import folder, made_frame, named, numpy_types
except ImportError as error:
    raise ImportError(f"nngmix.spark needs {error.name}: pip install 'nngmix[spark]'") from error

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
    """Search the nearest unlabelled rows of every anomaly in a Spark DataFrame.

    Runs at once: one pass over the data, or two with `scale`. A DataFrame that is costly to make and does not
    change should be cached or written first.

    Parameters
    ----------
    X_anomaly : array-like or pandas DataFrame of shape (n_anomalies, n_features)
        Labelled anomalies; of a DataFrame the `features`, by name.
    X_unlabeled : Spark DataFrame
        Unlabelled rows.
    n_neighbors, n_neighbors_anomaly : int or float, default=10
        As in `nng_mix`.
    features : sequence of str, optional
        Columns that are features; default: all of them.
    scale : {None, 'minmax', 'standard'}, default=None
        Scale the columns for search and noise, fitted on anomalies and unlabelled rows; new rows come back
        in the input's units.
    skip_bad : bool, default=False
        Leave out rows that are not finite and partitions whose rows cannot be taken as numbers, with a
        UserWarning that counts and names them. By default the first of them is an error. Files are read by
        Spark: its error names a file it cannot read, its option ``ignoreCorruptFiles`` skips such files.
    n_threads : int, default=1
        Threads of each task; Spark runs as many tasks as there are cores.

    Returns
    -------
    ScaledTable
        Its row ids are ``partition * 2**40 + row``, see `split_row_id`.

    Raises
    ------
    ValueError, TypeError
        For parameters and types that do not fit, before any work, and for rows that are not finite: the
        message names the partition.
    """
    reader = Reader.of_columns(_types(X_unlabeled), features, None, None, skip_bad)
    return _fit(X_unlabeled, reader, X_anomaly, n_neighbors, n_neighbors_anomaly, scale, n_threads, 1).table


def generate(
    table: ScaledTable,
    n_samples: int,
    num_partitions: int | None = None,
    *,
    columns: Sequence[str] | None = None,
    plan: bool = False,
    start: int = 0,
    session: Any = None,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    n_threads: int | None = 1,
) -> Any:
    """Make pseudo-anomalies lazily, as a Spark DataFrame.

    Parameters
    ----------
    table : ScaledTable
        From `fit`, or from anywhere else.
    n_samples : int
        Rows to make.
    num_partitions : int, optional
        Default: as many as keep a partition below 64 MiB.
    columns : sequence of str, optional
        Names of the features; default: x0, x1, and so on.
    plan : bool, default=False
        Add the columns row (the number of the row, for rows of Spark have no order), anchor, partner, pool
        and lam: what each row is made of.
    start : int, default=0
        Number of the first row.
    session : SparkSession, optional
        Default: the active one.
    noise_std, alpha, beta, unlabeled_fraction, random_state
        As in `nng_mix`. A generator or None is asked once, here, so that all partitions belong together.
    n_threads : int, default=1
        Threads of each task.

    Returns
    -------
    Spark DataFrame
        Features are float for a float32 table, else double.
    """
    maker = Maker(
        table,
        [f"x{j}" for j in range(table.n_features)] if columns is None else columns,
        plan=plan,
        n_threads=n_threads,
        noise_std=noise_std,
        alpha=alpha,
        beta=beta,
        unlabeled_fraction=unlabeled_fraction,
        random_state=random_state,
    )
    return _generate(session, maker, n_samples, num_partitions, start)


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
    num_partitions: int | None = None,
    plan: bool = False,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    n_threads: int | None = 1,
) -> Any:
    """Add pseudo-anomalies to a DataFrame that holds a few labelled anomalies; `fit` and `generate` in one.

    The anomalies are taken in the order of partitions and rows, so that the new rows are those of
    ``NNGMix(n_samples=...).fit_resample`` on rows of that order. Where Spark may shuffle them from run to
    run, collect the anomalies yourself, in an order of your own, and use `fit` and `generate`.

    Parameters
    ----------
    frame : Spark DataFrame
        All rows.
    n_samples : int or str
        Rows to make: a count, ``"10x"`` (times the labelled anomalies) or ``"10%"`` (until anomalies, old
        and new, are that share of the unlabelled rows).
    label : str
        Column that tells labelled anomalies from unlabelled rows.
    anomaly : default=1
        Its value for labelled anomalies; all other rows are unlabelled.
    features : sequence of str, optional
        Columns that are features; default: all but `label`. The others are null in new rows.
    scale : {'minmax', 'standard', None}, default='minmax'
        As in `fit`.
    max_anomalies : int, default=10_000
        More labelled anomalies than this are an error: they are held by every task.
    only_new : bool, default=False
        Leave the old rows out.
    n_neighbors, n_neighbors_anomaly, skip_bad, num_partitions, plan, noise_std, alpha, beta, \
unlabeled_fraction, random_state, n_threads
        As in `fit` and `generate`. With ``plan=True`` anchors and partners are row ids of the frame, see
        `split_row_id`.

    Returns
    -------
    Spark DataFrame
        The rows of `frame`, with features as float if all of them are and as double otherwise, then the new
        ones; bad rows that were left out of the search are still among them.
    """
    amount = Amount.parse(n_samples) if isinstance(n_samples, str) else Amount(n_samples=n_samples)
    reader = Reader.of_columns(_types(frame), features, label, anomaly, skip_bad)
    if plan and set(PLAN_COLUMNS) & set(frame.columns):
        raise ValueError(
            f"plan=True adds {', '.join(PLAN_COLUMNS)}, but the frame has such a column; rename it"
        )
    fitted = _fit(frame, reader, None, n_neighbors, n_neighbors_anomaly, scale, n_threads, max_anomalies)
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
    made = _generate(frame.sparkSession, maker, count, num_partitions, 0)
    features = reader.features or ()
    kind = "float" if reader.dtype.itemsize == 4 else "double"
    kept, new = [], []
    for field in frame.schema.fields:
        column = named(field.name)
        if field.name in features:
            kept.append(column.cast(kind).alias(field.name))
            new.append(column)
        else:
            kept.append(column)
            value = F.lit(anomaly if field.name == label else None)
            new.append(value.cast(field.dataType).alias(field.name))
    made = made.select(*new, *PLAN_COLUMNS[: len(PLAN_COLUMNS) * plan])
    return made if only_new else frame.select(*kept).unionByName(made, allowMissingColumns=True)


def _types(frame: Any) -> dict[str, Any]:
    if not hasattr(frame, "mapInArrow"):
        raise TypeError(f"expected a Spark DataFrame, got {type(frame).__name__}")
    return numpy_types(frame)


def _fit(
    frame: Any,
    reader: Reader,
    X_anomaly: ArrayLike | None,
    n_neighbors: float,
    n_neighbors_anomaly: float,
    scale: str | None,
    n_threads: int | None,
    max_anomalies: int,
) -> Fitted:
    features = reader.features or ()
    columns = features if reader.label is None else (*features, reader.label)
    return fit_partitions(
        folder(frame, columns),
        reader,
        len(features),
        X_anomaly,
        n_neighbors,
        n_neighbors_anomaly,
        scale,
        n_threads,
        max_anomalies,
    )


def _generate(session: Any, maker: Maker, n_samples: int, num_partitions: int | None, start: int) -> Any:
    n_samples, start = check_count("n_samples", n_samples), check_count("start", start)
    session = session or SparkSession.getActiveSession()
    if session is None:
        raise ValueError("there is no active Spark session: pass one as session")
    if num_partitions is None:
        row_bytes = maker.table.n_features * maker.table.dtype.itemsize
        num_partitions = max(1, -(-n_samples * row_bytes // _PARTITION_BYTES))
    num_partitions = check_count("num_partitions", num_partitions, minimum=1)
    return made_frame(session, maker, n_samples, num_partitions, start)
