"""The few calls that the contract suites do not reach."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ipcviz.mechanisms import libc


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("reader", "reader"),
        ("philosopher 12345", "philosopher 123"),
        ("연산기 하나 둘", "연산기 하"),  # the next letter's three bytes would be cut in two
        ("a연산기연산", "a연산기연"),
        ("", ""),
    ],
)
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_the_name_that_ps_shows_is_text(name: str, shown: str) -> None:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            libc.set_process_name(name)
            os.write(write, Path("/proc/self/comm").read_bytes())
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        assert pipe.read().decode() == shown + "\n"
    os.waitpid(pid, 0)


def test_what_is_not_there_is_an_error_of_the_system() -> None:
    for call in (
        lambda: libc.mq_open("/ipcviz-is-not-there", os.O_RDONLY),
        lambda: libc.mq_unlink("/ipcviz-is-not-there"),
        lambda: libc.sem_unlink("/ipcviz-is-not-there"),
        lambda: libc.NamedSemaphore("/ipcviz-is-not-there"),
    ):
        with pytest.raises(FileNotFoundError):
            call()


def test_a_function_that_the_c_library_lacks_is_said_so() -> None:
    with pytest.raises(OSError, match="this C library has no mq_nothing"):
        libc._function("mq_nothing")
