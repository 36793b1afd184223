"""``nngmix augment`` at volume: many files, or one larger than memory, into a folder."""

import glob
import os
import re
from collections.abc import Sequence
from typing import Any

import click

from nngmix import __version__
from nngmix.cli.report import Progress, human_size

__all__ = ["augment_files", "is_volume", "parse_size"]

_UNITS = {"": 1, "K": 1000, "M": 1000**2, "G": 1000**3, "KI": 1 << 10, "MI": 1 << 20, "GI": 1 << 30}


def parse_size(_: click.Context, __: click.Parameter, text: str) -> int:
    """``1GiB``, ``800MB`` or a number of bytes."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]I?)?B?", text.strip().upper())
    if match is None:
        raise click.BadParameter(f"expected a size such as 1GiB or 800MB, got {text!r}")
    return int(float(match[1]) * _UNITS[match[2] or ""])


def is_volume(sources: Sequence[str], output: str, *options: Any) -> bool:
    """Whether files go into a folder: several inputs, a folder on either side, or an option for it."""
    many = len(sources) > 1 or any(os.path.isdir(source) or _is_pattern(source) for source in sources)
    folder = not _names_a_table(output) and (os.path.isdir(output) or not os.path.splitext(output)[1])
    return many or folder or any(options)


def _names_a_table(output: str) -> bool:
    return os.path.splitext(output)[1].lower() in (".csv", ".parquet", ".npz")


def _is_pattern(source: str) -> bool:
    return glob.has_magic(source) and not os.path.exists(source)


def augment_files(
    sources: tuple[str, ...], output: str, *, only_new: bool, resume: bool, scale: str, **options: Any
) -> None:
    """Run it and say what was done."""
    from nngmix.jobs import Job, run

    if _names_a_table(output):
        raise click.UsageError(
            "several files, a folder, --anomalies, --memory, --rows-per-file, --resume, --skip-bad and "
            "--with-old give a folder of Parquet files: name one as output, without an ending, not "
            f"{output!r}"
        )
    if only_new and options["with_old"]:
        raise click.UsageError("--only-new and --with-old exclude each other")
    progress = Progress(unit=" files")
    job = Job(sources, output, scale=None if scale == "none" else scale, **options)
    try:
        outcome = run(job, resume=resume, report=progress)
    finally:
        progress.close()
    told = outcome.manifest
    files = told["files"]
    click.echo(f"nngmix {__version__}: {len(told['inputs'])} files -> {output}")
    lines = [
        ("rows read", f"{told['rows']:,} with {len(told['features'])} features ({told['dtype']})"),
        ("labelled anomalies", f"{told['labelled_anomalies']:,}"),
        ("unlabelled rows", f"{told['unlabelled_rows']:,}"),
        ("new rows", f"{told['new_rows']:,}"),
        ("seed", f"{told['seed']}"),
        ("written", f"{len(files)} files, {human_size(sum(item['bytes'] for item in files))}"),
    ]
    if outcome.resumed:
        lines.append(("resumed", f"{outcome.made_before} files were there already"))
    if told["skipped"]:
        lines.append(("skipped", f"{len(told['skipped'])} files that could not be used"))
        lines += [("", item["error"]) for item in told["skipped"]]
    times = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in progress.seconds.items())
    lines.append(("time", f"{sum(progress.seconds.values()):.2f} s: {times}"))
    for name, text in lines:
        click.echo(f"  {name:<18} {text}")
