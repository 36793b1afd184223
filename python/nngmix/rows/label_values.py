"""When two labels are one: compared as the user sees them, whatever their type and width.

The text "1", the integer 1, the float 1.0 and the boolean true are one answer to "which label?". Blanks
count.
"""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np

__all__ = ["number_shown", "same_label"]

_WORDS = {"true": True, "false": False}
# What shows a number; Python's own readers also take underscores, other digits and names of NaN.
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,5})?\s*|\s*[+-]?inf(inity)?\s*", re.I | re.A)
_NANOSECONDS = re.compile(r"\.\d{6}\d*[1-9]")


def same_label(asked: Any, there: Any, written: bool = False) -> bool:
    """Whether a label is the one that was asked for.

    Two texts are compared as texts, unless they were `written` where there are no types: there they may show
    the same number.
    """
    asked, there = _text_of(asked), _text_of(there)
    if isinstance(asked, str) and isinstance(there, str):
        if asked == there or not written:
            return asked == there
        number = number_shown(asked)
        return number is not None and number == number_shown(there)
    numbers = number_shown(asked), number_shown(there)
    if None not in numbers:
        return numbers[0] == numbers[1]
    moment = _moment(asked)
    if moment is not None and moment == _moment(there):
        return True
    return str(asked) == str(there)


def number_shown(value: Any) -> Decimal | None:
    """The number that a value is, or that a text shows; a truth is 0 or 1.

    Floats are what they are shown as, so that 0.1 is a tenth in any width.
    """
    if isinstance(value, str):
        value = _WORDS.get(value.strip().lower(), value)
    if isinstance(value, bool | np.bool_):
        return Decimal(int(value))
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    if not isinstance(value, str | int | float | Decimal | np.integer | np.floating):
        return None
    return Decimal(str(value))


def _text_of(value: Any) -> Any:
    """Bytes as the text that they hold."""
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    return value


def _moment(value: Any) -> datetime | None:
    """The moment that a date is, or that a text shows."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, str) and _NANOSECONDS.search(value):
        # Python's moments end at microseconds, and would cut them off.
        return None
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
