"""Pictures without a terminal: what is drawn when it is ready, in the theme that was asked for."""

from __future__ import annotations

import pytest

from ipcviz.terminal import Profile
from ipcviz.tui.feed import Feed
from ipcviz.tui.snapshot import draw
from ipcviz.tui.themes import BACKGROUNDS


@pytest.fixture
def feed(source, make_session, make_began, make_frame):
    started = make_session(2, 1, 0)
    source.batches.append([*make_began(started), make_frame(started, 1.0), make_frame(started, 2.0, 210)])
    return Feed(source)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_is_drawn_in_its_theme_once_it_is_ready(feed, theme):
    svg = draw(
        lambda app: app.run_screen(feed, None),
        (80, 24),
        lambda app: feed.view().t > 0,
        profile=Profile(theme=theme, motion=False),
    )
    assert svg.startswith("<svg")
    assert BACKGROUNDS[theme] in svg
    assert "process&#160;1" in svg


def test_keys_lead_to_what_is_drawn(feed):
    svg = draw(lambda app: app.run_screen(feed, None), (80, 24), lambda app: feed.view().t > 0, ("3",))
    assert "Processes" in svg
    assert "Topology" not in svg
