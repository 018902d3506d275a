"""Nothing is left, whichever way a run ends: no process, no shared memory, no queue, no folder.

The fixture `ipcviz` looks for all of it after each test; here are the ways to end.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

BUSY = ("run", "bounded_buffer", "--json")
KINDS = ("pipe", "unix-stream", "posix-mq", "shm")
MOSTLY = [  # what has a name in the system is looked at each time, the others now and then
    *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("pipe", "unix-stream")),
    *("posix-mq", "shm"),
]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("mechanism", ["posix-mq", "shm"])
def test_a_signal_ends_it_in_order(ipcviz, number, mechanism) -> None:
    run = ipcviz.start(*BUSY, "-m", mechanism)
    run.started()
    run.send(number)
    result = run.end()
    assert (result.status, result.err) == (128 + number, "")
    assert all(process["exit"] == 0 for process in result.summary["processes"])
    for channel in result.summary["channels"]:
        assert channel["sent"] == channel["received"] + channel["in_flight"]


def test_a_signal_to_everybody_at_the_keyboard(ipcviz) -> None:
    """Ctrl+C goes to the whole foreground group."""
    run = ipcviz.start(*BUSY, process_group=0)
    run.started()
    os.killpg(run.process.pid, signal.SIGINT)
    result = run.end()
    assert (result.status, result.err) == (128 + signal.SIGINT, "")
    assert result.summary["processes"]


def test_nohup_is_respected(ipcviz) -> None:
    run = ipcviz.start(*BUSY, program=["nohup", *ipcviz.program])
    run.started()
    run.send(signal.SIGHUP)
    later = run.events[-1]["t"] + 300_000_000
    run.until(lambda event: event["type"] == "frame" and event["t"] > later)
    run.send(signal.SIGTERM)
    assert run.end().status == 128 + signal.SIGTERM


DEADLY = [*((kind, signal.SIGKILL) for kind in KINDS), ("shm", signal.SIGQUIT), ("posix-mq", signal.SIGSEGV)]


@pytest.mark.parametrize(("mechanism", "number"), DEADLY)
def test_the_command_is_killed(ipcviz, until, gone, mechanism, number) -> None:
    run = ipcviz.start(*BUSY, "-m", mechanism)
    workers = run.started()
    run.send(number)
    until(lambda: all(map(gone, [run.supervisor, *workers.values()])))
    until(lambda: not ipcviz.left_behind())


VICTIMS = [("pipe", "producer"), ("pipe", "consumer"), ("unix-stream", "consumer")] + [
    (mechanism, victim)
    for mechanism in ("posix-mq", "shm")
    for victim in ("producer 1", "producer 2", "consumer")
]


@pytest.mark.parametrize(("mechanism", "victim"), VICTIMS)
def test_a_worker_is_killed(ipcviz, victim, mechanism) -> None:
    chosen = ("--set", "producers=1") if mechanism in ("pipe", "unix-stream") else ()
    run = ipcviz.start(*BUSY, "-m", mechanism, *chosen)
    workers = run.started()
    os.kill(workers[victim], signal.SIGKILL)
    ended = run.until_type("process_exited", process=victim)
    assert (ended["exit"], ended["signal"], ended["failed"]) == (None, signal.SIGKILL, True)
    finding = run.until_type("finding_raised", kind="failed process", key=f"failed:{victim}")
    assert victim in finding["sentence"]
    assert "SIGKILL" in finding["sentence"]
    if victim in ("producer 1", "producer 2"):
        run.until(lambda event: event["type"] == "frame" and event["t"] > ended["t"])
        run.send(signal.SIGTERM)
        assert run.end().status == 128 + signal.SIGTERM
    else:
        result = run.end()
        assert result.status == 1
        states = {process["name"]: process["signal"] for process in result.summary["processes"]}
        assert states[victim] == signal.SIGKILL


def test_a_worker_is_killed_with_a_lock_in_its_hand(ipcviz) -> None:
    demo = ipcviz.demo(
        """
        import time
        def build():
            topology = Topology("locks")
            lock = topology.lock("the lock")
            topology.process("holder", hold, lock)
            topology.process("waiter", wait, lock)
            return topology
        def hold(lock):
            with lock: time.sleep(1000)
        def wait(lock):
            time.sleep(0.3)
            with lock: pass
        """
    )
    run = ipcviz.start("run", demo, "--json")
    workers = run.started()
    run.until_type("lock", process="waiter", action="waited")
    os.kill(workers["holder"], signal.SIGKILL)
    finding = run.until_type("finding_raised", kind="failed process")
    assert "the lock" in finding["sentence"]
    run.send(signal.SIGINT)
    assert run.end().status == 128 + signal.SIGINT


@pytest.mark.parametrize("mechanism", MOSTLY)
def test_the_supervisor_is_killed(ipcviz, until, gone, mechanism) -> None:
    run = ipcviz.start(*BUSY, "-m", mechanism)
    workers = run.started()
    os.kill(run.supervisor, signal.SIGKILL)
    result = run.end()
    assert result.status == 1
    assert result.err == "ipcviz: The supervisor was killed by signal 9.\n"
    assert result.summary["topology"] == "bounded_buffer"
    assert {process["name"] for process in result.summary["processes"]} == set(workers)
    until(lambda: all(map(gone, workers.values())))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_gentler_signal_to_the_supervisor(ipcviz, number) -> None:
    run = ipcviz.start(*BUSY)
    run.started()
    os.kill(run.supervisor, number)
    if number != signal.SIGTERM:
        later = run.events[-1]["t"] + 300_000_000
        run.until(lambda event: event["type"] == "frame" and event["t"] > later)
        os.kill(run.supervisor, signal.SIGTERM)
    result = run.end()
    assert (result.status, result.err) == (0, "")
    assert result.summary["processes"]


IN_FOLDER = {
    "fifo": ("file", [""]),
    "file": ("file", ["", ".read"]),
    "zmq-ipc": ("file", [".2"]),
    "sysv-mq": ("sysv-mq", [""]),
}
"""What the ledger lists of those that lie in the run's folder, or have a key of System V."""


