"""Files are there whole or not at all, and a disk that refuses is named."""

import errno
import os

import pytest

from nngmix.files.replace import replacing, writing


def test_a_file_takes_its_name_at_the_end(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with replacing(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failure_leaves_nothing(tmp_path):
    def fail():
        with replacing(tmp_path / "a.bin") as file:
            file.write(b"half")
            raise KeyError("no more")

    with pytest.raises(KeyError, match="no more"):
        fail()
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_named_with_the_way_out():
    with (
        pytest.raises(OSError, match=r"x\.bin: cannot be written: .*make room, then go on with --resume"),
        writing("x.bin"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(OSError, match=r"x\.bin: cannot be written: Permission denied$"), writing("x.bin"):
        raise OSError(errno.EACCES, "Permission denied")
