"""``method="auto"``: which new rows help an estimator, or that none do."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from nngmix.parameters.checks import check_count
from nngmix.parameters.mixture import SMOTE

__all__ = ["ESTIMATORS", "FAMILIES", "WIDE", "Choice", "choose", "family_of"]

FAMILIES = ("forest", "boosting", "linear", "network", "other")
# Names that the shell knows.
ESTIMATORS = {
    "random_forest": "forest",
    "extra_trees": "forest",
    "hist_gradient_boosting": "boosting",
    "xgboost": "boosting",
    "lightgbm": "boosting",
    "catboost": "boosting",
    "logistic_regression": "linear",
    "mlp": "network",
    "other": "other",
}
# Classes of scikit-learn and others that a family's estimators inherit from.
_CLASSES = {
    "BaseForest": "forest",
    "BaseGradientBoosting": "boosting",
    "BaseHistGradientBoosting": "boosting",
    "XGBModel": "boosting",
    "LGBMModel": "boosting",
    "CatBoost": "boosting",
    "LinearClassifierMixin": "linear",
    "BaseMultilayerPerceptron": "network",
}

# New rows bring anomalies to this share of the unlabelled rows.
_SHARE = 0.1
# From this many columns on, as embeddings have, all rows are about as far from each other.
WIDE = 256
_FEW, _ANY = 6, 1 << 62


class _Way(NamedTuple):
    """A method of nngmix, or none, and what differs from its defaults."""

    name: str
    method: str
    settings: dict[str, Any]


_NONE = _Way("none", "none", {})
_NNG_MIX = _Way("nng_mix", "nng_mix", {})
_NOISY = _Way("nng_mix:noise_std=auto", "nng_mix", {"noise_std": "auto"})
_DUPLICATE = _Way("duplicate", "duplicate", {})
# In the terms of NNG-Mix, so that it needs no other package.
_SMOTE = _Way("smote", "nng_mix", vars(SMOTE))

# The rule; the first line that fits counts. Drafted from the means over all sets in
# benches/results/evaluation, and left as it was when both halves of the tables were looked at: python
# benches/evaluation.py rule. On wide tables, and for networks, it rests on those means alone.
# fmt: off
_TABLE = (
    # family, wide, labels at most, what to add, why
    ("forest",   False, _FEW, _NNG_MIX,   "few anomalies fill few leaves; their neighbours widen them"),
    ("forest",   False, _ANY, _SMOTE,     "with more labels rows between anomalies are the surer ones"),
    ("forest",   True,  _ANY, _SMOTE,     "on wide tables rows between anomalies do better than neighbours"),
    ("boosting", False, _ANY, _NNG_MIX,   "boosting learns copies by heart; neighbours it does not"),
    ("boosting", True,  _ANY, _NONE,      "on wide tables no rows help boosting dependably"),
    ("linear",   False, _ANY, _NONE,      "rows hardly move a linear model, and harm it on some data"),
    ("linear",   True,  _ANY, _NONE,      "on wide tables all rows and weights harm a linear model"),
    ("network",  False, _ANY, _DUPLICATE, "a network lacks weight on labels; copies give it as well"),
    ("network",  True,  _ANY, _NOISY,     "on wide tables noise is what helps a network"),
)
# fmt: on


@dataclass(frozen=True)
class Choice:
    """What to add for an estimator.

    Attributes
    ----------
    method : str
        A method of nngmix, or "none": add nothing.
    amount : str
        As `Amount.parse` reads it.
    settings : dict
        Parameters of the method that are not its defaults.
    name : str
        Method and settings in a word.
    reason : str
        Why.
    """

    method: str
    amount: str
    settings: dict[str, Any]
    name: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.name} {self.amount}: {self.reason}" if self.method != "none" else f"none: {self.reason}"
        )


def family_of(estimator: Any) -> str:
    """One of `FAMILIES`, of a name or of an estimator; of a pipeline or a search: of the estimator within."""
    if isinstance(estimator, str):
        return ESTIMATORS.get(estimator, "other")
    for kind in type(estimator).__mro__:
        if kind.__name__ in _CLASSES:
            return _CLASSES[kind.__name__]
    steps = getattr(estimator, "steps", None)
    inner = steps[-1][1] if steps else getattr(estimator, "estimator", None)
    return "other" if inner is None or isinstance(inner, str) else family_of(inner)


def choose(family: str, n_labels: int, n_unlabeled: int, n_features: int) -> Choice:
    """Say what to add, or that nothing helps.

    Parameters
    ----------
    family : {'forest', 'boosting', 'linear', 'network', 'other'}
        Of the estimator, as `family_of` tells it.
    n_labels, n_unlabeled : int
        Labelled anomalies, and unlabelled rows.
    n_features : int

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        For another family, or numbers that are negative.
    TypeError
        For numbers that are no integers.
    """
    if family not in FAMILIES:
        raise ValueError(f"family must be one of {', '.join(FAMILIES)}, got {family!r}")
    n_labels, n_unlabeled = check_count("n_labels", n_labels), check_count("n_unlabeled", n_unlabeled)
    wide = check_count("n_features", n_features) >= WIDE
    if n_labels >= _SHARE * n_unlabeled:
        way, reason = (
            _NONE,
            f"labelled anomalies are {_SHARE:.0%} of the unlabelled rows, or more, as they are",
        )
    else:
        way, reason = next(
            (
                (way, reason)
                for line, is_wide, most, way, reason in _TABLE
                if line == family and is_wide == wide and n_labels <= most
            ),
            (_NONE, "nothing was measured for estimators of this kind: see nngmix evaluate"),
        )
    amount = "0" if way is _NONE else f"{_SHARE:.0%}"
    about = f"{family}, {n_labels:,} labels, {n_unlabeled:,} unlabelled rows, {n_features:,} columns"
    return Choice(way.method, amount, dict(way.settings), way.name, f"{reason} ({about})")
