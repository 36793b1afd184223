"""How much is tried by tests that search for faults: seconds in CI, a night with ``NNGMIX_FUZZ=night``."""

import os
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from hypothesis import settings

__all__ = ["AT_NIGHT", "NIGHT", "SEED", "examples", "sample"]

NIGHT = os.environ.get("NNGMIX_FUZZ") == "night"
# Cases of each test then; the Rust fuzz reads the same number, and the same first seed.
AT_NIGHT = int(os.environ.get("NNGMIX_FUZZ_CASES", "100000"))
SEED = int(os.environ.get("NNGMIX_FUZZ_SEED", "1"))

T = TypeVar("T")


def sample(cases: Sequence[T], in_ci: int) -> list[T]:
    """A seeded sample of the cases, in their order."""
    size = min(len(cases), AT_NIGHT if NIGHT else in_ci)
    chosen = np.random.default_rng(SEED).choice(len(cases), size, replace=False)
    return [cases[i] for i in sorted(chosen.tolist())]


def examples(in_ci: int, **more: int) -> settings:
    """How many cases hypothesis tries."""
    return settings(max_examples=AT_NIGHT if NIGHT else in_ci, **more)
