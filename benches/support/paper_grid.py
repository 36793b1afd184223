"""Tables of the published experiment: gains by group beside those of the paper's abstract."""

from collections.abc import Iterator

import pandas as pd

from nngmix.evaluation.statistics import compare, holm
from nngmix.evaluation.summary import ARM, SETTING, gains
from support.evidence import small

# "Up to", AUROC points over nothing (arXiv 2311.11961).
CLAIMED = {"Classical": 16.4, "CV_by_ResNet18": 8.8, "NLP_by_BERT": 8.0}
ABOUT = """\
Gains in AUROC points over nothing, mean over sets. *Best* and *mean* are over detectors, labelled shares and
amounts, as the abstract's "up to" is: a best of many is a lucky one as well.
"""
GAINS = """
Mean AUROC (median); gain: mean (median), sets won/lost by more than half a point, Wilcoxon p after Holm's
correction over the table.
"""


def read(table: pd.DataFrame) -> pd.DataFrame:
    """The measurements as they are."""
    return table


def levels(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each group, labelled share, detector, method and amount: AUROC, and the gain over nothing."""
    key = ["group", *SETTING, *ARM]
    sets = table.groupby([*key, "set"], sort=False)["auroc"].mean()
    reached = sets.groupby(key, sort=False).agg(["mean", "median"])
    parts = []
    for group, part in table.groupby("group", sort=False):
        for arm, found in gains(part, "none").groupby([*SETTING, *ARM], sort=False):
            c = compare(found["gain"])
            parts.append([group, *arm, c.n, c.mean, c.median, c.wins, c.losses, c.p])
    columns = [*key, "sets", "gain", "median_gain", "wins", "losses", "p"]
    compared = pd.DataFrame(parts, columns=columns)
    compared["p"] = holm(compared["p"].tolist())
    return reached.join(compared.set_index(key)).reset_index()


def text(name: str, commands: list[str], table: pd.DataFrame) -> Iterator[str]:
    """The whole page in Markdown."""
    found = levels(table)
    made = found[found["method"] != "none"]
    yield f"# {name}\n"
    yield from (f"`{command}`\n" for command in commands)
    yield ABOUT
    yield "| group | abstract: up to | method | best: gain, where | mean |\n|---|---|---|---|---|"
    for (group, method), part in made.groupby(["group", "method"], sort=False):
        best = part.loc[part["gain"].idxmax()]
        where = f"{best['detector']}, {best['labels']}, {best['amount']}"
        yield (
            f"| {group} | {CLAIMED.get(str(group), '–')} | {method} | {100 * best['gain']:+.1f}, {where} "
            f"| {100 * part['gain'].mean():+.1f} |"
        )
    yield GAINS
    yield "| group | labels | detector | method | amount | AUROC | gain | p |\n" + "|---" * 8 + "|"
    for row in found.sort_values(["group", "labels", "detector"], kind="stable").to_dict("records"):
        gain = "–"
        if row["method"] != "none":
            won = f"{row['wins']:.0f}/{row['losses']:.0f}"
            gain = f"{100 * row['gain']:+.1f} ({100 * row['median_gain']:+.1f}), {won}"
        cells = [*(row[k] for k in ("group", "labels", "detector", "method", "amount"))]
        cells += [f"{100 * row['mean']:.1f} ({100 * row['median']:.1f})", gain, small(row["p"])]
        yield "| " + " | ".join(map(str, cells)) + " |"
