"""Spark: names of any kind, labels of any type, and what comes back beside the features."""

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyspark.sql.functions as F
import pytest

import nngmix
from nngmix.spark import augment, fit, split_row_id

N = 60
# Dots, blanks, quotes, backticks, other scripts, nothing at all, and names that differ in case alone.
NAMES = ["id.orig_p", "a b", "q'\"`x`", "größe", "", "A", "a", " lead", "select", "b.c.d", "x,y;(z)=\t"]


def rows() -> tuple[np.ndarray, np.ndarray]:
    X = np.random.default_rng(5).random((N, len(NAMES)))
    return X, (np.arange(N) % 20 == 0).astype(int)


def frame_of(session: Any, X: np.ndarray, *others: Any, names: list[str], kinds: list[str]) -> Any:
    """Features of the type double and other columns, in two partitions."""
    values = [(*row, *rest) for row, *rest in zip(X.tolist(), *others, strict=True)]
    schema = ", ".join(f"f{i} {kind}" for i, kind in enumerate([*["double"] * X.shape[1], *kinds]))
    frame = session.createDataFrame(session.sparkContext.parallelize(values, 2), schema)
    return frame.toDF(*names)


def expected_rows(X: np.ndarray, y: Any, anomaly: Any, n: int = 10) -> tuple[Any, list[Any]]:
    """New rows and their labels, by the sampler."""
    sampler = nngmix.NNGMix(n_samples=n, anomaly_label=anomaly, random_state=0)
    made, labels = sampler.fit_resample(X, y)
    return np.ascontiguousarray(made[len(X) :]), list(labels[len(X) :])


def table_of(frame: Any) -> list[list[Any]]:
    """The columns, by position."""
    return [column.to_pylist() for column in frame.toArrow().columns]


