"""The contract of the door, kept by all that take rows in parts: the same bytes, or the same refusal.

A pass that keeps the rows it is given stands for the search: what it gets of a stream's blocks, of the
partitions of a Dask collection and of the batches of Spark is what `as_rows` makes of them.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import nngmix.spark
from nngmix import stream
from nngmix.engines.dask_collection import feature_types, runner
from nngmix.engines.partitions import Block, PartitionState, fold_partition
from nngmix.engines.roles import Roles
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.labels import LabelRule
from nngmix.rows.rows import as_rows
from rows.test_contract_categories import AUTO, COLUMNS, NUMBERS, frame_of
from rows.type_table import REFUSED, Kind, kinds, ways_of

KINDS = {kind.name: kind for kind in kinds()}
GOOD = [name for name, kind in KINDS.items() if kind.becomes != REFUSED]
BAD = [name for name, kind in KINDS.items() if kind.becomes == REFUSED]


class Keeper:
    """A pass that keeps what it is given."""

    def __init__(self, spec: FitSpec) -> None:
        self.spec, self.kept, self.codes = spec, [], []

    def update(self, rows: Any, labels: Any, first_id: int, report: Any = None) -> None:
        self.kept.extend(block.copy() for _, block in rows.blocks(self.spec.dtype, 2))
        if labels is not None and self.spec.rule is not None:
            self.codes.extend(self.spec.rule.split(labels).anomaly.tolist())

    def merge(self, other: Self) -> None:
        self.kept.extend(other.kept)
        self.codes.extend(other.codes)

    def copied(self) -> Self:
        copy = type(self)(self.spec)
        copy.kept, copy.codes = list(self.kept), list(self.codes)
        return copy

    def bytes(self) -> bytes:
        return b"".join(block.tobytes() for block in self.kept)


def by_stream(block: Any, dtype: Any, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """A block twice: once gathered, once, where it can be, as it lies."""
    kept = Keeper(FitSpec(1, np.dtype(dtype)))

    def fit(fold: Callable[[Any], Any], spec: FitSpec, given: Any) -> Any:
        fold(kept)
        raise InterruptedError

    monkeypatch.setattr(stream, "fit_table", fit)
    with pytest.raises(InterruptedError):
        stream.fit(np.zeros((1, 1), dtype), [block], read_ahead=0)
    return kept


def by_partition(block: Any, dtype: Any, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """What both engines do with a block of a partition."""
    empty = PartitionState(Keeper(FitSpec(1, np.dtype(dtype))), False)
    return fold_partition(empty, [Block(block)], 3).state


def by_dask(block: Any, dtype: Any, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """A collection of one partition that is read, cut and searched by a graph of Dask."""
    empty = PartitionState(Keeper(FitSpec(1, np.dtype(dtype))), False)
    # By default Dask makes texts of columns of objects.
    with dask.config.set({"scheduler": "synchronous", "dataframe.convert-string": False}):
        if isinstance(block, np.ndarray):
            return runner(da.from_array(block, chunks=-1), 1, None)(empty).state
        frame = dd.from_map(lambda _: block, [0], meta=block.iloc[:0])
        return runner(frame, 1, Roles(("a",)))(empty).state


ADAPTERS = {"stream": by_stream, "partition": by_partition, "dask": by_dask}


# Types of Arrow in frames of pandas that Dask itself cannot cut or name.
DASK_LACKS = {"run_end_encoded", "string_view", "binary_view", "month_day_nano_interval"}


def fits(adapter: str, kind: Kind, block: Any) -> bool:
    """Whether a container can be a part of what the adapter takes."""
    if adapter == "dask" and kind.name in DASK_LACKS:
        return False
    if adapter == "dask":
        array = type(block) is np.ndarray and block.dtype.kind in "biufc"
        return isinstance(block, pd.DataFrame) or array
    return adapter == "stream" or hasattr(block, "__len__")


def blocks_of(adapter: str, kind: Kind, folder: Path) -> dict[str, Any]:
    ways = {way: make() for way, make in ways_of(kind, folder).items()}
    return {way: block for way, block in ways.items() if fits(adapter, kind, block)}


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("name", GOOD)
def test_numbers_give_the_bytes_of_the_door(
    name: str, adapter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = KINDS[name]
    for way, block in blocks_of(adapter, kind, tmp_path).items():
        dtype = "float64" if way == "pandas objects" else kind.becomes
        kept = ADAPTERS[adapter](block, dtype, monkeypatch)
        assert kept.bytes() == kind.floats().astype(dtype).tobytes(), way


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("name", BAD)
def test_all_else_is_refused_in_the_words_of_the_door(
    name: str, adapter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for way, block in blocks_of(adapter, KINDS[name], tmp_path).items():
        with pytest.raises(TypeError) as door:
            as_rows("X", ways_of(KINDS[name], tmp_path)[way]())
        with pytest.raises(TypeError) as refusal:
            ADAPTERS[adapter](block, "float64", monkeypatch)
        called = re.escape("the block of batches from row 0" if adapter == "stream" else "partition 3")
        called = "partition 0" if adapter == "dask" else called
        expected, _, _ = str(door.value).partition("; convert")
        said, _, _ = str(refusal.value).partition("; convert")
        assert re.sub(f"^{called}", "X", said) == expected, way


def test_a_part_wider_than_the_whole_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is narrowed in silence."""
    frame = pd.DataFrame({"a": [0.1, 0.2]})
    for make in ADAPTERS.values():
        with pytest.raises(TypeError, match="is float64"):
            make(frame, "float32", monkeypatch)


