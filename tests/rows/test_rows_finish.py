"""What new rows may hold: the kernel is the definition, and types keep what they can hold."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz_cases import examples
from nngmix.reference import finish as reference
from nngmix.rows.finish import Finish, common_limits, finish_of, same_finish
from nngmix.rows.scaling import Scale, check_scale, finished, same_scale, unit_scale
from strategies import DTYPES, SEEDS

DOUBLE = np.dtype(np.float64)


def some_finish(rng: np.random.Generator, d: int, dtype: Any, missing: bool = False) -> Finish:
    """Bounds of all kinds: none, a range, one value."""
    low = np.where(rng.random(d) < 0.3, -np.inf, rng.normal(size=d) * 10)
    high = np.where(rng.random(d) < 0.3, np.inf, np.maximum(low, rng.normal(size=d) * 10))
    high = np.where((rng.random(d) < 0.2) & np.isfinite(low), low, high)
    return Finish(low.astype(dtype), high.astype(dtype), rng.random(d) < 0.5, missing)


@examples(60)
@given(seed=SEEDS, dtype=DTYPES, n=st.integers(0, 70), d=st.integers(1, 150), missing=st.booleans())
def test_unscaled_rows_are_finished_as_the_reference_defines(
    seed: int, dtype: Any, n: int, d: int, missing: bool
) -> None:
    rng = np.random.default_rng(seed)
    finish = some_finish(rng, d, dtype, missing)
    scale = Scale(rng.normal(size=d).astype(dtype), (rng.random(d) + 0.1).astype(dtype), finish)
    rows = (rng.normal(size=(n, d)) * 20).astype(dtype)
    if missing:
        rows[rng.random((n, d)) < 0.2] = np.nan
    plain = rows * scale.width + scale.offset
    expected = reference(plain, finish.low, finish.high, finish.whole)
    for n_threads in (1, 3):
        made = scale.inverse(rows.copy(), n_threads=n_threads)
        assert made.tobytes() == expected.tobytes()
    again = finished(expected, finish)
    assert again.tobytes() == expected.tobytes(), "finishing twice is finishing once"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_halves_go_to_the_even_number_and_zero_has_no_sign(dtype: Any) -> None:
    rows = np.array([[-2.5, -0.5, -0.0, 0.5, 1.5, 2.5, 2.0**60]], dtype)
    d = rows.shape[1]
    unbounded = np.full(d, np.inf, dtype)
    made = finished(rows, Finish(-unbounded, unbounded, np.ones(d, bool)))
    assert made.tolist() == [[-2, 0, 0, 0, 2, 2, 2.0**60]]
    assert not np.signbit(made[0, 1:]).any()


def test_values_are_clipped_before_they_are_rounded() -> None:
    finish = Finish(np.array([0.6]), np.array([2.4]), np.array([True]))
    assert finished(np.array([[-9.0], [9.0], [1.2]]), finish).ravel().tolist() == [1, 2, 1]


def test_a_missing_value_is_an_error_unless_it_may_be() -> None:
    rows, bound = np.array([[np.nan], [1.0]]), np.array([np.inf])
    with pytest.raises(ValueError, match="column 0"):
        finished(rows, Finish(-bound, bound, np.array([True])))
    finish = Finish(-bound, bound, np.array([True]), missing=True)
    assert np.isnan(finished(rows, finish)[0, 0])
    with pytest.raises(ValueError, match="column 0"):
        finished(np.array([[np.inf]]), finish)


def test_nothing_to_do_is_no_finish_and_no_scale() -> None:
    nothing = finish_of(DOUBLE, np.zeros(2, bool), constant=np.full(2, np.nan))
    assert nothing is None
    assert unit_scale(nothing) is None


def test_constants_go_before_ranges_and_limits_are_for_whole_columns_alone() -> None:
    limits, clip = (np.zeros(3), np.full(3, 255.0)), (np.full(3, -5.0), np.full(3, 300.0))
    made = finish_of(
        DOUBLE,
        np.array([True, False, True]),
        limits=limits,
        clip=clip,
        constant=np.array([np.nan, np.nan, -0.0]),
    )
    assert made is not None
    assert made.low.tolist() == [0, -5, 0]
    assert made.high.tolist() == [255, 300, 0]
    assert made.constant.tolist() == [False, False, True]
    assert not np.signbit(made.low[2])
    assert [made.holds(column, (0.0, 255.0)) for column in range(3)] == [True, False, True]
    assert not made.holds(0, (0.0, 127.0))
    assert not made.holds(0, None)


def test_limits_in_common_are_those_of_columns_of_one_type() -> None:
    first, second = (
        (np.array([0.0, 0]), np.array([255.0, 255])),
        (np.array([0.0, -128]), np.array([255.0, 127])),
    )
    low, high = common_limits(first, second) or ((), ())
    assert list(low) == [0, -np.inf]
    assert list(high) == [255, np.inf]
    assert common_limits(first, None) is None


def test_scales_are_the_same_with_the_same_finish_alone_and_travel() -> None:
    finish = some_finish(np.random.default_rng(0), 5, np.float64)
    scale = Scale(np.zeros(5), np.ones(5), finish)
    sent = pickle.loads(pickle.dumps(scale))
    assert same_scale(scale, sent)
    assert not same_scale(scale, Scale(scale.offset, scale.width))
    other = Finish(finish.low, finish.high, ~finish.whole)
    assert not same_finish(finish, other)
    assert not same_finish(finish, Finish(finish.low, finish.high, finish.whole, True))
    check_scale(sent, 5, DOUBLE)
    short = Scale(np.zeros(5), np.ones(5), Finish(np.zeros(4), np.ones(4), np.ones(4, bool)))
    with pytest.raises(ValueError, match="5 columns"):
        check_scale(short, 5, DOUBLE)
