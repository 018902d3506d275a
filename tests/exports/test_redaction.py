"""What a redacted recording has left out is in no picture that is made of it."""

from __future__ import annotations

import base64
import gzip
import io
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from helpers import exported, sessions
from helpers.exported import Terminal

from ipcviz import events as ev
from ipcviz.exports.chaptered import Chaptered
from ipcviz.recording.maker import recorded
from ipcviz.recording.reader import Recording

SECRET = "marker-7c1f"


def talk(folder: Path, redact: bool, secret: str = SECRET) -> Chaptered:
    """A recording in which payloads, a region and printed lines hold the secret."""
    events = list(sessions.events(24))
    for place, event in enumerate(events):
        if isinstance(event, ev.Message):
            events[place] = msgspec.structs.replace(event, payload=secret.encode(), size=len(secret))
        elif isinstance(event, ev.Note):
            events[place] = msgspec.structs.replace(event, text=secret)
        elif isinstance(event, ev.Frame):
            channels = [msgspec.structs.replace(state, content=secret.encode()) for state in event.channels]
            events[place] = msgspec.structs.replace(event, channels=channels)
    return Chaptered(Recording(io.BytesIO(recorded(events, redact))))


def in_cast(file: bytes) -> str:
    terminal, seen = Terminal(120, 40), []
    for line in file.decode().splitlines()[1:]:
        _, code, data = msgspec.json.decode(line)
        if code == "o":
            terminal.feed(data)
            seen.append("\n".join(terminal.screen.display))
    return file.decode() + "".join(seen)


def in_html(file: bytes) -> str:
    page = file.decode()
    [data] = re.findall(r'id="data">([^<]*)<', page)
    return page + gzip.decompress(base64.b64decode(data)).decode()


WINDOW = {"start": 11_500_000_000}
"""In which all messages come: the stream tells them last."""
READ: dict[str, Callable[[bytes], str]] = {"cast": in_cast, "html": in_html, "svg": bytes.decode}


@pytest.mark.parametrize("kind", READ)
def test_a_marker_in_payloads_has_no_hit(kind: str, tmp_path: Path) -> None:
    assert SECRET in READ[kind](exported.written(kind, talk(tmp_path, redact=False), **WINDOW))
    assert SECRET not in READ[kind](exported.written(kind, talk(tmp_path, redact=True), **WINDOW))


@exported.needs_font
def test_two_secrets_give_the_same_gif(tmp_path: Path) -> None:
    def gif(secret: str, redact: bool) -> bytes:
        return exported.written("gif", talk(tmp_path, redact, secret), **WINDOW)

    assert gif(SECRET, redact=False) != gif(SECRET[::-1], redact=False)
    assert gif(SECRET, redact=True) == gif(SECRET[::-1], redact=True)
