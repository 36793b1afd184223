"""``--json``: one object on stdout with the members that the help lists, and the rest on stderr."""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import nngmix
from nngmix.cli import main
from nngmix.cli import run as cli
from nngmix.cli.command import Command

LABEL = ("--label", "y", "--anomaly", "1")
N_ROWS = 100


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    y = (np.arange(N_ROWS) % 20 == 0).astype(int)
    columns = {"a": rng.random(N_ROWS), "b": rng.random(N_ROWS), "y": y}
    pq.write_table(pa.table(columns), "in.parquet")
    assert cli(["fit", "in.parquet", *LABEL, "-o", "t.npz"]) == 0
    return tmp_path


EVERY: dict[str, tuple[str, ...]] = {
    "check": ("check", "in.parquet", "--label", "y"),
    "augment": ("augment", "in.parquet", *LABEL, "-n", "7", "-o", "o.csv"),
    "augment into a folder": ("augment", "in.parquet", *LABEL, "-n", "7", "-o", "o"),
    "fit": ("fit", "in.parquet", *LABEL, "-o", "u.npz"),
    "merge": ("merge", "t.npz", "-o", "u.npz"),
    "generate": ("generate", "t.npz", "-n", "7", "-o", "o.csv"),
    "plot": ("plot", "in.parquet", "--label", "y", "-o", "o.svg"),
    "completion": ("completion", "bash"),
}


@pytest.mark.parametrize("what", EVERY)
def test_the_object_has_the_members_that_the_help_lists(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert cli([*EVERY[what], "--json"]) == 0
    told = capsys.readouterr()
    made: dict[str, Any] = json.loads(told.out)
    assert told.out.count("\n") == 1
    command = main.commands[EVERY[what][0]]
    assert isinstance(command, Command)
    assert made.keys() == command.members.keys()
    assert (made["command"], made["version"]) == (EVERY[what][0], nngmix.__version__)
    # What people read is the same, elsewhere.
    assert cli(EVERY[what]) == 0 or what == "augment into a folder"
    lines = capsys.readouterr().out.splitlines()
    if what != "completion" and lines:
        assert told.err.splitlines()[0] == lines[0]
        assert len(told.err.splitlines()) == len(lines)


def test_every_command_has_it_and_the_help_shows_the_members(capsys: pytest.CaptureFixture[str]) -> None:
    for name, command in main.commands.items():
        assert isinstance(command, Command)
        assert any(isinstance(option, click.Option) and "--json" in option.opts for option in command.params)
        assert cli([name, "--help"]) == 0
        shown = capsys.readouterr().out.partition("Members of --json:")[2]
        assert [
            line.split()[0] for line in shown.splitlines() if line.startswith("  ") and line[2] != " "
        ] == [*command.members]


def test_both_ways_of_augment_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    made = []
    for what in ("augment", "augment into a folder"):
        capsys.readouterr()
        assert cli([*EVERY[what], "--seed", "3", "--json"]) == 0
        made.append(json.loads(capsys.readouterr().out))
    for name in ("output", "bytes", "seconds"):
        assert made[0].pop(name) != made[1].pop(name)
    assert made[0] == made[1]
    assert made[0]["labels"] == [{"value": 1, "rows": 5}]
    assert (made[0]["new_rows"], made[0]["unlabelled_rows"], made[0]["seed"]) == (7, 95, 3)


def test_the_noise_that_fits_is_told_by_all_that_make_rows(capsys: pytest.CaptureFixture[str]) -> None:
    noise = nngmix.NeighborTable.load("t.npz").noise()
    for what in ("augment", "augment into a folder", "generate"):
        capsys.readouterr()
        assert cli([*EVERY[what], "--noise-std", "auto", "--seed", "3", "--json"]) == 0
        told = capsys.readouterr()
        assert json.loads(told.out)["noise_std"] == noise
        assert f"noise              {noise:.3g}, which fits the distances" in told.err
    assert cli([*EVERY["augment"], "--noise-std", "loud"]) == 2
    assert "expected a number or auto, got 'loud'" in capsys.readouterr().err
    for given in ((), ("--method", "duplicate")):
        capsys.readouterr()
        assert cli([*EVERY["augment"], *given, "--json"]) == 0
        told = capsys.readouterr()
        assert json.loads(told.out)["noise_std"] == (None if given else 0.01)
        assert "  noise " not in told.err


def test_what_json_cannot_hold_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(pa.table({"a": [1.0, 2.0], "y": [0, 1]}), "two.parquet")
    assert cli(["check", "two.parquet", "--label", "y", "--json"]) == 0
    told = json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(name))
    assert told["nearest_anomaly"]["median"] is None


def test_an_error_leaves_stdout_empty(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cli(["augment", "none.csv", *LABEL, "-o", "o.csv", "--json"]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "error: none.csv: no such file\n")
    assert cli(["check", "none.csv", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["refused"] == ["none.csv: no such file"]
