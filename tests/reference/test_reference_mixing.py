"""The compiled kernels equal the definition in plain NumPy, bit for bit."""

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

import nngmix
from fuzz_cases import examples
from nngmix import _core, reference
from nngmix.parameters.seed import key_from
from strategies import BETA_PARAMETERS, DTYPES, KINDS, SEEDS, WIDTHS, Case, cases, make_rows

NEIGHBORS = st.sampled_from([1, 2, 5, 10]) | st.integers(1, 2500)


def assert_same_bytes(got: NDArray[Any], expected: NDArray[Any]) -> None:
    """Equal values, dtype, shape and sign of zero."""
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    assert got.tobytes() == np.ascontiguousarray(expected).tobytes()


def words(seed: int) -> NDArray[np.uint32]:
    return np.array(key_from(seed), np.uint32)


def quietly(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Without the warning that there are fewer rows than neighbours asked for, which other tests assert."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r".*taking all")
        return function(*args, **kwargs)


# Every extreme of the shapes at least once, whatever the generator draws.
LARGEST = Case(200, 2000, 2, "ties", np.float32, 1.0, 1)
LONGEST = Case(3, 2000, 70, "duplicates", np.float64, 1.0, 2)
WIDEST = Case(200, 60, 70, "continuous", np.float32, 1e25, 3)
OVERFLOWING = Case(20, 200, 9, "continuous", np.float64, 1e200, 4)
SUBNORMAL = Case(20, 200, 9, "ties", np.float64, 1e-160, 5)


@example(LARGEST, 10)
@example(LONGEST, 2500)
@example(WIDEST, 10)
@example(OVERFLOWING, 10)
@example(SUBNORMAL, 10)
@given(cases(), NEIGHBORS)
@examples(150)
def test_neighbors_are_exactly_those_of_the_reference(case: Case, n_neighbors: int) -> None:
    anomalies, unlabeled = case.arrays()
    squared, indices = reference.kneighbors(anomalies, unlabeled, n_neighbors)
    got_distances, got_indices = quietly(nngmix.kneighbors, anomalies, unlabeled, n_neighbors)
    assert_same_bytes(got_indices, indices)
    assert_same_bytes(got_distances, np.sqrt(squared))


@example(Case(200, 1, 9, "duplicates", np.float32, 1.0, 0), 10)
@example(Case(2, 1, 1, "duplicates", np.float64, 1.0, 0), 10)
@given(cases(budget=20_000), NEIGHBORS)
def test_neighbors_among_themselves_are_exactly_those_of_the_reference(case: Case, n_neighbors: int) -> None:
    rows = np.concatenate(case.arrays())
    squared, indices = reference.kneighbors(rows, rows, n_neighbors, exclude_self=True)
    got_distances, got_indices = quietly(nngmix.kneighbors, rows, rows, n_neighbors, exclude_self=True)
    assert_same_bytes(got_indices, indices)
    assert_same_bytes(got_distances, np.sqrt(squared))


@given(cases(), st.integers(1, 30))
@examples(100)
def test_the_table_keeps_what_the_reference_finds(case: Case, n_neighbors: int) -> None:
    anomalies, unlabeled = case.arrays()
    squared, indices = reference.kneighbors(anomalies, unlabeled, n_neighbors)
    table = nngmix.NeighborTable(anomalies, n_neighbors).update(unlabeled)
    filled = indices.shape[1]
    assert_same_bytes(table.squared_distances[:, :filled], squared)
    assert_same_bytes(table.row_ids[:, :filled], indices)
    assert_same_bytes(table.neighbor_rows[:, :filled], unlabeled[indices] + unlabeled.dtype.type(0))
    assert np.isinf(table.squared_distances[:, filled:]).all()
    assert (table.row_ids[:, filled:] == -1).all()


@example(0, 0, 20_000, 10, (10, 9), 0.5, 0.2, 0.2)
@example(0, 2**40, 5_000, 10, (10, 9), 0.5, 0.3, 20.0)
@example(0, 0, 3_000, 1, (1, 0), 1.0, 5.0, 1.3)
@given(
    SEEDS,
    st.integers(0, 5000) | st.integers(2**32 - 50, 2**32) | st.integers(0, 2**62),
    st.integers(0, 600),
    st.integers(1, 200) | st.integers(1, 2**31),
    st.tuples(st.integers(1, 2000), st.integers(0, 199)),
    st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1),
    BETA_PARAMETERS,
    BETA_PARAMETERS,
)
@examples(150)
def test_plans_are_exactly_those_of_the_reference(
    seed: int,
    start: int,
    n_samples: int,
    n_anomalies: int,
    n_neighbors: tuple[int, int],
    unlabeled_fraction: float,
    alpha: float,
    beta: float,
) -> None:
    expected = reference.draw_plan(
        words(seed),
        start,
        n_samples,
        n_anomalies,
        *n_neighbors,
        unlabeled_fraction=unlabeled_fraction,
        alpha=alpha,
        beta=beta,
    )
    choices = SimpleNamespace(
        n_anomalies=n_anomalies,
        n_neighbors=n_neighbors[0],
        n_others=n_neighbors[1],
        unlabeled_fraction=unlabeled_fraction,
        alpha=alpha,
        beta=beta,
    )
    got = _core.plan(key_from(seed), start, n_samples, choices, 1)
    assert list(got) == ["anchor", "unlabeled", "neighbor", "lam"]
    for got_column, expected_column in zip(got.values(), expected, strict=True):
        assert_same_bytes(got_column, expected_column)


