"""Jobs on tables with categories and missing values: what comes back, what is gone on with."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import nngmix
from mixed_frames import connections
from nngmix.jobs.dictionaries import Dictionaries, read_like
from shell import shell

ASKED = ("--categorical", "auto", "--missing", "keep")
WHO = ("--label", "attack", "--unlabeled", "normal")


@pytest.fixture
def table() -> pd.DataFrame:
    return connections(200, 12)


@pytest.fixture
def inputs(table: pd.DataFrame, tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number, part in enumerate((table[:90], table[90:])):
        part.to_parquet(folder / f"{number}.parquet", index=False)
    return folder


def augment(inputs: Path, output: Path, *more: object) -> None:
    done = shell("augment", inputs, "-o", output, *WHO, "-n", 40, "--seed", 5, *more)
    assert done.returncode == 0, done.stderr


def refused(*arguments: object) -> str:
    done = shell(*arguments)
    assert done.returncode in (1, 2)
    return " ".join(done.stderr.split())


def test_new_rows_have_the_types_of_the_files(inputs: Path, tmp_path: Path) -> None:
    augment(inputs, tmp_path / "out", *ASKED, "--plan", "--with-old", "--mark", "made")
    new = pq.read_table(tmp_path / "out" / "part-00000.parquet")
    old = pq.read_schema(inputs / "0.parquet")
    for name in old.names[:-1]:
        assert new.schema.field(name).type == old.field(name).type, name
    # Values that no row has are kept, in their order.
    assert new["flag"].chunk(0).dictionary.to_pylist() == ["REJ", "S0", "never seen", "SF"]
    assert set(new["donor"].to_pylist()) == {"anchor", "partner"}
    assert new["flag"].null_count > 0
    assert new["src_bytes"].null_count > 0
    told = json.loads((tmp_path / "out" / "_manifest.json").read_text())
    assert told["categories"] == {"protocol": 3, "service": 15, "flag": 3, "logged_in": 2}
    whole = pd.read_parquet(sorted((tmp_path / "out").glob("*.parquet")))
    assert len(whole) == 240
    assert whole["flag"].cat.ordered


def test_each_row_has_the_categories_of_its_donor(table: pd.DataFrame, inputs: Path, tmp_path: Path) -> None:
    augment(inputs, tmp_path / "out", *ASKED, "--plan")
    new = pd.read_parquet(tmp_path / "out" / "part-00000.parquet")
    donor = table.iloc[np.where(new["donor"] == "anchor", new["anchor"], new["partner"])]
    for name in ("protocol", "service", "flag", "logged_in"):
        assert new[name].astype(object).equals(donor[name].astype(object).reset_index(drop=True)), name
    for name in ("src_bytes", "rate"):
        assert new[name].isna().tolist() == donor[name].isna().tolist()


def test_a_stopped_run_goes_on_to_the_same_bytes(inputs: Path, tmp_path: Path) -> None:
    augment(inputs, tmp_path / "out", *ASKED, "--rows-per-file", 15)
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    (tmp_path / "out" / "part-00001.parquet").unlink()
    augment(inputs, tmp_path / "out", *ASKED, "--rows-per-file", 15, "--resume")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == files


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (("--missing", "keep", "--categorical", "protocol"), "categorical_features was 'auto' and is"),
        (("--categorical", "auto", "--missing", "skip"), "missing was 'keep' and is 'skip'"),
        ((*ASKED, "--categorical-weight", "2"), "categorical_weight was None and is 2.0"),
    ],
)
def test_other_columns_are_no_run_to_go_on_with(
    inputs: Path, tmp_path: Path, other: tuple[str, ...], said: str
) -> None:
    augment(inputs, tmp_path / "out", *ASKED)
    more = ("--ignore", "service", "--ignore", "flag", "--ignore", "logged_in") if "protocol" in other else ()
    command = ("augment", inputs, "-o", tmp_path / "out", *WHO, "-n", 40, "--seed", 5, "--resume")
    assert said in refused(*command, *other, *more)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_anomalies_of_their_own_are_read_as_the_inputs(
    table: pd.DataFrame, inputs: Path, tmp_path: Path, ending: str
) -> None:
    """Their texts look like numbers, or are all missing: the inputs say what they are."""
    augment(inputs, tmp_path / "one", *ASKED, "--anomaly", "smurf", "--plan")
    table["service"] = table["service"].str.removeprefix("service ")
    odd = table["attack"] == "smurf"
    table.loc[odd, "flag"] = None
    mine = table[odd & (table["service"].notna())].drop(columns="attack")
    rest = tmp_path / "rest.csv"
    table[~odd].assign(service=lambda rows: rows["service"].mask(rows.index < 3, "http")).to_csv(
        rest, index=False
    )
    if ending == "csv":
        mine.to_csv(tmp_path / "mine.csv", index=False)
    else:
        pq.write_table(
            pa.Table.from_pandas(mine, preserve_index=False).set_column(3, "flag", pa.nulls(len(mine))),
            tmp_path / "mine.parquet",
        )
    asked = ("--categorical", "service", "--categorical", "flag", "--categorical", "protocol")
    asked += ("--categorical", "logged_in", "--missing", "keep", "--ignore", "attack")
    done = shell(
        "augment", rest, "-o", tmp_path / "out", "--anomalies", tmp_path / f"mine.{ending}", *asked, "-n", 60
    )
    assert done.returncode == 0, done.stderr
    new = pd.read_parquet(tmp_path / "out" / "part-00000.parquet")
    assert set(new["service"].dropna()) <= {"http", *map(str, range(15))}
    assert new["flag"].isna().any()


def test_anomalies_of_another_kind_are_refused_by_name(inputs: Path, tmp_path: Path) -> None:
    mine = pd.read_parquet(inputs / "0.parquet").drop(columns="attack").dropna()[:5]
    mine["protocol"] = 6
    mine.to_parquet(tmp_path / "mine.parquet", index=False)
    command = ("augment", inputs, "-o", tmp_path / "out", "--anomalies", tmp_path / "mine.parquet")
    said = refused(*command, "--ignore", "attack", "-n", 5, *ASKED)
    assert "column 'protocol' is" in said
    assert "int64 in" in said


def test_a_table_decides_what_the_parts_hold(inputs: Path, tmp_path: Path) -> None:
    one = ("--label", "attack", "--anomaly", "smurf")
    survey, part = tmp_path / "survey.npz", inputs / "0.parquet"
    assert shell("fit", inputs, *one, *ASKED, "--survey", "-o", survey).returncode == 0
    like = ("fit", part, *one, "--like", survey, "--first-row", 0, "-o", tmp_path / "a.npz")
    assert "the table decides it" in refused(*like, "--categorical", "auto")
    assert "the table was fitted with --missing keep" in refused(*like, "--missing", "skip")
    numbers = ("--ignore", "protocol", "--ignore", "service", "--ignore", "flag", "--ignore", "logged_in")
    plain = (*one, *numbers, "--missing", "skip")
    assert shell("fit", part, *plain, "-o", tmp_path / "b.npz").returncode == 0
    assert shell(*like).returncode == 0
    like = (
        "fit",
        part,
        *one,
        *numbers,
        "--like",
        tmp_path / "b.npz",
        "--first-row",
        0,
        "-o",
        tmp_path / "c.npz",
    )
    assert "was not fitted with it" in refused(*like, "--missing", "keep")
    assert refused("merge", tmp_path / "a.npz", tmp_path / "b.npz", "-o", tmp_path / "d.npz")


def test_a_manifest_of_before_is_searched_again(inputs: Path, tmp_path: Path) -> None:
    """Its run went by parameters that are asked for in the same words."""
    from nngmix.jobs.manifest_content import digest

    augment(inputs, tmp_path / "out", *ASKED, "--rows-per-file", 20)
    path = tmp_path / "out" / "_manifest.json"
    told = json.loads(path.read_text())
    files = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    del told["categories"]
    told |= {"format": 3, "status": "making", "files": told["files"][:1]}
    path.write_text(json.dumps(told | {"sha256": digest(told)}))
    augment(inputs, tmp_path / "out", *ASKED, "--rows-per-file", 20, "--resume")
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == files


def test_a_bad_file_is_left_out(table: pd.DataFrame, inputs: Path, tmp_path: Path) -> None:
    augment(inputs, tmp_path / "good", *ASKED)
    table.assign(src_bytes=np.inf).to_parquet(inputs / "2.parquet", index=False)
    said = refused("augment", inputs, "-o", tmp_path / "bad", *WHO, "-n", 40, *ASKED)
    assert "must not be infinite, got inf at row 0, column 'src_bytes'" in said
    augment(inputs, tmp_path / "out", *ASKED, "--skip-bad")
    made = [(tmp_path / name / "part-00000.parquet").read_bytes() for name in ("good", "out")]
    assert made[0] == made[1]


def test_dictionaries_of_all_batches_unite(tmp_path: Path) -> None:
    def batch(values: list[str], codes: list[int | None]) -> pa.RecordBatch:
        coded = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(values), ordered=True)
        return pa.record_batch({"x": [1.0] * len(codes), "c": coded})

    kind = pa.dictionary(pa.int8(), pa.string(), ordered=True)
    found = Dictionaries(["x", "c"], {"c": kind})
    assert found
    assert not Dictionaries(["x", "c"], {"c": pa.string()})
    found.add(batch(["low", "high"], [0]))
    found.add(batch(["low", "high"], [1, None]))
    found.write(str(tmp_path / "like.arrow"))
    assert read_like(str(tmp_path / "like.arrow"))["c"].type.ordered
    found.add(batch(["middle", "low"], [1]))
    found.write(str(tmp_path / "like.arrow"))
    column = read_like(str(tmp_path / "like.arrow"))["c"]
    assert column.chunk(0).dictionary.to_pylist() == ["low", "high", "middle"]
    # Of two orders there is none that holds.
    assert not column.type.ordered


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_pass_meets_categories_as_they_come(table: pd.DataFrame, tmp_path: Path, dtype: str) -> None:
    """Without a scale nothing is surveyed: dictionaries grow while rows are searched."""
    numbers = table.select_dtypes("number").columns
    table = table.astype(dict.fromkeys(numbers, dtype))
    odd = table.pop("attack") != "normal"
    anomalies, rest = (table[rows].reset_index(drop=True) for rows in (odd, ~odd))
    anomalies.loc[0, "service"] = "never met"
    anomalies.to_parquet(tmp_path / "a.parquet")
    (tmp_path / "in").mkdir()
    for number, part in enumerate((rest[:2], rest[2:])):
        part.to_parquet(tmp_path / "in" / f"{number}.parquet", index=False)
    done = shell(
        *("augment", tmp_path / "in", "-o", tmp_path / "out", "--anomalies", tmp_path / "a.parquet", *ASKED),
        *("--scale", "none", "--categorical-weight", 2, "--whole", "none", "-n", 99, "--seed", 4),
    )
    assert done.returncode == 0, done.stderr
    new = pd.read_parquet(tmp_path / "out" / "part-00000.parquet")
    asked = {"categorical_features": "auto", "categorical_weight": 2, "missing": "keep"}
    made = nngmix.nng_mix(anomalies, rest, 99, random_state=4, **asked)
    pd.testing.assert_frame_equal(new, made)
