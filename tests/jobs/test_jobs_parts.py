"""The small parts of a job: who may lie where, what is asked, ids of rows, copies of old files, manifests."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nngmix.jobs.apart import check_apart
from nngmix.jobs.digest import Digest
from nngmix.jobs.job import Job
from nngmix.jobs.manifest import MANIFEST, Manifest, checksum
from nngmix.jobs.new_files import Labelled, file_name
from nngmix.jobs.old_files import copy_file, old_name
from nngmix.jobs.provenance import Ids, read_rows, wanted_ids, write_rows
from nngmix.parameters.amount import Amount
from nngmix.parameters.mixture import Mixture
from nngmix.plan import MixPlan, added_columns


def job(**more: Any) -> Job:
    return Job(**{"inputs": ("in",), "output": "out", "amount": Amount(n_samples=1), **more})


@pytest.mark.parametrize(
    ("source", "output", "found"),
    [
        ("in", "in/new", True),
        ("in", "in", True),
        ("in", "inner", False),
        ("in/*.parquet", "in", True),
        ("in/*.parquet", "in/new", False),
        ("in/*/*.parquet", "in/new", True),
        ("in/**/*.parquet", "in/a/b/c", True),
        ("in/a.parquet", "in", False),
    ],
)
def test_new_rows_are_not_where_inputs_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, output: str, found: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir("in")
    if found:
        with pytest.raises(ValueError, match="take them for inputs; name an output folder elsewhere"):
            check_apart([source], output)
    else:
        check_apart([source], output)


def test_a_job_tells_all_that_its_bytes_depend_on() -> None:
    fields = set(Job.__dataclass_fields__)
    told = set(job(label="y", anomaly=("1",)).parameters())
    # The inputs and the seed are told beside them; threads and memory change no byte.
    apart = {"inputs", "output", "anomalies", "seed", "n_threads", "memory", "mixture"}
    assert fields - apart | set(Mixture.__dataclass_fields__) == told


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"label": "y"}, "by --anomaly, or by --unlabeled"),
        ({"anomaly": ("1",)}, "by --label; or"),
        ({}, "by --label and --anomaly"),
        ({"label": "y", "anomaly": ("1",), "unlabeled": ("1",)}, "cannot be both"),
        ({"anomalies": "a.csv", "anomaly": ("1",)}, "--label and --anomaly go together"),
        ({"label": "y", "anomaly": ("1",), "memory": 1}, "--memory must be at least 384 MiB"),
        ({"label": "y", "anomaly": ("1",), "n_neighbors": 0}, "n_neighbors must be at least 1"),
        ({"label": "y", "anomaly": ("1",), "missing": "drop"}, "missing must be 'error', 'skip' or 'keep'"),
        ({"label": "y", "anomaly": ("1",), "rows_per_file": 0}, "--rows-per-file must be at least 1"),
    ],
)
def test_what_a_job_refuses(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        job(**more)


def test_ids_of_anchors_and_partners() -> None:
    plan = MixPlan(
        start=0,
        anchor=np.array([4, 9, 4]),
        unlabeled=np.array([True, False, True]),
        partner=np.array([7, 4, 2]),
        neighbor=np.zeros(3, np.int64),
        lam=np.ones(3),
        key=(0,) * 8,
    )
    ids = Ids((np.array([4, 9]), pa.array(["a4", "a9"])), (np.array([2, 7]), pa.array(["u2", "u7"])))
    assert [column.to_pylist() for column in ids.columns(plan)] == [["a4", "a9", "a4"], ["u7", "a4", "u2"]]
    assert added_columns(True, "id", "new") == [
        "anchor",
        "partner",
        "pool",
        "lam",
        "anchor_id",
        "partner_id",
        "new",
    ]
    assert added_columns(False, "id", None) == []


def test_ids_are_taken_from_batches() -> None:
    batches = [(0, pa.array(["a", "b"])), (2, pa.array([], pa.string())), (2, pa.array(["c", None, "e"]))]
    found = wanted_ids(np.array([1, 2, 3]), batches, pa.string())
    assert found.to_pylist() == ["b", "c", None]
    assert wanted_ids(np.array([], np.int64), batches, pa.string()).to_pylist() == []
    with pytest.raises(ValueError, match="have changed since they were searched"):
        wanted_ids(np.array([1, 9]), batches, pa.string())


@pytest.mark.parametrize(
    "labels", [pa.array([1, 2], pa.int8()), pa.array(["x", None]), pa.array(["x", "y"]).dictionary_encode()]
)
def test_rows_and_their_columns_come_back(tmp_path: Path, labels: Any) -> None:
    path = str(tmp_path / "rows.arrow")
    write_rows(path, np.array([3, 8]), {"label": labels})
    rows, columns = read_rows(path)
    assert rows.tolist() == [3, 8]
    assert columns["label"].equals(labels)
    assert os.listdir(tmp_path) == ["rows.arrow"]


def test_labels_of_classes() -> None:
    label = Labelled("kind", pa.array(["x", "y"]))
    assert label.column(np.array([1, 0, 1])).to_pylist() == ["y", "x", "y"]
    assert file_name(7) == "part-00007.parquet"
    assert old_name(7) == "old-00007.parquet"


@pytest.mark.parametrize("mark", [None, "new"])
def test_copies_of_old_files(tmp_path: Path, mark: str | None) -> None:
    table = pa.table({"a": [1.0, 2.0], "b": pa.array(["x", "y"]).dictionary_encode()})
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=1)
    about = copy_file(str(tmp_path / "in.parquet"), str(tmp_path / "copy.parquet"), mark)
    copied = pq.read_table(tmp_path / "copy.parquet")
    assert copied.select(["a", "b"]).equals(table)
    assert copied.column_names == ["a", "b", *([] if mark is None else [mark])]
    assert about == {
        "name": "copy.parquet",
        "rows": 2,
        "bytes": (tmp_path / "copy.parquet").stat().st_size,
        "sha256": checksum(str(tmp_path / "copy.parquet")),
    }


def test_the_digest_of_a_file_that_is_still_written(tmp_path: Path) -> None:
    path = tmp_path / "part"
    with open(path, "wb", buffering=0) as file, Digest(str(path)) as digest:
        for size in (10, 3000, 0, 7):
            file.write(bytes(range(256)) * size)
            digest.reach(file.tell())
        assert digest.hexdigest() == checksum(str(path))
        digest.reach(file.tell() + 1)
        with pytest.raises(OSError, match="the file ended at byte 772352 of 772353"):
            digest.hexdigest()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("no JSON", "is not a manifest of nngmix"),
        ("{}", "is not a manifest of nngmix"),
        (json.dumps({"format": "x"}), "is not a manifest of nngmix"),
        (json.dumps({"format": 1}), "is of format 1, that of an older version"),
        (json.dumps({"format": 99}), "is of format 99, that of a newer version"),
    ],
)
def test_manifests_that_are_none_of_ours(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(ValueError, match=said):
        Manifest.begin(job(label="y", anomaly=("1",), output=str(tmp_path)), [], resume=True)
