"""For whoever has a table as it is: merchants, channels, counts, yes and no, and holes.

Nothing is encoded and nothing is filled. Every new row takes its categories from one real row, counts stay
whole, and holes stay holes; scikit-learn's gradient boosting reads the frame as it came back.
"""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score

import nngmix


def payments(seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """2,000 of them; 20 are fraud: online, at few merchants, many a day. "secure" is asked online alone."""
    rng = np.random.default_rng(seed)
    fraud = np.arange(2000) % 100 == 0
    merchant = np.where(fraud, rng.choice([3, 11], 2000), rng.integers(0, 20, 2000))
    online = fraud | (merchant % 2 == 0)
    secure = pd.Categorical(rng.choice(["failed", "passed"], 2000), ["failed", "passed"], ordered=True)
    table = pd.DataFrame(
        {
            "merchant": pd.Categorical([f"m{j:02d}" for j in merchant]),
            "channel": pd.Categorical(np.where(online, "online", "chip")),
            "secure": pd.Series(secure).where(online),
            "amount": np.round(rng.lognormal(3, 1, 2000), 2),
            "payments_today": rng.poisson(np.where(fraud, 6, 2)),
            "age": pd.array(rng.integers(18, 90, 2000), "Int64"),
            "new_device": rng.random(2000) < np.where(fraud, 0.7, 0.05),
        }
    )
    table.loc[rng.random(2000) < 0.1, "age"] = pd.NA
    return table, pd.Series(np.where(fraud, "fraud", "fine"), name="class")


def test_categories_counts_and_holes_as_they_are() -> None:
    X, y = payments(seed=0)
    sampler = nngmix.NNGMix(categorical_features="auto", missing="keep", random_state=0)
    X_more, y_more = sampler.fit_resample(X, y)

    # The types of the frame that went in: categories and their order, whole ages that may be missing.
    pd.testing.assert_series_equal(X_more.dtypes, X.dtypes)
    new = X_more[sampler.synthetic_mask_]
    assert len(new) == round(0.1 * (y == "fine").sum()) - (y == "fraud").sum()
    assert new["age"].isna().any()

    # No merchant that is always paid by chip sells online in a new row.
    together = ["merchant", "channel", "secure", "new_device"]
    assert {*map(str, new[together].to_numpy())} <= {*map(str, X[together].to_numpy())}

    # Gradient boosting takes the frame as it is, here on payments of another day.
    trees = HistGradientBoostingClassifier(max_iter=40, random_state=0).fit(X_more, y_more)
    X_next, y_next = payments(seed=1)
    score = trees.predict_proba(X_next)[:, list(trees.classes_).index("fraud")]
    assert average_precision_score(y_next == "fraud", score) > 0.3  # 0.01 by chance
