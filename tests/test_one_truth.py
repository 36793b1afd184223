"""One truth: every way to make rows gives the same bytes for the same seed.

``python tests/test_one_truth.py`` prints the hashes of all ways as a table.
"""

import hashlib
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

import clusters
import nngmix
import nngmix.dask
import nngmix.spark
import nngmix.stream
from nngmix import reference
from nngmix.cli import run
from nngmix.rows.scaling import Scale, scale_state
from strategies import make_rows

SEEDS = (0, 7, 2**63 + 1)
N_SAMPLES = 1500
NAMES = ("a", "b", "c", "d", "e")
Rows = NDArray[Any]
# The rows of each seed.
Made = list[Rows]


@dataclass(frozen=True)
class Case:
    """Data full of ties and duplicates, some anomalies among the unlabelled rows, and a scaling."""

    dtype: str
    scale: str | None

    @property
    def made(self) -> np.dtype[Any]:
        """The type of new rows."""
        return np.dtype(np.float64 if self.dtype == "float64" else np.float32)

    @property
    def anomalies(self) -> Rows:
        rows = make_rows(np.random.default_rng(1), 15, len(NAMES), "ties", np.float32)
        # With a fraction: whole columns, which not all ways round, have a test of their own.
        return (rows + np.float32(0.25)).astype(self.dtype)

    @property
    def unlabeled(self) -> Rows:
        rows = make_rows(np.random.default_rng(2), 700, len(NAMES), "ties", np.float32).astype(self.dtype)
        rows[5:400:50] += self.anomalies[:8]
        rows[600:610] = self.anomalies[:10]
        return rows * np.array([1, 3, 0.1, 1, 7], self.dtype)


@dataclass(frozen=True)
class Layout:
    """An order of the unlabelled rows, borders of their parts, and the number of parts of the output."""

    order: int | None
    borders: tuple[int, ...]
    n_out: int

    def unlabeled(self, case: Case) -> Rows:
        rows = case.unlabeled
        return rows if self.order is None else np.random.default_rng(self.order).permutation(rows)

    def parts(self, case: Case) -> list[Rows]:
        return np.split(self.unlabeled(case), self.borders)

    def labelled(self, case: Case) -> tuple[Rows, NDArray[np.int64]]:
        """Rows and labels; the anomalies are spread, in their own order, whatever that of the others."""
        unlabeled, anomalies = self.unlabeled(case), case.anomalies
        where = np.sort(np.random.default_rng(self.order).choice(len(unlabeled), len(anomalies)))
        X = np.insert(unlabeled, where, anomalies, axis=0)
        y = np.insert(np.zeros(len(unlabeled), np.int64), where, 1)
        return X, y


CASES = (
    Case("float32", None),
    Case("float64", "minmax"),
    Case("float32", "standard"),
    Case("float16", "minmax"),
)
LAYOUTS = (Layout(None, (350,), 1), Layout(5, (0, 1, 90, 90, 333, 690), 7))


# ---- the ways ----------------------------------------------------------------------------------------------


def scaled(case: Case) -> tuple[Scale | None, Rows, Rows]:
    """The scale of all rows, and anomalies and unlabelled rows so scaled."""
    state = scale_state(case.scale, len(NAMES))
    anomalies, unlabeled = case.anomalies.astype(case.made), case.unlabeled.astype(case.made)
    if state is None:
        return None, anomalies, unlabeled
    for rows in (unlabeled, anomalies):
        state.update(rows)
    scale = state.scale(case.made)
    return scale, scale.transform(anomalies), scale.transform(unlabeled)


def in_one_call(function: Any, case: Case) -> Made:
    scale, anomalies, unlabeled = scaled(case)
    made = [function(anomalies, unlabeled, N_SAMPLES, random_state=seed) for seed in SEEDS]
    return made if scale is None else [scale.inverse(rows) for rows in made]


