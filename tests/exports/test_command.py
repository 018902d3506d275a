"""`ipcviz export`: one sentence and status 2 for what cannot be, whole files or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import exported

from ipcviz import commands_export
from ipcviz import events as ev
from ipcviz.exports import EXPORTS
from ipcviz.recording.maker import recorded

Export = Callable[..., tuple[int, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a recording and the same as JSON lines, to work in."""
    events = list(exported.workshop().events())
    (tmp_path / "talk.ipcz").write_bytes(recorded(events))
    (tmp_path / "talk.jsonl").write_bytes(b"".join(map(ev.encode, events)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def export(folder: Path, capsys: pytest.CaptureFixture[str]) -> Export:
    """Run the command; its status and what it said on standard error."""

    def run(file: str, kind: str | None = None, out: str | None = None, **given: object) -> tuple[int, str]:
        named = {name.replace("_", "-").removesuffix("-"): value for name, value in given.items()}
        options = dict.fromkeys(("from", "until", "at", "size", "fps", "theme", "glyphs", "cast-version"))
        status = commands_export.export(Path(file), kind, out, {**options, **named})
        return status, capsys.readouterr().err

    return run


def test_the_kind_is_what_the_name_of_the_file_says(export: Export, folder: Path) -> None:
    status, said = export("talk.ipcz", out="a.svg", at="0:09")
    assert status == 0
    assert said.startswith("a.svg: ")
    assert b"REPLAY 00:09" in (folder / "a.svg").read_bytes()


def test_a_recording_and_its_lines_give_the_same(export: Export, folder: Path) -> None:
    assert export("talk.ipcz", "svg", "a.svg")[0] == export("talk.jsonl", "svg", "b.svg")[0] == 0
    assert (folder / "a.svg").read_bytes() == (folder / "b.svg").read_bytes()


def test_without_a_name_it_is_called_as_the_recording_is(export: Export, folder: Path) -> None:
    assert export("talk.ipcz", "svg")[0] == 0
    assert (folder / "talk.svg").exists()


def test_nothing_is_overwritten(export: Export, folder: Path) -> None:
    (folder / "a.svg").write_text("mine")
    status, said = export("talk.ipcz", "svg", "a.svg")
    assert (status, said.count("\n")) == (2, 1)
    assert "a.svg is there already, and is not overwritten" in said
    assert (folder / "a.svg").read_text() == "mine"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": "movie"}, "movie is no kind of export; there are cast, html, svg, gif"),
        ({"out": "a.unknown"}, "Say with --to what it shall be: cast,"),
        (
            {"kind": "svg", "fps": 3},
            "--fps means nothing to svg; it takes --at, --size, --theme and",
        ),
        ({"kind": "cast", "at": "3"}, "--at means nothing to cast; it takes --from, --until, --size,"),
        (
            {"kind": "svg", "at": "soon"},
            "--at takes seconds as in 12.5, or a time as in 1:02.5, and not",
        ),
        ({"kind": "svg", "at": "1:00"}, "--at 60.0 s is after the end of the recording, at 12.0 s."),
        ({"kind": "cast", "from_": "9", "until": "8"}, "--until must be later than --from, and not 8.0 s."),
        ({"out": "gone/a.svg"}, "gone is no folder that is there; choose another name with -o."),
        ({"kind": "svg", "size": "9x9"}, "--size takes columns and rows as in 120x40, from 60x15 to 400x150"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    export: Export, folder: Path, given: dict[str, object], sentence: str
) -> None:
    before = sorted(os.listdir(folder))
    status, said = export("talk.ipcz", **given)
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith(f"ipcviz: {sentence}")
    assert sorted(os.listdir(folder)) == before


def test_what_is_no_recording_is_named(export: Export, folder: Path) -> None:
    (folder / "other").write_bytes(b"\x1b[31mhello\n" * 9)
    assert export("other", "svg", "a.svg")[0] == 2
    status, said = export("gone", "svg", "a.svg")
    assert (status, said) == (2, "ipcviz: gone: No such file or directory.\n")
    refused = ev.Refused(t=0, sentence="There is no demo called x.")
    (folder / "refused.jsonl").write_bytes(ev.encode(refused))
    status, said = export("refused.jsonl", "svg", "a.svg")
    assert (status, said) == (
        2,
        "ipcviz: There is nothing to export, the run was refused: There is no demo called x.\n",
    )
    assert not (folder / "a.svg").exists()


def test_a_cut_recording_is_exported_as_far_as_it_goes(export: Export, folder: Path) -> None:
    whole = (folder / "talk.ipcz").read_bytes()
    (folder / "cut.ipcz").write_bytes(whole[: len(whole) * 2 // 3])
    status, said = export("cut.ipcz", "svg", "a.svg")
    assert status == 0
    assert said.startswith("ipcviz: cut.ipcz: ")
    assert b"workshop" in (folder / "a.svg").read_bytes()


def test_what_cannot_be_finished_is_taken_away(
    export: Export, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(recording: object, out: object, options: object, progress: object) -> None:
        out.write(b"the beginning")  # type: ignore[attr-defined]  # a file
        raise OSError(28, "No space left on device")

    import ipcviz.exports.cast

    monkeypatch.setattr(ipcviz.exports.cast, "write", fail)
    status, said = export("talk.ipcz", "cast", "a.cast")
    assert (status, said) == (2, "ipcviz: a.cast: No space left on device.\n")
    assert not (folder / "a.cast").exists()


def test_every_kind_is_in_the_help_and_has_a_suffix_of_its_own() -> None:
    from ipcviz.cli import export as command

    assert all(f" {name}" in (command.help or "") for name in EXPORTS)
    assert len({export.suffix for export in EXPORTS.values()}) == len(EXPORTS)


def test_an_interrupt_leaves_nothing_behind(folder: Path) -> None:
    """Ctrl+C while it plays: status 130, no file, and no traceback."""
    command = [sys.executable, "-m", "ipcviz", "export", "talk.ipcz", "--to", "html", "--fps", "60"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    while not list(folder.glob("*.part")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.strip()) == (130, b"")
    assert sorted(os.listdir(folder)) == ["talk.ipcz", "talk.jsonl"]


def ipcviz(*words: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ipcviz", "export", *words]
    return subprocess.run(command, capture_output=True, timeout=60, **more)  # type: ignore[call-overload,no-any-return]


def test_from_the_input_to_the_output(folder: Path) -> None:
    """As in `ssh host cat talk.ipcz | ipcviz export - --to svg -o -`."""
    words = ("-", "--to", "svg", "-o", "-", "--at", "9", "--size", "80x24", "--theme", "light")
    done = ipcviz(*words, input=(folder / "talk.ipcz").read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"<svg ")
    assert done.stdout.endswith(b"</svg>\n")


def test_who_reads_the_output_may_leave(folder: Path) -> None:
    command = f"{sys.executable} -m ipcviz export talk.ipcz --to cast -o - | head -c 10"
    done = subprocess.run(command, shell=True, capture_output=True, timeout=60)
    assert (done.stdout, done.stderr) == (b'{"version"', b"")
