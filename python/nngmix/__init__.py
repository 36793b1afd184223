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
from nngmix.parameters.thread_limits import register as _register
from nngmix.parameters.threads import set_num_threads

if TYPE_CHECKING:
    from nngmix.detection.classifier import NNGMixClassifier as NNGMixClassifier
    from nngmix.detection.ensemble import NNGMixEnsemble as NNGMixEnsemble
    from nngmix.detection.score import NeighborScore
    from nngmix.methods.cutmix import CutMix, cutmix
    from nngmix.methods.cutout import Cutout, cutout
    from nngmix.methods.duplicate import Duplicate, duplicate
    from nngmix.methods.gaussian_noise import GaussianNoise, gaussian_noise
    from nngmix.methods.mixup import Mixup, mixup
    from nngmix.methods.nng_mix import NNGMix, nng_mix
    from nngmix.neighbors.search import kneighbors
    from nngmix.neighbors.table import NeighborTable
    from nngmix.plan import MixPlan
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


# Modules are imported when one of their names is asked for: a program pays for what it uses. What needs
# scikit-learn is not in `__all__`, for a star import must work without.
_HOMES = {
    "nngmix.detection.classifier": ("NNGMixClassifier",),
    "nngmix.detection.ensemble": ("NNGMixEnsemble",),
    "nngmix.detection.score": ("NeighborScore",),
    "nngmix.methods.cutmix": ("CutMix", "cutmix"),
    "nngmix.methods.cutout": ("Cutout", "cutout"),
    "nngmix.methods.duplicate": ("Duplicate", "duplicate"),
    "nngmix.methods.gaussian_noise": ("GaussianNoise", "gaussian_noise"),
    "nngmix.methods.mixup": ("Mixup", "mixup"),
    "nngmix.methods.nng_mix": ("NNGMix", "nng_mix"),
    "nngmix.neighbors.search": ("kneighbors",),
    "nngmix.neighbors.table": ("NeighborTable",),
    "nngmix.plan": ("MixPlan",),
    "nngmix.versions": ("show_versions",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'nngmix' has no attribute {name!r}")
    _register()
    try:
        value = getattr(import_module(_HOME_OF[name]), name)
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise ImportError(f"nngmix.{name} needs {package}: pip install 'nngmix[detect]'") from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
