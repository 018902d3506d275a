"""What works on this machine, what does not, why, and the remedy."""

from __future__ import annotations

import errno
import os
import platform
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from ipcviz import terminal
from ipcviz.mechanisms import LOCKS, MECHANISMS, libc
from ipcviz.runtime import ledger


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `needed` if no run is possible without it."""

    subject: str
    works: bool
    detail: str
    needed: bool = False

    def as_dict(self) -> dict[str, object]:
        """As plain values."""
        return asdict(self)


def checks() -> Iterator[Check]:
    """Everything, in reading order."""
    yield Check("python", sys.version_info >= (3, 11), platform.python_version(), needed=True)
    linux = sys.platform == "linux"
    system = f"{platform.system()} {platform.release()}"
    yield Check("system", linux, system if linux else f"{system}; runs need Linux", needed=True)
    yield from (_mechanism(name, mechanism.unavailable()) for name, mechanism in MECHANISMS.items())
    yield from (_mechanism(name, lock.unavailable()) for name, lock in LOCKS.items())
    yield _pidfd()
    yield _depths()
    yield _shared_memory()
    yield _ledger()
    yield _leftovers()
    yield _terminal()
    yield _glyphs()


def _mechanism(name: str, reason: str | None) -> Check:
    return Check(name, reason is None, reason or "available")


def _pidfd() -> Check:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (OSError, AttributeError) as error:
        return Check("pidfd", False, f"{error}; runs need Linux 5.6 or newer", needed=True)
    return Check("pidfd", True, "workers are watched without races", needed=True)


def _depths() -> Check:
    """Borrow a descriptor of a child, as the probes of pipes and sockets do."""
    child = os.fork()
    if child == 0:
        signal.pause()
        os._exit(0)
    pidfd = os.pidfd_open(child)
    try:
        os.close(libc.pidfd_getfd(pidfd, 2))
    except OSError as error:
        remedy = "in a container, allow pidfd_getfd or add CAP_SYS_PTRACE"
        if error.errno == errno.EBADF:
            return Check("depths", True, "depths of pipes and sockets can be asked")
        return Check("depths", False, f"pidfd_getfd: {error.strerror}; depths show as unknown; {remedy}")
    finally:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(pidfd)
    return Check("depths", True, "depths of pipes and sockets can be asked")


def _shared_memory() -> Check:
    try:
        free = shutil.disk_usage("/dev/shm").free
    except OSError as error:
        return Check("/dev/shm", False, f"{error.strerror}; mount a tmpfs there for shm and posix-sem")
    if free < 2 << 20:
        return Check("/dev/shm", False, f"{free // 1024} KiB free; a ring needs 1 MiB for each channel")
    return Check("/dev/shm", True, f"{free >> 20:,} MiB free")


def _ledger() -> Check:
    folder = ledger.base_folder()
    if os.access(folder if folder.exists() else folder.parent, os.W_OK | os.X_OK):
        return Check("ledger", True, f"runs are listed in {folder}", needed=True)
    return Check("ledger", False, f"{folder} cannot be written; set XDG_RUNTIME_DIR", needed=True)


def _leftovers() -> Check:
    dead = ledger.dead_runs()
    if dead:
        things = sum(len(run.entries) for run in dead)
        return Check(
            "leftovers", False, f"{len(dead)} killed runs left {things} things listed; run ipcviz clean"
        )
    return Check("leftovers", True, "no run has left anything behind")


def _terminal() -> Check:
    reason = terminal.why_no_screen()
    if reason is not None:
        return Check("screen", False, reason)
    size = shutil.get_terminal_size()
    name = os.environ.get("TERM", "")
    if size.columns < 60 or size.lines < 15:
        return Check(
            "screen", False, f"{name}, {size.columns}x{size.lines}; it needs 60x15, and is best at 120x40"
        )
    colors = (
        "no colours (NO_COLOR)" if terminal.no_color() else os.environ.get("COLORTERM", "256 colours or less")
    )
    return Check("screen", True, f"{name}, {size.columns}x{size.lines}, {colors}")


def _glyphs() -> Check:
    glyphs = terminal.glyph_set()
    if glyphs == "unicode":
        return Check("glyphs", True, "unicode")
    return Check("glyphs", False, f"{glyphs} only; set LANG to a UTF-8 locale (C.UTF-8) for lines and arrows")
