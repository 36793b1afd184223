"""Detectors that treat few labels in a way of their own: they are what they say, and find what is there."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

import nngmix
from nngmix.evaluation import DETECTORS, Spec, code
from nngmix.evaluation.detectors import make_detector

SETTINGS = {"ensemble": ":n_bags=3,estimator=logistic_regression", "easy_ensemble": ":n_estimators=3"}
NEED_TORCH = {"xgbod", "devnet", "prenet", "rosas", "feawad"}
COMPLETE = sorted(name for name in DETECTORS if DETECTORS[name].complete and name not in NEED_TORCH)


@pytest.fixture(scope="module")
def rows() -> tuple[Any, Any, Any, Any]:
    """Training rows with 6 labels and 24 hidden anomalies, and 300 for the test."""
    rng = np.random.default_rng(0)
    truth = np.arange(600) % 10 == 0
    X = rng.normal(size=(600, 3)) + 2.5 * truth[:, None]
    labels = (truth & (np.arange(600) < 60)).astype(np.int64)
    return X[:300], labels[:300], X[300:], truth[300:]


def scores(text: str, rows: tuple[Any, Any, Any, Any]) -> np.ndarray[Any, Any]:
    X, y, X_test, _ = rows
    return make_detector(Spec.parse(text), random_state=3).fit(X, y).score(X_test)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", COMPLETE)
def test_it_learns_and_repeats(name: str, rows: tuple[Any, Any, Any, Any]) -> None:
    found = scores(name + SETTINGS.get(name, ""), rows)
    assert roc_auc_score(rows[3], found) > 0.75
    np.testing.assert_array_equal(scores(name + SETTINGS.get(name, ""), rows), found)


def test_those_without_labels_look_at_unlabelled_rows_alone(rows: tuple[Any, Any, Any, Any]) -> None:
    X, y, X_test, _ = rows
    nearest = NearestNeighbors(n_neighbors=4).fit(X[y == 0]).kneighbors(X_test)[0][:, -1]
    np.testing.assert_allclose(scores("knn_distance:n_neighbors=4", rows), nearest)
    forest = IsolationForest(n_estimators=20, random_state=3).fit(X[y == 0])
    np.testing.assert_array_equal(
        scores("isolation_forest:n_estimators=20", rows), -forest.score_samples(X_test)
    )


def test_the_ensemble_is_that_of_the_package(rows: tuple[Any, Any, Any, Any]) -> None:
    X, y, X_test, _ = rows
    found = scores(
        "ensemble:estimator=logistic_regression,estimator__C=0.5,n_bags=3,filling=smote,neighbor_score=False",
        rows,
    )
    plain = nngmix.NNGMixEnsemble(
        LogisticRegression(C=0.5), n_bags=3, filling="smote", neighbor_score=False, random_state=3
    )
    np.testing.assert_array_equal(found, plain.fit(X, y).decision_function(X_test))


@pytest.mark.parametrize(
    ("name", "module", "install"),
    [
        ("xgbod", "pyod.models.xgbod", "'nngmix[rivals]'"),
        ("devnet", "deepod.models.tabular", "'nngmix[rivals]' && pip install --no-deps deepod"),
    ],
)
def test_what_is_missing_is_named(
    name: str, module: str, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module.partition(".")[0], None)
    with pytest.raises(ImportError) as caught:
        make_detector(Spec(name), random_state=0)
    assert str(caught.value).endswith(f"pip install {install}")


def test_the_version_is_of_what_the_code_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "made_up"
    package.mkdir()
    (package / "__init__.py").write_text("")
    first, second = package / "first.py", package / "second.py"
    first.write_text("from made_up.second import f\n\n\ndef g():\n    return f() + 1\n")
    second.write_text("def f():\n    return 1\n")
    (package / "other.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def version() -> str:
        return code.code_version.__wrapped__("made_up.first")

    before = version()
    second.write_text('"""What it is."""\n\n\ndef f():\n    """One."""\n    return 1  # Yes.\n')
    (package / "other.py").write_text("x = 2\n")
    assert version() == before
    second.write_text("def f():\n    return 2\n")
    assert version() != before
