"""What all tests share: a hypothesis profile, and two engines.

In CI the cases are always the same, so that a red run can be repeated; ``NNGMIX_FUZZ=night`` tries new ones.
"""

from collections.abc import Iterator
from pathlib import Path
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


# Rooms whose tests start engines and processes.
LONG = ("engines", "jobs", "cli", "fuzz")
# All tests of one that have its name, in their own or in that of their file, share its processes.
ENGINES = ("spark", "dask")


def engine_of(nodeid: str) -> str | None:
    return next((engine for engine in ENGINES if engine in nodeid.lower()), None)


def pytest_configure(config: pytest.Config) -> None:
    # pytest-xdist would begin with the files of most tests, and one process would end alone with long ones.
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first: engines, the tests of the whole package, then those of processes."""

    def place(item: pytest.Item) -> int:
        room = item.path.parent.relative_to(Path(__file__).parent).parts[:1]
        return 0 if engine_of(item.nodeid) else 1 if not room else 2 if room[0] in LONG else 3

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file to a process, as ``--dist loadfile`` says, but all of an engine to one, which starts it once."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class FilesAndEngines(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return engine_of(nodeid) or super()._split_scope(nodeid)

    return FilesAndEngines(config, log)


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
    """A local Spark session of two cores, in which a task may fail once."""
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
