"""Mixed tables evaluated: read, split, filled by methods, and as detectors take them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from nngmix import evaluation
from nngmix.evaluation.cells import measure
from nngmix.evaluation.methods import METHODS
from nngmix.evaluation.mixed import one_hot
from nngmix.evaluation.protocols import Labels, distinct, split
from nngmix.rows.kinds import Kinds
from shell import shell

N_ROWS, N_ANOMALIES = 200, 40


@pytest.fixture
def source(tmp_path: Path) -> Any:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "amount": rng.normal(size=N_ROWS).round(3),
            "proto": rng.choice(["tcp", "udp"], N_ROWS),
            "count": rng.integers(0, 9, N_ROWS),
            "class": "rest",
        }
    )
    frame.loc[: N_ANOMALIES - 1, ["proto", "class"]] = ["gre", "fraud"]
    frame.loc[: N_ANOMALIES - 1, "amount"] += 3
    frame.loc[50:60, "proto"] = None
    frame.loc[70:71] = frame.loc[72:73].to_numpy()
    frame.loc[[80, 81], ["amount", "proto", "count"]] = [np.nan, None, 4]
    frame.to_csv(tmp_path / "all.csv", index=False)
    asked: dict[str, Any] = {"missing": "keep", "categorical_features": "auto"}
    (found,) = evaluation.find_sources([str(tmp_path / "all.csv")], "class", "fraud", **asked)
    return found


def test_a_mixed_table_is_read_and_its_rows_are_told_apart(source: Any) -> None:
    data = evaluation.load(source)
    assert data.kinds == Kinds((None, ("gre", "tcp", "udp"), None), True)
    assert np.isnan(data.X[50:61, 1]).all()
    # Rows that miss the same values are one row.
    seen = pd.DataFrame(data.X).drop_duplicates()
    assert len(distinct(data).y) == len(seen) < N_ROWS - 2
    other = evaluation.find_sources([source.path], "class", "fraud", missing="keep")[0]
    assert other.checksum != source.checksum


def test_categories_are_not_scaled_and_methods_give_rows_of_such_as_there_are(source: Any) -> None:
    data = split("clean", evaluation.load(source), Labels(count=8), 0)
    assert set(data.X_anomaly[:, 1].tolist()) == {0.0}
    assert np.nanmax(data.X_unlabeled[:, 0]) <= 1
    full = ~np.isnan(data.X_unlabeled).any(axis=1)
    for name in METHODS.keys() - {"none", "class_weight", "auto", "smote"}:
        unlabeled = data.X_unlabeled[full] if name == "smotenc" else data.X_unlabeled
        made = METHODS[name]().rows(data.X_anomaly, unlabeled, 30, 0, data.kinds)
        assert made.shape == (30, 3)
        assert {*made[~np.isnan(made[:, 1]), 1].tolist()} <= {0.0, 1.0, 2.0}
    with pytest.raises(ValueError, match="take smotenc"):
        METHODS["smote"]().rows(data.X_anomaly, data.X_unlabeled[full], 30, 0, data.kinds)


def test_each_category_has_a_column_of_its_own() -> None:
    X = np.array([[0.5, 1, 0], [0.25, np.nan, 1]])
    kinds = Kinds((None, ("a", "b"), (False, True)), True)
    assert_array_equal(one_hot(X, kinds), [[0.5, 0, 1, 1, 0], [0.25, 0, 0, 0, 1]])
    assert one_hot(X, None) is X


@pytest.mark.parametrize(
    "detector", ["hist_gradient_boosting", "random_forest", "neighbor_score", "ensemble"]
)
def test_detectors_find_them(source: Any, detector: str) -> None:
    settings = "n_estimators=10" if detector == "random_forest" else ""
    settings = "n_bags=2" if detector == "ensemble" else settings
    chosen = evaluation.check_specs(["nng_mix"], [f"{detector}:{settings}".rstrip(":")])
    cells = evaluation.plan_cells(
        [source],
        protocol="clean",
        labels=[Labels(count=8)],
        seeds=[0],
        methods=chosen.methods,
        amounts=["3x"],
        detectors=chosen.detectors,
        min_labels=3,
        max_rows=None,
    )
    row = measure(cells[0])
    assert "error" not in row, row["error"]
    assert row["auroc"] > 0.9


def test_the_shell_takes_smote_nc_for_smote(source: Any, tmp_path: Path) -> None:
    asked = ["--label", "class", "--anomaly", "fraud", "--categorical", "auto", "--missing", "skip"]
    small = ["--labels", "8", "--multipliers", "3", "--seeds", "0", "--detectors", "hist_gradient_boosting"]
    output = str(tmp_path / "out")
    done = shell("evaluate", source.path, *asked, *small, "--jobs", "1", "-o", output)
    assert done.returncode == 0, done.stderr
    found = pd.read_csv(tmp_path / "out/results.csv")
    assert set(found["method"]) == {"none", "class_weight", "duplicate", "smotenc", "nng_mix"}
    assert found["auroc"].notna().all()
