"""``nngmix evaluate``: is it worth it, on these data?"""

import json
import os
import shlex
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from nngmix.cli.command import SeveralValues
from nngmix.cli.options import categorical_option, complete_path, csv_format, csv_options
from nngmix.cli.progress import CellProgress
from nngmix.cli.summary import say, tell
from nngmix.files.owner import owned
from nngmix.parameters.amount import Amount
from nngmix.rows.asked_columns import Features, Missing

__all__ = ["evaluate"]

T = TypeVar("T")

_MEMBERS = {
    "results": "The file of all cells.",
    "report": "The page.",
    "measured": "Cells measured now.",
    "found": "Cells that were there.",
    "failed": "Cells that failed.",
    "summary": "For each setting, method and amount: means, medians and gains.",
}
_DEFAULT_METHODS = ("none", "class_weight", "duplicate", "smote", "nng_mix")
_DEFAULT_DETECTORS = ("hist_gradient_boosting", "random_forest", "logistic_regression", "mlp")

_METHODS_HELP = (
    "none, class_weight, duplicate, smote, smotenc (with --categorical in the place of smote), nng_mix, "
    "mixup, cutout, cutmix, gaussian_noise, auto (what nngmix chooses for the detector); with settings: "
    "nng_mix:noise_std=0.3,n_neighbors=5."
)
_DETECTORS_HELP = (
    "hist_gradient_boosting, random_forest, extra_trees, logistic_regression, mlp, svm, xgboost, deepsad; "
    "with settings as well. Measured without methods: neighbor_score, "
    "ensemble:estimator=random_forest,filling=both, balanced_random_forest, easy_ensemble, isolation_forest, "
    "knn_distance; with the extra rivals: xgbod, devnet, prenet, rosas, feawad."
)
_GROUP = "Column of groups, no feature: all rows of one are on one side of the split."
_TIME = "Column of times, no feature: the last 30 % are the test."
_HIDE = "Labels of anomalies that are never labelled, and alone judged: kinds that nobody has seen."
_ANOMALY = "Labels of the anomalies; all other rows are normal. 1 unless they or --unlabeled are given."
_UNLABELED = "Labels of the normal rows; without --anomaly all other values are anomalies."
_MISSING = (
    "Rows with a missing or infinite feature: an error; leave them out; or keep what is missing, which not "
    "all detectors take."
)


