"""What a run has done: lines to read, each a name and what there is to say, and the same as JSON."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from nngmix import __version__
from nngmix.cli.command import as_json
from nngmix.parameters.mixture import Noise
from nngmix.rows.label_values import number_shown
from nngmix.rows.names import listed

__all__ = [
    "Lines",
    "category_lines",
    "human_size",
    "label_text",
    "left_out_lines",
    "noise_lines",
    "print_summary",
    "say",
    "shown",
    "tell",
]

Lines = list[tuple[str, str]]

# Labels of anomalies that are shown one by one.
_MOST_LABELS = 6


def say(text: str = "") -> None:
    """Print what is meant to be read: on stderr where stdout is for JSON."""
    # A name of a file may hold what no terminal can show.
    click.echo(text.encode(errors="backslashreplace"), err=as_json())


def tell(told: Mapping[str, Any]) -> None:
    """Print the members that the command has promised, if JSON was asked for."""
    if as_json():
        about = {"command": click.get_current_context().info_name, "version": __version__}
        click.echo(json.dumps(_plain({**about, **told}), default=str))


def print_summary(title: str, lines: Iterable[tuple[str, str]], told: Mapping[str, Any]) -> None:
    """The title and the lines below it, their texts under one another; or what is told, as JSON."""
    say(f"nngmix {__version__}: {title}")
    for name, text in lines:
        say(f"  {name:<18} {text}")
    tell(told)


def _plain(value: Any) -> Any:
    """What JSON can hold: it has no infinity, and null for what is missing."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def label_text(label: str | None, values: Sequence[Any] | None) -> str:
    """Which label the anomalies carry: ``(y = 1)``, ``(kind = 'satan.' or 'smurf.')``; nothing if unknown."""
    if label is None or not values:
        return ""
    counts = Counter(values)
    if len(counts) <= _MOST_LABELS:
        return f" ({label} = {' or '.join(map(shown, sorted(counts, key=_order)))})"
    most = ", ".join(f"{shown(value)} {n_rows:,}" for value, n_rows in counts.most_common(_MOST_LABELS))
    return f" ({label}: {len(counts)} values, the most frequent {most})"


def shown(value: Any) -> str:
    """A label: blanks and commas in a text are seen, numbers are as they are whatever they were read as."""
    return str(value) if number_shown(value) is not None and str(value) == str(value).strip() else repr(value)


def _order(value: Any) -> tuple[bool, Any]:
    number = number_shown(value)
    return (number is None, str(value) if number is None else number)


def left_out_lines(left_out: Mapping[str, str]) -> Lines:
    """Columns that are no features although nobody named them."""
    return [
        ("left out" if i == 0 else "", f"{name!r} ({why})") for i, (name, why) in enumerate(left_out.items())
    ]


def category_lines(told: Mapping[str, int]) -> Lines:
    """Columns of categories with the numbers of their values."""
    return (
        [("categories", listed(f"{name!r} ({n_values:,})" for name, n_values in told.items()))]
        if told
        else []
    )


def noise_lines(asked: Noise | None, found: Any) -> Lines:
    """The noise that fits, where nobody said a number."""
    return [("noise", f"{found:.3g}, which fits the distances")] if asked == "auto" else []


def human_size(n_bytes: int) -> str:
    """Bytes as people read them."""
    size = float(n_bytes)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
