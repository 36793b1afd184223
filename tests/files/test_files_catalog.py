"""The headers of many files: kept once, united by value, and bad ones told of in their turn."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nngmix.files.catalog import Catalog
from nngmix.files.csv_format import CsvFormat


def catalog(source):
    return Catalog(source, CsvFormat(), None)


def test_files_of_one_header_share_it(tmp_path):
    for i in range(5):
        pq.write_table(pa.table({"a": [i], "b": ["x"]}), tmp_path / f"{i}.parquet")
    there = catalog(tmp_path)
    assert len({id(there.header(number)) for number in range(5)}) == 1
    assert there.names == ["a", "b"]
    assert there.united(["b", "a"], ()) == {"b": pa.string(), "a": pa.int64()}


def test_a_csv_makes_columns_texts_or_numbers(tmp_path):
    pq.write_table(pa.table({"a": [1], "b": [1]}), tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text("b,a,c\n1,2,3\n")
    there = catalog(tmp_path)
    assert there.typeless
    assert there.names == ["a", "b", "c"]
    assert there.united(["a", "b", "c"], {"b"}) == {"a": pa.float64(), "b": pa.string(), "c": pa.float64()}


def test_repeated_names(tmp_path):
    (tmp_path / "a.csv").write_text("a,b,a,c,c,a\n1,2,3,4,5,6\n")
    assert list(catalog(tmp_path).repeated()) == [(str(tmp_path / "a.csv"), ["a", "a", "c", "c", "a"])]


def test_keys_have_one_type_over_all_files(tmp_path):
    for day in ("1", "x"):
        (tmp_path / f"day={day}").mkdir()
        pq.write_table(pa.table({"a": [1]}), tmp_path / f"day={day}" / "a.parquet")
    there = catalog(tmp_path)
    assert [there.keys_of(number) for number in (0, 1)] == [{"day": pa.scalar("1")}, {"day": pa.scalar("x")}]
    assert there.key_names == ["day"]
    assert there.united(["day"], ()) == {"day": pa.string()}


def test_bad_files(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"nonsense")
    with pytest.raises(OSError, match=r"a\.parquet: cannot be read"):
        catalog(tmp_path)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "b.parquet")
    there = catalog(tmp_path)
    assert there.names == ["a"]
    with pytest.raises(OSError, match=r"a\.parquet: cannot be read"):
        there.header(0)
