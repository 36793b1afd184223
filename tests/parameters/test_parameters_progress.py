"""Long calls say how far they are to who asks, and nothing to anybody else."""

import logging
import sys
from functools import partial

import numpy as np
import pytest
from sklearn.base import clone

import nngmix
from nngmix import stream
from nngmix.parameters.progress import check_listeners, reported
from small_blocks import small_blocks

rng = np.random.default_rng(0)
X_ANOMALY, BLOCKS = rng.random((5, 4)) + 1, [rng.random((100, 4)) for _ in range(3)]
X = np.concatenate(BLOCKS)
LABELLED = np.concatenate([X_ANOMALY, X]), np.repeat([1, 0], [5, 300])


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


@pytest.mark.parametrize("verbose", [-1, 1.5, "yes", None])
def test_what_is_no_verbosity_is_refused(verbose):
    check_listeners(None, 2)
    check_listeners(print, np.int64(0))
    with pytest.raises(ValueError, match=f"verbose must be True or False, got {verbose!r}"):
        check_listeners(None, verbose)


def test_an_inner_call_tells_the_listeners_of_the_outer_one(capfd):
    heard = []
    with reported(lambda *said: heard.append(said), True) as outer, reported(outer, True) as inner:
        assert inner is outer
        inner("search", 3, 0)
        inner("search", 7, 9)
    assert heard == [("search", 3, 0), ("search", 7, 9)]
    assert "search: 7.00 rows" in capfd.readouterr().err


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
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("nngmix.progress", "search: 300 rows")
    ]
    caplog.clear()
    with caplog.at_level(logging.INFO, "nngmix"):
        nngmix.nng_mix(X_ANOMALY, X, 9)
    said = [record.getMessage() for record in caplog.records]
    assert said == ["search: 300 rows", "mix: 9 rows"]


def sampled(sampler, **listeners):
    return sampler(n_samples=70, random_state=0, **listeners).fit_resample(*LABELLED)


# Each long call in memory, and the stages that it tells of.
CALLS = {
    "nng_mix": (partial(nngmix.nng_mix, X_ANOMALY, X, 70, random_state=0), ["search", "mix"]),
    "nng_mix with its plan": (
        lambda **listeners: all_columns(
            *nngmix.nng_mix(X_ANOMALY, X, 70, start=5, random_state=0, return_plan=True, **listeners)
        ),
        ["search", "mix"],
    ),
    "kneighbors": (partial(nngmix.kneighbors, X_ANOMALY, X, 3), ["search"]),
    "kneighbors of many": (partial(nngmix.kneighbors, X, X, 3, exclude_self=True), ["search"]),
    "kneighbors of none": (partial(nngmix.kneighbors, X[:0], X, 3), []),
    "kneighbors of columns": (partial(nngmix.kneighbors, X_ANOMALY, np.asfortranarray(X), 3), ["search"]),
    "update": (
        lambda **listeners: vars(nngmix.NeighborTable(X_ANOMALY).update(X, **listeners).state).values(),
        ["search"],
    ),
    "NNGMix": (partial(sampled, nngmix.NNGMix), ["scale", "search", "mix"]),
    **{
        name: (partial(sampled, getattr(nngmix, name)), ["scale", "mix"])
        for name in ("Mixup", "Cutout", "CutMix", "GaussianNoise", "Duplicate")
    },
}


def all_columns(rows, plan):
    return rows, *plan.columns().values()


@pytest.fixture(params=CALLS)
def call(request, monkeypatch):
    expected = CALLS[request.param][0]()
    small_blocks(monkeypatch, 64)
    monkeypatch.setattr("nngmix.neighbors.search._HELD_VALUES", 64)
    return *CALLS[request.param], expected


def test_every_long_call_tells_how_far_it_is_and_gives_the_same_bytes(call):
    run, stages, expected = call
    heard = []
    for mine, theirs in zip(run(callback=lambda *said: heard.append(said)), expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert list(dict.fromkeys(stage for stage, _, _ in heard)) == stages
    for stage in stages:
        steps = [said[1:] for said in heard if said[0] == stage]
        assert [done for done, _ in steps] == sorted({done for done, _ in steps})
        assert len({total for _, total in steps}) == 1
        assert steps[-1][0] == steps[-1][1]
        assert len(steps) > 2


def test_every_long_call_ends_with_its_callback_and_shows_nothing_unasked(call, capfd):
    run, stages, _ = call

    class EnoughError(Exception):
        pass

    def stop(stage, done, total):
        if (stage == stages[-1]) and done > 0:
            raise EnoughError

    if stages:
        with pytest.raises(EnoughError):
            run(callback=stop)
    assert capfd.readouterr() == ("", "")
    run(verbose=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert all(stage in err for stage in stages)


def test_a_table_whose_callback_ends_the_call_is_as_it_was(monkeypatch):
    small_blocks(monkeypatch, 64)
    table = nngmix.NeighborTable(X_ANOMALY).update(X[:100])
    before = table.state

    def stop(stage, done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        table.update(X[100:], callback=stop)
    assert (table.state, table.n_seen) == (before, 100)
    assert table.update(X[100:]).n_seen == 300


def test_a_sampler_with_a_callback_is_cloned_and_searched_over():
    heard = []

    def hear(*said):
        heard.append(said)

    sampler = clone(nngmix.NNGMix(n_samples=5, callback=hear, verbose=False))
    assert sampler.callback is hear
    sampler.fit_resample(*LABELLED)
    assert heard[-1] == ("mix", 5, 5)
    with pytest.raises(
        TypeError, match="'callback' parameter of NNGMix must be a function of stage, rows done"
    ):
        nngmix.NNGMix(callback="tell me").fit_resample(*LABELLED)
