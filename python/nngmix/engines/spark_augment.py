"""Old and new rows of one Spark DataFrame: the search, the amount and the making in one."""

from collections.abc import Sequence
from typing import Any

from nngmix.engines.maker import Maker, added_columns, rows_of
from nngmix.engines.partitions import Partitions
from nngmix.engines.roles import rule_of
from nngmix.engines.row_names import RowNames
from nngmix.engines.spark_frame import made_frame, runner, with_old_rows
from nngmix.engines.spark_types import feature_types, roles_of, types_of
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_count
from nngmix.parameters.mixture import Mixture, Noise
from nngmix.parameters.progress import Callback, reported
from nngmix.parameters.seed import RandomState, seed_sequence
from nngmix.rows.asked_columns import Clip, Features, Missing
from nngmix.rows.names import check_free
from nngmix.rows.unscaled import asked_columns, check_weighed

__all__ = ["augment"]


def augment(
    frame: Any,
    n_samples: int | str,
    *,
    label: str,
    anomaly: Any = None,
    unlabeled: Any = None,
    features: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    id: str | None = None,
    mark: str | None = None,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    scale: str | None = "minmax",
    max_anomalies: int = 10_000,
    categorical_features: Features = None,
    categorical_weight: float | None = None,
    whole_features: Features = "auto",
    clip: Clip | None = None,
    missing: Missing = "error",
    skip_bad: bool = False,
    only_new: bool = False,
    num_partitions: int | None = None,
    plan: bool = False,
    noise_std: Noise = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    callback: Callback | None = None,
    verbose: bool = False,
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
    anomaly : value or list of values, optional
        Labels of anomalies, compared as they are shown: 1, "1" and True are the same. Several are classes,
        within which new rows are made and whose label they carry. Default: 1, or all that are not
        `unlabeled`.
    unlabeled : value or list of values, optional
        Labels of unlabelled rows; all others are anomalies. If both are given, rows with a third label take
        no part. Rows without a label are unlabelled.
    features : sequence of str, optional
        Columns that are features; default: all that have no other role.
    ignore : sequence of str, default=()
        Columns that are no features. They come through as they are and are null in new rows.
    id : str, optional
        A column that is ignored, and by whose values a plan names anchors and partners, in the columns
        anchor_id and partner_id.
    mark : str, optional
        Add a column of this name that says which rows are new.
    n_neighbors, n_neighbors_anomaly : int or float, default=10
        As in `nng_mix`; with several classes they count within each.
    scale : {'minmax', 'standard', None}, default='minmax'
        As in `fit`.
    max_anomalies : int, default=10_000
        More labelled anomalies than this are an error: they are held by every task.
    categorical_features, categorical_weight
        As in `fit`, of the features of `frame`.
    whole_features, clip
        As in `fit`.
    missing, skip_bad
        As in `fit`. Rows and partitions that are left out of the search are still among the rows that come
        back.
    only_new : bool, default=False
        Leave the old rows out.
    num_partitions : int, optional
        Of the new rows; as in `generate`.
    plan : bool, default=False
        As in `generate`, but anchors and partners are row ids of the frame, see `split_row_id`.
    noise_std, alpha, beta, unlabeled_fraction, random_state
        As in `generate`.
    callback : callable, optional
        Called before and after each pass with the stage, "scale" or "search", rows done and rows in all, 0
        where that is not known; Spark itself shows its tasks. An exception in it ends the call.
    verbose : bool, default=False
        Show a bar on stderr, by tqdm where it is installed.
    n_threads : int, default=1
        Threads of each task.

    Returns
    -------
    Spark DataFrame
        The rows of `frame`, with features as float if float holds all of them and as double otherwise, but
        categories as they are, and integers where new rows are whole; then the new ones. Other columns keep
        their values and
        types, and are null in new rows.

    Raises
    ------
    ValueError, TypeError
        As `fit`; and for a label that no row has, with those that there are.

    Examples
    --------
    >>> import nngmix.spark  # doctest: +SKIP
    >>> flows = session.read.parquet("flows/")  # doctest: +SKIP
    >>> more = nngmix.spark.augment(
    ...     flows, "10%", label="class", anomaly="attack", mark="new"
    ... )  # doctest: +SKIP
    """
    amount = Amount.parse(n_samples) if isinstance(n_samples, str) else Amount(n_samples=n_samples)
    asked = asked_columns(
        categorical_weight,
        categorical_features=categorical_features,
        whole_features=whole_features,
        missing=missing,
        clip=clip,
    )
    roles = roles_of(frame, "the frame", features, ignore, label, id)
    like = feature_types(frame, roles, "the frame", asked)
    if scale is None:
        check_weighed(like.kinds, categorical_weight)
    added = added_columns(plan, id is not None, donors=like.kinds is not None)
    check_free("the frame", [*added, *(() if mark is None else (mark,))], frame.columns)
    mixture, seed = Mixture(noise_std, alpha, beta, unlabeled_fraction), seed_sequence(random_state)
    spec = FitSpec(
        like.n_features,
        like.dtype,
        roles.features,
        rule=rule_of(anomaly, unlabeled),
        where=f"the label column {label!r}",
        scale=scale,
        columns=asked,
        n_neighbors=n_neighbors,
        n_neighbors_anomaly=n_neighbors_anomaly,
        unlabeled_fraction=mixture.unlabeled_fraction,
        amount=amount,
        max_anomalies=check_count("max_anomalies", max_anomalies, minimum=1),
        n_threads=n_threads,
        limits=like.limits,
        kinds=like.kinds,
        types=like.types,
    )
    row_names = RowNames() if plan and id is not None else None
    notes = [] if row_names is None else [row_names]
    with reported(callback, verbose) as report:
        fitted = Partitions(runner(frame, roles, report), skip_bad, notes).fit(spec)
    new = rows_of(fitted, spec, mixture, seed)
    maker = Maker(new, roles.features, plan=plan, row_names=row_names)
    types = types_of(frame, maker, roles)
    made = made_frame(frame.sparkSession, maker, new.n_samples, num_partitions, 0, types)
    return with_old_rows(frame, made, maker, roles, mark, only_new)
