"""``nngmix rank``: which rows should be looked at first?"""

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
from nngmix.cli.ranked import (
    LAST,
    SOURCES,
    id_option,
    output_option,
    parse_path,
    ranked_lines,
    ranked_told,
    top_option,
)
from nngmix.cli.summary import (
    category_lines,
    human_size,
    label_text,
    left_out_lines,
    print_summary,
    say,
)
from nngmix.files.formats import expand
from nngmix.files.paths import check_apart
from nngmix.files.writer import write_columns
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.kinds import categories_told
from nngmix.rows.labels import LabelRule

__all__ = ["rank"]

_MEMBERS = {
    **SOURCES,
    "labelled_anomalies": "Rows with the label of an anomaly.",
    "known_normal_rows": "Rows with the label of a normal row.",
    "missing_rows": "Rows without a score since they are not finite.",
    "detector": "What ranked them.",
    "seed": "Of what is random.",
    "model": "The saved state, or null.",
    "report": "The page, or null.",
    **LAST,
}
_ANOMALY = "Label of the known anomalies; repeatable."
_UNLABELED = (
    "Label of the rows to be ranked; repeatable. Without it, all rows that are neither known anomalies nor "
    "known normal; without --anomaly, all other values are anomalies."
)
_NORMAL = "Label of rows that are known to be normal; repeatable. Rows near them fall."
_MODEL = (
    "Save what was learned, for nngmix score: an .npz, in which nothing is pickled; of an ensemble a "
    ".joblib, which runs code when it is read: read none from others."
)
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
_FEATURE = "Only columns named so are features; repeatable."


@click.command(
    cls=Command,
    members=_MEMBERS,
    short_help="Rank the rows of a table: which to look at first.",
    context_settings={"show_default": True},
)
@click.argument("sources", metavar="TABLE...", nargs=-1, required=True, shell_complete=complete_path)
@output_option
@click.option("--label", metavar="COLUMN", help="Column of the labels. In an NPZ: the array y unless named.")
@click.option("--anomaly", multiple=True, metavar="VALUE", help=_ANOMALY)
@click.option("--unlabeled", multiple=True, metavar="VALUE", help=_UNLABELED)
@click.option("--normal", multiple=True, metavar="VALUE", help=_NORMAL)
@id_option
@top_option
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
@click.option("--report", metavar="FILE", callback=parse_path, shell_complete=complete_path, help=_REPORT)
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

    check_apart(expand(sources), scores=output, model=model, report=report)
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
