"""Arrays at the boundary."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nngmix.rows import arrays
from nngmix.rows.arrays import check_apart, check_memory, check_out, check_room, frozen


def test_arrays_that_are_kept_are_aligned_and_read_only() -> None:
    raw = np.frombuffer(b"x" + np.arange(3.0).tobytes(), np.uint8)[1:].view(np.float64)
    assert not raw.flags.aligned
    got = frozen({"a": raw, "b": (raw, 3), "c": "text"})
    assert got["a"].flags.aligned
    assert got["a"].tolist() == [0, 1, 2]
    assert got["b"][0].flags.aligned
    assert not any(array.flags.writeable for array in (got["a"], got["b"][0], frozen(np.arange(3))))
    assert (got["b"][1], got["c"]) == (3, "text")


def test_room_is_asked_for_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    dtype = np.dtype(np.float32)
    assert check_out(None, 3, 2, dtype).shape == (3, 2)
    out = np.empty((3, 2), dtype)
    assert check_out(out, 3, 2, dtype) is out
    monkeypatch.setattr(arrays.os, "sysconf", lambda name: 1 << 13)
    most = (1 << 26) // 8
    with pytest.raises(MemoryError, match=rf"={most + 1} rows of 2 columns need .* in parts with start, or"):
        check_room(most + 1, 2, dtype, "start")
    check_room(most, 2, dtype, "start")
    with pytest.raises(MemoryError, match=r"these need 0\.1 GiB, this machine has 0\.1 GiB; do less"):
        check_memory("these", (1 << 26) + 1, "do less")


def test_the_limit_of_the_process_counts_where_it_is_the_lower(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limits of processes")
    monkeypatch.setattr(arrays.os, "sysconf", lambda name: 1 << 16)
    for limit, said in ((3 << 30, "this process may use 3.0 GiB"), (-1, "this machine has 4.0 GiB")):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limit=limit: (limit, limit))
        check_memory("these", 3 << 30, "do less")
        with pytest.raises(MemoryError, match=rf"these need 5\.0 GiB, {said}; do less"):
            check_memory("these", 5 << 30, "do less")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (5 << 30, 5 << 30))
    with pytest.raises(MemoryError, match="this machine has"):
        check_memory("these", 5 << 30, "do less")


@pytest.mark.parametrize("wrap", [lambda mapped: mapped, np.asarray, lambda mapped: np.asarray(mapped)[1:]])
def test_two_maps_of_one_file_share_memory(wrap: Any, tmp_path: Path) -> None:
    for name in ("one.npy", "other.npy"):
        np.save(tmp_path / name, np.zeros((20, 3)))
    (tmp_path / "link.npy").symlink_to(tmp_path / "one.npy")
    source, other, again, link = (
        np.load(tmp_path / name, mmap_mode="r+") for name in ("one.npy", "other.npy", "one.npy", "link.npy")
    )
    for out in (again[:5], link, source[10:]):
        with pytest.raises(
            ValueError, match="out shares memory with X_anomaly, which its rows are made from"
        ):
            check_apart(out, X_unlabeled=None, X_anomaly=wrap(source))
    check_apart(other, X_anomaly=wrap(source))
    # Parts of one map have addresses that say all; arrays of a process have no file.
    check_apart(source[:5], X_anomaly=source[5:])
    check_apart(np.zeros((5, 3)), X_anomaly=wrap(source))
    check_apart(None, X_anomaly=source)


def test_an_output_with_a_mask_is_refused() -> None:
    with pytest.raises(TypeError, match="out must be a NumPy array, got MaskedArray"):
        check_out(np.ma.zeros((2, 3)), 2, 3, np.dtype(np.float64))
