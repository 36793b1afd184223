"""The contract of the door: every type by every way in memory gives the same bytes, or the same refusal."""

import re
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from type_table import NULLABLE, REFUSED, WAYS, Kind, Lender, kinds, ways_of

from nngmix.rows.labels import Labels, read_labels, same_label
from nngmix.rows.rows import as_rows

# The id of all types that are made of others, which has no name.
EXTENSION = pa.uuid().id
KINDS = {kind.name: kind for kind in kinds()}


def every_way(which: dict[str, Kind]) -> list[tuple[str, str]]:
    return [(name, way) for name, kind in which.items() for way in ways_of(kind, Path())]


def words(error: Exception) -> str:
    """A refusal without the name of the type and the value, which each library has its own of.

    Only columns of frames have types of dates that can be asked for.
    """
    said = re.sub(r"got .*?; convert", "got ...; convert", str(error), flags=re.S)
    return said.removesuffix(", or stays one where new rows are made with whole_features=['a']")


@pytest.mark.parametrize(("name", "way"), every_way({n: k for n, k in KINDS.items() if k.becomes != REFUSED}))
def test_numbers_give_the_same_bytes(name: str, way: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    rows = as_rows("X", ways_of(kind, tmp_path)[way]())
    # Python's objects are as wide as its floats.
    dtype = "float64" if way == "pandas objects" else kind.becomes
    expected = kind.floats().astype(dtype)[:, None]
    assert rows.dtype == dtype
    assert rows.whole().tobytes() == expected.tobytes()
    assert b"".join(block.tobytes() for _, block in rows.blocks(n_values=1)) == expected.tobytes()
    backwards = np.arange(len(rows))[::-1].copy()
    assert rows.take(backwards).tobytes() == expected[::-1].tobytes()
    assert rows.finite(rows.whole()) is None


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.becomes == REFUSED])
def test_all_else_is_refused_in_the_same_words(name: str, tmp_path: Path) -> None:
    said = {}
    for way, make in ways_of(KINDS[name], tmp_path).items():
        with pytest.raises(
            TypeError, match=r"^X must hold real numbers \(float32, float64 or integers\), got"
        ) as no:
            as_rows("X", make())
        said[way] = words(no.value)
        if hasattr(make(), "columns"):
            assert re.search(r"columns of other types: 'a' \(.*\), 'a' being .* at row \d;", str(no.value))
    assert len(set(said.values())) == 1, said


def test_the_table_has_every_type() -> None:
    there = {kind.arrow.type.id for kind in KINDS.values() if kind.arrow is not None} | {pa.lib.Type_NA}
    # Python has no arrays of these.
    none = {pa.lib.Type_INTERVAL_MONTHS, pa.lib.Type_INTERVAL_DAY_TIME}
    assert there == {getattr(pa.lib, name) for name in dir(pa.lib) if name.startswith("Type_")} - none | {
        EXTENSION
    }
    numpy = {kind.numpy.dtype.type for kind in KINDS.values() if kind.numpy is not None}
    # Some characters are other names of the same integers.
    missing = {np.dtype(code).type for code in np.typecodes["All"]} - numpy
    assert all(np.dtype(type_).name in {np.dtype(there).name for there in numpy} for type_ in missing)
    assert set(WAYS) == {way for kind in KINDS.values() for way in ways_of(kind, Path())}


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pl.Series("a", [2**53, -(2**53)], pl.Int128), "float64"),
        (pl.Series("a", [2**53, 0], pl.UInt128), "float64"),
        (pl.Series("a", [Decimal("0.1"), 2.5], pl.Object), "float64"),
        (pl.Series("a", ["a", "b"], pl.Enum(["a", "b"])), REFUSED),
        (pl.Series("a", ["a", "b"], pl.Categorical), REFUSED),
        (pl.Series("a", [[1], [2]], pl.Array(pl.Int8, 1)), REFUSED),
        (pl.Series("a", ["x", 1], pl.Object), REFUSED),
    ],
)
def test_types_of_polars_alone(series: pl.Series, expected: str) -> None:
    if expected == REFUSED:
        with pytest.raises(TypeError, match="X must hold real numbers"):
            as_rows("X", series.to_frame())
    else:
        rows = as_rows("X", series.to_frame()).whole()
        assert rows.tobytes() == np.array([[float(value)] for value in series.to_list()]).tobytes()


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, 2], dtype="category"),
        pd.Series(["a", "b"], dtype="category"),
        pd.Series(pd.period_range("2020", "2021", freq="Y")),
        pd.Series(pd.interval_range(0, 2)),
        pd.Series(pd.to_datetime(["2020", "2021"]).tz_localize("UTC")),
        pd.Series(["1", "2"], dtype="string"),
        pd.Series(pd.arrays.SparseArray([1j, 0], fill_value=0)),
    ],
)
def test_types_of_pandas_alone_are_refused(values: pd.Series) -> None:
    with pytest.raises(TypeError, match=r"got columns of other types: 'a' \("):
        as_rows("X", values.to_frame("a"))