@pytest.mark.parametrize("mechanism", [*MOSTLY, *IN_FOLDER])
def test_everything_is_killed_and_clean_removes_the_rest(ipcviz, until, gone, mechanism) -> None:
    run = ipcviz.start(*BUSY, "-m", mechanism)
    workers = run.started()
    os.kill(run.process.pid, signal.SIGSTOP)  # so that it does not notice the supervisor's end
    os.kill(run.supervisor, signal.SIGKILL)
    run.send(signal.SIGKILL)
    until(lambda: all(map(gone, [run.supervisor, *workers.values()])))
    (folder,) = (ipcviz.runtime / "ipcviz").iterdir()
    left = ipcviz.left_behind()
    listed = ipcviz("clean", "--dry-run")
    assert (listed.status, listed.err) == (0, "")
    names = [f"would remove list {folder}"]
    if mechanism in IN_FOLDER:
        kind, endings = IN_FOLDER[mechanism]
        orders = f"ipcviz-{folder.name}-channel0-orders"
        names[:0] = [f"would remove {kind} {orders}{ending}" for ending in endings]
    elif mechanism in ("posix-mq", "shm"):
        (name,) = (Path(name).name for name in left if Path(name).name.endswith("-channel0-orders"))
        names.insert(0, f"would remove {mechanism} {name}")
    assert listed.out.splitlines() == names
    assert ipcviz.left_behind() == left
    cleaned = ipcviz("clean")
    assert (cleaned.status, cleaned.err) == (0, "")
    assert cleaned.out.splitlines() == [name.replace("would remove", "removed") for name in names]
    assert ipcviz.left_behind() == []
    assert ipcviz("clean").out == "Nothing to clean: no run has left anything behind.\n"


