"""Spark: what is shuffled, what results look like, labels in the same frame, bad partitions.

That the bytes are right is the business of test_one_truth.py, tasks that fail that of test_faults.py.
"""

import datetime
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.typing import NDArray

import nngmix
from nngmix.engines import spark_frame
from nngmix.spark import augment, fit, generate, split_row_id
from strategies import make_rows

NAMES = list("abcde")


def data(n: int = 300, dtype: Any = np.float32) -> tuple[NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(0)
    return make_rows(rng, 12, 5, "continuous", dtype), make_rows(rng, n, 5, "continuous", dtype)


def frame_of(session: Any, X: NDArray[Any], n_parts: int = 3, kind: str = "float") -> Any:
    rows = session.sparkContext.parallelize(X.tolist(), n_parts)
    return session.createDataFrame(rows, ", ".join(f"{name} {kind}" for name in NAMES))


def labelled(session: Any, n_parts: int) -> tuple[Any, NDArray[Any], NDArray[Any]]:
    """A frame with a label and columns that are no features, its features and its labels."""
    rng = np.random.default_rng(4)
    X = make_rows(rng, 400, 5, "continuous", np.float64)
    y = (rng.permutation(400) < 9).astype(int)
    when = datetime.date(2020, 2, 2)
    columns = [(*row, i, when, int(k)) for i, (row, k) in enumerate(zip(X.tolist(), y, strict=True))]
    schema = ", ".join([*(f"{name} double" for name in NAMES), "`an.id` long", "when date", "class int"])
    return session.createDataFrame(session.sparkContext.parallelize(columns, n_parts), schema), X, y


def test_rows_are_not_shuffled_but_states_are(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the search the plan reads and nothing else; above it there are states to be merged."""
    anomalies, unlabeled = data()
    plans: list[str] = []
    of = type(frame_of(spark, unlabeled))
    iterate = of.toLocalIterator

    def spy(frame: Any, *args: Any, **kwargs: Any) -> Any:
        plans.append(frame._jdf.queryExecution().optimizedPlan().toString())
        return iterate(frame, *args, **kwargs)

    monkeypatch.setattr(of, "toLocalIterator", spy)
    fit(anomalies, frame_of(spark, unlabeled), scale="minmax")
    assert len(plans) == 2  # the scale, then the search
    for plan in plans:
        merging, _, reading = plan.partition("Repartition")
        assert "MapInArrow merge" in merging
        assert "MapInArrow search" in reading
        assert not re.search("Repartition|Join|Aggregate|Sort|Window", reading)


def test_generate_knows_its_schema(spark: Any) -> None:
    anomalies, unlabeled = data()
    table = fit(anomalies, frame_of(spark, unlabeled))
    made = generate(table, 1000, 3, columns=NAMES, plan=True, start=50, random_state=0)
    assert made.rdd.getNumPartitions() == 3
    names = [*NAMES, "row", "anchor", "partner", "pool", "lam"]
    kinds = [*["float"] * 5, "bigint", "bigint", "bigint", "string", "double"]
    assert made.dtypes == list(zip(names, kinds, strict=True))
    arrow = made.toArrow()
    plan = table.plan(50, 1050, random_state=0)
    assert arrow["row"].to_pylist() == list(range(50, 1050))
    assert np.array_equal(arrow["anchor"], plan.anchor)
    assert np.array_equal(arrow["partner"], plan.partner)
    assert np.array_equal(np.asarray(arrow["pool"]) == "unlabeled", plan.unlabeled)
    assert np.array_equal(arrow["lam"], plan.lam)
    rows = np.column_stack([arrow[name].to_numpy() for name in NAMES])
    assert np.array_equal(rows, table.rows(50, 1050, random_state=0))


def test_a_generator_is_asked_once(spark: Any) -> None:
    anomalies, unlabeled = data()
    table = fit(anomalies, frame_of(spark, unlabeled))
    made = generate(table, 100, 3, random_state=np.random.default_rng(0))
    assert made.columns == ["x0", "x1", "x2", "x3", "x4"]
    rows = made.toArrow()
    assert rows == made.toArrow()
    assert len(set(rows["x0"].to_pylist())) == 100
    assert generate(table, 0).count() == 0


def test_row_ids_tell_partition_and_row(spark: Any) -> None:
    anomalies, unlabeled = data()
    table = fit(anomalies, frame_of(spark, unlabeled))
    partition, row = split_row_id(table.row_ids)
    _, expected = nngmix.kneighbors(anomalies, unlabeled, 10)
    assert set(partition.ravel()) == {0, 1, 2}
    assert np.array_equal(100 * partition + row, expected)


@pytest.mark.parametrize(("n_parts", "scale"), [(1, None), (4, "minmax")])
def test_augment_is_the_sampler_on_the_same_rows(spark: Any, n_parts: int, scale: str | None) -> None:
    frame, X, y = labelled(spark, n_parts)
    sampler = nngmix.NNGMix(n_samples=200, scale=scale, random_state=3)
    expected, _ = sampler.fit_resample(X, y)
    made = augment(frame, 200, label="class", features=NAMES, scale=scale, plan=True, random_state=3)
    assert made.dtypes[: len(frame.columns)] == frame.dtypes
    arrow = made.toArrow()
    rows = np.column_stack([arrow[name].to_numpy() for name in NAMES])
    assert rows.tobytes() == np.ascontiguousarray(expected).tobytes()
    assert arrow["an.id"].to_pylist() == [*range(400), *[None] * 200]
    assert arrow["when"][400:].null_count == 200
    assert arrow["class"].to_pylist() == [*y.tolist(), *[1] * 200]
    assert arrow["lam"][:400].null_count == 400
    for name in ("anchor", "partner"):
        partition, row = split_row_id(arrow[name][400:].to_numpy())
        assert np.array_equal(400 // n_parts * partition + row, getattr(sampler.plan_, name))
    heard: list[Any] = []
    options: dict[str, Any] = {"label": "class", "features": NAMES, "only_new": True}
    assert augment(frame, "10x", callback=lambda *said: heard.append(said), **options).count() == 90
    assert heard == [(stage, done, done) for stage in ("scale", "search") for done in (0, 400)]


def test_what_augment_refuses(spark: Any) -> None:
    frame, _, _ = labelled(spark, 2)
    with pytest.raises(ValueError, match="391 rows are labelled anomalies by the label column 'class', more"):
        augment(frame, 10, label="class", anomaly=0, features=NAMES, max_anomalies=100)
    with pytest.raises(ValueError, match="no row has 2 in the label column 'class'"):
        augment(frame, 10, label="class", anomaly=2, features=NAMES)
    with pytest.raises(
        TypeError,
        match=r"the frame must hold real numbers .* other types: 'when' \(date32\[day\]\); .*ignore",
    ):
        augment(frame, 10, label="class")
    with pytest.raises(ValueError, match="would be added, but there is 'lam' already; rename it"):
        augment(frame.withColumnRenamed("an.id", "lam"), 10, label="class", features=NAMES, plan=True)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"X_anomaly": np.zeros((3, 4))},
            ValueError,
            "X_anomaly must have the 5 columns of X_unlabeled, got 4",
        ),
        ({"features": ["a", "x"]}, ValueError, "X_unlabeled: there is no column 'x'; there are 'a', 'b'"),
        ({"scale": "robust"}, ValueError, "scale must be 'minmax', 'standard' or None"),
        ({"n_threads": 0}, ValueError, "n_threads must be at least 1"),
        ({"X_unlabeled": pd.DataFrame()}, TypeError, "expected a Spark DataFrame, got DataFrame"),
    ],
)
def test_what_fit_refuses(spark: Any, change: dict[str, Any], error: type[Exception], message: str) -> None:
    anomalies, unlabeled = data()
    with pytest.raises(error, match=message):
        fit(**{"X_anomaly": anomalies, "X_unlabeled": frame_of(spark, unlabeled), **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_samples": -1}, "n_samples must be at least 0"),
        ({"num_partitions": 0}, "num_partitions must be at least 1"),
        ({"columns": ["a"]}, "columns must name the 5 features"),
        ({"alpha": 0}, "alpha must be above 0"),
    ],
)
def test_what_generate_refuses(spark: Any, change: dict[str, Any], message: str) -> None:
    anomalies, unlabeled = data()
    with pytest.raises(ValueError, match=message):
        generate(nngmix.NeighborTable(anomalies).update(unlabeled), **{"n_samples": 10, **change})


def test_types_of_columns(spark: Any) -> None:
    """Integers, booleans and decimals are numbers, in float64."""
    anomalies, _ = data()
    rows = [(i, i % 2 == 0, i / 8, i, 0.5 * i) for i in range(40)]
    frame = spark.createDataFrame(rows, "a int, b boolean, c float, d long, e double")
    frame = frame.withColumn("e", frame.e.cast("decimal(12, 3)"))
    table = fit(anomalies, frame)
    expected = nngmix.NeighborTable(anomalies.astype(np.float64)).update(np.array(rows, float))
    assert table.dtype == np.float64
    assert table.neighbor_rows.tobytes() == expected.neighbor_rows.tobytes()


def test_bad_rows_and_partitions_are_named_and_skipped(spark: Any) -> None:
    anomalies, unlabeled = data()
    bad = unlabeled.copy()
    bad[105, 2] = np.nan
    with pytest.raises(ValueError, match=r"^partition 1 must be finite, got nan at row 5, column 'c'; drop"):
        fit(anomalies, frame_of(spark, bad))
    bad[299, 0] = -np.inf
    with pytest.raises(ValueError, match=r"^partition [12] must be finite"):
        fit(anomalies, frame_of(spark, bad), skip_bad=True)
    with pytest.warns(UserWarning, match="left out 2 of 300 rows"):
        table = fit(anomalies, frame_of(spark, bad), missing="skip", scale="minmax")
    expected = fit(anomalies, frame_of(spark, np.delete(unlabeled, [105, 299], axis=0)), scale="minmax")
    assert table.n_seen == 298
    assert table.rows(0, 99, random_state=0).tobytes() == expected.rows(0, 99, random_state=0).tobytes()
    ids = spark.range(2**53 + 2, 2**53 + 40, 1, 2).selectExpr(*(f"id as {name}" for name in NAMES))
    with pytest.raises(ValueError, match=r"^partition \d holds the integer 90071992547\d+, .* column '.'"):
        fit(anomalies, ids)
    some = frame_of(spark, unlabeled).selectExpr(*(f"cast({name} as long) as {name}" for name in NAMES))
    said = r"left out 2 partitions .* \(partition 3 holds the integer .*, partition 4 holds"
    with pytest.warns(UserWarning, match=said):
        assert fit(anomalies, some.union(ids), skip_bad=True).n_seen == 300


def test_a_corrupt_file_is_named(spark: Any, tmp_path: Path) -> None:
    """Spark reads files itself: it names the one it cannot read, and skips it where it is asked to."""
    anomalies, unlabeled = data()
    for number, part in enumerate(np.array_split(unlabeled, 3)):
        pd.DataFrame(part, columns=NAMES).to_parquet(tmp_path / f"{number}.parquet")
    (tmp_path / "1.parquet").write_bytes(b"PAR1 no more")
    schema = ", ".join(f"{name} float" for name in NAMES)
    with pytest.raises(Exception, match=r"1\.parquet"):
        fit(anomalies, spark.read.schema(schema).parquet(str(tmp_path)))
    tolerant = spark.read.schema(schema).option("ignoreCorruptFiles", "true").parquet(str(tmp_path))
    assert fit(anomalies, tolerant).n_seen == 200


def test_blocks_put_together_are_the_rows() -> None:
    batches = [pa.record_batch({"a": pa.array(range(i), pa.int64())}) for i in (3, 0, 5, 1, 1)]
    larger = list(spark_frame._larger(batches, 4))
    assert [len(batch) for batch in larger] == [8, 2]
    assert [x for batch in larger for x in batch["a"].to_pylist()] == [0, 1, 2, 0, 1, 2, 3, 4, 0, 0]


def test_a_table_of_categories_and_what_is_made_of_it(spark: Any) -> None:
    """Its values have types of their own, and what is missing is null."""
    kinds = "kind string, a double, flag boolean, size int"
    rows = [("x", 1.0, True, 3), (None, 2.0, None, None), ("y", None, False, 1), ("x", 0.5, True, 3)]
    anomalies = pd.DataFrame({"kind": ["z", None], "a": [1.0, 2.0], "flag": [True, None], "size": [1, None]})
    anomalies = anomalies.astype({"size": "Int64"})
    frame = spark.createDataFrame(rows, kinds)
    asked = {"categorical_features": ["kind", "flag", "size"], "missing": "keep", "n_neighbors": 2}
    table = fit(anomalies, frame, scale="minmax", **asked)
    there = nngmix.NeighborTable(anomalies, scale=table.scale, **asked)
    there.update(pd.DataFrame(rows, columns=anomalies.columns))
    assert table.categories == there.categories == (("x", "y", "z"), None, (False, True), (1, 3))
    np.testing.assert_array_equal(table.neighbor_rows, there.neighbor_rows)
    made = generate(table, 30, columns=list(anomalies), random_state=0)
    types = ["string", "double", "boolean", "bigint"]
    expected = pd.DataFrame(table.decoded(table.rows(0, 30, random_state=0)), dtype=object)
    got = made.toArrow()
    assert [got[name].to_pylist() for name in anomalies] == [
        [None if pd.isna(value) else value for value in expected[j]] for j in range(4)
    ]
    assert [kind for _, kind in made.dtypes] == types
