"""When new rows help: the experiments behind the README's advice, their tables and their picture.

    python benches/evaluation.py run ADBENCH -o FOLDER      # all of them, resumable; --only NAME for one
    python benches/evaluation.py tables FOLDER              # into benches/results/evaluation

Detectors are trained without new rows and with those of every method, on few labels, and judged by AUROC and
average precision on unseen rows (`nngmix evaluate` does the work, and its help says how). ADBENCH holds the
folders Classical, CV_by_ResNet18 and NLP_by_BERT of the benchmark.
"""

import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from support import options
from support.document import save
from support.machine import versions

RESULTS = Path(__file__).parent / "results" / "evaluation"
LIBRARIES = ("nngmix", "numpy", "scikit-learn", "imbalanced-learn", "scipy", "jax", "optax")
TREES = "hist_gradient_boosting random_forest extra_trees"
SEEDS = "--seeds 0 1 2"
SMALL = "--max-rows 5000"
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


def tables(folder: Path, out: Path) -> None:
    from support.evidence import draw_gains, measured, read_summary, text

    out.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any] = {
        "versions": {"python": platform.python_version(), **versions(LIBRARIES)},
        "commands": {},
        "measured": {},
    }
    for name in EXPERIMENTS:
        if not (folder / name / "summary.csv").exists():
            continue
        summary = read_summary(folder / name)
        table = measured(folder / name / "results.csv", summary)
        asked = " ".join(["nngmix", *command(name, "ADBENCH")])
        about["commands"][name] = asked
        about["measured"][name] = len(table)
        summary.to_csv(out / f"{name}.csv", index=False, float_format="%.5g", lineterminator="\n")
        (out / f"{name}.md").write_text("\n".join(text(name, asked, summary, table)) + "\n")
        if name == "labels":
            draw_gains(table, out / "labels.png")
    save(about, out / "about.json")


def main() -> None:
    parser = options.parser(__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run_parser = commands.add_parser("run", help="run the experiments; killed, they go on where they were")
    run_parser.add_argument("data", help="the folder of ADBench")
    run_parser.add_argument("-o", "--output", type=Path, required=True, help="where the results go")
    run_parser.add_argument("--only", nargs="+", choices=EXPERIMENTS, default=list(EXPERIMENTS))
    run_parser.add_argument("--jobs", type=int, default=2, help="experiments run in this many processes")
    tables_parser = commands.add_parser("tables", help="make tables and picture of what was run")
    tables_parser.add_argument("folder", type=Path, help="the output folder of run")
    tables_parser.add_argument("-o", "--output", type=Path, default=RESULTS, help="where the tables go")
    arguments = parser.parse_args()
    if arguments.command == "run":
        run(arguments.data, arguments.output, arguments.only, arguments.jobs)
    else:
        tables(arguments.folder, arguments.output)


if __name__ == "__main__":
    main()
