"""One truth for dates: every way gives the rows of `NNGMix.fit_resample`, dates of the type that came in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

import nngmix
import nngmix.dask
import nngmix.spark
import nngmix.stream
from shell import shell

N_ROWS, N_SAMPLES, SEED = 60, 40, 3
STARTS = np.datetime64("2026-01-01", "s") + np.random.default_rng(1).integers(0, 10**7, N_ROWS)
DATES = ["day", "at", "zoned", "took"]
TABLE = pa.table(
    {
        "kind": np.where(np.arange(N_ROWS) % 6 == 0, "bad", "fine"),
        "day": pa.array(STARTS.astype("datetime64[D]"), pa.date32()),
        "at": pa.array(STARTS.astype("datetime64[us]"), pa.timestamp("us")),
        "zoned": pa.array(STARTS.astype("datetime64[us]"), pa.timestamp("us", "Europe/Berlin")),
        "took": pa.array(np.arange(N_ROWS) * 7 % 40, pa.duration("us")),
        "count": pa.array(np.arange(N_ROWS) % 9, pa.int16()),
        "size": np.random.default_rng(0).random(N_ROWS),
    }
)
PARTS = [TABLE.slice(0, 20), TABLE.slice(20, 1), TABLE.slice(21)]
X, Y = TABLE.drop_columns("kind"), TABLE["kind"].to_pandas().to_numpy()
OPTIONS = ["--label", "kind", "--anomaly", "bad"]


def truth(dates: list[str] = DATES) -> pa.Table:
    chosen = X.select([name for name in X.column_names if name in dates or name not in DATES])
    sampler = nngmix.NNGMix(
        n_samples=N_SAMPLES,
        anomaly_label="bad",
        whole_features=[*dates, "count"],
        append=False,
        random_state=SEED,
    )
    made, _ = sampler.fit_resample(chosen, Y)
    return made


def whole(dates: list[str]) -> list[str]:
    return [word for name in [*dates, "count"] for word in ("--whole", name)]


def run(*arguments: Any) -> None:
    done = shell(*arguments)
    assert done.returncode == 0, done.stderr


def save(table: pa.Table, path: Path) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix == ".feather":
        pyarrow.feather.write_feather(table, path)
    else:
        pa.csv.write_csv(table, path)
    return path


def load(path: Path) -> pa.Table:
    readers = {".parquet": pq.read_table, ".feather": pyarrow.feather.read_table, ".csv": pa.csv.read_csv}
    return readers[path.suffix](path)


def by_file(ending: str) -> Callable[[Path], pa.Table]:
    def made(folder: Path) -> pa.Table:
        source, output = save(TABLE, folder / f"in.{ending}"), folder / f"out.{ending}"
        asked = [*OPTIONS, *whole(DATES), "-n", N_SAMPLES, "--seed", SEED, "--only-new"]
        run("augment", source, "-o", output, *asked)
        return load(output)

    return made


def by_folder(folder: Path) -> pa.Table:
    for number, part in enumerate(PARTS):
        save(part, folder / f"{number}.parquet")
    asked = [*OPTIONS, *whole(DATES), "-n", N_SAMPLES, "--seed", SEED, "--rows-per-file", 13]
    run("augment", folder / "*.parquet", "-o", folder / "out", *asked)
    return pa.concat_tables(map(load, sorted((folder / "out").glob("part-*.parquet"))))


def by_anomalies(folder: Path) -> pa.Table:
    """The anomalies in a file of their own, whose dates are written in another unit."""
    bad = pa.compute.equal(TABLE["kind"], "bad")
    anomalies = X.filter(bad)
    finer = anomalies.set_column(1, "at", anomalies["at"].cast(pa.timestamp("ns")))
    files = save(X.filter(pa.compute.invert(bad)), folder / "in.parquet"), save(finer, folder / "a.parquet")
    asked = ["--anomalies", files[1], *whole(DATES), "-n", N_SAMPLES, "--seed", SEED]
    run("augment", files[0], "-o", folder / "out", *asked)
    return load(folder / "out" / "part-00000.parquet")


def by_parts(folder: Path) -> pa.Table:
    """Tables of the parts, merged; rows made of what was saved."""
    files = [save(part, folder / f"{number}.parquet") for number, part in enumerate(PARTS)]
    run("fit", *files, *OPTIONS, *whole(DATES), "--survey", "-o", folder / "survey.npz")
    tables, first = [], 0
    for number, (part, file) in enumerate(zip(PARTS, files, strict=True)):
        tables.append(folder / f"{number}.npz")
        like = ["--like", folder / "survey.npz", "--first-row", first]
        run("fit", file, *OPTIONS, *like, "-o", tables[-1])
        first += len(part)
    run("merge", *reversed(tables), "-o", folder / "all.npz")
    run("generate", folder / "all.npz", "-n", N_SAMPLES, "--seed", SEED, "-o", folder / "new.parquet")
    return load(folder / "new.parquet")


def by_stream(_: Any) -> pa.Table:
    """Blocks of several libraries; the values as Python has them."""
    bad = pa.compute.equal(TABLE["kind"], "bad")
    blocks = [part.filter(pa.compute.equal(part["kind"], "fine")).drop_columns("kind") for part in PARTS]
    table = nngmix.stream.fit(
        X.filter(bad),
        [pl.from_arrow(blocks[0]), blocks[1].to_pandas(types_mapper=pd.ArrowDtype), blocks[2]],
        scale="minmax",
        whole_features=[*DATES, "count"],
    )
    rows = table.decoded(table.rows(0, N_SAMPLES, random_state=SEED))
    columns = [pa.array(column.tolist()) for column in rows.T]
    return pa.table(columns, X.column_names)


def as_arrow(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False)


def by_dask(_: Any) -> pa.Table:
    frame = TABLE.to_pandas()
    made = nngmix.dask.augment(
        dd.from_pandas(frame, npartitions=3, sort=False),
        N_SAMPLES,
        label="kind",
        anomaly="bad",
        whole_features=[*DATES[1:], "count"],
        ignore=["day"],
        random_state=SEED,
    )
    assert made.dtypes.equals(made.compute().dtypes)
    assert made.dtypes[DATES[1:]].equals(frame.dtypes[DATES[1:]])
    return as_arrow(made.compute()[N_ROWS:])


def by_dask_table(_: Any) -> pa.Table:
    frame = TABLE.to_pandas().drop(columns="day")
    bad = frame["kind"] == "bad"
    frame = frame.drop(columns="kind")
    table = nngmix.dask.fit(
        frame[bad],
        dd.from_pandas(frame[~bad], npartitions=3),
        scale="minmax",
        whole_features=[*DATES[1:], "count"],
    )
    made = nngmix.dask.generate(table, N_SAMPLES, 2, columns=list(frame), random_state=SEED)
    assert made.dtypes[DATES[1:]].equals(frame.dtypes[DATES[1:]])
    assert made.dtypes.equals(made.compute().dtypes)
    return as_arrow(made.compute())


SPARK = {"day": "date", "at": "timestamp_ntz", "zoned": "timestamp", "took": "interval day to second"}


def spark_frame(session: Any, table: pa.Table) -> Any:
    kinds = {"kind": "string", **SPARK, "count": "smallint", "size": "double"}
    schema = ", ".join(f"{name} {kinds[name]}" for name in table.column_names)
    rows = list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))
    return session.createDataFrame(session.sparkContext.parallelize(rows, 3), schema)


def by_spark(session: Any) -> pa.Table:
    frame = spark_frame(session, TABLE)
    made = nngmix.spark.augment(
        frame,
        N_SAMPLES,
        label="kind",
        anomaly="bad",
        whole_features=[*DATES, "count"],
        only_new=True,
        random_state=SEED,
    )
    assert made.dtypes == frame.dtypes
    return made.toArrow().drop_columns("kind")


def by_spark_table(session: Any) -> pa.Table:
    bad = pa.compute.equal(TABLE["kind"], "bad")
    unlabeled = spark_frame(session, X.filter(pa.compute.invert(bad)))
    table = nngmix.spark.fit(X.filter(bad), unlabeled, scale="minmax", whole_features=[*DATES, "count"])
    made = nngmix.spark.generate(table, N_SAMPLES, columns=X.column_names, random_state=SEED)
    assert [kind for _, kind in made.dtypes][:4] == [kind for _, kind in unlabeled.dtypes][:4]
    return made.toArrow()


# Each way, what it is given, its dates, and whether it gives the types that came in.
WAYS: dict[str, tuple[Callable[[Any], pa.Table], str | None, list[str], bool]] = {
    "Parquet": (by_file("parquet"), "tmp_path", DATES, True),
    "Feather": (by_file("feather"), "tmp_path", DATES, True),
    "folder": (by_folder, "tmp_path", DATES, True),
    "anomalies": (by_anomalies, "tmp_path", DATES, True),
    "parts": (by_parts, "tmp_path", DATES, True),
    "stream": (by_stream, None, DATES, False),
    "Dask": (by_dask, None, DATES[1:], False),
    "Dask, a table": (by_dask_table, None, DATES[1:], False),
    "Spark": (by_spark, "spark", DATES, False),
    "Spark, a table": (by_spark_table, "spark", DATES, False),
}


@pytest.mark.parametrize("way", WAYS)
def test_one_truth_of_dates(way: str, request: pytest.FixtureRequest) -> None:
    make, needs, dates, typed = WAYS[way]
    made, expected = make(None if needs is None else request.getfixturevalue(needs)), truth(dates)
    if typed:
        assert made.drop_columns([n for n in made.column_names if n not in X.column_names]).schema == X.schema
    for name in expected.column_names:
        assert made[name].to_pylist() == expected[name].to_pylist(), name
