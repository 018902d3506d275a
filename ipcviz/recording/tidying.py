"""What of an event is written down: previews of at most 64 bytes, texts of a bounded length.

Redacted, payloads become sizes, and what processes printed, reported or died of, which may quote them, is
left out, before anything is written. Names, counters, times and the words of ipcviz's own stay.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from ipcviz import events as ev

PREVIEW = 64
"""Bytes of a payload."""
LONGEST_TEXT = 1 << 16
"""Characters of anything printed or reported."""
REDACTED = "(redacted)"


def tidied(event: ev.AnyEvent, redact: bool = False) -> ev.AnyEvent:
    """The event as it is written down."""
    bounded = _BOUNDED.get(type(event))
    if bounded is not None:
        event = bounded(event)
    redacted = _REDACTED.get(type(event)) if redact else None
    return redacted(event) if redacted is not None else event


def _message(event: ev.Message) -> ev.Message:
    return structs.replace(event, payload=event.payload[:PREVIEW]) if len(event.payload) > PREVIEW else event


def _fault(event: ev.FaultInjected) -> ev.FaultInjected:
    return structs.replace(event, payload=event.payload[:PREVIEW]) if len(event.payload) > PREVIEW else event


def _note(event: ev.Note) -> ev.Note:
    return structs.replace(event, text=_short(event.text)) if len(event.text) > LONGEST_TEXT else event


def _exited(event: ev.ProcessExited) -> ev.ProcessExited:
    if max(len(event.detail), len(event.reason)) <= LONGEST_TEXT:
        return event
    return structs.replace(event, detail=_short(event.detail), reason=_short(event.reason))


def _reported(event: ev.Reported) -> ev.Reported:
    if all(not isinstance(value, str) or len(value) <= LONGEST_TEXT for value in event.values.values()):
        return event
    values = {n: _short(v) if isinstance(v, str) else v for n, v in event.values.items()}
    return structs.replace(event, values=values)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


_BOUNDED: dict[type, Any] = {
    ev.Message: _message,
    ev.FaultInjected: _fault,
    ev.Note: _note,
    ev.ProcessExited: _exited,
    ev.Reported: _reported,
}


def _redact_session(event: ev.SessionStarted) -> ev.SessionStarted:
    """The host's name, and parameters that are paths, tell whose machine it was."""
    parameters = {
        name: REDACTED if isinstance(value, str) and ("/" in value or "\\" in value) else value
        for name, value in event.parameters.items()
    }
    host = structs.replace(event.host, name=REDACTED)
    return structs.replace(event, parameters=parameters, host=host)


def _redact_frame(event: ev.Frame) -> ev.Frame:
    if not any(channel.content for channel in event.channels):
        return event
    channels = [structs.replace(c, content=b"") if c.content else c for c in event.channels]
    return structs.replace(event, channels=channels)


def _redact_message(event: ev.Message) -> ev.Message:
    return structs.replace(event, payload=b"")


def _redact_fault(event: ev.FaultInjected) -> ev.FaultInjected:
    if event.fault != "send":
        return structs.replace(event, payload=b"")
    through = f", through {event.process}" if event.process else ""
    sentence = f"A message was sent into {event.channel} by hand{through}." if event.done else event.sentence
    return structs.replace(event, payload=b"", sentence=sentence)


def _redact_note(event: ev.Note) -> ev.Note:
    return structs.replace(event, text=REDACTED)


def _redact_exited(event: ev.ProcessExited) -> ev.ProcessExited:
    """What an author's error says may quote what it was about."""
    return structs.replace(
        event, reason=event.reason.partition(":")[0], detail=REDACTED if event.detail else ""
    )


def _redact_values(values: dict[str, ev.Plain]) -> dict[str, ev.Plain]:
    return {name: REDACTED if isinstance(value, str) else value for name, value in values.items()}


def _redact_reported(event: ev.Reported) -> ev.Reported:
    return structs.replace(event, values=_redact_values(event.values))


def _redact_finding(event: ev.FindingRaised) -> ev.FindingRaised:
    return structs.replace(event, sentence=redact_sentence(event.kind, event.sentence))


def redact_sentence(kind: ev.FindingKind, sentence: str) -> str:
    """Of findings, those on failed processes quote what the author's error says."""
    return ": ".join(sentence.split(": ")[:2]) if kind == "failed process" else sentence


def _redact_summary(event: ev.Summary) -> ev.Summary:
    return structs.replace(
        event,
        regions=[structs.replace(region, content=b"") for region in event.regions],
        reports={process: _redact_values(values) for process, values in event.reports.items()},
        findings=[structs.replace(f, sentence=redact_sentence(f.kind, f.sentence)) for f in event.findings],
    )


_REDACTED: dict[type, Any] = {
    ev.SessionStarted: _redact_session,
    ev.Frame: _redact_frame,
    ev.Message: _redact_message,
    ev.FaultInjected: _redact_fault,
    ev.Note: _redact_note,
    ev.ProcessExited: _redact_exited,
    ev.Reported: _redact_reported,
    ev.FindingRaised: _redact_finding,
    ev.Summary: _redact_summary,
}
