"""Writing: the old rows as they were, the new ones after them, all or nothing."""

import os
import stat

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from nngmix.files.reader import read_table
from nngmix.files.writer import check_target, check_writing, write_table

NEW = np.array([[0.5, 1.5], [2.5, 3.5]])
PLAN = {
    "anchor": np.array([0, 1]),
    "partner": np.array([5, 6]),
    "pool": np.array(["unlabeled", "anomaly"]),
    "lam": np.array([0.0, 1.0]),
}
LABELS = [
    pa.array([0, 1, None], pa.int8()),
    pa.array([0.0, 1.0, 0.0]),
    pa.array(["0", "1", None]),
    pa.array(["0", "1", "0"], pa.large_string()),
    pa.array([False, True, False]),
    pa.array(["0", "1", None]).dictionary_encode(),
]


def save(path, columns):
    pyarrow.parquet.write_table(pa.table(columns), path)
    return str(path)


def text(path, content):
    path.write_text(content, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("ending", ["parquet", "feather"])
@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: str(labels.type).split(",")[0])
def test_labels_and_ignored_columns_keep_their_types(tmp_path, ending, labels):
    others = {"day": pa.array([1, 2, 3], pa.date32()), "tags": [["a"], [], None], "kind": ["u", "v", "u"]}
    others["kind"] = pa.array(others["kind"]).dictionary_encode()
    source = {"day": others["day"], "b": [1, 2, 3], "y": labels, "a": [1.5, 2.5, 3.5]}
    path = save(tmp_path / "t.parquet", {**source, "tags": others["tags"], "kind": others["kind"]})
    table = read_table(path, "y", others)
    value = labels.to_pylist()[1]
    target = tmp_path / f"o.{ending}"
    assert write_table(str(target), table, NEW, value, plan=PLAN, mark="new") == target.stat().st_size

    out = pyarrow.parquet.read_table(target) if ending == "parquet" else pyarrow.feather.read_table(target)
    assert out.column_names == [*source, "tags", "kind", *PLAN, "new"]
    assert out["y"].type == labels.type
    assert out["y"].to_pylist() == [*labels.to_pylist(), value, value]
    assert out["b"].to_pylist() == [1.0, 2.0, 3.0, 0.5, 2.5]
    assert out["a"].to_pylist() == [1.5, 2.5, 3.5, 1.5, 3.5]
    for name in others:
        assert out[name].to_pylist() == [*pa.array(others[name]).to_pylist(), None, None]
    assert out["day"].type == pa.date32()
    assert out["anchor"].to_pylist() == [None, None, None, 0, 1]
    assert out["pool"].to_pylist() == [None, None, None, "unlabeled", "anomaly"]
    assert out["lam"].to_pylist() == [None, None, None, 0.0, 1.0]
    assert out["new"].to_pylist() == [False, False, False, True, True]


def test_csv_is_written_to_be_read_back_exactly(tmp_path):
    path = text(tmp_path / "t.csv", 'id,b,a,y\n007,1,0.1,ok\n,2,1e-300,"say ""hi"""\n')
    table = read_table(path, "y", ["id"])
    write_table(path, table, np.array([[1 / 3, np.pi]]), 'say "hi"')
    again = read_table(path, "y", ["id"])
    assert again.X.tolist() == [[1.0, 0.1], [2.0, 1e-300], [1 / 3, np.pi]]
    assert again.labels.to_pylist() == ["ok", 'say "hi"', 'say "hi"']
    assert again.ignored["id"].to_pylist() == ["007", None, None]
    assert again.columns == ("id", "b", "a", "y")


@pytest.mark.parametrize(
    "ending", ["csv", "tsv", "csv.gz", "tsv.bz2", "csv.zst", "parquet", "feather", "arrow"]
)
def test_every_ending_is_read_back(tmp_path, ending):
    table = read_table(text(tmp_path / "t.csv", "a,b,y\n1,2,x\n3,,y\n"), "y")
    target = str(tmp_path / f"o.{ending}")
    check_target(target)
    check_writing(table, target)
    assert write_table(target, table, NEW, ["x", "z"]) == os.path.getsize(target)
    again = read_table(target, "y")
    assert np.array_equal(again.X, [[1, 2], [3, np.nan], *NEW.tolist()], equal_nan=True)
    assert again.labels.to_pylist() == ["x", "y", "x", "z"]
    assert again.source["b"].null_count == 1


