"""The demos: what their functions compute, and that each runs on every mechanism that can carry it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import zlib
from itertools import islice
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from helpers.runs import run, summary_of
from hypothesis import given
from hypothesis import strategies as st

from ipcviz import catalog, ends
from ipcviz import events as ev
from ipcviz.choice import able_for_all
from ipcviz.mechanisms import MECHANISMS


def _module(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"demo_{name}", catalog.find(name))
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


pipeline, philosophers, request_reply, worker_pool, bounded_buffer = map(
    _module, ("pipeline", "philosophers", "request_reply", "worker_pool", "bounded_buffer")
)


def topology_of(name: str, **settings: Any) -> Any:
    demo = catalog.load(catalog.find(name))
    return catalog.build(demo, catalog.values(demo, {key: str(value) for key, value in settings.items()}))


class Into:
    """A sender that keeps what it is given."""

    def __init__(self, largest: int = 1000) -> None:
        self.largest = largest
        self.sent: list[bytes] = []

    def send(self, payload: bytes, timeout: float | None = None) -> None:
        assert len(payload) <= self.largest
        self.sent.append(payload)


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was reported, the latest of each name."""
    kept: dict[str, Any] = {}
    monkeypatch.setattr(ends, "_reporter", kept.update)
    return kept


# ---- pipeline ------------------------------------------------------------------------------------------

LINES = st.lists(
    st.tuples(st.sampled_from([b" ", b"\t", b"  ", b"\r", b"\x0b"]), st.binary(min_size=1, max_size=20))
).map(lambda parts: b"".join(space + word for space, word in parts).replace(b"\n", b""))


@given(LINES, st.integers(22, 80))
def test_no_word_is_lost_when_a_line_is_cut(line: bytes, size: int) -> None:
    cut = pipeline.pieces(line, size)
    assert all(len(piece) <= size for piece in cut)
    assert [word for piece in cut for word in piece.split()] == line.split()
    assert len(cut) >= 1
    if len(line) <= size:
        assert cut == [line]


@given(st.binary(max_size=60).map(lambda word: b"x" + word.replace(b" ", b"")), st.integers(5, 20))
def test_a_word_that_is_too_long_still_counts_as_one(word: bytes, size: int) -> None:
    word = b"".join(word.split())
    cut = pipeline.pieces(b"a " + word + b" b", size)
    assert all(len(piece) <= size for piece in cut)
    assert sum(len(piece.split()) for piece in cut) == 3


@pytest.mark.parametrize("stages", [1, 2, 3, 7])
def test_every_line_is_counted_by_one_stage(stages: int, tmp_path: Path, reports: dict[str, Any]) -> None:
    text = tmp_path / "text"
    text.write_bytes(b"one two three\n\n  four\n> five six\n" * 10 + b"7 words: 8\n" + b"w " * 500)
    lines = Into(200)
    pipeline.read(text, lines, 0)
    for stage in range(stages):
        onward = Into(400)
        pipeline.count(lines.sent, onward, stage, stages)
        lines = onward
    assert all(pipeline.COUNTED.match(line) for line in lines.sent)
    pipeline.total(lines.sent)
    assert reports["words"] == len(text.read_bytes().split())
    assert reports["missing"] == 0


@pytest.mark.parametrize("stages", [1, 3])
def test_a_line_that_is_lost_or_damaged_is_missing_and_no_more(stages: int, reports: dict[str, Any]) -> None:
    lines = [b"line %d: one two" % number for number in range(1, 31)]
    del lines[3], lines[9]
    lines[15] = b"\x93" + lines[15][1:]
    for stage in range(stages):
        onward = Into()
        pipeline.count(lines, onward, stage, stages)
        lines = onward.sent
        if stage == 0:
            del lines[5]
    pipeline.total(lines)
    assert reports == {"words": 52, "lines": 26, "missing": 4}


def test_nothing_to_count(reports: dict[str, Any]) -> None:
    pipeline.total([])
    assert reports == {"words": 0, "lines": 0, "missing": 0}


