"""Types that numbers go out as."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nngmix.rows.number_types import arrow_float, pandas_float, pandas_numbers


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (np.dtype(np.float16), np.dtype(np.float32)),
        (np.dtype(np.float32), np.dtype(np.float32)),
        (np.dtype(np.float64), np.dtype(np.float64)),
        (np.dtype(np.int16), np.dtype(np.float64)),
        (pd.Float32Dtype(), pd.Float32Dtype()),
        (pd.Int8Dtype(), pd.Float64Dtype()),
        (pd.ArrowDtype(pa.float16()), pd.ArrowDtype(pa.float32())),
        (pd.ArrowDtype(pa.int32()), pd.ArrowDtype(pa.float64())),
        (pd.SparseDtype(np.float32, 0), pd.SparseDtype(np.float32, 0.0)),
    ],
)
def test_floats_of_the_family_that_came_in(kind: Any, expected: Any) -> None:
    assert pandas_float(kind) == expected


def test_floats_of_arrow() -> None:
    assert [arrow_float(kind) for kind in (pa.float16(), pa.float32())] == [pa.float32()] * 2
    assert [arrow_float(kind) for kind in (pa.float64(), pa.int8())] == [pa.float64()] * 2


@pytest.mark.parametrize("kind", [np.dtype(np.int32), pd.Int64Dtype(), pd.ArrowDtype(pa.uint8())])
def test_whole_numbers_keep_their_type_if_none_is_missing(kind: Any) -> None:
    whole = pandas_numbers(np.array([1.0, 3.0]), kind)
    assert (pd.Series(whole).dtype, list(whole)) == (kind, [1, 3])
    missing = pandas_numbers(np.array([np.nan, 3.0]), kind)
    assert pd.Series(missing).dtype == (np.float64 if isinstance(kind, np.dtype) else kind)
    assert pd.isna(missing).tolist() == [True, False]
    assert missing[1] == 3


def test_floats_stay_floats() -> None:
    assert pandas_numbers(np.array([0.5]), pd.Float32Dtype()).dtype == pd.Float32Dtype()
