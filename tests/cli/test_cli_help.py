"""Every example that ``--help`` shows runs, and it names every option."""

import gzip
import os
import re
import shlex
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from mixed_frames import connections
from nngmix import NeighborTable
from nngmix.cli import main
from nngmix.cli import run as cli

N_ROWS = 400


def examples(command: click.Command) -> list[str]:
    """The lines of a command's help that are commands."""
    return re.findall(r"^ *(nngmix .*)$", command.help or "", re.MULTILINE)


def flows(label: str, values: Any, **more: Any) -> pa.Table:
    rng = np.random.default_rng(3)
    return pa.table({"x": rng.random(N_ROWS), "y": rng.random(N_ROWS), label: values, **more})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the examples speak of."""
    monkeypatch.chdir(tmp_path)
    odd = np.arange(N_ROWS) % 20 == 0

    def where(yes: str, no: str) -> Any:
        return np.where(odd, yes, no)

    pyarrow.csv.write_csv(flows("anomaly", odd.astype(int)), "shuttle.csv")
    numbers = np.arange(N_ROWS)
    pq.write_table(flows("class", where("attack", "ok"), id=numbers, time=numbers), "flows.parquet")
    kinds = np.where(np.arange(N_ROWS) % 20 == 1, "satan.", where("smurf.", "normal."))
    pyarrow.csv.write_csv(flows("kind", kinds, start=numbers), "flows.csv")
    Path("flows.csv.gz").write_bytes(gzip.compress(Path("flows.csv").read_bytes()))
    np.savez("cover.npz", X=np.random.default_rng(0).random((N_ROWS, 3)), y=odd.astype(int))
    art = where("Betrug", "gut")
    lines = [f"{i / 7:.3f};{i % 9};{art[i]}".replace(".", ",") for i in range(N_ROWS)]
    Path("betrag.csv").write_text("\n".join(["betrag;dauer;art", *lines]))
    web = where("Bot", "Web Attack \u2013 Login")
    lines = [f"{i / 7},{i},{web[i]}" for i in range(N_ROWS)]
    Path("web.csv").write_text("\n".join(["rate,flow,Label", *lines]), encoding="cp1252")
    connections(N_ROWS, attacks=("smurf.", "satan.")).replace({"attack": {"normal": "normal."}}).to_csv(
        "kdd.csv", index=False
    )
    os.mkdir("data")
    for part in range(2):
        pq.write_table(flows("class", where("attack", "ok")).slice(part * 200, 200), f"data/{part}.parquet")
    pq.write_table(
        flows("class", where("attack", "ok")).slice(0, 20).drop_columns("class"), "attacks.parquet"
    )
    mine = flows("class", where("fraud", "ok"))
    pyarrow.csv.write_csv(mine, "mine.csv")
    pyarrow.csv.write_csv(mine.drop_columns("class"), "new.csv")
    os.makedirs("ADBench/Classical")
    np.savez("ADBench/Classical/1_a.npz", X=np.random.default_rng(1).random((N_ROWS, 3)), y=odd.astype(int))
    rows = flows("class", where("attack", "ok")).drop_columns("class")
    for name, first, n_rows in (("a", 0, 200), ("b", 200, 200), ("c", 0, 400)):
        table = NeighborTable(rows.slice(0, 5)).update(rows.slice(first, n_rows), np.arange(n_rows) + first)
        table.save(f"{name}.npz")
    return tmp_path


def made_quick(line: str) -> list[str]:
    """The words of an example; where it would train for long, with the fastest of each."""
    arguments = shlex.split(line.partition(" > ")[0])[1:]
    quick = ("--detectors", "logistic_regression"), ("--seeds", "0"), ("--jobs", "1"), ("--multipliers", "1")
    for option, value in quick if arguments[0] == "evaluate" else ():
        if option in arguments:
            at = arguments.index(option)
            end = (i for i in range(at + 1, len(arguments)) if arguments[i].startswith("--"))
            del arguments[at : next(end, len(arguments))]
        arguments += [option, value]
    return arguments


@pytest.mark.parametrize("name", ["", *main.commands])
def test_every_example_runs(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its training is what takes a minute; tests/cli/test_cli_demo_command.py runs it.
    monkeypatch.setattr("nngmix.demo.run_demo", lambda *_, say, **__: say("demo") or [])
    # The pictures of a report take longer than all else; tests/test_evaluation_report.py looks at them.
    monkeypatch.setattr("nngmix.evaluation.report.pictures", lambda _: [])
    lines = examples(main.commands.get(name, main))
    # The demo has nothing to choose from, and the help of the whole shows it.
    assert lines or name == "demo"
    if name == "":
        lines = [line for line in lines if line not in examples(main.commands[line.split()[1]])]
    for line in lines:
        assert cli(made_quick(line)) == 0, (line, capsys.readouterr().err)
        told = capsys.readouterr()
        assert told.out, line
        assert re.search(r"[1-9]\d* failed", told.out) is None, line


def test_every_option_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name, command in main.commands.items():
        assert cli([name, "--help"]) == 0
        shown = capsys.readouterr().out
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.name)
                assert parameter.opts[-1] in shown


def test_help_says_what_holds_for_files_and_folders(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["augment", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for said in (
        ".csv, .tsv, .txt and .data, also with .gz",
        "float32 stays float32",
        "the index of a pandas table",
        "_manifest.json",
        "bounded memory",
        "ends in the same bytes",
        "a full disk",
        "page by page",
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a fault of nngmix, 130 stopped",
    ):
        assert said in shown, said


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--seed", "1", "--seed", "2"],
        ["demo", "-o", "a", "--output", "b"],
        ["evaluate", "mine.csv", "--label", "a", "--label", "b"],
        ["evaluate", "mine.csv", "--label", "a", "--protocol", "clean", "--protocol", "paper"],
        ["evaluate", "mine.csv", "--label", "a", "--encoding", "cp1252", "--encoding", "latin-1"],
    ],
)
def test_no_command_takes_the_last_of_two(
    folder: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli(arguments) == 2
    assert "given more than once" in capsys.readouterr().err


def test_two_options_given_twice_are_both_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["augment", "a.csv", "-o", "b", "-o", "c", "--seed", "1", "--seed", "2"]) == 2
    assert "'--output' and '--seed' are given more than once" in " ".join(capsys.readouterr().err.split())
    # A flag says the same twice.
    assert (
        cli(["augment", "none.csv", "-o", "b.csv", "--label", "y", "--anomaly", "1", "--plan", "--plan"]) == 1
    )
