"""The lists of channels, locks and processes: sorted as asked, scrolled, chosen, and true."""

from __future__ import annotations

import re

import msgspec
import pytest
from helpers import sessions

from ipcviz import events as ev
from ipcviz.tui.lines import width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.channels import Channels
from ipcviz.tui.panels.locks import Locks, contention
from ipcviz.tui.panels.processes import Processes
from ipcviz.tui.panels.strip import strip_lines
from ipcviz.tui.selection import Selection
from ipcviz.units import SECOND

VIEW = sessions.view()
STUCK = sessions.view(stuck=True)


def text_of(lines):
    return "\n".join("".join(text for text, _ in line) for line in lines)


def many_channels(count, at=10 * SECOND):
    """So many channels; the rate of a later one is higher, and none is blocked."""
    first = VIEW.channels[0]
    channels = tuple(
        msgspec.structs.replace(
            first,
            info=msgspec.structs.replace(first.info, name=f"channel {number}"),
            rate=float(number),
            faults=(),
            dropped=number % 7,
        )
        for number in range(count)
    )
    return msgspec.structs.replace(VIEW, channels=channels, framed=at)


def names_in(lines, word="channel"):
    words = [text.split() for text in text_of(lines).splitlines()]
    return [f"{word} {row[row.index(word) + 1]}" for row in words if word in row and "rate" not in row]


def test_the_order_is_told_and_comes_round():
    panel = Channels(Look())
    told = []
    for _ in panel.orders:
        panel.sort_next()
        panel.content(VIEW, 78, 20)
        told.append(panel.note)
    assert told == ["by name", "by rate", "by depth", "by p99", "by blocked", "by losses", ""]


@pytest.mark.parametrize(
    ("order", "first"),
    [("name", "jobs"), ("rate", "jobs"), ("depth", "jobs"), ("p99", "jobs"), ("losses", "news")],
)
def test_the_most_comes_first(order, first):
    panel = Channels(Look())
    panel.order = order
    panel.content(VIEW, 78, 20)
    assert panel.names[0] == first


def test_rows_do_not_change_places_more_than_once_in_two_seconds():
    panel = Channels(Look())
    panel.order = "rate"
    panel.content(many_channels(9, 10 * SECOND), 78, 12)
    before = list(panel.names)
    turned = many_channels(9, 11 * SECOND)
    rates = [msgspec.structs.replace(c, rate=-c.rate) for c in turned.channels]
    turned = msgspec.structs.replace(turned, channels=tuple(rates))
    panel.content(turned, 78, 12)
    assert panel.names == before
    panel.content(msgspec.structs.replace(turned, framed=12 * SECOND), 78, 12)
    assert panel.names == before[::-1]


def test_equal_ones_keep_the_order_of_the_topology():
    panel = Channels(Look())
    panel.order = "blocked"
    panel.content(many_channels(20), 78, 12)
    assert panel.names == [f"channel {number}" for number in range(20)]


def test_a_hundred_channels_scroll_with_the_chosen_one_in_view():
    panel = Channels(Look())
    view = many_channels(100)
    assert names_in(panel.content(view, 78, 11)) == [f"channel {number}" for number in range(10)]
    assert panel.note == "1-10 of 100"
    panel.move(0, 57)
    assert "channel 57" in names_in(panel.content(view, 78, 11))
    panel.move(0, -3)
    assert names_in(panel.content(view, 78, 11)) == [f"channel {number}" for number in range(48, 58)]
    panel.move(0, 1000)
    assert names_in(panel.content(view, 78, 11))[-1] == "channel 99"


def test_a_click_chooses_what_is_under_it():
    selection = Selection()
    panel = Channels(Look(), selection)
    panel.content(VIEW, 42, 24)
    panel.point(5, 8)
    assert (selection.kind, selection.name) == ("channel", "log of all that was done")
    panel.point(5, 1000)
    assert selection.name == "log of all that was done"
    table = Processes(Look(), selection)
    table.content(VIEW, 78, 10)
    table.point(3, 0)
    assert selection.kind == "channel"
    table.point(3, 2)
    assert (selection.kind, selection.name) == ("process", "producer 2")


