"""``nngmix rank`` and ``nngmix score``: which rows should be looked at first?"""

import os
import secrets
from typing import Any

import click

from nngmix.cli.command import Command
from nngmix.cli.options import (
    SEED,
    categorical_option,
    complete_path,
    csv_format,
    csv_options,
    scale_name,
    thread_option,
    weight_option,
)
from nngmix.cli.progress import Progress
from nngmix.cli.ranked import RANKED_MEMBERS, ranked_lines, ranked_told
from nngmix.cli.summary import (
    category_lines,
    human_size,
    label_text,
    left_out_lines,
    print_summary,
    say,
)
from nngmix.files.formats import expand
from nngmix.files.paths import check_output
from nngmix.files.writer import check_target, write_columns
from nngmix.neighbors.spec import Missing
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.kinds import categories_told
from nngmix.rows.labels import LabelRule

__all__ = ["rank", "score"]

_SOURCES = {
    "inputs": "What was named.",
    "output": "The scores.",
    "rows": "Rows read.",
    "ranked_rows": "Rows with a score.",
}
_LAST = {"bytes": "Size of the scores.", "seconds": "Time of each stage.", **RANKED_MEMBERS}
_MEMBERS = {
    **_SOURCES,
    "labelled_anomalies": "Rows with the label of an anomaly.",
    "known_normal_rows": "Rows with the label of a normal row.",
    "missing_rows": "Rows without a score since they are not finite.",
    "detector": "What ranked them.",
    "seed": "Of what is random.",
    "model": "The saved state, or null.",
    "report": "The page, or null.",
    **_LAST,
}
_ANOMALY = "Label of the known anomalies; repeatable."
_UNLABELED = (
    "Label of the rows to be ranked; repeatable. Without it, all rows that are neither known anomalies nor "
    "known normal; without --anomaly, all other values are anomalies."
)
_NORMAL = "Label of rows that are known to be normal; repeatable. Rows near them fall."
_ID = "Column that tells rows apart, shown beside the scores; it is no feature."
_TOP = "Rows that are printed, with their reasons."
_MODEL = (
    "Save what was learned, for nngmix score: an .npz, in which nothing is pickled; of an ensemble a "
    ".joblib, which runs code when it is read: read none from others."
)
_SAVED = "What nngmix rank --model has saved."
_REPORT = "Write a page with the picture of the ranked rows; needs pip install 'nngmix[demo]'."
_REFERENCE = "Unlabelled rows that others are compared with: of more, a seeded sample."
_DETECTOR = (
    "What ranks: score, or ensemble, which trains many small detectors, has the whole table in memory "
    "and needs pip install 'nngmix[detect]'."
)
_ESTIMATOR = "What the ensemble trains: rf, et (extra trees), hgb, lr or mlp; rf unless given."
_MISSING = (
    "Rows with a missing or infinite feature: an error; skip them: they get no score; or keep them: what is "
    "missing differs from all else, and only infinite values are an error."
)
_MISSING_NOW = (
    "Rows with a missing or infinite feature: an error; skip them: they get no score; or keep them, if "
    "nngmix rank was told so. As it was told unless given."
)
_FEATURE = "Only columns named so are features; repeatable."
_OUTPUT = "Table of all scores: .csv, .parquet, .feather."


def _parse_path(context: click.Context, parameter: click.Parameter, path: str | None) -> str | None:
    """A file that can be written is told before the work from one that cannot."""
    if path is not None and not context.resilient_parsing:
        if parameter.name == "output":
            check_target(path)
        elif parameter.name == "report" and not path.lower().endswith((".html", ".htm")):
            raise click.BadParameter(f"the ending must be .html, got {path}")
        else:
            check_output(path)
    return path


def _check_apart(sources: tuple[str, ...], output: str) -> None:
    """ValueError if the scores would take the place of the rows."""
    if os.path.realpath(output) in map(os.path.realpath, expand(sources)):
        raise ValueError(f"{output}: is what is read: the scores would take its place; name another file")


