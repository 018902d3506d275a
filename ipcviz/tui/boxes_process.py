"""The boxes of processes, and of pools of them: what each does now, its rates, and what it reported."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len

from ipcviz import units
from ipcviz.tui.boxes import Drawing, draw_frame, draw_label, draw_rows, short_name, shown_name
from ipcviz.tui.graph.model import Spot
from ipcviz.tui.lines import cell
from ipcviz.tui.look import Look
from ipcviz.tui.scene import Node
from ipcviz.tui.words import fault_words, state_of
from ipcviz.view import ProcessView, View

_SHORT = {"sending": "send", "receiving": "recv", "waiting": "wait"}
_WEIGHT = ("bad", "warn", "good", "text", "dim")
"""The styles of states, the worst first."""

State = tuple[str, str, str]
"""Glyph, words and style."""


def draw_process(drawing: Drawing, spot: Spot, node: Node, processes: Sequence[ProcessView]) -> None:
    """One process, or the pool of those given."""
    if spot.height == 1:
        _draw_row(drawing, spot, node, processes)
        return
    over = bool(processes) and all(process.status in ("ended", "failed") for process in processes)
    draw_frame(drawing, spot, node, "square", "dim" if over else "title", "dim" if over else "strong")
    if len(node.members) > 1:
        _draw_pool(drawing, spot, node, processes)
    elif processes:
        _draw_one(drawing, spot, node, processes[0])


def now(process: ProcessView, view: View, look: Look) -> State:
    """Glyph, words and style of what it does; stopped by hand comes before all else."""
    if process.paused and process.status == "running":
        return look.glyph("paused"), "paused", "warn"
    return state_of(process, view, look)


def _draw_one(drawing: Drawing, spot: Spot, node: Node, process: ProcessView) -> None:
    look = drawing.look
    over = process.status in ("ended", "failed")
    glyph, words, style = now(process, drawing.view, look)
    told = outcome(process) if over and spot.height == 3 else ""
    room = spot.width - (4 if spot.width >= 16 else 2)
    state = told or fitting_state(words, room - cell_len(glyph) - 1)
    rows = [(f"{glyph} {state}", drawing.mood(node, style))]
    # What it reports stands nowhere else in the picture; its rates stand on its edges, too.
    reports = "" if over else _reports(process)
    if not (reports and spot.height == 4):
        rows.append((_second_line(process, look, room), "dim" if over else drawing.mood(node, "text")))
    if reports and rows[-1][0] != reports:
        rows.append((reports, drawing.mood(node, "text")))
    elif not over:
        kernel = process.kernel
        is_known = drawing.view.framed > 0
        told = f"{kernel.cpu:.0f} % cpu  {units.size(kernel.memory)}" if is_known else "? % cpu  ?"
        rows.append((told, "dim"))
    draw_rows(drawing, spot, rows)
    if process.faults and not over:
        draw_label(drawing, spot, fault_words(process.faults[-1]), "warn")


def _draw_pool(drawing: Drawing, spot: Spot, node: Node, processes: Sequence[ProcessView]) -> None:
    """A glyph for each member, the rates of all, and the worst state that any is in."""
    look, canvas = drawing.look, drawing.canvas
    states = [now(process, drawing.view, look) for process in processes]
    margin = 2 if spot.width >= 16 else 1
    room = spot.width - 2 * margin
    x = spot.x + margin
    for text, style in state_glyphs(states, room):
        canvas.put(x, spot.y + 1, text, drawing.mood(node, style))
        x += len(text)
    draw_rows(drawing, spot, [("", "text"), (_rates(processes, look, room), drawing.mood(node, "text"))])
    worst = worst_of(processes, states, room)
    if worst is not None:
        words, style = worst
        draw_rows(drawing, spot, [("", "text"), ("", "text"), (words, drawing.mood(node, style))])
        if spot.height < 5:
            count = sum(state[2] == style for state in states)
            verb = {"bad": "failed", "warn": "blocked"}.get(style, "")
            if verb:
                draw_label(drawing, spot, f"{count} {verb}", drawing.mood(node, style))


def state_glyphs(states: Sequence[State], room: int) -> list[tuple[str, str]]:
    """A glyph for each; where they are too many, each glyph with how many are in that state."""
    if sum(len(glyph) for glyph, _, _ in states) <= room:
        return [(glyph, style) for glyph, _, style in states]
    counted = Counter((glyph, style) for glyph, _, style in states)
    ordered = sorted(counted.items(), key=lambda item: _WEIGHT.index(item[0][1]))
    return [(f"{glyph}{count} ", style) for (glyph, style), count in ordered]


def worst_of(
    processes: Sequence[ProcessView], states: Sequence[State], room: int = 80
) -> tuple[str, str] | None:
    """Who is worst off, in words and style; the name is what is shortened for want of room."""
    if not states:
        return None
    index = min(range(len(states)), key=lambda n: (_WEIGHT.index(states[n][2]), n))
    name, (_, words, style) = processes[index].name, states[index]
    told = short_state(words)
    return f"{short_name(units.printable(name), max(2, room - len(told) - 1))} {told}", style


def _draw_row(drawing: Drawing, spot: Spot, node: Node, processes: Sequence[ProcessView]) -> None:
    """Glyph and name in one row, with the rate where there is room."""
    look, canvas = drawing.look, drawing.canvas
    knotted, chosen = drawing.is_knotted(node), drawing.is_chosen(node)
    edge = "ring" if knotted else "focus" if chosen else drawing.mood(node, "title")
    canvas.put(spot.x, spot.y, "[" + " " * (spot.width - 2) + "]", edge)
    if chosen:
        canvas.put(spot.x, spot.y, look.glyph("cursor"), "selected")
    states = [now(process, drawing.view, look) for process in processes]
    name = shown_name(node, look)
    inner = spot.width - 2
    if states:
        worst = min(states, key=lambda state: _WEIGHT.index(state[2]))
        glyph = worst[0]
        canvas.put(spot.x + 1, spot.y, glyph, drawing.mood(node, worst[2]))
        inner -= len(glyph) + 1
    text = short_name(name, inner)
    style = "ring" if knotted else "selected" if chosen else drawing.mood(node, "strong")
    canvas.put(spot.right - inner, spot.y, text, style)
    rates = _rates(processes, look, inner - len(text) - 1)
    if rates and len(rates) < inner - len(text):
        canvas.put(spot.right - len(rates), spot.y, rates, drawing.mood(node, "text"))


def outcome(process: ProcessView) -> str:
    """What a process that has ended well came to, where there is room for a word: its first report."""
    reports = process.reports.values() if process.status == "ended" and process.signal is None else ()
    return next((units.printable(str(value)) for value in reports), "")


def short_state(words: str) -> str:
    """What fits into a box: the wait's first word, and how long."""
    for verb in _SHORT:
        if words.startswith(verb):
            # Names may hold commas and end like a time; only a wait's last words are one.
            lasted = re.search(r", (\d+\.\d s|[\d:]+)$", words)
            return f"{_SHORT[verb]} {lasted[1].replace(' ', '')}" if lasted else verb
    words = words.replace("was killed by signal", "signal").replace("ended with status", "status")
    return words.removesuffix(", as meant")


