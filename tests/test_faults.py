"""Lost workers and failing tasks: the job ends, with the bytes of an undisturbed one.

A fault happens once, in the middle of the work; a file tells whether it has happened.
"""

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import nngmix.dask
import nngmix.spark
from nngmix import NeighborTable
from nngmix.rows.scaling import scale_state
from strategies import make_rows

NAMES = list("abcde")
N_PARTS = 8
N_SAMPLES = 4000


def data() -> tuple[NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(0)
    # No column is whole, whose new values a fit would round.
    return make_rows(rng, 12, 5, "ties", np.float32) + 0.25, make_rows(
        rng, 1600, 5, "ties", np.float32
    ) + 0.25


def undisturbed() -> tuple[NeighborTable, NDArray[Any]]:
    anomalies, unlabeled = data()
    state = scale_state("minmax", 5)
    assert state is not None
    for rows in (anomalies, unlabeled):
        state.update(rows)
    table = NeighborTable(anomalies, scale=state.scale(anomalies.dtype)).update(unlabeled)
    return table, table.rows(0, N_SAMPLES, random_state=6)


def first_time(marker: Path) -> bool:
    """Whether nobody has been here before; only one asker is told so."""
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def die_once(marker: Path) -> None:
    if first_time(marker):
        os.kill(os.getpid(), signal.SIGKILL)


# ---- Dask --------------------------------------------------------------------------------------------------


def read_and_die(number: int, folder: Path) -> pd.DataFrame:
    """Part of the data; a worker dies in the middle of the first pass, and one in that of the second."""
    with open(folder / f"reads-{number}", "a") as reads:
        reads.write("x")
    n_reads = (folder / f"reads-{number}").stat().st_size
    if number == 5:
        die_once(folder / ("survey" if n_reads == 1 else "search"))
    return pd.DataFrame(np.array_split(data()[1], N_PARTS)[number], columns=NAMES)


def pass_or_die(part: pd.DataFrame, marker: Path) -> pd.DataFrame:
    if len(part) and part.index[0] >= N_SAMPLES // 2:
        die_once(marker)
    return part


def workers(client: Any) -> set[int]:
    return set(client.run(os.getpid).values())


def test_a_dask_worker_killed_while_it_searches(client: Any, tmp_path: Path) -> None:
    anomalies, unlabeled = data()
    before = workers(client)
    frame = dd.from_map(
        read_and_die, range(N_PARTS), folder=tmp_path, meta=pd.DataFrame(unlabeled[:0], columns=NAMES)
    )
    table = nngmix.dask.fit(anomalies, frame, scale="minmax")
    assert (tmp_path / "survey").exists()
    assert (tmp_path / "search").exists()
    expected, rows = undisturbed()
    assert table.n_seen == expected.n_seen == len(unlabeled)
    assert table.neighbor_rows.tobytes() == expected.neighbor_rows.tobytes()
    assert table.rows(0, N_SAMPLES, random_state=6).tobytes() == rows.tobytes()
    client.wait_for_workers(2, timeout=60)
    assert workers(client) != before


def test_a_dask_worker_killed_while_it_makes_rows(client: Any, tmp_path: Path) -> None:
    """What it had made is lost with it, and made again by others."""
    table, rows = undisturbed()
    before = workers(client)
    made = nngmix.dask.generate(table, N_SAMPLES, N_PARTS, columns=NAMES, random_state=6)
    disturbed = made.map_partitions(pass_or_die, tmp_path / "made", meta=made._meta)
    assert disturbed.compute().to_numpy().tobytes() == rows.tobytes()
    assert (tmp_path / "made").exists()
    client.wait_for_workers(2, timeout=60)
    assert workers(client) != before


def test_made_rows_lost_with_a_dask_worker_are_made_again(client: Any) -> None:
    from distributed import wait

    table, rows = undisturbed()
    made = nngmix.dask.generate(table, N_SAMPLES, N_PARTS, random_state=6).persist()
    wait(made)
    os.kill(min(workers(client)), signal.SIGKILL)
    assert made.compute().tobytes() == rows.tobytes()


# ---- Spark -------------------------------------------------------------------------------------------------


def spark_frame(session: Any) -> Any:
    rows = session.sparkContext.parallelize(data()[1].tolist(), 4)
    return session.createDataFrame(rows, ", ".join(f"{name} float" for name in NAMES))


def failing(marker: Path, how: str) -> Any:
    """A function for mapInArrow that hands its batches on; once, in partition 2, it fails after the first."""

    def pass_on(batches: Iterable[Any]) -> Iterator[Any]:
        from pyspark import TaskContext

        for batch in batches:
            yield batch
            context = TaskContext.get()
            if context is not None and context.partitionId() == 2:
                try:
                    os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
                except FileExistsError:
                    continue
                if how == "killed":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError("this disk is gone")

    return pass_on


@pytest.mark.parametrize("how", ["raises", "killed"])
def test_a_spark_task_that_fails_while_it_searches(spark: Any, tmp_path: Path, how: str) -> None:
    frame = spark_frame(spark)
    disturbed = frame.mapInArrow(failing(tmp_path / "marker", how), frame.schema)
    table = nngmix.spark.fit(data()[0], disturbed, scale="minmax")
    assert (tmp_path / "marker").exists()
    expected, rows = undisturbed()
    assert table.n_seen == expected.n_seen
    assert table.rows(0, N_SAMPLES, random_state=6).tobytes() == rows.tobytes()


@pytest.mark.parametrize("how", ["raises", "killed"])
def test_a_spark_task_that_fails_while_it_makes_rows(spark: Any, tmp_path: Path, how: str) -> None:
    table, rows = undisturbed()
    made = nngmix.spark.generate(table, N_SAMPLES, 4, columns=NAMES, random_state=6)
    arrow = made.mapInArrow(failing(tmp_path / "marker", how), made.schema).toArrow()
    assert (tmp_path / "marker").exists()
    assert np.column_stack([arrow[name].to_numpy() for name in NAMES]).tobytes() == rows.tobytes()
