"""The kernel objects that outlive their processes: whether one is there, and how it is removed.

A name alone does not say whose a thing is. Files lie in the run's own folder; a System V object is only
taken for the run's if this user made it and not before the run wrote its name down.
"""

from __future__ import annotations

import os
from pathlib import Path

from ipcviz.mechanisms import libc, sysv

KINDS = ("file", "shm", "posix-mq", "posix-sem", "sysv-mq", "sysv-sem")
OF_THIS_BOOT = ("process", "sysv-mq", "sysv-sem")
"""What no restart of the machine leaves."""


def there(kind: str, name: str, folder: Path, start: int) -> bool:
    """Whether it still exists; `start` is the second before which it cannot have been made."""
    if kind in sysv.KINDS:
        return sysv.identifier(kind, name, start) is not None
    if kind != "posix-mq":
        return os.path.lexists(_path(kind, name, folder))
    try:
        os.close(libc.mq_open(f"/{name}", os.O_RDONLY))
    except OSError:
        return False
    return True


def remove(kind: str, name: str, folder: Path, start: int) -> bool:
    """Remove it; False if it is not there, or not ours. Raises `OSError`."""
    if kind in sysv.KINDS:
        return sysv.remove(kind, name, start)
    if kind == "posix-mq":
        libc.mq_unlink(f"/{name}")
    else:
        os.unlink(_path(kind, name, folder))
    return True


def _path(kind: str, name: str, folder: Path) -> str:
    if kind == "file":
        return f"{folder}/{name}"
    return f"/dev/shm/{name}" if kind == "shm" else f"/dev/shm/sem.{name}"
