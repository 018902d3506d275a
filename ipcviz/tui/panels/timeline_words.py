"""What the timeline says in words about the chosen message, process or lock."""

from __future__ import annotations

from ipcviz import units
from ipcviz.events import Message
from ipcviz.lanes import LockLane, ProcessLane, Release, Span
from ipcviz.tui.lines import Line, line
from ipcviz.tui.look import Look
from ipcviz.view import View

WAITED = {"receiving": "to receive from", "sending": "to send on", "locking": "for"}


def about_message(message: Message, view: View, look: Look) -> list[Line]:
    """Its way, its times, its size and beginning; and whom it let go on."""
    to = look.glyph("to")
    took = units.micros((message.t - message.sent) / 1000)
    first = line(
        (f"{look.glyph('cursor')} ", "accent"),
        (f"{message.channel} {message.sequence}", "strong"),
        f"  {message.sender} {to} {message.receiver}",
        ("  took ", "dim"),
        (took, "accent"),
        (f"  sent {units.stamp(message.sent)}  received {units.stamp(message.t)}  ", "dim"),
        f"{units.size(message.size)}  ",
        (units.preview(message.payload), "text"),
    )
    return [first, line(("  " + (freed_by(message, view) or ""), "dim"))]


def freed_by(message: Message, view: View) -> str:
    """The wait that this message ended, or "" where none is known."""
    for lane in view.lanes.processes:
        if lane.name not in (message.receiver, message.sender):
            continue
        for span in lane.waits.between(message.t - 1, message.t + 2_000_000):
            by = span.by
            if by is None or by.message is None:
                continue
            if (by.message.t, by.message.channel, by.message.sequence, by.process) == _identity(message, by):
                return (
                    f"{lane.name} had waited {lasted(span)} {WAITED[span.what]} {span.name}; {_thanks(by)}."
                )
    return ""


def about_lane(kind: str, name: str, view: View, t: int) -> list[Line]:
    """The chosen process or lock at t; where none is chosen, the keys that do something here."""
    for lane in view.lanes.processes:
        if (kind, lane.name) == ("process", name):
            return about_process(lane, t)
    for lock in view.lanes.locks:
        if (kind, lock.name) == ("lock", name):
            return about_lock(lock, t)
    keys = "↑ ↓ a message" if view.channels else "↑ ↓ a lane"
    return [line((f"  {keys}   ← → through time   + - less or more of it   v turns", "dim")), []]


def about_process(lane: ProcessLane, t: int) -> list[Line]:
    """What it does at t, and how its last wait before ended."""
    now = next((span for span in lane.waits.between(t - 1, t) if span.share >= 1), None)
    paused = next(iter(lane.pauses.between(t - 1, t)), None)
    last = now if now is not None and now.by is not None else lane.waits.last_before(t)
    words = "running or asleep"
    if lane.started is None or t < lane.started:
        words = "not started yet"
    elif lane.ended is not None and t >= lane.ended:
        words = f"ended at {units.stamp(lane.ended)}"
    elif paused is not None:
        words = f"paused by hand for {units.micros((t - paused.start) / 1000)}"
    elif now is not None:
        words = f"waiting {WAITED[now.what]} {now.name} for {units.micros((t - now.start) / 1000)}"
    held = units.listed([span.name for span in lane.holds.between(t - 1, t)])
    words += f", holding {held}" if held else ""
    return [
        line((f"  {lane.name}", "strong"), (f"  {words}", "text"), (f"  at {units.stamp(t)}", "dim")),
        line((f"  {how_ended(last)}", "dim")),
    ]


def how_ended(span: Span | None) -> str:
    """Of a wait: how long it lasted, and through whom it ended."""
    if span is None:
        return "No wait of it is known before that."
    where = f"{WAITED[span.what]} {span.name}"
    if span.share < 1:
        between = units.micros((span.end - span.start) / 1000)
        return f"Before: {units.percent(span.share)} of {between} waiting {where}; when in it is not known."
    about = "" if span.exact else "at least "
    return f"Last wait: {about}{lasted(span)} {where}" + (f"; {_thanks(span.by)}." if span.by else ".")


def about_lock(lane: LockLane, t: int) -> list[Line]:
    """Who held it at t, who waited, and who held it before."""
    spans = list(lane.holds.between(t - 1, t))
    holders = [f"{span.process} for {units.micros((t - span.start) / 1000)}" for span in spans]
    waiters = [span.process for span in lane.waits.between(t - 1, t)]
    words = f"held by {units.listed(holders)}" if holders else "free"
    words += f"; {units.listed(waiters)} waiting" if waiters else ""
    last = lane.holds.last_before(t - 1)
    before = "" if last is None else f"Before that: {last.process}, {lasted(last)}."
    return [
        line((f"  {lane.name}", "strong"), (f"  {words}", "text"), (f"  at {units.stamp(t)}", "dim")),
        line((f"  {before}", "dim")),
    ]


def lasted(span: Span) -> str:
    """How long a span was: 38 ms."""
    return units.micros((span.end - span.start) / 1000)


def _thanks(by: Release) -> str:
    if by.how == "sent":
        number = f" {by.message.sequence}" if by.message else ""
        return f"message{number} of {by.process} let it go on"
    return {
        "took": f"{by.process} took a message out, which made room",
        "released": f"{by.process} released it",
        "died": f"{by.process} died and left it",
        "time": "its time was up",
    }[by.how]


def _identity(message: Message, by: Release) -> tuple[int, str, int, str]:
    process = message.receiver if by.how == "took" else message.sender
    return message.t, message.channel, message.sequence, process
