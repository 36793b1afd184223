"""A network trained by JAX on fresh rows in each epoch, ended in the middle and gone on with."""

import jax
import jax.numpy as jnp
import numpy as np

import nngmix


def scores(weights, X):
    (W, b), (v, c) = weights
    return jax.nn.relu(X @ W + b) @ v + c


def loss(weights, X, y):
    s = scores(weights, X)
    return jnp.mean(jnp.maximum(s, 0) - s * y + jnp.log1p(jnp.exp(-jnp.abs(s))))


@jax.jit
def step(weights, X, y):
    gradients = jax.grad(loss)(weights, X, y)
    return jax.tree.map(lambda weight, gradient: weight - 0.1 * gradient, weights, gradients)


def train(weights, batches):
    for X, y in batches:
        weights = step(weights, jnp.asarray(X), jnp.asarray(y))
    return weights


def test_training_finds_anomalies_and_goes_on_where_it_was_ended():
    rng = np.random.default_rng(0)
    X_unlabeled = rng.normal(0, 1, (2000, 8)).astype(np.float32)
    X_anomaly, X_later = (rng.normal(1.5, 1, (n, 8)).astype(np.float32) for n in (12, 200))
    table = nngmix.NeighborTable(X_anomaly).update(X_unlabeled)
    epochs = table.epochs(128, X_unlabeled, n_epochs=5, random_state=0)

    first = rng.normal(0, 0.3, (8, 16)).astype(np.float32)
    weights = ((jnp.asarray(first), jnp.zeros(16)), (jnp.ones(16) / 16, jnp.zeros(())))
    trained = train(weights, epochs)
    right = scores(trained, X_later)[:, None] > scores(trained, X_unlabeled)
    assert right.mean() > 0.95

    half = train(weights, (batch for batch, _ in zip(epochs, range(30), strict=False)))
    epoch, batch = divmod(30, epochs.n_batches)
    again = train(half, epochs.batches(epoch, batch))
    assert jax.tree.all(jax.tree.map(np.array_equal, again, trained))
