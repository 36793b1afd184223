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
from nngmix.augment import nng_mix
from nngmix.comparison.cutmix import CutMix, cutmix
from nngmix.comparison.cutout import Cutout, cutout
from nngmix.comparison.duplicate import Duplicate, duplicate
from nngmix.comparison.gaussian_noise import GaussianNoise, gaussian_noise
from nngmix.comparison.mixup import Mixup, mixup
from nngmix.neighbors import kneighbors
from nngmix.plan import MixPlan
from nngmix.samplers import NNGMix
from nngmix.table import NeighborTable

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
