"""Make new training anomalies from the few you have.

NNG-Mix (Nearest Neighbor Gaussian Mixup; Dong, Frusque, Zhao, Chatzi, Fink, arXiv 2311.11961): take a
labelled anomaly, pick one of its nearest neighbours among the unlabelled rows or among the other anomalies,
add a little Gaussian noise to each and mix them with a Beta-distributed weight.

Start with `nng_mix` (arrays in, new rows out) or `NNGMix` (a sampler with ``fit_resample``); `NeighborTable`
is the state behind both, for data that comes in blocks. What it should be compared with has the same
interface: `mixup`, `cutout`, `cutmix`, `gaussian_noise` and `duplicate`, and their samplers.
`nngmix.reference` defines every step in plain NumPy.

`NeighborScore` ranks rows by their exact distances to labelled anomalies and to all others, without training.
`NNGMixEnsemble` adds many small classifiers to it, trained on bags with new rows, and `NNGMixClassifier`
makes new rows inside the ``fit`` of any scikit-learn classifier (extra ``detect``).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nngmix._core import __version__
from nngmix.methods.cutmix import CutMix, cutmix
from nngmix.methods.cutout import Cutout, cutout
from nngmix.methods.duplicate import Duplicate, duplicate
from nngmix.methods.gaussian_noise import GaussianNoise, gaussian_noise
from nngmix.methods.mixup import Mixup, mixup
from nngmix.methods.nng_mix import NNGMix, nng_mix
from nngmix.neighbors.search import kneighbors
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.threads import set_num_threads
from nngmix.plan import MixPlan

if TYPE_CHECKING:
    from nngmix.detection.classifier import NNGMixClassifier as NNGMixClassifier
    from nngmix.detection.ensemble import NNGMixEnsemble as NNGMixEnsemble
    from nngmix.detection.score import NeighborScore
    from nngmix.versions import show_versions

__all__ = [
    "CutMix",
    "Cutout",
    "Duplicate",
    "GaussianNoise",
    "MixPlan",
    "Mixup",
    "NNGMix",
    "NeighborScore",
    "NeighborTable",
    "__version__",
    "cutmix",
    "cutout",
    "duplicate",
    "gaussian_noise",
    "kneighbors",
    "mixup",
    "nng_mix",
    "set_num_threads",
    "show_versions",
]


# What is imported when it is asked for: it needs time, or scikit-learn, and then is not in `__all__`: a star
# import must work without.
_LATER = {
    "NNGMixClassifier": "nngmix.detection.classifier",
    "NNGMixEnsemble": "nngmix.detection.ensemble",
    "NeighborScore": "nngmix.detection.score",
    "show_versions": "nngmix.versions",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'nngmix' has no attribute {name!r}")
    try:
        return getattr(import_module(_LATER[name]), name)
    except ModuleNotFoundError as error:
        raise ImportError(f"nngmix.{name} needs {error.name}: pip install 'nngmix[detect]'") from error