@example(0, 0, 10_000)
@given(SEEDS, st.integers(0, 5000) | st.integers(0, 2**60), st.integers(0, 4000))
def test_normals_are_those_of_the_reference(seed: int, start: int, n: int) -> None:
    got = np.empty(n, np.float32)
    _core.fill_normals(key_from(seed), start, got)
    assert_same_bytes(got, reference.normals(words(seed), start, n))


@given(
    WIDTHS,
    KINDS,
    DTYPES,
    st.sampled_from([1.0, 1e-20, 1e20, 1e25]),
    st.sampled_from([0.0, 0.01, 3.0, 1e-22, 1e19]),
    st.integers(0, 3000),
    SEEDS,
)
@examples(80)
def test_rows_of_a_given_plan_are_those_of_the_reference(
    n_features: int, kind: str, dtype: Any, scale: float, noise_std: float, start: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    anomalies = make_rows(rng, 20, n_features, kind, dtype, scale)
    unlabeled = make_rows(rng, 60, n_features, kind, dtype, scale)
    table = nngmix.NeighborTable(anomalies, 4, 3).update(unlabeled)
    plan = table.plan(start, start + 300, random_state=seed, alpha=0.4, beta=1.5)
    # What the plan says about provenance is enough to make the rows again.
    partners = np.where(plan.unlabeled[:, None], unlabeled[plan.partner % 60], anomalies[plan.partner % 20])
    zero = dtype(0)
    expected = reference.mix(
        words(seed), start, anomalies[plan.anchor] + zero, partners + zero, plan.lam, noise_std
    )
    assert_same_bytes(table.mix(plan, noise_std=noise_std), expected)
    rows = table.rows(start, start + 300, random_state=seed, alpha=0.4, beta=1.5, noise_std=noise_std)
    assert_same_bytes(rows, expected)


@example(LARGEST, (10, 10), 0.5, 0.2, 0.2, 0.01, 3000, 0)
@example(WIDEST, (10, 10), 0.5, 0.2, 0.2, 0.01, 3000, 0)
@example(OVERFLOWING, (10, 10), 0.5, 0.2, 0.2, 0.01, 300, 0)
@example(Case(1, 1, 1, "zeros", np.float32, 1.0, 0), (10, 10), 0.5, 0.2, 0.2, 0.01, 300, 0)
@example(Case(5, 40, 3, "zeros", np.float64, 1.0, 0), (1, 1), 0.5, 0.2, 0.2, 0.0, 300, 0)
@given(
    cases(budget=300_000),
    st.tuples(st.integers(1, 30), st.integers(1, 30)),
    st.sampled_from([0.0, 0.5, 1.0]),
    BETA_PARAMETERS,
    BETA_PARAMETERS,
    st.sampled_from([0.0, 0.01, 2.0]),
    st.integers(0, 400),
    st.integers(0, 10_000),
)
@examples(80)
def test_the_whole_method_equals_the_reference(
    case: Case,
    n_neighbors: tuple[int, int],
    unlabeled_fraction: float,
    alpha: float,
    beta: float,
    noise_std: float,
    n_samples: int,
    start: int,
) -> None:
    anomalies, unlabeled = case.arrays()
    parameters: dict[str, Any] = {
        "n_neighbors": n_neighbors[0],
        "n_neighbors_anomaly": n_neighbors[1],
        "unlabeled_fraction": unlabeled_fraction,
        "alpha": alpha,
        "beta": beta,
        "noise_std": noise_std,
        "random_state": case.seed,
        "start": start,
    }
    expected = reference.nng_mix(anomalies, unlabeled, n_samples, **parameters)
    got = quietly(nngmix.nng_mix, anomalies, unlabeled, n_samples, **parameters)
    assert_same_bytes(got, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_anomalies", [1, 2, 12])
def test_without_unlabeled_rows_the_method_equals_the_reference(dtype: Any, n_anomalies: int) -> None:
    anomalies = np.random.default_rng(0).random((n_anomalies, 7)).astype(dtype)
    nothing = np.empty((0, 7), dtype)
    expected = reference.nng_mix(anomalies, nothing, 500, unlabeled_fraction=0, random_state=5)
    for unlabeled in (nothing, None):
        got = nngmix.nng_mix(anomalies, unlabeled, 500, unlabeled_fraction=0, random_state=5)
        assert_same_bytes(got, expected)


def test_the_versions_of_the_streams_agree() -> None:
    assert _core.STREAM_VERSION == reference.STREAM_VERSION
