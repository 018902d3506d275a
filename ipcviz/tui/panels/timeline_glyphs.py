"""The characters and styles of the timeline, for each glyph set: states differ by shape, not only colour.

A state has a character for time to the right and one for time downwards. "part" means that the process did
so for some of the time of the cell (a tenth to nine tenths), and ran for the rest.
"""

from __future__ import annotations

from ipcviz.terminal import GlyphSet

RUNNING, HOLDING, RECEIVING, RECEIVING_PART, SENDING, SENDING_PART, LOCKING, LOCKING_PART, PAUSED = range(9)
ENDED, FAILED, UNKNOWN, FREE, HELD, HELD_PART, CONTENDED = range(9, 16)

ACROSS: dict[GlyphSet, str] = {
    "unicode": "─━·╌▒░▓▚‖✓✗ ┈━╍█",
    "plain": "─═·-▒░▓▌║√x ·═-█",
    "ascii": "-=.~%:#+|+x .=-@",
}
"""In the order of the numbers above."""
DOWN: dict[GlyphSet, str] = {
    "unicode": "│┃·╎▒░▓▚‖✓✗ ┊┃╏█",
    "plain": "│║·:▒░▓▌≡√x ·║:█",
    "ascii": '|H.;%:#+"+x .H;@',
}
STYLES = [
    "good",
    "accent",
    "dim",
    "good",
    "warn",
    "warn",
    "bad",
    "bad",
    "title",
    "dim",
    "bad",
    "dim",
    "dim",
    "accent",
    "accent",
    "warn",
]
"""In the same order."""
LEGEND = (
    (RUNNING, "running or asleep"),
    (HOLDING, "holding a lock"),
    (RECEIVING, "receiving"),
    (RECEIVING_PART, "receiving for a part of it"),
    (SENDING, "waiting to send"),
    (SENDING_PART, "for a part"),
    (LOCKING, "waiting for a lock"),
    (LOCKING_PART, "for a part"),
    (PAUSED, "paused"),
    (CONTENDED, "held, others wait"),
)

SENT: dict[GlyphSet, str] = {"unicode": "●", "plain": "•", "ascii": "o"}
TAKEN_DOWN: dict[GlyphSet, str] = {"unicode": "▾", "plain": "▼", "ascii": "v"}
TAKEN_UP: dict[GlyphSet, str] = {"unicode": "▴", "plain": "▲", "ascii": "^"}
FINDING: dict[GlyphSet, str] = {"unicode": "▲", "plain": "▲", "ascii": "!"}
FAULT: dict[GlyphSet, str] = {"unicode": "◆", "plain": "♦", "ascii": "*"}
CLEARED: dict[GlyphSet, str] = {"unicode": "△", "plain": "○", "ascii": "-"}
RULER: dict[GlyphSet, str] = {"unicode": "┬─", "plain": "┬─", "ascii": "+-"}
LEVELS: dict[GlyphSet, str] = {"unicode": "▁▂▃▄▅▆▇█", "plain": "░▒▓█", "ascii": ".:+*#"}
STEPS: dict[GlyphSet, tuple[str, str, str, str]] = {
    "unicode": ("│", "╲", "╱", "─"),
    "plain": ("│", "\\", "/", "─"),
    "ascii": ("|", "\\", "/", "-"),
}
"""Straight down, down to the right, up to the right, level: where there is no braille."""
ARROWS: dict[GlyphSet, tuple[str, str, str]] = {
    "unicode": ("◀", "▶", "─"),
    "plain": ("◄", "►", "─"),
    "ascii": ("<", ">", "-"),
}
CHOSEN_LEVEL: dict[GlyphSet, str] = {"unicode": "━", "plain": "═", "ascii": "="}
"""The line of the message that is chosen."""


def mark_of(kind: str, name: GlyphSet) -> tuple[str, str]:
    """The character and the style of what happened: a finding, its end, an act, the end of a process."""
    if kind == "finding":
        return FINDING[name], "bad"
    if kind == "cleared":
        return CLEARED[name], "good"
    if kind == "fault":
        return FAULT[name], "warn"
    code = FAILED if kind == "failed" else ENDED
    return ACROSS[name][code], STYLES[code]
