"""Recordings of earlier versions play for ever: each golden file tells the events that lie beside it.

They are made once, by the version in their name, and never again.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from ipcviz import events as ev
from ipcviz.recording.indexing import parts_of
from ipcviz.recording.past import Past
from ipcviz.recording.reader import Recording
from ipcviz.world import World

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("*.ipcz"))


def told(file: Path) -> list[ev.AnyEvent]:
    """The events that a golden file held when it was made."""
    with file.with_suffix(".jsonl.zst").open("rb") as packed:
        lines = zstandard.ZstdDecompressor().stream_reader(packed).read()
    return [ev.decode(line) for line in lines.splitlines()]


def test_there_is_one_of_each_version() -> None:
    assert {file.name.partition("-")[0] for file in FILES} == {"1.0"}
    assert len(FILES) >= 4


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_plays_as_it_did(file: Path) -> None:
    with Recording(file) as recording:
        assert recording.cut == ""
        events = list(recording.events())
        assert events == told(file)
        assert recording.session == events[0]
        past, world = Past(recording), World()
        for part, changed in parts_of(recording):
            past.index.add(part, changed)
        for event in events:
            world.apply(event)
        assert past.world_at(len(events)).view() == world.view()
        assert world.view().channels or world.view().locks


def test_every_kind_of_event_is_in_one_of_them() -> None:
    kinds = {type(event) for file in FILES for event in told(file)}
    known = {kind for kind in ev.AnyEvent.__args__ if kind is not ev.Refused}
    assert known <= kinds, "make a golden file that has the new kind of event"
