"""The rule of "auto": every family has an answer, and an estimator of any library finds its family."""

from typing import Any

import pytest
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from xgboost import XGBClassifier

from nngmix.methods.auto import ESTIMATORS, FAMILIES, Choice, choose, family_of
from nngmix.methods.registry import METHODS
from nngmix.parameters.amount import Amount
from nngmix.parameters.mixture import SMOTE


@pytest.mark.parametrize(
    ("estimator", "family"),
    [
        (ExtraTreesClassifier(), "forest"),
        (HistGradientBoostingClassifier(), "boosting"),
        (GradientBoostingClassifier(), "boosting"),
        (XGBClassifier(), "boosting"),
        (LogisticRegression(), "linear"),
        (LinearSVC(), "linear"),
        (RidgeClassifier(), "linear"),
        (MLPClassifier(), "network"),
        (KNeighborsClassifier(), "other"),
        (None, "other"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "linear"),
        (GridSearchCV(make_pipeline(StandardScaler(), XGBClassifier()), {}), "boosting"),
        *ESTIMATORS.items(),
        ("unheard_of", "other"),
    ],
)
def test_families(estimator: Any, family: str) -> None:
    assert family_of(estimator) == family
    assert family in FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("n_labels", [0, 1, 6, 7, 1000])
@pytest.mark.parametrize("n_features", [1, 255, 256, 10_000])
def test_every_choice_can_be_made(family: str, n_labels: int, n_features: int) -> None:
    choice = choose(family, n_labels, 100_000, n_features)
    assert f"{family}, {n_labels:,} labels, 100,000 unlabelled rows" in choice.reason
    amount = Amount.parse(choice.amount)
    if choice.method == "none":
        assert (amount.n_samples, choice.settings) == (0, {})
    else:
        assert amount.share == 0.1
        METHODS[choice.method].recipe(**choice.settings)


def test_wide_tables_begin_at_256_columns() -> None:
    said = [
        {(c.method, c.name, c.reason.partition(" (")[0]) for n in (1, 7) for c in [choose(f, n, 1000, width)]}
        for width in (255, 256)
        for f in FAMILIES
    ]
    assert said[: len(FAMILIES)] != said[len(FAMILIES) :]


def test_the_rule() -> None:
    def name(family: str, n_labels: int, n_features: int) -> str:
        return choose(family, n_labels, 1000, n_features).name

    assert [name("forest", n, 10) for n in (1, 6, 7, 99)] == ["nng_mix", "nng_mix", "smote", "smote"]
    assert [name("boosting", n, 10) for n in (3, 40)] == ["nng_mix", "nng_mix"]
    assert [name("linear", 3, 10), name("network", 3, 10)] == ["none", "duplicate"]
    assert [name(f, 3, 512) for f in FAMILIES] == ["smote", "none", "none", "nng_mix:noise_std=auto", "none"]
    assert choose("forest", 10, 1000, 10).settings == vars(SMOTE)
    # A share that is reached.
    assert choose("forest", 99, 1000, 10).method == "nng_mix"
    assert choose("forest", 100, 1000, 10).method == "none"


def test_what_is_shown() -> None:
    assert str(Choice("none", "0", {}, "none", "why")) == "none: why"
    assert str(Choice("nng_mix", "10%", {}, "smote", "why")) == "smote 10%: why"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            ("tree", 3, 100, 4),
            ValueError,
            "family must be one of forest, boosting, linear, network, other, got",
        ),
        (("forest", -1, 100, 4), ValueError, "n_labels must be at least 0"),
        (("forest", 3, 1.5, 4), TypeError, "n_unlabeled must be an integer"),
    ],
)
def test_bad_input(arguments: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        choose(*arguments)
