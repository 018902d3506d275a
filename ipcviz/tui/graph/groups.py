"""Layouts of several groups of boxes which have no links with each other, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ipcviz.tui.graph.draft import Draft, draft_of, shift
from ipcviz.tui.graph.layers import arrange, linked_names, ranked
from ipcviz.tui.graph.model import Box, Link, Spot

GAP_ACROSS = 4
GAP_DOWN = 1


def find_groups(boxes: Sequence[Box], links: Sequence[Link]) -> list[list[Box]]:
    """Return the groups of boxes that are linked with each other, in the order of the boxes."""
    around = linked_names(links)
    seen: set[str] = set()
    groups: list[list[Box]] = []
    for box in boxes:
        if box.name in seen:
            continue
        members, waiting = {box.name}, [box.name]
        while waiting:
            fresh = [name for name in around.get(waiting.pop(), ()) if name not in members]
            members.update(fresh)
            waiting += fresh
        seen |= members
        groups.append([member for member in boxes if member.name in members])
    return groups


def packed_drafts(boxes: Sequence[Box], links: Sequence[Link], width: int, height: int) -> Iterator[Draft]:
    """Yield the groups in a grid of one, two and more columns, as long as these fit the room."""
    groups, around = find_groups(boxes, links), linked_names(links)
    ranks = [ranked(group, links_within(group, links)) for group in groups]
    for columns in range(1, len(groups) + 1):
        room = (width + GAP_ACROSS) // columns - GAP_ACROSS
        rows = -(-len(groups) // columns)
        tall = (height + GAP_DOWN) // rows - GAP_DOWN
        draft = pack([arrange(lanes, around, "right", room, tall) for lanes in ranks], columns)
        yield draft
        if draft.height <= height or draft.width >= width:
            return


def links_within(group: Sequence[Box], links: Sequence[Link]) -> list[Link]:
    """Return the links between the boxes of a group."""
    names = {box.name for box in group}
    return [link for link in links if link.source in names]


def pack(groups: Sequence[Draft], columns: int) -> Draft:
    """Put layouts into a grid of so many equal columns, row by row."""
    wide = max(group.width for group in groups) + GAP_ACROSS
    spots: dict[str, Spot] = {}
    top = 0
    for start in range(0, len(groups), columns):
        row = groups[start : start + columns]
        tall = max(group.height for group in row)
        for column, group in enumerate(row):
            left = column * wide + (wide - GAP_ACROSS - group.width) // 2
            spots |= shift(group.spots, left, top + (tall - group.height) // 2)
        top += tall + GAP_DOWN
    return draft_of(spots, "right")
