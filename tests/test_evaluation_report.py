"""The statistics and the report: right numbers, and complete."""

import base64
import re
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nngmix.evaluation import as_text, write_report
from nngmix.evaluation.results import COLUMNS
from nngmix.evaluation.statistics import compare, holm
from nngmix.evaluation.summary import failures, frame, gains, per_set, summarize

SETS, SEEDS, LABELS, DETECTORS = 7, 2, ("1%", "10"), ("mlp", "svm")
ARMS = (("none", "0"), ("duplicate", "5x"), ("nng_mix", "5x"), ("nng_mix", "10%"))


def rows(n_sets: int = SETS) -> list[dict[str, str]]:
    """Made results: each cell has a score of its own."""
    rng = np.random.default_rng(5)
    out = []
    for i, seed, labels, (method, amount), detector in product(
        range(n_sets), range(SEEDS), LABELS, ARMS, DETECTORS
    ):
        made = {
            "group": "Classical",
            "dataset": f"set{i}",
            "checksum": "0",
            "protocol": "clean",
            "max_rows": "500",
            "min_labels": "3",
            "labels": labels,
            "seed": str(seed),
            "detector": detector,
            "method": method,
            "amount": amount,
            "auroc": repr(float(rng.uniform(0.5, 1))),
            "average_precision": repr(float(rng.uniform(0.1, 1))),
            "precision_at_20": repr(float(rng.uniform(0.1, 1))),
            "precision_at_100": repr(float(rng.uniform(0.1, 1))),
            "n_labeled": "3" if labels == "1%" else "10",
            "make_seconds": "0.1",
            "fit_seconds": "1.5",
        }
        out.append({name: made.get(name, "") for name in COLUMNS})
    return out


def failed(row: dict[str, str]) -> dict[str, str]:
    return {**row, "auroc": "", "average_precision": "", "error": "ValueError: <no> luck"}


def test_holm_by_hand() -> None:
    p = [0.01, 0.04, float("nan"), 0.03, 0.005]
    np.testing.assert_allclose(holm(p), [0.03, 0.06, np.nan, 0.06, 0.02])
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []


def test_compare_by_hand() -> None:
    values = [0.1, 0.2, -0.004, -0.3, 0.006, 0.5, 0.05]
    found = compare(values)
    assert (found.n, found.wins, found.losses, found.median) == (7, 5, 1, 0.05)
    assert found.mean == pytest.approx(sum(values) / 7)
    assert found.p == stats.wilcoxon(values).pvalue
    # The bootstrap's interval, from its definition.
    rng = np.random.default_rng(1)
    means = np.mean(rng.choice(values, (20000, 7)), axis=1)
    np.testing.assert_allclose([found.low, found.high], np.quantile(means, [0.025, 0.975]), atol=0.005)


def test_compare_of_nothing_gained_and_of_one_set() -> None:
    assert compare([0.0, 0.0]).p == 1
    assert np.isnan([compare([0.3]).p, compare([0.3]).low]).all()


def score(
    table: list[dict[str, str]], arm: tuple[str, str], labels: str, detector: str
) -> dict[str, list[float]]:
    """AUROC of each set's seeds, in the plainest way."""
    out: dict[str, list[float]] = {}
    for row in table:
        if (row["method"], row["amount"]) == arm and row["labels"] == labels and row["detector"] == detector:
            out.setdefault(row["dataset"], []).append(float(row["auroc"]))
    return out


def test_summary_against_a_plain_computation() -> None:
    table = rows()
    summary = summarize(frame(table)).set_index(["labels", "detector", "method", "amount"])
    ours = score(table, ("nng_mix", "5x"), "10", "svm")
    means = [np.mean(values) for values in ours.values()]
    row = summary.loc["10", "svm", "nng_mix", "5x"]
    assert row["auroc_mean"] == pytest.approx(np.mean(means))
    assert row["auroc_median"] == pytest.approx(np.median(means))
    assert (row["sets"], row["seeds"], row["n_labeled"]) == (SETS, SEEDS, 10)
    for baseline, arm, tests in (("none", ("none", "0"), 12), ("duplicate", ("duplicate", "5x"), 4)):
        base = score(table, arm, "10", "svm")
        gain = np.array([np.mean(ours[name]) - np.mean(base[name]) for name in ours])
        assert row[f"gain_{baseline}"] == pytest.approx(gain.mean())
        assert row[f"median_gain_{baseline}"] == pytest.approx(np.median(gain))
        assert row[f"wins_{baseline}"] == (gain > 0.005).sum()
        assert row[f"losses_{baseline}"] == (gain < -0.005).sum()
        assert summary[f"p_{baseline}"].notna().sum() == tests
        assert row[f"p_{baseline}"] >= min(1, stats.wilcoxon(gain).pvalue)
    # Nothing was duplicated to 10 %.
    assert np.isnan(summary.loc["10", "svm", "nng_mix", "10%"]["gain_duplicate"])


def test_gains_pair_what_both_have() -> None:
    """A seed that one of the two lacks says nothing about the gain."""
    table = rows()
    first = next(i for i, row in enumerate(table) if row["method"] == "none")
    lost = table[first]
    table[first] = failed(lost)
    found = gains(frame(table), "none")
    chosen = found[
        (found["set"] == "Classical/set0")
        & (found["labels"] == lost["labels"])
        & (found["detector"] == lost["detector"])
        & (found["method"] == "nng_mix")
        & (found["amount"] == "5x")
    ]
    pair = [
        score(table, arm, lost["labels"], lost["detector"]) if arm[0] == "nng_mix" else None for arm in ARMS
    ]
    ours = pair[2]["set0"][1]
    base = [
        float(row["auroc"])
        for row in table
        if row["auroc"] and row["method"] == "none" and row["dataset"] == "set0"
        if (row["labels"], row["detector"]) == (lost["labels"], lost["detector"])
    ]
    assert chosen["gain"].item() == pytest.approx(ours - base[0])


