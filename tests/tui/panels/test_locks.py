"""The panel of locks: what it tells in each width, and that nothing of it is cut off without a word."""

from __future__ import annotations

import msgspec
import pytest
from helpers import sessions

from ipcviz import events as ev
from ipcviz.tui.lines import width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.locks import Locks
from ipcviz.units import SECOND
from ipcviz.view import LockUser, View

VIEW = sessions.view()
STUCK = sessions.view(stuck=True)
NOW = VIEW.framed
TAKERS = [f"taker {number}" for number in range(1, 5)]


def shown(view: View, width: int, height: int, look: Look | None = None) -> list[str]:
    return ["".join(text for text, _ in row) for row in Locks(look or Look()).content(view, width, height)]


def one_lock(holders: tuple[LockUser, ...], waiters: tuple[LockUser, ...], **changes: object) -> View:
    """The console alone, so held and waited for."""
    lock = VIEW.locks[0]
    shared = any(user.shared for user in holders)
    info = msgspec.structs.replace(lock.info, users=TAKERS, shared=shared)
    changed = msgspec.structs.replace(lock, info=info, holders=holders, waiters=waiters, **changes)
    return msgspec.structs.replace(VIEW, locks=(changed,))


def users(*ages: float) -> tuple[LockUser, ...]:
    return tuple(LockUser(name, NOW - round(age * SECOND)) for name, age in zip(TAKERS, ages, strict=False))


def many(view: View, count: int) -> View:
    """So many locks like the first of the view."""
    first = view.locks[0]
    info = first.info
    locks = [
        msgspec.structs.replace(first, info=msgspec.structs.replace(info, name=f"fork {n}"))
        for n in range(count)
    ]
    return msgspec.structs.replace(view, locks=tuple(locks))


def test_a_lock_that_is_free_while_others_wait_is_drawn_free() -> None:
    look = Look("ascii")
    free, held = shown(one_lock((), users(1.0)), 78, 9, look), shown(one_lock(users(1.0), ()), 78, 9, look)
    assert free[0].startswith("  <> ")
    assert held[0].startswith("  <#> ")
    assert free[2].split() == ["waiting", "taker", "1", "1.0", "s"]


def test_waits_have_a_row_that_says_which_they_are() -> None:
    rows = shown(one_lock(users(0.194), users(0.094, 0.894, 4.6)), 78, 12)
    assert rows[1] == "    held by  taker 1 194 ms"
    assert rows[2] == "    waiting  taker 3 4.6 s, taker 2 894 ms, taker 1 94 ms"
    assert rows[4] == "    waits    longest now 4.6 s   p50 3 µs  p99 250 µs of the last 2 s"


def test_where_nobody_got_it_of_late_the_whole_run_is_told() -> None:
    uses = (ev.LockUse(waited=2 * SECOND), ev.LockUse("waiting", NOW - 3 * SECOND, waited=SECOND))
    view = one_lock((), users(3.0), wait=ev.Latency(), uses=uses)
    assert shown(view, 78, 12)[4] == "    waits    longest now 3.0 s   6.0 s in all since the start"
    unused = one_lock((), (), wait=ev.Latency(), uses=())
    assert shown(unused, 78, 12)[4] == "    waits    none yet"


def test_who_reads_together_is_told_in_one_word() -> None:
    readers = tuple(LockUser(name, NOW - SECOND, shared=True) for name in TAKERS)
    rows = shown(one_lock(readers, ()), 46, 9)
    assert rows[1] == "    read by  taker 1 1.0 s, taker 2 1.0 s +2"
    assert shown(one_lock(readers, ()), 26, 7)[1] == "    read taker 1 1.0 s +3"
    assert " 4 read, longest 1.0 s" in shown(many(one_lock(readers, ()), 9), 118, 10)[1]
    assert " taker 1 reads 1.0 s " in shown(many(one_lock(readers[:1], ()), 9), 118, 10)[1]