@pytest.mark.parametrize("kind", COLUMNS)
def test_categories_give_the_ranks_of_the_door(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values, column = COLUMNS[kind]
    X = frame_of(column, NUMBERS[: len(values)])
    door = as_rows("X", X, asked=AUTO)
    spec = FitSpec(2, door.dtype, door.names, columns=AUTO, kinds=door.kinds)
    empty, kept = PartitionState(Keeper(spec), False), [Keeper(spec)]

    def fit(fold: Callable[[Any], Any], *_: Any) -> Any:
        fold(kept[0])
        raise InterruptedError

    monkeypatch.setattr(stream, "fit_table", fit)
    with pytest.raises(InterruptedError):
        stream.fit(X, [X], scale="minmax", categorical_features="auto", missing="keep", read_ahead=0)
    kept.append(fold_partition(empty, [Block(X)], 3).state)
    if isinstance(X, pd.DataFrame):
        with dask.config.set({"scheduler": "synchronous", "dataframe.convert-string": False}):
            frame = dd.from_map(lambda _: X, [0], meta=X.iloc[:0])
            roles = Roles(("kind", "number"))
            like = feature_types(frame, roles, "X", AUTO)
            assert like.kinds is not None
            assert like.kinds.categorical.tolist() == [True, False]
            kept.append(runner(frame, 2, roles)(empty).state)
    for keeper in kept:
        np.testing.assert_array_equal(np.concatenate(keeper.kept), door.whole())


LABELS = {
    "int": [0, 1, 1],
    "bool": [False, True, True],
    "text": ["0", "1", "1"],
    "float": [0.0, 1.0, 1.0],
}


ASKED = [(kind, anomaly) for kind in LABELS for anomaly in (1, "1", 1.0, [1, 7], True)]


@pytest.mark.parametrize(("kind", "anomaly"), [asked for asked in ASKED if asked != ("text", True)])
def test_labels_are_compared_as_they_are_shown(kind: str, anomaly: Any) -> None:
    X, y = np.zeros((3, 1)), LABELS[kind]
    ways = {
        "NumPy": np.array(y),
        "pandas": pd.Series(y),
        "category": pd.Series(y, dtype="category"),
        "nullable": pd.Series(y).convert_dtypes(),
        "pandas of Arrow": pd.Series(y, dtype=pd.ArrowDtype(pa.array(y).type)),
        "Arrow": pa.array(y),
        "dictionary": pa.array(y).dictionary_encode(),
    }
    spec = FitSpec(1, X.dtype, rule=LabelRule.of(anomaly, None))
    for way, label in ways.items():
        state = fold_partition(PartitionState(Keeper(spec), False), [Block(X, label)], 0).state
        assert state.codes == [False, True, True], way


SPARK = {
    "boolean": (pa.bool_(), [True, False, None]),
    "tinyint": (pa.int8(), [-128, 127, None]),
    "smallint": (pa.int16(), [-32768, 32767, None]),
    "int": (pa.int32(), [-(2**31), 2**31 - 1, None]),
    "bigint": (pa.int64(), [-(2**53), 2**53, None]),
    "float": (pa.float32(), [1e-45, -0.0, None]),
    "double": (pa.float64(), [5e-324, -0.0, None]),
    "decimal(38,9)": (pa.decimal128(38, 9), None),
    "string": (pa.string(), None),
    "binary": (pa.binary(), None),
    "date": (pa.date32(), None),
    "timestamp": (pa.timestamp("us"), None),
    "array<double>": (pa.list_(pa.float64()), None),
    "map<string,int>": (pa.map_(pa.string(), pa.int32()), None),
    "struct<a:int>": (pa.struct([("a", pa.int32())]), None),
}


def test_types_of_spark(spark: Any) -> None:
    """Through Spark itself: its types are those of Arrow."""
    decimals = [Decimal("9007199254740993.000000001"), Decimal("-0.1"), None]
    for kind, (arrow, values) in SPARK.items():
        if arrow == pa.decimal128(38, 9):
            values = decimals
        if values is None:
            frame = spark.createDataFrame([], f"a {kind}")
            with pytest.raises(
                TypeError, match=r"^X_unlabeled(: the column 'a' holds an array| must hold real)"
            ):
                nngmix.spark.fit([[0.0]], frame)
            continue
        frame = spark.createDataFrame([(value,) for value in values], f"a {kind}").coalesce(1)
        expected = as_rows("X", pa.table({"a": pa.array(values[:2], arrow)}))
        anomaly = np.zeros((1, 1), expected.dtype)
        with pytest.warns(UserWarning, match="left out 1 of 3 rows"):
            table = nngmix.spark.fit(anomaly, frame, n_neighbors=2, missing="skip")
        there = nngmix.NeighborTable(anomaly, n_neighbors=2).update(expected.whole())
        assert table.dtype == expected.dtype
        assert table.neighbor_rows.tobytes() == there.neighbor_rows.tobytes(), kind
