"""What is asked for: one augmentation of files into a folder."""

from dataclasses import dataclass
from typing import Any

from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_count
from nngmix.parameters.mixture import Mixture
from nngmix.rows.scaling import scale_state

__all__ = ["Job"]

# The interpreter, Arrow and the blocks of fixed size: what a run needs before it reads anything.
_LEAST_MEMORY = 384 << 20


@dataclass(frozen=True)
class Job:
    """Inputs, output and parameters of a run; see ``nngmix augment --help`` for each."""

    inputs: tuple[str, ...]
    output: str
    label: str | None
    anomaly: str | None
    anomalies: str | None
    amount: Amount
    ignore: tuple[str, ...] = ()
    seed: int | None = None
    scale: str | None = "minmax"
    n_neighbors: float = 10
    n_neighbors_anomaly: float = 10
    noise_std: float = 0.01
    alpha: float = 0.2
    beta: float = 0.2
    unlabeled_fraction: float = 0.5
    n_threads: int | None = None
    plan: bool = False
    with_old: bool = False
    rows_per_file: int = 1_000_000
    memory: int = 2 << 30
    skip_bad: bool = False

    def __post_init__(self) -> None:
        Mixture(self.noise_std, self.alpha, self.beta, self.unlabeled_fraction)
        check_count("--rows-per-file", self.rows_per_file, 1)
        scale_state(self.scale, 1)
        if self.memory < _LEAST_MEMORY:
            raise ValueError(
                f"--memory must be at least {_LEAST_MEMORY >> 20} MiB, got {self.memory >> 20} MiB"
            )
        if self.anomalies is None and (self.label is None or self.anomaly is None):
            missing = "--label and --anomaly" if self.label is None else "--anomaly"
            raise ValueError(
                f"which rows are the labelled anomalies? Name them by {missing}, or give their file with "
                "--anomalies"
            )
        if (self.label is None) != (self.anomaly is None):
            raise ValueError("--label and --anomaly go together: the column, and its value for new rows")
        if self.label is not None and self.label in self.ignore:
            raise ValueError(f"{self.label!r} is the label, it cannot be ignored")

    def parameters(self) -> dict[str, Any]:
        """What the bytes of the output depend on, besides the inputs and the seed."""
        return {
            "label": self.label,
            "anomaly": self.anomaly,
            "amount": [self.amount.multiplier, self.amount.share, self.amount.n_samples],
            "ignore": list(self.ignore),
            "scale": self.scale,
            "n_neighbors": self.n_neighbors,
            "n_neighbors_anomaly": self.n_neighbors_anomaly,
            "noise_std": self.noise_std,
            "alpha": self.alpha,
            "beta": self.beta,
            "unlabeled_fraction": self.unlabeled_fraction,
            "plan": self.plan,
            "with_old": self.with_old,
            "rows_per_file": self.rows_per_file,
            "skip_bad": self.skip_bad,
        }
