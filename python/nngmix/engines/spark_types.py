"""What the columns of a Spark DataFrame hold, and the types that made columns get."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyspark.sql.types as T
from pyspark.sql.pandas.types import from_arrow_type

from nngmix.engines.maker import Maker
from nngmix.engines.roles import FRAME, Roles, not_of
from nngmix.files.new_columns import types_of_values
from nngmix.rows.asked_columns import ColumnsAsked, named_columns
from nngmix.rows.names import check_unique, listed
from nngmix.rows.refusal import no_numbers
from nngmix.rows.rows import Known, Rows, as_rows

__all__ = [
    "Types",
    "arrow_type",
    "date_type",
    "feature_types",
    "numbered",
    "roles_of",
    "types_of",
    "types_of_table",
]

_NUMBERS = {
    T.BooleanType: pa.bool_(),
    T.ByteType: pa.int8(),
    T.ShortType: pa.int16(),
    T.IntegerType: pa.int32(),
    T.LongType: pa.int64(),
    T.FloatType: pa.float32(),
    T.DoubleType: pa.float64(),
    T.NullType: pa.null(),
}
# What may hold categories besides.
_OTHERS = {
    T.StringType: pa.string(),
    T.CharType: pa.string(),
    T.VarcharType: pa.string(),
    T.BinaryType: pa.binary(),
    T.DateType: pa.date32(),
}
# What dates are, where they are asked for.
_DATES = {
    T.DateType: pa.date32(),
    T.TimestampType: pa.timestamp("us", "UTC"),
    T.TimestampNTZType: pa.timestamp("us"),
    T.DayTimeIntervalType: pa.duration("us"),
}


def numbered(frame: Any) -> Any:
    """The frame with its columns named by their numbers."""
    return frame.toDF(*(f"c{i}" for i in range(len(frame.columns))))


def roles_of(frame: Any, where: str, *given: Any) -> Roles:
    """The roles of the columns, `given` as to `Roles.of`."""
    if not hasattr(frame, "mapInArrow"):
        raise not_of(where, "a Spark DataFrame", frame)
    roles = Roles.of(where, frame.columns, *given)
    used = {*roles.features, *roles.others}
    check_unique(where, [name for name in frame.columns if name in used])
    return roles


def feature_types(
    frame: Any, roles: Roles, where: str, asked: ColumnsAsked, known: Known | None = None
) -> Rows:
    """No rows of the types of the features: what the door refuses is refused before any work.

    `known` are the columns of the anomalies, if these are given apart from the frame.
    """
    fields = {field.name: field.dataType for field in frame.schema.fields}
    features, n = roles.features, len(roles.features)
    categorical = named_columns("categorical_features", asked.categorical_features, where, features, n)
    if isinstance(asked.categorical_features, str):
        texts = T.StringType, T.CharType, T.VarcharType, T.BooleanType
        categorical = np.array([isinstance(fields[name], texts) for name in features])
    if known is not None:
        categorical |= known.categorical(features, n)
    kinds = {
        name: arrow_type(fields[name], is_category) or date_type(fields[name])
        for name, is_category in zip(features, categorical.tolist(), strict=True)
    }
    refused = [name for name, kind in kinds.items() if kind is None]
    for name in refused:
        _refuse_list(where, name, fields[name])
    if refused:
        shown = [fields[name].simpleString() for name in refused]
        said = listed(f"{name!r} ({kind})" for name, kind in zip(refused, shown, strict=True))
        raise no_numbers(where, f"columns of other types: {said}", shown, FRAME)
    asked = replace(asked, categorical_features=categorical)
    none = pa.schema(list(kinds.items())).empty_table()
    return as_rows(where, none, asked=asked, known=known, advice=FRAME)


def arrow_type(kind: Any, is_category: bool = False) -> Any:
    """The type in Arrow; None for one that holds no numbers, nor categories where these are asked for."""
    if is_category and type(kind) in _OTHERS:
        return _OTHERS[type(kind)]
    if isinstance(kind, T.DecimalType):
        return pa.decimal128(kind.precision, kind.scale)
    return _NUMBERS.get(type(kind))


def date_type(kind: Any) -> Any:
    """The type of dates in Arrow; None for what is no date."""
    return _DATES.get(type(kind))


def _refuse_list(where: str, name: Any, kind: Any) -> None:
    """TypeError for a column of vectors or arrays, with the way to columns of numbers."""
    if type(kind).__name__ in ("VectorUDT", "MatrixUDT"):
        raise TypeError(
            f"{where}: the column {name!r} holds a vector in each row, and a feature is a column of numbers: "
            "pass the columns that it was assembled from (before the VectorAssembler), or make columns of it "
            f"with pyspark.ml.functions.vector_to_array({name!r})[0], [1] and so on; leave it out with ignore"
        )
    if isinstance(kind, T.ArrayType):
        raise TypeError(
            f"{where}: the column {name!r} holds an array in each row ({kind.simpleString()}), and a feature "
            f"is a column of numbers: make columns of its elements, or leave it out with ignore"
        )


@dataclass(frozen=True)
class Types:
    """What made columns are in Spark and in Arrow, where they are no floats.

    Attributes
    ----------
    features : dict of int to (DataType, pyarrow.DataType)
        Those that hold categories or dates, by their positions.
    id : (DataType, pyarrow.DataType) or None
        Of the id column, where a plan names rows by it.
    """

    features: dict[int, tuple[Any, Any]]
    id: tuple[Any, Any] | None = None


def types_of(frame: Any, maker: Maker, roles: Roles) -> Types:
    """The types of the columns of a frame to which made rows are added."""
    fields = {field.name: field.dataType for field in frame.schema.fields}
    kinds = {column: fields[roles.features[column]] for column in maker.categories}
    features = {column: (kind, arrow_type(kind, True)) for column, kind in kinds.items()}
    dates = {column: fields[roles.features[column]] for column in maker.dates}
    features |= {column: (kind, date_type(kind)) for column, kind in dates.items()}
    if maker.row_names is None:
        return Types(features)
    ids = numbered(frame).select(f"c{frame.columns.index(roles.id)}")
    return Types(features, (fields[roles.id], ids.limit(0).toArrow().schema.field(0).type))


def types_of_table(maker: Maker) -> Types:
    """Those of the values that a table holds; a column that misses all of them is one of texts."""
    arrow = {column: types_of_values(v).type if v else pa.string() for column, v in maker.categories.items()}
    for column, kind in maker.dates.items():
        # Microseconds are what Spark counts.
        moment = pa.duration("us") if kind.family == "duration" else pa.timestamp("us", kind.zone and "UTC")
        arrow[column] = pa.date32() if kind.family == "date" else moment
    return Types({column: (from_arrow_type(kind, True), kind) for column, kind in arrow.items()})
