"""Mixed tables in and out of one file: what is a category, and that everything comes back as it was."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from nngmix.files.new_columns import known_types, new_column
from nngmix.files.reader import read_features, read_table
from nngmix.files.writer import check_writing, write_table
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.kinds import Kinds
from nngmix.rows.rows import Known

AUTO = ColumnsAsked("auto", missing="keep")
KINDS = {
    "string": pa.array(["b", None, "a"]),
    "large_string": pa.array(["b", None, "a"], pa.large_string()),
    "boolean": pa.array([True, None, False]),
    "dictionary": pa.DictionaryArray.from_arrays(pa.array([2, None, 0], pa.int8()), ["a", "z", "b"]),
    "ordered": pa.DictionaryArray.from_arrays(pa.array([0, None, 1], pa.int8()), ["b", "a"], ordered=True),
    "dictionary of booleans": pa.array([True, None, False]).dictionary_encode(),
}


def save(path: Path, **columns: object) -> str:
    table = pa.table({**columns, "y": [0, 0, 1]})
    if path.suffix == ".csv":
        pa.csv.write_csv(table, path)
    elif path.suffix == ".feather":
        pyarrow.feather.write_feather(table, str(path))
    else:
        pq.write_table(table, path)
    return str(path)


def load(path: Path) -> pa.Table:
    return pyarrow.feather.read_table(str(path)) if path.suffix == ".feather" else pq.read_table(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ["parquet", "feather"])
def test_columns_come_back_as_they_were(tmp_path: Path, ending: str, kind: str) -> None:
    column, path = KINDS[kind], tmp_path / f"t.{ending}"
    table = read_table(save(path, c=column, x=[0.5, None, 1.5], i=[1, 2, 3]), "y", asked=AUTO)
    first, _, last = column.to_pylist()
    kinds = table.rows.kinds
    assert kinds == Kinds((tuple(sorted([first, last])), None, None), True)
    ranks = [float(first > last), np.nan, float(last > first)]
    assert np.array_equal(table.X, np.array([ranks, [0.5, np.nan, 1.5], [1, 2, 3]]).T, equal_nan=True)
    # Two new rows; the second misses all that may be missing.
    new = np.array([[1, 0.25, 7], [np.nan, np.nan, 8]])
    write_table(str(tmp_path / f"out.{ending}"), table, new, 1, kinds=kinds)
    out = load(tmp_path / f"out.{ending}")
    assert out.schema.field("c").type == load(path).schema.field("c").type
    assert out["c"].to_pylist() == [*column.to_pylist(), max(first, last), None]
    assert out["x"].to_pylist() == [0.5, None, 1.5, 0.25, None]
    if pa.types.is_dictionary(out["c"].type):
        assert out["c"].chunk(0).dictionary.equals(column.dictionary)


def test_values_that_the_dictionary_lacks_are_added(tmp_path: Path) -> None:
    table = read_table(save(tmp_path / "t.parquet", c=KINDS["ordered"]), "y", asked=AUTO)
    kinds = Kinds((("a", "b", "c"),), True)
    write_table(str(tmp_path / "out.parquet"), table, np.array([[2.0], [0.0]]), 1, kinds=kinds)
    out = pq.read_table(tmp_path / "out.parquet")["c"]
    assert out.to_pylist() == ["b", None, "a", "c", "a"]
    assert out.chunk(0).dictionary.to_pylist() == ["b", "a", "c"]
    assert not out.type.ordered


def test_a_csv_is_written_with_its_texts_and_empty_cells(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('c,b,n,x,y\n"a, b",True,007,1.5,0\n,,8,,0\n"a, b",False,007,2.5,1\n')
    asked = ColumnsAsked(["c", "b", "n"], missing="keep")
    table = read_table(str(path), "y", asked=asked)
    kinds = table.rows.kinds
    assert kinds is not None
    assert kinds.categories == (("a, b",), (False, True), ("007", "8"), None)
    new = np.array([[0, 1, 1, 0.25], [np.nan] * 4])
    write_table(str(tmp_path / "out.csv"), table, new, 1, kinds=kinds)
    assert pd.read_csv(tmp_path / "out.csv", dtype={"n": str}).iloc[:, :4].to_csv(index=False) == (
        'c,b,n,x\n"a, b",True,007,1.5\n,,8,\n"a, b",False,007,2.5\n"a, b",True,8,0.25\n,,,\n'
    )


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather"])
def test_a_column_of_texts_names_the_way_out(tmp_path: Path, ending: str) -> None:
    path = save(tmp_path / f"t.{ending}", c=KINDS["string"], x=[1.0, 2.0, 3.0])
    with pytest.raises((TypeError, ValueError), match=r"'c'.*--categorical auto"):
        read_table(path, "y")


def test_missing_values_are_refused_unless_they_are_kept(tmp_path: Path) -> None:
    path = save(tmp_path / "t.parquet", c=KINDS["string"], x=[1.0, np.inf, 3.0])
    rows = read_table(path, "y", asked=ColumnsAsked("auto")).rows
    with pytest.raises(ValueError, match="got None at row 1, column 'c'"):
        rows.check_finite(rows.whole())
    rows = read_table(path, "y", asked=AUTO).rows
    with pytest.raises(ValueError, match="must not be infinite, got inf at row 1, column 'x'"):
        rows.check_finite(rows.whole())


def test_names_that_are_no_features_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "t.parquet", c=KINDS["string"], x=[1.0, 2.0, 3.0])
    for asked, option in ((ColumnsAsked(["y"]), "--categorical"), (ColumnsAsked("auto", ["d"]), "--whole")):
        with pytest.raises(ValueError, match=f"{option} in .*: there is no column"):
            read_table(path, "y", asked=asked)


def test_features_of_another_file_have_known_types(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("c,x\n80,1\n443,2\n")
    known = Known(("c", "x"), Kinds((("http",), None)))
    types = known_types(known)
    rows = read_features(str(path), ["c", "x"], types=types, known=known)
    assert rows.kinds == Kinds((("443", "80"), None))
    pq.write_table(pa.table({"c": [80], "x": [1.0]}), tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="column 'c' is string in the input but int64 in"):
        read_features(str(tmp_path / "t.parquet"), ["c", "x"], types=types, known=known)
    # A column without a value has no type of its own.
    pq.write_table(pa.table({"c": pa.nulls(1), "x": [1.0]}), tmp_path / "u.parquet")
    asked = ColumnsAsked(missing="keep")
    rows = read_features(str(tmp_path / "u.parquet"), ["c", "x"], types=types, known=known, asked=asked)
    assert rows.kinds == Kinds(((), None), True)
    with pytest.raises(ValueError, match="categories or dates without names"):
        known_types(Known(None, known.kinds))


def test_npz_holds_categories_that_are_numbers(tmp_path: Path) -> None:
    X = np.array([[3, 0.5], [10, 1.5], [3, 2.5]])
    np.savez(tmp_path / "t.npz", X=X, y=[0, 0, 1], columns=["c", "x"])
    table = read_table(str(tmp_path / "t.npz"), "y", asked=ColumnsAsked(["c"]))
    assert table.rows.kinds == Kinds(((3.0, 10.0), None))
    assert table.rows.names == ("c", "x")
    for ending in ("npz", "parquet"):
        write_table(str(tmp_path / f"out.{ending}"), table, np.array([[1, 7.5]]), 1, kinds=table.rows.kinds)
    assert np.load(tmp_path / "out.npz")["X"].tolist() == [*X.tolist(), [10, 7.5]]
    assert pq.read_table(tmp_path / "out.parquet")["c"].to_pylist() == [3, 10, 3, 10]
    path = save(tmp_path / "t.parquet", c=[3, 10, 3], b=[True, False, True])
    table = read_table(path, "y", asked=ColumnsAsked(["c", "b"]))
    write_table(str(tmp_path / "out.npz"), table, np.array([[1.0, 0.0]]), 1, kinds=table.rows.kinds)
    assert np.load(tmp_path / "out.npz")["X"].tolist() == [[3, 1], [10, 0], [3, 1], [10, 0]]


def test_npz_of_texts_and_of_booleans(tmp_path: Path) -> None:
    for values in ([["b", "a"], ["a", "a"]], [[True, False], [False, False]]):
        np.savez(tmp_path / "t.npz", X=np.array(values), y=[0, 1])
        table = read_table(str(tmp_path / "t.npz"), "y", asked=AUTO)
        write_table(str(tmp_path / "out.npz"), table, np.array([[1.0, 0.0]]), 1, kinds=table.rows.kinds)
        assert np.load(tmp_path / "out.npz")["X"].tolist() == [*values, values[0]]


def test_npz_refuses_texts_beside_numbers(tmp_path: Path) -> None:
    table = read_table(save(tmp_path / "t.parquet", c=KINDS["string"], x=[1.0] * 3), "y", asked=AUTO)
    with pytest.raises(ValueError, match="NPZ holds numbers, and column 'c' categories such as 'a'"):
        check_writing(table, "out.npz")


def test_new_columns() -> None:
    values = np.array([1.0, np.nan, 0.0])
    assert new_column(values, pa.int8()).equals(pa.array([1, None, 0], pa.int8()))
    assert new_column(values[:1], pa.float32()).equals(pa.array([1], pa.float32()))
    assert new_column(values, pa.float64(), ("a", "b")).equals(pa.array(["b", None, "a"]))
    assert new_column(values[1:2], pa.float64(), ()).equals(pa.nulls(1))
    with pytest.raises(ValueError, match="categories of several types"):
        new_column(values, pa.float64(), (1, "a"))
