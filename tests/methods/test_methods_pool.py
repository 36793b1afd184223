"""Unlabelled rows as partners, read where they lie or a few at a time."""

import numpy as np

from nngmix.methods.pool import Pool
from nngmix.rows.rows import as_rows
from nngmix.rows.scaling import Scale

rows = np.random.default_rng(0).random((30, 3))
NUMBERS = np.array([4, 0, 4, 9])
DTYPE = np.dtype(float)


def test_rows_that_need_nothing_are_read_where_they_lie() -> None:
    pool = Pool(as_rows("X", rows), DTYPE)
    assert pool.ready is rows
    assert len(pool) == 30
    assert Pool(as_rows("X", np.asfortranarray(rows)), DTYPE).ready is None


def test_some_rows_are_numbered_anew_and_scaled() -> None:
    chosen = np.arange(1, 30, 2)
    scale = Scale(np.array([1.0, 2, 3]), np.array([2.0, 0.5, 4]))
    for given in (rows, np.asfortranarray(rows)):
        pool = Pool(as_rows("X", given), DTYPE, chosen)
        assert pool.ready is None
        assert len(pool) == 15
        assert pool.take(NUMBERS).tobytes() == rows[chosen[NUMBERS]].tobytes()
        scaled = Pool(as_rows("X", given), DTYPE, chosen, scale, 1).take(NUMBERS)
        assert scaled.tobytes() == scale.transform(rows[chosen[NUMBERS]]).tobytes()
    assert Pool(as_rows("X", rows), DTYPE, scale=scale).ready is None


def test_partners_are_numbered_through() -> None:
    from nngmix.methods.partners import numbered, split_partner
    from nngmix.plan import PartnerPlan

    number = np.array([0, 5, 6, 12])
    unlabeled, partner = split_partner(number, 6)
    assert unlabeled.tolist() == [False, False, True, True]
    assert partner.tolist() == [0, 5, 0, 6]
    plan = PartnerPlan(0, np.zeros(4, np.int64), unlabeled, partner)
    assert numbered(plan, 6).tolist() == number.tolist()
