"""Scaling: right, and the same bytes however the rows are ordered and cut."""

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from fuzz_cases import examples
from nngmix import _core
from nngmix.rows.finish import Finish
from nngmix.rows.scaling import MinMaxState, Scale, StandardState, check_scale, scale_state, take
from strategies import DTYPES, KINDS, SEEDS, make_rows

STATES = [MinMaxState, StandardState]


def fitted(state: type, *blocks: NDArray[Any]) -> Any:
    made = state(blocks[0].shape[1])
    for block in blocks:
        made.update(block)
    return made


def as_bytes(state: Any, dtype: Any = np.float64) -> tuple[bytes, bytes]:
    scale = state.scale(np.dtype(dtype))
    assert scale.offset.dtype == scale.width.dtype == dtype
    return scale.offset.tobytes(), scale.width.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_scales_are_those_of_numpy(dtype: Any, offset: float) -> None:
    rows = np.random.default_rng(0).standard_normal((1000, 4)) * 10.0 ** np.arange(4) + offset
    rows = rows.astype(dtype)
    wide = rows.astype(np.float64)
    scale = fitted(MinMaxState, rows).scale(np.dtype(dtype))
    np.testing.assert_array_equal(scale.offset, rows.min(axis=0))
    np.testing.assert_array_equal(scale.width, np.ptp(wide, axis=0).astype(dtype))
    scaled = scale.transform(rows)
    assert scaled.dtype == dtype
    assert scaled.min() == 0
    assert (scaled.max(axis=0) == 1).all()
    scale = fitted(StandardState, rows).scale(np.dtype(dtype))
    rtol = 1e-6 if dtype == np.float32 else 1e-9
    np.testing.assert_allclose(scale.offset, wide.mean(axis=0), rtol=rtol)
    np.testing.assert_allclose(scale.width, wide.std(axis=0), rtol=rtol)
    np.testing.assert_allclose(scale.inverse(scale.transform(rows)), rows, rtol=1e-6, atol=1e-6)


def test_transform_leaves_the_rows_and_inverse_works_in_place() -> None:
    rows = np.random.default_rng(0).random((20, 3))
    before = rows.copy()
    scale = fitted(MinMaxState, rows).scale(np.dtype(float))
    scaled = scale.transform(rows)
    assert (rows == before).all()
    back = scale.inverse(scaled)
    assert back is scaled
    np.testing.assert_allclose(back, rows, rtol=1e-14)


@pytest.mark.parametrize("state", STATES)
def test_constant_columns_are_scaled_to_zero(state: type) -> None:
    rows = np.full((10, 2), [0.1, -1e30])
    scale = fitted(state, rows).scale(np.dtype(float))
    assert (scale.transform(rows) == 0).all()
    assert (scale.width == 1).all()
    assert (scale.inverse(np.zeros((1, 2))) == rows[0]).all()


@pytest.mark.parametrize("state", STATES)
@given(DTYPES, KINDS, st.sampled_from([1.0, 1e-20, 1e20]), st.lists(st.integers(0, 200), max_size=5), SEEDS)
def test_order_and_cut_leave_no_trace(
    state: type, dtype: Any, kind: str, scale: float, cuts: list[int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = make_rows(rng, 200, 3, kind, dtype, scale)
    expected = as_bytes(fitted(state, rows), dtype)
    shuffled = rows[rng.permutation(200)]
    blocks = [shuffled[a:b] for a, b in itertools.pairwise([0, *sorted(cuts), 200])]
    assert as_bytes(fitted(state, *blocks), dtype) == expected
    parts = [fitted(state, block) for block in blocks]
    while len(parts) > 1:
        first, second = (parts.pop(int(rng.integers(len(parts)))) for _ in range(2))
        first.merge(second)
        parts.append(first)
    assert as_bytes(parts[0], dtype) == expected


def exact_scale(column: list[float]) -> tuple[float, float]:
    """Mean and standard deviation in exact arithmetic, each rounded once at the end."""
    values = [Fraction(value) for value in column]
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    # A square root to 400 bits, then one rounding.
    shift = 1 << 800
    root = Fraction(math.isqrt(int(variance * shift * shift)), shift)
    return float(mean), float(root)


# Squares of these neither overflow the limbs nor lose their last bits.
VALUES = (
    st.floats(1e-120, 1e140) | st.floats(-1e140, -1e-120) | st.integers(-1000, 1000).map(float) | st.just(0.0)
)


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 20), st.just(2)), elements=VALUES))
@examples(100)
def test_standard_scales_are_exact_and_rounded_once(rows: NDArray[np.float64]) -> None:
    scale = fitted(StandardState, rows).scale(np.dtype(float))
    for j in range(2):
        mean, deviation = exact_scale(rows[:, j].tolist())
        assert scale.offset[j] == mean
        assert scale.width[j] == (deviation or 1.0)


