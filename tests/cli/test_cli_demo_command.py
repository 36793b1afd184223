"""The demo, on part of its data: what it prints and writes is what it measured."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest

from nngmix.demo.scores import verdicts
from nngmix.demo.shuttle import load_shuttle, split_rows

WAYS = {("nothing added", "-"), *((way, n) for way in ("duplicates", "NNG-Mix") for n in ("10x", "10%"))}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("run") / "made"
    command = [sys.executable, "-m", "nngmix", "demo", "--rows", "4000", "--seed", "3", "-o", str(folder)]
    # No way out to the network: a demo that downloads would fail here.
    environment = {**os.environ, "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    # Threads of scikit-learn that spin for one another crawl on a machine that is busy.
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder, done.stdout


@pytest.fixture(scope="module")
def results(shown: tuple[Path, str]) -> list[dict[str, Any]]:
    return json.loads((shown[0] / "results.json").read_text())["scores"]


def test_the_data_are_those_promised() -> None:
    names, X, y = load_shuttle()
    assert X.shape == (49_097, 9)
    assert y.sum() == 3_511
    assert names == [f"f{j}" for j in range(1, 10)]


def test_the_split_hides_all_but_ten_and_leaks_nothing() -> None:
    _, X, y = load_shuttle(5000)
    split = split_rows(X, y, seed=1)
    assert split.labeled.sum() == 10
    assert not (split.labeled & split.hidden).any()
    assert split.labeled.sum() + split.hidden.sum() + split.y_test.sum() == y.sum()
    assert len(split.X) + len(split.X_test) == 5000
    seen = {row.tobytes() for row in split.X}
    assert not any(row.tobytes() in seen for row in split.X_test)


def test_every_way_is_measured_for_both_detectors(results: list[dict[str, Any]]) -> None:
    for detector in ("HistGradientBoosting", "MLP"):
        for seed in range(3, 8):
            mine = [score for score in results if score["detector"] == detector and score["seed"] == seed]
            assert {(score["way"], score["amount"]) for score in mine} == WAYS
            assert len(mine) == len(WAYS)
            added = {(score["way"], score["amount"]): score["n_added"] for score in mine}
            assert added["nothing added", "-"] == 0
            assert added["NNG-Mix", "10x"] == added["duplicates", "10x"] == 100
            # 10 % of 2,790 unlabelled rows are 279, ten of which are there.
            assert added["NNG-Mix", "10%"] == added["duplicates", "10%"] == 269
    assert len(results) == 2 * 5 * len(WAYS)


def test_the_first_rows_are_told(shown: tuple[Path, str]) -> None:
    folder, told = shown
    found = json.loads((folder / "results.json").read_text())["first_rows"]
    assert set(found) == {"isolation forest", "neighbour score"}
    assert all(len(counts) == 5 and max(counts) <= 100 for counts in found.values())
    # Far more than by chance, which is 7 of 100.
    assert min(found["neighbour score"]) > 70
    lines = [line.split() for line in told.splitlines() if line.startswith("  neighbour score")]
    assert round(np.mean(found["neighbour score"])) == int(lines[0][-2])


def test_the_numbers_are_sane(results: list[dict[str, Any]]) -> None:
    for score in results:
        assert 0 <= score["auroc"] <= 1
        assert 0 < score["average_precision"] <= 1
        assert score["fit_seconds"] > 0

    def mean(detector: str, way: str) -> float:
        return float(
            np.mean(
                [
                    s["auroc"]
                    for s in results
                    if (s["detector"], s["way"]) == (detector, way) and s["amount"] != "10x"
                ]
            )
        )

    assert mean("HistGradientBoosting", "NNG-Mix") > 0.9
    assert mean("HistGradientBoosting", "NNG-Mix") > mean("HistGradientBoosting", "duplicates")
    assert mean("MLP", "nothing added") > 0.8


def test_the_table_shows_the_means(shown: tuple[Path, str], results: list[dict[str, Any]]) -> None:
    out = shown[1]
    assert out.startswith("Anomalies are rare")
    assert "only 10 are labelled" in out
    head, *rows = out[out.index("HistGradientBoosting\n") :].split("\n\n")[0].splitlines()
    detector = head
    checked = 0
    for row in rows:
        if not row.startswith("  "):
            detector = row
            continue
        found = re.match(r"  (\S.*?) +(\d+)  (\d\.\d+)[* ] \((\d\.\d+)-(\d\.\d+)\) +(\d\.\d+)[* ]", row)
        assert found, row
        label, added, auroc, low, high, precision = found.groups()
        way, _, amount = label.partition(", ")
        mine = [
            s for s in results if (s["detector"], s["way"], s["amount"]) == (detector, way, amount or "-")
        ]
        values = [s["auroc"] for s in mine]
        assert int(added) == mine[0]["n_added"]
        assert (auroc, low, high) == tuple(f"{v:.3f}" for v in (np.mean(values), min(values), max(values)))
        assert precision == f"{np.mean([s['average_precision'] for s in mine]):.3f}"
        checked += 1
    assert checked == 2 * len(WAYS)


def test_a_loss_is_called_a_loss(results: list[dict[str, Any]]) -> None:
    from nngmix.demo.measure import Score

    def scores(ours: float, copies: float) -> list[Score]:
        base = {**results[0], "detector": "D", "amount": "10x"}
        ours_, copies_ = (
            {**base, "way": "NNG-Mix", "auroc": ours},
            {**base, "way": "duplicates", "auroc": copies},
        )
        return [Score(**ours_), Score(**copies_)]

    assert list(verdicts(scores(0.6, 0.7))) == [
        "D, 10x: NNG-Mix is WORSE by 0.100 AUROC than duplicates (ahead in 0 of 1 runs)"
    ]
    assert "level with duplicates (ahead in 1 of 1 runs)" in next(verdicts(scores(0.702, 0.7)))
    assert "better by 0.200 AUROC than duplicates" in next(verdicts(scores(0.9, 0.7)))


def test_the_augmented_table_is_written(shown: tuple[Path, str]) -> None:
    table = pyarrow.parquet.read_table(shown[0] / "augmented.parquet")
    assert table.column_names == [
        *(f"f{j}" for j in range(1, 10)),
        "anomaly",
        "anchor",
        "partner",
        "pool",
        "lam",
    ]
    assert table.num_rows == 2800 + 269
    assert table["anomaly"].to_numpy().sum() == 10 + 269
    assert table["lam"].null_count == 2800
    assert all(name in shown[1] for name in ("augmented.parquet", "demo.png", "results.json"))


def test_the_picture_is_a_picture(shown: tuple[Path, str]) -> None:
    image = pytest.importorskip("matplotlib.image").imread(shown[0] / "demo.png")
    height, width, _ = image.shape
    assert width > 1200
    assert 500 < height < width
    # Labelled anomalies are red, made ones blue: both must be seen.
    red, green, blue = (image[..., channel] for channel in range(3))
    assert ((red > 0.75) & (green < 0.25) & (blue < 0.35)).sum() > 50
    assert ((blue > 0.75) & (red < 0.3)).sum() > 1000
