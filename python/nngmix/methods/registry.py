"""The methods by name: one registry for the samplers, the evaluation and whoever names a method."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nngmix.methods.cutmix import CutMix, cutmix
from nngmix.methods.cutout import Cutout, cutout
from nngmix.methods.duplicate import Duplicate, duplicate
from nngmix.methods.gaussian_noise import GaussianNoise, gaussian_noise
from nngmix.methods.mixup import Mixup, mixup
from nngmix.methods.nng_mix import NNGMix, nng_mix
from nngmix.methods.recipe import Recipe
from nngmix.methods.sampler import Sampler

__all__ = ["METHODS", "Method"]


@dataclass(frozen=True)
class Method:
    """One way of making rows.

    Attributes
    ----------
    function : callable
        Arrays in, new rows out.
    sampler : type
        The same as ``fit_resample``.
    """

    function: Callable[..., Any]
    sampler: type[Sampler]

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def recipe(self) -> type[Recipe[Any, Any]]:
        """The parameters, how a plan is drawn and how the rows of a plan are made."""
        return self.sampler.recipe

    @property
    def parents(self) -> tuple[str, ...]:
        """Names of the function's arguments that are rows."""
        code = self.function.__code__
        return tuple(name for name in code.co_varnames[: code.co_argcount] if name.startswith("X_"))


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(nng_mix, NNGMix),
        Method(mixup, Mixup),
        Method(cutout, Cutout),
        Method(cutmix, CutMix),
        Method(gaussian_noise, GaussianNoise),
        Method(duplicate, Duplicate),
    )
}
