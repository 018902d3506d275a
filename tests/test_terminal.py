"""What is known of a terminal from its environment, and what the screen makes of it."""

from __future__ import annotations

import io
import sys

import pytest

from ipcviz import terminal
from ipcviz.terminal import Profile

NAMES = ("LC_ALL", "LC_CTYPE", "LANG", "TERM", "COLORTERM", "NO_COLOR", "SSH_CONNECTION")
SSH = "192.0.2.1 50000 192.0.2.2 22"


@pytest.fixture
def here(monkeypatch):
    """A function that makes the environment exactly this."""

    def set_environment(written="utf-8", **values):
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "__stderr__", io.TextIOWrapper(io.BytesIO(), written))

    return set_environment


@pytest.mark.parametrize(
    ("environment", "glyphs"),
    [
        ({"LANG": "C.UTF-8"}, "unicode"),
        ({"LANG": "ko_KR.utf8"}, "unicode"),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, "plain"),
        ({"LANG": "en_US.UTF-8", "TERM": "linux-16color"}, "plain"),
        ({"LANG": "C", "TERM": "linux"}, "ascii"),
        ({"LANG": "de_DE.ISO-8859-1"}, "ascii"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "ascii"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "unicode"),
        ({"LANG": "C.UTF-8", "written": "latin-1"}, "ascii"),
        ({"LANG": "C.UTF-8", "TERM": "linux", "written": "ascii"}, "ascii"),
    ],
)
def test_glyphs_by_locale_console_and_encoding(here, environment, glyphs) -> None:
    here(**environment)
    assert terminal.glyph_set() == terminal.profile().glyphs == glyphs
    assert terminal.profile(glyphs="ascii").glyphs == "ascii"


@pytest.mark.parametrize(
    ("environment", "colours", "theme"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, 1 << 24, "dark"),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, 1 << 24, "dark"),
        ({"TERM": "xterm-direct"}, 1 << 24, "dark"),
        ({"TERM": "alacritty"}, 1 << 24, "dark"),
        ({"TERM": "tmux-256color"}, 256, "dark"),
        ({"TERM": "xterm"}, 16, "terminal"),
        ({"TERM": "linux"}, 16, "terminal"),
        ({"TERM": "vt100"}, 16, "terminal"),
    ],
)
def test_colours_and_the_theme_that_suits_them(here, environment, colours, theme) -> None:
    here(LANG="C.UTF-8", **environment)
    assert terminal.colour_depth() == colours
    assert terminal.profile().theme == theme
    assert terminal.profile(theme="light").theme == "light"
    assert terminal.profile().colours


def test_no_color_is_none(here) -> None:
    here(LANG="C.UTF-8", COLORTERM="truecolor", NO_COLOR="1")
    assert terminal.colour_depth() == 0
    assert not terminal.profile().colours


def test_no_color_that_is_empty_says_nothing(here) -> None:
    here(LANG="C.UTF-8", COLORTERM="truecolor", NO_COLOR="")
    assert terminal.profile().colours


def test_a_terminal_at_hand_is_drawn_ten_times_a_second(here) -> None:
    here(LANG="C.UTF-8", COLORTERM="truecolor")
    assert terminal.profile() == Profile(ticks=10, motion=True, mouse=True)
    assert terminal.profile(fps=20).ticks == 20
    assert terminal.ticks_per_second() == 10


@pytest.mark.parametrize(("environment", "flag"), [({"SSH_CONNECTION": SSH}, False), ({}, True)])
def test_a_line_that_may_be_slow_carries_less(here, environment, flag) -> None:
    here(LANG="C.UTF-8", COLORTERM="truecolor", **environment)
    found = terminal.profile(low_bandwidth=flag)
    assert found == Profile(ticks=4, motion=False, mouse=False, low_bandwidth=True)
    assert terminal.profile(fps=20, low_bandwidth=flag).ticks == 20


@pytest.mark.parametrize(
    ("name", "words"), [("dumb", "TERM=dumb"), ("", "TERM="), ("xterm", None), ("linux", None)]
)
def test_a_terminal_that_can_do_nothing_gets_no_screen(here, monkeypatch, name, words) -> None:
    here(TERM=name)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    reason = terminal.why_no_screen()
    assert (reason is None) if words is None else (words in reason and "--plain" in reason)
