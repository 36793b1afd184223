"""The neighbour score: a ranking from a few labelled anomalies, without training."""

import sys
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.score_labels import score_rule
from nngmix.detection.score_model import ScoreModel, Side, scaled_rows
from nngmix.detection.score_survey import ScoreSurvey
from nngmix.methods.estimator import Estimator, keep_columns
from nngmix.neighbors.passes import Anomalies
from nngmix.neighbors.spec import FitSpec, Missing
from nngmix.parameters.checks import check_count, check_finite_number, clamp_neighbors
from nngmix.parameters.seed import RandomState, seed_sequence
from nngmix.parameters.warnings import warn_missing
from nngmix.rows.label_array import label_array
from nngmix.rows.labels import LabelRule, read_labels
from nngmix.rows.one_hot import from_one_hot
from nngmix.rows.rows import Rows, as_rows, common_dtype, matched

__all__ = ["NeighborScore"]


class NeighborScore(Estimator):
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
    n_anomalies : int, default=3
        Nearest labelled anomalies whose log distances are averaged; all of them if there are fewer.
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
    missing : {'error', 'skip'}, default='error'
        What to do with rows that are not finite: refuse them, or leave them out of the fit and give them
        the score NaN.

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
        n_anomalies: int = 3,
        reference_rows: int = 100_000,
        eps: float = 1e-3,
        random_state: RandomState = None,
        n_threads: int | None = None,
        anomaly_label: Any = None,
        unlabeled_label: Any = None,
        normal_label: Any = None,
        missing: Missing = "error",
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

    def fit(self, X: Any, y: Any) -> Self:
        """Take the labelled anomalies and the unlabelled rows, and score the latter.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)
            Real numbers, finite unless ``missing="skip"``.
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
        self._check()
        if y is None:
            raise ValueError("fit requires y to be passed, but the target y is None")
        given = from_one_hot(y)
        rows, labels = as_rows("X", X), read_labels("y", given)
        if len(rows) != len(labels):
            raise ValueError(
                f"X and y must have the same number of rows, got {len(rows)} rows in X and {len(labels)} "
                "labels in y"
            )
        rule = score_rule(labels, self.anomaly_label, self.unlabeled_label, self.normal_label)
        survey = self._survey(rows, rule)
        survey.update(rows, labels, 0)
        who = rule.split(labels)
        kinds, first = np.unique(labels.codes[who.anomaly], return_index=True)
        shown = label_array("y", given)
        self._learn(
            survey,
            survey.anomalies(),
            shown[[_most_frequent(labels.codes, who.unlabeled), *np.flatnonzero(who.anomaly)[first]]],
            1 + np.searchsorted(kinds, labels.codes[survey.anomalies().ids]),
        )
        self.training_scores_ = self.score_training_rows(rows)
        self.training_scores_[~who.unlabeled] = np.nan
        self._offset = self._threshold(self.training_scores_[self.model_.unlabeled.ids])
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
        score._check()
        given = as_rows("X_anomaly", X_anomaly)
        rows = matched(as_rows("X_unlabeled", X_unlabeled), given)
        given = given.cast(common_dtype(given, rows))
        score._fit_apart(given, X_normal, lambda survey: survey.update(rows, None, 0))
        score.training_scores_ = score.score_training_rows(rows)
        score._offset = score._threshold(score.training_scores_[score.model_.unlabeled.ids])
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
        from nngmix.stream import Blocks, checked_batches

        score = cls(**params)
        score._check()
        given = as_rows("X_anomaly", X_anomaly)
        blocks = Blocks(checked_batches(batches), given, read_ahead, score.n_threads, None)
        score._fit_apart(given, X_normal, blocks.fold)
        return score

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """The score of each row, as one that is none of the training rows.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)
            Columns are matched by name where both sides have names.

        Returns
        -------
        ndarray of float64, shape (n_rows,)
            Higher is more anomalous. A row has the same score alone and in any batch.

        Raises
        ------
        ValueError
            For other columns than in `fit`, or values that are not finite.
        """
        rows = self._seen(X)
        return self.model_.score_rows(rows, skip=self.missing == "skip", n_threads=self.n_threads)

    def score_training_rows(self, X: Any, start: int = 0) -> NDArray[np.float64]:
        """The scores of training rows given again, all or a block of them, each left out by its number.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)
            Rows `start` and following of those that were fitted.
        start : int, default=0
            Number of the first.

        Returns
        -------
        ndarray of float64, shape (n_rows,)

        Raises
        ------
        ValueError
            For other columns than in `fit`, or values that are not finite.
        """
        rows, start = self._seen(X), check_count("start", start)
        skip = self.missing == "skip"
        return self.model_.score_rows(rows, start, skip=skip, n_threads=self.n_threads)

    def predict(self, X: Any) -> NDArray[Any]:
        """The label of the nearest anomaly for each row whose score is above `offset_`, else the other one.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,)
            Values of `classes_`.

        Raises
        ------
        ValueError
            For other columns than in `fit`, or values that are not finite.
        """
        rows = self._seen(X)
        above = self.decision_function(rows) > self.offset_
        codes = np.zeros(len(rows), np.int64)
        model = self.model_
        for start, finite, queries in model.queries(rows, skip=True, n_threads=self.n_threads):
            _, at = model.anomalies.neighbors(queries, 1, self.n_threads)
            codes[start + finite] = model.kinds[at[:, 0]]
        predicted: NDArray[Any] = self.classes_[np.where(above, codes, 0)]
        return predicted

    @property
    def offset_(self) -> float:
        """The score above which `predict` takes a row for an anomaly."""
        if not hasattr(self, "_offset"):
            model = self._fitted()
            side = model.unlabeled
            self._offset = self._threshold(model.scores(side.rows, side.ids, self.n_threads))
        return self._offset

    @property
    def classes_(self) -> NDArray[Any]:
        """The unlabelled rows' label, then those of the anomalies."""
        return self._fitted().classes

    def _check(self) -> None:
        """Every parameter, before any row is read."""
        check_count("n_neighbors", self.n_neighbors, minimum=1)
        check_count("n_anomalies", self.n_anomalies, minimum=1)
        check_count("reference_rows", self.reference_rows, minimum=2)
        if check_finite_number("eps", self.eps) <= 0:
            raise ValueError(f"eps must be above 0, got {self.eps}")

    def _survey(self, rows: Rows, rule: LabelRule | None) -> ScoreSurvey:
        spec = FitSpec(
            rows.n_features,
            rows.dtype,
            rows.names,
            rule,
            "y",
            self.scale,
            self.missing,
            n_threads=self.n_threads,
        )
        return ScoreSurvey(spec, self.reference_rows, seed_sequence(self.random_state))

    def _fit_apart(self, given: Rows, X_normal: Any, fold: Callable[[ScoreSurvey], object]) -> None:
        """Fit on anomalies of their own, and on the unlabelled rows that `fold` runs a survey over."""
        if len(given) == 0:
            raise ValueError("X_anomaly must have at least one row, got none")
        X_anomaly = given.whole()
        given.check_finite(X_anomaly)
        survey = self._survey(given, None)
        survey.scaling.update(X_anomaly, n_threads=self.n_threads)
        if X_normal is not None:
            normal = matched(as_rows("X_normal", X_normal), given)
            survey.add_normal(normal, np.arange(len(normal)), 0)
        fold(survey)
        anomalies = Anomalies(X_anomaly, np.arange(len(X_anomaly)))
        self._learn(survey, anomalies, np.array([0, 1]), np.ones(len(X_anomaly), np.int64))

    def _learn(
        self, survey: ScoreSurvey, anomalies: Anomalies, classes: NDArray[Any], kinds: NDArray[np.int64]
    ) -> None:
        ids, rows = survey.sample.rows()
        if len(ids) < 2:
            raise ValueError(
                f"at least two unlabelled rows are needed to compare with, got {len(ids)}; the labels are "
                f"{survey.counts.labels}"
            )
        spec, scale = survey.spec, None
        constant = np.zeros(spec.n_features, bool)
        if spec.scale is not None:
            scale, constant = survey.scaling.scale(spec.dtype), survey.scaling.constant()

        def side(ids: NDArray[np.int64], rows: NDArray[Any]) -> Side:
            return Side(rows if scale is None else scaled_rows(rows, scale, constant, self.n_threads), ids)

        self.model_ = ScoreModel(
            unlabeled=side(ids, rows),
            anomalies=side(np.arange(len(kinds)) if anomalies.ids is None else anomalies.ids, anomalies.X),
            normals=side(*survey.normals()),
            kinds=kinds,
            classes=classes,
            names=spec.names,
            scale=scale,
            constant=constant,
            n_neighbors=clamp_neighbors("n_neighbors", self.n_neighbors, len(ids) - 1),
            n_anomalies=min(self.n_anomalies, len(kinds)),
            eps=float(self.eps),
            n_rows=survey.counts.n_unlabeled,
        )
        warn_missing(survey.counts.n_missing, survey.counts.n_rows)
        vars(self).pop("_offset", None)
        keep_columns(self, spec.n_features, spec.names)

    def _threshold(self, scores: NDArray[np.float64]) -> float:
        """The score that the labelled share of the unlabelled rows exceeds."""
        model = self.model_
        share = len(model.anomalies) / (len(model.anomalies) + model.n_rows)
        return float(np.quantile(scores, 1 - share))

    def _fitted(self) -> ScoreModel:
        if hasattr(self, "model_"):
            return self.model_
        raise _not_fitted()(f"this {type(self).__name__} is not fitted yet: call fit first")

    def _seen(self, X: Any) -> Rows:
        """Rows with the columns of the fit."""
        model, rows = self._fitted(), as_rows("X", X)
        if rows.n_features != self.n_features_in_ and None in (rows.names, model.names):
            raise ValueError(
                f"X has {rows.n_features} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input"
            )
        return rows.matched(model.names, "the rows that were fitted")


def _not_fitted() -> type[Exception]:
    """scikit-learn's error where it is there: its own tools look for it."""
    if "sklearn" not in sys.modules:
        return AttributeError
    from sklearn.exceptions import NotFittedError

    return NotFittedError  # type: ignore[no-any-return]


def _most_frequent(codes: NDArray[np.int64], taken: NDArray[np.bool_]) -> int:
    """The first of the rows that are taken which has their most frequent label, or has none."""
    there = codes[taken]
    most = int(np.bincount(there + 1).argmax()) - 1 if len(there) else 0
    return int(np.argmax(taken & (codes == most)))
