"""Parts that were joined are told apart by what differs between them."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import data_exports as made
from msgspec import structs

from ipcviz.events import SessionStarted
from ipcviz.recording.parts import chapters_of_parts


def part(mechanism: str = "pipe", **more: Any) -> SessionStarted:
    session = made.session(locks=["gate"])
    channels = [structs.replace(channel, mechanism=mechanism) for channel in session.channels]
    return structs.replace(session, channels=channels, **more)


@pytest.mark.parametrize(
    ("sessions", "labels"),
    [
        ([part(), part()], ["made", "made"]),
        ([part(), part("shm")], ["made on pipe + flock", "made on shm + flock"]),
        ([part(), part("shm", topology="else")], ["made", "else"]),
        (
            [part(parameters={"n": 1, "m": 5}), part(parameters={"n": 2, "m": 5})],
            ["made, n=1", "made, n=2"],
        ),
    ],
)
def test_a_part_is_called_by_what_differs(sessions: list[SessionStarted], labels: list[str]) -> None:
    assert [chapter.label for chapter in chapters_of_parts(sessions)] == labels


def test_its_caption_is_what_it_is_about() -> None:
    [chapter] = chapters_of_parts([part(about="Who sends.\nAnd more.")])
    assert (chapter.label, chapter.caption) == ("made", "Who sends.")
