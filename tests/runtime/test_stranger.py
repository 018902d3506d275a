"""Workers that are not related to each other: exec'd anew, they find their channels by name."""

from __future__ import annotations

import os
from pathlib import Path

from helpers.runs import live, run, summary_of, take_until

from ipcviz import events as ev


def _commands(events: list[ev.AnyEvent]) -> dict[str, str]:
    started = [event for event in events if isinstance(event, ev.ProcessStarted)]
    return {event.process: Path(f"/proc/{event.pid}/cmdline").read_text() for event in started}


def test_the_workers_of_a_fifo_are_programs_of_their_own(own_runtime: Path) -> None:
    with live("pipeline", mechanisms={"lines": "fifo", "counts": "pipe"}) as source:
        events = take_until(source, lambda seen: any(isinstance(event, ev.Message) for event in seen))
        commands = _commands(events)
        assert "ipcviz.runtime.stranger" in commands["reader"]
        assert "ipcviz.runtime.stranger" in commands["counter"]
        assert "ipcviz.runtime.supervisor" in commands["printer"], "a fork of the supervisor"
        reader = next(e.pid for e in events if isinstance(e, ev.ProcessStarted) and e.process == "reader")
        folder = f"/proc/{reader}/fd"
        held = [os.readlink(f"{folder}/{name}") for name in os.listdir(folder)]
        assert [link for link in held if link.endswith("-lines")], "it has opened the FIFO by its name"


def test_parameters_reach_a_program_of_its_own(tmp_path: Path, own_runtime: Path) -> None:
    text = tmp_path / "text"
    text.write_text("one two\nthree\n" * 40)
    settings = {"text": text, "stages": 2, "rate": 0}
    summary = summary_of(run("pipeline", mechanism="fifo", settings=settings))
    assert summary.reports["printer"] == {"words": 120, "lines": 80, "missing": 0}


def test_a_failure_is_told_as_that_of_any_worker(tmp_path: Path, own_runtime: Path) -> None:
    demo = tmp_path / "mine.py"
    demo.write_text(
        "from ipcviz import Topology\n"
        "def build():\n"
        "    topology = Topology('mine')\n"
        "    words = topology.channel('words')\n"
        "    topology.process('one', fail, words.sender)\n"
        "    topology.process('two', list, words.receiver)\n"
        "    return topology\n"
        "def fail(words):\n"
        "    raise ValueError('on purpose')\n"
    )
    events = run(str(demo), mechanism="fifo")
    (failed,) = (event for event in events if isinstance(event, ev.ProcessExited) and event.failed)
    assert failed.reason == "ValueError: on purpose (mine.py, line 9)."


def test_what_is_inherited_cannot_be_had_beside_it() -> None:
    events = run("pipeline", mechanisms={"lines": "fifo", "counts": "mp-queue"})
    (refused,) = events
    assert isinstance(refused, ev.Refused)
    assert "counts cannot be a mp-queue" in refused.sentence
