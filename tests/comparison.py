"""The comparison methods in one table, so that every test goes through all of them."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nngmix
from nngmix import reference
from nngmix.plan import CutMixPlan, CutoutPlan, MixupPlan, NoisePlan, Plan

Rows = NDArray[Any]


@dataclass(frozen=True)
class Method:
    """A function with the sampler, the plan and parameters that are not the defaults."""

    function: Callable[..., Any]
    sampler: type[Any]
    plan: type[Plan]
    parameters: dict[str, Any]

    @property
    def has_partners(self) -> bool:
        return "partners" in self.parameters

    def __call__(self, anomalies: Any, unlabeled: Any, n_samples: Any, **parameters: Any) -> Any:
        rows = (anomalies, unlabeled) if self.has_partners else (anomalies,)
        return self.function(*rows, n_samples, **{**self.parameters, **parameters})


METHODS: dict[str, Method] = {
    "mixup": Method(
        nngmix.mixup, nngmix.Mixup, MixupPlan, {"partners": "anomaly", "alpha": 0.4, "beta": 1.5}
    ),
    "mixup, all rows": Method(
        nngmix.mixup, nngmix.Mixup, MixupPlan, {"partners": "all", "alpha": 0.2, "beta": 0.2}
    ),
    "cutout": Method(nngmix.cutout, nngmix.Cutout, CutoutPlan, {"min_width": 0.2, "max_width": 0.6}),
    "cutmix": Method(
        nngmix.cutmix, nngmix.CutMix, CutMixPlan, {"partners": "anomaly", "min_width": 0.1, "max_width": 0.9}
    ),
    "cutmix, all rows": Method(
        nngmix.cutmix, nngmix.CutMix, CutMixPlan, {"partners": "all", "min_width": 0.1, "max_width": 0.3}
    ),
    "gaussian_noise": Method(nngmix.gaussian_noise, nngmix.GaussianNoise, NoisePlan, {"noise_std": 0.3}),
    "duplicate": Method(nngmix.duplicate, nngmix.Duplicate, Plan, {}),
}


def columns(plan: Plan) -> dict[str, NDArray[Any]]:
    """The arrays of a plan by name."""
    values = {field.name: getattr(plan, field.name) for field in fields(plan)}
    return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}


def defined(
    name: str, anomalies: Rows, unlabeled: Rows, n_samples: int, start: int, seed: int
) -> tuple[Rows, dict[str, NDArray[Any]]]:
    """Rows and plan of a method by its definition."""
    method, key = METHODS[name], reference.key_of(seed)
    parameters = dict(method.parameters)
    pool = anomalies
    if parameters.pop("partners", None) == "all":
        pool = np.concatenate([anomalies, unlabeled])
    (n_anomalies, d), n_rows = anomalies.shape, len(pool)
    if name.startswith("mixup"):
        anchor, number, lam = reference.draw_mixup(key, start, n_samples, n_anomalies, n_rows, **parameters)
        made = reference.mixup(anomalies[anchor], pool[number], lam)
        return made, {"anchor": anchor, **split(number, n_anomalies), "lam": lam}
    if name.startswith("cutmix"):
        anchor, number, origin, begin, width = reference.draw_cutmix(
            key, start, n_samples, n_anomalies, n_rows, d, **parameters
        )
        made = reference.cutmix(anomalies[anchor], pool[number], origin, begin, width)
        window = {"origin": origin, "begin": begin, "width": width}
        return made, {"anchor": anchor, **split(number, n_anomalies), **window}
    if name == "cutout":
        anchor, begin, width = reference.draw_cutout(key, start, n_samples, n_anomalies, d, **parameters)
        made = reference.cutout(anomalies[anchor], begin, width)
        return made, {"anchor": anchor, "begin": begin, "width": width}
    if name == "gaussian_noise":
        anchor = reference.draw_gaussian_noise(key, start, n_samples, n_anomalies)
        return reference.gaussian_noise(key, start, anomalies[anchor], **parameters), {"anchor": anchor}
    anchor = reference.draw_duplicate(key, start, n_samples, n_anomalies)
    return reference.duplicate(anomalies[anchor]), {"anchor": anchor}


def split(number: NDArray[np.int64], n_anomalies: int) -> dict[str, NDArray[Any]]:
    """Pool and row of partners that are numbered through."""
    unlabeled = number >= n_anomalies
    return {"unlabeled": unlabeled, "partner": np.where(unlabeled, number - n_anomalies, number)}
