"""The columns that nobody chose, by their names, types and paths."""

import pyarrow as pa
import pytest

from nngmix.files.columns import index_reason, key_type, pandas_index, path_keys


@pytest.mark.parametrize(
    ("name", "kinds", "from_pandas", "expected"),
    [
        ("a", [pa.int64()], False, None),
        ("a", [pa.int64()], True, "the index of a pandas table"),
        ("__index_level_0__", [pa.string()], False, "the index of a pandas table"),
        ("", [pa.int64()], False, "a column without a name that counts rows or is empty"),
        (" ", [pa.null(), pa.int8()], False, "a column without a name that counts rows or is empty"),
        ("Unnamed: 0", [pa.int64()], False, "a column that pandas named itself that counts rows or is empty"),
        ("Unnamed: 0", [pa.int64(), pa.float64()], False, None),
        ("", [pa.string()], False, None),
        ("Unnamed", [pa.int64()], False, None),
    ],
)
def test_reasons(name, kinds, from_pandas, expected):
    assert index_reason(name, kinds, from_pandas) == expected


def test_keys_of_a_path():
    assert path_keys("/d/day=3/a%2Fb=c%20d/x=1.parquet") == {"day": "3", "a/b": "c d"}
    assert path_keys("=3/day=/__x/k=__HIVE_DEFAULT_PARTITION__/f") == {"day": "", "k": None}
    assert path_keys("x.parquet") == {}


def test_types_of_keys():
    assert key_type("k", [{"k": "1"}, {"k": "02"}, {}]) == pa.int64()
    assert key_type("k", [{"k": "1"}, {"k": "x"}]) == pa.string()
    assert key_type("k", [{"k": None}]) == pa.string()
    assert key_type("k", [{"k": 3}]) == pa.int64()
    assert key_type("k", [{"k": str(2**70)}]) == pa.string()


def test_metadata_that_pandas_did_not_write():
    schema = pa.schema([("a", pa.int64())])
    assert pandas_index(schema) == frozenset()
    assert pandas_index(schema.with_metadata({"pandas": "no json"})) == frozenset()
    there = schema.with_metadata({"pandas": '{"index_columns": ["a", {"kind": "range"}]}'})
    assert pandas_index(there) == {"a"}
