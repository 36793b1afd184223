"""The neighbour score of mixed tables: against its definition, whatever the containers and the blocks."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from nngmix import NeighborScore, reference

N_ANOMALIES, N_NORMAL, N_ROWS = 5, 4, 90
CATEGORICAL = np.array([False, True, False, True, False])
SETTINGS: dict[str, Any] = {"categorical_features": "auto", "missing": "keep"}


@pytest.fixture(params=["float64", "float32"])
def frame(request: pytest.FixtureRequest) -> pd.DataFrame:
    """Anomalies, known normals, then the rest: ties, holes, a constant column with holes."""
    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {
        "amount": rng.integers(0, 5, N_ROWS) / 4,
        "proto": np.array(["icmp", "tcp", "udp"], object)[rng.integers(0, 3, N_ROWS)],
        "rate": rng.integers(0, 3, N_ROWS) / 2,
        "flag": pd.Categorical(np.array(["S0", "SF"])[rng.integers(0, 2, N_ROWS)], ["SF", "REJ", "S0"]),
        "only": np.full(N_ROWS, 7.0),
    }
    frame = pd.DataFrame(columns)
    for name in frame.columns:
        frame.loc[rng.random(N_ROWS) < 0.15, name] = None
    numbers = ["amount", "rate", "only"]
    return frame.astype(dict.fromkeys(numbers, request.param))


def coded(frame: pd.DataFrame) -> NDArray[Any]:
    """Ranks of the values by their order, and NaN."""
    ranks = {"proto": ["icmp", "tcp", "udp"], "flag": ["S0", "SF"]}
    columns = [
        frame[name].astype(object).map({value: i for i, value in enumerate(ranks[name])})
        if name in ranks
        else frame[name]
        for name in frame.columns
    ]
    return np.column_stack([column.to_numpy(frame["amount"].dtype) for column in columns])


def labels() -> NDArray[np.object_]:
    y = np.full(N_ROWS, "rest", object)
    y[:N_ANOMALIES], y[N_ANOMALIES : N_ANOMALIES + N_NORMAL] = "fraud", "good"
    return y


@pytest.mark.parametrize("weight", [None, 0.25])
def test_it_is_the_score_of_the_definition(frame: pd.DataFrame, weight: float | None) -> None:
    settings = SETTINGS | {"normal_label": "good", "categorical_weight": weight}
    score = NeighborScore(4, **settings).fit(frame, labels())
    rows, a, n = coded(frame), N_ANOMALIES, N_ANOMALIES + N_NORMAL
    new, unseen = frame.iloc[::4].copy(), rows[::4].copy()
    new["proto"], unseen[:, 1] = "sctp", 99
    new["only"], unseen[:, 4] = 8, 8
    known: dict[str, Any] = {"n_neighbors": 4, "categorical": CATEGORICAL, "categorical_weight": weight or 1}
    for given, expected in ((frame, rows), (new, unseen)):
        defined = reference.neighbor_score(expected, rows[n:], rows[:a], rows[a:n], **known)
        assert_array_equal(score.decision_function(given), defined)
    own = np.arange(N_ROWS - n)
    defined = reference.neighbor_score(rows[n:], rows[n:], rows[:a], rows[a:n], own=own, **known)
    assert_array_equal(score.training_scores_[n:], defined)


def test_a_row_of_new_categories_scores_the_same_alone_and_changes_no_other(frame: pd.DataFrame) -> None:
    score = NeighborScore(**SETTINGS).fit(frame, labels() == "fraud")
    new = frame.iloc[20:30].copy()
    before = score.decision_function(new)
    new.iloc[3, 1] = "a value before all others"
    together = score.decision_function(new)
    assert_array_equal(np.delete(together, 3), np.delete(before, 3))
    assert_array_equal(together, [score.decision_function(new.iloc[[i]])[0] for i in range(10)])


@pytest.mark.parametrize(
    "as_type",
    [pl.from_pandas, pa.Table.from_pandas, lambda frame: frame.astype(object).to_numpy()],
    ids=["polars", "arrow", "objects"],
)
def test_containers_change_nothing(as_type: Any) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.random(60), "kind": rng.choice(["x", "y", "z"], 60), "b": rng.random(60)})
    y = np.arange(60) < 4
    expected = NeighborScore(categorical_features=[1]).fit(frame, y)
    score = NeighborScore(categorical_features=[1]).fit(as_type(frame), y)
    assert_array_equal(score.training_scores_, expected.training_scores_)
    assert_array_equal(score.decision_function(as_type(frame)), expected.decision_function(frame))


def test_anomalies_that_stand_apart_give_the_same_by_any_dictionaries(frame: pd.DataFrame) -> None:
    frame["proto"] = np.where(np.arange(N_ROWS) == 2, "gre", frame["proto"])
    settings = SETTINGS | {"reference_rows": 30, "random_state": 1}
    rest = frame[N_ANOMALIES:]
    apart = NeighborScore.from_anomalies(frame[:N_ANOMALIES], rest[rest.columns[::-1]], **settings)
    ids = apart.model_.unlabeled.ids
    assert len(ids) == 30
    chosen = frame.iloc[[*range(N_ANOMALIES), *(N_ANOMALIES + ids)]]
    # The scale is that of all rows: two of the others span it.
    spanning = coded(frame)[:, ~CATEGORICAL]
    low, high = np.nanmin(coded(chosen)[:, ~CATEGORICAL], 0), np.nanmax(coded(chosen)[:, ~CATEGORICAL], 0)
    assert_array_equal((low, high), (np.nanmin(spanning, 0), np.nanmax(spanning, 0)))
    together = NeighborScore(**SETTINGS).fit(chosen, np.arange(len(chosen)) < N_ANOMALIES)
    assert_array_equal(apart.decision_function(frame), together.decision_function(frame))


@pytest.mark.parametrize("size", [1, 17, 200])
def test_blocks_give_what_all_rows_at_once_give(frame: pd.DataFrame, size: int) -> None:
    settings = SETTINGS | {"reference_rows": 30, "random_state": 1}
    settings["X_normal"] = frame[N_ANOMALIES : N_ANOMALIES + N_NORMAL]
    anomaly, rest = frame[:N_ANOMALIES].astype({"proto": object}), frame[N_ANOMALIES + N_NORMAL :]
    anomaly.iloc[1, 1] = "gre"
    whole = NeighborScore.from_anomalies(anomaly, rest, **settings)
    blocks = [rest[start : start + size] for start in range(0, len(rest), size)]
    score = NeighborScore.from_blocks(anomaly, blocks, **settings)
    assert_array_equal(score.decision_function(frame), whole.decision_function(frame))
    pieces = [score.score_training_rows(rest[:50]), score.score_training_rows(rest[50:], 50)]
    assert_array_equal(np.concatenate(pieces), whole.training_scores_)


def test_explain_shows_the_values_that_tell() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"a": rng.random(80), "kind": rng.choice(["x", "y"], 80), "b": rng.random(80)})
    frame.loc[[3, 4], "kind"] = "rare"
    frame.loc[9, "b"] = np.nan
    score = NeighborScore(**SETTINGS).fit(frame, np.arange(80) == 3)
    new = frame.iloc[[4, 9]].copy()
    new.iloc[1, 1] = "never seen"
    told = score.explain(new, [4, 9])
    assert (told.names[0, 0], told.values[0, 0]) == ("kind", "rare")
    assert told.contributions[0, 0] == pytest.approx(1)
    assert dict(zip(told.names[1], told.values[1], strict=True)) == {
        "a": frame.loc[9, "a"],
        "kind": "never seen",
        "b": None,
    }
    assert told.to_dict()["value_1"].tolist()[0] == "rare"


def test_it_comes_back_from_a_file(frame: pd.DataFrame, tmp_path: Path) -> None:
    settings = SETTINGS | {"categorical_features": ["proto", "flag"], "categorical_weight": 2}
    score = NeighborScore(**settings).fit(frame, np.where(np.arange(N_ROWS) < 30, "fraud", "rest"))
    score.save(tmp_path / "score.npz")
    read = NeighborScore.load(tmp_path / "score.npz")
    frame["proto"] = frame["proto"].replace("tcp", "sctp")
    assert_array_equal(read.decision_function(frame), score.decision_function(frame))
    assert read.get_params()["categorical_features"] == ["proto", "flag"]
    above = score.decision_function(frame) > score.offset_
    assert (above & frame.isna().any(axis=1)).any()
    assert_array_equal(read.predict(frame) == "fraud", above)
    assert read.explain(frame[:9]).values.tolist() == score.explain(frame[:9]).values.tolist()


def test_what_cannot_be_is_refused(frame: pd.DataFrame) -> None:
    y = labels() == "fraud"
    with pytest.raises(TypeError, match='categorical_features="auto"'):
        NeighborScore(missing="keep").fit(frame, y)
    with pytest.raises(ValueError, match="categorical_weight must be given"):
        NeighborScore(scale=None, **SETTINGS).fit(frame, y)
    with pytest.raises(ValueError, match=r"X must be finite, got .* at row \d+, column '(amount|proto)'"):
        NeighborScore(categorical_features="auto").fit(frame, y)
    full = frame.dropna().reset_index(drop=True)
    score = NeighborScore(categorical_features="auto").fit(full, np.arange(len(full)) < 2)
    with pytest.raises(ValueError, match="X must be finite, got"):
        score.decision_function(frame)
    score.missing = "skip"
    left_out = frame.isna().any(axis=1)
    assert_array_equal(np.isnan(score.decision_function(frame)), left_out)
    score.missing = "keep"
    with pytest.raises(ValueError, match="missing='keep' is for a score that was fitted with it"):
        score.decision_function(frame)
