"""The one flow behind every `fit_resample`: its stages, and what it refuses before any work."""

from typing import Any

import numpy as np
import pytest

from nngmix.methods.cutout import CutoutRecipe
from nngmix.methods.mixup import MixupRecipe
from nngmix.methods.nng_mix_recipe import NNGMixRecipe
from nngmix.methods.resample import Resampled, resample
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.amount import Amount
from nngmix.rows.labels import LabelRule, read_labels
from nngmix.rows.rows import as_rows
from small_blocks import small_blocks

rng = np.random.default_rng(4)
X, Y = rng.random((400, 5)), (np.arange(400) % 40 == 0).astype(int)
RULE = LabelRule.of(1, 0)
THIRTY = Amount(n_samples=30)


def run(recipe: Any, y: Any = Y, amount: Amount = THIRTY, **options: Any) -> Resampled[Any]:
    rows = as_rows("X", X)
    spec = FitSpec(5, rows.dtype, None, RULE, "y", "minmax", amount=amount)
    return resample(rows, read_labels("y", y), spec, recipe, random_state=0, **options)


@pytest.mark.parametrize(
    ("recipe", "stages"),
    [
        (NNGMixRecipe(), [("scale", 400), ("search", 400), ("mix", 30)]),
        (NNGMixRecipe(unlabeled_fraction=0), [("scale", 400), ("mix", 30)]),
        (MixupRecipe("all"), [("scale", 400), ("mix", 30)]),
        (CutoutRecipe(), [("scale", 400), ("mix", 30)]),
    ],
    ids=repr,
)
def test_progress_is_reported_to_the_end(recipe: Any, stages: Any) -> None:
    steps = []
    made = run(recipe, progress=lambda *step: steps.append(step))
    assert steps == [(stage, done, total) for stage, total in stages for done in (0, total)]
    assert made.rows.shape == (30, 5)
    assert made.labels == [1] * 30
    assert (made.classes, made.kinds.tolist()) == ([1], [0] * 30)
    assert (Y[made.plan.anchor] == 1).all()


@pytest.mark.parametrize("recipe", [NNGMixRecipe(), MixupRecipe("all"), CutoutRecipe()], ids=repr)
def test_progress_of_many_blocks_only_grows(recipe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run(recipe)
    small_blocks(monkeypatch, 100)
    steps = []
    made = run(recipe, progress=lambda *step: steps.append(step))
    assert made.rows.tobytes() == expected.rows.tobytes()
    assert made.plan.anchor.tolist() == expected.plan.anchor.tolist()
    assert len(steps) > 10
    for stage in {step[0] for step in steps}:
        done = [step[1] for step in steps if step[0] == stage]
        assert done == sorted(done)
        assert done[-1] == {step[2] for step in steps if step[0] == stage}.pop()


def test_all_rows_anomalies_need_no_unlabelled_pool() -> None:
    with pytest.raises(ValueError, match="there are 400 labelled anomalies and no unlabelled row to take"):
        run(NNGMixRecipe(), np.ones(400))
    assert len(run(NNGMixRecipe(unlabeled_fraction=0), np.ones(400)).rows) == 30
    assert len(run(CutoutRecipe(), np.ones(400)).rows) == 30
    with pytest.raises(ValueError, match=r"no row has 1 in y; it holds 0\.0 \(400 rows\)"):
        run(CutoutRecipe(), np.zeros(400))


@pytest.mark.parametrize("recipe", [NNGMixRecipe(), MixupRecipe(), CutoutRecipe()], ids=repr)
def test_rows_that_cannot_be_held_are_refused_before_any_work(recipe: Any) -> None:
    steps = []
    for amount, error, message in (
        (Amount(n_samples=10**12), MemoryError, "n_samples=1000000000000 rows of 5 columns need"),
        (Amount(multiplier=1e11), MemoryError, "n_samples=1000000000000 rows of 5 columns need"),
        (Amount(multiplier=1e30), ValueError, "makes 1e\\+31 rows of 10 labelled anomalies"),
    ):
        with pytest.raises(error, match=message):
            run(recipe, amount=amount, progress=lambda *step: steps.append(step))
    assert steps == []


def test_no_rows_are_an_empty_plan() -> None:
    for recipe in (NNGMixRecipe(), MixupRecipe("all"), CutoutRecipe()):
        made = run(recipe, amount=Amount(n_samples=0))
        assert (made.rows.shape, len(made.plan), made.labels) == ((0, 5), 0, [])
