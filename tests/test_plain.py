"""A run as lines: each has the time at which it happened, also where recordings were joined."""

from __future__ import annotations

from helpers import data_exports as made
from msgspec import structs

from ipcviz import events as ev
from ipcviz.plain import PlainLines
from ipcviz.units import SECOND


def lines_of(*events: ev.AnyEvent) -> list[str]:
    plain = PlainLines()
    return [line for event in events for line in plain.lines(event)]


def raised(t: int) -> ev.FindingRaised:
    told = "Slow consumer: b."
    return ev.FindingRaised(t=t, key="slow:b", kind="slow consumer", sentence=told, since=t, members=["b"])


def times_of(lines: list[str]) -> list[str]:
    return [line.split("  ")[0] for line in lines]


def test_a_part_that_was_joined_begins_at_its_own_time_and_tells_its_findings_anew() -> None:
    first = made.session()
    second = structs.replace(first, t=7 * SECOND)
    lines = lines_of(first, raised(2 * SECOND), raised(3 * SECOND), second, raised(9 * SECOND))
    assert times_of(lines) == ["00:00", "00:00", "00:02", "00:07", "00:07", "00:09"]
    assert lines[2].endswith("Slow consumer: b.")
    assert lines[3].startswith("00:07  made (")
    assert lines[5].endswith("Slow consumer: b.")


def test_a_part_that_is_entered_late_does_not_lead_back() -> None:
    first = made.session()
    trimmed = structs.replace(first, t=SECOND)
    note = ev.Note(t=4 * SECOND, process="a", text="hello")
    assert times_of(lines_of(first, note, trimmed)) == ["00:00", "00:00", "00:04", "00:04", "00:04"]
