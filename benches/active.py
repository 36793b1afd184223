"""Label and rank again: anomalies found after 1, 2 and 5 rounds of 20 rows.

    python benches/active.py ADBENCH --json active.json
    python benches/active.py ADBENCH/Classical/38_thyroid.npz --seeds 1

Three anomalies of a set are known. In each round the 20 rows that rank first are looked at, and are from then
on known anomalies or known normal rows. They are ranked by chance, by an isolation forest, by the plain
detector (a random forest that takes all rows but the known anomalies for normal), by the neighbour score with
and without what is known to be normal, and by the ensemble. Sets have each row once, at most `--rows` of
them, and at least 23 anomalies. A cell is the mean share of the anomalies that could have been found.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nngmix
from nngmix.evaluation import find_sources, load
from support import markdown, options
from support.document import document, save

N_KNOWN, N_LOOKED_AT, ROUNDS = 3, 20, (1, 2, 5)
UNLABELED, ANOMALY, NORMAL = 0, 1, 2
LIBRARIES = ("nngmix", "numpy", "scikit-learn")

# Rows, what is known of each, and a seed; a score for each row.
Ranker = Callable[[Any, Any, int], Any]


def chance(X: Any, known: Any, seed: int) -> Any:
    return np.random.default_rng([seed, int((known != UNLABELED).sum())]).random(len(X))


def isolation_forest(X: Any, known: Any, seed: int) -> Any:
    from sklearn.ensemble import IsolationForest

    return -IsolationForest(random_state=seed).fit(X).score_samples(X)


def plain_detector(X: Any, known: Any, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(random_state=seed).fit(X, known == ANOMALY).predict_proba(X)[:, 1]


def neighbor_score(X: Any, known: Any, seed: int) -> Any:
    normal = NORMAL if (known == NORMAL).any() else None
    score = nngmix.NeighborScore(anomaly_label=ANOMALY, unlabeled_label=UNLABELED, normal_label=normal)
    return score.fit(X, known).training_scores_


def without_normals(X: Any, known: Any, seed: int) -> Any:
    return nngmix.NeighborScore().fit(X, known == ANOMALY).training_scores_


def ensemble(X: Any, known: Any, seed: int) -> Any:
    normal = NORMAL if (known == NORMAL).any() else None
    ensemble = nngmix.NNGMixEnsemble(
        random_state=seed, anomaly_label=ANOMALY, unlabeled_label=UNLABELED, normal_label=normal
    )
    return ensemble.fit(X, known).training_scores_


RANKERS: dict[str, Ranker] = {
    "random": chance,
    "isolation forest": isolation_forest,
    "plain detector": plain_detector,
    "score, no normals": without_normals,
    "neighbour score": neighbor_score,
    "ensemble": ensemble,
}


def main() -> int:
    parser = options.parser(__doc__)
    parser.add_argument("data", nargs="+", help="Sets of ADBench: files or folders.")
    parser.add_argument("--rows", type=int, default=3000, help="Rows of a set at most.")
    parser.add_argument("--seeds", type=int, default=2, help="Draws of the known anomalies.")
    parser.add_argument("--rankers", nargs="+", choices=RANKERS, default=list(RANKERS), help="Which.")
    parser.add_argument("--json", type=Path, help="Write all results to this file, set by set.")
    arguments = parser.parse_args()
    doc = document("active", LIBRARIES)
    for source in find_sources(arguments.data):
        data = load(source)
        for seed in range(arguments.seeds):
            X, y = subsample(data.X, data.y, arguments.rows, seed)
            if y.sum() < N_KNOWN + N_LOOKED_AT:
                continue
            for name in arguments.rankers:
                found = rounds(RANKERS[name], X, y, seed)
                record = {"set": source.name, "group": source.group, "seed": seed, "ranker": name}
                doc["results"].append(record | {"anomalies": int(y.sum()), "found": found})
            save(doc, arguments.json)
            print(source.group, source.name, seed, flush=True)
    print(f"\n{table(doc['results'], arguments.rankers)}")
    return 0


def subsample(X: Any, y: Any, most: int, seed: int) -> tuple[Any, Any]:
    """Each row once, at most this many of them, with their share of anomalies but 50 of them if there are."""
    rng = np.random.default_rng(seed)
    X, first = np.unique(X, axis=0, return_index=True)
    y = y[first]
    if len(y) <= most:
        return X, y
    anomalies, others = np.flatnonzero(y), np.flatnonzero(y == 0)
    n_anomalies = min(len(anomalies), max(50, round(most * y.mean())))
    chosen = [rng.choice(anomalies, n_anomalies, False), rng.choice(others, most - n_anomalies, False)]
    at = np.sort(np.concatenate(chosen))
    return X[at], y[at]


def rounds(ranker: Ranker, X: Any, y: Any, seed: int) -> list[int]:
    """Anomalies found after each of the rounds."""
    known = np.full(len(y), UNLABELED)
    known[np.random.default_rng(seed).choice(np.flatnonzero(y), N_KNOWN, replace=False)] = ANOMALY
    found = []
    for number in range(1, max(ROUNDS) + 1):
        scores = np.where(known == UNLABELED, ranker(X, known, seed), -np.inf)
        first = np.argsort(-scores, kind="stable")[: min(N_LOOKED_AT, int((known == UNLABELED).sum()) - 2)]
        known[first] = np.where(y[first] == 1, ANOMALY, NORMAL)
        if number in ROUNDS:
            found.append(int((known == ANOMALY).sum()) - N_KNOWN)
    return found


def table(results: list[dict[str, Any]], rankers: list[str]) -> str:
    """The mean share of what could be found, by ranker and rounds, and sets on which each is best."""
    rows = []
    for name in rankers:
        shares = []
        for i, number in enumerate(ROUNDS):
            there = [record for record in results if record["ranker"] == name]
            possible = [min(number * N_LOOKED_AT, record["anomalies"] - N_KNOWN) for record in there]
            found = [record["found"][i] / n for record, n in zip(there, possible, strict=True)]
            shares.append(f"{100 * float(np.mean(found)):.1f} %" if found else "-")
        rows.append([name, *shares])
    return markdown.table(["", *(f"after {number} x {N_LOOKED_AT}" for number in ROUNDS)], rows)


if __name__ == "__main__":
    sys.exit(main())
