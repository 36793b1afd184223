"""What columns of CSV hold as categories: all cells say so, whatever the cut of the file."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nngmix.files import csv_text
from nngmix.files.scan import Scan


def text(path: Path, *columns: list[str], names: str = "ab") -> str:
    lines = [",".join(names[: len(columns)]), *map(",".join, zip(*columns, strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def types(source: object, categorical: object, **options: object) -> list[pa.DataType]:
    return Scan(source, categorical=categorical, **options).schema.types  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["tcp", "udp"], pa.string()),
        (["tcp", "NA"], pa.string()),
        (["True", "false"], pa.bool_()),
        (["TRUE", ""], pa.bool_()),
        (["true", "NA"], pa.bool_()),
        (["true", "maybe"], pa.string()),
        (["1", "2.5"], pa.float64()),
        (["1", "true"], pa.float64()),
        (["nan", "3"], pa.float64()),
        (["NA", "inf"], pa.float64()),
        (["", ""], pa.float64()),
        (["2024-01-01", "2024-01-02"], pa.string()),
    ],
)
def test_auto_takes_texts_and_booleans(tmp_path: Path, cells: list[str], expected: pa.DataType) -> None:
    path = text(tmp_path / "t.csv", cells, ["1", "2"])
    assert types(path, "auto") == [expected, pa.float64()]
    # Without a word they are numbers, as ever.
    assert types(path, None) == [pa.float64(), pa.float64()]


@pytest.mark.parametrize(
    ("cells", "expected", "values"),
    [
        (["1", "2"], pa.int64(), [1, 2]),
        (["1", "2.5"], pa.float64(), [1.0, 2.5]),
        (["007", "8"], pa.string(), ["007", "8"]),
        (["1", "http"], pa.string(), ["1", "http"]),
        (["true", "False"], pa.bool_(), [True, False]),
        (["1", ""], pa.int64(), [1, None]),
        (["", ""], pa.null(), [None, None]),
    ],
)
def test_declared_columns_have_the_narrowest_type(
    tmp_path: Path, cells: list[str], expected: pa.DataType, values: list[object]
) -> None:
    scan = Scan(text(tmp_path / "t.csv", cells, ["1", "2"]), categorical=["a"])
    assert scan.schema.types == [expected, pa.float64()]
    assert [value for batch in scan for value in batch.column(0).to_pylist()] == values


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["80", "", "http"], r"holds 'http' at row 2 and '80' at row 0, column 'a': .* --categorical 'a'"),
        (["http", "", "443"], r"holds 'http' at row 0 and '443' at row 2, column 'a'"),
        (
            ["1,5", "2,5", ""],
            r"holds '1,5' at row 0, column 'a': it looks like a number with a decimal comma",
        ),
        (["1", "a", "2"], r"holds 'a' at row 1 and '1' at row 0, .* the header line repeated, delete"),
        (["-", "12", "13"], r"holds '-' at row 0 and '12' at row 1, .*empty such cells"),
    ],
)
def test_auto_refuses_texts_among_numbers_and_numbers_in_disguise(
    tmp_path: Path, cells: list[str], message: str
) -> None:
    quoted = [f'"{cell}"' if "," in cell else cell for cell in cells]
    path = text(tmp_path / "t.csv", quoted, ["1", "2", "3"])
    with pytest.raises(ValueError, match=message):
        types(path, "auto")
    assert types(path, ["a"])[0] == pa.string()


def test_the_last_cell_counts_as_much_as_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "_BLOCK_BYTES", 1 << 10)
    monkeypatch.setattr(csv_text, "_BYTES_OF_A_CELL", 1)
    path = text(tmp_path / "t.csv", [""] * 3000 + ["odd"], [str(i) for i in range(3001)])
    scan = Scan(path, categorical="auto")
    assert scan.schema.types == [pa.string(), pa.float64()]
    assert sum(batch.column(0).null_count for batch in scan) == 3000
    with pytest.raises(ValueError, match="'odd' at row 3001 and '0' at row 0, column 'b'"):
        types(text(tmp_path / "u.csv", ["x"] * 3002, [*map(str, range(3001)), "odd"]), "auto")


def test_files_that_do_not_agree_are_refused_by_name(tmp_path: Path) -> None:
    files = [text(tmp_path / "0.csv", ["tcp"], ["1"]), text(tmp_path / "1.csv", ["6"], ["2"])]
    with pytest.raises(ValueError, match=r"column 'a' is string in .*0\.csv but double in .*1\.csv"):
        types(files, "auto")
    # Declared, all of them have one type.
    assert types(files, ["a"]) == [pa.string(), pa.float64()]
    pq.write_table(pa.table({"a": ["udp"], "b": [1.0]}), tmp_path / "2.parquet")
    pq.write_table(pa.table({"a": [17], "b": [1.0]}), tmp_path / "3.parquet")
    assert types([files[0], tmp_path / "2.parquet"], "auto") == [pa.string(), pa.float64()]
    for other in ("2", "3"):
        with pytest.raises(ValueError, match="column 'a' is"):
            types([files[int(other == "2")], tmp_path / f"{other}.parquet"], "auto")


def test_an_empty_column_is_whatever_the_other_files_say(tmp_path: Path) -> None:
    empty = text(tmp_path / "0.csv", ["", "NA"], ["1", "2"])
    assert types([empty, text(tmp_path / "1.csv", ["x"], ["1"])], "auto")[0] == pa.string()
    assert types([empty, text(tmp_path / "2.csv", ["true"], ["1"])], "auto")[0] == pa.bool_()
    assert types([empty, text(tmp_path / "3.csv", ["3"], ["1"])], "auto")[0] == pa.float64()
    coded = pa.array(["x"]).dictionary_encode()
    pq.write_table(pa.table({"a": coded, "b": [1.0]}), tmp_path / "4.parquet")
    scan = Scan([empty, tmp_path / "4.parquet"], categorical="auto")
    assert pa.types.is_dictionary(scan.schema.types[0])
    assert pa.Table.from_batches(list(scan))["a"].to_pylist() == [None, None, "x"]


def test_types_that_are_known_are_kept(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", ["80", "443"], ["1", "2"])
    batch = next(iter(Scan(path, categorical={"a": pa.string()})))
    assert batch.column(0).to_pylist() == ["80", "443"]
    with pytest.raises(ValueError, match=r"holds '443' at row 1, column 'a': it does not fit into bool"):
        list(Scan(text(tmp_path / "u.csv", ["true", "443"], ["1", "2"]), categorical={"a": pa.bool_()}))


def test_what_is_no_feature_is_not_looked_at(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", ["80", "http"], ["x", "1"])
    scan = Scan(path, categorical="auto", text=["a"], ignore=["b"])
    assert scan.schema.types == [pa.string()]