def by_reference(case: Case, layout: Layout, _: Any) -> Made:
    return in_one_call(reference.nng_mix, case)


def by_nng_mix(case: Case, layout: Layout, _: Any) -> Made:
    return in_one_call(nngmix.nng_mix, case)


def by_sampler(case: Case, layout: Layout, _: Any) -> Made:
    X, y = layout.labelled(case)
    samplers = [nngmix.NNGMix(n_samples=N_SAMPLES, scale=case.scale, random_state=seed) for seed in SEEDS]
    return [sampler.fit_resample(X, y)[0][len(X) :] for sampler in samplers]


def by_frames(case: Case, layout: Layout, _: Any) -> Made:
    """The sampler on a frame of another library for each seed."""
    X, y = layout.labelled(case)
    table = {name: np.ascontiguousarray(column) for name, column in zip(NAMES, X.T, strict=True)}
    arrow = pa.table(table)
    frames = [pd.DataFrame(table), arrow, arrow if case.dtype == "float16" else pl.DataFrame(table)]
    samplers = [nngmix.NNGMix(n_samples=N_SAMPLES, scale=case.scale, random_state=seed) for seed in SEEDS]
    made = [sampler.fit_resample(frame, y)[0] for sampler, frame in zip(samplers, frames, strict=True)]
    return [np.asarray(rows)[len(X) :] for rows in made]


