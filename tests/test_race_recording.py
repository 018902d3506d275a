"""A race is recorded, a file a lane."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ipcviz.race_recording import RaceRecorder, path_of
from ipcviz.racing import Entry
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.reader import Recording
from ipcviz.runtime.request import SessionRequest


def race(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ipcviz", "race", "bounded_buffer", "-m", "pipe", "-m", "shm"]
    return subprocess.run(
        [*command, "--seconds", "0.5", *arguments], capture_output=True, text=True, cwd=folder, check=False
    )


def test_each_lane_has_a_file_of_its_own_that_plays(tmp_path: Path, own_runtime: Path) -> None:
    told = race(tmp_path, "--plain", "--record", "r.ipcz", "--redact")
    assert told.returncode == 0, told.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r-pipe.ipcz", "r-shm.ipcz"]
    for mechanism in ("pipe", "shm"):
        assert re.search(rf"^ipcviz: Recorded: r-{mechanism}\.ipcz \(", told.stderr, re.MULTILINE)
        with Recording(tmp_path / f"r-{mechanism}.ipcz") as recording:
            assert recording.cut == ""
            assert recording.header.redacted
            assert recording.session.channels[0].mechanism == mechanism
    again = race(tmp_path, "--json", "--record", "r.ipcz")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "ipcviz: r-pipe.ipcz is there already; choose another name.\n"


def test_a_folder_that_is_not_there_is_told_before_the_race(tmp_path: Path) -> None:
    entries = [Entry("pipe", SessionRequest("x"))]
    with pytest.raises(RecordingError, match="there is no folder"):
        RaceRecorder(entries, tmp_path / "no" / "r.ipcz")


def test_a_race_that_was_not_recorded_has_failed(tmp_path: Path, own_runtime: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    entries = [Entry("pipe", SessionRequest("bounded_buffer"))]
    recorder = RaceRecorder(entries, folder / "r.ipcz")
    assert not recorder.failed
    folder.rmdir()
    source = recorder.begin(entries[0].request)
    source.stop()
    source.close()
    assert recorder.failed
    (sentence,) = recorder.sentences()
    assert "r-pipe.ipcz cannot be written" in sentence


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("pipe", "r-pipe.ipcz"),
        ("tcp:nodelay=no", "r-tcp-nodelay-no.ipcz"),
        ("lines=pipe+counts=shm 2", "r-lines-pipe-counts-shm-2.ipcz"),
        ("../../x", "r-x.ipcz"),
    ],
)
def test_a_lane_gives_its_file_the_name(label: str, name: str) -> None:
    assert path_of(Path("d/r.ipcz"), label) == Path("d") / name
    assert path_of(Path("d/r"), label) == Path("d") / name
