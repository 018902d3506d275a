"""Menus and questions, driven by keys over an empty app."""

from __future__ import annotations

import pytest
from textual.app import App

from ipcviz.candidates import Candidate
from ipcviz.tui.look import Look
from ipcviz.tui.screens import run_acts
from ipcviz.tui.screens.ask import Ask
from ipcviz.tui.screens.menu import Entry, Menu

ENTRIES = [
    Entry("pipe", "pipe", "A byte stream."),
    Entry("tcp", "tcp", "A connection.", objection="It cannot fan out."),
    Entry("shm", "shm", "A ring in memory."),
]


class Bare(App[None]):
    CSS = "Boxed { align: center middle; }"


def text_of(app: App[None]) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def opened(pilot, screen) -> list[str | None]:
    results: list[str | None] = []
    pilot.app.push_screen(screen, results.append)
    await pilot.pause()
    return results


async def test_arrows_choose_and_enter_takes():
    async with Bare().run_test(size=(80, 24)) as pilot:
        results = await opened(pilot, Menu(Look(), "Mechanism", ENTRIES))
        assert "It cannot fan out." in text_of(pilot.app)
        await pilot.press("down", "enter")
        assert results == []  # it has an objection
        await pilot.press("down", "enter")
        assert results == ["shm"]


async def test_the_cursor_begins_where_something_can_be_chosen():
    async with Bare().run_test(size=(80, 24)) as pilot:
        results = await opened(pilot, Menu(Look(), "Mechanism", ENTRIES[1:]))
        await pilot.press("enter")
        assert results == ["shm"]


def test_a_way_says_what_it_carries_now_and_why_it_cannot():
    now = {"pipe": ["a"], "posix-mq": ["b", "c"]}
    assert run_acts.way(Candidate("posix-mq", "A queue."), now) == Entry(
        "posix-mq", "posix-mq (now)", "It carries b and c now. A queue."
    )
    assert run_acts.way(Candidate("pipe", "Bytes."), {"pipe": ["a"]}).help == "Bytes."
    told = run_acts.way(Candidate("tcp", "A connection.", [], "a has 3 receivers and it carries one"), now)
    assert told.objection == "a has 3 receivers and tcp carries one."


async def test_typing_narrows_and_escape_widens_then_closes():
    async with Bare().run_test(size=(80, 24)) as pilot:
        results = await opened(pilot, Menu(Look(), "Mechanism", ENTRIES))
        await pilot.press(*"ring")
        assert "find: ring" in text_of(pilot.app)
        assert "A byte stream." not in text_of(pilot.app)
        await pilot.press("escape")
        assert "A byte stream." in text_of(pilot.app)
        await pilot.press("escape")
        assert results == [None]


async def test_nothing_found_says_so():
    async with Bare().run_test(size=(80, 24)) as pilot:
        results = await opened(pilot, Menu(Look(), "Mechanism", ENTRIES))
        await pilot.press(*"zz", "enter")
        assert "Nothing here is called 'zz'." in text_of(pilot.app)
        assert results == []


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 50)])
async def test_a_click_chooses(size):
    async with Bare().run_test(size=size) as pilot:
        results = await opened(pilot, Menu(Look(), "Mechanism", ENTRIES))
        await pilot.click("#box", offset=(4, 3))
        assert results == ["shm"]


async def test_a_long_menu_scrolls_with_its_cursor():
    entries = [Entry(str(number), f"entry {number}") for number in range(100)]
    async with Bare().run_test(size=(60, 15)) as pilot:
        results = await opened(pilot, Menu(Look("ascii"), "Many", entries))
        await pilot.press(*["pagedown"] * 9, "down")
        assert "> entry 91" in text_of(pilot.app)
        await pilot.press("enter")
        assert results == ["91"]


async def test_a_question_takes_only_an_answer_that_can_be():
    def objection(typed: str) -> str:
        return "" if typed.isdigit() else "That is no number."

    async with Bare().run_test(size=(80, 24)) as pilot:
        results = await opened(pilot, Ask(Look(), "How many?", "A number.", "x", objection))
        assert "That is no number." in text_of(pilot.app)
        await pilot.press("enter")
        assert results == []
        await pilot.press("backspace", "4", "2")
        assert "That is no number." not in text_of(pilot.app)
        await pilot.press("enter")
        assert results == ["42"]


async def test_escape_leaves_a_question_without_an_answer():
    async with Bare().run_test(size=(80, 24)) as pilot:
        results = await opened(pilot, Ask(Look(), "How many?", "A number.", "1", lambda typed: ""))
        await pilot.press("escape")
        assert results == [None]
