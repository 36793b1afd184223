"""Reading and writing of tables: what is a feature, what is refused, what comes back."""

import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

import nngmix
from nngmix.files import check_target, check_writing, find_anomalies, read_table, write_table
from nngmix.plan import MixPlan

NEW = np.array([[0.5, 1.5], [2.5, 3.5]])


def save(path: Path, columns: dict[str, Any]) -> str:
    """A CSV or Parquet of these columns."""
    table = pa.table(columns)
    write = pyarrow.csv.write_csv if path.suffix == ".csv" else pyarrow.parquet.write_table
    write(table, path)
    return str(path)


def text(path: Path, content: str) -> str:
    path.write_text(content, encoding="utf-8")
    return str(path)


def plan_of(n: int) -> MixPlan:
    return MixPlan(
        start=0,
        anchor=np.arange(n),
        unlabeled=np.arange(n) % 2 == 0,
        partner=np.arange(n) + 5,
        neighbor=np.zeros(n, dtype=np.int64),
        lam=np.linspace(0, 1, n),
        key=(0,) * 8,
    )


# --- features -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((pa.float32(), pa.float32()), np.float32),
        ((pa.float32(), pa.float64()), np.float64),
        ((pa.int8(), pa.float32()), np.float64),
        ((pa.int64(), pa.uint16()), np.float64),
        ((pa.decimal128(22, 2), pa.float16()), np.float64),
    ],
)
def test_numbers_of_every_kind_become_floats(tmp_path: Path, types: Any, expected: Any) -> None:
    columns = {f"f{j}": pa.array([1, 2, 3]).cast(kind) for j, kind in enumerate(types)}
    path = save(tmp_path / "t.parquet", {**columns, "y": [0, 0, 1]})
    table = read_table(path, "y")
    assert table.X.dtype == expected
    assert table.X.tolist() == [[1, 1], [2, 2], [3, 3]]
    assert table.features == ("f0", "f1")


def test_booleans_become_zero_and_one(tmp_path: Path) -> None:
    table = read_table(save(tmp_path / "t.parquet", {"b": [True, False], "y": [1, 0]}), "y")
    assert table.X.tolist() == [[1.0], [0.0]]


def test_integers_up_to_2_to_the_53_are_kept(tmp_path: Path) -> None:
    table = read_table(save(tmp_path / "t.parquet", {"a": [2**53, -(2**53)], "y": [1, 0]}), "y")
    assert table.X.tolist() == [[9007199254740992.0], [-9007199254740992.0]]


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, -(2**63)])
def test_integers_beyond_2_to_the_53_are_refused(tmp_path: Path, number: int) -> None:
    path = save(tmp_path / "t.parquet", {"a": [1, number], "y": [1, 0]})
    with pytest.raises(ValueError, match=rf"column 'a' holds {number} in row 1 .* beyond 2\^53"):
        read_table(path, "y")


def test_a_csv_column_that_turns_to_floats_late_is_read_as_floats(tmp_path: Path) -> None:
    n = 400_000
    rows = "".join(f"{i},0\n" for i in range(n))
    table = read_table(text(tmp_path / "t.csv", "a,y\n" + rows + "0.5,1\n"), "y")
    assert table.X.shape == (n + 1, 1)
    assert table.X[-1, 0] == 0.5


