"""Rows of mixed columns equal their definition in plain NumPy, bit for bit, and have one donor each."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fuzz_cases import examples
from nngmix import _core, reference
from nngmix.parameters.seed import key_from
from nngmix.reference.comparison import PURPOSE_MIXUP
from strategies import DTYPES, SEEDS, WIDTHS

Rows = NDArray[Any]

KEY = key_from(5)
WORDS = np.array(KEY, np.uint32)
STARTS = st.integers(0, 5000) | st.integers(2**32 - 50, 2**32) | st.integers(0, 2**50)


@dataclass(frozen=True)
class Mixed:
    """What kernels are told of columns."""

    categorical: NDArray[np.bool_]
    categorical_weight: float = 1.0


@dataclass(frozen=True)
class Case:
    """Rows of which some columns are categories and some values are missing."""

    n_features: int
    share_categorical: float
    n_categories: int
    share_missing: float
    dtype: Any
    seed: int

    def rows(self, n: int, salt: int, categorical: NDArray[np.bool_]) -> Rows:
        rng = np.random.default_rng([self.seed, salt])
        rows = rng.standard_normal((n, self.n_features)) * rng.choice([1e-20, 1.0, 1e20], self.n_features)
        ranks = rng.integers(0, self.n_categories, rows.shape)
        rows[:, categorical] = ranks[:, categorical]
        # By value, by column, and rows without any value.
        missing = rng.random(rows.shape) < self.share_missing * rng.random(self.n_features)
        missing[rng.random(n) < self.share_missing / 4] = True
        rows[missing] = np.nan
        return rows.astype(self.dtype)

    def table(self) -> tuple[Mixed, Rows, Rows, NDArray[np.int64]]:
        """Kinds, anomalies, three neighbours of each, and two other anomalies."""
        rng = np.random.default_rng(self.seed)
        mixed = Mixed(rng.random(self.n_features) < self.share_categorical)
        anomalies, near = self.rows(11, 1, mixed.categorical), self.rows(33, 2, mixed.categorical)
        others = (np.arange(11)[:, None] + [1, 5]) % 11
        return mixed, anomalies, near.reshape(11, 3, -1), others


CASES = st.builds(
    Case,
    WIDTHS,
    st.sampled_from([0.0, 0.3, 1.0]),
    st.sampled_from([1, 3, 100_000]),
    st.sampled_from([0.0, 0.1, 0.5, 1.0, 2.0]),
    DTYPES,
    SEEDS,
)
WIDEST = Case(70, 0.4, 3, 0.3, np.float32, 1)
DENSE = Case(33, 0.0, 1, 0.0, np.float64, 2)
CHOICES = SimpleNamespace(
    n_anomalies=11, n_neighbors=3, n_others=2, unlabeled_fraction=0.5, alpha=0.4, beta=1.5
)
WINDOW = SimpleNamespace(n_anomalies=11, n_rows=44, n_features=0, min_width=0.1, max_width=0.9)


def drawn(plan: dict[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(**plan)


def filled(function: Any, n: int, like: Rows, *arguments: Any, **options: Any) -> Rows:
    """What a kernel puts into `n` rows."""
    out = np.full((n, like.shape[1]), -7, like.dtype)
    function(out, *arguments, **options)
    return out


def assert_donors(made: Rows, donors: Rows, categorical: NDArray[np.bool_]) -> None:
    """Categories and holes are those of one row each."""
    assert (np.isnan(made) == np.isnan(donors)).all()
    assert made[:, categorical].tobytes() == donors[:, categorical].tobytes()


@given(SEEDS, STARTS | st.integers(0, 2**62), st.integers(0, 400), st.sampled_from([0.05, 0.2, 1.0, 7.0]))
@examples(40)
def test_donors_are_those_of_the_reference_and_move_no_other_choice(
    seed: int, start: int, n: int, alpha: float
) -> None:
    key, words = key_from(seed), reference.key_of(seed)
    choices = SimpleNamespace(**{**vars(CHOICES), "alpha": alpha}, n_rows=44)
    for plan, purpose in ((_core.plan, 0), (_core.plan_mixup, PURPOSE_MIXUP)):
        without = plan(key, start, n, choices, 1)
        got = plan(key, start, n, choices, 1, donors=True)
        expected = reference.draw_donors(words, start, got["lam"], purpose)
        assert got.pop("donor_is_anchor").tobytes() == expected.tobytes()
        assert got.keys() == without.keys()
        for name, column in got.items():
            assert column.tobytes() == without[name].tobytes()


@example(WIDEST, 0.01, 0)
@example(DENSE, 0.01, 2**32 - 3)
@given(CASES, st.sampled_from([0.0, 0.01, 3.0, 1e19]), STARTS)
@examples(60)
def test_rows_of_nng_mix_are_those_of_the_reference(case: Case, noise_std: float, start: int) -> None:
    mixed, anomalies, near, others = case.table()
    plan = _core.plan(KEY, start, 90, CHOICES, 1, donors=True)
    anchor, unlabeled, neighbor = plan["anchor"], plan["unlabeled"], plan["neighbor"]
    partners = anomalies[others[anchor, neighbor % 2]]
    partners[unlabeled] = near[anchor[unlabeled], neighbor[unlabeled]]
    donor_is_anchor = plan["donor_is_anchor"]
    arguments = WORDS, start, anomalies[anchor], partners, plan["lam"], noise_std
    expected = reference.mix(*arguments, donor_is_anchor, mixed.categorical)
    sources = SimpleNamespace(
        anomalies=anomalies, neighbor_rows=near, anomaly_neighbors=others, noise_std=noise_std, mixed=mixed
    )
    made = filled(_core.mix, 90, anomalies, sources, KEY, start, drawn(plan), 1)
    assert made.tobytes() == expected.tobytes()
    assert_donors(made, np.where(donor_is_anchor[:, None], anomalies[anchor], partners), mixed.categorical)
    parts = [
        filled(_core.generate, stop - first, anomalies, sources, KEY, start + first, CHOICES, 2)
        for first, stop in ((0, 1), (1, 18), (18, 90))
    ]
    assert np.concatenate(parts).tobytes() == expected.tobytes()
    if not mixed.categorical.any() and not np.isnan(anomalies).any() and not np.isnan(near).any():
        sources.mixed = None
        assert (
            filled(_core.generate, 90, anomalies, sources, KEY, start, CHOICES, 1).tobytes() == made.tobytes()
        )


@example(WIDEST, 0)
@example(DENSE, 7)
@given(CASES, STARTS)
@examples(60)
def test_rows_of_the_comparison_methods_are_those_of_the_reference(case: Case, start: int) -> None:
    mixed, anomalies, near, _ = case.table()
    n, kinds, pool = 60, mixed.categorical, np.concatenate([anomalies, near.reshape(33, -1)])
    sources = SimpleNamespace(anomalies=anomalies, unlabeled=pool[11:], mixed=mixed)

    choices = SimpleNamespace(**vars(CHOICES), n_rows=44)
    plan = drawn(_core.plan_mixup(KEY, start, n, choices, 1, donors=True))
    a, p = anomalies[plan.anchor], pool[plan.number]
    made = filled(_core.mixup, n, anomalies, sources, plan, 1)
    assert made.tobytes() == reference.mixup(a, p, plan.lam, plan.donor_is_anchor, kinds).tobytes()
    assert_donors(made, np.where(plan.donor_is_anchor[:, None], a, p), kinds)

    window = SimpleNamespace(**{**vars(WINDOW), "n_features": case.n_features})
    in_place = bool(kinds.any())
    plan = drawn(_core.plan_cutmix(KEY, start, n, window, 1, in_place=in_place))
    expected = reference.draw_cutmix(WORDS, start, n, 11, 44, case.n_features, 0.1, 0.9, in_place)
    for got, column in zip(vars(plan).values(), expected, strict=True):
        assert got.tobytes() == column.tobytes()
    made = filled(_core.cutmix, n, anomalies, sources, plan, 1)
    a, p = anomalies[plan.anchor], pool[plan.number]
    assert made.tobytes() == reference.cutmix(a, p, plan.origin, plan.begin, plan.width).tobytes()

    plan = drawn(_core.plan_cutout(KEY, start, n, window, 1))
    for missing in (False, True):
        made = filled(_core.cutout, n, anomalies, anomalies, plan, 1, mixed, missing)
        expected_rows = reference.cutout(anomalies[plan.anchor], plan.begin, plan.width, kinds, missing)
        assert made.tobytes() == expected_rows.tobytes()
        if not missing:
            assert made[:, kinds].tobytes() == anomalies[plan.anchor][:, kinds].tobytes()

    anchor = _core.plan_gaussian_noise(KEY, start, n, 11, 1)
    for noise_std in (0.0, 0.3):
        noisy = SimpleNamespace(anomalies=anomalies, noise_std=noise_std, mixed=mixed)
        made = filled(_core.gaussian_noise, n, anomalies, noisy, KEY, start, anchor, 1)
        expected_rows = reference.gaussian_noise(WORDS, start, anomalies[anchor], noise_std, kinds)
        assert made.tobytes() == expected_rows.tobytes()
        assert_donors(made, anomalies[anchor], kinds)

    made = filled(_core.duplicate, n, anomalies, anomalies, anchor, 1, missing=True)
    assert made.tobytes() == reference.duplicate(anomalies[anchor]).tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_without_holes_have_the_bytes_of_today(dtype: Any) -> None:
    case = Case(30, 0.0, 1, 0.0, dtype, 3)
    mixed, anomalies, near, _ = case.table()
    window = SimpleNamespace(**{**vars(WINDOW), "n_features": 30})
    choices = SimpleNamespace(**vars(CHOICES), n_rows=44)
    mixing = drawn(_core.plan_mixup(KEY, 0, 50, choices, 1, donors=True))
    pasting = drawn(_core.plan_cutmix(KEY, 0, 50, window, 1))
    cutting, anchor = drawn(_core.plan_cutout(KEY, 0, 50, window, 1)), mixing.anchor
    made = []
    for kinds in (None, mixed):
        sources = SimpleNamespace(anomalies=anomalies, unlabeled=near.reshape(33, 30), noise_std=0.1)
        if kinds is not None:
            sources.mixed = kinds
        made.append(
            [
                filled(_core.mixup, 50, anomalies, sources, mixing, 1),
                filled(_core.cutmix, 50, anomalies, sources, pasting, 1),
                filled(_core.cutout, 50, anomalies, anomalies, cutting, 1, kinds),
                filled(_core.gaussian_noise, 50, anomalies, sources, KEY, 0, anchor, 1),
                filled(_core.duplicate, 50, anomalies, anomalies, anchor, 1, kinds is not None),
            ]
        )
    for numbers, rows in zip(*made, strict=True):
        assert rows.tobytes() == numbers.tobytes()


def test_the_anchor_is_the_donor_with_probability_lam_whatever_else_was_drawn() -> None:
    choices = SimpleNamespace(**{**vars(CHOICES), "alpha": 1.0, "beta": 1.0}, n_rows=44)
    for plan in (_core.plan, _core.plan_mixup):
        got = drawn(plan(KEY, 0, 400_000, choices, 1, donors=True))
        donors, lam = got.donor_is_anchor, got.lam
        for part in (lam < 0.1, (lam > 0.4) & (lam < 0.6), lam > 0.9, got.anchor == 3, got.anchor % 2 == 0):
            error = donors[part].mean() - lam[part].mean()
            assert abs(error) < 5 * np.sqrt((lam[part] * (1 - lam[part])).mean() / part.sum())
    # The uniform is neither 0 nor 1: a weight of 0 or 1 decides alone.
    for weight in (0.0, 1.0):
        assert (reference.draw_donors(WORDS, 0, np.full(5000, weight)) == bool(weight)).all()


def test_missing_values_pass_where_the_donor_misses_them_and_infinity_never() -> None:
    kinds = Mixed(np.array([False, True]))
    plan = SimpleNamespace(
        anchor=np.array([0]),
        unlabeled=np.array([True]),
        neighbor=np.array([0]),
        number=np.array([1]),
        lam=np.array([0.5]),
        donor_is_anchor=np.array([True]),
    )

    def made(anchor: list[float], partner: list[float], mixed: Mixed | None, noise_std: float = 0.1) -> Any:
        anomalies, near = np.array([anchor]), np.array([[partner]])
        none = np.empty((1, 0), np.int64)
        sources = SimpleNamespace(
            anomalies=anomalies, neighbor_rows=near, anomaly_neighbors=none, noise_std=noise_std, mixed=mixed
        )
        rows = SimpleNamespace(anomalies=anomalies, unlabeled=near[0], mixed=mixed)
        mixup = filled(_core.mixup, 1, anomalies, rows, plan, 1)
        return filled(_core.mix, 1, anomalies, sources, KEY, 0, plan, 1)[0], mixup[0]

    nan, inf = float("nan"), float("inf")
    rows, mixup = made([1.0, 2.0], [nan, nan], kinds)
    assert rows[0] == 1.0 + 0.1 * float(reference.normals(WORDS, 0, 1)[0])
    assert mixup.tolist() == [1.0, 2.0]
    assert rows[1] == 2.0
    for rows in made([nan, nan], [1.0, 2.0], kinds):
        assert np.isnan(rows).all()
    for case in (
        ([1.0, 2.0], [nan, 2.0], None),
        ([nan, 2.0], [1.0, 2.0], None),
        ([inf, 2.0], [1.0, 2.0], kinds),
        ([1.0, 2.0], [inf, 2.0], kinds),
        ([1.0, inf], [1.0, 2.0], kinds),
    ):
        with pytest.raises(ValueError, match="would be infinite in float64"):
            made(*case)
    with pytest.raises(ValueError, match="categorical: expected 2 values, got 1"):
        made([1.0, 2.0], [1.0, 2.0], Mixed(np.array([True])))
    plan.donor_is_anchor = None
    with pytest.raises(ValueError, match="donor_is_anchor must be there where columns are mixed"):
        made([1.0, 2.0], [1.0, 2.0], kinds)


def test_cutmix_pastes_categories_in_their_own_columns_alone() -> None:
    rows = SimpleNamespace(
        anomalies=np.zeros((1, 3)), unlabeled=np.ones((1, 3)), mixed=Mixed(np.array([False, True, False]))
    )
    plan = {name: np.array([at]) for name, at in (("anchor", 0), ("number", 1), ("width", 1))}
    elsewhere = SimpleNamespace(**plan, origin=np.array([0]), begin=np.array([1]))
    with pytest.raises(
        ValueError, match="begin of the plan must be its origin where some columns are categories"
    ):
        _core.cutmix(np.empty((1, 3)), rows, elsewhere, 1)


def test_the_whole_method_mixes_by_kind_what_it_finds_by_kind() -> None:
    case = Case(9, 0.4, 3, 0.0, np.float64, 6)
    kinds = case.table()[0].categorical
    anomalies, unlabeled = case.rows(12, 1, kinds), case.rows(60, 2, kinds)
    numbers = reference.nng_mix(anomalies, unlabeled, 50, random_state=3)
    same = reference.nng_mix(anomalies, unlabeled, 50, random_state=3, categorical=np.zeros(9, np.bool_))
    assert same.tobytes() == numbers.tobytes()
    anomalies[::4, 1], unlabeled[::3] = np.nan, np.where(kinds, unlabeled[::3], np.nan)
    made = reference.nng_mix(anomalies, unlabeled, 300, random_state=3, categorical=kinds)
    # What is no number comes from one real row, whole.
    real = np.concatenate([anomalies, unlabeled])
    patterns = {(row[kinds].tobytes(), np.isnan(row).tobytes()) for row in real}
    assert {(row[kinds].tobytes(), np.isnan(row).tobytes()) for row in made} <= patterns
    assert np.isnan(made).any(axis=1).any()
    assert not np.isnan(made).any(axis=1).all()