@pytest.mark.parametrize(("width", "waiting"), [(24, "3, 894 ms"), (30, "taker 2 894 ms +2")])
def test_a_narrow_entry_has_three_rows_and_the_graph_below_it(width: int, waiting: str) -> None:
    rows = shown(one_lock(users(0.194), users(0.094, 0.894, 0.49)), width, 3)
    assert rows == [
        "  ◆ console  posix-sem",
        "    held taker 1 194 ms",
        f"    wait {waiting}",
    ]


def test_more_locks_than_fit_a_narrow_panel_have_two_rows_and_scroll() -> None:
    panel = Locks(Look())
    view = many(one_lock(users(2.0), users(1.0)), 5)
    panel.content(view, 26, 7)
    assert panel.note == "1-3 of 5"
    rows = shown(view, 26, 7)
    assert rows[0:2] == ["  ◆ fork 0  taker 1", "    wait taker 1 1.0 s"]
    assert len(rows) == 6
    assert len(shown(view, 26, 10)) == 10


@pytest.mark.parametrize("width", [40, 42, 60, 78, 118, 198])
def test_a_table_always_tells_holder_and_waiter(width: int) -> None:
    head, *rows = shown(many(one_lock(users(2.0), users(1.0)), 9), width, 10)
    assert "held by" in head
    assert "waiting" in head
    for row in rows:
        assert "  taker 1 " in row
        assert "er 1 1.0 s" in row


def test_the_columns_do_not_move_with_the_times() -> None:
    heads = {
        shown(many(one_lock(users(held), users(waited)), 9), 78, 10)[0]
        for held, waited in ((0.000_1, 0.005), (0.5, 2.0), (99.0, 3000.0))
    }
    assert len(heads) == 1


def test_the_longest_wait_may_come_first() -> None:
    panel = Locks(Look())
    panel.order = "longest"
    panel.content(VIEW, 78, 20)
    assert panel.names == ["ledger", "console"]


@pytest.mark.parametrize("glyphs", ["unicode", "plain", "ascii"])
@pytest.mark.parametrize("width", [24, 26, 28, 34, 36, 42, 58, 78])
def test_nothing_is_wider_than_the_panel(width: int, glyphs: str) -> None:
    readers = tuple(LockUser(f"a reader with a long name {n}", NOW - SECOND, shared=True) for n in range(9))
    wide = (LockUser("아주 긴 이름의 독자 한 사람", NOW - SECOND),)
    views = [VIEW, STUCK, one_lock(readers, readers), many(one_lock(users(2.0), users(9, 8, 7.5)), 7)]
    views += [one_lock(wide, wide), many(one_lock(wide, wide), 120)]
    for view in views:
        for height in (3, 7, 20):
            for row in Locks(Look(glyphs)).content(view, width, height):  # type: ignore[arg-type]
                assert width_of(row) <= width, row


def test_after_the_end_percentiles_are_of_the_whole_run() -> None:
    told = [
        ev.LockSummary(name, "posix-sem", [], [], 7, 3, ev.Percentiles(5.0, 9000.0))
        for name in ("console", "fork 0")
    ]
    stream, watching = ev.StreamSummary(9, 0), ev.Watching(1.0, 0.0)
    summary = ev.Summary("workshop", 12.0, [], [], told, [], {}, stream, watching)
    whole = msgspec.structs.replace(VIEW, status="ended", summary=summary)
    assert "p50 5 µs  p99 9.0 ms of the whole run" in "\n".join(shown(whole, 78, 20))
    assert "p99, all" in shown(many(whole, 12), 118, 13)[0]
    assert "longest at the end 2.0 s" in "\n".join(shown(whole, 78, 20))


def test_entries_stay_as_they_are_when_waits_come_and_go() -> None:
    for height in (5, 6, 8, 14):
        calm, busy = one_lock(users(1.0), ()), one_lock(users(1.0), users(2.0, 3.0))
        heads = [[row[:12] for row in shown(view, 46, height)[:5]] for view in (calm, busy)]
        assert (
            heads[0][1:] == heads[1][1:] == ["    held by ", "    waiting ", "    taken   ", "    waits   "]
        )
