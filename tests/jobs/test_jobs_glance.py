"""One pass by the statistics of Parquet: the same bytes whatever they say, and few rows read twice."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nngmix.cli import run as cli
from nngmix.neighbors.passes import Search, Survey

N_ROWS, GROUP = 20_000, 5_000


def table(seed: int = 0, **more: Any) -> pa.Table:
    """Two features and a label: anomalies in the second row group alone, whose values are no ends."""
    rng = np.random.default_rng(seed)
    odd = np.zeros(N_ROWS, np.int8)
    odd[GROUP : GROUP + 20] = 1
    a, b = rng.random((2, N_ROWS))
    a[GROUP : GROUP + 20] = rng.random(20) * 0.1 + 0.4
    return pa.table({"a": a, "b": b * 10, "odd": odd, **more})


def write(path: Path, whole: pa.Table, **options: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    pq.write_table(whole, path, row_group_size=GROUP, **options)
    return path


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Rows that each pass was given."""
    counts = {"scale": 0, "search": 0}
    for kind in (Survey, Search):

        def update(self: Any, rows: Any, *more: Any, of: Any = kind.update) -> None:
            counts[self.stage] += len(rows)
            of(self, rows, *more)

        monkeypatch.setattr(kind, "update", update)
    return counts


def augment(source: Path, out: Path, *options: str) -> bytes:
    known = ["--label", "odd", "--anomaly", "1", "--seed", "1", "-n", "200"]
    assert cli(["augment", str(source), "-o", str(out), *known, *options]) == 0
    return b"".join(part.read_bytes() for part in sorted(out.glob("part-*")))


def same(folder: Path, whole: pa.Table, seen: dict[str, int], *options: str) -> tuple[int, int]:
    """Rows that the passes take with statistics; the new rows are those without."""
    without = augment(
        write(folder / "without" / "x.parquet", whole, write_statistics=False), folder / "out-0", *options
    )
    assert (seen["scale"], seen["search"]) == (len(whole), len(whole))
    seen.update(scale=0, search=0)
    assert augment(write(folder / "with" / "x.parquet", whole), folder / "out-1", *options) == without
    return seen["scale"], seen["search"]


@pytest.mark.parametrize("options", [(), ("--clip", "unlabeled"), ("--scale", "none"), ("--plan",)])
def test_only_row_groups_with_anomalies_are_read_twice(
    options: tuple[str, ...], tmp_path: Path, seen: dict[str, int]
) -> None:
    assert same(tmp_path, table(), seen, *options) == (GROUP, N_ROWS)


def test_means_and_deviations_are_in_no_statistics(tmp_path: Path, seen: dict[str, int]) -> None:
    assert same(tmp_path, table(), seen, "--scale", "standard") == (N_ROWS, N_ROWS)


def test_whole_and_constant_columns_are_found(tmp_path: Path, seen: dict[str, int]) -> None:
    count = np.random.default_rng(5).integers(0, 9, N_ROWS)
    sign = np.where(np.arange(N_ROWS) < GROUP, 0.0, -0.0)
    whole = table(count=count, narrow=pa.array(count, pa.uint8()), const=np.full(N_ROWS, 7.5), zero=sign)
    assert same(tmp_path, whole, seen) == (GROUP, N_ROWS)


def test_decimals_booleans_and_wide_integers(tmp_path: Path, seen: dict[str, int]) -> None:
    rng = np.random.default_rng(6)
    price = pa.array(rng.integers(0, 10**6, N_ROWS)).cast(pa.decimal128(20, 0)).cast(pa.decimal128(22, 2))
    whole = table(
        price=price, on=rng.random(N_ROWS) < 0.5, far=pa.array(rng.integers(0, 2**50, N_ROWS), pa.uint64())
    )
    assert same(tmp_path, whole, seen) == (GROUP, N_ROWS)


def test_half_floats_are_read(tmp_path: Path, seen: dict[str, int]) -> None:
    half = np.random.default_rng(7).random(N_ROWS).astype(np.float16)
    assert same(tmp_path, table(half=half), seen) == (N_ROWS, N_ROWS)


def test_ends_that_only_rows_without_a_part_meet(tmp_path: Path, seen: dict[str, int]) -> None:
    whole = table().to_pandas()
    whole.loc[3, ["a", "odd"]] = [-50.0, 2]
    assert same(tmp_path, pa.Table.from_pandas(whole), seen, "--unlabeled", "0") == (GROUP, 2 * N_ROWS)


def test_ends_that_only_rows_with_gaps_meet(tmp_path: Path, seen: dict[str, int]) -> None:
    whole = table().to_pandas()
    whole.loc[3, ["a", "b"]] = [-50.0, np.nan]
    assert same(tmp_path, pa.Table.from_pandas(whole), seen, "--missing", "skip") == (GROUP, 2 * N_ROWS)


