"""What a fit is asked for is checked when it is said."""

from typing import Any

import numpy as np
import pytest

from nngmix.neighbors.spec import FitSpec
from nngmix.rows.asked_columns import ColumnsAsked


def spec(**changes: Any) -> FitSpec:
    return FitSpec(4, np.dtype(float), **changes)


def test_the_defaults_are_those_of_the_table() -> None:
    assert (spec().n_neighbors, spec().n_neighbors_anomaly, spec().unlabeled_fraction) == (10, 10, 0.5)
    assert (spec().scale, spec().missing, spec().amount) == (None, "error", None)


def test_columns_are_whole_by_what_was_asked_or_seen() -> None:
    seen = np.array([True, False, True, False])
    asked = ("auto", None, ["b", 3], [False, True, True, False])
    specs = [spec(names=tuple("abcd"), columns=ColumnsAsked(whole_features=features)) for features in asked]
    expected = [[0, 2], [], [1, 3], [1, 2]]
    assert [np.flatnonzero(spec.whole(seen)).tolist() for spec in specs] == expected
    assert [spec.finishes for spec in specs] == [True, False, True, True]
    assert spec(scale="minmax").finishes
    assert spec(columns=ColumnsAsked(clip="anomaly")).finishes


def test_neighbours_are_looked_for_if_rows_will_need_them() -> None:
    assert spec().searches(1)
    assert spec().searches(None)
    assert not spec().searches(0)
    assert spec(always_search=True).searches(0)
    assert not spec(always_search=True, unlabeled_fraction=0).searches(9)


def test_wrong_parameters_are_found_before_the_rows_are_read() -> None:
    with pytest.raises(ValueError, match="whole_features of the rows: there is no column 'd'"):
        spec(names=("a", "b", "c", "e"), columns=ColumnsAsked(whole_features=["d"]))
    with pytest.raises(ValueError, match="scale must be"):
        spec(scale="robust")
    with pytest.raises(ValueError, match="n_neighbors must be at least 1"):
        spec(n_neighbors=0)
    with pytest.raises(ValueError, match="n_neighbors_anomaly must be at least 1"):
        spec(n_neighbors_anomaly=0)
    with pytest.raises(TypeError, match="n_threads must be an integer"):
        spec(n_threads=1.5)
