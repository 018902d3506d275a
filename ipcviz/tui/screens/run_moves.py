"""Moving in the panel that has the keys: its entries, its part in view, its size; copying from it."""

from __future__ import annotations

from ipcviz import units
from ipcviz.tui.lines import cell
from ipcviz.tui.panels.topology import Topology
from ipcviz.tui.screens.run_places import RunPlaces


class RunMoves(RunPlaces):
    """The part of the run's screen that hands keys to its panels."""

    def action_up(self) -> None:
        """One up."""
        self.current.move(0, -1)

    def action_down(self) -> None:
        """One down."""
        self.current.move(0, 1)

    def action_left(self) -> None:
        """One to the left."""
        self.current.move(-1, 0)

    def action_right(self) -> None:
        """One to the right."""
        self.current.move(1, 0)

    def action_page_up(self) -> None:
        """A page up."""
        self.current.move(0, -max(1, self.current.room[1] - 1))

    def action_page_down(self) -> None:
        """A page down."""
        self.current.move(0, max(1, self.current.room[1] - 1))

    def action_first(self) -> None:
        """The first, or the oldest."""
        self.current.to_first()

    def action_follow(self) -> None:
        """The newest."""
        self.current.follow()

    def action_scroll(self, columns: int, rows: int) -> None:
        """Another part of the picture."""
        self.current.scroll_view(columns, rows)

    def action_closer(self, steps: int) -> None:
        """Larger or smaller."""
        self.current.closer(steps)

    def action_turn(self) -> None:
        """Time downwards, or to the right."""
        self.current.turn()

    def action_sort(self) -> None:
        """By the next column."""
        self.current.sort_next()

    def action_motion(self) -> None:
        """Marks move, or rest."""
        topology = self.query_one(Topology)
        topology.motion = not topology.motion
        topology.redraw()

    def action_copy(self) -> None:
        """What is chosen, into the clipboard of whoever's terminal this is (OSC 52)."""
        text = self.current.copied()
        if text:
            self.app.copy_to_clipboard(text)
        told = f"Copied: {cell(text, 40).rstrip()}" if text else "Nothing is chosen that could be copied."
        self.notify(units.printable(told), timeout=2, markup=False)
