"""The experiments behind the README's advice: run them, and make their tables and picture.

    python benches/evaluation.py run ADBENCH -o FOLDER      # all of them, resumable; --only NAME for one
    python benches/evaluation.py tables FOLDER              # into benches/results/evaluation

ADBENCH holds the folders Classical, CV_by_ResNet18 and NLP_by_BERT of the benchmark.
"""

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from nngmix.evaluation import read_rows
from nngmix.evaluation.plots import gain_by_labels
from nngmix.evaluation.statistics import compare, holm
from nngmix.evaluation.summary import ARM, SETTING, arm_name, frame, gains, per_set

RESULTS = Path(__file__).parent / "results" / "evaluation"
TREES = "hist_gradient_boosting random_forest extra_trees"
SEEDS = "--seeds 0 1 2"
SMALL = "--max-rows 5000"
MORE = (("10%", "10x"), ("30%", "10%"), ("100%", "10%"))
EMBEDDINGS = ("CV_by_ResNet18", "NLP_by_BERT")

# Folders of the benchmark and what `nngmix evaluate` is asked.
EXPERIMENTS: dict[str, tuple[tuple[str, ...], str]] = {
    "paper": (
        ("Classical",),
        "--protocol paper --methods none duplicate gaussian_noise cutmix:partners=all mixup:partners=all "
        f"nng_mix --detectors mlp --ratios 1.0 0.1 --multipliers 5 {SEEDS}",
    ),
    "paper_deepsad": (
        ("Classical",),
        "--protocol paper --methods none duplicate nng_mix --detectors deepsad deepsad:pretrain=False "
        f"--ratios 0.1 --multipliers 5 {SEEDS}",
    ),
    "clean": (
        ("Classical",),
        f"--methods none class_weight duplicate smote nng_mix --detectors {TREES} mlp logistic_regression "
        f"--ratios 0.1 --labels 10 --multipliers 10 10% {SEEDS} {SMALL}",
    ),
    "clean_embeddings": (
        EMBEDDINGS,
        "--methods none class_weight duplicate smote nng_mix nng_mix:noise_std=0.3 "
        f"--detectors {TREES} mlp logistic_regression --ratios 0.1 --labels 10 --multipliers 10% "
        f"{SEEDS} --max-rows 2000",
    ),
    "paper_embeddings": (
        EMBEDDINGS,
        "--protocol paper --methods none duplicate gaussian_noise:noise_std=0.3 nng_mix:noise_std=0.3 "
        f"--detectors mlp --ratios 1.0 0.1 --multipliers 5 {SEEDS}",
    ),
    "labels": (
        ("Classical",),
        f"--methods none class_weight duplicate smote nng_mix --detectors {TREES} mlp logistic_regression "
        f"--ratios 0.1 --labels 10 20 40 --multipliers 10% {SEEDS} {SMALL}",
    ),
    "amounts": (
        ("Classical",),
        f"--methods none nng_mix --detectors {TREES} --ratios 0.1 --labels 10 "
        f"--multipliers 10 10% 30% 100% {SEEDS} {SMALL}",
    ),
}


def command(name: str, data: str) -> list[str]:
    folders, options = EXPERIMENTS[name]
    return ["evaluate", *(f"{data}/{folder}" for folder in folders), *options.split()]


def run(data: str, folder: Path, names: list[str], jobs: int) -> None:
    for name in names:
        extra = ["--jobs", str(jobs), "-o", str(folder / name)]
        print("==", name, flush=True)
        subprocess.run([sys.executable, "-m", "nngmix", *command(name, data), *extra], check=True)


def tables(folder: Path) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any] = {"versions": versions(), "commands": {}, "measured": {}}
    for name in EXPERIMENTS:
        if not (folder / name / "summary.csv").exists():
            continue
        summary = pd.read_csv(folder / name / "summary.csv", dtype={"labels": str, "amount": str})
        table = measured(folder / name / "results.csv", summary)
        about["commands"][name] = " ".join(["nngmix", *command(name, "ADBENCH")])
        about["measured"][name] = len(table)
        summary.to_csv(RESULTS / f"{name}.csv", index=False, float_format="%.5g", lineterminator="\n")
        (RESULTS / f"{name}.md").write_text("\n".join(text(name, summary, table)) + "\n")
        if name == "labels":
            gain_by_labels(gains(table, "none"), "no augmentation").savefig(RESULTS / "labels.png", dpi=110)
    (RESULTS / "about.json").write_text(json.dumps(about, indent=1) + "\n")


