"""Labels go back as they came."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nngmix.rows.label_column import labels_at, labels_extended

WORDS = ["b", "a", "b"]
AT = np.array([1, 1])
SERIES = pd.Series(WORDS, index=[7, 8, 9], name="kind")


@pytest.mark.parametrize(
    "y",
    [
        np.array(WORDS),
        np.array(WORDS, object),
        WORDS,
        SERIES,
        SERIES.astype("category"),
        SERIES.astype("string[pyarrow]"),
        SERIES.array,
        SERIES.astype("category").array,
        pd.Index(WORDS, name="kind"),
        pd.DataFrame(SERIES),
        pl.Series("kind", WORDS),
        pl.Series("kind", WORDS, dtype=pl.Categorical),
        pl.DataFrame({"kind": WORDS}),
        pa.array(WORDS),
        pa.array(WORDS).dictionary_encode(),
        pa.chunked_array([WORDS[:1], WORDS[1:]]),
        pa.table({"kind": WORDS}),
        pa.record_batch({"kind": WORDS}),
    ],
    ids=lambda y: f"{type(y).__module__.partition('.')[0]} {type(y).__name__}",
)
def test_type_name_and_categories_stay(y: Any) -> None:
    for got, expected in (
        (labels_extended("y", y, AT), [*WORDS, "a", "a"]),
        (labels_at("y", y, AT), ["a", "a"]),
    ):
        assert type(got) is type(y)
        assert getattr(got, "name", None) == getattr(y, "name", None)
        for what in ("type", "schema", "dtype", "categories"):
            assert np.all(getattr(got, what, None) == getattr(y, what, None))
        assert listed(got) == expected


def listed(y: Any) -> list[Any]:
    if isinstance(y, pd.DataFrame | pl.DataFrame | pa.Table | pa.RecordBatch):
        y = y["kind"]
    return [*y] if isinstance(y, list) or not hasattr(y, "to_pylist") else y.to_pylist()


def test_a_column_of_an_array_becomes_flat_and_one_hot_rows_stay() -> None:
    assert labels_extended("y", np.array([[1], [0], [1]]), AT).tolist() == [1, 0, 1, 0, 0]
    assert labels_at("y", np.eye(3, dtype=int), AT).tolist() == [[0, 1, 0], [0, 1, 0]]