def test_depths_are_drawn_as_measured_and_unknown_as_question_marks():
    text = text_of(Channels(Look()).content(VIEW, 44, 24))
    assert "10 of 10 messages" in text
    assert "at least" in text
    assert "????" in text
    assert "? of ? messages" in text
    narrow = text_of(Channels(Look()).content(VIEW, 58, 5))
    assert "96 B/4.0 KiB+" in narrow


def test_losses_and_faults_are_told():
    text = text_of(Channels(Look()).content(VIEW, 44, 24))
    assert "24 lost" in text
    assert "drop 25 %" in text
    assert "1 in 64" in text
    assert "drop 25 %" in text_of(Channels(Look()).content(VIEW, 120, 5))
    assert "slow 0.1 s" in text_of(Processes(Look()).content(VIEW, 118, 10))


def one_channel(name, mechanism="pipe", stride=1):
    """The first channel alone, with another name."""
    first = VIEW.channels[0]
    info = msgspec.structs.replace(first.info, name=name, mechanism=mechanism.partition(":")[0])
    channel = msgspec.structs.replace(first, info=info, stride=stride, faults=())
    return msgspec.structs.replace(VIEW, channels=(channel,))


def test_a_name_goes_before_the_words_about_its_channel():
    head = text_of(Channels(Look()).content(one_channel("open files", "unix-seqpacket"), 42, 21)[:1])
    assert head == "  open files  unix-seqpacket"
    head = text_of(Channels(Look()).content(one_channel("to stage 1"), 42, 21)[:1])
    assert head.split() == ["to", "stage", "1", "pipe", "every", "message"]
    head = text_of(
        Channels(Look()).content(one_channel("a name that is much too long for it", stride=64), 42, 21)[:1]
    )
    assert head.endswith("for it  pipe  1 in 64")


@pytest.mark.parametrize(("height", "rows"), [(9, 2), (11, 4), (21, 6), (40, 6)])
def test_a_channel_with_room_has_a_plot_of_its_rates(height, rows):
    lines = Channels(Look()).content(one_channel("jobs"), 42, height)
    axis = next(number for number, line in enumerate(lines) if "s ago" in text_of([line]))
    assert axis == 2 + rows
    assert len(lines) <= height
    assert not any("s ago" in text_of([line]) for line in Channels(Look()).content(VIEW, 42, 24))


def test_the_address_stands_below_a_channel_where_there_is_room():
    view = one_channel("jobs")
    info = msgspec.structs.replace(view.channels[0].info, address="127.0.0.1:4711")
    view = msgspec.structs.replace(view, channels=(msgspec.structs.replace(view.channels[0], info=info),))
    assert "at 127.0.0.1:4711" in text_of(Channels(Look()).content(view, 42, 21))
    assert "at 127.0.0.1:4711" not in text_of(Channels(Look()).content(view, 42, 5))


def test_of_a_region_reads_and_writes_are_told_apart():
    table = next(channel for channel in VIEW.channels if channel.is_region)
    text = text_of(Channels(Look()).content(msgspec.structs.replace(VIEW, channels=(table,)), 42, 21))
    assert "6.0/s read" in text
    assert "14/s written" in text


def test_a_paused_process_says_so():
    paused = ev.FaultInjected(t=1, fault="pause", sentence="", process="consumer")
    world = sessions.world()
    world.apply(paused)
    text = text_of(Processes(Look()).content(world.view(), 78, 10))
    assert "‖ paused" in text


def test_switches_are_told_where_there_is_room():
    lines = text_of(Processes(Look()).content(VIEW, 198, 10)).splitlines()
    assert "yielded" in lines[0]
    assert "preempted" in lines[0]
    consumer = next(row for row in lines if "consumer" in row)
    assert "4.0/s" in consumer
    assert "100/s" in consumer


def test_reports_come_before_pids_and_rates():
    assert "orders=7" in text_of(Processes(Look()).content(VIEW, 78, 8))


