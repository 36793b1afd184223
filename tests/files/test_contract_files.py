"""The contract of types: every Arrow type in every kind of file gives the bytes or the refusal of memory."""

import datetime
import re
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from nngmix.files.reader import read_table
from nngmix.files.scan import Scan
from nngmix.files.table import IN_FILES
from nngmix.rows.rows import as_rows

DAY, CLOCK, MOMENT = datetime.date(2024, 1, 2), datetime.time(3, 4, 5), datetime.datetime(2024, 1, 2, 3, 4, 5)
NUMBERS = [
    pa.array([None, None, None], pa.null()),
    pa.array([True, False, None]),
    *(pa.array([1, 0, 100], kind) for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64())),
    *(pa.array([1, None, 200], kind) for kind in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())),
    pa.array([2**53, -(2**53), 0]),
    pa.array([2**53 + 1, 0, 0]),
    pa.array([0, -(2**63), 0]),
    pa.array([2**64 - 1, 0, 0], pa.uint64()),
    pa.array(np.array([0.5, -1.5, 65504], np.float16)),
    pa.array([0.1, None, 3e38], pa.float32()),
    pa.array([0.1, -0.0, 5e-324]),
    pa.array([0.1, float("nan"), float("inf")]),
    pa.array([Decimal("0.10"), None, Decimal("-999.99")], pa.decimal128(5, 2)),
    pa.array([Decimal("123456789012345678.12345678901"), Decimal("8.41"), None], pa.decimal128(38, 11)),
    pa.array([Decimal(10) ** 60, Decimal(1), None], pa.decimal256(70, 3)),
]
OTHERS = [
    pa.array(["1", "x", None]),
    pa.array(["1", "x", None], pa.large_string()),
    pa.array([b"1", b"x", None]),
    pa.array([b"1", b"x", None], pa.large_binary()),
    pa.array([b"12", b"xy", None], pa.binary(2)),
    pa.array([DAY, DAY, None], pa.date32()),
    pa.array([DAY, DAY, None], pa.date64()),
    pa.array([CLOCK, CLOCK, None], pa.time32("ms")),
    pa.array([CLOCK, CLOCK, None], pa.time64("us")),
    pa.array([MOMENT, MOMENT, None], pa.timestamp("us")),
    pa.array([MOMENT, MOMENT, None], pa.timestamp("ns", "Europe/Berlin")),
    pa.array([1, 2, None], pa.duration("ms")),
    pa.array([(1, 2, 3), None, None], pa.month_day_nano_interval()),
    pa.array([[1], [], None], pa.list_(pa.int8())),
    pa.array([[1], [], None], pa.large_list(pa.int8())),
    pa.array([[1, 2], [3, 4], None], pa.list_(pa.int8(), 2)),
    pa.array([{"a": 1}, {"a": 2}, None], pa.struct([("a", pa.int8())])),
    pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int8())),
    pa.array(["a", "b", None]).dictionary_encode(),
    pa.array([1, 2, None]).dictionary_encode(),
    pa.compute.run_end_encode(pa.array([1, 1, 2])),
]
# Types of later versions of Arrow than the oldest that is supported.
for later, values, arguments, others in (
    ("decimal32", [Decimal("1.25"), None, Decimal("2")], (5, 2), NUMBERS),
    ("decimal64", [Decimal("1.25"), None, Decimal("2")], (15, 2), NUMBERS),
    ("string_view", ["1", "x", None], (), OTHERS),
    ("binary_view", [b"1", b"x", None], (), OTHERS),
    ("list_view", [[1], [], None], (pa.int8(),), OTHERS),
    ("uuid", [b"0123456789abcdef", None, None], (), OTHERS),
    ("bool8", [1, 0, None], (), OTHERS),
):
    if hasattr(pa, later):
        others.append(pa.array(values, getattr(pa, later)(*arguments)))

# What a format cannot hold, and what Parquet holds as another type.
NOT_IN_PARQUET = ("month_day_nano_interval", "run_end_encoded")
# The values of a dictionary of numbers are plain numbers in Parquet, which has no such type.
PLAIN_IN_PARQUET = "dictionary<values=int64"


