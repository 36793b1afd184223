"""Streams: the bytes of one call, whatever the blocks are made of; files by pyarrow.dataset."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import nngmix
from nngmix import NNGMix, stream
from nngmix.files.read_ahead import ahead
from nngmix.rows.scaling import MinMaxState

NAMES = [f"x{j}" for j in range(5)]


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(4)
    X = (rng.random((4000, 5)) * [1, 10, 100, 1000, 0.1]).astype(np.float32)
    return X[:9] + np.float32(0.2), X[9:]


def one_call(anomalies, unlabeled, scale):
    X = np.concatenate([anomalies, unlabeled])
    sampler = NNGMix(n_samples=300, scale=scale, random_state=8)
    return sampler.fit_resample(X, (np.arange(len(X)) < 9).astype(int))[0][len(X) :]


def blocks_of(kind, X):
    frames = {
        "array": lambda part: part,
        "fortran": np.asfortranarray,
        "list": lambda part: part.tolist(),
        "pandas": lambda part: pd.DataFrame(part, columns=NAMES)[NAMES[::-1]],
        "polars": lambda part: pl.DataFrame(dict(zip(NAMES, part.T, strict=True))),
        "batch": lambda part: pa.RecordBatch.from_arrays([pa.array(c.copy()) for c in part.T], NAMES),
        "table": lambda part: pa.table(dict(zip(NAMES, part.T.copy(), strict=True))),
    }
    return [frames[kind](part) for part in np.split(X, [1, 700, 701, 3000])]


@pytest.mark.parametrize("kind", ["array", "fortran", "pandas", "polars", "batch", "table"])
@pytest.mark.parametrize("scale", ["minmax", "standard", None])
def test_any_blocks_give_the_bytes_of_one_call(rows, kind, scale):
    anomalies, unlabeled = rows
    named = pd.DataFrame(anomalies, columns=NAMES) if kind == "pandas" else anomalies
    for read_ahead in (0, 2):
        table = stream.fit(named, blocks_of(kind, unlabeled), scale=scale, read_ahead=read_ahead)
        assert table.n_seen == len(unlabeled)
        assert np.array_equal(table.rows(0, 300, random_state=8), one_call(anomalies, unlabeled, scale))


def test_blocks_larger_and_smaller_than_those_searched(rows, monkeypatch):
    anomalies, unlabeled = rows
    monkeypatch.setattr("nngmix.neighbors.blocks.SEARCH_VALUES", 5 * 64)
    expected = one_call(anomalies, unlabeled, "minmax")
    for cuts in ([], [10], list(range(50, 3000, 50)), [64, 128, 1000, 1001]):
        table = stream.fit(anomalies, np.split(unlabeled, cuts), scale="minmax")
        assert np.array_equal(table.rows(0, 300, random_state=8), expected)
        assert table.plan(0, 300, random_state=8).partner.max() < len(unlabeled)


def test_one_pass_takes_a_generator_and_two_a_callable(rows):
    anomalies, unlabeled = rows
    once = stream.fit(anomalies, iter(np.array_split(unlabeled, 5)))
    assert np.array_equal(once.rows(0, 300, random_state=8), one_call(anomalies, unlabeled, None))
    twice = stream.fit(anomalies, lambda: iter(np.array_split(unlabeled, 5)), scale="minmax")
    assert np.array_equal(twice.rows(0, 300, random_state=8), one_call(anomalies, unlabeled, "minmax"))

    def never():
        raise AssertionError("no block may be asked for")
        yield

    with pytest.raises(ValueError, match="scale='minmax' needs two passes"):
        stream.fit(anomalies, never(), scale="minmax")


def test_two_passes_that_differ_are_noticed(rows):
    anomalies, unlabeled = rows
    passes = iter([unlabeled, unlabeled[:100]])
    with pytest.raises(ValueError, match=r"the first met 3991 rows, .* the second 100, 100 and 0"):
        stream.fit(anomalies, lambda: [next(passes)], scale="minmax")


def test_bad_blocks_are_named(rows):
    anomalies, unlabeled = rows
    bad = unlabeled.copy()
    bad[2500, 3] = np.inf
    for scale in ("minmax", None):
        with pytest.raises(ValueError, match="batches must be finite, got inf at row 2500, column 3"):
            stream.fit(anomalies, np.array_split(bad, 4), scale=scale)
    with pytest.raises(ValueError, match="from row 100 must have the 5 columns of X_anomaly, got 4"):
        stream.fit(anomalies, [unlabeled[:100], unlabeled[:, :4]])
    with pytest.raises(TypeError, match="is float64 but X_anomaly is float32"):
        stream.fit(anomalies, [unlabeled.astype(float)])
    frame = pd.DataFrame(anomalies, columns=NAMES)
    with pytest.raises(ValueError, match="must have the columns of X_anomaly, but it lacks 'x4'"):
        stream.fit(frame, [frame[NAMES[:4]]])
    with pytest.raises(
        TypeError, match=r"from row 0 must hold real numbers .* columns of other types: 'x1' \(str\)"
    ):
        stream.fit(frame, [frame.astype({"x1": str})])
    holes = pa.table({name: pa.array([1.0, None], pa.float32()) for name in NAMES})
    with pytest.raises(ValueError, match="batches must be finite, got None at row 1, column 'x0'"):
        stream.fit(frame, [holes])
    with pytest.raises(TypeError, match="batches must be an iterable or a callable, got int"):
        stream.fit(anomalies, 3)
    with pytest.raises(ValueError, match="n_neighbors must be at least 1"):
        stream.fit(anomalies, iter([unlabeled]), n_neighbors=0)


def test_rows_that_are_not_finite_can_be_left_out(rows):
    anomalies, unlabeled = rows
    bad = unlabeled.copy()
    bad[[5, 2500, 3000], [0, 3, 4]] = np.nan, np.inf, -np.inf
    good = np.delete(unlabeled, [5, 2500, 3000], axis=0)
    for scale in ("minmax", "standard", None):
        expected = one_call(anomalies, good, scale)
        for cuts in ([], [3, 4, 100, 2501]):
            with pytest.warns(UserWarning, match="left out 3 of 3991 rows"):
                table = stream.fit(anomalies, np.split(bad, cuts), scale=scale, missing="skip")
            assert table.n_seen == len(good)
            assert np.array_equal(table.rows(0, 300, random_state=8), expected)
    # Rows that are left out keep their number.
    assert not np.isin(table.row_ids, [5, 2500, 3000]).any()
    there = np.delete(np.arange(len(bad)), [5, 2500, 3000])
    whole = nngmix.NeighborTable(anomalies).update(good)
    assert np.array_equal(there[whole.row_ids], table.row_ids)
    holes = [pa.table({name: pa.array([0.5, None], pa.float32()) for name in NAMES})]
    with pytest.warns(UserWarning, match="left out 1 of 2 rows"):
        assert stream.fit(anomalies, holes, missing="skip", n_neighbors=1).n_seen == 1
    with pytest.raises(ValueError, match="missing must be 'error', 'skip' or 'keep', got 'drop'"):
        stream.fit(anomalies, holes, missing="drop")


def test_a_value_in_a_gathered_block_is_told_as_it_came(rows):
    anomalies, unlabeled = rows
    blocks = [unlabeled[:10], pl.DataFrame({name: [0.5, None] for name in NAMES}).cast(pl.Float32)]
    with pytest.raises(ValueError, match="batches must be finite, got None at row 11, column 'x0'"):
        stream.fit(anomalies, blocks)
    texts = [unlabeled[:10], pd.DataFrame({name: [0.5, "?"] for name in NAMES})]
    with pytest.raises(TypeError, match=r"the block of batches from row 10 .* 'x0' being '\?' at row 11"):
        stream.fit(anomalies.astype(float), texts)


def test_half_floats_are_those_of_the_sampler(rows):
    anomalies, unlabeled = (part.astype(np.float16) for part in rows)
    expected = one_call(anomalies, unlabeled, "minmax")
    assert expected.dtype == np.float32
    for blocks in (
        np.array_split(unlabeled, 5),
        np.array_split(unlabeled.astype(np.float32), 5),
        [pa.table(dict(zip(NAMES, part.T.copy(), strict=True))) for part in np.array_split(unlabeled, 5)],
    ):
        table = stream.fit(anomalies, blocks, scale="minmax")
        assert np.array_equal(table.rows(0, 300, random_state=8), expected)


def test_an_arrow_reader_is_a_stream(rows):
    anomalies, unlabeled = rows
    table = pa.table(dict(zip(NAMES, unlabeled.T.copy(), strict=True)))
    found = stream.fit(anomalies, table.to_reader(max_chunksize=100))
    assert np.array_equal(found.rows(0, 300, random_state=8), one_call(anomalies, unlabeled, None))


def test_tables_of_streams_do_not_merge(rows):
    """Both number their rows from 0."""
    anomalies, unlabeled = rows
    tables = [stream.fit(anomalies, [unlabeled]) for _ in range(2)]
    with pytest.raises(ValueError, match="numbered their rows themselves"):
        tables[0].merge(tables[1])


def test_errors_of_the_source_reach_the_caller(rows):
    anomalies, unlabeled = rows

    def broken():
        yield unlabeled[:10]
        raise RuntimeError("the source is gone")

    with pytest.raises(RuntimeError, match="the source is gone"):
        stream.fit(anomalies, broken())


def test_reading_ahead_ends_with_its_consumer():
    closed = threading.Event()

    def source():
        try:
            yield from range(1000)
        finally:
            closed.set()

    items = ahead(source, 3)
    assert [next(items), next(items)] == [0, 1]
    items.close()
    assert closed.wait(5)
    assert list(ahead(lambda: iter(range(50)), 1)) == list(range(50))
    assert not [thread for thread in threading.enumerate() if thread.name == "nngmix-ahead"]


def test_several_threads_stream_at_once(rows):
    anomalies, unlabeled = rows
    expected = one_call(anomalies, unlabeled, "minmax")

    def job(cuts):
        table = stream.fit(anomalies, np.array_split(unlabeled, cuts), scale="minmax")
        return table.rows(0, 300, random_state=8)

    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(made, expected) for made in pool.map(job, range(1, 13)))


def write(folder, kind, X, n_files=3, **more):
    folder.mkdir(parents=True, exist_ok=True)
    for i, part in enumerate(np.array_split(X, n_files)):
        table = pa.table({**dict(zip(NAMES, part.T.copy(), strict=True)), **more})
        ds.write_dataset(
            table,
            folder,
            format=kind,
            basename_template=f"p{i}-{{i}}.{kind}",
            existing_data_behavior="overwrite_or_ignore",
        )


@pytest.mark.parametrize("kind", ["parquet", "feather", "csv", "arrow"])
def test_files_of_every_format(rows, tmp_path, kind):
    anomalies, unlabeled = rows
    # CSV knows float64 alone.
    dtype = np.float64 if kind == "csv" else np.float32
    anomalies, unlabeled = anomalies.astype(dtype), unlabeled.astype(dtype)
    write(tmp_path / "data", kind, unlabeled)
    expected = one_call(anomalies, unlabeled, "minmax")
    for source in (
        tmp_path / "data",
        str(tmp_path / f"data/*.{kind}"),
        sorted((tmp_path / "data").iterdir()),
    ):
        table = stream.fit(anomalies, stream.Scan(source, batch_rows=123), scale="minmax")
        assert np.array_equal(table.rows(0, 300, random_state=8), expected)


def test_partitioned_folders_columns_and_filters(rows, tmp_path):
    anomalies, unlabeled = rows
    table = pa.table(dict(zip(NAMES, unlabeled.T.copy(), strict=True)))
    table = table.append_column("day", pa.array(np.arange(len(unlabeled)) // 1000, pa.int32()))
    ds.write_dataset(
        table, tmp_path / "data", format="parquet", partitioning=["day"], partitioning_flavor="hive"
    )
    scan = stream.Scan(tmp_path / "data", columns=NAMES, filter=ds.field("day") >= 2)
    # What the filter leaves out by its folder is not read.
    (tmp_path / "data" / "day=0" / "part-0.parquet").rename(tmp_path / "elsewhere")
    found = stream.fit(anomalies, scan)
    assert np.array_equal(found.rows(0, 300, random_state=8), one_call(anomalies, unlabeled[2000:], None))
    (tmp_path / "elsewhere").rename(tmp_path / "data" / "day=0" / "part-0.parquet")
    # A key of the path is no feature, unless it is asked for.
    whole = ds.dataset(tmp_path / "data", format="parquet", partitioning="hive")
    assert stream.fit(anomalies, whole).n_seen == len(unlabeled)
    asked = stream.Scan(tmp_path / "data", columns=[*NAMES, "day"])
    assert stream.fit(np.c_[anomalies, np.zeros(9)], asked).n_seen == len(unlabeled)


def test_what_cannot_be_read_is_named(rows, tmp_path):
    anomalies, unlabeled = rows
    write(tmp_path / "data", "parquet", unlabeled)
    (tmp_path / "data" / "p1-0.parquet").write_bytes(b"PAR1 not at all")
    with pytest.raises(OSError, match=r"p1-0\.parquet: cannot be read"):
        stream.fit(anomalies, stream.Scan(tmp_path / "data"))
    with pytest.raises(FileNotFoundError, match=r"none\*\.parquet: no file has such a name"):
        stream.Scan(tmp_path / "none*.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"empty: there is no \.csv, .*\.parquet"):
        stream.Scan(tmp_path / "empty")
    with pytest.raises(ValueError, match="there is no column 'y'; there are 'x0'"):
        stream.Scan(tmp_path / "data", columns=["y"])
    (tmp_path / "a.doc").write_text("x\n1\n")
    with pytest.raises(ValueError, match=r"a\.doc: the ending must be"):
        stream.Scan(tmp_path / "a.doc")


def test_files_of_several_formats(rows, tmp_path):
    anomalies, unlabeled = (part.astype(float) for part in rows)
    halves = np.array_split(unlabeled, 2)
    write(tmp_path / "a", "parquet", halves[0])
    write(tmp_path / "b", "csv", halves[1])
    found = stream.fit(anomalies, stream.Scan([tmp_path / "a", tmp_path / "b"]))
    assert np.array_equal(found.rows(0, 300, random_state=8), one_call(anomalies, unlabeled, None))


def test_anomalies_that_are_left_out_are_told() -> None:
    X = np.array([[1.0], [np.nan], [2.0]])
    with pytest.warns(UserWarning, match="left out 1 of 3 rows of X_anomaly"):
        table = stream.fit(X, [np.ones((4, 1))], missing="skip")
    assert len(table.X_anomaly) == 2


def mixed_blocks() -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Anomalies, and blocks in which every one brings categories and one misses them all."""
    rng = np.random.default_rng(8)
    numbers = rng.random((90, 2))
    numbers[rng.random(90) < 0.2, 1] = np.nan
    texts = np.array([f"v{k // 9 % 7}" for k in rng.permutation(90)], object)
    texts[40:50] = None
    frame = pd.DataFrame({"a": numbers[:, 0], "kind": texts, "b": numbers[:, 1]})
    cuts = [6, 7, 7, 30, 40, 50, 90]
    return frame[:6], [frame[start:stop] for start, stop in pairwise(cuts)]


