"""What new rows of a mixed table are worth: whether they could be real, and what detectors make of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from support.mixed_ways import ENSEMBLE, WAYS, Way
from support.table import Table

TEST_SHARE = 0.5
# Of each kind, to the forest that tells new rows from real ones.
MOST_TOLD = 300
FOLDS = 3
TREES = 60
Measures = dict[str, float]


def measure(table: Table, n_labels: int, seed: int, most_rows: int) -> list[dict[str, Any]]:
    """Each way's measures for one split; training anomalies without a label hide among unlabelled rows."""
    rng = np.random.default_rng([seed, n_labels])
    table = table.cut(rng, most_rows)
    is_test = np.zeros(len(table.frame), bool)
    for kind in (False, True):
        of_kind = rng.permutation(np.flatnonzero(table.anomaly == kind))
        is_test[of_kind[: round(TEST_SHARE * len(of_kind))]] = True
    train, test = (table.frame[part].reset_index(drop=True) for part in (~is_test, is_test))
    labeled = rng.permutation(np.flatnonzero(table.anomaly[~is_test]))[:n_labels]
    y = np.zeros(len(train), np.int64)
    y[labeled] = 1
    truth = table.anomaly[is_test]
    measures = {way.name: _of_way(way, train, y, test, truth, seed) for way in WAYS}
    measures[ENSEMBLE] = _of_ensemble(train, y, test, truth, seed)
    asked = {"table": table.name, "labels": n_labels, "seed": seed}
    return [{**asked, "way": way, **measured} for way, measured in measures.items()]


def _of_way(
    way: Way, train: Any, y: NDArray[Any], test: Any, truth: NDArray[np.bool_], seed: int
) -> Measures:
    import pandas as pd

    X, X_test, categories = way.encode(train, test)
    measures: Measures = {}
    if way.make is not None:
        new = way.make(X, y, seed)
        if categories:
            measures["coherence"] = coherence(new[categories], X[categories])
        measures["possible"] = possible(new, X)
        measures["detectability"] = detectability(new, X_test[truth], seed)
        X = pd.concat([X, new], ignore_index=True)
        y = np.concatenate([y, np.ones(len(new), np.int64)])
    for name, detector in detectors(seed).items():
        scores = detector.fit(X, y).predict_proba(X_test)[:, 1]
        measures |= {f"{name} {measure}": value for measure, value in quality(truth, scores).items()}
    return measures


def _of_ensemble(train: Any, y: NDArray[Any], test: Any, truth: NDArray[np.bool_], seed: int) -> Measures:
    import nngmix

    ensemble = nngmix.NNGMixEnsemble(categorical_features="auto", missing="keep", random_state=seed)
    return quality(truth, ensemble.fit(train, y).decision_function(test))


def coherence(new: Any, real: Any) -> float:
    """The share of new rows whose categories, all together, some real row has."""
    known = {*_combinations(real)}
    return float(np.mean([row in known for row in _combinations(new)]))


def possible(new: Any, real: Any) -> float:
    """The share of new rows without a fraction where real rows are whole, and with constants as they are."""
    fine = np.ones(len(new), bool)
    for name in real.select_dtypes("number"):
        given, made = real[name].dropna().to_numpy(float), new[name].to_numpy(float)
        whole = np.all(given == np.round(given))
        fine &= ~(whole & (made != np.round(made)) & ~np.isnan(made))
        if len(given) and np.all(given == given[0]):
            fine &= np.isnan(made) | (made == given[0])
    return float(fine.mean())


def detectability(new: Any, real: Any, seed: int) -> float:
    """The AUROC of a forest that tells new rows from real anomalies, on rows that it was not trained on."""
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    most = min(MOST_TOLD, len(new), len(real))
    parts = [_as_numbers(part.sample(most, random_state=seed), real) for part in (new, real)]
    X, is_new = pd.concat(parts).to_numpy(), np.repeat([1, 0], most)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    forest = RandomForestClassifier(TREES, random_state=seed)
    scores = cross_val_predict(forest, X, is_new, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(is_new, scores))


def detectors(seed: int) -> dict[str, Any]:
    """Both take the categories and the holes of a frame as they are."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from xgboost import XGBClassifier

    return {
        "HGB": HistGradientBoostingClassifier(max_iter=TREES, random_state=seed),
        "XGBoost": XGBClassifier(
            n_estimators=TREES, max_depth=4, enable_categorical=True, n_jobs=1, random_state=seed
        ),
    }


def quality(truth: NDArray[np.bool_], scores: NDArray[Any]) -> Measures:
    from sklearn.metrics import average_precision_score, roc_auc_score

    return {"AUROC": float(roc_auc_score(truth, scores)), "AP": float(average_precision_score(truth, scores))}


def _combinations(frame: Any) -> list[tuple[Any, ...]]:
    values = frame.astype(object)
    return [*values.where(values.notna(), None).itertuples(index=False, name=None)]


def _as_numbers(frame: Any, like: Any) -> Any:
    """Categories by their place in the dictionary of `like`, missing ones as NaN."""
    numbers = frame.copy()
    for name in frame.select_dtypes("category"):
        codes = frame[name].cat.set_categories(like[name].cat.categories).cat.codes
        numbers[name] = codes.where(codes >= 0)
    return numbers.astype(float)