def _each(read: Callable[[str], T]) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], list[T]]:
    """A click callback that reads every value and names the one it cannot read."""

    def callback(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> list[T]:
        try:
            return [read(text) for text in texts]
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    return callback


def _command() -> str:
    """What the user typed, for the report to repeat."""
    return shlex.join(["nngmix", *sys.argv[1:]])


def _ratio(text: str) -> Any:
    from nngmix.evaluation.protocols import Labels

    return Labels(ratio=float(text))


def _count(text: str) -> Any:
    from nngmix.evaluation.protocols import Labels

    return Labels(count=int(text))


def _seed(text: str) -> int:
    seed = int(text)
    if not 0 <= seed < 1 << 32:
        raise ValueError(f"seeds must be between 0 and {(1 << 32) - 1}, got {seed}")
    return seed


def _amount(text: str) -> str:
    """``5`` and ``5x`` are the same; ``10%`` is a share of the unlabelled rows."""
    text = text.strip()
    if text in ("0", "0x"):
        return "0"
    amount = Amount.parse(text if text.endswith("%") else f"{text.removesuffix('x')}x")
    return f"{amount.multiplier:g}x" if amount.multiplier is not None else f"{100 * (amount.share or 0):g}%"


@click.command(
    cls=SeveralValues,
    members=_MEMBERS,
    short_help="Measure on data with known anomalies what helps.",
    context_settings={"show_default": True},
)
@click.argument("data", nargs=-1, required=True, shell_complete=complete_path)
@click.option("--methods", multiple=True, default=_DEFAULT_METHODS, metavar="METHOD ...", help=_METHODS_HELP)
@click.option(
    "--detectors", multiple=True, default=_DEFAULT_DETECTORS, metavar="DETECTOR ...", help=_DETECTORS_HELP
)
@click.option(
    "--ratios",
    multiple=True,
    callback=_each(_ratio),
    metavar="RATIO ...",
    help="Labelled part of 10 % of the training anomalies: 0.1 is 1 %. Without --labels: 1.0 0.1.",
)
@click.option(
    "--labels", multiple=True, callback=_each(_count), metavar="COUNT ...", help="Fixed numbers of labels."
)
@click.option(
    "--multipliers",
    multiple=True,
    default=("10", "10%"),
    callback=_each(_amount),
    metavar="AMOUNT ...",
    help="New rows: 10 for each labelled anomaly, or 10%: anomalies up to that share of the unlabelled rows.",
)
@click.option(
    "--seeds",
    multiple=True,
    default=("0", "1", "2"),
    callback=_each(_seed),
    metavar="SEED ...",
    help="Each gives another split, other labels and other new rows.",
)
@click.option(
    "--protocol",
    type=click.Choice(["clean", "paper"]),
    default="clean",
    help="clean: no row on both sides of a split. paper: the published experiment.",
)
@click.option("--label", metavar="COLUMN", help="Column of the labels. In an NPZ: the array y unless named.")
@click.option("--anomaly", multiple=True, metavar="VALUE ...", help=_ANOMALY)
@click.option("--unlabeled", multiple=True, metavar="VALUE ...", help=_UNLABELED)
@click.option("--ignore", multiple=True, metavar="COLUMN ...", help="Columns that are no features.")
@click.option("--group", metavar="COLUMN", help=_GROUP)
@click.option("--time", metavar="COLUMN", help=_TIME)
@click.option("--hide-class", multiple=True, metavar="VALUE ...", help=_HIDE)
@categorical_option
@click.option("--missing", type=click.Choice(["error", "skip", "keep"]), default="error", help=_MISSING)
@csv_options
@click.option(
    "--min-labels", type=click.IntRange(min=1), default=3, help="At least this many labels (clean)."
)
@click.option(
    "--max-rows", type=click.IntRange(min=100), default=10_000, help="Subsample larger sets (clean)."
)
@click.option(
    "-o",
    "--output",
    default="nngmix-evaluation",
    shell_complete=complete_path,
    help="Folder for results and report.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes: one a core unless given.")
@click.option("--retry-failed", is_flag=True, help="Measure again what failed before.")
def evaluate(
    data: tuple[str, ...],
    methods: tuple[str, ...],
    detectors: tuple[str, ...],
    ratios: list[Any],
    labels: list[Any],
    multipliers: list[str],
    seeds: list[int],
    protocol: str,
    label: str | None,
    anomaly: tuple[str, ...],
    unlabeled: tuple[str, ...],
    ignore: tuple[str, ...],
    group: str | None,
    time: str | None,
    hide_class: tuple[str, ...],
    categorical_features: Features,
    missing: Missing,
    min_labels: int,
    max_rows: int,
    output: str,
    jobs: int | None,
    retry_failed: bool,
    **csv: Any,
) -> None:
    """Train detectors with few labels on DATA, with and without made anomalies, and report what helped.

    DATA are .npz files with X and y (1: anomaly), folders of them, or your own tables (.csv, .parquet and
    whatever nngmix augment reads) with --label. Rows without the anomaly's label count as normal, so the
    labels should be true: most of them are hidden from training and used to judge. Rows are made after the
    split, from training rows alone: made before it, they carry test rows into training. Rows that belong
    together (of one customer, machine or day) are kept on one side by --group or --time. Name DATA before
    the options. Options take several values. A run that was stopped goes on where it was: give the same
    command again.

    \b
    nngmix evaluate mine.csv --label class --anomaly fraud
    nngmix evaluate flows.csv.gz --label kind --anomaly smurf. satan. --labels 5 20
    nngmix evaluate mine.csv --label class --anomaly fraud --methods none nng_mix nng_mix:noise_std=0.3
    nngmix evaluate mine.csv --label class --anomaly fraud --detectors random_forest neighbor_score ensemble
    nngmix evaluate flows.csv --label kind --unlabeled normal. --hide-class satan. --time start
    nngmix evaluate ADBench/Classical --detectors mlp --ratios 0.1 --multipliers 5 --seeds 0
    """
    from nngmix import evaluation

    if categorical_features is not None and methods == _DEFAULT_METHODS:
        methods = tuple("smotenc" if method == "smote" else method for method in methods)
    chosen = evaluation.check_specs(methods, detectors)
    sources = evaluation.find_sources(
        data,
        label,
        anomaly,
        ignore,
        unlabeled=unlabeled,
        missing=missing,
        categorical_features=categorical_features,
        csv=csv_format(csv),
        group=group,
        time=time,
        hide=hide_class,
    )
    # One's own table is read now, so that a wrong name is told before any work; archives of a benchmark
    # may be many, and one that cannot be read is a failing cell.
    for source in sources:
        if label is not None:
            evaluation.load(source)
    cells = evaluation.plan_cells(
        sources,
        protocol=protocol,
        labels=[*ratios, *labels] or [evaluation.Labels(ratio=ratio) for ratio in (1.0, 0.1)],
        seeds=seeds,
        methods=chosen.methods,
        amounts=multipliers,
        detectors=chosen.detectors,
        min_labels=min_labels,
        max_rows=max_rows,
    )
    results = os.path.join(output, "results.csv")
    with owned(output):
        with CellProgress() as progress:
            outcome = evaluation.run_cells(
                cells, results, n_jobs=jobs, retry_failed=retry_failed, callback=progress
            )
        found = {evaluation.key_of(row): row for row in evaluation.read_rows(results)}
        rows = [found[evaluation.key_of(cell.key)] for cell in cells]
        say(f"{results}: {outcome.measured:,} cells measured, {outcome.found:,} were there")
        if outcome.failed:
            say(f"  {outcome.failed:,} failed; their error is in the file, --retry-failed tries again")
        report = evaluation.write_report(output, rows, command=_command())
    for line in evaluation.as_text(report.summary):
        say(line)
    say(f"\n{report.path}")
    # By way of pandas, which knows what is missing.
    summary = json.loads(report.summary.to_json(orient="records"))
    counts = {"measured": outcome.measured, "found": outcome.found, "failed": outcome.failed}
    tell({"results": results, "report": report.path, **counts, "summary": summary})
