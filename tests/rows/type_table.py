"""Every type of NumPy, Arrow, pandas and polars with what the door makes of it, and every way in memory."""

import datetime as dt
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ARROW", "NULLABLE", "NUMPY", "REFUSED", "WAYS", "Kind", "Lender", "kinds", "ways_of"]

REFUSED = "refused"


@dataclass(frozen=True)
class Kind:
    """Some values of one type, and what becomes of them: float32, float64 or refused."""

    name: str
    arrow: Any  # a pyarrow array, or None where Arrow has no such type
    numpy: Any  # a NumPy array, or None where NumPy has none
    becomes: str

    def floats(self) -> np.ndarray:
        """What the door must give, by Python's own conversion."""
        values = self.numpy.tolist() if self.numpy is not None else self.arrow.to_pylist()
        return np.array([float(value) for value in values]).astype(self.becomes)


def _numbers() -> list[Kind]:
    table: dict[str, tuple[list[Any], str]] = {
        "float16": ([-0.0, 65504.0, 2.0**-24, -1.5], "float32"),
        "float32": ([-0.0, 1e-45, 3.4028235e38, 0.1], "float32"),
        "float64": ([-0.0, 5e-324, 1.7976931348623157e308, 0.1], "float64"),
        "bool": ([True, False, True, True], "float64"),
    }
    for bits in (8, 16, 32):
        table[f"int{bits}"] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, 0, 1], "float64"
        table[f"uint{bits}"] = [2**bits - 1, 0, 1, 2], "float64"
    table["int64"] = [-(2**53), 2**53, 0, 1 - 2**53], "float64"
    table["uint64"] = [2**53, 0, 1, 2**53 - 1], "float64"
    return [
        Kind(name, pa.array(np.array(values, name)), np.array(values, name), becomes)
        for name, (values, becomes) in table.items()
    ]


# Decimals that a division of two floats, or a detour, rounds wrongly.
_DECIMALS = [Decimal("0.1"), Decimal("123.456"), Decimal("-999.999"), Decimal("0.007")]
_LONG = [Decimal("9007199254740993.000000001"), Decimal("-1234567890123456.789012345"), Decimal(1), None]

_DAY, _NOON = dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 12)
_MONTHS = pa.MonthDayNano([1, 2, 3])


def _arrow_kinds() -> list[Kind]:
    decimals = {
        "decimal32": (pa.decimal32(9, 3), _DECIMALS),
        "decimal64": (pa.decimal64(18, 3), _DECIMALS),
        "decimal128": (pa.decimal128(38, 9), _LONG[:3]),
        "decimal256": (pa.decimal256(76, 9), _LONG[:3]),
        "negative scale": (pa.decimal128(5, -2), [Decimal("1E+5"), Decimal("-300")]),
    }
    strange: dict[str, tuple[list[Any], Any]] = {
        "string": (["1", "2"], pa.string()),
        "large_string": (["1", "2"], pa.large_string()),
        "string_view": (["1", "2"], pa.string_view()),
        "binary": ([b"1", b"2"], pa.binary()),
        "large_binary": ([b"1", b"2"], pa.large_binary()),
        "binary_view": ([b"1", b"2"], pa.binary_view()),
        "fixed_size_binary": ([b"1", b"2"], pa.binary(1)),
        "date32": ([_DAY, _DAY], pa.date32()),
        "date64": ([_DAY, _DAY], pa.date64()),
        "time32": ([dt.time(1), dt.time(2)], pa.time32("s")),
        "time64": ([dt.time(1), dt.time(2)], pa.time64("us")),
        "timestamp": ([_NOON, _NOON], pa.timestamp("us")),
        "timestamp with zone": ([_NOON, _NOON], pa.timestamp("us", "UTC")),
        "duration": ([dt.timedelta(1), dt.timedelta(2)], pa.duration("us")),
        "month_day_nano_interval": ([_MONTHS, _MONTHS], pa.month_day_nano_interval()),
        "list": ([[1], [2]], pa.list_(pa.int8())),
        "large_list": ([[1], [2]], pa.large_list(pa.int8())),
        "list_view": ([[1], [2]], pa.list_view(pa.int8())),
        "large_list_view": ([[1], [2]], pa.large_list_view(pa.int8())),
        "fixed_size_list": ([[1], [2]], pa.list_(pa.int8(), 1)),
        "struct": ([{"a": 1}, {"a": 2}], pa.struct([("a", pa.int8())])),
        "map": ([[("a", 1)], [("b", 2)]], pa.map_(pa.string(), pa.int8())),
        "uuid": ([b"0123456789abcdef"] * 2, pa.uuid()),
    }
    types = pa.array([0, 0], pa.int8())
    unions = {
        "sparse_union": pa.UnionArray.from_sparse(types, [pa.array([1, 2])]),
        "dense_union": pa.UnionArray.from_dense(types, pa.array([0, 1], pa.int32()), [pa.array([1, 2])]),
    }
    categories = {
        "categories of texts": pa.array(["a", "b"]).dictionary_encode(),
        "categories of numbers": pa.array([1.5, 2.5]).dictionary_encode(),
    }
    runs = pc.run_end_encode(pa.array([1.5, 1.5, 2.5], pa.float32()))
    return [
        *(Kind(name, pa.array(values, type_), None, "float64") for name, (type_, values) in decimals.items()),
        Kind("run_end_encoded", runs, None, "float32"),
        *(Kind(name, pa.array(values, type_), None, REFUSED) for name, (values, type_) in strange.items()),
        *(Kind(name, array, None, REFUSED) for name, array in (unions | categories).items()),
    ]


