"""The topology as boxes and links: what the graph's layout places and its router joins.

Processes, channels and locks are boxes; a link runs from a sender to its channel and from there to the
receivers, or between a process and a lock it uses. Pure; cells are measured by the texts they hold.
"""

from __future__ import annotations

from dataclasses import dataclass

from ipcviz.events import SessionStarted
from ipcviz.traits import gives
from ipcviz.tui.graph.layout import place
from ipcviz.tui.graph.model import Box, Link, Path, Placement, Side
from ipcviz.tui.graph.route import route

_OPPOSITE: dict[Side, Side] = {"right": "left", "left": "right", "up": "down", "down": "up"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A topology, placed and routed; `paths` by the key of their link, `missing` those without one."""

    placement: Placement
    paths: dict[str, Path]
    missing: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """Cells of the boxes: the widths of each kind, and the height of a process."""

    process: int
    height: int
    channel: int
    lock: int


ORDINARY = Sizes(16, 4, 16, 13)
TRIED = (
    Sizes(22, 5, 22, 18),
    ORDINARY,
    Sizes(14, 4, 13, 12),
    Sizes(13, 4, 11, 12),
    Sizes(16, 3, 16, 13),
    Sizes(13, 3, 11, 12),
)
"""From the largest boxes to the smallest; the first that fit are taken."""


def picture_of(session: SessionStarted, width: int, height: int) -> Picture:
    """Place and route the session's topology for so many cells; the smallest boxes where none fit."""
    links = links_of(session)
    for sizes in TRIED:
        placement = place(boxes_of(session, sizes), links, width, height)
        if placement.width <= width and placement.height <= height:
            break
    paths = {path.key: path for path in route(placement, links)}
    return Picture(placement, paths, len(links) - len(paths))


def boxes_of(session: SessionStarted, sizes: Sizes) -> list[Box]:
    """A box for each process, channel and lock."""
    longest = max((len(name) for name in session.processes), default=0)
    process = max(sizes.process, min(sizes.process + 2, longest + 4))
    boxes = [Box(f"process:{name}", process, sizes.height, "process") for name in session.processes]
    boxes += [Box(f"channel:{info.name}", sizes.channel, 3, "channel") for info in session.channels]
    boxes += [Box(f"lock:{info.name}", sizes.lock, 3, "lock") for info in session.locks]
    return boxes


def links_of(session: SessionStarted) -> list[Link]:
    """Every endpoint's link, in reading order; its key tells the endpoint."""
    links = []
    for info in session.channels:
        for end in info.endpoints:
            process, channel = f"process:{end.process}", f"channel:{info.name}"
            into = gives(end.role)
            source, target = (process, channel) if into else (channel, process)
            links.append(Link(source, target, end_key(info.name, end.process, end.role)))
    for lock in session.locks:
        links += [
            Link(f"process:{user}", f"lock:{lock.name}", lock_key(lock.name, user)) for user in lock.users
        ]
    return links


def end_key(channel: str, process: str, role: str) -> str:
    """The key of an endpoint's link."""
    return f"end:{channel}:{process}:{role}"


def lock_key(lock: str, process: str) -> str:
    """The key of the link between a lock and one of its users."""
    return f"lock:{lock}:{process}"


def reversed_path(path: Path) -> Path:
    """The same cells the other way: from the lock to the process that holds it."""
    leaves = _OPPOSITE[path.enters] if path.enters else None
    enters = _OPPOSITE[path.leaves] if path.leaves else None
    return Path(path.key, path.cells[::-1], leaves, enters)
