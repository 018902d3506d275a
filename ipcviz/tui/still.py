"""A declared topology as a still picture, without a run: its boxes, names, mechanisms and links."""

from __future__ import annotations

from ipcviz.events import ChannelInfo, LockInfo, SessionStarted
from ipcviz.tui.canvas import Canvas
from ipcviz.tui.graph.glyphs import draw
from ipcviz.tui.graph.model import Spot
from ipcviz.tui.lines import Line, cell, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.picture import Picture, end_key, lock_key, picture_of, reversed_path
from ipcviz.units import printable


def draw_still(session: SessionStarted, width: int, height: int, look: Look) -> list[Line]:
    """The topology in exactly `height` lines of `width` cells; what does not fit is cut off."""
    picture = picture_of(session, width, height)
    canvas = Canvas(max(width, picture.placement.width), max(height, picture.placement.height))
    _draw_links(canvas, picture, session, look)
    spots = picture.placement.spots
    for name in session.processes:
        _draw_box(canvas, spots[f"process:{name}"], name, ("process", "dim"), "square", look)
    for channel in session.channels:
        _draw_box(canvas, spots[f"channel:{channel.name}"], channel.name, _below(channel), "round", look)
    for lock in session.locks:
        _draw_box(canvas, spots[f"lock:{lock.name}"], lock.name, _below(lock), "round", look)
    return [canvas.line(y, 0, width) for y in range(height)]


def _below(info: ChannelInfo | LockInfo) -> tuple[str, str]:
    return info.mechanism, "accent"


def _draw_links(canvas: Canvas, picture: Picture, session: SessionStarted, look: Look) -> None:
    pointed = []
    for channel in session.channels:
        for end in channel.endpoints:
            path = picture.paths.get(end_key(channel.name, end.process, end.role))
            if path is not None:
                pointed.append(path)
                pointed += [reversed_path(path)] if channel.kind == "call" else []
    keys = [lock_key(lock.name, user) for lock in session.locks for user in lock.users]
    quiet = [picture.paths[key] for key in keys if key in picture.paths]
    for paths, arrows in ((quiet, False), (pointed, True)):
        for (x, y), (glyph, _) in draw(paths, arrows, {}, look.glyphs).items():
            canvas.put(x, y, glyph, "edge")


def _draw_box(canvas: Canvas, spot: Spot, name: str, below: tuple[str, str], frame: str, look: Look) -> None:
    canvas.frame(spot.x, spot.y, spot.width, spot.height, look.frame(frame), "frame")
    title = middle_cut(printable(name), spot.width - 4)
    canvas.put(spot.x + 1, spot.y, f" {title} ", "strong")
    text, style = below
    canvas.put(spot.x + 2, spot.y + 1, cell(text, spot.width - 3), style)