# ---- the others ----------------------------------------------------------------------------------------


@given(st.integers(2, 100_000))
def test_prime_factors(number: int) -> None:
    factors = request_reply.prime_factors(number)
    product = 1
    for factor in factors:
        product *= factor
        assert all(factor % divisor for divisor in range(2, int(factor**0.5) + 1))
    assert product == number
    assert factors == sorted(factors)


def test_the_factors_of_one() -> None:
    assert request_reply.prime_factors(1) == []


def test_a_wrong_answer_and_none_at_all_are_noticed(reports: dict[str, Any]) -> None:
    answers: list[bytes | None] = [b"2", b"2 3", None, b"\xca", b"2 3", b"", b"2 2 2", b"3 3", b"0", b"11"]

    class Answers:
        def call(self, payload: bytes, timeout: float | None = None) -> bytes:
            if not answers:
                raise KeyboardInterrupt
            answer = answers.pop(0)
            if answer is None:
                raise TimeoutError
            return answer

    with pytest.raises(KeyboardInterrupt):
        request_reply.ask(Answers(), 1, 1, 0, 1)
    assert reports == {"asked": 10, "lost": 1, "wrong": 4}


def test_what_is_no_number_has_no_factors() -> None:
    replies: list[bytes] = []
    requests = [SimpleNamespace(payload=text, reply=replies.append) for text in (b"12", b"\xce2", b"")]
    request_reply.answer(requests, 0)
    assert replies == [b"2 2 3", b"0", b"0"]


def test_a_result_that_is_damaged_is_no_file(reports: dict[str, Any]) -> None:
    worker_pool.collect([b"3 0000000f a", b"\xcc 0000000f a", b"3 000000\xcf0 a", b"unreadable - b"])
    assert reports == {"files": 1, "bytes": 3, "unreadable": 3, "checksum": "0000000f"}


def test_an_order_that_is_damaged_is_told(reports: dict[str, Any]) -> None:
    orders = list(islice(bounded_buffer.written(1, 60), 10))
    orders[3] = b"\x90" + orders[3][1:]
    bounded_buffer.empty(orders, 0)
    assert reports == {"orders": 10, "pieces": sum(n % 7 + 1 for n in range(1, 11) if n != 4), "damaged": 1}


@pytest.mark.parametrize("size", [48, 492, 4000])
@pytest.mark.parametrize("number", [1, 32])
def test_orders_are_numbered_and_of_one_size(size: int, number: int) -> None:
    orders = list(islice(bounded_buffer.written(number, size), 2000))
    assert {len(order) for order in orders} == {size}
    for n, order in enumerate(orders, 1):
        assert order.startswith(b"order %d-%d for %d pieces " % (number, n, n % 7 + 1))


def test_the_smallest_order_is_what_the_parameter_allows() -> None:
    demo = catalog.load(catalog.find("bounded_buffer"))
    sizes = {parameter.name: parameter.type for parameter in demo.parameters}
    assert sizes["size"] == "int from 48 to 4000"


def test_size_and_checksum_of_a_file(tmp_path: Path) -> None:
    for content in (b"", b"x", os.urandom(200_000)):
        (tmp_path / "file").write_bytes(content)
        assert worker_pool.measure(tmp_path / "file") == (len(content), zlib.crc32(content))


