"""The pages of a channel, a process and a message: what they are of, and that their figures are true."""

from __future__ import annotations

import msgspec
import pytest
from helpers import sessions

from ipcviz.tui.look import Look
from ipcviz.tui.panels.channel_page import ChannelPage, latencies_of
from ipcviz.tui.panels.inspector import Inspector, latency_words
from ipcviz.tui.panels.process_facts import time_shares
from ipcviz.tui.panels.process_page import ProcessPage
from ipcviz.tui.selection import Selection
from ipcviz.view import Wait

VIEW = sessions.view()
ENDED = sessions.ended_view()


def text_of(lines):
    return "\n".join("".join(text for text, _ in line) for line in lines)


def page(kind, selection, view=VIEW, width=118, height=60):
    return text_of(kind(Look(), selection).content(view, width, height))


def inspected(payload, size=None, width=118, view=VIEW):
    return page(Inspector, Selection(message=sessions.message(7, payload, size)), view, width)


def test_a_channels_page_tells_depth_with_its_quality_limits_and_ends():
    text = page(ChannelPage, Selection("channel", "log of all that was done"))
    assert "96 B of 4.0 KiB, highest 512 B, at least" in text
    assert "FIONREAD, ioctl_fionread(2) (at least: two calls tell it)" in text
    assert "size = 4096" in text
    assert "a message has at most 4.0 KiB; holds 4.0 KiB" in text
    assert "◌ receiving from log" in text
    assert "1 in 64 is shown" in text


def test_latencies_are_of_the_last_10_seconds_or_of_all():
    channel = sessions.view(40).channels[0]
    recent, when = latencies_of(channel, sessions.view(40))
    assert when == "the last 10 s"
    assert sum(recent.values()) * 2 == sum(channel.histogram[1::2])
    ended = msgspec.structs.replace(sessions.view(40), status="ended")
    counts, when = latencies_of(channel, ended)
    assert when == "since the start"
    assert sum(counts.values()) == sum(channel.histogram[1::2])


def test_what_nobody_knows_is_said_and_not_drawn():
    text = page(ChannelPage, Selection("channel", "news"))
    assert "Nobody knows what waits in it." in text
    assert "? of ? messages, unknown" in text
    assert "24 dropped by the kernel" in text
    assert "may lose messages" in text


def test_a_regions_page_has_reads_and_writes():
    text = page(ChannelPage, Selection("channel", "table"))
    assert "168 written, 72 read" in text
    assert "begins with 168" in text
    assert "4.0 KiB shared" in text
    assert "Depth" not in text


def test_a_page_without_a_choice_shows_the_first_and_of_nothing_says_so():
    assert "waiting for ledger" in page(ProcessPage, Selection())
    assert "No channel is chosen" in page(ChannelPage, Selection("channel", "gone"))
    assert "No message is chosen" in page(Inspector, Selection())


def test_a_page_scrolls_and_another_one_begins_at_its_top():
    selection = Selection("channel", "jobs")
    panel = ChannelPage(Look(), selection)
    first = text_of(panel.content(VIEW, 78, 10))
    assert "more rows" in panel.note
    panel.move(0, 5)
    assert text_of(panel.content(VIEW, 78, 10)) != first
    panel.move(0, 1000)
    panel.content(VIEW, 78, 10)
    assert panel.note.endswith("the end: ↑")
    selection.choose("channel", "news")
    panel.content(VIEW, 78, 10)
    assert panel.top == 0


def test_a_process_page_tells_where_its_time_went():
    consumer = VIEW.processes[3]
    shares, lived = time_shares(consumer, VIEW)
    assert lived == VIEW.framed
    assert shares[0][0] == "receiving from log of all that was done"
    assert shares[0][1] == pytest.approx(0.98)
    assert shares[-1][0] == "everything else"
    assert shares[-1][1] == pytest.approx(0.02)


def test_a_lasting_wait_for_a_lock_is_counted():
    shares = {words: waited for words, _, waited in time_shares(VIEW.processes[0], VIEW)[0]}
    assert shares["waiting for ledger"] == 3_000_000_000


def test_a_process_page_tells_ends_locks_reports_and_what_was_printed():
    text = page(ProcessPage, Selection("process", "consumer"))
    assert "jobs" in text
    assert "receiver" in text
    assert "console" in text
    assert "slow 0.1 s" in text
    assert "\\x1b[31m" in text
    assert "printed \\x1b]0;title\\x07" in text
    assert "9 descriptors open" in text


def test_a_crash_is_told_with_its_traceback_before_all_else():
    rows = page(ProcessPage, Selection("process", "producer 1"), ENDED).splitlines()
    assert rows[2].strip() == "How it ended"
    assert "ended with status 1 at 00:12: ValueError: \\x1b[31mno" in rows[3]
    assert rows[5].startswith('      File "demo.py"')
    assert "It was killed by signal 9" in page(ProcessPage, Selection("process", "producer 2"), ENDED)


def test_the_kernels_word_stands_beside_our_own():
    waiting = msgspec.structs.replace(VIEW.processes[0], wait=Wait("sending", "jobs", 0, False))
    view = msgspec.structs.replace(VIEW, processes=(waiting, *VIEW.processes[1:]))
    assert "the kernel says: sleeping" in page(ProcessPage, Selection("process", "producer 1"), view)


def test_a_message_tells_its_way_and_its_times():
    text = inspected(b"order 1")
    assert "producer 1 → jobs (posix-mq) → consumer" in text
    assert "sent      10.006 764 s" in text
    assert "received  10.007 000 s" in text
    assert "236 µs" in text
    assert "6f 72 64 65  72 20 31" in text


def test_what_was_not_kept_is_counted():
    text = inspected(b"x" * 64, 1298)
    assert "64 of 1,298 bytes" in text
    assert "and 1,234 more bytes, which were not kept" in text
    assert "It is empty." in inspected(b"")


def test_json_is_laid_out_only_if_all_of_it_is_there():
    text = inspected(b'{"a": [1, "\xed\x95\x9c\\u001b"]}')
    assert '  "a": [' in text
    assert '    "한\\u001b"' in text
    assert "JSON" in text
    assert "JSON" not in inspected(b'{"a": [1, 2', 500)
    assert "JSON" not in inspected(b"[" * 64)


def test_bytes_that_are_no_text_are_said_to_be_none():
    assert "not all of it is text" in inspected(b"\xff\x00\x1b[2J")
    assert "not all of it is text" not in inspected("한글".encode()[:5], 6)
    assert "\x1b" not in inspected(b"\xff\x00\x1b[2J")


@pytest.mark.parametrize(
    ("micros", "words"),
    [
        (3000, "longer than 99 of 100"),
        (600, "5 times the median"),
        (118, "about the median"),
        (20, "less than a third of the median"),
    ],
)
def test_a_latency_is_told_beside_those_of_its_channel(micros, words):
    assert latency_words(micros, VIEW.channels[0]).startswith(words)
    assert latency_words(micros, None) == ""
    assert latency_words(micros, VIEW.channels[2]) == ""


def test_another_message_begins_at_the_top():
    selection = Selection(message=sessions.message(1, b"x" * 64))
    panel = Inspector(Look(), selection)
    panel.content(VIEW, 42, 8)
    panel.move(0, 4)
    panel.content(VIEW, 42, 8)
    assert panel.top == 4
    selection.message = sessions.message(2, b"y" * 64)
    panel.content(VIEW, 42, 8)
    assert panel.top == 0
    assert panel.copied() == "y" * 64
