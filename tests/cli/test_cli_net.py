"""What ends a command: one line and a code, whatever it was; and what is printed for reports and shells."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from click.shell_completion import ShellComplete

import nngmix
from nngmix import _core
from nngmix.cli import main
from nngmix.cli import run as cli

LABEL = ("--label", "y", "--anomaly", "1")
HUNDREDS, THOUSANDS = "9" * 400, "9" * 5000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    lines = [f"{i % 17},{i * i % 31},{int(i % 10 == 0)}" for i in range(100)]
    Path("in.csv").write_text("\n".join(["a,b,y", *lines]))
    np.savez("t.npz", X=np.ones(3))
    return tmp_path


def one_line(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    """The line on stderr of a run that ends with a code; usage errors have more above it."""
    assert cli(arguments) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    lines = told.err.splitlines()
    assert len(lines) == 1 or code == 2
    return " ".join(lines)


@pytest.mark.parametrize("kind", [KeyError, IndexError, OverflowError, RecursionError, AssertionError])
def test_a_fault_of_ours_says_how_to_report_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    def fail(**_: Any) -> None:
        raise kind("some\nthing")

    monkeypatch.setattr(main.commands["merge"], "callback", fail)
    monkeypatch.delenv("NNGMIX_DEBUG", raising=False)
    error = one_line(capsys, 3, "merge", "a.npz", "-o", "b.npz")
    assert error.startswith(f"error: {kind.__name__}: ")
    assert "some" in error
    assert "please report it to its authors" in error
    assert "nngmix.show_versions()" in error
    monkeypatch.setenv("NNGMIX_DEBUG", "1")
    assert cli(["merge", "a.npz", "-o", "b.npz"]) == 3
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_panic_is_no_exception_and_is_caught(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Panic(BaseException):
        pass

    def fail(**_: Any) -> None:
        raise Panic("index out of bounds")

    monkeypatch.setattr(main.commands["merge"], "callback", fail)
    assert one_line(capsys, 3, "merge", "a.npz", "-o", "b.npz").startswith(
        "error: Panic: index out of bounds"
    )


@pytest.mark.parametrize(
    ("cause", "code", "told"), [(KeyboardInterrupt, 130, "stopped"), (ValueError, 1, "error: no")]
)
def test_an_import_that_ctrl_c_stops_is_stopped(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    cause: type[BaseException],
    code: int,
    told: str,
) -> None:
    # As pybind11 does for compiled modules, such as those of scikit-learn.
    def fail(**_: Any) -> None:
        raise ImportError("no") from cause()

    monkeypatch.setattr(main.commands["merge"], "callback", fail)
    assert one_line(capsys, code, "merge", "a.npz", "-o", "b.npz") == told


def test_debugging_shows_where_an_expected_error_arose(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNGMIX_DEBUG", "1")
    assert cli(["augment", "none.csv", *LABEL, "-o", "o.csv"]) == 1
    told = capsys.readouterr().err
    assert "Traceback (most recent call last)" in told
    assert told.endswith("error: none.csv: no such file\n")


@pytest.mark.parametrize("output", ["o.csv", "o/"])
@pytest.mark.parametrize(
    ("option", "value", "code", "message"),
    [
        ("-n", "1e308", 2, "amount must be 10x"),
        ("-n", HUNDREDS, 2, "n_samples must be below 1e300, got 999"),
        ("-n", THOUSANDS, 2, "n_samples must be below 1e300, got 9999999999...9999999999"),
        ("-n", "0" * 5000 + "3", 0, ""),
        ("-n", "9" * 30, 1, "rows of 2 columns need"),
        ("--n-neighbors-anomaly", "9" * 30, 0, ""),
        ("--n-threads", "9" * 30, 0, ""),
        ("-n", f"{HUNDREDS}x", 2, "multiplier must be finite"),
        ("-n", "9" * 307 + "x", 1, "rows are numbered up to 2**63"),
        ("-n", f"{HUNDREDS}%", 2, "must be finite"),
        ("--n-neighbors", "1e308", 2, "expected a count, or with a dot a multiple"),
        ("--n-neighbors", "1.0e308", 1, "--n-neighbors 1e+308 is too large a multiple of"),
        ("--n-neighbors", HUNDREDS, 1, "n_neighbors must be below 1e300"),
        ("--n-neighbors", THOUSANDS, 2, "expected a count"),
        ("--n-neighbors-anomaly", HUNDREDS, 1, "n_neighbors_anomaly must be below 1e300"),
        ("--memory", "1e308", 2, "expected a size such as 1GiB"),
        ("--memory", f"{HUNDREDS}GiB", 2, "expected a size that memory can have"),
        ("--n-threads", HUNDREDS, 1, "n_threads must be below 1e300"),
        ("--n-threads", THOUSANDS, 2, "is not a valid integer range"),
        ("--rows-per-file", HUNDREDS, 1, "--rows-per-file must be below 1e300"),
        ("--noise-std", HUNDREDS, 1, "noise_std must be finite"),
        ("--alpha", "1e308", 1, "alpha must be above 0 and at most 1e6"),
        ("--n-threads", str(2**64), 0, ""),
        ("--decimal", "\udcff", 2, r"--decimal must be one character, got '\udcff'"),
        ("--delimiter", "\udcff", 2, r"--delimiter must be one character, got '\udcff'"),
        ("--mark", "\udcff", 2, r"'--mark': a name is UTF-8, got '\udcff'"),
    ],
)
def test_numbers_that_no_machine_can_count_to(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    output: str,
    option: str,
    value: str,
    code: int,
    message: str,
) -> None:
    if option == "--rows-per-file" and output == "o.csv":
        output = "o"
    arguments = ("augment", "in.csv", *LABEL, option, value, "-o", output)
    if code == 0:
        assert cli(arguments) == 0
    else:
        assert message in one_line(capsys, code, *arguments)


@pytest.mark.parametrize("command", ["augment", "fit", "check", "plot"])
def test_a_pipe_is_not_waited_for(folder: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    os.mkfifo("pipe.csv")
    output = {"fit": "o.npz", "plot": "o.png"}.get(command, "o.csv")
    arguments = [command, "pipe.csv", *LABEL, *([] if command == "check" else ["-o", output])]
    assert cli(arguments) == 1
    told = capsys.readouterr()
    assert "pipe.csv: is a pipe, not a file: write what it gives to a file first" in told.out + told.err


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("augment", "none.csv", *LABEL), "o.csv"),
        (("fit", "none.csv", *LABEL), "o.npz"),
        (("merge", "none.npz"), "o.npz"),
        (("generate", "none.npz", "-n", "5"), "o.csv"),
        (("plot", "none.csv", *LABEL), "o.png"),
    ],
)
def test_devices_and_impossible_names_are_refused_before_any_work(
    folder: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], name: str
) -> None:
    # The inputs are not there either: had they been opened first, the message would be about them.
    os.symlink("/dev/null", name)
    assert f"{name}: cannot be written: is a device" in one_line(capsys, 1, *command, "-o", name)
    long = "x" * 300 + name
    assert f"{name}: cannot be written: File name too long" in one_line(capsys, 1, *command, "-o", long)
    strange = os.fsdecode(b"\xff") + name
    assert f"'\\udcff{name}': the name is not UTF-8" in one_line(capsys, 1, *command, "-o", strange)
    assert os.path.realpath(name) == "/dev/null"


def test_an_input_whose_name_is_not_utf_8_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"\xe4.csv")
    os.rename("in.csv", name)
    for command in ("augment", "fit"):
        output = "o.npz" if command == "fit" else "o.csv"
        error = one_line(capsys, 1, command, name, *LABEL, "-o", output)
        assert "'\\udce4.csv': the name is not UTF-8, which Arrow needs; rename it" in error
    assert cli(["check", name, "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["path"] == name
    assert "\\udce4.csv" in told.err


def test_the_version_has_the_instruction_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["--version"]) == 0
    assert capsys.readouterr().out == (
        f"nngmix, version {nngmix.__version__} (instructions {_core.instruction_set()}, random streams of "
        f"version {_core.STREAM_VERSION})\n"
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_for_shells(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert cli(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "_NNGMIX_COMPLETE" in script
    program = shutil.which(shell)
    if program is not None:
        check = subprocess.run([program, "-n"], input=script, text=True, capture_output=True, timeout=60)
        assert (check.returncode, check.stderr) == (0, "")
    assert cli(["completion", shell, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["script"] == script.rstrip("\n")


@pytest.mark.parametrize(
    ("words", "incomplete", "completed"),
    [
        ([], "", sorted(main.commands)),
        ([], "gen", ["generate"]),
        (["augment", "a.csv"], "--unl", ["--unlabeled", "--unlabeled-fraction"]),
        (["augment", "a.csv", "--scale"], "s", ["standard"]),
        (["completion"], "", ["bash", "zsh", "fish"]),
    ],
)
def test_words_are_completed(words: list[str], incomplete: str, completed: list[str]) -> None:
    found = ShellComplete(main, {}, "nngmix", "_NNGMIX_COMPLETE").get_completions(words, incomplete)
    assert sorted(item.value for item in found) == sorted(completed)


def test_names_of_files_are_left_to_the_shell() -> None:
    complete = ShellComplete(main, {}, "nngmix", "_NNGMIX_COMPLETE").get_completions
    for name, command in main.commands.items():
        options = [
            option.opts[-1]
            for option in command.params
            if isinstance(option, click.Option) and option.name in ("output", "like", "anomalies")
        ]
        for option in options:
            assert [item.type for item in complete([name, option], "a")] == ["file"], (name, option)
