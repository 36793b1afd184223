"""``--whole`` and ``--clip``, from file to file, into a folder and into a table."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nngmix.cli import run
from nngmix.neighbors.table import NeighborTable

rng = np.random.default_rng(4)
N = 200
COLUMNS = {
    "rate": rng.random(N),
    "count": rng.poisson(9, N),
    "steps": rng.integers(0, 5, N) / 1.0,
    "one": [3] * N,
}
LABEL = ["bad" if i % 20 == 0 else "good" for i in range(N)]
OPTIONS = ["--label", "kind", "--anomaly", "bad", "-n", "60", "--seed", "1"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pq.write_table(pa.table({**COLUMNS, "kind": LABEL}), "in.parquet")


def made(*options: str, output: str = "out.parquet") -> Any:
    assert run(["augment", "in.parquet", "-o", output, *OPTIONS, *options]) == 0
    return pq.read_table(output).slice(N if output.endswith(".parquet") else 0)


def kinds(table: Any) -> list[str]:
    return [str(table.schema.field(name).type) for name in COLUMNS]


@pytest.mark.parametrize("output", ["out.parquet", "out"])
def test_columns_are_whole_as_they_are_asked_for(output: str) -> None:
    auto = made(output=output)
    assert kinds(auto) == ["double", "int64", "double", "int64"]
    assert all(value == int(value) for value in auto["steps"].to_pylist())
    assert set(auto["one"].to_pylist()) == {3}
    named = made("--whole", "rate", "--whole", "count", output=output.replace("out", "named"))
    assert kinds(named) == ["double", "int64", "double", "double"]
    assert set(named["rate"].to_pylist()) <= {0.0, 1.0}
    assert set(named["one"].to_pylist()) == {3}
    none = made("--whole", "none", output=output.replace("out", "none"))
    assert kinds(none) == ["double"] * 4
    assert any(value != int(value) for value in none["count"].to_pylist())


@pytest.mark.parametrize("clip", ["unlabeled", "anomaly"])
def test_new_values_stay_within_the_range_that_is_asked_for(clip: str) -> None:
    rows = made("--clip", clip, "--noise-std", "1")
    among = [name for name in LABEL if name == ("bad" if clip == "anomaly" else "good")]
    chosen = np.array(LABEL) == among[0]
    for name in ("rate", "count"):
        values, of = np.asarray(rows[name]), np.asarray(COLUMNS[name])[chosen]
        assert of.min() == values.min()
        assert of.max() == values.max()


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--whole", "cuont"], 1, "there is no column 'cuont'; the nearest is 'count'"),
        (["--whole", "auto", "--whole", "count"], 2, "'auto' stands alone, got auto, count"),
        (["--clip", "both"], 2, "'both' is not one of 'unlabeled', 'anomaly'"),
    ],
)
@pytest.mark.parametrize("output", ["out.parquet", "out"])
def test_what_cannot_be_meant_is_said(
    options: list[str], code: int, said: str, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["augment", "in.parquet", "-o", output, *OPTIONS, *options]) == code
    assert said in capsys.readouterr().err


def test_old_files_of_integers_go_beside_new_ones() -> None:
    made("--with-old", output="both")
    assert kinds(pq.read_table("both/old-00000.parquet")) == kinds(pq.read_table("both/part-00000.parquet"))
    refused = ["augment", "in.parquet", "-o", "floats", *OPTIONS, "--with-old", "--whole", "none"]
    assert run(refused) == 1


def test_anomalies_of_another_type_make_floats() -> None:
    table = pq.read_table("in.parquet").drop_columns(["kind"])
    bad = np.array(LABEL) == "bad"
    pq.write_table(table.filter(pa.array(~bad)), "good.parquet")
    for kind, expected in (("int64", "int64"), ("int32", "double")):
        given = table.filter(pa.array(bad))
        given = given.set_column(1, "count", given["count"].cast(kind))
        pq.write_table(given, "bad.parquet")
        command = [
            "augment",
            "good.parquet",
            "--anomalies",
            "bad.parquet",
            "-n",
            "20",
            "--seed",
            "1",
            "-o",
            kind,
        ]
        assert run(command) == 0
        assert kinds(pq.read_table(kind)) == ["double", expected, "double", "int64"]


def test_a_table_keeps_what_new_rows_hold() -> None:
    fit = ["fit", "in.parquet", "--label", "kind", "--anomaly", "bad", "-o", "t.npz"]
    assert run([*fit, "--whole", "count", "--clip", "anomaly"]) == 0
    finish = NeighborTable.load("t.npz").scale.finish  # type: ignore[union-attr]
    assert finish is not None
    assert finish.whole.tolist() == [False, True, False, False]
    assert np.isfinite(finish.low).all()
    again = [
        "fit",
        "in.parquet",
        "--label",
        "kind",
        "--anomaly",
        "bad",
        "--like",
        "t.npz",
        "--first-row",
        "0",
    ]
    assert run([*again, "-o", "part.npz"]) == 0
    assert run([*again, "-o", "part.npz", "--clip", "anomaly"]) == 2
    assert run(["merge", "part.npz", "-o", "all.npz"]) == 0
    rows = []
    for name in ("t.npz", "all.npz"):
        assert run(["generate", name, "-n", "30", "--seed", "2", "-o", "made.parquet"]) == 0
        rows.append(pq.read_table("made.parquet"))
    assert rows[0].equals(rows[1])
    assert all(value == int(value) for value in rows[0]["count"].to_pylist())


def test_check_tells_which_columns_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "in.parquet", "--label", "kind", "--json"]) == 0
    columns = {column["name"]: column for column in json.loads(capsys.readouterr().out)["columns"]}
    assert [columns[name]["whole"] for name in COLUMNS] == [False, True, True, True]
    assert [columns[name]["constant"] for name in COLUMNS] == [False, False, False, True]
    assert run(["check", "in.parquet", "--label", "kind"]) == 0
    assert "whole columns" in capsys.readouterr().out
