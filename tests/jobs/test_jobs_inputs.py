"""Folders as people have them: files of several kinds, bad ones, empty ones, anomalies apart."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from nngmix import NNGMix
from nngmix.cli import run as cli

N_ROWS = 90


def day(number: int, **more: Any) -> pa.Table:
    rng = np.random.default_rng(number)
    odd = (np.arange(N_ROWS) % 30 == number).astype(int)
    return pa.table({"a": rng.random(N_ROWS), "b": rng.random(N_ROWS) * 10, "odd": odd, **more})


def csv(table: pa.Table) -> str:
    lines = [",".join(table.column_names)]
    lines += [",".join("" if v is None else str(v) for v in row.values()) for row in table.to_pylist()]
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def augment(source: Any, out: Path, *options: str, label: bool = True) -> int:
    known = ["--label", "odd", "--anomaly", "1"] if label else []
    sources = [str(path) for path in (source if isinstance(source, list) else [source])]
    return cli(["augment", *sources, "-o", str(out), "-n", "60", "--seed", "1", *known, *options])


def made(out: Path) -> pa.Table:
    return ds.dataset(sorted(out.glob("part-*"))).to_table()


def manifest(out: Path) -> Any:
    return json.loads((out / "_manifest.json").read_text())


def expected(*tables: pa.Table) -> Any:
    whole = pa.concat_tables([table.select(["a", "b", "odd"]) for table in tables])
    X = np.column_stack([whole["a"], whole["b"]])
    return NNGMix(n_samples=60, random_state=1).fit_resample(X, whole["odd"].to_numpy())[0][len(X) :]


def rows(out: Path) -> Any:
    table = made(out)
    return np.column_stack([table["a"], table["b"]])


def test_a_folder_of_files_of_every_format_is_one_table(folder: Path, tmp_path: Path) -> None:
    (folder / "0.csv").write_text(csv(day(0)))
    (folder / "1.csv.gz").write_bytes(gzip.compress(csv(day(1)).encode()))
    pq.write_table(day(2), folder / "2.parquet")
    pyarrow.feather.write_feather(day(3), folder / "3.feather")
    (folder / "4.tsv").write_text(csv(day(4)).replace(",", "\t"))
    (folder / "notes.md").write_text("not a table")
    (folder / "_old.csv").write_text("passed by")
    assert augment(folder, tmp_path / "out") == 0
    assert np.array_equal(rows(tmp_path / "out"), expected(*map(day, range(5))))
    assert manifest(tmp_path / "out")["labelled_anomalies"] == 15


def test_columns_in_another_order_and_types_that_differ(folder: Path, tmp_path: Path) -> None:
    from decimal import Decimal

    pq.write_table(day(0), folder / "0.parquet")
    pq.write_table(day(1).select(["odd", "b", "a"]), folder / "1.parquet")
    counts = pa.array((np.arange(N_ROWS) % 6).tolist(), pa.int16())
    cents = pa.array([Decimal(i) / 100 for i in range(N_ROWS)], pa.decimal128(6, 2))
    pq.write_table(day(2).set_column(0, "a", counts), folder / "2.parquet")
    pq.write_table(
        day(3).set_column(1, "b", cents).set_column(0, "a", pa.array([True, False] * 45)),
        folder / "3.parquet",
    )
    assert augment(folder, tmp_path / "out") == 0
    tables = [day(0), day(1)]
    tables.append(day(2).set_column(0, "a", counts.cast(pa.float64())))
    whole = day(3).set_column(1, "b", pa.array([i / 100 for i in range(N_ROWS)]))
    tables.append(whole.set_column(0, "a", pa.array([1.0, 0.0] * 45)))
    assert np.array_equal(rows(tmp_path / "out"), expected(*tables))


def test_a_column_that_a_file_lacks_is_told_as_such(folder: Path, tmp_path: Path, capsys: Any) -> None:
    (folder / "0.csv").write_text(csv(day(0)))
    (folder / "1.csv").write_text(csv(day(1).rename_columns(["a", "B", "odd"])))
    known = ["--label", "odd", "--anomaly", "1", "-o"]
    for command in (
        ["augment", folder, *known, tmp_path / "out"],
        ["rank", folder, *known, tmp_path / "o.csv"],
    ):
        assert cli([*map(str, command)]) == 1
        assert (
            "0.csv must be finite, got None at row 0, column 'B'; the file has no column 'B', which others"
            in (capsys.readouterr().err)
        )


def test_labels_that_differ_in_type_count_as_the_user_sees_them(
    folder: Path, tmp_path: Path, capsys: Any
) -> None:
    for number, kind in enumerate((pa.bool_(), pa.int8(), pa.float64())):
        pq.write_table(
            day(number).set_column(2, "odd", day(number)["odd"].cast(kind)), folder / f"{number}.parquet"
        )
    assert augment(folder, tmp_path / "out") == 0
    assert "labelled anomalies 9 (odd = 1.0)" in capsys.readouterr().out
    pq.write_table(day(3).set_column(2, "odd", pa.array(["1", "0"] * 45)), folder / "3.parquet")
    assert augment(folder, tmp_path / "other") == 1
    error = capsys.readouterr().err
    assert "column 'odd'" in error
    assert "3.parquet" in error


def test_empty_files_are_no_trouble(folder: Path, tmp_path: Path, capsys: Any) -> None:
    pq.write_table(day(0), folder / "0.parquet")
    pq.write_table(day(1).slice(0, 0), folder / "1.parquet")
    (folder / "2.csv").write_text("a,b,odd\n")
    pq.write_table(day(3), folder / "3.parquet")
    assert augment(folder, tmp_path / "out") == 0
    assert np.array_equal(rows(tmp_path / "out"), expected(day(0), day(3)))
    (folder / "4.csv").write_text("")
    assert augment(folder, tmp_path / "bad") == 1
    assert "4.csv: is empty" in capsys.readouterr().err
    assert augment(folder, tmp_path / "skip", "--skip-bad") == 0
    assert np.array_equal(rows(tmp_path / "skip"), rows(tmp_path / "out"))
    assert [Path(item["path"]).name for item in manifest(tmp_path / "skip")["skipped"]] == ["4.csv"]


def test_if_every_file_is_bad_that_is_what_is_said(folder: Path, tmp_path: Path, capsys: Any) -> None:
    for number in range(5):
        (folder / f"{number}.csv").write_text(csv(day(number, c=["inf"] * N_ROWS)))
    assert augment(folder, tmp_path / "out", "--skip-bad") == 1
    error = capsys.readouterr().err
    assert "all 5 files were left out by --skip-bad" in error
    assert "0.csv must be finite, got inf at row 0, column 'c'" in error
    assert "--missing skip" in error
    assert "and 2 more" in error
    assert "no row has" not in error


def test_rows_that_are_not_finite_over_files(folder: Path, tmp_path: Path, capsys: Any) -> None:
    for number in range(3):
        rate: list[Any] = [1.0 + i for i in range(N_ROWS)]
        rate[number + 10], rate[50] = None, float("inf")
        pq.write_table(day(number, rate=pa.array(rate)), folder / f"{number}.parquet")
    assert augment(folder, tmp_path / "out", "--missing", "skip", "--plan") == 0
    assert "rows not finite    6, not used" in capsys.readouterr().out
    told = manifest(tmp_path / "out")
    assert (told["rows"], told["missing_rows"], told["unlabelled_rows"]) == (270, 6, 255)
    gone = {N_ROWS * number + row for number in range(3) for row in (number + 10, 50)}
    assert not gone & set(made(tmp_path / "out")["partner"].to_pylist())


@pytest.mark.parametrize("scale", ["minmax", "none"])
def test_anomalies_of_a_file_of_their_own_with_ids_and_gaps(folder: Path, tmp_path: Path, scale: str) -> None:
    for number in range(2):
        ids = [f"{number}-{i}" for i in range(N_ROWS)]
        pq.write_table(day(number, id=ids).drop_columns("odd"), folder / f"{number}.parquet")
    apart = pa.table({"b": [5.0, None, 6.0], "a": [0.5, 0.6, 0.7], "id": ["x", "y", "z"]})
    pq.write_table(apart, tmp_path / "a.parquet")
    options = ("--anomalies", str(tmp_path / "a.parquet"), "--id", "id", "--plan", "--scale", scale)
    assert augment(folder, tmp_path / "bad", *options, label=False) == 1
    more = ("--missing", "skip", "--label", "kind", "--anomaly", "7")
    assert augment(folder, tmp_path / "out", *options, *more, label=False) == 0
    table = made(tmp_path / "out")
    assert table.column_names == [
        "a",
        "b",
        "kind",
        "anchor",
        "partner",
        "pool",
        "lam",
        "anchor_id",
        "partner_id",
    ]
    assert set(table["kind"].to_pylist()) == {7}
    assert set(zip(table["anchor"].to_pylist(), table["anchor_id"].to_pylist(), strict=True)) == {
        (0, "x"),
        (2, "z"),
    }
    for pool, partner, name in zip(
        *(table[c].to_pylist() for c in ("pool", "partner", "partner_id")), strict=True
    ):
        assert name == ("xyz"[partner] if pool == "anomaly" else f"{partner // N_ROWS}-{partner % N_ROWS}")


def test_old_files_are_marked_too(folder: Path, tmp_path: Path) -> None:
    for number in range(2):
        pq.write_table(day(number), folder / f"{number}.parquet")
    assert augment(folder, tmp_path / "out", "--with-old", "--mark", "made") == 0
    whole = ds.dataset(tmp_path / "out", format="parquet").to_table()
    assert whole["made"].to_pylist() == [False] * 2 * N_ROWS + [True] * 60
    assert whole["a"].to_pylist()[:N_ROWS] == day(0)["a"].to_pylist()


def test_a_run_with_classes_and_ids_is_resumed_to_the_same_bytes(
    folder: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    kinds = np.where(np.arange(N_ROWS) % 9 == 0, "x", np.where(np.arange(N_ROWS) % 9 == 1, "y", "ok"))
    ids = list(range(1000, 1000 + N_ROWS))
    pq.write_table(day(0, kind=kinds, id=ids).drop_columns("odd"), folder / "0.parquet")
    options = (
        "--label",
        "kind",
        "--unlabeled",
        "ok",
        "--id",
        "id",
        "--plan",
        "--mark",
        "new",
        "--rows-per-file",
        "7",
    )
    assert augment(folder, tmp_path / "whole", *options, label=False) == 0
    assert augment(folder, tmp_path / "out", *options, label=False) == 0
    for name in ("part-00002.parquet", "part-00005.parquet"):
        (tmp_path / "out" / name).unlink()
    assert augment(folder, tmp_path / "out", *options, "--resume", label=False) == 0
    contents = [{p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("whole", "out")]
    assert contents[0] == contents[1]
    table = made(tmp_path / "out")
    assert set(table["kind"].to_pylist()) == {"x", "y"}
    assert table["partner_id"].to_pylist() == [1000 + row for row in table["partner"].to_pylist()]
    told = manifest(tmp_path / "out")
    assert told["labels"] == [{"value": "x", "rows": 10}, {"value": "y", "rows": 10}]


def test_a_manifest_of_an_older_version_is_refused_by_name(folder: Path, tmp_path: Path, capsys: Any) -> None:
    pq.write_table(day(0), folder / "0.parquet")
    assert augment(folder, tmp_path / "out") == 0
    old = manifest(tmp_path / "out") | {"format": 1}
    (tmp_path / "out" / "_manifest.json").write_text(json.dumps(old))
    assert augment(folder, tmp_path / "out", "--resume") == 1
    assert "is of format 1, that of an older version of nngmix" in capsys.readouterr().err


@pytest.mark.parametrize("neighbors", ["10", "0.5"])
def test_more_anomalies_than_fit_are_refused_before_the_search(
    folder: Path, tmp_path: Path, capsys: Any, neighbors: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("nngmix.jobs.job.Job.most_anomalies", lambda *_: 2)
    pq.write_table(day(0), folder / "0.parquet")
    assert augment(folder, tmp_path / "out", "--n-neighbors", neighbors) == 1
    assert "3 labelled anomalies with" in (error := capsys.readouterr().err)
    assert "more than half of --memory" in error


@pytest.mark.parametrize("neighbors", [10, 0.5])
def test_as_many_anomalies_as_fit_are_counted(neighbors: float) -> None:
    from nngmix.jobs import Job
    from nngmix.parameters.amount import Amount

    job = Job(
        ("in",), "out", Amount(n_samples=1), label="y", anomaly=("1",), n_neighbors=neighbors, memory=1 << 30
    )
    most = job.most_anomalies(30, 4)

    def size(n: int) -> float:
        return n * 120 * (2 + 3 * (neighbors if isinstance(neighbors, int) else neighbors * n))

    assert size(most) <= 1 << 29 < size(most + 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--anomalies", "a.parquet", "--unlabeled", "0"), "--unlabeled and --anomalies exclude each other"),
        (
            ("--anomalies", "a.parquet", "--label", "odd", "--anomaly", "1", "--anomaly", "2"),
            "new rows carry one label",
        ),
        (("--anomalies", "a.parquet", "--label", "odd"), "--label and --anomaly go together"),
        (("--label", "odd"), "Name them by --anomaly, or by --unlabeled"),
        ((), "Name them by --label and --anomaly"),
    ],
)
def test_who_is_who_has_to_be_said(
    folder: Path, tmp_path: Path, capsys: Any, options: Any, said: str
) -> None:
    pq.write_table(day(0), folder / "0.parquet")
    assert augment(folder, tmp_path / "out", *options, label=False) == 1
    assert said in capsys.readouterr().err


def test_labels_with_blanks_are_the_numbers_they_show(folder, tmp_path):
    (folder / "a.csv").write_text(csv(day(1)).replace(",1\n", ",1 \n"))
    assert augment(folder, tmp_path / "out") == 0
    assert set(made(tmp_path / "out")["odd"].to_pylist()) == {1}


def test_no_rows_are_said_to_be_none(folder, tmp_path, capsys):
    (folder / "a.csv").write_text("a,b,odd\n")
    for scale in ("minmax", "none"):
        assert augment(folder, tmp_path / scale, "--scale", scale) == 1
        assert "a.csv: there are no rows" in capsys.readouterr().err


def test_a_broken_link_is_a_bad_file(folder, tmp_path, capsys):
    pq.write_table(day(1), folder / "a.parquet")
    (folder / "b.parquet").symlink_to("nowhere")
    assert augment(folder, tmp_path / "out") == 1
    assert "b.parquet" in capsys.readouterr().err
    assert augment(folder, tmp_path / "out", "--skip-bad") == 0
    assert [item["path"] for item in manifest(tmp_path / "out")["skipped"]] == [str(folder / "b.parquet")]


def test_ids_of_both_signs_and_64_bits_come_back_exactly(folder, tmp_path):
    small, large = np.arange(N_ROWS) + np.iinfo(np.int64).min, [2**64 - 1 - i for i in range(N_ROWS)]
    pq.write_table(day(1, key=pa.array(small, pa.int64())), folder / "a.parquet")
    pq.write_table(day(2, key=pa.array(large, pa.uint64())), folder / "b.parquet")
    assert augment(folder, tmp_path / "out", "--id", "key", "--plan") == 0
    there = made(tmp_path / "out")
    known = [*small.tolist(), *large]
    anchors = zip(there["anchor"].to_pylist(), there["anchor_id"].to_pylist(), strict=True)
    assert all(known[row] == int(key) for row, key in anchors)
