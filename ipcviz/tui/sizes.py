"""How large the boxes of a picture are: sizes to choose from, and the boxes that a scene's nodes get."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from ipcviz.tui.graph.model import Box, Role
from ipcviz.tui.scene import Node, Scene
from ipcviz.units import printable


@dataclass(frozen=True, slots=True)
class Sizes:
    """Cells of the boxes: least and most width of each kind, and heights.

    Channels between two processes lie on their link, without a frame, where `open`. A row has room for
    the name alone, and none for rates, where `bare`.
    """

    process: tuple[int, int]
    process_height: int
    channel: tuple[int, int]
    channel_height: int
    lock: tuple[int, int]
    lock_height: int
    open: bool = True
    bare: bool = False


LARGE = Sizes((24, 28), 5, (26, 30), 5, (20, 26), 4, open=False)
ORDINARY = Sizes((16, 24), 4, (16, 22), 3, (14, 20), 3)
SMALL = Sizes((14, 20), 4, (13, 16), 3, (12, 16), 3)
FLAT = Sizes((16, 22), 3, (14, 18), 3, (13, 18), 3)
TIGHT = Sizes((13, 14), 3, (11, 13), 3, (11, 12), 3)
ROWS = Sizes((12, 28), 1, (16, 20), 1, (10, 24), 1)
THIN_ROWS = Sizes((12, 22), 1, (12, 16), 1, (10, 18), 1)
TRIED = (LARGE, ORDINARY, SMALL, FLAT, TIGHT)
"""From the largest boxes to the smallest."""
BROAD = Sizes((14, 20), 4, (18, 22), 1, (14, 20), 1)
SNUG = Sizes((13, 14), 3, (10, 13), 3, (11, 12), 3)
SCANT = Sizes((12, 12), 3, (9, 11), 3, (11, 11), 3)
LEVEL = Sizes((13, 18), 3, (16, 20), 1, (13, 18), 1)
BRIEF = Sizes((12, 16), 4, (9, 13), 1, (11, 14), 1)
LOW = Sizes((12, 16), 3, (9, 13), 1, (11, 14), 1)
DENSE = Sizes((7, 12), 1, (5, 10), 1, (7, 12), 1, bare=True)
SHAPED = (LARGE, ORDINARY, SMALL, BROAD, FLAT, SNUG, SCANT, LEVEL, BRIEF, LOW, ROWS, THIN_ROWS, DENSE)
"""Those for a star or a lattice: it is clear at a glance which channel is whose, so these may be small."""


def boxes_of(scene: Scene, sizes: Sizes) -> list[Box]:
    """A box for each node, those of one kind equally wide."""
    holder = _longest_holder(scene) if sizes.lock_height > 1 else 0
    widths = {
        "process": _width(scene, "process", sizes.process, _margin(sizes, "process", sizes.process_height)),
        "channel": _width(scene, "channel", sizes.channel, _margin(sizes, "channel", sizes.channel_height)),
        "lock": min(
            sizes.lock[1],
            max(holder, _width(scene, "lock", sizes.lock, _margin(sizes, "lock", sizes.lock_height))),
        ),
    }
    heights = {"process": sizes.process_height, "channel": sizes.channel_height, "lock": sizes.lock_height}
    return [
        Box(node.key, widths[node.kind], heights[node.kind], node.kind, is_open(node, sizes))
        for node in scene.nodes.values()
    ]


def is_open(node: Node, sizes: Sizes) -> bool:
    """It lies on its link, and has no frame."""
    return sizes.open and node.kind == "channel" and node.on_link


def _longest_holder(scene: Scene) -> int:
    """Cells of a lock's box that tells who holds it, whoever of its users that is."""
    names = [process for tie in scene.ties.values() if tie.kind == "lock" for _, process, _ in tie.uses]
    return max((cell_len(printable(name)) for name in names), default=-4) + 4


def _margin(sizes: Sizes, kind: Role, height: int) -> int:
    """Cells that a box has beside its name: frames, glyphs, spaces, and in a row the first of its figures."""
    if height > 1 or kind == "lock":
        return 4
    return (4 if kind == "process" else 2) if sizes.bare else (6 if kind == "process" else 4)


def _width(scene: Scene, kind: Role, limits: tuple[int, int], margin: int) -> int:
    """Wide enough for the names, and the states of a folded pool, as far as the limits allow."""
    least, most = limits
    told = ("lock", "process") if kind == "lock" else (kind,)  # a lock's box names its holder, too
    wanted = [
        max(
            cell_len(printable(node.name)) + margin + (node.kind != kind),
            len(node.members) + margin if kind == "process" and len(node.members) > 1 else 0,
        )
        for node in scene.nodes.values()
        if node.kind in told
    ]
    return max(least, min(most, max(wanted, default=0)))
