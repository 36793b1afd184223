"""Streams: the bytes of one call, whatever the blocks are made of; files by pyarrow.dataset."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from nngmix import NNGMix, stream
from nngmix.files.read_ahead import ahead

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
    monkeypatch.setattr("nngmix.stream.SEARCH_VALUES", 5 * 64)
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
    assert len(scan.parts()) == 2
    found = stream.fit(anomalies, scan)
    assert np.array_equal(found.rows(0, 300, random_state=8), one_call(anomalies, unlabeled[2000:], None))
    whole = ds.dataset(tmp_path / "data", format="parquet", partitioning="hive")
    assert stream.fit(np.c_[anomalies, np.zeros(9)], whole).n_seen == len(unlabeled)


def test_what_cannot_be_read_is_named(rows, tmp_path):
    anomalies, unlabeled = rows
    write(tmp_path / "data", "parquet", unlabeled)
    (tmp_path / "data" / "p1-0.parquet").write_bytes(b"PAR1 not at all")
    with pytest.raises(OSError, match=r"p1-0\.parquet: cannot be read"):
        stream.fit(anomalies, stream.Scan(tmp_path / "data"))
    with pytest.raises(FileNotFoundError, match=r"none\*\.parquet: no file has such a name"):
        stream.Scan(tmp_path / "none*.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"empty: there is no \.parquet"):
        stream.Scan(tmp_path / "empty")
    with pytest.raises(ValueError, match="there is no column 'y'; there are 'x0'"):
        stream.Scan(tmp_path / "data", columns=["y"])
    pq.write_table(pa.table({"x": [1]}), tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text("x\n1\n")
    with pytest.raises(ValueError, match="the files must be of one format"):
        stream.Scan([tmp_path / "a.parquet", tmp_path / "a.csv"])
    (tmp_path / "a.txt").write_text("x\n1\n")
    with pytest.raises(ValueError, match=r"a\.txt: the ending must be \.parquet"):
        stream.Scan(tmp_path / "a.txt")
