"""What a folder of new rows withstands: two runs at once, damaged state, inputs that change, many files."""

import copy
import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nngmix.cli import run as cli
from nngmix.files.owner import owned
from nngmix.jobs import Job, run
from nngmix.jobs.manifest import MANIFEST, Manifest
from nngmix.jobs.manifest_content import digest
from nngmix.parameters.amount import Amount

N_ROWS = 120
STATE = ("_table.npz", "_anomalies.arrow", "_ids.arrow")


def write_inputs(folder: Path, seed: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    for i in range(2):
        odd = (np.arange(N_ROWS) % 30 == i).astype(int)
        columns = {"a": rng.random(N_ROWS), "b": rng.random(N_ROWS), "odd": odd}
        pq.write_table(pa.table({**columns, "id": np.arange(N_ROWS) + i * N_ROWS}), folder / f"{i}.parquet")
    return folder


def job(source: Path, output: Path, **more: Any) -> Job:
    asked = {"rows_per_file": 20, "seed": 1, "id": "id", "plan": True, **more}
    amount = Amount(n_samples=asked.pop("n", 60))
    return Job((str(source),), str(output), amount, "odd", ("1",), **asked)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def edited(path: Path) -> None:
    """Other values in as many bytes, with the time of modification that the file had."""
    about = os.stat(path)
    content = path.read_bytes()
    path.write_bytes(content)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_inputs(tmp_path_factory.mktemp("job") / "in")


@pytest.fixture(scope="module")
def whole(source: Path) -> Path:
    run(job(source, source.parent / "whole"))
    return source.parent / "whole"


# ---- Two runs at once --------------------------------------------------------------------------------------


def test_of_several_runs_at_once_one_writes(source: Path, whole: Path, tmp_path: Path) -> None:
    meeting, found, refused = threading.Barrier(3), [], []

    def one(seed: int) -> None:
        meeting.wait()
        try:
            run(job(source, tmp_path / "out", seed=seed), resume=seed == 1)
            found.append(seed)
        except OSError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=one, args=(seed,)) for seed in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert all("another run of nngmix writes there" in text or "holds a run" in text for text in refused)
    made = contents(tmp_path / "out")
    run(job(source, tmp_path / "alone", seed=found[0]))
    assert made == contents(tmp_path / "alone")


def test_the_owner_is_named_in_one_line(source: Path, whole: Path, tmp_path: Path, capsys: Any) -> None:
    shutil.copytree(whole, tmp_path / "out")
    before = contents(tmp_path / "out")
    arguments = ["augment", str(source), "-o", str(tmp_path / "out"), "--label", "odd", "--anomaly", "1"]
    with owned(str(tmp_path / "out")):
        for more in ([], ["--resume"]):
            assert cli([*arguments, *more]) == 1
            error = capsys.readouterr().err
            assert error.startswith(f"error: {tmp_path}/out: another run of nngmix writes there: process ")
            assert error.count("\n") == 1
    assert contents(tmp_path / "out") == before


# ---- Damaged state -----------------------------------------------------------------------------------------


def mutations(content: Any) -> Iterator[tuple[str, Any]]:
    """The content with each of its parts left out or replaced."""
    for path in list(_paths(content)):
        for value in ("x", -1, None, True, [], {}, "../../etc", 10**30):
            changed = copy.deepcopy(content)
            at = changed
            for step in path[:-1]:
                at = at[step]
            if at[path[-1]] != value:
                at[path[-1]] = value
                yield f"{path} = {value}", changed
        changed = copy.deepcopy(content)
        at = changed
        for step in path[:-1]:
            at = at[step]
        del at[path[-1]]
        yield f"{path} left out", changed


def _paths(content: Any) -> Iterator[tuple[Any, ...]]:
    steps = content.items() if isinstance(content, dict) else enumerate(content)
    for step, value in steps:
        yield (step,)
        if isinstance(value, dict | list):
            for rest in _paths(value):
                yield (step, *rest)


