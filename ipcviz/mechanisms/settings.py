"""The kernel's settings under /proc/sys, read now (proc(5))."""

from __future__ import annotations

from pathlib import Path


def setting(path: str, assumed: int, field: int = 0) -> int:
    """The number in that file, in its `field`; where it cannot be read, the kernel's documented default."""
    try:
        return int(Path(path).read_text().split()[field])
    except (OSError, ValueError, IndexError):
        return assumed
