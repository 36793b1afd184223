"""``nngmix rank`` and ``nngmix score`` from the shell."""

import json
import os
from pathlib import Path

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from nngmix import NeighborScore
from nngmix.cli import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    X[:10, 1] += 6
    label = np.repeat(["fraud", "open", "good"], [4, 190, 6])
    columns = {"key": np.arange(1000, 1200), "x": X[:, 0], "amount": X[:, 1], "z": X[:, 2], "class": label}
    pyarrow.csv.write_csv(pa.table(columns), "mine.csv")
    return tmp_path


WHO = ["mine.csv", "--label", "class", "--anomaly", "fraud", "--id", "key"]


def test_rank_prints_the_first_rows_and_writes_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["rank", *WHO, "--normal", "good", "--top", "5", "-o", "ranked.csv"]
    assert run(arguments) == 0, capsys.readouterr().err
    told = capsys.readouterr().out
    first = told[told.index("rank  row") :].splitlines()[1:]
    assert len(first) == 5
    for number, line in enumerate(first, 1):
        rank, row, key, _, _, nearest, label, *columns = line.replace("(", "").replace(")", "").split()
        assert int(rank) == number
        assert 4 <= int(row) < 10
        assert int(key) == 1000 + int(row)
        assert (int(nearest) < 4, label) == (True, "fraud")
        assert columns[0] == "amount,"
    written = pyarrow.csv.read_csv("ranked.csv")
    assert written.column_names == ["rank", "row", "key", "score", "nearest_anomaly", "label", "columns"]
    assert len(written) == 190
    assert "known normal rows  6" in told