def test_ignored_csv_columns_stay_as_written(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", 'id,a,note,y\n007,1,"two\nlines",0\n1e3,2,,1\n')
    table = read_table(path, "y", ["id", "note"])
    assert table.features == ("a",)
    assert table.ignored["id"].to_pylist() == ["007", "1e3"]
    assert table.ignored["note"].to_pylist() == ["two\nlines", None]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize(("value", "what"), [(None, "has no value"), (np.nan, "nan"), (-np.inf, "is -inf")])
def test_a_gap_names_its_column_and_row(tmp_path: Path, ending: str, value: Any, what: str) -> None:
    path = save(tmp_path / f"t.{ending}", {"a": [1.0, 2.0, 3.0], "b": [1.5, value, value], "y": [0, 0, 1]})
    if ending == "csv" and value is np.nan:
        what = "has no value"
    with pytest.raises(ValueError, match=rf"column 'b' (is )?{what} in row 1 \(counted from 0\)"):
        read_table(path, "y")


def test_large_values_are_no_gap(tmp_path: Path) -> None:
    # Their sum overflows; they are finite all the same.
    path = save(tmp_path / "t.parquet", {"a": [1.7e308, 1.7e308], "y": [0, 1]})
    assert read_table(path, "y").X.tolist() == [[1.7e308], [1.7e308]]


# --- refusals -----------------------------------------------------------------------------------------------


def test_columns_that_are_no_numbers_are_named(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", "id,day,a,y\nx,2024-01-01,1,0\ny,2024-01-02,2,1\n")
    with pytest.raises(ValueError, match=r"not numeric: 'id' \(string\), 'day' \(date32.*--ignore"):
        read_table(path, "y")
    with pytest.raises(ValueError, match=r"not numeric: 'day' \(date32"):
        read_table(path, "y", ["id"])


@pytest.mark.parametrize(("label", "ignore", "name"), [("z", [], "z"), ("y", ["q"], "q")])
def test_an_unknown_column_lists_those_there_are(
    tmp_path: Path, label: str, ignore: list[str], name: str
) -> None:
    path = text(tmp_path / "t.csv", "a, b,y\n1,2,0\n")
    with pytest.raises(ValueError, match=rf"there is no column '{name}'; there are 'a', ' b', 'y'"):
        read_table(path, label, ignore)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,a,y\n1,2,0\n", "occur more than once: 'a'"),
        ("a,y\n", "there are no rows"),
        ("", "Empty CSV"),
        ("a,y\n1,0,7\n", "Expected 2 columns, got 3"),
        ("y\n1\n", "no feature column is left"),
        ("a,y\n,1\n,0\n", "column 'a' has no value in row 0"),
    ],
)
def test_a_csv_that_makes_no_sense_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_table(text(tmp_path / "t.csv", content), "y")


def test_the_label_cannot_be_ignored(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'y' is the label"):
        read_table(text(tmp_path / "t.csv", "a,y\n1,0\n"), "y", ["y"])


def test_a_truncated_parquet_is_refused(tmp_path: Path) -> None:
    path = Path(save(tmp_path / "t.parquet", {"a": np.random.default_rng(0).random(5000), "y": [0] * 5000}))
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(ValueError, match=r"t\.parquet: cannot be read as Parquet"):
        read_table(str(path), "y")


def test_a_parquet_with_broken_pages_is_refused(tmp_path: Path) -> None:
    path = Path(save(tmp_path / "t.parquet", {"a": np.random.default_rng(0).random(5000), "y": [0] * 5000}))
    content = bytearray(path.read_bytes())
    content[4:200] = bytes(196)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"t\.parquet: cannot be read as Parquet"):
        read_table(str(path), "y")


def test_the_index_of_a_pandas_table_is_no_feature(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0], "y": [0, 1]}, index=pandas.Index([7, 9], name="row"))
    frame.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="'row' is the index of a pandas table; leave it out with --ignore"):
        read_table(str(tmp_path / "t.parquet"), "y")
    assert read_table(str(tmp_path / "t.parquet"), "y", ["row"]).features == ("a",)


@pytest.mark.parametrize("name", ["t.txt", "t", "t.csv.gz"])
def test_an_unknown_ending_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"the ending must be \.csv, \.parquet or \.npz"):
        read_table(text(tmp_path / name, "a,y\n1,0\n"), "y")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.csv: no such file"):
        read_table(str(tmp_path / "none.csv"), "y")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(IsADirectoryError, match=r"folder\.csv: is a directory"):
        read_table(str(tmp_path / "folder.csv"), "y")


# --- NPZ ----------------------------------------------------------------------------------------------------

