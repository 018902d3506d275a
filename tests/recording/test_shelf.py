"""Recordings that nobody has named lie in a folder of the user's own, and only the last of them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ipcviz.recording import shelf
from ipcviz.recording.layout import RecordingError


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "ipcviz"


def test_it_is_made_for_its_owner_alone(state: Path) -> None:
    assert shelf.made_folder() == state
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    state.chmod(0o755)
    shelf.made_folder()
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_it_is_in_the_home_where_nothing_else_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for said in ("", "relative/path"):
        monkeypatch.setenv("XDG_STATE_HOME", said)
        assert shelf.folder() == tmp_path / ".local/state/ipcviz"
    assert shelf.short(tmp_path / "x.ipcz") == "~/x.ipcz"
    monkeypatch.chdir(tmp_path)
    assert shelf.short(tmp_path / "x.ipcz") == "x.ipcz"


def test_a_folder_that_cannot_be_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(RecordingError, match="There is no folder for recordings: Not a directory"):
        shelf.made_folder()


def test_only_the_last_of_ours_are_kept(state: Path) -> None:
    folder = shelf.made_folder()
    for number in range(25):
        path = folder / shelf.name_for(f"deadlock-{number}", now=1_700_000_000 + number)
        path.touch()
        os.utime(path, ns=(0, number))
    for other in ("mine.ipcz", "notes.txt"):
        (folder / other).touch()
        os.utime(folder / other, ns=(0, 0))
    (folder / "link-20260101-000000.ipcz").symlink_to(folder / "mine.ipcz")
    removed = shelf.clear()
    assert [path.name[:11] for path in removed] == [f"deadlock-{n}-" for n in range(5)]
    assert (folder / "mine.ipcz").exists()
    assert (folder / "notes.txt").exists()
    assert len(list(folder.iterdir())) == 23
    assert shelf.clear() == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/b", "\x1b[31m", "", "...", "x" * 500, "%Y %s", "한글"]
)
def test_any_name_becomes_a_name_of_a_file(name: str) -> None:
    made = shelf.name_for(name, now=0)
    assert "/" not in made
    assert made.isprintable()
    assert not made.startswith(".")
    assert len(made.encode()) < 255
    assert made.endswith(".ipcz")


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.ipcz"
    assert shelf.free(path) == path
    path.touch()
    assert shelf.free(path) == tmp_path / "a-2.ipcz"
    (tmp_path / "a-2.ipcz").symlink_to("nowhere")
    assert shelf.free(path) == tmp_path / "a-3.ipcz"