def _numpy_kinds() -> list[Kind]:
    arrays = {
        "longdouble": np.array([1, 2], np.longdouble),
        "complex64": np.array([1, 2], np.complex64),
        "complex128": np.array([1, 2], np.complex128),
        "clongdouble": np.array([1, 2], np.clongdouble),
        "bytes": np.array([b"1", b"2"]),
        "text": np.array(["1", "2"]),
        "void": np.zeros(2, "V4"),
        "structured": np.zeros(2, [("a", float)]),
        "datetime64": np.array(["2020-01-01", "2020-01-02"], "M8[us]"),
        "timedelta64": np.array([1, 2], "m8[us]"),
        "objects": np.array(["x", 1], object),
    }
    # Since NumPy 2.
    if hasattr(np.dtypes, "StringDType"):
        arrays["texts of any length"] = np.array(["1", "2"], np.dtypes.StringDType())
    return [Kind(f"NumPy {name}", None, array, REFUSED) for name, array in arrays.items()] + [
        Kind("NumPy objects that are numbers", None, np.array([1, 0.5, *_DECIMALS, True], object), "float64")
    ]


ARROW, NUMPY = _arrow_kinds(), _numpy_kinds()
NUMBERS = _numbers()


def kinds() -> list[Kind]:
    return [*NUMBERS, *ARROW, *NUMPY]


class Lender:
    """A library of its own that lends its columns in one way only."""

    def __init__(self, table: Any, way: str) -> None:
        setattr(self, way, getattr(table, way))


class _Array:
    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.array


def _strided(array: np.ndarray) -> np.ndarray:
    wide = np.zeros((2 * len(array), 3), array.dtype)
    wide[::-2, 1] = array
    return wide[::-2, 1:2]


def _unaligned(array: np.ndarray) -> np.ndarray:
    raw = np.zeros(array.nbytes + 1, np.uint8)[1:]
    raw[:] = np.frombuffer(array.tobytes(), np.uint8)
    return raw.view(array.dtype)[:, None]


