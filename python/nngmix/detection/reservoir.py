"""A seeded sample of rows that come in any parts: which ones depends on the seed and their numbers alone."""

from collections.abc import Sequence
from copy import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.anomalies import recoded
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.updates import SEARCH_VALUES
from nngmix.rows.kinds import Kinds, joined_kinds
from nngmix.rows.rows import Names, Rows

__all__ = ["Reservoir", "united"]

# Philox makes this many words for each step of its counter.
_WORDS = 4

_Part = tuple[NDArray[Any], Kinds | None]


class Reservoir:
    """At most `size` rows of all that come: those whose numbers draw the smallest words.

    Parameters
    ----------
    size : int
    spec : FitSpec
        Columns, dtype, and what to do with rows that are not finite.
    seed : SeedSequence
    """

    def __init__(self, size: int, spec: FitSpec, seed: np.random.SeedSequence) -> None:
        self.size, self.spec = size, spec
        self._key = seed.generate_state(2, np.uint64)
        self._words = np.empty(0, np.uint64)
        self._ids = np.empty(0, np.int64)
        # Each with what its columns hold: dictionaries are united when parts are.
        self._parts: list[_Part] = []
        self._limit = np.iinfo(np.uint64).max

    def update(self, rows: Rows, taken: NDArray[np.bool_] | None, first_id: int) -> None:
        """Take rows into account, whose ids begin with `first_id`; `taken` of None means all of them."""
        step = max(1, SEARCH_VALUES // self.spec.n_features)
        for start in range(0, len(rows), step):
            stop = min(start + step, len(rows))
            words = self._drawn(first_id + start, stop - start)
            chosen = words <= self._limit
            if taken is not None:
                chosen &= taken[start:stop]
            at = np.flatnonzero(chosen)
            block = rows.take(start + at, self.spec.dtype)
            finite = rows.finite(block) if self.spec.missing == "skip" else None
            if finite is not None:
                at, block = at[finite], block[finite]
            self._add(words[at], first_id + start + at, [(block, rows.kinds)])

    def merge(self, other: Self) -> None:
        """Take into account what a sample of other rows has kept."""
        self._add(other._words, other._ids, other._parts)

    def copied(self) -> Self:
        """A copy to go back to."""
        other = copy(self)
        other._parts = list(self._parts)
        return other

    def rows(self) -> tuple[NDArray[np.int64], NDArray[Any], Kinds | None]:
        """Ids and rows of the sample, by id, and what the columns hold."""
        self._prune()
        order = np.argsort(self._ids)
        rows, kinds = self._parts[0]
        return self._ids[order], rows[order], kinds

    def _drawn(self, first: int, n_rows: int) -> NDArray[np.uint64]:
        """A word for each row, addressed by its number."""
        source = np.random.Philox(key=self._key)
        source.advance(first // _WORDS)
        offset = first % _WORDS
        return source.random_raw(offset + n_rows)[offset:]

    def _add(self, words: NDArray[np.uint64], ids: NDArray[np.int64], parts: list[_Part]) -> None:
        self._words, self._ids = np.concatenate([self._words, words]), np.concatenate([self._ids, ids])
        self._parts = [*self._parts, *parts]
        if len(self._ids) > 2 * self.size:
            self._prune()

    def _prune(self) -> None:
        rows, kinds = united(self._parts, self.spec.n_features, self.spec.dtype, self.spec.names)
        if len(rows) > self.size:
            kept = np.lexsort([self._ids, self._words])[: self.size]
            self._words, self._ids, rows = self._words[kept], self._ids[kept], rows[kept]
            self._limit = self._words[-1]
        self._parts = [(rows, kinds)]


def united(parts: Sequence[_Part], n_features: int, dtype: np.dtype[Any], names: Names | None) -> _Part:
    """Rows that came with dictionaries of their own, by those of all."""
    kinds = parts[0][1] if parts else None
    for _, there in parts[1:]:
        kinds = joined_kinds(kinds, there, names)
    empty = np.empty((0, n_features), dtype)
    return np.concatenate([empty, *(recoded(rows, there, kinds) for rows, there in parts)]), kinds
