"""The random choices are distributed as the method says: tested as distributions, at fixed seeds.

The limits are such that a right implementation fails once in about 100,000 seeds; a wrong side of lam, a
missing root in the noise or a neighbour too many is far beyond them.
"""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import nngmix
from nngmix import _core, reference
from nngmix.parameters.seed import key_from

# The two-sided probability of what a right implementation may show.
RARE = 1e-5
# Kolmogorov's distribution at that probability: the limit of sqrt(n) D.
KOLMOGOROV = float(np.sqrt(-np.log(RARE / 2) / 2))
Z = float(stats.norm.isf(RARE / 2))


# ---- normals -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def normals() -> NDArray[np.float32]:
    made = np.empty(10_000_000, np.float32)
    _core.fill_normals(key_from(2024), 0, made)
    return made


def test_normals_follow_the_normal_distribution(normals: NDArray[np.float32]) -> None:
    ordered = np.sort(normals)
    distance = stats.ks_1samp(ordered[::1], stats.norm.cdf, method="asymp").statistic
    assert distance * np.sqrt(len(normals)) < KOLMOGOROV


def test_moments_of_normals(normals: NDArray[np.float32]) -> None:
    # E z^2m = (2m - 1)!!; the variance of the mean of z^m is (E z^2m - (E z^m)^2) / n.
    even = {0: 1, 2: 1, 4: 3, 6: 15, 8: 105, 10: 945, 12: 10395}
    power = np.ones(len(normals))
    for m in range(1, 7):
        power *= normals
        expected = even.get(m, 0)
        error = Z * np.sqrt((even[2 * m] - expected**2) / len(normals))
        assert abs(power.mean() - expected) < error, m


@pytest.mark.parametrize("beyond", [3.0, 4.0, 5.0])
def test_tails_of_normals(normals: NDArray[np.float32], beyond: float) -> None:
    for count in (np.count_nonzero(normals > beyond), np.count_nonzero(normals < -beyond)):
        probability = stats.binomtest(count, len(normals), stats.norm.sf(beyond)).pvalue
        assert probability > RARE


@pytest.mark.parametrize("lag", [1, 2, 7, 16, 32, 256, 512, 1024])
def test_normals_are_not_correlated(normals: NDArray[np.float32], lag: int) -> None:
    # A cosine and its sine are 512 apart, blocks 1024; squares show what shared radii would do.
    for values in (normals, normals * normals - 1, np.abs(normals) - np.float32(np.sqrt(2 / np.pi))):
        n = len(values) - lag
        correlation = float(np.vdot(values[:-lag], values[lag:])) / n / float(values.var())
        assert abs(correlation) < Z / np.sqrt(n)


# ---- the plan ----------------------------------------------------------------------------------------------


def plan(n: int, seed: int = 0, k: int = 10, k_anomaly: int = 8, **parameters: Any) -> nngmix.MixPlan:
    rng = np.random.default_rng(0)
    table = nngmix.NeighborTable(rng.random((23, 3)), k, k_anomaly).update(rng.random((200, 3)))
    return table.plan(0, n, random_state=seed, **parameters)


PARAMETERS = [0.05, 0.2, 0.7, 1.0, 1.3, 5.0, 20.0]


@pytest.mark.parametrize("alpha", PARAMETERS)
@pytest.mark.parametrize("beta", PARAMETERS)
def test_lam_is_a_beta_variate(alpha: float, beta: float) -> None:
    n = 200_000
    lam = np.sort(plan(n, alpha=alpha, beta=beta).lam)
    assert lam[0] >= 0
    assert lam[-1] <= 1
    expected = stats.beta(alpha, beta)
    # Where float64 has not run out of numbers below 1; the mirrored parameters see that end near 0.
    lam = lam[: np.searchsorted(lam, 1 - 1e-10)]
    rank = np.arange(len(lam))
    cdf = expected.cdf(lam)
    distance = max(np.max((rank + 1) / n - cdf), np.max(cdf - rank / n))
    assert distance * np.sqrt(n) < KOLMOGOROV


def test_the_smallest_lam_are_right_too() -> None:
    # Half of Beta(0.05, 0.05) lies below 1e-6: compare the logarithms of its lower end.
    n = 200_000
    lam = plan(n, alpha=0.05, beta=0.05).lam
    for limit in (1e-3, 1e-10, 1e-30, 1e-100):
        count = int(np.count_nonzero(lam < limit))
        assert stats.binomtest(count, n, stats.beta.cdf(limit, 0.05, 0.05)).pvalue > RARE


@pytest.mark.parametrize("unlabeled_fraction", [0.0, 0.03, 0.5, 0.8, 1.0])
def test_the_share_of_the_pools(unlabeled_fraction: float) -> None:
    n = 200_000
    count = int(plan(n, unlabeled_fraction=unlabeled_fraction).unlabeled.sum())
    if unlabeled_fraction in (0, 1):
        assert count == unlabeled_fraction * n
    else:
        assert stats.binomtest(count, n, unlabeled_fraction).pvalue > RARE


def test_anchors_neighbors_and_partners_are_uniform_and_independent() -> None:
    k, k_anomaly, n = 10, 8, 400_000
    drawn = plan(n, k=k, k_anomaly=k_anomaly, unlabeled_fraction=0.6)
    assert stats.chisquare(np.bincount(drawn.anchor, minlength=23)).pvalue > RARE
    for pool, slots in ((drawn.unlabeled, k), (~drawn.unlabeled, k_anomaly - 1)):
        together = np.zeros((23, slots))
        np.add.at(together, (drawn.anchor[pool], drawn.neighbor[pool]), 1)
        assert stats.chisquare(together.ravel()).pvalue > RARE
        # One partner for each slot, none of them the anchor.
        chosen = drawn.anchor[pool], drawn.neighbor[pool], drawn.partner[pool]
        pairs = set(zip(*(column.tolist() for column in chosen), strict=True))
        assert len(pairs) == 23 * slots
    assert (drawn.partner[~drawn.unlabeled] != drawn.anchor[~drawn.unlabeled]).all()


