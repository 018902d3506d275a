"""Of a process's page: where its time went, its ends, and its locks."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from ipcviz import units
from ipcviz.events import LockUse
from ipcviz.traits import gives
from ipcviz.tui.lines import Line, Piece, line, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.table import Column, columns_that_fit, head_of, row_of, widest
from ipcviz.tui.words import BLOCKED_MUCH
from ipcviz.view import ChannelView, EndView, LockView, ProcessView, View

GAUGE = 8
PAUSED = "paused by hand"


class Use(NamedTuple):
    """A process's end of a channel."""

    channel: ChannelView
    end: EndView


class Hold(NamedTuple):
    """A process's use of a lock; since when it waits or holds is ns of age, 0 for neither."""

    lock: LockView
    use: LockUse
    age: int


def ends_of(process: ProcessView, view: View) -> list[Use]:
    """All its ends, in the order of the channels."""
    return [Use(c, end) for c in view.channels for end in c.ends if end.process == process.name]


def locks_of(process: ProcessView, view: View) -> list[Hold]:
    """All locks that it uses."""
    found = []
    for lock in view.locks:
        for name, use in zip(lock.info.users, lock.uses, strict=False):
            if name == process.name:
                found.append(Hold(lock, use, max(0, view.framed - use.since) if use.state else 0))
    return found


def time_shares(process: ProcessView, view: View) -> tuple[list[tuple[str, float, int | None]], int]:
    """Each wait in words, its share (0 to 1) and ns, the longest first and the rest last; its life in ns.

    Time for which it was paused by hand is none of its waits, and has a row of its own.
    """
    if process.started is None:
        return [], 0
    until = process.ended if process.ended is not None else view.framed
    lived = until - process.started
    if lived <= 0:
        return [], 0
    waits: dict[str, int] = {}
    for channel, end in ends_of(process, view):
        for words, waited in (
            (f"sending on {channel.info.name}", end.state.blocked_send),
            (f"receiving from {channel.info.name}", end.state.blocked_receive),
        ):
            if waited:
                waits[words] = waits.get(words, 0) + waited
    for lock, use, age in locks_of(process, view):
        waited = hold_waited(Hold(lock, use, age))
        if waited:
            waits[f"waiting for {lock.info.name}"] = waited
    if process.paused_for:
        waits[PAUSED] = process.paused_for
    told = sorted(waits.items(), key=lambda item: -item[1])
    shares: list[tuple[str, float, int | None]] = [
        (words, min(1.0, waited / lived), waited) for words, waited in told
    ]
    rest = max(0.0, 1.0 - sum(share for _, share, _ in shares))
    return [*shares, ("everything else", rest, None)], lived


def end_rows(process: ProcessView, view: View, width: int, look: Look) -> list[Line]:
    """A row for each end; none for a process without any."""
    uses = ends_of(process, view)
    if not uses:
        return []
    columns = columns_that_fit(_end_columns(uses, look), width - 3)
    return [head_of(columns), *(line("  ", *row_of(columns, use)) for use in uses)]


def lock_rows(process: ProcessView, view: View, width: int) -> list[Line]:
    """A row for each lock that it uses; none for a process without any."""
    holds = locks_of(process, view)
    if not holds:
        return []
    columns = columns_that_fit(_lock_columns(holds), width - 3)
    return [head_of(columns), *(line("  ", *row_of(columns, hold)) for hold in holds)]


def _end_columns(uses: list[Use], look: Look) -> list[Column[Use]]:
    name = widest((use.channel.info.name for use in uses), 7, 24)
    kind = widest((use.channel.mechanism for use in uses), 9, 20)
    return [
        Column("channel", name, lambda use, width: (middle_cut(use.channel.info.name, width), "strong")),
        Column("role", 9, lambda use, _: (use.end.role, "text"), 1),
        Column("mechanism", kind, lambda use, _: (use.channel.mechanism, "dim"), 5),
        Column("messages", 9, _messages, 2, right=True),
        Column("bytes", 9, _bytes, 6, right=True),
        Column("rate", 9, _rate, 3, right=True),
        Column("waited of 10 s", 6 + GAUGE, partial(_waited, look=look), 4),
        Column("in all", 8, _in_all, 5, right=True),
        Column("", 8, lambda use, _: ("closed" if use.end.state.closed else "", "dim"), 7),
    ]


def _messages(use: Use, _width: int) -> Piece:
    state = use.end.state
    return units.count(state.sent if gives(use.end.role) else state.received), "text"


def _bytes(use: Use, _width: int) -> Piece:
    state = use.end.state
    return units.size(state.sent_bytes if gives(use.end.role) else state.received_bytes), "dim"


def _rate(use: Use, _width: int) -> Piece:
    return units.rate(use.end.sent_rate + use.end.received_rate), "text"


def _waited(use: Use, _width: int, look: Look) -> Piece:
    style = "warn" if gives(use.end.role) and use.end.waited >= BLOCKED_MUCH else "dim"
    return f"{look.bar(use.end.waited, GAUGE)}{units.percent(use.end.waited):>6}", style


def _in_all(use: Use, _width: int) -> Piece:
    return units.lasted(use.end.state.blocked_send + use.end.state.blocked_receive), "dim"


def _lock_columns(holds: list[Hold]) -> list[Column[Hold]]:
    name = widest((hold.lock.info.name for hold in holds), 7, 24)
    return [
        Column("lock", name, lambda hold, width: (middle_cut(hold.lock.info.name, width), "strong")),
        Column("kind", 12, lambda hold, _: (hold.lock.info.mechanism, "dim"), 4),
        Column("now", 16, _lock_state, 1),
        Column("taken", 9, lambda hold, _: (units.count(hold.use.acquisitions), "text"), 2, right=True),
        Column("had to wait", 11, _had_to_wait, 3, right=True),
        Column("waited", 8, lambda hold, _: (units.lasted(hold_waited(hold)), "dim"), 3, right=True),
    ]


def hold_waited(hold: Hold) -> int:
    """The ns that it has waited for the lock since the start, a wait that still lasts included."""
    return hold.use.waited + (hold.age if hold.use.state == "waiting" else 0)


def _had_to_wait(hold: Hold, _width: int) -> Piece:
    """How often, a wait that still lasts included."""
    return units.count(hold.use.contended + (hold.use.state == "waiting")), "text"


def _lock_state(hold: Hold, _width: int) -> Piece:
    if hold.use.died:
        return "died holding it", "bad"
    if not hold.use.state:
        return "", "dim"
    style = "warn" if hold.use.state == "waiting" else "accent"
    return f"{hold.use.state} {units.lasted(hold.age)}", style
