"""What `nngmix.dask.augment` gives back: every column untouched, new rows that fit among the old ones."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import nngmix
from mixed_frames import connections
from nngmix.dask import augment, fit, generate, split_row_id

N = 120
FEATURES = ["a", "b"]


@pytest.fixture(autouse=True)
def _synchronous() -> Any:
    with dask.config.set(scheduler="synchronous"):
        yield


def features(n: int = N) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(5).random((n, 2)), columns=FEATURES)


def others() -> dict[str, Any]:
    """A column of each kind that is no feature."""
    i = np.arange(N)
    texts = np.array(["x", "y", "z"])[i % 3]
    return {
        "int": i,
        "int8": i.astype(np.int8),
        "uint16": i.astype(np.uint16),
        "float32": i.astype(np.float32),
        "bool": i % 2 == 0,
        "text": texts,
        "object": pd.Series([Decimal(k) for k in i.tolist()], dtype=object),
        "lists": pd.Series([[k] for k in i.tolist()], dtype=object),
        "category": pd.Categorical(texts),
        "ordered": pd.Categorical(texts, categories=["z", "y", "x", "none"], ordered=True),
        "numbers": pd.Categorical(i % 4),
        "when": pd.date_range("2020-01-01", periods=N, freq="h"),
        "zoned": pd.date_range("2020-01-01", periods=N, freq="h", tz="Europe/Berlin"),
        "delta": pd.to_timedelta(i, unit="s"),
        "Int64": pd.array([None if k % 5 == 0 else k for k in i.tolist()], dtype="Int64"),
        "boolean": pd.array([None, True, False] * (N // 3), dtype="boolean"),
        "arrow int": pd.array(i.tolist(), dtype=pd.ArrowDtype(pa.int32())),
        "arrow text": pd.array(texts.tolist(), dtype=pd.ArrowDtype(pa.string())),
        "arrow decimal": pd.array([Decimal(k) for k in i.tolist()], dtype=pd.ArrowDtype(pa.decimal128(9, 2))),
        "python text": pd.array(texts.tolist(), dtype="string[python]"),
        "period": pd.period_range("2020-01", periods=N, freq="D"),
        "sparse": pd.arrays.SparseArray((i % 3).astype(float)),
    }


def frame() -> pd.DataFrame:
    return features().assign(**others(), odd=(np.arange(N) % 30 == 0).astype(int))


def augmented(rows: pd.DataFrame, **arguments: Any) -> pd.DataFrame:
    parts = dd.from_pandas(rows, npartitions=3, sort=False)
    arguments = {"label": "odd", "features": FEATURES, "random_state": 0, **arguments}
    lazy = augment(parts, 10, **arguments)
    made: pd.DataFrame = lazy.compute()
    assert list(made.columns) == list(lazy.columns)
    return made


@pytest.mark.parametrize("convert", [True, False])
def test_other_columns_come_through(convert: bool) -> None:
    rows = frame()
    with dask.config.set({"dataframe.convert-string": convert}):
        old = dd.from_pandas(rows, npartitions=3, sort=False).compute()
        made = augmented(rows)
    assert len(made) == N + 10
    for name in others():
        kept, new = made[name].iloc[:N], made[name].iloc[N:]
        expected = old[name]
        if expected.dtype in (np.dtype(bool), np.dtype(np.int64), np.dtype(np.int8), np.dtype(np.uint16)):
            assert kept.dtype.kind == expected.dtype.kind
            assert kept.dtype.itemsize == expected.dtype.itemsize
            expected = expected.astype(kept.dtype)
        pd.testing.assert_series_equal(kept, expected, check_freq=False)
        assert new.isna().all()
    assert made["odd"].dtype == rows["odd"].dtype
    assert made["odd"].iloc[N:].tolist() == [1] * 10


@pytest.mark.parametrize("ordered", [False, True])
def test_categories_that_dask_does_not_know(tmp_path: Path, ordered: bool) -> None:
    rows = features()
    texts = np.array(["ok", "scan"])[(np.arange(N) % 40 == 0).astype(int)]
    kind = pd.CategoricalDtype(["scan", "unseen", "ok"], ordered=ordered)
    rows["verdict"], rows["other"] = pd.Series(texts, dtype=kind), pd.Series(texts, dtype=kind)
    rows["number"] = pd.Categorical(np.arange(N) % 3)
    rows.to_parquet(tmp_path / "rows.parquet", row_group_size=N // 3)
    for name in ("verdict", "other"):
        parts = dd.read_parquet(tmp_path, split_row_groups=True)
        assert not parts[name].cat.known
        made = augment(parts, 10, label=name, anomaly="scan", features=FEATURES, random_state=0).compute()
        assert made[name].value_counts().to_dict() == {"ok": N - 3, "scan": 13, "unseen": 0}
        assert made[name].dtype == kind
        for old in rows.columns.drop(FEATURES):
            assert made[old].iloc[:N].astype(object).tolist() == rows[old].astype(object).tolist()
        assert made["number"].dtype == rows["number"].dtype


def test_partitions_with_categories_of_their_own() -> None:
    parts = [features(40).assign(kind=pd.Categorical(["ok"] * 40)) for _ in range(3)]
    parts[1]["kind"] = pd.Categorical(["scan"] * 2 + ["ok"] * 38)
    parts[2]["kind"] = pd.Categorical(["dos"] * 3 + ["ok"] * 37)
    whole = dd.from_map(lambda k: parts[k], range(3), meta=parts[0].iloc[:0])
    whole = whole.assign(kind=whole["kind"].cat.as_unknown())
    made = augment(whole, 10, label="kind", anomaly=["scan", "dos"], random_state=0).compute()
    assert made["kind"].value_counts().to_dict() == {"ok": 115, "dos": 9, "scan": 6}
    only = augment(whole, 10, label="kind", unlabeled="ok", only_new=True, random_state=0).compute()
    assert only["kind"].tolist() == ["dos"] * 6 + ["scan"] * 4


LABELS = {
    "int": (np.array([0, 1]), [1, "1", 1.0, True]),
    "int8": (np.array([0, 1], np.int8), [1, "1"]),
    "float32": (np.array([0, 0.1], np.float32), [0.1, "0.1"]),
    "bool": (np.array([False, True]), [True, "true", 1]),
    "text": (np.array(["ok", "1"]), [1, "1"]),
    "category": (pd.Categorical(["ok", "bad"]), ["bad", ["bad"]]),
    "number category": (pd.Categorical([0, 7]), [7, "7"]),
    "nullable": (pd.array([0, 1], dtype="Int8"), [1, "1"]),
    "nullable bool": (pd.array([False, True], dtype="boolean"), [True]),
    "arrow": (pd.array(["ok", "bad"], dtype=pd.ArrowDtype(pa.string())), ["bad"]),
    "arrow int": (pd.array([0, 1], dtype=pd.ArrowDtype(pa.uint8())), [1, "1"]),
    "object": (np.array([0, "bad"], dtype=object), ["bad"]),
    "date": (pd.to_datetime(["2020-01-01", "2021-01-01"]), [pd.Timestamp("2021-01-01")]),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_any_type(kind: str) -> None:
    """Compared as they are shown; a new row has the label in the column's own type."""
    two, asked = LABELS[kind]
    rows = features().assign(odd=pd.Series(two).take(np.arange(N) % 30 == 0).to_numpy())
    rows["odd"] = pd.Series(two).take((np.arange(N) % 30 == 0).astype(int)).set_axis(rows.index)
    expected = augmented(rows.assign(odd=(np.arange(N) % 30 == 0).astype(int)))
    for anomaly in asked:
        made = augmented(rows, anomaly=anomaly)
        dtype = dd.from_pandas(rows, npartitions=1)["odd"].compute().dtype
        assert made["odd"].dtype == dtype
        assert set(made["odd"].iloc[N:]) == {rows["odd"].iloc[0]}
        assert made[FEATURES].to_numpy().tobytes() == expected[FEATURES].to_numpy().tobytes()


