"""A classifier that is trained on new rows too: they are made inside `fit`, so that nothing leaks."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, get_routing_for_object
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)

from nngmix.detection.augmentation import (
    Augmented,
    augmented,
    auto_choice,
    check_classifier,
    chosen_sampler,
    encoder_advised,
    text_columns,
)
from nngmix.detection.fit_params import by_row, routed_params
from nngmix.detection.roles import class_labels
from nngmix.methods.sampler import Sampler
from nngmix.rows.ndarray import value_matrix

__all__ = ["NNGMixClassifier"]


def _fitted_has(method: str) -> Any:
    """Whether the estimator, fitted or not, has a method."""
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class NNGMixClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier fitted on its rows and on new anomalies that are made of them.

    New rows are made inside `fit` alone, of the rows that it is given. In a plain scikit-learn pipeline, in
    cross-validation, calibration and searches no new row is made of a row that is scored, and none is scored.

    Parameters
    ----------
    estimator : classifier
        Of scikit-learn, XGBoost, LightGBM or alike; a clone of it is fitted, on classes numbered from 0.
    sampler : None, str or object with fit_resample, default=None
        What makes the new rows: None is `NNGMix` with its defaults; a name is a method of nngmix ("nng_mix",
        "mixup", "cutout", "cutmix", "gaussian_noise", "duplicate") or "smote", imbalanced-learn's; "auto"
        takes what helped estimators of this kind with so few labels, or adds nothing, and says why in
        `chosen_`. Unless a sampler of nngmix declares its `anomaly_label` or `unlabeled_label`, the most
        frequent class is the unlabelled one and rows of all others are made, but of those of its
        `normal_label`: to a classifier labels are names. Columns of texts and
        categories in a frame are categories, unless a sampler that is given says otherwise; for a table with
        gaps say ``NNGMix(categorical_features="auto", missing="keep")``. The estimator is given frames of the
        types that came, arrays of objects if arrays came, with categories as they are.
    random_state : int, RandomState or None, default=None
        Seed of the new rows, in the place of the sampler's own; the estimator keeps its own.

    Attributes
    ----------
    estimator_ : classifier
        Fitted on the rows and the new ones.
    sampler_ : object
        The sampler that made them, with its `plan_`; None if "auto" adds nothing.
    chosen_ : Choice
        With ``sampler="auto"``: method, amount, settings and reason.
    n_samples_ : int
        New rows.
    classes_ : ndarray
        The classes, sorted.
    n_features_in_ : int
        Columns of `X`.
    feature_names_in_ : ndarray of str
        Names of the columns, if `X` has them.

    Notes
    -----
    To rank rows with ten labels or fewer, `NNGMixEnsemble` was ahead of one model with the rows of "auto".

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_val_score
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(1000) % 50 == 0
    >>> X = rng.normal(size=(1000, 4)) + 2 * y[:, None]
    >>> classifier = nngmix.NNGMixClassifier(LogisticRegression(), random_state=0)
    >>> classifier.fit(X, y).n_samples_
    78
    >>> bool(cross_val_score(classifier, X, y, scoring="average_precision").mean() > 0.5)
    True
    """

    def __init__(self, estimator: Any, sampler: Any = None, *, random_state: Any = None) -> None:
        self.estimator = estimator
        self.sampler = sampler
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, **params: Any) -> Self:
        """Make new rows and fit the estimator on all.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)
            What the sampler takes: finite real numbers, unless it says otherwise.
        y : array-like of shape (n_rows,)
            Classes of any type.
        sample_weight : array-like of shape (n_rows,), optional
            For the estimator; a new row takes its anchor's weight. Rows of weight 0 take no part.
        **params
            For the estimator's `fit`; what has a value for each row is lengthened like the weights.

        Returns
        -------
        NNGMixClassifier
            The classifier itself.

        Raises
        ------
        ValueError
            For `X` and `y` that do not fit together, values that are not finite, classes without rows, and
            weights for an estimator or a sampler that does not take them.
        TypeError
            For what holds no real numbers, an `estimator` and a `sampler` that are none.
        """
        check_classifier(self.estimator, "predict")
        auto = isinstance(self.sampler, str) and self.sampler == "auto"
        sampler = None if auto else chosen_sampler(self.sampler, self.random_state)
        X, y = self._checked(X, y)
        n_rows = len(y)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        fit_params = routed_params(self, sample_weight, params)
        if sample_weight is not None and not np.all(sample_weight):
            taken = np.flatnonzero(sample_weight)
            X, y = _safe_indexing(X, taken), y[taken]
            fit_params = by_row(fit_params, n_rows, lambda _, value: _safe_indexing(value, taken))
            n_rows = len(taken)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if auto:
            self.chosen_ = auto_choice(self.estimator, codes, self.n_features_in_)
            sampler = chosen_sampler(self.chosen_, self.random_state)
        texts = text_columns(X)
        if texts and (self.sampler is None or isinstance(self.sampler, str)) and isinstance(sampler, Sampler):
            # Nobody has said how columns of texts are taken, and there is one way.
            sampler.set_params(categorical_features="auto")
        rows: Augmented = augmented(sampler, X, codes, self.classes_.tolist())
        fit_params = by_row(fit_params, n_rows, rows.extended)
        with encoder_advised(self.estimator, rows.X):
            self.estimator_ = clone(self.estimator).fit(rows.X, rows.y, **fit_params)
        self.sampler_, self.n_samples_ = sampler, len(rows.y) - n_rows
        self._takes_frames = hasattr(rows.X, "columns")
        return self

    def _checked(self, X: Any, y: Any) -> tuple[Any, NDArray[Any]]:
        """Rows and labels; frames stay what they are, for the estimator may want its columns by name."""
        if hasattr(X, "columns"):
            validate_data(self, X, skip_check_array=True)
            y = class_labels(y)
            if len(y) != X.shape[0]:
                raise ValueError(f"X and y must have the same number of rows, got {X.shape[0]} and {len(y)}")
        else:
            X, y = self._looked_at(X, y)
            y = class_labels(y)
        return X, y

    def _seen(self, X: Any) -> Any:
        """Rows as the estimator was fitted on them."""
        check_is_fitted(self)
        if self._takes_frames:
            return validate_data(self, X, reset=False, skip_check_array=True)
        return self._looked_at(X, reset=False)

    def _looked_at(self, X: Any, *y: Any, reset: bool = True) -> Any:
        """Arrays as scikit-learn looks at them; lists of numbers and texts are objects, not texts."""
        allow_nan = get_tags(self).input_tags.allow_nan
        look: dict[str, Any] = {"ensure_all_finite": "allow-nan" if allow_nan else True}
        if getattr(self.sampler, "categorical_features", None) is not None:
            X, look["dtype"] = value_matrix("X", X), None
        return validate_data(self, X, *y, reset=reset, **look)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class of each row.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,)

        Raises
        ------
        ValueError
            For other columns than in `fit`.
        """
        X = self._seen(X)
        classes: NDArray[Any] = self.classes_[np.asarray(self.estimator_.predict(X)).astype(np.intp)]
        return classes

    @available_if(_fitted_has("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """The estimator's probability of each class.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows, n_classes)
            In the order of `classes_`; on rows among which the new ones are not rare, so that anomalies look
            more frequent than they are.

        Raises
        ------
        ValueError
            For other columns than in `fit`.
        """
        X = self._seen(X)
        return self.estimator_.predict_proba(X)  # type: ignore[no-any-return]

    @available_if(_fitted_has("predict_log_proba"))  # type: ignore[untyped-decorator]
    def predict_log_proba(self, X: ArrayLike) -> NDArray[Any]:
        """The logarithm of `predict_proba`.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows, n_classes)

        Raises
        ------
        ValueError
            For other columns than in `fit`.
        """
        X = self._seen(X)
        return self.estimator_.predict_log_proba(X)  # type: ignore[no-any-return]

    @available_if(_fitted_has("decision_function"))  # type: ignore[untyped-decorator]
    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """The estimator's decision function.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_classes)

        Raises
        ------
        ValueError
            For other columns than in `fit`.
        """
        X = self._seen(X)
        return self.estimator_.decision_function(X)  # type: ignore[no-any-return]

    def get_metadata_routing(self) -> Any:
        """What `fit` takes for itself and hands on to the estimator.

        Returns
        -------
        MetadataRouter
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        router = MetadataRouter(owner=self).add_self_request(self)
        return router.add(estimator=get_routing_for_object(self.estimator), method_mapping=mapping)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.classifier_tags.multi_class = inner.classifier_tags.multi_class
        tags.classifier_tags.poor_score = inner.classifier_tags.poor_score
        tags.input_tags.sparse = False
        tags.input_tags.allow_nan = (
            inner.input_tags.allow_nan and getattr(self.sampler, "missing", "error") != "error"
        )
        return tags
