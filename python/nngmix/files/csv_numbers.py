"""Numbers in CSV: the text of a cell becomes the double it shows, or is told as what it is."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nngmix.files.arrow import arrow
from nngmix.files.csv_format import CsvFormat
from nngmix.rows.names import listed
from nngmix.rows.numbers import EXACT_INTEGER, Unfit, floats

__all__ = ["Misfit", "bare_cells", "cell_examples", "disguised", "doubles", "misfit_error", "narrowest_type"]

_NO_NUMBER = (
    "leave columns that are no features out with --ignore, empty the cell if a value is missing, or take "
    "columns of texts as categories with --categorical auto"
)
# What pandas and Arrow take for a value that is missing; an empty cell is null before it comes here.
_MISSING = ["", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"]
_MISSING += ["NULL", "None", "n/a", "null"]
_TRUE, _FALSE = ["true", "True", "TRUE"], ["false", "False", "FALSE"]
_NUMBER = r"^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity|nan))$"
_INTEGER = r"^[+-]?[0-9]+$"
# In India all groups but the last are of two digits.
_GROUPED = re.compile(r"[+-]?\d{1,3}(?=([,.'\u2019_ \u00a0\u202f]))(?:\1\d{2,3})*\1\d{3}(?:([.,])\d+)?")
# What people write beside numbers: units, currencies, other signs.
_BESIDE = "%\u2030$\u20ac\u00a3\u00a5\u20b9()\u2212\u2013- \u00a0"
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]|$)")
_DATE = re.compile(r"(\d{4}([-/.])\d\d?\2\d\d?|\d\d?([-/.])\d\d?\3\d{4})([T ]|$)")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")


# Cells at fault that are looked at, and those that a message names beside the first.
_MOST_FAULTS, _MOST_AGAIN = 1000, 8
# Below this a call costs more than the cells it is for.
_FEW_ROWS = 4096


@dataclass(frozen=True)
class Misfit:
    """A cell that is no number, or a number that no float holds.

    Attributes
    ----------
    column : str
    row : int
        In the file.
    text : str
        The cell.
    unfit : Unfit or None
        What the number is, and why no float holds it.
    again : tuple of int
        Further rows that hold the same text, the first of those that were read together.
    """

    column: str
    row: int
    text: str
    unfit: Unfit | None = None
    again: tuple[int, ...] = ()


def doubles(columns: Mapping[str, Any], csv: CsvFormat, first_row: int = 0) -> tuple[list[Any], list[Misfit]]:
    """The doubles that columns of texts show, and of each column the first cell that is none.

    Few rows of many columns are read as one long column, since a call costs more than their cells.
    """
    names, texts = list(columns), list(columns.values())
    if not texts:
        return [], []
    n_rows = len(texts[0])
    if n_rows < _FEW_ROWS and len(texts) > 1:
        numbers, found = _doubles(arrow().concat_arrays(texts), csv)
        made = [numbers.slice(start, n_rows) for start in range(0, n_rows * len(texts), max(1, n_rows))]
        if n_rows == 0:
            made = [numbers] * len(texts)
    else:
        made, found = [], []
        for j, column in enumerate(texts):
            numbers, faults = _doubles(column, csv)
            made.append(numbers)
            found += [(j * n_rows + at, unfit) for at, unfit in faults[:_MOST_FAULTS]]
    misfits: dict[int, Misfit] = {}
    for at, unfit in found:
        j, row = divmod(at, n_rows)
        if j not in misfits:
            misfits[j] = Misfit(names[j], first_row + row, texts[j][row].as_py(), unfit)
        elif (
            unfit is None and len(misfits[j].again) < _MOST_AGAIN and texts[j][row].as_py() == misfits[j].text
        ):
            misfits[j] = replace(misfits[j], again=(*misfits[j].again, first_row + row))
    return made, list(misfits.values())


def _doubles(texts: Any, csv: CsvFormat) -> tuple[Any, list[tuple[int, Unfit | None]]]:
    """The doubles of an array of texts, and in order where they are none."""
    pa = arrow()
    numbers = None
    if csv.decimal == ".":
        with suppress(pa.ArrowInvalid):
            numbers = texts.cast(pa.float64())
    if numbers is None:
        cleaned = _cleaned(texts, csv)
        good = pa.compute.match_substring_regex(cleaned, _NUMBER)
        bad = np.flatnonzero(~good.fill_null(True).to_numpy(zero_copy_only=False))
        if len(bad):
            return texts, [(at, None) for at in bad.tolist()]
        numbers = cleaned.cast(pa.float64())
    return numbers, _beyond(texts, numbers, csv)


def _cleaned(texts: Any, csv: CsvFormat) -> Any:
    """The texts as Arrow reads numbers."""
    pa = arrow()
    compute = pa.compute
    texts = compute.utf8_trim_whitespace(texts)
    for tokens, meaning in ((_MISSING, None), (_TRUE, "1"), (_FALSE, "0")):
        same = compute.is_in(texts, value_set=pa.array(tokens, texts.type))
        texts = compute.if_else(same, pa.scalar(meaning, texts.type), texts)
    if csv.thousands is not None:
        # Digits are put together only where they stand in groups: 1,5 is no 15.
        mark, decimal = re.escape(csv.thousands), re.escape(csv.decimal)
        grouped = rf"^[+-]?[0-9]{{1,3}}(?:{mark}[0-9]{{2,3}})*{mark}[0-9]{{3}}(?:{decimal}[0-9]*)?$"
        in_groups = compute.match_substring_regex(texts, grouped)
        together = compute.replace_substring(texts, csv.thousands, "")
        texts = compute.if_else(in_groups, together, texts)
    if csv.decimal != ".":
        # A point is no decimal mark any more: it is hidden from the pattern of numbers.
        texts = compute.replace_substring(texts, ".", "?")
        texts = compute.replace_substring(texts, csv.decimal, ".")
    return texts


def _beyond(texts: Any, numbers: Any, csv: CsvFormat) -> list[tuple[int, Unfit | None]]:
    """Integers that float64 would change; few rows are so large that they are looked at."""
    pa = arrow()
    extremes = pa.compute.min_max(numbers).as_py()
    if extremes["min"] is None or max(extremes["max"], -extremes["min"]) < EXACT_INTEGER:
        return []
    values = numbers.to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(np.isfinite(values) & (np.abs(values) >= EXACT_INTEGER))
    large = _cleaned(texts.take(pa.array(rows)), csv)
    found: list[tuple[int, Unfit | None]] = []
    for row, text in zip(rows.tolist(), large.to_pylist(), strict=True):
        if re.fullmatch(_INTEGER, text):
            try:
                floats(np.array([int(text)], object), np.dtype(np.float64))
            except Unfit as unfit:
                found.append((row, unfit))
    return found


def misfit_error(path: str, misfits: Iterable[Misfit], csv: CsvFormat) -> ValueError:
    """One error for all columns of a batch at fault, with the way out for the first of them."""
    first, *others = sorted(misfits, key=lambda misfit: misfit.row)
    if first.unfit is not None:
        unfit = first.unfit
        return ValueError(
            f"{path} holds {unfit.what} at row {first.row}, column {first.column!r}: {unfit.why}"
        )
    others = [other for other in others if other.unfit is None]
    again = f", and again at row {listed(first.again, _MOST_AGAIN)}" if first.again else ""
    said = f"{path} holds {_shown(first.text)} at row {first.row}, column {first.column!r}: no number"
    header = first.text.strip() == first.column.strip() and all(
        other.text.strip() == other.column.strip() for other in others if other.row == first.row
    )
    if header:
        count = 1 + sum(other.row == first.row for other in others)
        return ValueError(
            f"{said}, but the name of the column (so in {count} columns{again}): it looks like the header "
            f"line repeated; delete {'those lines' if first.again else 'that line'} (rows count from 0)"
        )
    said += again
    if others:
        names = (f"{other.column!r} ({_shown(other.text)} at row {other.row})" for other in others)
        said += f"; nor are these: {listed(names, 8)}"
    way_out = disguised(first.text, csv) or _dated(first) or _NO_NUMBER
    return ValueError(f"{said}; {way_out} (rows count from 0)")


def _dated(misfit: Misfit) -> str | None:
    """The way out for a date."""
    if not _DATE.match(misfit.text.strip()):
        return None
    written = "" if _ISO_DATE.match(misfit.text.strip()) else "written as 2024-03-31 or 2024-03-31T12:00:00 "
    return (
        f"it looks like a date: {written}it stays one where new rows are made with --whole for "
        f"{misfit.column!r}; else leave it out with --ignore"
    )


def cell_examples(texts: Any, csv: CsvFormat) -> dict[str, tuple[str, int]]:
    """The first cell that is a "number", a "boolean" and a "text", each with its row; none may be there."""
    pa = arrow()
    compute = pa.compute
    kinds = {}
    if csv.decimal == "." and csv.thousands is None:
        with suppress(pa.ArrowInvalid):
            # Most columns are plain numbers.
            kinds["number"] = compute.is_finite(texts.cast(pa.float64()))
    if not kinds:
        cells = compute.utf8_trim_whitespace(texts)
        boolean = compute.is_in(cells, value_set=pa.array(_TRUE + _FALSE))
        missing = compute.or_(
            compute.is_in(cells, value_set=pa.array(_MISSING)),
            compute.match_substring_regex(cells, "^[+-]?nan$", ignore_case=True),
        )
        number = compute.match_substring_regex(_cleaned(texts, csv), _NUMBER).fill_null(False)
        number = compute.and_not(compute.and_not(number, boolean), missing)
        others = compute.or_(compute.or_(boolean, missing), number)
        kinds = {"number": number, "boolean": boolean, "text": compute.invert(others)}
    there = texts.is_valid()
    found = {}
    for kind, mask in kinds.items():
        row = compute.index(compute.and_(mask.fill_null(False), there), True).as_py()
        if row >= 0:
            found[kind] = texts[row].as_py(), row
    return found


def bare_cells(texts: Any, kind: Any) -> Any:
    """Cells as Arrow casts them to a type of categories: texts alone may be blanks, or NA."""
    pa = arrow()
    if kind == pa.string():
        return texts
    cells = pa.compute.utf8_trim_whitespace(texts)
    missing = pa.compute.is_in(cells, value_set=pa.array(_MISSING))
    return pa.compute.if_else(missing, pa.scalar(None, pa.string()), cells)


def disguised(text: str, csv: CsvFormat) -> str | None:
    """The way out for a cell that looks like a number which is written otherwise; None for other texts."""
    text = text.strip()
    grouped = _GROUPED.fullmatch(text)
    if grouped is not None and grouped[2] != grouped[1]:
        mark, decimal = grouped[1], grouped[2]
        asked = [f"--thousands {mark!r}"] if csv.thousands != mark else []
        asked += [f"--decimal {decimal!r}"] if decimal not in (None, csv.decimal) else []
        if decimal is None and mark == "," and csv.decimal != "," and text.count(",") == 1:
            return "if digits are grouped, give --thousands ','; if that is the decimal mark, --decimal ','"
        if asked:
            return f"it looks like a number whose digits are grouped: give {' '.join(asked)}"
    if _DECIMAL_COMMA.fullmatch(text) and csv.decimal != ",":
        instead = " instead of --thousands ','" if csv.thousands == "," else ""
        return f"it looks like a number with a decimal comma: give --decimal ','{instead}"
    if csv.decimal != "." and re.fullmatch(_NUMBER, text):
        return f"it looks like a number with a decimal point: leave --decimal {csv.decimal!r} out"
    bare = text.strip(_BESIDE)
    if bare != text and (
        re.fullmatch(_NUMBER, bare) or _GROUPED.fullmatch(bare) or _DECIMAL_COMMA.fullmatch(bare)
    ):
        beside = text.replace(bare, "", 1).strip()
        return (
            f"it looks like a number with {beside!r} beside it: write the column as plain numbers, or "
            "leave it out with --ignore"
        )
    return None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "...")


_CANONICAL_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)")
_FLOAT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def narrowest_type(values: Iterable[str | None]) -> Any:
    """The first Arrow type of int64, double, bool and string that holds every text of a CSV.

    Digits with a zero in front, as codes have them, are no integers: the zero would be lost.
    """
    pa = arrow()
    texts = [text.strip() for text in values if text is not None]
    if not texts:
        return pa.string()
    if all(_CANONICAL_INTEGER.fullmatch(text) and -(2**63) <= int(text) < 2**63 for text in texts):
        return pa.int64()
    codes = [text for text in texts if re.fullmatch(r"[+-]?0\d+", text)]
    if not codes and all(_FLOAT.fullmatch(text) and _exact(text) for text in texts):
        return pa.float64()
    if all(text in _TRUE + _FALSE for text in texts):
        return pa.bool_()
    return pa.string()


def _exact(text: str) -> bool:
    """Whether float64 holds a number that may be an integer."""
    return not re.match(_INTEGER, text) or abs(int(text)) <= EXACT_INTEGER