@pytest.mark.parametrize("fill", [0, 1, 7])
def test_sparse_columns_of_any_fill_value(fill: int) -> None:
    values = np.array([0, 1, 7, 7, 1, 0, 5])
    frame = pd.DataFrame({"a": pd.arrays.SparseArray(values, fill_value=fill), "b": values * 0.5})
    assert np.array_equal(as_rows("X", frame).whole(), np.stack([values, values * 0.5], 1))


# Ways of one kind of library show a missing value alike.
GAPS: dict[str, tuple[Any, str]] = {
    "float32": (pd.DataFrame({"a": np.array([1, np.nan], "f4")}), "nan"),
    "infinity": (pl.DataFrame({"a": [1.0, -np.inf]}), "-inf"),
    "pandas nullable": (pd.DataFrame({"a": pd.array([1, None], "Int8")}), "<NA>"),
    "pandas nullable floats": (pd.DataFrame({"a": pd.array([1, None], "Float32")}), "<NA>"),
    "pandas truths": (pd.DataFrame({"a": pd.array([True, None], "boolean")}), "<NA>"),
    "pandas of Arrow": (pd.DataFrame({"a": pd.array([1, None], "int8[pyarrow]")}), "<NA>"),
    "pandas objects": (pd.DataFrame({"a": pd.Series([1, pd.NA], dtype=object)}), "<NA>"),
    "polars": (pl.DataFrame({"a": [1, None]}), "None"),
    "polars truths": (pl.DataFrame({"a": [True, None]}), "None"),
    "polars decimals": (pl.DataFrame({"a": [Decimal("0.1"), None]}), "None"),
    "polars wide": (pl.DataFrame({"a": pl.Series([1, None], dtype=pl.Int128)}), "None"),
    "Arrow": (pa.table({"a": pa.array([1, None])}), "None"),
    "Arrow floats": (pa.table({"a": pa.array([np.float16(1), None])}), "None"),
    "Arrow truths": (pa.record_batch({"a": pa.array([True, None])}), "None"),
    "Arrow decimals": (pa.table({"a": pa.array([Decimal("0.1"), None])}), "None"),
    "decimal infinity": (pd.DataFrame({"a": [Decimal(1), Decimal("Infinity")]}), "Decimal('Infinity')"),
    "beyond": (pd.DataFrame({"a": [Decimal(1), Decimal("1e400")]}), "Decimal('1E+400')"),
}


@pytest.mark.parametrize("gap", GAPS)
def test_a_value_that_is_not_finite_is_named_as_the_user_knows_it(gap: str) -> None:
    frame, shown = GAPS[gap]
    rows = as_rows("X", frame, first_row=40)
    [(start, block)] = rows.blocks()
    assert rows.finite(block).tolist() == [True, False]
    expected = (
        f"X must be finite, got {shown} at row 41, column 'a'; drop or impute such rows with NaN or "
        "infinity, or say missing='skip' to leave them out where samplers and streams can, or "
        "missing='keep' to keep missing values"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        rows.check_finite(block, start)


@pytest.mark.parametrize(
    "frame",
    [
        pa.table({"a": pa.nulls(2)}),
        pl.DataFrame({"a": [None, None]}),
        pd.DataFrame({"a": [None, None]}, dtype=object),
        pd.DataFrame({"a": pd.array([None, None], "Int64")}),
        pd.DataFrame({"a": pd.array([None, None], pd.ArrowDtype(pa.null()))}),
        [[None], [None]],
    ],
)
def test_a_column_that_misses_every_value_is_numbers(frame: Any) -> None:
    rows = as_rows("X", frame)
    assert np.isnan(rows.whole()).all()
    assert rows.finite(rows.whole()).tolist() == [False, False]


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, -(2**63), 2**64 - 1])
@pytest.mark.parametrize("missing", [False, True])
def test_integers_that_no_float_holds_are_refused(value: int, missing: bool) -> None:
    dtype = "uint64" if value > 2**63 else "int64"
    array = np.array([1, value], dtype)
    values = [None if missing else 1, value]
    title = dtype.replace("int", "Int").replace("u", "U")
    ways: dict[str, Any] = {
        "pandas nullable": pd.DataFrame({"a": pd.array(values, title)}),
        "pandas objects": pd.DataFrame({"a": pd.Series(values, dtype=object)}),
        "pandas of Arrow": pd.DataFrame({"a": pd.array(values, f"{dtype}[pyarrow]")}),
        "polars": pl.DataFrame({"a": pl.Series(values, dtype=getattr(pl, title))}),
        "polars wide": pl.DataFrame({"a": pl.Series(values, dtype=pl.Int128)}),
        "Arrow": pa.table({"a": pa.array(values, dtype)}),
        "lists": [[value] for value in values],
        "lists beside floats": [[values[0], 0.5], [value, 0.5]],
    }
    if not missing:
        ways |= {"ndarray": array[:, None], "pandas": pd.DataFrame({"a": array})}
    for way, frame in ways.items():
        with pytest.raises(
            ValueError, match=rf"^X holds the integer {value}, beyond 2\*\*53, at row 1, column"
        ):
            as_rows("X", frame).whole()
        assert way