def test_labels_with_gaps_and_third_values() -> None:
    rows = features().assign(kind=["a", "b", None, "c"] * (N // 4))
    made = augmented(rows, label="kind", anomaly="a")
    assert made["kind"].isna().sum() == N // 4
    third = augmented(rows, label="kind", anomaly="a", unlabeled="b", n_neighbors=5, plan=True)
    _, row = split_row_id(third["partner"].iloc[N:].dropna().to_numpy(np.int64))
    # Partners are anomalies, rows of "b" and rows without a label, never those of "c".
    assert set(row % 4) <= {0, 1, 2}


def test_several_classes_are_those_of_the_sampler() -> None:
    rows = features().assign(kind=np.array(["ok", "x", "y"])[np.minimum(np.arange(N) % 20, 3) % 3])
    asked = ["x", "y"]
    made = augmented(rows, label="kind", anomaly=asked)
    sampler = nngmix.NNGMix(n_samples=10, anomaly_label=asked, random_state=0)
    X, y = sampler.fit_resample(rows[FEATURES].to_numpy(), rows["kind"])
    assert made[FEATURES].to_numpy().tobytes() == np.ascontiguousarray(X).tobytes()
    assert made["kind"].tolist() == list(y)
    assert set(y[N:]) == {"x", "y"}


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(N, name="n"),
        pd.Index(np.arange(N) * 2.5, name="seconds"),
        pd.date_range("2020", periods=N, freq="h", tz="UTC", name="time"),
        pd.Index([f"k{i:03}" for i in range(N)], name="key"),
    ],
    ids=["int", "float", "time", "text"],
)
def test_the_index_of_the_old_rows_stays(index: pd.Index) -> None:
    rows = frame()[[*FEATURES, "odd"]].set_axis(index)
    for sort in (True, False):
        parts = dd.from_pandas(rows, npartitions=3, sort=sort)
        made = augment(parts, 10, label="odd", random_state=0).compute()
        old = parts.compute().index
        assert made.index.name == index.name
        assert made.index.dtype == old.dtype
        assert made.index[:N].equals(old)
        assert list(made.index[N:]) == list(range(10)) if index.name == "n" else made.index[N:].isna().all()