def measured(path: Path, summary: pd.DataFrame) -> pd.DataFrame:
    """The measurements in the order of the command, which that of the lines in the file is not."""
    key = [*SETTING, *ARM]
    order = {arm: i for i, arm in enumerate(summary[key].itertuples(index=False, name=None))}
    table = frame(read_rows(str(path)))
    table["order"] = [order.get(arm, -1) for arm in table[key].itertuples(index=False, name=None)]
    return table[table["order"] >= 0].sort_values("order", kind="stable", ignore_index=True)


def versions() -> dict[str, str]:
    names = ("nngmix", "numpy", "scikit-learn", "imbalanced-learn", "scipy", "jax", "optax")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def text(name: str, summary: pd.DataFrame, table: pd.DataFrame) -> Iterator[str]:
    """Tables in Markdown: levels, gains over each baseline, and what more rows bring."""
    yield f"# {name}\n\n`nngmix {' '.join(command(name, 'ADBENCH'))}`\n"
    yield "In points, mean (median) over sets of the mean over seeds; gains in AUROC, paired by set: won/lost"
    yield "by more than half a point, Wilcoxon p after Holm's correction over the column.\n"
    bases = [base for base in ("none", "duplicate", "smote") if f"gain_{base}" in summary]
    yield (
        "| detector | labels | method | sets | AUROC | AP | " + " | ".join(f"over {b}" for b in bases) + " |"
    )
    yield "|---" * (6 + len(bases)) + "|"
    for _, row in summary.iterrows():
        cells = [
            row["detector"],
            row["labels"],
            arm_name(row["method"], row["amount"]),
            row["sets"],
            *(
                f"{100 * row[f'{v}_mean']:.1f} ({100 * row[f'{v}_median']:.1f})"
                for v in ("auroc", "average_precision")
            ),
            *(gain(row, base) for base in bases),
        ]
        yield "| " + " | ".join(map(str, cells)) + " |"
    found = list(more_rows(table))
    if found:
        yield "\nMore rows:\n"
        yield "| detector | labels | method | amount | gain | w/l | p |\n|---|---|---|---|---|---|---|"
        corrected = holm([p for *_, p in found])
        for (*cells, _), p in zip(found, corrected, strict=True):
            yield "| " + " | ".join(map(str, [*cells, small(p)])) + " |"


def gain(row: pd.Series, base: str) -> str:
    if pd.isna(row[f"gain_{base}"]):
        return "–"
    return (
        f"{100 * row[f'gain_{base}']:+.1f} ({100 * row[f'median_gain_{base}']:+.1f}), "
        f"{row[f'wins_{base}']:.0f}/{row[f'losses_{base}']:.0f}, {small(row[f'p_{base}'])}"
    )


def more_rows(table: pd.DataFrame) -> Iterator[tuple[str, str, str, str, str, str, float]]:
    sets = per_set(table)
    for method, (more, fewer) in product(dict.fromkeys(table["method"]), MORE):
        if not {(method, more), (method, fewer)} <= set(sets.columns):
            continue
        difference = (sets[method, more] - sets[method, fewer]).dropna()
        for (_, labels, detector), values in difference.groupby(SETTING, sort=False):
            c = compare(values)
            mean = f"{100 * c.mean:+.1f} ({100 * c.median:+.1f})"
            yield detector, labels, method, f"{more} over {fewer}", mean, f"{c.wins}/{c.losses}", c.p


def small(p: float) -> str:
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0") if p < 1 else "1"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run")
    running.add_argument("data")
    running.add_argument("-o", "--output", type=Path, required=True)
    running.add_argument("--only", nargs="+", choices=EXPERIMENTS, default=list(EXPERIMENTS))
    running.add_argument("--jobs", type=int, default=2)
    making = commands.add_parser("tables")
    making.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "run":
        run(arguments.data, arguments.output, arguments.only, arguments.jobs)
    else:
        tables(arguments.folder)


if __name__ == "__main__":
    main()
