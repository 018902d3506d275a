"""An edited recording tells of what is left what was true of it; the one it is made from stays as it is."""

from __future__ import annotations

import errno
import io
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from helpers import events as made
from helpers import streams
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from ipcviz import events as ev
from ipcviz.recording import edit
from ipcviz.recording.edit import EditError, Edits
from ipcviz.recording.maker import Maker, recorded
from ipcviz.recording.reader import Recording, timed
from ipcviz.units import SECOND
from ipcviz.world import World

TENTH = SECOND // 10
CAST = made.session(["a", "b"], [made.channel("c", "a>", ">b")], [made.lock("k", "a", "b")])


def opened(events: list[ev.AnyEvent], **more: Any) -> Recording:
    return Recording(io.BytesIO(recorded(events, **more)))


def frame(tenth: int, count: int) -> ev.Frame:
    """Of messages so many have come, and a lock was waited for since the first tenth."""
    sender = ev.EndState(sent=count, sent_bytes=10 * count)
    receiver = ev.EndState(received=count, received_bytes=10 * count)
    use = ev.LockUse("waiting", since=TENTH)
    return made.frame(tenth * TENTH, [made.state(sender, receiver)], [made.uses(use, ev.LockUse())])


def ten_seconds(busy: tuple[int, int] = (0, 101)) -> list[ev.AnyEvent]:
    """Ten frames and ten messages a second, but nothing outside of the `busy` tenths."""
    events: list[ev.AnyEvent] = [CAST, ev.ProcessStarted(t=0, process="a", pid=7)]
    count = 0
    for tenth in range(1, 101):
        going = busy[0] <= tenth < busy[1]
        count += going
        events.append(frame(tenth, count))
        if going:
            events.append(made.message(count, tenth * TENTH))
    return [*events, ev.ProcessExited(t=10 * SECOND, process="a", pid=7, exit=0, signal=None, failed=False)]


def view_of(events: Any) -> Any:
    world = World()
    for event in events:
        world.apply(event)
    return world.view()


def result(events: list[ev.AnyEvent], edits: Edits) -> Recording:
    return opened(list(edit.edited(opened(events), edits)), begins=edits.start or 0)


def test_a_trimmed_recording_begins_with_what_stood_then() -> None:
    events = ten_seconds()
    events.insert(20, ev.FindingRaised(t=SECOND, key="k", kind="backlog", sentence="x", since=5, members=[]))
    events.insert(20, ev.Reported(t=SECOND, process="a", values={"meals": 3}))
    events.insert(20, ev.Note(t=SECOND, process="a", text="long ago"))
    trimmed = result(events, Edits(start=5 * SECOND, until=8 * SECOND))
    assert (trimmed.start, trimmed.end) == (5 * SECOND, 8 * SECOND)
    begin = view_of(trimmed.events(0, 5 * SECOND))
    assert [process.status for process in begin.processes] == ["running", "starting"]
    assert begin.processes[0].reports == {"meals": 3}
    assert [finding.since for finding in begin.findings] == [5]
    assert begin.channels[0].received == 50
    assert begin.channels[0].rate == pytest.approx(10)
    assert begin.messages_seen == len(begin.messages.shown()) == 1, "only that of the begin itself"
    assert not begin.notes
    end = view_of(trimmed.events())
    assert end.status == "live", "the session did not end there"
    assert end.channels[0].received == 80