@pytest.mark.parametrize("scale", [None, "minmax", "standard"])
@pytest.mark.parametrize("search_values", [30, 1 << 21])
def test_dictionaries_unite_over_blocks(
    scale: Any, search_values: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nngmix.neighbors.blocks.SEARCH_VALUES", search_values)
    anomalies, blocks = mixed_blocks()
    asked = {"categorical_features": ["kind"], "categorical_weight": 0.5, "missing": "keep"}
    fitted = stream.fit(anomalies, blocks, scale=scale, n_neighbors=5, **asked)
    table = nngmix.NeighborTable(anomalies, n_neighbors=5, scale=fitted.scale, **asked)
    table.update(pd.concat(blocks))
    assert fitted.categories == table.categories == (None, tuple(f"v{k}" for k in range(7)), None)
    for name in ("neighbor_rows", "row_ids", "squared_distances", "X_anomaly"):
        np.testing.assert_array_equal(getattr(fitted, name), getattr(table, name))
    made = fitted.decoded(fitted.rows(0, 100, random_state=0))
    assert {value for value in made[:, 1] if value is not None} <= set(fitted.categories[1])


def test_what_is_asked_for_of_mixed_blocks() -> None:
    anomalies, blocks = mixed_blocks()
    with pytest.raises(ValueError, match="categorical_weight must be given"):
        stream.fit(anomalies, blocks, categorical_features="auto", missing="keep")
    with pytest.raises(ValueError, match=r"batches must be finite, got nan at row 34, column 'kind'"):
        stream.fit(
            anomalies[["kind"]], [b[["kind"]] for b in blocks], scale="minmax", categorical_features=[0]
        )
    # Positions are those of the anomalies, wherever the blocks have their columns.
    asked = {"categorical_features": [1], "missing": "keep", "scale": "minmax"}
    turned = [block[["kind", "b", "a"]] for block in blocks]
    one, two = (stream.fit(anomalies, there, **asked) for there in (blocks, turned))
    np.testing.assert_array_equal(one.neighbor_rows, two.neighbor_rows)
    with pytest.raises(TypeError, match=r"from row 0 .*'kind' .*categorical_features=\"auto\""):
        stream.fit(
            anomalies[["a", "b"]].assign(kind=1.0)[["a", "kind", "b"]], blocks, missing="keep", scale="minmax"
        )


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_of_mixed_columns(tmp_path: Path, ending: str) -> None:
    """CSV has no types: the scan is told which of its columns hold categories."""
    anomalies, blocks = mixed_blocks()
    for number, block in enumerate(blocks):
        path = tmp_path / f"{number}.{ending}"
        block.to_csv(path, index=False) if ending == "csv" else block.to_parquet(path, index=False)
    scan = stream.Scan(tmp_path, categorical=["kind"] if ending == "csv" else None)
    asked = {"scale": "minmax", "categorical_features": "auto", "missing": "keep"}
    one, two = (stream.fit(anomalies, batches, **asked) for batches in (blocks, scan))
    assert one.categories == two.categories
    np.testing.assert_array_equal(one.neighbor_rows, two.neighbor_rows)


def test_files_whose_statistics_tell_their_ranges_are_gone_through_once(tmp_path, monkeypatch):
    X = np.random.default_rng(3).random((20_000, 3))
    names, A = ["a", "b", "c"], pd.DataFrame(X[:4] + 0.1, columns=["b", "c", "a"])
    for number, part in enumerate(np.split(X, 2)):
        pq.write_table(pa.table(dict(zip(names, part.T, strict=True))), tmp_path / f"{number}.parquet")
    seen = []
    update = MinMaxState.update
    monkeypatch.setattr(
        MinMaxState, "update", lambda self, rows, **more: (seen.append(len(rows)), update(self, rows, **more))
    )
    for anomalies in (A, A[names].to_numpy()):
        scan = nngmix.stream.Scan(tmp_path, batch_rows=1000)
        seen.clear()
        once = nngmix.stream.fit(anomalies, scan, scale="minmax")
        # The ends of two row groups, the anomalies; then all rows while they are searched.
        assert seen[:3] == [2, 2, 4]
        assert sum(seen[3:-1]) == len(X)
        twice = nngmix.stream.fit(anomalies, list(scan), scale="minmax")
        assert np.array_equal(once.rows(0, 50, random_state=0), twice.rows(0, 50, random_state=0))