def test_what_was_missing_stays_as_it_was(tmp_path):
    table = read_table(text(tmp_path / "t.csv", "a,b,y\n1,,0\nnan,2,1\n"), "y")
    write_table(str(tmp_path / "o.csv"), table, NEW, "1")
    assert (tmp_path / "o.csv").read_text() == '"a","b","y"\n1,,0\nnan,2,1\n0.5,1.5,1\n2.5,3.5,1\n'


@pytest.mark.parametrize(
    ("labels", "kind", "expected"),
    [
        ("1,0", pa.int64(), [1, 0, 1, 1]),
        ("1.0,0", pa.float64(), [1, 0, 1, 1]),
        ("1,007", pa.string(), ["1", "007", "1", "1"]),
    ],
)
def test_labels_of_a_csv_get_the_narrowest_type_in_parquet(tmp_path, labels, kind, expected):
    first, second = labels.split(",")
    table = read_table(text(tmp_path / "t.csv", f"a,b,y\n1,2,{first}\n3,4,{second}\n"), "y")
    write_table(str(tmp_path / "o.parquet"), table, NEW, "1")
    out = pyarrow.parquet.read_table(tmp_path / "o.parquet")["y"]
    assert (out.type, out.to_pylist()) == (kind, expected)


def test_labels_of_a_csv_stay_as_written_in_csv(tmp_path):
    table = read_table(text(tmp_path / "t.csv", "a,b,y\n1,2, 1\n3,4,1.0\n5,6,\n"), "y")
    write_table(str(tmp_path / "o.csv"), table, NEW[:1], "1.0")
    assert read_table(str(tmp_path / "o.csv"), "y").labels.to_pylist() == [" 1", "1.0", None, "1.0"]


def test_labels_of_many_kinds_of_values(tmp_path):
    table = read_table(
        save(tmp_path / "t.parquet", {"a": [1.0], "b": [2.0], "y": pa.array([1], pa.int8())}), "y"
    )
    for labels in (1, np.int64(1), "1", pa.scalar(1), [1, 1], np.array([1, 1]), pa.array([1, 1])):
        write_table(str(tmp_path / "o.parquet"), table, NEW, labels)
        out = pyarrow.parquet.read_table(tmp_path / "o.parquet")["y"]
        assert (out.type, out.to_pylist()) == (pa.int8(), [1, 1, 1])
    with pytest.raises(ValueError, match="one for each of the 2 new rows, got 1"):
        write_table(str(tmp_path / "o.parquet"), table, NEW, [1])


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float32, np.bool_, "U1"])
@pytest.mark.parametrize("only_new", [False, True])
def test_npz_keeps_the_dtypes_and_names_of_an_npz(tmp_path, dtype, only_new):
    X3, labels = np.arange(6.0, dtype=np.float32).reshape(3, 2), np.array([0, 1, 0]).astype(dtype)
    np.savez(tmp_path / "t.npz", X=X3, target=labels)
    table = read_table(str(tmp_path / "t.npz"), "target")
    made = NEW.astype(np.float32)
    value = table.labels.to_pylist()[1]
    write_table(str(tmp_path / "o.npz"), table, made, value, plan=PLAN, mark="new", only_new=only_new)

    with np.load(tmp_path / "o.npz", allow_pickle=False) as out:
        kept = 0 if only_new else 3
        assert sorted(out) == ["X", "anchor", "lam", "new", "partner", "pool", "target"]
        assert out["X"].dtype == np.float32
        assert out["X"].tolist() == [*X3[:kept].tolist(), *made.tolist()]
        assert out["target"].dtype == labels.dtype
        assert out["target"].tolist() == [*labels[:kept].tolist(), *[labels[1].item()] * 2]
        assert out["anchor"].tolist() == [-1] * kept + [0, 1]
        assert out["pool"].tolist() == [""] * kept + ["unlabeled", "anomaly"]
        assert np.isnan(out["lam"][:kept]).all()
        assert out["lam"][kept:].tolist() == [0.0, 1.0]
        assert out["new"].tolist() == [False] * kept + [True] * 2


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather"])
def test_an_npz_becomes_a_table_and_back(tmp_path, ending):
    np.savez(tmp_path / "t.npz", X=NEW, y=["ok", "bad"], columns=["a", "b"])
    table = read_table(str(tmp_path / "t.npz"), "y")
    write_table(str(tmp_path / f"o.{ending}"), table, NEW, "bad")
    other = read_table(str(tmp_path / f"o.{ending}"), "y")
    write_table(str(tmp_path / "o.npz"), other, NEW, "bad")
    again = read_table(str(tmp_path / "o.npz"), "y")
    assert again.features == ("a", "b")
    assert again.labels.to_pylist() == ["ok"] + ["bad"] * 5
    assert again.X.tolist() == NEW.tolist() * 3


