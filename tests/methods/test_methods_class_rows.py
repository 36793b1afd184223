"""Rows of classes one after the other, for any recipe."""

from typing import Any

import numpy as np
import pytest

from comparison import columns
from nngmix.methods.class_rows import ClassRows
from nngmix.methods.cutout import CutoutRecipe
from nngmix.methods.gaussian_noise import GaussianNoiseRecipe
from nngmix.methods.mixup import MixupRecipe
from nngmix.methods.nng_mix_recipe import NNGMixRecipe
from nngmix.methods.shares import shares
from nngmix.rows.rows import as_rows

rng = np.random.default_rng(0)
X, U = rng.random((7, 4)), rng.random((40, 4))
LABELS = [1, 2, 2, 1, 1, 3, 2]
IDS = np.arange(7) * 10


@pytest.mark.parametrize(
    "recipe", [NNGMixRecipe(4, 2), MixupRecipe("all"), CutoutRecipe(), GaussianNoiseRecipe(0.1)], ids=repr
)
@pytest.mark.parametrize("cut", [0, 5, 17, 30])
def test_rows_and_plans_of_any_part(recipe: Any, cut: int) -> None:
    classes = shares(LABELS, 7, 30, 3)
    unlabeled = as_rows("U", U)
    sources = [recipe.source(as_rows("X", X[share.anomalies]), unlabeled, 1) for share in classes]
    new = ClassRows(recipe, sources, classes, IDS)
    whole = np.empty((30, 4))
    plan = new.fill_with_plan(0, whole)
    parts = [np.empty((cut, 4)), np.empty((30 - cut, 4))]
    new.fill(0, parts[0])
    new.fill(cut, parts[1])
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    for column, values in columns(plan).items():
        both = [getattr(new.plan(0, cut), column), getattr(new.plan(cut, 30), column)]
        assert np.concatenate(both).tolist() == values.tolist()
    kinds = new.kinds(0, 30)
    assert [new.labels[kind] for kind in kinds] == [LABELS[anchor // 10] for anchor in plan.anchor]
    assert new.kinds(cut, 30).tolist() == kinds[cut:].tolist()
