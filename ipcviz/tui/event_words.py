"""An event in a few words, for who steps from one to the next. Pure."""

from __future__ import annotations

from ipcviz import events as ev
from ipcviz.tui.look import Look


def words_of(event: ev.AnyEvent, look: Look) -> str:
    """What happened, without when; names as they are."""
    if isinstance(event, ev.Message):
        return f"{event.channel} {event.sequence}: {event.sender} {look.glyph('to')} {event.receiver}"
    if isinstance(event, ev.LockEvent):
        verb = {"waited": "waits for", "acquired": "takes", "released": "releases"}[event.action]
        return f"{event.process} {verb} {event.lock}"
    if isinstance(event, ev.Frame):
        return "all counters are read"
    if isinstance(event, ev.ProcessExited):
        return f"{event.process} {'failed' if event.failed else 'ended'}"
    if isinstance(event, ev.ProcessStarted):
        return f"{event.process} starts"
    if isinstance(event, ev.ProcessSignalled):
        return f"signal {event.signal} to {event.process}"
    return _said(event)


def _said(event: ev.AnyEvent) -> str:
    if isinstance(event, ev.FaultInjected | ev.FindingRaised):
        return event.sentence
    if isinstance(event, ev.FindingCleared):
        return "a finding is over"
    if isinstance(event, ev.Note):
        return f"{event.process} prints"
    if isinstance(event, ev.Reported):
        return f"{event.process} reports"
    if isinstance(event, ev.Chapter):
        return event.label
    return "the session begins" if isinstance(event, ev.SessionStarted) else "the session is summed up"
