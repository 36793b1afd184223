"""New rows from a table: the choices, and the rows of choices, in the units in which the anomalies came."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix import _core
from nngmix.neighbors.contents import Contents
from nngmix.neighbors.drawing import Choices, MixSources, PlanColumns, check_plan, check_plan_memory
from nngmix.parameters.checks import check_count, check_span
from nngmix.parameters.mixture import Mixture, Noise, check_noise_or_auto
from nngmix.parameters.seed import Key, RandomState, key_from
from nngmix.parameters.warnings import warn_clamped
from nngmix.plan import MixPlan
from nngmix.rows.arrays import check_out

__all__ = ["BLOCK_VALUES", "Generation"]

# Values of a block that is read or mixed: every thread has its part of it in the second-level cache.
BLOCK_VALUES = 1 << 19


class Generation(Contents):
    """What `NeighborTable` makes of the neighbours that it has found."""

    def plan(
        self,
        start: int,
        stop: int,
        *,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
    ) -> MixPlan:
        """Draw the choices of output rows `start` to `stop`.

        Parameters
        ----------
        start, stop : int
            Numbers of the first row and of the one after the last.
        alpha, beta, unlabeled_fraction : float
            See `nng_mix`.
        random_state : int, SeedSequence, Generator, RandomState or None
            See `nng_mix`.

        Returns
        -------
        MixPlan
            Anchor, partner, pool and lam of every row.

        Raises
        ------
        ValueError
            For parameters out of range, or unlabelled partners while no unlabelled row has been seen.
        MemoryError
            If the choices would not fit into this machine's memory.
        """
        start, n_samples = check_span(start, stop, self.n_features)
        mixture = Mixture(alpha=alpha, beta=beta, unlabeled_fraction=unlabeled_fraction)
        return self.draw(start, n_samples, mixture, key_from(random_state))

    def draw(self, start: int, n_samples: int, mixture: Mixture, key: Key) -> MixPlan:
        """`plan` with parameters that were checked.

        Parameters
        ----------
        start, n_samples : int
            Number of the first row, and of rows.
        mixture : Mixture
        key : tuple of 8 int
            Of the random streams.

        Returns
        -------
        MixPlan

        Raises
        ------
        ValueError
            For unlabelled partners while no unlabelled row has been seen.
        MemoryError
            If the choices would not fit into this machine's memory.
        """
        if n_samples == 0 and self.n_seen == 0:
            # No rows need no partners: a fit that is asked for none spares the search.
            mixture = replace(mixture, unlabeled_fraction=0.0)
        choices = self._choices(mixture)
        check_plan_memory(n_samples)
        drawn = _core.plan(key, start, n_samples, choices, self.n_threads, donors=self.kinds is not None)
        anchor, unlabeled, neighbor = drawn["anchor"], drawn["unlabeled"], drawn["neighbor"]
        partner = anchor.copy()
        partner[unlabeled] = self.state.row_ids[anchor[unlabeled], neighbor[unlabeled]]
        # Without other anomalies the anchor stays its own partner.
        if choices.n_others > 0:
            among = ~unlabeled
            partner[among] = self.anomaly_neighbors[anchor[among], neighbor[among]]
        return MixPlan(start=start, partner=partner, key=key, table=self._digest(), **drawn)

    def mix(self, plan: MixPlan, *, noise_std: Noise = 0.01, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Make the rows of a plan, in the input's units.

        Parameters
        ----------
        plan : MixPlan
            Its `partner` ids are not read; `anchor` and `neighbor` decide.
        noise_std : float or 'auto', default=0.01
            In the units of the scaled columns; see `noise`.
        out : ndarray of shape (len(plan), n_features), optional
            Where to put the rows; C-contiguous, of the table's dtype.

        Returns
        -------
        ndarray of shape (len(plan), n_features)

        Raises
        ------
        ValueError
            For a plan of another table, of this one before it saw more rows, or that no table draws, and for
            an `out` of another shape, dtype or layout.
        TypeError
            For what is no plan.
        """
        noise_std = check_noise_or_auto("noise_std", noise_std)
        check_plan(plan, self._digest())
        out = check_out(out, len(plan), self.n_features, self.dtype)
        start, _ = check_span(plan.start, plan.start + len(plan), self.n_features)
        columns = PlanColumns.of(plan)
        sources = self._sources(noise_std, among_anomalies=not columns.unlabeled.all())
        for span in self._spans(len(plan)):
            _core.mix(out[span], sources, plan.key, start + span.start, columns.part(span), self.n_threads)
            self._unscale(out[span])
        return out

    def rows(
        self,
        start: int,
        stop: int,
        *,
        noise_std: Noise = 0.01,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
        out: NDArray[Any] | None = None,
    ) -> NDArray[Any]:
        """Make output rows `start` to `stop`, in the input's units.

        With an int seed any split of a span concatenates to the rows of the whole, byte for byte.

        Parameters
        ----------
        start, stop : int
            Numbers of the first row and of the one after the last.
        noise_std : float or 'auto', default=0.01
            In the units of the scaled columns; see `noise`.
        alpha, beta, unlabeled_fraction : float
            See `nng_mix`.
        random_state : int, SeedSequence, Generator, RandomState or None
            See `nng_mix`.
        out : ndarray of shape (stop - start, n_features), optional
            Where to put the rows; C-contiguous, of the table's dtype.

        Returns
        -------
        ndarray of shape (stop - start, n_features)

        Raises
        ------
        ValueError
            As `plan` and `mix`.
        MemoryError
            If the rows would not fit into this machine's memory.
        """
        start, n_samples = check_span(start, stop, self.n_features)
        mixture = Mixture(noise_std, alpha, beta, unlabeled_fraction)
        choices = self._choices(mixture)
        out = check_out(out, n_samples, self.n_features, self.dtype)
        self._generate(out, start, mixture, choices, key_from(random_state))
        return out

    def fill(self, out: NDArray[Any], start: int, mixture: Mixture, key: Key) -> None:
        """`rows` with parameters that were checked, into an `out` that was.

        Parameters
        ----------
        out : ndarray of shape (n_samples, n_features)
            Where the rows are put.
        start : int
            Number of the first row.
        mixture : Mixture
        key : tuple of 8 int
            Of the random streams.

        Raises
        ------
        ValueError
            For unlabelled partners while no unlabelled row has been seen.
        """
        self._generate(out, start, mixture, self._choices(mixture), key)

    def batches(
        self,
        n_samples: int,
        batch_size: int,
        *,
        start: int = 0,
        noise_std: Noise = 0.01,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
    ) -> Iterator[NDArray[Any]]:
        """Iterate over output rows `start` to ``start + n_samples``, in the input's units.

        Parameters
        ----------
        n_samples : int
            Rows in all.
        batch_size : int
            Rows of each batch but the last.
        start : int, default=0
            Number of the first row.
        noise_std : float or 'auto', default=0.01
            In the units of the scaled columns; see `noise`.
        alpha, beta, unlabeled_fraction : float
            See `nng_mix`.
        random_state : int, SeedSequence, Generator, RandomState or None
            See `nng_mix`. Asked once: the batches concatenate to the rows of one call.

        Returns
        -------
        iterator of ndarray of shape (batch_size, n_features)

        Raises
        ------
        ValueError
            As `plan`.
        """
        n_samples, batch_size = check_count("n_samples", n_samples), check_count("batch_size", batch_size, 1)
        start, _ = check_span(start, check_count("start", start) + n_samples, self.n_features)
        mixture = Mixture(noise_std, alpha, beta, unlabeled_fraction)
        choices = self._choices(mixture)
        # Drawn once, so that None and generators too give one output cut into batches.
        key = key_from(random_state)
        return self._batches(start, start + n_samples, batch_size, mixture, choices, key)

    def _batches(
        self, start: int, stop: int, batch_size: int, mixture: Mixture, choices: Choices, key: Key
    ) -> Iterator[NDArray[Any]]:
        for first in range(start, stop, batch_size):
            out = check_out(None, min(batch_size, stop - first), self.n_features, self.dtype)
            self._generate(out, first, mixture, choices, key)
            yield out

    def _generate(self, out: NDArray[Any], start: int, mixture: Mixture, choices: Choices, key: Key) -> None:
        # With unlabelled partners alone the neighbours among the anomalies are never looked for.
        sources = self._sources(mixture.noise_std, among_anomalies=mixture.unlabeled_fraction < 1)
        for span in self._spans(len(out)):
            _core.generate(out[span], sources, key, start + span.start, choices, self.n_threads)
            self._unscale(out[span])

    def _spans(self, n_rows: int) -> Iterator[slice]:
        """Cuts small enough that the way back to the input's units finds the rows still in the cache."""
        step = max(1, n_rows if self.scale is None else BLOCK_VALUES // self.n_features)
        for start in range(0, n_rows, step):
            yield slice(start, min(start + step, n_rows))

    def _unscale(self, rows: NDArray[Any]) -> None:
        if self.scale is not None:
            self.scale.inverse(rows, n_threads=self.n_threads)

    def _choices(self, mixture: Mixture) -> Choices:
        if mixture.unlabeled_fraction > 0:
            if self.n_seen == 0:
                raise ValueError(
                    "X_unlabeled has no rows to take partners from: pass some, or set unlabeled_fraction=0"
                )
            if self.n_seen < self.n_neighbors:
                warn_clamped("n_neighbors", self.n_neighbors, self.n_seen)
        n_others = int(self.anomaly_neighbors.shape[1]) if mixture.unlabeled_fraction < 1 else 0
        return Choices(
            len(self.X_scaled),
            self.n_filled,
            n_others,
            mixture.unlabeled_fraction,
            mixture.alpha,
            mixture.beta,
        )

    def _sources(self, noise_std: Noise, among_anomalies: bool) -> MixSources:
        none = np.empty((len(self.X_scaled), 0), np.int64)
        neighbors = self.anomaly_neighbors if among_anomalies else none
        noise = self.noise(noise_std)
        return MixSources(self.X_scaled, self.state.neighbor_rows, neighbors, noise, self.mixed)
