"""The file that stands for a lock, in the run's folder: made once, by the supervisor."""

from __future__ import annotations

import os

from ipcviz.mechanisms.contract import CannotCreate
from ipcviz.mechanisms.descriptors import reason_of


def make(path: str, lock: str, size: int = 0) -> int:
    """Make a file of that size that must not exist; its descriptor. Raises `CannotCreate`."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotCreate(f"lock {lock!r}: {path} could not be made ({reason_of(error)})") from None
    try:
        if size:
            os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        os.close(descriptor)
        os.unlink(path)
        folder = os.path.dirname(path)
        raise CannotCreate(
            f"lock {lock!r}: there is no room in {folder} ({error.strerror}); free some"
        ) from None
    return descriptor
