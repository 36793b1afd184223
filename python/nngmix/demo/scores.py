"""The scores as a table, as verdicts and as numbers in a file."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import numpy as np

from nngmix.demo.measure import WAYS, Score

__all__ = ["grouped", "table_lines", "values_of", "verdicts", "write_results"]


def grouped(scores: list[Score]) -> dict[tuple[str, str, str], list[Score]]:
    """Scores of all seeds by detector, amount and way, in the order of the printed table."""
    groups: dict[tuple[str, str, str], list[Score]] = {}
    for score in sorted(scores, key=lambda score: score.detector):
        groups.setdefault((score.detector, score.amount, score.way), []).append(score)
    return groups


def table_lines(scores: list[Score]) -> Iterator[str]:
    """The results as a table; the best of each detector and column is starred."""
    groups = grouped(scores)
    yield f"{'':<24}{'rows added':>10}  {'AUROC':<22}{'average precision':<22}{'augment':>8}{'fit':>8}"
    detector = ""
    for (name, amount, way), group in groups.items():
        if name != detector:
            yield name
            detector = name
        rivals = [others for key, others in groups.items() if key[0] == name]
        cells = [_cell(group, rivals, field) for field in ("auroc", "average_precision")]
        seconds = [
            np.mean([getattr(score, f) for score in group]) for f in ("augment_seconds", "fit_seconds")
        ]
        label = way if way == WAYS[0] else f"{way}, {amount}"
        yield (
            f"  {label:<22}{group[0].n_added:>10,}  {cells[0]:<22}{cells[1]:<22}"
            f"{seconds[0]:>6.2f} s{seconds[1]:>6.2f} s"
        )


def _cell(group: list[Score], rivals: list[list[Score]], field: str) -> str:
    values = values_of(group, field)
    best = max(np.mean(values_of(rival, field)) for rival in rivals)
    star = "*" if round(float(np.mean(values)), 3) == round(float(best), 3) else " "
    return f"{np.mean(values):.3f}{star} ({min(values):.3f}-{max(values):.3f})"


def values_of(group: list[Score], field: str) -> list[float]:
    return [getattr(score, field) for score in group]


def verdicts(scores: list[Score]) -> Iterator[str]:
    """For each detector, NNG-Mix against the honest rival: plain copies, to the same amount."""
    groups = grouped(scores)
    for name, amount in dict.fromkeys((key[0], key[1]) for key in groups if key[2] != WAYS[0]):
        ours, copies = (np.array(values_of(groups[name, amount, way], "auroc")) for way in (WAYS[2], WAYS[1]))
        gain = float(ours.mean() - copies.mean())
        if abs(gain) < 0.005:
            verdict = "level with"
        else:
            verdict = f"{'better' if gain > 0 else 'WORSE'} by {abs(gain):.3f} AUROC than"
        ahead = f"ahead in {(ours > copies).sum()} of {len(ours)} runs"
        yield f"{name}, {amount}: NNG-Mix is {verdict} duplicates ({ahead})"


def write_results(path: str, scores: list[Score], first: dict[str, list[int]]) -> None:
    """Every score as JSON, and the anomalies among the first rows, with the versions that made them."""
    import sklearn

    from nngmix import __version__

    about = {"nngmix": __version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__}
    with open(path, "w", encoding="utf-8") as file:
        told = {"versions": about, "scores": [asdict(score) for score in scores], "first_rows": first}
        json.dump(told, file, indent=1)