def test_a_folder_is_handed_out_checked_and_collected(tmp_path: Path, reports: dict[str, Any]) -> None:
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    contents = {"a": b"1", "in/b c": b"22", "in/deeper/é": b"", "in/deeper/\udcff": b"333"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    files, results = Into(), Into()
    worker_pool.hand_out(tmp_path, files, 0)
    assert sorted(map(os.fsdecode, files.sent)) == sorted(contents)
    worker_pool.check(tmp_path, [*files.sent, b"gone"], results)
    worker_pool.collect(results.sent)
    combined = 0
    for content in contents.values():
        combined ^= zlib.crc32(content)
    assert reports == {"files": 4, "bytes": 6, "unreadable": 1, "checksum": f"{combined:08x}"}


@pytest.mark.parametrize("n", [2, 5, 20])
def test_every_fork_lies_between_two(n: int) -> None:
    for strategy in ("naive", "ordered", "waiter"):
        topology = topology_of("philosophers", n=n, strategy=strategy)
        taken = [
            tuple(fork.lock for fork in process.arguments[:2]) for process in topology.processes.values()
        ]
        around = [{f"fork {k + 1}", f"fork {(k + 1) % n + 1}"} for k in range(n)]
        assert [set(forks) for forks in taken] == around
        numbers = [tuple(int(fork.split()[1]) for fork in forks) for forks in taken]
        if strategy == "ordered":
            assert all(first < second for first, second in numbers)
        else:
            assert [first for first, _ in numbers] == list(range(1, n + 1))
        assert ("waiter" in topology.locks) is (strategy == "waiter")
        if strategy == "waiter":
            assert topology.locks["waiter"].count == n - 1
            assert len(topology.locks["waiter"].users) == n


class Fork:
    """A lock that notes what is done with it, and ends the meal after so many."""

    def __init__(self, name: str, log: list[str], most: int) -> None:
        self.name, self.log, self.most = name, log, most

    def __enter__(self) -> Fork:
        self.most -= 1
        if self.most < 0:
            raise KeyboardInterrupt
        self.log.append(f"take {self.name}")
        return self

    def __exit__(self, *error: object) -> None:
        self.log.append(f"give {self.name}")


def test_a_philosopher_takes_both_forks_in_order_and_gives_them_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(philosophers.time, "sleep", lambda seconds: None)
    log: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        philosophers.dine(Fork("a", log, 2), Fork("b", log, 9), Fork("seat", log, 9), 0.1, 0)
    meal = ["take seat", "take a", "take b", "give b", "give a", "give seat"]
    assert log == [*meal, *meal, "take seat", "give seat"]


@pytest.mark.parametrize(("hesitate", "longest"), [(0, 0), (0.01, 1), (10, 10)])
def test_dinner_can_go_on_for_hours(monkeypatch: pytest.MonkeyPatch, hesitate: float, longest: float) -> None:
    slept: list[float] = []
    monkeypatch.setattr(philosophers.time, "sleep", slept.append)
    with pytest.raises(KeyboardInterrupt):
        philosophers.dine(Fork("a", [], 5000), Fork("b", [], 9999), None, hesitate, 0)
    pauses = slept[1::3]
    assert len(pauses) == 5000
    assert pauses[0] == hesitate
    assert pauses == sorted(pauses)
    assert pauses[-1] == longest


# ---- runs ----------------------------------------------------------------------------------------------


def well(events: list[ev.AnyEvent], flood: bool = False) -> ev.Summary:
    """Nobody failed, and every message is accounted for (samples of a flood are not); the summary."""
    summary = summary_of(events)
    assert [event for event in events if isinstance(event, ev.ProcessExited) and event.failed] == []
    for channel in summary.channels:
        assert channel.sent == channel.received + channel.in_flight
        assert channel.lost == 0
    assert [finding for finding in summary.findings if finding.kind != "backlog"] == []
    assert flood or summary.stream.lost == 0
    return summary


def nothing_left(runtime: Path, events: list[ev.AnyEvent]) -> None:
    """Neither processes nor names in the system, nor the run's list."""
    pids = [event.pid for event in events if isinstance(event, ev.ProcessStarted)]
    assert pids
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
    assert not runtime.exists()


QUICK = ("pipe", "unix-stream", "posix-mq", "shm", "fifo", "tcp", "file")
CARRIED = [
    (name, mechanism)
    for name in ("bounded_buffer", "pipeline", "request_reply", "worker_pool")
    for mechanism in able_for_all(topology_of(name))
    if mechanism in QUICK  # test_matrix.py has all of them
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "mechanism"), CARRIED)
def test_a_demo_on_a_mechanism(name: str, mechanism: str, own_runtime: Path) -> None:
    events = run(name, mechanism=mechanism, seconds=1)
    summary = well(events)
    assert {channel.mechanism for channel in summary.channels} == {mechanism}
    assert all(channel.received > 0 for channel in summary.channels)
    nothing_left(own_runtime, events)


