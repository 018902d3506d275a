"""What the command line asks of a supervisor: the first line on its control pipe."""

from __future__ import annotations

import msgspec

from ipcviz.events import Plain

MARK = "IPCVIZ_RUN"
"""The environment variable that everything which a run starts inherits; its value is the run's alone."""


class SessionRequest(msgspec.Struct, frozen=True):
    """One run. `mechanisms` and `locks` map a name, or "" for all, to a mechanism's name.

    `seconds` ends the run after so long, None lets it run; `tick` is milliseconds between two frames.
    """

    demo: str
    settings: dict[str, str] = {}
    mechanisms: dict[str, str] = {}
    locks: dict[str, str] = {}
    seconds: float | None = None
    tick: int = 100


class Command(msgspec.Struct, frozen=True):
    """A later line on the control pipe; its end means the same as "stop"."""

    do: str


def encode_line(item: SessionRequest | Command) -> bytes:
    """One line of JSON, newline included."""
    return msgspec.json.encode(item) + b"\n"


def plain(value: object) -> Plain:
    """A value of a demo's own as the stream can carry it: long integers and anything else as text."""
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 1 << 63):
        return value
    # Half a surrogate pair, which a file name can hold, has no place in UTF-8.
    return str(value).encode("utf-8", "backslashreplace").decode()