def test_lam_is_independent_of_the_other_choices() -> None:
    drawn = plan(400_000, alpha=0.2, beta=0.2)
    for groups in (drawn.unlabeled.astype(int), drawn.anchor, drawn.neighbor):
        samples = [drawn.lam[groups == group] for group in np.unique(groups)]
        assert stats.kruskal(*samples).pvalue > RARE
    assert abs(stats.spearmanr(drawn.lam[1:], drawn.lam[:-1]).statistic) < Z / np.sqrt(len(drawn))


def test_seeds_make_unrelated_streams() -> None:
    lam = [plan(100_000, seed=seed, alpha=1, beta=1).lam for seed in range(4)]
    for i in range(4):
        for j in range(i):
            assert abs(np.corrcoef(lam[i], lam[j])[0, 1]) < Z / np.sqrt(100_000)


def test_noise_is_independent_of_lam() -> None:
    table = nngmix.NeighborTable(np.zeros((1, 4))).update(np.zeros((10, 4)))
    rows = table.rows(0, 200_000, noise_std=1.0, random_state=6)
    lam = table.plan(0, 200_000, random_state=6).lam
    for column in rows.T:
        assert abs(stats.spearmanr(column, lam).statistic) < Z / np.sqrt(200_000)


# ---- rows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("alpha", "beta"), [(0.2, 0.2), (2.0, 5.0), (5.0, 0.5), (1.0, 1.0)])
def test_mean_and_variance_are_those_of_two_noises(alpha: float, beta: float, dtype: Any) -> None:
    """Of ``lam (a + e1) + (1 - lam) (p + e2)`` with independent e1, e2."""
    n, noise_std = 400_000, 0.8
    anchor, partner = np.array([[1.0, -2.0, 0.0, 3.0]], dtype), np.array([[3.0, -2.5, 0.0, 2.0]], dtype)
    rows = nngmix.nng_mix(
        anchor,
        partner,
        n,
        n_neighbors=1,
        noise_std=noise_std,
        alpha=alpha,
        beta=beta,
        unlabeled_fraction=1,
        random_state=17,
    ).astype(float)
    total = alpha + beta
    mean_lam, variance_lam = alpha / total, alpha * beta / (total**2 * (total + 1))
    squares = variance_lam + mean_lam**2 + variance_lam + (1 - mean_lam) ** 2
    gap = (anchor - partner)[0].astype(float)
    mean = partner[0] + mean_lam * gap
    variance = variance_lam * gap**2 + noise_std**2 * squares
    assert (np.abs(rows.mean(axis=0) - mean) < Z * np.sqrt(variance / n)).all()
    centred = (rows - mean) ** 2
    assert (np.abs(centred.mean(axis=0) - variance) < Z * centred.std(axis=0) / np.sqrt(n)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_noise_around_the_mix_is_normal_given_lam(dtype: Any) -> None:
    rng = np.random.default_rng(1)
    anomalies, unlabeled = rng.random((12, 5)).astype(dtype), rng.random((80, 5)).astype(dtype)
    table = nngmix.NeighborTable(anomalies).update(unlabeled)
    drawn = table.plan(0, 40_000, random_state=3)
    noise = table.mix(drawn, noise_std=0.5) - table.mix(drawn, noise_std=0.0).astype(float)
    standard = noise / (0.5 * np.hypot(drawn.lam, 1 - drawn.lam))[:, None]
    assert stats.kstest(standard.ravel(), "norm").statistic * np.sqrt(standard.size) < KOLMOGOROV
    correlation = np.corrcoef(standard.T) - np.eye(5)
    assert np.abs(correlation).max() < Z / np.sqrt(len(standard))


@pytest.mark.parametrize(
    ("n_neighbors", "n_neighbors_anomaly", "noise_std", "alpha", "beta"),
    [(10, 10, 0.01, 0.2, 0.2), (3, 3, 0.05, 0.5, 2.0), (2, 2, 0.3, 3.0, 1.0), (5, 12, 0.0, 1.0, 0.4)],
)
def test_rows_are_distributed_like_those_of_the_published_procedure(
    n_neighbors: int, n_neighbors_anomaly: int, noise_std: float, alpha: float, beta: float
) -> None:
    rng = np.random.default_rng(8)
    anomalies, unlabeled = rng.random((12, 3)) * [1, 2, 0.5] + 0.7, rng.random((300, 3))
    parameters: dict[str, Any] = {
        "n_neighbors": n_neighbors,
        "n_neighbors_anomaly": n_neighbors_anomaly,
        "noise_std": noise_std,
        "alpha": alpha,
        "beta": beta,
    }
    n = 20_000
    published = reference.published_nng_mix(anomalies, unlabeled, n, rng, **parameters)
    ours = nngmix.nng_mix(anomalies, unlabeled, 10 * n, random_state=21, **parameters)
    directions = np.concatenate([np.eye(3), rng.standard_normal((5, 3))])
    for direction in directions:
        test = stats.ks_2samp(published @ direction, ours @ direction, method="asymp")
        assert test.pvalue > RARE, (direction, test)
