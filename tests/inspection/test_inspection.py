"""A file is looked into: all that is wrong with it at once, and a command that works on it."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from nngmix.cli import run as cli
from nngmix.files.csv_format import CsvFormat
from nngmix.inspection import Inspection, inspect_file

N_ROWS = 90
rng = np.random.default_rng(1)
A, B = rng.random(N_ROWS).tolist(), rng.random(N_ROWS).tolist()
KIND = ["bad" if i % 15 == 0 else "good" for i in range(N_ROWS)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(name: str, **more: Any) -> str:
    there = pa.table({"a": A, "b": B, **more, "kind": KIND})
    if name.endswith(".csv"):
        pyarrow.csv.write_csv(there, name)
    elif name.endswith(".feather"):
        pyarrow.feather.write_feather(there, name)
    else:
        pq.write_table(there, name)
    return name


def about(found: Inspection, name: str) -> dict[str, Any]:
    return next(column for column in found.columns if column["name"] == name)


def runs(found: Inspection) -> bool:
    """Whether the suggested command works and makes rows."""
    assert found.command is not None
    return (
        cli(found.command[1:]) == 0 and "-augmented" in found.command[-1] and Path(found.command[-1]).exists()
    )


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.feather"])
def test_a_good_file_is_usable(name: str) -> None:
    found = inspect_file(table(name), "kind")
    assert (found.usable, found.refused, found.warnings) == (True, [], [])
    assert (found.rows, found.dtype, found.missing_rows, found.duplicated_rows) == (N_ROWS, "float64", 0, 0)
    assert [column["name"] for column in found.columns] == ["a", "b"]
    assert {item["value"]: (item["rows"], item["taken_for"]) for item in found.labels} == {
        "bad": (6, "anomaly"),
        "good": (84, "unlabelled"),
    }
    assert runs(found)


def test_distances_are_those_of_scaled_rows() -> None:
    found = inspect_file(table("t.parquet"), "kind", anomaly=["bad"])
    X = np.column_stack([A, B])
    X = (X - X.min(axis=0)) / np.ptp(X, axis=0)
    odd = np.array(KIND) == "bad"
    to_good = np.linalg.norm(X[odd][:, None] - X[~odd], axis=2).min(axis=1)
    between = np.linalg.norm(X[odd][:, None] - X[odd], axis=2) + np.diag([np.inf] * odd.sum())
    for told, expected in ((found.nearest_unlabelled, to_good), (found.nearest_anomaly, between.min(axis=1))):
        assert told is not None
        got = [told["least"], told["median"], told["largest"]]
        np.testing.assert_allclose(got, np.quantile(expected, (0, 0.5, 1)), rtol=1e-12)


def test_noise_is_measured_by_the_distance_to_the_nearest_unlabelled_row() -> None:
    found = inspect_file(table("t.parquet"), "kind", noise_std=0.2)
    assert found.nearest_unlabelled is not None
    ratio = 0.2 * 2**0.5 / found.nearest_unlabelled["median"]
    assert found.noise is not None
    assert found.noise.startswith(f"0.2 moves rows by {ratio:.2g} times the median distance")
    said = inspect_file("t.parquet", "kind", noise_std="auto").noise
    assert said is not None
    assert said.startswith("auto, which is ")
    assert inspect_file("t.parquet", "king", noise_std=0.2).noise is None
    with pytest.raises(ValueError, match="noise_std must be at least 0"):
        inspect_file("t.parquet", "kind", noise_std=-1)


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_every_fault_is_told_at_once_and_the_command_avoids_them(name: str) -> None:
    numbers = list(range(N_ROWS))
    holed: list[float | None] = [None if i == 17 else b for i, b in enumerate(B)]
    more = {
        "id": [f"u{i}" for i in numbers],
        "day": [f"2024-01-{1 + i % 28:02d}" for i in numbers],
        "large": [2**60 + 1 + i for i in numbers],
        "holed": holed,
        "five": [5.0] * N_ROWS,
        "twin": A,
    }
    found = inspect_file(table(name, **more), "kind")
    assert not found.usable
    assert len(found.refused) == 4
    for column in ("id", "day", "large", "holed"):
        assert sum(f"'{column}'" in said for said in found.refused) == 1, column
    assert about(found, "holed")["missing"] == found.missing_rows == 1
    assert about(found, "five")["constant"] is True
    assert about(found, "twin")["same_as"] == "a"
    assert about(found, "id")["missing"] is None
    assert runs(found)
    words = found.command or []
    assert [words[i + 1] for i, word in enumerate(words) if word == "--ignore"] == ["id", "large"]
    # Texts that come again are categories, those that do not tell rows apart.
    assert about(found, "day")["categories"] == 28
    assert words[words.index("--categorical") + 1] == "auto"
    # With what it suggests nothing is refused.
    fixed = inspect_file(name, "kind", ignore=["id", "large"], missing="skip", categorical_features="auto")
    assert fixed.usable


def test_names_that_there_are_not_are_all_told() -> None:
    found = inspect_file(table("t.csv"), "king", ignore=["q"], features=["r"])
    # What was to be the label is a feature then.
    *names, kind = found.refused
    assert "'bad' at row 0, column 'kind': no number" in kind
    assert [said.partition(";")[0] for said in names] == [
        f"t.csv: there is no column '{name}'" for name in ("king", "q", "r")
    ]
    assert found.command is None


def test_without_labels_columns_are_described() -> None:
    found = inspect_file(table("t.parquet", x=A), ignore=["kind"])
    assert found.refused == ["no column of labels is named: give it with --label"]
    assert about(found, "x")["same_as"] == "a"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"anomaly": ["worse"]}, "no row has 'worse'"),
        ({"anomaly": ["bad"], "unlabeled": ["bad"]}, "cannot be both anomaly and unlabelled"),
        ({"anomaly": ["bad", "good"]}, "no unlabelled row to take partners from"),
        ({"features": ["kind"]}, "cannot be a feature and the label"),
    ],
)
def test_labels_and_options_that_do_not_fit(options: dict[str, Any], message: str) -> None:
    found = inspect_file(table("t.parquet"), "kind", **options)
    assert any(message in said for said in found.refused)
    assert found.command is None


def test_parameters_out_of_range_are_no_fault_of_the_file() -> None:
    with pytest.raises(ValueError, match="n_neighbors must be at least 1"):
        inspect_file(table("t.parquet"), "kind", n_neighbors=0)


def test_minus_one_is_to_be_declared_in_words_of_the_shell() -> None:
    y = [-1 if kind == "bad" else 1 for kind in KIND]
    pq.write_table(pa.table({"a": A, "y": y}), "t.parquet")
    found = inspect_file("t.parquet", "y")
    assert "declare yours with --anomaly and --unlabeled" in found.refused[0]
    assert found.labels[0]["taken_for"] is None
    assert runs(inspect_file("t.parquet", "y", anomaly=["-1"]))


def test_files_that_cannot_be_read_at_all() -> None:
    Path("t.csv").write_text("a,y\n1,2\n3\n")
    Path("empty.csv").write_text("a,y\n")
    Path("t.parquet").write_bytes(b"PAR1")
    for name, message in {
        "none.csv": "no such file",
        "t.csv": "t.csv",
        "empty.csv": "there are no rows",
        "t.parquet": "cannot be read",
        "t.xlsx": "the ending must be",
    }.items():
        if name == "t.xlsx":
            Path(name).write_text("")
        found = inspect_file(name, "y")
        assert len(found.refused) == 1, found.refused
        assert message in found.refused[0]
        assert found.command is None


def test_an_archive_of_arrays() -> None:
    y = np.array([int(kind == "bad") for kind in KIND])
    np.savez("t.npz", X=np.column_stack([A, B]), y=y)
    found = inspect_file("t.npz")
    assert found.usable
    assert runs(found)
    assert "--feature cannot choose" in inspect_file("t.npz", features=["x0"]).refused[0]


def test_a_share_that_is_reached_is_a_warning_and_another_amount() -> None:
    kind = ["bad" if i < 40 else "good" for i in range(N_ROWS)]
    pq.write_table(pa.table({"a": A, "kind": kind}), "t.parquet")
    found = inspect_file("t.parquet", "kind")
    assert "no rows are made" in found.warnings[0]
    assert found.nearest_unlabelled is not None
    assert (found.command or [])[-4:-2] == ["-n", "1x"]
    assert runs(found)


def test_names_that_a_shell_takes_apart_and_other_csv() -> None:
    lines = [f"{a:.4f};{kind};{i}".replace(".", ",") for i, (a, kind) in enumerate(zip(A, KIND, strict=True))]
    name = "-my data.x.csv"
    Path(name).write_text("\n".join(["der wert;kind;id nr", *lines]))
    found = inspect_file(name, "kind", ignore=["id nr"], csv=CsvFormat(";", ","))
    assert found.usable
    assert runs(found)
    assert (found.command or [])[-1] == "./-my data.x-augmented.csv"
    tabs = "\n".join(["a\tkind", *(f"{a}\t{kind}" for a, kind in zip(A, KIND, strict=True))])
    Path("t.csv").write_text(tabs)
    found = inspect_file("t.csv", "kind", csv=CsvFormat("tab"))
    assert "tab" in (found.command or [])
    assert runs(found)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert inspect_file(str(tmp_path)).refused == [
        f"{tmp_path}: is a directory, and one file is read here: name that"
    ]
