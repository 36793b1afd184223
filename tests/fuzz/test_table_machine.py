"""Tables in any order of use: always the neighbours, plans and rows that the reference finds.

Values are of any magnitude, by row and by column, over the whole range of their type; what a table refuses
leaves it as it was.
"""

import copy
import pickle
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule
from numpy.typing import NDArray

from fuzz_cases import examples
from nngmix import NeighborTable, reference
from nngmix.rows.scaling import Scale
from table_values import values

Array = NDArray[Any]
LAMS = [(0.2, 0.2), (1.0, 1.0), (5.0, 0.7)]


@dataclass
class Seen:
    """A table, and the numbers of the rows that it should have seen."""

    table: NeighborTable
    ids: frozenset[int] = frozenset()


def content(table: NeighborTable) -> tuple[Any, ...]:
    return table.n_seen, *(array.tobytes() for array in vars(table.state).values())


class Tables(RuleBasedStateMachine):
    tables = Bundle("tables")

    @initialize(
        target=tables,
        seed=st.integers(0, 2**32 - 1),
        shape=st.tuples(st.integers(1, 6), st.sampled_from([1, 2, 7, 17])),
        dtype=st.sampled_from([np.float32, np.float64]),
        n_neighbors=st.sampled_from([1, 3, 12]),
        scaled=st.booleans(),
    )
    def anomalies(self, seed: int, shape: tuple[int, int], dtype: Any, n_neighbors: int, scaled: bool) -> Any:
        self.rng = np.random.default_rng(seed)
        self.columns = self.rng.choice([0, 0, 0, -60, 60], shape[1])
        self.scale = None
        if scaled:
            width = np.ldexp(self.rng.uniform(1, 2, shape[1]), self.columns)
            self.scale = Scale((width * self.rng.normal()).astype(dtype), width.astype(dtype))
        self.X = values(self.rng, *shape, dtype, self.columns) + dtype(0)
        # Row i of the pool has number `numbers[i]`, in no order.
        self.pool = values(self.rng, 400, shape[1], dtype, self.columns)
        self.pool[::9] = self.X[self.rng.integers(0, len(self.X), len(self.pool[::9]))]
        self.numbers = self.rng.permutation(10 * len(self.pool))[: len(self.pool)]
        self.free = 0
        self.n_neighbors = n_neighbors
        self.made: list[tuple[NeighborTable, Any, Array]] = []
        # Rows that would be infinite once they are scaled are left out of a run; see `refused_rows`.
        self.pool = np.where(np.isfinite(self.transformed(self.pool)), self.pool, dtype(0))
        self.X = np.where(np.isfinite(self.transformed(self.X)), self.X, dtype(0))
        return multiple(self.empty(), self.empty())

    def empty(self) -> Seen:
        return Seen(NeighborTable(self.X, self.n_neighbors, 3, scale=self.scale, n_threads=2))

    def transformed(self, rows: Array) -> Array:
        if self.scale is None:
            return rows + rows.dtype.type(0)
        with np.errstate(all="ignore"):
            scaled: Array = (rows - self.scale.offset) / self.scale.width + rows.dtype.type(0)
        return scaled

    def taken(self, n_rows: int) -> NDArray[np.int64]:
        """The next rows of the pool, which no table has seen."""
        self.free += n_rows
        return np.arange(self.free - n_rows, min(self.free, len(self.pool)))

    def check(self, seen: Seen) -> None:
        """The neighbours that the plain scan of all rows seen finds."""
        table = seen.table
        assert table.n_seen == len(seen.ids)
        at = np.array(sorted(seen.ids, key=lambda i: self.numbers[i]), np.int64)
        rows, k = self.transformed(self.pool[at]), min(self.n_neighbors, len(at))
        distances, nearest = reference.kneighbors(self.transformed(self.X), rows, k)
        np.testing.assert_array_equal(table.row_ids[:, :k], self.numbers[at[nearest]])
        np.testing.assert_array_equal(table.squared_distances[:, :k], distances)
        assert table.neighbor_rows[:, :k].tobytes() == rows[nearest].tobytes()
        assert (table.row_ids[:, k:] == -1).all()

    @rule(seen=tables, n_rows=st.sampled_from([0, 1, 5, 40]), masked=st.booleans())
    def update(self, seen: Seen, n_rows: int, masked: bool) -> None:
        at = self.taken(n_rows)
        where = self.rng.random(len(at)) < 0.5 if masked else None
        assert seen.table.update(self.pool[at], self.numbers[at], where=where) is seen.table
        seen.ids |= {*(at if where is None else at[where]).tolist()}
        self.check(seen)

    @rule(seen=tables, other=tables)
    def merge(self, seen: Seen, other: Seen) -> None:
        before = content(seen.table)
        if seen.ids & other.ids or seen.table is other.table:
            # Rows that both have seen, but neither has kept, cannot be told.
            kept = np.intersect1d(seen.table.row_ids, other.table.row_ids)
            if (kept >= 0).any() or seen.table is other.table:
                with pytest.raises(ValueError, match=r"itself|both"):
                    seen.table.merge(other.table)
                assert content(seen.table) == before
            return
        theirs = content(other.table)
        seen.table.merge(other.table)
        seen.ids |= other.ids
        assert content(other.table) == theirs
        self.check(seen)

    @rule(target=tables, seen=tables, how=st.sampled_from(["file", "pickle", "copy", "new"]))
    def another(self, seen: Seen, how: str) -> Seen:
        if how == "new":
            return self.empty()
        if how == "pickle":
            twin = pickle.loads(pickle.dumps(seen.table))
        elif how == "copy":
            twin = copy.deepcopy(seen.table)
        else:
            with tempfile.TemporaryDirectory() as folder:
                seen.table.save(Path(folder) / "t.npz")
                twin = NeighborTable.load(Path(folder) / "t.npz")
        assert content(twin) == content(seen.table)
        return Seen(twin, seen.ids)

    @rule(seen=tables, bad=st.sampled_from([np.nan, np.inf, -np.inf]), place=st.integers(0, 39))
    def refused_rows(self, seen: Seen, bad: float, place: int) -> None:
        before, rows = content(seen.table), self.pool[:40].copy()
        rows[place, place % rows.shape[1]] = bad
        with pytest.raises(ValueError, match="must be finite, got"):
            seen.table.update(rows, 10**9)
        assert content(seen.table) == before

    @rule(
        seen=tables,
        seed=st.integers(0, 99),
        start=st.sampled_from([0, 7, 2**40]),
        weights=st.sampled_from(LAMS),
        noise_std=st.sampled_from([0.0, 0.01, 3.0]),
        fraction=st.sampled_from([0.0, 0.5, 1.0]),
    )
    def generate(
        self,
        seen: Seen,
        seed: int,
        start: int,
        weights: tuple[float, float],
        noise_std: float,
        fraction: float,
    ) -> None:
        table = seen.table
        choices: dict[str, Any] = dict(zip(("alpha", "beta"), weights, strict=True))
        choices |= {"unlabeled_fraction": fraction, "random_state": seed}
        if fraction > 0 and not seen.ids:
            with pytest.raises(ValueError, match="no rows to take partners from"):
                table.plan(start, start + 20, **choices)
            return
        with warned(fraction > 0 and len(seen.ids) < self.n_neighbors):
            plan = table.plan(start, start + 20, **choices)
        scaled = self.transformed(self.X)
        n_others = min(3, len(scaled)) - 1
        others = reference.kneighbors(scaled, scaled, n_others, exclude_self=True)[1]
        choices.pop("random_state")
        key = reference.key_of(seed)
        filled = min(self.n_neighbors, len(seen.ids))
        drawn = reference.draw_plan(
            key, start, 20, len(scaled), filled, n_others if fraction < 1 else 0, **choices
        )
        for found, expected in zip((plan.anchor, plan.unlabeled, plan.neighbor), drawn, strict=False):
            np.testing.assert_array_equal(found, expected)
        np.testing.assert_allclose(plan.lam, drawn[3], rtol=0, atol=1e-12)
        partners = scaled[plan.anchor]
        among = ~plan.unlabeled if n_others else np.zeros(20, bool)
        partners[among] = scaled[others[plan.anchor[among], plan.neighbor[among]]]
        partners[plan.unlabeled] = table.neighbor_rows[
            plan.anchor[plan.unlabeled], plan.neighbor[plan.unlabeled]
        ]
        with np.errstate(all="ignore"):
            expected = reference.mix(key, start, scaled[plan.anchor], partners, plan.lam, noise_std)
            if self.scale is not None:
                expected = expected * self.scale.width + self.scale.offset
        if not np.isfinite(expected).all():
            with pytest.raises(ValueError, match="column"):
                table.mix(plan, noise_std=noise_std)
            return
        made = table.mix(plan, noise_std=noise_std)
        assert made.tobytes() == expected.tobytes()
        with warned(fraction > 0 and len(seen.ids) < self.n_neighbors):
            again = table.rows(start + 5, start + 20, noise_std=noise_std, random_state=seed, **choices)
        assert again.tobytes() == expected[5:].tobytes()
        self.made.append((copy.deepcopy(table), plan, made))
        for other, old, rows in self.made[-3:]:
            # Rows that were seen and not kept leave plans valid.
            if content(other)[1:] != content(table)[1:]:
                with pytest.raises(ValueError, match="plan"):
                    table.mix(old)
            elif old is plan:
                assert other.mix(old, noise_std=noise_std).tobytes() == rows.tobytes()

    @rule(seen=tables, other=tables, n_rows=st.sampled_from([1, 30]))
    def threads(self, seen: Seen, other: Seen, n_rows: int) -> None:
        """Two threads, on two tables or on one: each update is taken whole, or refused by name."""
        parts = [self.taken(n_rows), self.taken(n_rows)]
        taken: list[tuple[Seen, NDArray[np.int64]]] = []
        failed: list[BaseException] = []

        def work(which: Seen, at: NDArray[np.int64]) -> None:
            try:
                which.table.update(self.pool[at], self.numbers[at])
                taken.append((which, at))
            except BaseException as error:
                failed.append(error)

        together = [
            threading.Thread(target=work, args=pair) for pair in zip((seen, other), parts, strict=True)
        ]
        for thread in together:
            thread.start()
        for thread in together:
            thread.join()
        assert all(isinstance(error, RuntimeError) for error in failed), failed
        assert not failed or seen.table is other.table
        for which, at in taken:
            which.ids |= {*at.tolist()}
        self.check(seen)
        self.check(other)


def warned(expected: bool) -> Any:
    """A context in which too few rows are told of."""
    from contextlib import nullcontext

    return pytest.warns(UserWarning, match="n_neighbors") if expected else nullcontext()


TestTables = Tables.TestCase
TestTables.settings = examples(60, stateful_step_count=15)