def test_sums_lose_nothing_where_floats_do() -> None:
    rows = np.array([[1e16], [1.0], [-1e16], [1.0]])
    assert fitted(StandardState, rows).scale(np.dtype(float)).offset[0] == 0.5
    # The variance of rows far from 0: the textbook formula in float64 gives 0 or less.
    rows = 1e9 + np.array([[0.0], [1.0], [2.0], [3.0]])
    assert fitted(StandardState, rows).scale(np.dtype(float)).width[0] == math.sqrt(1.25)


def test_many_rows_carry_between_limbs() -> None:
    rows = np.full((3_000_000, 1), 0.1, np.float32)
    rows[:2] = [[0.3], [-0.1]]
    state = fitted(StandardState, rows)
    total = Fraction(float(np.float32(0.3))) + (len(rows) - 3) * Fraction(float(np.float32(0.1)))
    assert state.scale(np.dtype(float)).offset[0] == float(total / len(rows))


def test_zeros_of_both_signs_give_one_offset() -> None:
    for rows in ([[0.0], [-0.0], [1.0]], [[-0.0], [0.0], [1.0]], [[-0.0], [-0.0], [1.0]]):
        scale = fitted(MinMaxState, np.array(rows)).scale(np.dtype(float))
        assert not np.signbit(scale.offset[0])


@pytest.mark.parametrize(
    ("offset", "width", "finished", "moves"),
    [(0, 1, True, False), (0, 1, False, True), (0.5, 1, True, True), (0, 2, True, True)],
)
def test_a_scale_that_only_finishes_moves_nothing(
    offset: float, width: float, finished: bool, moves: bool
) -> None:
    ends = np.array([np.inf, np.inf])
    finish = Finish(-ends, ends, np.array([True, False])) if finished else None
    assert Scale(np.array([0, offset]), np.array([1, width]), finish).moves == moves


def test_scales_are_found_by_name() -> None:
    assert scale_state(None, 3) is None
    assert isinstance(scale_state("minmax", 3), MinMaxState)
    assert isinstance(scale_state("standard", 3), StandardState)
    with pytest.raises(ValueError, match="scale must be 'minmax', 'standard' or None, got 'max'"):
        scale_state("max", 3)


# ---- kernels -----------------------------------------------------------------------------------------------


