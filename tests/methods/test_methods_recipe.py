"""What recipes promise: frozen, checked when made, and rows that depend on number and key alone."""

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from comparison import columns
from nngmix.methods.cutmix import CutMixRecipe
from nngmix.methods.cutout import CutoutRecipe
from nngmix.methods.duplicate import DuplicateRecipe
from nngmix.methods.gaussian_noise import GaussianNoiseRecipe
from nngmix.methods.mixup import MixupRecipe
from nngmix.methods.nng_mix_recipe import NNGMixRecipe
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.seed import key_from
from nngmix.rows.rows import as_rows

RECIPES = [
    NNGMixRecipe(4, 3, 0.1),
    NNGMixRecipe(unlabeled_fraction=0),
    MixupRecipe("all"),
    MixupRecipe(),
    CutoutRecipe(),
    CutMixRecipe("all"),
    GaussianNoiseRecipe(0.2),
    DuplicateRecipe(),
]
rng = np.random.default_rng(0)
ANOMALIES, UNLABELED = rng.random((6, 5)), rng.random((40, 5))


@pytest.mark.parametrize("recipe", RECIPES, ids=repr)
def test_any_rows_can_be_made_alone(recipe: Any) -> None:
    source = recipe.source(as_rows("X_anomaly", ANOMALIES), as_rows("X_unlabeled", UNLABELED), 2)
    key = key_from(3)
    whole, part = np.empty((50, 5)), np.empty((20, 5))
    recipe.fill(source, 0, whole, key)
    recipe.fill(source, 13, part, key)
    assert part.tobytes() == whole[13:33].tobytes()
    plan = recipe.draw(source, 13, 20, key)
    made = np.empty((20, 5))
    recipe.make(source, plan, made)
    assert made.tobytes() == part.tobytes()
    named = recipe.named(source, plan, np.arange(100, 106))
    assert (named.anchor == plan.anchor + 100).all()
    assert columns(named).keys() == columns(plan).keys()


@pytest.mark.parametrize("recipe", RECIPES, ids=repr)
def test_recipes_ask_for_no_more_search_than_they_need(recipe: Any) -> None:
    spec = recipe.asked(FitSpec(5, np.dtype(float)))
    searches = isinstance(recipe, NNGMixRecipe) and recipe.takes_unlabeled
    assert (spec.unlabeled_fraction > 0) == searches
    if isinstance(recipe, NNGMixRecipe):
        assert (spec.n_neighbors, spec.n_neighbors_anomaly) == (
            recipe.n_neighbors,
            recipe.n_neighbors_anomaly,
        )


def test_recipes_are_checked_and_frozen() -> None:
    for make, message in (
        (lambda: NNGMixRecipe(n_neighbors=0), "n_neighbors must be at least 1"),
        (lambda: NNGMixRecipe(alpha=0), "alpha must be above 0"),
        (lambda: MixupRecipe("some"), "partners must be 'anomaly' or 'all'"),  # type: ignore[arg-type]
        (lambda: MixupRecipe(beta=0), "beta must be above 0"),
        (lambda: CutMixRecipe(min_width=2), "min_width must be a share"),
        (lambda: CutoutRecipe(max_width=2), "max_width must be a share"),
        (lambda: GaussianNoiseRecipe(-1), "noise_std must be at least 0"),
    ):
        with pytest.raises(ValueError, match=message):
            make()
    with pytest.raises(FrozenInstanceError):
        RECIPES[0].alpha = 3
    assert type(GaussianNoiseRecipe(np.float32(0.5)).noise_std) is float
