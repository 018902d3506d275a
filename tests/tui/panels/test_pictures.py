"""Every panel and page of figures as it looks, at each size, in each glyph set."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from helpers import sessions

from ipcviz import events as ev
from ipcviz.tui.lines import strip_of, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panel import Panel
from ipcviz.tui.panels.channel_page import ChannelPage
from ipcviz.tui.panels.channels import Channels
from ipcviz.tui.panels.inspector import Inspector
from ipcviz.tui.panels.locks import Locks
from ipcviz.tui.panels.messages import Messages
from ipcviz.tui.panels.process_page import ProcessPage
from ipcviz.tui.panels.processes import Processes
from ipcviz.tui.panels.strip import strip_lines
from ipcviz.tui.selection import Selection
from ipcviz.view import View
from ipcviz.world import World

VIEWS = {
    "live": sessions.view(),
    "stuck": sessions.view(stuck=True),
    "ended": sessions.ended_view(),
    "new": sessions.view(0),
}
SIZES = [(58, 13), (78, 20), (118, 36), (198, 46)]
PANELS: list[type[Panel]] = [Channels, Locks, Processes, Messages, ChannelPage, ProcessPage, Inspector]
ODD_SIZES = [(1, 1), (8, 2), (20, 3), (42, 7), (44, 50), (300, 90)]


def chosen(view: View, panel: type[Panel]) -> Selection:
    """What a page is of; a panel marks it."""
    kind = "process" if panel is ProcessPage else "channel"
    name = "producer 1" if kind == "process" else "jobs"
    message = view.messages.items[-3] if panel is Inspector and view.messages.end else None
    return Selection(kind, name, message)


def lines_of(panel: type[Panel], state: str, width: int, height: int, look: Look):
    view = VIEWS[state]
    made = panel(look, chosen(view, panel))
    return made.content(view, width, height)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("panel", PANELS)
def test_it_looks_as_it_did(panel, width, height, same_picture):
    name = f"{panel.__name__.lower()}-{width}x{height}"
    same_picture(name, lines_of(panel, "live", width, height, Look()), width)


@pytest.mark.parametrize("glyphs", ["plain", "ascii"])
@pytest.mark.parametrize("panel", PANELS)
def test_it_looks_alike_in_other_glyphs(panel, glyphs, same_picture):
    look = Look(glyphs, colours=False)
    lines = [
        [(look.plain(text), style) for text, style in row] for row in lines_of(panel, "live", 78, 20, look)
    ]
    same_picture(f"{panel.__name__.lower()}-{glyphs}", lines, 78)


@pytest.mark.parametrize("state", ["stuck", "ended", "new"])
@pytest.mark.parametrize("panel", [Locks, Processes, ChannelPage, ProcessPage])
def test_its_other_states_look_as_they_did(panel, state, same_picture):
    same_picture(f"{panel.__name__.lower()}-{state}", lines_of(panel, state, 98, 30, Look()), 98)


@pytest.mark.parametrize("state", list(VIEWS))
def test_the_strip_looks_as_it_did(state, same_picture):
    same_picture(f"strip-{state}", strip_lines(VIEWS[state], 80, 7, Look()), 80)


@pytest.mark.parametrize("panel", PANELS)
def test_names_of_a_stream_from_elsewhere_are_not_obeyed(panel):
    text = msgspec.json.encode(list(map(msgspec.to_builtins, sessions.events())))
    evil = text.replace(b"jobs", rb"\u001b]0;j\u0007").replace(b"producer 1", rb"\u001b[2J\u202e1\n")
    world = World()
    for event in msgspec.json.decode(evil, type=list[ev.AnyEvent]):
        world.apply(event)
    view = world.view()
    name = view.processes[0].name if panel is ProcessPage else view.channels[0].info.name
    assert "\x1b" in name
    kind = "process" if panel is ProcessPage else "channel"
    made = panel(Look(), Selection(kind, name, view.messages.items[-3]))
    for width, height in SIZES:
        for row in [*made.content(view, width, height), *strip_lines(view, width, height, Look())]:
            assert "".join(text for text, _ in row).isprintable()
        assert made.note.isprintable()


@pytest.mark.parametrize("glyphs", ["unicode", "plain", "ascii"])
@pytest.mark.parametrize("panel", PANELS)
def test_lines_fit_and_nothing_is_obeyed(panel, glyphs):
    look = Look(glyphs)
    for state, (width, height) in itertools.product(VIEWS, [*ODD_SIZES, *SIZES]):
        lines = lines_of(panel, state, width, height, look)
        assert len(lines) <= height, (state, width, height)
        for row in lines:
            text = "".join(look.plain(text) for text, _ in row)
            assert text.isprintable()
            assert strip_of(row, look).cell_length == width_of(row)
            if glyphs == "ascii":
                assert not [char for char in text if 0x2000 <= ord(char) < 0x3000], text
