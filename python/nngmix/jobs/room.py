"""Whether the labelled anomalies fit into the memory that a job was given."""

from nngmix.jobs.job import Job
from nngmix.neighbors.spec import FitSpec

__all__ = ["check_room"]


def check_room(job: Job, spec: FitSpec, n_anomalies: int) -> None:
    """MemoryError for more anomalies than can be held with their neighbours."""
    most = spec.max_anomalies
    if most is None or n_anomalies <= most:
        return
    factor = job.n_neighbors
    k = factor if isinstance(factor, int) else max(1, int(factor * n_anomalies))
    wanted = n_anomalies * (2 + 3 * k) * spec.n_features * spec.dtype.itemsize
    raise MemoryError(
        f"{n_anomalies} labelled anomalies with {k} neighbours each need {wanted / 2**30:.1f} GiB, more "
        f"than half of --memory; raise it to {2 * wanted / 2**30:.1f}GiB, or lower --n-neighbors; if "
        "these are the normal rows, see --anomaly and --unlabeled"
    )