@click.command(
    cls=Command,
    members=_MEMBERS,
    short_help="Rank the rows of a table: which to look at first.",
    context_settings={"show_default": True},
)
@click.argument("sources", metavar="TABLE...", nargs=-1, required=True, shell_complete=complete_path)
@click.option(
    "-o", "--output", required=True, callback=_parse_path, shell_complete=complete_path, help=_OUTPUT
)
@click.option("--label", metavar="COLUMN", help="Column of the labels. In an NPZ: the array y unless named.")
@click.option("--anomaly", multiple=True, metavar="VALUE", help=_ANOMALY)
@click.option("--unlabeled", multiple=True, metavar="VALUE", help=_UNLABELED)
@click.option("--normal", multiple=True, metavar="VALUE", help=_NORMAL)
@click.option("--id", metavar="COLUMN", help=_ID)
@click.option("--top", type=click.IntRange(min=0), default=20, help=_TOP)
@click.option("--ignore", multiple=True, metavar="COLUMN", help="A column that is no feature; repeatable.")
@click.option("--feature", "features", multiple=True, metavar="COLUMN", help=_FEATURE)
@categorical_option
@click.option("--missing", type=click.Choice(["error", "skip", "keep"]), default="error", help=_MISSING)
@csv_options
@click.option("--detector", default="score", metavar="NAME", help=_DETECTOR)
@click.option("--estimator", metavar="NAME", help=_ESTIMATOR)
@click.option(
    "--n-neighbors", type=click.IntRange(min=1), default=10, help="Distance to which unlabelled row counts."
)
@click.option(
    "--scale",
    type=click.Choice(["minmax", "standard", "none"]),
    default="minmax",
    help="Scale of the features.",
)
@weight_option
@click.option("--reference-rows", type=click.IntRange(min=2), default=100_000, help=_REFERENCE)
@click.option("--seed", type=SEED, help="Same data, options and seed: the same scores.")
@click.option("--model", metavar="FILE", shell_complete=complete_path, help=_MODEL)
@click.option("--report", metavar="FILE", callback=_parse_path, shell_complete=complete_path, help=_REPORT)
@thread_option
def rank(
    sources: tuple[str, ...],
    output: str,
    label: str | None,
    anomaly: tuple[str, ...],
    unlabeled: tuple[str, ...],
    normal: tuple[str, ...],
    id: str | None,
    top: int,
    ignore: tuple[str, ...],
    features: tuple[str, ...],
    detector: str,
    model: str | None,
    report: str | None,
    seed: int | None,
    scale: str,
    **options: Any,
) -> None:
    """Rank the rows of TABLE that nobody has labelled: those most like the known anomalies first.

    A row ranks high if it is near to labelled anomalies and far from most other rows. All scores are written
    to the output by rank, with the number of the row (from 0) and its --id; the first ones are printed with
    the nearest known anomaly and the columns that tell. Label those as anomalies or as known normal rows, and
    run it again: a few rounds find more than one.

    \b
    nngmix rank mine.csv --label class --anomaly fraud -o ranked.csv
    nngmix rank flows.parquet --label class --anomaly attack --id id --ignore time --top 5 -o ranked.csv
    nngmix rank 'data/*.parquet' --label class --anomaly attack -o ranked.parquet --model model.npz

    TABLE is what nngmix augment reads: a file, or files, folders and patterns, which are one table and are
    read twice, a block at a time. Memory holds --reference-rows rows, and the scores and ids of all.
    """
    from nngmix.ranking import RankInputs
    from nngmix.ranking import rank as rank_rows
    from nngmix.ranking.rankers import RANKERS, check_model, make_ranker

    _check_apart(sources, output)
    is_npz = sources[0].lower().endswith(".npz")
    if label is None and not is_npz:
        raise click.UsageError("Missing option '--label': only an NPZ has a default for it.")
    if not (anomaly or unlabeled):
        if not is_npz:
            raise click.UsageError("Missing option '--anomaly' (or '--unlabeled').")
        anomaly = ("1",)
    rule = LabelRule.of(anomaly or None, unlabeled or None, normal or None)
    csv = csv_format(options)
    columns = ColumnsAsked(options["categorical_features"], missing=options["missing"])
    seed = secrets.randbits(63) if seed is None else seed
    if detector not in RANKERS:
        raise click.UsageError(f"'--detector' must be one of {', '.join(RANKERS)}, got {detector!r}.")
    ranker = make_ranker(detector, scale=scale_name(scale), random_state=seed, **options)
    if model is not None:
        check_model(detector, model)
    if report is not None:
        from nngmix.ranking.page import need_extra

        need_extra()
    progress = Progress()
    try:
        inputs = RankInputs(sources, label or "y", features, ignore, id, csv, columns)
        ranked = rank_rows(inputs, rule, ranker, top=top, report=lambda stage, _: progress.lap(stage))
    finally:
        progress.close()
    size = write_columns(output, ranked.table())
    written = [("written", f"{len(ranked.order):,} rows, {human_size(size)}")]
    if model is not None:
        ranker.save(model)
        written.append(("model", f"{model}, {human_size(os.path.getsize(model))}"))
    if report is not None:
        from nngmix.ranking.page import write_page

        write_page(report, ranked, ranker, ", ".join(sources))
        written.append(("report", report))
    progress.lap("writing")
    counts, like = ranker.counts, inputs.like
    n_normal = len(ranker.score.model_.normals)
    missing = [("rows not finite", f"{counts.n_missing:,}, no score")] if counts.n_missing else []
    known = [("known normal rows", f"{n_normal:,}")] if normal else []
    kinds = label_text(inputs.label, ranker.labels())
    print_summary(
        f"{', '.join(sources)} -> {output}",
        [
            ("rows read", f"{len(ranked.scores):,} with {like.n_features:,} features ({like.dtype})"),
            *left_out_lines(inputs.left_out),
            *category_lines(categories_told(ranker.features(), ranker.score.model_.known.kinds)),
            ("labelled anomalies", f"{counts.n_anomalies:,}{kinds}"),
            *known,
            ("unlabelled rows", f"{counts.n_unlabeled:,}"),
            *missing,
            ("seed", f"{seed}"),
            ("time", f"{sum(progress.seconds.values()):.2f} s"),
            *written,
        ],
        {
            "inputs": list(sources),
            "output": output,
            "rows": len(ranked.scores),
            "ranked_rows": len(ranked.order),
            "labelled_anomalies": counts.n_anomalies,
            "known_normal_rows": n_normal,
            "missing_rows": counts.n_missing,
            "detector": detector,
            "seed": seed,
            "model": model,
            "report": report,
            "bytes": size,
            "seconds": progress.seconds,
            **ranked_told(ranked),
        },
    )
    for line in ranked_lines(ranked):
        say(line)


