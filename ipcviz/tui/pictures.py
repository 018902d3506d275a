"""The pictures of the README: the screen of real runs, each at a moment worth showing, as SVG files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.feed import Feed
from ipcviz.tui.snapshot import draw
from ipcviz.units import SECOND
from ipcviz.view import View

SIZE = (120, 40)
LONGEST = 60 * SECOND
"""Of a run's time: what has not happened by then is drawn as it is."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A run, the moment to draw it, and the keys that lead to what is to be seen."""

    name: str
    request: SessionRequest
    moment: Callable[[View], bool]
    keys: tuple[str, ...] = ()


def _after(seconds: float) -> Callable[[View], bool]:
    return lambda view: view.t >= seconds * SECOND


def _deadlock(view: View) -> bool:
    stands = [finding for finding in view.findings if finding.kind == "deadlock"]
    return any(view.t - finding.since > 3 * SECOND for finding in stands)


PICTURES = (
    Picture("screen", SessionRequest("bounded_buffer", {"consume": "20"}), _after(12)),
    Picture("deadlock", SessionRequest("philosophers"), _deadlock),
    Picture("timeline", SessionRequest("pipeline"), _after(8), ("t", "v")),
    Picture("drops", SessionRequest("udp_overflow"), _after(8)),
)
"""Those of a run; the picker and the race are screens of their own."""


def draw_all(folder: Path) -> Iterator[Path]:
    """Draw every picture into the folder, and tell each file when it is there; raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    yield _written(folder / "picker.svg", _picker())
    for picture in PICTURES:
        yield _written(folder / f"{picture.name}.svg", _run(picture))
    yield _written(folder / "race.svg", _race())


def _written(file: Path, svg: str) -> Path:
    file.write_text(svg, encoding="utf-8")
    return file


def _run(picture: Picture) -> str:
    feed = Feed(LiveSource(picture.request))

    def ready(app: IpcvizApp) -> bool:
        view = feed.view()
        return picture.moment(view) or view.t > LONGEST or view.status in ("ended", "refused")

    return draw(lambda app: app.run_screen(feed, picture.request), SIZE, ready, picture.keys)


def _picker() -> str:
    from ipcviz.tui.screens.home import Home

    def ready(app: IpcvizApp) -> bool:
        home = app.screen
        return isinstance(home, Home) and home.offer is not None

    return draw(lambda app: app.home(), SIZE, ready, ("down",) * 11)


def _race() -> str:
    from ipcviz import commands_race, listing
    from ipcviz.tui.screens.race import Race

    request = SessionRequest("bounded_buffer", {"produce": "0", "consume": "0"}, seconds=8)
    racer = commands_race.racer_of(request, ["pipe", "unix-stream", "shm", "tcp"], [], False, "json")
    about = {known["name"]: known["about"] for known in listing.mechanisms()}
    try:
        return draw(lambda app: Race(racer, about, app.look), SIZE, lambda app: racer.over)
    finally:
        racer.close()