def test_columns_that_are_no_numbers_are_told_together() -> None:
    frame = pd.DataFrame({"city": ["Paris"], "n": [1], "when": pd.to_datetime(["2020-01-01"]), "kind": ["x"]})
    frame["kind"] = frame["kind"].astype("category")
    expected = (
        r"^X must hold real numbers .*, got columns of other types: 'city' \((str|object)\), "
        r"'when' \(datetime64\[.*\]\), 'kind' \(category\), 'city' being 'Paris' at row 0; "
        r"convert it first.*; texts and categories are features with categorical_features=\"auto\"; a date"
    )
    with pytest.raises(TypeError, match=expected):
        as_rows("X", frame)


def test_the_first_text_among_numbers_is_shown() -> None:
    for frame in (pd.DataFrame({"a": [1, "unknown"]}, dtype=object), [[1], ["unknown"]]):
        with pytest.raises(TypeError, match="'unknown' at row 1"):
            as_rows("X", frame)


def test_other_libraries_lend_their_columns() -> None:
    table = pa.table({"a": [1, 2], "b": [0.5, 1.5]})
    for way in ("__arrow_c_stream__", "__dataframe__"):
        rows = as_rows("X", Lender(table, way))
        assert rows.names == ("a", "b")
        assert rows.whole().tolist() == [[1, 0.5], [2, 1.5]]


# A structure, a list or a union is shown as its library writes it.
LABELS = {
    name: kind
    for name, kind in KINDS.items()
    if kind.arrow is None or not pa.types.is_nested(kind.arrow.type)
}


def shown(labels: Labels) -> list[Any]:
    return [None if code < 0 else labels.values[code] for code in labels.codes.tolist()]


@pytest.mark.parametrize("name", LABELS)
def test_labels_are_the_same_by_every_way(name: str, tmp_path: Path) -> None:
    kind, first = LABELS[name], None
    for way, make in ways_of(kind, tmp_path).items():
        labels = shown(read_labels("y", make()))
        first = labels if first is None else first
        # A float of Python has lost its width.
        if way == "pandas objects" and name in ("float16", "float32"):
            continue
        # To older versions of polars it is a Float32.
        if way.startswith("polars") and name == "float16" and not hasattr(pl, "Float16"):
            continue
        assert all(same_label(one, other) for one, other in zip(first, labels, strict=True)), (
            way,
            labels,
            first,
        )


def nullable(column: np.ndarray) -> pd.Series:
    dtype = NULLABLE.get(column.dtype.name)
    return pd.Series(column) if dtype is None else pd.Series(column, dtype=dtype)


columns = st.lists(
    st.one_of(
        npst.arrays(np.float64, 9, elements=st.floats(allow_nan=False)),
        npst.arrays(np.float32, 9, elements=st.floats(allow_nan=False, width=32)),
        npst.arrays(np.float16, 9, elements=st.floats(allow_nan=False, width=16)),
        npst.arrays(np.int64, 9, elements=st.integers(-(2**53), 2**53)),
        npst.arrays(np.uint8, 9),
        npst.arrays(np.bool_, 9),
    ),
    min_size=1,
    max_size=5,
)


@given(columns, st.integers(0, 9), st.integers(0, 9), st.integers(1, 40))
def test_frames_give_the_bytes_of_the_array(values: list[Any], cut: int, start: int, n_values: int) -> None:
    narrow = all(column.dtype in (np.float16, np.float32) for column in values)
    expected = np.stack([column.astype("f4" if narrow else "f8") for column in values], 1)
    table = pa.table(
        {f"c{j}": pa.chunked_array([column[:cut], column[cut:]]) for j, column in enumerate(values)}
    )
    frames = [
        pd.DataFrame({f"c{j}": column for j, column in enumerate(values)}),
        pd.DataFrame({f"c{j}": nullable(column) for j, column in enumerate(values)}),
        table,
        table.to_pandas(types_mapper=pd.ArrowDtype),
        pl.DataFrame({f"c{j}": column for j, column in enumerate(values)}),
        pl.from_arrow(table),
    ]
    for frame in frames:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rows = as_rows("X", frame)
            assert rows.dtype == expected.dtype
            assert rows.whole().tobytes() == as_rows("X", expected).whole().tobytes()
            blocks = [block.copy() for _, block in rows.blocks(n_values=n_values)]
            assert np.concatenate(blocks).tobytes() == expected.tobytes()
            assert as_rows("X", frame[start:]).whole().tobytes() == expected[start:].tobytes()
            reversed_names = rows.names[::-1]
            assert rows.matched(reversed_names, "X_anomaly").whole().tobytes() == expected[:, ::-1].tobytes()


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=7, min_value=-(10**20), max_value=10**20),
        min_size=1,
    )
)
def test_decimals_are_rounded_once(values: list[Decimal]) -> None:
    expected = np.array([[float(value)] for value in values])
    # No decimal of Arrow or polars has a sign of zero.
    expected += 0.0
    array = pa.array(values, pa.decimal128(38, 7))
    for frame in (
        pa.table({"a": array}),
        pl.DataFrame({"a": pl.from_arrow(array)}),
        [[value + 0] for value in values],
    ):
        assert np.array_equal(as_rows("X", frame).whole(), expected)
