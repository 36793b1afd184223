"""Make new training anomalies from the few you have.

NNG-Mix (Nearest Neighbor Gaussian Mixup; Dong, Frusque, Zhao, Chatzi, Fink, arXiv 2311.11961): take a
labelled anomaly, pick one of its nearest neighbours among the unlabelled rows or among the other anomalies,
add a little Gaussian noise to each and mix them with a Beta-distributed weight.

Start with `nng_mix` (arrays in, new rows out) or `NNGMix` (a sampler with ``fit_resample``); `NeighborTable`
is the state behind both, for data that comes in blocks. What it should be compared with has the same
interface: `mixup`, `cutout`, `cutmix`, `gaussian_noise` and `duplicate`, and their samplers.
`nngmix.reference` defines every step in plain NumPy.
"""

from nngmix._core import __version__
from nngmix.methods.cutmix import CutMix, cutmix
from nngmix.methods.cutout import Cutout, cutout
from nngmix.methods.duplicate import Duplicate, duplicate
from nngmix.methods.gaussian_noise import GaussianNoise, gaussian_noise
from nngmix.methods.mixup import Mixup, mixup
from nngmix.methods.nng_mix import NNGMix, nng_mix
from nngmix.neighbors.search import kneighbors
from nngmix.neighbors.table import NeighborTable
from nngmix.plan import MixPlan

__all__ = [
    "CutMix",
    "Cutout",
    "Duplicate",
    "GaussianNoise",
    "MixPlan",
    "Mixup",
    "NNGMix",
    "NeighborTable",
    "__version__",
    "cutmix",
    "cutout",
    "duplicate",
    "gaussian_noise",
    "kneighbors",
    "mixup",
    "nng_mix",
]
