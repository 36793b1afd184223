"""Dask: what travels, what is known of lazy results, labels in the same frame, bad partitions.

That the bytes are right is the business of test_one_truth.py, lost workers that of test_faults.py.
"""

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import nngmix
from nngmix import _core
from nngmix.dask import augment, fit, generate, split_row_id
from nngmix.engines import dask_collection, dask_progress
from nngmix.engines.partitions import Block, PartitionState, fold_partition, merged
from nngmix.neighbors.passes import Search, Survey
from nngmix.neighbors.spec import FitSpec
from strategies import make_rows

NAMES = list("abcde")


def data(n: int = 300, dtype: Any = np.float32) -> tuple[NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(0)
    return make_rows(rng, 12, 5, "continuous", dtype), make_rows(rng, n, 5, "continuous", dtype)


def frame_of(X: NDArray[Any], npartitions: int = 4) -> Any:
    return dd.from_pandas(pd.DataFrame(X, columns=NAMES), npartitions=npartitions)


def labelled(n: int = 400) -> tuple[pd.DataFrame, NDArray[Any], NDArray[Any]]:
    """A frame with a label and columns that are no features, its features and its labels."""
    rng = np.random.default_rng(4)
    X = make_rows(rng, n, 5, "continuous", np.float64)
    y = (rng.permutation(n) < 9).astype(int)
    others = {"id": np.arange(n), "when": pd.Timestamp("2020-02-02"), "flag": y == 0, "class": y}
    return pd.DataFrame(X, columns=NAMES).assign(**others), X, y


# ---- what travels ------------------------------------------------------------------------------------------


def test_states_merge_as_a_tree_and_are_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No task takes more than a few states, and the anomalies are one value in the graph of many tasks."""
    anomalies, unlabeled = data()
    graphs: list[dict[Any, Any]] = []
    compute = dask_progress.compute

    def spy(*args: Any, **kwargs: Any) -> Any:
        graphs.append(dict(args[0].__dask_graph__()))
        return compute(*args, **kwargs)

    monkeypatch.setattr(dask_progress, "compute", spy)
    fit(anomalies, frame_of(unlabeled, 70), scale="minmax")
    assert len(graphs) == 2  # the scale, then the search
    for graph in graphs:
        fan_in = [len(node.dependencies) for key, node in graph.items() if "merged" in str(key)]
        assert len(fan_in) == 9 + 2 + 1
        assert max(fan_in) <= 8
        searches = [node for key, node in graph.items() if "_search" in str(key)]
        assert len(searches) == 70
        assert len({dependency for node in searches for dependency in node.dependencies}) == 1


@pytest.mark.parametrize("scale", [None, "minmax", "standard"])
def test_merging_leaves_its_inputs_as_they_are(scale: str | None) -> None:
    """An engine may use a result again after a fault: a state merged twice would count rows twice."""
    anomalies, unlabeled = data()
    spec = FitSpec(5, unlabeled.dtype, scale=scale)
    for state in (Survey(spec), Search(spec, nngmix.NeighborTable(anomalies))):
        empty, halves = PartitionState(state, False), np.array_split(unlabeled, 2)
        states = [fold_partition(empty, [Block(half)], number) for number, half in enumerate(halves)]
        before = pickle.dumps([empty, *states])
        first, again = merged(states), merged(states)
        assert pickle.dumps(first) == pickle.dumps(again)
        assert pickle.dumps([empty, *states]) == before


@pytest.mark.parametrize("scheduler", ["threads", "distributed"])
def test_a_callback_hears_of_partitions_and_may_end_the_call(
    scheduler: str, request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    if scheduler == "distributed":
        request.getfixturevalue("client")
    anomalies, unlabeled = data()
    frame, heard = frame_of(unlabeled, 10), []

    def stop(*said: Any) -> None:
        if said[1] == 3:
            raise RuntimeError("enough")

    with dask.config.set(scheduler=scheduler):
        table = fit(anomalies, frame, scale="minmax", callback=lambda *said: heard.append(said))
        assert heard == [(stage, done, 10) for stage in ("scale", "search") for done in range(11)]
        with pytest.raises(RuntimeError, match="enough"):
            fit(anomalies, frame, callback=stop)
        with pytest.raises(ValueError, match=r"partition \d+ must be finite, got nan"):
            fit(anomalies, frame * np.nan, callback=lambda *_: None)
        capfd.readouterr()
        expected = fit(anomalies, frame, scale="minmax", verbose=True)
    assert "partitions" in capfd.readouterr().err
    assert np.array_equal(table.row_ids, expected.row_ids)


def test_a_task_uses_the_threads_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many tasks run as there are cores: each of them with a thread a core would be far too many."""
    asked: set[Any] = set()

    def spied(function: Any) -> Any:
        def spy(*args: Any, **options: Any) -> Any:
            asked.add(args[-1])
            return function(*args, **options)

        return spy

    for name in ("interleave_columns", "widen_ranges", "keep_whole", "take_rows", "unscale_rows", "generate"):
        monkeypatch.setattr(_core, name, spied(getattr(_core, name)))
    anomalies, unlabeled = data()
    table = fit(anomalies, frame_of(unlabeled), scale="minmax")
    generate(table, 1000, 3, random_state=0).compute()
    assert asked - {None} == {1}
    assert table.n_threads == 1


# ---- lazy results ------------------------------------------------------------------------------------------


def test_generate_knows_its_frame_before_any_work() -> None:
    anomalies, unlabeled = data()
    table = fit(anomalies, frame_of(unlabeled))
    made = generate(table, 1000, 3, columns=NAMES, plan=True, start=50, random_state=0)
    assert made.npartitions == 3
    assert made.divisions == (50, 383, 716, 1049)
    frame = made.compute()
    assert list(frame.dtypes) == list(made.dtypes)
    assert list(frame.columns) == [*NAMES, "row", "anchor", "partner", "pool", "lam"]
    assert list(frame.index) == list(range(50, 1050))
    assert list(frame["row"]) == list(range(50, 1050))
    plan = table.plan(50, 1050, random_state=0)
    assert np.array_equal(frame["anchor"], plan.anchor)
    assert np.array_equal(frame["partner"], plan.partner)
    assert np.array_equal(frame["pool"] == "unlabeled", plan.unlabeled)
    assert np.array_equal(frame["lam"], plan.lam)
    assert np.array_equal(frame[NAMES].to_numpy(), table.rows(50, 1050, random_state=0))


def test_generate_knows_its_array_before_any_work() -> None:
    anomalies, unlabeled = data()
    table = fit(anomalies, da.from_array(unlabeled, chunks=(70, 2)))
    made = generate(table, 1000, 3, random_state=0)
    assert made.chunks == ((333, 333, 334), (5,))
    assert made.dtype == np.float32
    assert np.array_equal(made[400:500].compute(), table.rows(400, 500, random_state=0))
    later = generate(table, 1000, 3, start=50, random_state=0)
    assert np.array_equal(later.compute(), table.rows(50, 1050, random_state=0))


@pytest.mark.parametrize("columns", [None, NAMES])
def test_generate_no_rows(columns: Any) -> None:
    anomalies, unlabeled = data()
    made = generate(fit(anomalies, frame_of(unlabeled)), 0, columns=columns).compute()
    assert made.shape == (0, 5)


def test_partitions_stay_below_a_size() -> None:
    anomalies, unlabeled = data(dtype=np.float64)
    made = generate(fit(anomalies, frame_of(unlabeled)), 10_000_000)
    assert max(made.chunks[0]) * 5 * 8 <= 1 << 26
    assert made.numblocks == (6, 1)


@pytest.mark.parametrize("random_state", [None, np.random.default_rng(0), np.random.RandomState(0)])
def test_a_generator_is_asked_once(random_state: Any) -> None:
    """All partitions belong together, and computing again gives the same rows."""
    anomalies, unlabeled = data()
    table = fit(anomalies, frame_of(unlabeled))
    made = generate(table, 100, 4, random_state=random_state)
    rows = made.compute()
    assert np.array_equal(rows, made.compute())
    assert len(np.unique(rows, axis=0)) == 100
    assert not np.array_equal(rows, generate(table, 100, 4, random_state=random_state).compute())


@pytest.mark.parametrize("block_values", [1 << 21, 5 * 7])
def test_row_ids_tell_partition_and_row(monkeypatch: pytest.MonkeyPatch, block_values: int) -> None:
    """Whether a partition is searched in one block or in many."""
    monkeypatch.setattr(dask_collection, "_BLOCK_VALUES", block_values)
    anomalies, unlabeled = data()
    frame = frame_of(unlabeled)
    lengths = frame.map_partitions(len).compute()
    first = np.concatenate([[0], np.cumsum(lengths)])
    table = fit(anomalies, frame)
    partition, row = split_row_id(table.row_ids)
    _, expected = nngmix.kneighbors(anomalies, unlabeled, 10)
    assert set(partition.ravel()) == {0, 1, 2, 3}
    assert np.array_equal(first[partition] + row, expected)


# ---- labels in the same frame ------------------------------------------------------------------------------


@pytest.mark.parametrize("npartitions", [1, 6])
@pytest.mark.parametrize("scale", [None, "minmax", "standard"])
def test_augment_is_the_sampler_on_the_same_rows(npartitions: int, scale: str | None) -> None:
    frame, X, y = labelled()
    sampler = nngmix.NNGMix(n_samples=200, scale=scale, random_state=3)
    expected, _ = sampler.fit_resample(X, y)
    parts = dd.from_pandas(frame, npartitions=npartitions)
    lazy = augment(parts, 200, label="class", features=NAMES, scale=scale, plan=True, random_state=3)
    made = lazy.compute()
    assert list(made.dtypes) == list(lazy.dtypes)
    assert made[NAMES].to_numpy().tobytes() == np.ascontiguousarray(expected).tobytes()
    new = made.iloc[len(X) :]
    assert (new["class"] == 1).all()
    assert new[["id", "when", "flag"]].isna().all(axis=None)
    old = made.iloc[: len(X)]
    assert old["id"].tolist() == frame["id"].tolist()
    assert old["flag"].tolist() == frame["flag"].tolist()
    assert old[["anchor", "partner", "lam"]].isna().all(axis=None)
    first = np.concatenate([[0], np.cumsum(parts.map_partitions(len).compute())])
    for name in ("anchor", "partner"):
        partition, row = split_row_id(new[name].to_numpy(np.int64))
        assert np.array_equal(first[partition] + row, getattr(sampler.plan_, name))


def test_augment_counts_as_the_command_line_does() -> None:
    frame, X, _ = labelled()
    parts = dd.from_pandas(frame.drop(columns=["id", "when", "flag"]), npartitions=3)
    for amount, n_new in (("10x", 90), ("10%", round(0.1 * (len(X) - 9)) - 9), (5, 5)):
        assert len(augment(parts, amount, label="class", only_new=True)) == n_new


def test_augment_refuses_a_label_of_the_many() -> None:
    frame, _, _ = labelled()
    parts = dd.from_pandas(frame, npartitions=3)
    with pytest.raises(ValueError, match="391 rows are labelled anomalies by the label column 'class', more"):
        augment(parts, 10, label="class", anomaly=0, features=NAMES, max_anomalies=100)
    with pytest.raises(ValueError, match="no row has 'attack' in the label column 'class'"):
        augment(parts, 10, label="class", anomaly="attack", features=NAMES)
    with pytest.raises(ValueError, match="the frame: there is no column 'klass'; the nearest is 'class'"):
        augment(parts, 10, label="klass")
    with pytest.raises(
        TypeError,
        match=r"the frame must hold .* other types: 'when' \(datetime64.*leave these out with ignore",
    ):
        augment(parts, 10, label="class")
    with pytest.raises(ValueError, match="'class' is the label column"):
        augment(parts, 10, label="class", features=["a", "class"])
    with pytest.raises(ValueError, match="would be added, but there is 'lam' already; rename it"):
        augment(parts.rename(columns={"id": "lam"}), 10, label="class", features=NAMES, plan=True)


# ---- columns -----------------------------------------------------------------------------------------------


def test_anomalies_of_a_frame_are_taken_by_name() -> None:
    anomalies, unlabeled = data()
    shuffled = pd.DataFrame(anomalies, columns=NAMES)[["c", "a", "e", "b", "d"]].assign(more=1)
    table = fit(shuffled, frame_of(unlabeled), features=NAMES)
    assert np.array_equal(table.X_anomaly, anomalies)
    with pytest.raises(ValueError, match="X_anomaly: there is no column 'a'"):
        fit(shuffled.drop(columns="a"), frame_of(unlabeled), features=NAMES)
    with pytest.raises(
        ValueError, match="X_unlabeled must have the columns of X_anomaly, but it lacks 'more'"
    ):
        fit(shuffled, frame_of(unlabeled))
    # Without a choice the order is that of the anomalies, as everywhere.
    order = ["c", "a", "e", "b", "d"]
    table = fit(shuffled[order], frame_of(unlabeled), scale="minmax")
    assert table.feature_names == tuple(order)
    positions = [NAMES.index(name) for name in order]
    expected = fit(anomalies[:, positions], frame_of(unlabeled)[order], scale="minmax")
    assert table.rows(0, 99, random_state=0).tobytes() == expected.rows(0, 99, random_state=0).tobytes()


def test_types_of_columns() -> None:
    """One float64 column makes all float64; pandas' own types, integers and booleans are numbers."""
    anomalies, unlabeled = data()
    whole = np.round(unlabeled)
    frame = pd.DataFrame(whole, columns=NAMES)
    mixed = frame.astype({"a": "Int64", "b": "Float32", "c": np.int16, "e": "double[pyarrow]"})
    table = fit(anomalies, dd.from_pandas(mixed, npartitions=2))
    assert table.dtype == np.float64
    expected = nngmix.NeighborTable(anomalies.astype(np.float64)).update(whole)
    assert table.neighbor_rows.tobytes() == expected.neighbor_rows.tobytes()
    assert fit(anomalies, dd.from_pandas(frame.astype("Float32"), npartitions=2)).dtype == np.float32
    ids = frame.assign(a=2**53 + 1)
    with pytest.raises(
        ValueError,
        match=r"partition 0 holds the integer 9007199254740993, beyond 2\*\*53, at row 0, column 'a'",
    ):
        fit(anomalies, dd.from_pandas(ids, npartitions=1))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"X_anomaly": np.zeros((3, 4))},
            ValueError,
            "X_anomaly must have the 5 columns of X_unlabeled, got 4",
        ),
        ({"X_anomaly": np.full((1, 5), np.nan)}, ValueError, "X_anomaly must be finite, got nan at row 0"),
        ({"features": ["a", "x"]}, ValueError, "X_unlabeled: there is no column 'x'; there are 'a', 'b'"),
        ({"features": "a"}, ValueError, "features must be a list of names"),
        ({"features": ["a", "a"]}, ValueError, "each once"),
        ({"scale": "robust"}, ValueError, "scale must be 'minmax', 'standard' or None"),
        ({"n_neighbors": 0}, ValueError, "n_neighbors must be at least 1"),
        ({"n_threads": 0}, ValueError, "n_threads must be at least 1"),
        ({"X_unlabeled": np.zeros((3, 5))}, TypeError, "expected a dask DataFrame or Array, got ndarray"),
        (
            {"X_unlabeled": da.zeros((3, 4))},
            ValueError,
            "X_anomaly must have the 4 columns of X_unlabeled, got 5",
        ),
        ({"X_unlabeled": da.zeros(3)}, ValueError, "X_unlabeled must be 2-D"),
        ({"X_unlabeled": da.zeros((3, 5)), "features": ["a"]}, ValueError, "an Array has none"),
    ],
)
def test_what_fit_refuses(change: dict[str, Any], error: type[Exception], message: str) -> None:
    anomalies, unlabeled = data()
    arguments: dict[str, Any] = {"X_anomaly": anomalies, "X_unlabeled": frame_of(unlabeled), **change}
    with pytest.raises(error, match=message):
        fit(**arguments)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"n_samples": -1}, ValueError, "n_samples must be at least 0"),
        ({"npartitions": 0}, ValueError, "npartitions must be at least 1"),
        ({"start": -1}, ValueError, "start must be at least 0"),
        ({"columns": ["a"]}, ValueError, "columns must name the 5 features"),
        ({"columns": ["a", "a", "b", "c", "d"]}, ValueError, "got 'a' twice"),
        ({"columns": ["lam", "a", "b", "c", "d"], "plan": True}, ValueError, "got 'lam' twice"),
        ({"plan": True}, ValueError, "give the names of the features"),
        ({"alpha": 0}, ValueError, "alpha must be above 0"),
        ({"noise_std": -1}, ValueError, "noise_std must be at least 0"),
        ({"random_state": -1}, ValueError, "random_state must be at least 0"),
    ],
)
def test_what_generate_refuses(change: dict[str, Any], error: type[Exception], message: str) -> None:
    anomalies, unlabeled = data()
    table = fit(anomalies, frame_of(unlabeled))
    with pytest.raises(error, match=message):
        generate(table, **{"n_samples": 10, **change})


