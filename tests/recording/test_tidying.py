"""What is written down of events: bounded, and of what is redacted nothing at all."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from helpers import events as made

from ipcviz import events as ev
from ipcviz.recording.maker import recorded
from ipcviz.recording.reader import Recording
from ipcviz.recording.tidying import LONGEST_TEXT, tidied
from ipcviz.units import SECOND

SECRET = b"4711-SECRET-0815"
TEXT = SECRET.decode()


def secretive() -> list[ev.AnyEvent]:
    """A session that tells its secret wherever a program can tell something."""
    session = made.session(["a", "b"], [made.channel("c", "a>", ">b")])
    session = ev.SessionStarted(
        **{
            **{name: getattr(session, name) for name in session.__struct_fields__},
            "parameters": {"text": f"/home/{TEXT}/x", "rate": 5},
            "host": ev.Host(TEXT, "Linux", 1, "3", "0"),
        }
    )
    state = made.state(ev.EndState(sent=1), ev.EndState(received=1))
    state = ev.ChannelState(state.ends, state.depth, state.latency, content=SECRET)
    sent = f"{TEXT!r} was sent into c by hand, through a."
    failed = f"Failed process: a ended with status 1: ValueError: {TEXT}"
    return [
        session,
        made.frame(SECOND, [state]),
        made.frame(SECOND + 1, [ev.ChannelState(state.ends, state.depth, state.latency, content=SECRET * 2)]),
        ev.Message(t=1, channel="c", sender="a", receiver="b", sequence=1, sent=0, size=16, payload=SECRET),
        ev.Note(t=1, process="a", text=f"printed {TEXT}"),
        ev.Reported(t=1, process="a", values={"text": TEXT, "count": 5, "share": 0.5, "good": True}),
        ev.FaultInjected(t=1, fault="send", sentence=sent, process="a", channel="c", payload=SECRET),
        ev.ProcessExited(
            t=1,
            process="a",
            pid=5,
            exit=1,
            signal=None,
            failed=True,
            reason=f"ValueError: {TEXT}",
            detail=TEXT,
        ),
        ev.FindingRaised(t=1, key="x", kind="failed process", sentence=failed, since=0, members=["a"]),
        ev.Summary(
            topology="x",
            seconds=1.0,
            processes=[],
            channels=[],
            locks=[],
            findings=[ev.FindingSummary("failed process", failed, 0.0)],
            reports={"a": {"text": TEXT, "count": 5}},
            stream=ev.StreamSummary(1, 0),
            watching=ev.Watching(0.0, 0.0),
            regions=[ev.RegionSummary("r", "shm", 64, 1, 1, SECRET)],
        ),
    ]


def everything(file: bytes) -> bytes:
    """The header and all lines of a recording."""
    recording = Recording(io.BytesIO(file))
    lines = [recording.text(number) for number in range(len(recording.chunks))]
    return file + b"".join(lines) + repr(list(recording.events())).encode()


def test_redacted_a_secret_is_nowhere() -> None:
    hidden = everything(recorded(secretive(), redact=True))
    for form in (SECRET, base64.b64encode(SECRET), base64.b64encode(SECRET).rstrip(b"="), SECRET[:12]):
        assert form not in hidden
    assert SECRET in everything(recorded(secretive())), "it was nowhere before either"


def test_redacted_sizes_names_numbers_and_causes_stay() -> None:
    by_kind: dict[Any, Any] = {
        type(event): event for event in Recording(io.BytesIO(recorded(secretive(), redact=True))).events()
    }
    assert by_kind[ev.Message].size == 16
    assert by_kind[ev.Reported].values == {"text": "(redacted)", "count": 5, "share": 0.5, "good": True}
    assert by_kind[ev.SessionStarted].parameters == {"text": "(redacted)", "rate": 5}
    assert by_kind[ev.FaultInjected].sentence == "A message was sent into c by hand, through a."
    assert by_kind[ev.ProcessExited].reason == "ValueError"
    assert by_kind[ev.FindingRaised].sentence == "Failed process: a ended with status 1"


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (ev.Note(t=0, process="a", text="x" * 200_000), "text"),
        (
            ev.ProcessExited(t=0, process="a", pid=1, exit=1, signal=None, failed=True, detail="y" * 200_000),
            "detail",
        ),
    ],
)
def test_texts_are_bounded(event: ev.AnyEvent, field: str) -> None:
    assert len(getattr(tidied(event), field)) == LONGEST_TEXT


def test_previews_and_reports_are_bounded() -> None:
    message = ev.Message(
        t=0, channel="c", sender="a", receiver="b", sequence=1, sent=0, size=9_000, payload=bytes(9_000)
    )
    told = tidied(message)
    assert isinstance(told, ev.Message)
    assert (len(told.payload), told.size) == (64, 9_000)
    reported = tidied(ev.Reported(t=0, process="a", values={"long": "z" * 200_000, "n": 1}))
    assert isinstance(reported, ev.Reported)
    assert len(str(reported.values["long"])) == LONGEST_TEXT
    assert reported.values["n"] == 1


def test_what_is_larger_than_a_chunk_is_left_out_and_counted() -> None:
    session = made.session(["a"])
    values: dict[str, ev.Plain] = {f"{number:050}": "x" * 60_000 for number in range(100)}
    file = recorded([session, ev.Reported(t=0, process="a", values=values), made.frame(5)])
    recording = Recording(io.BytesIO(file))
    assert [type(event) for event in recording.events()] == [ev.SessionStarted, ev.Frame]
    assert recording.totals is not None
    assert recording.totals.left_out == 1


def test_a_chunk_that_nobody_would_read_is_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    session = made.session(["a", "b"], [made.channel("c", "a>", ">b")])
    events: list[ev.AnyEvent] = [session, made.frame(1)]
    events += [made.message(number, 2 * SECOND) for number in range(50)]
    events += [made.message(number, 4 * SECOND) for number in range(3)]
    monkeypatch.setattr("ipcviz.recording.layout.LARGEST_TEXT", 2_000)
    file = recorded(events)
    monkeypatch.undo()
    recording = Recording(io.BytesIO(file))
    assert recording.cut == ""
    assert list(recording.events()) == [*events[:2], *events[-3:]]
    assert recording.totals is not None
    assert (recording.totals.left_out, recording.totals.messages) == (50, 3)
