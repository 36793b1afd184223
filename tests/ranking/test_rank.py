"""Files ranked: as the score ranks arrays, whatever the files, and with reasons for the first rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_array_equal

from nngmix import NeighborScore
from nngmix.ranking import Ranked, RankInputs, load_ranker, make_ranker, rank, score_files
from nngmix.rows.labels import LabelRule

N_ROWS = 300
RULE = LabelRule.of("fraud", None, "good")


@pytest.fixture
def table() -> pa.Table:
    rng = np.random.default_rng(0)
    X = rng.integers(0, 9, size=(N_ROWS, 3)).astype(float)
    X[:12] += 12
    label = np.full(N_ROWS, "rest", object)
    label[:5], label[20:24] = "fraud", "good"
    columns = {name: X[:, j] for j, name in enumerate(["a", "b", "c"])}
    return pa.table({"id": [f"t{i}" for i in range(N_ROWS)], **columns, "class": pa.array(label)})


def ranked(*sources: Path, ranker: Any = None, **settings: Any) -> Ranked:
    inputs = RankInputs([str(source) for source in sources], "class", id="id")
    return rank(inputs, RULE, ranker or make_ranker("score"), **settings)


def test_files_of_any_kind_are_ranked_as_the_score_ranks_arrays(tmp_path: Path, table: pa.Table) -> None:
    pq.write_table(table, tmp_path / "all.parquet")
    pyarrow.csv.write_csv(table, tmp_path / "all.csv")
    folder = tmp_path / "parts"
    folder.mkdir()
    for part in range(3):
        pq.write_table(table.slice(100 * part, 100), folder / f"{part}.parquet")
    X = np.column_stack([table[name].to_numpy() for name in "abc"])
    score = NeighborScore(anomaly_label="fraud", normal_label="good").fit(X, table["class"].to_numpy())
    for source in (tmp_path / "all.parquet", tmp_path / "all.csv", folder):
        found = ranked(source)
        assert_array_equal(found.scores, score.training_scores_)
        assert found.table()["id"].to_pylist() == [f"t{row}" for row in found.order.tolist()]


def test_equal_scores_are_told_apart_by_the_row(tmp_path: Path, table: pa.Table) -> None:
    pq.write_table(pa.concat_tables([table, table.slice(100)]), tmp_path / "all.parquet")
    found = ranked(tmp_path / "all.parquet", top=7)
    for first, second in zip(found.order[:-1].tolist(), found.order[1:].tolist(), strict=True):
        one, other = found.scores[[first, second]].tolist()
        assert one > other or (one == other and first < second)
    assert len(np.unique(found.scores[found.order])) < len(found.order)
    X = np.column_stack([table[name].to_numpy() for name in "abc"])
    X = np.concatenate([X, X[100:]])
    assert_array_equal(found.top, X[found.order[:7]])


def test_the_first_rows_have_reasons_and_the_others_have_none(tmp_path: Path, table: pa.Table) -> None:
    pq.write_table(table, tmp_path / "all.parquet")
    written = ranked(tmp_path / "all.parquet", top=3).table()
    assert written["rank"].to_pylist() == list(range(1, len(written) + 1))
    assert written["label"].to_pylist()[:3] == ["fraud"] * 3
    assert set(written["nearest_anomaly"].to_pylist()[:3]) <= set(range(5))
    assert all(set(text.split()) <= set("abc") for text in written["columns"].to_pylist()[:3])
    for name in ("label", "nearest_anomaly", "columns"):
        assert written[name].null_count == len(written) - 3
    assert ranked(tmp_path / "all.parquet", top=0).table()["columns"].null_count == len(written)


@pytest.mark.parametrize(("name", "ending"), [("score", "npz"), ("ensemble", "joblib")])
def test_a_model_scores_rows_to_come(tmp_path: Path, table: pa.Table, name: str, ending: str) -> None:
    pq.write_table(table, tmp_path / "all.parquet")
    ranker = make_ranker(name, random_state=0)
    first = ranked(tmp_path / "all.parquet", ranker=ranker, top=2)
    assert set(first.reasons.label.tolist()) == {"fraud"}
    assert np.isnan(first.scores[:5]).all()
    assert set(first.order[:5].tolist()) <= set(range(5, 12))
    path = str(tmp_path / f"model.{ending}")
    ranker.save(path)
    again = load_ranker(path)
    new = table.select(["class", "c", "id", "b", "a"]).slice(50, 40)
    pq.write_table(new, tmp_path / "new.parquet")
    inputs = RankInputs([str(tmp_path / "new.parquet")], features=again.features(), id="id")
    found = score_files(inputs, again, top=2)
    X = np.column_stack([new[name].to_numpy() for name in "abc"])
    rows = RankInputs([str(tmp_path / "new.parquet")], features=["a", "b", "c"]).like
    assert rows.names == ("a", "b", "c")
    expected = ranker.ensemble if name == "ensemble" else ranker.score
    assert_array_equal(found.scores, expected.decision_function(X))
    written = found.table()
    assert written["row"].to_pylist() == list(range(40))
    assert sorted(written["rank"].to_pylist()) == list(range(1, 41))


def test_an_npz_is_ranked_whole(tmp_path: Path, table: pa.Table) -> None:
    X = np.column_stack([table[name].to_numpy() for name in "abc"])
    y = (table["class"].to_numpy() == "fraud").astype(int)
    np.savez(tmp_path / "all.npz", X=X, y=y)
    found = rank(RankInputs([str(tmp_path / "all.npz")], "y"), LabelRule.of("1", None), make_ranker("score"))
    assert_array_equal(found.scores, NeighborScore().fit(X, y).training_scores_)


def test_what_is_wrong_is_named(tmp_path: Path, table: pa.Table) -> None:
    pq.write_table(table, tmp_path / "all.parquet")
    path = str(tmp_path / "all.parquet")
    with pytest.raises(ValueError, match="did you mean 'fraud'"):
        rank(RankInputs([path], "class", id="id"), LabelRule.of("frau", None), make_ranker("score"))
    with pytest.raises(TypeError, match="'id' \\(string\\), 'id' being 't0' at row 0"):
        RankInputs([path], "class")
    with pytest.raises(ValueError, match="one of score, ensemble"):
        make_ranker("forest")
    with pytest.raises(ValueError, match="the estimator must be one of"):
        make_ranker("ensemble", estimator="svm")
    with pytest.raises(ValueError, match="trains nothing"):
        make_ranker("score", estimator="rf")
    with pytest.raises(ValueError, match="ending"):
        load_ranker("model.pkl")
    pq.write_table(table.rename_columns(["score", "a", "b", "c", "class"]), path)
    with pytest.raises(ValueError, match="'score' already"):
        rank(RankInputs([path], "class", id="score"), RULE, make_ranker("score"))
