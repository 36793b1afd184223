"""What all samplers share: the contract of imbalanced-learn, amounts and labels."""

from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.methods.estimator import Estimator, keep_columns
from nngmix.methods.recipe import Recipe
from nngmix.methods.resample import resample
from nngmix.methods.strategy import Strategy, balanced, class_amounts, is_by_class
from nngmix.neighbors.spec import FitSpec, Missing
from nngmix.parameters.amount import Amount, check_share
from nngmix.parameters.progress import Callback, reported
from nngmix.parameters.seed import RandomState
from nngmix.rows.containers import container_of
from nngmix.rows.label_column import labels_at, labels_extended
from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.labels import LabelRule, Labels, TiedLabels, default_rule, read_labels
from nngmix.rows.one_hot import from_one_hot
from nngmix.rows.rows import Rows, as_rows

__all__ = ["Sampler"]

# New rows bring anomalies to this share of the unlabelled rows where no amount is given.
_DEFAULT_SHARE = 0.1


@dataclass(kw_only=True, repr=False, eq=False)
class Sampler(Estimator):
    """Adds rows to a labelled data set; subclasses say by which method.

    Parameters are kept as they come and checked when they are used.
    """

    recipe: ClassVar[type[Recipe[Any, Any]]]
    # Ensembles of imbalanced-learn ask for it.
    _sampling_type: ClassVar[str] = "over-sampling"

    sampling_strategy: Strategy | None = None
    multiplier: float | None = None
    n_samples: int | None = None
    anomaly_label: Any = None
    unlabeled_label: Any = None
    missing: Missing = "error"
    append: bool = True
    callback: Callback | None = None
    verbose: bool = False
    random_state: RandomState = None
    n_threads: int | None = None

    def fit_resample(self, X: Any, y: Any, *, sample_weight: Any = None) -> tuple[Any, Any]:
        """Return `X` and `y` with the new rows behind them, each in the type that it came in.

        With ``append=False`` the new rows and their labels are returned alone.

        Parameters
        ----------
        X : array-like or frame of shape (n_rows, n_features)
            Real numbers, finite unless ``missing="skip"``.
        y : array-like, Series or one-column frame of shape (n_rows,)
            Which rows are labelled anomalies and which are unlabelled, as `anomaly_label` and
            `unlabeled_label` say; of any type. One-hot rows are labels too, numbered by their column.
        sample_weight : array-like of shape (n_rows,), optional
            Weights of the rows. They change no new row; `sample_weight_` holds those of all rows that come
            back, where a new row has its anchor's. (A third result would break imbalanced-learn's pipeline.)

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
        if not isinstance(self.append, bool | np.bool_):
            raise TypeError(f"append must be True or False, got {self.append!r}")
        container = container_of("X", X)
        rows, labels = as_rows("X", container.given), _labels(y)
        weights = None if sample_weight is None else _weights(sample_weight, len(rows))
        rule = self._rule(rows, labels)
        by_class = None
        if amount is None:
            by_class = class_amounts(self.sampling_strategy, labels, rule, y)
            amount = Amount(n_samples=sum(by_class.values()))
        spec = FitSpec(
            rows.n_features,
            rows.dtype,
            rows.names,
            rule,
            "y",
            # Some methods leave the columns as they are.
            getattr(self, "scale", None),
            missing=self.missing,
            amount=amount,
            n_threads=self.n_threads,
        )
        with reported(self.callback, self.verbose) as report:
            seed = self.random_state
            new = resample(rows, labels, spec, recipe, random_state=seed, progress=report, by_class=by_class)
        self.plan_ = new.plan
        self.n_samples_ = len(new.rows)
        self.n_missing_ = new.fitted.counts.n_missing
        self.anomaly_labels_ = new.classes
        made = np.bincount(new.kinds, minlength=len(new.classes)).tolist()
        self.sampling_strategy_ = dict(zip(new.classes, made, strict=True))
        keep_columns(self, rows.n_features, rows.names)
        anchor, n_old = new.plan.anchor, len(rows) if self.append else 0
        self.synthetic_mask_ = np.arange(n_old + len(anchor)) >= n_old
        vars(self).pop("sample_weight_", None)
        if weights is not None:
            self.sample_weight_ = np.concatenate([weights[:n_old], weights[anchor]])
        if not self.append:
            return container.alone(new.rows), labels_at("y", y, anchor)
        X_resampled = container.extended(rows, new.rows, self.recipe.in_parts, self.n_threads)
        return X_resampled, labels_extended("y", y, anchor)

    def fit(self, X: Any, y: Any) -> Self:
        """Do what `fit_resample` does and keep what it learned, without the rows.

        Parameters
        ----------
        X, y
            As for `fit_resample`.

        Returns
        -------
        Sampler
            Itself.

        Raises
        ------
        ValueError, TypeError, MemoryError
            For what `fit_resample` refuses.
        """
        self.fit_resample(X, y)
        return self

    def _recipe(self) -> Recipe[Any, Any]:
        """The method with this sampler's parameters."""
        names = (field.name for field in fields(self.recipe) if field.init)  # type: ignore[arg-type]
        return self.recipe(**{name: getattr(self, name) for name in names})

    def _amount(self) -> Amount | None:
        """How many rows in all; None if it is said class by class."""
        names = ("sampling_strategy", "multiplier", "n_samples")
        given = [name for name in names if getattr(self, name) is not None]
        if not given:
            return Amount(share=_DEFAULT_SHARE)
        if len(given) > 1:
            raise ValueError(f"give exactly one amount, got {', '.join(given)}")
        if self.sampling_strategy is not None:
            if is_by_class(self.sampling_strategy):
                return None
            return Amount(share=self._share(self.sampling_strategy))
        return Amount(self.multiplier, None, self.n_samples)

    def _share(self, value: Any) -> float:
        if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
            raise TypeError(
                "sampling_strategy must be a number, the share of anomalies, labelled and new, over the "
                "unlabelled rows, above 0 and at most 1, or one of 'auto', 'minority', 'not minority' and "
                "'not majority', a dict of labels and their rows, or a function of y that gives one, got "
                f"{value!r}; other amounts are said by multiplier (of the labelled anomalies) or n_samples"
            )
        try:
            return check_share("sampling_strategy", value)
        except ValueError as error:
            seed = isinstance(value, Integral) and int(value) >= 0
            hint = f"; if it is a seed, say random_state={value}" if seed else ""
            raise ValueError(f"{error}{hint}") from None

    def _rule(self, rows: Rows, labels: Labels) -> LabelRule:
        """Who is who, with a label in every row."""
        if len(rows) == 0:
            raise ValueError("X must have at least one row, got none")
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
            by_class = is_by_class(self.sampling_strategy)
            try:
                return default_rule(labels, by_frequency=by_class)
            except TiedLabels:
                # Classes that are balanced already get no rows, whichever of them is the unlabelled one.
                if not (by_class and balanced(labels)):
                    raise
                return LabelRule.of(None, labels.values[0])
        rule = LabelRule.of(self.anomaly_label, self.unlabeled_label)
        counts = LabelCounts()
        counts.add(labels.counts())
        rule.check_some_met("y", counts)
        return rule


def _labels(y: Any) -> Labels:
    if y is None:
        raise ValueError("fit_resample requires y to be passed, but the target y is None")
    return read_labels("y", from_one_hot(y))


def _weights(sample_weight: Any, n_rows: int) -> NDArray[Any]:
    weights = np.asarray(sample_weight)
    if weights.shape != (n_rows,):
        raise ValueError(
            f"sample_weight must be one for each of the {n_rows} rows, got shape {weights.shape}"
        )
    return weights
