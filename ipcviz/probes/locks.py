"""POSIX semaphores: their value and how many wait, from where glibc keeps them.

glibc 2.21 and newer, on 64-bit machines, begins the file with one 64-bit word: the value in its lower
half, the number of waiters in its upper half (struct new_sem). sem_getvalue(3) would tell the value only.
"""

from __future__ import annotations

import struct
import sys

_words = struct.Struct("<II")


def semaphore_words(path: str) -> tuple[int | None, int | None, str]:
    """Value, waiters, and why they are unknown (empty if they are known)."""
    if sys.maxsize < 2**32 or sys.byteorder != "little":
        return None, None, "only known for 64-bit little-endian machines"
    try:
        with open(path, "rb") as file:
            value, waiters = _words.unpack(file.read(_words.size))
    except OSError as error:
        return None, None, f"{path} cannot be read ({error.strerror})"
    except struct.error:
        return None, None, f"{path} is shorter than a semaphore"
    return value, waiters, ""
