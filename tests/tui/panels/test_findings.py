"""The findings panel: sentences in rows, a cursor among them, and the place that each speaks of."""

from __future__ import annotations

import pytest
from helpers import events as made
from msgspec import structs
from textual.app import App, ComposeResult

from ipcviz import events as ev
from ipcviz.tui.lines import Line, strip_of, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.finding_order import Entry, by_time, by_weight, entries_of
from ipcviz.tui.panels.findings import Findings, entry_rows, finding_rows, place_of
from ipcviz.units import SECOND
from ipcviz.view import Over, View
from ipcviz.world import World


def finding(
    key: str, sentence: str = "", kind: str = "backlog", since: int = 1, *members: str
) -> ev.FindingRaised:
    return ev.FindingRaised(
        t=since * SECOND,
        key=key,
        kind=kind,  # type: ignore[arg-type]
        sentence=sentence or f"Slow consumer: {key} is full.",
        since=since * SECOND,
        members=list(members),
    )


@pytest.fixture
def base(make_session, make_began, make_frame, make_view) -> View:
    started = make_session(3, 2, 2)
    return make_view([*make_began(started), make_frame(started, 2.0)])


def having(view: View, *standing: ev.FindingRaised, over: tuple[Over, ...] = ()) -> View:
    return structs.replace(view, findings=standing, cleared=over)


def text_of(lines: list[Line]) -> str:
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def drawn(view: View, width: int = 60, height: int = 12, look: Look | None = None) -> str:
    panel = Findings(look or Look())
    return text_of(panel.content(view, width, height))


# ---- what is drawn -------------------------------------------------------------------------------------


def test_a_calm_run_says_so(base: View) -> None:
    assert drawn(base) == "  Nothing is wrong."


def test_a_finding_is_a_sentence_with_since_when(base: View) -> None:
    view = having(
        base, finding("jobs", "Slow consumer: jobs has been full for 83 % of the last 10 s.", since=63)
    )
    assert drawn(view, 44) == (
        " ▲ Slow consumer: jobs has been full for 83\n   % of the last 10 s. Found at 01:03."
    )


def test_the_newest_is_first_then_what_is_over(base: View) -> None:
    slow, late = finding("slow", since=1), finding("late", since=5)
    orphan = finding("door", "Orphaned lock: door is held.", "orphaned lock", 3)
    gone = finding("gone", "Starvation: a waited.", "starvation", 2)
    view = having(base, slow, late, orphan, over=(Over(gone, 42 * SECOND),))
    assert drawn(view).splitlines() == [
        " ▲ Slow consumer: late is full. Found at 00:05.",
        " ✗ Orphaned lock: door is held. Found at 00:03.",
        " ▲ Slow consumer: slow is full. Found at 00:01.",
        " ✓ Starvation: a waited. Over since 00:42.",
    ]


def test_sorted_the_gravest_is_first(base: View) -> None:
    slow, orphan = finding("slow", since=5), finding("door", "Orphaned lock: door.", "orphaned lock", 3)
    view = having(base, slow, orphan, over=(Over(finding("gone", kind="deadlock"), SECOND),))
    panel = Findings(Look())
    panel.sort_next()
    keys = [text.split(":")[0] for text in text_of(panel.content(view, 60, 9)).splitlines()]
    assert keys == [" ✗ Orphaned lock", " ▲ Slow consumer", " ✓ Slow consumer"]
    assert panel.note == "2 · 1 over · by weight"
    panel.sort_next()
    assert "Slow consumer" in text_of(panel.content(view, 60, 1))


def test_of_what_began_at_one_time_the_cause_is_first() -> None:
    first = finding("reader", "", "failed process", 5, "reader")
    then = structs.replace(finding("writer", "", "failed process", 5, "writer"), since=5 * SECOND + 9)
    beside = structs.replace(finding("jobs", since=5), since=5 * SECOND + 99)
    later = finding("more", since=6)
    assert by_time([beside, then, first, later], {"reader"}) == [later, first, then, beside]
    assert by_time([then, first], {"writer"}) == [then, first]


@pytest.mark.parametrize("glyphs", ["unicode", "plain", "ascii"])
def test_what_is_grave_has_a_sign_of_its_own(glyphs) -> None:
    look = Look(glyphs, colours=False)
    deadlock, slow = finding("a", "Deadlock: a.", "deadlock"), finding("b")
    signs = {
        entry_rows(entry, 60, look)[0][1][0] for entry in (Entry(deadlock), Entry(slow), Entry(slow, SECOND))
    }
    assert len(signs) == 3


