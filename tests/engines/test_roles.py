"""Which columns are features, and anomalies that come apart from the frame."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nngmix.engines.roles import Roles, agreed, given_anomalies, not_of, rule_of
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.rows import as_rows

NAMES = ["a", "b", "c", "y", "key"]


def test_features_are_what_has_no_other_role() -> None:
    roles = Roles.of("the frame", NAMES, None, ["c"], "y", "key")
    assert roles.features == ("a", "b")
    assert roles.others == ("y", "key")
    assert Roles.of("the frame", NAMES, ["b", "a"], (), "y").features == ("b", "a")


@pytest.mark.parametrize(
    ("features", "ignore", "label", "id", "message"),
    [
        (["a", "A"], (), None, None, "the frame: there is no column 'A'; the nearest is 'a'"),
        (None, ["d"], None, None, "there is no column 'd'"),
        (None, (), " y", None, "there is no column ' y'; the nearest is 'y'"),
        (None, (), "y", "y", "'y' is the label column, it cannot be the id"),
        (None, ["y"], "y", None, "'y' is the label column, it cannot be ignored"),
        (["y"], (), "y", None, "'y' is the label column, it cannot be a feature"),
        (["a"], ["a"], None, None, "'a' is ignored, it cannot be a feature"),
        (["key"], (), None, "key", "'key' is the id, it cannot be a feature"),
        ("a", (), None, None, "features must be a list of names of columns, got 'a'"),
        (None, "a", None, None, "ignore must be a list of names of columns, got 'a'"),
        ([], (), None, None, "at least one column"),
        (["a", "a"], (), None, None, "each once"),
        (None, NAMES, None, None, "the frame has no column that is a feature"),
    ],
)
def test_what_is_refused(features, ignore, label, id, message) -> None:
    with pytest.raises(ValueError, match=message):
        Roles.of("the frame", NAMES, features, ignore, label, id)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_anomalies_of_any_frame(make) -> None:
    """The features alone are looked at, whatever else there is."""
    like = as_rows("X_unlabeled", pd.DataFrame(np.empty((0, 2)), columns=["a", "b"]))
    X = make({"b": [1.0, 2.0], "text": ["x", "y"], "a": [3.0, 4.0]})

    def settled(X, roles):
        given, there, roles = agreed(given_anomalies(X, roles, ColumnsAsked()), like, roles)
        assert there.names == roles.features
        return given, roles

    given, roles = settled(X, Roles(("a", "b"), chosen=True))
    assert given.whole().tolist() == [[3.0, 1.0], [4.0, 2.0]]
    assert roles.features == ("a", "b")
    given, roles = settled(X, Roles(("a", "b"), ignored=("text",)))
    assert given.whole().tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert roles.features == ("b", "a")
    with pytest.raises(TypeError, match="X_anomaly must hold real numbers"):
        settled(X, Roles(("a", "b")))
    with pytest.raises(ValueError, match="X_anomaly must have the 2 columns of X_unlabeled, got 3"):
        settled(np.zeros((2, 3)), Roles(("a", "b")))


def test_one_is_the_anomaly_where_nobody_says() -> None:
    assert rule_of(None, None).anomaly == (1,)
    assert rule_of(None, ["ok"]).anomaly is None
    assert rule_of("x", None).anomaly == ("x",)


def test_all_unknown_names_are_told_at_once_and_lists_are_no_names() -> None:
    with pytest.raises(ValueError, match=r"there are no columns 'zz', 'A ' \(nearest: 'a'\)"):
        Roles.of("the frame", ["a", "b"], ["zz", "A "], ())
    with pytest.raises(TypeError, match=r"names of columns, got \['y'\]"):
        Roles.of("the frame", ["a", "y"], None, (), ["y"])


def test_rows_in_memory_are_sent_to_what_takes_them() -> None:
    error = not_of("the frame", "a dask DataFrame", pd.DataFrame())
    assert "got DataFrame (pandas); rows in memory need no engine" in str(error)
