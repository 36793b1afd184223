"""For whoever scores transactions: a fraud table in pandas, XGBoost, and a plain scikit-learn pipeline.

`NNGMixClassifier` makes new frauds inside `fit` alone. So no row that is scored, by cross-validation or
later, has lent anything to a row that was trained on, and the pipeline needs no imbalanced-learn.
"""

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

import nngmix


def transactions() -> tuple[pd.DataFrame, pd.Series]:
    """3,000 of them; 24 are known to be fraud: late, dear and in a hurry."""
    rng = np.random.default_rng(0)
    fraud = np.arange(3000) % 125 == 0
    table = pd.DataFrame(
        {
            "amount": rng.lognormal(3 + 1.2 * fraud, 1),
            "hour": np.where(fraud, rng.normal(3, 1.5, 3000), rng.normal(14, 4, 3000)) % 24,
            "seconds_since_last": rng.exponential(np.where(fraud, 300, 5000)),
            **{f"v{j}": rng.normal(0.6 * fraud, 1) for j in range(6)},
        }
    )
    return table, pd.Series(np.where(fraud, "fraud", "fine"), name="class")


def test_a_plain_pipeline_finds_fraud() -> None:
    X, y = transactions()
    trees = XGBClassifier(n_estimators=40, max_depth=3, n_jobs=1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), nngmix.NNGMixClassifier(trees, random_state=0))

    # Cross-validation as ever: frauds of three parts are multiplied, the fourth is scored as it is.
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    scores = cross_val_score(pipeline, X, y == "fraud", cv=folds, scoring="average_precision")
    assert scores.mean() > 0.5  # 0.008 by chance

    # The one to keep: probabilities by name of the class, and what was made.
    pipeline.fit(X, y)
    classifier = pipeline[-1]
    probability = pipeline.predict_proba(X)[:, list(classifier.classes_).index("fraud")]
    assert probability[y == "fraud"].mean() > 10 * probability[y == "fine"].mean()
    assert classifier.n_samples_ == round(0.1 * (y == "fine").sum()) - (y == "fraud").sum()
