"""What all samplers share: the contract of imbalanced-learn, amounts and labels."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.methods.asked import asked_amount, asked_labels, asked_rule, asked_weights
from nngmix.methods.estimator import Estimator, keep_columns, not_fitted
from nngmix.methods.recipe import Recipe
from nngmix.methods.resample import Prepared, prepare
from nngmix.methods.strategy import Strategy, class_amounts
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_count, check_flag, check_span, check_threads
from nngmix.parameters.errors import parameters_of
from nngmix.parameters.progress import Callback, check_listeners, reported
from nngmix.parameters.seed import RandomState, seed_sequence
from nngmix.rows.arrays import check_out
from nngmix.rows.asked_columns import Clip, ColumnsAsked, Features, Missing
from nngmix.rows.containers import Container, container_of
from nngmix.rows.label_column import labels_at, labels_extended
from nngmix.rows.labels import Labels
from nngmix.rows.names import listed
from nngmix.rows.rows import Rows, as_rows
from nngmix.rows.scaling import finish_in, scale_state
from nngmix.rows.unscaled import check_weighed

__all__ = ["Sampler"]


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
    normal_label: Any = None
    categorical_features: Features = None
    whole_features: Features = "auto"
    clip: Clip | None = None
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
            back, where a new row has its anchor's. (A third result would break imbalanced-learn's pipeline,
            which hands on the weights that it was given: to weigh the rows of a classifier behind a sampler,
            take `NNGMixClassifier`.)

        Returns
        -------
        X_resampled : array, list or frame of shape (n_rows + n_samples_, n_features)
            The rows of `X`, unchanged, then the new ones. An array is float32 if `X` is (or float16), of the
            type of `X` if that holds integers and all columns are whole, else float64. A frame of pandas,
            polars or Arrow keeps names, order and types of its columns, but that booleans, decimals, and
            integers that are not whole by `whole_features`, come back as the floats that hold them. The index
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
        given = self._given(X, y, sample_weight)
        with reported(self.callback, self.verbose) as report:
            new = self._prepared_for(given, report, later=False).made(report)
        rows, container, weights = given.rows, given.container, given.weights
        anchor, n_old = new.plan.anchor, len(rows) if self.append else 0
        self.plan_ = new.plan
        self.synthetic_mask_ = np.arange(n_old + len(anchor)) >= n_old
        if self._copies:
            self.sample_indices_ = np.concatenate([np.arange(n_old), anchor])
        if weights is not None:
            self.sample_weight_ = np.concatenate([weights[:n_old], weights[anchor]])
        if not self.append:
            return container.alone(new.rows, rows.kinds), labels_at("y", y, anchor)
        in_parts, n_threads = self.recipe.in_parts, check_threads(self.n_threads)
        X_resampled = container.extended(rows, new.rows, in_parts, n_threads, rows.kinds)
        return X_resampled, labels_extended("y", y, anchor)

    def fit(self, X: Any, y: Any) -> Self:
        """Find what new rows are made from, and make none: `generate` makes them, in any parts.

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
        ValueError, TypeError
            For what `fit_resample` refuses.
        """
        given = self._given(X, y, None)
        with reported(self.callback, self.verbose) as report:
            self._prepared_for(given, report, later=True)
        return self

    def generate(
        self, n_samples: int, start: int = 0, *, label: Any = None, return_plan: bool = False
    ) -> Any:
        """Make new rows `start` to ``start + n_samples`` after `fit` or `fit_resample`.

        They are the same bytes in any parts, and those of `fit_resample` for the same numbers.

        Parameters
        ----------
        n_samples : int
            Rows to make.
        start : int, default=0
            Number of the first.
        label : scalar, optional
            A class of anomalies, whose own rows are numbered from 0 without an end. One class needs no name;
            the rows of several stand one class after the other (`sampling_strategy_`) and end at
            `n_samples_`.
        return_plan : bool, default=False
            Also return what each row is made of.

        Returns
        -------
        X_new : array, list or frame of shape (n_samples, n_features)
            Rows in the type of `X`, without those of `X`. The label of each is that of its anchor.
        plan : Plan
            Only with ``return_plan=True``; `anchor` and `partner` are rows of `X`.

        Raises
        ------
        ValueError
            Before `fit`, for a label that is no class's, and for rows beyond the last of several classes.
        TypeError
            For numbers that are no integers.
        MemoryError
            If the rows would not fit into this machine's memory.

        Notes
        -----
        A sampler with ``partners="all"`` reads rows of `X` again, which must not change until then, and holds
        them when it is pickled; others keep the few rows that they need.
        """
        if "_prepared" not in vars(self):
            raise not_fitted(self)
        n_samples, start = check_count("n_samples", n_samples), check_count("start", start)
        prepared, container = self._prepared, self._container
        new, spec, kinds = prepared.new, prepared.spec, prepared.fitted.table.kinds
        if label is not None:
            new = new.of_class(label)
        elif len(new.labels) > 1 and start + n_samples > prepared.n_samples:
            raise ValueError(
                f"the rows of several classes end at n_samples_={prepared.n_samples}, got "
                f"{start + n_samples}: take those of one class, which have no end, with label= one of "
                f"{listed(map(repr, new.labels))}"
            )
        if prepared.spared:
            raise ValueError("fit_resample made no row and looked for no neighbours: call fit, which does")
        check_span(start, start + n_samples, spec.n_features)
        out = check_out(None, n_samples, spec.n_features, spec.dtype, in_parts="start")
        if not return_plan:
            new.fill(start, out)
            return container.alone(out, kinds)
        plan = new.fill_with_plan(start, out)
        return container.alone(out, kinds), plan

    def _given(self, X: Any, y: Any, sample_weight: Any) -> "_Given":
        """What came, after the parameters: all that is asked for is checked before the rows are read."""
        with parameters_of(self):
            recipe = self._recipe()
            amount = asked_amount(self.sampling_strategy, self.multiplier, self.n_samples)
            # Methods without a search do not weigh.
            weight = getattr(self, "categorical_weight", None)
            columns = ColumnsAsked(
                self.categorical_features,
                self.whole_features,
                self.missing,
                self.clip,
                1.0 if weight is None else weight,
            )
            check_threads(self.n_threads)
            # Some methods leave the columns as they are.
            scale_state(getattr(self, "scale", None), 1)
            check_flag("append", self.append)
            check_listeners(self.callback, self.verbose)
            seed = seed_sequence(self.random_state)
        container = container_of("X", X)
        rows, labels = as_rows("X", container.given, asked=columns), asked_labels(y)
        with parameters_of(self):
            if getattr(self, "scale", None) is None and recipe.searches:
                check_weighed(rows.kinds, weight)
        weights = None if sample_weight is None else asked_weights(sample_weight, len(rows))
        return _Given(recipe, amount, seed, columns, container, rows, y, labels, weights)

    def _prepared_for(self, given: "_Given", report: Callback | None, later: bool) -> Prepared[Any]:
        """All that new rows are made from, and what the sampler learns of it; `later` for `generate`."""
        rows, labels, amount = given.rows, given.labels, given.amount
        declared = (self.anomaly_label, self.unlabeled_label, self.normal_label)
        rule = asked_rule(len(rows), labels, declared, by_class=amount is None)
        by_class = None
        if amount is None:
            with parameters_of(self):
                by_class = class_amounts(self.sampling_strategy, labels, rule, given.y)
            amount = Amount(n_samples=sum(by_class.values()))
        spec = FitSpec(
            rows.n_features,
            rows.dtype,
            rows.names,
            rule,
            "y",
            getattr(self, "scale", None),
            columns=given.columns,
            amount=amount,
            always_search=later,
            n_threads=self.n_threads,
            limits=rows.limits,
        )
        prepared = prepare(
            rows, labels, spec, given.recipe, random_state=given.seed, progress=report, by_class=by_class
        )
        for name in ("plan_", "synthetic_mask_", "sample_indices_", "sample_weight_"):
            vars(self).pop(name, None)
        given.container.keep_integers(finish_in(prepared.fitted.table.scale))
        self._prepared, self._container = prepared, given.container.without_rows(rows.kinds)
        self.n_samples_, self.n_missing_ = prepared.n_samples, prepared.fitted.counts.n_missing
        self.anomaly_labels_, self.sampling_strategy_ = prepared.new.labels, prepared.new.amounts
        keep_columns(self, rows.n_features, rows.names)
        return prepared

    def _recipe(self) -> Recipe[Any, Any]:
        """The method with this sampler's parameters."""
        names = (field.name for field in fields(self.recipe) if field.init)  # type: ignore[arg-type]
        return self.recipe(**{name: getattr(self, name) for name in names})


@dataclass(frozen=True, eq=False)
class _Given:
    """Parameters that were checked, and what they are applied to."""

    recipe: Recipe[Any, Any]
    amount: Amount | None
    seed: np.random.SeedSequence
    columns: ColumnsAsked
    container: Container
    rows: Rows
    y: Any
    labels: Labels
    weights: NDArray[Any] | None
