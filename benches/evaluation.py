"""When new rows help: the experiments behind the README's advice, their tables and their picture.

    python benches/evaluation.py run ADBENCH -o FOLDER      # resumable; --only NAME for one
    python benches/evaluation.py run ADBENCH -o FOLDER --only few_labels paper_grid     # a night each
    python benches/evaluation.py tables FOLDER              # into benches/results/evaluation

Detectors are trained without new rows and with those of every method, on few labels, and judged by AUROC and
average precision on unseen rows (`nngmix evaluate` does the work, and its help says how). ADBENCH holds the
folders Classical, CV_by_ResNet18 and NLP_by_BERT of the benchmark.
"""

import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from support import options
from support.document import save
from support.experiments import EXPERIMENTS, PAGES, chosen
from support.machine import versions

RESULTS = Path(__file__).parent / "results" / "evaluation"
ONLY = f"{', '.join(dict.fromkeys(name.partition('/')[0] for name in EXPERIMENTS))}, or a part of a grid"
LIBRARIES = ("nngmix", "numpy", "scikit-learn", "imbalanced-learn", "scipy", "jax", "optax")


def command(name: str, data: str) -> list[str]:
    sets, options = EXPERIMENTS[name]
    return ["evaluate", *(f"{data}/{part}" for part in sets), *options.split()]


def run(data: str, folder: Path, names: list[str], jobs: int) -> None:
    for name in chosen(names):
        extra = ["--jobs", str(jobs), "-o", str(folder / name)]
        print("==", name, flush=True)
        subprocess.run([sys.executable, "-m", "nngmix", *command(name, data), *extra], check=True)


def tables(folder: Path, out: Path) -> None:
    from support import few_labels, paper_grid
    from support.evidence import draw_gains, measured, read_summary, results, text

    out.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any] = {
        "versions": {"python": platform.python_version(), **versions(LIBRARIES)},
        "commands": {},
        "measured": {},
    }

    def add(name: str, asked: dict[str, str], table: Any, summary: Any, page: Iterable[str]) -> None:
        about["commands"].update(asked)
        about["measured"][name] = len(table)
        summary.to_csv(out / f"{name}.csv", index=False, float_format="%.5g", lineterminator="\n")
        (out / f"{name}.md").write_text("\n".join(page) + "\n")

    for name in EXPERIMENTS:
        if "/" in name or not (folder / name / "summary.csv").exists():
            continue
        summary = read_summary(folder / name)
        table = measured(folder / name / "results.csv", summary)
        asked = {name: " ".join(["nngmix", *command(name, "ADBENCH")])}
        add(name, asked, table, summary, text(name, asked[name], summary, table))
        if name == "labels":
            draw_gains(table, out / "labels.png")
    for name, grids in PAGES.items():
        parts = [
            part for grid in grids for part in chosen([grid]) if (folder / part / "results.csv").exists()
        ]
        if not parts:
            continue
        kind = few_labels if name.startswith("few_labels") else paper_grid
        table = kind.read(results(folder / part / "results.csv" for part in parts))
        asked = {part: " ".join(["nngmix", *command(part, "ADBENCH")]) for part in parts}
        add(name, asked, table, kind.levels(table), kind.text(name, list(asked.values()), table))
    save(about, out / "about.json")


def main() -> None:
    parser = options.parser(__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run_parser = commands.add_parser("run", help="run the experiments; killed, they go on where they were")
    run_parser.add_argument("data", help="the folder of ADBench")
    run_parser.add_argument("-o", "--output", type=Path, required=True, help="where the results go")
    run_parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help=ONLY)
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
