"""What scikit-learn and imbalanced-learn expect of any estimator, without either of them."""

import inspect
import sys
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.rows.frame import Names

__all__ = ["Estimator", "keep_columns", "not_fitted"]


class Estimator:
    """Parameters by name, tags, names of the columns."""

    n_features_in_: int
    # Whether all rows that come back are rows of `X`, whose numbers are in `sample_indices_`.
    _copies: ClassVar[bool] = False

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

    def _repr_html_(self) -> str | None:
        """What notebooks show: scikit-learn's diagram, or the text where that is not there or not wanted."""
        try:
            from sklearn import get_config
            from sklearn.utils import estimator_html_repr
        except ImportError:
            from html import escape

            return f"<pre>{escape(repr(self))}</pre>"
        return estimator_html_repr(self) if get_config()["display"] == "diagram" else None

    def get_metadata_routing(self) -> Any:
        """What `fit_resample` takes beside `X` and `y`, as scikit-learn's metadata routing wants it.

        Returns
        -------
        MetadataRequest
        """
        from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object

        # The name by which scikit-learn's `clone` takes it along.
        asked = vars(self).get("_metadata_request")
        if asked is not None:
            return get_routing_for_object(asked)
        request = MetadataRequest(owner=self)
        # Only imbalanced-learn adds the method to scikit-learn's own, and nobody else calls it.
        if hasattr(request, "fit_resample"):
            request.fit_resample.add_request(param="sample_weight", alias=None)
        return request

    def set_fit_resample_request(self, *, sample_weight: bool | str | None) -> Self:
        """Say whether an imbalanced-learn pipeline hands `sample_weight` on to `fit_resample`.

        Parameters
        ----------
        sample_weight : bool, str or None
            Whether it is asked for, or by which name; None refuses it.

        Returns
        -------
        Estimator
            Itself.

        Raises
        ------
        RuntimeError
            Without ``sklearn.set_config(enable_metadata_routing=True)``, or without imbalanced-learn.
        """
        from sklearn import get_config

        if not get_config()["enable_metadata_routing"]:
            raise RuntimeError(
                "metadata routing is off: sklearn.set_config(enable_metadata_routing=True) turns it on"
            )
        request = self.get_metadata_routing()
        if not hasattr(request, "fit_resample"):
            raise RuntimeError("only pipelines of imbalanced-learn call fit_resample: import imblearn first")
        request.fit_resample.add_request(param="sample_weight", alias=sample_weight)
        self._metadata_request = request
        return self

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
        tags.input_tags.allow_nan = getattr(self, "missing", None) in ("skip", "keep")
        if hasattr(tags, "sampler_tags"):
            tags.sampler_tags.sample_indices = self._copies
        return tags


def not_fitted(estimator: Any) -> Exception:
    """The error for what only a fitted estimator can do: scikit-learn's, where that is loaded."""
    text = f"this {type(estimator).__name__} is not fitted yet: call fit or fit_resample first"
    return getattr(sys.modules.get("sklearn.exceptions"), "NotFittedError", ValueError)(text)


def keep_columns(estimator: Any, n_features: int, names: Names | None) -> None:
    """`n_features_in_`, and `feature_names_in_` only where all columns have a text for a name."""
    estimator.n_features_in_ = n_features
    vars(estimator).pop("feature_names_in_", None)
    if names is not None and all(isinstance(name, str) for name in names):
        estimator.feature_names_in_ = np.array(names, dtype=object)


def _equal(value: Any, default: Any) -> bool:
    """Whether a parameter is the default, whatever it is compared as: an array of labels has no truth."""
    return type(value) is type(default) and bool(value == default)