def test_locks_are_cleaned_too_and_by_the_next_run(ipcviz, until, gone) -> None:
    run = ipcviz.start("run", "philosophers", "--json")
    workers = run.started()
    os.kill(run.process.pid, signal.SIGSTOP)
    os.kill(run.supervisor, signal.SIGKILL)
    run.send(signal.SIGKILL)
    until(lambda: all(map(gone, [run.supervisor, *workers.values()])))
    assert len(ipcviz.left_behind()) == 5 + 3
    assert ipcviz("run", "pipeline", "--json", "--seconds", "0.3").status == 0
    assert ipcviz.left_behind() == []


GRANDCHILD = """
        import subprocess, sys, time
        def build(how: str = "plain"):
            topology = Topology("family")
            topology.process("parent", work, how)
            return topology
        def work(how):
            child = subprocess.Popen(["sleep", "1000"], start_new_session=how != "plain")
            print(child.pid, flush=True)
            if how != "daemon":
                time.sleep(1000)
        """


@pytest.mark.parametrize("how", ["plain", "session"])
def test_what_a_worker_started_is_cleaned_when_everybody_was_killed(ipcviz, until, gone, how) -> None:
    run = ipcviz.start("run", ipcviz.demo(GRANDCHILD), "--json", "--set", f"how={how}")
    workers = run.started()
    grandchild = int(run.until_type("note")["text"])
    os.kill(run.process.pid, signal.SIGSTOP)
    os.kill(run.supervisor, signal.SIGKILL)
    run.send(signal.SIGKILL)
    until(lambda: all(map(gone, [run.supervisor, *workers.values()])))
    assert not gone(grandchild)
    assert f"removed process {grandchild}\n" in ipcviz("clean").out
    until(lambda: gone(grandchild))


@pytest.mark.parametrize("how", ["plain", "session", "daemon"])
def test_what_a_worker_started_ends_with_the_run(ipcviz, until, gone, how) -> None:
    run = ipcviz.start("run", ipcviz.demo(GRANDCHILD), "--json", "--set", f"how={how}")
    grandchild = int(run.until_type("note")["text"])
    if how != "daemon":
        run.send(signal.SIGTERM)
    assert run.end().status == (0 if how == "daemon" else 128 + signal.SIGTERM)
    assert gone(grandchild)


def test_what_a_worker_started_ends_when_the_supervisor_is_killed(ipcviz, until, gone) -> None:
    run = ipcviz.start("run", ipcviz.demo(GRANDCHILD), "--json", "--set", "how=session")
    run.find_supervisor()
    grandchild = int(run.until_type("note")["text"])
    os.kill(run.supervisor, signal.SIGKILL)
    assert run.end().status == 1
    until(lambda: gone(grandchild))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_supervisor_dies_while_it_starts(ipcviz, until, number) -> None:
    """At a point that differs from time to time: from the first import to the first worker."""
    for step in range(4):
        run = ipcviz.start(*BUSY, "-m", "shm")
        supervisor = run.find_supervisor()
        spent = step * 6
        until(lambda: _ticks(supervisor) >= spent)  # noqa: B023 - called at once
        os.kill(supervisor, number)
        result = run.end()
        assert "Traceback" not in result.err
        assert result.status in ((1,) if number == signal.SIGKILL else (0, 1, 2))
        assert ipcviz.left_behind() == []


