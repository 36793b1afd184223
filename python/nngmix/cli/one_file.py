"""``nngmix augment`` from file to file: the whole table in memory, old rows and new ones in one file."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from nngmix.cli.method import AskedMethod
from nngmix.cli.progress import Progress
from nngmix.cli.summary import (
    Lines,
    category_lines,
    human_size,
    label_text,
    left_out_lines,
    noise_lines,
    print_summary,
)
from nngmix.files.csv_format import CsvFormat
from nngmix.files.reader import read_table
from nngmix.files.table import Table
from nngmix.files.writer import check_target, check_writing, write_table
from nngmix.methods.nng_mix_recipe import NNGMixRecipe
from nngmix.methods.resample import Resampled, resample
from nngmix.neighbors.spec import FitSpec
from nngmix.plan import ID_COLUMNS, MixPlan, added_columns
from nngmix.rows.asked_columns import Clip, Features, Missing
from nngmix.rows.kinds import categories_told
from nngmix.rows.label_counts import LabelCounts, told_labels
from nngmix.rows.labels import LabelRule, Labels, read_labels
from nngmix.rows.scaling import finish_in
from nngmix.rows.unscaled import asked_columns, check_weighed

__all__ = ["augment_file"]

_STAGES = {
    "reading": "reading",
    "scale": "scaling",
    "search": "search",
    "mix": "mixing",
    "writing": "writing",
}


def augment_file(
    source: str,
    output: str,
    method: AskedMethod,
    *,
    label: str | None,
    anomaly: tuple[str, ...],
    unlabeled: tuple[str, ...],
    features: tuple[str, ...],
    ignore: tuple[str, ...],
    id: str | None,
    mark: str | None,
    categorical_features: Features,
    categorical_weight: float | None,
    whole_features: Features,
    clip: Clip | None,
    missing: Missing,
    csv: CsvFormat,
    only_new: bool,
    plan: bool,
    seed: int | None,
    scale: str | None,
    n_threads: int | None,
) -> None:
    """Run it and say what was done."""
    label, rule = _who(source, label, anomaly, unlabeled)
    columns = asked_columns(
        categorical_weight,
        categorical_features=categorical_features,
        whole_features=whole_features,
        missing=missing,
        clip=clip,
    )
    # A seed of its own rather than None, so that the summary can tell how to repeat the run.
    seed = secrets.randbits(63) if seed is None else seed
    check_target(output)
    progress = Progress()
    table = read_table(source, label, ignore, features=features, id=id, csv=csv, asked=columns)
    kinds = table.rows.kinds
    where = f"the label column {label!r} of {source}"
    labels = read_labels(where, table.labels, written=table.typeless)
    _check_met(rule, where, labels)
    check_writing(table, output, added=added_columns(plan, id, mark, donors=kinds is not None))
    progress.lap("reading")
    settled = method.settled(rule, labels, table.rows.n_features)
    if scale is None and settled.recipe.searches:
        check_weighed(kinds, categorical_weight)
    spec = FitSpec(
        table.rows.n_features,
        table.rows.dtype,
        table.features,
        rule,
        where,
        scale if settled.scaled else None,
        columns,
        amount=settled.amount,
        n_threads=n_threads,
        limits=table.rows.limits,
    )
    try:
        new = resample(table.rows, labels, spec, settled.recipe, random_state=seed, progress=progress)
    except MemoryError as error:
        # The way out that the functions name is one for Python.
        said = str(error).partition(";")[0] or "there is not enough memory"
        raise MemoryError(
            f"{said}; name a folder as output, without an ending: its rows are written as they are made"
        ) from error
    finally:
        progress.close()
    size = write_table(
        output,
        table,
        new.rows,
        new.labels,
        plan=_plan_columns(table, new) if plan else None,
        mark=mark,
        only_new=only_new,
        finish=finish_in(new.fitted.table.scale),
        kinds=new.fitted.table.kinds,
    )
    progress.lap("writing")
    n_written = len(new.rows) + (0 if only_new else len(table))
    choice = settled.choice
    recipe = settled.recipe.fitted(new.fitted.table)
    noise_std = recipe.noise_std if isinstance(recipe, NNGMixRecipe) else None
    lines = _summary(table, new, seed, progress)
    lines[-2:-2] = noise_lines(getattr(settled.recipe, "noise_std", None), noise_std)
    if choice is not None:
        lines.insert(-2, ("chosen", f"{choice}"))
    written = ("written", f"{n_written:,} rows, {human_size(size)}")
    told = _told(table, new) | {"inputs": [source], "output": output, "seed": seed, "bytes": size}
    told["noise_std"] = noise_std
    told["chosen"] = None if choice is None else asdict(choice)
    print_summary(f"{source} -> {output}", [*lines, written], told | {"seconds": progress.seconds})


def _who(
    source: str, label: str | None, anomaly: tuple[str, ...], unlabeled: tuple[str, ...]
) -> tuple[str, LabelRule]:
    """The column of labels, and what they mean; an NPZ has defaults for both."""
    is_npz = source.lower().endswith(".npz")
    if not is_npz and (label is None or not (anomaly or unlabeled)):
        option = "'--label'" if label is None else "'--anomaly' (or '--unlabeled')"
        raise click.UsageError(f"Missing option {option}: only an NPZ has a default for it.")
    if not anomaly and not unlabeled:
        anomaly = ("1",)
    return "y" if label is None else label, LabelRule.of(anomaly or None, unlabeled or None)


def _check_met(rule: LabelRule, where: str, labels: Labels) -> None:
    counts = LabelCounts()
    counts.add(labels.counts())
    rule.check_met(where, counts, labels.written)


def _plan_columns(table: Table, new: Resampled[MixPlan]) -> Mapping[str, Any]:
    """What the new rows are made of: numbers of rows, and their ids if there are any."""
    columns: dict[str, Any] = dict(new.plan.columns())
    if table.id is not None:
        ids = table.ignored[table.id]
        columns |= zip(ID_COLUMNS, (ids.take(columns[name]) for name in ("anchor", "partner")), strict=True)
    return columns


def _told(table: Table, new: Resampled[Any]) -> dict[str, Any]:
    counts, anomalies = new.fitted.counts, new.fitted.anomalies
    return {
        "rows": len(table),
        "features": list(table.features),
        "dtype": str(table.rows.dtype),
        "left_out": dict(table.left_out),
        "categories": categories_told(table.features, new.fitted.table.kinds),
        "labelled_anomalies": len(anomalies.X),
        "labels": told_labels(anomalies.labels),
        "unlabelled_rows": counts.n_unlabeled,
        "missing_rows": counts.n_missing,
        "new_rows": len(new.rows),
        "files": 1,
        "skipped": [],
    }


def _summary(table: Table, new: Resampled[Any], seed: int, progress: Progress) -> Lines:
    made = f"{len(new.rows):,}"
    if isinstance(new.plan, MixPlan):
        n_near = int(new.plan.unlabeled.sum())
        made += f": {n_near:,} with an unlabelled partner, {len(new.rows) - n_near:,} with an anomaly"
    counts, anomalies = new.fitted.counts, new.fitted.anomalies
    times = ", ".join(f"{_STAGES[stage]} {seconds:.2f} s" for stage, seconds in progress.seconds.items())
    skipped = [("rows not finite", f"{counts.n_missing:,}, not used")] if counts.n_missing else []
    return [
        ("rows read", f"{len(table):,} with {len(table.features):,} features ({table.rows.dtype})"),
        *left_out_lines(table.left_out),
        *category_lines(categories_told(table.features, new.fitted.table.kinds)),
        ("labelled anomalies", f"{len(anomalies.X):,}{label_text(table.label, anomalies.labels)}"),
        ("unlabelled rows", f"{counts.n_unlabeled:,}"),
        *skipped,
        ("new rows", made),
        ("seed", f"{seed}"),
        ("time", f"{sum(progress.seconds.values()):.2f} s: {times}"),
    ]
