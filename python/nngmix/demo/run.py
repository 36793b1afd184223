"""The demo from its data to its table, picture and numbers."""

import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nngmix.demo.first_rows import first_lines, first_rows
from nngmix.demo.measure import Score, evaluate, make_rows
from nngmix.demo.picture import draw
from nngmix.demo.scores import table_lines, verdicts, write_results
from nngmix.demo.shuttle import N_LABELED, Split, load_shuttle, split_rows
from nngmix.files.table import Table
from nngmix.files.writer import check_target, write_table
from nngmix.rows.rows import as_rows

__all__ = ["run_demo"]

N_SEEDS = 5
_INTRODUCTION = """\
Anomalies are rare, and labelled ones rarer. Here are {n_train:,} rows of space-shuttle sensor data;
{n_hidden:,} of them are anomalies, but only {n_labeled} are labelled: the others hide among the unlabelled.
Two detectors learn to tell the {n_labeled} from all other rows: from the data as they are, with copies of
the {n_labeled} added ("duplicates"), and with as many new ones made by NNG-Mix. How well does each then find
the anomalies among {n_test:,} rows it has never seen? Mean of {n_seeds} runs (lowest-highest), * = best.
"""
_CAVEAT = """\
One data set and two detectors: on others the gain may be larger, smaller or none. Part of it is that
HistGradientBoosting, as it comes, needs 20 rows a leaf and can hardly learn from {n_labeled}."""


def run_demo(
    folder: str, *, seed: int = 0, n_rows: int | None = None, say: Callable[[str], object] = print
) -> list[Score]:
    """Run the demo and write its table, picture and numbers.

    Parameters
    ----------
    folder : str
        Where to write; made if it is not there.
    seed : int
        The first of the seeds; each gives another split, other labels and other new rows.
    n_rows : int or None
        Take only this many rows of the data, for a quick look.
    say : callable
        Gets the lines to print.
    """
    _need_extra()
    os.makedirs(folder, exist_ok=True)
    paths = {name: os.path.join(folder, name) for name in ("augmented.parquet", "demo.png", "results.json")}
    check_target(paths["augmented.parquet"])
    names, X, y = load_shuttle(n_rows)
    splits = [split_rows(X, y, seed + i) for i in range(N_SEEDS)]
    say(_introduction(splits[0]))
    scores = [score for i, split in enumerate(splits) for score in evaluate(split, seed + i)]
    for line in (*table_lines(scores), "", *verdicts(scores), _CAVEAT.format(n_labeled=N_LABELED)):
        say(line)
    found = first_rows(splits, seed)
    for line in ("", *first_lines(splits, found)):
        say(line)
    write_results(paths["results.json"], scores, found)
    rows = write_augmented(paths["augmented.parquet"], splits[0], names, seed)
    draw(paths["demo.png"], splits[0], rows, scores)
    about = ("the first training table with its new rows", "the picture", "every number")
    say("\nWritten:")
    for path, what in zip(paths.values(), about, strict=True):
        say(f"  {path:<34} {what}")
    return scores


def _need_extra() -> None:
    try:
        import matplotlib  # noqa: F401
        import pyarrow  # noqa: F401
        import river  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError as error:
        raise ImportError(f"the demo needs {error.name}: pip install 'nngmix[demo]'") from error


def _introduction(split: Split) -> str:
    return _INTRODUCTION.format(
        n_train=len(split.X),
        n_hidden=int(split.hidden.sum()) + N_LABELED,
        n_labeled=N_LABELED,
        n_test=len(split.X_test),
        n_seeds=N_SEEDS,
    )


def write_augmented(path: str, split: Split, names: list[str], seed: int) -> NDArray[np.float64]:
    """Write the training table with 10 % anomalies and the plan of the new rows; return the new rows."""
    import pyarrow as pa

    table = Table(
        path=path,
        rows=as_rows("the rows", split.X),
        features=tuple(names),
        label="anomaly",
        labels=pa.chunked_array([split.labeled.astype(np.int64)]),
        ignored={},
        columns=(*names, "anomaly"),
    )
    new = make_rows(split, "10%", seed)
    write_table(path, table, new.rows, new.labels, plan=new.plan.columns())
    return new.rows
