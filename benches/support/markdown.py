"""Times, ratios and tables as text."""

from collections.abc import Iterable, Sequence
from typing import Any


def milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    ms = seconds * 1e3
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}"


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def contestants_table(records: Iterable[dict[str, Any]]) -> str:
    """Every contestant of one shape: time, spread, memory, agreement."""
    rows = []
    for r in records:
        name = r["contestant"] + (f" ({r['note']})" if r["note"] else "")
        if "median" not in r:
            rows.append([name, r.get("error", "-"), *["-"] * 5])
            continue
        off = r.get("error_over_tolerance")
        agrees = "-" if off is None else "yes" if off <= 1 else f"NO, {off:.3g} x tolerance"
        spread = f"{milliseconds(r['q1'])} .. {milliseconds(r['q3'])}"
        peak = f"{r['peak_bytes'] / 2**20:,.1f}"
        rows.append(
            [name, milliseconds(r["median"]), spread, milliseconds(r["min"]), r["n_calls"], peak, agrees]
        )
    header = ["contestant", "median ms", "quartiles", "min", "calls", "peak MiB beyond inputs", "agrees"]
    return table(header, rows)


def slowdown(records: Sequence[dict[str, Any]]) -> list[str]:
    """Median ms of each, and how many times the first's that is; other bytes than the first's are named."""
    first = records[0].get("median")
    return [
        _cell(record, "" if first is None or record is records[0] else f" ({record['median'] / first:.2f}x)")
        if "median" in record
        else _error(record)
        for record in records
    ]


def relative(records: Sequence[dict[str, Any]]) -> list[str]:
    """Median ms of each, and its speed relative to the first; other bytes than the first's are named."""
    first = records[0].get("median")
    return [
        _cell(record, "" if first is None else f" ({first / record['median']:.2f}x)")
        if "median" in record
        else _error(record)
        for record in records
    ]


def _cell(record: dict[str, Any], ratio: str) -> str:
    same = "" if record.get("error_over_tolerance", 0) == 0 else " OTHER BYTES"
    return milliseconds(record["median"]) + ratio + same


def _error(record: dict[str, Any]) -> str:
    """Its type: the table of the shape has all of it."""
    return str(record.get("error", "-")).partition(":")[0]
