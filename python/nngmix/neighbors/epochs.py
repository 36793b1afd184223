"""Mini-batches for training: real rows and new ones, shuffled together, fresh in each epoch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.generation import Generation
from nngmix.parameters.checks import check_count, check_span
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import key_from
from nngmix.rows.rows import Rows

__all__ = ["Batch", "Epochs"]

Batch = tuple[NDArray[Any], NDArray[np.int64]]

# Children of the seed from here on shuffle the epochs; lower ones are those of the classes of anomalies.
_FIRST_ORDER = 1 << 31


class Epochs:
    """The mini-batches of `NeighborTable.epochs`: batch i of epoch e depends on the seed, e and i alone.

    An instance can be gone through again and again, pickled and sent to workers.

    Attributes
    ----------
    n_batches : int
        Batches of an epoch; ``len(epochs)`` counts those of all epochs.
    n_rows : int
        Rows of an epoch, real and new.
    n_epochs, n_samples, batch_size : int
        As they were asked for.
    """

    def __init__(
        self,
        table: Generation,
        unlabeled: Rows | None,
        batch_size: int,
        n_epochs: int,
        n_samples: int,
        mixture: Mixture,
        seed: np.random.SeedSequence,
    ) -> None:
        self.table, self.unlabeled, self.mixture = table, unlabeled, mixture
        self.batch_size, self.n_epochs, self.n_samples = batch_size, n_epochs, n_samples
        self._seed, self._key = seed, key_from(seed)
        self._n_anomalies = len(table.X_anomaly)
        self._n_real = self._n_anomalies + (0 if unlabeled is None else len(unlabeled))
        self.n_rows = self._n_real + n_samples
        self.n_batches = -(-self.n_rows // batch_size)
        check_span(0, n_epochs * n_samples, table.n_features)

    def __len__(self) -> int:
        return self.n_epochs * self.n_batches

    def __iter__(self) -> Iterator[Batch]:
        return self.batches()

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(n_epochs={self.n_epochs}, n_batches={self.n_batches}, "
            f"batch_size={self.batch_size}, n_samples={self.n_samples}, n_rows={self.n_rows})"
        )

    def batches(
        self, epoch: int = 0, batch: int = 0, *, worker: int = 0, n_workers: int = 1
    ) -> Iterator[Batch]:
        """Go on from a batch of an epoch, alone or as one of several workers.

        Parameters
        ----------
        epoch, batch : int, default=0
            Where to begin: after a crash, the first batch that was not trained on.
        worker, n_workers : int
            A worker makes every `n_workers`-th batch; taken from the workers in turn, the batches come as
            from one.

        Returns
        -------
        iterator of (X, y)
            `X` of shape (batch_size, n_features), the last of an epoch smaller, in the input's units; `y` of
            int64, 1 for anomalies, labelled and new, and 0 for unlabelled rows.

        Raises
        ------
        ValueError
            For a batch, an epoch or a worker that there is not.
        """
        for name, value, end in (
            ("epoch", epoch, self.n_epochs + 1),
            ("batch", batch, self.n_batches),
            ("worker", worker, check_count("n_workers", n_workers, minimum=1)),
        ):
            if check_count(name, value) >= end:
                raise ValueError(f"{name} must be below {end}, got {value}")
        return self._batches(epoch * self.n_batches + batch + worker, n_workers)

    def _batches(self, first: int, step: int) -> Iterator[Batch]:
        at, order = -1, np.empty(0, np.int64)
        for number in range(first, len(self), step):
            epoch, batch = divmod(number, self.n_batches)
            if epoch != at:
                at, order = epoch, self._order(epoch)
            yield self._batch(epoch, batch, order)

    def _order(self, epoch: int) -> NDArray[np.int64]:
        """The rows of an epoch: anomalies, then unlabelled rows, then new ones, by their numbers."""
        spawn_key = (*self._seed.spawn_key, _FIRST_ORDER + epoch)
        seed = np.random.SeedSequence(self._seed.entropy, spawn_key=spawn_key)
        # Sorted words of a bit generator, whose stream NumPy keeps for ever, unlike that of `permutation`.
        return np.argsort(np.random.PCG64(seed).random_raw(self.n_rows), kind="stable")

    def _batch(self, epoch: int, batch: int, order: NDArray[np.int64]) -> Batch:
        start = batch * self.batch_size
        numbers = order[start : start + self.batch_size]
        X = np.empty((len(numbers), self.table.n_features), self.table.dtype)
        labelled, new = numbers < self._n_anomalies, numbers >= self._n_real
        X[labelled] = self.table.X_anomaly[numbers[labelled]]
        if self.unlabeled is not None:
            old = ~(labelled | new)
            X[old] = self._finite(numbers[old] - self._n_anomalies)
        if new.any():
            # New rows are alike in distribution, so they need no shuffle and are made as one span.
            before = int(np.count_nonzero(order[:start] >= self._n_real))
            made = np.empty((int(np.count_nonzero(new)), self.table.n_features), self.table.dtype)
            self.table.fill(made, epoch * self.n_samples + before, self.mixture, self._key)
            X[new] = made
        return X, (labelled | new).astype(np.int64)

    def _finite(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """Unlabelled rows of these numbers, as far as they can be trained on."""
        assert self.unlabeled is not None
        rows = self.unlabeled.take(numbers, self.table.dtype)
        good = ~np.isinf(rows) if self.unlabeled.may_miss else np.isfinite(rows)
        bad = np.flatnonzero(~good.all(axis=1))
        if len(bad):
            self.unlabeled.check_finite(rows[bad[:1]], int(numbers[bad[0]]))
        return rows
