"""``nngmix augment`` into a folder: the bytes of one call, resumed after any kill, nothing half written."""

import errno
import importlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from nngmix import NNGMix
from nngmix.cli import run as cli
from nngmix.jobs import Job, run
from nngmix.parameters.amount import Amount

NAMES = [f"x{j}" for j in range(4)]
N_ROWS = 6000


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(1)
    X = (rng.random((N_ROWS, 4)) * [1, 10, 100, 0.1]).astype(np.float32)
    return X, np.isin(np.arange(N_ROWS), rng.choice(N_ROWS, 20, replace=False))


def write_inputs(folder, X, is_anomaly, n_files=5, kind="parquet", label="kind"):
    folder.mkdir()
    for i, rows in enumerate(np.array_split(np.arange(len(X)), n_files)):
        columns = dict(zip(NAMES, X[rows].T.copy(), strict=True))
        if label is not None:
            columns[label] = np.where(is_anomaly[rows], "bad", "fine")
        table = pa.table({**columns, "id": rows})
        ds.write_dataset(
            table, folder, format=kind, basename_template=f"in-{i}-{{i}}.{kind}",
            existing_data_behavior="overwrite_or_ignore",
        )  # fmt: skip
    return folder


@pytest.fixture
def inputs(data, tmp_path):
    return write_inputs(tmp_path / "in", *data)


def options(source, output, *more):
    always = ["--label", "kind", "--anomaly", "bad", "--ignore", "id", "-n", "3000", "--seed", "5"]
    return ["augment", str(source), "-o", str(output), *always, "--rows-per-file", "700", *more]


def new_rows(folder):
    table = ds.dataset(sorted(folder.glob("part-*.parquet"))).to_table()
    return np.column_stack([table[name].to_numpy() for name in NAMES]), table


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def expected(data, scale="minmax", **more):
    X, is_anomaly = data
    sampler = NNGMix(n_samples=3000, scale=scale, random_state=5, **more)
    return sampler.fit_resample(X, is_anomaly.astype(int))[0][N_ROWS:], sampler.plan_


@pytest.mark.parametrize("scale", ["minmax", "standard", "none"])
@pytest.mark.parametrize("n_files", [1, 7])
def test_rows_are_those_of_one_call(data, tmp_path, scale, n_files, capsys):
    source = write_inputs(tmp_path / "in", *data, n_files=n_files)
    assert cli(options(source, tmp_path / "out", "--scale", scale, "--plan")) == 0
    rows, table = new_rows(tmp_path / "out")
    X_new, plan = expected(data, None if scale == "none" else scale)
    assert rows.dtype == np.float32
    assert np.array_equal(rows, X_new)
    assert set(table["kind"].to_pylist()) == {"bad"}
    assert np.array_equal(table["anchor"].to_numpy(), plan.anchor)
    assert np.array_equal(table["partner"].to_numpy(), plan.partner)
    assert np.array_equal(table["lam"].to_numpy(), plan.lam)
    assert np.array_equal(np.asarray(table["pool"]) == "unlabeled", plan.unlabeled)
    # A reader of the folder passes the manifest by.
    assert ds.dataset(tmp_path / "out", format="parquet").count_rows() == 3000
    told = json.loads((tmp_path / "out" / "_manifest.json").read_text())
    assert told["status"] == "complete"
    assert (told["rows"], told["labelled_anomalies"], told["new_rows"], told["seed"]) == (N_ROWS, 20, 3000, 5)
    assert [item["rows"] for item in told["files"]] == [700, 700, 700, 700, 200]
    assert "5 files" in capsys.readouterr().out


def test_a_callback_hears_of_files_and_may_end_the_run(inputs, tmp_path, capsys):
    job = Job((str(inputs),), str(tmp_path / "out"), Amount(n_samples=3000), "kind", ("bad",), ignore=("id",),
              rows_per_file=700, seed=5)  # fmt: skip
    heard = []

    def stop(*said):
        heard.append(said)
        if said == ("mix", 2, 5):
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        run(job, callback=stop)
    searched = [(stage, done, 5) for stage in ("scale", "search") for done in range(6)]
    assert heard == [*searched, ("mix", 0, 5), ("mix", 1, 5), ("mix", 2, 5)]
    assert not list((tmp_path / "out").glob("*.part"))
    outcome = run(job, resume=True, verbose=True)
    assert outcome.resumed
    assert outcome.made_before == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "mix" in err
    assert "files" in err


