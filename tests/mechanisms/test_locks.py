"""One suite that every lock passes, between real processes."""

from __future__ import annotations

import gc
import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from ipcviz.ends import WouldDeadlock
from ipcviz.mechanisms import LOCKS, sysv
from ipcviz.mechanisms.contract import CannotCreate, Inspection
from ipcviz.mechanisms.locks import robust_mutex
from ipcviz.mechanisms.waiting import interruptible_code
from ipcviz.traits import LockTraits

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def those(wanted: Callable[[LockTraits], bool]) -> pytest.MarkDecorator:
    """Only the kinds of lock with these traits."""
    names = [name for name, lock in LOCKS.items() if wanted(lock.traits)]
    return pytest.mark.parametrize("locker", names, indirect=True)


@pytest.fixture(autouse=True)
def no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits must be woken: no test may pass because somebody looked again after a while."""
    monkeypatch.setattr(robust_mutex, "LOOK_AGAIN_S", 3600.0)


def seen(locker: Any, value: int, waiters: int, holders: Any = ()) -> Callable[[], bool]:
    """Whether the probe says so; holders are peers, and known only where the kind has owners."""
    pids = tuple(sorted(peer.pid for peer in holders)) if locker.traits.owner else None
    return lambda: locker.lock.inspect() == Inspection(value, waiters, pids)


def test_only_one_holds_it(locker: Any, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_bytes(bytes(8))
    users = locker.start(3)
    for user in users:
        user.begin("add_slowly", str(counter), 300)
    for user in users:
        user.answer()
    assert int.from_bytes(counter.read_bytes(), "little") == 900


@those(lambda traits: traits.most is None)
def test_as_many_hold_it_as_its_count(locker: Any, tmp_path: Path) -> None:
    flags = tmp_path / "flags"
    flags.write_bytes(bytes(8))
    users = locker.start(4, count=2)
    for place, user in enumerate(users):
        user.begin("crowd", str(flags), place, 200)
    assert max(user.answer() for user in users) <= 2
    first, second, third, _ = users
    assert first.ask("acquire")
    assert second.ask("acquire")
    assert third.ask("acquire", timeout=0) is False
    first.ask("release")
    assert third.ask("acquire", timeout=0) is True


@pytest.mark.parametrize("timeout", [0, 0.02])
def test_a_wait_that_times_out(locker: Any, timeout: float) -> None:
    holder, other = locker.start(2)
    holder.ask("acquire")
    for _ in range(3):
        assert other.ask("acquire", timeout=timeout) is False
    locker.until(seen(locker, 0, 0, [holder]))
    holder.ask("release")
    assert other.ask("acquire", timeout=20) is True


def test_a_timeout_that_is_not_needed(locker: Any) -> None:
    holder, other = locker.start(2)
    holder.ask("acquire")
    other.begin("acquire", timeout=1e7)
    other.until_it_waits()
    locker.until(seen(locker, 0, 1, [holder]))
    holder.ask("release")
    assert other.answer() is True
    locker.until(seen(locker, 0, 0, [other]))


def test_who_waits_gets_it_next(locker: Any) -> None:
    holder, other = locker.start(2)
    holder.ask("acquire")
    other.begin("acquire")
    other.until_it_waits()
    assert not other.answered
    holder.ask("release")
    assert other.answer() is True


def test_everybody_who_waits_gets_it_in_the_end(locker: Any) -> None:
    holder, *others = locker.start(5)
    holder.ask("acquire")
    for other in others:
        other.begin("acquire")
        other.until_it_waits()
    locker.until(seen(locker, 0, 4, [holder]))
    waiting = set(others)
    while waiting:
        holder.ask("release")
        locker.until(lambda: any(other.answered for other in waiting))
        holder = next(other for other in waiting if other.answered)
        assert holder.answer() is True
        waiting.remove(holder)
        locker.until(seen(locker, 0, len(waiting), [holder]))
    holder.ask("release")
    locker.until(seen(locker, 1, 0))


def test_who_waits_takes_no_processor_time(locker: Any) -> None:
    holder, other = locker.start(2)
    holder.ask("acquire")
    other.begin("acquire")
    other.until_it_waits()
    locker.until(seen(locker, 0, 1, [holder]))
    before, ours = other.spent(), os.times().user
    while os.times().user < ours + 0.1:
        locker.lock.inspect()
    assert other.spent() == before


def test_the_probe_agrees(locker: Any) -> None:
    holder, other, third = locker.start(3)
    assert seen(locker, 1, 0)()
    holder.ask("acquire")
    locker.until(seen(locker, 0, 0, [holder]))
    for number, user in enumerate((other, third), 1):
        user.begin("acquire")
        user.until_it_waits()
        locker.until(seen(locker, 0, number, [holder]))
    holder.ask("release")
    locker.until(lambda: other.answered or third.answered)
    users = (other, third) if other.answered else (third, other)
    locker.until(seen(locker, 0, 1, users[:1]))
    for user in users:
        assert user.answer() is True
        user.ask("release")
    locker.until(seen(locker, 1, 0))


@those(lambda traits: traits.most is None)
@pytest.mark.parametrize("count", [1, 3, 1000])
def test_the_probe_tells_the_count(locker: Any, count: int) -> None:
    assert locker.create(count).inspect() == Inspection(count, 0)


def test_what_becomes_of_it_when_its_holder_is_killed(locker: Any) -> None:
    holder, other, third = locker.start(3)
    holder.ask("acquire")
    other.begin("acquire")
    other.until_it_waits()
    locker.until(seen(locker, 0, 1, [holder]))
    holder.kill()
    if locker.after_death == "stuck":
        assert third.ask("acquire", timeout=0) is False
        assert not other.answered
        locker.until(seen(locker, 0, 1))
        return
    assert other.answer() is True
    locker.until(seen(locker, 0, 0, [other]))
    assert other.ask("is_recovered") is (locker.after_death == "recovered")
    other.ask("release")
    assert third.ask("acquire", timeout=0) is True
    assert third.ask("is_recovered") is False


@those(lambda traits: traits.after_death == "recovered")
def test_a_death_that_nobody_waited_for_is_told_once(locker: Any) -> None:
    holder, other = locker.start(2)
    holder.ask("acquire")
    holder.kill()
    locker.until(seen(locker, 1, 0))
    for told in (True, False):
        assert other.ask("acquire", timeout=0) is True
        assert other.ask("is_recovered") is told
        other.ask("release")


def test_a_waiter_that_is_killed(locker: Any) -> None:
    holder, waiter, other = locker.start(3)
    holder.ask("acquire")
    waiter.begin("acquire")
    waiter.until_it_waits()
    locker.until(seen(locker, 0, 1, [holder]))
    waiter.kill()
    still = 1 if locker.lock.counts_the_dead else 0
    locker.until(seen(locker, 0, still, [holder]))
    holder.ask("release")
    assert other.ask("acquire", timeout=20) is True
    assert other.ask("is_recovered") is False
    locker.until(seen(locker, 0, still, [other]))


@those(lambda traits: traits.shared)
def test_readers_hold_it_together_and_a_writer_alone(locker: Any) -> None:
    first, second, writer = locker.start(3, shared=True)
    assert first.ask("acquire", shared=True) is True
    assert second.ask("acquire", timeout=0, shared=True) is True
    locker.until(seen(locker, 0, 0, [first, second]))
    assert writer.ask("acquire", timeout=0) is False
    writer.begin("acquire")
    writer.until_it_waits()
    first.ask("release")
    locker.until(seen(locker, 0, 1, [second]))
    assert not writer.answered
    second.ask("release")
    assert writer.answer() is True
    assert first.ask("acquire", timeout=0.02, shared=True) is False
    locker.until(seen(locker, 0, 0, [writer]))
    first.begin("read_beside")
    first.until_it_waits()
    writer.ask("release")
    assert first.answer() is True
    assert ("acquired", True, "shared") in first.ask("heard")
    locker.until(seen(locker, 1, 0))


class Both:
    """Two locks of one process."""

    def __init__(self, first: Any, second: Any) -> None:
        self.first, self.second = first.acquire, second.acquire
        self.let_go = first.release


def _crossed(locker: Any) -> tuple[Any, Any]:
    """Two processes that hold a lock each; the second waits for the first one's."""
    one, two = locker.create(), locker.create()
    holder = locker.join(lambda recorder: Both(one.open(recorder), two.open(recorder)))
    waiter = locker.join(lambda recorder: Both(two.open(recorder), one.open(recorder)))
    holder.ask("first")
    waiter.ask("first")
    waiter.begin("second")
    waiter.until_it_waits()
    return holder, waiter