# ---- bad partitions ----------------------------------------------------------------------------------------


def files(folder: Path, X: NDArray[Any]) -> Any:
    for number, part in enumerate(np.array_split(X, 5)):
        pd.DataFrame(part, columns=NAMES).to_parquet(folder / f"{number}.parquet")
    return dd.read_parquet(folder)


@pytest.mark.parametrize("kind", ["int8", "str", "Int16", "category"])
@pytest.mark.parametrize("split", [False, True])
def test_parquet_is_read_by_column_and_gives_the_rows_of_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, split: bool
) -> None:
    rng = np.random.default_rng(3)
    n, group = 20_000, 5_000
    odd = pd.Series(np.zeros(n, int))
    # No end of a column is a value of theirs.
    odd[group + 7 : group + 12] = 1
    label = odd.astype(kind)
    if kind == "Int16":
        label[3] = pd.NA
    rows = rng.random((n, 2)).astype(np.float32)
    rows[odd == 1] = rows[odd == 1] / 2 + 0.25
    whole = pd.DataFrame({"odd": label, "a": rows[:, 0], "note": "x", "b": rows[:, 1], "n": np.arange(n) % 7})
    for number in range(2):
        part = whole[number * n // 2 :][: n // 2]
        part.to_parquet(tmp_path / f"{number}.parquet", row_group_size=group, index=False)
    seen = {"scale": 0, "search": 0}
    for state in (Survey, Search):

        def update(self: Any, rows: Any, *more: Any, of: Any = state.update) -> None:
            seen[self.stage] += len(rows)
            of(self, rows, *more)

        monkeypatch.setattr(state, "update", update)

    def made(frame: Any, **more: Any) -> pd.DataFrame:
        asked = {"label": "odd", "ignore": ["note"], "anomaly": 1, "only_new": True, "plan": True}
        with dask.config.set(scheduler="synchronous"):
            return augment(frame, 300, random_state=0, **asked, **more).compute()

    files = dd.read_parquet(tmp_path, split_row_groups=split)
    found = made(files)
    # A group with an anomaly, and one with a missing label, are read twice; what pandas makes of categories
    # is none of ours.
    read_twice = {"Int16": 2 * group, "category": n}.get(kind, group)
    assert seen == {"scale": read_twice, "search": n}
    parts = files.to_delayed()
    pd.testing.assert_frame_equal(found, made(dd.from_delayed(parts, meta=files._meta)))


def test_a_bad_row_is_named_and_skipped_alone() -> None:
    anomalies, unlabeled = data()
    bad = unlabeled.copy()
    bad[80, 2] = np.nan
    with pytest.raises(
        ValueError,
        match=r"partition 1 must be finite, got nan at row 5, column 'c'; drop or impute .*missing='skip'",
    ):
        fit(anomalies, frame_of(bad))
    bad[299, 0] = -np.inf
    with pytest.raises(ValueError, match=r"partition [13] must be finite"):
        fit(anomalies, frame_of(bad), skip_bad=True)
    with pytest.warns(UserWarning, match="left out 2 of 300 rows: a value is missing"):
        table = fit(anomalies, frame_of(bad), missing="skip", scale="standard")
    expected = fit(anomalies, frame_of(np.delete(unlabeled, [80, 299], axis=0)), scale="standard")
    assert table.n_seen == 298
    assert table.rows(0, 99, random_state=0).tobytes() == expected.rows(0, 99, random_state=0).tobytes()


def test_an_unreadable_file_is_named_and_skipped(tmp_path: Path) -> None:
    anomalies, unlabeled = data()
    frame = files(tmp_path, unlabeled)
    (tmp_path / "3.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(ValueError, match=r"partition 3: cannot be read: ArrowInvalid: "):
        fit(anomalies, frame)
    with pytest.warns(
        UserWarning, match=r"left out 1 partition that .* \(partition 3: cannot be read: ArrowInvalid"
    ):
        table = fit(anomalies, frame, skip_bad=True)
    assert table.n_seen == 240
    assert 3 not in split_row_id(table.row_ids)[0]


def test_a_partition_of_another_type_is_named_and_skipped() -> None:
    anomalies, unlabeled = data()
    frame = frame_of(unlabeled)
    spoiled = frame.map_partitions(spoil, meta=frame._meta)
    with pytest.raises(
        TypeError, match=r"partition 2 must hold real numbers .* types: 'd' \(str\), 'd' being 'x' at row 0"
    ):
        fit(anomalies, spoiled)
    with pytest.warns(UserWarning, match=r"left out 1 partition .*\(partition 2 must hold real numbers"):
        assert fit(anomalies, spoiled, skip_bad=True).n_seen == 225


def spoil(part: pd.DataFrame) -> pd.DataFrame:
    return part.assign(d="x") if part.index[0] == 150 else part


def test_a_partition_that_lacks_a_column_is_named() -> None:
    def part(number: int) -> pd.DataFrame:
        whole = pd.DataFrame({"a": [0.5, 1.5], "b": [1.0, 2.0]})
        return whole[["b", "a"]] if number == 0 else whole[["a"]]

    frame = dd.from_map(part, [0, 1], meta=part(0)[["a", "b"]])
    with pytest.raises(ValueError, match="partition 1: what came: there is no column 'b'; there are 'a'"):
        nngmix.dask.fit(np.zeros((1, 2)), frame)


def test_passes_that_skip_differently_are_an_error(tmp_path: Path) -> None:
    """A scale of some rows and a search of others would be the result of no data at all."""
    anomalies, unlabeled = data()
    meta = pd.DataFrame(unlabeled[:0], columns=NAMES)
    frame = dd.from_map(fail_again, range(3), folder=tmp_path, meta=meta)
    with pytest.raises(
        ValueError, match=r"two passes over the partitions differ: the first left out 0 .* write or"
    ):
        fit(anomalies, frame, scale="minmax", skip_bad=True)


def fail_again(number: int, folder: Path) -> pd.DataFrame:
    marker = folder / str(number)
    if number == 1 and marker.exists():
        raise OSError("gone")
    marker.touch()
    return pd.DataFrame(np.split(data()[1], 3)[number], columns=NAMES)


def test_the_scheduler_of_processes() -> None:
    """What is sent to processes by pickle alone, without `distributed`."""
    anomalies, unlabeled = data()
    expected = fit(anomalies, frame_of(unlabeled), scale="minmax")
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(2, mp_context=context) as pool,
        dask.config.set(scheduler="processes", pool=pool),
    ):
        table = fit(anomalies, frame_of(unlabeled), scale="minmax")
        made = generate(table, 1000, 3, random_state=0).compute()
        frame = generate(table, 1000, 3, columns=NAMES, random_state=0).compute()
    assert made.tobytes() == frame.to_numpy().tobytes() == expected.rows(0, 1000, random_state=0).tobytes()


def test_an_anomaly_label_that_no_row_has_is_an_error_and_an_index_is_told_once() -> None:
    frame = pd.DataFrame({"a": np.arange(40.0), "Unnamed: 0": range(40), "y": ["odd"] * 4 + ["ok"] * 36})
    ddf = dd.from_pandas(frame, npartitions=3)
    with pytest.raises(ValueError, match=r"no row has 'ODD' in the label column 'y'.*mean 'odd'"):
        augment(ddf, 3, label="y", anomaly=["odd", "ODD"])
    with pytest.warns(UserWarning, match="looks like an index") as caught:
        augment(ddf, 3, label="y", anomaly="odd").compute()
    assert len(caught) == 1