@pytest.mark.parametrize("kind", ["csv", "feather"])
def test_other_formats_and_patterns(data, tmp_path, kind):
    X, is_anomaly = data
    dtype = np.float64 if kind == "csv" else np.float32
    source = write_inputs(tmp_path / "in", X.astype(dtype), is_anomaly, kind=kind)
    assert cli(options(f"{source}/*.{kind}", tmp_path / "out")) == 0
    rows = new_rows(tmp_path / "out")[0]
    assert np.array_equal(rows, expected((X.astype(dtype), is_anomaly))[0])


@pytest.mark.parametrize("scale", ["minmax", "none"])
def test_anomalies_of_a_file_of_their_own(data, tmp_path, scale):
    X, is_anomaly = data
    source = write_inputs(tmp_path / "in", X[~is_anomaly], is_anomaly[~is_anomaly], label=None)
    pq.write_table(pa.table(dict(zip(NAMES, X[is_anomaly].T.copy(), strict=True))), tmp_path / "a.parquet")
    arguments = ["augment", str(source), "-o", str(tmp_path / "out"), "--ignore", "id", "-n", "3000"]
    arguments += ["--seed", "5", "--anomalies", str(tmp_path / "a.parquet"), "--scale", scale]
    assert cli(arguments) == 0
    rows, table = new_rows(tmp_path / "out")
    assert np.array_equal(rows, expected(data, None if scale == "none" else scale)[0])
    assert table.column_names == NAMES


