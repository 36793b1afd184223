"""Only files are read and replaced, and only names that can be said."""

import os
import re
import socket
from pathlib import Path

import pytest

from nngmix.files.formats import expand, format_of, names_a_table
from nngmix.files.paths import check_input, check_output
from nngmix.files.reader import read_table
from nngmix.files.replace import replacing
from nngmix.files.writer import check_target


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.csv")
    os.symlink("/dev/null", "null.csv")
    os.symlink("null.csv", "twice.csv")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("socket.csv")
    Path("file.csv").write_text("a,y\n1,0\n")
    os.symlink("file.csv", "link.csv")
    os.symlink("none.csv", "broken.csv")
    os.symlink("loop.csv", "loop.csv")
    return tmp_path


KINDS = {"pipe.csv": "a pipe", "null.csv": "a device", "twice.csv": "a device", "socket.csv": "a socket"}


@pytest.mark.parametrize("name", KINDS)
def test_what_is_no_file_is_neither_read_nor_replaced(folder: Path, name: str) -> None:
    for read in (check_input, expand, lambda name: read_table(name, "y")):
        with pytest.raises(OSError, match=f"{name}: is {KINDS[name]}, not a file: write what it gives"):
            read(name)

    def replace(name: str) -> None:
        with replacing(name) as file:
            file.write(b"")

    before = sorted(os.listdir())
    for write in (check_output, check_target, replace):
        with pytest.raises(OSError, match=f"{name}: cannot be written: is {KINDS[name]}, which a file would"):
            write(name)
    assert sorted(os.listdir()) == before


def test_a_folder_or_a_pattern_does_not_pass_by_what_is_no_file(folder: Path) -> None:
    for source in (".", "*.csv"):
        with pytest.raises(OSError, match="not a file"):
            expand(source)


@pytest.mark.parametrize("name", ["file.csv", "link.csv", "broken.csv", "new.csv"])
def test_files_and_links_to_files_are_written(folder: Path, name: str) -> None:
    check_output(name)
    check_target(name)
    check_input(name)


def test_names_that_no_file_can_have(folder: Path) -> None:
    for check in (check_input, check_output):
        with pytest.raises(ValueError, match=r"'\\udcff.csv': the name is not UTF-8, which Arrow needs"):
            check(os.fsdecode(b"\xff.csv"))
        with pytest.raises(ValueError, match="no name of a file holds a null character"):
            check("a\0.csv")
    with pytest.raises(OSError, match=r"x\.csv: cannot be written: File name too long"):
        check_output("x" * 300 + "x.csv")
    with pytest.raises(OSError, match="File name too long"):
        check_output("x/" * 3000 + "x.csv")
    with pytest.raises(OSError, match=r"loop\.csv: cannot be written: Too many levels of symbolic links"):
        check_output("loop.csv")
    with pytest.raises(IsADirectoryError, match="is a directory"):
        check_output(".")


@pytest.mark.parametrize(
    "name", ["s3://bucket/x.csv", "https://host/x.parquet", "file:///x.npz", "abfs+1://x"]
)
def test_addresses_are_no_files(name: str) -> None:
    for check in (check_input, check_output, format_of, names_a_table):
        with pytest.raises(ValueError, match=f"{re.escape(name)}: is an address, .* copy it to one first"):
            check(name)


def test_pipes_of_the_shell_are_no_files() -> None:
    for check in (check_input, check_output, format_of, names_a_table):
        with pytest.raises(ValueError, match=r"not pipes: name a file, or \./-$"):
            check("-")


@pytest.mark.parametrize("letter", ["x", "\u00e9", "\U0001f600"])
def test_the_longest_name_can_be_replaced(folder: Path, letter: str) -> None:
    name = letter * (251 // len(letter.encode())) + ".csv"
    with replacing(name) as file:
        file.write(b"new")
    assert Path(name).read_bytes() == b"new"
