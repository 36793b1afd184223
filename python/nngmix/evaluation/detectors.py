"""The detectors, by name."""

from typing import Any

from nngmix.evaluation.classifiers import CLASSIFIERS
from nngmix.evaluation.complete import COMPLETE
from nngmix.evaluation.deepsad import DeepSAD
from nngmix.evaluation.detector import Detector
from nngmix.evaluation.specs import Spec

__all__ = ["DETECTORS", "make_detector"]

DETECTORS: dict[str, type[Any]] = {
    **CLASSIFIERS,
    DeepSAD.name: DeepSAD,
    **{detector.name: detector for detector in COMPLETE},
}


def make_detector(spec: Spec, random_state: int) -> Detector:
    """The detector of that name with its settings."""
    if spec.name not in DETECTORS:
        raise ValueError(f"there is no detector {spec.name!r}; there are {', '.join(DETECTORS)}")
    try:
        detector: Detector = DETECTORS[spec.name](random_state=random_state, **dict(spec.settings))
    except (TypeError, ValueError) as error:
        raise ValueError(f"detector {str(spec)!r}: {error}") from error
    return detector
