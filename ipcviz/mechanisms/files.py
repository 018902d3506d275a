"""Files, sockets and FIFOs in a run's folder, and memory that is mapped from files."""

from __future__ import annotations

import mmap
import os
from contextlib import suppress

from ipcviz.mechanisms.contract import CannotCreate
from ipcviz.mechanisms.descriptors import reason_of

LONGEST_SOCKET_PATH = 107


def remove(path: str) -> None:
    """Remove its name, if it is still there."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def check_socket_path(channel: str, path: str) -> None:
    """Raise `CannotCreate` where a socket's address has no room for the path (sun_path, unix(7))."""
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise CannotCreate(
            f"channel {channel!r}: a socket's path may have {LONGEST_SOCKET_PATH} bytes and {path} has more; "
            "set XDG_RUNTIME_DIR to a folder with a shorter name"
        )


def reserve(path: str, size: int, channel: str, remedy: str) -> None:
    """Make a file of that size that must not exist, its room taken now; raises `CannotCreate`."""
    folder = os.path.dirname(path)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotCreate(f"channel {channel!r}: {path} could not be made ({reason_of(error)})") from None
    try:
        # Without this, a full file system would show as a bus error in the middle of a run.
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        os.unlink(path)
        raise CannotCreate(
            f"channel {channel!r} needs {-(-size // 1024)} KiB in {folder} and there is no room "
            f"({error.strerror}); free some, or {remedy}"
        ) from None
    finally:
        os.close(descriptor)


def map_file(path: str, size: int, writable: bool = True) -> mmap.mmap:
    """The file's first bytes as memory that is shared with everybody who maps it; raises `OSError`."""
    descriptor = os.open(path, (os.O_RDWR if writable else os.O_RDONLY) | os.O_CLOEXEC)
    try:
        protection = mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
        return mmap.mmap(descriptor, size, mmap.MAP_SHARED, protection)
    finally:
        os.close(descriptor)
