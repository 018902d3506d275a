"""Without a screen, too, the last minute of a run is kept, and saved at a deadlock, a crash or a loss."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ipcviz import events as ev
from ipcviz.recording.reader import Recording

CRASHES = """
        def build():
            topology = Topology("talk")
            words = topology.channel("words")
            topology.process("talker", talk, words.sender)
            topology.process("listener", listen, words.receiver)
            return topology
        def talk(out):
            print("a secret")
            out.send(b"a secret")
            raise RuntimeError("on purpose")
        def listen(inbox):
            for message in inbox:
                pass
        """


def saved(ipcviz: Any, result: Any, kind: str) -> list[ev.AnyEvent]:
    """What is in the one file that the command has named."""
    assert result.err == ""
    (line,) = result.saved
    found = re.fullmatch(rf"ipcviz: The last minute is saved, with the {kind} in it: (\S+) \(.+\)\n", line)
    assert found is not None, line
    [file] = (ipcviz.folder / ".local" / "state" / "ipcviz").iterdir()
    assert found[1] == f".local/state/ipcviz/{file.name}"
    assert file.name.startswith(f"{kind}-")
    with Recording(Path(file)) as recording:
        assert recording.cut == ""
        return list(recording.events())


def findings(events: list[ev.AnyEvent]) -> set[str]:
    return {event.kind for event in events if isinstance(event, ev.FindingRaised)}


@pytest.mark.slow
def test_a_deadlock_is_saved_of_a_run_that_prints_lines(ipcviz: Any) -> None:
    settings = ("--set", "n=3", "--set", "hesitate=1")
    result = ipcviz("run", "philosophers", "--plain", "--seconds", "4", *settings)
    assert result.status == 0
    assert "deadlock" in findings(saved(ipcviz, result, "deadlock"))
    assert "The last minute" not in result.out


def test_a_crash_is_saved_and_the_lines_of_json_are_as_ever(ipcviz: Any) -> None:
    result = ipcviz("run", ipcviz.demo(CRASHES), "--json", "--redact")
    assert result.status == 1
    assert all(json.loads(line)["type"] for line in result.out.splitlines())
    assert "The last minute" not in result.out
    events = saved(ipcviz, result, "crash")
    assert any(isinstance(event, ev.ProcessExited) and event.failed for event in events)
    assert not any(b"secret" in ev.encode(event) for event in events)


def test_what_is_recorded_is_not_saved_again(ipcviz: Any) -> None:
    result = ipcviz("run", ipcviz.demo(CRASHES), "--json", "--record", "all.ipcz")
    assert (result.status, result.err, result.saved) == (1, "", [])
    assert not (ipcviz.folder / ".local").exists()


@pytest.mark.slow
def test_a_demo_that_loses_on_purpose_is_saved_once(ipcviz: Any) -> None:
    result = ipcviz("run", "udp_overflow", "--json", "--seconds", "4")
    assert "lost" in findings(saved(ipcviz, result, "loss"))
