"""Blocks taken into account: by name, with ids and masks, scaled or not, and never by two threads at once."""

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nngmix import NeighborTable, _core
from nngmix.rows.scaling import Scale

rng = np.random.default_rng(3)
ANOMALIES, UNLABELED = rng.random((6, 3)), rng.random((50, 3))
TAKEN = np.arange(50) % 3 != 0
SCALES = [None, Scale(np.array([1.0, 2, 3]), np.array([2.0, 0.5, 4]))]


def content(table: NeighborTable) -> tuple[Any, ...]:
    arrays = table.squared_distances, table.row_ids, table.neighbor_rows
    return table.n_seen, *(array.tobytes() for array in arrays)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("ids", [None, 100, np.arange(50)[::-1] * 7])
def test_a_mask_takes_the_rows_that_it_marks(scale: Any, ids: Any) -> None:
    table = NeighborTable(ANOMALIES, 4, scale=scale).update(UNLABELED, ids, where=TAKEN)
    listed = np.arange(100, 150) if isinstance(ids, int) else ids
    given = None if listed is None else listed[TAKEN]
    expected = NeighborTable(ANOMALIES, 4, scale=scale).update(UNLABELED[TAKEN], given)
    assert content(table) == content(expected)
    assert table.n_seen == TAKEN.sum()


@pytest.mark.parametrize("scale", SCALES)
def test_nothing_taken_changes_nothing(scale: Any) -> None:
    table = NeighborTable(ANOMALIES, 4, scale=scale)
    before = content(table)
    table.update(UNLABELED, where=np.zeros(50, bool))
    assert content(table) == before
    # Its rows were not numbered by itself, for there were none.
    table.update(UNLABELED, row_ids=50).merge(NeighborTable(ANOMALIES, 4, scale=scale).update(UNLABELED))


def test_a_row_that_takes_no_part_is_never_blamed() -> None:
    bad = UNLABELED.copy()
    bad[0, 1] = np.nan
    table = NeighborTable(ANOMALIES).update(bad, where=TAKEN)
    assert table.n_seen == TAKEN.sum()
    bad[7, 2] = np.inf
    with pytest.raises(ValueError, match="X_unlabeled must be finite, got inf at row 7, column 2"):
        table.update(bad, where=TAKEN)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_columns_are_matched_by_name(make: Any) -> None:
    named = make({name: ANOMALIES[:, i] for i, name in enumerate("abc")})
    turned = make({name: UNLABELED[:, "abc".index(name)] for name in "cab"})
    expected = content(NeighborTable(ANOMALIES).update(UNLABELED))
    table = NeighborTable(named)
    assert table.feature_names == ("a", "b", "c")
    assert content(table.update(turned)) == expected
    assert content(NeighborTable(named).update(UNLABELED)) == expected
    other = make({"a": [1.0], "b": [1.0], "d": [1.0]})
    with pytest.raises(ValueError, match="must have the columns of X_anomaly, but it lacks 'c' and has 'd'"):
        table.update(other)


def test_a_second_thread_in_update_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    table = NeighborTable(ANOMALIES)
    inside, go_on = threading.Event(), threading.Event()
    update = _core.update

    def slow(*args: Any) -> Any:
        inside.set()
        assert go_on.wait(30)
        return update(*args)

    monkeypatch.setattr(_core, "update", slow)
    thread = threading.Thread(target=table.update, args=(UNLABELED,))
    thread.start()
    assert inside.wait(30)
    try:
        with pytest.raises(RuntimeError, match="another thread is updating this NeighborTable"):
            table.update(UNLABELED)
        # A copy is another table.
        copied = pickle.loads(pickle.dumps(table))
        assert "_updating" not in vars(copied)
    finally:
        go_on.set()
        thread.join()
    assert table.n_seen == 50
    assert table.update(UNLABELED).n_seen == 100


def test_after_an_error_the_table_can_be_updated_again() -> None:
    table = NeighborTable(ANOMALIES)
    with pytest.raises(ValueError, match="finite"):
        table.update(UNLABELED + np.inf)
    assert table.update(UNLABELED).n_seen == 50


