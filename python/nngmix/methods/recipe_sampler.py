"""What the samplers of the comparison methods share."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.methods.recipe import Recipe
from nngmix.methods.sampler import Sampler
from nngmix.methods.spans import resample_with
from nngmix.plan import Plan

__all__ = ["RecipeSampler"]


class RecipeSampler(Sampler):
    """A sampler whose rows are made by a recipe."""

    scale: str | None = None

    @abstractmethod
    def _recipe(self) -> Recipe[Any]:
        """The method with this sampler's parameters."""

    def _new_rows(self, X: ArrayLike, is_anomaly: NDArray[np.bool_]) -> tuple[NDArray[Any], Plan]:
        return resample_with(
            self._recipe(),
            X,
            is_anomaly,
            self._amount(),
            scale=self.scale,
            random_state=self.random_state,
            n_threads=self.n_threads,
        )