def test_rows_are_those_of_the_single_file_mode(inputs, tmp_path):
    files = ds.dataset(sorted(inputs.iterdir()))
    pq.write_table(files.to_table(), tmp_path / "one.parquet")
    assert cli(options(inputs, tmp_path / "out")) == 0
    single = options(tmp_path / "one.parquet", tmp_path / "single.parquet", "--only-new")
    at = single.index("--rows-per-file")
    assert cli([*single[:at], *single[at + 2 :]]) == 0
    made = pq.read_table(tmp_path / "single.parquet", columns=[*NAMES, "kind"])
    assert made.equals(new_rows(tmp_path / "out")[1])


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("kinds", [("f4", "f8"), ("i4", "f8"), ("i2", "i8"), ("i4", "f4"), ("f2", "f4")])
def test_files_of_several_types_lose_nothing(tmp_path, kinds, first):
    """Whichever file comes first, the values of each are taken as they are."""
    rng = np.random.default_rng(6)
    is_anomaly = np.isin(np.arange(N_ROWS), rng.choice(N_ROWS, 20, replace=False))
    halves = [(rng.random((N_ROWS // 2, 4)) * 1000).astype(kind) for kind in kinds]
    if first:
        halves.reverse()
    (tmp_path / "in").mkdir()
    for i, (half, marks) in enumerate(zip(halves, np.split(is_anomaly, 2), strict=True)):
        columns = dict(zip(NAMES, half.T.copy(), strict=True))
        marks = pa.array(np.where(marks, "bad", "fine"))
        pq.write_table(pa.table({**columns, "kind": marks, "id": marks}), tmp_path / f"in/{i}.parquet")
    assert cli(options(tmp_path / "in", tmp_path / "out")) == 0
    whole = np.concatenate([half.astype("f4" if kinds == ("f2", "f4") else "f8") for half in halves])
    rows = new_rows(tmp_path / "out")[0]
    assert rows.dtype == (np.int64 if kinds == ("i2", "i8") else whole.dtype)
    assert np.array_equal(rows, expected((whole, is_anomaly))[0])


@pytest.mark.parametrize("odd", ["in-0", "in-4"])
def test_a_column_that_some_files_lack_is_named(inputs, tmp_path, capsys, odd):
    path = next(path for path in inputs.iterdir() if path.name.startswith(odd))
    table = pq.read_table(path)
    pq.write_table(table.append_column("more", table["x0"]), path)
    assert cli(options(inputs, tmp_path / "out")) == 1
    assert "got None at row 0, column 'more'" in capsys.readouterr().err
    assert cli(options(inputs, tmp_path / "other", "--ignore", "more")) == 0


def test_old_rows_of_another_type_do_not_come_along(inputs, tmp_path, capsys):
    path = max(inputs.iterdir())
    table = pq.read_table(path)
    pq.write_table(table.set_column(0, "x0", table["x0"].cast(pa.float64())), path)
    first = min(inputs.iterdir())
    assert cli(options(inputs, tmp_path / "out", "--with-old")) == 1
    assert "column 'x1' is float and new rows are double" in capsys.readouterr().err
    for file in inputs.iterdir():
        table = pq.read_table(file)
        for j, name in enumerate(NAMES):
            if file != first or j:
                table = table.set_column(j, name, table[name].cast(pa.float64()))
        pq.write_table(table, file)
    assert cli(options(inputs, tmp_path / "out", "--with-old")) == 1
    assert f"column 'x0' of {first} is not double" in capsys.readouterr().err


def test_new_rows_are_no_input_of_the_next_run(inputs, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for source, output in (
        (inputs, inputs / "new"),
        ("in", "in/new"),
        ("**/*.parquet", "new"),
        (f"{inputs}/**/*.parquet", inputs / "a" / "b"),
        ("*/*.parquet", "new"),
    ):
        assert cli(options(source, output)) == 1, source
        assert "take them for inputs; name an output folder elsewhere" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]
    # One folder deeper than the pattern looks.
    for resume in ([], ["--resume"]):
        assert cli(options("in/*.parquet", "in/new", *resume)) == 0


def test_old_rows_come_along_if_asked_for(data, inputs, tmp_path):
    assert cli(options(inputs, tmp_path / "out", "--with-old")) == 0
    whole = ds.dataset(tmp_path / "out", format="parquet").to_table()
    assert whole.num_rows == N_ROWS + 3000
    assert np.array_equal(whole["x1"].to_numpy()[:N_ROWS], data[0][:, 1])
    assert cli(options(inputs, tmp_path / "twice", "--with-old", "--only-new")) == 2


@pytest.mark.parametrize("stop", ["_table.npz", "part-00000.parquet", "part-00002.parquet"])
def test_killed_at_any_moment_the_run_goes_on_to_the_same_bytes(inputs, tmp_path, stop):
    assert cli(options(inputs, tmp_path / "whole")) == 0
    program = (
        "import os, signal, sys, nngmix.cli\n"
        "replace = os.replace\n"
        "def killing(beside, path):\n"
        f"    if path.endswith({stop!r}): os.kill(os.getpid(), signal.SIGKILL)\n"
        "    replace(beside, path)\n"
        "os.replace = killing\n"
        "nngmix.cli.run(sys.argv[1:])"
    )
    arguments = options(inputs, tmp_path / "out")
    killed = subprocess.run([sys.executable, "-c", program, *arguments], timeout=60)
    assert killed.returncode == -signal.SIGKILL
    there = contents(tmp_path / "out")
    assert stop not in there
    assert any(name.startswith(f".{stop}.") for name in there)
    whole = contents(tmp_path / "whole")
    # What stands under a final name is whole.
    done = {name for name in there if name.startswith("part-")}
    assert all(there[name] == whole[name] for name in done)
    # Without --resume only a run that has made nothing yet is begun again.
    assert cli(options(inputs, tmp_path / "out")) == (0 if stop == "_table.npz" else 1)
    assert cli(options(inputs, tmp_path / "out", "--resume")) == 0
    assert contents(tmp_path / "out") == whole


def test_killed_by_the_clock(inputs, tmp_path):
    """Not at chosen points: whenever the signal comes."""
    arguments = [value for value in options(inputs, "") if value][3:]
    command = [sys.executable, "-m", "nngmix", "augment", str(inputs), "-o"]
    more = [*arguments[0:], "--resume"]
    more[more.index("3000")] = "200000"
    more[more.index("700")] = "4000"
    whole = tmp_path / "whole"
    assert subprocess.run([*command, str(whole), *more], timeout=60).returncode == 0
    out, kills = tmp_path / "out", 0
    for delay in (0.45, 0.55, 0.65, 0.75, 5):
        process = subprocess.Popen([*command, str(out), *more], stdout=subprocess.DEVNULL)
        time.sleep(delay) if delay < 5 else process.wait(60)
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    assert kills > 0
    assert contents(out) == contents(whole)


def test_a_resumed_run_searches_no_more_and_mends_what_was_damaged(inputs, tmp_path, monkeypatch, capsys):
    assert cli(options(inputs, tmp_path / "out")) == 0
    whole = contents(tmp_path / "out")
    (tmp_path / "out" / "part-00001.parquet").write_bytes(b"damaged")
    (tmp_path / "out" / "part-00003.parquet").unlink()

    def never(*_):
        raise AssertionError("searched again")

    monkeypatch.setattr(importlib.import_module("nngmix.jobs.run"), "fit", never)
    assert cli(options(inputs, tmp_path / "out", "--resume")) == 0
    assert contents(tmp_path / "out") == whole
    assert "3 files were there already" in capsys.readouterr().out


def test_only_the_same_run_is_resumed(inputs, tmp_path, capsys):
    assert cli(options(inputs, tmp_path / "out")) == 0
    whole = contents(tmp_path / "out")
    for more, said in (
        (["--noise-std", "0.5"], "noise_std was 0.01 and is 0.5"),
        (["--anomaly", "worse"], "anomaly was ['bad'] and is ['bad', 'worse']"),
        (["--missing", "skip"], "missing was 'error' and is 'skip'"),
        (["--mark", "new"], "mark was None and is 'new'"),
        (["--decimal", ","], "csv was"),
    ):
        assert cli(options(inputs, tmp_path / "out", "--resume", *more)) == 1
        assert said in capsys.readouterr().err
    other = options(inputs, tmp_path / "out", "--resume")
    other[other.index("5")] = "6"
    assert cli(other) == 1
    assert "the seed was 5 and is 6" in capsys.readouterr().err
    path = next(inputs.iterdir())
    os.utime(path, (1, 1))
    assert cli(options(inputs, tmp_path / "out", "--resume")) == 1
    assert f"inputs changed: {path}" in capsys.readouterr().err
    assert contents(tmp_path / "out") == whole
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    assert cli(options(inputs, tmp_path / "mine")) == 1
    assert "is not empty" in capsys.readouterr().err


def test_a_full_disk_loses_nothing(inputs, tmp_path):
    """A limit on the size of files stands for a disk without room."""
    assert cli(options(inputs, tmp_path / "whole")) == 0
    largest = max(path.stat().st_size for path in (tmp_path / "whole").glob("part-*"))
    command = [sys.executable, "-m", "nngmix", *options(inputs, tmp_path / "out")]

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest - 100, largest - 100))

    full = subprocess.run(command, capture_output=True, text=True, preexec_fn=limited, timeout=60)
    assert full.returncode == 1
    assert "part-00000.parquet: cannot be written: File too large" in full.stderr
    assert "make room, then go on with --resume" in full.stderr
    assert not [name for name in contents(tmp_path / "out") if name.endswith((".part", ".parquet"))]
    assert cli(options(inputs, tmp_path / "out", "--resume")) == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize("name", ["_table.npz", "_anomalies.arrow", "_manifest.json"])
def test_a_full_disk_is_told_of_every_file(inputs, tmp_path, monkeypatch, capsys, name):
    assert cli(options(inputs, tmp_path / "whole")) == 0
    fsync = os.fsync

    def full(descriptor):
        # The manifest of the beginning still finds room.
        there = os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))
        if there.startswith(f".{name}.") and (tmp_path / "out" / "_manifest.json").exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    assert cli(options(inputs, tmp_path / "out")) == 1
    error = capsys.readouterr().err
    assert f"{name}: cannot be written: No space left on device" in error
    assert "make room, then go on with --resume" in error
    monkeypatch.undo()
    assert cli(options(inputs, tmp_path / "out", "--resume")) == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize("fault", ["garbage", "cut", "nan"])