def test_what_is_over_is_dim_and_below_a_word_of_calm(base: View) -> None:
    panel = Findings(Look())
    rows = panel.content(having(base, over=(Over(finding("a"), 9 * SECOND),)), 60, 10)
    assert text_of(rows).splitlines() == [
        "  Nothing is wrong.",
        " ✓ Slow consumer: a is full. Over since 00:09.",
    ]
    assert {style for text, style in rows[1] if text.strip()} == {"dim"}
    assert panel.note == "1 over"


def test_what_came_again_is_told_once(base: View) -> None:
    overs = tuple(Over(finding(key), n * SECOND) for n, key in enumerate(["a", "b", "a", "c"], 1))
    entries = entries_of(having(base, finding("c"), over=overs))
    assert [(entry.key, entry.over) for entry in entries] == [
        ("c", None),
        ("a", 3 * SECOND),
        ("b", 2 * SECOND),
    ]


def test_names_and_kind_stand_out(base: View) -> None:
    found = finding("k", "Slow consumer: to b is full; b waits, bob does not.", "backlog", 1, "to b", "b")
    (row,) = entry_rows(Entry(found), 80, Look())
    assert [text for text, style in row if style == "strong"] == ["to b", "b"]
    assert ("Slow consumer:", "warn") in row
    grave = finding("k", "Deadlock of 2: a waits.", "deadlock")
    assert ("Deadlock of 2:", "bad") in entry_rows(Entry(grave), 80, Look())[0]


def test_a_name_that_is_broken_between_rows_stands_out_in_both(base: View) -> None:
    found = finding("k", "Slow: philosopher one waits.", "backlog", 1, "philosopher one")
    rows = entry_rows(Entry(found), 22, Look())
    strong = [text for row in rows for text, style in row if style == "strong"]
    assert strong == ["philosopher", "one"]


def test_a_finding_that_is_cut_says_so() -> None:
    for word in ("word ", "한글 "):
        rows = finding_rows(finding("long", word * 90), 40, Look(), most=2)
        assert len(rows) == 2
        assert text_of(rows).endswith("…")
        assert all(width_of(row) <= 40 for row in rows)


def test_notes_fill_what_is_left(base: View) -> None:
    notes = tuple(ev.Note(t=n, process="reader", text=f"line {n}\x1b") for n in range(20))
    view = structs.replace(base, notes=notes)
    assert drawn(view, height=4).splitlines() == [
        "  Nothing is wrong.",
        *(f"   reader: line {n}\\x1b" for n in (17, 18, 19)),
    ]


HOSTILE = "Slow: \x1b[31m한글 상품🎉" + "x" * 200 + " 한글" * 30


@pytest.mark.parametrize("glyphs", ["unicode", "plain", "ascii"])
@pytest.mark.parametrize("size", [(1, 1), (12, 3), (42, 9), (78, 20), (198, 46)])
@pytest.mark.parametrize("count", [0, 1, 100])
def test_rows_stay_inside(base: View, glyphs, size, count) -> None:
    width, height = size
    standing = [finding(f"{n}", HOSTILE, "lost", n, "process 1", "한글") for n in range(count)]
    overs = tuple(Over(finding(f"over {n}", HOSTILE), SECOND) for n in range(min(count, 50)))
    view = having(base, *standing, over=overs)
    rows = Findings(Look(glyphs)).content(view, width, height)
    assert len(rows) <= height
    look = Look(glyphs)
    for row in rows:
        assert strip_of(row, look).cell_length == width_of(row)
        assert width_of(row) <= max(width, 25)
        shown = "".join(look.plain(text) for text, _ in row)
        assert shown.isprintable()
        assert glyphs != "ascii" or "".join(char for char in shown if char not in HOSTILE).isascii()


def test_without_colours_what_is_over_has_another_sign(base: View) -> None:
    view = having(base, finding("a"), over=(Over(finding("b"), SECOND),))
    assert [row[:3] for row in drawn(view, look=Look("ascii", colours=False)).splitlines()] == [" ! ", " + "]


# ---- the place -----------------------------------------------------------------------------------------


def test_the_place_is_the_first_member_that_there_is(base: View) -> None:
    assert place_of(finding("k", "", "backlog", 1, "nobody", "channel 1", "process 1"), base) == (
        "channel",
        "channel 1",
    )
    assert place_of(finding("k", "", "starvation", 1, "lock 2", "process 1"), base) == ("lock", "lock 2")
    assert place_of(finding("k", "", "failed process", 1, "process 2"), base) == ("process", "process 2")
    assert place_of(finding("k", "", "backlog", 1, "nobody"), base) is None