def test_no_new_rows_give_the_table_back(tmp_path):
    table = read_table(text(tmp_path / "t.csv", "a,b,y\n1,2,0\n3,4,1\n"), "y")
    nothing = {name: column[:0] for name, column in PLAN.items()}
    for name in ("o.csv", "o.parquet", "o.npz"):
        write_table(str(tmp_path / name), table, NEW[:0], "1", plan=nothing)
        assert read_table(str(tmp_path / name), "y", PLAN).X.tolist() == [[1, 2], [3, 4]]


# --- what could fail at the end is asked at the beginning ---------------------------------------------------


def test_targets_that_cannot_be_written(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(IsADirectoryError, match=r"folder\.csv: is a directory"):
        check_target(str(tmp_path / "folder.csv"))
    for folder in ("none", "file"):
        with pytest.raises(OSError, match=rf"o\.csv: cannot be written in .*{folder}: "):
            check_target(str(tmp_path / folder / "o.csv"))
    with pytest.raises(ValueError, match="the ending must be"):
        check_target(str(tmp_path / "o.xlsx"))
    check_target(str(tmp_path / "o.csv"))
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.csv"]


def test_columns_that_are_taken(tmp_path):
    table = read_table(text(tmp_path / "t.csv", "lam,b,y\n1,2,0\n"), "y")
    with pytest.raises(ValueError, match=r"'lam', 'new' would be added, but there is 'lam' already"):
        check_writing(table, "o.csv", added=["lam", "new"])
    check_writing(table, "o.csv")
    with pytest.raises(ValueError, match="has a column 'lam' already"):
        write_table(str(tmp_path / "o.csv"), table, NEW, "0", plan={"lam": [0.0, 0.1]}, mark="lam")


def test_what_a_format_cannot_hold(tmp_path):
    path = save(tmp_path / "t.parquet", {"a": [1.0, 2.0], "tags": [["x"], []], "y": pa.array([1, None])})
    table = read_table(path, "y", ["tags"])
    with pytest.raises(ValueError, match=r"NPZ cannot hold the missing label of row 1"):
        check_writing(table, "o.npz")
    with pytest.raises(ValueError, match=r"CSV cannot hold column 'tags' of type list.*write Parquet"):
        check_writing(table, "o.csv.gz")
    check_writing(table, "o.parquet")


def test_a_failed_writing_leaves_the_old_file_and_nothing_else(tmp_path):
    path = text(tmp_path / "t.csv", "a,b,y\n1,2,0\n3,4,1\n")
    table = read_table(path, "y")
    with pytest.raises(ValueError, match="new rows must have 2 columns, got 1"):
        write_table(path, table, NEW[:, :1], "1")
    assert os.listdir(tmp_path) == ["t.csv"]
    assert (tmp_path / "t.csv").read_text() == "a,b,y\n1,2,0\n3,4,1\n"


def test_a_link_stays_a_link_and_others_may_read(tmp_path):
    path = text(tmp_path / "t.csv", "a,b,y\n1,2,0\n3,4,1\n")
    (tmp_path / "link.csv").symlink_to(path)
    table = read_table(path, "y")
    old_mask = os.umask(0o022)
    try:
        write_table(str(tmp_path / "link.csv"), table, NEW, "1")
    finally:
        os.umask(old_mask)
    assert (tmp_path / "link.csv").is_symlink()
    assert read_table(path, "y").X.shape == (4, 2)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o644