@pytest.mark.parametrize("strategy", ["ordered", "waiter"])
def test_philosophers_who_share(strategy: str, own_runtime: Path) -> None:
    events = run("philosophers", settings={"strategy": strategy, "n": 3}, seconds=1)
    summary = well(events)
    assert sum(lock.acquisitions for lock in summary.locks) > 0
    nothing_left(own_runtime, events)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("bounded_buffer", {"producers": 1, "consumers": 1, "produce": 0, "consume": 0}),
        ("worker_pool", {"rate": 0, "workers": 2}),
        ("request_reply", {"rate": 0, "work": 0, "clients": 2}),
    ],
)
@pytest.mark.parametrize("mechanism", ["posix-mq", "shm", "unix-seqpacket"])
def test_a_demo_as_fast_as_it_goes(name: str, settings: Any, mechanism: str, own_runtime: Path) -> None:
    events = run(name, mechanism=mechanism, settings=settings, seconds=0.7)
    summary = well(events, flood=True)
    assert all(channel.received > 5 for channel in summary.channels)
    nothing_left(own_runtime, events)


LOSSLESS = [
    name for name, entry in MECHANISMS.items() if entry.traits.lossless and "channel" in entry.traits.kinds
]
TEXTS = {
    "empty": b"",
    "no newline at the end": b"one two\nthree",
    "blank lines and spaces": b"\n\n  \n\t a  b\t\tc \n \x0b\x0c x\n",
    "long lines": (b"word " * 4000 + b"\n") * 3 + b"x" * 20_000 + b" end\n",
    "carriage returns": b"one two\r\nthree\r\n\r\nfour\rfive\r\n",
    "other scripts": "é-accent 안녕-a naïve über-x 日本a\n".encode() * 20,
    "looks like ours": b"line 1: a b\nline 2, 3 words: c d\nline 3: \n: \n",
}


@pytest.mark.parametrize(
    ("mechanism", "stages"),
    [
        pytest.param(mechanism, stages, marks=[] if (mechanism, stages) == ("pipe", 3) else pytest.mark.slow)
        for mechanism in LOSSLESS
        for stages in (1, 3)
    ],
)
def test_the_words_are_those_of_wc(mechanism: str, stages: int, tmp_path: Path, own_runtime: Path) -> None:
    text = tmp_path / "text"
    for name, content in TEXTS.items():
        text.write_bytes(content)
        settings = {"text": text, "stages": stages, "rate": 0}
        events = run("pipeline", mechanism=mechanism, settings=settings)
        summary = well(events)
        assert summary.reports["printer"]["words"] == _wc(text), name
        assert all(channel.in_flight == 0 for channel in summary.channels)


def test_long_lines_pass_from_a_wide_mechanism_into_a_narrow_one(tmp_path: Path, own_runtime: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(TEXTS["long lines"])
    mechanisms = {"lines": "pipe", "counts": "posix-mq"}
    events = run("pipeline", settings={"text": text, "rate": 0}, mechanisms=mechanisms)
    assert well(events).reports["printer"]["words"] == _wc(text)


def _wc(text: Path) -> int:
    command = ["wc", "-w", str(text)]
    told = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C"})
    return int(told.stdout.split()[0])


def test_a_report_of_anything_does_not_end_the_run(tmp_path: Path, own_runtime: Path) -> None:
    demo = tmp_path / "mine.py"
    demo.write_text(
        "from ipcviz import Topology, report\n"
        "def build():\n"
        "    topology = Topology('mine')\n"
        "    topology.process('one', tell)\n"
        "    return topology\n"
        "def tell():\n"
        "    report(found=[1, 2], none=None, much=float('inf'), name='caf\\udce9')\n"
    )
    summary = well(run(str(demo)))
    assert summary.reports["one"] == {
        "found": "[1, 2]",
        "none": None,
        "much": "inf",
        "name": "caf\\udce9",
    }
