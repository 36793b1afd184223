"""The search against an independent scan and against scikit-learn; what it accepts and how it answers."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

import nngmix
from fuzz_cases import examples
from nngmix import _core
from small_blocks import small_blocks
from strategies import Case, cases

rng = np.random.default_rng(11)
QUERIES, ROWS = rng.random((30, 6)), rng.random((500, 6))


def scan(
    queries: NDArray[Any], rows: NDArray[Any], n_neighbors: int, exclude_self: bool = False
) -> tuple[list[list[float]], list[list[int]]]:
    """Distances and indices by Python's own sort: by squared distance, then content, then number."""
    distances, indices = [], []
    contents = [tuple(row) for row in rows.tolist()]
    for i, query in enumerate(queries.astype(np.float64)):
        with np.errstate(over="ignore", under="ignore"):
            squared = np.cumsum((rows.astype(np.float64) - query) ** 2, axis=1)[:, -1].tolist()
        order = sorted(range(len(rows)), key=lambda r: (squared[r], contents[r], r))
        order = [row for row in order if not (exclude_self and row == i)][:n_neighbors]
        indices.append(order)
        distances.append([float(np.sqrt(squared[row])) for row in order])
    return distances, indices


@given(cases(budget=200_000), st.integers(1, 20), st.sampled_from([1, 2, 5]))
@examples(100)
def test_the_answer_is_that_of_a_plain_scan(case: Case, n_neighbors: int, n_threads: int) -> None:
    queries, rows = case.arrays()
    n_neighbors = min(n_neighbors, len(rows))
    distances, indices = nngmix.kneighbors(queries, rows, n_neighbors, n_threads=n_threads)
    expected_distances, expected_indices = scan(queries, rows, n_neighbors)
    assert indices.tolist() == expected_indices
    assert distances.tolist() == expected_distances


@given(cases(min_unlabeled=2, budget=10_000), st.integers(1, 20))
def test_among_themselves_only_the_row_itself_is_left_out(case: Case, n_neighbors: int) -> None:
    rows = case.arrays()[1]
    n_neighbors = min(n_neighbors, len(rows) - 1)
    distances, indices = nngmix.kneighbors(rows, rows, n_neighbors, exclude_self=True)
    expected_distances, expected_indices = scan(rows, rows, n_neighbors, exclude_self=True)
    assert indices.tolist() == expected_indices
    assert distances.tolist() == expected_distances
    assert (indices != np.arange(len(rows))[:, None]).all()


def test_duplicates_of_a_row_are_its_neighbors() -> None:
    rows = np.repeat(np.array([[0.0, 0.0], [5.0, 5.0]]), 4, axis=0)
    distances, indices = nngmix.kneighbors(rows, rows, 3, exclude_self=True)
    assert (distances == 0).all()
    assert indices[:4].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]
    assert indices[4:].tolist() == [[5, 6, 7], [4, 6, 7], [4, 5, 7], [4, 5, 6]]


