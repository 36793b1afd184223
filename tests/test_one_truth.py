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
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nngmix.neighbors.scaled import ScaledTable
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
    def anomalies(self) -> Rows:
        return make_rows(np.random.default_rng(1), 15, len(NAMES), "ties", self.dtype)

    @property
    def unlabeled(self) -> Rows:
        rows = make_rows(np.random.default_rng(2), 700, len(NAMES), "ties", self.dtype)
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


CASES = (Case("float32", None), Case("float64", "minmax"), Case("float32", "standard"))
LAYOUTS = (Layout(None, (350,), 1), Layout(5, (0, 1, 90, 90, 333, 690), 7))


# ---- the ways ----------------------------------------------------------------------------------------------


def scaled(case: Case) -> tuple[Scale | None, Rows, Rows]:
    """The scale of all rows, and anomalies and unlabelled rows so scaled."""
    state = scale_state(case.scale, len(NAMES))
    if state is None:
        return None, case.anomalies, case.unlabeled
    for rows in (case.unlabeled, case.anomalies):
        state.update(rows)
    scale = state.scale(np.dtype(case.dtype))
    return scale, scale.transform(case.anomalies), scale.transform(case.unlabeled)


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


def by_merged_tables(case: Case, layout: Layout, _: Any) -> Made:
    """A table of each part, merged from the last to the first, and rows made in batches."""
    scale = scaled(case)[0]
    tables = [ScaledTable(case.anomalies, scale) for _ in layout.parts(case)]
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
    kind = "float" if case.dtype == "float32" else "double"
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
        assert rows.dtype == case.dtype
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
