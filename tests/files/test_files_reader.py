"""Reading a file whole: what is a feature, what is refused, what is carried along."""

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
import pytest

from nngmix.files.reader import read_features, read_table


def save(path, columns):
    """A file of these columns in the format of its ending."""
    table = pa.table(columns)
    if path.suffix == ".csv":
        pa.csv.write_csv(table, path)
    elif path.suffix == ".feather":
        pyarrow.feather.write_feather(table, str(path))
    else:
        pyarrow.parquet.write_table(table, path)
    return str(path)


def text(path, content):
    path.write_text(content, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("ending", ["parquet", "feather"])
@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((pa.float32(), pa.float32()), np.float32),
        ((pa.float16(), pa.float32()), np.float32),
        ((pa.float32(), pa.float64()), np.float64),
        ((pa.int8(), pa.float32()), np.float64),
        ((pa.int64(), pa.uint16()), np.float64),
        ((pa.decimal128(22, 2), pa.float16()), np.float64),
    ],
)
def test_numbers_of_every_kind_become_floats(tmp_path, ending, types, expected):
    columns = {f"f{j}": pa.array([1, 2, 3]).cast(kind) for j, kind in enumerate(types)}
    path = save(tmp_path / f"t.{ending}", {**columns, "y": [0, 0, 1]})
    table = read_table(path, "y")
    assert table.X.dtype == table.rows.dtype == expected
    assert table.X.tolist() == [[1, 1], [2, 2], [3, 3]]
    assert (table.features, table.label, table.columns, len(table)) == (
        ("f0", "f1"),
        "y",
        ("f0", "f1", "y"),
        3,
    )
    assert not table.typeless


def test_booleans_become_zero_and_one(tmp_path):
    assert read_table(save(tmp_path / "t.parquet", {"b": [True, False], "y": [1, 0]}), "y").X.tolist() == [
        [1],
        [0],
    ]


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather"])
def test_integers_beyond_2_to_the_53_are_refused_in_the_same_words(tmp_path, ending):
    path = save(tmp_path / f"t.{ending}", {"a": [1, -(2**53) - 1], "y": [1, 0]})
    with pytest.raises(
        ValueError, match=r"holds the integer -9007199254740993, beyond 2\*\*53, at row 1, column 'a'"
    ):
        read_table(path, "y").rows.whole()
    path = save(tmp_path / f"u.{ending}", {"a": [2**53, -(2**53)], "y": [1, 0]})
    assert read_table(path, "y").X.tolist() == [[2.0**53], [-(2.0**53)]]


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather"])
@pytest.mark.parametrize(("value", "shown"), [(None, "None"), (np.nan, "nan"), (-np.inf, "-inf")])
def test_a_gap_names_its_column_and_row(tmp_path, ending, value, shown):
    path = save(tmp_path / f"t.{ending}", {"a": [1.0, 2.0, 3.0], "b": [1.5, value, value], "y": [0, 0, 1]})
    table = read_table(path, "y")
    with pytest.raises(
        ValueError, match=rf"must be finite, got {shown} at row 1, column 'b'; .*--missing skip"
    ):
        table.rows.check_finite(table.X)


def test_columns_that_are_no_numbers_are_named(tmp_path):
    columns = {"id": ["x", "y"], "day": pa.array([1, 2], pa.date32()), "a": [1, 2], "y": [0, 1]}
    path = save(tmp_path / "t.parquet", columns)
    with pytest.raises(TypeError, match=r"'id' \(string\), 'day' \(date32.*--ignore"):
        read_table(path, "y")
    assert read_table(path, "y", ["id", "day"]).ignored["day"].type == pa.date32()
    path = text(tmp_path / "t.csv", "id,day,a,y\nx,2024-01-01,1,0\ny,2024-01-02,2,1\n")
    with pytest.raises(
        ValueError, match=r"holds 'x' at row 0, column 'id': no number; nor are these: 'day' \('2024"
    ):
        read_table(path, "y")


