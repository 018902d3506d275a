"""The whole picture of a race as lines, for any size: bars, figures, rates over time, what decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ipcviz import units
from ipcviz.race_result import Result
from ipcviz.tui.lines import Line, fit, line, width_of, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.panels.race_figures import figures_lines
from ipcviz.tui.panels.race_lanes import bar_lines, chart_lines, chart_note, scale_of

HIGHEST = 8
"""Rows of one lane's chart at most."""
FEWEST_WORDS = 2
"""Rows of what decided that are always shown."""


@dataclass(frozen=True, slots=True)
class Heights:
    """Rows inside each box; 0 leaves it out. `airy`: blank rows between the bars."""

    bars: int
    figures: int
    charts: int
    words: int
    airy: bool = False


def heights_of(lanes: int, words: int, height: int) -> Heights:
    """How `height` rows are shared: the figures and what decided first, then the bars, then the charts."""
    frames = 2
    figures = lanes + 2
    spare = height - figures - frames - (FEWEST_WORDS + frames)
    bars = charts = 0
    if spare >= lanes + frames:
        bars, spare = lanes, spare - lanes - frames
    told = FEWEST_WORDS + max(0, min(words - FEWEST_WORDS, spare))
    spare -= told - FEWEST_WORDS
    if bars and spare >= lanes + frames:
        charts, spare = lanes, spare - lanes - frames
    airy = bool(charts) and spare >= lanes + 1
    if airy:
        bars, spare = 2 * lanes + 1, spare - lanes - 1
    if charts:
        more = min(HIGHEST - 1, spare // lanes)
        charts, spare = charts + more * lanes, spare - more * lanes
    return Heights(
        bars, min(figures, height - frames - FEWEST_WORDS - frames), charts, told + max(0, spare), airy
    )


def picture_lines(
    result: Result, sentences: Sequence[str], width: int, height: int, look: Look, top: int = 0
) -> list[Line]:
    """Exactly `height` lines of `width` cells; `top` is the first lane that the figures show."""
    inner = width - 2
    shares = heights_of(len(result.lanes), len(_words(sentences, inner - 2)), height)
    lines: list[Line] = []
    if shares.bars:
        bars = bar_lines(result, inner, look)
        rows: list[Line] = [row for bar in bars for row in ([], bar)] + [[]] if shares.airy else bars
        lines += boxed(
            f"{result.unit.capitalize()} so far", scale_of(result)[1], rows, shares.bars, width, look
        )
    lines += _figures(result, shares.figures, width, look, top)
    if shares.charts:
        each = shares.charts // len(result.lanes)
        charts = chart_lines(result, inner, each, look)
        note = chart_note(result, inner)
        lines += boxed(f"{result.unit.capitalize()} a second", note, charts, shares.charts, width, look)
    lines += boxed(
        _heading(result), "", _words(sentences, inner - 2, shares.words), shares.words, width, look
    )
    lines += [[(" " * width, "text")]] * (height - len(lines))
    return lines[:height]


def hidden_lanes(result: Result, sentences: Sequence[str], width: int, height: int) -> int:
    """How many lanes the figures have no room for."""
    words = len(_words(sentences, width - 4))
    return max(0, len(result.lanes) + 1 - heights_of(len(result.lanes), words, height).figures)


def _figures(result: Result, rows: int, width: int, look: Look, top: int) -> list[Line]:
    legend = rows >= len(result.lanes) + 2
    head, *told = figures_lines(result, width - 2, look, legend)
    kept = told[top : top + rows - 1]
    note = "" if len(kept) == len(told) else f"{len(kept)} of {len(told)} lanes, up and down: more"
    return boxed("Figures", note or _window_words(result), [head, *kept], rows, width, look)


def _window_words(result: Result) -> str:
    if result.to_the_finish:
        return "from the first moment to the end"
    seconds = max((lane.figures.seconds for lane in result.lanes), default=0.0)
    if not seconds:
        return f"from {units.span(result.warm_up)} on"
    return f"medians of {seconds:.0f} s" if seconds >= 1 else f"medians of {seconds:.1f} s"


def _heading(result: Result) -> str:
    return "What decided" if result.status == "ended" else "What decides"


def _words(sentences: Sequence[str], width: int, rows: int | None = None) -> list[Line]:
    """The sentences in their order; where not all fit, the first and the last one are the weightiest."""
    wrapped = [list(wrap(units.printable(sentence), max(10, width))) for sentence in sentences]
    last = len(wrapped) - 1
    kept, room = {0}, (rows if rows is not None else sum(map(len, wrapped))) - len(wrapped[0])
    for number in dict.fromkeys([last, *range(1, last)]):
        if number and len(wrapped[number]) <= room:
            kept.add(number)
            room -= len(wrapped[number])
    told: list[Line] = []
    for number in sorted(kept):
        style = "strong" if number == 0 else "dim" if number == last else "text"
        told += [line((f" {row}", style)) for row in wrapped[number]]
    if rows is not None and len(told) > rows:
        begun, _, _ = told[rows - 1][0][0][: width - 4].rpartition(" ")
        told = [*told[: rows - 1], line((f"{begun} ...", "strong"))]
    return told


def boxed(title: str, note: str, rows: Sequence[Line], height: int, width: int, look: Look) -> list[Line]:
    """A frame with so many rows in it."""
    top_left, top_right, bottom_left, bottom_right, level, upright = tuple(look.frame("round"))
    head: Line = [(f"{top_left}{level} ", "frame"), (title, "title")]
    if note and width_of(head) + len(note) + 6 <= width:
        head.append((f"  {note}", "dim"))
    head.append((" ", "frame"))
    head = fit(head, width - 1) if width_of(head) >= width else head
    first: Line = [*head, (level * (width - 1 - width_of(head)) + top_right, "frame")]
    inside = [*rows[:height], *[[] for _ in range(height - len(rows))]]
    body: list[Line] = [[(upright, "frame"), *fit(row, width - 2), (upright, "frame")] for row in inside]
    return [first, *body, [(bottom_left + level * (width - 2) + bottom_right, "frame")]]


def header_line(result: Result, frozen: int | None, width: int, look: Look) -> Line:
    """What races, whether it lives, and how; `frozen` is what has arrived since the picture was frozen."""
    start = line((" ipcviz  ", "accent")) if width >= 100 else line(" ")
    left: Line = [*start, (f"race of {result.topology or '...'}", "strong")]
    names = ", ".join(units.printable(lane.label) for lane in result.lanes)
    state = _state(result, frozen, look)
    how = line((f"  {how_words(result)} ", "dim"))
    right = [*state, *how] if width_of(left) + width_of([*state, *how]) + 1 <= width else state
    if width_of(left) + len(names) + 4 + width_of(right) <= width:
        left.append((f" · {names}", "text"))
    gap = width - width_of(left) - width_of(right)
    if gap < 1:
        left, gap = fit(left, max(0, width - width_of(right) - 1)), 1
    return fit([*left, (" " * gap, "text"), *right], width)


def how_words(result: Result) -> str:
    """At once on how many processors, or whose turn it is."""
    if result.how == "at once":
        cpus = "one processor" if result.cpus == 1 else f"{result.cpus} processors"
        return f"at once on {cpus}" if result.cpus else "at once"
    running = [n for n, lane in enumerate(result.lanes, 1) if lane.state in ("starting", "running")]
    if not running:
        return "in turn"
    return (
        f"in turn: {running[0]} of {len(result.lanes)}, {units.printable(result.lanes[running[0] - 1].label)}"
    )


def _state(result: Result, frozen: int | None, look: Look) -> Line:
    clock = units.clock(result.clock)
    if frozen is not None:
        badge = (f" {look.glyph('paused')} FROZEN {clock} ", "badge warn")
        return line(badge, (f" +{frozen:,} {result.unit}", "warn"))
    failed = sum(lane.state in ("failed", "refused") for lane in result.lanes)
    if result.status == "ended":
        glyph = look.glyph("failed" if failed else "ended")
        state = line((f" {glyph} ENDED {clock} ", "badge bad" if failed else "badge calm"))
    elif result.status == "starting":
        state = line((" STARTING ", "badge calm"))
    else:
        state = line((f" {look.glyph('running')} LIVE {clock} ", "badge"))
    return [*state, (f"  {failed} failed", "bad")] if failed else state
