"""One type for a column of several files: it holds every value of each, or the files are refused."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nngmix.files.arrow import arrow, is_text, plain_type
from nngmix.rows.column_types import ColumnType, DateType
from nngmix.rows.date_columns import date_limits
from nngmix.rows.finish import Finish
from nngmix.rows.numbers import Unfit, floats, integer_limits

__all__ = ["cast_column", "feature_types", "settled", "unite"]

_UNITS = ["s", "ms", "us", "ns"]
_MOST_DIGITS = 76
_MOST_DIGITS_OF_64_BITS = 20


def settled(kind: Any) -> Any:
    """The type in which values are kept: views and runs become plain, which all writers know."""
    pa = arrow()
    types = pa.types
    if types.is_run_end_encoded(kind):
        return settled(kind.value_type)
    if types.is_dictionary(kind) and settled(kind.value_type) != kind.value_type:
        return pa.dictionary(kind.index_type, settled(kind.value_type), kind.ordered)
    if _is_view(kind, "string"):
        return pa.string()
    return pa.binary() if _is_view(kind, "binary") else kind


def _is_view(kind: Any, of: str) -> bool:
    """Whether a type is that of views of texts or bytes; older versions of Arrow know none."""
    test = getattr(arrow().types, f"is_{of}_view", None)
    return test is not None and bool(test(kind))


def unite(
    column: str,
    found: Sequence[tuple[str, Any]],
    as_text: bool = False,
    *,
    is_feature: bool = True,
    by_name: bool = False,
) -> Any:
    """The Arrow type that holds the values of a column in all files, whatever their order.

    Parameters
    ----------
    column : str
        Name of the column.
    found : sequence of (str, pyarrow.DataType)
        Each file with the column's type there.
    as_text : bool, default=False
        A CSV, which has no types, is among the files: what is no text is written as one.
    is_feature : bool, default=True
        The values become floats; those of labels and ids are kept to the last digit.

    by_name : bool, default=False
        The types are what cells of CSV look like, which give way to a column that is named.

    Raises
    ------
    ValueError
        If no type does; it names two files that do not agree.
    """
    where: dict[Any, str] = {}
    for path, kind in found:
        where.setdefault(kind, path)
    kinds = list(where)
    if not kinds:
        return arrow().null()
    if as_text and any(is_text(kind) for kind in kinds):
        return arrow().string()
    united = kinds[0]
    for kind in kinds[1:]:
        wider = _join(united, kind)
        if wider is None:
            other = next((there for there in kinds if _join(there, kind) is None), kinds[0])
            out = ", or leave the column out with --ignore" if is_feature else ""
            named = f", name it among the columns of --categorical ({column!r})" if by_name else ""
            raise ValueError(
                f"column {column!r} is {other} in {where[other]} but {kind} in {where[kind]}, and no type "
                f"holds the values of both: cast one of them{named}{out}"
            )
        united = wider
    types = arrow().types
    if not is_feature and types.is_floating(united) and not any(map(_has_fractions, kinds)):
        return arrow().decimal128(_MOST_DIGITS_OF_64_BITS, 0)
    return united


def _has_fractions(kind: Any) -> bool:
    types = arrow().types
    kind = plain_type(kind)
    return not (types.is_integer(kind) or types.is_boolean(kind) or types.is_null(kind))


def _join(first: Any, second: Any) -> Any:
    """The narrowest type that holds the values of both; None if there is none."""
    pa = arrow()
    types = pa.types
    if first == second or types.is_null(second):
        return first
    if types.is_null(first):
        return second
    pair = first, second
    if any(plain_type(kind) != kind for kind in pair):
        values = _join(plain_type(first), plain_type(second))
        coded = values is not None and all(map(types.is_dictionary, pair))
        return pa.dictionary(pa.int32(), values) if coded else values
    if all(map(is_text, pair)):
        return pa.large_string() if any(map(types.is_large_string, pair)) else pa.string()
    if all(map(_is_binary, pair)):
        return pa.large_binary() if any(map(types.is_large_binary, pair)) else pa.binary()
    if all(map(_is_number, pair)):
        return _join_numbers(first, second)
    for is_kind in (types.is_timestamp, types.is_duration, types.is_time, types.is_date):
        if all(map(is_kind, pair)):
            return _join_times(first, second)
    return None


def _is_number(kind: Any) -> bool:
    types = arrow().types
    tests = types.is_boolean, types.is_integer, types.is_floating, types.is_decimal
    return any(test(kind) for test in tests)


def _is_binary(kind: Any) -> bool:
    types = arrow().types
    tests = types.is_binary, types.is_large_binary, types.is_fixed_size_binary
    return any(test(kind) for test in tests)


def _join_numbers(first: Any, second: Any) -> Any:
    pa = arrow()
    types = pa.types
    pair = first, second
    booleans = [types.is_boolean(kind) for kind in pair]
    if any(booleans):
        other = second if booleans[0] else first
        # True beside counts is a count of one.
        return other if types.is_integer(other) else pa.float64()
    if all(map(types.is_integer, pair)):
        return _join_integers(first, second)
    if all(types.is_float16(kind) or types.is_float32(kind) for kind in pair):
        return pa.float32()
    if all(map(types.is_decimal, pair)):
        scale = max(kind.scale for kind in pair)
        digits = max(kind.precision - kind.scale for kind in pair) + scale
        if digits <= _MOST_DIGITS:
            return (pa.decimal128 if digits <= 38 else pa.decimal256)(digits, scale)
    return pa.float64()


def _join_integers(first: Any, second: Any) -> Any:
    pa = arrow()
    signed = [pa.types.is_signed_integer(kind) for kind in (first, second)]
    if signed[0] == signed[1]:
        return max(first, second, key=lambda kind: kind.bit_width)
    unsigned = second if signed[0] else first
    width = max((first if signed[0] else second).bit_width, 2 * unsigned.bit_width)
    # No integer holds both signs and 64 bits: few such values are beyond what a float holds.
    return {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}.get(width, pa.float64())


def _join_times(first: Any, second: Any) -> Any:
    pa = arrow()
    types = pa.types
    if types.is_date(first):
        return pa.date64()
    unit = max(first.unit, second.unit, key=_UNITS.index)
    if types.is_duration(first):
        return pa.duration(unit)
    if types.is_time(first):
        return pa.time64(unit)
    # A clock of one zone says nothing of the same clock elsewhere, and instants are what is kept.
    return pa.timestamp(unit, first.tz) if first.tz == second.tz else None


def feature_types(types: Sequence[Any], dtype: np.dtype[Any], finish: Finish | None) -> list[Any]:
    """The Arrow types in which features are written: integers and dates as they came where rows are whole.

    Parameters
    ----------
    types : sequence of pyarrow.DataType or None
        Those of the columns as they came.
    dtype : dtype
        Of the rows, which all others are written as.
    finish : Finish or None
        What new rows may hold.
    """
    plain = arrow().from_numpy_dtype(dtype)
    if finish is None:
        return [plain] * len(types)
    kept = [finish.holds(column, _limits(kind)) for column, kind in enumerate(types)]
    return [kind if keep else plain for kind, keep in zip(types, kept, strict=True)]


def _limits(kind: Any) -> tuple[float, float] | None:
    """What a type of integers or of dates holds."""
    dates = None if kind is None else DateType.of(ColumnType(str(kind)))
    return integer_limits(kind) if dates is None else date_limits(dates.unit)


def cast_column(values: Any, kind: Any, path: str, column: str, first_row: int = 0) -> Any:
    """An Arrow array as an array of the type `kind`: the same values, or an error for the first that is not.

    Decimals become the doubles nearest to them.

    Raises
    ------
    ValueError
        With file, row, column and value.
    """
    pa = arrow()
    types = pa.types
    there = values.type
    if there == kind:
        return values
    if types.is_dictionary(there) and types.is_dictionary(kind) and there.value_type == kind.value_type:
        # Values that no row has are kept.
        codes = values.indices.cast(kind.index_type)
        return pa.DictionaryArray.from_arrays(codes, values.dictionary, ordered=kind.ordered)
    if plain_type(there) != there:
        values = _plain(values)
        return cast_column(values, kind, path, column, first_row)
    if types.is_dictionary(kind):
        plain = cast_column(values, kind.value_type, path, column, first_row)
        return plain.dictionary_encode().cast(kind)
    if types.is_floating(kind) and types.is_decimal(there):
        # Arrow rounds twice on the straight way; by way of their digits decimals are rounded once.
        return values.cast(pa.string()).cast(kind)
    if types.is_floating(kind) and types.is_integer(there):
        _check_exact(values, path, column, first_row)
        return values.cast(kind, safe=False)
    if types.is_boolean(there) and not is_text(kind):
        return values.cast(pa.uint8()).cast(kind)
    try:
        return values.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        at = _first_refused(values, kind)
        raise ValueError(
            f"{path} holds {_shown(values[at])} at row {first_row + at}, column {column!r}: it does not "
            f"fit into {kind}, the type of the column over all files ({error})"
        ) from error


def _plain(values: Any) -> Any:
    """The values of a dictionary or of runs, one by one."""
    if arrow().types.is_dictionary(values.type):
        kind = settled(values.dictionary.type)
        if kind != values.dictionary.type:
            # Arrow decodes no views.
            values = type(values).from_arrays(values.indices, values.dictionary.cast(kind))
        return values.dictionary_decode()
    return arrow().compute.run_end_decode(values)


def _check_exact(values: Any, path: str, column: str, first_row: int) -> None:
    missing = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    filled = values.fill_null(0) if values.null_count else values
    try:
        floats(filled.to_numpy(zero_copy_only=False), np.dtype(np.float64), missing)
    except Unfit as unfit:
        raise ValueError(
            f"{path} holds {unfit.what} at row {first_row + unfit.at}, column {column!r}: {unfit.why}"
        ) from None


def _shown(value: Any) -> str:
    try:
        return repr(value.as_py())
    except (OverflowError, ValueError):
        # Python's own times end sooner than Arrow's.
        return f"{value.type} {value.value}"


def _first_refused(values: Any, kind: Any) -> int:
    """The row of the first value that the cast refuses, found by halves."""
    pa = arrow()
    start, stop = 0, len(values)
    while stop - start > 1:
        middle = (start + stop) // 2
        try:
            values.slice(start, middle - start).cast(kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            stop = middle
        else:
            start = middle
    return start
