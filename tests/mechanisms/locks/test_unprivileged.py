"""Locks of a user who may do nothing special, and of a kernel that does not tell."""

from __future__ import annotations

import ctypes
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ipcviz.mechanisms.contract import Inspection
from ipcviz.probes import locks

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
NOBODY = 65534
_PR_SET_DUMPABLE = 4


def as_nobody(question: Callable[[], Any], hidden: bool) -> Any:
    """The answer of a process that is nobody's; `hidden` leaves its /proc to root, as setuid(2) does."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, ctypes.c_ulong(0 if hidden else 1), 0, 0, 0)
            os.write(writing, pickle.dumps(question()))
        except BaseException as error:
            os.write(writing, pickle.dumps(error))
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as file:
        answer = pickle.loads(file.read())
    os.waitpid(pid, 0)
    if isinstance(answer, BaseException):
        raise answer
    return answer


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    locks.table.forget()
    locks.children.forget()
    yield
    locks.table.forget()
    locks.children.forget()


def _one_holds_and_one_waits(locker: Any) -> tuple[Inspection, int]:
    """What is said then, and the holder's pid."""
    locker.folder = os.path.join(locker.folder, "nobody")
    os.mkdir(locker.folder, 0o700)
    holder, other = locker.start(2)
    holder.ask("acquire")
    other.begin("acquire")
    other.until_it_waits()
    locker.until(lambda: locker.lock.inspect().waiters == 1)
    seen = locker.lock.inspect()
    locker.close()
    return seen, holder.pid


def test_of_ones_own_everything_is_known(locker: Any) -> None:
    os.chmod(locker.folder, 0o777)
    seen, holder = as_nobody(lambda: _one_holds_and_one_waits(locker), hidden=False)
    assert seen == Inspection(0, 1, (holder,) if locker.traits.owner else None)


@pytest.mark.parametrize("locker", ["flock", "fcntl", "ofd", "robust-mutex"], indirect=True)
def test_of_processes_that_are_hidden_what_the_kernel_tells_is_known(locker: Any) -> None:
    os.chmod(locker.folder, 0o777)
    seen, holder = as_nobody(lambda: _one_holds_and_one_waits(locker), hidden=True)
    if locker.choice != "ofd":
        assert seen == Inspection(0, 1, (holder,))
        return
    assert (seen.value, seen.waiters, seen.holders) == (0, 1, None)
    assert "cannot be read" in seen.reason


@pytest.mark.parametrize("locker", ["flock", "fcntl", "ofd"], indirect=True)
def test_a_list_of_locks_that_cannot_be_read(
    locker: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    holder, other = locker.start(2)
    monkeypatch.setattr(locks, "LOCKS", tmp_path / "none")
    holder.ask("acquire")
    seen = locker.lock.inspect()
    assert (seen.value, seen.waiters, seen.holders, seen.quality) == (None, None, None, "unknown")
    assert "cannot be read" in seen.reason
    assert other.ask("acquire", timeout=0.02) is False
    holder.ask("release")
    assert other.ask("acquire", timeout=20) is True
