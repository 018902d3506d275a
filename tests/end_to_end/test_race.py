"""`ipcviz race` as a person has it: lines of JSON and of text, wrong use, signals, and the screen."""

from __future__ import annotations

import json
import os
import select
import signal
import struct
import sys
import termios
import time
from fcntl import ioctl

import pyte
import pytest

FLOOD = ("--set", "produce=0", "--set", "consume=0", "--set", "producers=1")
SHORT = ("echo", "--set", "rate=0", "--set", "lines=200", "--set", "clients=2")


def of(result, kind):
    return [event for event in result.events if event["type"] == kind]


def all_lanes_run(event) -> bool:
    """Messages have come in every lane; on a busy machine one may begin seconds after the other."""
    return event["type"] == "race_second" and all(lane["count"] for lane in event["lanes"])


@pytest.mark.parametrize("how", [(), ("--in-turn",)])
def test_finite_work_is_raced_to_the_finish(ipcviz, how) -> None:
    result = ipcviz("race", *SHORT, "-m", "pipe", "-m", "unix-stream", "--json", *how)
    assert (result.status, result.err) == (0, "")
    first, *_, last = result.events
    assert first["type"] == "race_started"
    assert first["how"] == ("in turn" if how else "at once")
    assert first["lanes"] == ["pipe", "unix-stream"]
    begun = [event["mechanisms"] for event in of(result, "race_lane_started")]
    assert (begun if how else sorted(begun)) == [["pipe"], ["unix-stream"]]
    assert last["type"] == "race_summary"
    assert last["to_the_finish"]
    assert [(lane["lane"], lane["count"], lane["state"]) for lane in last["lanes"]] == [
        ("pipe", 800, "finished"),
        ("unix-stream", 800, "finished"),
    ]
    pipe, stream = last["lanes"]
    assert stream["ratio"] == pytest.approx(pipe["age_s"] / stream["age_s"], rel=0.001)
    assert sorted(lane["place"] for lane in last["lanes"]) == [1, 2]
    assert last["decided"]
    assert last["status"] == 0


@pytest.mark.slow
def test_endless_work_is_compared_over_one_window(ipcviz) -> None:
    result = ipcviz(
        "race", "bounded_buffer", *FLOOD, "-m", "pipe", "-m", "posix-mq", "--seconds", "4", "--json"
    )
    assert (result.status, result.err) == (0, "")
    last = result.events[-1]
    assert not last["to_the_finish"]
    for lane in last["lanes"]:
        assert lane["state"] == "cut"
        assert lane["rate"] > 0
        assert lane["count"] >= lane["rate"]
        assert 0 < lane["window_s"] <= 3.1
        assert lane["p50_us"] is not None
        assert lane["switches"] is not None
    pipe, queue = last["lanes"]
    assert queue["ratio"] == pytest.approx(queue["rate"] / pipe["rate"], rel=0.01)
    seconds = of(result, "race_second")
    assert seconds
    assert all({"lane", "state", "age_s", "count", "rate", "ratio"} == set(s["lanes"][0]) for s in seconds)


@pytest.mark.slow
def test_locks_are_raced_too(ipcviz) -> None:
    result = ipcviz(
        *("race", "philosophers", "--set", "n=3", "--set", "strategy=ordered"),
        *("-l", "flock", "-l", "robust-mutex", "--seconds", "1.5", "--json"),
    )
    assert (result.status, result.err) == (0, "")
    assert result.events[-1]["unit"] == "acquisitions"
    assert [lane["mechanisms"] for lane in result.events[-1]["lanes"]] == [["flock"], ["robust-mutex"]]
    assert all(lane["count"] > 0 for lane in result.events[-1]["lanes"])


def test_lines_of_text_say_who_and_what_decided(ipcviz) -> None:
    result = ipcviz("race", *SHORT, "-m", "pipe", "-m", "unix-stream", "--plain")
    assert (result.status, result.err) == (0, "")
    assert "echo: pipe, unix-stream, at once" in result.out
    assert result.out.count("has finished after") == 2
    assert "to pipe" in result.out
    assert "finished first" in result.out or "took as long as each other" in result.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pipeline", "--json"), "two lanes at least"),
        (("pipeline", "-m", "pipe", "--json"), "two lanes at least"),
        (("pipeline", "-m", "pipe", "-m", "nope", "--json"), "There is no mechanism 'nope'"),
        (("worker_pool", "-m", "shm", "-m", "pipe", "--json"), "cannot run on pipe"),
        (("nothing", "-m", "shm", "-m", "pipe", "--json"), "nothing"),
        (("pipeline", "-m", "pipe", "-m", "shm", "--set", "rate=x", "--json"), "'rate' cannot be 'x'"),
        (("pipeline", "-m", "pipe", "-m", "pipe+shm", "--json"), "says twice"),
        (("pipeline", "-m", "pipe", "-m", "shm", "--json", "--plain"), "exclude each other"),
        (("pipeline", "-m", "pipe", "-m", "shm", "--json", "--seconds", "0"), "more than 0"),
        (("pipeline", "-m", "pipe", "-m", "shm"), "not a terminal"),
    ],
)
def test_wrong_use_is_one_sentence_and_nothing_is_started(ipcviz, arguments, words) -> None:
    result = ipcviz("race", *arguments)
    assert (result.status, result.out) == (2, "")
    assert words in result.err
    assert result.err.count("\n") == 1


