"""What all samplers share: the contract of imbalanced-learn, amounts and labels."""

import inspect
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np

from nngmix.methods.recipe import Recipe
from nngmix.methods.resample import resample
from nngmix.neighbors.spec import FitSpec, Missing
from nngmix.parameters.amount import Amount, check_share
from nngmix.parameters.seed import RandomState
from nngmix.rows.containers import container_of
from nngmix.rows.label_column import labels_extended
from nngmix.rows.labels import LabelRule, Labels, default_rule, read_labels
from nngmix.rows.rows import Names, Rows, as_rows

__all__ = ["Sampler"]

# New rows bring anomalies to this share of the unlabelled rows where no amount is given.
_DEFAULT_SHARE = 0.1


@dataclass(kw_only=True, repr=False, eq=False)
class Sampler:
    """Adds rows to a labelled data set; subclasses say by which method.

    Parameters are kept as they come and checked when they are used.
    """

    recipe: ClassVar[type[Recipe[Any, Any]]]

    sampling_strategy: float | None = None
    multiplier: float | None = None
    n_samples: int | None = None
    anomaly_label: Any = None
    unlabeled_label: Any = None
    missing: Missing = "error"
    random_state: RandomState = None
    n_threads: int | None = None

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return `X` and `y` with the new rows behind them, each in the type that it came in.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)
            Real numbers, finite unless ``missing="skip"``.
        y : array-like, Series or one-column frame of shape (n_rows,)
            Which rows are labelled anomalies and which are unlabelled, as `anomaly_label` and
            `unlabeled_label` say; of any type.

        Returns
        -------
        X_resampled : array, list or frame of shape (n_rows + n_samples_, n_features)
            The rows of `X`, unchanged, then the new ones. An array is float32 if `X` is (or float16), else
            float64. A frame of pandas, polars or Arrow keeps names, order and types of its columns, but that
            columns of whole numbers, booleans and decimals come back as the floats that hold them. The index
            of pandas is counted anew, as in imbalanced-learn; to keep it, ``X.index.append(X.index[
            sampler.plan_.anchor])`` gives each new row that of its anchor.
        y_resampled : array, list, Series or one-column frame of shape (n_rows + n_samples_,)
            `y`, then for each new row the label of the anomaly that it was made from.

        Raises
        ------
        ValueError
            For parameters out of range, `X` and `y` that do not fit together, labels that are missing or do
            not say who is who, or values that are not finite (the first is named).
        TypeError
            For what does not hold real numbers, and parameters of another type.
        MemoryError
            If the new rows would not fit into this machine's memory.
        """
        # Everything that is asked for is checked before the rows are read.
        recipe = self._recipe()
        amount = self._amount()
        container = container_of("X", X)
        rows, labels = as_rows("X", container.given), read_labels("y", y)
        spec = FitSpec(
            rows.n_features,
            rows.dtype,
            rows.names,
            self._rule(rows, labels),
            "y",
            # Some methods leave the columns as they are.
            getattr(self, "scale", None),
            missing=self.missing,
            amount=amount,
            n_threads=self.n_threads,
        )
        new = resample(rows, labels, spec, recipe, random_state=self.random_state)
        self.plan_ = new.plan
        self.n_samples_, self.n_features_in_ = new.rows.shape
        self.n_missing_ = new.fitted.counts.n_missing
        self.anomaly_labels_ = new.classes
        self._keep_names(rows.names)
        X_resampled = container.extended(rows, new.rows, self.recipe.in_parts, self.n_threads)
        return X_resampled, labels_extended("y", y, new.plan.anchor)

    def _recipe(self) -> Recipe[Any, Any]:
        """The method with this sampler's parameters."""
        names = (field.name for field in fields(self.recipe) if field.init)  # type: ignore[arg-type]
        return self.recipe(**{name: getattr(self, name) for name in names})

    def _amount(self) -> Amount:
        names = ("sampling_strategy", "multiplier", "n_samples")
        given = [name for name in names if getattr(self, name) is not None]
        if not given:
            return Amount(share=_DEFAULT_SHARE)
        if len(given) > 1:
            raise ValueError(f"give exactly one amount, got {', '.join(given)}")
        if self.sampling_strategy is not None:
            self._check_strategy(self.sampling_strategy)
        return Amount(self.multiplier, self.sampling_strategy, self.n_samples)

    def _check_strategy(self, value: Any) -> None:
        if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
            raise TypeError(
                "sampling_strategy must be a number, the share of anomalies, labelled and new, over the "
                f"unlabelled rows, above 0 and at most 1, got {value!r}; other amounts are said by "
                "multiplier (of the labelled anomalies) or n_samples"
            )
        try:
            check_share("sampling_strategy", value)
        except ValueError as error:
            seed = isinstance(value, Integral)
            hint = f"; if it is a seed, say random_state={value}" if seed else ""
            raise ValueError(f"{error}{hint}") from None

    def _rule(self, rows: Rows, labels: Labels) -> LabelRule:
        """Who is who, with a label in every row."""
        if len(labels) != len(rows):
            raise ValueError(
                f"X and y must have the same number of rows, got {len(rows)} rows in X and {len(labels)} "
                "labels in y"
            )
        without = np.flatnonzero(labels.codes < 0)
        if len(without) > 0:
            raise ValueError(
                f"y must not be missing, got no label at row {without[0]} ({len(without)} rows in all); mark "
                "unlabelled rows with a label of their own"
            )
        if self.anomaly_label is None and self.unlabeled_label is None:
            return default_rule(labels)
        return LabelRule.of(self.anomaly_label, self.unlabeled_label)

    def _keep_names(self, names: Names | None) -> None:
        """`feature_names_in_`, as scikit-learn has it: only where all columns have a text for a name."""
        vars(self).pop("feature_names_in_", None)
        if names is not None and all(isinstance(name, str) for name in names):
            self.feature_names_in_ = np.array(names, dtype=object)

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
        Sampler
            The sampler itself.

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


def _equal(value: Any, default: Any) -> bool:
    """Whether a parameter is the default, whatever it is compared as: an array of labels has no truth."""
    return type(value) is type(default) and bool(value == default)
