"""From `random_state` to the key of the random streams."""

import numbers
from typing import Any

import numpy as np

from nngmix.parameters.errors import ParameterError

__all__ = ["Key", "RandomState", "child", "key_from", "seed_sequence"]

Key = tuple[int, ...]
RandomState = int | np.random.SeedSequence | np.random.Generator | np.random.RandomState | None


def key_from(random_state: Any) -> Key:
    """Eight 32-bit words.

    An int or SeedSequence always gives the same key; a Generator or RandomState is asked once for 128 bits;
    None takes fresh entropy from the system.
    """
    return tuple(seed_sequence(random_state).generate_state(8).tolist())


def seed_sequence(random_state: Any) -> np.random.SeedSequence:
    """What `key_from` takes its key from: asked once, it gives many workers the same key."""
    if random_state is None:
        return np.random.SeedSequence()
    if isinstance(random_state, np.random.SeedSequence):
        return random_state
    if isinstance(random_state, numbers.Integral) and not isinstance(random_state, bool | np.bool_):
        if random_state < 0:
            raise ParameterError("random_state", "be at least 0", str(random_state))
        return np.random.SeedSequence(int(random_state))
    if isinstance(random_state, np.random.Generator):
        entropy = random_state.integers(0, 1 << 32, size=4, dtype=np.uint32)
    elif isinstance(random_state, np.random.RandomState):
        entropy = random_state.randint(0, 1 << 32, size=4, dtype=np.uint32)
    else:
        expected = "be None, an int, a numpy SeedSequence, Generator or RandomState"
        raise ParameterError("random_state", expected, type(random_state).__name__)
    return np.random.SeedSequence(entropy.tolist())


def child(seed: np.random.SeedSequence, number: int) -> np.random.SeedSequence:
    """The seed's child of that number, from 0 on."""
    # Not `spawn`, which counts its calls: the same seed must give the same children every time.
    return np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, number))
