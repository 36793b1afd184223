"""Who is who, for every sampler: labels of any type and container, several classes, rows that are skipped."""

import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray

import nngmix
from containers import labels, matrix
from nngmix.methods.registry import METHODS
from parameter_errors import by_sampler

SAMPLERS = [method.sampler for method in METHODS.values()]
EVERY = pytest.mark.parametrize("sampler", SAMPLERS)

rng = np.random.default_rng(7)
X = rng.random((200, 3)) * [1, 10, 100]
KINDS = np.array((["dos", "probe", "probe"] + ["normal"] * 17) * 10)
X[KINDS == "dos"] += [5, 0, 0]
X[KINDS == "probe"] += [0, 50, 0]
Y = (KINDS == "dos").astype(int)


def made(sampler: Any, X: Any = X, y: Any = Y, **parameters: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    return sampler(**{"n_samples": 40, "random_state": 0, **parameters}).fit_resample(X, y)


# ---- defaults ----------------------------------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize(
    "y",
    [
        Y,
        Y.astype(bool),
        Y.astype(np.float32),
        Y[:, None],
        Y.tolist(),
        pd.Series(Y, dtype="Int8"),
        pd.Series(Y, dtype="boolean"),
        pd.Series(Y, dtype="int64[pyarrow]"),
        pd.Series(Y).astype("category"),
        pd.DataFrame({"y": Y}),
        pl.Series(Y),
        pl.DataFrame({"y": Y}),
        pa.array(Y),
        pa.table({"y": Y}),
        np.where(Y, "odd", "usual"),
        pd.Series(np.where(Y, "odd", "usual")).astype("category"),
        pl.Series(np.where(Y, "odd", "usual"), dtype=pl.Categorical),
    ],
)
def test_labels_of_any_kind_mean_the_same(sampler: Any, y: Any) -> None:
    expected = made(sampler)
    got = made(sampler, y=y)
    assert got[0].tobytes() == expected[0].tobytes()
    assert type(got[1]) is type(y)
    there = labels(got[1])
    assert there.shape == (240,)
    one = "odd" if isinstance(there[0], str) else 1
    assert (there == one).tolist() == (expected[1] == 1).tolist()


@EVERY
def test_the_most_frequent_label_is_unlabelled_and_all_others_are_classes(sampler: Any) -> None:
    fitted = sampler(n_samples=40, random_state=0)
    X_new, y_new = fitted.fit_resample(X, KINDS)
    assert y_new.dtype == KINDS.dtype
    assert fitted.anomaly_labels_ == ["dos", "probe"]
    # Shared by their numbers: 10 rows are dos and 20 probe.
    assert y_new[200:].tolist() == ["dos"] * 13 + ["probe"] * 27
    assert (y_new[200:] == KINDS[fitted.plan_.anchor]).all()
    assert X_new[:200].tobytes() == X.tobytes()
    if hasattr(fitted.plan_, "unlabeled"):
        among = ~fitted.plan_.unlabeled
        assert (KINDS[fitted.plan_.partner[among]] == y_new[200:][among]).all()
        assert (KINDS[fitted.plan_.partner[~among]] == "normal").all()
    # The first class is made as if it were alone, from the seed's own streams.
    unscaled = {} if sampler is nngmix.Duplicate else {"scale": None}
    alone = made(sampler, y=KINDS, n_samples=13, anomaly_label="dos", unlabeled_label="normal", **unscaled)
    assert made(sampler, y=KINDS, **unscaled)[0][200:213].tobytes() == alone[0][200:].tobytes()


# ---- declared ----------------------------------------------------------------------------------------------


@EVERY
def test_third_values_stay_and_take_no_part(sampler: Any) -> None:
    outside = X.copy()
    outside[KINDS == "probe"] = 1e9
    options = {"anomaly_label": "dos", "unlabeled_label": "normal"}
    X_new, y_new = made(sampler, outside, KINDS, **options)
    expected = made(sampler, X[KINDS != "probe"], KINDS[KINDS != "probe"], **options)[0]
    assert X_new[:200].tobytes() == outside.tobytes()
    assert y_new[:200].tolist() == KINDS.tolist()
    assert X_new[200:].tobytes() == expected[180:].tobytes()


