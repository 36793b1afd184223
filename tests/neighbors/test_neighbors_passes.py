"""The two passes: which rows take part, what is counted, and the way back from a part that failed."""

from typing import Any

import numpy as np
import pytest

from nngmix import NeighborTable
from nngmix.neighbors.passes import Counts, Search, Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.labels import LabelRule, read_labels
from nngmix.rows.rows import as_rows

rng = np.random.default_rng(2)
X = rng.random((100, 3))
# Two classes of anomalies, unlabelled rows, and a third kind that takes no part.
KINDS = np.array((["odd", "rare", "third"] + ["ok"] * 7) * 10)
RULE = LabelRule.of(["odd", "rare"], "ok")


def spec(**changes: Any) -> FitSpec:
    return FitSpec(3, np.dtype(float), None, RULE, "kind", **{"scale": "minmax", **changes})


def surveyed(X: Any, spec: FitSpec) -> Survey:
    survey = Survey(spec)
    survey.update(as_rows("X", X), read_labels("kind", KINDS), 0)
    return survey


def test_third_values_are_counted_but_take_no_part() -> None:
    outside = X.copy()
    outside[KINDS == "third"] = [1e6, np.nan, np.inf]
    survey = surveyed(outside, spec())
    assert (survey.counts.n_rows, survey.counts.n_anomalies, survey.counts.n_unlabeled) == (100, 20, 70)
    scale = survey.scaling.scale(np.dtype(float))
    np.testing.assert_array_equal(scale.offset, X[KINDS != "third"].min(axis=0))
    found = survey.anomalies()
    assert found.labels == KINDS[np.isin(KINDS, ["odd", "rare"])].tolist()
    assert found.X.tobytes() == X[found.ids].tobytes()
    search = Search(spec(), NeighborTable(found.X))
    search.update(as_rows("X", outside), read_labels("kind", KINDS), 0)
    assert search.table.n_seen == 70
    assert set(search.table.row_ids.ravel().tolist()) <= set(np.flatnonzero(KINDS == "ok").tolist())


def test_rows_that_are_not_finite_are_named_or_skipped() -> None:
    bad = X.copy()
    bad[[0, 11, 33], [0, 1, 2]] = [np.nan, np.inf, np.nan]
    with pytest.raises(ValueError, match="X must be finite, got nan at row 0, column 0"):
        surveyed(bad, spec())
    alone = X.copy()
    alone[33, 2] = np.inf
    with pytest.raises(ValueError, match="X must be finite, got inf at row 33, column 2"):
        surveyed(alone, spec())
    survey = surveyed(bad, spec(missing="skip"))
    # Rows 0 and 11 are anomalies, row 33 is unlabelled.
    assert survey.counts.n_missing == 3
    assert (survey.counts.n_anomalies, survey.counts.n_unlabeled) == (18, 69)
    assert 11 not in survey.anomalies().ids.tolist()
    bad[np.isin(KINDS, ["odd", "rare"])] = np.nan
    with pytest.raises(ValueError, match="no labelled anomaly of kind is finite in all columns"):
        surveyed(bad, spec(missing="skip")).anomalies()


def test_a_copy_is_a_way_back() -> None:
    survey = surveyed(X, spec())
    kept = survey.copied()
    bad = X.copy()
    bad[99] = np.nan
    with pytest.raises(ValueError, match="finite"):
        survey.update(as_rows("part 2", bad), read_labels("kind", KINDS), 100)
    assert (kept.counts.n_rows, len(kept.anomalies().X)) == (100, 20)
    search = Search(spec(), NeighborTable(X[:5]))
    kept_search = search.copied()
    search.update(as_rows("X", X), read_labels("kind", KINDS), 0)
    assert (kept_search.table.n_seen, kept_search.counts.n_rows) == (0, 0)


def test_parts_that_merge_in_any_order_are_the_whole() -> None:
    whole, (first, second) = surveyed(X, spec()), (Survey(spec()) for _ in range(2))
    first.update(as_rows("X", X[:45]), read_labels("kind", KINDS[:45]), 0)
    second.update(as_rows("X", X[45:]), read_labels("kind", KINDS[45:]), 45)
    second.merge(first)
    assert second.counts == whole.counts
    got, expected = second.anomalies(), whole.anomalies()
    assert got.X.tobytes() == expected.X.tobytes()
    assert got.ids is not None
    assert expected.ids is not None
    assert got.ids.tolist() == expected.ids.tolist() == sorted(got.ids.tolist())
    assert got.labels == expected.labels
    assert len(first.anomalies().X) == 10


def test_too_many_anomalies_are_refused_and_not_kept() -> None:
    assert len(surveyed(X, spec(max_anomalies=20)).anomalies().X) == 20
    survey = surveyed(X, spec(max_anomalies=19))
    assert survey.found == []
    with pytest.raises(ValueError, match="20 rows are labelled anomalies by kind, more than max_anomalies"):
        survey.anomalies()


def test_counts_add_up() -> None:
    counts = Counts(5, 3, 2, 1)
    counts.labels.add({"a": 3})
    other = Counts(7, 7, 0, 0)
    other.labels.add({"a": 1, "b": 6})
    counts.add(other)
    assert (counts.n_rows, counts.n_unlabeled, counts.n_anomalies, counts.n_missing) == (12, 10, 2, 1)
    assert dict(counts.labels.counts) == {"a": 4, "b": 6}