def test_where_a_name_stands_for_several_the_kind_of_finding_decides() -> None:
    world = World()
    world.apply(made.session(["door"], [made.channel("door", "door>", ">door")], [made.lock("door", "door")]))
    view = world.view()
    kinds = {
        kind: place_of(finding("k", "", kind, 1, "door"), view) for kind in ("lost", "convoy", "deadlock")
    }
    assert kinds == {"lost": ("channel", "door"), "convoy": ("lock", "door"), "deadlock": ("process", "door")}


def test_failures_are_told_from_the_first_to_the_last() -> None:
    first, second = (finding(f"{n}", "", "failed process", n) for n in (1, 2))
    assert by_weight([second, finding("b"), first])[:2] == [first, second]


# ---- the cursor ----------------------------------------------------------------------------------------


class Alone(App[None]):
    """The panel, and nothing else."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.panel = Findings(Look())
        self.panel.shown = view
        self.opened = 0

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_panel_opened(self) -> None:
        self.opened += 1


def many(view: View, count: int = 12) -> View:
    """Each takes two rows of 30 columns."""
    standing = [
        finding(f"{n}", f"Slow consumer: number {n} is full.", "backlog", 20 - n, f"channel {n % 2 + 1}")
        for n in range(count)
    ]
    return having(view, *standing)


async def test_the_cursor_moves_and_stays_in_view(base: View) -> None:
    app = Alone(many(base))
    async with app.run_test(size=(32, 8)) as pilot:
        panel = app.panel
        panel.styles.width, panel.styles.height = 32, 8
        panel.focus()
        await pilot.pause()
        panel.redraw()
        rows = panel.content(panel.shown, 30, 6)
        assert text_of(rows).startswith("▸▲ Slow consumer: number 0")
        assert panel.note == "12 · more below"
        assert panel.chosen_members() == ("channel 1",)
        panel.move(0, 1)
        assert panel.culprit() == ("channel", "channel 2")
        assert (panel.selection.kind, panel.selection.name) == ("channel", "channel 2")
        assert panel.copied() == "Slow consumer: number 1 is full."
        for _ in range(20):
            panel.move(0, 1)
        shown = text_of(panel.content(panel.shown, 30, 6))
        assert "▸▲ Slow consumer: number 11" in shown
        assert panel.chosen_key == "11"
        panel.move(0, -5)  # a page: as many as are shown
        assert panel.chosen_key == "8"
        panel.scroll_view(0, -100)
        assert text_of(panel.content(panel.shown, 30, 6)).startswith(" ▲ Slow consumer: number 0")
        assert panel.chosen_key == "8"


async def test_a_click_chooses_and_a_second_one_opens(base: View) -> None:
    app = Alone(many(base, 3))
    async with app.run_test(size=(32, 10)) as pilot:
        await pilot.pause()
        app.panel.redraw()
        await pilot.click(app.panel, offset=(5, 3))
        assert app.panel.chosen_key == "1"
        assert app.panel.culprit() == ("channel", "channel 2")
        assert app.opened == 0
        await pilot.click(app.panel, offset=(5, 3), times=2)
        assert app.opened == 1


async def test_a_click_beside_them_chooses_nothing(base: View) -> None:
    app = Alone(base)
    async with app.run_test(size=(32, 10)) as pilot:
        await pilot.pause()
        app.panel.redraw()
        await pilot.click(app.panel, offset=(5, 1))
        await pilot.click(app.panel, offset=(5, 6))
        app.panel.move(0, 1)
        assert app.panel.culprit() is None
        assert app.panel.chosen_members() == ()
        assert app.panel.copied() == ""


def test_the_chosen_one_stays_chosen_when_others_come_and_go(base: View) -> None:
    panel = Findings(Look())
    panel.shown = many(base, 3)
    panel.content(panel.shown, 30, 9)
    panel.move(0, 1)
    panel.shown = having(base, finding("new", since=99), *panel.shown.findings)
    panel.content(panel.shown, 30, 9)
    assert panel.chosen_key == "1"
    panel.shown = having(base, finding("new", since=99))
    panel.content(panel.shown, 30, 9)
    assert panel.chosen_key == "new"


def test_who_was_killed_is_told_before_those_who_failed_because_of_it() -> None:
    at = {"writer": 1, "reader": 1, "later": 3}
    writer, reader, later = (
        finding(f"failed:{name}", "", "failed process", since, name) for name, since in at.items()
    )
    assert by_weight([writer, reader, later], {"reader"}) == [reader, writer, later]
    assert by_weight([writer, reader, later], {"later"}) == [writer, reader, later]
