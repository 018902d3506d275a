"""What is said of a lock, beside what independent tools say of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from ipcviz.mechanisms import sysv

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
WORDS = {"flock": "FLOCK", "fcntl": "POSIX", "ofd": "OFDLCK"}


def _tool(name: str, *arguments: str) -> str:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed here")
    return subprocess.run([name, *arguments], capture_output=True, text=True, check=True).stdout


def _lslocks(inode: int) -> list[tuple[str, int, str]]:
    """Type, pid and mode of every lock of the file; a star after the mode is for who waits."""
    text = _tool("lslocks", "--json", "--output", "TYPE,PID,MODE,INODE")
    told = json.loads(text or '{"locks": []}')  # it says nothing at all when nothing is locked
    rows = [row for row in told["locks"] if int(row["inode"]) == inode]
    return sorted((row["type"], int(row["pid"]), row["mode"]) for row in rows)


@pytest.mark.parametrize("locker", list(WORDS), indirect=True)
def test_lslocks_says_the_same(locker: Any) -> None:
    holder, waiter = locker.start(2)
    (name,) = os.listdir(locker.folder)
    inode = os.stat(f"{locker.folder}/{name}").st_ino
    assert _lslocks(inode) == []
    holder.ask("acquire")
    waiter.begin("acquire")
    waiter.until_it_waits()
    nameless = locker.choice == "ofd"
    word = WORDS[locker.choice]
    expected = sorted(
        (word, -1 if nameless else peer.pid, mode) for peer, mode in ((holder, "WRITE"), (waiter, "WRITE*"))
    )
    locker.until(lambda: locker.lock.inspect().waiters == 1)
    assert _lslocks(inode) == expected
    assert locker.lock.inspect().holders == (holder.pid,)


@pytest.mark.parametrize("locker", ["flock", "fcntl", "ofd"], indirect=True)
def test_lslocks_says_the_same_of_readers(locker: Any) -> None:
    readers = locker.start(2, shared=True)
    (name,) = os.listdir(locker.folder)
    for reader in readers:
        reader.ask("acquire", shared=True)
    told = _lslocks(os.stat(f"{locker.folder}/{name}").st_ino)
    assert [mode for _, _, mode in told] == ["READ", "READ"]
    pids = {reader.pid for reader in readers}
    assert {pid for _, pid, _ in told} == ({-1} if locker.choice == "ofd" else pids)
    locker.until(lambda: set(locker.lock.inspect().holders or ()) == pids)


@pytest.mark.parametrize("locker", ["sysv-sem", "sysv-sem:undo=false"], indirect=True)
def test_ipcs_says_the_same(locker: Any) -> None:
    name = f"ipcviz-test-{os.getpid()}-ipcs"
    lock = locker.create(count=2, name=name)
    row = sysv.row_of("sysv-sem", sysv.key_of(name))
    assert row is not None
    assert row.columns["perms"] == 0o600
    users = [locker.join(lock.open) for _ in range(3)]
    assert _ipcs(row.identifier)[:3] == ["0", "2", "0"]
    for user in users[:2]:
        user.ask("acquire")
    users[2].begin("acquire")
    users[2].until_it_waits()
    locker.until(lambda: lock.inspect().waiters == 1)
    number, value, waiters, _, last = _ipcs(row.identifier)
    assert (number, value, waiters, last) == ("0", "0", "1", str(users[1].pid))
    assert (lock.inspect().value, lock.inspect().holders) == (0, None)


def _ipcs(identifier: int) -> list[str]:
    """Number, value, who waits for more, who waits for zero, and the last pid of its only semaphore."""
    told = _tool("ipcs", "-s", "-i", str(identifier)).split("\n")
    after = next(number for number, line in enumerate(told) if line.startswith("semnum"))
    return told[after + 1].split()
