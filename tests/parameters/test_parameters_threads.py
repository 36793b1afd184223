"""Threads of calls that do not say how many: told, by the environment, in workers, and what there is."""

import ctypes
import importlib
import multiprocessing
import os
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import joblib
import pytest
import threadpoolctl

import nngmix
from nngmix import _core
from nngmix.parameters import thread_limits


@pytest.fixture(autouse=True)
def nobody_tells(monkeypatch):
    for name in ("NNGMIX_NUM_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    nngmix.set_num_threads(None)
    yield
    nngmix.set_num_threads(None)


def in_worker(_=None):
    import nngmix

    return nngmix._core.default_threads()


def test_a_number_that_is_told_is_taken_and_taken_back():
    assert _core.default_threads() == _core.available_threads()
    assert nngmix.set_num_threads(3) == _core.available_threads()
    assert nngmix.set_num_threads(None) == 3
    assert _core.default_threads() == _core.available_threads()


@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError)])
def test_what_is_no_number_of_threads_is_refused(value, error):
    with pytest.raises(error, match="n_threads must be"):
        nngmix.set_num_threads(value)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"OMP_NUM_THREADS": "1"}, 1),
        ({"OMP_NUM_THREADS": "1,4"}, 1),
        ({"RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "2"}, 1),
        ({"NNGMIX_NUM_THREADS": "7", "OMP_NUM_THREADS": "1"}, 7),
        ({"OMP_NUM_THREADS": "100000"}, _core.available_threads()),
        ({"RAYON_NUM_THREADS": "0"}, _core.available_threads()),
        ({"NNGMIX_NUM_THREADS": "many"}, _core.available_threads()),
    ],
)
def test_the_environment(variables, expected):
    program = "import nngmix; print(nngmix._core.default_threads())"
    environment = os.environ | variables
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert int(done.stdout) == expected


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_one_in_a_worker_of_multiprocessing(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip("this system does not fork")
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        assert pool.submit(in_worker).result(60) == 1


def test_a_forked_worker_takes_the_number_that_was_told():
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system does not fork")
    nngmix.set_num_threads(5)
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
        assert pool.submit(in_worker).result(60) == 5


def test_the_limit_of_joblib_is_kept():
    with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        assert joblib.Parallel()(joblib.delayed(in_worker)(i) for i in range(2)) == [1, 1]


def test_a_quota_of_cores_is_seen():
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system does not bind processes to cores")
    program = (
        "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
        "import nngmix; print(nngmix._core.default_threads())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(done.stdout) == 1


# A control group of files that say what they are told, seen by one process alone.
CONTROL_GROUP = """
mount -t tmpfs none /sys/fs/cgroup && {files} || exit 77
echo '{line}' > "$1" && mount --bind "$1" /proc/$$/cgroup || exit 77
exec "$2" -c "import nngmix; print(nngmix._core.default_threads())"
"""


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("0::/", "cd /sys/fs/cgroup && touch cgroup.controllers && echo 150000 100000 > cpu.max"),
        (
            "1:cpu:/",
            "mkdir /sys/fs/cgroup/cpu && cd /sys/fs/cgroup/cpu && echo 100000 > cpu.cfs_quota_us && "
            "echo 100000 > cpu.cfs_period_us",
        ),
    ],
    ids=["version 2", "version 1"],
)
def test_the_quota_of_a_control_group_is_kept(tmp_path, line, files):
    if shutil.which("unshare") is None or _core.available_threads() == 1:
        pytest.skip("needs unshare, and more than one core")
    program = CONTROL_GROUP.format(line=line, files=files)
    command = ["unshare", "-rm", "sh", "-c", program, "sh", tmp_path / "cgroup", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"this system lets nobody mount: {done.stderr}")
    assert done.stdout == "1\n", done.stderr


def test_one_in_workers_that_share_the_cores():
    n_cores = joblib.cpu_count()
    found = joblib.Parallel(n_jobs=n_cores, backend="loky")(joblib.delayed(in_worker)() for _ in range(2))
    assert found == [1, 1]
    with joblib.externals.loky.ProcessPoolExecutor(1) as pool:
        assert pool.submit(in_worker).result(60) == 1


def test_threadpoolctl_sees_and_limits_them():
    nngmix.set_num_threads(3)
    (ours,) = [info for info in threadpoolctl.threadpool_info() if info["user_api"] == "nngmix"]
    assert (ours["num_threads"], ours["version"]) == (3, nngmix.__version__)
    with threadpoolctl.threadpool_limits(1):
        assert _core.default_threads() == 1
        with threadpoolctl.threadpool_limits(2, user_api="blas"):
            assert _core.default_threads() == 1
    assert _core.default_threads() == 3
    with threadpoolctl.threadpool_limits({"nngmix": 2}):
        assert _core.default_threads() == 2
    assert _core.default_threads() == 3


def test_threadpoolctl_takes_no_other_extension_for_ours(tmp_path):
    other = tmp_path / os.path.basename(_core.__file__)
    shutil.copy(_core.__file__, other)
    handle = ctypes.CDLL(str(other))
    assert hasattr(handle, "PyInit__core")
    ours = [info["filepath"] for info in threadpoolctl.threadpool_info() if info["user_api"] == "nngmix"]
    assert ours == [os.path.realpath(_core.__file__)]


def test_threadpoolctl_is_met_whenever_it_comes():
    program = (
        "import sys, nngmix\nassert 'threadpoolctl' not in sys.modules\nimport threadpoolctl\n"
        "nngmix.nng_mix\nnngmix.set_num_threads(2)\n"
        "print(sum(info['user_api'] == 'nngmix' for info in threadpoolctl.threadpool_info()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_a_half_imported_threadpoolctl_is_left_alone(tmp_path, monkeypatch):
    """Its `register` is there before what that calls: another thread may be in the midst of the import."""
    (tmp_path / "threadpoolctl.py").write_text(
        "class LibController: pass\n"
        "def register(_): raise NameError('too early')\n"
        "import nngmix\nnngmix.set_num_threads(2)\n"
        "met = []\nregister = met.append\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "threadpoolctl")
    monkeypatch.setattr(thread_limits, "_registered", False)
    module = importlib.import_module("threadpoolctl")
    assert module.met == []
    nngmix.set_num_threads(2)
    assert len(module.met) == 1
