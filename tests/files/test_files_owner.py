"""One owner of a folder: the others are told who it is, and whatever ends it frees the folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nngmix.files.owner import LOCK, owned

_OWNS = """
import os, subprocess, sys, time
from nngmix.files.owner import owned
with owned(sys.argv[1]):
    print("mine", flush=True)
"""


def start(folder: Path, then: str) -> subprocess.Popen[str]:
    """A process that owns the folder and says so."""
    process = subprocess.Popen([sys.executable, "-c", _OWNS + then, str(folder)], stdout=-1, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    return process


def test_the_folder_is_made_and_nothing_stays(tmp_path: Path) -> None:
    for _ in range(2):
        with owned(str(tmp_path / "a" / "b")):
            assert os.listdir(tmp_path / "a" / "b") == [LOCK]
        assert os.listdir(tmp_path / "a" / "b") == []


def test_a_second_owner_of_the_same_process_is_refused(tmp_path: Path) -> None:
    with owned(str(tmp_path)):
        for _ in range(2):
            with (
                pytest.raises(BlockingIOError, match=rf"another run .* process {os.getpid()} on "),
                owned(str(tmp_path)),
            ):
                pass
    with owned(str(tmp_path)):
        pass


def test_a_killed_owner_leaves_the_folder_free(tmp_path: Path) -> None:
    process = start(tmp_path, "    time.sleep(60)")
    with (
        pytest.raises(BlockingIOError, match=rf"process {process.pid} on .*; wait for it"),
        owned(str(tmp_path)),
    ):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert os.listdir(tmp_path) == [LOCK]
    with owned(str(tmp_path)):
        pass
    assert os.listdir(tmp_path) == []


def test_children_of_the_owner_own_nothing(tmp_path: Path) -> None:
    """Neither a program that it starts nor a fork keeps the folder after its death, or frees it before."""
    program = """
    subprocess.Popen(["sleep", "5"], stdout=subprocess.DEVNULL)
    if (pid := os.fork()) == 0:
        raise SystemExit
    os.waitpid(pid, 0)
    if os.fork() == 0:
        print("forked", flush=True)
    time.sleep(5)
    """
    process = start(tmp_path, program)
    assert process.stdout is not None
    assert process.stdout.readline() == "forked\n"
    assert os.listdir(tmp_path) == [LOCK]
    with pytest.raises(BlockingIOError), owned(str(tmp_path)):
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with owned(str(tmp_path)):
        pass


def test_a_planted_link_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("dear")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / LOCK).symlink_to(tmp_path / "mine")
    with pytest.raises(OSError, match="_lock: cannot be written"), owned(str(tmp_path / "out")):
        pass
    assert (tmp_path / "mine").read_text() == "dear"


def test_a_file_system_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(OSError, match=r"cannot be locked \(Operation not supported\)"), owned(str(tmp_path)):
        pass


@pytest.mark.parametrize("name", ["file", "file/in"])
def test_a_file_is_no_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(NotADirectoryError, match="is no folder, but a file or beneath one"),
        owned(str(tmp_path / name)),
    ):
        pass


def test_a_folder_whose_name_is_no_text_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the name is not UTF-8"), owned(f"{tmp_path}/out\udcff"):
        pass
    assert os.listdir(tmp_path) == []


def test_a_folder_deeper_than_any_name_is_not_made(tmp_path: Path) -> None:
    with (
        pytest.raises(OSError, match="cannot be written: File name too long"),
        owned(f"{tmp_path}/{'o/' * 2500}"),
    ):
        pass
    assert os.listdir(tmp_path) == []
