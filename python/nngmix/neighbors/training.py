"""What training asks of a table: batches of real rows and new ones, epoch by epoch."""

from numpy.typing import ArrayLike

from nngmix.neighbors.epochs import Epochs
from nngmix.neighbors.generation import Generation
from nngmix.neighbors.updates import Updates
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_count
from nngmix.parameters.mixture import Mixture, Noise
from nngmix.parameters.seed import RandomState, seed_sequence
from nngmix.rows.rows import Rows

__all__ = ["Training"]

# New rows bring anomalies to this share of the unlabelled rows where no number is given, as in the samplers.
_DEFAULT_SHARE = 0.1


class Training(Updates, Generation):
    """How `NeighborTable` feeds a training loop."""

    def epochs(
        self,
        batch_size: int,
        X_unlabeled: ArrayLike | Rows | None = None,
        *,
        n_epochs: int = 1,
        n_samples: int | None = None,
        noise_std: Noise = 0.01,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        random_state: RandomState = None,
    ) -> Epochs:
        """Mini-batches for training: every real row once an epoch, among new rows that no epoch sees again.

        Epoch e has the new rows ``e * n_samples`` to ``(e + 1) * n_samples`` of `rows`, shuffled among the
        labelled anomalies and the unlabelled rows. Batch i of epoch e depends on the table, the rows, the
        parameters, the seed, e and i alone: it is the same after a restart and with any number of workers.

        Parameters
        ----------
        batch_size : int
            Rows of each batch but the last of an epoch.
        X_unlabeled : array-like or frame of shape (n_rows, n_features), optional
            The unlabelled rows to train on, in the input's units; read when a batch needs them, so a memory
            map may be larger than the memory. Default: none, batches hold anomalies and new rows.
        n_epochs : int, default=1
            Epochs.
        n_samples : int, optional
            New rows of each epoch. Default: anomalies are brought to a tenth of the unlabelled rows.
        noise_std : float or 'auto', default=0.01
            In the units of the scaled columns; see `noise`.
        alpha, beta, unlabeled_fraction : float
            See `nng_mix`.
        random_state : int, SeedSequence, Generator, RandomState or None
            See `nng_mix`. Asked once: copies that are sent to workers agree, whatever it was.

        Returns
        -------
        Epochs
            An iterable of (X, y); ``batches(epoch, batch)`` goes on where a run was ended, and
            ``batches(worker=w, n_workers=n)`` is the part of one of several workers.

        Raises
        ------
        ValueError
            For parameters out of range, columns that do not fit, or no number of new rows without unlabelled
            ones; values that are not finite are named when a batch meets them.
        TypeError
            For what does not hold real numbers, or float64 rows for a float32 table.

        Notes
        -----
        A torch `IterableDataset` for a DataLoader with any number of workers, which takes their batches in
        turn and so gives the same order as one (run with torch 2.15 and up to 3 workers)::

            class NewEveryEpoch(torch.utils.data.IterableDataset):
                def __init__(self, epochs, epoch=0, batch=0):
                    self.epochs, self.epoch, self.batch = epochs, epoch, batch

                def __iter__(self):
                    info = torch.utils.data.get_worker_info()
                    worker, n_workers = (info.id, info.num_workers) if info else (0, 1)
                    for X, y in self.epochs.batches(
                        self.epoch, self.batch, worker=worker, n_workers=n_workers
                    ):
                        yield torch.from_numpy(X), torch.from_numpy(y)


            epochs = table.epochs(256, X_unlabeled, n_epochs=10, random_state=0)
            for X, y in torch.utils.data.DataLoader(NewEveryEpoch(epochs), batch_size=None, num_workers=2):
                train(X, y)

        Examples
        --------
        >>> import numpy as np, nngmix
        >>> rng = np.random.default_rng(0)
        >>> X_anomaly, X_unlabeled = rng.random((5, 4)) + 1, rng.random((1000, 4))
        >>> table = nngmix.NeighborTable(X_anomaly).update(X_unlabeled)
        >>> epochs = table.epochs(256, X_unlabeled, n_epochs=3, random_state=0)
        >>> [(len(X), int(y.sum())) for X, y in epochs.batches(epoch=2)]
        [(256, 20), (256, 28), (256, 20), (256, 28), (76, 4)]
        """
        batch_size = check_count("batch_size", batch_size, minimum=1)
        n_epochs = check_count("n_epochs", n_epochs)
        mixture = Mixture(noise_std, alpha, beta, unlabeled_fraction)
        rows = None if X_unlabeled is None else self.taken("X_unlabeled", X_unlabeled).coded(self.kinds)
        if n_samples is not None:
            n_samples = check_count("n_samples", n_samples)
        elif rows is None:
            raise ValueError(
                "n_samples is needed where there is no X_unlabeled: the default is a share of its rows"
            )
        else:
            n_samples = Amount(share=_DEFAULT_SHARE).count(len(self.X_anomaly), len(rows))
        if n_samples > 0:
            # Partners that there are not are missed now, not in the first batch.
            self._choices(mixture)
        return Epochs(self, rows, batch_size, n_epochs, n_samples, mixture, seed_sequence(random_state))