@those(lambda traits: traits.detects_deadlock)
@pytest.mark.parametrize("timeout", [None, 3600])
def test_a_wait_that_could_never_end_is_refused(locker: Any, timeout: float | None) -> None:
    holder, waiter = _crossed(locker)
    with pytest.raises(WouldDeadlock, match=r"lock 'door': the kernel refuses .* release that one first"):
        holder.ask("second", timeout=timeout)
    assert [entry[0] for entry in holder.ask("heard")] == ["acquired", "waiting", "gave up"]
    assert not waiter.answered
    holder.ask("let_go")
    assert waiter.answer() is True


@those(lambda traits: not traits.detects_deadlock)
def test_nobody_else_refuses_such_a_wait(locker: Any) -> None:
    holder, waiter = _crossed(locker)
    assert holder.ask("second", timeout=0.02) is False
    assert not waiter.answered


@pytest.mark.parametrize("locker", ["robust-mutex"], indirect=True)
def test_a_mutex_refuses_to_wait_for_its_own_holder(locker: Any) -> None:
    (holder,) = locker.start(1)
    holder.ask("acquire")
    with pytest.raises(WouldDeadlock, match=r"lock 'door': this process holds it already"):
        holder.ask("acquire")
    holder.ask("release")
    with pytest.raises(PermissionError, match=r"lock 'door' could not be given back"):
        holder.ask("release")
    assert holder.ask("acquire", timeout=0) is True


