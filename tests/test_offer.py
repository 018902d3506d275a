"""What can be chosen of a demo, and the command that does the same: checked against those who decide."""

from __future__ import annotations

import dataclasses
import shlex
import subprocess
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from ipcviz import catalog, choice, headless, offering
from ipcviz.cli import ipcviz
from ipcviz.command_line import command_line, command_words
from ipcviz.events import SessionStarted
from ipcviz.mechanisms import LOCKS, MECHANISMS
from ipcviz.offer import Offer, offer, preview
from ipcviz.offering import Asking, Question
from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource

MINE = '''"""Two of mine, who talk."""
import helper
from ipcviz import Receiver, Sender, Topology

def build(rate: float = 5) -> Topology:
    """`rate` a second."""
    topology = Topology("mine")
    chat = topology.channel("chat")
    topology.process("one", helper.say, chat.sender, rate)
    topology.process("two", helper.say, chat.receiver)
    return topology
'''
HEAD = "from ipcviz import Topology\n"


def built(name: str):
    demo = catalog.load(catalog.find(name))
    return catalog.build(demo, catalog.values(demo, {}))


@pytest.mark.parametrize("name", catalog.names())
def test_every_demo_can_be_offered_and_run_as_it_is(name: str) -> None:
    told = offer(SessionRequest(name))
    demo, topology = catalog.load(catalog.find(name)), built(name)
    assert (told.sentence, told.wrong, told.detail) == ("", "", "")
    assert (told.about, told.look) == (demo.about, demo.look)
    assert [(p.name, p.type) for p in told.parameters] == [(p.name, p.type) for p in demo.parameters]
    assert told.session is not None
    assert told.session.processes == list(topology.processes)
    assert [lock.name for lock in told.session.locks] == list(topology.locks)
    assert told.channels == list(topology.channels)
    assert msgspec.json.decode(msgspec.json.encode(told), type=Offer) == told


@pytest.mark.parametrize("name", catalog.names())
def test_a_candidate_has_a_reason_exactly_if_the_choice_refuses_it(name: str) -> None:
    told, topology = offer(SessionRequest(name)), built(name)
    assert [item.name for item in told.mechanisms] == (list(MECHANISMS) if topology.channels else [])
    assert [item.name for item in told.locks] == (list(LOCKS) if topology.locks else [])
    for item in told.mechanisms:
        assert bool(item.reason) == refused(SessionRequest(name, mechanisms={"": item.name})), item
    for item in told.locks:
        assert bool(item.reason) == refused(SessionRequest(name, locks={"": item.name})), item


def refused(request: SessionRequest) -> bool:
    try:
        carried = choice.choose_channels(built(request.demo), request.mechanisms)
        choice.choose_locks(built(request.demo), request.locks, carried)
    except choice.ChoiceError:
        return True
    return False


def test_a_default_offered_as_text_is_taken_as_the_default() -> None:
    for name in catalog.names():
        demo = catalog.load(catalog.find(name))
        typed = {parameter.name: parameter.default for parameter in offer(SessionRequest(name)).parameters}
        assert catalog.values(demo, typed) == catalog.values(demo, {})


def test_values_and_bounds_are_those_of_the_parameter() -> None:
    parameters = {p.name: p for p in offer(SessionRequest("philosophers")).parameters}
    assert (parameters["n"].whole, parameters["n"].lowest, parameters["n"].highest) == (True, 2, 20)
    assert parameters["strategy"].values == ["naive", "ordered", "waiter"]
    assert not parameters["hesitate"].whole
    assert {p.name: p.values for p in offer(SessionRequest("priority_queue")).parameters}["priorities"] == [
        "yes",
        "no",
    ]


def test_a_wrong_value_is_told_in_the_catalogs_words_and_leaves_the_others_alone() -> None:
    told = offer(SessionRequest("philosophers", {"n": "1", "strategy": "ordered"}))
    demo = catalog.load(catalog.find("philosophers"))
    with pytest.raises(catalog.CatalogError) as caught:
        catalog.values(demo, {"n": "1"})
    assert told.sentence == str(caught.value)
    assert told.wrong == "parameters"
    assert told.session is None
    assert [parameter.error for parameter in told.parameters] == [str(caught.value), "", ""]


def test_a_wrong_choice_is_told_and_the_picture_stays() -> None:
    told = offer(SessionRequest("pipeline", mechanisms={"": "tcp:nodelay=perhaps"}))
    assert told.wrong == "mechanisms"
    assert "cannot be 'perhaps'" in told.sentence
    assert told.session is not None
    assert not next(item for item in told.mechanisms if item.name == "shm").reason
    told = offer(SessionRequest("philosophers", locks={"fork 1": "robust-mutx"}))
    assert (told.wrong, told.session is not None) == ("locks", True)


def test_a_reason_is_the_traits_objection_of_the_channel_that_was_asked_about() -> None:
    told = offer(SessionRequest("word_count"), channel="files")
    reasons = {item.name: item.reason for item in told.mechanisms}
    assert reasons["pipe"] == "files has 3 receivers and it carries one"
    assert not reasons["posix-mq"]
    told = offer(SessionRequest("word_count"), channel="totals")
    assert not {item.name: item.reason for item in told.mechanisms}["pipe"]
    assert told.preferred == "pipe"


def test_what_is_wrong_elsewhere_is_not_held_against_a_candidate() -> None:
    told = offer(SessionRequest("word_count", mechanisms={"totals": "no such thing"}), channel="files")
    assert told.wrong == "mechanisms"
    assert not {item.name: item.reason for item in told.mechanisms}["posix-mq"]


