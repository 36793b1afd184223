"""The comparison methods give the same bytes whatever the threads, the cuts, the layout and the CPU."""

import copy
import hashlib
import os
import pickle
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nngmix
from comparison import METHODS, columns
from nngmix.methods import parents
from small_blocks import small_blocks
from strategies import DTYPES, SEEDS, make_rows

ALL = pytest.mark.parametrize("name", METHODS)


def data(dtype: Any = np.float64, n: int = 60, d: int = 7) -> tuple[Any, Any]:
    rng = np.random.default_rng(3)
    return make_rows(rng, 20, d, "continuous", dtype), make_rows(rng, n, d, "continuous", dtype)


@ALL
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("start", [0, 12_345])
def test_threads_make_the_same(name: str, dtype: Any, start: int) -> None:
    anomalies, unlabeled = data(dtype)
    made = [
        METHODS[name](
            anomalies, unlabeled, 150_001, random_state=1, start=start, return_plan=True, n_threads=n
        )
        for n in (1, 2, 5)
    ]
    for rows, plan in made[1:]:
        assert rows.tobytes() == made[0][0].tobytes()
        assert [c.tobytes() for c in columns(plan).values()] == [
            c.tobytes() for c in columns(made[0][1]).values()
        ]
    alone = METHODS[name](anomalies, unlabeled, 150_001, random_state=1, start=start, n_threads=2)
    assert alone.tobytes() == made[0][0].tobytes()


@ALL
@given(
    DTYPES,
    st.sampled_from([1, 3, 7, 31, 64]),
    st.lists(st.integers(0, 700), max_size=5),
    st.integers(0, 3000) | st.integers(2**40, 2**50),
    SEEDS,
)
def test_any_split_concatenates_to_the_whole(
    name: str, dtype: Any, d: int, cuts: list[int], start: int, seed: int
) -> None:
    anomalies, unlabeled = data(dtype, d=d)
    method = METHODS[name]
    whole, plan = method(anomalies, unlabeled, 700, start=start, random_state=seed, return_plan=True)
    edges = [0, *sorted(cuts), 700]
    parts = [
        method(anomalies, unlabeled, b - a, start=start + a, random_state=seed, return_plan=True)
        for a, b in pairwise(edges)
    ]
    assert np.concatenate([rows for rows, _ in parts]).tobytes() == whole.tobytes()
    for column, values in columns(plan).items():
        assert np.concatenate([getattr(p, column) for _, p in parts]).tobytes() == values.tobytes()
    for a, b in pairwise(edges):
        assert plan[a:b].start == (start + a if a < 700 else start + 700)
        assert columns(plan[a:b])["anchor"].tobytes() == plan.anchor[a:b].tobytes()


