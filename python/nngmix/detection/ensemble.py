"""Many small detectors and the neighbour score, as one ranking of the rows that nobody has labelled."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from nngmix.detection.bags import Bags, bag_sizes, parts, searched
from nngmix.detection.ensemble_model import ranked
from nngmix.detection.ensemble_parameters import checked_columns, checked_weight, fitted_score
from nngmix.detection.member_rows import MemberRows
from nngmix.detection.members import fit_members
from nngmix.detection.roles import Roles, class_labels, roles
from nngmix.detection.score_model import Side
from nngmix.methods.estimator import keep_columns
from nngmix.parameters.seed import RandomState, child, seed_sequence
from nngmix.rows.asked_columns import ColumnsAsked, Features, Missing
from nngmix.rows.container import decodes
from nngmix.rows.containers import container_of
from nngmix.rows.rows import Known, Rows, as_rows
from nngmix.rows.unscaled import check_weighed

__all__ = ["NNGMixEnsemble"]


class NNGMixEnsemble(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Many small detectors and the neighbour score: a ranking of unlabelled rows from a few labels.

    Each member is trained on a bag: all labels, a small random part of the unlabelled rows, and new rows,
    whose parents are found among all unlabelled rows. Its score of a row counts as -log(p), p being the
    share of the unlabelled rows it was not trained on that score higher; so a row scores the same alone or
    among others. The mean of the members and the `NeighborScore`, on the same scale, are averaged; what is
    level is told apart by the neighbour score. Unlabelled training rows are scored out of bag. Higher is
    more anomalous, as in PyOD; scikit-learn's outlier detectors mean the opposite.

    Parameters
    ----------
    estimator : classifier, optional
        Of scikit-learn, XGBoost, LightGBM or alike, with `predict_proba` or `decision_function`. Clones are
        fitted on scaled columns, on 1 for anomalies and 0 for all else, each with a seed of its own. Default:
        a random forest, which ranked best of scikit-learn's trees and linear models.
    n_bags : int, default=10
        Members, at least 2: every unlabelled row must be unknown to one of them.
    bag_rows : int, default=256
        Unlabelled rows of each bag, half of all at most.
    bag_anomalies : int, default=64
        Anomalies of a bag of `bag_rows`, labelled and new; smaller bags have fewer, in proportion. With more
        labels than that bags grow, and no rows are made.
    neighbor_score : bool or float, default=True
        Whether the neighbour score takes part; a number is its weight, True means 0.4.
    filling : {'both', 'nng_mix', 'smote', 'duplicate', 'none'}, default='both'
        What the new rows are: those of NNG-Mix, rows between two anomalies (SMOTE in NNG-Mix's terms), half
        of each, copies of labelled anomalies, or none.
    contamination : 'auto' or float, default='auto'
        The share of training rows that `predict` calls anomalies, at most 0.5; "auto" is the share that is
        labelled, which is cautious where labels are few: raise it to find more.
    n_neighbors : int, default=10
        Unlabelled neighbours of new rows and of the neighbour score.
    scale : {'minmax', 'standard', None}, default='minmax'
        Of the columns for neighbours, noise and members, fitted on anomalies and unlabelled rows.
    random_state : int, SeedSequence, Generator, RandomState or None, default=None
        An int gives the same bytes at any `n_jobs`, if the estimator does for a seed.
    n_jobs : int, optional
        Members that are fitted, or asked for scores, at a time, as in joblib. Default: 1.
    anomaly_label, unlabeled_label : value or list of values, optional
        Which labels are anomalies, and which are unlabelled rows; if one is given, all other labels are of
        the other kind, if both are, rows of third labels take no part. If none is, there must be two labels:
        of 0 and 1 (False and True) 1 is the anomaly, else the rarer one, and the second of two that are
        equally frequent.
    normal_label : value or list of values, optional
        Labels of rows that are known to be normal: negatives in every bag, and never parents of new rows.
    categorical_features, categorical_weight
        See `NeighborScore`.
    missing : {'error', 'keep'}, default='error'
        Whether missing values are refused, or are values like others, which members must take.

    Attributes
    ----------
    classes_ : ndarray
        What `predict` gives: the most frequent label of unlabelled rows, then those of anomalies. Not sorted,
        so that a high `decision_function` always means the second class; scorers of scikit-learn take the
        label that sorts last for it: where that is another, score with ``y == anomaly_label``.
    estimators_ : list of classifier
        The members.
    estimators_samples_ : list of ndarray of int64
        For each member the training rows in its bag; new rows come on top.
    neighbor_score_ : NeighborScore or None
    training_scores_ : ndarray of float64, shape (n_rows,)
        The decision function of the unlabelled training rows, out of bag; NaN for all other rows.
    offset_ : float
        What was subtracted from the combined score, which is 0 or more.
    n_features_in_ : int
        Columns of `X`.
    feature_names_in_ : ndarray of str
        Names of the columns, if `X` has them.

    Notes
    -----
    There is no `predict_proba`: the share of rows that score lower is no probability, and a few labels are
    too few to calibrate one; what looks like a calibrated probability would be that of being *labelled*.

    Several classes of anomalies are told from the rest together, and new rows are made within each.

    In a mixed table new rows are made as `NNGMix` makes them: categories of one parent, whole numbers where
    all are whole. The default forest is given the ranks of categories; an estimator of one's own is given the
    type of `X`, with numbers scaled, categories as they are, and those that were not there in `fit` missing:
    ``HistGradientBoostingClassifier(categorical_features="from_dtype")``, XGBoost on categories of pandas, or
    a pipeline that begins with a `ColumnTransformer` of ``OneHotEncoder(handle_unknown="ignore")``.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(1000, 4))
    >>> X[:30] += 3
    >>> y = np.arange(1000) < 5
    >>> ensemble = nngmix.NNGMixEnsemble(n_bags=4, random_state=0).fit(X, y)
    >>> look_first = np.argsort(-ensemble.training_scores_)[:25]
    >>> bool((look_first < 30).mean() > 0.9)
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        n_bags: int = 10,
        bag_rows: int = 256,
        bag_anomalies: int = 64,
        neighbor_score: bool | float = True,
        filling: str = "both",
        contamination: str | float = "auto",
        *,
        n_neighbors: int = 10,
        scale: str | None = "minmax",
        random_state: RandomState = None,
        n_jobs: int | None = None,
        anomaly_label: Any = None,
        unlabeled_label: Any = None,
        normal_label: Any = None,
        categorical_features: Features = None,
        categorical_weight: float | None = None,
        missing: Missing = "error",
    ) -> None:
        self.estimator = estimator
        self.n_bags = n_bags
        self.bag_rows = bag_rows
        self.bag_anomalies = bag_anomalies
        self.neighbor_score = neighbor_score
        self.filling = filling
        self.contamination = contamination
        self.n_neighbors = n_neighbors
        self.scale = scale
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.anomaly_label = anomaly_label
        self.unlabeled_label = unlabeled_label
        self.normal_label = normal_label
        self.categorical_features = categorical_features
        self.categorical_weight = categorical_weight
        self.missing = missing

    def fit(self, X: ArrayLike | Rows, y: ArrayLike) -> Self:
        """Make the bags, fit their members and score the unlabelled training rows.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)
            Finite real numbers, and categories that are asked for.
        y : array-like of shape (n_rows,)
            Labels of any type; see `anomaly_label`.

        Returns
        -------
        NNGMixEnsemble
            Itself.

        Raises
        ------
        ValueError
            For parameters out of range, labels that do not say who is who, less than two unlabelled rows, and
            values that are not finite (the first is named).
        TypeError
            For what holds no real numbers, and parameters of another type.
        """
        weight, asked = checked_weight(self), checked_columns(self)
        if y is None:
            raise ValueError("fit requires y to be passed, but the target y is None")
        rows, labels = self._rows(X, reset=True), class_labels(y)
        check_consistent_length(labels, range(len(rows)))
        if self.scale is None:
            check_weighed(rows.kinds, self.categorical_weight)
        who = roles(labels, self.anomaly_label, self.unlabeled_label, self.normal_label)
        seed = seed_sequence(self.random_state)
        counts = len(who.anomaly), len(who.unlabeled), len(who.normal)
        n_rows, n_new = bag_sizes(*counts, self.bag_rows, self.bag_anomalies)
        table, constant = searched(rows, who, self.filling, self.n_neighbors, self.scale, asked)
        self._known = Known.of(rows)
        self._anomalies = Side(table.X_scaled, who.anomaly, rows.kinds, asked.categorical_weight)
        self._kinds = labels[who.anomaly]
        self.classes_ = _classes(labels, who)
        samples = list(parts(len(who.unlabeled), n_rows, self.n_bags, child(seed, 0)))
        self.estimators_samples_ = [
            np.sort(np.concatenate([who.anomaly, who.normal, who.unlabeled[part]])) for part in samples
        ]
        by_value = self.estimator is not None and decodes(rows.kinds) and rows is not X
        container = container_of("X", X, lists=False).without_rows(rows.kinds) if by_value else None
        form = MemberRows(table.scale, rows.kinds, container)
        bags = Bags(rows, who, table, form, constant, self._kinds.tolist(), self.filling, n_new)
        filled = (bags.filled(part, child(seed, 1 + bag)) for bag, part in enumerate(samples))
        estimator = RandomForestClassifier() if self.estimator is None else self.estimator
        self.estimators_ = fit_members(estimator, filled, self.n_jobs)
        self.neighbor_score_ = fitted_score(self, rows, who, child(seed, 1 + self.n_bags)) if weight else None
        found = ranked(self.estimators_, form, self.neighbor_score_, weight, rows, who, samples, self.n_jobs)
        self._model = found.model
        scores = np.concatenate([found.unlabeled, found.anomaly])
        share = len(who.anomaly) / len(scores) if self.contamination == "auto" else self.contamination
        self.offset_ = float(np.quantile(scores, 1 - float(share), method="lower"))
        self.training_scores_ = np.full(len(rows), np.nan)
        self.training_scores_[who.unlabeled] = found.unlabeled - self.offset_
        return self

    def decision_function(self, X: ArrayLike | Rows) -> NDArray[np.float64]:
        """How anomalous rows are: above 0 they are anomalies to `predict`.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of float64, shape (n_rows,)
            Higher is more anomalous.

        Raises
        ------
        ValueError
            For other columns than in `fit`, and values that are not finite.
        """
        rows = self._rows(X)
        return self._model.scores(rows, self.n_jobs) - self.offset_

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Take rows for anomalies, or not.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,)
            One of `classes_` for each row; of several classes of anomalies that of the nearest labelled one.

        Raises
        ------
        ValueError
            For other columns than in `fit`, and values that are not finite.
        """
        rows = self._rows(X)
        found = self._model.scores(rows, self.n_jobs) > self.offset_
        predicted: NDArray[Any] = self.classes_[found.astype(np.intp)]
        if len(self.classes_) > 2 and found.any():
            scaled = self._model.form.scaled(rows.take(np.flatnonzero(found)), rows.kinds)
            predicted[found] = self._kinds[self._anomalies.neighbors(scaled, 1, None)[1][:, 0]]
        return predicted

    def _rows(self, X: Any, reset: bool = False) -> Rows:
        """Rows by the one door; scikit-learn looks at columns first, and at arrays as it always does."""
        if not reset:
            check_is_fitted(self)
        if isinstance(X, Rows):
            # Files give rows, of which members see ranks.
            if reset:
                keep_columns(self, X.n_features, None)
            return X if reset else X.cast(self._anomalies.rows.dtype)
        as_it_is = hasattr(X, "columns") or self.categorical_features is not None
        look = {"skip_check_array": True} if as_it_is else {"ensure_all_finite": False}
        X = validate_data(self, X, reset=reset, **look)
        if reset:
            return as_rows("X", X, asked=checked_columns(self))
        rows = as_rows("X", X, asked=ColumnsAsked(missing=self.missing), known=self._known)
        return rows.matched(self._known.names, "the rows that were fitted").cast(self._anomalies.rows.dtype)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = False
        tags.input_tags.allow_nan = self.missing == "keep"
        return tags


def _classes(labels: NDArray[Any], who: Roles) -> NDArray[Any]:
    """What `predict` gives: the most frequent unlabelled label, then those of anomalies in their order."""
    values, counts = np.unique(labels[who.unlabeled], return_counts=True)
    return np.concatenate([values[[counts.argmax()]], np.unique(labels[who.anomaly])])
