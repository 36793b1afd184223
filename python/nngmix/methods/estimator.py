"""What scikit-learn and imbalanced-learn expect of any estimator, without either of them."""

import inspect
import sys
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.rows.frame import Names

__all__ = ["Estimator", "keep_columns"]


class Estimator:
    """Parameters by name, tags, names of the columns."""

    n_features_in_: int

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters by name, as scikit-learn's `clone` wants them.

        Parameters
        ----------
        deep : bool, default=True
            Taken for scikit-learn's sake: no parameter is an estimator.

        Returns
        -------
        dict
        """
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name; they are checked when they are used.

        Parameters
        ----------
        **params
            Any parameters of the class.

        Returns
        -------
        Estimator
            Itself.

        Raises
        ------
        ValueError
            For a name that is none of a parameter.
        """
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"unknown parameter {name!r}, expected one of {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        changed = (
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not defaults[name].default and not _equal(value, defaults[name].default)
        )
        return f"{type(self).__name__}({', '.join(changed)})"

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Names of the columns that come out, which are those that went in.

        Parameters
        ----------
        input_features : array-like of str, optional
            Default: the names of the columns of `X`, or ``x0``, ``x1`` and so on if they had none.

        Returns
        -------
        ndarray of object

        Raises
        ------
        ValueError
            For other names than those of `X`, or another number of them.
        """
        known = getattr(self, "feature_names_in_", None)
        if input_features is None:
            return np.array([f"x{j}" for j in range(self.n_features_in_)], object) if known is None else known
        names = np.asarray(input_features, object)
        if known is not None and not np.array_equal(names, known):
            raise ValueError("input_features is not equal to feature_names_in_")
        if len(names) != self.n_features_in_:
            raise ValueError(
                f"input_features should have length equal to number of features ({self.n_features_in_}), "
                f"got {len(names)}"
            )
        return names

    def __sklearn_tags__(self) -> Any:
        # Only imbalanced-learn reads the tags of a sampler: nobody else needs it to be there.
        if "imblearn" in sys.modules:
            from imblearn.base import BaseSampler as Base
        else:
            from sklearn.base import BaseEstimator as Base

        tags = Base.__sklearn_tags__(self)
        tags.target_tags.required = True
        tags.input_tags.sparse = False
        tags.input_tags.allow_nan = getattr(self, "missing", None) == "skip"
        return tags


def keep_columns(estimator: Any, n_features: int, names: Names | None) -> None:
    """`n_features_in_`, and `feature_names_in_` only where all columns have a text for a name."""
    estimator.n_features_in_ = n_features
    vars(estimator).pop("feature_names_in_", None)
    if names is not None and all(isinstance(name, str) for name in names):
        estimator.feature_names_in_ = np.array(names, dtype=object)


def _equal(value: Any, default: Any) -> bool:
    """Whether a parameter is the default, whatever it is compared as: an array of labels has no truth."""
    return type(value) is type(default) and bool(value == default)
