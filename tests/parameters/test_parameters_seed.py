"""From `random_state` to a key."""

from typing import Any

import numpy as np
import pytest

from nngmix.parameters.seed import child, key_from, seed_sequence


def test_what_always_gives_the_same_key() -> None:
    key = key_from(7)
    assert len(key) == 8
    assert all(type(word) is int and 0 <= word < 2**32 for word in key)
    assert key_from(np.uint8(7)) == key_from(np.random.SeedSequence(7)) == key
    assert key_from(8) != key
    assert key_from(0) == key_from(np.random.SeedSequence(0))


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_a_generator_is_asked_once(make: Any) -> None:
    generator, twin = make(3), make(3)
    assert key_from(generator) == key_from(twin)
    assert key_from(generator) != key_from(make(3))
    sequence = seed_sequence(make(3))
    assert key_from(sequence) == key_from(sequence) == key_from(make(3))


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_a_generator_gives_128_bits(make: Any) -> None:
    twin = make(3)
    draw = twin.integers if isinstance(twin, np.random.Generator) else twin.randint
    words = draw(0, 2**32, size=4, dtype=np.uint32).tolist()
    assert key_from(make(3)) == key_from(np.random.SeedSequence(words))


def test_children_are_those_of_numpy_however_often_they_are_asked_for() -> None:
    seed = np.random.SeedSequence(7)
    first, second = np.random.SeedSequence(7).spawn(2)
    for _ in range(2):
        assert key_from(child(seed, 0)) == key_from(first)
        assert key_from(child(seed, 1)) == key_from(second)
    assert key_from(child(child(seed, 1), 0)) == key_from(second.spawn(1)[0])


def test_none_is_fresh() -> None:
    assert key_from(None) != key_from(None)


@pytest.mark.parametrize("wrong", ["0", 1.0, True, [1], np.random])
def test_other_things_are_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="random_state must be None, an int, a numpy SeedSequence"):
        key_from(wrong)
    with pytest.raises(ValueError, match="random_state must be at least 0, got -1"):
        key_from(-1)
