"""Where recordings go that nobody has given a name: a folder of the user's own; only the last of it are kept.

`$XDG_STATE_HOME/ipcviz`, or `~/.local/state/ipcviz` (XDG Base Directory Specification).
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

from ipcviz.recording.layout import RecordingError

MOST = 20
"""Recordings that are kept."""
SUFFIX = ".ipcz"
_OURS = re.compile(r".+-\d{8}-\d{6}(-\d+)?\.ipcz")
_UNSAFE = re.compile(r"[^\w.-]+")


def folder() -> Path:
    """The folder, which need not be there yet."""
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state") / "ipcviz"


def made_folder() -> Path:
    """The folder, made if it was not there; nobody else may look into it. Raises `RecordingError`."""
    try:
        made = folder()
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
        made.chmod(0o700)
    except (OSError, RuntimeError) as error:  # RuntimeError: nobody knows where the home is
        reason = getattr(error, "strerror", None) or error
        raise RecordingError(f"There is no folder for recordings: {reason}.") from None
    return made


def name_for(what: str, now: float | None = None) -> str:
    """A name for a recording of that (a demo, a finding), with the local time: what-20260131-235959.ipcz."""
    return time.strftime(f"{safe(what)}-%Y%m%d-%H%M%S{SUFFIX}", time.localtime(now))


def safe(text: str) -> str:
    """A part of a file's name, made of any text."""
    return _UNSAFE.sub("-", text).strip("-.")[:80] or "session"


def free(path: Path) -> Path:
    """The path, or where it is taken the first with a number that is not."""
    number, found = 1, path
    while os.path.lexists(found):
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def clear(kept: int = MOST) -> list[Path]:
    """Remove the oldest recordings in the folder, so that so many are left; those that were removed."""
    found = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder()):
            if _OURS.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                found.append((entry.stat(follow_symlinks=False).st_mtime_ns, Path(entry.path)))
    removed = []
    for _, path in sorted(found)[: max(0, len(found) - kept)]:
        with contextlib.suppress(OSError):
            path.unlink()
            removed.append(path)
    return removed


def short(path: Path) -> str:
    """The path as people type it: ~ for the home, without the current folder."""
    for base, begin in ((Path.cwd(), ""), (Path.home(), "~/")):
        with contextlib.suppress(ValueError, RuntimeError, OSError):
            return begin + str(path.resolve().relative_to(base.resolve()))
    return str(path)
