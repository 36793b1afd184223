"""Is it worth it? Detectors trained with and without made anomalies, on benchmarks and on your data.

The way is `find_sources` -> `plan_cells` -> `run_cells` -> `read_rows` -> `write_report`; the command
``nngmix evaluate`` walks it. Start reading at `protocols`, which says what is measured.
"""

from nngmix.evaluation.cells import Cell, measure, plan_cells
from nngmix.evaluation.check import Chosen, check_extra, check_specs
from nngmix.evaluation.data import Dataset, Source, find_sources, load
from nngmix.evaluation.detector import Detector
from nngmix.evaluation.detectors import DETECTORS
from nngmix.evaluation.methods import METHODS, Method
from nngmix.evaluation.protocols import Labels, Split, split
from nngmix.evaluation.report import Report, write_report
from nngmix.evaluation.results import key_of, read_rows
from nngmix.evaluation.runner import Outcome, run_cells
from nngmix.evaluation.specs import Spec
from nngmix.evaluation.summary import as_text

__all__ = [
    "DETECTORS",
    "METHODS",
    "Cell",
    "Chosen",
    "Dataset",
    "Detector",
    "Labels",
    "Method",
    "Outcome",
    "Report",
    "Source",
    "Spec",
    "Split",
    "as_text",
    "check_extra",
    "check_specs",
    "find_sources",
    "key_of",
    "load",
    "measure",
    "plan_cells",
    "read_rows",
    "run_cells",
    "split",
    "write_report",
]
