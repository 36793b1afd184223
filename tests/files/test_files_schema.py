"""Uniting the types of files: every value of each, whatever their order, or a refusal."""

import datetime
import itertools
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from nngmix.files.schema import cast_column, settled, unite

DICTIONARY = pa.dictionary(pa.int8(), pa.string())


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (pa.int8(), pa.int64(), pa.int64()),
        (pa.int8(), pa.uint8(), pa.int16()),
        (pa.uint16(), pa.int64(), pa.int64()),
        (pa.int32(), pa.uint32(), pa.int64()),
        (pa.int64(), pa.uint64(), pa.float64()),
        (pa.bool_(), pa.uint8(), pa.uint8()),
        (pa.bool_(), pa.float32(), pa.float64()),
        (pa.float16(), pa.float32(), pa.float32()),
        (pa.float32(), pa.float64(), pa.float64()),
        (pa.float32(), pa.int8(), pa.float64()),
        (pa.decimal128(10, 2), pa.float64(), pa.float64()),
        (pa.decimal128(10, 2), pa.int64(), pa.float64()),
        (pa.decimal128(10, 2), pa.decimal128(12, 6), pa.decimal128(14, 6)),
        (pa.decimal128(38, 0), pa.decimal128(38, 30), pa.decimal256(68, 30)),
        (pa.decimal256(76, 0), pa.decimal256(76, 70), pa.float64()),
        (pa.null(), pa.int8(), pa.int8()),
        (pa.null(), DICTIONARY, DICTIONARY),
        (pa.string(), pa.large_string(), pa.large_string()),
        (pa.string(), DICTIONARY, pa.string()),
        (
            DICTIONARY,
            pa.dictionary(pa.int32(), pa.large_string()),
            pa.dictionary(pa.int32(), pa.large_string()),
        ),
        (pa.binary(), pa.binary(4), pa.binary()),
        (pa.timestamp("s"), pa.timestamp("us"), pa.timestamp("us")),
        (pa.duration("ms"), pa.duration("s"), pa.duration("ms")),
        (pa.time32("s"), pa.time64("us"), pa.time64("us")),
        (pa.date32(), pa.date64(), pa.date64()),
    ],
)
def test_the_type_that_holds_both_in_either_order(first, second, expected):
    for pair in ((first, second), (second, first)):
        assert unite("a", [("x", pair[0]), ("y", pair[1])]) == expected


def test_the_order_of_many_files_is_no_matter():
    kinds = [pa.bool_(), pa.int8(), pa.uint32(), pa.float32(), pa.decimal128(5, 2), pa.null()]
    for order in itertools.permutations(kinds):
        assert unite("a", [(str(kind), kind) for kind in order]) == pa.float64()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (pa.string(), pa.int64()),
        (pa.timestamp("s"), pa.timestamp("s", "UTC")),
        (pa.date32(), pa.timestamp("s")),
        (pa.list_(pa.int8()), pa.list_(pa.int16())),
        (pa.string(), pa.binary()),
    ],
)
def test_types_that_have_none_in_common_name_both_files(first, second):
    with pytest.raises(ValueError, match=r"column 'a' is .* in x\.parquet but .* in y\.parquet.*--ignore"):
        unite("a", [("x.parquet", first), ("y.parquet", second)])


def test_beside_a_csv_texts_are_written():
    assert unite("a", [("x.csv", pa.string()), ("y.parquet", pa.int64())], True) == pa.string()
    assert unite("a", [("x.csv", pa.float64()), ("y.parquet", pa.int8())], True) == pa.float64()


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (pa.array([True, False, None]), pa.int64(), [1, 0, None]),
        (pa.array([True, False, None]), pa.float64(), [1, 0, None]),
        (pa.array([1, None, 2**53]), pa.float64(), [1, None, 2.0**53]),
        (pa.array(np.array([1.5], np.float16)), pa.float32(), [1.5]),
        (pa.array(["a", None]).dictionary_encode(), pa.string(), ["a", None]),
        (pa.array(["a", None]), pa.dictionary(pa.int32(), pa.string()), ["a", None]),
        (pa.array(["a", "a"]).dictionary_encode(), pa.dictionary(pa.int32(), pa.large_string()), ["a", "a"]),
        (pa.nulls(2), pa.dictionary(pa.int32(), pa.string()), [None, None]),
        (pa.nulls(2), pa.float64(), [None, None]),
        (pa.array([1, True and 2]), pa.string(), ["1", "2"]),
        (pa.array([True]), pa.string(), ["true"]),
        (pa.array([1], pa.timestamp("s")), pa.timestamp("ms"), [datetime.datetime(1970, 1, 1, 0, 0, 1)]),
        (pa.array(["a"], pa.string_view()), pa.string(), ["a"]),
    ],
)
def test_casts_keep_every_value(values, kind, expected):
    made = cast_column(values, kind, "f", "a")
    assert made.type == kind
    assert made.to_pylist() == expected


