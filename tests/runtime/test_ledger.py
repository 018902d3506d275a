"""The ledger: what a dead run has left is removed, and nothing else."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sysv_ipc

from ipcviz.mechanisms import libc, sysv
from ipcviz.runtime import ledger
from ipcviz.runtime.ledger import Entry, Ledger
from ipcviz.runtime.request import MARK

DEAD_PID = 1 << 22  # one more than the largest pid that Linux gives
NAME = f"ipcviz-test-{os.getpid()}-ledger"
RUN = f"{DEAD_PID}-abc{os.getpid()}"


@pytest.fixture
def dead(own_runtime: Path) -> Callable[..., Path]:
    """Write the ledger of a run whose supervisor is gone."""

    def written(*entries: dict[str, Any], name: str = RUN, tail: str = "", **header: Any) -> Path:
        folder = own_runtime / name
        folder.mkdir(parents=True)
        first = {"run": name, "pid": DEAD_PID, "start": 1, "boot": ledger.boot_id(), **header}
        lines = [json.dumps(line) + "\n" for line in (first, *entries)]
        (folder / "ledger.jsonl").write_text("".join(lines) + tail)
        return folder

    return written


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing until its input ends."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def make_all() -> None:
    """One object of each kind that a ledger can list."""
    os.close(os.open(f"/dev/shm/{NAME}", os.O_CREAT | os.O_EXCL, 0o600))
    os.close(libc.mq_create(f"/{NAME}", 1, 64))
    libc.NamedSemaphore(f"/{NAME}", create=1).close()


def what_is_there() -> set[str]:
    """Which of them there are."""
    there = set()
    if os.path.exists(f"/dev/shm/{NAME}"):
        there.add("shm")
    if os.path.exists(f"/dev/shm/sem.{NAME}"):
        there.add("posix-sem")
    try:
        os.close(libc.mq_open(f"/{NAME}", os.O_RDONLY))
        there.add("posix-mq")
    except FileNotFoundError:
        pass
    return there


@pytest.fixture
def objects() -> Iterator[None]:
    make_all()
    yield
    for remove in (
        lambda: os.unlink(f"/dev/shm/{NAME}"),
        lambda: libc.mq_unlink(f"/{NAME}"),
        lambda: libc.sem_unlink(f"/{NAME}"),
    ):
        try:
            remove()
        except FileNotFoundError:
            continue


def kinds(entries: list[Entry]) -> list[str]:
    return [entry.kind for entry in entries]


ALL = {"shm", "posix-mq", "posix-sem"}
LISTED = [{"kind": kind, "name": NAME, "start": 0} for kind in sorted(ALL)]


def test_a_dead_run_is_found_and_cleaned(dead: Any, own_runtime: Path, objects: None) -> None:
    folder = dead(*LISTED)
    (run,) = ledger.dead_runs()
    assert run.folder == folder
    assert {entry.kind for entry in run.entries} == ALL
    assert what_is_there() == ALL
    assert {entry.kind for entry in ledger.still_there(run)} == ALL | {"list"}
    assert what_is_there() == ALL, "asking removes nothing"
    assert {entry.kind for entry in ledger.clean(run)} == ALL | {"list"}
    assert what_is_there() == set()
    assert not own_runtime.exists()
    assert ledger.dead_runs() == []


def test_only_what_was_still_there_is_told(dead: Any) -> None:
    dead(*LISTED)
    (run,) = ledger.dead_runs()
    assert ledger.clean(run) == [Entry("list", str(run.folder))]


@pytest.mark.parametrize(
    "header",
    [{"start": 1, "pid": 1}, {"boot": "another boot", "pid": os.getpid()}, {"pid": "x"}, {"pid": None}],
)
def test_a_run_is_dead_if_its_pid_is_another_process_now(dead: Any, header: dict[str, Any]) -> None:
    dead(**header)
    assert len(ledger.dead_runs()) == 1


def test_a_run_of_another_pid_namespace_is_left_to_those_who_can_see_it(dead: Any) -> None:
    dead(namespace="pid:[1]")
    assert ledger.dead_runs() == []


def test_a_living_run_is_left_alone(dead: Any, objects: None) -> None:
    dead(*LISTED, name="1-living", pid=os.getpid(), start=ledger.start_time(os.getpid()))
    assert ledger.dead_runs() == []
    dead()
    (run,) = ledger.dead_runs()
    ledger.clean(run)
    assert ledger.dead_runs() == []
    assert (ledger.base_folder() / "1-living" / "ledger.jsonl").exists()
    assert what_is_there() == ALL


@pytest.mark.parametrize(
    "tail", ['{"kind": "sh', "{", '"', "\n\n", '["shm", "x"]\n', "null\n", '{"name": "x"}\n']
)
def test_a_last_line_that_was_torn_is_passed_over(dead: Any, objects: None, tail: str) -> None:
    dead(*LISTED, tail=tail)
    (run,) = ledger.dead_runs()
    assert len(run.entries) == 3
    ledger.clean(run)
    assert what_is_there() == set()


def test_only_names_that_ipcviz_gives_are_removed(dead: Any, tmp_path: Path) -> None:
    other = f"not-ours-{os.getpid()}"
    path = Path("/dev/shm") / other
    path.touch()
    try:
        dead({"kind": "shm", "name": other}, {"kind": "shm", "name": f"../..{tmp_path}/victim"})
        (tmp_path / "victim").touch()
        (run,) = ledger.dead_runs()
        assert kinds(ledger.clean(run)) == ["list"]
        assert path.exists()
        assert (tmp_path / "victim").exists()
    finally:
        path.unlink()


def test_a_kind_that_is_not_known_is_left(dead: Any, objects: None) -> None:
    dead({"kind": "later", "name": NAME})
    (run,) = ledger.dead_runs()
    assert kinds(ledger.clean(run)) == ["list"]
    assert what_is_there() == ALL


def test_a_worker_that_is_still_there_is_killed(dead: Any, sleeper: Any) -> None:
    start = ledger.start_time(sleeper.pid)
    dead({"kind": "process", "name": str(sleeper.pid), "start": start})
    (run,) = ledger.dead_runs()
    assert ledger.clean(run) == [
        Entry("process", str(sleeper.pid), start),
        Entry("list", str(run.folder)),
    ]
    assert sleeper.wait() == -9


@pytest.mark.parametrize("change", [{"start": 1}, {"start": 0}, {"start": None}])
def test_a_pid_that_was_given_to_another_process_is_left_alone(
    dead: Any, sleeper: Any, change: dict[str, Any]
) -> None:
    dead({"kind": "process", "name": str(sleeper.pid), "start": ledger.start_time(sleeper.pid), **change})
    (run,) = ledger.dead_runs()
    assert kinds(ledger.clean(run)) == ["list"]
    assert sleeper.poll() is None


def test_a_process_of_before_the_restart_is_not_even_looked_at(
    dead: Any, sleeper: Any, objects: None
) -> None:
    start = ledger.start_time(sleeper.pid)
    dead({"kind": "process", "name": str(sleeper.pid), "start": start}, *LISTED, boot="another boot")
    (run,) = ledger.dead_runs()
    assert {entry.kind for entry in run.entries} == ALL
    ledger.clean(run)
    assert sleeper.poll() is None
    assert what_is_there() == set()


def test_the_start_time_of_a_process(sleeper: Any) -> None:
    start = ledger.start_time(sleeper.pid)
    assert start is not None
    assert start >= (ledger.start_time(os.getpid()) or 0)
    assert ledger.start_time(DEAD_PID) is None
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert ledger.start_time(sleeper.pid) is None, "a process that only waits to be reaped has ended"


# ---- a run's own list ----------------------------------------------------------------------------------


def test_what_a_run_writes_down_is_there_at_once(own_runtime: Path) -> None:
    run = Ledger("7-abc")
    run.add(Entry("shm", NAME))
    run.add(Entry("process", "12", 34))
    lines = [json.loads(line) for line in (own_runtime / "7-abc" / "ledger.jsonl").read_text().splitlines()]
    made_after = lines[1].pop("start")
    assert abs(made_after - time.time()) < 60
    assert lines == [
        {
            "run": "7-abc",
            "pid": os.getpid(),
            "start": ledger.start_time(os.getpid()),
            "boot": ledger.boot_id(),
            "namespace": ledger.pid_namespace(),
        },
        {"kind": "shm", "name": NAME},
        {"kind": "process", "name": "12", "start": 34},
    ]
    assert ledger.dead_runs() == [], "this run lives"
    assert stat.S_IMODE(own_runtime.stat().st_mode) == 0o700
    run.close()
    assert not own_runtime.exists()


def test_what_is_made_as_a_second_begins_is_the_runs_own(own_runtime: Path) -> None:
    """The kernel writes down the second before, until its next tick."""
    run = Ledger("7-abc")
    begin = int(time.time()) + 1
    while time.time() < begin:
        continue  # a sleep would end too late
    run.add(Entry("sysv-mq", NAME))
    sysv_ipc.MessageQueue(sysv.key_of(NAME), sysv_ipc.IPC_CREX)
    try:
        run.close()
        assert sysv.row_of("sysv-mq", sysv.key_of(NAME)) is None
    finally:
        sysv.remove("sysv-mq", NAME, 0)


def test_two_runs_share_the_folder(own_runtime: Path) -> None:
    first, second = Ledger("1-a"), Ledger("2-b")
    first.close()
    assert (own_runtime / "2-b").is_dir()
    second.close()
    assert not own_runtime.exists()


def test_a_run_of_that_name_is_there_already(own_runtime: Path) -> None:
    first = Ledger("1-a")
    with pytest.raises(FileExistsError):
        Ledger("1-a")
    first.close()


def test_without_a_runtime_directory_the_temporary_folder_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger.tempfile, "gettempdir", lambda: str(tmp_path))
    for value in (None, "", str(tmp_path / "nothing")):
        if value is None:
            monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        else:
            monkeypatch.setenv("XDG_RUNTIME_DIR", value)
        assert ledger.base_folder() == tmp_path / f"ipcviz-{os.getuid()}"


def test_a_folder_of_somebody_elses_is_refused(own_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_runtime.mkdir()
    other = os.getuid() + 1
    monkeypatch.setattr(ledger.os, "getuid", lambda: other)
    with pytest.raises(PermissionError, match="belongs to somebody else; set XDG_RUNTIME_DIR"):
        Ledger("1-a")
    assert ledger.dead_runs() == []
    assert list(own_runtime.iterdir()) == []


def test_a_link_in_place_of_the_folder_is_refused(own_runtime: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "run").mkdir(parents=True)
    own_runtime.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        Ledger("1-a")
    assert ledger.dead_runs() == []


def test_folders_that_are_no_runs_are_left_alone(own_runtime: Path) -> None:
    for name in ("empty", "7", "x-y", "-x", f"{os.getpid()}-young"):
        (own_runtime / name).mkdir(parents=True)
    (own_runtime / "7-file").touch()
    assert ledger.dead_runs() == []


def test_a_run_that_died_before_its_first_line_is_found(own_runtime: Path) -> None:
    (own_runtime / RUN).mkdir(parents=True)
    (run,) = ledger.dead_runs()
    assert kinds(ledger.clean(run)) == ["list"]
    assert not own_runtime.exists()


def test_what_a_worker_has_started_carries_the_mark_and_goes_too(dead: Any) -> None:
    mark = RUN.partition("-")[2]
    command = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        subprocess.Popen(command, env={**os.environ, MARK: mark}, **pipes) as marked,
        subprocess.Popen(command, env={**os.environ, MARK: mark + "x"}, **pipes) as other,
    ):
        for process in (marked, other):
            process.stdout.readline()  # it has its own environment from now on
        dead()
        (run,) = ledger.dead_runs()
        start = ledger.start_time(marked.pid)
        assert ledger.clean(run) == [
            Entry("process", str(marked.pid), start),
            Entry("list", str(run.folder)),
        ]
        assert marked.wait() == -9
        assert other.poll() is None
        other.kill()


def test_what_was_made_only_by_half_goes_with_the_list(own_runtime: Path, objects: None) -> None:
    run = Ledger("7-abc")
    for entry in LISTED:
        run.add(Entry(str(entry["kind"]), NAME))
    run.add(Entry("process", str(os.getpid()), ledger.start_time(os.getpid())))
    run.close()
    assert what_is_there() == set()
    assert not own_runtime.exists()


def test_no_runs_at_all(own_runtime: Path) -> None:
    assert ledger.dead_runs() == []
    assert not own_runtime.exists()
