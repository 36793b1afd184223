"""What an ensemble is made of: who is who, bags, distributions and their combination."""

import numpy as np
import pytest

from nngmix import NeighborTable
from nngmix.detection.bags import FILLINGS, Bags, bag_sizes, parts, searched
from nngmix.detection.combination import Combination
from nngmix.detection.distribution import Distribution
from nngmix.detection.member_rows import MemberRows
from nngmix.detection.roles import roles
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.rows import as_rows

SEED = np.random.SeedSequence(0)
rng = np.random.default_rng(0)
X = rng.random((60, 3)).astype(np.float32)
Y = np.r_[np.ones(4, int), np.zeros(50, int), np.full(6, 2)]


@pytest.mark.parametrize(
    ("anomalies", "unlabeled", "normal", "sizes"),
    [
        (3, 10_000, 0, (256, 61)),
        (64, 10_000, 0, (256, 0)),
        # More labels: larger bags, no rows.
        (100, 10_000, 0, (400, 0)),
        # Never more than half of the unlabelled rows; new rows in proportion.
        (3, 100, 0, (50, 9)),
        (3, 3, 0, (1, 0)),
        # Known normals are negatives too.
        (3, 10_000, 100, (256, 86)),
        (100, 10_000, 300, (256, 39)),
    ],
)
def test_sizes_of_bags(anomalies, unlabeled, normal, sizes):
    assert bag_sizes(anomalies, unlabeled, normal, 256, 64) == sizes


@pytest.mark.parametrize(
    ("n_rows", "size", "n_bags"), [(100, 30, 10), (100, 50, 2), (3, 1, 7), (1000, 10, 4)]
)
def test_parts_are_slices_of_permutations(n_rows, size, n_bags):
    found = list(parts(n_rows, size, n_bags, SEED))
    assert [len(part) for part in found] == [size] * n_bags
    per_turn = n_rows // size
    for first in range(0, n_bags, per_turn):
        turn = np.concatenate(found[first : first + per_turn])
        assert len(np.unique(turn)) == len(turn)
    known = np.zeros(n_rows, int)
    for part in found:
        known[part] += 1
    assert known.max() < n_bags
    assert all(map(np.array_equal, found, parts(n_rows, size, n_bags, SEED)))


def bags(filling, n_new=9, y=Y, scale="minmax", X=X):
    who = roles(y, 1, 0, 2)
    rows = as_rows("X", X)
    table, constant = searched(rows, who, filling, 5, scale, ColumnsAsked())
    return Bags(rows, who, table, MemberRows(table.scale), constant, y[who.anomaly].tolist(), filling, n_new)


@pytest.mark.parametrize("filling", FILLINGS)
def test_a_bag_holds_its_part_all_normals_all_labels_and_new_rows(filling):
    there = bags(filling)
    made, y, _ = there.filled(np.array([0, 7]), SEED)
    n_new = 0 if filling == "none" else 9
    assert made.dtype == np.float64
    assert y.tolist() == [0] * (2 + 6) + [1] * (4 + n_new)
    back = there.table.scale.inverse(made.astype(np.float32))
    assert np.allclose(back[:12], X[[4, 11, *range(54, 60), *range(4)]], atol=1e-6)
    new = made[12:]
    # Rows between two anomalies, or copies of them, are all that these make.
    among = there.table.X_scaled
    if filling in ("smote", "duplicate"):
        assert (new >= among.min(axis=0) - 1e-6).all()
        assert (new <= among.max(axis=0) + 1e-6).all()
    copies = (np.abs(new[:, None] - among[None]).max(axis=2) < 1e-6).any(axis=1)
    assert copies.all() if filling == "duplicate" else not copies.all() or len(new) == 0


def test_partners_are_sought_among_all_unlabelled_rows_and_nowhere_else():
    table = bags("both").table
    expected = NeighborTable(X[:4], 5, scale=table.scale).update(X[4:54], np.arange(4, 54))
    assert np.array_equal(table.row_ids, expected.row_ids)


@pytest.mark.parametrize("scale", ["minmax", None])
def test_new_rows_have_no_noise_where_a_column_is_constant(scale):
    level = X.copy()
    level[:, 1] = 7
    made, _, _ = bags("both", scale=scale, X=level).filled(np.arange(5), SEED)
    assert [len(np.unique(column)) > 1 for column in made.T] == [True, False, True]


