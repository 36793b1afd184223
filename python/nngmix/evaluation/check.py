"""What a run asks for is checked before any work."""

from collections.abc import Iterable
from typing import NamedTuple

from nngmix.evaluation.detectors import make_detector
from nngmix.evaluation.methods import check_method
from nngmix.evaluation.specs import Spec

__all__ = ["Chosen", "check_specs"]


class Chosen(NamedTuple):
    """Methods and detectors that are there and take their settings."""

    methods: list[Spec]
    detectors: list[Spec]


def check_specs(methods: Iterable[str], detectors: Iterable[str]) -> Chosen:
    """Read the names and try each once: a wrong setting or a missing package is found now."""
    chosen = Chosen([Spec.parse(text) for text in methods], [Spec.parse(text) for text in detectors])
    for method in chosen.methods:
        check_method(method)
    for detector in chosen.detectors:
        make_detector(detector, random_state=0)
    return chosen
