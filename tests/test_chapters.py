"""Chapters that make themselves, those set by hand, and the marks on the time line."""

from __future__ import annotations

import pytest
from helpers import sessions, talks

from ipcviz import events as ev
from ipcviz.chapters import APART, ChapterFinder, chapter_at, last_words, titled
from ipcviz.recording.chunks import lines_of
from ipcviz.recording.holes import moved
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.skimming import skimmed
from ipcviz.units import SECOND


def found(events, end=20 * SECOND, cut="", **finder_options):
    finder = ChapterFinder(**finder_options)
    for event in events:
        finder.apply(event)
    return finder, finder.chapters(0, end, cut)


def raised(t: float, key: str) -> ev.FindingRaised:
    return ev.FindingRaised(
        t=talks.at(t), key=key, kind="lost", sentence=f"Lost: {key}.", since=0, members=[]
    )


def test_a_session_has_its_chapters_in_order():
    finder, chapters = found(talks.events())
    assert [(chapter.t / SECOND, chapter.label, chapter.auto) for chapter in chapters] == [
        (0, "workshop", True),
        (0.5, "jobs is full", True),
        (8.25, "Slow consumer", True),
        (12.25, "drop jobs", True),
        (15.25, "What now?", False),
        (20, "The end", True),
    ]
    assert [mark.kind for mark in finder.marks] == ["finding", "fault"]
    assert chapters[2].caption == "jobs has been full for 83 % of the last 8 s."
    assert chapters[1].caption == "It holds 10 of 10 messages: who sends into it has to wait."


def test_a_finding_that_is_raised_again_is_the_same():
    _, chapters = found([sessions.started(), raised(3, "a"), raised(4, "a"), raised(5, "b")])
    assert [chapter.t / SECOND for chapter in chapters] == [0, 3, 5, 20]


def test_what_comes_close_together_is_one_chapter_and_every_mark():
    finder, chapters = found([sessions.started(), *(raised(3 + n / 10, str(n)) for n in range(5))])
    assert [chapter.t / SECOND for chapter in chapters] == [0, 3, 20]
    assert len(finder.marks) == 5


def test_one_by_hand_takes_the_place_of_those_around_it():
    by_hand = ev.Chapter(t=talks.at(3) + APART // 2, label="mine")
    _, chapters = found([sessions.started(), raised(3, "a"), by_hand])
    assert [chapter.label for chapter in chapters] == ["workshop", "mine", "The end"]
    first = ev.Chapter(t=0, label="Welcome")
    assert found([sessions.started(), first])[1][0] == first


def test_one_by_hand_near_the_start_or_the_end_takes_its_place():
    welcome = ev.Chapter(t=talks.at(0.4), label="Welcome")
    thanks = ev.Chapter(t=talks.at(19.2), label="Thanks")
    later = ev.Chapter(t=talks.at(18.9), label="Later")
    assert found([sessions.started(), welcome, thanks])[1] == [welcome, thanks]
    labels = [chapter.label for chapter in found([sessions.started(), later])[1]]
    assert labels == ["workshop", "Later", "The end"]


def test_one_at_the_very_picture_that_a_session_begins_with_is_left_out():
    frames = [event for event in talks.events() if isinstance(event, ev.Frame)]
    _, chapters = found([sessions.started(), *frames[1:3]])  # it is full in the first of them
    assert [chapter.label for chapter in chapters] == ["workshop", "The end"]


def test_each_session_of_a_joined_recording_has_its_own():
    first = talks.events()
    second = [moved(event, -30 * SECOND) for event in first]
    part = ev.Chapter(t=30 * SECOND, label="Once more", auto=True)
    _, chapters = found([*first, part, *second], 50 * SECOND)
    labels = [chapter.label for chapter in chapters]
    assert labels == [
        "workshop",
        *(once := ["jobs is full", "Slow consumer", "drop jobs", "What now?"]),
        "Once more",
        *once,
        "The end",
    ]


def test_the_first_is_called_as_the_recording_is():
    assert found([sessions.started()], title="My talk")[1][0].label == "My talk"


def test_without_automatic_ones_there_are_those_by_hand_or_one_to_begin_with():
    by_hand = ev.Chapter(t=talks.at(3), label="mine")
    assert found([sessions.started(), raised(8, "a"), by_hand], automatic=False)[1] == [by_hand]
    assert [one.label for one in found([sessions.started()], automatic=False)[1]] == ["workshop"]


def test_what_is_cut_is_told_and_what_ends_before_its_session_is_not():
    assert found([sessions.started()], cut="It is cut.")[1][-1].caption == "It is cut."
    last = found([sessions.started()])[1][-1]
    assert (last.label, last.caption) == ("The end", "")


def test_a_process_that_fails_begins_one_and_one_that_ends_does_not():
    def exited(t: int, failed: bool) -> ev.ProcessExited:
        return ev.ProcessExited(
            t=t * SECOND, process="consumer", pid=1, exit=1, signal=None, failed=failed, reason="It broke."
        )

    _, chapters = found([sessions.started(), exited(3, False), exited(6, True)])
    assert [(chapter.label, chapter.caption) for chapter in chapters[1:-1]] == [
        ("consumer failed", "It broke.")
    ]


def test_an_act_that_could_not_be_done_begins_none():
    fault = ev.FaultInjected(t=SECOND, fault="kill", sentence="No.", process="x", done=False)
    assert len(found([sessions.started(), fault])[1]) == 2


def test_which_chapter_a_time_lies_in():
    _, chapters = found(talks.events())
    assert [chapter_at(chapters, talks.at(t)) for t in (-1, 0, 0.4, 0.5, 19.9, 20, 99)] == [
        -1,
        0,
        0,
        1,
        4,
        5,
        5,
    ]


def test_titles_of_sentences():
    assert titled("Deadlock of 2: a waits; b waits.") == ("Deadlock of 2", "a waits; b waits.")
    assert titled("No title here.") == ("Finding", "No title here.")
    assert titled("x" * 50 + ": y") == ("Finding", "x" * 50 + ": y")


def test_last_words():
    summary = talks.events()[-1]
    assert isinstance(summary, ev.Summary)
    assert last_words(summary, "") == "20.0 s, and nothing was found wrong."
    assert last_words(summary, "It was cut.") == "It was cut."
    assert last_words(None, "") == ""


def test_a_recording_that_begins_in_the_middle_has_none_before():
    finder, _ = found([*talks.events(), ev.Chapter(t=talks.at(4), label="before")])
    chapters = finder.chapters(talks.at(9), talks.at(14))
    assert [(chapter.t / SECOND, chapter.label) for chapter in chapters] == [
        (9, "before"),
        (12.25, "drop jobs"),
        (14, "What now?"),
    ]


def test_a_skimmed_chunk_has_what_is_seldom_and_its_frames_in_their_order():
    events = [event for event in talks.events() if not isinstance(event, ev.Message)]
    assert skimmed(lines_of(talks.events())) == events
    assert skimmed(lines_of(talks.events()), frames=False) == events  # a session begins there
    later = lines_of(talks.events()[1:])
    seldom = [event for event in events[1:] if not isinstance(event, ev.Frame)]
    assert skimmed(later, frames=False) == seldom


def test_a_skimmed_chunk_that_cannot_be_read_is_told():
    with pytest.raises(RecordingError):
        skimmed(b'["chunk",0,1]\n["finding_raised",\n')
