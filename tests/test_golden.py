"""What earlier versions wrote is read for ever; what later ones will write is refused by name.

The files are in ``tests/golden``. A new format adds its file here; none is ever made anew.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nngmix import NeighborScore, NeighborTable, stream
from nngmix.rows.finish import Finish
from nngmix.rows.scaling import Scale
from shell import shell

GOLDEN = Path(__file__).parent / "golden"
ANOMALIES = np.arange(12.0).reshape(4, 3) ** 2 / 8
UNLABELED = (np.arange(60.0).reshape(20, 3) * 7 % 31) / 4
SCALE = Scale(np.array([1.0, 2, 3]), np.array([2.0, 0.5, 4]))
BOUND = np.array([np.inf, 2.5, 3])
FINISHED = Scale(SCALE.offset, SCALE.width, Finish(-BOUND, BOUND, np.array([True, False, False])))
KIND = np.where(np.arange(20) % 5 == 0, "bad", "fine")


@pytest.mark.parametrize(
    ("name", "names", "scale"),
    [
        ("table_1.npz", None, SCALE),
        ("table_2.npz", ("a", "b", "ü"), SCALE),
        ("table_3.npz", ("a", 1, None), SCALE),
        ("table_4.npz", ("a", 1, None), SCALE),
        ("table_5.npz", ("a", 1, None), FINISHED),
    ],
)
def test_saved_tables(name: str, names: Any, scale: Scale) -> None:
    table = NeighborTable(ANOMALIES, 3, 2, scale=scale).update(UNLABELED)
    read = NeighborTable.load(GOLDEN / name)
    assert (read.feature_names, read.n_seen, read.n_neighbors, read.n_neighbors_anomaly) == (names, 20, 3, 2)
    assert read.rows(0, 50, random_state=0).tobytes() == table.rows(0, 50, random_state=0).tobytes()
    read.feature_names = None
    assert read.update(UNLABELED + 1).row_ids.tobytes() == table.update(UNLABELED + 1).row_ids.tobytes()


def test_saved_tables_of_mixed_columns() -> None:
    X = pd.DataFrame(UNLABELED, columns=["a", "b", "c"])
    X["d"] = np.array(["x", "ü", None, True], object)[np.arange(20) % 4]
    X.loc[3, "b"] = np.nan
    X["c"] = np.arange(20) % 7
    asked: dict[str, Any] = {"categorical_features": ["d"], "missing": "keep", "categorical_weight": 0.5}
    fitted = stream.fit(X[:4], [X[4:]], n_neighbors=3, n_neighbors_anomaly=2, scale="minmax", **asked)
    same_rows(NeighborTable.load(GOLDEN / "table_5_mixed.npz"), fitted)


def test_saved_tables_with_types() -> None:
    rows = np.arange(20)
    moments = np.datetime64("2026-01-01", "us") + rows * 86_400_123_456
    names = pa.array(["z", "ü", "a", "never"])
    X = pa.table(
        {
            "a": rows * 7 % 31 / 4,
            "n": pa.array(rows % 7, pa.int16()),
            "t": pa.array(moments, pa.timestamp("us", "Europe/Berlin")),
            "c": pa.DictionaryArray.from_arrays(pa.array(rows % 3, pa.int8()), names, ordered=True),
            "b": pa.array([None, True, False, True] * 5),
        }
    )
    asked: dict[str, Any] = {"categorical_features": "auto", "missing": "keep", "categorical_weight": 0.5}
    asked |= {"whole_features": ["n", "t"], "n_neighbors": 3, "n_neighbors_anomaly": 2, "scale": "minmax"}
    fitted = stream.fit(X.slice(0, 4), [X.slice(4)], **asked)
    read = NeighborTable.load(GOLDEN / "table_6.npz")
    same_rows(read, fitted)
    assert read.types == fitted.types is not None


def same_rows(read: NeighborTable, table: NeighborTable) -> None:
    made, expected = read.rows(0, 50, random_state=0), table.rows(0, 50, random_state=0)
    assert made.tobytes() == expected.tobytes()
    assert repr(read.decoded(made).tolist()) == repr(table.decoded(expected).tolist())
    assert read.categories == table.categories


def test_saved_scores() -> None:
    read = NeighborScore.load(GOLDEN / "score_1.npz")
    fitted = NeighborScore(3, anomaly_label="bad").fit(UNLABELED, KIND.astype(object))
    np.testing.assert_array_equal(read.decision_function(ANOMALIES), fitted.decision_function(ANOMALIES))


def test_saved_scores_of_mixed_tables() -> None:
    X = pd.DataFrame(UNLABELED, columns=["a", "b", "c"])
    X["d"] = np.array(["x", "ü", None, True], object)[np.arange(20) % 4]
    X.loc[3, "b"] = np.nan
    settings: dict[str, Any] = {"categorical_features": ["d"], "missing": "keep", "categorical_weight": 0.5}
    read = NeighborScore.load(GOLDEN / "score_2.npz")
    fitted = NeighborScore(3, anomaly_label="bad", **settings).fit(X, KIND.astype(object))
    np.testing.assert_array_equal(read.decision_function(X), fitted.decision_function(X))


@pytest.mark.parametrize("name", ["manifest_2.json", "manifest_3.json", "manifest_4.json"])
def test_manifests(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each was read to its end if it knows that its input was another file."""
    monkeypatch.chdir(tmp_path)
    pq.write_table(
        pa.table({**dict(zip("abc", UNLABELED.T.copy(), strict=True)), "kind": KIND}), "in.parquet"
    )
    Path("out").mkdir()
    shutil.copy(GOLDEN / name, "out/_manifest.json")
    options = ["--label", "kind", "--anomaly", "bad", "-n", "12", "--rows-per-file", "5", "--resume"]
    refused = shell("augment", "in.parquet", "-o", "out", *options, "--seed", "3")
    assert refused.returncode == 1
    assert "out: cannot be resumed, for " in refused.stderr
    assert "inputs changed: in.parquet" in refused.stderr
    # The parameters and the seed are those of the golden run.
    # One of today rounds whole numbers, which was not known then.
    said = refused.stderr.replace(" was version ", "").replace("whole_features was None and is 'auto'", "")
    assert " was " not in said
    assert (
        "the seed was 3 and is 4"
        in shell("augment", "in.parquet", "-o", "out", *options, "--seed", "4").stderr
    )


def newer(path: Path, name: str) -> None:
    """The golden file as a later version might have written it."""
    with np.load(GOLDEN / name) as file:
        arrays = dict(file)
    if "header" in arrays:
        arrays["header"] = np.array(json.dumps({**json.loads(str(arrays["header"])), "format": 99}))
    else:
        arrays["format"] = np.int64(99)
    np.savez(path, **arrays)


@pytest.mark.parametrize(
    ("name", "load"), [("table_4.npz", NeighborTable.load), ("score_1.npz", NeighborScore.load)]
)
def test_formats_to_come_are_refused_by_name(name: str, load: Any, tmp_path: Path) -> None:
    newer(tmp_path / name, name)
    with pytest.raises(ValueError, match=rf"{name} is .*format 99, this version reads 1"):
        load(tmp_path / name)
