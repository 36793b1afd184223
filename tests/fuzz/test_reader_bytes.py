"""Damaged files: every reader gives what was written, or one error that names the file.

Every bit is flipped and every length is cut at night, a seeded sample of them in CI. Formats with a
checksum never give other content.
"""

import json
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from fuzz_cases import sample
from nngmix import NeighborScore, NeighborTable
from nngmix.files.reader import read_table
from nngmix.rows.scaling import Scale
from shell import shell

N_ROWS = 24
# What a reader may raise, as the shell tells it: one line.
EXPECTED = (ValueError, TypeError, OSError, MemoryError)
SECONDS = 20


def table() -> pa.Table:
    rng = np.random.default_rng(0)
    kind = np.where(np.arange(N_ROWS) % 6 == 0, "bad", "fine")
    return pa.table({"a": rng.random(N_ROWS), "b": rng.integers(0, 9, N_ROWS), "kind": kind})


def write_npz(path: Path) -> None:
    X = np.column_stack([table()[name].to_numpy() for name in "ab"])
    np.savez(path, X=X, kind=np.array(table()["kind"].to_pylist()), columns=np.array(["a", "b"]))


def write_compressed(path: Path) -> None:
    with pa.output_stream(path) as stream:
        pa.csv.write_csv(table(), stream)


def write_table(path: Path) -> None:
    anomalies = np.linspace(-1, 7, 12).reshape(4, 3)
    scale = Scale(np.array([1.0, 2, 3]), np.array([2.0, 0.5, 4]))
    saved = NeighborTable(anomalies, 2, scale=scale).update(np.linspace(-3, 9, 90).reshape(30, 3) ** 2)
    saved.feature_names = ("a", "b", None)
    saved.save(path)


def write_score(path: Path) -> None:
    X = np.linspace(-3, 9, 90).reshape(30, 3) ** 2
    NeighborScore(2, anomaly_label="bad").fit(X, table()["kind"].to_numpy()[np.arange(30) % N_ROWS]).save(
        path
    )


def content_of_table(path: Path) -> Any:
    read = read_table(str(path), "kind")
    return read.features, read.rows.dtype, np.asarray(read.X).tobytes(), read.labels.to_pylist()


def content_of_neighbors(path: Path) -> Any:
    read = NeighborTable.load(path)
    scale = (None, None) if read.scale is None else (read.scale.offset.tobytes(), read.scale.width.tobytes())
    arrays = (read.X_anomaly, read.X_scaled, *vars(read.state).values())
    counts = read.n_seen, read.n_neighbors, read.n_neighbors_anomaly, read._numbered_itself
    return *(array.tobytes() for array in arrays), *scale, *counts, read.feature_names


def content_of_score(path: Path) -> Any:
    read = NeighborScore.load(path)
    return read.decision_function(np.linspace(-5, 50, 60).reshape(20, 3)).tobytes(), vars(read.model_).keys()


Reader = tuple[Callable[[Path], None], Callable[[Path], Any], bool]
# How a file is written and read, and whether its bytes are guarded by a checksum.
READERS: dict[str, Reader] = {
    "t.csv": (lambda path: pa.csv.write_csv(table(), path), content_of_table, False),
    "t.csv.gz": (write_compressed, content_of_table, True),
    "t.csv.bz2": (write_compressed, content_of_table, True),
    "t.csv.zst": (write_compressed, content_of_table, False),
    "t.parquet": (lambda path: pq.write_table(table(), path), content_of_table, False),
    "t.feather": (lambda path: pa.feather.write_feather(table(), path), content_of_table, False),
    "t.npz": (write_npz, content_of_table, True),
    "table.npz": (write_table, content_of_neighbors, True),
    "score.npz": (write_score, content_of_score, True),
}


@contextmanager
def in_time() -> Iterator[None]:
    """A reader that hangs is stopped."""

    def late(*_: object) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def damages(whole: bytes, in_ci: int) -> Iterator[tuple[str, bytes]]:
    """The bytes with one bit flipped, and cut short, and what was done to them."""
    for bit in sample(range(8 * len(whole)), in_ci):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit % 8} of byte {bit // 8} flipped", bytes(flipped)
    for length in sample(range(len(whole)), in_ci // 4):
        yield f"cut to {length} bytes", whole[:length]


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_read_as_it_was_or_refused_by_name(name: str, tmp_path: Path) -> None:
    write, read, guarded = READERS[name]
    path = tmp_path / name
    write(path)
    whole = path.read_bytes()
    expected = read(path)
    n_refused = 0
    for said, damaged in damages(whole, 150):
        path.write_bytes(damaged)
        try:
            with in_time():
                found = read(path)
        except BaseException as error:
            if not isinstance(error, EXPECTED) or name not in str(error):
                raise AssertionError(f"{said}: {error!r}") from error
            n_refused += 1
        else:
            assert not guarded or found == expected, f"{said}: other content"
    assert n_refused > 0


def test_a_damaged_manifest_is_gone_on_with_or_refused_by_name(tmp_path: Path) -> None:
    pq.write_table(table(), tmp_path / "in.parquet")
    options = ["--label", "kind", "--anomaly", "bad", "-n", "20", "--seed", "3", "--rows-per-file", "7"]
    arguments = ["augment", tmp_path / "in.parquet", "-o", tmp_path / "out", *options, "--resume"]
    assert shell(*arguments).returncode == 0
    shutil.copytree(tmp_path / "out", tmp_path / "whole")
    made = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
    whole = made["_manifest.json"]
    assert json.loads(whole)["status"] == "complete"
    for said, damaged in damages(whole, 40):
        shutil.rmtree(tmp_path / "out")
        shutil.copytree(tmp_path / "whole", tmp_path / "out")
        (tmp_path / "out" / "_manifest.json").write_bytes(damaged)
        with in_time():
            done = shell(*arguments)
        assert done.returncode in (0, 1), f"{said}: {done.stderr}"
        if done.returncode == 1:
            assert done.stderr.count("\n") == 1, f"{said}: {done.stderr}"
            assert str(tmp_path / "out") in done.stderr, f"{said}: {done.stderr}"
            continue
        for name, content in made.items():
            if name.startswith("part-"):
                there = (tmp_path / "out" / name).read_bytes()
                assert there == content, f"{said}: other content of {name}"
