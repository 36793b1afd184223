"""The same bytes whatever the threads, the cuts, the order and the memory layout."""

import copy
import pickle
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import nngmix
from fuzz_cases import examples
from small_blocks import small_blocks
from strategies import DTYPES, KINDS, SEEDS, make_rows

Table = nngmix.NeighborTable


def data(dtype: Any = np.float64, kind: str = "ties", n: int = 400, d: int = 5) -> tuple[Any, Any]:
    rng = np.random.default_rng(3)
    return make_rows(rng, 20, d, kind, dtype), make_rows(rng, n, d, kind, dtype)


def assert_same_state(got: Table, expected: Table) -> None:
    assert got.n_seen == expected.n_seen
    assert got.squared_distances.tobytes() == expected.squared_distances.tobytes()
    assert got.row_ids.tobytes() == expected.row_ids.tobytes()
    assert got.neighbor_rows.dtype == expected.neighbor_rows.dtype
    assert got.neighbor_rows.tobytes() == expected.neighbor_rows.tobytes()


# ---- threads: enough work for all five of them, see the work one thread is worth in the bridge -----------


@pytest.mark.parametrize("n_threads", [2, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["ties", "continuous"])
@pytest.mark.parametrize(("n_queries", "n_rows"), [(50, 20_000), (700, 2_000)])
def test_threads_find_the_same(n_threads: int, dtype: Any, kind: str, n_queries: int, n_rows: int) -> None:
    rng = np.random.default_rng(0)
    queries = make_rows(rng, n_queries, 6, kind, dtype)
    rows = make_rows(rng, n_rows, 6, kind, dtype)
    expected = nngmix.kneighbors(queries, rows, 10, n_threads=1)
    got = nngmix.kneighbors(queries, rows, 10, n_threads=n_threads)
    assert got[0].tobytes() == expected[0].tobytes()
    assert got[1].tobytes() == expected[1].tobytes()
    one, many = (Table(queries, n_threads=n).update(rows) for n in (1, n_threads))
    assert_same_state(many, one)


@pytest.mark.parametrize("n_threads", [2, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("start", [0, 12_345])
def test_threads_make_the_same(n_threads: int, dtype: Any, start: int) -> None:
    anomalies, unlabeled = data(dtype, "continuous", d=7)
    made = [
        nngmix.nng_mix(
            anomalies, unlabeled, 60_001, random_state=1, start=start, return_plan=True, n_threads=n
        )
        for n in (1, n_threads)
    ]
    assert made[0][0].tobytes() == made[1][0].tobytes()
    for name in ("anchor", "unlabeled", "partner", "neighbor", "lam"):
        assert getattr(made[0][1], name).tobytes() == getattr(made[1][1], name).tobytes()
    alone = nngmix.nng_mix(anomalies, unlabeled, 60_001, random_state=1, start=start, n_threads=n_threads)
    assert alone.tobytes() == made[0][0].tobytes()


# ---- cuts of the output ------------------------------------------------------------------------------------


@given(
    DTYPES,
    st.sampled_from([1, 3, 7, 31, 64]),
    st.sampled_from([0.0, 0.3]),
    st.lists(st.integers(0, 700), max_size=6),
    st.integers(0, 3000),
    SEEDS,
)
def test_any_split_concatenates_to_the_whole(
    dtype: Any, d: int, noise_std: float, cuts: list[int], start: int, seed: int
) -> None:
    anomalies, unlabeled = data(dtype, "continuous", 60, d)
    parameters: dict[str, Any] = {"noise_std": noise_std, "random_state": seed, "alpha": 0.9}
    table = Table(anomalies).update(unlabeled)
    whole, plan = nngmix.nng_mix(anomalies, unlabeled, 700, start=start, return_plan=True, **parameters)
    edges = [0, *sorted(cuts), 700]
    spans = [(start + a, start + b) for a, b in pairwise(edges)]
    parts = [table.rows(*span, **parameters) for span in spans]
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    parts = [nngmix.nng_mix(anomalies, unlabeled, b - a, start=a, **parameters) for a, b in spans]
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    plans = [table.plan(*span, random_state=seed, alpha=0.9) for span in spans]
    for name in ("anchor", "unlabeled", "partner", "neighbor", "lam"):
        joined = np.concatenate([getattr(part, name) for part in plans])
        assert joined.tobytes() == getattr(plan, name).tobytes()
    parts = [table.mix(part, noise_std=noise_std) for part in plans]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


@pytest.mark.parametrize("batch_size", [1, 17, 300, 1000])
def test_batches_concatenate_to_the_whole(batch_size: int) -> None:
    table = Table(data()[0]).update(data()[1])
    batches = list(table.batches(300, batch_size, start=40, random_state=9))
    assert {len(batch) for batch in batches[:-1]} <= {batch_size}
    assert np.concatenate(batches).tobytes() == table.rows(40, 340, random_state=9).tobytes()


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState, lambda seed: None])
def test_batches_of_a_generator_are_one_output(make: Any) -> None:
    table = Table(data()[0]).update(data()[1])
    whole = [table.rows(0, 50, random_state=make(5))] if make(5) is not None else []
    for batch_size in (7, 50):
        batches = list(table.batches(50, batch_size, random_state=make(5)))
        whole.append(np.concatenate(batches))
        # One stream cut into batches, not a new one for each.
        assert len(np.unique(whole[-1], axis=0)) == 50
    if make(5) is not None:
        assert all(rows.tobytes() == whole[0].tobytes() for rows in whole)


def test_a_generator_moves_on_and_an_int_does_not() -> None:
    anomalies, unlabeled = data()
    generator = np.random.default_rng(0)
    first, second = (nngmix.nng_mix(anomalies, unlabeled, 20, random_state=generator) for _ in range(2))
    assert first.tobytes() != second.tobytes()
    again = nngmix.nng_mix(anomalies, unlabeled, 20, random_state=np.random.default_rng(0))
    assert again.tobytes() == first.tobytes()
    made = [nngmix.nng_mix(anomalies, unlabeled, 20, random_state=seed) for seed in (4, 4, 5)]
    assert made[0].tobytes() == made[1].tobytes() != made[2].tobytes()
    sequence = nngmix.nng_mix(anomalies, unlabeled, 20, random_state=np.random.SeedSequence(4))
    assert sequence.tobytes() == made[0].tobytes()
    fresh = [nngmix.nng_mix(anomalies, unlabeled, 20) for _ in range(2)]
    assert fresh[0].tobytes() != fresh[1].tobytes()


def test_out_takes_the_rows() -> None:
    anomalies, unlabeled = data(np.float32)
    expected = nngmix.nng_mix(anomalies, unlabeled, 50, random_state=0)
    buffer = np.full((70, 5), np.nan, np.float32)
    got = nngmix.nng_mix(anomalies, unlabeled, 50, random_state=0, out=buffer[10:60])
    assert np.shares_memory(got, buffer)
    assert buffer[10:60].tobytes() == expected.tobytes()
    assert np.isnan(buffer[:10]).all()
    assert np.isnan(buffer[60:]).all()


# ---- memory layouts ----------------------------------------------------------------------------------------


def layouts(array: NDArray[Any], tmp_path: Path) -> dict[str, Any]:
    read_only = array.copy()
    read_only.flags.writeable = False
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.npy"
    np.save(path, array)
    return {
        "fortran": np.asfortranarray(array),
        "sliced": np.repeat(np.repeat(array, 3, axis=0), 2, axis=1)[::3, ::2],
        "backwards": array[::-1, ::-1].copy()[::-1, ::-1],
        "read-only": read_only,
        "memmap": np.load(path, mmap_mode="r"),
        "big-endian": array.astype(array.dtype.newbyteorder(">")),
    }


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", ["fortran", "sliced", "backwards", "read-only", "memmap", "big-endian"])
def test_layouts_give_the_same_rows(
    layout: str, dtype: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anomalies, unlabeled = data(dtype)
    expected = nngmix.nng_mix(anomalies, unlabeled, 200, random_state=0)
    labels = np.arange(len(unlabeled) + len(anomalies)) < len(anomalies)
    X = np.concatenate([anomalies, unlabeled])
    resampled = nngmix.NNGMix(n_samples=50, random_state=0).fit_resample(X, labels)[0]
    small_blocks(monkeypatch, 300)
    a, u = layouts(anomalies, tmp_path)[layout], layouts(unlabeled, tmp_path)[layout]
    got = nngmix.nng_mix(a, u, 200, random_state=0)
    assert got.dtype == dtype
    assert got.tobytes() == expected.tobytes()
    got = nngmix.NNGMix(n_samples=50, random_state=0).fit_resample(layouts(X, tmp_path)[layout], labels)[0]
    assert got.dtype == dtype
    assert got.tobytes() == resampled.tobytes()


@pytest.mark.parametrize(
    "convert", [np.ndarray.tolist, lambda a: a.astype(np.int32), lambda a: a.astype(">i2")]
)
def test_lists_and_integers_are_their_float64_rows(convert: Any) -> None:
    anomalies, unlabeled = data()
    expected = nngmix.nng_mix(anomalies, unlabeled, 200, random_state=0)
    got = nngmix.nng_mix(convert(anomalies), convert(unlabeled), 200, random_state=0)
    assert got.dtype == np.float64
    assert got.tobytes() == expected.tobytes()


def test_the_sign_of_zero_leaves_no_trace() -> None:
    anomalies, unlabeled = data(kind="zeros")
    parameters: dict[str, Any] = {"random_state": 0, "noise_std": 0.0}
    expected = nngmix.nng_mix(abs(anomalies), abs(unlabeled), 300, **parameters)
    with_signs = (np.where(a == 0, -0.0, abs(a)) for a in (anomalies, unlabeled))
    got = nngmix.nng_mix(*with_signs, 300, **parameters)
    assert got.tobytes() == expected.tobytes()


# ---- blocks, merges, order ---------------------------------------------------------------------------------


@given(
    DTYPES,
    KINDS,
    st.integers(0, 120),
    st.integers(1, 15),
    st.lists(st.integers(0, 120), max_size=8),
    st.sampled_from([1, 3]),
    SEEDS,
)
def test_blocks_make_the_same_table(
    dtype: Any, kind: str, n: int, k: int, cuts: list[int], d: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    anomalies, unlabeled = make_rows(rng, 9, d, kind, dtype), make_rows(rng, n, d, kind, dtype)
    whole = Table(anomalies, k).update(unlabeled)
    edges = [0, *sorted(min(cut, n) for cut in cuts), n]
    table = Table(anomalies, k)
    for a, b in pairwise(edges):
        table.update(unlabeled[a:b])
    assert_same_state(table, whole)


@given(
    DTYPES,
    KINDS,
    st.integers(0, 120),
    st.integers(1, 15),
    st.integers(1, 7),
    st.sampled_from([1, 3]),
    SEEDS,
)
@examples(80)
def test_merges_in_any_tree_make_the_same_table(
    dtype: Any, kind: str, n: int, k: int, n_parts: int, d: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    anomalies, unlabeled = make_rows(rng, 9, d, kind, dtype), make_rows(rng, n, d, kind, dtype)
    ids = rng.permutation(10 * n + 1)[:n]
    whole = Table(anomalies, k).update(unlabeled, row_ids=ids)
    part_of = rng.integers(0, n_parts, n)
    tables = []
    for part in range(n_parts):
        rows = rng.permutation(np.flatnonzero(part_of == part))
        table = Table(anomalies, k)
        for chunk in np.array_split(rows, 2):
            table.update(unlabeled[chunk], row_ids=ids[chunk])
        tables.append(table)
    while len(tables) > 1:
        first, second = (tables.pop(int(rng.integers(len(tables)))) for _ in range(2))
        tables.append(first.merge(second))
    assert_same_state(tables[0], whole)
    if n:
        made = [t.rows(0, 40, random_state=0, unlabeled_fraction=1) for t in (whole, tables[0]) if n >= k]
        assert all(rows.tobytes() == made[0].tobytes() for rows in made)


@given(DTYPES, st.sampled_from(["ties", "duplicates", "zeros"]), SEEDS)
def test_the_order_of_unlabeled_rows_changes_no_row(dtype: Any, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    anomalies, unlabeled = make_rows(rng, 9, 2, kind, dtype), make_rows(rng, 200, 2, kind, dtype)
    shuffled = unlabeled[rng.permutation(200)]
    expected, got = (Table(anomalies).update(rows) for rows in (unlabeled, shuffled))
    assert got.neighbor_rows.tobytes() == expected.neighbor_rows.tobytes()
    assert got.squared_distances.tobytes() == expected.squared_distances.tobytes()
    made = [nngmix.nng_mix(anomalies, rows, 100, random_state=0) for rows in (unlabeled, shuffled)]
    assert made[0].tobytes() == made[1].tobytes()


def test_consecutive_ids_and_listed_ids_are_the_same() -> None:
    anomalies, unlabeled = data()
    listed = Table(anomalies).update(unlabeled, row_ids=np.arange(1000, 1400, dtype=np.uint16))
    first = Table(anomalies).update(unlabeled[:150], row_ids=1000).update(unlabeled[150:], row_ids=1150)
    assert_same_state(listed, first)
    plan = listed.plan(0, 300, random_state=0)
    assert plan.partner[plan.unlabeled].min() >= 1000
    assert plan.partner[~plan.unlabeled].max() < 20


# ---- the table as an object --------------------------------------------------------------------------------


def test_a_table_keeps_nothing_of_the_callers_arrays() -> None:
    anomalies, unlabeled = data(kind="continuous")
    table = Table(anomalies).update(unlabeled)
    expected = table.rows(0, 100, random_state=0)
    anomalies[:] = 0
    unlabeled[:] = 0
    assert table.rows(0, 100, random_state=0).tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_unlabeled", [0, 4, 400])
def test_saving_and_pickling_keep_every_byte(dtype: Any, n_unlabeled: int, tmp_path: Path) -> None:
    anomalies, unlabeled = data(dtype)
    table = Table(anomalies, 6, 4, n_threads=2)
    table.update(unlabeled[:n_unlabeled], row_ids=None if n_unlabeled == 4 else 50)
    table.save(tmp_path / "table.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["table.npz"]
    copies = [
        Table.load(tmp_path / "table.npz"),
        Table.load(str(tmp_path / "table.npz"), n_threads=1),
        pickle.loads(pickle.dumps(table)),
        copy.deepcopy(table),
    ]
    fraction = 0.5 if n_unlabeled == 400 else 0.0
    expected = table.rows(0, 50, random_state=0, unlabeled_fraction=fraction)
    for other in copies:
        assert_same_state(other, table)
        assert repr(other) == repr(table)
        assert (other.n_neighbors, other.n_neighbors_anomaly) == (6, 4)
        rows = other.rows(0, 50, random_state=0, unlabeled_fraction=fraction)
        assert rows.tobytes() == expected.tobytes()
        # It goes on where the saved one would.
        more = [copy.deepcopy(t).update(unlabeled[n_unlabeled:], row_ids=900) for t in (table, other)]
        assert_same_state(more[1], more[0])
    assert [t.n_threads for t in copies] == [None, 1, 2, 2]


def test_a_copy_and_its_original_go_separate_ways() -> None:
    anomalies, unlabeled = data()
    table = Table(anomalies).update(unlabeled[:100], row_ids=0)
    state = copy.deepcopy(table)
    shallow = copy.copy(table)
    shallow.update(unlabeled[100:], row_ids=100)
    assert_same_state(table, state)
    assert shallow.n_seen == 400


def test_plans_pickle() -> None:
    anomalies, unlabeled = data()
    table = Table(anomalies).update(unlabeled)
    plan = pickle.loads(pickle.dumps(table.plan(3, 90, random_state=8)))
    assert len(plan) == 87
    assert table.mix(plan).tobytes() == table.rows(3, 90, random_state=8).tobytes()


def test_slices_of_a_plan_make_the_rows_of_the_whole() -> None:
    rng = np.random.default_rng(3)
    table = nngmix.NeighborTable(rng.random((6, 5))).update(rng.random((50, 5)))
    plan = table.plan(7, 107, random_state=1)
    parts = [table.mix(plan[first : first + 33]) for first in range(0, 100, 33)]
    assert np.concatenate(parts).tobytes() == table.mix(plan).tobytes()
    assert plan[20:].start == 27
    with pytest.raises(TypeError, match="slices without a step"):
        plan[::2]
