"""The survey of a score: parts that merge, in any order, know what one pass over all rows knows."""

import itertools
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from nngmix.detection.score_survey import ScoreSurvey
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.labels import LabelRule, read_labels
from nngmix.rows.rows import as_rows

X = np.random.default_rng(0).random((60, 3))
y = np.array(["good", "unknown", "fraud"] * 20)
SPEC = FitSpec(3, np.dtype(float), rule=LabelRule.of("fraud", "unknown", "good"), scale="minmax")


def surveyed(start: int, stop: int) -> ScoreSurvey:
    survey = ScoreSurvey(SPEC, 10, np.random.SeedSequence(0))
    survey.update(as_rows("X", X[start:stop]), read_labels("y", y[start:stop]), start)
    return survey


def merged(one: ScoreSurvey, other: ScoreSurvey) -> ScoreSurvey:
    one.merge(other)
    return one


@pytest.mark.parametrize("order", list(itertools.permutations([(0, 7), (7, 40), (40, 60)])))
def test_parts_that_merge_are_one_pass(order: tuple[tuple[int, int], ...]) -> None:
    parts, whole = reduce(merged, [surveyed(*part) for part in order]), surveyed(0, 60)
    for survey in (parts, whole):
        ids, rows, _ = survey.normals()
        assert_array_equal(ids, np.flatnonzero(y == "good"))
        assert_array_equal(rows, X[ids])
        scale = survey.scaling.scale(SPEC.dtype)
        assert_array_equal(scale.offset, X.min(axis=0))
    for found, expected in zip(parts.sample.rows()[:2], whole.sample.rows()[:2], strict=True):
        assert_array_equal(found, expected)


def test_normal_rows_that_are_not_finite_are_named_or_left_out() -> None:
    bad = X.copy()
    bad[[3, 9], 1] = np.nan
    for spec in (SPEC, replace(SPEC, columns=ColumnsAsked(missing="skip"))):
        survey = ScoreSurvey(spec, 10, np.random.SeedSequence(0))
        if spec is SPEC:
            with pytest.raises(ValueError, match="X must be finite, got nan at row 3"):
                survey.update(as_rows("X", bad), read_labels("y", y), 0)
        else:
            survey.update(as_rows("X", bad), read_labels("y", y), 0)
            assert survey.normals()[0].tolist() == [0, 6, *range(12, 60, 3)]