def test_names_of_any_kind(spark: Any) -> None:
    X, y = rows()
    names = [*NAMES, "La.bel", "la.bel"]
    frame = frame_of(spark, X, y.tolist(), range(N), names=names, kinds=["int", "long"])
    made = augment(frame, 10, label="La.bel", id="la.bel", plan=True, mark="is.new", random_state=0)
    added = ["row", "anchor", "partner", "pool", "lam", "anchor_id", "partner_id", "is.new"]
    assert made.columns == [*names, *added]
    columns = table_of(made)
    new = np.column_stack([column[N:] for column in columns[: len(NAMES)]])
    assert new.tobytes() == expected_rows(X, y, 1)[0].tobytes()
    old = np.column_stack([column[:N] for column in columns[: len(NAMES)]])
    assert np.array_equal(old, X)
    assert columns[len(NAMES)] == [*y.tolist(), *[1] * 10]
    assert columns[len(NAMES) + 1] == [*range(N), *[None] * 10]
    partition, row = split_row_id(columns[-6][N:])
    assert columns[-2][N:] == (partition * (N // 2) + row).tolist()
    assert columns[-1] == [False] * N + [True] * 10
    with pytest.raises(
        ValueError, match=r"there is no column 'La\.Bel'; the nearest are 'La\.bel', 'la\.bel'"
    ):
        augment(frame, 10, label="La.Bel")
    twice = frame_of(spark, X[:, :3], y.tolist(), names=["a", "a", "b", "odd"], kinds=["int"])
    with pytest.raises(ValueError, match="these column names occur more than once: 'a'"):
        augment(twice, 10, label="odd")
    # Where it is no feature, nobody asks for it by its name.
    assert augment(twice, 10, label="odd", features=["b"]).count() == N + 10


def test_other_columns_and_labels_of_any_type(spark: Any) -> None:
    X, y = rows()
    X = X[:, :2]
    day = datetime.date(2020, 1, 1)
    values: dict[str, tuple[str, Any, Any, list[Any]]] = {
        "byte": ("tinyint", 0, 1, [1, "1", 1.0]),
        "text": ("string", "ok", "1", [1, "1"]),
        "flag": ("boolean", False, True, [True, "true"]),
        "real": ("float", 0.0, 0.10000000149011612, [0.1, "0.1"]),
        "money": ("decimal(9,2)", Decimal("0.00"), Decimal("1.50"), [1.5, "1.5"]),
        "day": ("date", day, day.replace(year=2021), [day.replace(year=2021)]),
        "gaps": ("string", None, "bad", ["bad", ["bad"]]),
    }
    bytes_ = expected_rows(X, y, 1)[0].tobytes()
    others = [[bad if k else good for k in y.tolist()] for _, good, bad, _ in values.values()]
    names, kinds = ["u", "v", *values], [kind for kind, *_ in values.values()]
    frame = frame_of(spark, X, *others, names=names, kinds=kinds)
    frame = frame.withColumn("list", F.array(F.lit(1))).withColumn(
        "when", F.lit("2020-01-01").cast("timestamp")
    )
    before = table_of(frame)
    for name, (_, _, _, asked) in values.items():
        for anomaly in asked[:2]:
            made = augment(frame, 10, label=name, anomaly=anomaly, features=["u", "v"], random_state=0)
            assert made.dtypes == frame.dtypes
            columns = table_of(made)
            assert np.column_stack([c[N:] for c in columns[:2]]).tobytes() == bytes_
            at = names.index(name)
            assert columns[at] == [*before[at], *[columns[at][0]] * 10]
            assert columns[-1][N:] == [None] * 10
    with pytest.raises(ValueError, match="no row has 'bda' in the label column 'gaps'; it holds no label"):
        augment(frame, 10, label="gaps", anomaly="bda", features=["u", "v"])


def test_classes_and_rows_that_lack_values(spark: Any) -> None:
    X, _ = rows()
    X = X[:, :3].copy()
    kind = np.array(["ok", "x", "y"])[np.minimum(np.arange(N) % 10, 3) % 3].tolist()
    frame = frame_of(spark, X, kind, names=["u", "v", "w", "kind"], kinds=["string"])
    made = table_of(augment(frame, 10, label="kind", unlabeled="ok", only_new=True, random_state=0))
    expected, labels = expected_rows(X, kind, ["x", "y"])
    assert np.column_stack(made[:3]).tobytes() == expected.tobytes()
    assert made[3] == labels
    bad = X.tolist()
    bad[5][1], bad[40][0] = None, float("inf")
    values = [(*row, label) for row, label in zip(bad, kind, strict=True)]
    holes = spark.createDataFrame(spark.sparkContext.parallelize(values, 2), frame.schema)
    with pytest.raises(ValueError, match=r"partition 0 must be finite, got None at row 5, column 'v'"):
        augment(holes.limit(30), 10, label="kind", unlabeled="ok")
    with pytest.warns(UserWarning, match="left out 2 of 60 rows"):
        left = augment(holes, 10, label="kind", unlabeled="ok", missing="skip", random_state=0)
    columns = table_of(left)
    assert columns[1][5] is None
    good = np.delete(X, [5, 40], axis=0)
    expected, _ = expected_rows(good, np.delete(kind, [5, 40]), ["x", "y"])
    assert np.column_stack([c[N:] for c in columns[:3]]).tobytes() == expected.tobytes()


def test_vectors_and_arrays_are_told_the_way_out(spark: Any) -> None:
    from pyspark.ml.feature import VectorAssembler

    X, y = rows()
    frame = frame_of(spark, X[:, :2], y.tolist(), names=["u", "v", "odd"], kinds=["int"])
    vectors = VectorAssembler(inputCols=["u", "v"], outputCol="features").transform(frame)
    with pytest.raises(
        TypeError, match=r"column 'features' holds a vector .* VectorAssembler\), .*vector_to_array"
    ):
        augment(vectors, 10, label="odd")
    with pytest.raises(TypeError, match=r"column 'list' holds an array in each row \(array<double>\)"):
        fit(X[:, :2], frame.withColumn("list", F.array("u")), features=["u", "list"])
    made = augment(vectors, 10, label="odd", ignore=["features"], random_state=0)
    assert made.dtypes == vectors.dtypes
    assert made.filter("features is null").count() == 10


def test_anomalies_of_frames_are_matched_by_name(spark: Any) -> None:
    X, _ = rows()
    frame = frame_of(spark, X[10:, :3], names=["u", "v", "w.x"], kinds=[])
    anomalies = pd.DataFrame(X[:10, [2, 0, 1]], columns=["w.x", "u", "v"])
    table = fit(anomalies, frame)
    assert table.feature_names == ("w.x", "u", "v")
    expected = fit(X[:10, [2, 0, 1]], frame.select("`w.x`", "u", "v"))
    assert table.rows(0, 50, random_state=0).tobytes() == expected.rows(0, 50, random_state=0).tobytes()
    with pytest.raises(ValueError, match="lacks 'z' and has 'v' besides"):
        fit(anomalies.rename(columns={"v": "z"}), frame)