@EVERY
@pytest.mark.parametrize(
    "options",
    [
        {"anomaly_label": ["dos", "probe"]},
        {"anomaly_label": ("probe", "dos"), "unlabeled_label": "normal"},
        {"anomaly_label": np.array(["dos", "probe"])},
        {"unlabeled_label": "normal"},
        {"unlabeled_label": ["normal"]},
    ],
)
def test_several_values_and_one_side_alone(sampler: Any, options: Any) -> None:
    expected = made(sampler, y=KINDS)
    got = made(sampler, y=KINDS, **options)
    assert got[0].tobytes() == expected[0].tobytes()
    assert got[1].tolist() == expected[1].tolist()


@EVERY
def test_minus_one_has_to_be_declared(sampler: Any) -> None:
    expected = made(sampler)[0]
    outliers = np.where(Y == 1, -1, 1)
    for y in (
        outliers,
        np.where(Y == 1, 1, -1),
        outliers.astype(float),
        np.where(np.arange(200) == 5, -1, Y),
    ):
        with pytest.raises(
            ValueError, match=r"y holds -1, .*declare yours with anomaly_label and unlabeled_label"
        ):
            made(sampler, y=y)
    for options in (
        {"anomaly_label": -1},
        {"unlabeled_label": 1},
        {"anomaly_label": -1, "unlabeled_label": 1},
    ):
        X_new, y_new = made(sampler, y=outliers, **options)
        assert X_new.tobytes() == expected.tobytes()
        assert (y_new[200:] == -1).all()


@EVERY
def test_declared_labels_are_compared_as_they_are_shown(sampler: Any) -> None:
    expected = made(sampler)[0]
    assert made(sampler, y=Y, anomaly_label="1")[0].tobytes() == expected.tobytes()
    assert made(sampler, y=Y.astype(str), anomaly_label=1)[0].tobytes() == expected.tobytes()
    assert made(sampler, y=Y.astype(bool), anomaly_label=True)[0].tobytes() == expected.tobytes()


