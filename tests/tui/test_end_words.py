"""Why a run has ended, and what the header and the footer say then."""

from __future__ import annotations

import msgspec
import pytest
from helpers import events as made

from ipcviz.tui.actions import PLAY, RUN
from ipcviz.tui.end_words import why_ended
from ipcviz.tui.lines import Line, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.footer import AFTER_THE_END
from ipcviz.tui.panels.header import header_line
from ipcviz.view import ProcessView, View
from ipcviz.world import World

BY_ITSELF = ProcessView("a", status="ended", exit=0, ended=5)
STOPPED = ProcessView("b", status="ended", exit=0, reason="it was stopped with the run", ended=9)
LATE = ProcessView("c", status="ended", signal=9, reason="it did not stop within 1 s and was killed", ended=9)
KILLED = ProcessView("d", status="ended", signal=9, reason="it was killed by hand", ended=3)
FAILED = ProcessView("e", status="failed", exit=1, reason="ValueError", ended=4)
FAILED_FIRST = ProcessView("first\x1b[31m", status="failed", exit=1, reason="KeyError", ended=2)


def ended(*processes: ProcessView, status: str = "ended") -> View:
    world = World()
    world.apply(made.session([process.name for process in processes], []))
    return msgspec.structs.replace(world.view(), status=status, processes=processes)


def text_of(row: Line) -> str:
    return "".join(text for text, _ in row)


@pytest.mark.parametrize(
    ("processes", "asked", "words"),
    [
        ([BY_ITSELF], None, "its process ended by itself"),
        ([BY_ITSELF] * 4, 10.0, "all 4 processes ended by themselves"),
        ([BY_ITSELF, STOPPED], 3.0, "stopped after 3 s, as asked"),
        ([STOPPED, LATE], 2.5, "stopped after 2.5 s, as asked"),
        ([STOPPED], None, "stopped before its own end"),
        ([LATE], None, "stopped before its own end"),
        ([BY_ITSELF, KILLED, BY_ITSELF], 3.0, "2 ended by themselves, 1 killed"),
        ([KILLED], None, "its process was killed"),
        ([KILLED] * 2, None, "all 2 processes were killed"),
        ([BY_ITSELF, FAILED], None, "e failed"),
        ([FAILED, STOPPED, FAILED_FIRST], 3.0, "2 failed, first\\x1b[31m first"),
    ],
)
def test_why_it_ended(processes, asked, words) -> None:
    told = why_ended(ended(*processes), asked)
    assert told[0] == words
    assert [len(text) for text in told] == sorted(map(len, told), reverse=True)


@pytest.mark.parametrize(
    "view",
    [ended(BY_ITSELF, status="live"), ended(), ended(BY_ITSELF, ProcessView("x", status="running"))],
)
def test_what_is_not_known_is_not_told(view: View) -> None:
    assert why_ended(view) == []


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("processes", [[BY_ITSELF] * 4, [STOPPED], [FAILED, FAILED_FIRST]])
def test_the_header_has_the_words_that_fit(width, processes) -> None:
    view = ended(*processes)
    drawn = header_line(view, False, 0, width, Look(), asked=3.0)
    assert width_of(drawn) == width
    fitting = [words for words in why_ended(view, 3.0) if words in text_of(drawn)]
    assert fitting or width < 60
    if width >= 80:
        assert fitting[0] == why_ended(view, 3.0)[0]


def test_a_long_title_gives_way_to_the_shortest_words() -> None:
    view = ended(*[BY_ITSELF] * 4)
    session = msgspec.structs.replace(
        view.session, topology="a topology with a name that is very long indeed"
    )
    text = text_of(header_line(msgspec.structs.replace(view, session=session), False, 0, 60, Look()))
    assert "by themselves" in text
    assert "a topology" in text


def test_another_badge_has_its_own_words() -> None:
    drawn = header_line(ended(BY_ITSELF), False, 0, 120, Look(), [(" PAUSED ", "badge")])
    assert "by itself" not in text_of(drawn)


def test_what_comes_first_after_the_end_are_actions_with_labels() -> None:
    labels = {action.id: action.label for action in RUN}
    assert all(labels[name] for name in AFTER_THE_END)
    assert not any(action.footer for action in PLAY if action.id in AFTER_THE_END)