X3 = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": X3}, r"there is no array 'y'; there are 'X'"),
        ({"y": [0, 1, 0]}, r"there is no array 'X'; there are 'y'"),
        ({"X": X3, "y": [0, 1, 0], "ids": [1, 2, 3]}, r"there are 'ids'; leave them out with --ignore"),
        ({"X": X3[0], "y": [0, 1]}, r"X must be 2-D .* got shape \(2,\)"),
        ({"X": X3[:0], "y": []}, r"X must be 2-D with at least one row"),
        ({"X": X3, "y": [0, 1]}, r"'y' must hold one value a row of X \(3\), got shape \(2,\)"),
        ({"X": X3 + 1j, "y": [0, 1, 0]}, r"X must hold real numbers of at most 64 bits, got complex128"),
        ({"X": X3.astype(np.longdouble), "y": [0, 1, 0]}, r"X must hold real numbers of at most 64 bits"),
        ({"X": X3.astype(str), "y": [0, 1, 0]}, r"X must hold real numbers"),
        ({"X": X3.astype("datetime64[s]"), "y": [0, 1, 0]}, r"X must hold real numbers"),
        ({"X": X3.astype(object), "y": [0, 1, 0]}, r"Python objects, which only pickle can load.*refused"),
        ({"X": X3, "y": np.array([0, "a", None])}, r"Python objects, which only pickle can load.*refused"),
        ({"X": X3, "y": X3[:, 0] + 1j}, r"'y' must hold numbers, booleans or texts, got complex128"),
        ({"X": X3, "y": [0, 1, 0], "columns": ["a"]}, r"columns must hold 2 texts"),
        ({"X": X3, "y": [0, 1, 0], "columns": ["a", "y"]}, r"must differ from one another"),
        ({"X": np.where(X3 == 3, np.nan, X3), "y": [0, 1, 0]}, r"column 'x1' is nan in row 1"),
        ({"X": X3.astype(int) + 2**53, "y": [0, 1, 0]}, r"column 'x0' holds 9007199254740994 in row 1"),
        (
            {"X": X3.astype(np.uint64) + 2**63, "y": [0, 1, 0]},
            r"column 'x0' holds 9223372036854775808 in row 0",
        ),
    ],
)
def test_an_npz_that_makes_no_sense_is_refused(tmp_path: Path, arrays: Any, message: str) -> None:
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        read_table(str(tmp_path / "t.npz"), "y")


def test_files_that_are_no_npz_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "whole.npz", X=np.random.default_rng(0).random((500, 2)), y=np.zeros(500))
    whole = (tmp_path / "whole.npz").read_bytes()
    np.save(tmp_path / "array.npy", X3)
    contents = {
        "empty": b"",
        "noise": b"not an archive at all",
        "half": whole[: len(whole) // 2],
        "broken": whole[:300] + bytes(100) + whole[400:],
        "npy": (tmp_path / "array.npy").read_bytes(),
    }
    for name, content in contents.items():
        path = tmp_path / f"{name}.npz"
        path.write_bytes(content)
        with pytest.raises(
            ValueError, match=rf"{name}\.npz: (cannot be read as NPZ|it holds Python objects)"
        ):
            read_table(str(path), "y")


@pytest.mark.parametrize(
    ("dtype", "expected"), [("f4", "f4"), ("f2", "f8"), (">f8", "f8"), ("i4", "f8"), ("?", "f8")]
)
def test_dtypes_of_an_npz(tmp_path: Path, dtype: str, expected: str) -> None:
    np.savez(tmp_path / "t.npz", X=(X3 > 2).astype(dtype), labels=np.array([[0], [0], [1]], dtype=">i2"))
    table = read_table(str(tmp_path / "t.npz"), "labels")
    assert table.X.dtype == np.dtype(expected)
    assert table.X.tolist() == (X3 > 2).astype(float).tolist()
    assert table.labels.to_pylist() == [0, 0, 1]
    assert table.columns == ("x0", "x1", "labels")


# --- the label ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "value", "expected"),
    [
        (pa.array([0, 1, None]), "1", [False, True, False]),
        (pa.array([0, 1, 200], pa.uint8()), "200", [False, False, True]),
        (pa.array([0.0, 1.0, np.nan]), "1", [False, True, False]),
        (pa.array([0.1, 0.2, 0.1], pa.float32()), "0.1", [True, False, True]),
        (pa.array(["ok", "bad", None]), "bad", [False, True, False]),
        (pa.array(["ok", "bad", "ok"], pa.large_string()), "ok", [True, False, True]),
        (pa.array(["ok", "bad", None]).dictionary_encode(), "bad", [False, True, False]),
        (pa.array([True, False, None]), "true", [True, False, False]),
        (pa.array([True, False, None]), "0", [False, True, False]),
        (pa.array(["1", "01", "1.0"]), "1", [True, False, False]),
    ],
)
def test_the_anomaly_is_found_by_the_type_of_its_column(
    tmp_path: Path, labels: Any, value: str, expected: list[bool]
) -> None:
    table = read_table(save(tmp_path / "t.parquet", {"a": [1.0, 2.0, 3.0], "y": labels}), "y")
    _, mask = find_anomalies(table, value)
    assert mask.dtype == np.bool_
    assert mask.tolist() == expected


