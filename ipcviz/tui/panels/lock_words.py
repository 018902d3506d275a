"""What is told of a lock: who holds it, who waits for it, how many had to, and for how long."""

from __future__ import annotations

from rich.cells import cell_len

from ipcviz import units
from ipcviz.events import Percentiles
from ipcviz.tui.lines import Line, Piece, line, middle_cut, width_of
from ipcviz.tui.look import Look
from ipcviz.view import LockUser, LockView, View

TIME = 7
"""Cells of how long, behind a name."""
READABLE = 8
"""Cells of a holder's name below which how long gives way to it."""
LEAST = 6
"""Cells of a name that is cut, with how long behind it."""


def contention(lock: LockView) -> float:
    """The part of all who wanted it that had to wait: of the acquisitions, and of those who wait now."""
    waiting = len(lock.waiters)
    wanted = lock.acquisitions + waiting
    return (lock.contended + waiting) / wanted if wanted else 0.0


def longest(users: tuple[LockUser, ...], view: View) -> int:
    """For how many ns the one of them has held or waited who has longest; 0 for nobody."""
    return max((max(0, view.framed - user.since) for user in users), default=0)


def waited_in_all(lock: LockView, view: View) -> int:
    """The ns that all of them have waited since the start, waits that still last included."""
    ended = sum(use.waited for use in lock.uses)
    return ended + sum(max(0, view.framed - user.since) for user in lock.waiters)


def percentiles(lock: LockView, view: View) -> tuple[Percentiles, bool]:
    """How long who got it had to wait: of the last 2 s, or of the whole run (True) once that is known."""
    if view.summary is not None:
        for told in view.summary.locks:
            if told.name == lock.info.name:
                return told.wait_us, True
    return Percentiles(lock.wait.p50, lock.wait.p99), False


def lock_glyph(lock: LockView, look: Look) -> Piece:
    """Held or free; that others wait is told beside it in words."""
    style = "warn" if lock.waiters else "accent" if lock.holders else "dim"
    return look.glyph("held" if lock.holders else "free"), style


def kernel_words(lock: LockView) -> str:
    """The kernel's own word: the value, how many wait, the pids of holders; with how far to trust it."""
    words = []
    if lock.value is not None:
        words.append(f"value {lock.value}")
    if lock.kernel_waiters is not None:
        words.append(f"{lock.kernel_waiters} wait")
    if lock.kernel_holders:
        words.append(f"held by pid {', '.join(map(str, lock.kernel_holders))}")
    if not words:
        return "the kernel does not tell" if lock.quality == "unknown" else ""
    tail = "" if lock.quality == "exact" else f" ({lock.quality})"
    return f"kernel: {', '.join(words)}{tail}"


def readers_only(lock: LockView) -> bool:
    """Those that hold it share it."""
    return bool(lock.holders) and all(user.shared for user in lock.holders)


def holders(lock: LockView, view: View, width: int, labelled: bool = False) -> str:
    """Names with how long; where they do not fit, how many of how many that may, or one name alone.

    That they only read is told with them unless they are `labelled` so.
    """
    count = len(lock.holders)
    if not count:
        return "nobody"
    first = lock.holders[0].process
    whole = cell_len(first) <= width < cell_len(first) + TIME
    if count == 1 and whole and width - TIME < READABLE:
        return first
    reads = readers_only(lock) and not labelled
    if not reads:
        of = f" of {lock.info.count}" if lock.info.count > 1 else ""
        return _people(lock.holders, view, width, f"{count}{of}")
    told = ", ".join(f"{user.process} reads {_lasted(user, view)}" for user in lock.holders)
    if cell_len(told) <= width or count == 1:
        return told if cell_len(told) <= width else _people(lock.holders, view, width, "1")
    return _counted(lock.holders, view, width, f"{count} read")


def waiters(lock: LockView, view: View, width: int) -> str:
    """Names with how long, who waits longest first; where none fits, how many, and how long at most."""
    first = sorted(lock.waiters, key=lambda user: user.since)
    return _people(tuple(first), view, width, str(len(first))) if first else "nobody"


def _people(users: tuple[LockUser, ...], view: View, width: int, counted: str) -> str:
    """As many as there is room for and how many more, or else their number."""
    told = [f"{user.process} {_lasted(user, view)}" for user in users]
    for shown in range(len(told), 0, -1):
        rest = f" +{len(told) - shown}" if shown < len(told) else ""
        words = f"{', '.join(told[:shown])}{rest}"
        if cell_len(words) <= width:
            return words
    if len(users) > 1:
        return _counted(users, view, width, counted)
    name, lasted = users[0].process, _lasted(users[0], view)
    room = width - len(lasted) - 1
    return f"{middle_cut(name, room)} {lasted}" if room >= LEAST else middle_cut(name, width)


def _counted(users: tuple[LockUser, ...], view: View, width: int, counted: str) -> str:
    """How many, and how long the longest of them."""
    most = units.lasted(longest(users, view))
    ways = (f"{counted}, longest {most}", f"{counted}, {most}", counted)
    return next((words for words in ways if len(words) <= width), str(len(users)))


def _lasted(user: LockUser, view: View) -> str:
    return units.lasted(max(0, view.framed - user.since))


def taken_row(lock: LockView, width: int) -> Line:
    """How often it was taken, how fast where there is room, and how many of those who wanted it waited."""
    share = contention(lock)
    taken = line(("    taken    ", "dim"), units.count(lock.acquisitions))
    rate = (f"  {units.rate(lock.rate)}", "dim")
    waited = line(("   had to wait ", "dim"), (units.percent(share), "warn" if share >= 0.5 else "text"))
    return [*taken, *([rate] if width_of([*taken, rate, *waited]) < width else []), *waited]


def waits_row(lock: LockView, view: View, width: int, start: Line) -> Line:
    """After the start as much as fits: the longest wait that lasts, and percentiles with what they are of.

    Where there is room for one of them only it is the percentiles: who waits longest is told among those
    who wait.
    """
    gap = "   " if len(start) > 1 else ""
    ways: list[Line] = [[(f"{gap}{figures}", "dim")] for figures in _figures(lock, view)]
    if lock.waiters:
        when = "at the end " if view.status == "ended" else "now "
        now = (f"{gap}longest {when}{units.lasted(longest(lock.waiters, view))}", "warn")
        ways = [[now, (f"   {_figures(lock, view)[0]}", "dim")], *ways, [now]]
    return [*start, *next((way for way in ways if width_of(start) + width_of(way) < width), [])]


def _figures(lock: LockView, view: View) -> tuple[str, ...]:
    """Percentiles of those who got it; where nobody has of late, what all have waited since the start."""
    told, whole = percentiles(lock, view)
    if told.p50 is not None:
        p50, p99 = units.micros(told.p50), units.micros(told.p99)
        of, short = ("of the whole run", "in all") if whole else ("of the last 2 s", "in 2 s")
        return f"p50 {p50}  p99 {p99} {of}", f"p50 {p50} p99 {p99} {short}"
    waited = waited_in_all(lock, view)
    return (
        (f"{units.lasted(waited)} in all since the start", f"{units.lasted(waited)} in all")
        if waited
        else ("none yet",)
    )
