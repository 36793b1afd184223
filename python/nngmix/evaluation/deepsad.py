"""DeepSAD (Ruff et al., ICLR 2020) in JAX and optax, with the networks of ADBench.

Normal rows are drawn towards a centre, labelled anomalies are pushed away from it; how far a row is from
the centre is its score. The encoder starts from an autoencoder trained on the same rows. (ADBench's own
implementation means to do so too, but loads none of the tensors: ``pretrain=False`` is what it does.)
"""

import os
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.evaluation.detector import Detector

__all__ = ["DeepSAD"]

_WIDTHS = (100, 20, 10)
_BATCH, _CHUNK = 128, 64
_WEIGHT_DECAY, _EPS_NORM, _MOMENTUM = 1e-6, 1e-4, 0.1
_SLOPE = 0.01
_EPS_DISTANCE, _EPS_CENTER = 1e-6, 0.1

# Weights of the layers, and running mean and variance of the normalised ones.
State = tuple[list[Any], list[Any]]


class DeepSAD(Detector):
    """Deep semi-supervised anomaly detection.

    Parameters
    ----------
    random_state : int
    eta : float, default=1.0
        Weight of the labelled anomalies in the loss.
    learning_rate : float, default=1e-4
        Of Adam. ADBench asks for 1e-3 with a schedule that divides it by ten before the first step.
    n_epochs, n_epochs_pretrain : int, default=50, 100
    pretrain : bool, default=True
        Start from the encoder of an autoencoder.
    """

    name = "deepsad"

    def __init__(
        self,
        random_state: int,
        *,
        eta: float = 1.0,
        learning_rate: float = 1e-4,
        n_epochs: int = 50,
        n_epochs_pretrain: int = 100,
        pretrain: bool = True,
    ) -> None:
        self.random_state = random_state
        self.eta = eta
        self.learning_rate = learning_rate
        self.n_epochs = n_epochs
        self.n_epochs_pretrain = n_epochs_pretrain
        self.pretrain = pretrain
        _networks()  # A missing package is found now and not after the other detectors.

    def fit(
        self, X: NDArray[np.float64], y: NDArray[np.int64], sample_weight: NDArray[np.float64] | None = None
    ) -> Self:
        """Train the autoencoder, set the centre, train the encoder."""
        nets = _networks()
        rng = np.random.default_rng(self.random_state)
        rows = np.asarray(X, np.float32)
        weight = np.ones(len(X)) if sample_weight is None else sample_weight
        targets = np.column_stack([y, weight]).astype(np.float32)
        sizes = (X.shape[1], *_WIDTHS)
        encoder = _initial(rng, sizes)
        if self.pretrain:
            both = _joined(encoder, _initial(rng, sizes[::-1]))
            both = self._train(nets.autoencode, both, rows, targets, self.n_epochs_pretrain, rng, ())
            encoder = both[0][: len(_WIDTHS)], both[1][: len(_WIDTHS) - 1]
        self.center_ = _away_from_zero(_encode(encoder, rows).mean(axis=0))
        extra = (self.center_, np.float32(self.eta))
        self.encoder_ = self._train(nets.separate, encoder, rows, targets, self.n_epochs, rng, extra)
        return self

    def score(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Squared distance from the centre."""
        codes = _encode(self.encoder_, np.asarray(X, np.float32))
        distance: NDArray[np.float64] = ((codes.astype(np.float64) - self.center_) ** 2).sum(axis=1)
        return distance

    def _train(
        self,
        steps: Any,
        state: State,
        X: NDArray[np.float32],
        targets: NDArray[np.float32],
        n_epochs: int,
        rng: np.random.Generator,
        extra: tuple[Any, ...],
    ) -> State:
        carried = (*state, _networks().adam_state(state[0]))
        for rows, n_steps in _chunks(rng, len(X), n_epochs):
            carried = steps(carried, X[rows], targets[rows], n_steps, np.float32(self.learning_rate), *extra)
        return carried[0], carried[1]


def _initial(rng: np.random.Generator, sizes: tuple[int, ...]) -> State:
    """Uniform weights without biases, which would let everything collapse onto the centre."""
    weights = [
        rng.uniform(-1, 1, (n_in, n_out)).astype(np.float32) / np.float32(np.sqrt(n_in))
        for n_in, n_out in pairwise(sizes)
    ]
    return weights, [(np.zeros(n, np.float32), np.ones(n, np.float32)) for n in sizes[1:-1]]


def _encode(encoder: State, X: NDArray[np.float32]) -> NDArray[np.float32]:
    """The codes, normalised by the running statistics. In NumPy, for JAX compiles for every shape."""
    *hidden, last = (np.asarray(weight) for weight in encoder[0])
    for weight, (mean, variance) in zip(hidden, encoder[1], strict=True):
        X = (X @ weight - np.asarray(mean)) / np.sqrt(np.asarray(variance) + np.float32(_EPS_NORM))
        X = np.where(X > 0, X, np.float32(_SLOPE) * X)
    return np.asarray(X @ last)


def _joined(encoder: State, decoder: State) -> State:
    return encoder[0] + decoder[0], encoder[1] + decoder[1]


def _away_from_zero(center: NDArray[Any]) -> NDArray[np.float32]:
    """A coordinate near 0 could be matched by weights of zero."""
    near = np.abs(center) < _EPS_CENTER
    return np.where(near, np.where(center < 0, -_EPS_CENTER, _EPS_CENTER), center).astype(np.float32)


def _chunks(rng: np.random.Generator, n_rows: int, n_epochs: int) -> Iterator[tuple[NDArray[np.intp], int]]:
    """Rows of the batches of all epochs, `_CHUNK` batches at a time, so that one compilation serves all."""
    size = min(_BATCH, n_rows)
    per_epoch = n_rows // size
    batches = np.empty((0, size), np.intp)
    for epoch in range(n_epochs):
        rows = rng.permutation(n_rows)[: per_epoch * size].reshape(per_epoch, size)
        batches = np.concatenate([batches, rows])
        while len(batches) >= _CHUNK or (epoch == n_epochs - 1 and len(batches)):
            chunk, batches = batches[:_CHUNK], batches[_CHUNK:]
            n_steps = len(chunk)
            yield np.concatenate([chunk, np.zeros((_CHUNK - n_steps, size), np.intp)]), n_steps


@cache
def _networks() -> SimpleNamespace:
    """The compiled functions; JAX is imported here and told to use one thread."""
    single = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ.setdefault("XLA_FLAGS", single)
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    try:
        import jax
        import jax.numpy as jnp
        import optax
    except ImportError as error:
        raise ImportError(f"DeepSAD needs {error.name}: pip install 'nngmix[evaluate]'") from error

    def adam(learning_rate: Any) -> Any:
        return optax.chain(optax.add_decayed_weights(_WEIGHT_DECAY), optax.adam(learning_rate))

    def layers(weights: Any, running: Any, x: Any, hidden: Any) -> tuple[Any, Any]:
        """One linear layer after the other; those in `hidden` are normalised over the batch and leaky."""
        after, statistics = [], iter(running)
        for i, weight in enumerate(weights):
            x = x @ weight
            if i not in hidden:
                continue
            (old_mean, old_variance), n = next(statistics), x.shape[0]
            mean, variance = x.mean(axis=0), x.var(axis=0)
            unbiased = variance * (n / max(n - 1, 1))
            after.append(
                (
                    old_mean + _MOMENTUM * (mean - old_mean),
                    old_variance + _MOMENTUM * (unbiased - old_variance),
                )
            )
            x = jax.nn.leaky_relu((x - mean) / jnp.sqrt(variance + _EPS_NORM), _SLOPE)
        return x, after

    n = len(_WIDTHS)
    encoder_hidden, autoencoder_hidden = range(n - 1), (*range(n - 1), *range(n, 2 * n - 1))

    def reconstruction(weights: Any, running: Any, x: Any, target: Any) -> tuple[Any, Any]:
        out, after = layers(weights, running, x, autoencoder_hidden)
        return ((jax.nn.sigmoid(out) - x) ** 2).mean(), after

    def separation(weights: Any, running: Any, x: Any, target: Any, center: Any, eta: Any) -> tuple[Any, Any]:
        code, after = layers(weights, running, x, encoder_hidden)
        distance = ((code - center) ** 2).sum(axis=1)
        loss = jnp.where(target[:, 0] == 0, distance, eta / (distance + _EPS_DISTANCE))
        return (target[:, 1] * loss).mean(), after

    def training(loss: Any) -> Any:
        def steps(carried: Any, x: Any, targets: Any, n_steps: Any, rate: Any, *extra: Any) -> Any:
            def step(i: Any, carried: Any) -> Any:
                weights, running, momenta = carried
                gradient, running = jax.grad(loss, has_aux=True)(weights, running, x[i], targets[i], *extra)
                change, momenta = adam(rate).update(gradient, momenta, weights)
                return optax.apply_updates(weights, change), running, momenta

            return jax.lax.fori_loop(0, n_steps, step, carried)

        return jax.jit(steps)

    return SimpleNamespace(
        autoencode=training(reconstruction),
        separate=training(separation),
        adam_state=lambda weights: adam(0.0).init(weights),
    )