@pytest.mark.parametrize(
    ("name", "mechanisms", "locks"),
    [
        ("request_reply", {"": "pipe"}, {}),
        ("sleeping_barber", {}, {"seats": "sysv-sem"}),
        ("lost_update", {}, {}),
    ],
)
def test_the_preview_is_what_the_run_then_says(
    name: str, mechanisms: dict[str, str], locks: dict[str, str]
) -> None:
    request = SessionRequest(name, mechanisms=mechanisms, locks=locks)
    told = offer(request).session
    source = LiveSource(request)
    try:
        first = None
        while first is None and not source.over:
            source.wait(None)
            first = next((event for event in source.take() if isinstance(event, SessionStarted)), None)
    finally:
        source.close()
    assert told is not None
    assert first is not None
    assert comparable(first) == comparable(told)


def comparable(session: SessionStarted) -> SessionStarted:
    """Without what only a run can know."""
    blank = preview(built("ring"), (), ())
    channels = [msgspec.structs.replace(info, largest=0, address="") for info in session.channels]
    known = {name: getattr(blank, name) for name in ("host", "started_at", "tick", "parameters")}
    return msgspec.structs.replace(session, channels=channels, **known)


REQUESTS = [
    SessionRequest("pipeline"),
    SessionRequest("bounded_buffer", {"consume": "10"}, {"": "shm"}),
    SessionRequest("nagle", {}, {"": "tcp:nodelay=no,sndbuf=4096"}),
    SessionRequest("star", {"text": "/a b/it's.txt"}, {"": "pipe", "to Ada": "posix-mq:messages=2"}),
    SessionRequest("philosophers", {"n": "7", "strategy": "waiter"}, {}, {"": "flock", "fork 1": "ofd"}),
    SessionRequest("echo", {"prefix": "", "clients": "2"}),
    SessionRequest("./my demo;rm -rf.py", {"prefix": '$HOME `id` "x" \\ a=b !1 ~ # 한글 🎉'}),
    SessionRequest("/tmp/x/-y.py", {"prefix": "evil\x1b[31m\t'\\"}),
    SessionRequest("./~root.py", seconds=2.5),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.demo)
def test_the_command_line_parses_to_the_same_request(
    request_: SessionRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[SessionRequest] = []
    monkeypatch.setattr(headless, "run", lambda request, *_: taken.append(request) or 0)
    assert command_line(request_).isprintable()
    words = command_words(request_)
    if all(map(str.isprintable, words)):
        assert shlex.split(command_line(request_)) == words
    shell = ["bash", "-c", f"printf '%s\\0' {command_line(request_)}"]
    typed = subprocess.run(shell, capture_output=True, check=True).stdout.decode().split("\0")[:-1]
    assert typed == words
    ran = CliRunner().invoke(ipcviz, [*typed[1:], "--json"])
    assert ran.exit_code == 0, ran.output
    assert [msgspec.structs.replace(request, tick=request_.tick) for request in taken] == [request_]


def test_a_command_that_needs_no_quotes_has_none() -> None:
    request = SessionRequest("bounded_buffer", {"consume": "10"}, {"": "shm"})
    assert command_line(request) == "ipcviz run bounded_buffer -m shm --set consume=10"
    request = SessionRequest("echo", {"prefix": "you said: "})
    assert command_line(request) == "ipcviz run echo --set prefix='you said: '"


def asked(path: Path) -> Offer:
    return Asking(Question(SessionRequest(str(path)))).answer()


def test_a_file_of_ones_own_is_asked_about_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("def say(*_): pass\n")
    (tmp_path / "mine.py").write_text("import os\nos.write(1, b'noise')\nprint('noise')\n" + MINE)
    told = asked(tmp_path / "mine.py")
    assert told.sentence == ""
    assert told.session is not None
    assert told.session.processes == ["one", "two"]
    assert told.meaning == "`rate` a second."


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import os\nos._exit(3)\n", "ended the process that ran it, with status 3."),
        ("import os\nos.kill(os.getpid(), 9)\n", "ended the process that ran it, with status -9."),
        ("def build(:\n", "line 2"),
        ("raise ValueError('no good')\n", "line 2: ValueError: no good."),
        ("def build(): return 7\n", "`build` returned 7, which is not a Topology."),
        ("x = 1\n", "has no function `build`"),
    ],
)
def test_whatever_a_file_does_is_told(tmp_path: Path, source: str, sentence: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(HEAD + source)
    told = asked(path)
    assert sentence in told.sentence
    assert (told.wrong, told.session) == ("demo", None)


def test_a_file_that_is_never_done_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offering, "PATIENCE_S", 0.6)
    path = tmp_path / "mine.py"
    path.write_text(HEAD + "while True: pass\n")
    asking = Asking(Question(SessionRequest(str(path))))
    assert "was not done" in asking.answer().sentence
    assert asking.process.returncode is not None


def test_who_no_longer_wants_an_answer_gets_one_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(HEAD + "while True: pass\n")
    asking = Asking(Question(SessionRequest(str(path))))
    asking.give_up()
    assert "ended the process" in asking.answer().sentence
    asking.give_up()


def test_a_default_that_is_not_there_is_an_error_of_that_parameter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = catalog.load(catalog.find("echo"))
    gone = dataclasses.replace(
        real,
        parameters=tuple(
            dataclasses.replace(p, default=tmp_path / "gone.txt") if p.name == "text" else p
            for p in real.parameters
        ),
    )
    monkeypatch.setattr(catalog, "load", lambda path: gone)
    told = offer(SessionRequest("echo", {"clients": "2"}))
    assert [p.name for p in told.parameters if p.error] == ["text"]
    assert "is not there" in told.sentence
    assert told.wrong == "parameters"
