"""The choices of the comparison methods are distributed as they say: tested as distributions, at fixed seeds.

The limits are such that a right implementation fails once in about 100,000 seeds.
"""

from typing import Any

import numpy as np
import pytest
from scipy import stats

import nngmix
from comparison import METHODS

RARE = 1e-5
KOLMOGOROV = float(np.sqrt(-np.log(RARE / 2) / 2))
Z = float(stats.norm.isf(RARE / 2))
N = 200_000

rng = np.random.default_rng(0)
ANOMALIES, UNLABELED = rng.random((13, 20)), rng.random((29, 20))


def plan(name: str, **parameters: Any) -> Any:
    rows = ANOMALIES[:, : parameters.pop("d", 20)], UNLABELED[:, : parameters.pop("d_unlabeled", 20)]
    return METHODS[name](*rows, N, random_state=0, return_plan=True, **parameters)[1]


def as_expected(counts: Any, chance: Any) -> bool:
    """Whether the counts are of these chances; a single outcome has no choice."""
    expected = counts.sum() * chance / chance.sum()
    return len(counts) == 1 or bool(stats.chisquare(counts, expected).pvalue > RARE)


@pytest.mark.parametrize("name", METHODS)
def test_anchors_are_uniform_and_independent_from_row_to_row(name: str) -> None:
    anchor = plan(name).anchor
    assert stats.chisquare(np.bincount(anchor, minlength=13)).pvalue > RARE
    pairs = np.bincount(anchor[1:] * 13 + anchor[:-1], minlength=169)
    assert stats.chisquare(pairs).pvalue > RARE


def test_the_anchors_of_two_methods_have_nothing_to_do_with_each_other() -> None:
    drawn = {name: plan(name).anchor for name in METHODS if "all" not in name}
    drawn["nng_mix"] = nngmix.nng_mix(
        ANOMALIES, None, N, unlabeled_fraction=0, random_state=0, return_plan=True
    )[1].anchor
    names = sorted(drawn)
    for i, first in enumerate(names):
        for second in names[:i]:
            pairs = np.bincount(drawn[first] * 13 + drawn[second], minlength=169)
            assert stats.chisquare(pairs).pvalue > RARE, (first, second)


@pytest.mark.parametrize("name", ["mixup", "mixup, all rows", "cutmix", "cutmix, all rows"])
def test_partners_are_uniform_among_all_other_rows(name: str) -> None:
    drawn = plan(name)
    n_rows = 42 if "all" in name else 13
    number = drawn.partner + 13 * drawn.unlabeled
    assert (number != drawn.anchor).all()
    assert number.max() == n_rows - 1
    together = np.bincount(drawn.anchor * n_rows + number, minlength=13 * n_rows).reshape(13, n_rows)
    others = ~np.eye(13, n_rows, dtype=bool)
    assert (together[~others] == 0).all()
    assert stats.chisquare(together[others]).pvalue > RARE


@pytest.mark.parametrize(("alpha", "beta"), [(0.2, 0.2), (0.4, 1.5), (5.0, 1.3), (1.0, 1.0)])
def test_lam_is_a_beta_variate_independent_of_the_pair(alpha: float, beta: float) -> None:
    drawn = plan("mixup, all rows", alpha=alpha, beta=beta)
    lam = np.sort(drawn.lam[drawn.lam < 1 - 1e-10])
    cdf = stats.beta(alpha, beta).cdf(lam)
    rank = np.arange(len(lam))
    distance = max(np.max((rank + 1) / N - cdf), np.max(cdf - rank / N))
    assert distance * np.sqrt(N) < KOLMOGOROV
    for groups in (drawn.anchor, drawn.partner, drawn.unlabeled):
        samples = [drawn.lam[groups == group] for group in np.unique(groups)]
        assert stats.kruskal(*samples).pvalue > RARE


