"""Numbers in CSV: the double that a text shows, whichever way it is read."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nngmix.files.csv_format import CsvFormat
from nngmix.files.csv_numbers import doubles, misfit_error, narrowest_type


def read(texts, csv=CsvFormat(), first_row=0):  # noqa: B008
    made, misfits = doubles({"a": pa.array(texts, pa.string())}, csv, first_row)
    if misfits:
        raise misfit_error("f.csv", misfits, csv)
    return made[0].to_pylist()


def test_texts_that_are_numbers():
    texts = [
        "1",
        " 2 ",
        "1e+05",
        "-.5",
        "+7.",
        "Infinity",
        "-inf",
        "true",
        "False",
        "NA",
        "",
        None,
        "null",
        "\t3",
    ]
    expected = [1, 2, 1e5, -0.5, 7, math.inf, -math.inf, 1, 0, None, None, None, None, 3]
    assert read(texts) == expected
    assert all(math.isnan(value) for value in read(["nan", "NaN", "-nan"]))


def test_both_ways_give_the_same_bits():
    # One text that only the slow way reads changes nothing for the others.
    rng = np.random.default_rng(0)
    numbers = [repr(x) for x in (rng.standard_normal(500) * 10.0 ** rng.integers(-300, 300, 500)).tolist()]
    assert read(numbers) == [float(text) for text in numbers] == read([*numbers, " 1"])[:-1]


@given(st.lists(st.floats(allow_nan=False), min_size=1), st.booleans())
def test_every_double_survives(values, slow):
    texts = [repr(value) for value in values] + [" 0 "] * slow
    assert read(texts)[: len(values)] == values


@pytest.mark.parametrize("n_columns", [1, 30])
@pytest.mark.parametrize("n_rows", [3, 5000])
def test_few_rows_of_many_columns_are_the_same(n_columns, n_rows):
    columns = {f"c{j}": pa.array([f"{i}.{j}" for i in range(n_rows)]) for j in range(n_columns)}
    made, misfits = doubles(columns, CsvFormat(), 0)
    assert not misfits
    for column, values in zip(columns.values(), made, strict=True):
        assert values.to_pylist() == [float(text) for text in column.to_pylist()]


@pytest.mark.parametrize("n_rows", [3, 5000])
def test_every_column_at_fault_is_told_with_its_first_row(n_rows):
    good = ["1"] * n_rows
    columns = {"a": good, "b": [*good[:-1], "?"], "c": [good[0], "x", *good[2:-1], "y"]}
    _, misfits = doubles({name: pa.array(texts) for name, texts in columns.items()}, CsvFormat(), 10)
    assert [(m.column, m.row, m.text) for m in misfits] == [("b", 9 + n_rows, "?"), ("c", 11, "x")]
    said = str(misfit_error("f.csv", misfits, CsvFormat()))
    assert said.startswith("f.csv holds 'x' at row 11, column 'c': no number; nor are these: 'b' ('?' at row")
    assert "--ignore" in said


@pytest.mark.parametrize("text", ["1_000", "0x1F", "1e", "--1", "1 2", "١", "1,5", "infinit", "one", "1.2.3"])
def test_what_is_no_number(text):
    for others in ([], [" 1"]):
        with pytest.raises(ValueError, match="at row 0, column 'a': no number"):
            read([text, *others])


def test_thousands_and_decimal_marks():
    assert read(["1,234.50", "12,34,567", "1.5", "-1,000"], CsvFormat(thousands=",")) == [
        1234.5,
        1234567,
        1.5,
        -1000,
    ]
    assert read(["1.234,5", "0,25", "7"], CsvFormat(decimal=",", thousands=".")) == [1234.5, 0.25, 7]
    assert read(["1\u00a0234,5"], CsvFormat(decimal=",", thousands="\u00a0")) == [1234.5]


@pytest.mark.parametrize(
    ("text", "csv", "advice"),
    [
        ("1,234.50", CsvFormat(), "give --thousands ','"),
        ("1.234,50", CsvFormat(), "give --thousands '.' --decimal ','"),
        ("1'234.5", CsvFormat(), 'give --thousands "\'"'),
        ("1,234", CsvFormat(), "--thousands ','; if that is the decimal mark, --decimal ','"),
        ("1,5", CsvFormat(), "a decimal comma: give --decimal ','"),
        ("1,5", CsvFormat(thousands=","), "give --decimal ',' instead of --thousands ','"),
        ("1.5", CsvFormat(decimal=","), "a decimal point: leave --decimal ',' out"),
        ("1.234,5", CsvFormat(decimal=","), "give --thousands '.'"),
    ],
)
def test_advice_for_numbers_in_disguise(text, csv, advice):
    with pytest.raises(ValueError, match="no number") as caught:
        read([text], csv)
    assert advice in str(caught.value)
    assert repr(text) in str(caught.value)


def test_a_header_line_in_the_middle_is_recognised():
    columns = {"a": ["1", "a"], "b": ["1", " b"]}
    _, misfits = doubles({name: pa.array(texts) for name, texts in columns.items()}, CsvFormat(), 199)
    said = str(misfit_error("f.csv", misfits, CsvFormat()))
    assert "holds 'a' at row 200, column 'a'" in said
    assert "looks like the header line repeated; delete that line" in said


def test_integers_up_to_2_to_the_53_and_floats_beyond():
    assert read(["9007199254740992", "-9007199254740992", "1e300", "9007199254740993.0", "inf"]) == [
        2.0**53,
        -(2.0**53),
        1e300,
        2.0**53,
        math.inf,
    ]


@pytest.mark.parametrize("text", ["9007199254740993", "-9223372036854775808", "9,007,199,254,740,993"])
def test_integers_that_a_float_would_change(text):
    csv = CsvFormat(thousands=",")
    with pytest.raises(
        ValueError, match=r"f\.csv holds the integer .*, beyond 2\*\*53, at row 8, column 'a'"
    ):
        read(["1", text], csv, 7)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["0", "1", None], pa.int64()),
        (["-5", "9223372036854775807"], pa.int64()),
        (["1", "1.0"], pa.float64()),
        (["0.5", "1e3"], pa.float64()),
        (["1.5", "9007199254740993"], pa.string()),
        (["9223372036854775808"], pa.string()),
        (["007", "1"], pa.string()),
        (["true", "False"], pa.bool_()),
        (["true", "1"], pa.string()),
        (["ok", "1"], pa.string()),
        ([None], pa.string()),
        ([], pa.string()),
    ],
)
def test_the_narrowest_type_of_labels(texts, expected):
    assert narrowest_type(texts) == expected


@pytest.mark.parametrize(
    ("cell", "advice"),
    [
        ("12.5%", "a number with '%' beside it"),
        ("$1,234.50", "a number with '$' beside it"),
        ("3,5 \u20ac", "a number with '\u20ac' beside it"),
        ("(12.50)", "a number with '()' beside it"),
        ("\u22125", "a number with '\u2212' beside it"),
        ("1,23,456", "give --thousands ','"),
        ("1,23,456.5", "give --thousands ','"),
        ("-", "empty the cell"),
    ],
)
def test_numbers_in_disguise_are_recognised(cell, advice):
    _, misfits = doubles({"a": pa.array(["1", cell])}, CsvFormat())
    said = str(misfit_error("t.csv", misfits, CsvFormat()))
    assert f"holds {cell!r} at row 1, column 'a': no number" in said
    assert advice in said


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("2024-03-31", "it looks like a date: it stays one where new rows are made with --whole for 'a'"),
        ("2024-03-31 12:00", "it looks like a date: it stays one"),
        ("31/03/2024", "it looks like a date: written as 2024-03-31 or 2024-03-31T12:00:00 it stays one"),
        ("31.3.2024 12:00", "it looks like a date: written as"),
        ("2024.3.31.7", "leave columns that are no features out with --ignore"),
    ],
)
def test_a_date_is_told_as_one(text, advice):
    with pytest.raises(ValueError, match=advice):
        read([text])
