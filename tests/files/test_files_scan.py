"""Scans: which columns there are, in which types, of files of every format."""

import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset as ds
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from nngmix.files.scan import Scan


def save(path, columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    if path.suffix == ".csv":
        pa.csv.write_csv(table, path)
    elif path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        pyarrow.feather.write_feather(table, str(path))
    return str(path)


def values(scan):
    return pa.Table.from_batches(list(scan), schema=scan.schema).to_pydict()


# --- types over several files -------------------------------------------------------------------------------


@pytest.mark.parametrize("turned", [False, True])
def test_counts_beside_booleans_survive(tmp_path, turned):
    columns = [pa.array([True, False]), pa.array([5, 0])]
    paths = [save(tmp_path / f"{i}.parquet", {"a": c}) for i, c in enumerate(columns[:: -1 if turned else 1])]
    assert sorted(values(Scan(paths))["a"]) == [0, 0, 1, 5]


def test_every_format_in_one_input(tmp_path):
    save(tmp_path / "a.parquet", {"a": pa.array([True]), "b": ["x"]})
    save(tmp_path / "b.csv", {"b": ["1"], "a": [1.5]})
    save(tmp_path / "c.feather", {"a": pa.array([3], pa.int8()), "b": pa.array(["y"]).dictionary_encode()})
    scan = Scan(tmp_path, text=["b"])
    assert scan.columns == ["a", "b"]
    assert scan.typeless
    assert scan.schema.types == [pa.float64(), pa.string()]
    assert values(scan) == {"a": [1, 1.5, 3], "b": ["x", "1", "y"]}


def test_what_does_not_agree_is_refused_if_it_is_used(tmp_path):
    paths = [
        save(tmp_path / "a.parquet", {"a": [1], "day": ["x"]}),
        save(tmp_path / "b.parquet", {"a": [1], "day": [1]}),
    ]
    assert values(Scan(paths, columns=["a"])) == {"a": [1, 1]}
    with pytest.raises(ValueError, match=r"column 'day' is string in .*a\.parquet but int64 in .*b\.parquet"):
        list(Scan(paths))


def test_an_integer_that_a_float_would_change_is_named(tmp_path):
    paths = [save(tmp_path / "a.parquet", {"a": [0.5]}), save(tmp_path / "b.parquet", {"a": [1, 2**53 + 1]})]
    with pytest.raises(
        ValueError,
        match=r"b\.parquet holds the integer 9007199254740993, beyond 2\*\*53, at row 1, column 'a'",
    ):
        list(Scan(paths))


def test_columns_that_a_file_lacks_are_empty(tmp_path):
    save(tmp_path / "a.parquet", {"a": [1], "b": [2]})
    save(tmp_path / "b.csv", {"b": [3.5], "c": [4]})
    scan = Scan(tmp_path)
    assert values(scan) == {"a": [1, None], "b": [2, 3.5], "c": [None, 4]}
    assert [part.lacks for part in scan.parts()] == [("c",), ("a",)]
    assert [part.lacks for part in scan.select(["b"]).parts()] == [(), ()]


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather"])
def test_names_of_any_letters(tmp_path, ending):
    names = ["a.b", "`c", " d ", "[0]", "e=1", "ü,;"]
    path = save(tmp_path / f"t.{ending}", {name: [float(j)] for j, name in enumerate(names)})
    assert list(values(Scan(path, columns=names[::-1]))) == names[::-1]
    assert values(Scan(path))["[0]"] == [3]


# --- what nobody chose --------------------------------------------------------------------------------------


def test_indexes_of_pandas_are_left_out(tmp_path):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"v": [1.0, 2.0, 3.0], "w": [1, 2, 3], "k": ["x", "y", "z"]}, index=[7, 9, 3])
    frame.to_parquet(tmp_path / "a.parquet")
    frame.set_index("k").to_parquet(tmp_path / "b.parquet")
    pyarrow.feather.write_feather(frame.drop(columns="k"), str(tmp_path / "c.feather"))
    for name, index in (
        ("a.parquet", "__index_level_0__"),
        ("b.parquet", "k"),
        ("c.feather", "__index_level_0__"),
    ):
        scan = Scan(tmp_path / name, ignore=["k"] if name[0] == "a" else [])
        assert scan.columns == ["v", "w"]
        assert scan.left_out == {index: "the index of a pandas table"}
    assert Scan(tmp_path / "a.parquet", columns=["__index_level_0__"]).schema.types == [pa.int64()]
    # Left out of one file, it is left out of the table.
    assert "k" in Scan([tmp_path / "a.parquet", tmp_path / "b.parquet"]).left_out