def test_rows_with_gaps_that_meet_no_end(tmp_path: Path, seen: dict[str, int]) -> None:
    whole = table().to_pandas()
    whole.loc[3, ["a", "b"]] = [0.5, np.nan]
    assert same(tmp_path, pa.Table.from_pandas(whole), seen, "--missing", "skip") == (GROUP, N_ROWS)


@pytest.mark.parametrize("end", ["min", "max"])
@pytest.mark.parametrize("wide", [True, False])
def test_footers_that_lie(end: str, wide: bool, tmp_path: Path, seen: dict[str, int]) -> None:
    whole = table()
    truth = augment(write(tmp_path / "true" / "x.parquet", whole), tmp_path / "out-0")
    path = write(tmp_path / "false" / "x.parquet", whole)
    content = bytearray(path.read_bytes())
    length = struct.unpack("<i", content[-8:-4])[0] + 8
    told = pq.read_metadata(path).row_group(2).column(0).statistics
    old = {"min": told.min, "max": told.max}[end]
    new = old + (1 if (end == "max") == wide else -1) * 0.25
    footer = bytes(content[-length:]).replace(struct.pack("<d", old), struct.pack("<d", new))
    content[-length:] = footer
    path.write_bytes(content)
    assert getattr(pq.read_metadata(path).row_group(2).column(0).statistics, end) == new
    seen.update(scale=0, search=0)
    assert augment(path, tmp_path / "out-1") == truth
    if wide:
        # All rows lie within, and no row meets the end.
        assert (seen["scale"], seen["search"]) == (GROUP, 2 * N_ROWS)


def test_files_of_many_kinds(tmp_path: Path, seen: dict[str, int]) -> None:
    several = {name: tmp_path / name for name in ("with", "without")}
    first, second, third = table(1), table(2), table(3).set_column(0, "a", table(3)["a"].cast("float32"))
    gaps = pa.table(
        {
            "a": pa.nulls(GROUP, pa.float64()),
            "b": pa.nulls(GROUP, pa.float64()),
            "odd": np.zeros(GROUP, np.int8),
        }
    )
    made = []
    for name, folder in several.items():
        for number, whole in enumerate((first, second, third, gaps)):
            write(folder / f"{number}.parquet", whole, write_statistics=name == "with")
        made.append(augment(folder, tmp_path / f"out-{name}", "--missing", "skip"))
    assert made[0] == made[1]


@pytest.mark.parametrize("value", [np.nan, np.inf, None])
def test_a_bad_value_is_told_as_before(
    value: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = table()["a"].to_pylist()
    a[12_345] = value
    whole = table().set_column(0, "a", pa.array(a))
    said = []
    for statistics in (True, False):
        path = write(tmp_path / "in" / "x.parquet", whole, write_statistics=statistics)
        assert (
            cli(["augment", str(path), "-o", str(tmp_path / "out"), "--label", "odd", "--anomaly", "1"]) == 1
        )
        said.append(capsys.readouterr().err)
        (tmp_path / "out" / "_manifest.json").unlink()
    assert said[0] == said[1]
    assert "row 12345" in said[0]


def test_a_bad_file_is_left_out_as_before(tmp_path: Path, seen: dict[str, int]) -> None:
    made = []
    for statistics in (True, False):
        folder = tmp_path / f"in-{statistics}"
        bad = table(2).to_pandas()
        bad.loc[12_345, "a"] = np.nan
        for number, whole in enumerate((table(1), pa.Table.from_pandas(bad), table(3))):
            write(folder / f"{number}.parquet", whole, write_statistics=statistics)
        made.append(augment(folder, tmp_path / f"out-{statistics}", "--skip-bad"))
    assert made[0] == made[1]


def test_anomalies_in_a_file_of_their_own(tmp_path: Path, seen: dict[str, int]) -> None:
    whole = table().drop_columns("odd")
    given = write(tmp_path / "given.parquet", whole.slice(0, 20))
    assert augment_given(tmp_path, whole, given, seen) == (0, N_ROWS)


def augment_given(folder: Path, whole: pa.Table, given: Path, seen: dict[str, int]) -> tuple[int, int]:
    made = []
    for statistics in (False, True):
        seen.update(scale=0, search=0)
        path = write(folder / f"in-{statistics}" / "x.parquet", whole, write_statistics=statistics)
        out = folder / f"out-{statistics}"
        assert (
            cli(["augment", str(path), "-o", str(out), "--anomalies", str(given), "-n", "99", "--seed", "1"])
            == 0
        )
        made.append(b"".join(part.read_bytes() for part in sorted(out.glob("part-*"))))
    assert made[0] == made[1]
    return seen["scale"], seen["search"]
