"""What the shell says to requests that it cannot meet: an error, its way out, and no work begun."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv
from pyarrow import parquet as pq

from nngmix import NeighborTable
from shell import shell

rng = np.random.default_rng(0)
X = rng.random((60, 3))
KIND = np.repeat(["bad", "good"], [6, 54])
WHO = ["--label", "kind", "--anomaly", "bad"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shell")
    rows = pa.table({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "kind": KIND})
    pq.write_table(rows, folder / "t.parquet")
    pq.write_table(rows.set_column(0, "a", pa.nulls(60, pa.float64())), folder / "none.parquet")
    csv.write_csv(rows, folder / "t.csv")
    np.savez(folder / "t.npz", X=X, y=(KIND == "bad").astype(int))
    NeighborTable(X[:6, :2]).save(folder / "two.npz")
    (folder / "full").mkdir()
    (folder / "full" / "notes.txt").write_text("mine")
    assert shell("augment", folder / "t.parquet", *WHO, "-n", "5", "-o", folder / "run").returncode == 0
    return folder


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["augment", "t.csv", "-o", "new.csv"], 2, "Missing option '--label': only an NPZ has a default"),
        (["augment", "t.npz", "-o", "out"], 2, "t.npz: an NPZ is read whole, one file in and one file out"),
        (
            ["augment", "t.parquet", *WHO, "-o", "out", "--only-new", "--with-old"],
            2,
            "--only-new and --with-old exclude each other",
        ),
        (["augment", "t.csv", *WHO, "-o", "out", "--with-old"], 1, "--with-old copies Parquet files alone"),
        (
            ["augment", "t.parquet", *WHO, "-o", "full"],
            1,
            "is not empty and holds no run of nngmix; name a new",
        ),
        (["augment", "t.parquet", *WHO, "-o", "run"], 1, "holds a run of nngmix already; go on with it by"),
        (
            ["fit", "t.parquet", "--ignore", "kind", "--like", "two.npz", "--first-row", "0", "-o", "f.npz"],
            1,
            "t.parquet must have the 2 columns of the table, got 3",
        ),
        (
            ["plot", "none.parquet", *WHO, "-o", "p.png", "--missing", "skip"],
            1,
            "there is no finite row to draw",
        ),
        (
            ["rank", "t.csv", *WHO, "-o", "r.csv", "--report", "r.txt"],
            2,
            "the ending must be .html, got r.txt",
        ),
        (
            ["rank", "t.csv", *WHO, "-o", "r.csv", "--detector", "no"],
            2,
            "'--detector' must be one of score, e",
        ),
        (["rank", "t.npz", "t.csv", "-o", "r.csv"], 1, "an NPZ is read whole, and alone: got 2 files"),
        (["score", "t.csv", "--model", "m.txt", "-o", "s.csv"], 1, "m.txt: a model has the ending .npz or"),
        (
            ["evaluate", "t.npz", "--methods", ":a=1"],
            1,
            "expected a name or name:setting=value,..., got ':a=1'",
        ),
    ],
)
def test_what_the_shell_refuses(
    arguments: list[str], code: int, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    done = shell(*arguments)
    assert said in " ".join(done.stderr.split()), done.stderr
    assert (done.returncode, done.stdout) == (code, "")
    assert sorted(folder.rglob("*")) == before


def test_a_manifest_that_is_damaged_or_changed_says_how(folder: Path) -> None:
    manifest = folder / "run" / "_manifest.json"
    whole = manifest.read_text()
    again = ["augment", folder / "t.parquet", *WHO, "-n", "5", "-o", folder / "run", "--resume"]
    for text, said in (
        (
            whole.replace('"complete"', '"searching"'),
            "it was changed since nngmix wrote it: its checksum diff",
        ),
        (
            whole.replace('"versions"', '"version"'),
            "or a damaged one: it lacks 'versions'; name another folder",
        ),
        (whole.replace('"complete"', '"done"'), "status must be "),
    ):
        assert text != whole
        manifest.write_text(text)
        done = shell(*again)
        assert done.returncode == 1
        assert said in " ".join(done.stderr.split())
    manifest.write_text(whole)
    assert shell(*again).returncode == 0
