"""The comparison methods equal their definition in plain NumPy, bit for bit."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comparison import METHODS, columns, defined
from fuzz_cases import examples
from nngmix import _core, reference
from nngmix.parameters.seed import key_from
from nngmix.reference.comparison import PURPOSE_MIXUP
from strategies import BETA_PARAMETERS, SEEDS, Case, cases

# Starts beyond 32 bits, but such that elements of 70 columns can still be numbered.
STARTS = st.integers(0, 5000) | st.integers(2**32 - 50, 2**32) | st.integers(0, 2**56)
WIDTHS = st.sampled_from([(0.1, 0.3), (0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.5, 0.5)])


@pytest.mark.parametrize("name", METHODS)
@example(Case(200, 2000, 2, "ties", np.float32, 1.0, 1), 0, 3000)
@example(Case(20, 200, 70, "continuous", np.float64, 1e200, 4), 0, 1500)
@example(Case(1, 1, 1, "zeros", np.float32, 1.0, 0), 0, 300)
@example(Case(1, 40, 3, "zeros", np.float64, 1e-160, 0), 2**32 - 5, 300)
@given(cases(budget=200_000), STARTS, st.integers(0, 400))
@examples(40)
def test_plans_and_rows_are_those_of_the_reference(name: str, case: Case, start: int, n_samples: int) -> None:
    anomalies, unlabeled = case.arrays()
    expected, choices = defined(name, anomalies, unlabeled, n_samples, start, case.seed)
    method = METHODS[name]
    rows, plan = method(
        anomalies, unlabeled, n_samples, random_state=case.seed, start=start, return_plan=True
    )
    assert type(plan) is method.plan
    assert plan.start == start
    assert len(plan) == n_samples
    assert columns(plan).keys() == choices.keys()
    for column, values in columns(plan).items():
        assert values.dtype == choices[column].dtype, column
        assert values.tobytes() == choices[column].tobytes(), column
    alone = method(anomalies, unlabeled, n_samples, random_state=case.seed, start=start)
    for got in (rows, alone):
        assert got.dtype == expected.dtype
        assert got.shape == expected.shape
        assert got.tobytes() == expected.tobytes()


@given(SEEDS, STARTS, st.integers(0, 300), st.integers(1, 2**31), st.integers(0, 2**31 - 1), st.data())
def test_plans_of_any_size_are_those_of_the_reference(
    seed: int, start: int, n: int, n_anomalies: int, n_more: int, data: Any
) -> None:
    key, words = key_from(seed), reference.key_of(seed)
    n_rows, d = n_anomalies + n_more, data.draw(st.integers(1, 10_000))
    widths, (alpha, beta) = data.draw(WIDTHS), data.draw(st.tuples(BETA_PARAMETERS, BETA_PARAMETERS))
    pools = {"n_anomalies": n_anomalies, "n_rows": n_rows}
    mixing = SimpleNamespace(**pools, alpha=alpha, beta=beta)
    window = SimpleNamespace(**pools, n_features=d, min_width=widths[0], max_width=widths[1])
    pairs = [
        (
            _core.plan_mixup(key, start, n, mixing, 1).values(),
            reference.draw_mixup(words, start, n, n_anomalies, n_rows, alpha, beta),
        ),
        (
            _core.plan_cutmix(key, start, n, window, 1).values(),
            reference.draw_cutmix(words, start, n, n_anomalies, n_rows, d, *widths),
        ),
        (
            _core.plan_cutout(key, start, n, window, 1).values(),
            reference.draw_cutout(words, start, n, n_anomalies, d, *widths),
        ),
        (
            [_core.plan_gaussian_noise(key, start, n, n_anomalies, 1)],
            [reference.draw_gaussian_noise(words, start, n, n_anomalies)],
        ),
        (
            [_core.plan_duplicate(key, start, n, n_anomalies, 1)],
            [reference.draw_duplicate(words, start, n, n_anomalies)],
        ),
    ]
    for got, expected in pairs:
        for got_column, expected_column in zip(got, expected, strict=True):
            assert got_column.dtype == expected_column.dtype
            assert got_column.tobytes() == expected_column.tobytes()


def test_no_two_methods_share_random_words() -> None:
    key, row = reference.key_of(0), np.arange(3, dtype=np.uint64)
    blocks = {reference.chacha8(key, purpose, row).tobytes() for purpose in range(8)}
    assert len(blocks) == 8
    assert PURPOSE_MIXUP == 2
