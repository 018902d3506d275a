"""Recording a run from its screen: begin and end a recording, save the last minute, begin a chapter."""

from __future__ import annotations

from pathlib import Path

from ipcviz import units
from ipcviz.events import Chapter
from ipcviz.recording import shelf
from ipcviz.recording.layout import RecordingError
from ipcviz.tui.lines import Line, line
from ipcviz.tui.look import Look
from ipcviz.tui.recorder import Saved, State
from ipcviz.tui.screens.ask import Ask
from ipcviz.tui.screens.run_acts import RunActs

TOLD_S = 8.0
"""Seconds that it is told where something was saved."""
LONGEST_LABEL = 80
QUESTION = "Which file? It begins with what stands now, and `ipcviz play` shows it, even while it is written."
CHAPTER = "What begins now? Chapters are where a talk stops, and where `[` and `]` go in a recording."


class RunRecording(RunActs):
    """The part of the run's screen that records it."""

    def action_record(self) -> None:
        """Begin a recording, or end the one that is being made."""
        recorder = self.feed.recorder
        if recorder is None:
            return
        if recorder.is_recording:
            recorder.end()
        else:
            offered = str(shelf.free(Path(shelf.name_for(recorder.name))))
            asked = Ask(self.look, "Record this run", QUESTION, offered, wrong_file)
            self.app.push_screen(asked, self._begin_recording)

    def _begin_recording(self, typed: str | None) -> None:
        recorder = self.feed.recorder
        if typed is None or recorder is None:
            return
        try:
            recorder.begin(path_of(typed), self.feed.view())
        except RecordingError as error:
            self.notify(units.printable(str(error)), severity="error", timeout=TOLD_S, markup=False)

    def action_save(self) -> None:
        """Save the last minute."""
        if self.feed.recorder is not None:
            self.feed.recorder.save(Path(shelf.name_for(self.feed.recorder.name)))

    def action_mark(self) -> None:
        """Begin a chapter, now."""
        t = self.feed.view().t
        asked = Ask(self.look, f"A chapter at {units.clock(t)}", CHAPTER, "", wrong_label)
        self.app.push_screen(asked, lambda typed: self._begin_chapter(t, typed))

    def _begin_chapter(self, t: int, label: str | None) -> None:
        if label is not None:
            self.feed.put([Chapter(t=t, label=label.strip())])

    def tell_recorder(self) -> None:
        """What was saved, and what went wrong with it, since the last time."""
        recorder = self.feed.recorder
        for news in recorder.news() if recorder is not None else ():
            if isinstance(news, Saved):
                if news.kind is not None:
                    self.feed.tell_saved(news.kind)
                news = _told(news.path)
            else:
                news = units.printable(news)
            self.notify(news, timeout=TOLD_S, markup=False)

    def unable_to_record(self) -> frozenset[str]:
        """The actions of these that would do nothing now."""
        recorder = self.feed.recorder
        if recorder is None or self.shown.session is None:
            return frozenset(("record", "save", "mark"))
        if self.shown.status == "live":
            return frozenset()
        return frozenset(("mark",)) if recorder.is_recording else frozenset(("record", "mark"))

    def recording_badge(self) -> Line:
        """For the header; nothing while nothing is recorded."""
        state = self.feed.recorder.state if self.feed.recorder is not None else None
        return badge(state, self.look) if state is not None else []


def _told(path: Path) -> str:
    """Where the last minute is: the name in a row of its own, so that it can be copied whole."""
    folder, _, name = shelf.short(path).rpartition("/")
    where = f"\nin {units.printable(folder)}" if folder else ""
    return f"The last minute is saved:\n{units.printable(name)}{where}"


def badge(state: State, look: Look) -> Line:
    """How much has been written, and what is missing in it."""
    if state.trouble:
        return line((f" {look.glyph('failed')} RECORDING STOPPED ", "badge bad"))
    left_out = f" left out {units.count(state.left_out)}" if state.left_out else ""
    return line(
        (f"{look.glyph('running')} REC", "bad"), (f" {units.size(state.size)}", "text"), (left_out, "warn")
    )


def path_of(typed: str) -> Path:
    """The file that was typed, ~ being the home."""
    path = Path(typed.strip())
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def wrong_file(typed: str) -> str:
    """Why a recording cannot be made there, "" if it can, as far as one sees from here."""
    if not typed.strip():
        return "Type the name of a file."
    path = path_of(typed)
    try:
        if path.is_dir():
            return f"{path} is a folder."
        if path.is_symlink() or path.exists():
            return f"{path} is there already; choose another name."
        if not path.parent.is_dir():
            return f"There is no folder {path.parent}."
    except (OSError, ValueError) as error:
        return f"This is no name of a file: {getattr(error, 'strerror', None) or error}."
    return ""


def wrong_label(typed: str) -> str:
    """Why a chapter cannot be called so, "" if it can."""
    if not typed.strip():
        return "Type a few words."
    return "" if len(typed.strip()) <= LONGEST_LABEL else f"At most {LONGEST_LABEL} characters."
