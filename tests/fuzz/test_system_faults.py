"""Every command that writes, on a system whose n-th call fails, for n = 1, 2, ... until none does.

It ends in one line that says what could not be done, and what stands under a final name is whole; or in the
same bytes as on a system that works.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from fuzz_cases import NIGHT, SEED
from nngmix import NeighborScore, NeighborTable
from shell import shell
from system_faults import CALLS, Faults

WHO = ("--label", "kind", "--anomaly", "bad")
MADE = ("-n", "20", "--seed", "3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    kind = np.where(np.arange(60) % 12 == 0, "bad", "fine")
    table = pa.table({"a": rng.random(60), "b": rng.random(60), "kind": kind})
    pa.csv.write_csv(table, tmp_path / "in.csv")
    pa.csv.write_csv(table.drop_columns("kind"), tmp_path / "new.csv")
    (tmp_path / "parts").mkdir()
    for part in range(2):
        pq.write_table(table.slice(30 * part, 30), tmp_path / "parts" / f"{part}.parquet")
    for part in range(2):
        X = np.column_stack([table[name].to_numpy() for name in "ab"])
        saved = NeighborTable(X[::12], 3).update(X[part * 30 :][:30], row_ids=part * 30)
        saved.save(tmp_path / f"table-{part}.npz")
    NeighborScore(3, anomaly_label="bad").fit(X, kind).save(tmp_path / "model.npz")
    return tmp_path


def saved(folder: Path, out: Path) -> Any:
    """`save` without the shell, which tells of an error as the shell does."""
    table = NeighborTable.load(folder / "table-0.npz")
    try:
        table.save(out / "made.npz")
    except OSError as error:
        return subprocess.CompletedProcess([], 1, "", f"error: {error}\n")
    return subprocess.CompletedProcess([], 0, "", "")


Command = Callable[[Path, Path], Any]
COMMANDS: dict[str, Command] = {
    "augment a file": lambda at, out: shell("augment", at / "in.csv", "-o", out / "made.csv", *WHO, *MADE),
    "augment into npz": lambda at, out: shell("augment", at / "in.csv", "-o", out / "made.npz", *WHO, *MADE),
    "augment into a folder": lambda at, out: shell(
        "augment", at / "parts", "-o", out / "made", *WHO, *MADE, "--rows-per-file", "7", "--with-old"
    ),
    "fit": lambda at, out: shell("fit", at / "parts", *WHO, "-o", out / "made.npz"),
    "merge": lambda at, out: shell("merge", at / "table-0.npz", at / "table-1.npz", "-o", out / "made.npz"),
    "generate": lambda at, out: shell("generate", at / "table-0.npz", *MADE, "-o", out / "made.parquet"),
    "rank": lambda at, out: shell(
        "rank", at / "in.csv", *WHO, "-o", out / "made.csv", "--model", out / "m.npz"
    ),
    "score": lambda at, out: shell(
        "score", at / "new.csv", "--model", at / "model.npz", "-o", out / "made.csv"
    ),
    "table.save": saved,
}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same(name: str, found: bytes, whole: bytes) -> bool:
    """Whether a file is whole; the manifest of an unfinished run is another one."""
    return found == whole or name.endswith("_manifest.json")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_nth_call_fails(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, out = COMMANDS[command], folder / "out"
    out.mkdir()
    assert run(folder, out).returncode == 0
    whole = contents(out)
    n_faults = 0
    # A folder takes many calls, each with a resumed run.
    step = 5 if command == "augment into a folder" and not NIGHT else 1
    for call in CALLS:
        for nth in range(1, 1000, step):
            shutil.rmtree(out)
            out.mkdir()
            with monkeypatch.context() as patch:
                faults = Faults(patch, out, call, nth)
                done = run(folder, out)
                struck = faults.struck
            said = f"{command}, {call} number {nth}: {done.stderr}"
            there = contents(out)
            assert all(same(name, there[name], whole[name]) for name in there.keys() & whole.keys()), said
            assert done.returncode in (0, 1), said
            if done.returncode == 0:
                assert there == whole, said
            else:
                assert struck, said
                assert done.stderr.startswith("error: "), said
                assert done.stderr.count("\n") == 1, said
                assert "out" in done.stderr, said
                strange = {name for name in there.keys() - whole.keys() if not name.startswith("made/")}
                assert not strange, f"{said}: {strange} is left"
                if command == "augment into a folder":
                    resumed = shell(*done.args, "--resume")
                    assert resumed.returncode == 0, f"{said}, then {resumed.stderr}"
                    assert contents(out) == whole, said
            if not struck:
                break
            n_faults += 1
    assert n_faults >= 5


def test_killed_whenever_a_run_goes_on_to_the_same_bytes(folder: Path) -> None:
    """Each kill comes at a random moment of a process that goes on with what the ones before left."""
    rng = random.Random(SEED)
    command = [sys.executable, "-m", "nngmix", "augment", str(folder / "parts"), *WHO, "--seed", "3"]
    command += ["-n", "12000", "--rows-per-file", "300", "-o"]
    began = time.perf_counter()
    assert subprocess.run([*command, folder / "whole"], capture_output=True, check=False).returncode == 0
    seconds = time.perf_counter() - began
    out, kills, runs = folder / "out", 0, 0
    while kills < (200 if NIGHT else 3):
        process = subprocess.Popen([*command, str(out), "--resume"], stderr=subprocess.DEVNULL)
        time.sleep(seconds * rng.uniform(0.2, 1))
        process.send_signal(signal.SIGKILL)
        killed = process.wait(60) == -signal.SIGKILL
        kills, runs = kills + killed, runs + 1
        for path in out.glob("part-*.parquet"):
            assert path.read_bytes() == (folder / "whole" / path.name).read_bytes()
        if not killed:
            assert contents(out) == contents(folder / "whole")
            shutil.rmtree(out)
    assert subprocess.run([*command, str(out), "--resume"], capture_output=True, check=False).returncode == 0
    assert contents(out) == contents(folder / "whole")
    assert os.path.exists(out / "_manifest.json")
