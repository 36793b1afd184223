"""Files of mixed columns ranked: as the score ranks frames, whatever the files, with the values that tell."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_array_equal

from nngmix import NeighborScore
from nngmix.ranking import Ranked, RankInputs, load_ranker, make_ranker, rank, score_files
from nngmix.ranking.page import write_page
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.labels import LabelRule
from shell import shell

N_ROWS = 150
RULE = LabelRule.of("fraud", None)
SETTINGS: dict[str, Any] = {"categorical_features": "auto", "missing": "keep"}


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "amount": rng.normal(size=N_ROWS).round(2),
            "proto": rng.choice(["tcp", "udp", "icmp"], N_ROWS),
            "count": rng.integers(0, 9, N_ROWS),
            "class": "rest",
        }
    )
    frame.loc[:9, "proto"], frame.loc[:9, "amount"], frame.loc[:4, "class"] = "gre", 5.0, "fraud"
    frame.loc[20:30, "proto"], frame.loc[25:35, "amount"] = None, np.nan
    return frame


def ranked(source: Path, ranker: Any = None, **asked: Any) -> Ranked:
    inputs = RankInputs([str(source)], "class", columns=ColumnsAsked(**SETTINGS | asked))
    return rank(inputs, RULE, ranker or make_ranker("score", **SETTINGS | asked), top=5)


def test_files_of_any_kind_are_ranked_as_the_score_ranks_frames(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(tmp_path / "all.csv", index=False)
    frame.to_parquet(tmp_path / "all.parquet")
    folder = tmp_path / "parts"
    folder.mkdir()
    for part in range(3):
        rows = frame.iloc[50 * part : 50 * (part + 1)].astype({"proto": "category"})
        pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), folder / f"{part}.parquet")
    score = NeighborScore(anomaly_label="fraud", **SETTINGS).fit(frame.drop(columns="class"), frame["class"])
    for source in (tmp_path / "all.csv", tmp_path / "all.parquet", folder):
        found = ranked(source)
        assert_array_equal(found.scores, score.training_scores_)
        assert found.top.tolist() == frame.iloc[found.order[:5], :3].astype(object).to_numpy().tolist()
        assert "gre" in found.reasons.values[0].tolist()


@pytest.mark.parametrize("name", ["score", "ensemble"])
def test_a_model_scores_rows_to_come(tmp_path: Path, frame: pd.DataFrame, name: str) -> None:
    frame.to_parquet(tmp_path / "all.parquet")
    ranker = make_ranker(name, random_state=0, **SETTINGS)
    first = ranked(tmp_path / "all.parquet", ranker)
    assert set(first.order[:5].tolist()) == {5, 6, 7, 8, 9}
    path = str(tmp_path / f"model{ranker.ending}")
    ranker.save(path)
    again = load_ranker(path)
    assert again.columns() == ColumnsAsked(("proto",), missing="keep")
    new = frame.drop(columns="class")[frame.columns[2::-1]][:40]
    new.loc[3, "proto"] = "never seen"

    def scored(rows: pd.DataFrame, top: int) -> Ranked:
        file = str(tmp_path / f"new{len(rows)}_{rows.index[0]}.csv")
        rows.to_csv(file, index=False)
        known = again.score.model_.known
        inputs = RankInputs([file], features=again.features(), columns=again.columns(), known=known)
        return score_files(inputs, again, top=top)

    found = scored(new, 5)
    # A column without a cell has no type of its own.
    assert [scored(new[row : row + 1], 1).scores[0] for row in (3, 25)] == found.scores[[3, 25]].tolist()
    if name == "score":
        assert_array_equal(found.scores, ranker.score.decision_function(new))
    write_page(str(tmp_path / "page.html"), found, again, "new.csv")
    assert "<b>gre</b>" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("estimator", ["hgb", "lr"])
def test_estimators_of_the_ensemble_know_categories(
    tmp_path: Path, frame: pd.DataFrame, estimator: str
) -> None:
    frame.dropna().to_parquet(tmp_path / "all.parquet")
    ranker = make_ranker("ensemble", estimator=estimator, random_state=0)
    first = ranked(tmp_path / "all.parquet", ranker, missing="error")
    assert set(first.order[:5].tolist()) == {5, 6, 7, 8, 9}


def test_the_shell_shows_categories(tmp_path: Path, frame: pd.DataFrame) -> None:
    path, scores = str(tmp_path / "all.csv"), str(tmp_path / "out.csv")
    frame.to_csv(path, index=False)
    who = ["--label", "class", "--anomaly", "fraud", "-o", scores, "--missing", "keep"]
    refused = shell("rank", path, *who)
    assert refused.returncode == 1
    assert "--categorical auto" in refused.stderr
    model = str(tmp_path / "model.npz")
    done = shell("rank", path, *who, "--categorical", "auto", "--model", model, "--top", "3")
    assert done.returncode == 0, done.stderr
    assert "proto=gre" in done.stdout + done.stderr
    assert "'proto' (4)" in done.stdout + done.stderr
    done = shell("score", path, "--model", model, "-o", scores, "--missing", "error")
    assert "must be finite, got None at row 20, column 'proto'" in done.stderr
