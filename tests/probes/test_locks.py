"""What the probes of locks read, and what they say where they cannot read it."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipcviz.probes import locks


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Nothing that another test has read, and nothing for another test."""
    locks.table.forget()
    locks.children.forget()
    yield
    locks.table.forget()
    locks.children.forget()


def lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *text: str) -> None:
    """Let the kernel's list be this."""
    table = tmp_path / "locks"
    table.write_text("".join(f"{line}\n" for line in text))
    monkeypatch.setattr(locks, "LOCKS", table)


def test_a_file_that_is_no_semaphore(tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_bytes(b"1234")
    assert locks.semaphore_words(str(short)) == (None, None, f"{short} is shorter than a semaphore")


def test_a_semaphore_that_is_not_there(tmp_path: Path) -> None:
    value, waiters, reason = locks.semaphore_words(str(tmp_path / "none"))
    assert (value, waiters) == (None, None)
    assert "cannot be read" in reason


def test_the_kernel_calls_the_file_by_that_name(file: int) -> None:
    fcntl.flock(file, fcntl.LOCK_EX)
    mine = [line for line in Path("/proc/locks").read_text().split("\n") if f" {os.getpid()} " in line]
    assert [line.split()[5] for line in mine] == [locks.place_of(file)]
    assert locks.file_lock("FLOCK", locks.place_of(file)) == (0, 0, (os.getpid(),), "")


def test_the_device_is_the_one_of_the_mount(monkeypatch: pytest.MonkeyPatch, file: int) -> None:
    """btrfs and overlay tell another one in fstat(2)."""
    place = locks.place_of(file)
    status = list(os.fstat(file))
    status[2] = os.makedev(0, 99)
    monkeypatch.setattr(os, "fstat", lambda descriptor: os.stat_result(status))
    assert locks.place_of(file) == place


def test_an_older_kernel_that_tells_neither_mount_nor_number(
    monkeypatch: pytest.MonkeyPatch, file: int
) -> None:
    monkeypatch.setattr(locks, "_pairs", lambda path: iter([("pos", "0")]))
    status = os.fstat(file)
    device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}"
    assert locks.place_of(file) == f"{device}:{status.st_ino}"


def test_holders_waiters_and_other_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines(
        monkeypatch,
        tmp_path,
        "1: POSIX  ADVISORY  READ 12 fe:00:7 0 EOF",
        "1: -> POSIX  ADVISORY  WRITE 14 fe:00:7 0 EOF",
        "1:   -> POSIX  ADVISORY  READ 15 fe:00:7 0 EOF",
        "2: POSIX  ADVISORY  READ 11 fe:00:7 0 EOF",
        "3: FLOCK  ADVISORY  WRITE 13 fe:00:7 0 EOF",
        "4: POSIX  ADVISORY  WRITE 16 fe:00:77 0 EOF",
        "5: POSIX  ADVISORY  WRITE 17 fe:01:7 0 EOF",
        "6: LEASE  ACTIVE    READ 18 fe:00:7 0 EOF",
        "7: POSIX  *NOINODE*",
        "",
    )
    assert locks.file_lock("POSIX", "fe:00:7") == (0, 2, (11, 12), "")
    assert locks.file_lock("FLOCK", "fe:00:7") == (0, 0, (13,), "")
    assert locks.file_lock("FLOCK", "fe:00:8") == (1, 0, (), "")


def test_one_reading_serves_all_that_is_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    now = [100.0]
    monkeypatch.setattr(locks.time, "monotonic", lambda: now[0])
    recent = locks.Recent(lambda: read.append(1) or len(read), 0.05)
    assert [recent.get(), recent.get()] == [1, 1]
    now[0] += 0.051
    assert [recent.get(), recent.get()] == [2, 2]
    recent.forget()
    assert recent.get() == 3


def test_a_list_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(locks, "LOCKS", tmp_path / "none")
    assert locks.file_lock("FLOCK", "fe:00:7") == (
        None,
        None,
        None,
        f"{tmp_path / 'none'} cannot be read (No such file or directory)",
    )


OFD = "1: OFDLCK ADVISORY  WRITE -1 fe:00:7 0 EOF"


def test_a_holder_without_a_name_that_no_child_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines(monkeypatch, tmp_path, OFD, OFD.replace(": ", ": -> ", 1))
    value, waiters, holders, reason = locks.file_lock("OFDLCK", "fe:00:7")
    assert (value, waiters, holders) == (0, 1, None)
    assert "changed hands" in reason


def test_children_that_are_not_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines(monkeypatch, tmp_path, OFD)

    def refuse() -> list[int]:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(locks, "_child_pids", refuse)
    value, waiters, holders, reason = locks.file_lock("OFDLCK", "fe:00:7")
    assert (value, waiters, holders) == (0, 0, None)
    assert "which children there are" in reason


def test_an_open_file_that_two_processes_share(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: int
) -> None:
    """Both hold it: the lock goes when the last of them lets go."""
    fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
    monkeypatch.setattr(locks, "_child_pids", lambda: [os.getpid(), os.getpid(), 2**30])
    assert locks.file_lock("OFDLCK", locks.place_of(file)) == (0, 0, (os.getpid(),), "")
