"""One truth for mixed columns: every way gives the rows of `NNGMix.fit_resample` on the pandas frame.

A way takes a case and gives the new rows of each seed as a frame; their values must be the same, whatever
their types: those of a CSV, say, are found anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import nngmix
import nngmix.dask
import nngmix.spark
import nngmix.stream
from mixed_frames import connections
from shell import shell

SEEDS = (0, 2**63 + 1)
N_SAMPLES = 300
# Empty parts, parts of one row, and such that lack most categories.
BORDERS = (0, 3, 4, 4, 250)


@dataclass(frozen=True)
class Case:
    """A table with a label, and what its anomalies are called."""

    attacks: tuple[str, ...]
    missing: str

    @property
    def table(self) -> pd.DataFrame:
        frame = connections(attacks=self.attacks)
        if self.missing == "error":
            frame = frame.dropna(ignore_index=True)
        return frame

    @property
    def parts(self) -> list[pd.DataFrame]:
        table = self.table
        borders = zip((0, *BORDERS), (*BORDERS, len(table)), strict=True)
        return [table[start:stop].reset_index(drop=True) for start, stop in borders]

    def truth(self, seed: int) -> pd.DataFrame:
        sampler = nngmix.NNGMix(
            n_samples=N_SAMPLES,
            anomaly_label=list(self.attacks),
            categorical_features="auto",
            missing=self.missing,
            append=False,
            random_state=seed,
        )
        table = self.table
        return sampler.fit_resample(table.drop(columns="attack"), table["attack"])[0]

    @property
    def options(self) -> list[str]:
        """Of the shell."""
        anomalies = [word for attack in self.attacks for word in ("--anomaly", attack)]
        return ["--label", "attack", *anomalies, "--categorical", "auto", "--missing", self.missing]


ONE, SEVERAL = Case(("smurf",), "keep"), Case(("smurf", "satan", "worm"), "keep")
WHOLE = Case(("smurf",), "error")


# ---- the ways ----------------------------------------------------------------------------------------------


def save(frame: pd.DataFrame, path: Path) -> str:
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_feather(path)
    return str(path)


def load(path: Path) -> pd.DataFrame:
    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".feather": pd.read_feather}
    return readers[path.suffix](path)


def run(*arguments: Any) -> None:
    done = shell(*arguments)
    assert done.returncode == 0, done.stderr


def by_file(ending: str) -> Callable[[Case, Path], list[pd.DataFrame]]:
    def made(case: Case, folder: Path) -> list[pd.DataFrame]:
        source, output = save(case.table, folder / f"in.{ending}"), folder / f"out.{ending}"
        frames = []
        for seed in SEEDS:
            options = [*case.options, "-n", N_SAMPLES, "--seed", seed, "--only-new"]
            run("augment", source, "-o", output, *options)
            frames.append(load(output))
        return frames

    return made


def by_folder(ending: str) -> Callable[[Case, Path], list[pd.DataFrame]]:
    def made(case: Case, folder: Path) -> list[pd.DataFrame]:
        (folder / "in").mkdir()
        for number, part in enumerate(case.parts):
            save(part, folder / "in" / f"{number}.{ending}")
        frames = []
        for seed in SEEDS:
            output = folder / f"out-{seed}"
            options = [*case.options, "-n", N_SAMPLES, "--seed", seed, "--rows-per-file", 111]
            run("augment", folder / "in", "-o", output, *options)
            files = [pd.read_parquet(file) for file in sorted(output.glob("part-*.parquet"))]
            frames.append(pd.concat(files, ignore_index=True))
        return frames

    return made


def by_parts(ending: str) -> Callable[[Case, Path], list[pd.DataFrame]]:
    """A table of each part, merged, and the rows made in two goes."""

    def made(case: Case, folder: Path) -> list[pd.DataFrame]:
        parts = [part for part in case.parts if len(part)]
        files = [save(part, folder / f"{number}.{ending}") for number, part in enumerate(parts)]
        run("fit", *files, *case.options, "--survey", "-o", folder / "survey.npz")
        tables, first = [], 0
        labels = case.options[: case.options.index("--categorical")]
        for number, (part, file) in enumerate(zip(parts, files, strict=True)):
            tables.append(folder / f"{number}.npz")
            like = ["--like", folder / "survey.npz", "--first-row", first]
            run("fit", file, *labels, *like, "-o", tables[-1])
            first += len(part)
        run("merge", *reversed(tables), "-o", folder / "all.npz")
        frames = []
        for seed in SEEDS:
            halves = []
            for start, n_rows in ((0, 100), (100, N_SAMPLES - 100)):
                output = folder / f"new.{ending}"
                options = ["-n", n_rows, "--start", start, "--seed", seed]
                run("generate", folder / "all.npz", *options, "-o", output)
                halves.append(load(output))
            frames.append(pd.concat(halves, ignore_index=True))
        return frames

    return made


def by_stream(case: Case, _: Any) -> list[pd.DataFrame]:
    """Blocks of several libraries, whose categories differ."""
    table, parts = case.table, case.parts
    of = (
        lambda part: part,
        pl.from_pandas,
        lambda part: pa.RecordBatch.from_pandas(part, preserve_index=False),
    )
    blocks = [
        of[number % 3](part[part["attack"] == "normal"].drop(columns="attack").reset_index(drop=True))
        for number, part in enumerate(parts)
    ]
    asked = {"scale": "minmax", "categorical_features": "auto", "missing": case.missing}
    anomalies = table[table["attack"] != "normal"].drop(columns="attack")
    fitted = nngmix.stream.fit(anomalies, blocks, **asked)
    made = [fitted.decoded(fitted.rows(0, N_SAMPLES, random_state=seed)) for seed in SEEDS]
    return [pd.DataFrame(rows, columns=anomalies.columns) for rows in made]


def by_dask(case: Case, _: Any) -> list[pd.DataFrame]:
    """Partitions with categories of their own, which Dask does not know."""
    parts = case.parts
    for part in parts:
        part["flag"] = part["flag"].cat.remove_unused_categories()
    frame = dd.from_map(lambda k: parts[k], range(len(parts)), meta=parts[0].iloc[:0])
    frame = frame.assign(flag=frame["flag"].cat.as_unknown())
    asked = {"categorical_features": "auto", "missing": case.missing, "label": "attack"}
    asked |= {"anomaly": list(case.attacks), "only_new": True, "npartitions": 2}
    made = [nngmix.dask.augment(frame, N_SAMPLES, random_state=seed, **asked).compute() for seed in SEEDS]
    assert made[0].dtypes.drop("flag").equals(frame.dtypes.drop("flag"))
    return made


def by_dask_table(case: Case, _: Any) -> list[pd.DataFrame]:
    """A table of the unlabelled rows, and a frame made of it."""
    table = case.table
    anomalies = table[table["attack"] != "normal"].drop(columns="attack")
    unlabeled = table[table["attack"] == "normal"].drop(columns="attack")
    asked = {"scale": "minmax", "categorical_features": "auto", "missing": case.missing}
    fitted = nngmix.dask.fit(anomalies, dd.from_pandas(unlabeled, npartitions=5), **asked)
    made = [
        nngmix.dask.generate(fitted, N_SAMPLES, 3, columns=list(anomalies), random_state=seed)
        for seed in SEEDS
    ]
    assert made[0].dtypes.equals(made[0].compute().dtypes)
    return [frame.compute() for frame in made]


def by_spark(case: Case, session: Any) -> list[pd.DataFrame]:
    """The types that came in come out, null where a value is missing."""
    kinds = "bigint", "string", "string", "string", "double", "boolean", "int", "double", "smallint", "string"
    columns = case.table.astype(object)
    rows = columns.where(columns.notna(), None).to_numpy().tolist()
    schema = ", ".join(f"{name} {kind}" for name, kind in zip(columns, kinds, strict=True))
    table = session.createDataFrame(session.sparkContext.parallelize(rows, 3), schema)
    asked = {"categorical_features": "auto", "missing": case.missing, "label": "attack"}
    asked |= {"anomaly": list(case.attacks), "only_new": True, "num_partitions": 2}
    made = [nngmix.spark.augment(table, N_SAMPLES, random_state=seed, **asked) for seed in SEEDS]
    assert made[0].dtypes == table.dtypes
    tables = [frame.toArrow() for frame in made]
    assert all(not column.drop_null().to_pandas().isna().any() for column in tables[0].columns)
    return [frame.to_pandas() for frame in tables]


WAYS: dict[str, tuple[Callable[[Case, Any], list[pd.DataFrame]], str | None, tuple[Case, ...]]] = {
    "CSV": (by_file("csv"), "tmp_path", (WHOLE, ONE, SEVERAL)),
    "Parquet": (by_file("parquet"), "tmp_path", (WHOLE, ONE, SEVERAL)),
    "Feather": (by_file("feather"), "tmp_path", (SEVERAL,)),
    "folder of CSV": (by_folder("csv"), "tmp_path", (SEVERAL,)),
    "folder of Parquet": (by_folder("parquet"), "tmp_path", (WHOLE, SEVERAL)),
    "parts of CSV": (by_parts("csv"), "tmp_path", (ONE,)),
    "parts of Parquet": (by_parts("parquet"), "tmp_path", (ONE,)),
    "stream": (by_stream, None, (WHOLE, ONE)),
    "Dask": (by_dask, None, (WHOLE, SEVERAL)),
    "Dask, a table": (by_dask_table, None, (ONE,)),
    "Spark": (by_spark, "spark", (SEVERAL,)),
}


def values(frame: pd.DataFrame, columns: list[str]) -> dict[str, list[Any]]:
    """The values of some columns as Python has them, None where one is missing."""
    found = {}
    for name in columns:
        column = frame[name].astype(object)
        found[name] = column.where(column.notna(), None).tolist()
    return found


@pytest.mark.parametrize(
    ("way", "case"),
    [(way, case) for way, (_, _, cases) in WAYS.items() for case in cases],
    ids=lambda value: value if isinstance(value, str) else f"{len(value.attacks)}-{value.missing}",
)
def test_one_truth_of_mixed_columns(way: str, case: Case, request: pytest.FixtureRequest) -> None:
    make, needs, _ = WAYS[way]
    made = make(case, None if needs is None else request.getfixturevalue(needs))
    for seed, frame in zip(SEEDS, made, strict=True):
        truth = case.truth(seed)
        columns = list(truth.columns)
        assert values(frame, columns) == values(truth, columns)


def test_truths_are_worth_comparing() -> None:
    """New rows hold categories of several kinds, gaps and fractions; seeds and cases differ."""
    truth = SEVERAL.truth(0)
    assert truth[["flag", "rate", "service"]].isna().any().all()
    assert truth["logged_in"].nunique() == 2
    assert truth["protocol"].nunique() == 3
    assert not (truth["rate"].dropna() * 10 % 1 == 0).all()
    assert (truth["count"] % 1 == 0).all()
    others = [SEVERAL.truth(SEEDS[1]), ONE.truth(0), WHOLE.truth(0)]
    assert all(not np.array_equal(truth["src_bytes"], other["src_bytes"]) for other in others)
