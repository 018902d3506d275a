"""System V objects, sysvipc(7): known by a key that is made from a name, and by the id that the kernel gave.

/proc/sysvipc tells everybody what there is, and who made it when; nothing needs to be opened for that.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import NamedTuple

KINDS = {"sysv-mq": "msg", "sysv-sem": "sem"}
"""The ledger's words, and the kernel's."""
_FOLDER = Path("/proc/sysvipc")


class Row(NamedTuple):
    """One object of /proc/sysvipc, its columns by name; times are seconds since 1970."""

    columns: dict[str, int]

    @property
    def identifier(self) -> int:
        """The id that the kernel gave it."""
        return next(value for name, value in self.columns.items() if name.endswith("id"))


def key_of(name: str) -> int:
    """The key that stands for a name: positive, and never IPC_PRIVATE."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF or 1


def row_of(kind: str, key: int) -> Row | None:
    """What the kernel says of the object with that key; None if there is none. Raises `OSError`."""
    header, *lines = (_FOLDER / KINDS[kind]).read_text().splitlines()
    names = header.split()
    for line in lines:
        columns = dict(zip(names, map(int, _decimal(line.split(), names)), strict=False))
        if columns["key"] == key:
            return Row(columns)
    return None


def identifier(kind: str, name: str, start: int) -> int | None:
    """The id of the object of that name, if this user made it at `start` or later; None if there is none."""
    try:
        row = row_of(kind, key_of(name))
    except OSError:
        return None
    if row is None or row.columns["cuid"] != os.getuid() or row.columns["ctime"] < start:
        return None
    return row.identifier


def remove(kind: str, name: str, start: int) -> bool:
    """Remove it (IPC_RMID) if it is ours; raises `OSError`."""
    number = identifier(kind, name, start)
    if number is None:
        return False
    import sysv_ipc

    try:
        if kind == "sysv-mq":
            sysv_ipc.remove_message_queue(number)
        else:
            sysv_ipc.remove_semaphore(number)
    except sysv_ipc.ExistentialError:
        return False
    except sysv_ipc.PermissionsError as error:
        raise PermissionError(str(error)) from None
    return True


def missing() -> str | None:
    """Why there are no System V objects here; None if there are."""
    if not _FOLDER.is_dir():
        return "this kernel was built without System V IPC (CONFIG_SYSVIPC)"
    try:
        import sysv_ipc
    except ImportError as error:
        return f"the package sysv-ipc cannot be loaded ({error}); install it with pip install sysv-ipc"
    return None if sysv_ipc.VERSION else "the package sysv-ipc is damaged; install it again"


def _decimal(values: list[str], names: list[str]) -> list[str]:
    """Permissions are told in octal, everything else is decimal."""
    pairs = zip(names, values, strict=False)
    return [str(int(value, 8)) if name == "perms" else value for name, value in pairs]
