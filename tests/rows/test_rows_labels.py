"""Who is who."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.label_default import TiedLabels, default_rule
from nngmix.rows.labels import LabelRule, read_labels


def labels(values: Any, written: bool = False) -> Any:
    return read_labels("y", values, written=written)


@pytest.mark.parametrize(
    "anomaly", [" Worms ", [" Worms "], (" Worms ", "DoS"), {"DoS", " Worms "}, np.array([" Worms "])]
)
def test_several_values_in_any_container(anomaly: Any) -> None:
    who = LabelRule.of(anomaly, None).split(labels(["ok", " Worms ", None, "Worms"]))
    assert who.anomaly.tolist() == [False, True, False, False]
    assert who.unlabeled.tolist() == [True, False, True, True]
    assert [who.values[kind] for kind in who.kinds] == [" Worms "]


@pytest.mark.parametrize(
    "values", [pd.Series([0.1]), pl.Series([0.1]), [np.float32(0.1)], np.float32(0.1), "0.1"]
)
def test_values_asked_for_are_taken_as_they_are_shown(values: Any) -> None:
    assert LabelRule.of(values, None).split(labels(np.array([0.1, 0.2], "f4"))).anomaly.tolist() == [
        True,
        False,
    ]


def test_one_kind_declared_makes_all_others_the_other_but_for_no_label() -> None:
    who = LabelRule.of(None, "ok").split(labels(["a", "ok", None, "b"]))
    assert who.anomaly.tolist() == [True, False, False, True]
    assert who.unlabeled.tolist() == [False, True, True, False]
    assert [who.values[kind] for kind in who.kinds] == ["a", "b"]


def test_both_declared_leave_third_values_out() -> None:
    who = LabelRule.of("a", "ok").split(labels(["a", "ok", None, "b"]))
    assert who.anomaly.tolist() == [True, False, False, False]
    assert who.unlabeled.tolist() == [False, True, True, False]


@pytest.mark.parametrize("asked", [True, 1, "1", "1.0", "True", "TRUE"])
def test_truths_of_a_file_without_types(asked: Any) -> None:
    for there in (["TRUE", "FALSE"], ["True", "False"], ["1", "0"], ["1.0", "0.0"]):
        assert LabelRule.of(asked, None).split(labels(there, written=True)).anomaly.tolist() == [True, False]


@pytest.mark.parametrize(
    ("anomaly", "unlabeled", "said"),
    [
        (None, None, "say which labels"),
        ([], None, "at least one anomaly label"),
        ("a", [], "at least one unlabeled label"),
        (1, "1", "the label 1 cannot be both"),
        ([None, 1], None, "a missing value is no anomaly label"),
        (1, np.nan, "a missing value is no unlabeled label"),
    ],
)
def test_rules_that_are_none(anomaly: Any, unlabeled: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LabelRule.of(anomaly, unlabeled)


def test_texts_that_show_one_number_cannot_be_both() -> None:
    rule = LabelRule.of("1", "1.0")
    assert rule.split(labels(["1", "1.0"])).anomaly.tolist() == [True, False]
    with pytest.raises(ValueError, match="the label '1' of y is both anomaly and unlabelled"):
        rule.split(labels(["1"], written=True))


def counts(values: Any) -> LabelCounts:
    counted = LabelCounts()
    counted.add(labels(values).counts())
    return counted


def test_counts_merge() -> None:
    one, other = counts(["a", None, "a"]), counts(["b", "a"])
    one.merge(other)
    assert str(one) == "'a' (3 rows), 'b' (1 rows), no label (1 rows)"
    assert str(LabelCounts()) == "nothing"


def test_counts_stay_small() -> None:
    counted = counts(np.arange(10_000))
    counted.merge(counts(np.arange(20_000, 30_000)))
    assert len(counted.counts) == 4096
    assert counted.rest == 20_000 - 4096


def test_a_label_that_is_not_there_is_hinted_at() -> None:
    said = str(LabelRule.of("Worms", None).missing_label("f.csv", counts([" Worms ", "ok", "ok"])))
    assert (
        said
        == "no row has 'Worms' in f.csv; it holds 'ok' (2 rows), ' Worms ' (1 rows); did you mean ' Worms '?"
    )
    said = str(LabelRule.of(None, "ok").missing_label("f.csv", counts(["ok", None])))
    assert said.startswith("every row of f.csv has 'ok', or no label: none is an anomaly")


@pytest.mark.parametrize(
    "values",
    [
        [0, 1, 0],
        [False, True, False],
        ["0", "1", "0"],
        ["False", "True", "False"],
        np.array([0, 1, 0], "u1"),
        pd.Series([0, 1, None], dtype="Int8"),
        pl.Series([False, True, None]),
        pa.array([0.0, 1.0, 0.0], pa.float32()),
        pd.Series([0, 1, 0], dtype="category"),
        pd.Series([None, 1, None], dtype="Int8"),
    ],
)
def test_zero_and_one_mean_what_they_say(values: Any) -> None:
    who = default_rule(labels(values)).split(labels(values))
    assert who.anomaly.tolist() == [False, True, False]
    assert who.unlabeled.tolist() == [True, False, True]


def test_as_many_ones_as_zeros_mean_what_they_say() -> None:
    assert default_rule(labels([0, 1])) == LabelRule((1,), (0,))


def test_ones_that_are_the_many() -> None:
    with pytest.raises(
        ValueError, match=r"holds 1, the anomaly, 2 times, and 0 or no label 1 times.*declare"
    ):
        default_rule(labels([0, 1, 1]))
    assert default_rule(labels([0, 1, 1]), by_frequency=True) == LabelRule((0,), (1,))
    assert default_rule(labels([0, 1, 0]), by_frequency=True) == LabelRule((1,), (0,))


@pytest.mark.parametrize(
    "values", [[-1, 1, 1], [-1, 0, 1, 0], ["-1", "1", "1"], [-1.0, 5.0], pa.array([-1, None])]
)
def test_minus_one_is_refused_in_any_company(values: Any) -> None:
    with pytest.raises(ValueError, match="y holds -1, which means anomaly in one library"):
        default_rule(labels(values))


def test_else_the_most_frequent_label_is_unlabelled() -> None:
    assert default_rule(labels(["b", "ok", "a", "ok"])) == LabelRule(("a", "b"), ("ok",))
    assert default_rule(labels([2, 0, 0, 1])) == LabelRule((1, 2), (0,))
    # Texts of a file without types that show one number are one label.
    values = labels(["2", "2.0", "3", "3", "3.0"], written=True)
    assert default_rule(values) == LabelRule(("2", "2.0"), ("3", "3.0"))


def test_a_tie_is_an_error_of_its_own() -> None:
    with pytest.raises(TiedLabels, match="'a' and 'ok' equally often, 2 times: which of them is unlabelled"):
        default_rule(labels(["ok", "a", "ok", "a", "b"]))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "got nothing alone"),
        ([0, 0], "got 0 alone"),
        ([1, 1], "got 1 alone"),
        (["a", None], "got 'a', and 1 rows without a label"),
    ],
)
def test_one_label_is_too_few(values: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"y must hold labels of anomalies and of unlabelled rows, {said}"):
        default_rule(labels(values))
