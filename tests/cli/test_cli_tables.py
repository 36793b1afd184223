"""Tables from the shell: fitted in parts, merged, and the rows of all at once made from them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nngmix import NeighborTable
from nngmix.cli import run as cli

N_ROWS = 120
WHO = ("--label", "kind", "--anomaly", "bad")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files of one table, of which the second alone widens the range of a column."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    X = rng.random((N_ROWS, 3)) * [1, 100, 0.01]
    X[100, 1] = 1e4
    kind = np.where(np.arange(N_ROWS) % 15 == 0, "bad", "good")
    whole = pa.table({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "kind": kind})
    (tmp_path / "data").mkdir()
    pq.write_table(whole.slice(0, 70), "data/0.parquet")
    pq.write_table(whole.slice(70), "data/1.parquet")
    pq.write_table(whole.filter(pa.compute.equal(whole["kind"], "bad")).drop_columns("kind"), "bad.parquet")
    return tmp_path


def shell(*arguments: str) -> None:
    assert cli(arguments) == 0


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 1) -> str:
    capsys.readouterr()
    assert cli(arguments) == code
    told = capsys.readouterr()
    assert told.out == ""
    return " ".join(told.err.split())


def augmented(*options: str) -> pa.Table:
    shell("augment", "data/", *options, "-n", "50", "--seed", "7", "-o", "all")
    return pq.read_table("all/part-00000.parquet")


def test_parts_merge_into_the_rows_of_all_files_at_once(folder: Path) -> None:
    shell("fit", "data/", *WHO, "--survey", "-o", "survey.npz")
    for part, first in (("0", "0"), ("1", "70")):
        source = f"data/{part}.parquet"
        shell("fit", source, *WHO, "--like", "survey.npz", "--first-row", first, "-o", f"{part}.npz")
    shell("merge", "1.npz", "0.npz", "-o", "merged.npz")
    shell("fit", "data/", *WHO, "-o", "whole.npz")
    assert Path("merged.npz").read_bytes() == Path("whole.npz").read_bytes()
    made = ("generate", "merged.npz", "-n", "50", "--seed", "7", "--label", "kind", "--anomaly", "bad")
    shell(*made, "-o", "rows.parquet")
    assert pq.read_table("rows.parquet").equals(augmented(*WHO))
    # Any part of the rows alone.
    for number, (start, n_rows) in enumerate(((0, 20), (20, 30))):
        words = [str(n_rows) if word == "50" else word for word in made]
        shell(*words, "--start", str(start), "-o", f"{number}.parquet")
    halves = pa.concat_tables([pq.read_table(f"{number}.parquet") for number in range(2)])
    assert halves.equals(pq.read_table("rows.parquet"))


def test_anomalies_of_their_own_need_no_survey(folder: Path) -> None:
    own = ("--anomalies", "bad.parquet", "--scale", "none", "--ignore", "kind")
    for part, first in (("0", "0"), ("1", "70")):
        shell("fit", f"data/{part}.parquet", *own, "--first-row", first, "-o", f"{part}.npz")
    shell("merge", "0.npz", "1.npz", "-o", "merged.npz")
    shell("generate", "merged.npz", "-n", "50", "--seed", "7", "-o", "rows.parquet", "--plan")
    assert NeighborTable.load("merged.npz").n_seen == N_ROWS
    assert pq.read_table("rows.parquet").to_pydict() == augmented(*own, "--plan").to_pydict()


def test_a_part_without_labels_is_unlabelled(folder: Path) -> None:
    shell("fit", "data/", *WHO, "--survey", "-o", "survey.npz")
    part = ("fit", "data/1.parquet", "--like", "survey.npz", "--first-row", "70", "-o", "part.npz")
    shell(*part, "--ignore", "kind")
    table = NeighborTable.load("part.npz")
    assert table.n_seen == 50
    assert table.row_ids.min() >= 70
    assert table.scale is not None


def test_amounts_and_marks_are_those_of_augment(folder: Path) -> None:
    shell("fit", "data/", *WHO, "-o", "t.npz")
    shell("generate", "t.npz", "-n", "2x", "--mark", "made", "--plan", "-o", "rows.csv")
    lines = Path("rows.csv").read_text().splitlines()
    assert len(lines) == 1 + 2 * 8
    assert lines[0] == '"a","b","c","anchor","partner","pool","lam","made"'
    assert all(line.endswith("true") for line in lines[1:])
    shell("generate", "t.npz", "-n", "10%", "-o", "rows.npz")
    assert np.load("rows.npz")["X"].shape == (round(0.1 * 112) - 8, 3)


CASES: list[tuple[tuple[str, ...], str, int]] = [
    (("fit", "data/", *WHO, "-o", "t.csv"), "t.csv: a table is saved as .npz", 1),
    (("fit", "data/", "--label", "kind", "--unlabeled", "nothing", "-o", "t.npz"), "no row has 'nothing'", 1),
    (("fit", "x.npz", *WHO, "-o", "t.npz"), "x.npz: no such file", 1),
    (("fit", "data/", "-o", "t.npz"), "which rows are the labelled anomalies?", 1),
    (("fit", "data/", *WHO, "--like", "s.npz", "-o", "t.npz"), "Missing option '--first-row'", 2),
    (
        ("fit", "data/", *WHO, "--like", "s.npz", "--first-row", "0", "--scale", "none", "-o", "t.npz"),
        "--scale and --like exclude each other",
        2,
    ),
    (
        ("fit", "data/", "--like", "s.npz", "--first-row", "0", "-o", "t.npz"),
        "it has 'kind' besides",
        1,
    ),
    (
        ("fit", "data/", "--like", "s.npz", "--first-row", "0", "--missing", "keep", "-o", "t.npz"),
        "--missing keep and --like: the table was not fitted with it",
        2,
    ),
    (("merge", "s.npz", "none.npz", "-o", "t.npz"), "none.npz", 1),
    (("merge", "w.npz", "w.npz", "-o", "t.npz"), "which a table before it holds, too", 1),
    (("generate", "s.npz", "-n", "5", "-o", "r.csv"), "has seen no unlabelled rows", 1),
    (
        ("generate", "w.npz", "-n", "5", "-o", "w.npz"),
        "w.npz: is what is read: the rows would take its place",
        1,
    ),
    (
        ("fit", "data/", "--like", "s.npz", "--first-row", "0", "-o", "s.npz"),
        "s.npz: is what is read: the table would take its place",
        1,
    ),
    (("generate", "w.npz", "-n", "5", "-o", "r.csv", "--label", "y"), "--label and --anomaly go together", 2),
    (("generate", "w.npz", "-n", str(10**15), "-o", "r.csv"), "make them in parts with --start", 1),
    (
        ("generate", "w.npz", "-n", "5", "--start", str(2**63), "-o", "r.csv"),
        "rows are numbered up to 2**63 / n_features",
        1,
    ),
    (("generate", "bad.parquet", "-n", "5", "-o", "r.csv"), "is not a table saved by", 1),
    (
        ("generate", "w.npz", "-n", "5", "-o", "r.csv", "--label", "a", "--anomaly", "1"),
        "these column names occur more than once: 'a'",
        1,
    ),
]


def test_what_does_not_fit_is_refused_and_leaves_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell("fit", "data/", *WHO, "--survey", "-o", "s.npz")
    shell("fit", "data/", *WHO, "-o", "w.npz")
    before = sorted(folder.iterdir())
    for arguments, message, code in CASES:
        assert message in refused(capsys, *arguments, code=code), arguments
        assert sorted(folder.iterdir()) == before


def test_a_table_holds_one_label(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table: Any = pq.read_table("data/0.parquet").to_pydict()
    table["kind"][1] = "worse"
    pq.write_table(pa.table(table), "two.parquet")
    error = refused(capsys, "fit", "two.parquet", "--label", "kind", "--unlabeled", "good", "-o", "t.npz")
    assert "a table holds anomalies of one label, got 'bad', 'worse': make a table for each" in error


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_rows_of_a_table_are_the_columns_of_augment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Integers of any width, dictionaries with values that no row has, texts, booleans, dates."""
    monkeypatch.chdir(tmp_path)
    rng, names = np.random.default_rng(0), pa.array(["z", "ü", "a", "never"])
    moments = np.datetime64("2026-01-01", "us") + rng.integers(0, 10**12, N_ROWS)
    whole = pa.table(
        {
            "kind": np.where(np.arange(N_ROWS) % 6 == 0, "bad", "fine"),
            "size": rng.random(N_ROWS),
            "n8": pa.array(rng.integers(0, 100, N_ROWS), pa.uint8()),
            "n64": rng.integers(0, 10**6, N_ROWS),
            "c": pa.DictionaryArray.from_arrays(
                pa.array(rng.integers(0, 3, N_ROWS), pa.int8()), names, ordered=True
            ),
            "s": pa.array(rng.choice(["x", "y"], N_ROWS), pa.large_string()),
            "b": rng.random(N_ROWS) < 0.5,
            "t": pa.array(moments, pa.timestamp("us", "Europe/Berlin")),
        }
    )
    Path("data").mkdir()
    for number, start in enumerate((0, 50)):
        path, part = f"data/{number}.{ending}", whole.slice(start, 70)
        pq.write_table(part, path) if ending == "parquet" else pa.csv.write_csv(part, path)
    asked = (
        *WHO,
        "--categorical",
        "auto",
        *(word for name in ("t", "n8", "n64") for word in ("--whole", name)),
    )
    expected = augmented(*asked).drop_columns("kind")
    shell("fit", "data/", *asked, "-o", "table.npz")
    shell("generate", "table.npz", "-n", "50", "--seed", "7", "-o", "rows.parquet")
    made = pq.read_table("rows.parquet")
    assert made.schema == expected.schema
    assert made == expected
    dictionaries = [table["c"].combine_chunks() for table in (made, expected)]
    if ending == "parquet":
        assert [column.dictionary.to_pylist() for column in dictionaries] == [names.to_pylist()] * 2


@pytest.mark.parametrize("read", ["bad.parquet", "data/1.parquet"])
def test_a_table_takes_no_place_of_what_it_is_fitted_on(
    folder: Path, capsys: pytest.CaptureFixture[str], read: str
) -> None:
    Path("link.npz").symlink_to(read)
    before = Path(read).read_bytes()
    arguments = ("fit", "data/", "--ignore", "kind", "--anomalies", "bad.parquet", "--scale", "none")
    told = refused(capsys, *arguments, "--first-row", "0", "-o", "link.npz")
    assert "link.npz: is what is read: the table would take its place" in told
    assert Path(read).read_bytes() == before
