"""The neighbour score: a ranking from a few labelled anomalies, without training."""

from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.fitted_score import FittedScore, keep_model
from nngmix.detection.saved_score import read_score
from nngmix.detection.score_fit import ScoreFit
from nngmix.detection.score_labels import score_rule
from nngmix.parameters.checks import check_count
from nngmix.parameters.seed import RandomState
from nngmix.rows.asked_columns import Features, Missing
from nngmix.rows.label_array import label_array
from nngmix.rows.labels import read_labels
from nngmix.rows.one_hot import from_one_hot
from nngmix.rows.rows import Known, as_rows, common_dtype, paired

__all__ = ["NeighborScore"]


class NeighborScore(FittedScore):
    """How much nearer a row is to labelled anomalies than to unlabelled rows: a score without training.

    The score of a row is log(r_k(x, U) + eps), r_k being the distance to its k-th nearest unlabelled row,
    minus the mean of log(r(x, a) + eps) over the nearest labelled anomalies a: an estimate by neighbours of
    the logarithm of a ratio of two densities. Neighbours are exact. Higher is more anomalous, as in PyOD;
    scikit-learn's outlier detectors mean the opposite.

    Parameters
    ----------
    n_neighbors : int, default=10
        The k of the unlabelled side, one less than the unlabelled rows at most.
    scale : {'minmax', 'standard', None}, default='minmax'
        Scale of the columns, fitted on all training rows.
    n_anomalies : int or 'auto', default='auto'
        Nearest labelled anomalies whose log distances are averaged; all of them if there are fewer. "auto" is
        the square root of their number, rounded.
    reference_rows : int, default=100_000
        Of more unlabelled rows a sample of this many, seeded by `random_state`, stands for all. The cost is
        rows scored times reference rows.
    eps : float, default=1e-3
        Added to distances in scaled columns, so that duplicates do not divide by zero.
    random_state : int, SeedSequence, Generator, RandomState or None, default=None
        Seed of that sample; with no more than `reference_rows` unlabelled rows nothing is random.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.
    anomaly_label, unlabeled_label : value or list of values, optional
        Which labels mean what. Default: 1 and 0 mean what they say, else the most frequent label is the
        unlabelled one and every other a class of anomalies. Rows without a label (NaN, None) are unlabelled.
    normal_label : value or list of values, optional
        Labels of rows known to be normal. They are never anomalies, and one of them counts as much as k
        unlabelled rows, which may be anomalies after all: the distance to the nearest of them takes the place
        of r_k(x, U) where it is less, so that rows near a known normal fall.
    missing : {'error', 'skip', 'keep'}, default='error'
        What to do with rows that are not finite: refuse them, or leave them out of the fit and give them
        the score NaN; or keep them: a missing value is at a distance of 1 from all, and infinity is refused.
    categorical_features : list, 'auto' or None, default=None
        Columns whose values are the same or not, by name, by position or as a mask of bools; 'auto' for those
        whose type is of categories, texts or booleans. Distances are those of `kneighbors`.
    categorical_weight : float, optional
        What a category that differs adds to a squared distance. Default: 1; needed without a scale.

    Attributes
    ----------
    classes_ : ndarray
        What `predict` gives: the unlabelled rows' label, then those of the anomalies.
    training_scores_ : ndarray of float64, shape (n_rows,)
        The scores of the unlabelled training rows, each left out by its number; NaN for all other rows.
    offset_ : float
        `predict` takes rows above it for anomalies: as many of the unlabelled training rows as the labelled
        anomalies are of all training rows.
    n_features_in_ : int
        Columns of `X`.
    feature_names_in_ : ndarray of str
        Names of the columns, if `X` has them.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(1000, 4))
    >>> X[:30] += 3
    >>> y = np.arange(1000) < 5
    >>> score = nngmix.NeighborScore().fit(X, y)
    >>> found = np.argsort(-score.training_scores_)[:25]
    >>> bool((found < 30).mean() > 0.9)
    True
    """

    def __init__(
        self,
        n_neighbors: int = 10,
        scale: str | None = "minmax",
        n_anomalies: int | str = "auto",
        reference_rows: int = 100_000,
        eps: float = 1e-3,
        random_state: RandomState = None,
        n_threads: int | None = None,
        anomaly_label: Any = None,
        unlabeled_label: Any = None,
        normal_label: Any = None,
        missing: Missing = "error",
        categorical_features: Features = None,
        categorical_weight: float | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.scale = scale
        self.n_anomalies = n_anomalies
        self.reference_rows = reference_rows
        self.eps = eps
        self.random_state = random_state
        self.n_threads = n_threads
        self.anomaly_label = anomaly_label
        self.unlabeled_label = unlabeled_label
        self.normal_label = normal_label
        self.missing = missing
        self.categorical_features = categorical_features
        self.categorical_weight = categorical_weight

    def fit(self, X: Any, y: Any) -> Self:
        """Take the labelled anomalies and the unlabelled rows, and score the latter.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)
            Real numbers, finite unless `missing` says otherwise, and categories that are asked for.
        y : array-like, Series or one-column frame of shape (n_rows,)
            Labels of any type; missing ones are those of unlabelled rows.

        Returns
        -------
        NeighborScore
            Itself.

        Raises
        ------
        ValueError
            For parameters out of range, labels that do not say who is who, no labelled anomaly, fewer than
            two unlabelled rows, and values that are not finite (the first is named).
        TypeError
            For what does not hold real numbers, and parameters of another type.
        """
        fit = ScoreFit.of(self)
        if y is None:
            raise ValueError("fit requires y to be passed, but the target y is None")
        given = from_one_hot(y)
        rows, labels = as_rows("X", X, asked=fit.asked), read_labels("y", given)
        if len(rows) != len(labels):
            raise ValueError(
                f"X and y must have the same number of rows, got {len(rows)} rows in X and {len(labels)} "
                "labels in y"
            )
        rule = score_rule(labels, self.anomaly_label, self.unlabeled_label, self.normal_label)
        survey = fit.survey(rows, rule)
        survey.update(rows, labels, 0)
        anomalies, who = survey.anomalies(), rule.split(labels)
        at = np.asarray(anomalies.ids)
        codes, first = np.unique(labels.codes[at], return_index=True)
        # Each class by the value of a row that has it, in the type of `y`.
        examples = [_most_frequent(labels.codes, who.unlabeled), *at[first].tolist()]
        kinds = 1 + np.searchsorted(codes, labels.codes[at])
        keep_model(
            self, fit.model(survey, anomalies, label_array("y", given)[examples], kinds), rows, who.unlabeled
        )
        return self

    @classmethod
    def from_anomalies(cls, X_anomaly: Any, X_unlabeled: Any, *, X_normal: Any = None, **params: Any) -> Self:
        """Fit on labelled anomalies and unlabelled rows that stand apart.

        Parameters
        ----------
        X_anomaly : array-like or frame of shape (n_anomalies, n_features)
            Finite rows.
        X_unlabeled : array-like or frame of shape (n_rows, n_features)
            Columns are matched by name where both sides have names. `training_scores_` are theirs.
        X_normal : array-like or frame of shape (n_normal, n_features), optional
            Rows known to be normal.
        **params
            Of the class.

        Returns
        -------
        NeighborScore
            Fitted; `predict` gives 1 for anomalies and 0 for all other rows.

        Raises
        ------
        ValueError, TypeError
            For what `fit` refuses.
        """
        score = cls(**params)
        fit = ScoreFit.of(score)
        given = as_rows("X_anomaly", X_anomaly, asked=fit.asked)
        known = Known.of(given)
        rows, given = paired(as_rows("X_unlabeled", X_unlabeled, asked=fit.asked, known=known), given)
        given = given.cast(common_dtype(given, rows))
        keep_model(score, fit.apart(given, X_normal, lambda survey: survey.update(rows, None, 0)), rows)
        return score

    @classmethod
    def from_blocks(
        cls, X_anomaly: Any, batches: Any, *, X_normal: Any = None, read_ahead: int = 6, **params: Any
    ) -> Self:
        """Fit on unlabelled rows that come in blocks: one pass, in bounded memory.

        The result is that of `from_anomalies` on all rows at once, whatever the blocks.

        Parameters
        ----------
        X_anomaly : array-like or frame of shape (n_anomalies, n_features)
            Finite rows.
        batches : iterable of blocks, callable that gives one, or pyarrow.dataset.Dataset
            As for `nngmix.stream.fit`; `nngmix.stream.Scan` reads files. Rows are numbered as they come.
        X_normal : array-like or frame of shape (n_normal, n_features), optional
            Rows known to be normal.
        read_ahead : int, default=6
            Blocks fetched by a thread of its own while this one works.
        **params
            Of the class.

        Returns
        -------
        NeighborScore
            Fitted; it has no `training_scores_`: give the blocks again to `score_training_rows`.

        Raises
        ------
        ValueError, TypeError
            For what `fit` and `nngmix.stream.fit` refuse.
        """
        from nngmix.neighbors.blocks import Blocks, checked_batches

        score = cls(**params)
        fit = ScoreFit.of(score)
        given = as_rows("X_anomaly", X_anomaly, asked=fit.asked)
        read_ahead = check_count("read_ahead", read_ahead)
        blocks = Blocks(checked_batches(batches), given, read_ahead, fit.n_threads, None, fit.asked)
        keep_model(score, fit.apart(given, X_normal, blocks.fold))
        return score

    @classmethod
    def load(cls, path: str | PathLike[str], *, n_threads: int | None = None) -> Self:
        """Read a score that `save` has written.

        Parameters
        ----------
        path : str or path
        n_threads : int, optional
            See the class.

        Returns
        -------
        NeighborScore
            Fitted, without `training_scores_`.

        Raises
        ------
        ValueError
            For another file, one that is damaged, or one of a later version.
        OSError
            If it cannot be read.
        """
        model, about = read_score(path)
        score = cls(**about["parameters"], n_threads=n_threads)
        keep_model(score, model, offset=float(about["offset"]))
        return score


def _most_frequent(codes: NDArray[np.int64], taken: NDArray[np.bool_]) -> int:
    """The first of the rows that are taken which has their most frequent label, or has none."""
    there = codes[taken]
    most = int(np.bincount(there + 1).argmax()) - 1 if len(there) else 0
    return int(np.argmax(taken & (codes == most)))