def test_columns_without_a_name_that_count_rows_are_left_out(tmp_path):
    (tmp_path / "a.csv").write_text(",Unnamed: 3,a,\n0,5,1,\n1,6,2,\n")
    scan = Scan(tmp_path / "a.csv", ignore=[""])
    assert scan.columns == ["a"]
    (tmp_path / "b.csv").write_text(",a,Unnamed: 2\n0,1,\n1,2,\n")
    scan = Scan(tmp_path / "b.csv")
    assert scan.columns == ["a"]
    assert scan.left_out.keys() == {"", "Unnamed: 2"}
    assert values(scan) == {"a": [1, 2]}
    assert values(Scan(tmp_path / "b.csv", columns=["", "a"])) == {"": [0, 1], "a": [1, 2]}
    path = save(tmp_path / "c.parquet", {"Unnamed: 0": [1, 2], "a": [1, 2]})
    assert Scan(path).columns == ["a"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_columns_without_a_name_that_hold_other_numbers_stay(tmp_path, ending):
    path = save(tmp_path / f"t.{ending}", {"Unnamed: 0": [1.5, 2.0], "a": [1.0, 2.0]})
    assert Scan(path).columns == ["Unnamed: 0", "a"]
    # In one of several files is enough.
    other = save(tmp_path / f"u.{ending}", {"Unnamed: 0": [1, 2], "a": [1.0, 2.0]})
    assert Scan([path, other]).columns == ["Unnamed: 0", "a"]


def test_a_column_that_stops_counting_is_refused_and_not_left_out_in_silence(tmp_path):
    n = 1_500_000
    (tmp_path / "t.csv").write_text(",a\n" + "1,22222\n" * n + "0.5,2\n")
    scan = Scan(tmp_path / "t.csv")
    assert scan.columns == ["a"]
    with pytest.raises(ValueError, match=rf"holds '0\.5' at row {n}, column '', which was left out because"):
        list(scan)
    assert sum(map(len, Scan(tmp_path / "t.csv", ignore=[""]))) == n + 1


def test_keys_of_the_path_are_left_out_above_and_below(tmp_path):
    for fold in ("3", "4", "__HIVE_DEFAULT_PARTITION__"):
        save(tmp_path / "data" / f"fold={fold}" / "kind=a%20b" / "x.parquet", {"a": [1.0], "b": [2.0]})
    for source in (
        tmp_path / "data",
        tmp_path / "data" / "fold=3",
        f"{tmp_path}/data/fold=3/kind=a%20b/x.parquet",
    ):
        scan = Scan(source)
        assert scan.columns == ["a", "b"]
        assert scan.left_out == dict.fromkeys(("fold", "kind"), "a partition key of the path")
        assert scan.keys == ["fold", "kind"]
    asked = values(Scan(tmp_path / "data", columns=["kind", "fold"]))
    assert asked == {"kind": ["a b"] * 3, "fold": [3, 4, None]}


def test_a_column_goes_before_a_key_of_its_name(tmp_path):
    save(tmp_path / "a=9" / "x.parquet", {"a": [1.5]})
    assert values(Scan(tmp_path)) == {"a": [1.5]}


# --- the choice of columns ----------------------------------------------------------------------------------


def test_unknown_columns_show_the_nearest(tmp_path):
    path = save(tmp_path / "t.parquet", {"a": [1], " Label": [1]})
    for options in ({"columns": ["Label"]}, {"ignore": ["Label"]}):
        with pytest.raises(
            ValueError, match=r"t\.parquet: there is no column 'Label'; the nearest is ' Label'"
        ):
            Scan(path, **options)
    with pytest.raises(ValueError, match="more than once: 'a'"):
        Scan(path, columns=["a", "a"])


@pytest.mark.parametrize("ending", ["parquet", "feather"])
def test_names_that_occur_twice(tmp_path, ending):
    table = pa.table([[1], [2], [3]], names=["a", "b", "a"])
    path = save(tmp_path / f"t.{ending}", table)
    with pytest.raises(ValueError, match="occur more than once: 'a'; rename them"):
        Scan(path)
    scan = Scan(path, ignore=["a"])
    assert (scan.columns, scan.repeated) == (["b"], ["a"])
    assert values(scan) == {"b": [2]}


def test_select_keeps_the_files_and_changes_the_columns(tmp_path):
    path = save(tmp_path / "t.csv", {"a": [1, 2], "y": [0, 1], "b": [3, 4]})
    scan = Scan(path, text=["y"])
    assert scan.schema.types == [pa.float64(), pa.string(), pa.float64()]
    other = scan.select(["y", "b"], text=["y"], batch_rows=1)
    assert [batch.to_pydict() for batch in other] == [{"y": ["0"], "b": [3]}, {"y": ["1"], "b": [4]}]
    assert scan.columns == ["a", "y", "b"]
    assert other.types_in(other.parts()[0]) == {}


# --- filters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather"])
def test_filters_on_columns_and_keys(tmp_path, ending):
    for day, flag in ((1, [0, 1]), (2, [7, 8])):
        save(tmp_path / f"day={day}" / f"x.{ending}", {"a": [1.5, 2.5], "kind": ["x", "y"], "n": flag})
    field = ds.field

    def kept(filter):
        return values(Scan(tmp_path, columns=["a", "n"], filter=filter))

    assert kept(field("day") == 2) == {"a": [1.5, 2.5], "n": [7, 8]}
    assert kept(field("kind") == "y") == {"a": [2.5, 2.5], "n": [1, 8]}
    assert kept((field("day") < 2) & (field("n") > 0)) == {"a": [2.5], "n": [1]}
    assert kept(field("a") > 9) == {"a": [], "n": []}


def test_a_filter_sees_the_united_type(tmp_path):
    save(tmp_path / "a.parquet", {"a": [True, False]})
    save(tmp_path / "b.parquet", {"a": [5, 0]})
    assert values(Scan(tmp_path, filter=ds.field("a") > 0)) == {"a": [1, 5]}


# --- datasets of the caller ---------------------------------------------------------------------------------


def test_a_dataset_is_read_by_the_same_rules(tmp_path):
    save(tmp_path / "day=1" / "a.parquet", {"a": [True, False], "b": [1, 2]})
    save(tmp_path / "day=2" / "b.parquet", {"a": [5, 4], "b": [1, 2]})
    dataset = ds.dataset(tmp_path, partitioning="hive")
    scan = Scan(dataset)
    assert scan.columns == ["a", "b"]
    assert values(scan)["a"] == [1, 0, 5, 4]
    assert values(Scan(dataset, columns=["a", "day"], filter=ds.field("day") == 2)) == {
        "a": [5, 4],
        "day": [2, 2],
    }
    memory = ds.dataset(pa.table({"a": [1, 2], "t": ["x", "y"]}))
    assert values(Scan(memory, filter=ds.field("t") == "y")) == {"a": [2], "t": ["y"]}


def test_a_dataset_of_csv_is_read_by_the_one_reader(tmp_path):
    (tmp_path / "t.csv").write_text("a;b\n" + "1;2\n" * 300_000 + "1e+05;2\n")
    options = ds.CsvFileFormat(parse_options=pa.csv.ParseOptions(delimiter=";"))
    assert values(Scan(ds.dataset(tmp_path / "t.csv", format=options)))["a"][-1] == 1e5


def test_row_groups_of_a_fragment_are_kept(tmp_path):
    pq.write_table(pa.table({"a": range(10)}), tmp_path / "t.parquet", row_group_size=5)
    fragment = next(ds.dataset(tmp_path / "t.parquet").get_fragments()).subset(row_group_ids=[1])
    dataset = ds.FileSystemDataset([fragment], fragment.physical_schema, ds.ParquetFileFormat())
    assert values(Scan(dataset)) == {"a": [5, 6, 7, 8, 9]}


# --- files that cannot be read ------------------------------------------------------------------------------


def test_bad_files_are_told_of_in_their_turn(tmp_path):
    save(tmp_path / "a.parquet", {"a": [1]})
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and nothing else")
    (tmp_path / "c.csv").write_text("")
    save(tmp_path / "d.feather", {"a": [4]})
    scan = Scan(tmp_path)
    said = {}
    for part in scan.parts():
        try:
            said[part.number] = [batch.to_pydict() for batch in scan.batches(part)]
        except (OSError, ValueError) as error:
            said[part.number] = type(error), str(error).replace(str(tmp_path), "")
    assert said[0] == [{"a": [1]}]
    assert said[1][0] is OSError
    assert said[1][1].startswith("/b.parquet: cannot be read: ")
    assert said[2] == (ValueError, "/c.csv: is empty: there is not even a header line")
    assert said[3] == [{"a": [4]}]
    with pytest.raises(OSError, match=r"b\.parquet: cannot be read"):
        Scan(tmp_path / "b.parquet")


def test_what_no_scan_reads(tmp_path):
    (tmp_path / "t.npz").write_bytes(b"")
    with pytest.raises(ValueError, match=r"t\.npz: NPZ holds arrays and is read whole"):
        Scan(tmp_path / "t.npz")
    with pytest.raises(FileNotFoundError, match="no such file"):
        Scan(tmp_path / "none.parquet")
