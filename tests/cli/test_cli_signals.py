"""A signal that ends the process leaves nothing half written, as Ctrl-C does."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from nngmix.cli import run as cli
from nngmix.cli.signals import Terminated, ended_by_signals

ROWS = "a,b,odd\n" + "".join(f"{i},{i % 7},{int(i < 4)}\n" for i in range(40))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("output", ["more.csv", "out"])
def test_a_signal_while_a_file_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, number: signal.Signals, output: str
) -> None:
    (tmp_path / "in.csv").write_text(ROWS)
    monkeypatch.setattr(os, "fsync", lambda _: signal.raise_signal(number))
    arguments = ["augment", str(tmp_path / "in.csv"), "-o", str(tmp_path / output)]
    assert cli([*arguments, "--label", "odd", "--anomaly", "1", "-n", "9"]) == 128 + number
    assert capsys.readouterr().err == "stopped\n"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["in.csv"]
    assert signal.getsignal(number) is signal.SIG_DFL


def test_signals_that_are_ignored_or_handled_stay_so(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_by_signals():
            signal.raise_signal(signal.SIGHUP)
            with pytest.raises(Terminated, match="SIGTERM"):
                signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_in_another_thread_signals_are_left_alone() -> None:
    found = []

    def work() -> None:
        with ended_by_signals():
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.SIG_DFL]
