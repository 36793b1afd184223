"""The options of mixed tables: what they say and refuse, the same in every command."""

import json
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixed_frames import connections
from shell import shell

WHO = ("--label", "attack", "--unlabeled", "normal")
AUTO = (*WHO, "--categorical", "auto", "--missing", "keep")


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch.chdir(tmp_path)
    frame = connections(200, 12)
    frame.to_csv("in.csv", index=False)
    frame.to_parquet("in.parquet", index=False)
    return frame


def refused(*arguments: object) -> str:
    done = shell(*arguments)
    assert done.returncode in (1, 2), done.stdout
    return " ".join(done.stderr.split())


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_old_rows_stand_before_new_ones_unchanged(table: pd.DataFrame, ending: str) -> None:
    done = shell(
        "augment", f"in.{ending}", *AUTO, "-n", 20, "--plan", "--mark", "made", "-o", f"out.{ending}"
    )
    assert done.returncode == 0, done.stderr
    assert "'protocol' (3), 'service' (15), 'flag' (3), 'logged_in' (2)" in " ".join(done.stdout.split())
    read = pd.read_csv if ending == "csv" else pd.read_parquet
    out, old = read(f"out.{ending}"), read(f"in.{ending}")
    pd.testing.assert_frame_equal(out[:200][old.columns], old)
    assert out["donor"].isna().sum() == 200
    donor = np.where(out["donor"] == "anchor", out["anchor"], out["partner"])[200:].astype(int)
    for name in ("protocol", "service", "flag", "logged_in"):
        assert out[name][200:].astype(object).tolist() == pytest.approx(
            old[name].astype(object)[donor].tolist(), nan_ok=True
        )


def test_json_tells_the_categories_in_both_ways(table: pd.DataFrame) -> None:
    told = []
    for output in ("out.csv", "folder"):
        done = shell("augment", "in.parquet", *AUTO, "-n", 5, "-o", output, "--json")
        told.append(json.loads(done.stdout)["categories"])
    assert told == [{"protocol": 3, "service": 15, "flag": 3, "logged_in": 2}] * 2


def test_names_say_the_same_as_auto(table: pd.DataFrame) -> None:
    names = [
        word for name in ("protocol", "service", "flag", "logged_in") for word in ("--categorical", name)
    ]
    command = ("augment", "in.csv", *WHO, "--missing", "keep", "-n", 30, "--seed", 1, "-o")
    assert shell(*command, "a.csv", *names).returncode == 0
    assert shell(*command, "b.csv", "--categorical", "auto").returncode == 0
    assert shell(*command, "c.csv", "--categorical", "auto", "--categorical-weight", 0).returncode == 0
    made = [Path(f"{name}.csv").read_text() for name in "abc"]
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize("output", ["out.csv", "folder"])
def test_rows_that_miss_a_category_are_passed_by(table: pd.DataFrame, output: str) -> None:
    arguments = ("augment", "in.csv", *WHO, "--categorical", "auto", "-n", 5, "-o", output)
    assert "got None at row" in refused(*arguments)
    done = shell(*arguments, "--missing", "skip", "--json")
    assert json.loads(done.stdout)["missing_rows"] == table.isna().any(axis=1).sum()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "columns of texts as categories with --categorical auto"),
        (("--categorical", "auto", "--categorical", "flag"), "'auto' stands alone"),
        (("--categorical", "protocl"), "there is no column 'protocl'; the nearest is 'protocol'"),
        (("--categorical", "auto", "--scale", "none"), "categorical_weight must be given"),
        (("--categorical", "auto", "--categorical-weight", "-1"), "-1.0 is not in the range x>=0"),
        (("--categorical", "auto", "--plan", "--mark", "donor"), "'donor'"),
    ],
)
@pytest.mark.parametrize("output", ["out.csv", "folder"])
def test_what_cannot_be_is_refused_before_any_work(
    table: pd.DataFrame, output: str, more: tuple[str, ...], said: str
) -> None:
    command = ("augment", "in.csv", *WHO, "--missing", "keep", "-n", 5, "-o", output)
    assert said in refused(*command, *more)
    assert not Path("out.csv").exists()
    assert not Path("folder", "_manifest.json").exists() or "columns of texts" in said


def test_other_methods_take_categories_too(table: pd.DataFrame) -> None:
    for method in ("mixup", "cutmix", "duplicate"):
        done = shell(
            "augment", "in.parquet", *AUTO, "--method", method, "-n", 7, "--only-new", "-o", "o.parquet"
        )
        assert done.returncode == 0, done.stderr
        made = pd.read_parquet("o.parquet")
        assert set(made["protocol"]) <= {"tcp", "udp", "icmp"}
        assert made["flag"].cat.categories.tolist() == ["REJ", "S0", "never seen", "SF"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_check_proposes_a_command_that_works(table: pd.DataFrame, ending: str) -> None:
    done = shell("check", f"in.{ending}", *WHO, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert any("--categorical auto" in said for said in told["refused"])
    about = {column["name"]: column for column in told["columns"]}
    assert [about[name]["categories"] for name in ("service", "flag", "count")] == [15, 3, None]
    assert about["rate"]["missing"] == table["rate"].isna().sum()
    assert about["outbound"]["constant"]
    assert "--categorical" in told["suggestion"]
    assert shell(*told["suggestion"][1:]).returncode == 0, shlex.join(told["suggestion"])


def test_check_takes_what_augment_takes(table: pd.DataFrame) -> None:
    done = shell("check", "in.csv", *AUTO)
    assert done.returncode == 0, done.stdout
    shown = " ".join(done.stdout.split())
    assert "'protocol' (3), 'service' (15)" in shown
    share = table["rate"].isna().mean()
    assert f"'rate' {table['rate'].isna().sum()} ({share:.1%})" in shown
    assert "--missing keep" in shown
    assert "--categorical auto" in shown


def test_plot_draws_the_numbers(table: pd.DataFrame) -> None:
    pytest.importorskip("matplotlib")
    shell("augment", "in.parquet", *AUTO, "-n", 9, "--mark", "made", "-o", "more.parquet")
    command = ("plot", "more.parquet", *WHO, "--mark", "made", "--categorical", "auto", "-o", "p.png")
    done = shell(*command, "--missing", "skip", "--json")
    numbers = pd.read_parquet("more.parquet")[["src_bytes", "rate"]]
    assert json.loads(done.stdout)["missing_rows"] == numbers.isna().any(axis=1).sum()
    assert "has no place in a picture" in refused(*command, "--missing", "keep")
    only = [word for name in ("protocol", "service") for word in ("--feature", name)]
    assert "all features hold categories" in refused(*command, *only)
