"""From file to file and into a folder: the same rows, types, counts and errors for the same file."""

import bz2
import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from nngmix.cli import run as cli

N_ROWS = 200
KINDS = np.array(["normal.", "smurf.", "satan."])[
    np.where(np.arange(N_ROWS) % 20 < 2, np.arange(N_ROWS) % 20 + 1, 0)
]


def table(**more: Any) -> pa.Table:
    rng = np.random.default_rng(4)
    return pa.table({"a": rng.random(N_ROWS), "b": rng.random(N_ROWS) * 100, "kind": KINDS, **more})


def to_csv(there: pa.Table, delimiter: str = ",", end: str = "\n") -> str:
    lines = [delimiter.join(there.column_names)]
    for row in there.to_pylist():
        lines.append(delimiter.join("" if value is None else str(value) for value in row.values()))
    return end.join(lines) + end


def counts(out: str) -> dict[str, str]:
    """The lines of a summary that both ways have."""
    lines = (re.match(r"  (.{18}) (.*)", line) for line in out.splitlines()[1:])
    told = {match[1].strip(): match[2] for match in lines if match}
    return {
        name: told[name].partition(":")[0] if name == "new rows" else told[name]
        for name in (
            "rows read",
            "labelled anomalies",
            "unlabelled rows",
            "rows not finite",
            "new rows",
            "left out",
        )
        if name in told
    }


