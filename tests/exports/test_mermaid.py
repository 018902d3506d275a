"""A sequence diagram has the columns and texts that it was made of, as mermaid's own parser reads it."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from helpers import data_exports as made
from helpers import foreign
from hypothesis import given
from hypothesis import strategies as st

from ipcviz import events as ev
from ipcviz import units
from ipcviz.exports import Readable
from ipcviz.exports import mermaid as module
from ipcviz.exports.mermaid_text import LONGEST_NAME, escaped, length_of, shortened
from ipcviz.exports.saved import SavedStream
from ipcviz.units import SECOND

SOLID, DASHED, NOTE, ACTIVE, INACTIVE = 0, 1, 2, 17, 18
"""What mermaid calls its lines: LINETYPE.SOLID and so on."""
HOSTILE = [
    *"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "end", "as", "a as b", "participant", "note over", "sequenceDiagram", "wrap:no", "nowrap: yes", "loop",
    "a#b", "#35;", "a;b", "x->>y", "-->>", "a: b", "+a", "-a", "%%comment", "%%{init: {'theme':'dark'}}%%",
    "style a:b#c;", "classDef a:b#c;", "<script>alert(1)</script>", "<br/>", "<b>", "&lt;", "&#35;",
    "ﬂ°°35¶ß", "ﬂ", "ß", "°", "¶", "$$x$$", "\\n", "\\", "'quoted'", '"quoted"', "---", "title: x",
    "한글 이름", "🎉", "👩‍🚀", "é", "ア", "\u202eback", "\x1b[31mred", "\x00", "\n", "a\nb", "\u2028",
    " lead", "trail ",
    "activate P1", "box", "rect rgb(0,0,0)", "()", "P1", "link a: b @ c", "x" * 200,
]  # fmt: skip
ENTITY = re.compile(r"#(\d+);")
NUMBER, TEXT = r"[PL]\d+", r"(?:[^#;\n]|#\d+;)*"
LINES = [
    re.compile(pattern)
    for pattern in (
        "sequenceDiagram",
        f"    title {TEXT}",
        f"    participant {NUMBER} as {TEXT}",
        f"    {NUMBER}-?->>{NUMBER}: {TEXT}",
        f"    Note over {NUMBER}(,{NUMBER})?: {TEXT}(<br/>{TEXT})*",
        f"    (de)?activate {NUMBER}",
    )
]
"""The part of the grammar that we use: mermaid's documentation, "Sequence diagrams"."""


def text_of(recording: Readable, **window: int) -> str:
    return made.written("mermaid", recording, **window).decode()


def one_message(name: str, payload: bytes) -> SavedStream:
    """A process, a channel and a finding of that name; a payload."""
    session = made.session((name, "b"), (name,), (name,))
    finding = ev.FindingRaised(
        t=3 * SECOND, key="k", kind="lost", sentence=f"Lost: {name}", since=0, members=[name]
    )
    message = made.message(1, 2 * SECOND, payload, name, (name, "b"))
    turn = ev.LockEvent(t=2 * SECOND + 1, lock=name, process=name, action="acquired")
    return SavedStream([*made.started(session), message, turn, finding])


def checked(text: str) -> None:
    """Each line is one of the grammar, bars end that have begun, and mermaid takes so long a text."""
    *lines, last = text.split("\n")
    assert last == ""
    active: dict[str, int] = {}
    declared = []
    for line in lines:
        assert any(pattern.fullmatch(line) for pattern in LINES), line
        word, *rest = line.split()
        if word == "participant":
            declared.append(rest[0])
        elif word in ("activate", "deactivate"):
            active[rest[0]] = active.get(rest[0], 0) + (1 if word == "activate" else -1)
            assert active[rest[0]] >= 0
        elif word not in ("sequenceDiagram", "title"):
            used = re.match(rf"\s+(?:Note over )?({NUMBER})(?:-?->>({NUMBER})|,({NUMBER}))?:", line)
            assert used is not None
            assert set(filter(None, used.groups())) <= set(declared)
    assert not any(active.values())
    assert sum(map(length_of, lines)) <= 50_000


@pytest.mark.slow
def test_the_parser_finds_every_message_of_a_real_run() -> None:
    recording = made.calls()
    [found] = foreign.mermaid(text_of(recording, end=600_000_000))
    assert found["error"] == ""
    assert [name for _, name in found["actors"]] == recording.session.processes
    names = dict(found["actors"])
    sent = [m for m in recording.events() if isinstance(m, ev.Message) and m.t <= 600_000_000]
    sent.sort(key=lambda message: message.t)
    arrows = [line for line in found["messages"] if line["type"] in (SOLID, DASHED)]
    assert [(names[line["from"]], names[line["to"]]) for line in arrows] == [
        (m.sender, m.receiver) for m in sent
    ]
    for line, message in zip(arrows, sent, strict=True):
        [shown] = line["lines"]
        assert shown.startswith(f"{message.channel} #{message.sequence} “{message.payload.decode()}”")
        assert (line["type"] == DASHED) == (message.channel != "factors")


@pytest.mark.slow
def test_the_parser_gives_back_any_name_and_any_payload() -> None:
    recordings = [one_message(text, text.encode()) for text in HOSTILE]
    found = foreign.mermaid(*map(text_of, recordings))
    assert len(found) == len(HOSTILE)
    for text, diagram in zip(HOSTILE, found, strict=True):
        assert diagram["error"] == "", text
        shown = shortened(units.printable(text), LONGEST_NAME).strip()
        assert diagram["actors"][0] == ["P1", shown], text
        [first] = diagram["messages"][0]["lines"]
        assert first.startswith(f"{units.printable(text)} #1 “{units.printable(text)[:31]}".lstrip()), text
        note = next(line for line in diagram["messages"] if line["type"] == NOTE)
        words = "".join(note["lines"]).replace(" ", "")
        assert words == f"Lost:{units.printable(text)}".replace(" ", ""), text