def test_an_ended_process_stays_with_how_it_ended():
    text = text_of(Processes(Look()).content(sessions.ended_view(), 118, 10))
    assert "✗ ended with status 1" in text
    assert "ValueError: \\x1b[31mno" in text
    assert "killed, as meant" in text
    assert "by hand" in text


def test_locks_tell_holders_waiters_and_the_kernels_word():
    text = text_of(Locks(Look()).content(VIEW, 118, 20))
    assert "held by  producer 2 3.0 s" in text
    assert "waiting  producer 1 2.0 s" in text
    assert "kernel: value 0, 1 wait, held by pid 102" in text
    assert "p99 4.0 s" in text
    assert "producer 1 waits for ledger 2.0 s, until producer 2 (running) gives it back" in text


@pytest.mark.parametrize("width", [24, 26, 34])
def test_a_narrow_panel_names_holder_and_waiters_with_how_long(width):
    view = msgspec.structs.replace(VIEW, locks=VIEW.locks[-1:])
    (lock,) = view.locks
    assert lock.waiters
    rows = text_of(Locks(Look()).content(view, width, 5)).splitlines()
    told = {row.split()[0]: row for row in rows if row.split()}
    assert lock.holders[0].process[:2] in told["held"]
    assert re.search(r" \d+\.\d s$", told["held"])
    assert re.search(r" \d+\.\d s$", told["wait"])


def test_who_still_waits_had_to_wait_too():
    view = msgspec.structs.replace(VIEW, locks=VIEW.locks[-1:])
    (lock,) = view.locks
    never = msgspec.structs.replace(lock, acquisitions=1, contended=0)
    assert contention(never) == len(lock.waiters) / (1 + len(lock.waiters))
    text = text_of(Locks(Look()).content(view, 118, 10))
    assert "longest now 2.0 s" in text


def test_a_ring_is_told_in_its_order_with_what_each_holds():
    rows = text_of(Locks(Look()).content(STUCK, 118, 20)).splitlines()
    ring = rows[next(place for place, row in enumerate(rows) if "A ring of 2" in row) + 1 :]
    assert ring[0].startswith("  ╔═ producer 1 waits for ledger")
    assert "holds console meanwhile" in ring[0]
    assert ring[1].startswith("  ╚═ producer 2 waits for console")
    assert "A ring" not in text_of(Locks(Look()).content(VIEW, 118, 20))


def test_the_rest_of_a_long_graph_is_counted():
    rows = text_of(Locks(Look()).content(STUCK, 78, 6)).splitlines()
    assert rows[-1].strip() == "… and 2 more rows"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_strip_keeps_everything_inside(width):
    for count in (1, 4, 30):
        view = many_channels(count)
        for height in (4, 5, 7):
            lines = strip_lines(view, width, height, Look())
            assert len(lines) <= height
            assert all(width_of(row) <= width for row in lines)
            if count > height:
                assert f"+{count - (height - 3)} more" in text_of(lines[:1])


def test_the_strip_has_its_rows_for_what_was_found_and_not_for_a_file():
    finding = ev.FindingRaised(
        t=1,
        key="k",
        kind="deadlock",
        sentence="Deadlock of 2: (saved: deadlock-x.ipcz) a waits.",
        since=0,
        members=[],
    )
    view = msgspec.structs.replace(VIEW, findings=(finding,))
    assert "Deadlock of 2: a waits." in text_of(strip_lines(view, 80, 7, Look()))


def test_the_strip_says_how_many_processes_it_leaves_out():
    first = VIEW.processes[0]
    processes = tuple(msgspec.structs.replace(first, name=f"process {n}") for n in range(30))
    last = strip_lines(msgspec.structs.replace(VIEW, processes=processes), 80, 6, Look())[-1]
    shown = text_of([last]).count("process ")
    assert text_of([last]).rstrip().endswith(f"+{30 - shown}")


def test_without_channels_or_locks_a_sentence_says_so():
    bare = msgspec.structs.replace(VIEW, channels=(), locks=())
    assert "no channels" in text_of(Channels(Look()).content(bare, 78, 10))
    assert "no locks" in text_of(Locks(Look()).content(bare, 78, 10))
