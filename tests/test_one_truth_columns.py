"""One truth of columns: whole numbers, one value and fractions are the same values by every way in.

Columns of integers come back in their own type wherever a table comes back.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

import nngmix
import nngmix.dask
import nngmix.spark
import nngmix.stream
from nngmix import reference
from nngmix.cli import run
from nngmix.rows.scaling import scale_state

N_ROWS, N_SAMPLES = 400, 300
Y = (np.arange(N_ROWS) % 25 == 3).astype(np.int64)
TYPES = {
    "rate": "float64",
    "count": "int32",
    "flag": "int8",
    "steps": "float64",
    "seven": "int64",
    "half": "float64",
}
NAMES = tuple(TYPES)
INTEGERS = [name for name, kind in TYPES.items() if kind.startswith("int")]
WHOLE = np.array([False, True, True, True, True, False])


def frame() -> pd.DataFrame:
    """A rate, counts, flags, whole numbers that are floats, and a column of one value of each kind."""
    rng = np.random.default_rng(11)
    columns = {
        "rate": rng.random(N_ROWS) + Y,
        "count": rng.poisson(30, N_ROWS) * 100,
        "flag": rng.integers(0, 2, N_ROWS),
        "steps": rng.integers(-40, 40, N_ROWS) * 3,
        "seven": np.full(N_ROWS, 7),
        "half": np.full(N_ROWS, 0.5),
    }
    return pd.DataFrame(columns).astype(TYPES)


X = frame()
MATRIX = np.ascontiguousarray(X.to_numpy(dtype=float))


def truth(clip: str | None, seed: int = 0) -> NDArray[Any]:
    """The reference on scaled rows, back in their units and finished."""
    state = scale_state("minmax", len(NAMES))
    assert state is not None
    state.update(MATRIX)
    scale = state.scale(np.dtype(float))
    scaled = scale.transform(MATRIX)
    made = reference.nng_mix(scaled[Y == 1], scaled[Y == 0], N_SAMPLES, random_state=seed)
    low, high = np.full(len(NAMES), -np.inf), np.full(len(NAMES), np.inf)
    if clip is not None:
        of = MATRIX[(clip == "anomaly") == Y]
        low, high = of.min(axis=0), of.max(axis=0)
    low[4:], high[4:] = (7, 0.5), (7, 0.5)
    return reference.finish(made * scale.width + scale.offset, low, high, WHOLE)


def matrix(table: Any) -> NDArray[Any]:
    """The values of any table, once its integers are known to have come back."""
    if isinstance(table, pd.DataFrame | pl.DataFrame):
        table = pa.Table.from_pandas(table) if isinstance(table, pd.DataFrame) else table.to_arrow()
    for name in NAMES:
        assert str(table.schema.field(name).type).replace("double", "float64") == TYPES[name], name
    return np.column_stack([table[name].to_numpy() for name in NAMES]).astype(float)


def by_arrays(clip: Any, _: Any) -> list[NDArray[Any]]:
    made = nngmix.NNGMix(n_samples=N_SAMPLES, clip=clip, append=False, random_state=0).fit_resample(
        MATRIX, Y
    )[0]
    shuffled = np.asfortranarray(MATRIX)
    again = nngmix.NNGMix(n_samples=N_SAMPLES, clip=clip, random_state=0).fit_resample(shuffled, Y)[0]
    return [made, again[N_ROWS:]]


def by_frames(clip: Any, _: Any) -> list[NDArray[Any]]:
    frames = [X, pl.from_pandas(X), pa.Table.from_pandas(X)]
    sampler = nngmix.NNGMix(n_samples=N_SAMPLES, clip=clip, append=False, random_state=0)
    return [matrix(sampler.fit_resample(frame, Y)[0]) for frame in frames]


def by_stream(clip: Any, _: Any) -> list[NDArray[Any]]:
    blocks = [X[Y == 0].iloc[:100], X[Y == 0].iloc[100:]]
    table = nngmix.stream.fit(X[Y == 1], blocks, scale="minmax", clip=clip)
    return [table.rows(0, N_SAMPLES, random_state=0)]


def by_files(clip: Any, folder: Path) -> list[NDArray[Any]]:
    """File to file in each format, and to a folder; a CSV has no types, but shows whole numbers."""
    table = pa.Table.from_pandas(X).append_column("y", pa.array(Y))
    pq.write_table(table, folder / "in.parquet")
    pyarrow.feather.write_feather(table, folder / "in.feather")
    pyarrow.csv.write_csv(table, folder / "in.csv")
    options = ["--label", "y", "--anomaly", "1", "-n", str(N_SAMPLES), "--seed", "0"]
    options += [] if clip is None else ["--clip", clip]
    for ending in ("parquet", "feather", "csv"):
        command = ["augment", str(folder / f"in.{ending}"), "-o", str(folder / f"out.{ending}")]
        assert run([*command, *options]) == 0
    assert run(["augment", str(folder / "in.parquet"), "-o", str(folder / "out"), *options]) == 0
    written = pyarrow.csv.read_csv(folder / "out.csv")
    assert str(written.schema.field("count").type) == str(written.schema.field("seven").type) == "int64"
    found = [pq.read_table(folder / "out.parquet"), pyarrow.feather.read_table(folder / "out.feather")]
    old = [matrix(table)[:N_ROWS] for table in found]
    assert all(np.array_equal(rows, MATRIX) for rows in old)
    whole = np.column_stack([written[name].to_numpy() for name in NAMES]).astype(float)
    return [
        whole[N_ROWS:],
        *(matrix(table)[N_ROWS:] for table in found),
        matrix(pq.read_table(folder / "out")),
    ]


def by_saved_table(clip: Any, folder: Path) -> list[NDArray[Any]]:
    pq.write_table(pa.Table.from_pandas(X).append_column("y", pa.array(Y)), folder / "in.parquet")
    options = ["--label", "y", "--anomaly", "1", *([] if clip is None else ["--clip", clip])]
    assert run(["fit", str(folder / "in.parquet"), "-o", str(folder / "table.npz"), *options]) == 0
    command = ["generate", str(folder / "table.npz"), "-n", str(N_SAMPLES), "--seed", "0"]
    assert run([*command, "-o", str(folder / "made.parquet")]) == 0
    made = pq.read_table(folder / "made.parquet")
    return [np.column_stack([made[name].to_numpy() for name in NAMES])]


def by_dask(clip: Any, _: Any) -> list[NDArray[Any]]:
    parts = dd.from_pandas(X.assign(y=Y), npartitions=3)
    options = {"label": "y", "only_new": True, "npartitions": 2, "clip": clip, "random_state": 0}
    made = nngmix.dask.augment(parts, N_SAMPLES, **options).compute()
    unlabeled = dd.from_pandas(X[Y == 0], npartitions=4)
    table = nngmix.dask.fit(X[Y == 1], unlabeled, scale="minmax", clip=clip)
    return [matrix(made[list(NAMES)]), nngmix.dask.generate(table, N_SAMPLES, 2, random_state=0).compute()]


def by_spark(clip: Any, session: Any) -> list[NDArray[Any]]:
    kinds = {"float64": "double", "int32": "int", "int8": "tinyint", "int64": "bigint"}
    rows = [(*row, label) for row, label in zip(X.itertuples(index=False), Y.tolist(), strict=True)]
    rows = [tuple(value.item() if hasattr(value, "item") else value for value in row) for row in rows]
    schema = ", ".join([*(f"{name} {kinds[kind]}" for name, kind in TYPES.items()), "y int"])
    table = session.createDataFrame(session.sparkContext.parallelize(rows, 3), schema)
    made = nngmix.spark.augment(
        table, N_SAMPLES, label="y", only_new=True, num_partitions=2, clip=clip, random_state=0
    )
    return [matrix(made.toArrow())]


WAYS: dict[str, tuple[Callable[[Any, Any], list[NDArray[Any]]], str | None]] = {
    "arrays": (by_arrays, None),
    "frames": (by_frames, None),
    "stream": (by_stream, None),
    "files": (by_files, "tmp_path"),
    "saved table": (by_saved_table, "tmp_path"),
    "Dask": (by_dask, None),
    "Spark": (by_spark, "spark"),
}


@pytest.mark.parametrize("clip", [None, "unlabeled", "anomaly"])
@pytest.mark.parametrize("way", WAYS)
def test_one_truth_of_columns(way: str, clip: str | None, request: pytest.FixtureRequest) -> None:
    make, needs = WAYS[way]
    expected = truth(clip)
    made = make(clip, None if needs is None else request.getfixturevalue(needs))
    for rows in made:
        assert rows.tobytes() == expected.tobytes()


def test_ranges_and_whole_numbers_matter() -> None:
    """The truth is not that all is the same anyway."""
    assert len({truth(clip).tobytes() for clip in (None, "unlabeled", "anomaly")}) == 3
    plain = nngmix.NNGMix(
        n_samples=N_SAMPLES, whole_features=None, append=False, random_state=0
    ).fit_resample(MATRIX, Y)[0]
    np.testing.assert_array_equal((plain % 1 != 0).any(axis=0), [True, True, True, True, False, True])