@pytest.mark.parametrize("signed", [False, True])
def test_every_mutation_of_a_manifest_is_refused(
    source: Path, whole: Path, tmp_path: Path, signed: bool
) -> None:
    """Also one whose checksum fits, unless it changes a value alone: then it says what another run would."""
    told = json.loads((whole / MANIFEST).read_text())
    n_refused = n_all = 0
    asked = job(source, tmp_path)
    identities = _identities(asked)
    for name, changed in mutations(told):
        if signed and "sha256" in changed:
            changed["sha256"] = digest(changed)
        (tmp_path / MANIFEST).write_text(json.dumps(changed))
        n_all += 1
        try:
            manifest = Manifest.begin(asked, identities, True)
        except ValueError:
            n_refused += 1
        else:
            assert signed, name
            manifest.whole_files()
    assert n_all > 300
    assert n_refused == n_all or (signed and n_refused > 0.8 * n_all)


def _identities(asked: Job) -> Any:
    from nngmix.jobs.inputs import Inputs

    return Inputs(asked).identities


def test_every_byte_of_a_manifest(source: Path, whole: Path, tmp_path: Path) -> None:
    content = (whole / MANIFEST).read_bytes()
    asked = job(source, tmp_path)
    identities = _identities(asked)
    expected = Manifest.begin(job(source, whole), identities, True).content
    rng = np.random.default_rng(0)
    for at in rng.choice(len(content), 300, replace=False):
        flipped = bytearray(content)
        flipped[at] ^= 1 << int(rng.integers(8))
        for damaged in (bytes(flipped), content[:at]):
            (tmp_path / MANIFEST).write_bytes(damaged)
            try:
                found = Manifest.begin(asked, identities, True).content
            except ValueError:
                continue
            # Blanks between the members.
            assert found == expected, at


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"format": ' + "9" * 5000 + "}", "[]", "null", '{"format": 3}']
)
def test_what_is_no_manifest(source: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(ValueError, match=r"_manifest\.json: is not a manifest of nngmix"):
        run(job(source, tmp_path), resume=True)


def test_a_pipe_is_no_manifest(source: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / MANIFEST)
    with pytest.raises(ValueError, match="it is no file"):
        run(job(source, tmp_path), resume=True)


@pytest.mark.parametrize("name", STATE)
@pytest.mark.parametrize("how", ["gone", "cut", "flipped", "pipe"])
def test_damaged_state_is_named(source: Path, whole: Path, tmp_path: Path, name: str, how: str) -> None:
    shutil.copytree(whole, tmp_path / "out")
    (tmp_path / "out" / "part-00001.parquet").unlink()
    path = tmp_path / "out" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    if how == "pipe":
        os.mkfifo(path)
    elif how != "gone":
        path.write_bytes(content if how == "flipped" else content[:-1])
    with pytest.raises(ValueError, match=f"{name}: is missing or not as this run saved it"):
        run(job(source, tmp_path / "out"), resume=True)


def test_a_run_of_the_format_before_is_gone_on_with(source: Path, whole: Path, tmp_path: Path) -> None:
    """It has no checksums of its state, which is made again; files that are whole stay."""
    shutil.copytree(whole, tmp_path / "out")
    told = json.loads((whole / MANIFEST).read_text())
    del told["sha256"], told["state"]
    for item in told["inputs"]:
        del item["changed_ns"]
    told |= {"format": 2, "status": "making", "files": told["files"][:2], "table": {"name": "_table.npz"}}
    (tmp_path / "out" / MANIFEST).write_text(json.dumps(told))
    (tmp_path / "out" / "_anomalies.arrow").write_bytes(b"damaged")
    stands = os.stat(tmp_path / "out" / "part-00001.parquet")
    outcome = run(job(source, tmp_path / "out"), resume=True)
    assert outcome.resumed
    assert outcome.made_before == 2
    assert os.stat(tmp_path / "out" / "part-00001.parquet").st_mtime_ns == stands.st_mtime_ns
    assert contents(tmp_path / "out") == contents(whole)


# ---- Inputs that change ------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", [("scale", 0), ("scale", 1), ("scale", 2), ("search", 1)])
@pytest.mark.parametrize("skip_bad", [False, True])
def test_an_input_edited_during_the_search(tmp_path: Path, when: tuple[str, int], skip_bad: bool) -> None:
    source = write_inputs(tmp_path / "in")

    def edit(stage: str, done: int, total: int) -> None:
        if (stage, done) == when:
            edited(source / "1.parquet")

    with pytest.raises(OSError, match=r"1\.parquet: was changed since it was first read"):
        run(job(source, tmp_path / "out", skip_bad=skip_bad), callback=edit)
    assert not list((tmp_path / "out").glob("part-*"))
    assert json.loads((tmp_path / "out" / MANIFEST).read_text())["status"] == "searching"
    # Begun again, it is a run of the files as they are now.
    run(job(source, tmp_path / "out"))


def test_an_input_edited_before_a_resume(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in")
    run(job(source, tmp_path / "out"))
    edited(source / "0.parquet")
    with pytest.raises(ValueError, match=r"inputs changed: .*0\.parquet"):
        run(job(source, tmp_path / "out"), resume=True)


def test_an_old_file_edited_before_it_is_copied(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in")

    def edit(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("mix", 1):
            edited(source / "1.parquet")

    asked = job(source, tmp_path / "out", with_old=True, plan=False)
    with pytest.raises(OSError, match=rf"^{source}/1\.parquet: was changed"):
        run(asked, callback=edit)
    assert not (tmp_path / "out" / "old-00001.parquet").exists()


def test_anomalies_edited_during_the_search(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in")
    apart = tmp_path / "anomalies.parquet"
    pq.write_table(pq.read_table(source / "0.parquet", columns=["a", "b", "id"]).slice(0, 5), apart)
    asked = Job((str(source),), str(tmp_path / "out"), Amount(n_samples=9), anomalies=str(apart), id="id",
                ignore=("odd",), plan=True)  # fmt: skip

    def edit(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("search", 2):
            edited(apart)

    with pytest.raises(OSError, match=r"anomalies\.parquet: was changed"):
        run(asked, callback=edit)


# ---- Leftovers and many files ------------------------------------------------------------------------------


def test_leftovers_of_a_killed_run_are_cleaned(source: Path, whole: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name in (MANIFEST, *STATE, "part-00000.parquet"):
        (tmp_path / "out" / f".{name}.x_1a2b3c.part").write_bytes(b"half")
    (tmp_path / "out" / "_lock").write_text("process 1")
    run(job(source, tmp_path / "out"))
    assert contents(tmp_path / "out") == contents(whole)
    # What is not ours is no leftover.
    (tmp_path / "mine").mkdir()
    for name in (f".{MANIFEST}.x_1a2b3c.part", "film.part"):
        (tmp_path / "mine" / name).write_bytes(b"half")
    with pytest.raises(FileExistsError, match="is not empty"):
        run(job(source, tmp_path / "mine"))
    assert len(contents(tmp_path / "mine")) == 2


def test_a_run_that_was_stopped_knows_its_files_by_the_journal(
    source: Path, whole: Path, tmp_path: Path
) -> None:
    class StopError(Exception):
        pass

    def stop(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("mix", 2):
            raise StopError

    for damage in (b"", b"\n", b"half a li", b"0123456789abcdef {}\n"):
        out = tmp_path / str(len(damage))
        with pytest.raises(StopError):
            run(job(source, out), callback=stop)
        assert json.loads((out / MANIFEST).read_text())["files"] == []
        with open(out / "_files.log", "ab") as journal:
            journal.write(damage)
        outcome = run(job(source, out), resume=True)
        assert outcome.made_before == 2
        assert contents(out) == contents(whole)


def test_the_manifest_is_not_written_for_each_file(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saves = []
    save = Manifest.save
    monkeypatch.setattr(Manifest, "save", lambda self: (saves.append(1), save(self))[1])
    run(job(source, tmp_path / "out", n=60, rows_per_file=1))
    assert len(list((tmp_path / "out").glob("part-*"))) == 60
    assert len(saves) < 6


@pytest.mark.parametrize("n", [100_001, 300_000_000])
def test_absurd_numbers_of_files_are_refused_at_once(source: Path, tmp_path: Path, n: int) -> None:
    with pytest.raises(
        ValueError, match=rf"are {n} files, .* GiB .* give --rows-per-file {-(-n // 100_000)} or more"
    ):
        run(job(source, tmp_path / "out", n=n, rows_per_file=1))
    assert not (tmp_path / "out").exists()
