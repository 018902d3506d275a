"""One suite that every lock passes, between real processes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ipcviz.mechanisms import LOCKS
from ipcviz.mechanisms.contract import CannotCreate, Inspection
from ipcviz.probes.locks import semaphore_words

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def test_only_one_holds_it(locker: Any, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_bytes(bytes(8))
    users = locker.start(3)
    for user in users:
        user.begin("add_slowly", str(counter), 300)
    for user in users:
        user.answer()
    assert int.from_bytes(counter.read_bytes(), "little") == 900


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
    assert other.ask("acquire", timeout=timeout) is False
    holder.ask("release")
    assert other.ask("acquire", timeout=20) is True


def test_who_waits_gets_it_next(locker: Any) -> None:
    holder, other = locker.start(2)
    holder.ask("acquire")
    other.begin("acquire")
    other.until_it_waits()
    assert not other.answered
    holder.ask("release")
    assert other.answer() is True


def test_who_waits_takes_no_processor_time(locker: Any) -> None:
    holder, other = locker.start(2)
    holder.ask("acquire")
    other.begin("acquire")
    other.until_it_waits()
    before, ours = other.spent(), os.times().user
    while os.times().user < ours + 0.1:
        pass
    assert other.spent() == before


def test_the_probe_agrees(locker: Any) -> None:
    holder, other, third = locker.start(3, count=1)
    assert locker.lock.inspect() == Inspection(1, 0)
    holder.ask("acquire")
    assert locker.lock.inspect() == Inspection(0, 0)
    for number, user in enumerate((other, third), 1):
        user.begin("acquire")
        user.until_it_waits()
        locker.until(lambda number=number: locker.lock.inspect() == Inspection(0, number))
    holder.ask("release")
    locker.until(lambda: other.answered or third.answered)
    locker.until(lambda: locker.lock.inspect() == Inspection(0, 1))
    for user in (other, third) if other.answered else (third, other):
        assert user.answer() is True
        user.ask("release")
    assert locker.lock.inspect() == Inspection(1, 0)


@pytest.mark.parametrize("count", [1, 3, 1000])
def test_the_probe_tells_the_count(locker: Any, count: int) -> None:
    assert locker.create(count).inspect() == Inspection(count, 0)


def test_nobody_gives_it_back_for_the_dead(locker: Any) -> None:
    holder, other = locker.start(2)
    holder.ask("acquire")
    holder.kill()
    assert other.ask("acquire", timeout=0) is False
    assert locker.lock.inspect().value == 0


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


def test_nothing_is_left_of_a_lock(locker: Any, in_shared_memory: Any) -> None:
    before = sorted(os.listdir("/proc/self/fd"))
    name = f"ipcviz-test-{os.getpid()}-left"
    assert [entry for _, entry in locker.mechanism.names(locker.plan(name=name))] == [name]
    lock = locker.create(name=name)
    assert in_shared_memory(name)
    lock.destroy()
    lock.destroy()
    assert in_shared_memory(name) == []
    assert sorted(os.listdir("/proc/self/fd")) == before
    assert (lock.inspect().value, lock.inspect().waiters) == (None, None)
    assert lock.inspect().quality == "unknown"
    assert "cannot be read" in lock.inspect().reason


def test_a_name_that_is_taken_is_left_alone(locker: Any) -> None:
    name = f"ipcviz-test-{os.getpid()}-taken"
    first = locker.create(count=2, name=name)
    with pytest.raises(CannotCreate, match="'door'"):
        locker.create(name=name)
    assert first.inspect() == Inspection(2, 0)


def test_the_registry_tells_what_it_is() -> None:
    for lock in LOCKS.values():
        assert lock.unavailable() is None
        assert lock.limits()
        assert lock.about.endswith(".")


def test_a_file_that_is_no_semaphore(tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_bytes(b"1234")
    assert semaphore_words(str(short)) == (None, None, f"{short} is shorter than a semaphore")