@EVERY
@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        (Y, {"anomaly_label": 2}, "no row has 2 in y; it holds 0 (190 rows), 1 (10 rows)"),
        (KINDS, {"anomaly_label": " dos"}, "no row has ' dos' in y;"),
        (KINDS, {"anomaly_label": " dos"}, "did you mean 'dos'?"),
        (
            KINDS,
            {"anomaly_label": "dos", "unlabeled_label": "dos"},
            "the label 'dos' cannot be both anomaly and",
        ),
        (KINDS, {"anomaly_label": []}, "at least one anomaly label is needed, got none"),
        (
            1 - Y,
            {},
            "y holds 1, the anomaly, 190 times, and 0 or no label 10 times; if the anomalies are the many",
        ),
        (np.zeros(200), {}, "y must hold labels of anomalies and of unlabelled rows, got 0.0 alone"),
        (Y[:-1], {}, "X and y must have the same number of rows, got 200 rows in X and 199 labels in y"),
        (pd.Series(Y).mask(Y == 1), {}, "y must not be missing, got no label at row 0 (10 rows in all)"),
        (
            pd.Series(Y, dtype="Int64").mask(KINDS == "probe"),
            {},
            "y must not be missing, got no label at row 1",
        ),
        ([None, *KINDS[1:]], {}, "y must not be missing, got no label at row 0 (1 row in all)"),
        (
            pd.DataFrame({"a": Y, "b": Y}),
            {},
            "y must be one column of labels, got 2; choose it, for instance y['a']",
        ),
        (np.stack([Y, Y], axis=1), {}, "y must be 1-D, one label a row, got shape (200, 2)"),
    ],
)
def test_labels_that_are_unclear_are_refused(sampler: Any, y: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        made(sampler, y=y, **options)


# ---- rows that are not finite ------------------------------------------------------------------------------


@EVERY
def test_skipped_rows_take_no_part_and_stay_where_they_were(sampler: Any) -> None:
    gaps = X.copy()
    # Of all kinds: two anomalies, and unlabelled rows.
    bad = [0, 20, 5, 77, 199]
    gaps[bad, [0, 1, 2, 0, 1]] = [np.nan, np.inf, -np.inf, np.nan, np.nan]
    with pytest.raises(
        ValueError,
        match="X must be finite, got nan at row 0, column 0; drop or impute such rows with NaN or infinity",
    ):
        made(sampler, gaps)
    fitted = sampler(n_samples=40, random_state=0, missing="skip")
    X_new, y_new = fitted.fit_resample(gaps, Y)
    assert X_new[:200].tobytes() == gaps.tobytes()
    assert y_new.tolist() == Y.tolist() + [1] * 40
    assert (fitted.n_missing_, fitted.n_samples_) == (5, 40)
    kept = np.setdiff1d(np.arange(200), bad)
    assert X_new[200:].tobytes() == made(sampler, X[kept], Y[kept])[0][195:].tobytes()
    assert not np.isin(fitted.plan_.anchor, bad).any()
    if hasattr(fitted.plan_, "partner"):
        assert not np.isin(fitted.plan_.partner, bad).any()
    # With nothing to skip nothing changes.
    assert made(sampler, missing="skip")[0].tobytes() == made(sampler)[0].tobytes()
    with pytest.raises(
        ValueError,
        match=by_sampler("missing must be 'error', 'skip' or 'keep', got 'drop'", sampler.__name__),
    ):
        made(sampler, missing="drop")


def test_skipped_rows_are_no_partners_from_all_rows() -> None:
    gaps = X.copy()
    gaps[50:100, 1] = np.nan
    for sampler in (nngmix.Mixup, nngmix.CutMix):
        fitted = sampler(n_samples=400, partners="all", missing="skip", random_state=0)
        assert np.isfinite(fitted.fit_resample(gaps, Y)[0][200:]).all()
        assert fitted.plan_.unlabeled.any()
        assert np.isin(fitted.plan_.partner, np.arange(50, 100)).sum() == 0
        assert (Y[fitted.plan_.partner] == ~fitted.plan_.unlabeled).all()


@EVERY
def test_missing_values_of_frames_are_skipped_too(sampler: Any) -> None:
    gaps = X.copy()
    gaps[[3, 30], 1] = np.nan
    expected = made(sampler, gaps, missing="skip")[0]
    frame = pd.DataFrame(gaps, columns=list("abc"))
    for given in (frame, frame.convert_dtypes(), pl.from_pandas(frame), pa.Table.from_pandas(frame)):
        assert matrix(made(sampler, given, missing="skip")[0]).tobytes() == expected.tobytes()
        with pytest.raises(ValueError, match=r"X must be finite, got .* at row 3, column 'b'"):
            made(sampler, given)


# ---- what is remembered ------------------------------------------------------------------------------------


@EVERY
def test_names_of_columns_are_remembered_and_forgotten(sampler: Any) -> None:
    fitted = sampler(n_samples=4, random_state=0)
    fitted.fit_resample(pd.DataFrame(X, columns=list("abc")), Y)
    assert fitted.feature_names_in_.tolist() == ["a", "b", "c"]
    assert fitted.feature_names_in_.dtype == object
    assert fitted.n_features_in_ == 3
    fitted.fit_resample(X, Y)
    assert not hasattr(fitted, "feature_names_in_")
    fitted.fit_resample(pd.DataFrame(X, columns=["a", "b", 3]), Y)
    assert not hasattr(fitted, "feature_names_in_")


@EVERY
def test_parameters_are_keywords(sampler: Any) -> None:
    with pytest.raises(TypeError, match="positional argument"):
        sampler(42)


def test_labels_that_no_row_has_are_told() -> None:
    X = np.random.default_rng(0).random((40, 2))
    kinds = np.array(["n"] * 34 + ["a"] * 4 + ["b"] * 2)
    with pytest.raises(ValueError, match=r"no row has 'N' in y; it holds 'n' \(34 rows\).*mean 'n'"):
        nngmix.NNGMix(unlabeled_label="N").fit_resample(X, kinds)
    with pytest.raises(ValueError, match=r"no row has 'a ' or 'c' in y.*did you mean 'a'"):
        nngmix.NNGMix(anomaly_label=["a ", "c"]).fit_resample(X, kinds)
    with pytest.raises(ValueError, match="no row has 'n ' in y"):
        nngmix.NNGMix(anomaly_label="a", unlabeled_label="n ").fit_resample(X, kinds)
    # One fold of several may lack a rare class.
    with pytest.warns(UserWarning, match="no row has 'c' in y"):
        nngmix.NNGMix(multiplier=1, anomaly_label=["a", "c"]).fit_resample(X, kinds)


def test_rows_that_were_all_left_out_are_told() -> None:
    X = np.full((20, 2), np.nan)
    X[:2] = 1
    with pytest.raises(ValueError, match=r"no unlabelled row.*missing='skip' left out 18 rows"):
        nngmix.NNGMix(missing="skip", multiplier=1).fit_resample(X, np.arange(20) < 2)


def test_no_row_at_all_and_a_seed_that_is_none() -> None:
    with pytest.raises(ValueError, match="X must have at least one row"):
        nngmix.NNGMix().fit_resample(np.empty((0, 2)), [])
    with pytest.raises(ValueError, match=r"above 0\. Got -1 instead\.$"):
        nngmix.NNGMix(sampling_strategy=-1).fit_resample(np.ones((4, 2)), [1, 0, 0, 0])


# ---- known to be normal ------------------------------------------------------------------------------------

KNOWN = np.where(np.arange(200) % 20 == 9, "fine", KINDS)
NORMAL = KNOWN == "fine"


@EVERY
@pytest.mark.parametrize(
    "declared",
    [{}, {"anomaly_label": ["dos", "probe"]}, {"unlabeled_label": "normal"}],
    ids=["none", "anomaly", "unlabelled"],
)
@pytest.mark.parametrize("amount", [{"n_samples": 40}, {"sampling_strategy": 0.5}, {"multiplier": 2}])
def test_normal_rows_stay_and_take_no_part(sampler: Any, declared: Any, amount: Any) -> None:
    far = X.copy()
    far[NORMAL] = 1e9
    options = {"n_samples": None, **amount, **declared}
    if hasattr(sampler, "partners"):
        options["partners"] = "all"
    expected = made(sampler, X[~NORMAL], KNOWN[~NORMAL], **options)
    fitted = sampler(**{"random_state": 0, "normal_label": "fine", **options})
    X_new, y_new = fitted.fit_resample(far, KNOWN, sample_weight=np.arange(200.0))
    assert X_new[:200].tobytes() == far.tobytes()
    assert X_new[200:].tobytes() == expected[0][190:].tobytes()
    assert y_new.tolist() == [*KNOWN, *expected[1][190:]]
    assert fitted.sample_weight_[:200].tolist() == np.arange(200.0).tolist()
    assert not NORMAL[fitted.plan_.anchor].any()
    if hasattr(fitted.plan_, "partner"):
        assert not NORMAL[fitted.plan_.partner].any()


def test_0_and_1_mean_what_they_say_beside_normal_rows() -> None:
    y = np.where(KINDS == "dos", 1, 0)
    y[NORMAL] = -1
    X_new, y_new = made(nngmix.NNGMix, y=y, normal_label=-1)
    assert (y_new[200:] == 1).all()
    expected = made(nngmix.NNGMix, X[~NORMAL], y[~NORMAL])[0]
    assert X_new[200:].tobytes() == expected[190:].tobytes()
    # Balance is that of all classes, as imbalanced-learn sees them; of normal rows none are made.
    y_new = made(nngmix.NNGMix, y=y, normal_label=-1, n_samples=None, sampling_strategy="auto")[1]
    assert np.unique(y_new, return_counts=True)[1].tolist() == [10, 180, 180]


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"normal_label": "dos", "anomaly_label": "dos"}, "'dos' cannot be both anomaly and normal"),
        ({"normal_label": "normal", "unlabeled_label": "normal"}, "cannot be both unlabelled and normal"),
        ({"normal_label": "fin"}, "no row has 'fin' in y.*did you mean 'fine'"),
        ({"normal_label": []}, "at least one normal label is needed"),
        ({"normal_label": [None]}, "a missing value is no normal label"),
        (
            {"normal_label": ["dos", "probe", "fine"]},
            "y must hold labels of anomalies and of unlabelled rows",
        ),
        (
            {"sampling_strategy": {"fine": 99}, "n_samples": None, "normal_label": "fine"},
            "holds no anomalies",
        ),
    ],
)
def test_normal_labels_that_are_refused(declared: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(nngmix.NNGMix, y=KNOWN, **declared)