def _matrix(array: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.matrix(array).T


def _read_only(array: np.ndarray) -> np.ndarray:
    array = array[:, None].copy()
    array.flags.writeable = False
    return array


def _memory_map(array: np.ndarray, folder: Path) -> np.ndarray:
    np.save(folder / "rows.npy", array[:, None])
    return np.load(folder / "rows.npy", mmap_mode="r")


def _chunked(array: Any) -> Any:
    return pa.chunked_array([array[:0], array[:1], array[:0], array[1:]], array.type)


def _sliced(array: Any) -> Any:
    return pa.concat_arrays([array[1:], array, array[:1]])[len(array) - 1 : -1]


NULLABLE = {f"{sign}int{bits}": f"{sign.upper()}Int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
NULLABLE |= {"float32": "Float32", "float64": "Float64", "bool": "boolean"}


def _pandas(values: Any, dtype: Any = None) -> pd.DataFrame:
    return pd.DataFrame({"a": pd.Series(values, dtype=dtype)})


def _polars(array: Any) -> pl.DataFrame:
    return pl.DataFrame({"a": pl.Series("a", pl.from_arrow(array))})


# From NumPy, and from Arrow, by the name of the way.
_FROM_NUMPY: dict[str, Callable[[np.ndarray], Any]] = {
    "ndarray": lambda array: array[:, None],
    "column-major": lambda array: np.asfortranarray(np.stack([array, array], 1))[:, :1],
    "strided backwards": _strided,
    "unaligned": _unaligned,
    "read-only": _read_only,
    "big-endian": lambda array: array[:, None].astype(array.dtype.newbyteorder(">")),
    "matrix": _matrix,
    "lists of scalars": lambda array: [[value] for value in array],
    "__array__": lambda array: _Array(array[:, None]),
    "pandas": lambda array: _pandas(array, array.dtype),
    "pandas, no copy": lambda array: pd.DataFrame(array[:, None], columns=["a"], copy=False),
}
_FROM_ARROW: dict[str, Callable[[Any], Any]] = {
    "Arrow table": lambda array: pa.table({"a": array}),
    "Arrow chunks": lambda array: pa.table({"a": _chunked(array)}),
    "Arrow slice": lambda array: pa.table({"a": _sliced(array)}),
    "Arrow batch": lambda array: pa.record_batch({"a": array}),
    "Arrow reader": lambda array: pa.table({"a": _chunked(array)}).to_reader(),
    "Arrow stream": lambda array: Lender(pa.table({"a": array}), "__arrow_c_stream__"),
    "pandas of Arrow": lambda array: _pandas(array, pd.ArrowDtype(array.type)),
    "polars": _polars,
    "polars chunks": lambda array: pl.concat([_polars(array[:1]), _polars(array[1:])], rechunk=False),
    "polars slice": lambda array: _polars(pa.concat_arrays([array, array]))[: len(array)],
}
WAYS = ["memory map", "pandas nullable", "pandas objects", "pandas sparse", *_FROM_NUMPY, *_FROM_ARROW]

_POLARS_LACKS = {"month_day_nano_interval", "sparse_union", "dense_union", "run_end_encoded"}
# polars and Python themselves have made numbers of these.
_POLARS_LACKS |= {"categories of numbers"}
_POLARS_LACKS |= {"list_view", "large_list_view", "negative scale", "decimal256", "uuid", "map"}
# What cannot be put together by Arrow for a slice, or made by the way itself.
_LACKS: dict[str, set[str]] = {
    "unaligned": {"NumPy objects", "NumPy objects that are numbers", "NumPy texts of any length"},
    "strided backwards": {"NumPy texts of any length"},
    "memory map": {"NumPy objects", "NumPy objects that are numbers", "NumPy texts of any length"},
    "matrix": {"NumPy texts of any length", "NumPy structured"},
    "big-endian": {"NumPy texts of any length", "NumPy structured"},
    "lists of scalars": {"NumPy structured", "NumPy void", "NumPy texts of any length"},
    "pandas": {"NumPy void", "NumPy structured", "NumPy texts of any length", "NumPy bytes", "NumPy text"},
    "Arrow slice": {"run_end_encoded"},
    "pandas objects": {"sparse_union", "dense_union"},
    "polars": _POLARS_LACKS,
    "polars chunks": _POLARS_LACKS | {"categories of texts"},
    "polars slice": _POLARS_LACKS | {"categories of texts"},
}
_LACKS["pandas, no copy"] = _LACKS["pandas"]


def ways_of(kind: Kind, folder: Path) -> dict[str, Callable[[], Any]]:
    """Every way in memory that can hold a kind, one column `a`."""
    ways: dict[str, Callable[[], Any]] = {}
    if kind.numpy is not None:
        ways["memory map"] = lambda: _memory_map(kind.numpy, folder)
        ways |= {name: (lambda make=make: make(kind.numpy)) for name, make in _FROM_NUMPY.items()}
        if kind.numpy.dtype.name in NULLABLE:
            ways["pandas nullable"] = lambda: _pandas(kind.numpy, NULLABLE[kind.numpy.dtype.name])
        if kind.numpy.dtype.kind in "iufb":
            fill = kind.numpy.dtype.type(1) if kind.numpy.dtype.kind in "iub" else np.nan
            ways["pandas sparse"] = lambda: _pandas(pd.arrays.SparseArray(kind.numpy, fill_value=fill))
    if kind.arrow is not None:
        ways |= {name: (lambda make=make: make(kind.arrow)) for name, make in _FROM_ARROW.items()}
        if not pa.types.is_dictionary(kind.arrow.type):
            ways["pandas objects"] = lambda: _pandas(kind.arrow.to_pylist(), object)
    return {name: make for name, make in ways.items() if kind.name not in _LACKS.get(name, set())}
