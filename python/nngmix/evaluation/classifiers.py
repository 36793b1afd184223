"""Classifiers of scikit-learn and XGBoost. A new one is one small class, listed in `CLASSIFIERS`."""

from typing import Any, ClassVar

from nngmix.evaluation.detector import Classifier, Form
from nngmix.evaluation.mixed import few_values
from nngmix.rows.kinds import Kinds

__all__ = ["CLASSIFIERS"]


class MLP(Classifier):
    """scikit-learn's multilayer perceptron."""

    name = "mlp"
    estimator = "sklearn.neural_network.MLPClassifier"


class RandomForest(Classifier):
    """scikit-learn's random forest."""

    name = "random_forest"
    estimator = "sklearn.ensemble.RandomForestClassifier"


class ExtraTrees(Classifier):
    """scikit-learn's extremely randomised trees."""

    name = "extra_trees"
    estimator = "sklearn.ensemble.ExtraTreesClassifier"


class HistGradientBoosting(Classifier):
    """scikit-learn's histogram gradient boosting."""

    name = "hist_gradient_boosting"
    estimator = "sklearn.ensemble.HistGradientBoostingClassifier"

    def form(self, kinds: Kinds | None) -> Form:
        """It splits categories itself, if they are no more than its bins; of others it is given the ranks."""
        if kinds is not None:
            self.model.set_params(categorical_features=few_values(kinds, self.model.max_bins) or None)
        return lambda X: X


class LogisticRegression(Classifier):
    """scikit-learn's logistic regression."""

    name = "logistic_regression"
    estimator = "sklearn.linear_model.LogisticRegression"


class SVM(Classifier):
    """scikit-learn's support vector machine with the RBF kernel."""

    name = "svm"
    estimator = "sklearn.svm.SVC"


class XGBoost(Classifier):
    """XGBoost's classifier, on one thread."""

    name = "xgboost"
    estimator = "xgboost.XGBClassifier"
    defaults: ClassVar[dict[str, Any]] = {"n_jobs": 1}


CLASSIFIERS: dict[str, type[Classifier]] = {
    classifier.name: classifier
    for classifier in (
        MLP,
        RandomForest,
        ExtraTrees,
        HistGradientBoosting,
        LogisticRegression,
        SVM,
        XGBoost,
    )
}
