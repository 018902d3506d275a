"""The header: what runs, whether it lives, for how long, and whether anything was lost."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from ipcviz import units
from ipcviz.tui.end_words import why_ended
from ipcviz.tui.lines import Line, fit, line, strip_of, width_of
from ipcviz.tui.look import Look
from ipcviz.view import View

SHORTEST_TITLE = 14
"""Columns that the title keeps when something else needs them."""


class Header(Widget):
    """One row."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="header")
        self.look = look
        self._line: Line = []

    def show_state(
        self,
        view: View,
        frozen: bool,
        arrived: int,
        state: Line | None = None,
        recording: Line | None = None,
        asked: float | None = None,
    ) -> None:
        """Draw it; `arrived` counts the messages since the picture was frozen, `state` is another badge.

        `recording` says that the run is recorded; `asked` are the seconds after which it is to be stopped.
        """
        made = header_line(view, frozen, arrived, self.size.width, self.look, state, recording, asked)
        if made != self._line:
            self._line = made
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row, as it was made last."""
        return strip_of(self._line or [(" " * self.size.width, "text")], self.look)

    def on_resize(self) -> None:
        """Made again with the next view; a message that comes up beside it is no other size."""
        if width_of(self._line) != self.size.width:
            self._line = []
        self.refresh()


def header_line(
    view: View,
    frozen: bool,
    arrived: int,
    width: int,
    look: Look,
    state: Line | None = None,
    recording: Line | None = None,
    asked: float | None = None,
) -> Line:
    """What fits, the most important first."""
    left = _title(view, width)
    known, trouble, *others = _parts(view, frozen, arrived, look, width)
    tail: Line = []
    for part in (recording, trouble):
        tail += [("  ", "text"), *part] if part else []
    if state is None:
        room = width - width_of(known) - width_of(tail) - 2
        known = [*known, *_why(view, asked, room - width_of(left), room - SHORTEST_TITLE)]
    right = [*(state or known), *tail]
    for part in others:
        longer = [*right, ("  ", "text"), *part]
        if width_of(left) + width_of(longer) + 3 > width:
            break
        right = longer
    gap = width - width_of(left) - width_of(right) - 1
    if gap < 1:
        left, gap = fit(left, max(0, width - width_of(right) - 2)), 1
    return fit([*left, (" " * gap, "text"), *right], width)


def _why(view: View, asked: float | None, room: int, most: int) -> Line:
    """Why it has ended, as long as there is room; the shortest words even where the title must give way."""
    style = "bad" if any(process.status == "failed" for process in view.processes) else "text"
    told = [line((f"  {text}", style)) for text in why_ended(view, asked)]
    fitting = [words for words in told if width_of(words) <= room]
    return next((words for words in [*fitting, *told[-1:]] if width_of(words) <= max(room, most)), [])


def _title(view: View, width: int) -> Line:
    if view.session is None:
        return line((" ipcviz", "accent"))
    carriers = [channel.mechanism for channel in view.session.channels] + [
        lock.mechanism for lock in view.session.locks
    ]
    names = " + ".join(dict.fromkeys(carriers))
    start = line((" ipcviz  ", "accent")) if width >= 100 else line(" ")
    return [*start, (view.session.topology, "strong"), (f" · {names}", "text")]


def _parts(view: View, frozen: bool, arrived: int, look: Look, width: int) -> list[Line]:
    """The state, what is wrong (both are always shown), and the rest in the order of its weight."""
    parts = [_state(view, frozen, arrived, look)]
    deadlock = next((finding for finding in view.findings if finding.kind == "deadlock"), None)
    if deadlock is not None:
        lasted = f" {units.clock(max(0, view.t - deadlock.since))}" if view.status == "live" else ""
        parts.append(line((f" {look.glyph('finding')} DEADLOCK{lasted} ", "badge bad")))
    elif view.findings:
        count = len(view.findings)
        words = f"{look.glyph('finding')} {count} finding{'' if count == 1 else 's'}"
        parts.append(line((words, "warn")))
    else:
        parts.append([])
    parts.append(line((f"stream lost {units.count(view.lost)}", "warn" if view.lost else "dim")))
    watching = units.percent(view.watching.share) if view.watching.share else "?"  # not measured yet
    if view.watching.share or view.status != "ended":
        parts.append(line((f"watching {watching}", "dim")))
    if width >= 100:
        parts.append(line((_people(view), "dim")))
    return parts


def _people(view: View) -> str:
    """How many processes there are, and how many of them run where that is another number."""
    count = len(view.processes)
    running = sum(process.status == "running" for process in view.processes)
    word = "process" if count == 1 else "processes"
    if running == count or view.status == "ended":
        return f"{count} {word}"
    return f"{running} of {count} {word} running"


def _state(view: View, frozen: bool, arrived: int, look: Look) -> Line:
    clock = units.clock(view.t)
    if frozen:
        return line(
            (f" {look.glyph('paused')} FROZEN {clock} ", "badge warn"), (f" +{arrived:,} messages", "warn")
        )
    if view.status == "ended":
        failed = any(process.status == "failed" for process in view.processes)
        told = f" {look.glyph('failed' if failed else 'ended')} ENDED {clock} "
        return line((told, "badge bad" if failed else "badge calm"))
    if view.status == "waiting":
        return line((" STARTING ", "badge calm"))
    return line((f" {look.glyph('running')} LIVE {clock} ", "badge"))
