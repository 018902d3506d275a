"""How large the boxes of a picture are: sizes to choose from, and the boxes that a scene's nodes get."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from ipcviz.tui.graph.model import Box
from ipcviz.tui.scene import Node, Scene
from ipcviz.units import printable


@dataclass(frozen=True, slots=True)
class Sizes:
    """Cells of the boxes: least and most width of each kind, and heights.

    Channels between two processes lie on their link, without a frame, where `open`.
    """

    process: tuple[int, int]
    process_height: int
    channel: tuple[int, int]
    channel_height: int
    lock: tuple[int, int]
    lock_height: int
    open: bool = True


LARGE = Sizes((24, 28), 5, (26, 30), 5, (20, 26), 4, open=False)
ORDINARY = Sizes((16, 24), 4, (16, 22), 3, (14, 20), 3)
SMALL = Sizes((14, 20), 4, (13, 16), 3, (12, 16), 3)
FLAT = Sizes((16, 22), 3, (14, 18), 3, (13, 18), 3)
TIGHT = Sizes((13, 14), 3, (11, 13), 3, (11, 12), 3)
ROWS = Sizes((12, 28), 1, (16, 20), 1, (10, 24), 1)
THIN_ROWS = Sizes((12, 22), 1, (12, 16), 1, (10, 18), 1)
TRIED = (LARGE, ORDINARY, SMALL, FLAT, TIGHT)
"""From the largest boxes to the smallest."""


def boxes_of(scene: Scene, sizes: Sizes) -> list[Box]:
    """A box for each node, those of one kind equally wide."""
    holder = _longest_holder(scene) if sizes.lock_height > 1 else 0
    widths = {
        "process": _width(scene.nodes.values(), "process", sizes.process, sizes.process_height),
        "channel": _width(scene.nodes.values(), "channel", sizes.channel, sizes.channel_height),
        "lock": min(
            sizes.lock[1], max(holder, _width(scene.nodes.values(), "lock", sizes.lock, sizes.lock_height))
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


def _width(nodes: Iterable[Node], kind: str, limits: tuple[int, int], height: int) -> int:
    """Wide enough for the names, and the states of a folded pool, as far as the limits allow."""
    least, most = limits
    margin = 4 if height > 1 else 6 if kind == "process" else 4
    told = ("lock", "process") if kind == "lock" else (kind,)  # a lock's box names its holder, too
    wanted = [
        max(
            cell_len(printable(node.name)) + margin + (node.kind != kind),
            len(node.members) + margin if kind == "process" and len(node.members) > 1 else 0,
        )
        for node in nodes
        if node.kind in told
    ]
    return max(least, min(most, max(wanted, default=0)))
