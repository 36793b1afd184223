"""Random words, and what is made of them: integers, uniforms, normals, Beta variates."""

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "PURPOSE_NOISE",
    "PURPOSE_PLAN",
    "STREAM_VERSION",
    "Words",
    "beta_attempt",
    "bounded",
    "chacha8",
    "exp",
    "ln",
    "normals",
    "open_unit",
    "word64",
]

Float = NDArray[np.float64]
Words = NDArray[np.uint32]

STREAM_VERSION = 1
# What a stream is for; those of the comparison methods are beside them.
PURPOSE_PLAN, PURPOSE_NOISE = 0, 1
NORMALS_PER_BLOCK = 1024


def chacha8(key: Words, purpose: int, counter: NDArray[np.uint64], attempt: int = 0) -> Words:
    """ChaCha with 8 rounds: one block of 16 words for each counter, shape (n, 16).

    State: 4 constants, the 8 key words, a 64-bit counter and a 64-bit nonce, which holds
    ``purpose + 256 * attempt`` and the version of the streams.
    """
    counter = np.asarray(counter, np.uint64)
    start = np.empty((16, len(counter)), np.uint32)
    start[:4] = np.array([0x61707865, 0x3320646E, 0x79622D32, 0x6B206574], np.uint32)[:, None]
    start[4:12] = np.asarray(key, np.uint32)[:, None]
    start[12] = (counter & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    start[13] = (counter >> np.uint64(32)).astype(np.uint32)
    start[14] = purpose + 256 * attempt
    start[15] = STREAM_VERSION
    state = start.copy()

    def rotate(x: Words, n: int) -> Words:
        return (x << np.uint32(n)) | (x >> np.uint32(32 - n))

    def quarter_round(a: int, b: int, c: int, d: int) -> None:
        for first, second, target, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[first] += state[second]
            state[target] = rotate(state[target] ^ state[first], n)

    for _ in range(4):
        for column in range(4):
            quarter_round(column, 4 + column, 8 + column, 12 + column)
        for column in range(4):
            quarter_round(column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4)
    return (state + start).T


def word64(low: Words, high: Words) -> NDArray[np.uint64]:
    """The 64-bit word of two 32-bit words, low word first."""
    return low.astype(np.uint64) | (high.astype(np.uint64) << np.uint64(32))


def open_unit(word: NDArray[np.uint64]) -> Float:
    """A uniform in the open interval (0, 1): the upper 52 bits, centred in their cell."""
    return ((word >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def bounded(word: NDArray[np.uint64], bound: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """A uniform integer below `bound` (itself below 2**32): the upper half of the product of 64-bit words."""
    bound = np.asarray(bound).astype(np.uint64)
    low, high = word & np.uint64(0xFFFFFFFF), word >> np.uint64(32)
    return ((high * bound + ((low * bound) >> np.uint64(32))) >> np.uint64(32)).astype(np.int64)


def ln(x: Float) -> Float:
    """Natural logarithm of positive normal numbers, from + - * / alone: 2 atanh((m - 1) / (m + 1))."""
    sqrt_half = np.int64(0x3FE6A09E667F3BCD)
    shifted = np.asarray(x, np.float64).view(np.int64) - sqrt_half
    exponent = (shifted >> np.int64(52)).astype(np.float64)
    m = ((shifted & np.int64((1 << 52) - 1)) + sqrt_half).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    series = np.full_like(s, 1.0 / 23.0)
    for divisor in (21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0):
        series = series * z + 1.0 / divisor
    tail = (2.0 * s) * (series * z) + exponent * _LN_2_LOW
    return exponent * _LN_2_HIGH + (2.0 * s + tail)


def exp(x: Float) -> Float:
    """Exponential from + - * alone; arguments beyond -700 and 700 give the value there."""
    x = np.minimum(np.maximum(np.asarray(x, np.float64), -700.0), 700.0)
    rounder = 6755399441055744.0  # 1.5 * 2**52: adding and subtracting it rounds to the nearest integer
    k = (x * _LOG2_E + rounder) - rounder
    r = (x - k * _LN_2_HIGH) - k * _LN_2_LOW
    series = np.full_like(r, 1.0 / 6227020800.0)
    factorials = (479001600.0, 39916800.0, 3628800.0, 362880.0, 40320.0, 5040.0, 720.0, 120.0, 24.0, 6.0, 2.0)
    for factorial in (*factorials, 1.0, 1.0):
        series = series * r + 1.0 / factorial
    return series * ((k.astype(np.int64) + 1023) << np.int64(52)).view(np.float64)


_LN_2_HIGH = float(np.array(0x3FE62E42FEE00000, np.int64).view(np.float64))
_LN_2_LOW = 1.9082149292705877e-10
_LOG2_E = 1.4426950408889634


def beta_attempt(alpha: float, beta: float, u: Float, v: Float) -> tuple[NDArray[np.bool_], Float]:
    """Whether two uniforms are accepted, and the Beta(alpha, beta) variate they give.

    Both parameters at most 1: Joehnk 1964. Otherwise Cheng 1978, algorithm BB (both above 1) or BC.
    """
    small, large = min(alpha, beta), max(alpha, beta)
    total = small + large
    if large <= 1:
        x, y = ln(u) * (1.0 / alpha), ln(v) * (1.0 / beta)
        return exp(x) + exp(y) <= 1.0, 1.0 / (1.0 + exp(y - x))
    if small > 1:
        a, b = small, large
        slope = np.sqrt((total - 2.0) / (2.0 * small * large - total))
        offset = small + 1.0 / slope
    else:
        a, b = large, small
        slope, offset = 1.0 / small, total
    logit = np.minimum(np.maximum(slope * ln(u / (1.0 - u)), -600.0), 600.0)
    w = a * exp(logit)
    accepted = offset * logit - 1.3862943611198906 + (a + b) * ln((a + b) / (b + w)) >= ln(u * u * v)
    return accepted, (w if a == alpha else b) / (b + w)


_LN_COEFFICIENTS = (0.3333386, -0.25001746, 0.19965398, -0.16565634, 0.14876965, -0.14350207, 0.08917867)
_SIN_COEFFICIENTS = (-0.1666665, 0.008331979, -0.00019495636)
_COS_COEFFICIENTS = (0.041666646, -0.0013887368, 0.000024438452)


def _horner(coefficients: tuple[float, ...], x: NDArray[np.float32]) -> NDArray[np.float32]:
    value = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value = value * x + np.float32(coefficient)
    return value


def radius(word: Words) -> NDArray[np.float32]:
    """sqrt(-2 ln u) in float32 for ``u = (h + 1/2) / 2**31``, h the upper 31 bits of the word.

    Near 1 the distance of u to 1 comes from the integer, which has not been rounded.
    """
    cell, half = np.float32(2.0**-31), np.float32(0.5)
    h = (word >> np.uint32(1)).astype(np.int32)
    u = (h.astype(np.float32) + half) * cell
    sqrt_half = np.int32(0x3F3504F3)
    shifted = u.view(np.int32) - sqrt_half
    exponent = shifted >> np.int32(23)
    m = ((shifted & np.int32(0x007FFFFF)) + sqrt_half).view(np.float32)
    complement = -(((np.int32(0x7FFFFFFF) - h).astype(np.float32) + half) * cell)
    f = np.where(exponent == 0, complement, m - np.float32(1))
    square = f * f
    ln_1p = f + (square * f * _horner(_LN_COEFFICIENTS, f) - half * square)
    return np.sqrt(np.float32(-2) * (exponent.astype(np.float32) * np.float32(np.log(2)) + ln_1p))


def cos_sin(word: Words) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosine and sine of a uniform angle: the upper two bits are the quadrant, the others the angle in it."""
    x = (word << np.uint32(2)).view(np.int32).astype(np.float32) * np.float32(
        np.float32(np.pi / 4) * 2.0**-31
    )
    square = x * x
    sin = x + x * square * _horner(_SIN_COEFFICIENTS, square)
    cos = np.float32(1) + (square * square * _horner(_COS_COEFFICIENTS, square) - np.float32(0.5) * square)
    quadrant = word >> np.uint32(30)
    odd = (quadrant & np.uint32(1)) == 1
    c, s = np.where(odd, sin, cos), np.where(odd, cos, sin)
    return np.where((quadrant == 1) | (quadrant == 2), -c, c), np.where(quadrant >= 2, -s, s)


def normals(key: Words, start: int, n: int, purpose: int = PURPOSE_NOISE) -> NDArray[np.float32]:
    """The standard normals of flat elements `start` to ``start + n`` of the output, by Box-Muller.

    A block of 1024 takes 64 ChaCha blocks. Their words are read sixteen blocks at a time and word by word:
    512 radius words, then 512 angle words.
    """
    first, last = start // NORMALS_PER_BLOCK, (start + n - 1) // NORMALS_PER_BLOCK
    made = []
    for block in range(first, last + 1):
        counters = np.uint64(64 * block) + np.arange(64, dtype=np.uint64)
        words = chacha8(key, purpose, counters)
        words = words.reshape(4, 16, 16).transpose(0, 2, 1).reshape(2, 512)
        r = radius(words[0])
        cos, sin = cos_sin(words[1])
        made += [r * cos, r * sin]
    skip = start - first * NORMALS_PER_BLOCK
    return np.concatenate(made)[skip : skip + n] if n else np.empty(0, np.float32)
