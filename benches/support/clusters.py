"""Dask workers and a Spark session on the loopback."""

import os
import sys
from typing import Any

from distributed import LocalCluster

SPARK = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.log.level": "OFF",
}


def dask_cluster(n_workers: int) -> LocalCluster:
    """Worker processes of one thread each, without a dashboard."""
    return LocalCluster(
        n_workers=n_workers, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    )


def spark_session(n_cores: int) -> Any:
    """A session of this many cores."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[{n_cores},3]").appName("nngmix")
    for name, value in SPARK.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
