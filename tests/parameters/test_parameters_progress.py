"""Long calls say how far they are to who asks, and nothing to anybody else."""

import logging
import sys

import numpy as np
import pytest

from nngmix import stream
from nngmix.parameters.progress import reported

rng = np.random.default_rng(0)
X_ANOMALY, BLOCKS = rng.random((5, 4)) + 1, [rng.random((100, 4)) for _ in range(3)]


def test_a_callback_hears_each_stage_and_changes_nothing():
    heard = []
    table = stream.fit(X_ANOMALY, BLOCKS, scale="minmax", callback=lambda *said: heard.append(said))
    first = [("scale", 100, 0), ("scale", 200, 0), ("scale", 300, 0)]
    assert heard == [*first, ("search", 100, 300), ("search", 200, 300), ("search", 300, 300)]
    expected = stream.fit(X_ANOMALY, BLOCKS, scale="minmax")
    assert np.array_equal(table.rows(0, 9, random_state=0), expected.rows(0, 9, random_state=0))


def test_an_exception_in_a_callback_ends_the_call():
    def stop(*_):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        stream.fit(X_ANOMALY, BLOCKS, callback=stop)


def test_what_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="callback must be a function of stage"):
        stream.fit(X_ANOMALY, BLOCKS, callback=7)


def test_nothing_is_shown_unless_asked_for(capfd):
    stream.fit(X_ANOMALY, BLOCKS)
    assert capfd.readouterr() == ("", "")
    with reported(None, False) as report:
        assert report is None


def test_a_bar_is_shown_on_request(capfd):
    stream.fit(X_ANOMALY, BLOCKS, scale="minmax", verbose=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "scale" in err
    assert "search" in err


def test_without_tqdm_a_line_for_each_stage_is_shown(capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    stream.fit(X_ANOMALY, BLOCKS, scale="minmax", verbose=True)
    assert capfd.readouterr() == ("", "nngmix: scale\nnngmix: search\n")


def test_the_stages_are_logged(caplog):
    with caplog.at_level(logging.INFO, "nngmix"):
        stream.fit(X_ANOMALY, BLOCKS)
    assert [record.getMessage() for record in caplog.records] == ["search: 300 rows"]