@pytest.mark.parametrize(("label", "ignore", "name"), [("z", [], "z"), ("y", ["q"], "q")])
def test_an_unknown_column_lists_those_there_are(tmp_path, label, ignore, name):
    path = text(tmp_path / "t.csv", "a, b,y\n1,2,0\n")
    with pytest.raises(ValueError, match=rf"there is no column '{name}'; there are 'a', ' b', 'y'"):
        read_table(path, label, ignore)
    with pytest.raises(ValueError, match="there is no column 'b'; the nearest is ' b'"):
        read_table(path, "b")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,y\n", "there are no rows"),
        ("y\n1\n", "no feature column is left"),
        ("a,a,y\n1,2,0\n", "more than once: 'a'"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_table(text(tmp_path / "t.csv", content), "y")


def test_the_label_is_neither_ignored_nor_the_id(tmp_path):
    path = text(tmp_path / "t.csv", "a,y\n1,0\n")
    with pytest.raises(ValueError, match="'y' is the label, it cannot be ignored"):
        read_table(path, "y", ["y"])
    with pytest.raises(ValueError, match="'y' is the label, it cannot be the id"):
        read_table(path, "y", id="y")


@pytest.mark.parametrize("damage", ["cut", "zeroed"])
def test_a_broken_parquet_is_refused(tmp_path, damage):
    path = tmp_path / "t.parquet"
    save(path, {"a": np.random.default_rng(0).random(5000), "y": [0] * 5000})
    content = bytearray(path.read_bytes())
    if damage == "cut":
        del content[20_000:]
    else:
        content[4:200] = bytes(196)
    path.write_bytes(content)
    with pytest.raises(OSError, match=r"t\.parquet: cannot be read"):
        read_table(str(path), "y")


def test_the_index_of_a_pandas_table_is_carried_along_and_no_feature(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0], "y": [0, 1]}, index=pandas.Index([7, 9], name="row"))
    frame.to_parquet(tmp_path / "t.parquet")
    table = read_table(str(tmp_path / "t.parquet"), "y")
    assert table.features == ("a",)
    assert table.left_out == {"row": "the index of a pandas table"}
    assert table.ignored["row"].to_pylist() == [7, 9]
    assert read_table(str(tmp_path / "t.parquet"), "y", ["row"]).left_out == {}
    frame.to_csv(tmp_path / "t.csv")
    assert read_table(str(tmp_path / "t.csv"), "y", ["row"]).features == ("a",)
    frame.reset_index(drop=True).to_csv(tmp_path / "u.csv")
    table = read_table(str(tmp_path / "u.csv"), "y")
    assert (table.features, table.columns, list(table.left_out)) == (("a",), ("", "a", "y"), [""])


def test_the_id_is_an_ignored_column(tmp_path):
    path = text(tmp_path / "t.csv", "id,a,y\n007,1,x\nb,2,y\n")
    for ignore in ([], ["id"]):
        table = read_table(path, "y", ignore, id="id")
        assert (table.id, table.features) == ("id", ("a",))
        assert table.ignored["id"].to_pylist() == ["007", "b"]


def test_no_label_at_all(tmp_path):
    table = read_table(text(tmp_path / "t.csv", "a,b\n1,2\n"), None)
    assert (table.features, table.label, table.labels) == (("a", "b"), None, None)


def test_a_dictionary_label_stays_one(tmp_path):
    kind = pa.array(["attack", "ok", None]).dictionary_encode()
    table = read_table(save(tmp_path / "t.parquet", {"a": [1, 2, 3], "y": kind}), "y")
    assert pa.types.is_dictionary(table.labels.type)


def test_a_missing_file_a_folder_and_an_unknown_ending_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.csv: no such file"):
        read_table(str(tmp_path / "none.csv"), "y")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(IsADirectoryError, match=r"folder\.csv: is a directory"):
        read_table(str(tmp_path / "folder.csv"), "y")
    with pytest.raises(ValueError, match="the ending must be"):
        read_table(str(tmp_path / "t.xlsx"), "y")


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather"])
def test_features_of_a_file_of_their_own(tmp_path, ending):
    path = save(tmp_path / f"t.{ending}", {"y": ["x"], "b": [2.0], "a": [1.0], "id": ["z"]})
    assert read_features(path, ["a", "b"], ["id", "y", "elsewhere"]).whole().tolist() == [[1, 2]]
    with pytest.raises(
        ValueError, match="must have the columns of the input, but it lacks 'c' and has 'id' besides"
    ):
        read_features(path, ["a", "b", "c"], ["y"])
    with pytest.raises(ValueError, match="whose columns have names"):
        read_features(str(tmp_path / "t.npz"), ["a"])