def fitting_state(words: str, room: int) -> str:
    """The same in so many cells: the short word for a wait alone, where there is no room for how long."""
    told = short_state(words)
    if cell_len(told) <= room:
        return told
    return next((short for verb, short in _SHORT.items() if words.startswith(verb)), told)


def _second_line(process: ProcessView, look: Look, room: int) -> str:
    """Why it ended, or what it sends and receives, or what it reported."""
    if process.status == "failed":
        return units.printable(process.reason)
    if process.status == "ended" and process.signal is not None:
        return units.printable(process.reason.removeprefix("it was meant to be killed: "))
    if process.status == "ended":
        return _reports(process)
    return _rates([process], look, room) or _reports(process)


def _reports(process: ProcessView) -> str:
    return units.printable(" ".join(f"{name}={value}" for name, value in process.reports.items()))


def _rates(processes: Sequence[ProcessView], look: Look, room: int) -> str:
    """What they receive and send, all together; the second is left out where there is no room for it."""
    received = sum(process.received_rate for process in processes)
    sent = sum(process.sent_rate for process in processes)
    parts = [f"{look.glyph('in')}{units.rate(received)}"] if received else []
    parts += [f"{look.glyph('out')}{units.rate(sent)}"] if sent else []
    while len(parts) > 1 and len(" ".join(parts)) > room:
        parts.pop()
    text = " ".join(parts)
    return text if len(text) <= room else ""


def draw_still_process(drawing: Drawing, spot: Spot, node: Node) -> None:
    """A process that does not run: its name only."""
    if spot.height == 1:
        _draw_row(drawing, spot, node, ())
        return
    draw_frame(drawing, spot, node, "square", "title", "strong")
    if spot.height > 3 or len(node.members) > 1:
        words = "process" if len(node.members) == 1 else f"{len(node.members)} processes"
        drawing.canvas.put(spot.x + 2, spot.y + 1, cell(words, spot.width - 4), "dim")
