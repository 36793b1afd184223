"""The search in columns of several kinds is the reference's, bit for bit, whatever the blocks and threads."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fuzz_cases import examples
from nngmix import _core, reference
from nngmix.neighbors.state import State, empty_state

NAN = np.nan


@dataclass(frozen=True)
class Mixed:
    categorical: NDArray[np.bool_]
    categorical_weight: float = 1.0


@dataclass(frozen=True)
class Table:
    queries: NDArray[Any]
    rows: NDArray[Any]
    mixed: Mixed


def table(seed: int, budget: int = 60_000) -> Table:
    """Few or many columns of either kind and categories, values missing by row and by column, ties."""
    rng = np.random.default_rng(seed)
    n_numeric, n_categorical = rng.choice([0, 1, 3, 20, 70]), rng.choice([0, 1, 4, 10, 40])
    d = max(1, n_numeric + n_categorical)
    categorical = rng.permutation(np.arange(d) >= d - n_categorical)
    n_queries, n_rows = rng.choice([1, 5, 70]), rng.choice([1, 30, 700, 5000])
    n_rows = min(n_rows, max(1, budget // (n_queries * d)))
    n = n_queries + n_rows
    n_categories = rng.choice([1, 2, 3, 50, 254, 300, 100_000], d)
    # Whole tenths tie; a shift and a wide column hide small differences from a float32.
    numbers = rng.random((n, d)) if rng.random() < 0.5 else rng.integers(0, 4, (n, d)) / 10
    if rng.random() < 0.3:
        numbers = numbers * rng.choice([1.0, 1e-3, 1e5, 1e18, 1e-30]) + rng.choice([0.0, 1e4, -1e7])
    all_rows = np.where(categorical, rng.integers(0, n_categories, (n, d)), numbers)
    share = rng.choice([0.0, 0.0, 0.05, 0.5, 1.0])
    all_rows[rng.random((n, d)) < share * rng.random(d) * rng.integers(0, 2, (n, 1))] = NAN
    if rng.random() < 0.3:
        all_rows[rng.random(n) < 0.1] = NAN
    if rng.random() < 0.3:
        all_rows[rng.integers(0, n_queries + 1) :, rng.integers(0, d)] = NAN
    dtype = rng.choice([np.float32, np.float64])
    weight = float(rng.choice([1.0, 1.0, 0.3, 0.0, 1e-9, 1e9, 1e308]))
    queries, rows = all_rows[:n_queries].astype(dtype), all_rows[n_queries:].astype(dtype)
    if rng.random() < 0.3:
        rows = rows[rng.integers(0, len(rows), len(rows))]
    return Table(queries, np.ascontiguousarray(rows), Mixed(categorical, weight))


def expected(made: Table, n_neighbors: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    kinds = {"categorical": made.mixed.categorical, "categorical_weight": made.mixed.categorical_weight}
    return reference.kneighbors(made.queries, made.rows, n_neighbors, **kinds)


def assert_same(found: Any, wanted: Any) -> None:
    assert found[1].tolist() == wanted[1].tolist()
    assert found[0].tobytes() == wanted[0].tobytes()


@given(st.integers(0, 2**32), st.integers(1, 20), st.sampled_from([1, 2, 5]))
@examples(100)
def test_the_answer_is_that_of_the_reference(seed: int, n_neighbors: int, n_threads: int) -> None:
    made = table(seed)
    found = _core.kneighbors(made.queries, made.rows, n_neighbors, n_threads, made.mixed)
    assert_same(found, expected(made, n_neighbors))


@given(st.integers(0, 2**32), st.integers(1, 12), st.floats(0, 1), st.booleans())
@examples(50)
def test_parts_and_merges_are_one_search(seed: int, n_neighbors: int, share: float, merged: bool) -> None:
    made = table(seed, budget=20_000)
    cut = int(share * len(made.rows))
    state, filled = empty_state(made.queries, n_neighbors), 0
    states = []
    for start, part in (0, made.rows[:cut]), (cut, made.rows[cut:]):
        ids = np.arange(start, start + len(part))
        state = State(**_core.update(made.queries, state, filled, part, ids, 2, made.mixed))
        filled = min(filled + len(part), n_neighbors)
        states.append((state, filled))
        if merged:
            state, filled = empty_state(made.queries, n_neighbors), 0
    if merged:
        # The later part first: content and number decide, not the order of arrival.
        state = State(**_core.merge(*states[1], *states[0], 1))
        filled = min(len(made.rows), n_neighbors)
    found = state.squared_distances[:, :filled], state.row_ids[:, :filled]
    assert_same(found, expected(made, n_neighbors))
    # What is kept is the rows themselves, -0 as 0 and every NaN the same.
    kept = made.rows[state.row_ids[:, :filled]] + 0
    kept[np.isnan(kept)] = NAN
    assert np.ascontiguousarray(state.neighbor_rows[:, :filled]).tobytes() == kept.tobytes()


def test_each_part_of_the_distance_counts_as_defined() -> None:
    queries = np.array([[0.5, 2.0, 1.0]])
    rows = np.array([[0.0, 2.0, 1.0], [0.5, 3.0, 1.0], [NAN, 2.0, 1.0], [0.5, NAN, NAN]])
    mixed = Mixed(np.array([False, True, True]), 0.75)
    squared, indices = _core.kneighbors(queries, rows, 4, 1, mixed)
    assert indices.tolist() == [[0, 1, 2, 3]]
    assert squared.tolist() == [[0.25, 0.75, 1.0, 1.5]]


def test_missing_values_come_last_among_ties() -> None:
    rows = np.array([[NAN, 1.0], [2.0, NAN], [2.0, 0.0], [1.0, 1.0], [NAN, NAN], [NAN, 1.0]])
    mixed = Mixed(np.array([True, True]), 0.0)
    _, indices = _core.kneighbors(np.zeros((1, 2)), rows, 6, 1, mixed)
    assert indices.tolist() == [[3, 2, 1, 0, 5, 4]]


def test_thousands_of_ties_are_decided_by_content() -> None:
    rng = np.random.default_rng(5)
    rows = rng.integers(0, 3, (20_000, 12)).astype(np.float32)
    made = Table(rows[:40].copy(), rows, Mixed(np.ones(12, bool)))
    assert_same(_core.kneighbors(made.queries, rows, 10, 2, made.mixed), expected(made, 10))


def test_without_categories_and_missing_values_it_is_the_search_of_numbers() -> None:
    rng = np.random.default_rng(6)
    queries, rows = rng.random((20, 9)), rng.random((4000, 9))
    mixed = Mixed(np.zeros(9, bool))
    assert_same(_core.kneighbors(queries, rows, 7, 2, mixed), _core.kneighbors(queries, rows, 7, 2))
    rows[3000, 4] = NAN
    assert_same(_core.kneighbors(queries, rows, 7, 2, mixed), expected(Table(queries, rows, mixed), 7))


@pytest.mark.parametrize("column", [0, 1])
def test_infinity_is_no_missing_value(column: int) -> None:
    rows = np.random.default_rng(7).random((3000, 2)).round(1)
    rows[5] = NAN
    rows[1234, column] = -np.inf
    with pytest.raises(ValueError, match=f"row 1234, column {column} is not finite"):
        _core.kneighbors(rows[:30].copy(), rows, 3, 2, Mixed(np.array([False, True])))


def test_kinds_that_do_not_fit_are_refused() -> None:
    rows = np.zeros((3, 2))
    with pytest.raises(ValueError, match="categorical: expected 2 values, got 3"):
        _core.kneighbors(rows, rows, 1, 1, Mixed(np.zeros(3, bool)))
    with pytest.raises(ValueError, match="categorical_weight must be finite and not negative, got -1"):
        _core.kneighbors(rows, rows, 1, 1, Mixed(np.zeros(2, bool), -1.0))
    with pytest.raises(ValueError, match="not finite"):
        _core.kneighbors(rows, np.array([[NAN, 0.0]]), 1, 1)