@given(DTYPES, KINDS, st.integers(0, 300), st.integers(1, 40), st.floats(0, 1), st.integers(1, 3), SEEDS)
def test_rows_are_scaled_with_the_bits_of_numpy(
    dtype: Any, kind: str, n: int, d: int, share: float, n_threads: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = make_rows(rng, n, d, kind, dtype, 1.0)
    offset, width = rng.standard_normal(d).astype(dtype), (rng.random(d) + 0.01).astype(dtype)
    scale, chosen = Scale(offset, width), rng.random(n) < share
    expected = (rows[chosen] - offset) / width
    got = scale.transform(rows, chosen, n_threads=n_threads)
    assert got.dtype == dtype
    assert got.tobytes() == expected.tobytes()
    assert scale.transform(rows, n_threads=n_threads).tobytes() == ((rows - offset) / width).tobytes()
    assert take(rows, chosen, n_threads=n_threads).tobytes() == rows[chosen].tobytes()
    room = np.ones((len(expected), d), dtype)
    assert scale.transform(rows, chosen, out=room) is room
    assert room.tobytes() == expected.tobytes()
    own = rows[chosen]
    assert scale.transform(own, out=own) is own
    assert own.tobytes() == expected.tobytes()
    back = scale.inverse(got, n_threads=n_threads)
    assert back.tobytes() == (expected * width + offset).tobytes()


@pytest.mark.parametrize("state", STATES)
def test_threads_leave_no_trace(state: type) -> None:
    rows = np.random.default_rng(1).standard_normal((20_000, 7)) * 10.0 ** np.arange(-3, 4)
    made = []
    for n_threads in (1, 2, 5, None):
        fit = state(7)
        fit.update(rows, n_threads=n_threads)
        made.append(as_bytes(fit))
    assert made == made[:1] * 4


@pytest.mark.parametrize("state", STATES)
def test_a_value_that_is_not_finite_leaves_the_state_as_it_was(state: type) -> None:
    rows = np.random.default_rng(1).standard_normal((20_000, 3))
    fit = fitted(state, rows)
    before = as_bytes(fit)
    for value in (np.nan, np.inf, -np.inf):
        bad = rows * 1000
        bad[12_345, 1] = value
        with pytest.raises(ValueError, match="row 12345, column 1 is not finite"):
            fit.update(bad)
        assert as_bytes(fit) == before


def test_rows_that_do_not_fit_are_refused() -> None:
    rows, scale = np.zeros((4, 3)), Scale(np.zeros(3), np.ones(3))
    with pytest.raises(ValueError, match="out: expected 12 values, got 9"):
        _core.take_rows(np.empty((3, 3)), rows, None, None, 1)
    with pytest.raises(ValueError, match="out has 4 columns, array has 3"):
        _core.take_rows(np.empty((3, 4)), rows, None, None, 1)
    with pytest.raises(ValueError, match="chosen: expected 4 values, got 3"):
        _core.take_rows(np.empty((3, 3)), rows, np.ones(3, bool), None, 1)
    with pytest.raises(ValueError, match="columns of the scale: expected 3 values, got 2"):
        _core.take_rows(np.empty((4, 3)), rows, None, Scale(np.zeros(2), np.ones(3)), 1)
    with pytest.raises(ValueError, match="must be C-contiguous"):
        _core.unscale_rows(np.asfortranarray(rows), scale, 1)
    with pytest.raises(ValueError, match="ranges: expected 3 values, got 2"):
        _core.widen_ranges(rows, np.zeros(2), np.zeros(3), 1)


def test_a_scale_by_name_is_refused_where_a_fitted_one_is_taken() -> None:
    with pytest.raises(TypeError, match="must be a fitted Scale, got 'minmax'"):
        check_scale("minmax", 2, np.dtype(float))  # type: ignore[arg-type]


@pytest.mark.parametrize("scale", ["minmax", "standard"])
def test_a_state_knows_its_constant_columns_whatever_the_parts(scale: str) -> None:
    rows = np.array([[0.1, 2.0, -0.0, 5.0], [0.1, 2.0, 0.0, 5.0], [0.1, 2.5, 0.0, 5.0 + 1e-15]])
    one, other = scale_state(scale, 4), scale_state(scale, 4)
    assert one is not None
    assert other is not None
    assert one.constant().all()
    one.update(rows[:1])
    assert one.constant().all()
    other.update(rows[1:])
    one.merge(other)
    assert one.constant().tolist() == [True, False, True, False]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", ["minmax", "standard"])
def test_a_state_knows_its_whole_columns_whatever_the_parts(scale: str, dtype: Any) -> None:
    rows = np.zeros((9000, 6), dtype)
    rows[:, 1] = np.resize([1e20, -3.0, 2.0**23 + 1, -0.0, 0.0], 9000)
    # Fractions of one row alone: the first, one far below, the last; the smallest there is.
    rows[0, 2], rows[5000, 3], rows[-1, 4] = 0.5, -(2.0**22) - 0.5, np.finfo(dtype).smallest_subnormal
    rows[:, 5] = 1e-3
    expected = [True, True, False, False, False, False]
    for cuts in ([0, 9000], [0, 1, 4999, 5001, 9000]):
        parts = [fitted(type(scale_state(scale, 6)), rows[a:b]) for a, b in itertools.pairwise(cuts)]
        for other in parts[1:]:
            parts[0].merge(other)
        assert parts[0].whole().tolist() == expected
    empty = scale_state(scale, 6)
    assert empty is not None
    assert empty.whole().all()
    empty.merge(parts[0])
    assert empty.whole().tolist() == expected


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_columns_that_lie_by_themselves_are_scaled_as_rows_are(state: type, dtype: Any) -> None:
    rows = (np.random.default_rng(3).standard_normal((70_000, 3)) * 10.0 ** np.arange(3)).astype(dtype)
    rows[:, 1] = rows[:, 1].round()
    expected = fitted(state, rows)
    fit = state(3)
    fit.update([*np.asfortranarray(rows[:66_000]).T], n_threads=2)
    fit.update([*np.asfortranarray(rows[66_000:]).T])
    assert as_bytes(fit, dtype) == as_bytes(expected, dtype)
    assert fit.whole().tolist() == expected.whole().tolist() == [False, True, False]
    rows[[66_500, 66_501], [2, 0]] = np.nan
    with pytest.raises(ValueError, match="row 66500, column 2 is not finite"):
        fit.update([*np.asfortranarray(rows).T])
    assert as_bytes(fit, dtype) == as_bytes(expected, dtype)
    for columns, message in [
        ([], "no columns"),
        ([rows[:5, 0].copy(), rows[:4, 0].copy()], "column: expected 5"),
    ]:
        with pytest.raises(ValueError, match=message):
            fit.update(columns)


@pytest.mark.parametrize("scale", ["minmax", "standard"])
@pytest.mark.parametrize("by_column", [False, True])
def test_missing_values_are_passed_by(scale: str, by_column: bool) -> None:
    rng = np.random.default_rng(4)
    rows = rng.standard_normal((3000, 4)) * [1.0, 1e5, 1e-5, 1.0]
    rows[:, 1] = rows[:, 1].round()
    rows[rng.random(rows.shape) < 0.4] = np.nan
    rows[:, 3] = np.nan

    def given(part: NDArray[Any]) -> Any:
        return [*np.asfortranarray(part).T] if by_column else part

    fit, other = scale_state(scale, 4, missing=True), scale_state(scale, 4, missing=True)
    assert fit is not None
    assert other is not None
    fit.update(given(rows[:1000]))
    other.update(given(rows[1000:]))
    fit.merge(other)
    found = fit.scale(np.dtype(float))
    for j in range(3):
        present = rows[~np.isnan(rows[:, j]), j][:, None]
        alone = fitted(type(fit), present).scale(np.dtype(float))
        assert (found.offset[j], found.width[j]) == (alone.offset[0], alone.width[0])
    # A column without a value is constant, and whole for all that is known.
    assert (found.offset[3], found.width[3]) == (0, 1)
    assert fit.constant().tolist() == [False, False, False, True]
    assert fit.whole().tolist() == [False, True, False, True]
    before = as_bytes(fit)
    rows[7, 2] = -np.inf
    with pytest.raises(ValueError, match="row 7, column 2 is not finite"):
        fit.update(given(rows))
    assert as_bytes(fit) == before
