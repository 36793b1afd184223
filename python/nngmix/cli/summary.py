"""The lines that tell what a run has done: a name, and what there is to say."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from nngmix.rows.label_values import number_shown

__all__ = ["Lines", "human_size", "label_text", "left_out_lines", "print_lines"]

Lines = list[tuple[str, str]]

# Labels of anomalies that are shown one by one.
_MOST_LABELS = 6


def print_lines(title: str, lines: Iterable[tuple[str, str]]) -> None:
    """The title and the lines below it, their texts under one another."""
    click.echo(title)
    for name, text in lines:
        click.echo(f"  {name:<18} {text}")


def label_text(label: str | None, values: Sequence[Any] | None) -> str:
    """Which label the anomalies carry: ``(y = 1)``, ``(kind = 'satan.' or 'smurf.')``; nothing if unknown."""
    if label is None or not values:
        return ""
    counts = Counter(values)
    if len(counts) <= _MOST_LABELS:
        return f" ({label} = {' or '.join(map(_shown, sorted(counts, key=_order)))})"
    most = ", ".join(f"{_shown(value)} {n_rows:,}" for value, n_rows in counts.most_common(_MOST_LABELS))
    return f" ({label}: {len(counts)} values, the most frequent {most})"


def _shown(value: Any) -> str:
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


def human_size(n_bytes: int) -> str:
    """Bytes as people read them."""
    size = float(n_bytes)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
