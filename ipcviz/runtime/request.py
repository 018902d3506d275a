"""What a supervisor is asked: a request as the first line on its control pipe, commands as later ones."""

from __future__ import annotations

from typing import Literal

import msgspec

from ipcviz.events import FaultKind, Plain

LONGEST_LINE = 1 << 20
"""Bytes on the control pipe; a longer line is taken for several."""
MARK = "IPCVIZ_RUN"
"""The environment variable that everything which a run starts inherits; its value is the run's alone."""


MOST_SECONDS = 60.0
"""Of a delay, or for one message of a slow taker."""
MOST_TIMES = 1000.0
"""As fast as by itself, or as slow."""
MOST_MESSAGES = 1_000_000_000
LARGEST_BY_HAND = 4000
"""Bytes of a message by hand: into a pipe it goes whole or not at all (PIPE_BUF, pipe(7))."""


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """A later line on the control pipe: "stop" (the end of the pipe means the same), or a fault.

    The fields are those of `events.FaultInjected`. "pause", "resume" and "kill" name a process, "slow" a
    process (and a channel, or all that it takes from), "rate" a process, the others a channel (and a process,
    or all that send into it); "send" puts `payload` into the channel by hand.
    """

    do: Literal["stop"] | FaultKind
    process: str = ""
    channel: str = ""
    amount: float = 0.0
    count: int = 0
    share: float = 0.0
    payload: bytes = b""


class Act(msgspec.Struct, frozen=True):
    """A command to be obeyed `at` so many seconds after the start."""

    at: float
    command: Command


class SessionRequest(msgspec.Struct, frozen=True):
    """One run. `mechanisms` and `locks` map a name, or "" for all, to a mechanism's name.

    `seconds` ends the run after so long, None lets it run; `tick` is milliseconds between two frames, and
    `acts` are commands given beforehand.
    """

    demo: str
    settings: dict[str, str] = {}
    mechanisms: dict[str, str] = {}
    locks: dict[str, str] = {}
    seconds: float | None = None
    tick: int = 100
    acts: list[Act] = []


def excess(command: Command) -> str:
    """Why a command with these figures cannot be obeyed, as a sentence; "" if it can."""
    amount, size = command.amount, len(command.payload)
    if command.do == "rate" and not 1 / MOST_TIMES <= amount <= MOST_TIMES:
        return (
            f"A pace is changed by a factor of {1 / MOST_TIMES:g} to {MOST_TIMES:g}, and not by {amount:g}."
        )
    if command.do != "rate" and not 0 <= amount <= MOST_SECONDS:
        return f"A time is 0 to {MOST_SECONDS:g} s, and not {amount:g} s."
    if not 0 <= command.count <= MOST_MESSAGES:
        return f"A count is 0 to {MOST_MESSAGES:,}, and not {command.count:,}."
    if not 0 <= command.share <= 1:
        return f"A share is 0 to 1, and not {command.share:g}."
    if command.do == "delay" and (command.count or command.share) and not amount:
        return "A delay needs a time above 0, such as 200 ms."
    if size > LARGEST_BY_HAND:
        return f"By hand at most {LARGEST_BY_HAND:,} bytes can be sent, and not {size:,}."
    return ""


def encode_line(item: SessionRequest | Command) -> bytes:
    """One line of JSON, newline included."""
    return msgspec.json.encode(item) + b"\n"


def parse_command(line: bytes) -> Command | None:
    """The command of a line; None if it is none."""
    try:
        return _commands.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def plain(value: object) -> Plain:
    """A value of a demo's own as the stream can carry it: long integers and anything else as text."""
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 1 << 63):
        return value
    # Half a surrogate pair, which a file name can hold, has no place in UTF-8.
    return str(value).encode("utf-8", "backslashreplace").decode()


_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
