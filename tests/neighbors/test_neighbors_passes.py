"""The two passes: which rows take part, what is counted, and the way back from a part that failed."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nngmix import NeighborTable
from nngmix.neighbors import passes
from nngmix.neighbors.passes import Counts, Search, Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.in_memory import FrameRows
from nngmix.rows.labels import LabelRule, read_labels
from nngmix.rows.rows import as_rows
from small_blocks import small_blocks

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


def test_third_values_are_counted_but_take_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
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
    ids = search.table.row_ids.copy()
    # The same rows in blocks, after a hundred others.
    small_blocks(monkeypatch, 30)
    search = Search(spec(), NeighborTable(found.X))
    search.update(as_rows("X", outside), read_labels("kind", KINDS), 100)
    assert search.table.row_ids.tolist() == (ids + 100).tolist()


def test_rows_that_are_not_finite_are_named_or_skipped() -> None:
    bad = X.copy()
    bad[[0, 11, 33], [0, 1, 2]] = [np.nan, np.inf, np.nan]
    with pytest.raises(ValueError, match="X must be finite, got nan at row 0, column 0"):
        surveyed(bad, spec())
    alone = X.copy()
    alone[33, 2] = np.inf
    with pytest.raises(ValueError, match="X must be finite, got inf at row 33, column 2"):
        surveyed(alone, spec())
    survey = surveyed(bad, spec(columns=ColumnsAsked(missing="skip")))
    # Rows 0 and 11 are anomalies, row 33 is unlabelled.
    assert survey.counts.n_missing == 3
    assert (survey.counts.n_anomalies, survey.counts.n_unlabeled) == (18, 69)
    assert 11 not in survey.anomalies().ids.tolist()
    bad[np.isin(KINDS, ["odd", "rare"])] = np.nan
    with pytest.raises(ValueError, match="no labelled anomaly of kind is finite in all columns"):
        surveyed(bad, spec(columns=ColumnsAsked(missing="skip"))).anomalies()


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
    other = Counts(7, 7, 0, 2)
    other.labels.add({"a": 1, "b": 6})
    counts.add(other)
    assert (counts.n_rows, counts.n_unlabeled, counts.n_anomalies, counts.n_missing) == (12, 10, 2, 3)
    assert dict(counts.labels.counts) == {"a": 4, "b": 6}


@pytest.mark.parametrize("scale", ["minmax", "standard"])
@pytest.mark.parametrize("bad", [None, "skip", "error"])
@pytest.mark.parametrize("third", [False, True])
def test_a_frame_is_surveyed_by_its_columns_as_an_array_is(
    scale: str, bad: str | None, third: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pd = pytest.importorskip("pandas")
    # Two blocks of 256 and 44 rows.
    monkeypatch.setattr(passes, "BLOCK_VALUES", 3 * 256)
    rows = np.tile(X, (3, 1))
    kinds = np.tile(np.where(KINDS == "third", "third" if third else "ok", KINDS), 3)
    if bad is not None:
        rows[[270, 271, 299], [2, 0, 1]] = [np.inf, np.nan, np.nan]
    frame = pd.DataFrame({"a": rows[:, 0], "b": rows[:, 1], "c": rows[:, 2].astype(object)})
    read: list[int] = []

    def counted(self: FrameRows, rows: Any, out: Any, n_threads: int | None) -> None:
        read.append(len(out))
        original(self, rows, out, n_threads)

    original = FrameRows._read
    monkeypatch.setattr(FrameRows, "_read", counted)
    asked = spec(scale=scale, columns=ColumnsAsked(missing=bad or "error"))
    if bad == "error":
        for given in (rows, frame):
            survey = Survey(asked)
            with pytest.raises(ValueError, match=r"X must be finite, got inf at row 270, column ('c'|2)"):
                survey.update(as_rows("X", given), read_labels("kind", kinds), 0)
        return
    by_row, by_column = Survey(asked), Survey(asked)
    by_row.update(as_rows("X", rows), read_labels("kind", kinds), 5)
    by_column.update(as_rows("X", frame), read_labels("kind", kinds), 5)
    one, other = (survey.scaling.scale(np.dtype(float)) for survey in (by_row, by_column))
    assert one.offset.tobytes() == other.offset.tobytes()
    assert one.width.tobytes() == other.width.tobytes()
    assert by_row.scaling.whole().tolist() == by_column.scaling.whole().tolist()
    assert by_row.counts == by_column.counts
    assert by_column.counts.n_missing == (3 if bad else 0)
    expected, found = by_row.anomalies(), by_column.anomalies()
    assert expected.X.tobytes() == found.X.tobytes()
    assert (expected.ids.tolist(), expected.labels) == (found.ids.tolist(), found.labels)  # type: ignore[union-attr]
    # Whole blocks are read by row only where rows have to be told apart; else the anomalies alone.
    n_anomalies = [np.count_nonzero(np.isin(part, ["odd", "rare"])) for part in (kinds[:256], kinds[256:])]
    assert read == ([256, 44] if third else [n_anomalies[0], 44] if bad else n_anomalies)


def test_surveys_of_parts_with_other_categories_merge() -> None:
    asked = ColumnsAsked(categorical_features=["kind"], missing="keep")
    frame = pd.DataFrame({"kind": [*"zbzab", None], "number": [1.0, 2.0, np.nan, 4.0, 5.0, 6.0]})
    labels = np.array([1, 0, 1, 1, 0, 1])
    spec = FitSpec(
        2, np.dtype(float), ("kind", "number"), LabelRule((1,), None), columns=asked, scale="minmax"
    )

    def survey_of(*numbers: int) -> Survey:
        rows = as_rows("X", frame.iloc[[*numbers]], asked=asked)
        survey = Survey(spec)
        survey.update(rows, read_labels("y", labels[[*numbers]]), numbers[0])
        return survey

    whole = survey_of(0, 1, 2, 3, 4, 5)
    merged = survey_of(3, 4)
    # One that has met no row knows no categories either.
    merged.merge(Survey(spec))
    merged.merge(survey_of(5))
    empty = Survey(spec)
    empty.merge(survey_of(0, 1, 2))
    merged.merge(empty)
    for survey in (whole, merged):
        found = survey.anomalies()
        assert found.kinds is not None
        assert found.kinds.categories == (("a", "b", "z"), None)
        assert found.ids is not None
        assert found.ids.tolist() == [0, 2, 3, 5]
        np.testing.assert_array_equal(found.X, [[2, 1], [2, np.nan], [0, 4], [np.nan, 6]])
    with pytest.raises(ValueError, match="column 'kind' holds categories in one part"):
        whole.merge(_survey_of_numbers(spec))


def _survey_of_numbers(spec: FitSpec) -> Survey:
    survey = Survey(spec)
    rows = as_rows("X", np.ones((2, 2)), asked=ColumnsAsked(missing="keep"))
    survey.update(rows, read_labels("y", np.array([1, 0])), 9)
    return survey