def test_tables_of_columns_in_another_order_do_not_merge() -> None:
    # Two columns of the same values: only the names tell the tables apart.
    rows = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]})
    first = NeighborTable(rows).update(rows, row_ids=[0, 1])
    second = NeighborTable(rows[["b", "a"]]).update(rows * 3, row_ids=[2, 3])
    with pytest.raises(ValueError, match=r"in one order, got 'a', 'b' and 'b', 'a'"):
        first.merge(second)
    unnamed = NeighborTable(rows.to_numpy()).update(rows.to_numpy() * 3, row_ids=[2, 3])
    assert first.merge(unnamed).n_seen == 4


def test_a_mask_may_be_a_list_or_a_series() -> None:
    rows = pd.DataFrame({"a": [1.0, 2.0, 4.0]})
    for where in ([True, False, True], pd.Series([True, False, True], index=[7, 8, 9])):
        assert NeighborTable(rows).update(rows, where=where).n_seen == 2
    with pytest.raises(ValueError, match=r"where must be bool of shape \(3,\), got int64 \(2,\)"):
        NeighborTable(rows).update(rows, where=[1, 2])


@pytest.mark.parametrize("same", ["itself", "a copy", "a pickled copy", "twice"])
def test_rows_never_count_twice(same: str) -> None:
    table = NeighborTable(ANOMALIES, 4).update(UNLABELED, 0)
    copies = {"itself": lambda: table, "a copy": lambda: copy.copy(table)}
    other = copies.get(same, lambda: pickle.loads(pickle.dumps(table)))()
    if same == "twice":
        other = NeighborTable(ANOMALIES, 4).update(UNLABELED + 1e-3, 100)
        table.merge(other)
    before = content(table)
    with pytest.raises(ValueError, match=r"does not merge with itself|both tables hold the row with id \d+"):
        table.merge(other)
    assert content(table) == before


@pytest.mark.parametrize("again", [0, 20, np.arange(50)[::-1], np.zeros(50, int)])
def test_an_id_names_one_row(again: Any) -> None:
    table = NeighborTable(ANOMALIES, 40).update(UNLABELED, np.arange(50))
    before = content(table)
    with pytest.raises(ValueError, match="row_ids must name each row once, got"):
        table.update(UNLABELED + 0.01, again)
    assert content(table) == before
    # Slots that are still empty are no rows.
    NeighborTable(ANOMALIES, 40).update(UNLABELED[:3], 7)


@pytest.mark.parametrize("name", ["row_ids", "where"])
def test_masked_arrays_are_refused(name: str) -> None:
    hidden = np.ma.array(np.arange(50) if name == "row_ids" else TAKEN, mask=TAKEN)
    with pytest.raises(TypeError, match=f"{name} is a masked array; fill it or drop the masked rows"):
        NeighborTable(ANOMALIES).update(UNLABELED, **{name: hidden})


@pytest.mark.parametrize("second", ["update", "update_block", "merge"])
def test_a_second_change_meanwhile_is_refused(second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table, other = NeighborTable(ANOMALIES, 4), NeighborTable(ANOMALIES, 4).update(UNLABELED, 100)
    calls = {
        "update": lambda: table.update(UNLABELED),
        "update_block": lambda: table.update_block(UNLABELED, None),
        "merge": lambda: table.merge(other),
    }
    kernel, refused = _core.update, []

    def slow(*arguments: Any) -> Any:
        with pytest.raises(RuntimeError, match="another thread is updating this NeighborTable") as error:
            calls[second]()
        refused.append(error)
        return kernel(*arguments)

    monkeypatch.setattr(_core, "update", slow)
    table.update_block(UNLABELED, 0)
    monkeypatch.undo()
    assert len(refused) == 1
    assert content(table) == content(NeighborTable(ANOMALIES, 4).update(UNLABELED, 0))
    table.merge(other)


@pytest.mark.parametrize("values", [[3e38, -3e38], [3e38, 3e38]])
def test_rows_that_a_scale_makes_infinite_are_refused_by_column(values: list[float]) -> None:
    rows = np.array([[0, 0], values], np.float32)
    scale = Scale(np.float32([0, 0]), np.float32([1, 0.1]))
    with pytest.raises(ValueError, match="column 1 would be infinite in float32 once it is scaled"):
        NeighborTable(rows, scale=scale)
    with pytest.raises(ValueError, match="column 1 would be infinite in float32 once it is scaled"):
        NeighborTable(rows[:1], scale=scale).update(rows)
