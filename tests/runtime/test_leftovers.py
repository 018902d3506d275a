"""What workers leave behind: found with who left it, told once, and never removed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sysv_ipc
from helpers import events as made
from helpers.runs import live, take_until

from ipcviz import events as ev
from ipcviz.mechanisms import libc
from ipcviz.probes import objects
from ipcviz.probes.objects import Thing
from ipcviz.runtime.leftovers import Leftovers, told
from ipcviz.runtime.request import Command
from ipcviz.world import World

SHM = Path("/dev/shm")


@pytest.fixture
def mark() -> Iterator[str]:
    """A name of this test's own; what carries it is removed afterwards."""
    name = f"test-{secrets.token_hex(6)}"
    yield name
    for file in SHM.glob(f"{name}*"):
        file.unlink()


def demo(folder: Path, body: str) -> str:
    """A topology of one process that makes things, and one that stays."""
    file = folder / "leaver.py"
    file.write_text(
        "import mmap, os, time\n"
        "from ipcviz import Topology\n"
        "def build() -> Topology:\n"
        '    topology = Topology("leaver", about="made by a test")\n'
        '    topology.process("maker", make)\n'
        '    topology.process("idle", time.sleep, 60)\n'
        "    return topology\n"
        "def make() -> None:\n" + "".join(f"    {line}\n" for line in body.splitlines())
    )
    return str(file)


def raised(events: list[ev.AnyEvent]) -> list[ev.FindingRaised]:
    return [event for event in events if isinstance(event, ev.FindingRaised)]


def of_run(folder: Path, body: str) -> list[ev.FindingRaised]:
    """What is found in a run that is stopped as soon as something is."""
    with live(demo(folder, body)) as source:
        events = take_until(source, raised)
        source.stop()
        events += take_until(source, lambda events: False)
    return raised(events)


def test_a_file_that_stays_in_shared_memory_is_found_with_its_maker(tmp_path: Path, mark: str) -> None:
    body = f"""
for n in range(3):
    descriptor = os.open(f"/dev/shm/{mark}-{{n}}", os.O_CREAT | os.O_RDWR, 0o600)
"""
    (found,) = of_run(tmp_path, body + "time.sleep(0.3)")
    assert found.sentence == (
        "Leaked object: maker ended with status 0 and left 3 objects behind, which will stay until somebody "
        f"removes them: files in /dev/shm {mark}-0, {mark}-1 and {mark}-2."
    )
    assert (found.kind, found.key, found.members) == ("leaked object", "left:maker", ["maker"])
    assert len(list(SHM.glob(f"{mark}*"))) == 3, "they are not ours to remove"


@pytest.mark.slow
def test_who_maps_and_closes_is_found_and_so_is_what_a_stop_leaves(tmp_path: Path, mark: str) -> None:
    body = f"""
descriptor = os.open("/dev/shm/{mark}", os.O_CREAT | os.O_RDWR, 0o600)
os.ftruncate(descriptor, 4096)
shared = mmap.mmap(descriptor, 4096)
os.close(descriptor)
print("made")
time.sleep(60)
"""
    with live(demo(tmp_path, body)) as source:
        take_until(source, lambda events: any(isinstance(event, ev.Note) for event in events))
        frames = take_until(source, lambda e: sum(isinstance(event, ev.Frame) for event in e) >= 12)
        assert raised(frames) == [], "it still uses it"
        source.stop()
        events = take_until(source, lambda events: False)
    (found,) = raised(events)
    assert f"left an object behind, which will stay until somebody removes it: file in /dev/shm {mark}." in (
        found.sentence
    )
    summary = events[-1]
    assert isinstance(summary, ev.Summary)
    assert [finding.kind for finding in summary.findings] == ["leaked object"]


def test_system_v_objects_are_known_by_the_kernels_word(tmp_path: Path) -> None:
    body = """
import sysv_ipc
from ipcviz import report
memory = sysv_ipc.SharedMemory(None, sysv_ipc.IPC_CREX, size=4096)
queue = sysv_ipc.MessageQueue(None, sysv_ipc.IPC_CREX)
queue.send(b"x")
semaphore = sysv_ipc.Semaphore(None, sysv_ipc.IPC_CREX)
semaphore.release()
"""
    before = {used.thing for used in objects.of_system_v()}
    try:
        (found,) = of_run(tmp_path, body)
        words = ["System V shared memory", "System V queue", "System V semaphore set"]
        assert all(word in found.sentence for word in words)
        assert "left 3 objects behind" in found.sentence
    finally:
        for thing, _, _ in objects.of_system_v():
            if thing not in before and thing.name in found.sentence:
                number = int(thing.name)
                remove = {
                    "shm": sysv_ipc.remove_shared_memory,
                    "msg": sysv_ipc.remove_message_queue,
                    "sem": sysv_ipc.remove_semaphore,
                }
                remove[thing.kind](number)


