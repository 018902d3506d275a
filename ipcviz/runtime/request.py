"""What the command line asks of a supervisor: the first line on its control pipe."""

from __future__ import annotations

import msgspec


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