def test_json_tells_what_the_help_promises(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rank", *WHO, "--top", "2", "-o", "ranked.csv", "--model", "model.npz", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert run(["rank", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {member} " in shown for member in told)
    assert [row["rank"] for row in told["top"]] == [1, 2]
    assert (told["rows"], told["ranked_rows"], told["labelled_anomalies"]) == (200, 196, 4)
    assert (
        run(["score", "mine.csv", "--model", "model.npz", "-o", "scores.parquet", "--top", "1", "--json"])
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["top"][0]["row"] < 10
    assert told["ranked_rows"] == 200


def test_the_page_holds_picture_rows_and_reasons(folder: Path) -> None:
    text = Path("mine.csv").read_text().replace("amount", "<amount>")
    Path("mine.csv").write_text(text)
    assert run(["rank", *WHO, "--top", "3", "-o", "ranked.csv", "--report", "page.html"]) == 0
    page = Path("page.html").read_text()
    assert "data:image/png;base64," in page
    assert page.count("<tr>") == 4
    assert "<th>&lt;amount&gt;<th>" in page
    assert page.count("<b>") == 9


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["rank", "mine.csv", "-o", "r.csv"], 2, "Missing option '--label'"),
        (["rank", "mine.csv", "--label", "class", "-o", "r.csv"], 2, "--anomaly"),
        (["rank", *WHO, "-o", "r.npz"], 1, "not as .npz"),
        (["rank", *WHO, "-o", "mine.csv"], 1, "the scores would take its place"),
        (["rank", *WHO, "-o", "no/r.csv"], 1, "cannot be written"),
        (["rank", *WHO, "-o", "r.csv", "--model", "m.pkl"], 1, "must have the ending .npz"),
        (["rank", *WHO, "-o", "r.csv", "--report", "r.pdf"], 2, "must be .html"),
        (["rank", *WHO, "-o", "r.csv", "--detector", "forest"], 2, "one of score, ensemble"),
        (["score", "mine.csv", "--model", "m.npz", "-o", "r.csv"], 1, "m.npz"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert run(arguments) == code
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not Path("r.csv").exists()


@pytest.mark.parametrize("detector", ["score", "ensemble"])
def test_rows_to_come_that_are_not_finite_are_named_or_skipped(
    folder: Path, capsys: pytest.CaptureFixture[str], detector: str
) -> None:
    model = "m.npz" if detector == "score" else "m.joblib"
    arguments = ["--detector", detector, "--top", "0", "-o", "ranked.csv", "--model", model]
    if detector == "ensemble":
        arguments += ["--estimator", "lr"]
    assert run(["rank", *WHO, *arguments]) == 0
    Path("new.csv").write_text("x,amount,z\n1,2,3\n1,,3\n")
    capsys.readouterr()
    assert run(["score", "new.csv", "--model", model, "-o", "scores.csv"]) == 1
    told = capsys.readouterr().err
    assert "new.csv must be finite" in told
    assert "row 1, column 'amount'" in told
    assert "--missing skip" in told
    assert "--ignore" not in told
    assert run(["score", "new.csv", "--model", model, "-o", "scores.csv", "--missing", "skip"]) == 0
    assert pyarrow.csv.read_csv("scores.csv")["row"].to_pylist() == [0]
    if detector == "ensemble":
        Path("cut.joblib").write_bytes(Path(model).read_bytes()[:3000])
        assert run(["score", "new.csv", "--model", "cut.joblib", "-o", "scores.csv"]) == 1
        assert "cut.joblib is no saved ensemble, or one that is cut short" in capsys.readouterr().err
        joblib.dump({}, "dict.joblib")
        assert run(["score", "new.csv", "--model", "dict.joblib", "-o", "scores.csv"]) == 1
        assert "dict.joblib holds no ensemble, but dict" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--model", "--report"])
def test_a_folder_that_is_not_there_is_told_before_the_work(
    folder: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    path = f"none/m.{'npz' if option == '--model' else 'html'}"
    assert run(["rank", *WHO, "-o", "ranked.csv", option, path]) == 1
    assert "there is no such folder" in capsys.readouterr().err
    assert not Path("ranked.csv").exists()


def test_no_output_takes_the_place_of_what_is_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rank", *WHO, "-o", "ranked.csv", "--model", "model.npz"]) == 0
    table = pyarrow.csv.read_csv("mine.csv")
    names = ["x", "amount", "z"]
    values = np.column_stack([table[name] for name in names])
    np.savez("mine.npz", X=values, y=np.arange(200) < 4, columns=names)
    Path("link.npz").symlink_to("mine.npz")
    Path("link.csv").symlink_to("model.npz")
    Path("link.html").symlink_to("mine.npz")
    Path("same.csv").symlink_to("new.npz")
    before = {path.name: path.read_bytes() for path in folder.glob("m*.npz")}
    capsys.readouterr()
    mine = ["rank", "mine.npz", "-o"]
    for told, arguments in {
        "mine.npz: is what is read: the model would": [*mine, "r.csv", "--model", "mine.npz"],
        "link.npz: is what is read: the model would": [*mine, "r.csv", "--model", "link.npz"],
        "link.html: is what is read: the report": [*mine, "r.csv", "--report", "link.html"],
        "new.npz: is the file of the scores": [*mine, "same.csv", "--model", "new.npz"],
        "link.csv: is what is read: the scores": [
            "score",
            "mine.csv",
            "-o",
            "link.csv",
            "--model",
            "model.npz",
        ],
    }.items():
        assert run(arguments) == 1
        assert told in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.glob("m*.npz")} == before
    assert not Path("r.csv").exists()


@pytest.mark.parametrize("name", ["pipe.npz", "pipe.joblib"])
def test_a_model_that_is_a_pipe_is_not_waited_for(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    os.mkfifo(name)
    assert run(["score", "mine.csv", "--model", name, "-o", "scores.csv"]) == 1
    assert f"{name}: is a pipe, not a file" in capsys.readouterr().err
    if name.endswith(".npz"):
        for path in (name, Path(name), name.encode()):
            with pytest.raises(OSError, match="is a pipe"):
                NeighborScore.load(path)


def test_more_threads_than_there_can_be(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for n_threads in (2**64, 10**200):
        given = ["--n-threads", str(n_threads)]
        assert run(["rank", *WHO, "-o", "ranked.csv", "--model", "model.npz", *given]) == 0
        assert run(["score", "mine.csv", "--model", "model.npz", "-o", "scores.csv", *given]) == 0
    capsys.readouterr()
    assert run(["score", "mine.csv", "--model", "model.npz", "-o", "s.csv", "--n-threads", "9" * 400]) == 1
    assert "n_threads must be below 1e300" in capsys.readouterr().err