def by_merged_tables(case: Case, layout: Layout, _: Any) -> Made:
    """A table of each part, merged from the last to the first, and rows made in batches."""
    scale = scaled(case)[0]
    tables = [nngmix.NeighborTable(case.anomalies, scale=scale) for _ in layout.parts(case)]
    for number, (table, part) in enumerate(zip(tables, layout.parts(case), strict=True)):
        table.update(part, row_ids=1000 * number)
    total = tables.pop()
    while tables:
        total.merge(tables.pop())
    size = -(-N_SAMPLES // layout.n_out)
    return [np.concatenate(list(total.batches(N_SAMPLES, size, random_state=seed))) for seed in SEEDS]


def by_command_line(case: Case, layout: Layout, folder: Path) -> Made:
    X, y = layout.labelled(case)
    source, output = folder / "rows.parquet", folder / "new.parquet"
    pq.write_table(pa.table({**dict(zip(NAMES, X.T, strict=True)), "y": y}), source)
    options = ["--label", "y", "--anomaly", "1", "--scale", case.scale or "none", "--only-new"]
    made = []
    for seed in SEEDS:
        command = ["augment", str(source), "-n", str(N_SAMPLES), "-o", str(output), "--seed", str(seed)]
        assert run([*command, *options]) == 0
        made.append(columns_of(pq.read_table(output)))
    return made


def by_volume(case: Case, layout: Layout, folder: Path) -> Made:
    """Files into a folder of files: one input for each part of the rows, the new ones in `n_out` files."""
    X, y = layout.labelled(case)
    source, output = folder / "in", folder / "out"
    source.mkdir()
    for number, span in enumerate(np.split(np.arange(len(X)), layout.borders)):
        table = pa.table({**dict(zip(NAMES, X[span].T, strict=True)), "y": y[span]})
        pq.write_table(table, source / f"{number:02}.parquet", row_group_size=100)
    options = ["--label", "y", "--anomaly", "1", "--scale", case.scale or "none", "-n", str(N_SAMPLES)]
    made = []
    for seed in SEEDS:
        to = output / str(seed)
        to.parent.mkdir(exist_ok=True)
        size = str(-(-N_SAMPLES // layout.n_out))
        command = ["augment", str(source / "*.parquet"), "-o", str(to), "--seed", str(seed)]
        assert run([*command, *options, "--rows-per-file", size]) == 0
        files = sorted(to.glob("part-*.parquet"))
        assert len(files) == layout.n_out
        made.append(columns_of(pa.concat_tables([pq.read_table(file) for file in files])))
    return made


def by_stream(case: Case, layout: Layout, _: Any) -> Made:
    """Arrow batches in, batches of another size out."""
    parts = [pa.record_batch([pa.array(c) for c in part.T.copy()], NAMES) for part in layout.parts(case)]
    table = nngmix.stream.fit(pd.DataFrame(case.anomalies, columns=NAMES), parts, scale=case.scale)
    size = -(-N_SAMPLES // layout.n_out)
    return [np.concatenate(list(table.batches(N_SAMPLES, size, random_state=seed))) for seed in SEEDS]


def by_dask_frame(case: Case, layout: Layout, _: Any) -> Made:
    parts = [pd.DataFrame(part, columns=NAMES) for part in layout.parts(case)]
    frame = dd.from_map(pick, [parts] * len(parts), range(len(parts)), meta=parts[0].iloc[:0])
    table = nngmix.dask.fit(case.anomalies, frame, scale=case.scale)
    made = [
        nngmix.dask.generate(table, N_SAMPLES, layout.n_out, columns=NAMES, random_state=seed)
        for seed in SEEDS
    ]
    return [rows.compute().to_numpy() for rows in made]


def pick(parts: list[Any], number: int) -> Any:
    return parts[number]


def by_dask_array(case: Case, layout: Layout, _: Any) -> Made:
    parts = [da.from_array(part) for part in layout.parts(case) if len(part)]
    table = nngmix.dask.fit(case.anomalies, da.concatenate(parts), scale=case.scale)
    made = [nngmix.dask.generate(table, N_SAMPLES, layout.n_out, random_state=seed) for seed in SEEDS]
    return [rows.compute() for rows in made]


def by_spark(case: Case, layout: Layout, session: Any) -> Made:
    # One partition for each part, whatever Spark would make of them.
    columns = [(number, *row.tolist()) for number, part in enumerate(layout.parts(case)) for row in part]
    kind = "double" if case.dtype == "float64" else "float"
    rows = session.sparkContext.parallelize(columns, len(layout.borders) + 1)
    frame = session.createDataFrame(rows, ", ".join(["part int", *(f"{name} {kind}" for name in NAMES)]))
    table = nngmix.spark.fit(case.anomalies, frame, features=NAMES, scale=case.scale)
    made = [
        nngmix.spark.generate(table, N_SAMPLES, layout.n_out, columns=NAMES, random_state=seed)
        for seed in SEEDS
    ]
    return [columns_of(frame.toArrow()) for frame in made]


def columns_of(table: Any) -> Rows:
    return np.column_stack([table[name].to_numpy() for name in NAMES])


@dataclass(frozen=True)
class Way:
    """A function of case, layout and what it needs, which is the fixture of that name."""

    make: Callable[[Case, Layout, Any], Made]
    needs: str | None = None


WAYS = {
    "reference": Way(by_reference),
    "nng_mix": Way(by_nng_mix),
    "NNGMix": Way(by_sampler),
    "NNGMix, frames": Way(by_frames),
    "merged tables": Way(by_merged_tables),
    "stream": Way(by_stream),
    "command line": Way(by_command_line, "tmp_path"),
    "command line, folder": Way(by_volume, "tmp_path"),
    "Dask DataFrame, threads": Way(by_dask_frame),
    "Dask Array, threads": Way(by_dask_array),
    "Dask DataFrame, 2 processes": Way(by_dask_frame, "client"),
    "Dask Array, 2 processes": Way(by_dask_array, "client"),
    "Spark": Way(by_spark, "spark"),
}


def digest(made: Made, case: Case) -> str:
    """One hash of the bytes of all seeds, in row-major order, of the expected type and shape."""
    for rows in made:
        assert rows.dtype == case.made
        assert rows.shape == (N_SAMPLES, len(NAMES))
    return hashlib.sha256(b"".join(rows.tobytes() for rows in made)).hexdigest()


@pytest.fixture(scope="module")
def truth() -> dict[Case, str]:
    return {case: digest(by_nng_mix(case, LAYOUTS[0], None), case) for case in CASES}


@pytest.mark.parametrize("layout", LAYOUTS, ids=["in order", "shuffled"])
@pytest.mark.parametrize("case", CASES, ids=[f"{case.dtype}-{case.scale}" for case in CASES])
@pytest.mark.parametrize("way", WAYS)
def test_one_truth(
    way: str, case: Case, layout: Layout, truth: dict[Case, str], request: pytest.FixtureRequest
) -> None:
    needs = WAYS[way].needs
    tool = None if needs is None else request.getfixturevalue(needs)
    assert digest(WAYS[way].make(case, layout, tool), case) == truth[case]


def test_cases_differ(truth: dict[Case, str]) -> None:
    """The truth is not that all is the same anyway: seeds, types and scales make other bytes."""
    assert len(set(truth.values())) == len(CASES)
    for case in CASES:
        assert len({rows.tobytes() for rows in by_nng_mix(case, LAYOUTS[0], None)}) == len(SEEDS)


# ---- classes, and rows that are left out ------------------------------------------------------------------


@dataclass(frozen=True)
class Labelled:
    """A table with a label in which some rows lack values, and what its anomalies are called."""

    dtype: str
    kinds: tuple[str, ...]

    @property
    def case(self) -> Case:
        return Case(self.dtype, "minmax")

    def table(self) -> tuple[Rows, NDArray[Any]]:
        X, y = LAYOUTS[1].labelled(self.case)
        label = np.full(len(X), "ok", dtype=object)
        label[np.flatnonzero(y)] = [self.kinds[i % len(self.kinds)] for i in range(int(y.sum()))]
        X[[3, 200, 500], [0, 4, 2]] = np.nan, np.inf, -np.inf
        X[np.flatnonzero(y)[4], 1] = np.nan
        return X, label

    def truth(self, seed: int) -> Rows:
        """The sampler on the rows that are whole."""
        X, label = self.table()
        whole = np.isfinite(X).all(axis=1)
        sampler = nngmix.NNGMix(n_samples=N_SAMPLES, anomaly_label=list(self.kinds), random_state=seed)
        return np.asarray(sampler.fit_resample(X[whole], label[whole])[0][int(whole.sum()) :])


def labelled_by_sampler(of: Labelled, _: Any) -> Made:
    X, y = of.table()
    frames = [X, pd.DataFrame(X, columns=NAMES), pa.table(dict(zip(NAMES, X.T.copy(), strict=True)))]
    made = []
    for seed, frame in zip(SEEDS, frames, strict=True):
        sampler = nngmix.NNGMix(
            n_samples=N_SAMPLES, anomaly_label=list(of.kinds), missing="skip", random_state=seed
        )
        made.append(np.asarray(sampler.fit_resample(frame, y)[0])[len(X) :])
    return made


def labelled_by_dask(of: Labelled, _: Any) -> Made:
    X, y = of.table()
    frame = dd.from_pandas(pd.DataFrame(X, columns=NAMES).assign(y=y), npartitions=5)
    options = {"label": "y", "unlabeled": "ok", "missing": "skip", "only_new": True, "npartitions": 3}
    made = [nngmix.dask.augment(frame, N_SAMPLES, random_state=seed, **options) for seed in SEEDS]
    return [rows[list(NAMES)].compute().to_numpy() for rows in made]


def labelled_by_spark(of: Labelled, session: Any) -> Made:
    X, y = of.table()
    kind = "double" if of.dtype == "float64" else "float"
    values = [(*row, label) for row, label in zip(X.tolist(), y, strict=True)]
    rows = session.sparkContext.parallelize(values, 3)
    frame = session.createDataFrame(rows, ", ".join([*(f"{name} {kind}" for name in NAMES), "y string"]))
    options = {"label": "y", "anomaly": of.kinds, "missing": "skip", "only_new": True, "num_partitions": 2}
    made = [nngmix.spark.augment(frame, N_SAMPLES, random_state=seed, **options) for seed in SEEDS]
    return [columns_of(rows.toArrow()) for rows in made]


def labelled_by_command_line(of: Labelled, folder: Path) -> Made:
    """From file to file, and from a folder of two files to a folder."""
    X, y = of.table()
    table = pa.table({**dict(zip(NAMES, X.T.copy(), strict=True)), "y": pa.array(y.tolist())})
    (folder / "in").mkdir()
    pq.write_table(table, folder / "rows.parquet")
    for number, rows in enumerate((slice(0, 300), slice(300, None))):
        part = table.slice(rows.start, (rows.stop or len(X)) - rows.start)
        pq.write_table(part, folder / "in" / f"{number}.parquet")
    anomalies = [word for kind in of.kinds for word in ("--anomaly", kind)]
    options = ["--label", "y", *anomalies, "--missing", "skip", "-n", str(N_SAMPLES)]
    made = []
    for seed in SEEDS:
        if seed == SEEDS[0]:
            source, output = folder / "rows.parquet", folder / "new.parquet"
            more = ["--only-new"]
        else:
            source, output, more = folder / "in", folder / str(seed), []
        command = ["augment", str(source), "-o", str(output), "--seed", str(seed)]
        assert run([*command, *options, *more]) == 0
        files = [output] if output.is_file() else sorted(output.glob("part-*.parquet"))
        made.append(columns_of(pa.concat_tables([pq.read_table(file) for file in files])))
    return made


LABELLED_WAYS: dict[str, tuple[Callable[[Labelled, Any], Made], str | None]] = {
    "NNGMix": (labelled_by_sampler, None),
    "Dask": (labelled_by_dask, None),
    "Spark": (labelled_by_spark, "spark"),
    "command line": (labelled_by_command_line, "tmp_path"),
}


@pytest.mark.filterwarnings("ignore:left out 4 of 715 rows:UserWarning")
@pytest.mark.parametrize("kinds", [("odd",), ("dos", "scan", "worm")], ids=["one class", "three classes"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("way", LABELLED_WAYS)
def test_one_truth_of_classes_and_gaps(
    way: str, dtype: str, kinds: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    make, needs = LABELLED_WAYS[way]
    of = Labelled(dtype, kinds)
    made = make(of, None if needs is None else request.getfixturevalue(needs))
    expected = [of.truth(seed) for seed in SEEDS]
    assert digest(made, of.case) == digest(expected, of.case)


# ---- the table of hashes -----------------------------------------------------------------------------------


def main() -> int:
    """Print the first digits of every hash; the exit code says whether all agree."""
    from distributed import Client

    rows, agree = [], True
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        cluster = stack.enter_context(clusters.dask_cluster(2))
        session = clusters.spark_session(2)
        stack.callback(session.stop)
        for name, way in WAYS.items():
            for number, layout in enumerate(LAYOUTS):
                hashes = []
                for case in CASES:
                    if way.needs == "client":
                        with Client(cluster) as client:
                            made = way.make(case, layout, client)
                    elif way.needs == "tmp_path":
                        made = way.make(case, layout, Path(tempfile.mkdtemp(dir=folder)))
                    else:
                        made = way.make(case, layout, session)
                    hashes.append(digest(made, case)[:16])
                rows.append((name, "in order" if number == 0 else "shuffled", *hashes))
    titles = ("way", "rows", *(f"{case.dtype}, {case.scale}" for case in CASES))
    print(f"nngmix {nngmix.__version__}, seeds {SEEDS}, {N_SAMPLES} rows of {len(NAMES)} columns each")
    for row in (titles, *rows):
        print("| " + " | ".join(f"{cell:<27}" for cell in row) + " |")
    agree = all(len({row[column] for row in rows}) == 1 for column in range(2, 2 + len(CASES)))
    print("all agree" if agree else "THEY DIFFER")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
