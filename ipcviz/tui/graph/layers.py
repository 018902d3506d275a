"""Layouts in layers: ranks as columns, as rows, split into lanes, or wrapped like a snake."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ipcviz.tui.graph.draft import Draft, draft_of, shift, widest_gap
from ipcviz.tui.graph.model import Box, Flow, Link, Spot
from ipcviz.tui.graph.ranks import rank_boxes

Lane = list[Box]
Around = Mapping[str, Sequence[str]]

# Odd gaps first: they have a middle column, where a shared trunk can turn.
RANK_GAPS: dict[Flow, Sequence[int]] = {"right": (13, 11, 9, 7, 6, 5, 4, 3), "down": (5, 4, 3, 2)}
NEIGHBOUR_GAPS: dict[Flow, Sequence[int]] = {"right": (3, 2, 1, 0), "down": (8, 6, 5, 4, 3, 2)}
BAND_GAPS = (4, 3, 2)
MOST_BANDS = 10
WIDEST_WRAPPED = 2
SWEEPS = 4


def ranked(boxes: Sequence[Box], links: Sequence[Link]) -> list[Lane]:
    """Return the boxes in ranks, each in the order to place it in."""
    by_name = {box.name: box for box in boxes}
    return [[by_name[name] for name in rank] for rank in rank_boxes(list(by_name), links)]


def layer_drafts(boxes: Sequence[Box], links: Sequence[Link], width: int, height: int) -> Iterator[Draft]:
    """Yield the layouts with each rank in one column or one row of a room of so many cells."""
    ranks, around = ranked(boxes, links), linked_names(links)
    yield arrange(ranks, around, "right", width, height)
    yield arrange(ranks, around, "down", width, height)


def wrapped_drafts(boxes: Sequence[Box], links: Sequence[Link], width: int, height: int) -> Iterator[Draft]:
    """Yield the layouts in which the ranks, or the boxes of long ranks, go on in a further row."""
    ranks, around = ranked(boxes, links), linked_names(links)
    # Wrapping a chain keeps it readable, wrapping wide ranks does not.
    if max(len(rank) for rank in ranks) <= WIDEST_WRAPPED:
        for bands in range(2, min(MOST_BANDS, len(ranks)) + 1):
            yield arrange_snake(ranks, around, bands, width, height)
    yield arrange(split_ranks(ranks, "right", height), around, "right", width, height)
    yield arrange(split_ranks(ranks, "down", width), around, "down", width, height)


def linked_names(links: Sequence[Link]) -> dict[str, list[str]]:
    """Return for each box the boxes it is linked with, each once."""
    around: dict[str, dict[str, None]] = {}
    for link in links:
        if link.source != link.target:
            around.setdefault(link.source, {})[link.target] = None
            around.setdefault(link.target, {})[link.source] = None
    return {name: list(others) for name, others in around.items()}


def along(box: Box, flow: Flow) -> int:
    """Return the size of the box in the direction of the flow."""
    return box.width if flow == "right" else box.height


def across(box: Box, flow: Flow) -> int:
    """Return the size of the box at right angles to the flow."""
    return box.height if flow == "right" else box.width


def pitch_base(lanes: Sequence[Lane], flow: Flow) -> int:
    """Return the size every box gets across the flow, so that equal lanes line up."""
    return max((across(box, flow) for lane in lanes if len(lane) > 1 for box in lane), default=0)


def split_ranks(ranks: Sequence[Lane], flow: Flow, room: int) -> list[Lane]:
    """Split ranks which are too long for the room into as few equal lanes as will do."""
    gap = NEIGHBOUR_GAPS[flow][-1]
    size = pitch_base(ranks, flow) + gap
    most = max(1, (room + gap) // size) if size else 1
    lanes: list[Lane] = []
    for rank in ranks:
        count = math.ceil(len(rank) / most)
        lanes += [rank[start::count] for start in range(count)]
    return lanes


def arrange(lanes: Sequence[Lane], around: Around, flow: Flow, width: int, height: int) -> Draft:
    """Put the lanes one after another in the direction of the flow."""
    room, cross_room = (width, height) if flow == "right" else (height, width)
    used = sum(max(along(box, flow) for box in lane) for lane in lanes)
    gap = widest_gap(room, used, len(lanes) - 1, RANK_GAPS[flow])
    starts = cross_starts(lanes, around, flow, cross_room)
    spots: dict[str, Spot] = {}
    position = 0
    for lane in lanes:
        thick = max(along(box, flow) for box in lane)
        for box in lane:
            inset = position + (thick - along(box, flow)) // 2
            x, y = (inset, starts[box.name]) if flow == "right" else (starts[box.name], inset)
            spots[box.name] = Spot(x, y, box.width, box.height)
        position += thick + gap
    return draft_of(spots, flow)


def arrange_snake(ranks: Sequence[Lane], around: Around, bands: int, width: int, height: int) -> Draft:
    """Wrap the ranks into rows which are read to and fro, the turns straight below each other."""
    length = math.ceil(len(ranks) / bands)
    rows = [list(ranks[start : start + length]) for start in range(0, len(ranks), length)]
    slots = [filled(row, length, backwards=index % 2 == 1) for index, row in enumerate(rows)]
    columns = [
        max((box.width for row in slots for box in row[column]), default=0) for column in range(length)
    ]
    gap = widest_gap(width, sum(columns), length - 1, RANK_GAPS["right"])
    starts = [cross_starts([lane for lane in row if lane], around, "right", height // bands) for row in slots]
    heights = [span(row, start) for row, start in zip(slots, starts, strict=True)]
    band_gap = widest_gap(height, sum(heights), len(rows) - 1, BAND_GAPS)
    spots: dict[str, Spot] = {}
    top = 0
    for row, start, tall in zip(slots, starts, heights, strict=True):
        left = 0
        for lane, wide in zip(row, columns, strict=True):
            for box in lane:
                spots[box.name] = Spot(
                    left + (wide - box.width) // 2, top + start[box.name], box.width, box.height
                )
            left += wide + gap
        top += tall + band_gap
    return draft_of(spots, "right")


def filled(row: Sequence[Lane], length: int, backwards: bool) -> list[Lane]:
    """Fill a row up at its far end with empty lanes, and turn it around if it reads backwards."""
    lanes = [*row, *([] for _ in range(length - len(row)))]
    return lanes[::-1] if backwards else lanes


def span(row: Sequence[Lane], start: Mapping[str, int]) -> int:
    """Return how many rows of cells the boxes of a row take."""
    return max((start[box.name] + box.height for lane in row for box in lane), default=0)


def cross_starts(lanes: Sequence[Lane], around: Around, flow: Flow, room: int) -> dict[str, int]:
    """Return where each box begins at right angles to the flow, the first at 0, in cells."""
    most = max(len(lane) for lane in lanes)
    base = pitch_base(lanes, flow)
    gap = widest_gap(room, most * base, most - 1, NEIGHBOUR_GAPS[flow])
    middle = cross_middles(lanes, around, base + gap)
    starts = {
        box.name: math.floor(middle[box.name] - across(box, flow) / 2) for lane in lanes for box in lane
    }
    first = min(starts.values())
    return {name: start - first for name, start in starts.items()}


def cross_middles(lanes: Sequence[Lane], around: Around, pitch: int) -> dict[str, float]:
    """Return the middle of each box across the flow: near its neighbours, a pitch from the next box."""
    middle = {
        box.name: (index - (len(lane) - 1) / 2) * pitch for lane in lanes for index, box in enumerate(lane)
    }
    level = {box.name: index for index, lane in enumerate(lanes) for box in lane}
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for lane in lanes if forward else list(reversed(lanes)):
            names = [box.name for box in lane]
            wishes = [wish(name, middle, level, around, forward) for name in names]
            middle.update(zip(names, spread(wishes, pitch), strict=True))
    return middle


def wish(
    name: str, middle: Mapping[str, float], level: Mapping[str, int], around: Around, forward: bool
) -> float:
    """Return the mean middle of the neighbours on the side that was placed before, else stay."""
    near = [
        middle[other]
        for other in around.get(name, ())
        if other in level and (level[other] < level[name] if forward else level[other] > level[name])
    ]
    return sum(near) / len(near) if near else middle[name]


def spread(wishes: Sequence[float], pitch: int) -> list[float]:
    """Move positions as little as possible so that each is at least a pitch after the one before."""
    blocks: list[tuple[float, int]] = []
    for index, position in enumerate(wishes):
        total, count = position - index * pitch, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            total, count = total + blocks[-1][0], count + blocks[-1][1]
            blocks.pop()
        blocks.append((total, count))
    level = [total / count for total, count in blocks for _ in range(count)]
    return [position + index * pitch for index, position in enumerate(level)]


def stack(upper: Draft, lower: Draft, gap: int) -> Draft:
    """Put one draft below another, both centred, so many rows apart."""
    wide = max(upper.width, lower.width)
    spots = shift(upper.spots, (wide - upper.width) // 2, 0)
    spots |= shift(lower.spots, (wide - lower.width) // 2, upper.height + gap)
    return draft_of(spots, upper.flow)
