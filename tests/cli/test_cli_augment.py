"""`nngmix augment` from file to file, and what every command does with errors, warnings and terminals."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

import nngmix
from nngmix.methods.registry import METHODS
from shell import shell

N_ROWS, N_ANOMALIES = 300, 10


def run(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command line and check its exit code; an error must never show a traceback."""
    done = shell(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def fails(*arguments: str | Path) -> str:
    """The one line on stderr of a run that fails."""
    done = run(*arguments, code=1)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("error: ")
    return done.stderr


def data() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Rows and labels; columns of very different widths, so that scaling matters."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(N_ROWS, 3)) * [1.0, 100.0, 0.01] + [5.0, -300.0, 0.0]
    y = np.zeros(N_ROWS, dtype=np.int64)
    y[rng.choice(N_ROWS, N_ANOMALIES, replace=False)] = 1
    return X, y


def save(path: Path, extra: dict[str, Any] | None = None) -> Path:
    """The data as a file of the format its ending names."""
    X, y = data()
    columns = {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "y": y, **(extra or {})}
    if path.suffix == ".npz":
        np.savez(path, X=X, y=y)
    elif path.suffix == ".csv":
        pyarrow.csv.write_csv(pa.table(columns), path)
    else:
        pyarrow.parquet.write_table(pa.table(columns), path)
    return path


def load(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """X, y and, if they are there, the plan columns of a written file."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    read = pyarrow.csv.read_csv if path.suffix == ".csv" else pyarrow.parquet.read_table
    table = read(path)
    names = [name for name in table.column_names if name in ("a", "b", "c", "x0", "x1", "x2")]
    out = {"X": np.column_stack([table[name].to_numpy() for name in names]), "y": table["y"].to_numpy()}
    plan = [name for name in ("anchor", "partner", "pool", "lam") if name in table.column_names]
    return out | {name: np.array(table[name].to_pylist(), dtype=object) for name in plan}


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("data") / "in.csv")


LABEL = ("--label", "y", "--anomaly", "1")


# --- round trips --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending_out", ["csv", "parquet", "npz"])
@pytest.mark.parametrize("ending_in", ["csv", "parquet", "npz"])
def test_old_rows_come_back_and_new_ones_follow(tmp_path: Path, ending_in: str, ending_out: str) -> None:
    source, target = save(tmp_path / f"in.{ending_in}"), tmp_path / f"out.{ending_out}"
    options = () if ending_in == "npz" else LABEL
    done = run("augment", source, *options, "-n", "3x", "--seed", "1", "-o", target)
    X, y = data()
    out = load(target)
    assert out["X"].shape == (N_ROWS + 30, 3)
    np.testing.assert_array_equal(out["X"][:N_ROWS], X)
    np.testing.assert_array_equal(out["y"], np.concatenate([y, np.ones(30)]))
    # The new rows are those of the library, in every format.
    sampler = nngmix.NNGMix(n_samples=30, random_state=1)
    np.testing.assert_array_equal(out["X"], sampler.fit_resample(X, y)[0])
    assert f"{N_ROWS} with 3 features (float64)" in done.stdout
    assert sorted(os.listdir(tmp_path)) == sorted([source.name, target.name])


def test_the_summary_says_what_was_done(csv: Path, tmp_path: Path) -> None:
    done = run("augment", csv, *LABEL, "-n", "50", "--plan", "-o", tmp_path / "o.npz")
    pool = load(tmp_path / "o.npz")["pool"]
    near = int((pool == "unlabeled").sum())
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0] == f"nngmix {nngmix.__version__}: {csv} -> {tmp_path / 'o.npz'}"
    assert re.sub(" +", " ", lines[2]) == "labelled anomalies 10 (y = 1)"
    assert re.sub(" +", " ", lines[3]) == "unlabelled rows 290"
    assert (
        re.sub(" +", " ", lines[4])
        == f"new rows 50: {near} with an unlabelled partner, {50 - near} with an anomaly"
    )
    assert re.fullmatch(r"seed +\d+", lines[5])
    assert re.fullmatch(
        r"time +[\d.]+ s: reading [\d.]+ s, .*search [\d.]+ s, mixing [\d.]+ s, writing [\d.]+ s", lines[6]
    )
    size = os.path.getsize(tmp_path / "o.npz") / 1000
    assert re.sub(" +", " ", lines[7]) == f"written 350 rows, {size:.1f} KB"
    assert len(lines) == 8
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("10x", 100), ("0.5x", 5), ("10%", 19), ("25.5%", 64), ("7", 7), ("0", 0), (None, 19)],
)
def test_amounts(csv: Path, tmp_path: Path, amount: str | None, expected: int) -> None:
    options = () if amount is None else ("-n", amount)
    run("augment", csv, *LABEL, *options, "-o", tmp_path / "o.npz")
    assert len(load(tmp_path / "o.npz")["y"]) == N_ROWS + expected


def test_only_new(csv: Path, tmp_path: Path) -> None:
    for name, options in {"all.parquet": (), "new.parquet": ("--only-new",)}.items():
        run("augment", csv, *LABEL, "-n", "20", "--seed", "3", "--plan", *options, "-o", tmp_path / name)
    whole, new = (pyarrow.parquet.read_table(tmp_path / name) for name in ("all.parquet", "new.parquet"))
    assert new.equals(whole.slice(N_ROWS))
    assert new.num_rows == 20


def test_ignored_columns_are_kept_and_empty_for_new_rows(tmp_path: Path) -> None:
    ids, days = [f"{i:04d}" for i in range(N_ROWS)], [f"2024-01-{1 + i % 28:02d}" for i in range(N_ROWS)]
    source = save(tmp_path / "in.csv", {"id": ids, "day": days})
    error = fails("augment", source, *LABEL, "-o", tmp_path / "o.csv", "--ignore", "id")
    assert "in.csv holds '2024-01-01' at row 0, column 'day': no number" in error
    assert "leave columns that are no features out with --ignore" in error
    run("augment", source, *LABEL, "-n", "5", "--ignore", "id", "--ignore", "day", "-o", tmp_path / "o.csv")
    out = pyarrow.csv.read_csv(
        tmp_path / "o.csv",
        convert_options=pyarrow.csv.ConvertOptions(column_types={"id": "str", "day": "str"}),
    )
    assert out.column_names == ["a", "b", "c", "y", "id", "day"]
    assert out["id"].to_pylist() == ids + [""] * 5
    assert out["day"].to_pylist() == days + [""] * 5
    assert out["a"].null_count == 0


def test_the_input_may_be_overwritten(tmp_path: Path) -> None:
    path = save(tmp_path / "in.csv")
    run("augment", path, *LABEL, "-n", "5", "-o", path)
    np.testing.assert_array_equal(load(path)["X"][:N_ROWS], data()[0])
    assert len(load(path)["y"]) == N_ROWS + 5


def test_float32_stays_float32_and_names_of_npz_arrays_too(tmp_path: Path) -> None:
    X, y = data()
    np.savez(tmp_path / "in.npz", X=X.astype(np.float32), target=np.where(y, "bad", "ok"))
    options = ("--label", "target", "--anomaly", "bad", "-n", "1x")
    run("augment", tmp_path / "in.npz", *options, "-o", tmp_path / "o.npz")
    out = load(tmp_path / "o.npz")
    assert out["X"].dtype == np.float32
    assert out["target"].tolist() == np.where(y, "bad", "ok").tolist() + ["bad"] * 10


# --- parameters ---------------------------------------------------------------------------------------------


def plan_of(csv: Path, tmp_path: Path, *options: str) -> dict[str, np.ndarray[Any, Any]]:
    run("augment", csv, *LABEL, "--plan", "--seed", "5", *options, "-o", tmp_path / "o.parquet")
    out = load(tmp_path / "o.parquet")
    assert all(value is None for name in ("anchor", "partner", "pool", "lam") for value in out[name][:N_ROWS])
    made = {name: np.array(values[N_ROWS:].tolist()) for name, values in out.items()}
    _, y = data()
    assert (y[made["anchor"]] == 1).all()
    assert (y[made["partner"]] == (made["pool"] == "anomaly")).all()
    return made


@pytest.mark.parametrize("scale", ["minmax", "standard", "none"])
def test_the_plan_explains_every_new_row(csv: Path, tmp_path: Path, scale: str) -> None:
    made = plan_of(csv, tmp_path, "-n", "400", "--noise-std", "0", "--scale", scale)
    X, _ = data()
    lam = made["lam"][:, None]
    expected = lam * X[made["anchor"]] + (1 - lam) * X[made["partner"]]
    np.testing.assert_allclose(made["X"] / X.std(axis=0), expected / X.std(axis=0), rtol=0, atol=1e-12)
    assert ((lam >= 0) & (lam <= 1)).all()
    assert 150 < (made["pool"] == "anomaly").sum() < 250


@pytest.mark.parametrize("scale", ["minmax", "standard", "none"])
def test_neighbours_are_those_of_the_scaled_rows(csv: Path, tmp_path: Path, scale: str) -> None:
    made = plan_of(
        csv, tmp_path, "-n", "300", "--scale", scale, "--n-neighbors", "0.3", "--unlabeled-fraction", "1"
    )
    X, y = data()
    widths = {"minmax": np.ptp(X, axis=0), "standard": X.std(axis=0), "none": 1.0}
    scaled, unlabeled = X / widths[scale], np.flatnonzero(y == 0)
    for anchor in np.flatnonzero(y):
        order = np.argsort(((scaled[unlabeled] - scaled[anchor]) ** 2).sum(axis=1))
        # 0.3 of 10 anomalies is 3 neighbours, and with 30 rows an anchor all of them are drawn.
        assert set(made["partner"][made["anchor"] == anchor]) == set(unlabeled[order[:3]])


def test_parameters_reach_the_method(csv: Path, tmp_path: Path) -> None:
    made = plan_of(csv, tmp_path, "-n", "200", "--unlabeled-fraction", "0", "--n-neighbors-anomaly", "2")
    assert (made["pool"] == "anomaly").all()
    # Two neighbours, the anchor itself among them: one partner for each anchor.
    assert (
        len(set(zip(made["anchor"], made["partner"], strict=True))) == len(set(made["anchor"])) == N_ANOMALIES
    )
    made = plan_of(csv, tmp_path, "-n", "200", "--alpha", "900", "--beta", "100")
    assert np.abs(made["lam"] - 0.9).max() < 0.05
    X, _ = data()
    made = plan_of(csv, tmp_path, "-n", "2000", "--noise-std", "0.5", "--alpha", "1000", "--beta", "1000")
    lam = made["lam"][:, None]
    noise = (made["X"] - lam * X[made["anchor"]] - (1 - lam) * X[made["partner"]]) / np.ptp(X, axis=0)
    np.testing.assert_allclose(noise.std(axis=0), 0.5 * np.sqrt(0.5), rtol=0.1)


# --- seeds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", sorted(METHODS))
def test_other_methods_by_name(csv: Path, tmp_path: Path, method: str) -> None:
    out = tmp_path / "out.npz"
    run("augment", csv, "--label", "y", "--anomaly", "1", "--method", method, "--seed", "3", "-o", out)
    X, y = data()
    sampler = METHODS[method].sampler(random_state=3)
    assert np.array_equal(load(out)["X"], sampler.fit_resample(X, y)[0])


def test_auto_chooses_for_an_estimator_and_says_why(csv: Path, tmp_path: Path) -> None:
    asked = ("augment", csv, "--label", "y", "--anomaly", "1", "--seed", "3", "--method", "auto", "--for")
    out = tmp_path / "out.npz"
    done = run(*asked, "mlp", "-n", "2x", "-o", out)
    assert re.search(r"chosen +duplicate 10%: a network .*10 labels, 290 unlabelled rows", done.stdout)
    X, y = data()
    same = nngmix.Duplicate(random_state=3, multiplier=2).fit_resample(X, y)[0]
    assert np.array_equal(load(out)["X"], same)
    told = json.loads(run(*asked, "logistic_regression", "-n", "2x", "-o", out, "--json").stdout)
    assert (told["new_rows"], told["chosen"]["method"], len(load(out)["X"])) == (0, "none", N_ROWS)
    assert "linear" in told["chosen"]["reason"]


@pytest.mark.parametrize("ending", ["csv", "parquet", "npz"])
def test_the_same_seed_gives_the_same_bytes(csv: Path, tmp_path: Path, ending: str) -> None:
    def made(name: str, *options: str) -> bytes:
        run("augment", csv, *LABEL, "--plan", *options, "-o", tmp_path / f"{name}.{ending}")
        return (tmp_path / f"{name}.{ending}").read_bytes()

    first = made("first", "--seed", "11")
    assert made("second", "--seed", "11", "--n-threads", "1") == first
    assert made("third", "--seed", "12") != first


def test_a_run_without_seed_can_be_repeated(csv: Path, tmp_path: Path) -> None:
    done = [run("augment", csv, *LABEL, "-o", tmp_path / f"{i}.csv").stdout for i in range(2)]
    seeds = [re.search(r"seed +(\d+)", out)[1] for out in done]  # type: ignore[index]
    assert seeds[0] != seeds[1]
    run("augment", csv, *LABEL, "--seed", seeds[0], "-o", tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "0.csv").read_bytes()
    assert (tmp_path / "again.csv").read_bytes() != (tmp_path / "1.csv").read_bytes()


# --- failures -----------------------------------------------------------------------------------------------


def test_failures_say_what_and_leave_nothing(csv: Path, tmp_path: Path) -> None:
    broken = save(tmp_path / "broken.parquet")
    broken.write_bytes(broken.read_bytes()[:3000])
    np.savez(tmp_path / "pickle.npz", X=np.array([[1, "a"]], dtype=object), y=[1])
    gap = save(tmp_path / "gap.csv", {"d": [float(i) if i != 17 else None for i in range(N_ROWS)]})
    (tmp_path / "note.txt").write_text("")
    (tmp_path / "note.md").write_text("")
    before = sorted(os.listdir(tmp_path))
    out = ("-o", tmp_path / "o.csv")
    cases: list[tuple[tuple[str | Path, ...], str]] = [
        ((tmp_path / "none.csv", *LABEL, *out), "none.csv: no such file"),
        ((tmp_path / "note.txt", *LABEL, *out), "note.txt: is empty: there is not even a header line"),
        ((tmp_path / "note.md", *LABEL, *out), "note.md: the ending must be .csv, .tsv, .txt or .data"),
        ((csv, *LABEL, "-o", tmp_path / "o.xlsx"), "o.xlsx: the ending must be .csv, .tsv, .txt or .data"),
        ((broken, *LABEL, *out), "broken.parquet: cannot be read"),
        ((tmp_path / "pickle.npz", *out), "which only pickle can load, and pickle can run any code: refused"),
        (
            (gap, *LABEL, *out),
            "got None at row 17, column 'd'; fill it, leave such rows out with --missing skip, keep missing "
            "values with --missing keep",
        ),
        (
            (csv, "--label", "z", "--anomaly", "1", *out),
            "there is no column 'z'; there are 'a', 'b', 'c', 'y'",
        ),
        (
            (csv, "--label", "y", "--anomaly", "2", *out),
            "it holds '0' (290 rows), '1' (10 rows)",
        ),
        ((csv, *LABEL, "--ignore", "q", *out), "there is no column 'q'"),
        ((csv, *LABEL, "--noise-std", "-1", *out), "noise_std must be at least 0"),
        ((csv, *LABEL, "--alpha", "0", *out), "alpha must be above 0"),
        ((csv, *LABEL, "--n-neighbors", "0", *out), "n_neighbors must be at least 1"),
        ((csv, *LABEL, "--unlabeled-fraction", "1.5", *out), "unlabeled_fraction must be between 0 and 1"),
        ((csv, *LABEL, "-n", "1000000000000000", *out), "name a folder as output, without an ending"),
    ]
    for arguments, message in cases:
        assert message in fails("augment", *arguments)
        assert sorted(os.listdir(tmp_path)) == before


def test_an_unwritable_output_fails_before_the_work(tmp_path: Path) -> None:
    # The input is not there either: had it been read first, the message would be about that.
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "none", tmp_path / "file", Path("/proc")):
        error = fails("augment", tmp_path / "none.csv", *LABEL, "-o", folder / "o.csv")
        assert f"o.csv: cannot be written in {folder}" in error
    (tmp_path / "dir.csv").mkdir()
    assert "dir.csv: is a directory" in fails("augment", "none.csv", *LABEL, "-o", tmp_path / "dir.csv")


def test_taken_plan_columns_fail(tmp_path: Path) -> None:
    source = save(tmp_path / "in.csv", {"lam": [0.5] * N_ROWS})
    error = fails("augment", source, *LABEL, "--plan", "-o", tmp_path / "o.csv")
    assert (
        "the columns 'anchor', 'partner', 'pool', 'lam' would be added, but there is 'lam' already" in error
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("in.csv", "-o", "o.csv"), "Missing option '--label'"),
        (("in.csv", "--label", "y", "-o", "o.csv"), "Missing option '--anomaly'"),
        (("in.npz",), "Missing option '-o'"),
        ((), "Missing argument 'INPUT...'"),
        (("in.npz", "-o", "o.npz", "-n", "ten"), "amount must be 10x"),
        (("in.npz", "-o", "o.npz", "-n", "-5"), "amount must be 10x"),
        (("in.npz", "-o", "o.npz", "--n-neighbors", "few"), "expected a count, or with a dot a multiple"),
        (("in.npz", "-o", "o.npz", "--scale", "log"), "'log' is not one of 'minmax', 'standard', 'none'"),
        (("in.npz", "-o", "o.npz", "--seed", "-1"), "-1 is not in the range"),
        (("in.npz", "-o", "o.npz", "--frobnicate"), "No such option"),
        (("in.npz", "-o", "o.npz", "--method", "auto"), "--method auto and --for ESTIMATOR go together"),
        (("in.npz", "-o", "o.npz", "--for", "mlp"), "--method auto and --for ESTIMATOR go together"),
        (
            ("in.npz", "-o", "o.npz", "--method", "mixup", "--noise-std", "0"),
            "--noise-std is no parameter of",
        ),
        (("in.npz", "-o", "o.npz", "--method", "mixup", "--plan"), "--plan shows neighbours and weights"),
        (("in.csv", "-o", "folder", "--method", "mixup"), "into a folder nng_mix alone makes rows"),
    ],
)
def test_wrong_usage_exits_2(arguments: tuple[str, ...], message: str) -> None:
    done = run("augment", *arguments, code=2)
    assert message in done.stderr
    assert "Usage: nngmix augment" in done.stderr


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith(f"nngmix, version {nngmix.__version__} (instructions ")
    assert "augment" in run("--help").stdout
    assert "demo" in run("--help").stdout
    options = run("augment", "--help").stdout
    for name in ("--only-new", "--plan", "--n-neighbors-anomaly", "--unlabeled-fraction", "--n-threads"):
        assert name in options
    assert "Usage: nngmix" in run(code=2).stderr


@pytest.mark.parametrize(
    ("module", "command", "extra"),
    [
        ("click", "--help", "cli"),
        ("tqdm", "--help", "cli"),
        ("pyarrow", "augment", "cli"),
        ("river", "demo", "demo"),
    ],
)
def test_a_missing_extra_is_named(csv: Path, tmp_path: Path, module: str, command: str, extra: str) -> None:
    options = {
        "augment": [str(csv), *LABEL, "-o", str(tmp_path / "o.csv")],
        "demo": ["-o", str(tmp_path / "demo")],
    }
    argv = ["nngmix", command, *options.get(command, [])]
    program = (
        f"import sys; sys.modules[{module!r}] = None; sys.argv = {json.dumps(argv)}; "
        f"from nngmix.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.endswith(f"needs {module}: pip install 'nngmix[{extra}]'\n")
    assert done.stderr.count("\n") == 1
    assert os.listdir(tmp_path) == []


def test_a_warning_is_one_line(tmp_path: Path) -> None:
    np.savez(tmp_path / "in.npz", X=np.arange(12.0).reshape(6, 2), y=[0, 0, 0, 1, 1, 1])
    done = run("augment", tmp_path / "in.npz", "-n", "4", "-o", tmp_path / "o.npz")
    assert (
        done.stderr.splitlines()[0]
        == "warning: --n-neighbors 10 is more than the 3 rows there are; taking all 3"
    )
    assert all(line.startswith("warning: ") for line in done.stderr.splitlines())


# --- the terminal -------------------------------------------------------------------------------------------


class OnTerminal:
    """A run whose stderr is a terminal."""

    def __init__(self, *arguments: str | Path) -> None:
        # This side keeps the end open too: some systems drop what was written once all have closed it.
        self.terminal, self.end = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "nngmix", *map(str, arguments)],
            stdout=subprocess.DEVNULL,
            stderr=self.end,
            # A test run in the background may ignore SIGINT, and its children would inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.shown = ""

    def read_until(self, text: str | None, seconds: float = 60) -> None:
        """Collect what is shown until `text` is, or until the process has ended."""
        limit = time.monotonic() + seconds
        while text is None or text not in self.shown:
            assert time.monotonic() < limit, self.shown
            ended = self.process.poll() is not None
            if select.select([self.terminal], [], [], 0 if ended else 0.02)[0]:
                self.shown += os.read(self.terminal, 4096).decode()
            elif ended:
                return

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.end)
        os.close(self.terminal)


def test_the_bar_is_for_terminals_only(csv: Path, tmp_path: Path) -> None:
    done = run("augment", csv, *LABEL, "-o", tmp_path / "o.csv")
    assert done.stderr == ""
    shown = OnTerminal("augment", csv, *LABEL, "-o", tmp_path / "o.csv")
    try:
        shown.read_until(None)
        assert shown.process.wait() == 0
        assert "search: 100%" in shown.shown
        assert "300/300" in shown.shown
    finally:
        shown.close()


def test_ctrl_c_stops_a_search_and_leaves_no_file(tmp_path: Path) -> None:
    y = np.zeros(400_000, dtype=np.int8)
    y[:20_000] = 1
    np.savez(tmp_path / "in.npz", X=np.random.default_rng(0).random((len(y), 32), dtype=np.float32), y=y)
    shown = OnTerminal("augment", tmp_path / "in.npz", "-o", tmp_path / "o.npz")
    try:
        shown.read_until("search")
        assert shown.process.poll() is None
        sent = time.monotonic()
        shown.process.send_signal(signal.SIGINT)
        code = shown.process.wait(timeout=20)
        seconds = time.monotonic() - sent
        shown.read_until(None)
        assert code == 130, shown.shown
        assert seconds < 1.5
        assert shown.shown.endswith("stopped\r\n")
        assert "Traceback" not in shown.shown
        assert os.listdir(tmp_path) == ["in.npz"]
    finally:
        shown.close()
