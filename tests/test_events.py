"""Events to and from their line of JSON."""

from __future__ import annotations

import base64
import json
import typing

import pytest
from helpers import events as made
from helpers import streams
from hypothesis import given, settings

from ipcviz import events as ev


@given(streams.streams())
@settings(max_examples=50)
def test_every_event_is_the_same_after_its_line(events: list[ev.AnyEvent]) -> None:
    for event in events:
        line = ev.encode(event)
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        again = ev.decode(line)
        assert again == event
        assert type(again) is type(event)


def test_every_event_has_its_type_in_json() -> None:
    types = {kind.__struct_config__.tag for kind in typing.get_args(ev.AnyEvent)}
    assert len(types) == len(typing.get_args(ev.AnyEvent)) == 17
    assert json.loads(ev.encode(made.message(1)))["type"] == "message"
    assert json.loads(ev.encode(ev.Lost(t=5, events=2))) == {"type": "lost", "t": 5, "events": 2}


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"null",
        b"[]",
        b"hello",
        b'{"type":"note"}',
        b'{"type":"nothing","t":0}',
        b'{"t":0}',
        b'{"type":"lost","t":"x","events":1}',
        b'{"type":"lost","t":1,"events":1',
        b"\xff\xfe",
        b'{"type":"note","t":1,"process":"a","text":"\xff"}',
        b'{"type":"lost","t":1,"events":1,"more":' + b"[" * 100_000,
    ],
)
def test_what_is_no_event_is_refused_with_a_sentence(line: bytes) -> None:
    with pytest.raises(ev.StreamError, match="this is not an event of an ipcviz stream: "):
        ev.decode(line)


def test_a_member_that_is_not_known_is_passed_over() -> None:
    assert ev.decode(b'{"type":"lost","t":1,"events":2,"later":[1]}') == ev.Lost(t=1, events=2)


def test_a_newer_schema_is_refused_with_a_sentence() -> None:
    line = json.loads(ev.encode(made.session(["a"])))
    assert ev.decode(json.dumps(line)) == made.session(["a"])
    line["schema"] = ev.SCHEMA + 1
    with pytest.raises(ev.StreamError, match=r"schema 2 and this ipcviz reads up to 1; install a newer"):
        ev.decode(json.dumps(line))


@pytest.mark.parametrize("change", [{"processes": None}, {"processes": {"a": 1}}, {"host": "here"}])
def test_a_newer_schema_is_told_even_if_the_event_has_changed(change: dict[str, object]) -> None:
    line = json.loads(ev.encode(made.session(["a"]))) | {"schema": ev.SCHEMA + 1} | change
    with pytest.raises(ev.StreamError, match=r"schema 2 and this ipcviz reads up to 1"):
        ev.decode(json.dumps(line))


def test_an_older_schema_is_accepted() -> None:
    line = json.loads(ev.encode(made.session(["a"]))) | {"schema": 0}
    assert ev.decode(json.dumps(line)).schema == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ([1, "two"], "[1, 'two']"),
        ({"a": 1}, "{'a': 1}"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        ("caf\udce9", "caf\\udce9"),
    ],
)
def test_whatever_a_process_reports_can_be_told(value: object, shown: str) -> None:
    values = {"found": value, "caf\udce9": 1}
    again = ev.decode(ev.encode(ev.Reported(t=1, process="p", values=values)))  # type: ignore[arg-type]
    assert values["found"] is value, "what was given is not changed"
    assert again.values == {"found": shown, "caf\\udce9": 1}


def test_names_that_are_no_unicode_can_be_told() -> None:
    # What os.fsdecode makes of a file name in an older encoding.
    event = ev.ProcessExited(
        t=1, process="p", pid=2, exit=1, signal=None, failed=True, reason="no \udcff", detail="in \udcff"
    )
    again = ev.decode(ev.encode(event))
    assert (again.reason, again.detail) == ("no \\udcff", "in \\udcff")
    session = ev.decode(ev.encode(made.session(["caf\udce9"])))
    assert session.processes == ["caf\\udce9"]


def test_a_payload_is_base64() -> None:
    line = ev.encode(
        ev.Message(
            t=1,
            channel="c",
            sender="a",
            receiver="b",
            sequence=1,
            sent=0,
            size=3,
            payload=b"\0\xff\n",
        )
    )
    assert base64.b64decode(json.loads(line)["payload"]) == b"\0\xff\n"
