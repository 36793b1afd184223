"""Pictures of tables: which rows are drawn as what."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nngmix.cli import run as cli
from nngmix.demo.plane import Points, draw_plane

pytest.importorskip("matplotlib")
N_ROWS = 80


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    X = np.random.default_rng(0).random((N_ROWS, 3))
    X[7, 1] = np.nan
    y = ["bad" if i % 20 == 0 else "good" for i in range(N_ROWS)]
    pq.write_table(pa.table({**dict(zip("abc", X.T, strict=True)), "y": y}), "in.parquet")
    return tmp_path


def drawn(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, ...]:
    capsys.readouterr()
    assert cli(["plot", *arguments, "--json"]) == 0, capsys.readouterr().err
    told = json.loads(capsys.readouterr().out)
    return tuple(told[name] for name in ("unlabelled_rows", "labelled_anomalies", "new_rows", "missing_rows"))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("told_by", ["--mark", "--plan"])
def test_new_rows_are_known_by_a_mark_or_their_plan(
    capsys: pytest.CaptureFixture[str], ending: str, told_by: str
) -> None:
    more, mark = f"more.{ending}", ("--mark", "made") if told_by == "--mark" else ()
    asked = mark or ("--plan",)
    who = ("--label", "y", "--anomaly", "bad", "--missing", "skip")
    assert cli(["augment", "in.parquet", *who, "-n", "9", *asked, "-o", more]) == 0
    assert drawn(capsys, more, *who, *mark, "-o", "p.png") == (75, 4, 9, 1)
    assert Path("p.png").read_bytes().startswith(b"\x89PNG")


def test_without_labels_all_rows_are_of_one_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert drawn(capsys, "in.parquet", "--ignore", "y", "--missing", "skip", "-o", "p.svg") == (79, 0, 0, 1)
    assert "<svg" in Path("p.svg").read_text()
    assert drawn(capsys, "in.parquet", "--label", "y", "--missing", "skip", "-o", "p.pdf") == (75, 4, 0, 1)
    assert Path("p.pdf").read_bytes().startswith(b"%PDF")


def test_what_cannot_be_drawn_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, message in (
        (("in.parquet", "--label", "y", "-o", "p.jpeg"), "p.jpeg: the ending must be .png, .pdf or .svg"),
        (("in.parquet", "--label", "y", "-o", "p.png"), "at row 7, column 'b'"),
        (("in.parquet", "--label", "y", "--mark", "no", "-o", "p.png"), "there is no column 'no'"),
        (("in.parquet", "-o", "p.png"), "columns of other types: 'y' (string)"),
    ):
        assert cli(["plot", *arguments]) == 1
        assert message in capsys.readouterr().err
        assert not Path("p.png").exists()


def test_the_components_are_those_of_the_scaled_rows() -> None:
    from matplotlib.figure import Figure

    rng = np.random.default_rng(1)
    X = rng.normal(size=(200, 4)) * [1, 50, 3, 0] + [0, 9, 0, 2]
    axes = Figure().subplots()
    draw_plane(axes, [Points(X, "rows", "red", 4)], X, "")
    places = axes.collections[0].get_offsets().data
    width = np.ptp(X, axis=0)
    scaled = (X - X.min(axis=0)) / np.where(width > 0, width, 1)
    values = np.linalg.eigvalsh(np.cov(scaled.T))[::-1]
    np.testing.assert_allclose(places.var(axis=0, ddof=1), values[:2], rtol=1e-9)
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 3), (5, 1)])
def test_too_little_for_a_plane_is_drawn_nevertheless(shape: tuple[int, int]) -> None:
    from matplotlib.figure import Figure

    X = np.random.default_rng(2).random(shape)
    axes = Figure().subplots()
    draw_plane(axes, [Points(X, "rows", "red", 4)], X, "")
    assert axes.collections[0].get_offsets().shape == (len(X), 2)
