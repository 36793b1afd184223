"""Mixed columns in memory: one truth, whatever the blocks, merges and threads, which is the reference's."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nngmix
import nngmix.stream
from mixed_frames import MixedCase, mixed_cases
from nngmix import NeighborTable, reference
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.rows import Known, as_rows, paired
from nngmix.rows.scaling import MinMaxState

MIXED: dict[str, Any] = {"categorical_features": "auto", "categorical_weight": 0.75, "missing": "keep"}
CASE = MixedCase(6, 50, 3, 3, 5, 0.2, "float64", 1)


def names_of(X: pd.DataFrame) -> list[str]:
    """The columns of categories, by name: those that miss every value do not show what they are."""
    return [name for name in X.columns if name.startswith("kind")]


def coded(X: pd.DataFrame, U: pd.DataFrame) -> Any:
    """Both as the kernels have them, and what their columns hold."""
    asked = ColumnsAsked(categorical_features=names_of(X), missing="keep")
    one = as_rows("X", X, asked=asked)
    two, one = paired(as_rows("U", U, asked=asked, known=Known(one.names, one.kinds)), one)
    return one.whole(), two.whole(), one.kinds


def same(table: NeighborTable, other: NeighborTable) -> None:
    """Both hold the same to the last bit."""
    assert repr(table.kinds) == repr(other.kinds)
    for name in ("X_anomaly", "X_scaled"):
        np.testing.assert_array_equal(getattr(table, name), getattr(other, name))
    for name, array in vars(table.state).items():
        assert array.tobytes() == getattr(other.state, name).tobytes(), name
    assert table.n_seen == other.n_seen


def table_of(X: pd.DataFrame, **options: Any) -> NeighborTable:
    return NeighborTable(X, 4, 3, **(MIXED | {"categorical_features": names_of(X)} | options))


@given(mixed_cases(), st.sampled_from([0.0, 0.75, 1.0, 3.0]))
def test_neighbours_are_those_of_the_reference(case: MixedCase, weight: float) -> None:
    X, U = case.frames()
    A, B, kinds = coded(X, U)
    options = MIXED | {"categorical_features": names_of(X), "categorical_weight": weight}
    distances, indices = nngmix.kneighbors(X, U, 5, **options)
    squared, expected = reference.kneighbors(
        A, B, 5, categorical=kinds.categorical, categorical_weight=weight
    )
    np.testing.assert_array_equal(indices, expected)
    np.testing.assert_array_equal(distances, np.sqrt(squared))


@given(mixed_cases(), st.data())
def test_blocks_merges_and_threads_make_one_table(case: MixedCase, data: st.DataObject) -> None:
    X, U = case.frames()
    whole = table_of(X, n_threads=1).update(U, row_ids=0)
    cut = data.draw(st.integers(0, len(U)))
    last = data.draw(st.integers(cut, len(U)))
    first = table_of(X).update(U[:cut], row_ids=0)
    # In another order of columns.
    second = table_of(X).update(U[last:][U.columns[::-1]], row_ids=last).update(U[cut:last], row_ids=cut)
    same(whole, pickle.loads(pickle.dumps(second)).merge(first))
    same(whole, first.merge(second))
    A, B, kinds = coded(X, U)
    squared, ids = reference.kneighbors(A, B, 4, categorical=kinds.categorical, categorical_weight=0.75)
    np.testing.assert_array_equal(whole.row_ids, ids)
    np.testing.assert_array_equal(whole.squared_distances, squared)
    np.testing.assert_array_equal(whole.neighbor_rows, B[ids])


@given(mixed_cases(), st.integers(0, 99))
def test_new_rows_are_those_of_the_reference(case: MixedCase, seed: int) -> None:
    X, U = case.frames()
    options = MIXED | {"categorical_features": names_of(X), "n_neighbors": 4, "n_neighbors_anomaly": 3}
    made, plan = nngmix.nng_mix(X, U, 30, random_state=seed, return_plan=True, **options)
    A, B, kinds = coded(X, U)
    expected = reference.nng_mix(
        A,
        B,
        30,
        n_neighbors=4,
        n_neighbors_anomaly=3,
        random_state=seed,
        categorical=kinds.categorical,
        categorical_weight=0.75,
    )
    again = as_rows("made", made, known=Known(tuple(X.columns), kinds)).coded(kinds).whole()
    np.testing.assert_array_equal(again, expected)
    # The values of categories, and what is missing, are the donor's.
    at = np.where(plan.donor_is_anchor, plan.anchor, plan.partner)
    unlabeled = plan.unlabeled & ~plan.donor_is_anchor
    donors = np.where(unlabeled[:, None], B[np.where(unlabeled, at, 0)], A[np.where(unlabeled, 0, at)])
    np.testing.assert_array_equal(np.isnan(again), np.isnan(donors))
    np.testing.assert_array_equal(again[:, kinds.categorical], donors[:, kinds.categorical])
    assert made.dtypes.tolist() == X.dtypes.tolist()


def test_any_library_gives_the_same_rows() -> None:
    X, U = CASE.frames()
    made = [
        nngmix.nng_mix(make(X), other(U), 40, random_state=0, **MIXED)
        for make, other in ((pd.DataFrame, pl.from_pandas), (pl.from_pandas, pd.DataFrame))
    ]
    pd.testing.assert_frame_equal(made[0], made[1].to_pandas(), check_dtype=False)
    objects = nngmix.nng_mix(X.to_numpy(object), U[X.columns].to_numpy(object), 40, random_state=0, **MIXED)
    pd.testing.assert_frame_equal(pd.DataFrame(objects, columns=X.columns), made[0], check_dtype=False)
    parts = [
        nngmix.nng_mix(X, U, stop - start, start=start, random_state=0, n_threads=2, **MIXED)
        for start, stop in ((0, 13), (13, 14), (14, 40))
    ]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), made[0])


def test_a_table_learns_new_categories() -> None:
    X = pd.DataFrame({"kind": ["m", "b"], "number": [0.0, 1.0]})
    table = NeighborTable(X, 2, categorical_features=["kind"], categorical_weight=1)
    assert table.categories == (("b", "m"), None)
    table.update(pd.DataFrame({"kind": ["z"], "number": [0.5]}))
    table.update(pd.DataFrame({"number": [0.5, 0.0], "kind": ["a", "m"]}))
    assert table.categories == (("a", "b", "m", "z"), None)
    assert table.X_anomaly[:, 0].tolist() == [2, 1]
    assert table.row_ids.tolist() == [[2, 1], [1, 0]]
    assert table.decoded(table.neighbor_rows[0]).tolist() == [["m", 0.0], ["a", 0.5]]
    assert table.decoded(table.X_anomaly).tolist() == [["m", 0.0], ["b", 1.0]]


def test_a_table_is_saved_with_its_categories(tmp_path: Path) -> None:
    X, U = CASE.frames()
    table = table_of(X).update(U)
    table.save(tmp_path / "table.npz")
    read = NeighborTable.load(tmp_path / "table.npz")
    same(table, read)
    assert read.categorical_weight == 0.75
    rows = table.rows(0, 20, random_state=0)
    np.testing.assert_array_equal(read.rows(0, 20, random_state=0), rows)
    np.testing.assert_array_equal(read.mix(table.plan(0, 20, random_state=0)), rows)
    np.testing.assert_array_equal(np.concatenate([*table.batches(20, 7, random_state=0)]), rows)
    # And goes on, though the next rows have values that it did not know.
    more = pd.DataFrame({name: ["new"] if name in names_of(X) else [0.5] for name in X})
    same(read.update(more), table.update(more))


def test_a_scale_leaves_categories_alone() -> None:
    X, U = CASE.frames()
    # One that has seen numbers in the place of categories.
    state = MinMaxState(X.shape[1], missing=True)
    state.update(coded(X, U)[1] * 3 + 7)
    table = table_of(X, scale=state.scale(np.dtype(np.float64)), categorical_weight=None)
    assert table.categorical_weight == 1.0
    mask = table.mixed.categorical
    np.testing.assert_array_equal(table.X_scaled[:, mask], table.X_anomaly[:, mask])
    made = table.update(U).rows(0, 50, random_state=0)
    assert set(made[:, mask].ravel()[~np.isnan(made[:, mask].ravel())]) <= set(range(5))


def test_neighbours_found_elsewhere() -> None:
    X, U = CASE.frames()
    options = MIXED | {"n_neighbors_anomaly": 3}
    _, ids = nngmix.kneighbors(X, U, 4, **MIXED)
    rows = U[X.columns].to_numpy(object)[ids]
    table = NeighborTable.from_neighbors(X, rows[:, ::-1], ids[:, ::-1], n_rows=len(U), **options)
    whole = NeighborTable(X, 4, **options).update(U)
    for name, array in vars(table.state).items():
        np.testing.assert_array_equal(array, getattr(whole.state, name))
    decoded = table.decoded(table.rows(0, 9, random_state=0)).tolist()
    assert repr(decoded) == repr(whole.decoded(whole.rows(0, 9, random_state=0)).tolist())


def test_training_batches_hold_the_numbers_of_categories() -> None:
    X, U = CASE.frames()
    table = table_of(X).update(U)
    batches = [*table.epochs(16, U, n_samples=20, random_state=0)]
    rows = np.concatenate([rows for rows, _ in batches])
    assert rows.shape == (6 + 50 + 20, 6)
    A, B, _ = coded(X, U)
    old = sorted(map(repr, [*A.tolist(), *B.tolist(), *table.rows(0, 20, random_state=0).tolist()]))
    assert sorted(map(repr, rows.tolist())) == old
    with pytest.raises(ValueError, match=r"X_unlabeled holds 'new' at row 0, column 'kind 0'"):
        table.epochs(16, U.assign(**{"kind 0": "new"}), n_samples=20)


def test_errors_say_what_to_do() -> None:
    X, U = CASE.frames()
    keep: dict[str, Any] = {"categorical_features": "auto", "missing": "keep"}
    for call in (
        lambda **options: nngmix.nng_mix(X, U, 5, **options),
        lambda **options: nngmix.kneighbors(X, U, 5, **options),
        lambda **options: NeighborTable(X, **options),
    ):
        with pytest.raises(ValueError, match=r"categorical_weight must be given .* got None; two categories"):
            call(**keep)
        with pytest.raises(ValueError, match="missing must be 'error' or 'keep', got 'skip'"):
            call(**keep | {"missing": "skip"})
        with pytest.raises(ValueError, match=r"must be finite, got .* at row \d, column 'kind"):
            call(categorical_features="auto", categorical_weight=1.0)
        with pytest.raises(TypeError, match='categorical_features="auto"'):
            call()
        with pytest.raises(ValueError, match="there is no column 'knd'; the nearest"):
            call(categorical_features=["knd"])
    table = table_of(X)
    other = table_of(X, categorical_weight=2.0)
    with pytest.raises(ValueError, match="only tables of the same categorical_features, categorical_weight"):
        table.merge(other)
    with pytest.raises(ValueError, match="out holds numbers alone, and X_anomaly has categories"):
        nngmix.nng_mix(X, U, 5, out=np.empty((5, 6)), **MIXED)
    infinite = U.assign(**{"number 0": np.inf})
    with pytest.raises(
        ValueError, match=r"X_unlabeled must not be infinite, got inf at row 0, column 'number 0'"
    ):
        table.update(infinite)
    assert table.n_seen == 0


@pytest.mark.parametrize(
    ("function", "takes"),
    [
        (nngmix.mixup, True),
        (nngmix.cutmix, True),
        (nngmix.cutout, False),
        (nngmix.gaussian_noise, False),
        (nngmix.duplicate, False),
    ],
)
def test_comparison_methods(function: Any, takes: bool) -> None:
    X, U = CASE.frames()
    given = (X, U) if takes else (X,)
    options: dict[str, Any] = {"partners": "all"} if takes else {}
    made, plan = function(
        *given, 60, random_state=0, return_plan=True, categorical_features="auto", missing="keep", **options
    )
    assert made.columns.tolist() == X.columns.tolist()
    old = pd.concat([X, U[X.columns]], ignore_index=True) if takes else X
    kinds = names_of(X)
    known = set(map(repr, old[kinds].astype(object).where(old[kinds].notna(), None).to_numpy().tolist()))
    combinations = made[kinds].astype(object).where(made[kinds].notna(), None)
    if function in (nngmix.mixup, nngmix.gaussian_noise, nngmix.duplicate):
        assert set(map(repr, combinations.to_numpy().tolist())) <= known
        missing = set(map(tuple, old.isna().to_numpy().tolist()))
        assert set(map(tuple, made.isna().to_numpy().tolist())) <= missing
    elif function is nngmix.cutout:
        inside = plan.replaced(X.shape[1])
        assert made.isna().to_numpy()[inside].all()
        np.testing.assert_array_equal(
            made.isna().to_numpy()[~inside], X.isna().to_numpy()[plan.anchor][~inside]
        )
    else:
        np.testing.assert_array_equal(plan.origin, plan.begin)
        for name in kinds:
            assert set(made[name].dropna()) <= set(old[name].dropna())


def test_cutout_leaves_categories_where_nothing_may_be_missing() -> None:
    X = pd.DataFrame({"kind": ["a", "b"], "number": [1.0, 2.0]})
    made, plan = nngmix.cutout(
        X, 20, random_state=0, min_width=1, max_width=1, categorical_features=[0], return_plan=True
    )
    assert (made["number"] == 0).all()
    assert made["kind"].tolist() == X["kind"].to_numpy()[plan.anchor].tolist()


def test_a_plan_knows_the_categories_of_its_table() -> None:
    """The same ranks stand for other values there: its rows would be other ones."""

    def table(first: str, second: str) -> NeighborTable:
        X = pd.DataFrame({"kind": [first, second], "number": [0.0, 1.0]})
        return NeighborTable(X, 2, 2, categorical_features=["kind"], categorical_weight=1.0).update(X)

    drawn = table("tcp", "udp")
    plan = drawn.plan(0, 5, random_state=0)
    drawn.mix(plan)
    with pytest.raises(ValueError, match="the plan is not one of this table"):
        table("arp", "icmp").mix(plan)