@pytest.mark.parametrize(
    ("labels", "value", "message"),
    [
        (
            pa.array([0, 0, 1]),
            "2",
            r"no row has '2' in the label column 'y'; it holds 0 \(2 rows\), 1 \(1 rows\)",
        ),
        (pa.array([0, 0, 1]), "bad", "is of type int64: the anomaly value must be an integer, got 'bad'"),
        (pa.array([0, 0, 1], pa.int8()), "300", "must be an integer, got '300'"),
        (pa.array([0.5, 0, 1]), "bad", "is of type double: the anomaly value must be a number, got 'bad'"),
        (pa.array([True, False, True]), "yes", "the anomaly value must be true or false, got 'yes'"),
        (pa.nulls(3), "1", "the label column 'y' is empty"),
        (pa.array([[1], [2], [3]]), "1", "it must hold numbers, booleans or texts"),
    ],
)
def test_an_anomaly_value_that_is_not_there(tmp_path: Path, labels: Any, value: str, message: str) -> None:
    table = read_table(save(tmp_path / "t.parquet", {"a": [1.0, 2.0, 3.0], "y": labels}), "y")
    with pytest.raises(ValueError, match=message):
        find_anomalies(table, value)


# --- writing ------------------------------------------------------------------------------------------------

LABELS = [
    pa.array([0, 1, None], pa.int8()),
    pa.array([0.0, 1.0, 0.0]),
    pa.array(["0", "1", None]),
    pa.array(["0", "1", "0"], pa.large_string()),
    pa.array([False, True, False]),
    pa.array(["0", "1", None]).dictionary_encode(),
]


@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: str(labels.type).split(",")[0])
def test_parquet_keeps_labels_and_ignored_columns_in_their_types(tmp_path: Path, labels: Any) -> None:
    others = {"day": pa.array([1, 2, 3], pa.date32()), "tags": [["a"], [], None], "kind": ["u", "v", "u"]}
    others["kind"] = pa.array(others["kind"]).dictionary_encode()
    source = {"day": others["day"], "b": [1, 2, 3], "y": labels, "a": [1.5, 2.5, 3.5]}
    path = save(tmp_path / "t.parquet", {**source, "tags": others["tags"], "kind": others["kind"]})
    table = read_table(path, "y", others)
    value, _ = find_anomalies(table, "1")
    size = write_table(str(tmp_path / "o.parquet"), table, NEW, value, plan=plan_of(2))
    assert size == os.path.getsize(tmp_path / "o.parquet")

    out = pyarrow.parquet.read_table(tmp_path / "o.parquet")
    assert out.column_names == [*source, "tags", "kind", "anchor", "partner", "pool", "lam"]
    assert out["y"].type == labels.type
    assert out["y"].to_pylist() == [*labels.to_pylist(), value.as_py(), value.as_py()]
    assert out["b"].to_pylist() == [1.0, 2.0, 3.0, 0.5, 2.5]
    assert out["a"].to_pylist() == [1.5, 2.5, 3.5, 1.5, 3.5]
    for name in others:
        assert out[name].to_pylist() == [*pa.array(others[name]).to_pylist(), None, None]
    assert out["day"].type == pa.date32()
    assert out["anchor"].to_pylist() == [None, None, None, 0, 1]
    assert out["partner"].to_pylist() == [None, None, None, 5, 6]
    assert out["pool"].to_pylist() == [None, None, None, "unlabeled", "anomaly"]
    assert out["lam"].to_pylist() == [None, None, None, 0.0, 1.0]


