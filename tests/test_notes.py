"""Speaker notes: who may follow, who is told what, and the page that shows it."""

from __future__ import annotations

import errno
import io
import os
import socket
import stat
import struct
import time

import msgspec
import pytest
from rich.cells import cell_len

from ipcviz import notes
from ipcviz.notes import NotesFollower, NotesServer, NotesState, socket_path
from ipcviz.notes_page import _elapsed, _Lines, page_rows
from ipcviz.units import SECOND

STATE = NotesState(
    position=5 * SECOND,
    end=20 * SECOND,
    playing=False,
    number=2,
    chapters=6,
    label="What now?",
    caption="Ask them.",
    note="Wait.\nThen go on.",
    next_label="The end",
    next_in=15 * SECOND,
)


@pytest.fixture(autouse=True)
def private(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / "run").mkdir(mode=0o700)


@pytest.fixture
def server(tmp_path):
    made = NotesServer(tmp_path / "talk.ipcz")
    assert made.open() == ""
    yield made
    made.close()


def test_only_its_user_can_enter(server):
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.path.parent.stat().st_mode) == 0o700
    assert stat.S_ISSOCK(server.path.stat().st_mode)
    server.close()
    assert not server.path.exists()
    server.close()


def test_its_folder_goes_with_it_unless_something_is_in_it(server):
    other = server.path.parent / "other"
    other.touch()
    server.close()
    assert other.exists()
    other.unlink()
    assert server.open() == ""
    server.close()
    assert not server.path.parent.exists()


def test_the_socket_of_one_that_was_killed_is_found_and_removed(server, tmp_path):
    assert notes.left_behind() == []
    server._listening.close()
    (server.path.parent / "notes-0").mkdir()
    assert notes.left_behind() == [server.path]
    assert notes.clean() == [server.path]
    assert notes.left_behind() == notes.clean() == []


def test_who_is_stopped_and_takes_nobody_in_is_not_taken_for_one_that_was_killed(server):
    visitors: list[socket.socket] = []
    refused = 0
    while refused == 0:
        visitors.append(socket.socket(socket.AF_UNIX))
        visitors[-1].setblocking(False)
        refused = visitors[-1].connect_ex(str(server.path))
    assert refused == errno.EAGAIN
    assert notes.clean() == []
    assert server.path.exists()
    for visitor in visitors:
        visitor.close()


def test_a_follower_is_told_at_once_and_again_when_something_is_another(server, tmp_path):
    follower = NotesFollower(tmp_path / "talk.ipcz")
    server.tell(STATE)
    follower.wait(0)
    server.tell(STATE)
    assert follower.wait(1) == STATE
    server.tell(STATE)
    assert follower.wait(0) is None
    later = NotesState(6 * SECOND, 20 * SECOND, True, 3, 6, "상품 🎉", "", "")
    server.tell(later)
    assert follower.wait(1) == later
    follower.close()


def test_a_follower_waits_and_comes_again(tmp_path):
    follower = NotesFollower(tmp_path / "talk.ipcz")
    assert follower.wait(0) is None
    assert not follower.is_connected
    for _ in range(2):
        server = NotesServer(tmp_path / "talk.ipcz")
        assert server.open() == ""
        follower.wait(0)
        server.tell(STATE)
        assert follower.wait(1) == STATE
        server.close()
        assert follower.wait(1) is None
        assert not follower.is_connected


def test_the_same_file_by_another_name_is_the_same_talk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.ipcz").symlink_to("talk.ipcz")
    assert socket_path("talk.ipcz") == socket_path(tmp_path / "talk.ipcz") == socket_path("other.ipcz")
    assert socket_path("talk.ipcz") != socket_path("third.ipcz")


def test_what_a_killed_presentation_left_is_in_nobodys_way(server, tmp_path):
    assert server._listening is not None
    server._listening.close()  # its name stays, as after kill -9
    assert server.path.exists()
    again = NotesServer(tmp_path / "talk.ipcz")
    assert again.open() == ""
    again.close()


def test_a_second_presentation_says_that_notes_follow_the_first(server, tmp_path):
    second = NotesServer(tmp_path / "talk.ipcz")
    assert "Another presentation" in second.open()
    second.tell(STATE)
    second.close()
    assert server.path.exists()


def test_a_folder_of_somebody_else_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert "belongs to somebody else" in NotesServer(tmp_path / "talk.ipcz").open()


def test_another_user_is_shut_out_by_the_kernels_word(server, monkeypatch):
    visitor = socket.socket(socket.AF_UNIX)
    visitor.connect(str(server.path))
    monkeypatch.setattr(notes, "_is_own", lambda peer: False)
    server.tell(STATE)
    visitor.settimeout(5)
    assert visitor.recv(100) == b""
    visitor.close()


def test_the_kernel_is_asked_for_the_user(monkeypatch):
    here, there = socket.socketpair()
    pid, user, _ = struct.unpack("3i", here.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    assert (pid, user) == (os.getpid(), os.getuid())
    assert notes._is_own(here)
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    assert not notes._is_own(here)
    here.close()
    there.close()


def test_who_does_not_read_is_left_out_and_holds_nobody_up(server):
    visitor = socket.socket(socket.AF_UNIX)
    visitor.connect(str(server.path))
    for number in range(3000):
        server.tell(NotesState(number, 1, True, 1, 1, "x" * 500, "", ""))
    assert server._readers == []
    visitor.close()


def test_nonsense_is_not_shown(tmp_path):
    follower = NotesFollower(tmp_path / "talk.ipcz")
    server = NotesServer(tmp_path / "talk.ipcz")
    server.open()
    follower.wait(0)
    reader, _ = server._listening.accept()  # type: ignore[union-attr]  # it is open
    reader.send(b"\xff{}\n[1,2]\n")
    assert follower.wait(1) is None
    reader.close()
    server.close()
    follower.close()


@pytest.mark.parametrize("size", [(20, 3), (40, 10), (80, 24), (200, 50)])
@pytest.mark.parametrize(
    "state", [None, STATE, NotesState(0, 0, True, 1, 1, "\x1b[31m한글" * 99, "", "상품\x07 " * 999)]
)
def test_the_page_fits_and_nothing_in_it_is_obeyed(size, state):
    rows = list(page_rows("evil\x1b.ipcz", state, 61 * SECOND, *size))
    assert len(rows) <= size[1]
    assert all(cell_len(text) <= size[0] for text, _ in rows)
    assert all(text.isprintable() for text, _ in rows)


def test_the_page_has_the_clock_the_note_and_what_comes_next():
    text = "\n".join(row for row, _ in page_rows("talk.ipcz", STATE, 61 * SECOND, 80, 24))
    for words in (
        "2 of 6",
        "stands at 00:05 of 00:20",
        "01:01 since the start",
        "What now?",
        "Wait.",
        "Then go on.",
        "Next, in 15.0 s of it: The end",
    ):
        assert words in text


def test_without_a_terminal_each_chapter_is_told_once():
    out = io.StringIO()
    page = _Lines(out)
    for state in (None, STATE, STATE, None):
        page.show("talk.ipcz", state, None)
    text = out.getvalue()
    assert text.count("What now?") == 1
    assert text.count("Waiting for the presentation: ipcviz play talk.ipcz --present") == 2
    assert "\x1b" not in text


def test_the_time_since_the_start_is_that_of_the_presentation():
    state = msgspec.structs.replace(STATE, began=time.monotonic_ns() - 61 * SECOND)
    elapsed = _elapsed(state)
    assert elapsed is not None
    assert 61 * SECOND <= elapsed < 600 * SECOND
    assert _elapsed(None) is None
