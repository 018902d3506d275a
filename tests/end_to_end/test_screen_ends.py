"""The screen in a real terminal: every way to end it, and how the terminal is afterwards."""

from __future__ import annotations

import fcntl
import json
import os
import re
import selectors
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyte
import pytest

from ipcviz.bench.tty import Tty

ROWS, COLUMNS = 24, 80
PATIENCE = 20.0
TAKE_THE_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "os.setsid()\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)


class Terminal:
    """A pseudo terminal with `ipcviz` in it, as the leader of a session of its own."""

    def __init__(
        self, ipcviz, *arguments: str, main: int, side: int, take=TAKE_THE_TERMINAL, program=()
    ) -> None:
        self.main = main
        self.written = b""
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.screen.write_process_input = lambda answer: os.write(main, answer.encode())
        self._stream = pyte.ByteStream(self.screen)
        self.side = side
        self.before = termios.tcgetattr(side)
        self.run = ipcviz.start(
            *arguments,
            program=[sys.executable, "-c", take, *(program or ipcviz.program)],
            environment={"TERM": "xterm-256color"},
            **dict.fromkeys(("stdin", "stdout", "stderr"), side),
        )

    def read(self, seconds: float) -> bool:
        """What has come; False if nothing did."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.main, selectors.EVENT_READ)
            if not selector.select(seconds):
                return False
        piece = os.read(self.main, 1 << 16)
        self.written += piece
        self._stream.feed(piece)
        return True

    def until_shown(self, *words: str) -> None:
        """Read until all of these are on the screen at once."""
        deadline = time.monotonic() + PATIENCE
        while not all(word in "\n".join(self.screen.display) for word in words):
            assert time.monotonic() < deadline, "\n".join(self.screen.display)
            self.read(0.1)

    def until_written(self, codes: bytes, begun: int) -> None:
        """Read until these have come, after the first `begun` bytes."""
        deadline = time.monotonic() + PATIENCE
        while codes not in self.written[begun:]:
            assert time.monotonic() < deadline, "\n".join(self.screen.display)
            self.read(0.1)

    def until_live(self) -> dict[str, int]:
        """Wait for the screen of a run that goes on; the pids of its workers by their order."""
        supervisor = self.run.find_supervisor()
        self.until_shown("LIVE")
        for file in self.run.runtime.glob(f"ipcviz/{supervisor}-*/ledger.jsonl"):
            entries = [json.loads(line) for line in file.read_text().splitlines()]
            self.run.queues |= {entry["name"] for entry in entries if entry.get("kind") == "posix-mq"}
        return [int(entry["name"]) for entry in entries if entry.get("kind") == "process"]

    def keys(self, typed: bytes) -> None:
        """Type."""
        os.write(self.main, typed)

    def end(self) -> int:
        """Read until the program has ended; its status."""
        deadline = time.monotonic() + PATIENCE
        while self.run.process.poll() is None:
            assert time.monotonic() < deadline, "\n".join(self.screen.display)
            self.read(0.05)
        while self.read(0):
            pass
        return self.run.process.returncode

    def check_restored(self) -> None:
        """The terminal is as it was before."""
        modes = {}
        for numbers, state in re.findall(rb"\x1b\[\?([\d;]+)([hl])", self.written):
            modes |= {int(number): state.decode() for number in numbers.split(b";")}
        assert modes.pop(1049) == "l", "the alternate screen"
        assert modes.pop(25) == "h", "the cursor"
        assert modes.pop(7, "h") == "h", "wrapping"
        modes.pop(2026, None)  # synchronized output: a frame at a time
        assert {number: state for number, state in modes.items() if state == "h"} == {}
        # Nothing is drawn over the shell's lines once the alternate screen is left.
        after = self.written[self.written.rindex(b"\x1b[?1049l") :]
        assert b"\x1b[2J" not in after
        assert termios.tcgetattr(self.side) == self.before
        assert _unread(self.side) == 0, "an answer of the terminal is left for the shell"

    def has_its_modes(self) -> bool:
        """The modes are those from before; what was written to it is another question."""
        return termios.tcgetattr(self.side) == self.before


@pytest.fixture
def terminal(ipcviz):
    """Opens a terminal with a run in it; `close` it to be gone as an SSH connection is."""
    opened: list[int] = []

    def start(*arguments: str, **keywords: Any) -> Terminal:
        main, side = os.openpty()
        opened.extend((main, side))
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        return Terminal(ipcviz, *arguments, main=main, side=side, **keywords)

    yield start
    ipcviz.close()
    for descriptor in opened:
        try:
            os.close(descriptor)
        except OSError:
            continue  # a test closed it


BUSY = ("run", "bounded_buffer", "-m", "posix-mq")


@pytest.mark.parametrize("mechanism", ["pipe", "unix-stream", "posix-mq", "shm"])
def test_q_ends_it(terminal, mechanism) -> None:
    screen = terminal("run", "pipeline", "-m", mechanism)
    screen.until_live()
    screen.until_shown("reader", "counter", "printer")
    screen.keys(b"q")
    assert screen.end() == 0
    screen.check_restored()


@pytest.mark.parametrize(
    ("arguments", "shown", "quit"),
    [
        (("run", "pipeline"), "LIVE", b"q"),
        (("play", "torn_read"), "REPLAY", b"q"),
        (("race", "pipeline", "-m", "pipe", "-m", "shm"), "LIVE", b"q"),
        ((), "pick one", b"\x11"),
    ],
)
def test_bytes_that_are_no_text_do_nothing(terminal, arguments, shown, quit) -> None:
    screen = terminal(*arguments)
    screen.until_shown(shown)
    screen.keys(b"\xe9")
    screen.keys(b"\xff\xc3")
    screen.keys(quit)
    assert screen.end() == 0
    screen.check_restored()


def test_after_the_end_the_screen_stays_and_says_so(terminal, gone) -> None:
    screen = terminal("run", "pipeline", "--set", "rate=0")
    screen.until_shown("ENDED", "printer")
    assert screen.run.process.poll() is None
    screen.keys(b"q")
    assert screen.end() == 0
    screen.check_restored()


def test_seconds_end_the_run_and_not_the_screen(terminal) -> None:
    screen = terminal(*BUSY, "--seconds", "0.5")
    screen.until_shown("ENDED")
    screen.keys(b"q")
    assert screen.end() == 0
    screen.check_restored()


def test_ctrl_c_ends_it(terminal) -> None:
    screen = terminal(*BUSY)
    screen.until_live()
    screen.keys(b"\x03")
    assert screen.end() in (0, 128 + signal.SIGINT)
    screen.check_restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it(terminal, number) -> None:
    screen = terminal(*BUSY)
    screen.until_live()
    screen.run.send(number)
    assert screen.end() == 128 + number
    screen.check_restored()


def test_paused_and_with_help_open_it_ends_all_the_same(terminal) -> None:
    screen = terminal(*BUSY)
    screen.until_live()
    screen.keys(b" ")
    screen.until_shown("FROZEN")
    screen.keys(b"?")
    screen.run.send(signal.SIGTERM)
    assert screen.end() == 128 + signal.SIGTERM
    screen.check_restored()


def test_the_terminal_is_gone(terminal, gone) -> None:
    screen = terminal(*BUSY)
    workers = screen.until_live()
    os.close(screen.main)
    within(3, lambda: all(map(gone, [screen.run.process.pid, screen.run.supervisor, *workers])))


@pytest.mark.slow
@pytest.mark.parametrize("key", [b"", b"q"])
def test_a_terminal_that_takes_no_more_output(terminal, until, gone, key) -> None:
    """As behind a dead connection, whose window is full."""
    screen = terminal(*BUSY, "--set", "produce=0", "--set", "consume=0")
    workers = screen.until_live()
    until(lambda: _sleeps_in_a_write(screen.run.process.pid) or _unread(screen.main) > 3000)
    if key:
        screen.keys(key)
    else:
        screen.run.send(signal.SIGTERM)
    until(lambda: screen.run.process.poll() is not None)
    assert screen.run.process.returncode == (0 if key else 128 + signal.SIGTERM)
    assert screen.has_its_modes()
    within(3, lambda: all(map(gone, [screen.run.supervisor, *workers])))


def within(seconds: float, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it took more than {seconds} s"
        time.sleep(0.002)


def _unread(descriptor: int) -> int:
    return struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0" * 4))[0]


def _sleeps_in_a_write(pid: int) -> bool:
    channels = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/wchan")]
    return any("tty_write" in channel for channel in channels)


SHELL = """
import fcntl, os, signal, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if not job:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    _, status = os.waitpid(job, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        break
    os.tcsetpgrp(0, os.getpgrp())
    mine = termios.tcgetattr(0)
    os.write(1, b"Stopped.")
    os.read(0, 10)
    os.tcsetpgrp(0, job)
    os.killpg(job, signal.SIGCONT)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Takes the terminal and runs one job in it, in the foreground again after Enter: what a shell does."""


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def job_of(screen: Terminal, until) -> dict[str, int]:
    """The pids of the program in that shell and of its supervisor, when its screen is there."""
    until(lambda: children(screen.run.process.pid))
    (job,) = children(screen.run.process.pid)
    until(lambda: job in children(screen.run.process.pid) and children(job))
    (screen.run.supervisor,) = children(job)
    screen.until_shown("LIVE")
    return {"screen": job, "supervisor": screen.run.supervisor}


def test_ctrl_z_leaves_for_the_shell_and_comes_back(terminal, until, gone) -> None:
    screen = terminal("run", "pipeline", take=SHELL)
    pids = job_of(screen, until)
    screen.keys(b"\x1a")
    screen.until_shown("Stopped.")
    screen.check_restored()
    assert not gone(pids["supervisor"])
    begun = len(screen.written)
    screen.keys(b"\n")
    screen.until_written(b"\x1b[?1049h", begun)
    screen.until_shown("LIVE", "reader", "counter", "printer", "quit")
    screen.keys(b"q")
    assert screen.end() == 0
    screen.check_restored()


def test_a_stop_that_nobody_could_see_is_not_taken_for_one_of_ours(terminal, until) -> None:
    screen = terminal("run", "pipeline", take=SHELL)
    pids = job_of(screen, until)
    os.kill(pids["screen"], signal.SIGSTOP)
    screen.until_shown("Stopped.")
    begun = len(screen.written)
    screen.keys(b"\r")  # the terminal is as the screen has set it: Enter is not yet translated
    screen.until_written(b"\x1b[?1049h", begun)
    screen.until_shown("LIVE", "reader", "counter", "printer", "quit")
    screen.keys(b"q")
    assert screen.end() == 0
    screen.check_restored()


def test_without_a_shell_ctrl_z_stops_nothing(terminal) -> None:
    screen = terminal("run", "pipeline")
    screen.until_live()
    screen.keys(b"\x1a ")
    screen.until_shown("FROZEN")
    screen.keys(b"q")
    assert screen.end() == 0
    screen.check_restored()


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGABRT, signal.SIGALRM, signal.SIGUSR1])
def test_a_signal_that_ends_it_at_once_gives_the_terminal_back(terminal, until, gone, number) -> None:
    screen = terminal("run", "pipeline")
    workers = screen.until_live()
    screen.run.send(number)
    assert screen.end() == -number
    # Nobody is left to take an answer of the terminal that is on its way.
    termios.tcflush(screen.side, termios.TCIFLUSH)
    screen.check_restored()
    until(lambda: all(map(gone, [screen.run.supervisor, *workers])))


WAITING = "Waiting for loop.py to say what it is; Ctrl+C ends it."


@pytest.fixture
def loop(ipcviz) -> None:
    """A topology's file that never says what it is."""
    (ipcviz.folder / "loop.py").write_text("while True:\n    pass\n")


@pytest.mark.usefixtures("loop")
@pytest.mark.parametrize(
    ("typed", "status"), [(b"q", 0), (b"\x03", 128 + signal.SIGINT), (b"\x1c", -signal.SIGQUIT)]
)
def test_while_a_demo_does_not_say_what_it_is_keys_end_it_and_are_not_shown(terminal, typed, status) -> None:
    screen = terminal("run", "loop.py")
    screen.until_shown(WAITING)
    screen.keys(b"x\xe9y")
    screen.keys(typed)
    assert screen.end() == status
    assert b"\x1b[?1049h" not in screen.written
    assert screen.has_its_modes()
    assert screen.screen.display[0].strip() == WAITING * (status != 0)


@pytest.mark.usefixtures("loop")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_wait_for_a_demo(terminal, number) -> None:
    screen = terminal("run", "loop.py")
    screen.until_shown(WAITING)
    screen.run.send(number)
    assert screen.end() == 128 + number
    assert screen.has_its_modes()


@pytest.mark.usefixtures("loop")
def test_the_wait_for_a_demo_stops_for_the_shell_and_comes_back(terminal) -> None:
    screen = terminal("run", "loop.py", take=SHELL)
    screen.until_shown(WAITING)
    screen.keys(b"\x1a")
    screen.until_shown("Stopped.")
    assert screen.has_its_modes()
    begun = len(screen.written)
    screen.keys(b"\n")
    screen.until_written(WAITING.encode(), begun)
    screen.keys(b"q")
    assert screen.end() == 0
    assert screen.has_its_modes()


def test_what_was_waited_for_leaves_no_line(terminal, ipcviz) -> None:
    demo = ipcviz.demo(
        """
        import os, time
        while not os.path.exists("go"):
            time.sleep(0.01)
        def build():
            topology = Topology("late")
            topology.process("late", time.sleep, 1000)
            return topology
        """
    )
    screen = terminal("run", demo)
    screen.until_shown("Waiting for mine.py to say what it is")
    (ipcviz.folder / "go").touch()
    screen.until_shown("LIVE")
    assert b"\r\x1b[K\x1b[?1049h" in screen.written
    screen.keys(b"q")
    assert screen.end() == 0
    screen.check_restored()


# The page of the speaker's notes, which is no screen of Textual.

NOTES = ("notes", "torn_read")


@pytest.mark.parametrize(("typed", "status"), [(b"q", 0), (b"\x1b", 0), (b"\x03", 130), (b"\x1c", -3)])
def test_keys_end_the_notes_and_others_are_not_shown(terminal, typed, status) -> None:
    screen = terminal(*NOTES)
    screen.until_shown("Waiting for the presentation")
    screen.keys(b"x\xe9y")
    screen.keys(typed)
    assert screen.end() == status
    screen.check_restored()
    assert b"y" not in screen.written.rpartition(b"--present")[2]


def test_the_notes_stop_for_the_shell_and_come_back(terminal) -> None:
    screen = terminal(*NOTES, take=SHELL)
    screen.until_shown("Waiting for the presentation")
    screen.keys(b"\x1a")
    screen.until_shown("Stopped.")
    screen.check_restored()
    begun = len(screen.written)
    screen.keys(b"\n")
    screen.until_written(b"\x1b[?1049h", begun)
    screen.until_shown("Waiting for the presentation")
    screen.keys(b"q")
    assert screen.end() == 0
    screen.check_restored()


def test_the_next_screen_removes_the_socket_of_a_presentation_that_was_killed(terminal, ipcviz) -> None:
    killed = terminal("play", "torn_read", "--present")
    killed.until_shown("PRESENTING")
    killed.run.send(signal.SIGKILL)
    killed.end()
    assert any("notes-" in path for path in ipcviz.left_behind())
    assert "would remove socket" in ipcviz("clean", "--dry-run").out
    screen = terminal("play", "torn_read")
    screen.until_shown("REPLAY")
    screen.keys(b"q")
    assert screen.end() == 0
    assert ipcviz.left_behind() == []


class Drawn(Tty):
    """A terminal at the end of a slow line, with somebody who looks at it."""

    def __init__(self, command, columns, rows, *arguments, **keywords) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        super().__init__(command, columns, rows, *arguments, **keywords)

    def took(self, piece: bytes) -> None:
        self._stream.feed(re.sub(rb"\x1b\[\?[\d;]*\$p", b"", piece))
        super().took(piece)

    def shows(self, word: str) -> bool:
        return any(word in row for row in self.screen.display)


@pytest.mark.slow
def test_keys_are_answered_within_a_second_on_a_slow_line(ipcviz) -> None:
    """20 KB a second, and a screen that would send several times as much if it did not wait."""
    environment = {**ipcviz.environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    command = [*ipcviz.program, "run", "ring", "--set", "n=20", "--set", "work=0", "--fps", "20"]
    tty = Drawn(command, 200, 50, environment, bytes_a_second=20_000)
    try:
        within(10, lambda: tty.read_for(0.05) and tty.shows("LIVE"))
        begun = tty.bytes_read
        tty.read_for(4)
        assert tty.bytes_read - begun > 40_000, "the line is not busy: this shows nothing"
        tty.type(b" ")
        within(1, lambda: tty.read_for(0.02) and tty.shows("FROZEN"))
        tty.type(b"q")
        within(PATIENCE, lambda: not tty.read_for(0.02) or tty.process.poll() is not None)
    finally:
        tty.close()
    assert tty.process.returncode == 0


FAULTY = (
    "import sys\n"
    "from ipcviz.tui.screens.run import RunScreen\n"
    "def tick(self):\n"
    "    if tick.calls == 5: raise ValueError('a fault of ours')\n"
    "    tick.calls += 1\n"
    "    true_tick(self)\n"
    "true_tick, tick.calls, RunScreen.tick = RunScreen.tick, 0, tick\n"
    "from ipcviz.cli import main\n"
    "main()\n"
)


def test_a_fault_of_ours_gives_the_terminal_back_and_leaves_nobody(terminal, gone) -> None:
    screen = terminal(*BUSY, program=[sys.executable, "-c", FAULTY])
    supervisor = screen.run.find_supervisor()
    assert screen.end() == 1
    assert b"a fault of ours" in screen.written
    screen.check_restored()
    within(3, lambda: gone(supervisor))


def test_the_screen_is_killed(terminal, until, gone) -> None:
    screen = terminal(*BUSY)
    workers = screen.until_live()
    screen.run.send(signal.SIGKILL)
    until(lambda: all(map(gone, [screen.run.supervisor, *workers])))


@pytest.mark.parametrize("victim", [0, 1, 2])
def test_a_worker_is_killed(terminal, victim) -> None:
    screen = terminal(*BUSY)
    workers = screen.until_live()
    os.kill(workers[victim], signal.SIGKILL)
    screen.until_shown("Failed process")
    screen.keys(b"q")
    assert screen.end() == 1
    screen.check_restored()


def test_the_supervisor_is_killed(terminal, until, gone) -> None:
    screen = terminal(*BUSY)
    workers = screen.until_live()
    os.kill(screen.run.supervisor, signal.SIGKILL)
    screen.until_shown("ENDED")
    until(lambda: all(map(gone, workers)))
    screen.keys(b"q")
    assert screen.end() == 1
    screen.check_restored()


def test_screen_and_supervisor_are_killed_and_clean_removes_the_rest(ipcviz, terminal, until, gone) -> None:
    screen = terminal(*BUSY)
    workers = screen.until_live()
    os.kill(screen.run.process.pid, signal.SIGSTOP)
    os.kill(screen.run.supervisor, signal.SIGKILL)
    screen.run.send(signal.SIGKILL)
    until(lambda: all(map(gone, [screen.run.supervisor, *workers])))
    (queue,) = screen.run.queues
    assert queue in ipcviz.left_behind()
    assert f"removed posix-mq {queue}\n" in ipcviz("clean").out
    assert ipcviz.left_behind() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("pipelin",), "did you mean pipeline?"), (("pipeline", "-m", "zzzz"), "no mechanism 'zzzz'")],
)
def test_wrong_use_opens_no_screen(terminal, arguments, words) -> None:
    screen = terminal("run", *arguments)
    assert screen.end() == 2
    assert words.encode() in screen.written
    assert b"\x1b[?1049h" not in screen.written
    assert b"Traceback" not in screen.written


FAILING = """
        def build():
            topology = Topology("failing")
            topology.process("p", fail)
            return topology
        def fail():
            raise ValueError("no{escape} good")
        """


def after_the_screen(ipcviz, terminal, escape: str) -> str:
    screen = terminal("run", ipcviz.demo(FAILING.format(escape=escape)))
    screen.until_shown("ENDED")
    screen.keys(b"q")
    assert screen.end() == 1
    return screen.written[screen.written.rindex(b"\x1b[?1006l") + 8 :].decode()


def test_a_demo_that_fails_shows_its_author_the_line_after_the_screen(ipcviz, terminal) -> None:
    after = after_the_screen(ipcviz, terminal, "")
    assert "p ended with status 1: ValueError: no good" in after
    assert "mine.py, line 8" in after
    assert 'raise ValueError("no good")' in after


def test_and_what_it_says_is_not_obeyed(ipcviz, terminal) -> None:
    after = after_the_screen(ipcviz, terminal, "\\x1b[2J")
    assert "p ended with status 1: ValueError: no\\x1b[2J good" in after
    assert "\x1b[2J" not in after