EVERY = [*NUMBERS, *OTHERS]
FILES = [(column, "feather") for column in EVERY] + [
    (column, "parquet") for column in EVERY if not str(column.type).startswith(NOT_IN_PARQUET)
]


def as_csv(column):
    """The column as CSV; None if Arrow writes no such type."""
    try:
        sink = pa.BufferOutputStream()
        pa.csv.write_csv(pa.table({"a": column, "b": [1.0, 2.0, 3.0]}), sink)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return sink.getvalue().to_pybytes()


def name(value):
    return str(getattr(value, "type", value))


def outcome(read):
    """Bytes and dtype, or the error in words without the file and the name of the type."""
    try:
        rows = read()
        X = rows.whole()
    except (TypeError, ValueError) as error:
        said = re.sub(r"\('?a'? \(.*?\)\)|'a' \(.*?\)(?=,|;)", "'a' (type)", str(error))
        return type(error), re.sub(r"^\S+?(?=:? (must|holds))", "FILE", said)
    return X.dtype, X.tobytes()


def in_memory(table):
    return outcome(lambda: as_rows("memory", table, advice=IN_FILES))


def write(table, path):
    if path.suffix == ".parquet":
        try:
            pq.write_table(table, path)
            pq.read_table(path)
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
            pytest.skip(f"Arrow {pa.__version__} has no such Parquet: {error}")
    elif path.suffix == ".feather":
        pyarrow.feather.write_feather(table, str(path))
    else:
        pa.csv.write_csv(table, path)
    return str(path)


@pytest.mark.parametrize(("column", "ending"), FILES, ids=name)
def test_files_that_have_types(tmp_path, column, ending):
    kind = str(column.type)
    table = pa.table({"a": column})
    path = write(table, tmp_path / f"t.{ending}")
    plain = (
        column.cast(column.type.value_type)
        if kind.startswith(PLAIN_IN_PARQUET) and ending == "parquet"
        else column
    )
    expected = in_memory(pa.table({"a": plain}))
    assert outcome(lambda: read_table(path, None).rows) == expected

    def in_batches():
        scan = Scan(path, batch_rows=2)
        whole = pa.Table.from_batches(list(scan), schema=scan.schema)
        return as_rows(path, whole, advice=IN_FILES)

    assert outcome(in_batches) == expected


@pytest.mark.parametrize("column", NUMBERS, ids=lambda column: str(column.type))
def test_numbers_in_csv_are_the_same_doubles(tmp_path, column):
    if pa.types.is_float16(column.type) or pa.types.is_float32(column.type):
        # A CSV has no types, and float32 is written with the digits that tell it from other float32.
        column = pa.array([None if v is None else float(str(np.float32(v))) for v in column.to_pylist()])
    kept, last = pa.table({"a": column, "b": [1.0, 2.0, 3.0]}), None
    if pa.types.is_decimal(column.type):
        # Arrow does not write decimals of every kind as CSV.
        last = kept.set_column(0, "a", column.cast(pa.string()))
    path = write(kept if last is None else last, tmp_path / "t.csv")
    dtype, content = in_memory(kept)
    assert outcome(lambda: read_table(path, None).rows) == (dtype, content)


@pytest.mark.parametrize("column", [column for column in OTHERS if as_csv(column)], ids=name)
def test_other_types_in_csv_are_no_numbers_or_are_ignored(tmp_path, column):
    (tmp_path / "t.csv").write_bytes(as_csv(column))
    path = str(tmp_path / "t.csv")
    assert read_table(path, None, ["a"]).X.tolist() == [[1], [2], [3]]
    if pa.types.is_duration(column.type) or str(column.type).startswith(PLAIN_IN_PARQUET):
        # Written as the number that it is.
        return
    with pytest.raises(ValueError, match=r"at row [01], column 'a': no number"):
        read_table(path, None)


@pytest.mark.parametrize(("column", "ending"), FILES, ids=name)
def test_ignored_columns_come_through_as_they_are(tmp_path, column, ending):
    path = write(pa.table({"a": column, "b": [1.0, 2.0, 3.0]}), tmp_path / f"t.{ending}")
    table = read_table(path, None, ["a"])
    assert str(table.ignored["a"].to_pylist()) == str(column.to_pylist())
