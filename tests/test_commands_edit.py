"""`ipcviz edit` as it is typed: what it makes, what it says, what it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ipcviz.commands_edit import Wishes, edits_of
from ipcviz.recording import shipped
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.reader import Recording
from ipcviz.units import SECOND

FILE = str(shipped.folder() / "deadlock.ipcz")


def ipcviz(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ipcviz", *arguments], capture_output=True, text=True)


def test_times_spans_and_texts_are_understood() -> None:
    edits = edits_of(
        Wishes(
            start="1:02",
            until="1:02:03.5",
            cuts=["12.5-1:00"],
            idle=0.5,
            chapters=["3=It fills = soon"],
            captions=["4="],
            notes=["5= Wait. "],
            redact_texts=["a|b", "c"],
        )
    )
    assert edits.start == 62 * SECOND
    assert edits.until == 3723.5 * SECOND
    assert edits.cuts == ((12.5 * SECOND, 60 * SECOND),)
    assert edits.idle == SECOND // 2
    assert edits.labels == ((3 * SECOND, "It fills = soon"),)
    assert edits.captions == ((4 * SECOND, ""),)
    assert edits.notes == ((5 * SECOND, "Wait."),)
    assert edits.cover is not None
    assert [bool(edits.cover.search(text)) for text in "abcd"] == [True, True, True, False]


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        (Wishes(), "There is nothing to do: say what, as in --from 5"),
        (Wishes(start="soon"), "--from: A time is seconds as in 12.5, .* and not 'soon'"),
        (Wishes(cuts=["12"]), "--cut takes FROM-UNTIL, as in 12.5-1:02, and not '12'"),
        (Wishes(cuts=["1-x"]), "--cut: A time is"),
        (Wishes(chapters=["12"]), "--chapter takes TIME=LABEL, as in .*, and not '12'"),
        (Wishes(chapters=["12= "]), "--chapter takes TIME=LABEL"),
        (Wishes(captions=["x=y"]), "--caption: A time is"),
        (Wishes(notes=["1=" + "x" * 10_001]), "--note takes at most 10,000 characters"),
        (Wishes(idle=0), "--idle takes a number of seconds above 0, and not 0"),
        (Wishes(idle=float("nan")), "--idle takes a number of seconds above 0, and not nan"),
        (Wishes(redact_texts=["("]), r"--redact-text: '\(' is no regular expression: missing \)"),
        (Wishes(redact_texts=[""]), "--redact-text: an empty text finds nothing"),
    ],
)
def test_what_is_none_is_refused_with_a_sentence(wishes: Wishes, sentence: str) -> None:
    with pytest.raises(RecordingError, match=sentence):
        edits_of(wishes)


def test_a_new_file_is_made_and_told_of(tmp_path: Path) -> None:
    new = tmp_path / "talk.ipcz"
    before = Path(FILE).read_bytes()
    told = ipcviz(
        "edit",
        FILE,
        "-o",
        str(new),
        *("--from", "1", "--idle", "1", "--chapter", "1.5=Look", "--redact-text", "philosopher 1"),
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout == ""
    assert "What --redact-text finds is also in names, which stay: philosopher 1." in told.stderr
    assert f"{new}: " in told.stderr
    with Recording(new) as recording:
        assert recording.start == SECOND
        assert [chapter.label for chapter in recording.chapters] == [
            "Five philosophers eat",
            "Look",
            "Nobody eats any more",
        ]
        assert recording.chapters[0].t == SECOND, "the part that the trimmed begin lies in"
    assert Path(FILE).read_bytes() == before
    again = ipcviz("edit", FILE, "-o", str(new), "--from", "1")
    assert (again.returncode, again.stderr) == (2, f"ipcviz: {new} is there already; choose another name.\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no.ipcz", "-o", "x.ipcz", "--from", "1"], "no.ipcz cannot be read: No such file or directory."),
        ([FILE, "-o", "no/x.ipcz", "--from", "1"], "no/x.ipcz cannot be written: No such file or directory."),
        ([FILE, "-o", "x.ipcz", "--cut", "0-99"], "Nothing would be left of it."),
        ([FILE, "-o", "-", "--from", "1"], "Files are edited, and no streams: - is no name for one."),
        ([__file__, "-o", "x.ipcz", "--from", "1"], "It is no ipcviz recording."),
        ([FILE, "-o", "", "--from", "1"], "An empty name is no name of a file."),
        ([FILE, "-o", "x.ipcz", "--join", ""], "An empty name is no name of a file."),
        ([FILE, "-o", "x.ipcz", "--join", "-"], "Files are edited, and no streams: - is no name for one."),
        ([FILE, "-o", "x.ipcz", "--join", "no"], "no cannot be read: No such file or directory."),
        ([FILE, "-o", "x.ipcz", "--join", "."], ".: It is a folder, and no recording."),
        ([FILE, "-o", "x.ipcz", "--join", __file__], f"{__file__}: It is no ipcviz recording."),
    ],
)
def test_what_cannot_be_is_told(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "ipcviz", "edit", *arguments], capture_output=True, text=True, cwd=tmp_path
    )
    assert told.returncode == 2
    assert told.stderr.startswith("ipcviz: ")
    assert told.stderr.endswith(f"{sentence}\n")
    assert not list(tmp_path.iterdir())