def test_new_rows_stay_within_their_class():
    y = np.r_[[1, 1, 5, 5], Y[4:]]
    who = roles(y, [1, 5], 0, 2)
    rows = as_rows("X", X)
    table, constant = searched(rows, who, "smote", 5, None, ColumnsAsked())
    made = Bags(rows, who, table, MemberRows(table.scale), constant, y[:4].tolist(), "smote", 20).filled(
        np.array([0]), SEED
    )[0][-20:]
    first, second = X[:2], X[2:4]
    within = [(((new - a) / (b - a)).round(3)) for new in made for a, b in (first, second)]
    on_a_line = [np.ptp(t) < 0.02 for t in within]
    assert sum(on_a_line) == 20


def test_a_distribution_counts_half_of_what_is_level():
    distribution = Distribution(np.array([3.0, 1.0, 2.0, 2.0]))
    found = distribution.surprise(np.array([0.0, 1.0, 2.0, 3.0, 9.0]))
    assert np.allclose(np.exp(-found), [1, 4.5 / 5, 3 / 5, 1.5 / 5, 1 / 5])


def test_a_combination_leaves_out_members_that_know_a_row():
    scores = np.array([[0.0, 9.0], [1.0, 8.0], [2.0, 7.0], [3.0, 6.0]], np.float32)
    unseen = np.array([[True, False], [True, True], [True, True], [False, True]])
    combination = Combination.of(scores, unseen, None, 0.0)
    assert [len(member.scores) for member in combination.members] == [3, 3]
    first, second = (
        member.surprise(column) for member, column in zip(combination.members, scores.T, strict=True)
    )
    expected = [first[0], (first[1] + second[1]) / 2, (first[2] + second[2]) / 2, second[3]]
    assert np.array_equal(combination.values(scores, None, unseen), expected)
    assert np.array_equal(combination.values(scores, None), (first + second) / 2)


def test_the_neighbour_score_has_its_weight_and_breaks_ties():
    scores, near = np.ones((5, 3), np.float32), np.arange(5.0)
    seen = np.ones((5, 3), bool)
    level = Combination.of(scores, seen, near, 0.0).values(scores, near)
    assert np.array_equal(np.argsort(level), np.arange(5))
    assert np.ptp(level) < 1e-8
    weighed = Combination.of(scores, seen, near, 1.0).values(scores, near)
    assert np.allclose(weighed, Distribution(near).surprise(near), atol=1e-8)


@pytest.mark.parametrize(
    ("y", "declared", "rows"),
    [
        ([0, 1, 0, 0], (None, None, None), ([1], [0, 2, 3], [])),
        ([True, False, False], (None, None, None), ([0], [1, 2], [])),
        (["ok", "bad", "ok"], (None, None, None), ([1], [0, 2], [])),
        # Of two that are equally frequent the second.
        ([-1, 1, -1, 1], (None, None, None), ([1, 3], [0, 2], [])),
        ([0, 2, 1, 0], (None, None, 2), ([2], [0, 3], [1])),
        (["a", "b", "c", "a"], (["b", "c"], None, None), ([1, 2], [0, 3], [])),
        (["a", "b", "c", "a"], (None, "a", "c"), ([1], [0, 3], [2])),
        # A third label that nobody declared takes no part.
        (["a", "b", "c", "a"], ("b", "a", None), ([1], [0, 3], [])),
    ],
)
def test_who_is_who(y, declared, rows):
    who = roles(np.array(y), *declared)
    assert [there.tolist() for there in (who.anomaly, who.unlabeled, who.normal)] == list(rows)


@pytest.mark.parametrize(
    ("y", "declared", "said"),
    [
        ([0, 0], (None, None, None), "got 1 class"),
        ([0, 1, 2], (None, None, None), "Only binary classification is supported"),
        ([0, 1], ("fraud", None, None), "no labelled anomaly"),
        ([0, 1], (1, 1, None), "both anomaly and unlabelled"),
        ([0, 1, 2], (1, None, 1), "both anomaly and normal"),
        ([0.0, np.nan, 1.0], (None, None, None), "got one at row 1"),
    ],
)
def test_labels_that_do_not_say_who_is_who(y, declared, said):
    with pytest.raises(ValueError, match=said):
        roles(np.array(y), *declared)


def test_more_anomalies_than_other_rows_are_pointed_out():
    with pytest.warns(UserWarning, match="1, the anomaly, more often than 0"):
        assert roles(np.array([1, 1, 1, 0, 0]), None, None, None).anomaly.tolist() == [0, 1, 2]
