"""The timeline: what each process was doing when, and the messages between them, time to the right or down.

Times of messages and of locks are stamps; what a process waited for besides is known from frames, ten a
second: how long is exact, when within a frame is not, and cells say "partly". A message is known when it
has been received: what is still on its way is not drawn.
"""

from __future__ import annotations

from ipcviz.events import Message
from ipcviz.tui.lines import Line, line
from ipcviz.tui.look import Look
from ipcviz.tui.panel import Panel
from ipcviz.tui.panels import timeline_glyphs as glyphs
from ipcviz.tui.panels.timeline_across import HEAD, Across, Frame, framed
from ipcviz.tui.panels.timeline_down import Columns, Down, columns_of, events_before
from ipcviz.tui.panels.timeline_scale import AT_FIRST, STEPS, Scale, step_words
from ipcviz.tui.panels.timeline_traffic import has_messages, is_of, nearest, stepped
from ipcviz.tui.panels.timeline_words import about_lane, about_message
from ipcviz.tui.selection import Selection
from ipcviz.view import View

WAYS = ("across", "in order", "in time")
FOOT = 3
"""Rows below the picture: the legend, and two of words."""


class Timeline(Panel):
    """The space-time diagram, both ways; it follows, or is held at an instant."""

    heading = "Timeline"
    number = 7

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.way = "across"
        self.step = STEPS[AT_FIRST]
        self.held: int | None = None
        """The right (or lower) end in ns, while held."""
        self.first_column = 0
        self._across = Across(look)
        self._down = Down(look)
        self._asked: tuple[str, str, int] | None = None
        self._drawn: Message | None = None
        self._known: tuple[object, int] = (None, 0)
        self._frame: Frame | None = None
        self._columns: Columns | None = None
        self._scale = Scale(self.step, 0, 1)

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The picture, its legend, and what is chosen in words."""
        if view.session is None:
            return [line(("  Starting…", "dim"))]
        if self._is_another(view):
            self._across, self._down = Across(self.look), Down(self.look)
        if self.selection.message is not self._drawn:  # chosen in another panel
            self._drawn = self.selection.message
            if self._drawn is not None:
                self._bring_into_view(self._drawn, view)
        if self.way == "in order" and not has_messages(view):
            self.way = "in time"
        foot = self._foot(view, height)
        room = height - len(foot) - (1 if foot else 0)
        if self.way == "across":
            rows = self._draw_across(view, width, room)
        else:
            rows = self._draw_down(view, width, room)
        self.note = self._note(view)
        legend = [self._legend(view)] if foot else []
        return [*rows, *legend, *foot]

    def turn(self) -> None:
        """Time to the right; downwards, message by message; downwards in real time."""
        ways = [way for way in WAYS if way != "in order" or self.shown is None or has_messages(self.shown)]
        self.way = ways[(ways.index(self.way) + 1) % len(ways)] if self.way in ways else ways[0]
        self.redraw()

    def closer(self, steps: int) -> None:
        """So many steps, each about half the time; around the chosen message, or the middle if held."""
        at = max(0, min(len(STEPS) - 1, STEPS.index(self.step) - steps))
        message, scale = self.selection.message, self._scale
        anchor = None
        if message is not None and message.t >= scale.start and message.sent <= scale.end:
            anchor = (message.sent + message.t) // 2
        elif self.held is not None:
            anchor = (scale.start + scale.end) // 2
        self.step = STEPS[at]
        if anchor is not None:
            self.held = max(1, anchor + self.step * scale.cells // 2)
        self.redraw()

    def to_first(self) -> None:
        """Show the beginning, as far as it is known."""
        messages = self.shown.messages if self.shown else None
        first = messages.items[0].t if messages and messages.end else 1
        self.held = first if self.way == "in order" else self.step * self._scale.cells
        self.redraw()

    def follow(self) -> None:
        """Show what is now, and go on doing so."""
        self.held = self._asked = None
        self.redraw()

    def move(self, columns: int, rows: int) -> None:
        """Up and down choose a message, or a lane where there are none; sideways goes through time."""
        if self.shown is None:
            return
        if columns:
            self.scroll_view(columns, 0)
        if rows and self.shown.messages.end:
            self._next_message(rows, self.shown)
        elif rows:
            self._next_lane(rows)

    def scroll_view(self, columns: int, rows: int) -> None:
        """Another part: earlier or later, or with time downwards other processes."""
        if self.shown is None:
            return
        if self.way == "across":
            self._shift(columns * max(1, self._scale.cells // 16) + rows, self.shown)
        else:
            self.first_column = max(0, self.first_column + columns)
            if rows:
                self._shift(rows, self.shown)
        self.redraw()

    def point(self, column: int, row: int) -> None:
        """Choose the lane that is clicked, and the message next to the mouse, if there is one."""
        if self.shown is None:
            return
        if self.way != "across":
            self._point_down(column, row, self.shown)
            return
        frame, scale = self._frame, self._scale
        if frame is None:
            return
        found = next((key for key, y in frame.rows.items() if y == row), None)
        t = scale.start + (column - frame.left) * scale.step + scale.step // 2
        if found is None:
            self._choose_message(nearest(self.shown.messages, t, reach=2 * scale.step))
            return
        kind, name = found
        self.selection.message = None
        self._asked = (kind, name, min(t, self._edge(self.shown)) if column >= frame.left else 0)
        if kind == "process":
            self.choose("process", name)
            message = nearest(self.shown.messages, t, name, reach=scale.step)
            if column >= frame.left and message is not None:
                self._choose_message(message)
        else:
            self.choose("lock", name)

    def copied(self) -> str:
        """The chosen message's payload as text, or the name of what is chosen."""
        message = self.selection.message
        return self.selection.name if message is None else message.payload.decode("utf-8", "backslashreplace")

    def _point_down(self, column: int, row: int, view: View) -> None:
        for name, x in (self._columns.places if self._columns else {}).items():
            if abs(x - column) <= 1:
                self.choose("process", name)
        if self.way == "in order" and 1 <= row <= len(self._down.rows):
            self._choose_message(self._down.rows[row - 1].message)
        elif self.way == "in time":
            t = self._scale.start + (row - 1) * self._scale.step + self._scale.step // 2
            self._choose_message(nearest(view.messages, t, reach=self._scale.step))

    def _edge(self, view: View) -> int:
        """The end of what is known of all, the last frame, or where it is held."""
        now = view.t if view.status == "ended" else view.framed
        chosen = self.selection.message
        now = max(now, chosen.t) if chosen is not None and self.held is not None else now
        return now if self.held is None else min(self.held, max(now, 1))

    def _scaled(self, view: View, cells: int) -> Scale:
        cells = max(1, cells)
        last = max(0, self._edge(view) - 1) // self.step
        self._scale = Scale(self.step, max(0, last - cells + 1), cells)
        return self._scale

    def _draw_across(self, view: View, width: int, height: int) -> list[Line]:
        self._frame = frame = framed(view, width, max(HEAD + 1, height), self.selection)
        scale = self._scaled(view, frame.cells)
        return self._across.lines(view, frame, scale, self.selection, width, self.held is None)

    def _draw_down(self, view: View, width: int, height: int) -> list[Line]:
        self._columns = columns = columns_of(view, width, self.first_column)
        self.first_column = columns.first
        scale = self._scaled(view, height - 1)
        if self.way == "in time":
            return self._down.in_time(view, columns, scale, self.selection, width)
        return self._down.in_order(view, columns, self._edge(view), self.selection, width, max(1, height))

    def _shift(self, cells: int, view: View) -> None:
        """Hold the picture so many cells later; at the end of what is known it follows again."""
        at = self._edge(view)
        if self.way == "in order":
            at = self._shifted_in_order(cells, view, at)
        else:
            at += cells * self.step
        held, self.held = self.held, None
        now = self._edge(view)
        self.held = None if at >= now and (held is not None or cells > 0) else max(1, at)

    def _shifted_in_order(self, rows: int, view: View, at: int) -> int:
        if rows < 0:
            before = events_before(view, at, 1 - rows)
            return before[0].t if before else at
        later = [m.t for m in view.messages.items[: view.messages.end][-20_000:] if m.t > at]
        return later[min(rows, len(later)) - 1] if later else at + 1

    def _next_message(self, rows: int, view: View) -> None:
        """Among those of the chosen process or channel, or all."""
        kind, name = self.selection.kind, self.selection.name
        chosen = self.selection.message
        if chosen is None:
            first = nearest(view.messages, self._edge(view))
            wanted = first is not None and is_of(first, kind, name)
            chosen, rows = first, 0 if wanted else rows
        if chosen is not None:
            self._choose_message(stepped(view.messages, chosen, rows, kind, name))

    def _choose_message(self, message: Message | None) -> None:
        if message is None:
            return
        self._asked = None
        self.selection.message = self._drawn = message
        if self.shown is not None:
            self._bring_into_view(message, self.shown)
        self.post_message(self.Selected())
        self.redraw()

    def _bring_into_view(self, message: Message, view: View) -> None:
        """Hold the picture where the message is; where it is in view already, as it stands."""
        scale = self._scale
        if self.way == "in order":
            inside = any(row.message == message for row in self._down.rows)
            self.held = (self.held or self._edge(view)) if inside else message.t
        elif scale.start <= message.sent and message.t < scale.end and scale.cells > 1:
            self.held = self.held or self._edge(view)
        else:
            margin = scale.cells - (message.t - message.sent) // self.step - 2
            self.held = max(1, message.t + self.step * max(0, margin) // 2)

    def _next_lane(self, rows: int) -> None:
        view = self.shown
        if view is None:
            return
        names = [("process", lane.name) for lane in view.lanes.processes]
        names += [("lock", lane.name) for lane in view.lanes.locks]
        chosen = (str(self.selection.kind), self.selection.name)
        at = names.index(chosen) + rows if chosen in names else 0
        kind, name = names[max(0, min(len(names) - 1, at))]
        self._asked = None
        self.choose("process" if kind == "process" else "lock", name)

    def _is_another(self, view: View) -> bool:
        """Another run, or an earlier time of this one: what was kept is not so."""
        (session, until), self._known = self._known, (view.session, view.lanes.until)
        if session is not view.session and session is not None:
            self.held = self._asked = None
        return session is not view.session or view.lanes.until < until

    def _foot(self, view: View, height: int) -> list[Line]:
        if height < 10:
            return []
        if self.selection.message is not None:
            return about_message(self.selection.message, view, self.look)
        kind, name, t = self._asked or (self.selection.kind, self.selection.name, 0)
        return about_lane(kind, name, view, t or self._edge(view))

    def _legend(self, view: View) -> Line:
        """The states that are in view, and what the bars are."""
        drawn: Across | Down = self._across if self.way == "across" else self._down
        table = (glyphs.ACROSS if self.way == "across" else glyphs.DOWN)[self.look.glyphs]
        pieces: Line = [("  ", "dim")]
        for code, words in glyphs.LEGEND:
            if code in drawn.codes:
                pieces += [(table[code] * 2, glyphs.STYLES[code]), (f" {words}   ", "dim")]
        pieces.append((drawn.words, "flow" if self.way == "across" else "dim"))
        return pieces

    def _note(self, view: View) -> str:
        now = "ended" if view.status == "ended" else "following"
        words = [now if self.held is None else "held  End: follow"]
        if self.way == "in order":
            words.append("a row for each send and receive")
        else:
            words.append(f"{step_words(self.step)} a {'column' if self.way == 'across' else 'row'}")
        strides = [channel.stride for channel in view.channels if not channel.is_region]
        if strides:
            words.append(f"1 message in {max(strides)}" if max(strides) > 1 else "every message")
        if any(lane.told < 0.9 * lane.taken for lane in view.lanes.locks):
            words.append("not every turn of the locks")
        tick = view.session.tick if view.session else 100
        words.append(f"waits seen {1000 / max(1, tick):.0f} times a second")
        drawn = self._frame if self.way == "across" else self._columns
        if drawn and drawn.hidden:
            words.append(f"{drawn.hidden} more")
        return "  ".join(words)