@pytest.mark.parametrize("scale", ["minmax", "none"])
def test_a_bad_file_is_named_and_skipped_only_on_demand(data, inputs, tmp_path, capsys, fault, scale):
    X, is_anomaly = data
    files = sorted(inputs.iterdir())
    if fault == "garbage":
        files[0].write_bytes(b"PAR1 this is no Parquet file PAR1")
    elif fault == "cut":
        files[0].write_bytes(files[0].read_bytes()[:-2000])
    else:
        table = pq.read_table(files[0])
        values = table["x2"].to_numpy().copy()
        values[77] = np.nan
        pq.write_table(table.set_column(2, "x2", pa.array(values)), files[0])
    assert cli(options(inputs, tmp_path / "out", "--scale", scale)) == 1
    error = capsys.readouterr().err
    assert files[0].name in error
    assert "--skip-bad leaves such files out" in error
    assert fault != "nan" or "got nan at row 77, column 'x2'" in error
    assert not list((tmp_path / "out").glob("part-*"))
    assert cli(options(inputs, tmp_path / "out", "--scale", scale, "--skip-bad")) == 0
    out = capsys.readouterr().out
    assert "1 files that could not be used" in out
    assert files[0].name in out
    told = json.loads((tmp_path / "out" / "_manifest.json").read_text())
    assert [item["path"] for item in told["skipped"]] == [str(files[0])]
    assert told["rows"] == N_ROWS * 4 // 5
    kept = X[N_ROWS // 5 :], is_anomaly[N_ROWS // 5 :]
    sampler = NNGMix(n_samples=3000, scale=None if scale == "none" else scale, random_state=5)
    X_new = sampler.fit_resample(kept[0], kept[1].astype(int))[0][len(kept[0]) :]
    assert np.array_equal(new_rows(tmp_path / "out")[0], X_new)


def test_what_a_skipped_file_gave_before_its_fault_is_taken_back(data, tmp_path, monkeypatch):
    X, is_anomaly = data
    monkeypatch.setattr("nngmix.jobs.inputs.SEARCH_VALUES", 1)
    source = write_inputs(tmp_path / "in", X[~is_anomaly], is_anomaly[~is_anomaly], n_files=3, label=None)
    anomalies = pa.table(dict(zip(NAMES, X[is_anomaly].T.copy(), strict=True)))
    pq.write_table(anomalies, tmp_path / "a.parquet")
    # The nearest rows there can be, in the first batch of a file whose second has the fault.
    bad = sorted(source.iterdir())[1]
    near = pa.concat_tables([anomalies] * 100).append_column("id", pa.array(np.arange(2000)))
    values = near["x0"].to_numpy().copy()
    values[1500] = np.inf
    pq.write_table(near.set_column(0, "x0", pa.array(values)), bad)
    arguments = ["augment", str(source), "-o", str(tmp_path / "out"), "--ignore", "id", "-n", "3000"]
    arguments += ["--seed", "5", "--anomalies", str(tmp_path / "a.parquet"), "--scale", "none"]
    assert cli([*arguments, "--skip-bad"]) == 0
    kept = np.delete(X[~is_anomaly], np.s_[1994:3987], axis=0)
    both = np.concatenate([X[is_anomaly], kept])
    sampler = NNGMix(n_samples=3000, scale=None, random_state=5)
    X_new = sampler.fit_resample(both, (np.arange(len(both)) < 20).astype(int))[0][len(both) :]
    assert np.array_equal(new_rows(tmp_path / "out")[0], X_new)


def test_usage(inputs, tmp_path, capsys):
    assert cli(options(inputs, tmp_path / "out.parquet")) == 2
    assert "name one as output, without an ending" in capsys.readouterr().err
    for more, said in (
        (["--memory", "a lot"], "expected a size such as 1GiB"),
        (["--anomaly", "worst"], "no row has 'worst' in the label column 'kind' of the 5 files"),
        (["--label", "id"], "'--label' is given more than once, but it takes one value alone"),
        (["--ignore", "none"], "there is no column 'none'"),
        (["--memory", "1MB"], "--memory must be at least 384 MiB"),
    ):
        assert cli(options(inputs, tmp_path / "out", *more)) in (1, 2)
        assert said in capsys.readouterr().err
    assert cli(["augment", str(inputs), "-o", str(tmp_path / "out"), "--ignore", "id"]) == 1
    assert "which rows are the labelled anomalies?" in capsys.readouterr().err
    assert cli(["augment", str(tmp_path / "no*.parquet"), "-o", str(tmp_path / "out"), "--label", "kind",
                "--anomaly", "bad"]) == 1  # fmt: skip
    assert "no file has such a name" in capsys.readouterr().err


# The system's own account: that of a child process would begin with the memory of this one.
_PEAK = """
import sys
from nngmix.cli import run
code = run(sys.argv[1:])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(code)
"""


def test_memory_does_not_grow_with_the_rows(tmp_path):
    rng = np.random.default_rng(2)
    peaks = []
    for n_rows in (1_000_000, 6_000_000):
        folder = tmp_path / str(n_rows)
        folder.mkdir()
        columns = {f"x{j}": rng.random(n_rows, dtype=np.float32) for j in range(10)}
        table = pa.table({**columns, "y": (np.arange(n_rows) < 9).astype(np.int8)})
        pq.write_table(table, folder / "in.parquet", compression="none", row_group_size=100_000)
        command = [sys.executable, "-c", _PEAK, "augment", str(folder), "-o", str(tmp_path / f"{n_rows}o")]
        command += ["--label", "y", "--anomaly", "1", "-n", str(n_rows), "--memory", "500MiB"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        peaks.append(int(done.stdout.split()[-2]) * 1024)
    # 200 MB more came in, and as many went out; how much waits in the queues varies with the load.
    assert peaks[1] - peaks[0] < 150e6, peaks
    assert peaks[1] < 500 << 20


def test_memory_does_not_grow_with_the_files(tmp_path):
    columns = {f"x{j}": np.linspace(0, 1, 64, dtype=np.float32) + j for j in range(60)}
    table = pa.table({**columns, "y": (np.arange(64) < 2).astype(np.int8)})
    peaks = []
    for n_files in (20, 220):
        folder = tmp_path / str(n_files)
        folder.mkdir()
        pq.write_table(table, folder / "0.parquet", row_group_size=32)
        for i in range(1, n_files):
            os.link(folder / "0.parquet", folder / f"{i}.parquet")
        command = [sys.executable, "-c", _PEAK, "augment", str(folder), "-o", str(tmp_path / f"{n_files}o")]
        command += ["--label", "y", "--anomaly", "1", "-n", "10"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        peaks.append(int(done.stdout.split()[-2]) * 1024)
    assert peaks[1] - peaks[0] < 20e6, peaks


def test_more_rows_than_the_disk_holds_are_refused_with_their_size(inputs, tmp_path, capsys):
    for amount in ("1000000000000000", "1000000000000000x"):
        asked = [amount if option == "3000" else option for option in options(inputs, tmp_path / "new")]
        assert cli(asked) == 1
        assert re.search(r"new rows of \d+ columns need [\d.]+ GiB, and the disk", capsys.readouterr().err)


def test_outputs_that_are_no_folder_of_a_run(inputs, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    for name in ("file", "file/in"):
        assert cli(options(inputs, tmp_path / name)) == 1
        assert "is no folder" in capsys.readouterr().err
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "_manifest.json").write_text('{"format": 2}')
    assert cli([*options(inputs, tmp_path / "new"), "--resume"]) == 1
    assert "is not a manifest of nngmix" in capsys.readouterr().err
