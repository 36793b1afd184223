"""``nngmix augment`` at volume: many files, or one larger than memory, into a folder."""

import glob
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import click

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
from nngmix.files.formats import format_of

__all__ = ["augment_files", "is_volume"]

# Members of the manifest that the summary has, too.
_TOLD = (
    "rows",
    "features",
    "dtype",
    "left_out",
    "categories",
    "labelled_anomalies",
    "labels",
    "unlabelled_rows",
    "missing_rows",
    "new_rows",
    "noise_std",
    "seed",
    "skipped",
)
# Reasons that are told of many.
_FIRST_REASONS = 3


def is_volume(sources: Sequence[str], output: str, *options: Any) -> bool:
    """Whether files go into a folder: several inputs, a folder on either side, or an option for it."""
    many = len(sources) > 1 or any(os.path.isdir(source) or _is_pattern(source) for source in sources)
    folder = not _is_table(output) and (os.path.isdir(output) or not os.path.splitext(output)[1])
    return many or folder or any(options)


def _is_table(output: str) -> bool:
    """Whether the ending is that of a table, whatever is there."""
    try:
        format_of(output)
    except ValueError:
        return False
    return True


def _is_pattern(source: str) -> bool:
    return glob.has_magic(source) and not os.path.exists(source)


def augment_files(
    sources: tuple[str, ...], output: str, *, only_new: bool, resume: bool, **options: Any
) -> None:
    """Run it and say what was done."""
    from nngmix.jobs import Job, run

    if _is_table(output):
        raise click.UsageError(
            "several files, a folder, --anomalies, --memory, --rows-per-file, --resume, --skip-bad and "
            "--with-old give a folder of Parquet files: name one as output, without an ending, not "
            f"{output!r}"
        )
    for source in sources:
        if source.lower().endswith(".npz"):
            raise click.UsageError(
                f"{source}: an NPZ is read whole, one file in and one file out: name a table as output, such "
                "as new.npz or new.parquet"
            )
    if only_new and options["with_old"]:
        raise click.UsageError("--only-new and --with-old exclude each other")
    progress = Progress(unit=" files")
    job = Job(sources, output, **options)
    try:
        outcome = run(job, resume=resume, callback=progress)
    finally:
        progress.close()
    told = outcome.manifest
    lines = _summary(told)
    if outcome.resumed:
        lines.append(("resumed", f"{outcome.made_before} files were there already"))
    times = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in progress.seconds.items())
    lines.append(("time", f"{sum(progress.seconds.values()):.2f} s: {times}"))
    print_summary(
        f"{len(told['inputs'])} files -> {output}",
        lines,
        {name: told.get(name) for name in _TOLD}
        | {
            "inputs": [item["path"] for item in told["inputs"]],
            "output": output,
            "files": len(told["files"]),
            "bytes": _size(told),
            "chosen": None,
            "seconds": progress.seconds,
        },
    )


def _summary(told: Mapping[str, Any]) -> Lines:
    files, missing = told["files"], told["missing_rows"]
    values = list(Counter({item["value"]: item["rows"] for item in told["labels"]}).elements())
    lines = [
        ("rows read", f"{told['rows']:,} with {len(told['features']):,} features ({told['dtype']})"),
        *left_out_lines(told["left_out"]),
        *category_lines(told["categories"]),
        (
            "labelled anomalies",
            f"{told['labelled_anomalies']:,}{label_text(told['parameters']['label'], values)}",
        ),
        ("unlabelled rows", f"{told['unlabelled_rows']:,}"),
        *([("rows not finite", f"{missing:,}, not used")] if missing else []),
        ("new rows", f"{told['new_rows']:,}"),
        *noise_lines(told["parameters"]["noise_std"], told.get("noise_std")),
        ("seed", f"{told['seed']}"),
        ("written", f"{len(files)} files, {human_size(_size(told))}"),
    ]
    return lines + _skipped(told["skipped"])


def _size(told: Mapping[str, Any]) -> int:
    return sum(item["bytes"] for item in told["files"])


def _skipped(skipped: Sequence[Mapping[str, str]]) -> Lines:
    if not skipped:
        return []
    lines = [("skipped", f"{len(skipped)} files that could not be used")]
    lines += [("", item["error"]) for item in skipped[:_FIRST_REASONS]]
    if len(skipped) > _FIRST_REASONS:
        lines.append(("", f"and {len(skipped) - _FIRST_REASONS} more, in _manifest.json"))
    return lines
