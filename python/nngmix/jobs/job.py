"""What is asked for: one augmentation of files into a folder."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from nngmix.files.csv_format import CsvFormat
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_count, check_neighbors
from nngmix.parameters.mixture import Mixture
from nngmix.rows.asked_columns import Clip, ColumnsAsked, Features, Missing
from nngmix.rows.labels import LabelRule
from nngmix.rows.scaling import scale_state
from nngmix.rows.unscaled import asked_columns

__all__ = ["Job"]

# The interpreter, Arrow and the blocks of fixed size: what a run needs before it reads anything.
_LEAST_MEMORY = 384 << 20


@dataclass(frozen=True)
class Job:
    """Inputs, output and parameters of a run; see ``nngmix augment --help`` for each.

    Attributes
    ----------
    inputs : tuple of str
        Files, folders and patterns.
    output : str
        The folder of the new rows.
    amount : Amount
    label : str or None
        Column of the labels.
    anomaly, unlabeled : tuple of str
        Labels of the anomalies and of the unlabelled rows, as the user typed them.
    anomalies : str or None
        A file of its own for the labelled anomalies: all rows of the inputs are unlabelled then.
    features : tuple of str
        The columns that are features; none means all but those that are left out.
    ignore : tuple of str
    id : str or None
        An ignored column whose values the plan shows beside the numbers of rows.
    mark : str or None
        A column to add, true for new rows.
    categorical_features : tuple of str, 'auto' or None
        Columns of categories.
    categorical_weight : float or None
        What two that differ add to a squared distance; None for 1, unless nothing is scaled.
    whole_features : tuple of str, 'auto' or None
        Columns of whole numbers.
    clip : {'unlabeled', 'anomaly', None}
        The rows whose range new rows do not leave.
    missing : {'error', 'skip', 'keep'}
    csv : CsvFormat
    scale, n_neighbors, n_neighbors_anomaly, mixture, seed, n_threads
        Parameters of the method.
    plan, with_old, rows_per_file
        What is written.
    memory : int
        Bytes to stay within.
    skip_bad : bool
        Whether files that cannot be read, or hold what cannot be used, are left out.
    """

    inputs: tuple[str, ...]
    output: str
    amount: Amount
    label: str | None = None
    anomaly: tuple[str, ...] = ()
    unlabeled: tuple[str, ...] = ()
    anomalies: str | None = None
    features: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    id: str | None = None
    mark: str | None = None
    categorical_features: Features = None
    categorical_weight: float | None = None
    whole_features: Features = "auto"
    clip: Clip | None = None
    missing: Missing = "error"
    csv: CsvFormat = field(default_factory=CsvFormat)
    seed: int | None = None
    scale: str | None = "minmax"
    n_neighbors: float = 10
    n_neighbors_anomaly: float = 10
    mixture: Mixture = field(default_factory=Mixture)
    n_threads: int | None = None
    plan: bool = False
    with_old: bool = False
    rows_per_file: int = 1_000_000
    memory: int = 2 << 30
    skip_bad: bool = False

    def __post_init__(self) -> None:
        check_count("--rows-per-file", self.rows_per_file, 1)
        # Made here, so that what is wrong is told before any work.
        _ = self.columns
        check_neighbors("n_neighbors", self.n_neighbors, 1)
        check_neighbors("n_neighbors_anomaly", self.n_neighbors_anomaly, 1)
        scale_state(self.scale, 1)
        if self.memory < _LEAST_MEMORY:
            raise ValueError(
                f"--memory must be at least {_LEAST_MEMORY >> 20} MiB, got {self.memory >> 20} MiB"
            )
        if self.anomalies is None:
            self._check_marked()
        else:
            self._check_given()

    def _check_marked(self) -> None:
        """The labelled anomalies are among the rows: some label says which they are."""
        said = self.anomaly or self.unlabeled
        if self.label is None or not said:
            missing = "--label and --anomaly" if self.label is None and not said else "--label"
            if self.label is not None:
                missing = "--anomaly, or by --unlabeled if all other values are anomalies"
            raise ValueError(
                f"which rows are the labelled anomalies? Name them by {missing}; or give their file with "
                "--anomalies"
            )
        # Made here, so that contradictions are told before any work.
        LabelRule.of(self.anomaly or None, self.unlabeled or None)

    def _check_given(self) -> None:
        """The labelled anomalies have a file of their own: labels are not read, only written."""
        if self.unlabeled:
            raise ValueError(
                "--unlabeled and --anomalies exclude each other: all rows of INPUT are unlabelled"
            )
        if (self.label is None) != (not self.anomaly):
            raise ValueError("--label and --anomaly go together: the column, and its value for new rows")
        if len(self.anomaly) > 1:
            raise ValueError(
                f"new rows carry one label where --anomalies gives a file, got {len(self.anomaly)} values of "
                "--anomaly"
            )

    @property
    def columns(self) -> ColumnsAsked:
        """What is asked for of the columns."""
        names = "categorical_features", "whole_features", "missing", "clip"
        return asked_columns(self.categorical_weight, **{name: getattr(self, name) for name in names})

    @property
    def rule(self) -> LabelRule | None:
        """Which labels mean what; None if no labels are read."""
        if self.anomalies is not None:
            return None
        return LabelRule.of(self.anomaly or None, self.unlabeled or None)

    def most_anomalies(self, n_features: int, itemsize: int) -> int:
        """How many anomalies, with their neighbours, fit into half of the memory."""
        room = self.memory / 2 / (n_features * itemsize)
        if isinstance(self.n_neighbors, int):
            return int(room / (2 + 3 * self.n_neighbors))
        # As many neighbours as a multiple of the anomalies: n (2 + 3 f n) rows.
        factor = self.n_neighbors
        return int((math.sqrt(1 + 3 * factor * room) - 1) / (3 * factor))

    def parameters(self) -> dict[str, Any]:
        """What the bytes of the output depend on, besides the inputs and the seed."""
        return {
            "label": self.label,
            "anomaly": list(self.anomaly),
            "unlabeled": list(self.unlabeled),
            "amount": [self.amount.multiplier, self.amount.share, self.amount.n_samples],
            "features": list(self.features),
            "ignore": list(self.ignore),
            "id": self.id,
            "mark": self.mark,
            "categorical_features": self.columns.categorical_features,
            "categorical_weight": self.categorical_weight,
            "whole_features": self.columns.whole_features,
            "clip": self.clip,
            "missing": self.missing,
            "csv": asdict(self.csv),
            "scale": self.scale,
            "n_neighbors": self.n_neighbors,
            "n_neighbors_anomaly": self.n_neighbors_anomaly,
            **asdict(self.mixture),
            "plan": self.plan,
            "with_old": self.with_old,
            "rows_per_file": self.rows_per_file,
            "skip_bad": self.skip_bad,
        }
