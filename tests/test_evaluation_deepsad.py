"""DeepSAD: its network restated in NumPy, and the encoder that really starts from the autoencoder."""

import subprocess
import sys

# In a process of its own: JAX runs threads, and other tests fork the one that runs them.
_CHECKS = """
import numpy as np
from sklearn.metrics import roc_auc_score
from nngmix.evaluation.deepsad import DeepSAD

rng = np.random.default_rng(0)
y = (np.arange(700) < 30).astype(np.int64)
X = rng.uniform(0, 0.5, (700, 6)) + 0.3 * y[:, None]
settings = {"n_epochs_pretrain": 30, "learning_rate": 1e-3}


def codes(model, X):
    for i, weight in enumerate(model.encoder_[0]):
        X = X @ np.asarray(weight, np.float64)
        if i < 2:
            mean, variance = (np.asarray(v, np.float64) for v in model.encoder_[1][i])
            X = (X - mean) / np.sqrt(variance + 1e-4)
            X = np.where(X > 0, X, 0.01 * X)
    return X


def first_weights(model):
    return np.asarray(model.encoder_[0][0])


model = DeepSAD(3, n_epochs=20, **settings).fit(X, y)
np.testing.assert_allclose(model.score(X), ((codes(model, X) - model.center_) ** 2).sum(axis=1), rtol=1e-3)
assert roc_auc_score(y, model.score(X)) > 0.95

loaded, bare = (DeepSAD(3, n_epochs=0, pretrain=p, **settings).fit(X, y) for p in (True, False))
bound = 1 / np.sqrt(6)
assert np.abs(first_weights(bare)).max() <= bound
# The autoencoder moved the weights, and its running statistics came along.
assert np.abs(first_weights(loaded) - first_weights(bare)).mean() > 0.01 * bound
assert all((np.asarray(mean) != 0).all() for mean, _ in loaded.encoder_[1])
assert all((np.asarray(mean) == 0).all() for mean, _ in bare.encoder_[1])

# Codes of a trained autoencoder tell rows apart: a linear map recovers them better than from random ones.
def unexplained(model):
    C = np.column_stack([codes(model, X), np.ones(len(X))])
    return ((X - C @ np.linalg.lstsq(C, X, rcond=None)[0]) ** 2).mean()

trained = DeepSAD(3, n_epochs=0, n_epochs_pretrain=200, learning_rate=3e-3).fit(X, y)
assert unexplained(trained) < unexplained(bare), (unexplained(trained), unexplained(bare))

for center in (model.center_, loaded.center_, bare.center_):
    assert (np.abs(center) >= 0.1 - 1e-7).all()
mean = codes(loaded, X).mean(axis=0)
far = np.abs(mean) > 0.101
np.testing.assert_allclose(loaded.center_[far], mean[far], rtol=1e-3)

# Labelled anomalies are pushed away, the more the larger eta.
pushed = [DeepSAD(3, n_epochs=20, eta=eta, **settings).fit(X, y).score(X) for eta in (0.01, 10)]
ratios = [np.median(scores[y == 1]) / np.median(scores[y == 0]) for scores in pushed]
assert ratios[1] > ratios[0], ratios

# A seed makes the same again, and weights count.
again, weighted = (DeepSAD(3, n_epochs=20, **settings).fit(X, y, w) for w in (None, 1 + 20.0 * y))
assert (again.score(X) == model.score(X)).all()
assert (weighted.score(X) != model.score(X)).all()
assert roc_auc_score(y, weighted.score(X)) > 0.95

few = DeepSAD(0, n_epochs=2, n_epochs_pretrain=2).fit(X[:50], y[:50])
assert np.isfinite(few.score(X)).all()
"""


def test_deepsad() -> None:
    done = subprocess.run([sys.executable, "-c", _CHECKS], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