@ALL
def test_spans_do_not_matter(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    anomalies, unlabeled = data()
    X, y = np.concatenate([unlabeled, anomalies]), np.arange(80) >= 60
    method = METHODS[name]
    sampler = method.sampler(n_samples=300, random_state=0, **method.parameters)
    expected = method(anomalies, unlabeled, 300, random_state=0), sampler.fit_resample(X, y)[0]
    for n_values in (50, 100):
        small_blocks(monkeypatch, n_values)
        monkeypatch.setattr(parents, "_SPAN_ROWS", 17)
        got = method(anomalies, unlabeled, 300, random_state=0), sampler.fit_resample(X, y)[0]
        fetched = method(anomalies, np.asfortranarray(unlabeled), 300, random_state=0)
        assert got[0].tobytes() == expected[0].tobytes() == fetched.tobytes()
        assert got[1].tobytes() == expected[1].tobytes()


@ALL
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layouts_give_the_same_rows(
    name: str, dtype: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = data(dtype)
    method = METHODS[name]
    expected, plan = method(*arrays, 200, random_state=0, return_plan=True)
    small_blocks(monkeypatch, 50)
    mapped = []
    for i, array in enumerate(arrays):
        np.save(tmp_path / f"{i}.npy", array)
        mapped.append(np.load(tmp_path / f"{i}.npy", mmap_mode="r"))
    for layouts in (
        [np.asfortranarray(array) for array in arrays],
        [np.repeat(np.repeat(array, 3, axis=0), 2, axis=1)[::3, ::2] for array in arrays],
        [array.astype(array.dtype.newbyteorder(">")) for array in arrays],
        mapped,
    ):
        got, again = method(*layouts, 200, random_state=0, return_plan=True)
        assert got.dtype == dtype
        assert got.tobytes() == expected.tobytes()
        # The plan speaks of the rows that were passed, however they were fetched.
        assert [c.tobytes() for c in columns(again).values()] == [c.tobytes() for c in columns(plan).values()]


@ALL
def test_lists_and_integers_are_their_float64_rows(name: str) -> None:
    rng = np.random.default_rng(3)
    anomalies, unlabeled = make_rows(rng, 20, 5, "ties", float), make_rows(rng, 90, 5, "ties", float)
    expected = METHODS[name](anomalies, unlabeled, 200, random_state=0)
    for convert in (np.ndarray.tolist, lambda a: a.astype(np.int32), lambda a: a.astype(">i2")):
        got = METHODS[name](convert(anomalies), convert(unlabeled), 200, random_state=0)
        assert got.dtype == np.float64
        assert got.tobytes() == expected.tobytes()
    halves = [a.astype(np.float16) for a in (anomalies, unlabeled)]
    assert METHODS[name](*halves, 5).dtype == np.float32


@pytest.mark.parametrize("function", [nngmix.mixup, nngmix.cutmix])
def test_the_dtype_is_float32_only_if_both_inputs_are(function: Any) -> None:
    anomalies, unlabeled = data(np.float32)
    for partners in ("anomaly", "all"):
        assert function(anomalies, unlabeled, 5, partners=partners).dtype == np.float32
        assert function(anomalies, unlabeled.astype(float), 5, partners=partners).dtype == np.float64
    assert function(anomalies, None, 5).dtype == np.float32
    expected = function(anomalies, None, 50, random_state=0)
    assert function(anomalies, unlabeled, 50, random_state=0).tobytes() == expected.tobytes()


@ALL
def test_out_takes_the_rows_and_nothing_of_the_input_changes(name: str) -> None:
    anomalies, unlabeled = data(np.float32)
    before = anomalies.copy(), unlabeled.copy()
    expected = METHODS[name](anomalies, unlabeled, 50, random_state=0)
    buffer = np.full((70, 7), np.nan, np.float32)
    got = METHODS[name](anomalies, unlabeled, 50, random_state=0, out=buffer[10:60])
    assert np.shares_memory(got, buffer)
    assert buffer[10:60].tobytes() == expected.tobytes()
    assert np.isnan(buffer[:10]).all()
    assert np.isnan(buffer[60:]).all()
    assert not np.shares_memory(expected, anomalies)
    assert anomalies.tobytes() == before[0].tobytes()
    assert unlabeled.tobytes() == before[1].tobytes()


@ALL
def test_a_generator_moves_on_and_an_int_does_not(name: str) -> None:
    def make(random_state: Any) -> bytes:
        rows: bytes = METHODS[name](*data(), 20, random_state=random_state).tobytes()
        return rows

    generator = np.random.default_rng(0)
    first = make(generator)
    assert first != make(generator)
    assert first == make(np.random.default_rng(0))
    assert make(4) == make(4) == make(np.random.SeedSequence(4)) != make(5)
    assert make(None) != make(None)


@ALL
def test_plans_pickle_and_copy(name: str) -> None:
    _, plan = METHODS[name](*data(), 30, start=5, random_state=0, return_plan=True)
    for other in (pickle.loads(pickle.dumps(plan)), copy.deepcopy(plan), plan[:]):
        assert type(other) is type(plan)
        assert other.start == 5
        for column, values in columns(plan).items():
            assert getattr(other, column).tobytes() == values.tobytes()
    with pytest.raises(TypeError, match="slices without a step"):
        plan[::2]


LEVELS = """
import hashlib
import numpy as np
from comparison import METHODS

rng = np.random.default_rng(3)
for dtype in (np.float32, np.float64):
    for d in (1, 7, 16, 33):
        anomalies, unlabeled = rng.random((20, d)).astype(dtype), rng.random((60, d)).astype(dtype)
        for method in METHODS.values():
            rows = method(anomalies, unlabeled, 2000, random_state=1)
            print(hashlib.sha256(rows.tobytes()).hexdigest())
"""


def test_every_instruction_set_gives_the_same_bytes() -> None:
    made = {}
    os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    for level in ("baseline", "avx2", "avx512"):
        done = subprocess.run(
            [sys.executable, "-c", LEVELS],
            env={
                "NNGMIX_FORCE_ISA": level,
                "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]),
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        # A machine refuses what it does not have.
        if "as far as the machine has it" not in done.stderr:
            assert done.returncode == 0, done.stderr
            made[level] = done.stdout.split()
    assert "baseline" in made
    assert len(made["baseline"]) == 8 * len(METHODS)
    assert all(hashes == made["baseline"] for hashes in made.values())
    rng = np.random.default_rng(3)
    anomalies, unlabeled = rng.random((20, 1)).astype(np.float32), rng.random((60, 1)).astype(np.float32)
    rows = METHODS["mixup"](anomalies, unlabeled, 2000, random_state=1)
    assert hashlib.sha256(rows.tobytes()).hexdigest() == made["baseline"][0]