class Both:
    """Runs a command both ways."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys, self.number = folder, capsys, 0

    def made(self, source: Path, *options: str) -> pa.Table:
        """The new rows, which are the same."""
        one, many = self.run(source, *options)
        assert [code for code, _, _ in (one, many)] == [0, 0], (one, many)
        assert counts(one[1]) == counts(many[1])
        self.summary = one[1], many[1]
        by_file = pq.read_table(self.folder / f"one{self.number}.parquet")
        by_folder = ds.dataset(self.folder / f"many{self.number}", format="parquet").to_table()
        ignored = [name for name in by_file.column_names if name not in by_folder.column_names]
        assert all(by_file[name].null_count == len(by_file) for name in ignored)
        by_file = by_file.select(by_folder.column_names)
        assert by_file.equals(by_folder)
        return by_folder

    def refused(self, source: Path, *options: str, code: int = 1) -> str:
        """The error, which is the same but for what only a folder can do."""
        one, many = self.run(source, *options)
        assert [there[0] for there in (one, many)] == [code, code], (one, many)
        # Linebreaks are those of the terminal.
        first, second = (" ".join(there[2].split()) for there in (one, many))
        first = first.replace(f"one{self.number}.parquet", f"many{self.number}")
        assert first == second.removesuffix("; --skip-bad leaves such files out")
        return first

    def run(self, source: Path, *options: str) -> list[tuple[int, str, str]]:
        self.number += 1
        done = []
        for target in (["-o", f"one{self.number}.parquet", "--only-new"], ["-o", f"many{self.number}"]):
            target[1] = str(self.folder / target[1])
            arguments = ["augment", str(source), *target, "-n", "3x", "--seed", "3", "--n-threads", "1"]
            code = cli([*arguments, *options])
            done.append((code, *self.capsys.readouterr()))
        return done


@pytest.fixture
def both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Both:
    return Both(tmp_path, capsys)


LABEL = ("--label", "kind", "--anomaly", "smurf.")


# --- formats ------------------------------------------------------------------------------------------------


def test_every_ending_gives_the_same_rows(tmp_path: Path, both: Both) -> None:
    text = to_csv(table())
    for name, content in {
        "t.csv": text.encode(),
        "t.txt": text.encode(),
        "t.data": text.encode("utf-8-sig"),
        "t.tsv": to_csv(table(), "\t").encode(),
        "crlf.csv": to_csv(table(), end="\r\n").encode(),
        "t.csv.gz": gzip.compress(text.encode()),
        "t.tsv.gz": gzip.compress(to_csv(table(), "\t").encode()),
        "t.csv.bz2": bz2.compress(text.encode()),
        "t.csv.zst": pa.compress(text.encode(), "zstd", asbytes=True),
        "UPPER.CSV": text.encode(),
    }.items():
        (tmp_path / name).write_bytes(content)
    pq.write_table(table(), tmp_path / "t.parquet")
    pyarrow.feather.write_feather(table(), tmp_path / "t.feather")
    files = sorted(path for path in tmp_path.iterdir() if path.is_file())
    made = {path.name: both.made(path, *LABEL) for path in files}
    first = made["t.parquet"]
    assert first.num_rows == 30
    assert all(there.equals(first) for there in made.values())


def test_csv_options(tmp_path: Path, both: Both) -> None:
    plain = both.made(_write(tmp_path / "t.csv", to_csv(table())), *LABEL)
    german = (
        to_csv(table(), ";").replace(".", ",").replace("f,", "f.").replace("l,", "l.").replace("n,;", "n.;")
    )
    german = german.replace("normal,", "normal.").replace("smurf,", "smurf.").replace("satan,", "satan.")
    source = _write(tmp_path / "de.csv", german)
    assert "give --delimiter ';' --decimal ','" in both.refused(source, *LABEL)
    assert both.made(source, *LABEL, "--delimiter", ";", "--decimal", ",").equals(plain)
    tabs = _write(tmp_path / "tab.csv", to_csv(table(), "\t"))
    assert "give --delimiter tab" in both.refused(tabs, *LABEL)
    assert both.made(tabs, *LABEL, "--delimiter", "tab").equals(plain)
    grouped = table(c=[f'"{1000 + i:,}.5"' for i in range(N_ROWS)])
    source = _write(tmp_path / "grouped.csv", to_csv(grouped))
    assert "'1,000.5' at row 0, column 'c'" in both.refused(source, *LABEL)
    with_c = both.made(source, *LABEL, "--thousands", ",")
    numbers = table(c=[1000.5 + i for i in range(N_ROWS)])
    assert with_c.equals(both.made(_write(tmp_path / "numbers.csv", to_csv(numbers)), *LABEL))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16"])
def test_encodings(tmp_path: Path, both: Both, encoding: str) -> None:
    kinds = np.where(KINDS == "smurf.", "Betrüger", KINDS)
    source = tmp_path / "t.csv"
    source.write_text(to_csv(table().set_column(2, "kind", pa.array(kinds))), encoding=encoding)
    options = ("--label", "kind", "--anomaly", "Betrüger")
    error = both.refused(source, *options)
    assert "not UTF-8" in error
    assert "--encoding" in error
    made = both.made(source, *options, "--encoding", encoding)
    assert set(made["kind"].to_pylist()) == {"Betrüger"}


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


# --- who is who ---------------------------------------------------------------------------------------------


def test_several_labels_are_made_within_their_classes(tmp_path: Path, both: Both) -> None:
    pq.write_table(table(), tmp_path / "t.parquet")
    asked = ("--anomaly", "satan.", "--anomaly", "smurf.")
    made = both.made(tmp_path / "t.parquet", "--label", "kind", *asked, "--plan", "--unlabeled-fraction", "0")
    assert made["kind"].to_pylist() == ["satan."] * 30 + ["smurf."] * 30
    for name in ("anchor", "partner"):
        assert KINDS[made[name].to_numpy()].tolist() == made["kind"].to_pylist()
    assert "labelled anomalies 20 (kind = 'satan.' or 'smurf.')" in both.summary[0]
    others = both.made(tmp_path / "t.parquet", "--label", "kind", "--unlabeled", "normal.")
    assert others["kind"].equals(made["kind"])
    # Third values take no part where both are named.
    declared = both.made(tmp_path / "t.parquet", *LABEL, "--unlabeled", "normal.", "--plan")
    assert "unlabelled rows    180" in both.summary[0]
    assert set(KINDS[declared["partner"].to_numpy()]) == {"normal.", "smurf."}
    alone = both.made(tmp_path / "t.parquet", *LABEL)
    assert "unlabelled rows    190" in both.summary[0]
    assert set(alone["kind"].to_pylist()) == {"smurf."}


@pytest.mark.parametrize(
    ("labels", "kind", "asked", "expected"),
    [
        ([2, 10, 0], pa.int8(), ["10", "2"], [2, 10]),
        ([2, 10, 0], pa.float32(), ["10", "2"], [2.0, 10.0]),
        ([True, None, False], pa.bool_(), ["true"], [True]),
        ([True, None, False], pa.bool_(), ["1"], [True]),
        (["2", "10", "ok"], pa.string(), ["10", "2"], ["2", "10"]),
        ([" Worms ", "DoS", "ok"], pa.large_string(), [" Worms ", "DoS"], [" Worms ", "DoS"]),
        (["x", "y", "ok"], pa.dictionary(pa.int8(), pa.string()), ["x"], ["x"]),
        ([0.1, 0.2, 0], pa.float32(), ["0.1"], [np.float32(0.1)]),
    ],
)
def test_labels_of_every_type(
    tmp_path: Path, both: Both, labels: Any, kind: Any, asked: list[str], expected: list[Any]
) -> None:
    values = np.array(labels, object)[np.where(np.arange(N_ROWS) % 20 < 2, np.arange(N_ROWS) % 20, 2)]
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    column = pa.array(values.tolist(), plain)
    if pa.types.is_dictionary(kind):
        coded = column.dictionary_encode()
        column = pa.DictionaryArray.from_arrays(coded.indices.cast(kind.index_type), coded.dictionary)
    source = table().set_column(2, "kind", column)
    pq.write_table(source, tmp_path / "t.parquet")
    options = [text for value in asked for text in ("--anomaly", value)]
    made = both.made(tmp_path / "t.parquet", "--label", "kind", *options)
    assert made.schema.field("kind").type == kind
    assert list(dict.fromkeys(made["kind"].to_pylist())) == expected


@pytest.mark.parametrize(
    ("labels", "asked", "kind", "expected"),
    [
        (["1", "2", "0"], ["2", "1"], pa.int64(), [1, 2]),
        (["1", "1.0", "0"], ["1"], pa.float64(), [1.0]),
        (["10", "9", "x"], ["10", "9"], pa.string(), ["9", "10"]),
        (["true", "true", "false"], ["1"], pa.bool_(), [True]),
        (["007", "1", "0"], ["007"], pa.string(), ["007"]),
        (["NA", "NA", ""], ["NA"], pa.string(), ["NA"]),
    ],
)
def test_labels_of_csv_get_the_narrowest_type(
    tmp_path: Path, both: Both, labels: list[str], asked: list[str], kind: Any, expected: list[Any]
) -> None:
    values = np.array(labels, object)[np.where(np.arange(N_ROWS) % 20 < 2, np.arange(N_ROWS) % 20, 2)]
    source = _write(tmp_path / "t.csv", to_csv(table().set_column(2, "kind", pa.array(values.tolist()))))
    options = [text for value in asked for text in ("--anomaly", value)]
    made = both.made(source, "--label", "kind", *options)
    assert made.schema.field("kind").type == kind
    assert list(dict.fromkeys(made["kind"].to_pylist())) == expected


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--anomaly", "smurf"), "no row has 'smurf' in the label column 'kind' of"),
        (("--anomaly", "smurf"), "it holds 'normal.' (180 rows), 'satan.' (10 rows), 'smurf.' (10 rows)"),
        (("--anomaly", "smurf"), "did you mean 'smurf.'?"),
        (
            ("--anomaly", "smurf.", "--anomaly", "Satan", "--anomaly", "nmap"),
            "no row has 'Satan' or 'nmap' in",
        ),
        (("--unlabeled", "normal"), "no row has 'normal' in"),
        (("--unlabeled", "normal."), None),
        (("--anomaly", "normal.", "--unlabeled", "normal."), "cannot be both anomaly and unlabelled"),
        (
            ("--anomaly", "normal.", "--anomaly", "smurf.", "--anomaly", "satan."),
            "no unlabelled row to take partners from: pass some, or set --unlabeled-fraction 0",
        ),
    ],
)
def test_labels_that_are_not_there(
    tmp_path: Path, both: Both, options: tuple[str, ...], said: str | None
) -> None:
    source = _write(tmp_path / "t.csv", to_csv(table()))
    if said is None:
        both.made(source, "--label", "kind", *options)
    else:
        assert said in both.refused(source, "--label", "kind", *options)


# --- columns ------------------------------------------------------------------------------------------------


def test_names_that_are_not_there_are_told_together(tmp_path: Path, both: Both) -> None:
    source = _write(tmp_path / "t.csv", to_csv(table()).replace("a,b,kind", "a, b,kind", 1))
    error = both.refused(source, *LABEL, "--ignore", "b", "--ignore", "zeit")
    assert "there are no columns 'b' (nearest: ' b'" in error
    assert "'zeit'" in error
    error = both.refused(source, "--label", "Kind", "--anomaly", "x", "--feature", "B")
    assert "'Kind' (nearest: 'kind')" in error
    assert "'B' (nearest: ' b'" in error
    assert "cannot be a feature and the label or ignored" in both.refused(source, *LABEL, "--feature", "kind")
    assert "'kind' is the label, it cannot be the id" in both.refused(source, *LABEL, "--id", "kind")


def test_only_chosen_features(tmp_path: Path, both: Both) -> None:
    import pandas as pd

    frame = table(c=np.arange(N_ROWS) % 7).to_pandas().sample(frac=1, random_state=0)
    frame.to_parquet(tmp_path / "t.parquet")
    made = both.made(tmp_path / "t.parquet", *LABEL)
    assert made.column_names == ["a", "b", "c", "kind"]
    assert "left out           '__index_level_0__' (the index of a pandas table)" in both.summary[0]
    assert "left out           '__index_level_0__' (the index of a pandas table)" in both.summary[1]
    chosen = ("--feature", "c", "--feature", "__index_level_0__")
    made = both.made(tmp_path / "t.parquet", *LABEL, *chosen)
    assert sorted(made.column_names) == ["__index_level_0__", "c", "kind"]
    assert "left out" not in both.summary[0]
    frame.rename_axis("row").to_parquet(tmp_path / "named.parquet")
    assert "row" not in both.made(tmp_path / "named.parquet", *LABEL).column_names
    frame.to_csv(tmp_path / "t.csv")
    made = both.made(tmp_path / "t.csv", *LABEL)
    assert made.column_names == ["a", "b", "c", "kind"]
    pd.read_csv(tmp_path / "t.csv").to_csv(tmp_path / "twice.csv")
    assert both.made(tmp_path / "twice.csv", *LABEL).equals(made)
    # What is left out stays in the output beside the old rows.
    assert cli(["augment", str(tmp_path / "t.csv"), *LABEL, "-n", "1", "-o", str(tmp_path / "o.csv")]) == 0
    assert (tmp_path / "o.csv").read_text().startswith('"","a","b","kind","c"\n')


def test_partition_keys_are_no_features_unless_asked_for(tmp_path: Path, both: Both) -> None:
    folder = tmp_path / "fold=3" / "day=5"
    folder.mkdir(parents=True)
    pq.write_table(table(), folder / "t.parquet")
    assert both.made(folder / "t.parquet", *LABEL).column_names == ["a", "b", "kind"]
    made = both.made(folder / "t.parquet", *LABEL, "--feature", "a", "--feature", "day")
    assert sorted(made.column_names) == ["a", "day", "kind"]
    assert set(made["day"].to_pylist()) == {5.0} or made["day"].null_count == 0


def test_ids_and_marks(tmp_path: Path, both: Both) -> None:
    ids = [f"f{i:03d}" for i in range(N_ROWS)]
    pq.write_table(table(flow=ids), tmp_path / "t.parquet")
    source = _write(tmp_path / "t.csv", to_csv(table(flow=ids)))
    for path in (tmp_path / "t.parquet", source):
        made = both.made(path, *LABEL, "--id", "flow", "--plan", "--mark", "new")
        for name in ("anchor", "partner"):
            assert made[f"{name}_id"].to_pylist() == [ids[row] for row in made[name].to_pylist()]
        assert made["new"].to_pylist() == [True] * 30
        assert both.made(path, *LABEL, "--id", "flow").column_names == ["a", "b", "kind"]
    out = tmp_path / "o.parquet"
    assert (
        cli(["augment", str(source), *LABEL, "-n", "2", "--id", "flow", "--mark", "new", "-o", str(out)]) == 0
    )
    whole = pq.read_table(out)
    assert whole["new"].to_pylist() == [False] * N_ROWS + [True] * 2
    assert whole["flow"].to_pylist() == [*ids, None, None]
    for taken in (("--mark", "a"), ("--mark", "kind"), ("--plan", "--mark", "lam")):
        both.refused(source, *LABEL, "--ignore", "flow", *taken)


# --- values -------------------------------------------------------------------------------------------------


def test_rows_that_are_not_finite_are_passed_by_on_demand(tmp_path: Path, both: Both) -> None:
    rate = np.random.default_rng(1).random(N_ROWS)
    gaps = rate.tolist()
    gaps[1], gaps[7], gaps[30], gaps[31] = float("inf"), float("nan"), None, float("-inf")
    pq.write_table(table(rate=pa.array(gaps)), tmp_path / "t.parquet")
    text = to_csv(table(rate=pa.array(gaps))).replace(",inf", ",Infinity").replace(",nan", ",NaN")
    source = _write(tmp_path / "t.csv", text)
    assert "got inf at row 1, column 'rate'" in both.refused(source, *LABEL)
    assert "--missing skip" in both.refused(tmp_path / "t.parquet", *LABEL)
    made = both.made(source, *LABEL, "--missing", "skip", "--plan")
    assert made.equals(both.made(tmp_path / "t.parquet", *LABEL, "--missing", "skip", "--plan"))
    assert "rows not finite    4, not used" in both.summary[0]
    assert not {1, 7, 30, 31} & {*made["anchor"].to_pylist(), *made["partner"].to_pylist()}
    # The same rows as if those had never been there.
    kept = np.delete(np.arange(N_ROWS), [1, 7, 30, 31])
    pq.write_table(table(rate=rate).take(kept), tmp_path / "kept.parquet")
    fewer = both.made(tmp_path / "kept.parquet", *LABEL)
    assert fewer.equals(made.select(fewer.column_names))
    # Old rows stay in the output, with their gaps.
    out = tmp_path / "o.csv"
    assert cli(["augment", str(source), *LABEL, "--missing", "skip", "-n", "2", "-o", str(out)]) == 0
    lines = out.read_text().splitlines()
    assert len(lines) == 1 + N_ROWS + 2
    assert [lines[1 + i].rpartition(",")[2] for i in (1, 30, 31)] == ["inf", "", "-inf"]


def test_a_table_whose_anomalies_all_have_gaps(tmp_path: Path, both: Both) -> None:
    rate = np.where(KINDS == "smurf.", np.nan, 1.0)
    pq.write_table(table(rate=rate), tmp_path / "t.parquet")
    error = both.refused(tmp_path / "t.parquet", *LABEL, "--missing", "skip")
    assert "no labelled anomaly of the label column 'kind'" in error


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (["?" if i == 123 else str(i) for i in range(N_ROWS)], "'?' at row 123, column 'c'"),
        (["c" if i == 100 else str(i) for i in range(N_ROWS)], "'c' at row 100, column 'c'"),
        ([f"2024-01-{1 + i % 28:02d}" for i in range(N_ROWS)], "'2024-01-01' at row 0, column 'c'"),
        (
            [str(2**53 + 1 if i == 9 else i) for i in range(N_ROWS)],
            "9007199254740993, beyond 2**53, at row 9",
        ),
    ],
)
def test_cells_that_are_no_numbers(tmp_path: Path, both: Both, column: list[str], said: str) -> None:
    source = _write(tmp_path / "t.csv", to_csv(table(c=column)))
    assert said in both.refused(source, *LABEL)
    assert both.made(source, *LABEL, "--ignore", "c").column_names == ["a", "b", "kind"]


def test_columns_that_are_no_numbers_are_told_together(tmp_path: Path, both: Both) -> None:
    days = pa.array(np.arange(N_ROWS).astype("datetime64[s]"))
    pq.write_table(
        table(day=days, proto=pa.array(["tcp"] * N_ROWS).dictionary_encode()), tmp_path / "t.parquet"
    )
    error = both.refused(tmp_path / "t.parquet", *LABEL)
    assert "'day' (timestamp[" in error
    assert "'proto' (dictionary" in error
    assert "--ignore" in error


@pytest.mark.parametrize(
    "twice",
    [
        ("--label", "kind", "--label", "a", "--anomaly", "x"),
        (*LABEL, "--seed", "4"),
        (*LABEL, "--amount", "5"),
        (*LABEL, "--decimal", ",", "--decimal=."),
        (*LABEL, "--id", "a", "--id", "b"),
    ],
)
def test_an_option_of_one_value_is_given_once(tmp_path: Path, both: Both, twice: tuple[str, ...]) -> None:
    source = _write(tmp_path / "t.csv", to_csv(table()))
    assert "given more than once, but it takes one value alone" in both.refused(source, *twice, code=2)


@pytest.mark.parametrize("mark", ["X", "y", "columns"])
def test_no_added_column_takes_the_place_of_an_array(tmp_path, capsys, mark):
    pq.write_table(table(), tmp_path / "t.parquet")
    known = [str(tmp_path / "t.parquet"), "--label", "kind", "--anomaly", "smurf."]
    assert cli(["augment", *known, "--mark", mark, "-o", str(tmp_path / "o.npz")]) == 1
    assert f"there is {mark!r} already" in capsys.readouterr().err
    assert cli(["augment", *known, "--mark", mark, "-o", str(tmp_path / "o.csv")]) == 0


def test_what_polars_writes_as_views_is_read_in_both_ways(tmp_path):
    kinds = pa.array(KINDS).cast(pa.string_view())
    there = table(note=kinds, code=kinds).drop_columns("kind").append_column("kind", kinds)
    with pa.OSFile(str(tmp_path / "t.arrow"), "wb") as file, pa.ipc.new_file(file, there.schema) as writer:
        writer.write_table(there)
    for out in ("o.csv", "o.parquet", "folder"):
        known = ["--label", "kind", "--anomaly", "smurf.", "--ignore", "note", "--id", "code", "--plan"]
        assert cli(["augment", str(tmp_path / "t.arrow"), *known, "-o", str(tmp_path / out)]) == 0
    assert pq.read_table(tmp_path / "o.parquet")["anchor_id"].to_pylist()[-1] == "smurf."


def test_labels_that_are_lists_are_refused_in_both_ways(tmp_path, capsys):
    there = table().drop_columns("kind").append_column("kind", pa.array([[1]] * N_ROWS))
    pq.write_table(there, tmp_path / "t.parquet")
    for out in ("o.parquet", "folder"):
        known = ["--label", "kind", "--anomaly", "1", "-o", str(tmp_path / out)]
        assert cli(["augment", str(tmp_path / "t.parquet"), *known]) == 1
        assert "must hold one label a row" in capsys.readouterr().err


def test_what_is_asked_for_and_empty_is_not_taken_for_the_default(tmp_path, capsys):
    pq.write_table(table(), tmp_path / "t.parquet")
    source = str(tmp_path / "t.parquet")
    assert cli(["augment", source, "--label", "kind", "--anomaly", "smurf.", "-o", ""]) == 2
    assert "Option '-o' is empty: name a table, or a folder for new rows" in capsys.readouterr().err
    assert cli(["augment", source, "--label", "", "--anomaly", "1", "-o", str(tmp_path / "o.csv")]) == 1
    assert "there is no column ''" in capsys.readouterr().err