def test_who_tidies_up_leaves_nothing(tmp_path: Path, mark: str) -> None:
    body = f"""
descriptor = os.open("/dev/shm/{mark}", os.O_CREAT | os.O_RDWR, 0o600)
time.sleep(0.2)
os.unlink("/dev/shm/{mark}")
"""
    with live(demo(tmp_path, body)) as source:
        events = take_until(source, lambda e: any(isinstance(event, ev.ProcessExited) for event in e))
        events += take_until(source, lambda e: sum(isinstance(event, ev.Frame) for event in e) >= 12)
        source.stop()
        events += take_until(source, lambda events: False)
    assert raised(events) == []


@pytest.mark.slow
def test_what_is_removed_in_the_end_is_over(tmp_path: Path, mark: str) -> None:
    body = f'descriptor = os.open("/dev/shm/{mark}", os.O_CREAT | os.O_RDWR, 0o600)\ntime.sleep(0.2)'
    with live(demo(tmp_path, body)) as source:
        take_until(source, raised)
        (SHM / mark).unlink()
        events = take_until(source, lambda e: any(isinstance(event, ev.FindingCleared) for event in e))
    assert events


@pytest.mark.slow
def test_who_is_killed_leaves_what_it_had(tmp_path: Path, mark: str) -> None:
    body = f'descriptor = os.open("/dev/shm/{mark}", os.O_CREAT | os.O_RDWR, 0o600)\nprint()\ntime.sleep(60)'
    with live(demo(tmp_path, body)) as source:
        take_until(source, lambda events: any(isinstance(event, ev.Note) for event in events))
        source.command(Command("kill", process="maker"))
        (found,) = raised(take_until(source, raised))
    assert found.sentence.startswith(
        "Leaked object: maker was killed by signal 9 (SIGKILL) and left an object"
    )


def leftovers_of_this_process() -> tuple[Leftovers, World]:
    """This process is the worker."""
    leftovers = Leftovers()
    leftovers.watch("maker", os.getpid())
    world = made.started(World(), made.session(["maker"]))
    return leftovers, world


def end(leftovers: Leftovers, world: World) -> None:
    leftovers.forget("maker")
    world.apply(ev.ProcessExited(t=5, process="maker", pid=1, exit=0, signal=None, failed=False))


def test_a_posix_queue_is_found_where_it_was_open() -> None:
    name = f"/test-{secrets.token_hex(6)}"
    leftovers, world = leftovers_of_this_process()
    try:
        queue = libc.mq_create(name, 1, 8)
    except OSError as error:
        leftovers.close()
        pytest.skip(f"no queue can be made here: {error}")
    try:
        leftovers.look(last=True)
        assert leftovers.findings(world.view()) == []
        end(leftovers, world)
        leftovers.look(last=True)
        (found,) = leftovers.findings(world.view())
        assert found.sentence.endswith(f"POSIX queue {name}.")
        libc.mq_unlink(name)
        leftovers.look(last=True)
        assert leftovers.findings(world.view()) == []
    finally:
        os.close(queue)
        leftovers.close()


def test_what_was_there_before_or_is_a_runs_own_is_nobodys_leftover(mark: str) -> None:
    (SHM / f"{mark}-before").touch()
    ours = SHM / f"ipcviz-{mark}"
    leftovers, world = leftovers_of_this_process()
    with (SHM / f"{mark}-before").open(), ours.open("w"):
        leftovers.look(last=True)
    try:
        end(leftovers, world)
        leftovers.look(last=True)
        assert leftovers.findings(world.view()) == []
    finally:
        ours.unlink()
        leftovers.close()


def test_what_is_made_and_closed_at_once_is_seen_by_a_glance(mark: str) -> None:
    leftovers, world = leftovers_of_this_process()
    if leftovers.descriptor is None:
        pytest.skip("no word of what is made in /dev/shm here")
    with (SHM / mark).open("w"):
        leftovers.glance()
    end(leftovers, world)
    leftovers.look(last=True)
    (found,) = leftovers.findings(world.view())
    assert found.sentence.endswith(f"file in /dev/shm {mark}.")
    leftovers.close()
    leftovers.close()


def test_of_many_some_are_named() -> None:
    things = [Thing("file", f"f{n}") for n in range(9)] + [Thing("queue", "/q")]
    assert told(things) == "files in /dev/shm f0, f1, f2 and 6 others; POSIX queue /q"