def _ticks(pid: int) -> int:
    """Hundredths of a second of processor time; more than any test waits for when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 1 << 30
    return int(fields[11]) + int(fields[12]) if fields[0] not in "ZX" else 1 << 30


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_the_command_dies_while_it_starts(ipcviz, until, gone, number) -> None:
    for step in range(4):
        run = ipcviz.start(*BUSY, "-m", "posix-mq")
        supervisor = run.find_supervisor()
        spent = step * 6
        until(lambda: _ticks(supervisor) >= spent)  # noqa: B023 - called at once
        run.send(number)
        result = run.end()
        assert result.err == ""
        assert result.status == (-9 if number == signal.SIGKILL else 128 + number)
        until(lambda: gone(supervisor))  # noqa: B023
        assert ipcviz.left_behind() == []


def test_a_stopped_worker_is_killed_in_the_end(ipcviz) -> None:
    run = ipcviz.start(*BUSY)
    workers = run.started()
    os.kill(workers["producer 1"], signal.SIGSTOP)
    run.send(signal.SIGTERM)
    result = run.end()
    assert result.status == 128 + signal.SIGTERM
    (ended,) = (e for e in result.of("process_exited") if e["process"] == "producer 1")
    assert (ended["signal"], ended["failed"]) == (signal.SIGKILL, False)
    assert "did not stop within 1 s" in ended["reason"]
    (channel,) = result.summary["channels"]
    assert channel["sent"] == channel["received"] + channel["in_flight"]


@pytest.mark.slow
def test_a_stopped_supervisor_does_not_hold_up_the_end_for_ever(ipcviz, until, gone) -> None:
    run = ipcviz.start(*BUSY, "-m", "shm")
    workers = run.started()
    os.kill(run.supervisor, signal.SIGSTOP)
    run.send(signal.SIGTERM)
    result = run.end()
    assert result.status == 128 + signal.SIGTERM
    assert result.summary["processes"]
    until(lambda: all(map(gone, workers.values())))


def test_two_runs_side_by_side(ipcviz, until, gone) -> None:
    one, two = (ipcviz.start(*BUSY, "-m", mechanism) for mechanism in ("shm", "posix-mq"))
    for run in (one, two):
        run.started()
    assert ipcviz("clean").out == "Nothing to clean: no run has left anything behind.\n"
    os.kill(one.process.pid, signal.SIGSTOP)
    os.kill(one.supervisor, signal.SIGKILL)
    one.send(signal.SIGKILL)
    until(lambda: gone(one.supervisor))
    removed = ipcviz("clean").out
    assert f"ipcviz-{one.supervisor}-" in removed
    assert f"{two.supervisor}-" not in removed
    later = two.events[-1]["t"] + 300_000_000
    two.until(lambda event: event["type"] == "frame" and event["t"] > later)
    two.send(signal.SIGINT)
    (channel,) = two.end().summary["channels"]
    assert channel["received"] > 0


@pytest.mark.slow
def test_many_runs_begin_and_end_at_once(ipcviz) -> None:
    runs = [ipcviz.start("run", "pipeline", "--json", "--set", "rate=0", "-m", "shm") for _ in range(6)]
    for run in runs:
        result = run.end()
        assert (result.status, result.err) == (0, "")
        assert result.summary["reports"]["printer"]["words"] > 1000


@pytest.mark.parametrize("content", ["", "{", "[]\n", '{"kind": "shm"}\n', "\xff\x00"])
def test_clean_takes_any_list(ipcviz, content) -> None:
    """Of a run that was killed while it wrote the list; nothing that is not ours is touched."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    folder = ipcviz.runtime / "ipcviz" / f"{dead.pid}-abcdef"
    folder.mkdir(parents=True)
    (folder / "ledger.jsonl").write_text(content)
    mine = ipcviz.runtime / "ipcviz" / "notes"
    mine.mkdir()
    result = ipcviz("clean")
    assert (result.status, result.out, result.err) == (0, f"removed list {folder}\n", "")
    mine.rmdir()
    mine.parent.rmdir()


def test_clean_removes_nothing_that_it_would_not_have_made(ipcviz, tmp_path) -> None:
    precious = Path(f"/dev/shm/precious-{os.getpid()}")
    precious.write_text("not ours")
    dead = subprocess.Popen(["true"])
    dead.wait()
    folder = ipcviz.runtime / "ipcviz" / f"{dead.pid}-abcdef"
    folder.mkdir(parents=True)
    names = [precious.name, f"ipcviz-/../{precious.name}", f"../{tmp_path}/kept"]
    (tmp_path / "kept").write_text("not ours")
    lines = [f'{{"kind": "shm", "name": "{name}"}}' for name in names]
    lines.append(f'{{"kind": "process", "name": "{os.getpid()}", "start": 1}}')
    (folder / "ledger.jsonl").write_text("\n".join(lines) + "\n")
    try:
        assert ipcviz("clean").out == f"removed list {folder}\n"
        assert precious.read_text() == (tmp_path / "kept").read_text() == "not ours"
    finally:
        precious.unlink()
