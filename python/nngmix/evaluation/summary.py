"""From rows of results to tables: every way against no augmentation and against plain duplication."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nngmix.evaluation.results import KEY
from nngmix.evaluation.specs import Spec
from nngmix.evaluation.statistics import DRAW, compare, holm

if TYPE_CHECKING:
    from pandas import DataFrame, Series

__all__ = ["BASELINES", "arm_name", "as_text", "failures", "frame", "gains", "per_set", "ranked", "summarize"]

# What every other method is compared with, if it was measured.
BASELINES = ("none", "duplicate", "smote")
SETTING = ["protocol", "labels", "detector"]
ARM = ["method", "amount"]
MEASURES = ("auroc", "average_precision", "precision_at_20", "precision_at_100")
_NUMBERS = (*MEASURES, "n_labeled", "n_unlabeled", "n_new", "make_seconds", "fit_seconds")


def frame(rows: Iterable[Mapping[str, str]]) -> "DataFrame":
    """The rows that were measured, with numbers as numbers; the last of those with the same key counts."""
    import pandas as pd

    table = pd.DataFrame(list(rows))
    if table.empty:
        raise ValueError("there are no results yet")
    errors = table["error"]
    table = table[errors == ""].drop_duplicates(list(KEY), keep="last")
    if table.empty:
        raise ValueError(f"every cell failed, the first with {errors.iloc[0]}")
    for name in _NUMBERS:
        table[name] = pd.to_numeric(table[name])
    table["set"] = table["group"] + "/" + table["dataset"]
    return table.reset_index(drop=True)


def failures(rows: Iterable[Mapping[str, str]]) -> "DataFrame":
    """Errors, how many cells they struck and of which sets; cells that were measured later are left out."""
    import pandas as pd

    table = pd.DataFrame(list(rows)).drop_duplicates(list(KEY), keep="last")
    failed = table[table["error"] != ""]
    listed = {name: (name, _listed) for name in ("dataset", "method", "detector")}
    counted = failed.groupby(["error", "labels"], sort=False).agg(cells=("seed", "size"), **listed)
    return counted.reset_index()


def _listed(names: "Series") -> str:
    return ", ".join(dict.fromkeys(names))


def per_set(table: "DataFrame", value: str = "auroc") -> "DataFrame":
    """Mean over seeds: one row a set, labels and detector; one column a method and amount."""
    out = table.pivot_table(index=[*SETTING, "set"], columns=ARM, values=value, aggfunc="mean", sort=False)
    return out


def gains(table: "DataFrame", baseline: str, value: str = "auroc") -> "DataFrame":
    """Gain over the baseline of each set, mean over the seeds both have; with one set, of each seed.

    Methods that make rows are compared with duplication to the same amount; the others are not.
    """
    key = [*SETTING, "set", "seed"]
    base = table[table["method"] == baseline]
    on = key if baseline == "none" else [*key, "amount"]
    both = table[table["method"] != baseline].merge(base[[*on, value]], on=on, suffixes=("", "_base"))
    both["gain"] = both[value] - both[f"{value}_base"]
    unit = "set" if table["set"].nunique() > 1 else "seed"
    grouped = both.groupby([*SETTING, *ARM, unit], sort=False)
    return grouped.agg(gain=("gain", "mean"), n_labeled=("n_labeled", "mean")).reset_index()


def summarize(table: "DataFrame") -> "DataFrame":
    """One row a setting, method and amount: means, medians and both comparisons.

    p-values are corrected by Holm's method over all tests against the same baseline. With one set they are
    left out: its splits share rows and are no independent tests.
    """
    import pandas as pd

    sets = table.groupby([*SETTING, *ARM, "set"], sort=False)[list(MEASURES)].mean()
    levels = sets.groupby([*SETTING, *ARM], sort=False).agg(["mean", "median"])
    levels.columns = [f"{value}_{kind}" for value, kind in levels.columns]
    sizes = table.groupby([*SETTING, *ARM], sort=False).agg(
        sets=("set", "nunique"), seeds=("seed", "nunique"), n_labeled=("n_labeled", "median")
    )
    out = sizes.join(levels)
    for baseline in BASELINES:
        if baseline not in set(table["method"]):
            continue
        compared = pd.DataFrame(_comparisons(table, baseline), columns=[*SETTING, *ARM, *_columns(baseline)])
        if table["set"].nunique() == 1:
            compared[f"p_{baseline}"] = math.nan
        compared[f"p_{baseline}"] = holm(compared[f"p_{baseline}"].tolist())
        out = out.join(compared.set_index([*SETTING, *ARM]))
    out = out.reset_index()
    setting = out.groupby(SETTING, sort=False).ngroup()
    return out.iloc[setting.argsort(kind="stable")].reset_index(drop=True)


def _columns(baseline: str) -> list[str]:
    names = ("n", "gain", "median_gain", "low", "high", "wins", "losses", "p")
    return [f"{name}_{baseline}" for name in names]


def _comparisons(table: "DataFrame", baseline: str) -> Iterator[list[Any]]:
    for key, group in gains(table, baseline).groupby([*SETTING, *ARM], sort=False):
        found = compare(group["gain"])
        yield [*key, *vars(found).values()]


def arm_name(method: str, amount: str) -> str:
    """A method and its amount as tables and pictures show them."""
    return method if amount == "0" else f"{Spec.parse(method)} {amount}"


def ranked(summary: "DataFrame") -> "Iterator[tuple[str, DataFrame]]":
    """For each number of labels the ways of all detectors, the best mean AUROC first."""
    columns = summary[["detector", *ARM]].itertuples(index=False, name=None)
    named = summary.assign(way=[f"{detector}, {arm_name(*arm)}" for detector, *arm in columns])
    for labels, ways in named.groupby("labels", sort=False):
        yield str(labels), ways.sort_values("auroc_mean", ascending=False, kind="stable")


def as_text(summary: "DataFrame") -> Iterator[str]:
    """The summary as lines for a terminal: all ways side by side, then gains with the sets won and lost.

    Parameters
    ----------
    summary : DataFrame
        As `write_report` gives it.

    Yields
    ------
    str
        One line.
    """
    baselines = [name for name in BASELINES if f"gain_{name}" in summary]
    unit = "sets" if (summary["sets"] > 1).any() else "splits"
    yield f"Points, mean; gains of AUROC with the {unit} won/lost by more than {100 * DRAW:g} point"
    for labels, ways in ranked(summary):
        yield ""
        yield f"{f'all ways, labels: {labels}':<64}{'AUROC':>6}{'AP':>6}{'at 20':>8}{'at 100':>8}"
        for row in ways.to_dict("records"):
            reached = [100 * row[f"{measure}_mean"] for measure in MEASURES]
            yield f"  {row['way']:<62}" + "".join(
                f"{value:>{width}.1f}" for value, width in zip(reached, (6, 6, 8, 8), strict=True)
            )
    for (_, labels, detector), group in summary.groupby(SETTING, sort=False):
        if set(group["method"]) == {"none"}:
            continue
        yield ""
        yield f"{f'{detector}, labels: {labels}':<48}{'AUROC':>6}" + "".join(
            f"{f'over {name}':>20}" for name in baselines
        )
        for row in group.to_dict("records"):
            gained = (_gained(row, name) for name in baselines)
            name = arm_name(row["method"], row["amount"])
            yield f"  {name:<46}{100 * row['auroc_mean']:>6.1f}" + "".join(f"{text:>20}" for text in gained)


def _gained(row: Mapping[str, Any], baseline: str) -> str:
    gain = row[f"gain_{baseline}"]
    if math.isnan(gain):
        return "-"
    return f"{100 * gain:+.1f} ({row[f'wins_{baseline}']:.0f}/{row[f'losses_{baseline}']:.0f})"
