"""What all tests share: a hypothesis profile, and two engines.

In CI the cases are always the same, so that a red run can be repeated; ``NNGMIX_FUZZ=night`` tries new ones.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from fuzz_cases import AT_NIGHT, NIGHT

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "night", settings.get_profile("ci"), derandomize=False, max_examples=AT_NIGHT, print_blob=True
)
settings.load_profile("night" if NIGHT else "ci")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Two Dask workers, each a process of one thread."""
    from clusters import dask_cluster

    with dask_cluster(2) as cluster:
        yield cluster


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    """The two workers as what Dask computes with; killed ones are back before the next test."""
    from distributed import Client

    with Client(cluster) as client:
        client.wait_for_workers(2, timeout=60)
        yield client


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A local Spark session of two cores, in which a task may fail twice."""
    from clusters import spark_session

    # Small jobs: a machine that starts soon is worth more than one that becomes fast.
    session = spark_session(
        2,
        **{
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.sql.codegen.wholeStage": "false",
        },
    )
    yield session
    session.stop()
