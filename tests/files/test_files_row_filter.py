"""Filters of rows: which columns they ask for, and what they keep."""

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from nngmix.files.row_filter import RowFilter


def test_columns_and_texts():
    there = RowFilter((ds.field("kind") == "x") & (ds.field("n") > 3), ["n", "kind", "other"])
    assert there.columns == ("n", "kind")
    assert RowFilter(ds.field("a b") > 1, ["a", "b", "a b", "c"]).columns == ("a", "b", "a b")
    assert there.texts({}) == {"kind"}
    assert there.texts({"kind": pa.string()}) == set()


@pytest.mark.parametrize(("day", "kept"), [(1, False), (3, True), (None, False)])
def test_keys_of_a_path_tell_whether_a_file_is_wanted(day, kept):
    keys = {"day": pa.scalar(day, pa.int64())}
    assert RowFilter(ds.field("day") > 2, ["day", "a"]).keeps(keys) is kept
    assert RowFilter((ds.field("day") > 2) & (ds.field("a") > 2), ["day", "a"]).keeps(keys)


def test_rows_that_are_kept():
    batch = pa.RecordBatch.from_pydict({"a": [1, 2, None, 4]})
    kept = RowFilter(ds.field("a") > 1, ["a"]).apply(batch)
    assert pa.Table.from_batches(list(kept)).to_pydict() == {"a": [2, 4]}
