"""What a fitted neighbour score gives: scores, labels, reasons, and itself as a file."""

import sys
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.detection.explanation import Explanation, explained
from nngmix.detection.saved_score import write_score
from nngmix.detection.score_model import ScoreModel
from nngmix.methods.estimator import Estimator, keep_columns
from nngmix.parameters.checks import check_count
from nngmix.rows.asked_columns import ColumnsAsked, Features, Missing
from nngmix.rows.rows import Rows, as_rows

__all__ = ["FittedScore", "keep_model"]


# Parameters that come back with a saved score.
_SAVED = ("n_neighbors", "scale", "n_anomalies", "reference_rows", "eps", "missing", "categorical_weight")


class FittedScore(Estimator):
    """The part of `NeighborScore` that needs its model alone."""

    model_: ScoreModel
    categorical_features: Features
    missing: Missing
    n_threads: int | None
    training_scores_: NDArray[np.float64]

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """The score of each row, as one that is none of the training rows.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)
            Columns are matched by name where both sides have names. A category that was not there in `fit`
            differs from all others.

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
        skip = self.missing == "skip"
        for start, finite, queries in model.queries(rows, skip=skip, n_threads=self.n_threads):
            _, at = model.anomalies.neighbors(queries, 1, self.n_threads)
            codes[start + finite] = model.kinds[at[:, 0]]
        predicted: NDArray[Any] = self.classes_[np.where(above, codes, 0)]
        return predicted

    def explain(self, X: Any, ids: ArrayLike | None = None, *, n_columns: int = 3) -> Explanation:
        """Why rows have their scores: whom they are near to, and in which columns.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)
            Finite rows.
        ids : array-like of int, shape (n_rows,), optional
            The numbers of these rows among the training rows, if they are such: each is left out.
        n_columns : int, default=3
            Columns that are named for each row.

        Returns
        -------
        Explanation
            Arrays with an entry for each row; ``pandas.DataFrame(explanation.to_dict())`` is a frame of them.

        Raises
        ------
        ValueError
            For other columns than in `fit`, values that are not finite, or ids that are not one a row.
        """
        rows, model = self._seen(X), self.model_
        n_columns = min(check_count("n_columns", n_columns, minimum=1), model.n_features)
        numbers = None if ids is None else np.asarray(ids, np.int64)
        if numbers is not None and numbers.shape != (len(rows),):
            raise ValueError(f"ids must be one for each of the {len(rows)} rows, got shape {numbers.shape}")
        return explained(model, rows, numbers, n_columns, self.n_threads)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the fitted score as arrays in an npz file, nothing pickled.

        Parameters
        ----------
        path : str or path
            Written beside its name, then renamed.

        Raises
        ------
        ValueError
            Before `fit`, or for labels and names of columns that are no texts, numbers, booleans or None.
        OSError
            If the file cannot be written.
        """
        model = self._fitted()
        parameters = {name: getattr(self, name) for name in _SAVED}
        parameters["categorical_features"] = ColumnsAsked(self.categorical_features).categorical_features
        write_score(path, model, {"parameters": parameters, "offset": self.offset_})

    @property
    def offset_(self) -> float:
        """The score above which `predict` takes a row for an anomaly."""
        if not hasattr(self, "_offset"):
            model = self._fitted()
            side = model.unlabeled
            self._offset = model.threshold(model.scores(side.rows, side.ids, self.n_threads))
        return self._offset

    @property
    def classes_(self) -> NDArray[Any]:
        """The unlabelled rows' label, then those of the anomalies."""
        return self._fitted().classes

    def _fitted(self) -> ScoreModel:
        if hasattr(self, "model_"):
            return self.model_
        raise _not_fitted()(f"this {type(self).__name__} is not fitted yet: call fit first")

    def _seen(self, X: Any) -> Rows:
        """Rows with the columns of the fit."""
        model = self._fitted()
        kinds = model.known.kinds
        if self.missing == "keep" and (kinds is None or not kinds.missing):
            raise ValueError("missing='keep' is for a score that was fitted with it, for distances count it")
        rows = as_rows("X", X, asked=ColumnsAsked(missing=self.missing), known=model.known)
        if rows.n_features != self.n_features_in_ and None in (rows.names, model.names):
            raise ValueError(
                f"X has {rows.n_features} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input"
            )
        return rows.matched(model.names, "the rows that were fitted")


def keep_model(
    score: FittedScore,
    model: ScoreModel,
    rows: Rows | None = None,
    taken: NDArray[np.bool_] | None = None,
    offset: float | None = None,
) -> None:
    """Give a model to a score, and score the training rows that are taken, if they are there."""
    score.model_ = model
    keep_columns(score, model.n_features, model.names)
    for name in ("_offset", "training_scores_"):
        vars(score).pop(name, None)
    if offset is not None:
        score._offset = offset
    if rows is not None:
        score.training_scores_ = score.score_training_rows(rows)
        if taken is not None:
            score.training_scores_[~taken] = np.nan
        score._offset = model.threshold(score.training_scores_[model.unlabeled.ids])


def _not_fitted() -> type[Exception]:
    """scikit-learn's error where it is there: its own tools look for it."""
    if "sklearn" not in sys.modules:
        return AttributeError
    from sklearn.exceptions import NotFittedError

    return NotFittedError  # type: ignore[no-any-return]
