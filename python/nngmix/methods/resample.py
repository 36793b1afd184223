"""From a table with a few labelled anomalies to its new rows: the one flow behind every ``fit_resample``.

Fit, share the amount between the classes of anomalies, draw a plan, make its rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from nngmix.methods.class_rows import ClassRows
from nngmix.methods.pool import Pool
from nngmix.methods.recipe import Recipe
from nngmix.methods.shares import shares
from nngmix.neighbors.fit import Fitted, fit
from nngmix.neighbors.generation import BLOCK_VALUES
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.checks import check_span
from nngmix.parameters.progress import Callback
from nngmix.parameters.seed import RandomState, seed_sequence
from nngmix.plan import PlanT, joined
from nngmix.rows.arrays import check_out, check_room
from nngmix.rows.labels import Labels
from nngmix.rows.rows import Rows

__all__ = ["Prepared", "Resampled", "fit_rows", "prepare", "resample"]


@dataclass(frozen=True, eq=False)
class Resampled(Generic[PlanT]):
    """New rows in the input's units, their plan, and who they are.

    Attributes
    ----------
    rows : ndarray of shape (n_samples, n_features)
    plan : Plan
        Anchors and partners are numbers of the rows that were given.
    classes : list
        The labels of the classes, in the order of their rows.
    kinds : ndarray of int64, shape (n_samples,)
        Which of the classes each new row is of.
    fitted : Fitted
    """

    rows: NDArray[Any]
    plan: PlanT
    classes: list[Any]
    kinds: NDArray[np.int64]
    fitted: Fitted

    @property
    def labels(self) -> list[Any]:
        """One for each new row."""
        return [self.classes[kind] for kind in self.kinds.tolist()]


@dataclass(frozen=True, eq=False)
class Prepared(Generic[PlanT]):
    """All that new rows are made from.

    Attributes
    ----------
    new : ClassRows
    n_samples : int
        Rows that were asked for.
    fitted : Fitted
    spec : FitSpec
        With what the method asked for.
    in_parts : str
        What an error advises for more rows than the memory holds.
    """

    new: ClassRows[Any, PlanT]
    n_samples: int
    fitted: Fitted
    spec: FitSpec
    in_parts: str

    @property
    def spared(self) -> bool:
        """Whether no neighbours were looked for, since no rows were asked for."""
        return self.spec.unlabeled_fraction > 0 and not self.spec.searches(self.n_samples)

    def made(self, progress: Callback | None = None) -> Resampled[PlanT]:
        """The rows that were asked for."""
        n_samples, n_features = self.n_samples, self.spec.n_features
        out = check_out(None, n_samples, n_features, self.spec.dtype, in_parts=self.in_parts)
        plans = []
        step = max(1, BLOCK_VALUES // n_features)
        _report(progress, "mix", 0, n_samples)
        for start in range(0, max(1, n_samples), step):
            stop = min(start + step, n_samples)
            plans.append(self.new.fill_with_plan(start, out[start:stop]))
            _report(progress, "mix", stop, n_samples)
        kinds = self.new.kinds(0, n_samples)
        return Resampled(out, joined(plans, 0), self.new.labels, kinds, self.fitted)


def resample(
    rows: Rows,
    labels: Labels,
    spec: FitSpec,
    recipe: Recipe[Any, PlanT],
    *,
    random_state: RandomState = None,
    progress: Callback | None = None,
) -> Resampled[PlanT]:
    """Make as many anomalies as `spec` has for an amount, from the rows that its rule calls anomalies.

    Parameters
    ----------
    rows, labels, spec, recipe, random_state, progress
        See `prepare`.

    Raises
    ------
    ValueError, MemoryError
        As `prepare`.
    """
    prepared = prepare(rows, labels, spec, recipe, random_state=random_state, progress=progress)
    return prepared.made(progress)


def prepare(
    rows: Rows,
    labels: Labels,
    spec: FitSpec,
    recipe: Recipe[Any, PlanT],
    *,
    random_state: RandomState = None,
    progress: Callback | None = None,
    by_class: Mapping[Any, int] | None = None,
) -> Prepared[PlanT]:
    """Find what the rows that `spec` asks for are made from.

    Parameters
    ----------
    rows : Rows
    labels : Labels
        One for each row.
    spec : FitSpec
        What it says of the search gives way to what `recipe` asks for.
    recipe : Recipe
    random_state : int, SeedSequence, Generator, RandomState or None
        Asked once.
    progress : callable, optional
        Called with the stage ("scale", "search" or "mix"), rows done and rows in all.
    by_class : dict, optional
        New rows of each label, which sum up to the amount; default: shared by the numbers of anomalies.

    Raises
    ------
    ValueError
        For what `fit` refuses, and more rows than can be numbered.
    MemoryError
        If the new rows would not fit into this machine's memory, unless others may be asked for instead.
    """
    spec = recipe.asked(spec)
    seed = seed_sequence(random_state)
    if not spec.always_search:
        _check_room(rows, labels, spec, recipe.in_parts)
    fitted = fit_rows(rows, labels, spec, progress)
    n_samples = fitted.n_samples or 0
    classes = shares(fitted.anomalies.labels, len(fitted.anomalies.X), n_samples, seed, by_class)

    def unlabeled() -> Pool:
        numbers = _unlabeled(rows, labels, spec)
        return Pool(rows, spec.dtype, numbers, fitted.table.scale, spec.n_threads)

    recipe = recipe.fitted(fitted.table)
    sources = recipe.sources(fitted, classes, unlabeled)
    new = ClassRows(recipe, sources, classes, fitted.anomalies.ids)
    return Prepared(new, n_samples, fitted, spec, recipe.in_parts)


def fit_rows(rows: Rows, labels: Labels, spec: FitSpec, progress: Callback | None = None) -> Fitted:
    """The fitting sequence over rows in memory."""

    def fold(state: Any) -> Any:
        report = None if progress is None else lambda done: progress(state.stage, done, len(rows))
        _report(progress, state.stage, 0, len(rows))
        state.update(rows, labels, 0, report)
        return state

    return fit(fold, spec)


def _report(progress: Callback | None, stage: str, done: int, total: int) -> None:
    if progress is not None:
        progress(stage, done, total)


def _check_room(rows: Rows, labels: Labels, spec: FitSpec, in_parts: str) -> None:
    """Errors for more rows than can be numbered or held, before any work."""
    if spec.amount is None or spec.rule is None:
        return
    who = spec.rule.split(labels)
    n_anomalies, n_unlabeled = (int(np.count_nonzero(mask)) for mask in (who.anomaly, who.unlabeled))
    n_most = spec.amount.most(n_anomalies, n_unlabeled)
    check_room(n_most, rows.n_features, spec.dtype, in_parts)
    check_span(0, n_most, rows.n_features)


def _unlabeled(rows: Rows, labels: Labels, spec: FitSpec) -> NDArray[np.int64]:
    """The numbers of the unlabelled rows that take part."""
    if spec.rule is None:
        return np.arange(len(rows))
    mask = spec.rule.split(labels).unlabeled
    if spec.missing == "skip":
        for start, block in rows.blocks(spec.dtype, n_threads=spec.n_threads):
            finite = rows.finite(block)
            if finite is not None:
                mask[start : start + len(block)] &= finite
    return np.flatnonzero(mask)
