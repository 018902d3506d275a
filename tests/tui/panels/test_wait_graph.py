"""Who waits for whom in rows: what gives way where there is less room."""

from __future__ import annotations

import msgspec
import pytest
from helpers import sessions

from ipcviz.tui.look import Look
from ipcviz.tui.panels.wait_graph import wait_rows
from ipcviz.units import SECOND
from ipcviz.view import LockUser, View

VIEW = sessions.view()
STUCK = sessions.view(stuck=True)


def shown(view: View, width: int) -> list[str]:
    return ["".join(text for text, _ in row) for row in wait_rows(view, width, Look())]


def read_together() -> View:
    """All but the one who waits hold the ledger, and read."""
    ledger = VIEW.locks[1]
    since = VIEW.framed - SECOND
    readers = tuple(LockUser(name, since, shared=True) for name in ("producer 2", "consumer"))
    return msgspec.structs.replace(
        VIEW, locks=(VIEW.locks[0], msgspec.structs.replace(ledger, holders=readers))
    )


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (
            118,
            "  ■ producer 1 waits for ledger 2.0 s, until all 2 that read give it back: "
            "consumer and producer 2",
        ),
        (78, "  ■ producer 1 waits for ledger 2.0 s, until all 2 that read give it back"),
        (58, "  ■ producer 1 waits for ledger 2.0 s"),
        (30, "  ■ producer 1 → ledger 2.0 s"),
        (26, "  ■ pr…ucer 1 → l…er 2.0 s"),
        (24, "  ■ pr…er 1 → l…er 2.0 s"),
    ],
)
def test_names_go_before_verbs_and_those_who_wait_before_all(width: int, told: str) -> None:
    assert shown(read_together(), width)[-1] == told
    assert len(told) <= width


def test_a_narrow_graph_has_no_title() -> None:
    assert shown(VIEW, 36)[0] == "  Who waits for whom"
    assert len(shown(VIEW, 35)) == 1


def test_a_ring_fits_a_narrow_panel() -> None:
    head, first, last = shown(STUCK, 28)
    assert head == "  ▲ A ring of 2: stuck"
    assert first == "  ╔═ producer 1 → ledger"
    assert last == "  ╚═ producer 2 → console"


def test_nobody_holds_what_is_waited_for() -> None:
    ledger = msgspec.structs.replace(VIEW.locks[1], holders=())
    view = msgspec.structs.replace(VIEW, locks=(VIEW.locks[0], ledger))
    assert shown(view, 78)[-1].endswith(" 2.0 s, and nobody who lives holds it")
    assert shown(view, 58)[-1].endswith(" 2.0 s, held by nobody")
