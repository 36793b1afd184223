"""What a fit makes of the columns that it has seen, in one pass or in two, in parts that merge."""

import pickle
from typing import Any

import numpy as np
import pytest

import nngmix
import nngmix.stream
from nngmix.neighbors.finished import unscaled_finish
from nngmix.neighbors.fit import fit
from nngmix.neighbors.passes import Search, Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.labels import LabelRule, read_labels
from nngmix.rows.rows import as_rows
from nngmix.rows.scaling import MinMaxState, StandardState, same_scale

rng = np.random.default_rng(3)
N = 120
Y = (np.arange(N) % 12 == 0).astype(int)
X = np.column_stack([rng.random(N), rng.integers(-3, 9, N), np.full(N, 0.25)])
X[Y == 1, 0] += 1


def fitted(scale: str | None, cuts: int, *, given: bool, missing: Any = "error", **asked: Any) -> Any:
    """The table of a fit, and its passes, over parts that go their own ways and merge backwards."""
    passes = []
    rows, labels = (X[Y == 0], None) if given else (X, Y)

    def fold(state: Any) -> Any:
        passes.append(type(state))
        states, first = [], 0
        for at in np.array_split(np.arange(len(rows)), cuts):
            own = pickle.loads(pickle.dumps(state)).copied()
            own.update(
                as_rows("X", rows[at]), None if labels is None else read_labels("y", labels[at]), first
            )
            states.append(own)
            first += len(at)
        merged = states.pop()
        for other in reversed(states):
            merged.merge(other)
        return merged

    rule = None if given else LabelRule.of(1, 0)
    columns = ColumnsAsked(missing=missing, **asked)
    spec = FitSpec(3, np.dtype(float), None, rule, "y", scale, columns)
    return fit(fold, spec, as_rows("X_anomaly", X[Y == 1]) if given else None).table, passes


@pytest.mark.parametrize("clip", [None, "unlabeled", "anomaly"])
@pytest.mark.parametrize("scale", ["minmax", "standard", None])
def test_all_ways_through_the_rows_come_to_one_finish(scale: Any, clip: Any) -> None:
    whole, _ = fitted(scale, 1, given=False, whole_features="auto", clip=clip)
    finish = whole.scale.finish
    assert finish.whole.tolist() == [False, True, False]
    assert finish.constant.tolist() == [False, False, True]
    of = X if clip is None else X[(1 if clip == "anomaly" else 0) == Y]
    expected = [-np.inf, -np.inf] if clip is None else of.min(axis=0)[:2].tolist()
    assert finish.low.tolist() == [*expected, 0.25]
    for given, cuts in ((False, 5), (True, 1), (True, 4)):
        other, passes = fitted(scale, cuts, given=given, whole_features="auto", clip=clip)
        assert same_scale(whole.scale, other.scale)
        assert passes == ([Search] if given and scale is None else [Survey, Search])
        assert other.rows(0, 40, random_state=1).tobytes() == whole.rows(0, 40, random_state=1).tobytes()


def test_without_a_scale_nothing_is_finished_unless_it_is_asked_for() -> None:
    for given in (False, True):
        assert fitted(None, 2, given=given)[0].scale is None
        assert fitted(None, 2, given=given, whole_features=[1])[0].scale is not None
    assert fitted("minmax", 2, given=False)[0].scale.finish.whole.tolist() == [False] * 3


@pytest.mark.parametrize("clip", [None, "anomaly"])
def test_what_a_late_row_shows_of_a_column_is_seen(clip: Any) -> None:
    unlabeled = np.column_stack([rng.random(4000), np.full(4000, 2.0), np.full(4000, 3.0), np.arange(4000.0)])
    unlabeled[3900, 1], unlabeled[3950, 3] = 8, 0.5
    blocks = [unlabeled[:1500], unlabeled[1500:]]
    table = nngmix.stream.fit(np.array([[0.5, 2, 3, 7]]), blocks, clip=clip)
    finish = table.scale.finish  # type: ignore[union-attr]
    assert finish is not None
    assert finish.whole.tolist() == [False, True, True, False]
    if clip is None:
        assert finish.constant.tolist() == [False, False, True, False]


def test_what_an_anomaly_of_its_own_shows_of_a_column_is_seen() -> None:
    table = nngmix.stream.fit(np.array([[3.5, 2]]), [np.tile([3.0, 2], (50, 1))])
    finish = table.scale.finish  # type: ignore[union-attr]
    assert finish is not None
    assert finish.whole.tolist() == finish.constant.tolist() == [False, True]


def test_rows_that_are_skipped_take_no_part() -> None:
    bad = X.copy()
    bad[1], bad[Y.argmax() + 2, 1] = [np.nan, 0.5, 9], np.inf
    before = X.copy()
    try:
        X[:] = bad
        skipped = [
            fitted(None, 2, given=given, missing="skip", whole_features="auto", clip="unlabeled")[0]
            for given in (False, True)
        ]
    finally:
        X[:] = before
    for table in skipped:
        assert table.scale.finish.whole.tolist() == [False, True, False]
        assert np.isfinite(table.scale.finish.low).all()


def test_a_range_of_no_rows_is_refused() -> None:
    rows = as_rows("X_anomaly", X[Y == 1])
    asked = FitSpec(3, np.dtype(float), columns=ColumnsAsked(clip="unlabeled"))
    with pytest.raises(ValueError, match="clip='unlabeled' needs unlabelled rows"):
        unscaled_finish(asked, rows, None)
    assert unscaled_finish(FitSpec(3, np.dtype(float)), rows, None) is None


@pytest.mark.parametrize("state", [MinMaxState, StandardState])
def test_states_know_the_value_of_columns_that_have_but_one(state: Any) -> None:
    seen = state(3)
    seen.update(np.array([[1.0, -0.1, 5], [2, -0.1, 5]]))
    np.testing.assert_array_equal(seen.only_values(), [np.nan, -0.1, 5])
    other = state(3)
    other.update(np.array([[1.0, -0.1, 6]]))
    other.merge(seen)
    np.testing.assert_array_equal(other.only_values(), [np.nan, -0.1, np.nan])
