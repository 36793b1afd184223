"""The definition of every step, in plain NumPy.

Nothing here is fast and nothing is left to a platform: the compiled kernels give the same neighbours, the
same plans and the same rows, bit for bit, and the tests hold them to it. Read the modules in the order of the
flow: `neighbors`, `noise`, `random` (words), `mixing` (plan and rows), `finish`, then `comparison`, the
methods that NNG-Mix is compared with, and `neighbor_score`, which ranks rows. `published` restates the
procedure of the published script (Dong et al., arXiv 2311.11961, ``NNG_Mix.py``), from which ours differs
only where that is silent or wrong.
"""

from nngmix.reference.comparison import (
    cutmix,
    cutout,
    draw_cutmix,
    draw_cutout,
    draw_duplicate,
    draw_gaussian_noise,
    draw_mixup,
    duplicate,
    gaussian_noise,
    mixup,
)
from nngmix.reference.finish import finish
from nngmix.reference.mixing import draw_donors, draw_plan, key_of, mix, nng_mix
from nngmix.reference.neighbor_score import neighbor_score
from nngmix.reference.neighbors import kneighbors
from nngmix.reference.noise import fitting_noise
from nngmix.reference.published import published_nng_mix
from nngmix.reference.random import STREAM_VERSION, beta_attempt, chacha8, exp, ln, normals

__all__ = [
    "STREAM_VERSION",
    "beta_attempt",
    "chacha8",
    "cutmix",
    "cutout",
    "draw_cutmix",
    "draw_cutout",
    "draw_donors",
    "draw_duplicate",
    "draw_gaussian_noise",
    "draw_mixup",
    "draw_plan",
    "duplicate",
    "exp",
    "finish",
    "fitting_noise",
    "gaussian_noise",
    "key_of",
    "kneighbors",
    "ln",
    "mix",
    "mixup",
    "neighbor_score",
    "nng_mix",
    "normals",
    "published_nng_mix",
]
