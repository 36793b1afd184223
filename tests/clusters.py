"""Dask workers and a Spark session on the loopback, as tests and benchmarks use them."""

import os
import sys
from typing import Any

__all__ = ["dask_cluster", "spark_session"]


def dask_cluster(n_workers: int) -> Any:
    """Worker processes of one thread each, without a dashboard."""
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=n_workers, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    )


def spark_session(n_cores: int, **options: str) -> Any:
    """A session of this many cores that tries a failed task once more."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "4",
        "spark.log.level": "OFF",
        **options,
    }
    builder = SparkSession.builder.master(f"local[{n_cores},2]").appName("nngmix")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