def test_a_lane_that_crashes_leaves_the_others_racing(ipcviz) -> None:
    demo = ipcviz.demo(
        """
        import time

        def build():
            topology = Topology("brittle")
            channel = topology.channel("c")
            topology.process("p", fill, channel.sender)
            topology.process("q", empty, channel.receiver)
            return topology

        def fill(channel):
            for n in range(300):
                time.sleep(0.002)
                channel.send(b"x")
                if channel.largest > 100_000 and n == 50:
                    raise ValueError("this one is too large for me")

        def empty(channel):
            report(received=sum(1 for _ in channel))
        """
    )
    result = ipcviz("race", demo, "-m", "posix-mq", "-m", "tcp", "-m", "sysv-mq", "--json")
    states = {lane["lane"]: lane["state"] for lane in result.events[-1]["lanes"]}
    assert states == {"posix-mq": "finished", "tcp": "failed", "sysv-mq": "finished"}
    assert result.status == 1
    assert "too large for me" in result.err
    assert "tcp is out of the race: p failed" in result.events[-1]["decided"][0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_runs_and_the_figures_are_told(ipcviz, number) -> None:
    run = ipcviz.start("race", "bounded_buffer", *FLOOD, "-m", "pipe", "-m", "shm", "--json")
    run.until(all_lanes_run)
    assert len(ipcviz.processes()) > 6
    run.send(number)
    result = run.end()
    assert result.status == 128 + number
    assert result.events[-1]["type"] == "race_summary"
    assert [lane["state"] for lane in result.events[-1]["lanes"]] == ["cut", "cut"]


def test_a_reader_that_leaves_ends_all_runs(ipcviz) -> None:
    run = ipcviz.start("race", "bounded_buffer", *FLOOD, "-m", "pipe", "-m", "shm", "--json")
    run.until(lambda event: event["type"] == "race_lane_started")
    run.process.stdout.close()
    assert run.process.wait(20) == 128 + signal.SIGPIPE
    assert run.process.stderr.read() == b""


def test_killed_it_leaves_nothing_running(ipcviz) -> None:
    run = ipcviz.start("race", "bounded_buffer", *FLOOD, "-m", "pipe", "-m", "shm", "--json")
    run.until(all_lanes_run)
    run.send(signal.SIGKILL)
    assert run.end().status == -signal.SIGKILL


class Screen:
    """The race in a terminal."""

    def __init__(self, ipcviz, *arguments: str) -> None:
        self.main, side = os.openpty()
        ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.screen = pyte.Screen(120, 40)
        self.screen.write_process_input = lambda answer: os.write(self.main, answer.encode())
        self._stream = pyte.ByteStream(self.screen)
        take = "import fcntl,os,sys,termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
        program = [sys.executable, "-c", f"{take}; os.execv(sys.argv[1], sys.argv[1:])", *ipcviz.program]
        self.run = ipcviz.start(
            *("race", *arguments),
            program=program,
            environment={"TERM": "xterm-256color"},
            **dict.fromkeys(("stdin", "stdout", "stderr"), side),
        )
        os.close(side)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, *words: str) -> None:
        """Read until all of these are on the screen."""
        deadline = time.monotonic() + 30
        while not all(word in self.text for word in words):
            assert time.monotonic() < deadline, self.text
            self._read()

    def press(self, keys: str) -> None:
        os.write(self.main, keys.encode())

    def ended(self) -> int:
        """Read until it has ended; its status."""
        deadline = time.monotonic() + 20
        while self.run.process.poll() is None:
            assert time.monotonic() < deadline, self.text
            self._read()
        return self.run.process.returncode

    def _read(self) -> None:
        if select.select([self.main], [], [], 0.1)[0]:
            try:
                self._stream.feed(os.read(self.main, 1 << 16))
            except OSError:
                time.sleep(0.05)  # the other side has closed


@pytest.mark.slow
def test_the_screen_from_start_to_end(ipcviz) -> None:
    screen = Screen(ipcviz, "bounded_buffer", *FLOOD, "-m", "pipe", "-m", "posix-mq")
    screen.until("LIVE", "race of bounded_buffer", "1x")
    screen.until("--in-turn runs each alone.", "What decides")
    screen.press(" ")
    screen.until("FROZEN")
    screen.press(" ")
    screen.until("LIVE")
    screen.press("r")
    screen.until("Warming up")
    screen.press("q")
    assert screen.ended() == 0
    os.close(screen.main)


def test_a_terminal_that_is_lost_ends_all_runs(ipcviz) -> None:
    screen = Screen(ipcviz, "bounded_buffer", *FLOOD, "-m", "pipe", "-m", "shm")
    screen.until("LIVE")
    os.close(screen.main)
    screen.run.process.wait(20)


def test_help_says_how(ipcviz) -> None:
    result = ipcviz("race", "--help")
    assert result.status == 0
    for word in ("--in-turn", "--json", "--plain", "Example", "joined by +", "Exit status"):
        assert word in result.out


def test_every_line_of_json_has_its_type(ipcviz) -> None:
    result = ipcviz("race", *SHORT, "-m", "pipe", "-m", "tcp", "--json")
    assert {json.loads(line)["type"] for line in result.out.splitlines()} <= {
        *("race_started", "race_lane_started", "race_second", "race_finding", "race_lane_ended"),
        "race_summary",
    }