class Broken(Exception):
    """A stop, as a worker raises it."""


def _stop(number: int, frame: FrameType | None) -> None:
    """Raise where the frames allow it, and nowhere else; see `runtime/worker.py`."""
    while frame is not None:
        if frame.f_code in interruptible_code:
            raise Broken
        frame = frame.f_back


@pytest.mark.parametrize("timeout", [None, 3600])
def test_a_wait_is_broken_off_by_a_stop(locker: Any, timeout: float | None) -> None:
    holder, other = locker.start(2)
    lock = locker.lock

    def open_lock(recorder: Any) -> Any:
        signal.signal(signal.SIGTERM, _stop)
        return lock.open(recorder)

    stopped = locker.join(open_lock, tuple(lock.descriptors()))
    holder.ask("acquire")
    stopped.begin("acquire", timeout=timeout)
    stopped.until_it_waits()
    locker.until(seen(locker, 0, 1, [holder]))
    os.kill(stopped.pid, signal.SIGTERM)
    with pytest.raises(Broken):
        stopped.answer()
    assert stopped.ask("heard") == [("waiting", timeout is not None), ("gave up",)]
    locker.until(seen(locker, 0, 0, [holder]))
    holder.ask("release")
    assert other.ask("acquire", timeout=0) is True


def test_what_the_watch_is_told(locker: Any) -> None:
    holder, other = locker.start(2)
    holder.ask("acquire")
    holder.ask("release")
    assert holder.ask("heard") == [("acquired", False), ("released",)]
    holder.ask("acquire")
    other.ask("acquire", timeout=0.001)
    assert other.ask("heard") == [("waiting", True), ("gave up",)]
    other.begin("acquire")
    other.until_it_waits()
    holder.ask("release")
    other.answer()
    assert other.ask("heard")[2:] == [("waiting", False), ("acquired", True)]


@pytest.mark.parametrize(
    "locker", [name for name, lock in LOCKS.items() if lock.survives_exec], indirect=True
)
def test_it_can_be_handed_to_another_program(locker: Any) -> None:
    (holder,) = locker.start(1)
    handed = pickle.loads(pickle.dumps(locker.lock))
    other = locker.join(handed.open)
    holder.ask("acquire")
    assert other.ask("acquire", timeout=0) is False
    holder.ask("release")
    assert other.ask("acquire", timeout=0) is True


def test_nothing_is_left_of_a_lock(locker: Any, in_shared_memory: Any) -> None:
    gc.collect()  # what other tests let go of must not be closed in the middle of this one
    before = sorted(os.listdir("/proc/self/fd"))
    name = f"ipcviz-test-{os.getpid()}-left"
    assert [entry for _, entry in locker.mechanism.names(locker.plan(name=name))] in ([name], [])
    lock = locker.create(name=name)
    assert len(_left(locker, name, in_shared_memory)) == (0 if locker.choice == "mp-lock" else 1)
    lock.destroy()
    lock.destroy()
    assert _left(locker, name, in_shared_memory) == []
    assert sorted(os.listdir("/proc/self/fd")) == before
    gone = lock.inspect()
    assert (gone.value, gone.waiters, gone.holders, gone.quality) == (None, None, None, "unknown")
    assert gone.reason


def _left(locker: Any, name: str, in_shared_memory: Any) -> list[Any]:
    """Whatever the lock of that name could leave in the system."""
    row = sysv.row_of("sysv-sem", sysv.key_of(name))
    return [*in_shared_memory(name), *os.listdir(locker.folder), *([] if row is None else [row])]


@pytest.mark.parametrize("locker", [name for name in LOCKS if name != "mp-lock"], indirect=True)
def test_a_name_that_is_taken_is_left_alone(locker: Any) -> None:
    name = f"ipcviz-test-{os.getpid()}-taken"
    first = locker.create(name=name)
    before = first.inspect()
    assert before.value == 1
    with pytest.raises(CannotCreate, match=r"^lock 'door'"):
        locker.create(name=name)
    assert first.inspect() == before


@pytest.mark.parametrize("locker", ["posix-sem", "sysv-sem", "mp-lock"], indirect=True)
def test_a_count_that_is_too_large(locker: Any, in_shared_memory: Any) -> None:
    name = f"ipcviz-test-{os.getpid()}-large"
    with pytest.raises(CannotCreate, match=r"^lock 'door'"):
        locker.create(count=2**31, name=name)
    assert _left(locker, name, in_shared_memory) == []


def test_the_registry_tells_what_it_is() -> None:
    assert next(iter(LOCKS)) == "posix-sem"
    for lock in LOCKS.values():
        assert lock.unavailable() is None
        assert lock.limits()
        assert lock.manual
        for sentence in (lock.about, lock.good, lock.bad):
            assert sentence.endswith(".")