def test_ids_and_marks() -> None:
    rows = frame().assign(key=[f"k{i:03}" for i in range(N)])
    made = augmented(rows, id="key", mark="new", plan=True)
    assert made["new"].tolist() == [False] * N + [True] * 10
    assert made["new"].dtype == bool
    new = made.iloc[N:]
    assert new["key"].isna().all()
    for name in ("anchor", "partner"):
        partition, row = split_row_id(new[name].to_numpy(np.int64))
        assert new[f"{name}_id"].tolist() == [f"k{i:03}" for i in partition * (N // 3) + row]
    assert made["anchor_id"].iloc[:N].isna().all()
    only = augmented(rows, id="key", mark="new", only_new=True)
    assert only["new"].all()
    with pytest.raises(ValueError, match="would be added, but there is 'key' already"):
        augmented(rows, mark="key")
    with pytest.raises(ValueError, match="'key' is the id, it cannot be a feature"):
        augmented(rows, id="key", features=["a", "key"])
    # An id is no feature.
    numbered = features().assign(odd=rows["odd"], key=np.arange(N) + 2**60)
    assert augmented(numbered, id="key", features=None, plan=True)["anchor_id"].dropna().min() >= 2**60


def test_rows_that_lack_values_stay() -> None:
    rows = frame()[[*FEATURES, "odd", "text"]]
    rows.loc[[5, 50], "a"] = [np.nan, np.inf]
    rows.loc[30, "b"] = -np.inf  # A labelled one.
    with pytest.raises(
        ValueError, match=r"partition \d must be finite, got .* at row \d+, column '[ab]'; drop"
    ):
        augmented(rows)
    with pytest.warns(UserWarning, match="left out 3 of 120 rows"):
        made = augmented(rows, missing="skip")
    assert made[FEATURES].iloc[:N].equals(rows[FEATURES])
    good = rows.drop(index=[5, 30, 50])
    expected = augmented(good)
    assert made[FEATURES].iloc[N:].to_numpy().tobytes() == expected[FEATURES].iloc[-10:].to_numpy().tobytes()


def test_features_of_any_type_of_numbers() -> None:
    rows = pd.DataFrame({"a": np.arange(N) % 7, "b": np.arange(N) % 2 == 0, "odd": np.arange(N) % 30 == 0})
    rows["c"] = pd.array([Decimal(k) / 8 for k in range(N)], dtype=pd.ArrowDtype(pa.decimal128(9, 3)))
    rows["d"] = pd.array(range(N), dtype="Int16")
    names = ["a", "b", "c", "d"]
    expected = augmented(rows.astype(dict.fromkeys(names, float)), features=names)
    made = augmented(rows, features=names)
    assert made[names].dtypes.astype(str).to_list() == ["int64", "float64", "float64", "Int16"]
    assert made[names].to_numpy(dtype=float).tobytes() == expected[names].to_numpy().tobytes()
    narrow = augmented(frame().astype({"a": np.float16, "b": np.float32}))
    assert set(narrow[FEATURES].dtypes) == {np.dtype(np.float32)}


KINDS = {
    "text": pd.Series(["x", None, "y", "z"]),
    "object": pd.Series(["x", None, "y", "z"], dtype=object),
    "python text": pd.Series(["x", None, "y", "z"], dtype="string[python]"),
    "Arrow text": pd.Series(["x", None, "y", "z"], dtype=pd.ArrowDtype(pa.string())),
    "category": pd.Series(pd.Categorical(["x", None, "y", "z"], ["z", "unseen", "y", "x"], ordered=True)),
    "numbers": pd.Series(pd.Categorical([3, None, 1, 2])),
    "truth": pd.Series([True, False, False, True]),
    "boolean": pd.Series([True, None, False, True], dtype="boolean"),
    "truths": pd.Series([True, None, False, True], dtype=object),
}


@pytest.mark.parametrize("kind", KINDS)
def test_categories_are_features_of_the_type_that_came(kind: str) -> None:
    """The sampler's own rows, whatever the partitions: the second misses every category."""
    number = np.random.default_rng(1).permutation(N) % 4
    rows = features().assign(kind=KINDS[kind].take(number).reset_index(drop=True), odd=np.arange(N) % 30 == 0)
    if kind != "truth":
        rows.loc[50:89, "kind"] = None
    rows["count"] = pd.array([None if k % 7 == 0 else k for k in range(N)], dtype="Int32")
    asked = {"categorical_features": "auto", "missing": "keep", "random_state": 0}
    sampler = nngmix.NNGMix(n_samples=40, append=False, **asked)
    expected, _ = sampler.fit_resample(rows.drop(columns="odd"), rows["odd"])
    parts = [rows[:50], rows[50:90], rows[90:]]
    with dask.config.set({"dataframe.convert-string": False}):
        frame = dd.from_map(lambda k: parts[k], range(3), meta=rows.iloc[:0])
        lazy = augment(frame, 40, label="odd", plan=True, npartitions=2, **asked)
    made = lazy.compute()
    assert lazy.dtypes.equals(made.dtypes)
    assert made[["kind", "count"]].dtypes.equals(rows[["kind", "count"]].dtypes)
    old, new = made[:N], made[N:].reset_index(drop=True)
    pd.testing.assert_frame_equal(old[["kind", "count"]], rows[["kind", "count"]])
    pd.testing.assert_frame_equal(new[list(expected)], expected)
    assert set(new["donor"]) == {"anchor", "partner"}


def test_categories_that_fit_no_array_or_no_weight() -> None:
    rows = pd.DataFrame({"kind": ["x", "y", None], "a": [1.0, 2.0, 3.0]})
    frame = dd.from_pandas(rows, npartitions=2)
    with pytest.raises(TypeError, match=r"'kind' .*categorical_features=\"auto\""):
        fit(rows[:1], frame)
    with pytest.raises(ValueError, match="categorical_weight must be given with categories"):
        fit(rows[:1], frame, categorical_features="auto", missing="keep")
    with pytest.raises(ValueError, match="column 'kind' holds categories in one part"):
        fit([[1.0, 2.0]], frame, scale="minmax", categorical_features="auto", missing="keep")
    asked = {"categorical_features": ["kind"], "categorical_weight": 2.0, "missing": "keep"}
    table = fit(rows[:1], frame, n_neighbors=3, **asked)
    assert table.categories == (("x", "y"), None)
    assert table.squared_distances.tolist() == [[0, 3, 6]]
    with pytest.raises(ValueError, match="the table has columns of categories or dates: give the names"):
        generate(table, 5)
    made = generate(table, 50, columns=["kind", "a"], plan=True, random_state=0).compute()
    assert made["kind"].dtype == pd.CategoricalDtype(["x", "y"])
    assert set(made["kind"].astype(object).where(made["kind"].notna(), None)) == {"x", "y", None}


def test_positions_are_those_of_the_anomalies() -> None:
    rows = pd.DataFrame({"a": [1.0, 2.0, 3.0], "kind": [7, 8, 7]})
    frame = dd.from_pandas(rows[["kind", "a"]], npartitions=2)
    table = fit(rows, frame, n_neighbors=1, scale="minmax", categorical_features=[1])
    assert table.categories == (None, (7, 8))


def _searched(parts: list[pd.DataFrame], number: int) -> nngmix.NeighborTable:
    """What a worker finds in its part, whose rows count on."""
    asked = {"categorical_features": "auto", "categorical_weight": 1.0, "missing": "keep"}
    table = nngmix.NeighborTable(parts[0], **asked)
    return table.update(parts[number], row_ids=1000 * number + np.arange(len(parts[number])))


def test_mixed_tables_of_workers_merge(client: Any) -> None:
    """Each worker meets categories that no other has; the merged table is that of one process."""
    rows = connections(240, 12).drop(columns="attack")
    parts = [rows[:12], rows[12:90], rows[90:91], rows[91:]]
    parts = [part.assign(service=part["service"] + f" of {k % 3}") for k, part in enumerate(parts)]
    for part in parts:
        part["flag"] = part["flag"].cat.remove_unused_categories()
    tables = client.gather(client.map(lambda k: _searched(parts, k), [3, 1, 2], pure=False))
    merged = tables[0].merge(tables[1]).merge(tables[2])
    alone = _searched(parts, 1)
    for number in (2, 3):
        alone.update(parts[number], row_ids=1000 * number + np.arange(len(parts[number])))
    assert merged.categories == alone.categories
    assert merged.neighbor_rows.tobytes() == alone.neighbor_rows.tobytes()
    made = [table.decoded(table.rows(0, 99, random_state=0)) for table in (merged, alone)]
    pd.testing.assert_frame_equal(*map(pd.DataFrame, made))
    # The same by the collection, whose states merge on the workers.
    frame = dd.from_map(lambda k: parts[k], [1, 2, 3], meta=parts[0].iloc[:0])
    asked = {"categorical_features": "auto", "categorical_weight": 1.0, "missing": "keep"}
    fitted = fit(parts[0], frame, **asked)
    assert fitted.neighbor_rows.tobytes() == alone.neighbor_rows.tobytes()