def test_ties_are_decided_by_content_then_by_number() -> None:
    rows = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1], [-1, 0], [0, 1]])
    _, indices = nngmix.kneighbors(np.zeros((1, 2)), rows, 6)
    assert indices.tolist() == [[2, 4, 3, 1, 5, 0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_and_queries_that_come_again_and_again_have_the_answer_of_a_plain_scan(dtype: Any) -> None:
    # Enough of both for the search to look at each distinct one only once.
    values = np.array([-1, -0.0, 0, 0.3], dtype)
    queries, rows = rng.choice(values, (1100, 2)), rng.choice(values, (1500, 2))
    distances, indices = nngmix.kneighbors(queries, rows, 12)
    expected_distances, expected_indices = scan(queries, rows, 12)
    assert indices.tolist() == expected_indices
    assert distances.tolist() == expected_distances
    table = nngmix.NeighborTable(queries, 12).update(rows[:700]).update(rows[700:])
    assert table.row_ids.tolist() == expected_indices
    rows[1200, 1] = np.nan
    with pytest.raises(ValueError, match="X must be finite, got nan at row 1200, column 1"):
        nngmix.kneighbors(queries, rows, 12)


def test_zeros_of_both_signs_are_the_same_content() -> None:
    rows = np.array([[-0.0, 1.0], [0.0, -1.0], [0.0, 1.0], [-0.0, -1.0]])
    _, indices = nngmix.kneighbors(np.zeros((1, 2)), rows, 4)
    assert indices.tolist() == [[1, 3, 0, 2]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_features", [1, 3, 8, 17, 65])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_scikit_learn_agrees_where_there_are_no_ties(dtype: Any, n_features: int, offset: float) -> None:
    made = np.random.default_rng(n_features)
    rows = (made.standard_normal((1500, n_features)) + offset).astype(dtype)
    queries = (made.standard_normal((40, n_features)) + offset).astype(dtype)
    distances, indices = nngmix.kneighbors(queries, rows, 10)
    # Sums of float64 copies: scikit-learn's own float32 distances are too coarse to compare ranks.
    model = NearestNeighbors(n_neighbors=10, algorithm="brute", metric="sqeuclidean").fit(
        rows.astype(float) - offset
    )
    expected_squared, expected_indices = model.kneighbors(queries.astype(float) - offset)
    assert distances.shape == expected_squared.shape
    assert indices.shape == expected_indices.shape
    assert indices.dtype == expected_indices.dtype
    np.testing.assert_allclose(distances, np.sqrt(expected_squared), rtol=1e-6, atol=1e-9)
    gaps = np.diff(distances, axis=1, append=np.inf)
    settled = (gaps > 1e-7) & (np.diff(distances, axis=1, prepend=-np.inf) > 1e-7)
    assert settled.mean() > 0.9
    settled[:, -1] = False  # Whether an eleventh row is as near is not seen here.
    assert (indices[settled] == expected_indices[settled]).all()


def test_answers_have_scikit_learns_order_and_shapes() -> None:
    model = NearestNeighbors(n_neighbors=7, algorithm="brute").fit(ROWS)
    expected = model.kneighbors(QUERIES)
    got = nngmix.kneighbors(QUERIES, ROWS, 7)
    assert isinstance(got, tuple)
    assert [array.shape for array in got] == [array.shape for array in expected]
    assert [array.dtype for array in got] == [array.dtype for array in expected]
    assert (np.diff(got[0], axis=1) >= 0).all()
    np.testing.assert_allclose(got[0], expected[0], rtol=1e-9)
    assert (got[1] == expected[1]).all()
    # Without arguments scikit-learn leaves each row out of its own list.
    expected = NearestNeighbors(n_neighbors=7, algorithm="brute").fit(ROWS).kneighbors()
    got = nngmix.kneighbors(ROWS, ROWS, 7, exclude_self=True)
    np.testing.assert_allclose(got[0], expected[0], rtol=1e-9)
    assert (got[1] == expected[1]).all()


@pytest.mark.parametrize(("exclude_self", "there"), [(False, 5), (True, 4)])
def test_more_neighbors_than_rows_are_clamped_with_one_warning(exclude_self: bool, there: int) -> None:
    rows = ROWS[:5]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        distances, indices = nngmix.kneighbors(rows, rows, 50, exclude_self=exclude_self)
    assert [warning.category for warning in caught] == [UserWarning]
    assert (
        str(caught[0].message)
        == f"n_neighbors=50 is more than the {there} rows there are; taking all {there}"
    )
    assert caught[0].filename == __file__
    assert distances.shape == indices.shape == (5, there)


def test_exactly_as_many_neighbors_as_rows_warn_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert nngmix.kneighbors(ROWS[:5], ROWS[:5], 5)[1].shape == (5, 5)
        assert nngmix.kneighbors(ROWS[:5], ROWS[:5], 4, exclude_self=True)[1].shape == (5, 4)


def test_no_queries_give_no_answers() -> None:
    distances, indices = nngmix.kneighbors(np.empty((0, 6)), ROWS, 3)
    assert distances.shape[0] == indices.shape[0] == 0


def as_memmap(rows: NDArray[Any], tmp_path: Path) -> NDArray[Any]:
    path = tmp_path / f"{len(rows)} rows.bin"
    rows.tofile(path)
    return np.memmap(path, rows.dtype, "r", shape=rows.shape)


def as_fortran_memmap(rows: NDArray[Any], tmp_path: Path) -> NDArray[Any]:
    path = tmp_path / f"{len(rows)} columns.bin"
    np.ascontiguousarray(rows.T).tofile(path)
    return np.memmap(path, rows.dtype, "r", shape=rows.shape, order="F")


def read_only(rows: NDArray[Any], tmp_path: Path) -> NDArray[Any]:
    rows = rows.copy()
    rows.flags.writeable = False
    return rows


def misaligned(rows: NDArray[Any], tmp_path: Path) -> NDArray[Any]:
    buffer = np.empty(rows.nbytes + 1, np.uint8)[1:]
    shifted = buffer.view(rows.dtype).reshape(rows.shape)
    shifted[:] = rows
    assert not shifted.flags.aligned
    return shifted


LAYOUTS = {
    "memmap": as_memmap,
    "fortran memmap": as_fortran_memmap,
    "read-only": read_only,
    "misaligned": misaligned,
    "fortran": lambda rows, _: np.asfortranarray(rows),
    "every other row": lambda rows, _: np.repeat(rows, 2, axis=0)[::2],
    "every other column": lambda rows, _: np.repeat(rows, 2, axis=1)[:, ::2],
    "backwards": lambda rows, _: rows[::-1].copy()[::-1],
    "columns backwards": lambda rows, _: rows[:, ::-1].copy()[:, ::-1],
    "big-endian": lambda rows, _: rows.astype(rows.dtype.newbyteorder(">")),
    "list": lambda rows, _: rows.tolist(),
    "integers": lambda rows, _: rows.astype(np.int64),
    "small integers": lambda rows, _: rows.astype(np.int8),
    "wider": lambda rows, _: rows.astype(np.float64),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("block_values", [1, 60, 1 << 20])
def test_every_layout_gives_the_same_answer(
    layout: str, dtype: Any, block_values: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small whole numbers, so that ties abound and integers hold them too.
    rows = np.random.default_rng(2).integers(0, 4, (150, 4)).astype(dtype)
    queries = rows[::7].copy()
    expected = nngmix.kneighbors(queries, rows, 9)
    small_blocks(monkeypatch, block_values)
    for given_queries, given_rows in (
        (queries, LAYOUTS[layout](rows, tmp_path)),
        (LAYOUTS[layout](queries, tmp_path), rows),
    ):
        distances, indices = nngmix.kneighbors(given_queries, given_rows, 9)
        assert distances.tobytes() == expected[0].tobytes()
        assert indices.tobytes() == expected[1].tobytes()


def test_what_must_be_converted_is_read_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    update = _core.update

    def spy(*args: Any) -> Any:
        seen.append(args[3].shape)
        return update(*args)

    monkeypatch.setattr(_core, "update", spy)
    small_blocks(monkeypatch, 600)
    got = nngmix.kneighbors(QUERIES, np.asfortranarray(ROWS), 5)
    assert seen == [(100, 6)] * 5
    expected = nngmix.kneighbors(QUERIES, ROWS, 5)
    assert len(seen) == 5
    assert (got[1] == expected[1]).all()


def test_a_dtype_of_both_is_found() -> None:
    narrow, wide = ROWS.astype(np.float32), ROWS
    # The same rows, once rounded and once not, are no longer at distance 0 of each other.
    assert (nngmix.kneighbors(narrow, narrow, 1)[0] == 0).all()
    assert (nngmix.kneighbors(narrow, wide, 1)[0] > 0).all()
    assert (nngmix.kneighbors(narrow.astype(np.float16), narrow, 1)[0] > 0).any()


def test_no_query_has_as_many_columns_as_neighbours_were_asked_for() -> None:
    distances, indices = nngmix.kneighbors(np.empty((0, 2)), np.ones((5, 2)), 3)
    assert distances.shape == indices.shape == (0, 3)


@pytest.mark.parametrize("exclude_self", [False, True])
def test_thousands_of_queries_find_what_a_few_at_a_time_find(exclude_self: bool) -> None:
    # Clusters and ties: thousands of queries look at near blocks of rows alone, a hundred at all rows.
    rows = np.round(rng.normal(size=(4500, 4)) * 0.3 + rng.integers(0, 5, (4500, 1)), 2)
    queries = rows if exclude_self else rows[::2] + 0.005
    distances, indices = nngmix.kneighbors(queries, rows, 7, exclude_self=exclude_self)
    for start in range(0, len(queries), 300):
        part = slice(start, start + 100)
        some = nngmix.kneighbors(queries[part], rows, 7 + exclude_self)
        for i, (near, which) in enumerate(zip(*some, strict=True), start):
            kept = which != i if exclude_self else which >= 0
            assert indices[i].tolist() == which[kept][:7].tolist()
            assert distances[i].tolist() == near[kept][:7].tolist()
