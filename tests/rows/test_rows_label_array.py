"""Labels go back in their own dtype, from whatever held them."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nngmix.rows.label_array import label_array

WORDS = ["ok", "odd", "ok"]


@pytest.mark.parametrize(
    ("y", "dtype"),
    [
        (np.array([0, 1, 0], np.int8), np.int8),
        (np.array([[0], [1], [0]], np.int16), np.int16),
        ([0, 1, 0], np.int64),
        ([False, True, False], np.bool_),
        (np.array([0, 1, 0], np.float32), np.float32),
        (pd.Series([0, 1, 0], dtype="Int64"), np.int64),
        (pd.Series([0, 1, 0], dtype="UInt8"), np.uint8),
        (pd.Series([False, True, False], dtype="boolean"), np.bool_),
        (pd.Series([0, 1, 0], dtype="int32[pyarrow]"), np.int32),
        (pd.Series([0, 1, 0]).astype("category"), np.int64),
        (pd.DataFrame({"y": pd.array([0, 1, 0], "Int32")}), np.int32),
        (pl.Series([0, 1, 0], dtype=pl.UInt16), np.uint16),
        (pl.DataFrame({"y": [0, 1, 0]}), np.int64),
        (pa.array([0, 1, 0], pa.int16()), np.int16),
        (pa.chunked_array([[0, 1], [0]]), np.int64),
        (pa.table({"y": [0, 1, 0]}), np.int64),
        (pa.array([False, True, False]), np.bool_),
    ],
)
def test_numbers_keep_their_type(y: Any, dtype: Any) -> None:
    got = label_array("y", y)
    assert got.dtype == dtype
    assert got.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    "y",
    [
        np.array(WORDS),
        np.array(WORDS, object),
        WORDS,
        pd.Series(WORDS),
        pd.Series(WORDS, dtype="string"),
        pd.Series(WORDS, dtype="string[pyarrow]"),
        pd.Series(WORDS, dtype="category"),
        pd.DataFrame({"y": WORDS}),
        pl.Series(WORDS),
        pl.Series(WORDS, dtype=pl.Categorical),
        pl.Series(WORDS, dtype=pl.Enum(["odd", "ok"])),
        pa.array(WORDS),
        pa.array(WORDS).dictionary_encode(),
    ],
)
def test_texts_come_back_as_texts(y: Any) -> None:
    got = label_array("y", y)
    assert got.shape == (3,)
    assert got.tolist() == WORDS


def test_texts_of_two_types_are_texts() -> None:
    assert label_array("y", ["a", np.str_("b")]).dtype.kind == "U"
    assert label_array("y", [b"a", np.bytes_(b"b")]).dtype.kind == "S"


def test_a_mixture_stays_one() -> None:
    assert label_array("y", ["a", 1, 2.5]).tolist() == ["a", 1, 2.5]
    assert label_array("y", [Decimal("0.1"), Decimal(1)]).tolist() == [Decimal("0.1"), Decimal(1)]
