"""What is given as the blocks of a stream: refusals that say what to pass instead."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nngmix import NeighborTable, stream
from small_blocks import small_blocks


@pytest.mark.parametrize(
    ("batches", "said"),
    [
        (pd.DataFrame({"a": [1.0]}), r"got one DataFrame: pass \[batches\]"),
        (pl.DataFrame({"a": [1.0]}), r"got one DataFrame: pass \[batches\]"),
        (pa.table({"a": [1.0]}), r"got one Table: pass \[batches\]"),
        (np.zeros((3, 1)), r"got one ndarray: pass \[batches\]"),
        (pl.LazyFrame({"a": [1.0]}), r"collect\(\) it first"),
        ([pl.LazyFrame({"a": [1.0]})], r"collect\(\) it first"),
        ("rows.parquet", r"nngmix.stream.Scan\('rows.parquet'\) reads files"),
        (Path("rows.csv"), r"nngmix.stream.Scan\('rows.csv'\) reads files"),
        (["rows.parquet"], "is the path 'rows.parquet': nngmix.stream.Scan reads files"),
        ({"a": [1.0]}, "must be an iterable or a callable, got dict"),
    ],
)
def test_what_is_no_stream_is_told_what_to_pass(batches: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        stream.fit(np.ones((1, 1)), batches)


def test_an_array_of_blocks_is_a_stream_of_them() -> None:
    rng = np.random.default_rng(0)
    X, U = rng.random((3, 2)), rng.random((4, 10, 2))
    made = [stream.fit(X, blocks).rows(0, 9, random_state=0).tobytes() for blocks in (U, list(U))]
    assert made[0] == made[1]


def test_what_a_callable_gives_and_pairs_are_told_as_they_are() -> None:
    rng = np.random.default_rng(0)
    X, U = (
        pd.DataFrame(rng.random((3, 2)), columns=["a", "b"]),
        pd.DataFrame(rng.random((9, 2)), columns=["a", "b"]),
    )
    cases: list[tuple[Any, str]] = [
        (lambda: U, r"callable.*got one DataFrame: pass \[batches\]"),
        (lambda: None, "callable.*must be an iterable or a callable, got NoneType"),
        (lambda: lambda: [U], "call that too"),
        (enumerate([U]), "is a pair, int and DataFrame"),
        ({"k": U}, r"with the keys 'k'.*batches.values\(\)"),
        (U["a"], "got one Series"),
    ]
    for batches, said in cases:
        with pytest.raises(TypeError, match=said):
            stream.fit(X, batches)


def test_a_column_that_looks_like_an_index_is_warned_of_once() -> None:
    blocks = [pd.DataFrame({"Unnamed: 0": [first, first + 1], "a": [0.5, 0.25]}) for first in (0, 2, 4)]
    with pytest.warns(UserWarning, match="Unnamed: 0") as told:
        stream.fit(np.ones((3, 2)), iter(blocks), scale=None, n_neighbors=2)
    assert len(told) == 1


def test_rows_keep_their_numbers_between_large_blocks_and_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch, 60)
    X, U = np.random.default_rng(1).random((4, 3)), np.random.default_rng(2).random((150, 3))
    # Of forty rows each a search takes; those of five wait for others, and go before a large one.
    cuts = [0, 40, 45, 50, 90, 95, 135, 140, 150]
    blocks = [U[start:stop] for start, stop in pairwise(cuts)]
    found = stream.fit(X, blocks, read_ahead=0, whole_features=None)
    expected = NeighborTable(X).update(U)
    assert found.row_ids.tolist() == expected.row_ids.tolist()
    assert found.neighbor_rows.tobytes() == expected.neighbor_rows.tobytes()


def test_the_first_frame_names_the_columns_where_the_anomalies_have_no_names() -> None:
    rng = np.random.default_rng(1)
    X, U = rng.random((3, 2)), pd.DataFrame(rng.random((8, 2)), columns=["a", "b"])
    expected = NeighborTable(X).update(U.to_numpy())
    table = stream.fit(X, [U[:4], U.loc[4:, ["b", "a"]]], scale=None)
    assert table.neighbor_rows.tobytes() == expected.neighbor_rows.tobytes()
    with pytest.raises(ValueError, match="the first frame of batches"):
        stream.fit(X, [U, U.rename(columns={"a": "c"})])