def test_csv_is_written_to_be_read_back_exactly(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", 'id,b,a,y\n007,1,0.1,ok\n,2,1e-300,"say ""hi"""\n')
    table = read_table(path, "y", ["id"])
    value, _ = find_anomalies(table, 'say "hi"')
    write_table(path, table, np.array([[1 / 3, np.pi]]), value)
    again = read_table(path, "y", ["id"])
    assert again.X.tolist() == [[1.0, 0.1], [2.0, 1e-300], [1 / 3, np.pi]]
    assert again.labels.to_pylist() == ["ok", 'say "hi"', 'say "hi"']
    assert again.ignored["id"].to_pylist() == ["007", None, None]
    assert again.columns == ("id", "b", "a", "y")


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float32, np.bool_, "U1"])
@pytest.mark.parametrize("only_new", [False, True])
def test_npz_keeps_the_dtypes_and_names_of_an_npz(tmp_path: Path, dtype: Any, only_new: bool) -> None:
    labels = np.array([0, 1, 0]).astype(dtype)
    np.savez(tmp_path / "t.npz", X=X3.astype(np.float32), target=labels)
    table = read_table(str(tmp_path / "t.npz"), "target")
    value, _ = find_anomalies(table, "1")
    made = NEW.astype(np.float32)
    write_table(str(tmp_path / "o.npz"), table, made, value, plan=plan_of(2), only_new=only_new)

    with np.load(tmp_path / "o.npz", allow_pickle=False) as out:
        kept = 0 if only_new else 3
        assert sorted(out) == ["X", "anchor", "lam", "partner", "pool", "target"]
        assert out["X"].dtype == np.float32
        assert out["X"].tolist() == [*X3[:kept].tolist(), *made.tolist()]
        assert out["target"].dtype == labels.dtype
        assert out["target"].tolist() == [*labels[:kept].tolist(), *[labels[1].item()] * 2]
        assert out["anchor"].tolist() == [-1] * kept + [0, 1]
        assert out["pool"].tolist() == [""] * kept + ["unlabeled", "anomaly"]
        assert np.isnan(out["lam"][:kept]).all()
        assert out["lam"][kept:].tolist() == [0.0, 1.0]


def test_npz_from_csv_holds_the_column_names_and_reads_back(tmp_path: Path) -> None:
    table = read_table(text(tmp_path / "t.csv", "id,a,b,class\nx,1,2,ok\ny,3,4,bad\n"), "class", ["id"])
    value, _ = find_anomalies(table, "bad")
    write_table(str(tmp_path / "o.npz"), table, NEW, value)
    again = read_table(str(tmp_path / "o.npz"), "y")
    assert again.features == ("a", "b")
    assert again.labels.to_pylist() == ["ok", "bad", "bad", "bad"]
    assert again.X.tolist() == [[1, 2], [3, 4], *NEW.tolist()]


def test_no_new_rows_give_the_table_back(tmp_path: Path) -> None:
    table = read_table(text(tmp_path / "t.csv", "a,b,y\n1,2,0\n3,4,1\n"), "y")
    value, _ = find_anomalies(table, "1")
    for name in ("o.csv", "o.parquet", "o.npz"):
        write_table(str(tmp_path / name), table, NEW[:0], value, plan=plan_of(0))
    assert read_table(str(tmp_path / "o.npz"), "y", ["anchor", "partner", "pool", "lam"]).X.tolist() == [
        [1, 2],
        [3, 4],
    ]
    assert pyarrow.parquet.read_table(tmp_path / "o.parquet")["lam"].to_pylist() == [None, None]


# --- what could fail at the end is asked at the beginning ---------------------------------------------------


def test_targets_that_cannot_be_written(tmp_path: Path) -> None:
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


def test_plan_columns_that_are_taken(tmp_path: Path) -> None:
    table = read_table(text(tmp_path / "t.csv", "lam,b,y\n1,2,0\n"), "y")
    with pytest.raises(ValueError, match=r"--plan would add .* but there is 'lam' already"):
        check_writing(table, "o.csv", plan=True)
    check_writing(table, "o.csv", plan=False)


def test_what_a_format_cannot_hold(tmp_path: Path) -> None:
    path = save(tmp_path / "t.parquet", {"a": [1.0, 2.0], "tags": [["x"], []], "y": pa.array([1, None])})
    table = read_table(path, "y", ["tags"])
    with pytest.raises(ValueError, match=r"NPZ cannot hold the missing label of row 1"):
        check_writing(table, "o.npz", plan=False)
    with pytest.raises(ValueError, match=r"CSV cannot hold column 'tags' of type list.*write Parquet"):
        check_writing(table, "o.csv", plan=False)
    check_writing(table, "o.parquet", plan=False)


def test_a_failed_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", "a,b,y\n1,2,0\n3,4,1\n")
    table = read_table(path, "y")
    value, _ = find_anomalies(table, "1")
    with pytest.raises(IndexError):
        write_table(path, table, NEW[:, :1], value)
    assert os.listdir(tmp_path) == ["t.csv"]
    assert Path(path).read_text() == "a,b,y\n1,2,0\n3,4,1\n"


def test_a_link_stays_a_link_and_others_may_read(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", "a,b,y\n1,2,0\n3,4,1\n")
    (tmp_path / "link.csv").symlink_to(path)
    table = read_table(path, "y")
    value, _ = find_anomalies(table, "1")
    old_mask = os.umask(0o022)
    try:
        write_table(str(tmp_path / "link.csv"), table, NEW, value)
    finally:
        os.umask(old_mask)
    assert (tmp_path / "link.csv").is_symlink()
    assert read_table(path, "y").X.shape == (4, 2)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o644


def test_a_private_file_stays_private_when_it_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "private.npz"
    path.write_bytes(b"")
    path.chmod(0o600)
    nngmix.NeighborTable(np.eye(3)).save(path)
    assert path.stat().st_mode & 0o777 == 0o600