def test_what_was_measured_later_counts() -> None:
    table = rows()
    again = [failed(table[0]), *table[1:], table[0]]
    pd.testing.assert_frame_equal(
        summarize(frame(again)).sort_values(["labels", "detector", "method", "amount"], ignore_index=True),
        summarize(frame(table)).sort_values(["labels", "detector", "method", "amount"], ignore_index=True),
    )
    assert failures(again).empty


class Page(HTMLParser):
    """Text, tables and pictures of a page, and whether its tags nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.images: list[str] = []
        self.outside: list[str] = []
        self._cell: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        values = dict(attributes)
        self.outside += [values[name] for name in ("href", "src") if name in values]
        if tag == "img":
            self.images.append(self.outside.pop())
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data.strip()


def test_the_report_is_complete_and_self_contained(tmp_path: Path) -> None:
    table = rows()
    report = write_report(
        str(tmp_path), [*table, failed({**table[0], "seed": "9"})], "nngmix evaluate <here>"
    )
    assert report.path == str(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    page = Page(text)
    assert page.outside == []
    pictures = sorted(path.name for path in tmp_path.glob("*.png"))
    assert pictures == [
        f"gain-{kind}-over-{base}.png" for kind in ("by-labels", "per-set") for base in ("duplicate", "none")
    ]
    embedded = {base64.b64decode(image.partition("base64,")[2]) for image in page.images}
    assert embedded == {(tmp_path / name).read_bytes() for name in pictures}
    for detector, labels in product(DETECTORS, ("1% of the anomalies labelled", "10 labels")):
        assert text.count(f"<h3>{detector}, {labels}</h3>") == 2
    summary, sets = pd.read_csv(tmp_path / "summary.csv"), pd.read_csv(tmp_path / "per_set.csv")
    assert len(summary) == len(LABELS) * len(DETECTORS) * len(ARMS)
    assert len(sets) == len(LABELS) * len(DETECTORS) * SETS
    shown = " ".join(page.cells)
    precision = (*summary["precision_at_20_mean"], *summary["precision_at_100_mean"])
    for value in (
        *summary["auroc_mean"],
        *summary["average_precision_median"],
        *precision,
        *sets["nng_mix 5x"],
    ):
        assert f"{100 * value:.1f}" in shown
    for wins, losses in zip(summary["wins_none"].dropna(), summary["losses_none"].dropna(), strict=True):
        assert f"{wins:.0f}/{losses:.0f}" in page.cells
    assert all(f"Classical/set{i}" in page.cells for i in range(SETS))
    assert "ValueError: <no> luck" in page.cells
    assert "nngmix evaluate &lt;here&gt;" in text
    assert re.search(r"nngmix \d+\.\d+\.\d+, numpy \d", text)
    assert not re.search("nan|None|Undefined", re.sub('base64,[^"]*', "", text))


def test_the_lines_for_a_terminal() -> None:
    summary = summarize(frame(rows()))
    lines = list(as_text(summary))
    assert lines[0] == "Points, mean; gains of AUROC with the sets won/lost by more than 0.5 point"
    assert len(lines) == 1 + len(LABELS) * (2 + len(DETECTORS) * len(ARMS)) + 4 * (2 + len(ARMS))
    first = [line.split()[-4:] for line in lines[3 : 3 + len(DETECTORS) * len(ARMS)]]
    best = summary[summary["labels"] == LABELS[0]].sort_values("auroc_mean", ascending=False).iloc[0]
    measures = ("auroc", "average_precision", "precision_at_20", "precision_at_100")
    assert first[0] == [f"{100 * best[f'{measure}_mean']:.1f}" for measure in measures]
    assert first == sorted(first, key=lambda values: -float(values[0]))
    row = summary[(summary["method"] == "nng_mix") & (summary["amount"] == "5x")].iloc[0]
    shown = next(line for line in lines if line.startswith("  nng_mix 5x")).split()
    assert shown[2:] == [
        f"{100 * row['auroc_mean']:.1f}",
        f"{100 * row['gain_none']:+.1f}",
        f"({row['wins_none']:.0f}/{row['losses_none']:.0f})",
        f"{100 * row['gain_duplicate']:+.1f}",
        f"({row['wins_duplicate']:.0f}/{row['losses_duplicate']:.0f})",
    ]


def test_detectors_with_a_way_of_their_own_stand_among_all_ways_alone() -> None:
    alone = [{**row, "detector": "neighbor_score"} for row in rows() if row["method"] == "none"]
    lines = list(as_text(summarize(frame([*rows(), *alone]))))
    assert sum(line.startswith("  neighbor_score, none ") for line in lines) == len(LABELS)
    assert not any(line.startswith("neighbor_score, labels") for line in lines)


def test_one_set_is_compared_by_split_and_without_tests(tmp_path: Path) -> None:
    table = rows(n_sets=1)
    summary = summarize(frame(table))
    assert summary["p_none"].isna().all()
    assert summary["n_none"].dropna().tolist() == [SEEDS] * 12
    assert len(per_set(frame(table))) == len(LABELS) * len(DETECTORS)
    write_report(str(tmp_path), table)
    assert (tmp_path / "gain-per-split-over-none.png").exists()


def test_nothing_measured_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="every cell failed, the first with ValueError: <no> luck"):
        write_report(str(tmp_path), [failed(row) for row in rows()])
    with pytest.raises(ValueError, match="no results yet"):
        write_report(str(tmp_path), [])
