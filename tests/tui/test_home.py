"""The home screen, driven as a person drives it; what it tells the app, and what it draws at every size."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot

from ipcviz import catalog
from ipcviz.listing import GROUPS
from ipcviz.recording import shipped
from ipcviz.runtime.request import SessionRequest
from ipcviz.tui.home import entries as listed
from ipcviz.tui.home.demo_list import DemoList, age
from ipcviz.tui.home.mechanisms import Locks, Mechanisms
from ipcviz.tui.home.parameters import Parameters
from ipcviz.tui.home.part import Part
from ipcviz.tui.home.prose import prose
from ipcviz.tui.home.still_picture import StillPicture
from ipcviz.tui.lines import width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panel import Panel
from ipcviz.tui.screens.home import Home

SIZES = [(60, 15), (80, 24), (100, 30), (120, 40), (200, 50)]
LOOKS = [Look(), Look("plain"), Look("ascii"), Look(colours=False)]
DEMO = '''"""{about}"""
from pathlib import Path
from ipcviz import Receiver, Sender, Topology
Path(__file__).with_suffix(".ran").touch()

def build(rate: float = 5) -> Topology:
    """`rate` a second."""
    topology = Topology("mine")
    chat = topology.channel("chat")
    topology.process("one", print, chat.sender, rate)
    topology.process("two", print, chat.receiver)
    return topology
'''


class HomeApp(App[int]):
    """Keeps what the home screen tells it."""

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None

    def __init__(self, folder: Path, look: Look) -> None:
        super().__init__()
        self.home = Home(look, folder)
        self.told: list[SessionRequest | Path | str] = []

    def on_mount(self) -> None:
        self.push_screen(self.home)

    def on_home_chosen(self, message: Home.Chosen) -> None:
        self.told.append(message.request)

    def on_home_raced(self, message: Home.Raced) -> None:
        self.told += [lane.label for lane in message.lanes]

    def on_home_opened(self, message: Home.Opened) -> None:
        self.told.append(message.path)

    def on_home_left(self, message: Home.Left) -> None:
        self.told.append("left")


class Person:
    """Presses keys and waits for what comes of them."""

    def __init__(self, app: HomeApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot, self.home = app, pilot, app.home

    async def until(self, condition: Callable[[], Any], what: str = "") -> None:
        until = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < until, f"{what or 'it'} never came:\n{self.text()}"
            await self.pilot.pause(0.01)

    async def known(self) -> None:
        """Until what was chosen last is known."""
        await self.until(lambda: self.home.offer is not None, "the offer")
        await self.quiet()

    async def quiet(self) -> None:
        """Until nothing is being asked or drawn any more."""
        picture = self.part(StillPicture)
        await self.pilot.pause()
        await self.until(lambda: not self.home.is_asking and not picture.is_drawing, "quiet")
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """All at once, as a paste or a fast person does."""
        for key in keys:
            self.app.simulate_key(key)
        await self.pilot.pause()

    async def choose(self, name: str) -> None:
        self.part(DemoList).paste(name)
        await self.until(lambda: self.chosen == name, name)
        await self.known()

    def part(self, kind: type[Any]) -> Any:
        """A part by its very class: kinds of lock are mechanisms, too."""
        return next(part for part in self.home.query(kind) if type(part) is kind)

    @property
    def chosen(self) -> str:
        entry = self.part(DemoList).chosen
        return entry.title if entry else ""

    @property
    def request(self) -> SessionRequest:
        assert self.home.request is not None
        return self.home.request

    def rows(self) -> list[str]:
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    def text(self) -> str:
        return "\n".join(self.rows())


@pytest.fixture
async def person(request: pytest.FixtureRequest, tmp_path: Path):
    size, look = getattr(request, "param", ((120, 40), Look()))
    app = HomeApp(tmp_path, look)
    async with app.run_test(size=size) as pilot:
        someone = Person(app, pilot)
        await someone.until(lambda: someone.part(DemoList).loaded, "the list")
        await someone.known()
        yield someone


async def test_the_frames_are_there_before_anything_is_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ipcviz.tui.screens.home.everything", lambda folder: time.sleep(0.5) or [])
    app = HomeApp(tmp_path, Look())
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Loading the demos" in Person(app, pilot).text()
        assert not app.home.query_one(DemoList).loaded


async def test_all_demos_are_listed_in_the_order_of_the_course(person: Person) -> None:
    rows = [row[:32] for row in person.rows()]
    text = "\n".join(rows)
    assert all(name in text for name in catalog.names())
    places = [next(number for number, row in enumerate(rows) if f" {group} " in row) for group in GROUPS]
    assert places == sorted(places)
    assert person.chosen == "pipeline"
    assert "25 demos" in person.rows()[0] or f"{len(catalog.names())} demos" in person.rows()[0]


async def test_the_chosen_demo_is_drawn_with_its_words_parameters_and_mechanisms(person: Person) -> None:
    text = person.text()
    for word in ("reader", "counter", "printer", "Three processes in a row", "Look at the channels"):
        assert word in text
    for word in ("int from 1 to 12", "as the demo prefers (pipe)", "unix-seqpacket", "ipcviz run pipeline"):
        assert word in text
    assert "does not carry a channel: xmlrpc" in text


async def test_what_is_typed_narrows_the_list_and_chooses_the_best(person: Person) -> None:
    await person.press(*"ring")
    assert person.chosen == "ring"
    titles = [entry.title for entry in person.part(DemoList).shown_entries]
    await person.press("escape")
    assert len(person.part(DemoList).shown_entries) == len(catalog.names()) + len(shipped.names())
    assert person.chosen == "ring"
    assert "fan_in" not in titles  # of "Sharing work"
    await person.press("escape", *"lock dead")
    assert "philosophers" in [entry.title for entry in person.part(DemoList).shown_entries]


async def test_nothing_found_says_so_and_what_may_be_meant(person: Person) -> None:
    await person.press(*"philosofers")
    told = " ".join(row[1:31].strip() for row in person.rows())
    assert "Nothing here has philosofers. Did you mean philosophers? Esc shows all again." in told
    await person.press("enter", "down", "tab", "pagedown")
    assert person.app.told == []
    await person.press("escape")
    await person.known()
    assert person.chosen


async def test_enter_runs_what_is_chosen(person: Person) -> None:
    await person.choose("ring")
    await person.press("enter")
    await person.until(lambda: person.app.told)
    (told,) = person.app.told
    assert told == person.request
    assert (told.demo, told.settings, told.mechanisms) == ("ring", {}, {})


async def test_enter_before_it_is_known_runs_as_soon_as_it_is(person: Person) -> None:
    await person.press("down", "enter")
    await person.until(lambda: person.app.told)
    assert person.app.told == [person.request]
    assert person.request.demo == person.chosen != "pipeline"


async def test_what_is_typed_at_once_goes_where_it_would_go_one_by_one(person: Person) -> None:
    await person.press(*"ring", "tab", "9", "tab", *"tcp", "shift+tab", "down", *"0.2", "enter", "enter")
    await person.until(lambda: person.app.told)
    assert person.app.told == [
        SessionRequest("ring", {"n": "9", "work": "0.2"}, {"": "tcp"}, tick=person.request.tick)
    ]


async def test_escape_goes_back_one_thing_at_a_time_and_then_leaves(person: Person) -> None:
    await person.choose("ring")
    await person.press("tab", "1", "2")
    assert person.request.settings == {"n": "12"}
    await person.press("escape")
    assert person.request.settings == {}
    await person.press("escape", "escape")
    assert person.app.told == []
    assert person.part(DemoList).is_current
    await person.press("escape")
    assert person.app.told == ["left"]


async def test_a_value_is_typed_over_the_old_one_and_enter_takes_it_before_it_runs(person: Person) -> None:
    await person.choose("ring")
    await person.press("tab", "down", "0", ".", "2", "5", "backspace")
    await person.quiet()
    assert "ipcviz run ring --set work=0.2" in person.text()
    await person.press("enter")
    assert person.app.told == []
    await person.press("enter")
    assert person.app.told == [person.request]
    assert person.request.settings == {"work": "0.2"}


async def test_a_wrong_value_is_told_in_place_and_is_not_run(person: Person) -> None:
    await person.choose("ring")
    await person.press("tab", "9", "9", "enter")
    await person.quiet()
    assert "cannot be '99'" in person.text()
    assert "hop 1" in person.text()
    await person.press("escape", "enter")
    assert person.app.told == []
    assert person.part(Parameters).is_current
    await person.press("delete")
    await person.quiet()
    assert "cannot be" not in person.text()
    await person.press("enter")
    assert person.app.told == [person.request]


async def test_the_arrows_go_through_whole_numbers_and_few_values_and_the_picture_follows(
    person: Person,
) -> None:
    await person.choose("philosophers")
    await person.press("tab", "left", "left", "left", "left", "down", "right")
    assert person.request.settings == {"n": "2", "strategy": "ordered"}
    await person.quiet()
    assert "fork 2" in person.text()
    assert "fork 3" not in person.text()
    await person.press("left")
    assert person.request.settings == {"n": "2"}


async def test_going_to_a_mechanism_chooses_it(person: Person) -> None:
    await person.press("tab", "tab", "right", "right")
    await person.quiet()
    assert person.request.mechanisms == {"": "unix-stream"}
    assert "ipcviz run pipeline -m unix-stream" in person.text()
    await person.press(*"tc")
    assert person.request.mechanisms == {"": "tcp"}
    await person.press("delete")
    assert person.request.mechanisms == {}


async def test_options_are_typed_behind_a_colon(person: Person) -> None:
    await person.press("tab", "tab", *"tcp", ":", *"nodelay=perhaps")
    await person.quiet()
    assert "cannot be 'perhaps'" in person.text()
    assert "TCP_NODELAY" in person.text()
    await person.press("ctrl+w", *"tcp:nodelay=no", "enter")
    await person.quiet()
    assert person.request.mechanisms == {"": "tcp:nodelay=no"}
    assert "ipcviz run pipeline -m tcp:nodelay=no" in person.text()
    await person.press(":", *"x", "escape")
    assert person.request.mechanisms == {"": "tcp:nodelay=no"}


async def test_one_channel_can_have_another_mechanism(person: Person) -> None:
    part = person.part(Mechanisms)
    await person.press("tab", "tab", "right", "up", "right")
    assert part.target == "lines"
    await person.quiet()
    assert "as for all (pipe)" in person.text()
    await person.press("down", "right", "right")
    await person.quiet()
    assert person.request.mechanisms == {"": "pipe", "lines": "unix-stream"}
    assert "-m pipe -m lines=unix-stream" in person.text()


async def test_kinds_of_lock_are_chosen_likewise(person: Person) -> None:
    await person.choose("philosophers")
    await person.press("tab", "tab", "f")
    await person.quiet()
    assert person.part(Locks).is_current
    assert person.request.locks == {"": "flock"}
    assert "ipcviz run philosophers -l flock" in person.text()


async def test_tab_goes_through_what_there_is_and_round(person: Person) -> None:
    for name, kinds in (
        ("sleeping_barber", [Parameters, Mechanisms, Locks, DemoList]),
        ("philosophers", [Parameters, Locks, DemoList]),
        ("pipeline", [Parameters, Mechanisms, DemoList]),
    ):
        await person.press("escape") if person.part(DemoList).field.text else None
        await person.choose(name)
        for kind in kinds:
            await person.press("tab")
            assert person.part(kind).is_current
        await person.press("shift+tab")
        assert person.part(kinds[-2]).is_current
        await person.press("tab")


async def test_what_was_chosen_of_a_demo_is_still_chosen_later(person: Person) -> None:
    await person.press("tab", "down", "4", "enter", "tab", "t", "escape")
    await person.press("down")
    await person.known()
    assert (person.request.settings, person.request.mechanisms) == ({}, {})
    await person.press("up")
    await person.known()
    assert (person.request.settings, person.request.mechanisms) == ({"stages": "4"}, {"": "tcp"})


async def test_the_mouse_chooses_and_a_double_click_runs(person: Person) -> None:
    row = next(number for number, text in enumerate(person.rows()) if " ring " in text[:32])
    await person.pilot.click(offset=(8, row))
    await person.known()
    assert person.chosen == "ring"
    rows = person.rows()
    at = next((text.index(" shm "), y) for y, text in enumerate(rows) if " shm " in text)
    await person.pilot.click(offset=(at[0] + 1, at[1]))
    await person.pilot.pause()
    assert person.request.mechanisms == {"": "shm"}
    assert person.part(Mechanisms).is_current
    await person.pilot.click(offset=(8, row), times=2)
    await person.until(lambda: person.app.told)
    assert person.app.told == [person.request]


async def test_the_command_can_be_copied(person: Person) -> None:
    await person.choose("ring")
    await person.press("tab", "7", "ctrl+y")
    assert person.app.clipboard == "ipcviz run ring --set n=7"


async def test_the_help_tells_the_keys_of_this_screen(person: Person) -> None:
    await person.press("f1")
    assert "Copy the command that runs the same." in person.text()
    await person.press("escape")
    assert person.app.screen is person.home
    assert person.app.told == []


async def test_own_demos_run_when_they_are_chosen_and_never_before(person: Person, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(DEMO.format(about="Two of mine."))
    (tmp_path / "other.py").write_text("import ipcviz\n")
    person.home.on_screen_resume()
    await person.until(lambda: "Yours" in person.text())
    await person.quiet()
    assert "mine.py" in person.text()
    assert "other.py" not in person.text()
    assert "1 of yours" in person.rows()[0]
    assert not (tmp_path / "mine.ran").exists()
    await person.press("home")
    await person.known()
    assert (tmp_path / "mine.ran").exists()
    assert "Two of mine." in person.text()
    assert person.request.demo == str(tmp_path / "mine.py")
    await person.press("tab", "7", "enter", "enter")
    await person.until(lambda: person.app.told)
    assert person.app.told == [person.request]
    assert person.request.settings == {"rate": "7"}


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def build(:\n", "line 2: invalid syntax"),
        ("import os\nos._exit(4)\ndef build(): pass\n", "with status 4"),
        ("def build(): raise ValueError('\\x1b[31m no')\n", "ValueError: \\x1b[31m no."),
    ],
)
async def test_an_own_demo_that_fails_says_why_in_place_of_its_picture(
    person: Person, tmp_path: Path, source: str, sentence: str
) -> None:
    (tmp_path / "bad.py").write_text("from ipcviz import Topology\n" + source)
    person.home.on_screen_resume()
    await person.until(lambda: "bad.py" in person.text())
    await person.press("home")
    await person.known()
    assert sentence in " ".join(row[32:].strip(" │") for row in person.rows())
    await person.press("enter", "tab", "enter")
    assert person.app.told == []


async def test_recordings_are_listed_the_newest_first_and_opened(person: Person, tmp_path: Path) -> None:
    for name, ago, size in (("old", 7_200, 100), ("new", 60, 2_000_000)):
        path = tmp_path / f"{name}.ipcz"
        path.write_bytes(bytes(size))
        os.utime(path, (time.time() - ago,) * 2)
    (tmp_path / "folder.ipcz").mkdir()
    os.mkfifo(tmp_path / "pipe.ipcz")
    person.home.on_screen_resume()
    await person.until(lambda: f"{2 + len(shipped.names())} recorded" in person.rows()[0])
    await person.press(*"recordings")
    rows = [row for row in person.rows() if " min" in row[:32] or " 2 h" in row[:32]]
    assert "new" in rows[0]
    assert "1.9 MiB  1 min" in rows[0]
    assert "100 B  2 h" in rows[1]
    await person.press("ctrl+u", *"new", "enter")
    assert person.app.told == [tmp_path / "new.ipcz"]


async def test_of_a_recording_the_command_that_plays_it_is_shown(person: Person, tmp_path: Path) -> None:
    (tmp_path / "my talk.ipcz").write_bytes(bytes(100))
    person.home.on_screen_resume()
    await person.until(lambda: "recorded" in person.rows()[0])
    for name, end in (("my talk", "/my talk.ipcz'"), ("torn_read", "ipcviz play torn_read")):
        await person.press("ctrl+u", *name)
        await person.press("end")
        await person.until(lambda: any("$ ipcviz play" in row for row in person.rows()[-4:]))
        await person.press("ctrl+y")
        assert person.app.clipboard.startswith("ipcviz play ")
        assert person.app.clipboard.endswith(end)
        assert "Ctrl+R" not in person.rows()[-1]
        assert "Tab" not in person.rows()[-1]


@pytest.mark.parametrize("person", [(size, Look()) for size in SIZES], indirect=True, ids=str)
async def test_every_size_shows_the_list_the_picture_and_the_command(person: Person) -> None:
    rows = person.rows()
    width, height = person.app.size
    assert len(rows) == height
    assert all(cell_len(row) == width for row in rows)
    assert "ipcviz" in rows[0]
    assert "$ ipcviz run pipeline" in rows[-2]
    assert "Enter run" in rows[-1]
    assert "quit" in rows[-1]
    shown = [part for part in person.home.query(Panel) if part.display]
    assert {type(part) for part in shown} >= {DemoList, StillPicture}
    taken = [part.region for part in shown]
    assert all(not a.overlaps(b) for number, a in enumerate(taken) for b in taken[number + 1 :])
    assert sum(region.area for region in taken) == width * (height - 3)
    for _ in range(3):
        await person.press("tab")
        shown = [part for part in person.home.query(Part) if part.display]
        (current,) = [part for part in shown if part.is_current]
        assert current.display


@pytest.mark.parametrize("person", [((80, 24), look) for look in LOOKS], indirect=True, ids=str)
async def test_every_glyph_set_draws_only_what_it_has(person: Person) -> None:
    text = person.text()
    await person.press("tab", "9", "9", "9")
    await person.quiet()
    text += person.text()
    await person.press("escape", "tab", "t", ":", "x")
    await person.quiet()
    text += person.text()
    if person.home.look.glyphs == "ascii":
        assert text.isascii()
    if person.home.look.glyphs == "plain":
        signs = dict.fromkeys(map(ord, "►◄•♦↑↓→←↔▲▼"))  # codes below 32 of that character set
        assert text.translate(signs).encode("cp437")


@pytest.mark.parametrize("person", [((50, 12), Look())], indirect=True, ids=str)
async def test_a_terminal_that_is_too_small_is_told_the_size(person: Person) -> None:
    assert "ipcviz needs 60x15; this is 50x12." in person.text()
    await person.pilot.resize_terminal(80, 24)
    await person.until(lambda: "ipcviz run pipeline" in person.text())


async def test_names_that_a_terminal_would_obey_are_shown(person: Person, tmp_path: Path) -> None:
    name = "a\x1b[31m 한글 🎉" + "x" * 90
    (tmp_path / f"{name}.py").write_text(DEMO.format(about="\\x1b]0;evil\\x07 " + "한" * 200))
    (tmp_path / f"{name}.ipcz").write_bytes(b"")
    person.home.on_screen_resume()
    await person.until(lambda: "Yours" in person.text())
    await person.press("home")
    await person.known()
    width = person.app.size.width
    assert all(row.isprintable() and cell_len(row) == width for row in person.rows())
    await person.press("end")
    assert all(row.isprintable() and cell_len(row) == width for row in person.rows())


async def test_a_hundred_own_demos_scroll(person: Person, tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"demo_{number:03}.py").write_text(DEMO.format(about=f"Number {number}."))
    person.home.on_screen_resume()
    await person.until(lambda: "100 of yours" in person.text())
    await person.press("home", "pagedown", "pagedown")
    await person.known()
    assert person.chosen.startswith("demo_0")
    assert person.chosen in person.text()
    await person.press("end")
    assert person.chosen == shipped.names()[-1]
    assert not list(tmp_path.glob("demo_09*.ran"))


async def test_many_parameters_scroll_and_none_says_so(person: Person, tmp_path: Path) -> None:
    many = ", ".join(f"parameter_number_{number}: int = {number}" for number in range(60))
    (tmp_path / "many.py").write_text(DEMO.replace("rate: float = 5", many).replace(", rate)", ")"))
    (tmp_path / "none.py").write_text(DEMO.replace("rate: float = 5", "").replace(", rate)", ")"))
    person.home.on_screen_resume()
    await person.until(lambda: "none.py" in person.text())
    await person.press("home", "down")
    await person.known()
    assert "Parameters" not in person.text()
    await person.press("tab")
    assert person.part(Mechanisms).is_current
    await person.press("escape", "up")
    await person.known()
    await person.press("tab", *["pagedown"] * 12, "1")
    assert person.request.settings == {"parameter_number_59": "1"}
    assert "60 of 60" in person.text()


def test_own_demos_are_told_by_their_syntax_alone(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(DEMO.format(about="First line.\n\nThen more."))
    (tmp_path / "whole.py").write_text("import ipcviz\n\n\ndef build() -> ipcviz.Topology: ...\n")
    (tmp_path / "unfinished.py").write_text("from ipcviz import Topology\ndef build(")
    (tmp_path / "inner.py").write_text("import ipcviz\nclass A:\n    def build(self): ...\n")
    (tmp_path / "named.py").write_text("# ipcviz\ndef build(): ...\n")
    (tmp_path / "bytes.py").write_bytes(b"ipcviz def build\xff\0")
    (tmp_path / ".hidden.py").write_text(DEMO)
    (tmp_path / "big.py").write_text(DEMO + "#" * (1 << 20))
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "fifo.py")
    (tmp_path / os.fsdecode(b"odd\xff.py")).write_text(DEMO)
    found = {entry.title: entry.about for entry in listed.own(tmp_path)}
    assert found == {"plain.py": "First line.", "whole.py": "", "unfinished.py": "", "bytes.py": ""}
    assert listed.own(tmp_path / "nowhere") == []
    assert listed.own(tmp_path, tmp_path) == []


def test_in_the_current_folder_a_file_is_typed_in_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "-x.py").write_text(DEMO)
    assert [entry.demo for entry in listed.own(tmp_path)] == [str(tmp_path / "-x.py")]
    monkeypatch.chdir(tmp_path)
    assert [entry.demo for entry in listed.own(tmp_path)] == ["./-x.py"]


def test_a_broken_demo_of_ours_breaks_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    real = catalog.build

    def build(demo: catalog.Demo, chosen: Any) -> Any:
        if demo.name == "ring":
            raise catalog.CatalogError("It is broken.")
        return real(demo, chosen)

    monkeypatch.setattr(catalog, "build", build)
    found = listed.shipped()
    assert found[-1].title == "ring"
    assert found[-1].group == listed.OTHERS
    assert len(found) == len(catalog.names())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "now"), (59, "now"), (60, "1 min"), (7_300, "2 h"), (864_000, "10 d"), (-5, "now")],
)
def test_ages(seconds: float, words: str) -> None:
    assert age(seconds) == words


@pytest.mark.parametrize("width", [12, 30, 80])
def test_prose_fits_and_loses_no_word(width: int) -> None:
    text = "Look at `lines`, and at `two words here`; 한글 " + "long" * 30 + " end."
    rows = prose(text, width)
    assert all(width_of(row) <= width for row in rows)
    told = "".join(part.strip() for row in rows for part, _ in row)
    assert told == text.replace("`", "").replace(" ", "")
    names = [part for row in rows for part, style in row if style == "accent"]
    assert names == ["lines", "two", "words", "here"]


async def test_ctrl_r_races_what_is_chosen(person: Person) -> None:
    await person.choose("philosophers")
    await person.press("ctrl+r")
    await person.until(lambda: len(person.app.told) > 1, "the race")
    assert person.app.told[0] == "posix-sem"
    assert len(set(person.app.told)) == len(person.app.told) == 5