def test_runs_are_decoded():
    runs = pa.compute.run_end_encode(pa.array([1, 1, 2]))
    assert cast_column(runs, pa.float64(), "f", "a").to_pylist() == [1, 1, 2]


def test_decimals_are_rounded_once():
    # Arrow's own cast divides a rounded integer by a rounded power of ten.
    texts = ["0.1", "123456789012345678.12345678901", "-99999999999999.99999999999", "8.41", "0.3"]
    numbers = [Decimal(text) for text in texts]
    made = cast_column(pa.array(numbers, pa.decimal128(38, 11)), pa.float64(), "f", "a")
    assert made.to_pylist() == [float(text) for text in texts]


@pytest.mark.parametrize(
    ("values", "row", "shown"),
    [
        (pa.array([1, None, 2**53 + 1]), 12, "9007199254740993"),
        (pa.array([1, -(2**63)]), 11, "-9223372036854775808"),
        (pa.array([2**64 - 1], pa.uint64()), 10, "18446744073709551615"),
    ],
)
def test_integers_that_a_float_would_change_are_refused(values, row, shown):
    with pytest.raises(
        ValueError, match=rf"f\.pq holds the integer {shown}, beyond 2\*\*53, at row {row}, column 'a'"
    ):
        cast_column(values, pa.float64(), "f.pq", "a", 10)


def test_a_value_that_does_not_fit_is_named():
    for kind in (pa.timestamp, pa.duration):
        values = pa.array([0, 1, 2**60, 0], kind("s"))
        with pytest.raises(
            ValueError, match=r"f\.pq holds .*1152921504606846976 at row 7, column 't': it does not"
        ):
            cast_column(values, kind("ns"), "f.pq", "t", 5)


def test_ids_and_labels_of_64_bits_keep_every_digit():
    found = [("a", pa.int64()), ("b", pa.uint64()), ("c", pa.null()), ("d", pa.int8())]
    for order in itertools.permutations(found):
        kind = unite("id", order, is_feature=False)
        assert kind == pa.decimal128(20, 0)
        assert unite("id", order) == pa.float64()
    for values in (pa.array([-(2**63)], pa.int64()), pa.array([2**64 - 1], pa.uint64())):
        assert [int(v) for v in cast_column(values, kind, "f", "id").to_pylist()] == values.to_pylist()
    assert unite("id", [("a", pa.int64()), ("b", pa.float64())], is_feature=False) == pa.float64()


def test_a_way_out_that_a_label_does_not_have_is_not_named():
    for is_feature in (True, False):
        with pytest.raises(ValueError, match="cast one of them") as caught:
            unite("y", [("a", pa.int64()), ("b", pa.string())], is_feature=is_feature)
        assert ("--ignore" in str(caught.value)) is is_feature
    with pytest.raises(ValueError, match=r"name it among the columns of --categorical \('y'\), or leave"):
        unite("y", [("a.csv", pa.float64()), ("b.csv", pa.string())], by_name=True)


@pytest.mark.parametrize(
    "values",
    [
        pa.array(["x", None, "y"], pa.string_view()),
        pa.array([b"x", None], pa.binary_view()),
        pa.DictionaryArray.from_arrays(
            pa.array([1, None, 0], pa.uint8()), pa.array(["x", "y"], pa.string_view())
        ),
        pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array([7, None])),
    ],
    ids=lambda values: str(values.type)[:20],
)
def test_views_and_runs_become_plain(values):
    kind = settled(values.type)
    plain = cast_column(values, kind, "f", "c")
    assert plain.type == kind
    assert plain.to_pylist() == values.to_pylist()
    plain.take(pa.array([0]))
