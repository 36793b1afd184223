"""Running an evaluation: what is measured, resuming after a kill, failing cells, bad input."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score, roc_auc_score

import nngmix
from nngmix.cli import run
from nngmix.cli.command import SeveralValues
from nngmix.evaluation import (
    DETECTORS,
    METHODS,
    Cell,
    Labels,
    Spec,
    check,
    find_sources,
    key_of,
    load,
    measure,
    plan_cells,
    read_rows,
    run_cells,
    runner,
    split,
)
from nngmix.evaluation.results import COLUMNS
from nngmix.files.identity import ChangedError
from nngmix.files.owner import owned
from shell import shell

FOREST = "random_forest:n_estimators=5"


def save(folder: Path, name: str, seed: int) -> Path:
    """A set of 400 rows whose 40 anomalies stand a little apart."""
    rng = np.random.default_rng(seed)
    y = (np.arange(400) < 40).astype(np.int64)
    X = rng.normal(size=(400, 4)) + 1.5 * y[:, None]
    folder.mkdir(exist_ok=True)
    np.savez(folder / f"{name}.npz", X=X, y=y)
    return folder / f"{name}.npz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    for seed, name in enumerate("abc"):
        save(folder, name, seed)
    return folder


def evaluate(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = shell("evaluate", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "nngmix", "evaluate", *map(str, arguments)]


def cells(folder: Path, **changes: Any) -> list[Cell]:
    parameters: dict[str, Any] = {
        "protocol": "clean",
        "labels": [Labels(count=4)],
        "seeds": [0],
        "methods": [Spec("none"), Spec("nng_mix")],
        "amounts": ["5x"],
        "detectors": [Spec.parse(FOREST)],
    }
    return plan_cells(find_sources([str(folder)]), **{**parameters, **changes})


# --- what is measured ---------------------------------------------------------------------------------------


def test_a_cell_is_what_a_user_would_compute(folder: Path) -> None:
    cell = cells(folder, methods=[Spec.parse("nng_mix:noise_std=0.2")])[0]
    row = measure(cell)
    cut = split("clean", load(cell.source), Labels(count=4), 0)
    new = nngmix.nng_mix(cut.X_anomaly, cut.X_unlabeled, 20, noise_std=0.2, random_state=0)
    X = np.concatenate([cut.X_unlabeled, cut.X_anomaly, new])
    y = np.repeat([0, 1], [len(cut.X_unlabeled), 24])
    found = RandomForestClassifier(5, random_state=0).fit(X, y).predict_proba(cut.X_test)[:, 1]
    assert row["auroc"] == roc_auc_score(cut.y_test, found)
    assert row["average_precision"] == average_precision_score(cut.y_test, found)
    first = cut.y_test[np.argsort(-found, kind="stable")]
    assert [row["precision_at_20"], row["precision_at_100"]] == [first[:20].mean(), first[:100].mean()]
    assert [row[name] for name in ("n_labeled", "n_new", "n_hidden", "n_features")] == [4, 20, 24, 4]
    assert [row[name] for name in ("n_unlabeled", "n_test", "n_test_anomalies")] == [276, 120, 12]
    assert "error" not in row


def test_auto_is_measured_as_what_it_chooses_for_the_detector(folder: Path) -> None:
    both = [Spec.parse(FOREST), Spec("logistic_regression")]
    auto = cells(folder, methods=[Spec("auto")], detectors=both, amounts=["5x", "20%"])
    assert [cell.amount for cell in auto[:2]] == ["0", "0"]
    assert auto[0].key["version"] != ""
    named = [(Spec("nng_mix"), "10%", both[0]), (Spec("none"), "0", both[1])]
    for cell, (method, amount, detector) in zip(auto, named, strict=False):
        same = cells(folder, methods=[method], amounts=[amount], detectors=[detector])[0]
        assert (cell.detector, measure(cell)["auroc"]) == (detector, measure(same)["auroc"])


def test_class_weights_are_those_of_scikit_learn(folder: Path) -> None:
    cell = cells(folder, methods=[Spec("class_weight")])[0]
    cut = split("clean", load(cell.source), Labels(count=4), 0)
    X = np.concatenate([cut.X_unlabeled, cut.X_anomaly])
    y = np.repeat([0, 1], [len(cut.X_unlabeled), 4])
    model = RandomForestClassifier(5, random_state=0, class_weight="balanced").fit(X, y)
    assert measure(cell)["auroc"] == roc_auc_score(cut.y_test, model.predict_proba(cut.X_test)[:, 1])


def test_detectors_with_a_way_of_their_own_are_measured_once_on_the_data_as_they_are(folder: Path) -> None:
    both = [Spec.parse(FOREST), Spec("neighbor_score")]
    planned = cells(folder, detectors=both, methods=[Spec("smote"), Spec("nng_mix")], amounts=["5x", "10%"])
    found = Counter((cell.detector.name, cell.method.name) for cell in planned)
    assert found == {
        ("random_forest", "smote"): 6,
        ("random_forest", "nng_mix"): 6,
        ("neighbor_score", "none"): 3,
    }


@pytest.mark.parametrize("method", sorted(METHODS.keys() - {"none", "class_weight", "auto"}))
@pytest.mark.parametrize(("amount", "n_new"), [("5x", 20), ("10%", 24)])
def test_every_method_makes_the_rows_it_is_asked_for(
    folder: Path, method: str, amount: str, n_new: int
) -> None:
    row = measure(cells(folder, methods=[Spec(method)], amounts=[amount])[0])
    assert (row["n_new"], row.get("error")) == (n_new, None)


# DeepSAD has a file of its own: JAX must not stay in this process, for other tests fork it.
@pytest.mark.parametrize("name", sorted(n for n in DETECTORS if not DETECTORS[n].complete and n != "deepsad"))
def test_every_detector_learns_and_takes_weights_and_repeats(folder: Path, tmp_path: Path, name: str) -> None:
    detector = Spec.parse("mlp:max_iter=50" if name == "mlp" else name)
    chosen = cells(folder, methods=[Spec("none"), Spec("class_weight")], detectors=[detector])[:2]
    scores = []
    for repeat in range(2):
        path = str(tmp_path / f"{repeat}.csv")
        assert run_cells(chosen, path, n_jobs=1).failed == 0
        scores.append({row["method"]: float(row["auroc"]) for row in read_rows(path)})
    assert scores[0] == scores[1]
    assert scores[0]["class_weight"] > 0.6
    if name != "logistic_regression":
        assert scores[0]["none"] != scores[0]["class_weight"]


def test_deepsad_learns_in_a_process_of_its_own(folder: Path, tmp_path: Path) -> None:
    detector = Spec.parse("deepsad:n_epochs=5,n_epochs_pretrain=5,learning_rate=0.001")
    chosen = cells(folder, methods=[Spec("class_weight")], detectors=[detector])[:1]
    assert run_cells(chosen, str(tmp_path / "one.csv"), n_jobs=2).failed == 0
    (row,) = read_rows(str(tmp_path / "one.csv"))
    assert float(row["auroc"]) > 0.6


def test_amount_zero_is_no_augmentation(folder: Path) -> None:
    planned = cells(folder, methods=[Spec("nng_mix")], amounts=["0", "1x", "0"])
    assert Counter((str(cell.method), cell.amount) for cell in planned) == {
        ("none", "0"): 3,
        ("nng_mix", "1x"): 3,
    }


def test_settings_of_clean_do_not_tell_cells_of_paper_apart(folder: Path) -> None:
    for protocol, n_keys in (("paper", 6), ("clean", 12)):
        keys = {
            key_of(cell.key)
            for max_rows in (500, 600)
            for cell in cells(folder, protocol=protocol, max_rows=max_rows)
        }
        assert len(keys) == n_keys


# --- the file of results ------------------------------------------------------------------------------------


def test_killed_in_the_middle_it_resumes(folder: Path, tmp_path: Path) -> None:
    options = ("--methods", "none", "nng_mix", "--detectors", FOREST, "--labels", "3", "--multipliers", "5")
    arguments = (folder, *options, "--seeds", *map(str, range(5)), "--jobs", "2", "-o", tmp_path)
    results, n_cells = tmp_path / "results.csv", 3 * 5 * 2
    process = subprocess.Popen(command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and len(read_rows(str(results))) < 5:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = read_rows(str(results))
    assert 5 <= len(before) < n_cells
    assert not (tmp_path / "report.html").exists()
    with open(results, "ab") as file:
        file.write(b"torn,li")
    done = evaluate(*arguments)
    assert f"{n_cells - len(before)} cells measured, {len(before)} were there" in done.stdout
    after = read_rows(str(results))
    assert after[: len(before)] == before
    assert set(Counter(map(key_of, after)).values()) == {1}
    assert len(after) == n_cells
    assert (tmp_path / "report.html").exists()


def test_resumed_results_are_those_of_one_run(folder: Path, tmp_path: Path) -> None:
    planned = cells(folder, seeds=[0, 1])
    heard: list[tuple[str, int, int]] = []

    def stop(*said: Any) -> None:
        heard.append(said)
        if said[1] == 2:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        run_cells(planned, str(tmp_path / "two.csv"), n_jobs=2, callback=stop)
    assert heard == [("measure", done, len(planned)) for done in range(3)]
    assert run_cells(planned, str(tmp_path / "two.csv"), n_jobs=1).found == 2
    run_cells(planned, str(tmp_path / "one.csv"), n_jobs=2)

    def scores(name: str) -> dict[tuple[str, ...], str]:
        return {key_of(row): row["auroc"] for row in read_rows(str(tmp_path / name))}

    assert scores("one.csv") == scores("two.csv")


def test_a_failing_cell_is_recorded_and_stops_nothing(folder: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "results.csv")
    planned = cells(folder, labels=[Labels(count=1)], methods=[Spec("smote"), Spec("nng_mix")])
    outcome = run_cells(planned, path, n_jobs=1)
    assert (outcome.found, outcome.measured, outcome.failed) == (0, 6, 3)
    errors = {row["method"]: row["error"] for row in read_rows(path)}
    assert errors == {"nng_mix": "", "smote": "ValueError: SMOTE needs at least 2 labelled anomalies, got 1"}
    again = run_cells(planned, path, n_jobs=1)
    assert (again.found, again.measured) == (6, 0)
    retried = run_cells(planned, path, n_jobs=1, retry_failed=True)
    assert (retried.found, retried.measured, retried.failed) == (3, 3, 3)


def test_a_dying_process_is_a_failed_cell(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = cells(folder, seeds=[1, 2])

    def deadly(cell: Cell) -> dict[str, Any]:
        if (cell.source.name, cell.seed, cell.method.name) == ("b", 2, "none"):
            os._exit(9)
        return measure(cell)

    monkeypatch.setattr(runner, "measure", deadly)
    path = str(tmp_path / "results.csv")
    outcome = run_cells(planned, path, n_jobs=2)
    assert (outcome.measured, outcome.failed) == (12, 1)
    rows = read_rows(path)
    assert len({key_of(row) for row in rows}) == 12
    assert [(row["dataset"], row["seed"]) for row in rows if "died" in row["error"]] == [("b", "2")]


def test_two_runs_do_not_write_to_one_file(folder: Path, tmp_path: Path) -> None:
    import fcntl

    with open(tmp_path / "results.csv", "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(ValueError, match="another run is writing to it"):
            run_cells(cells(folder), str(tmp_path / "results.csv"), n_jobs=1)


def test_results_of_another_state_of_the_code_are_measured_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "results.csv")
    planned = cells(folder, detectors=[Spec("neighbor_score"), Spec("knn_distance")])
    assert run_cells(planned, path, n_jobs=1).measured == 6
    assert run_cells(planned, path, n_jobs=1).measured == 0
    monkeypatch.setattr(DETECTORS["neighbor_score"], "version", lambda: "changed")
    assert run_cells(planned, path, n_jobs=1).measured == 3


def test_another_file_is_not_overwritten(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("my,own,table\n1,2,3\n")
    with pytest.raises(ValueError, match="is no file of results; choose another --output"):
        run_cells(cells(folder), str(path), n_jobs=1)
    assert path.read_text() == "my,own,table\n1,2,3\n"


def damaged(tmp_path: Path, *changed: dict[str, str]) -> Path:
    """A file of results with one line for each of these changes of a measured row."""
    path = tmp_path / "results.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        for seed, change in enumerate(changed):
            row = {**dict.fromkeys(COLUMNS, "0.5"), "seed": str(seed), "error": "", **change}
            lines.writerow([row[name] for name in COLUMNS])
    return path


def told(path: str | Path, message: str) -> str:
    return "^" + re.escape(f"{path}, {message}; choose another --output or mend it") + "$"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"auroc": "x.2"}, "line 3: auroc must be a number, got 'x.2'"),
        ({"n_test": "1_0"}, "line 3: n_test must be a number, got '1_0'"),
        ({"n_new": ""}, "line 3: n_new must be a number, got ''"),
        ({"seed": "0"}, "line 3: measured already in line 2"),
        ({"seed": "0", "error": "ValueError: no"}, "line 3: measured already in line 2"),
    ],
)
def test_a_damaged_value_is_told_with_its_line(
    folder: Path, tmp_path: Path, change: dict[str, str], message: str
) -> None:
    path = str(damaged(tmp_path, {}, change, {}))
    for read in (lambda: read_rows(path), lambda: run_cells(cells(folder), path, n_jobs=1)):
        with pytest.raises(ValueError, match=told(path, message)):
            read()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"0.5,0.5", b"0.5", f"line 4: {len(COLUMNS) - 1} values for {len(COLUMNS)} columns"),
        (b"0.5", b"0.5,0.5", f"line 4: {len(COLUMNS) + 1} values for {len(COLUMNS)} columns"),
        (b"0.5", b"\xe9", "line 4: bytes that are not UTF-8"),
        (b"0.5", b'"0.5', "line 4: no line of CSV: unexpected end of data"),
    ],
)
def test_a_damaged_line_is_told_with_its_number(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    # The line break within quotes is none between rows, but an editor counts it.
    path = damaged(tmp_path, {"error": "two\nlines"}, {})
    head, line = path.read_bytes().rstrip(b"\n").rsplit(b"\n", 1)
    path.write_bytes(head + b"\n" + line.replace(old, new, 1) + b"\n")
    with pytest.raises(ValueError, match=told(path, message)):
        read_rows(str(path))


def test_a_cell_that_was_tried_again_and_a_torn_last_line_are_no_damage(tmp_path: Path) -> None:
    numbers = dict.fromkeys(COLUMNS[COLUMNS.index("auroc") : -1], "")
    failed = {**numbers, "seed": "0", "error": "ValueError: no"}
    path = damaged(tmp_path, failed, failed, {"seed": "0", "auroc": "nan"}, {})
    path.write_bytes(path.read_bytes() + b"torn,\xe9")
    assert [row["error"] for row in read_rows(str(path))] == ["ValueError: no"] * 2 + [""] * 2


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("change", ["other bytes", "cut", "gone"])
def test_data_that_were_changed_end_the_run(tmp_path: Path, n_jobs: int, change: str) -> None:
    mine = save(tmp_path / "sets", "a", 0)
    planned = cells(mine.parent)
    content = mine.read_bytes()
    mine.unlink()
    if change == "other bytes":
        save(mine.parent, "a", 1)
    elif change == "cut":
        mine.write_bytes(content[:100])
    path = str(tmp_path / "results.csv")
    with pytest.raises(ChangedError, match=r"a\.npz: was changed since it was first read"):
        run_cells(planned, path, n_jobs=n_jobs)
    assert read_rows(path) == []
    mine.write_bytes(content)
    assert run_cells(cells(mine.parent), path, n_jobs=1).measured == 2


# --- the command --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "values", "rest"),
    [
        ("a b --n 0 1 2 --k 3 --n 4", "0 1 2 4", "a b"),
        ("a --n=0 1 --flag", "0 1", "a"),
        ("--k 3 a --n 0 -o out", "0", "a"),
        ("--n 0 1 -- a b", "0 1", "a b"),
        ("--n - 1", "- 1", ""),
        ("a --flag b", "", "a b"),
    ],
)
def test_options_take_several_values(typed: str, values: str, rest: str) -> None:
    options = [click.Option(["--n"], multiple=True), click.Option(["--k"]), click.Option(["-o"])]
    parameters = [*options, click.Option(["--flag"], is_flag=True), click.Argument(["rest"], nargs=-1)]
    read = SeveralValues("command", params=parameters, members={}).make_context("c", typed.split()).params
    assert read["n"] == tuple(values.split())
    assert read["rest"] == tuple(rest.split())
    assert read["k"] == ("3" if "--k" in typed else None)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_users_own_table(tmp_path: Path, ending: str) -> None:
    with np.load(save(tmp_path, "a", 0)) as arrays:
        X, y = arrays["X"], arrays["y"]
    columns = {f"f{j}": X[:, j] for j in range(4)} | {
        "class": ["fraud" if label else "fine" for label in y],
        "id": [f"row {i}" for i in range(len(y))],
    }
    mine = tmp_path / f"mine.{ending}"
    if ending == "csv":
        with open(mine, "w", newline="") as file:
            csv.writer(file).writerows([list(columns), *zip(*columns.values(), strict=True)])
    else:
        pyarrow.parquet.write_table(pa.table(columns), mine)
    label = ("--label", "class", "--anomaly", "fraud", "--ignore", "id", "--labels", "5", "--seeds", "0")
    methods = ("--methods", "none", "nng_mix", "nng_mix:noise_std=0.3,n_neighbors=5", "--multipliers", "10")
    out = ("--detectors", FOREST, "--jobs", "1", "-o", str(tmp_path / "out"))
    assert run(["evaluate", str(mine), *label, *methods, *out]) == 0
    rows = read_rows(str(tmp_path / "out" / "results.csv"))
    assert [row["method"] for row in rows] == ["none", "nng_mix", "nng_mix:n_neighbors=5,noise_std=0.3"]
    archive = find_sources([str(tmp_path / "a.npz")])
    same = plan_cells(
        archive,
        protocol="clean",
        labels=[Labels(count=5)],
        seeds=[0],
        methods=[Spec("none")],
        amounts=[],
        detectors=[Spec.parse(FOREST)],
        max_rows=10_000,
    )
    assert float(rows[0]["auroc"]) == measure(same[0])["auroc"]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--methods", "none", "no_such"], 1, "there is no method 'no_such'; there are none, class_weight"),
        (["--methods", "nng_mix:noise=1"], 1, "method 'nng_mix:noise=1': "),
        (["--methods", "nng_mix:noise_std=-1"], 1, "noise_std must be at least 0, got -1"),
        (["--methods", "nng_mix:noise_std"], 1, "settings must be name=value"),
        (["--detectors", "no_such"], 1, "there is no detector 'no_such'; there are mlp, random_forest"),
        (["--detectors", "mlp:no_such=1"], 1, "detector 'mlp:no_such=1': "),
        (["--ratios", "0"], 2, "ratios must be above 0"),
        (["--ratios", "ten"], 2, "could not convert string to float: 'ten'"),
        (["--labels", "0"], 2, "the number of labels must be at least 1, got 0"),
        (["--multipliers", "10y"], 2, "amount must be 10x"),
        (["--detectors", "ensemble:no_such=1"], 1, "detector 'ensemble:no_such=1': "),
        (["--detectors", "ensemble:estimator=no_such"], 1, "estimator must be one of mlp, random_forest"),
        (["--detectors", "ensemble:filling=x"], 1, "detector 'ensemble:filling=x': filling must be one of"),
        (["--detectors", "neighbor_score:eps=-1"], 1, "detector 'neighbor_score:eps=-1': eps must"),
        (["--group", "a", "--time", "b"], 1, "split by group or by time, not by both"),
        (["--seeds", "-1"], 2, "seeds must be between 0 and 4294967295, got -1"),
        (["--protocol", "other"], 2, "'other' is not one of 'clean', 'paper'"),
        (["--label", "nothing"], 1, "there is no array 'nothing'"),
    ],
)
def test_bad_input_is_refused_before_any_work(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    code: int,
    message: str,
) -> None:
    assert run(["evaluate", str(folder), *options, "-o", str(tmp_path / "out")]) == code
    out, err = capsys.readouterr()
    assert message in " ".join(err.split())
    assert out == ""
    assert not (tmp_path / "out" / "results.csv").exists()


def test_two_runs_into_one_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    with owned(str(tmp_path / "out")):
        done = evaluate(folder, "--detectors", FOREST, "-o", tmp_path / "out", code=1)
    assert f"{tmp_path / 'out'}: another run of nngmix writes there" in done.stderr
    assert not any((tmp_path / "out").iterdir())


def test_a_missing_package_names_the_extra(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "find_spec", lambda name: None if name in ("joblib", "scipy") else name)
    assert run(["evaluate", str(folder)]) == 1
    assert "needs joblib, scipy: pip install 'nngmix[evaluate]'" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "xgboost", None)
    assert run(["evaluate", str(folder), "--detectors", "xgboost"]) == 1
    assert "xgboost needs xgboost: pip install 'nngmix[evaluate]'" in capsys.readouterr().err


def test_data_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "a.csv").write_text("x,y\n1,0\n2,1\n")
    for path, message in (
        (tmp_path / "no.npz", "no such file or folder"),
        (empty, "there is no .npz file in this folder"),
        (tmp_path / "a.csv", "name the column of the labels with --label"),
    ):
        assert run(["evaluate", str(path), "-o", str(tmp_path / "out")]) == 1
        assert message in capsys.readouterr().err


def test_pipes_and_devices_are_refused_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sets = tmp_path / "sets"
    sets.mkdir()
    for pipe in (tmp_path / "pipe.csv", sets / "pipe.npz"):
        os.mkfifo(pipe)
    for path, what in ((tmp_path / "pipe.csv", "a pipe"), (sets, "a pipe"), (Path(os.devnull), "a device")):
        options = ["--label", "class", "-o", str(tmp_path / "out")]
        assert run(["evaluate", str(path), *options]) == 1
        assert f"is {what}, not a file" in " ".join(capsys.readouterr().err.split())