def test_what_is_cut_out_is_told_at_its_place_and_the_rest_moves_up() -> None:
    events = ten_seconds()
    gone = ev.ProcessExited(t=4 * SECOND, process="b", pid=8, exit=1, signal=None, failed=True)
    events.insert(next(n for n, event in enumerate(events) if event.t > 4 * SECOND), gone)
    cut = result(events, Edits(cuts=((3 * SECOND + 1, 6 * SECOND + TENTH // 2),)))
    gaps = [event for event in cut.events() if isinstance(event, ev.Gap)]
    assert [gap.left_out for gap in gaps] == [3 * SECOND - 1], "up to the last frame in it"
    assert cut.end == 7 * SECOND + 1
    died = next(e for e in cut.events() if isinstance(e, ev.ProcessExited) and e.process == "b")
    assert died.t == gaps[0].t == 3 * SECOND + 1
    sequences = [event.sequence for event in cut.events() if isinstance(event, ev.Message)]
    assert sequences == [*range(1, 31), *range(60, 101)]


def test_no_rate_and_no_wait_is_another_because_of_a_cut() -> None:
    cut = result(ten_seconds(), Edits(cuts=((2 * SECOND, 5 * SECOND), (6 * SECOND, 7 * SECOND))))
    world = World()
    rates, waits = set(), []
    for event in cut.events():
        world.apply(event)
        if isinstance(event, ev.Frame):
            rates.add(round(world.view().channels[0].rate))
            waits.append(event.t - event.locks[0].uses[0].since)
    assert rates == {0, 10}
    real = [tenth * TENTH - TENTH for tenth in (*range(1, 20), *range(49, 60), *range(69, 101))]
    assert waits == real
    assert world.view().channels[0].received == 100


def test_a_finding_that_stands_has_stood_as_long_after_a_cut() -> None:
    events = ten_seconds()
    raised = ev.FindingRaised(
        t=SECOND, key="k", kind="deadlock", sentence="x", since=SECOND, members=["a"], ring=True
    )
    events.insert(20, raised)
    cut = result(events, Edits(cuts=((2 * SECOND, 7 * SECOND + 1),)))
    world = World()
    for event in cut.events(0, 4 * SECOND):
        world.apply(event)
    view = world.view()
    assert view.t == 4 * SECOND
    assert view.t - view.findings[0].since == 8 * SECOND


def test_where_nothing_happens_only_so_much_is_left() -> None:
    events = ten_seconds(busy=(0, 30))
    short = result(events, Edits(idle=SECOND))
    assert short.end == pytest.approx(4 * SECOND, abs=2 * TENTH)
    assert view_of(short.events()).channels[0].received == 29
    assert result(ten_seconds(), Edits(idle=SECOND)).end == 10 * SECOND, "something happens all the time"


def test_a_finding_whose_words_change_is_nothing_that_happens() -> None:
    events = ten_seconds(busy=(0, 10))
    for second in range(2, 9):
        at = next(n for n, event in enumerate(events) if event.t > second * SECOND)
        told = ev.FindingRaised(
            t=second * SECOND, key="k", kind="deadlock", sentence=f"{second} s", since=0, members=[]
        )
        events.insert(at, told)
    short = result(events, Edits(idle=SECOND // 2))
    assert short.end < 2.5 * SECOND
    assert view_of(short.events()).findings[0].sentence == "8 s"


def test_chapters_are_set_renamed_and_told_of() -> None:
    events = ten_seconds()
    events.insert(2, ev.Chapter(t=0, label="old", auto=True))
    edits = Edits(
        labels=((0, "Start"), (5 * SECOND, "Half")),
        captions=((7 * SECOND, "All of it."),),
        notes=((SECOND, "Wait for questions."),),
    )
    chapters = result(events, edits).chapters
    assert chapters == [
        ev.Chapter(t=0, label="Start", note="Wait for questions."),
        ev.Chapter(t=5 * SECOND, label="Half", caption="All of it."),
    ]


def test_the_chapter_that_a_cut_ends_in_begins_there() -> None:
    edits = Edits(
        labels=((0, "a"), (3 * SECOND, "b"), (4 * SECOND, "c"), (8 * SECOND, "d")),
        cuts=((2 * SECOND, 6 * SECOND + 1),),
    )
    chapters = result(ten_seconds(), edits).chapters
    assert [(chapter.t, chapter.label) for chapter in chapters] == [
        (0, "a"),
        (2 * SECOND, "c"),
        (4 * SECOND, "d"),
    ]


def test_what_is_joined_follows_with_counters_of_its_own(tmp_path: Path) -> None:
    other = tmp_path / "other.ipcz"
    other.write_bytes(recorded(ten_seconds(busy=(0, 10))))
    joined = result(ten_seconds(), Edits(until=4 * SECOND, joined=(other, other)))
    assert joined.end == 24 * SECOND + 2 * edit.APART
    assert [chapter.label for chapter in joined.chapters] == ["made", "made", "made"]
    assert view_of(joined.events(0, 4 * SECOND)).channels[0].received == 40
    last = view_of(joined.events())
    assert last.channels[0].received == 9
    assert last.messages_seen == 9


def test_another_topology_is_joined_and_stands_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.ipcz"
    theirs = structs.replace(made.session(["x"]), topology="else", about="Who is else.")
    other.write_bytes(recorded([theirs, made.frame(SECOND)]))
    joined = result(ten_seconds(), Edits(joined=(other,)))
    begins = 10 * SECOND + edit.APART
    assert [(chapter.t, chapter.label) for chapter in joined.chapters] == [(0, "made"), (begins, "else")]
    assert joined.chapters[1].caption == "Who is else."
    last = view_of(joined.events())
    assert ([process.name for process in last.processes], last.channels, last.locks) == (["x"], (), ())


def test_what_was_joined_is_edited_again_part_by_part(tmp_path: Path) -> None:
    other = tmp_path / "other.ipcz"
    theirs = structs.replace(made.session(["x", "y"]), topology="else")
    summary = ev.Summary("made", 10.0, [], [], [], [], {}, ev.StreamSummary(0, 0), ev.Watching(0, 0))
    ends = ev.ProcessExited(t=2 * SECOND, process="x", pid=7, exit=0, signal=None, failed=False)
    other.write_bytes(recorded([theirs, made.frame(SECOND), ends, made.frame(3 * SECOND)]))
    joined = result([*ten_seconds(), summary], Edits(joined=(other,)))
    again = result(list(joined.events()), Edits(captions=((12 * SECOND, "Later."),)))
    assert list(again.chapters) == [joined.chapters[0], structs.replace(joined.chapters[1], caption="Later.")]
    assert kinds_of(again) == kinds_of(joined)
    cut = result(list(joined.events()), Edits(cuts=((9 * SECOND, 12 * SECOND + SECOND // 2),)))
    assert cut.end == joined.end - (2 * SECOND + edit.APART)  # up to the last frame in it
    sessions = [event for event in cut.events() if isinstance(event, ev.SessionStarted)]
    assert [session.topology for session in sessions] == ["made", "else"]
    told = [(e.process, e.t) for e in cut.events() if isinstance(e, ev.ProcessExited)]
    assert told == [("x", 10 * SECOND)]
    assert [process.status for process in view_of(cut.events()).processes] == ["ended", "starting"]


def kinds_of(recording: Recording) -> list[str]:
    return [type(event).__name__ for event in recording.events() if not isinstance(event, ev.Chapter)]


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        (Edits(start=11 * SECOND), r"--from 11 lies outside of .*, which goes from 0 to 10\."),
        (Edits(until=-1), r"--until"),
        (Edits(start=5 * SECOND, until=5 * SECOND), r"--from 5 does not come before --until, or"),
        (Edits(cuts=((5 * SECOND, 2 * SECOND),)), r"--cut 5-2 ends before it begins\."),
        (Edits(cuts=((0, 6 * SECOND), (5 * SECOND, 10 * SECOND))), r"Nothing would be left of it\."),
        (Edits(captions=((SECOND, "x"),)), r"No chapter has begun at 1, .* has a caption; begin one"),
        (Edits(labels=((99 * SECOND, "x"),)), r"--chapter 1:39 lies outside"),
        (Edits(idle=0), r"--idle takes a number of seconds above 0"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(edits: Edits, sentence: str) -> None:
    with pytest.raises(EditError, match=sentence):
        edit.edited(opened(ten_seconds()), edits)


def test_the_new_file_is_new_its_owners_alone_and_the_old_one_stays(tmp_path: Path) -> None:
    old, new = tmp_path / "old.ipcz", tmp_path / "new.ipcz"
    old.write_bytes(recorded(ten_seconds()))
    before = old.read_bytes()
    with Recording(old) as recording:
        size = edit.write(recording, Edits(until=SECOND), new)
        assert new.stat().st_size == size
        assert stat.S_IMODE(new.stat().st_mode) == 0o600
        for there in (old, new):
            with pytest.raises(EditError, match="is there already"):
                edit.write(recording, Edits(until=SECOND), there)
    assert old.read_bytes() == before
    with Recording(new) as recording:
        assert recording.cut == ""
        assert recording.header.created


def test_nothing_is_left_of_a_file_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(maker: Maker) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    new = tmp_path / "new.ipcz"
    monkeypatch.setattr(Maker, "close", full)
    with pytest.raises(OSError, match="No space left"):
        edit.write(opened(ten_seconds()), Edits(until=SECOND), new)
    assert not new.exists()


@given(streams.streams(), st.data())
@settings(max_examples=20)
def test_however_it_is_cut_what_stands_at_the_end_is_the_same(events: list[ev.AnyEvent], data: Any) -> None:
    if isinstance(events[0], ev.Refused):
        return
    whole = opened(events)
    times = sorted({t for t, _ in timed(events)})
    a, b = data.draw(st.sampled_from(times)), data.draw(st.sampled_from(times))
    if not 0 < b - a < whole.end - whole.start:
        return
    cut = opened(list(edit.edited(whole, Edits(cuts=((a, b),)))))
    left_out = sum(e.left_out for e in cut.events() if isinstance(e, ev.Gap))
    known = sum(e.left_out for e in whole.events() if isinstance(e, ev.Gap))
    assert cut.end == whole.end - (left_out - known)
    before, after = view_of(whole.events()), view_of(cut.events())
    told = ("name", "pid", "status", "exit", "signal", "reports", "paused", "kernel")
    for old, new in zip(before.processes, after.processes, strict=True):
        assert [getattr(old, name) for name in told] == [getattr(new, name) for name in told]
    assert {f.key: f.sentence for f in before.findings} == {f.key: f.sentence for f in after.findings}
    assert [fault.sentence for fault in before.faults] == [fault.sentence for fault in after.faults]
    assert before.summary == after.summary
    for old, new in zip(before.channels, after.channels, strict=True):
        assert (old.sent, old.received, old.depth) == (new.sent, new.received, new.depth)


@given(streams.streams())
@settings(max_examples=20)
def test_what_is_covered_up_is_nowhere_in_the_new_file(events: list[ev.AnyEvent]) -> None:
    secret = "s3cr3t 비밀"
    if isinstance(events[0], ev.Refused):
        return
    session = events[0]
    quoted: list[ev.AnyEvent] = [
        ev.Message(
            t=0,
            channel="c",
            sender="a",
            receiver="b",
            sequence=1,
            sent=0,
            size=64,
            payload=f"<{secret}>".encode() + b"\xff\x00",
        ),
        ev.Note(t=0, process="a", text=f"printed {secret}\x1b[0m"),
        ev.Reported(t=0, process="a", values={"found": secret, secret: 4, "n": 12}),
        ev.FindingRaised(t=0, key="q", kind="backlog", sentence=f"It said {secret}.", since=0, members=[]),
        ev.FaultInjected(t=0, fault="send", sentence=f"{secret} was sent", payload=secret.encode()),
        ev.ProcessExited(
            t=0, process="a", pid=1, exit=1, signal=None, failed=True, reason=secret, detail=f"E: {secret}"
        ),
        ev.Chapter(t=0, label=secret, caption=secret, note=secret),
    ]
    covered = opened(
        list(edit.edited(opened([session, *quoted, *events[1:]]), Edits(cover=re.compile(secret))))
    )
    told = list(covered.events())
    for event in told:
        assert secret not in repr(event)
        assert secret.encode() not in ev.encode(event)
    message = next(event for event in told if isinstance(event, ev.Message))
    assert message.payload == b"<" + b"x" * len(secret.encode()) + b">\xff\x00"
    note = next(event for event in told if isinstance(event, ev.Note))
    assert note.text == f"printed {'x' * len(secret)}\x1b[0m"


def test_redacted_it_has_no_payloads_and_says_so(tmp_path: Path) -> None:
    new = tmp_path / "new.ipcz"
    events = [*ten_seconds(), ev.Note(t=10 * SECOND, process="a", text="hunter2")]
    edit.write(opened(events), Edits(redact=True, title="Shared"), new)
    with Recording(new) as recording:
        assert recording.header.redacted
        assert recording.header.title == "Shared"
        assert not any(event.payload for event in recording.events() if isinstance(event, ev.Message))
        assert not any("hunter2" in repr(event) for event in recording.events())


def test_numbers_that_are_found_are_covered_too() -> None:
    events = [
        *ten_seconds(),
        ev.Reported(t=10 * SECOND, process="a", values={"card": 4111111111, "ok": True}),
    ]
    covered = result(events, Edits(cover=re.compile(r"\d{10}")))
    assert view_of(covered.events()).processes[0].reports == {"card": "x" * 10, "ok": True}


def test_a_cover_is_never_what_was_looked_for() -> None:
    events = [*ten_seconds(), ev.Note(t=10 * SECOND, process="a", text="ab12")]
    covered = result(events, Edits(cover=re.compile(r"[a-z]+")))
    assert view_of(covered.events()).notes[-1].text == "**12"
