"""How much is tried by tests that search for faults: seconds in CI, a night with ``NNGMIX_FUZZ=night``."""

import os
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

__all__ = ["AT_NIGHT", "NIGHT", "SEED", "sample"]

NIGHT = os.environ.get("NNGMIX_FUZZ") == "night"
# Cases of each property then.
AT_NIGHT = int(os.environ.get("NNGMIX_FUZZ_CASES", "20000"))
# The first seed; that of the Rust fuzz, too.
SEED = int(os.environ.get("NNGMIX_FUZZ_SEED", "1"))

T = TypeVar("T")


def sample(cases: Sequence[T], in_ci: int, at_night: int | None = None) -> list[T]:
    """A seeded sample of the cases, in their order; at night more, or all."""
    size = min(len(cases), (len(cases) if at_night is None else at_night) if NIGHT else in_ci)
    chosen = np.random.default_rng(SEED).choice(len(cases), size, replace=False)
    return [cases[i] for i in sorted(chosen.tolist())]
