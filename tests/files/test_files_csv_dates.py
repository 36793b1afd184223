"""What columns of CSV hold as dates: all cells of all files say so."""

from pathlib import Path

import pyarrow as pa
import pytest

from nngmix.files.scan import Scan
from nngmix.rows.asked_columns import ColumnsAsked
from shell import shell


def text(path: Path, cells: list[str]) -> str:
    path.write_text("\n".join(["t,x", *(f"{cell},{row}" for row, cell in enumerate(cells))]) + "\n")
    return str(path)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2024-05-01", "2024-05-02"], pa.date32()),
        (["", "NA", "2024-05-01"], pa.date32()),
        (["2024-05-01T12:30", "2024-05-01 12:30:15"], pa.timestamp("s")),
        (["2024-05-01", "2024-05-01 12:30:15"], pa.timestamp("s")),
        (["2024-05-01 12:30:15", "2024-05-01 12:30:15.25"], pa.timestamp("us")),
        (["2024-05-01T12:30:15Z", "2024-05-01T12:30:15+02:00"], pa.timestamp("s", "UTC")),
        (["2024-05-01T12:30:15.5+0200"], pa.timestamp("us", "UTC")),
        (["1", "2.5"], pa.float64()),
        (["", ""], pa.float64()),
    ],
)
def test_types_of_cells(tmp_path: Path, cells: list[str], expected: pa.DataType) -> None:
    scan = Scan(text(tmp_path / "t.csv", cells), dates=["t"])
    assert scan.schema.types == [expected, pa.float64()]
    read = pa.Table.from_batches(list(scan))["t"]
    assert read.null_count == sum(cell in ("", "NA") for cell in cells)


def test_one_type_for_all_files(tmp_path: Path) -> None:
    files = [text(tmp_path / "a.csv", ["2024-05-01"]), text(tmp_path / "b.csv", ["2024-05-01 12:30:00.5"])]
    assert Scan(files, dates=["t"]).schema.field("t").type == pa.timestamp("us")


def test_a_cell_that_is_no_date_is_named(tmp_path: Path) -> None:
    scan = Scan(text(tmp_path / "t.csv", ["2024-05-01", "soon"]), dates=["t"])
    with pytest.raises(ValueError, match=r"t\.csv holds 'soon' at row 1, column 't'"):
        list(scan)


def test_dates_are_no_categories_where_both_might_be(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", ["2024-05-01", "2024-05-02"])
    assert Scan(path, categorical="auto", dates=["t"]).schema.field("t").type == pa.date32()
    assert Scan(path, categorical="auto").schema.field("t").type == pa.string()
    assert Scan(path, categorical=["t"], dates=["t"]).schema.field("t").type == pa.string()


@pytest.mark.parametrize("target", ["new.csv", "new.parquet", "folder"])
def test_dates_of_a_csv_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{'bad' if i % 5 == 0 else 'fine'},2024-05-{i + 1:02} 12:{i:02}:00,{i * 7 % 11}" for i in range(30)
    ]
    Path("in.csv").write_text("\n".join(["kind,t,x", *rows]) + "\n")
    asked = ["--label", "kind", "--anomaly", "bad", "-n", "9", "--seed", "1"]
    refused = shell("augment", "in.csv", "-o", target, *asked)
    assert "'2024-05-01 12:00:00' at row 0, column 't'" in refused.stderr
    done = shell("augment", "in.csv", "-o", target, *asked, "--whole", "t")
    assert done.returncode == 0, done.stderr
    if target == "new.csv":
        lines = Path(target).read_text().splitlines()
        assert lines[1] == '"bad",2024-05-01 12:00:00,0'
        assert all(line.split(",")[1].startswith("2024-05-") for line in lines[31:])
    else:
        path = Path(target) / "part-00000.parquet" if target == "folder" else Path(target)
        # Parquet counts no seconds.
        assert pa.parquet.read_schema(path).field("t").type == pa.timestamp("ms")


def test_an_npz_holds_no_dates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pa.csv.write_csv(pa.table({"t": pa.array([0, 1, 2], pa.date32()), "y": ["a", "b", "b"]}), "in.csv")
    asked = ["--label", "y", "--anomaly", "a", "--whole", "t", "-n", "3"]
    assert (
        "column 't' dates; write CSV or Parquet" in shell("augment", "in.csv", "-o", "o.npz", *asked).stderr
    )


def test_columns_that_are_named() -> None:
    assert ColumnsAsked(whole_features=["t", 1]).named_whole == ("t",)
    assert ColumnsAsked(whole_features="auto").named_whole == ()
