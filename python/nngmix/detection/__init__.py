"""What finds anomalies: the neighbour score, and, for the extra ``detect``, classifiers with new rows."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nngmix.detection.score import NeighborScore

if TYPE_CHECKING:
    from nngmix.detection.classifier import NNGMixClassifier as NNGMixClassifier
    from nngmix.detection.ensemble import NNGMixEnsemble as NNGMixEnsemble

__all__ = ["NeighborScore"]

# What needs scikit-learn, when it is asked for.
_LATER = {
    "NNGMixClassifier": "nngmix.detection.classifier",
    "NNGMixEnsemble": "nngmix.detection.ensemble",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'nngmix.detection' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
