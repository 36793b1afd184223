"""Make new training anomalies from the few you have.

NNG-Mix (Nearest Neighbor Gaussian Mixup; Dong, Frusque, Zhao, Chatzi, Fink, arXiv 2311.11961): take a
labelled anomaly, pick one of its nearest neighbours among the unlabelled rows or among the other anomalies,
add a little Gaussian noise to each and mix them with a Beta-distributed weight.

Start with `nng_mix` (arrays in, new rows out) or `NNGMix` (a sampler with ``fit_resample``); `NeighborTable`
is the state behind both, for data that comes in blocks. `nngmix.reference` defines every step in plain NumPy.
"""

from nngmix._core import __version__
from nngmix.augment import nng_mix
from nngmix.neighbors import kneighbors
from nngmix.plan import MixPlan
from nngmix.samplers import NNGMix
from nngmix.table import NeighborTable

__all__ = ["MixPlan", "NNGMix", "NeighborTable", "__version__", "kneighbors", "nng_mix"]