@pytest.mark.slow
def test_the_parser_finds_locks_and_bars_that_begin_and_end() -> None:
    recording = made.locks()
    [found] = foreign.mermaid(text_of(recording, end=700_000_000))
    assert found["error"] == ""
    texts = [text for line in found["messages"] for text in line["lines"]]
    taken = [e for e in recording.events() if isinstance(e, ev.LockEvent) and e.t <= 700_000_000]
    assert texts.count("releases") == sum(event.action == "released" for event in taken)
    kinds = [line["type"] for line in found["messages"]]
    assert kinds.count(ACTIVE) == kinds.count(INACTIVE) > 5


@given(st.text(max_size=60))
def test_any_text_can_be_got_back_and_ends_nothing(text: str) -> None:
    told = escaped(text)
    assert re.fullmatch(TEXT, told)
    assert ":" not in told
    assert "<" not in told
    assert "%" not in told
    assert ENTITY.sub(lambda found: chr(int(found[1])), told) == units.printable(text)


@pytest.mark.parametrize("recording", [made.calls, made.locks, made.workshop, made.joined])
def test_every_line_is_one_of_the_grammar(recording: Any) -> None:
    checked(text_of(recording()))


@pytest.mark.parametrize("text", HOSTILE)
def test_every_line_is_one_of_the_grammar_whatever_the_names(text: str) -> None:
    checked(text_of(one_message(text, text.encode())))


def test_of_a_long_window_the_rest_is_counted_and_its_findings_are_told() -> None:
    session = made.session(("a", "b", "c"))
    ways = [("a", "b"), ("b", "c")]
    sent = [made.message(n, n * 1_000_000, way=ways[n % 2]) for n in range(1, 1001)]
    finding = ev.FindingRaised(t=1 * SECOND, key="k", kind="lost", sentence="Lost.", since=0, members=["c"])
    text = text_of(SavedStream([*made.started(session), *sent, finding]))
    checked(text)
    assert text.count("->>") == module.MOST_STEPS
    assert "Note over P1,P3: Left out from here, 0.2 s, on#58; 800 messages.\n" in text
    assert text.endswith("    Note over P3: Lost.\n")


def test_a_diagram_is_never_longer_than_mermaid_takes() -> None:
    names = [f"{'#' * 60}{number}" for number in range(400)]
    session = made.session(names, ["#" * 40])
    sent = [made.message(n, n * 1_000_000, b"#" * 64, "#" * 40, (names[n], names[n + 1])) for n in range(399)]
    notes: list[ev.AnyEvent] = [
        ev.FindingRaised(t=SECOND, key=str(n), kind="lost", sentence="#" * 5000, since=0, members=[])
        for n in range(100)
    ]
    text = text_of(SavedStream([*made.started(session), *sent, *notes]))
    checked(text)
    assert "Left out from here" in text


def test_many_messages_on_the_same_way_are_one_arrow() -> None:
    session = made.session()
    many = [made.message(n, n * 1000) for n in range(1, 38)]
    few = [made.message(n, SECOND // 2 + n * 1000, way=("b", "a")) for n in range(1, 4)]
    text = text_of(SavedStream([*made.started(session), *many, *few]))
    assert "    P1->>P2: lines #35;1 to #35;37 (37 messages were seen)\n" in text
    assert text.count("P2->>P1") == 3
    [left_out] = [text_of(SavedStream([*made.started(session), *many[:3]]))]
    assert left_out.count("P1->>P2") == 3


def test_a_time_without_anything_is_told() -> None:
    session = made.session()
    text = text_of(
        SavedStream([*made.started(session), made.message(1, SECOND), made.message(2, 4 * SECOND)])
    )
    assert text.count("Note over P1,P2: 3.0 s later\n") == 1


def test_a_window_in_which_nothing_was_seen_is_a_diagram_too() -> None:
    session = made.session()
    recording = SavedStream([*made.started(session), made.frame(session, 5 * SECOND)])
    text = text_of(recording)
    checked(text)
    assert "participant P1 as a\n" in text
    assert "Nothing was seen in this window." in text


def test_a_payload_that_was_left_out_is_no_text() -> None:
    session = made.session()
    bare = msgspec.structs.replace(made.message(1, SECOND, b""), size=700)
    assert "P1->>P2: lines #35;1 (700 B, 1 µs)\n" in text_of(SavedStream([*made.started(session), bare]))


def test_a_lock_that_was_held_before_the_window_ends_no_bar() -> None:
    session = made.session(locks=["gate"])
    turns: list[ev.AnyEvent] = [
        ev.LockEvent(t=SECOND, lock="gate", process="a", action="acquired"),
        ev.LockEvent(t=2 * SECOND, lock="gate", process="b", action="waited"),
        ev.LockEvent(t=3 * SECOND, lock="gate", process="a", action="released"),
        ev.LockEvent(t=3 * SECOND + 1, lock="gate", process="b", action="acquired", waited=SECOND),
    ]
    text = text_of(SavedStream([*made.started(session), *turns]), start=2 * SECOND)
    checked(text)
    assert text.splitlines()[5:] == [
        "    P2->>L1: waits",
        "    Note over P1,P2: 1.0 s later",
        "    P1->>L1: releases",
        "    L1-->>P2: acquired after 1.0 s",
        "    activate L1",
        "    deactivate L1",
    ]