@click.command(
    cls=Command,
    members={**_SOURCES, "model": "What scored them.", **_LAST},
    short_help="Score rows to come with what nngmix rank has saved.",
    context_settings={"show_default": True},
)
@click.argument("sources", metavar="NEW...", nargs=-1, required=True, shell_complete=complete_path)
@click.option("--model", required=True, metavar="FILE", shell_complete=complete_path, help=_SAVED)
@click.option(
    "-o", "--output", required=True, callback=_parse_path, shell_complete=complete_path, help=_OUTPUT
)
@click.option("--id", metavar="COLUMN", help=_ID)
@click.option("--top", type=click.IntRange(min=0), default=20, help=_TOP)
@click.option("--missing", type=click.Choice(["error", "skip", "keep"]), help=_MISSING_NOW)
@csv_options
@thread_option
def score(
    sources: tuple[str, ...],
    model: str,
    output: str,
    id: str | None,
    top: int,
    missing: Missing | None,
    n_threads: int | None,
    **csv: Any,
) -> None:
    """Score the rows of NEW as nngmix rank would, had it not seen them.

    Columns are matched by name; others than the model's are passed by. Scores are written in the order of the
    rows, and those of a row do not depend on the rows beside it.

    \b
    nngmix rank mine.csv --label class --anomaly fraud -o ranked.csv --model model.npz
    nngmix score new.csv --model model.npz -o scores.csv
    """
    from nngmix.ranking import RankInputs, load_ranker, score_files

    _check_apart(sources, output)
    ranker = load_ranker(model, n_threads=n_threads, missing=missing)
    progress = Progress()
    try:
        known, format = ranker.score.model_.known, csv_format(csv)
        inputs = RankInputs(sources, None, ranker.features(), (), id, format, ranker.columns(), known)
        ranked = score_files(inputs, ranker, top=top, report=lambda stage, _: progress.lap(stage))
    finally:
        progress.close()
    size = write_columns(output, ranked.table())
    progress.lap("writing")
    print_summary(
        f"{', '.join(sources)} -> {output}",
        [
            ("rows read", f"{len(ranked.scores):,}"),
            ("time", f"{sum(progress.seconds.values()):.2f} s"),
            ("written", f"{len(ranked.order):,} rows, {human_size(size)}"),
        ],
        {
            "inputs": list(sources),
            "output": output,
            "rows": len(ranked.scores),
            "ranked_rows": len(ranked.order),
            "model": model,
            "bytes": size,
            "seconds": progress.seconds,
            **ranked_told(ranked),
        },
    )
    for line in ranked_lines(ranked):
        say(line)