@pytest.mark.parametrize("name", ["cutout", "cutmix"])
@pytest.mark.parametrize(
    ("d", "min_width", "max_width"),
    [(20, 0.1, 0.3), (20, 0.0, 1.0), (3, 0.1, 0.3), (1, 0.1, 0.3), (7, 0.5, 0.5)],
)
def test_windows_have_their_widths_and_places(name: str, d: int, min_width: float, max_width: float) -> None:
    drawn = plan(name, d=d, d_unlabeled=d, min_width=min_width, max_width=max_width)
    # Width w comes of shares from w / d to (w + 1) / d; what is below 1 counts as 1.
    edges = np.arange(d + 2) / d
    if min_width < max_width:
        chance = np.diff(np.clip((edges - min_width) / (max_width - min_width), 0, 1))
    else:
        chance = (np.arange(d + 1) == int(min_width * d)).astype(float)
    chance[1] += chance[0]
    chance[0] = 0
    counts = np.bincount(drawn.width, minlength=d + 1)
    possible = chance > 1e-12
    assert (counts[~possible] == 0).all()
    assert as_expected(counts[possible], chance[possible])
    for places in [drawn.begin] + ([drawn.origin] if name == "cutmix" else []):
        for width in np.flatnonzero(possible):
            found = np.bincount(places[drawn.width == width], minlength=d - width + 1)
            assert len(found) == d - width + 1
            assert as_expected(found, np.ones(len(found)))
    if name == "cutmix" and d == 20 and max_width == 0.3:
        narrow = drawn.width == 2
        pairs = np.bincount(drawn.begin[narrow] * 19 + drawn.origin[narrow], minlength=361)
        assert stats.chisquare(pairs).pvalue > RARE


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_noise_is_normal_and_columns_are_independent(dtype: Any) -> None:
    anomalies = ANOMALIES[:, :5].astype(dtype)
    rows, drawn = nngmix.gaussian_noise(anomalies, 40_000, noise_std=0.5, random_state=3, return_plan=True)
    standard = (rows.astype(float) - anomalies[drawn.anchor]) / 0.5
    assert stats.kstest(standard.ravel(), "norm").statistic * np.sqrt(standard.size) < KOLMOGOROV
    assert np.abs(np.corrcoef(standard.T) - np.eye(5)).max() < Z / np.sqrt(len(standard))
    # Not the noise of NNG-Mix at the same seed.
    mixed, drawn = nngmix.nng_mix(
        anomalies,
        None,
        40_000,
        noise_std=0.5,
        n_neighbors_anomaly=1,
        unlabeled_fraction=0,
        random_state=3,
        return_plan=True,
    )
    other = mixed.astype(float) - anomalies[drawn.anchor]
    correlation = np.corrcoef(standard.ravel(), other.ravel())[0, 1]
    assert abs(correlation) < Z / np.sqrt(standard.size)


def test_rows_are_distributed_like_those_of_the_published_mixup_and_noise() -> None:
    """What the published script does, in a few lines: windows are where ours differ from it on purpose."""
    n, generator = 20_000, np.random.default_rng(8)
    pool = np.concatenate([ANOMALIES, UNLABELED])[:, :3]
    anchor, partner = generator.integers(13, size=n), generator.integers(42, size=n)
    while (same := anchor == partner).any():
        partner[same] = generator.integers(42, size=same.sum())
    lam = generator.beta(0.2, 0.2, n)[:, None]
    published = {
        "mixup, all rows": lam * pool[anchor] + (1 - lam) * pool[partner],
        "gaussian_noise": pool[anchor] + generator.normal(0, 0.3, (n, 3)),
    }
    for name, theirs in published.items():
        ours = METHODS[name](ANOMALIES[:, :3], UNLABELED[:, :3], 10 * n, random_state=21)
        for direction in np.concatenate([np.eye(3), generator.standard_normal((5, 3))]):
            test = stats.ks_2samp(theirs @ direction, ours @ direction, method="asymp")
            assert test.pvalue > RARE, (name, direction, test)
