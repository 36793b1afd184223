"""Parquet: row groups in bounded pieces, whatever the size that is asked for."""

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from nngmix.files.parquet import FragmentSource, ParquetSource
from nngmix.files.source import Reading


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("parquet") / "t.parquet"
    X = np.random.default_rng(0).random((2, 1_000_000))
    pq.write_table(pa.table({"a": X[0], "b": X[1], "i": np.arange(1_000_000)}), path, row_group_size=300_000)
    return str(path)


@pytest.mark.parametrize("most_bytes", [1, 1 << 28])
def test_rows_come_in_order_by_pages_and_by_groups(path, most_bytes):
    batches = list(ParquetSource(path).batches(["i", "a"], Reading(4096, most_bytes)))
    assert max(batch.num_rows for batch in batches) <= 4096
    assert batches[0].schema.names == ["i", "a"]
    assert np.array_equal(
        np.concatenate([batch.column(0).to_numpy() for batch in batches]), np.arange(1_000_000)
    )


def test_filters_are_pushed_down(path):
    source = ParquetSource(path)
    assert source.filters
    reading = Reading(
        1 << 16,
        1 << 28,
        filter=(ds.field("i") > 999_990) & (ds.field("day") == 3),
        keys={"day": pa.scalar(3)},
    )
    assert sum(batch.num_rows for batch in source.batches(["a"], reading)) == 9
    reading = Reading(
        1 << 16, 1 << 28, filter=ds.field("day") == 3, keys={"day": pa.scalar(None, pa.int64())}
    )
    assert sum(batch.num_rows for batch in source.batches(["a"], reading)) == 0


def test_a_fragment_gives_the_columns_of_its_dataset(path):
    fragment = next(ds.dataset(path).get_fragments())
    assert FragmentSource(path, fragment, {"a", "i"}).header().names == ("a", "i")


def test_no_parquet_is_named(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"nonsense")
    with pytest.raises(OSError, match=r"t\.parquet: cannot be read"):
        ParquetSource(str(tmp_path / "t.parquet")).header()
