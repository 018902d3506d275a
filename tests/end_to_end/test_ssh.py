"""Through a real sshd on loopback: a run inside a session, a remote run on this screen, and broken lines.

What crosses the line is counted and printed: `pytest -rP -m slow tests/end_to_end/test_ssh.py`.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.far import Far
from helpers.near import Near
from helpers.sshd import CannotServe, Sshd, Wire

pytestmark = pytest.mark.slow

IPCVIZ = [sys.executable, "-m", "ipcviz"]
NAMED = ("pipeline", "-m", "lines=posix-mq", "-m", "counts=shm")
"""A demo of which a queue, shared memory and a folder could be left behind."""
SIZES = [(80, 24), (120, 40)]
WITHIN_S = 3.0
"""How long after the line is gone something of the run may still be on the far side."""
COUNTED_S = 5.0


@pytest.fixture
def far(ipcviz, tmp_path: Path) -> Iterator[Far]:
    """A daemon; all that it starts belongs to `ipcviz`, after which nothing of it may be left."""
    environment = {
        "LANG": "C.UTF-8",
        "PYTHONWARNINGS": "error",
        "XDG_RUNTIME_DIR": str(ipcviz.runtime),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
    }
    with tempfile.TemporaryDirectory(prefix="sshd-") as folder:
        try:
            server = Sshd(Path(folder), environment)
        except CannotServe as reason:
            pytest.skip(str(reason))
        yield Far(server, ipcviz.runtime, ipcviz.processes)
        server.close()


@pytest.fixture
def wire(far: Far) -> Iterator[Wire]:
    made = Wire(far.server.port)
    yield made
    made.close()


@pytest.fixture
def near(tmp_path: Path) -> Iterator[Callable[..., Near]]:
    """Opens a terminal with a command in it."""
    opened: list[Near] = []
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "XDG_RUNTIME_DIR": str(tmp_path),
    }

    def start(command: list[str], columns: int = 80, rows: int = 24) -> Near:
        opened.append(Near(command, environment, columns, rows))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def piped(ssh: list[str], *play: str) -> list[str]:
    """What is typed to show a remote run here."""
    typed = f"{shlex.join(ssh)} | {shlex.join([*IPCVIZ, 'play', '-', *play])}"
    return ["sh", "-c", f"{typed}; echo left with $?"]


def counted(near: Near, wire: Wire, what: str) -> float:
    """Look on for some seconds, and print what crossed the line; bytes a second towards us."""
    near.read_for(0.5)  # what has come while the test looked at the picture
    down, up, drawn = wire.down, wire.up, near.bytes_read
    near.read_for(COUNTED_S)
    down, up, drawn = (int(n / COUNTED_S) for n in (wire.down - down, wire.up - up, near.bytes_read - drawn))
    print(f"{what}: {down:,} B/s from the far side, {up:,} B/s to it; the terminal got {drawn:,} B/s")
    return down


# ---- a run inside a session ------------------------------------------------------------------------------


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_run_in_a_session(far, wire, near, columns, rows) -> None:
    command = far.server.command("-tt", port=wire.port, remote=[*IPCVIZ, "run", "bounded_buffer"])
    here = near(command, columns, rows)
    here.until_shows("LIVE", "producer 1", "consumer")
    begun = len(here.written)
    down = counted(here, wire, f"bounded_buffer at {columns}x{rows}")
    frames = here.written.count(b"\x1b[?2026h", begun)
    assert COUNTED_S <= frames <= 4 * (COUNTED_S + 1), "four pictures a second"
    assert 0 < down < 6_000
    assert "•" not in here.text(), "nothing moves"
    here.type(b" ")
    assert here.until(lambda: "FROZEN" in here.text(), "FROZEN") < 2
    here.type(b"?")
    here.until_shows("Help", "Keys")
    here.type(b"?")
    here.until(lambda: "Keys" not in here.text(), "the picture without help")
    here.type(b"q")
    assert here.ended() == 0
    assert not any(b"\x1b[?%dh" % mode in here.written for mode in (1000, 1002, 1003, 1006)), "the mouse"
    here.check_restored()
    here.until(far.nothing_is_left)


def test_a_terminal_that_becomes_larger_in_a_session(far, near) -> None:
    here = near(far.server.command("-tt", remote=[*IPCVIZ, "run", "pipeline"]))
    here.until_shows("LIVE", "reader")
    assert "Findings" not in here.text()
    here.resize(120, 40)
    here.until_shows("Findings", "following")
    here.type(b"q")
    assert here.ended() == 0
    here.check_restored()


@pytest.mark.parametrize("end", ["near", "far", "line"])
def test_a_session_that_breaks_leaves_nothing(far, wire, near, end) -> None:
    """The terminal's modes are ssh's to restore; the main screen is out of reach of the far side."""
    here = near(far.server.command("-tt", port=wire.port, remote=[*IPCVIZ, "run", *NAMED]))
    here.until_shows("LIVE", "printer")
    far.shows_a_run()
    broken(end, far, wire, here)
    here.until(far.nothing_is_left, "an empty far side", WITHIN_S)
    status = here.ended()
    if end != "near":
        assert status == 255
        assert here.has_its_modes()


def broken(end: str, far: Far, wire: Wire, here: Near) -> None:
    """Kill -9 at one end, or the line between them."""
    if end == "near":
        os.kill(here.pid_of("ssh"), signal.SIGKILL)
    elif end == "far":
        for pid in far.server.sessions():
            os.kill(pid, signal.SIGKILL)
    else:
        wire.cut()


# ---- a remote run on this side ---------------------------------------------------------------------------


def test_a_recording_is_the_same_on_both_sides(far, ipcviz, tmp_path) -> None:
    made = tmp_path / "made.ipcz"
    run = [*IPCVIZ, "run", "pipeline", "--seconds", "2", "--json", "--record", str(made)]
    there = subprocess.run(far.server.command("-n", remote=run), capture_output=True, check=True)
    typed = shlex.join(far.server.command("-n", remote=["cat", str(made)]))
    here = subprocess.run(
        ["sh", "-c", f"{typed} | {shlex.join([*IPCVIZ, 'play', '-', '--json'])}"],
        capture_output=True,
        check=True,
        env=ipcviz.environment,
    )
    told, played = (json.loads(out.splitlines()[-1]) for out in (there.stdout, here.stdout))
    assert told["type"] == "summary"
    assert told["channels"][0]["received"] > 10
    assert played == told


@pytest.mark.parametrize("option", ["-n", "-nC"])
@pytest.mark.parametrize("output", ["--json", "--plain"])
def test_a_remote_run_without_a_screen(far, wire, ipcviz, option, output) -> None:
    record = [*IPCVIZ, "record", "pipeline", "-o", "-", "--seconds", "6"]
    ssh = subprocess.Popen(far.server.command(option, port=wire.port, remote=record), stdout=subprocess.PIPE)
    begun = time.monotonic()
    play = [*IPCVIZ, "play", "-", output]
    here = subprocess.run(play, stdin=ssh.stdout, capture_output=True, env=ipcviz.environment, check=True)
    assert ssh.stdout is not None
    ssh.stdout.close()
    assert ssh.wait() == 0
    rate = wire.down / (time.monotonic() - begun)
    print(f"record pipeline -o -, ssh {option}: {rate:,.0f} B/s from the far side, all counted")
    assert rate < 10_000
    assert here.stderr == b""
    last = here.stdout.splitlines()[-1]
    if output == "--json":
        assert json.loads(last)["channels"][0]["received"] > 50
    else:
        assert len(here.stdout.splitlines()) > 5


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_remote_run_on_this_screen(far, wire, near, columns, rows) -> None:
    record = [*IPCVIZ, "record", "pipeline", "-o", "-"]
    here = near(piped(far.server.command("-n", port=wire.port, remote=record)), columns, rows)
    here.until_shows("LIVE from", "printer")
    assert counted(here, wire, f"record pipeline -o -, shown at {columns}x{rows}") < 10_000
    for shown in ("FROZEN", "LIVE from") * 3:
        here.type(b" ")
        here.until_shows(shown)
    here.type(b"q")
    here.until_shows("left with 0")
    here.ended()
    here.check_restored()
    here.until(far.nothing_is_left, "an empty far side", WITHIN_S)


def test_ssh_must_not_take_the_keys(far, near) -> None:
    here = near(piped(far.server.command(remote=[*IPCVIZ, "record", "pipeline", "-o", "-"])))
    here.until_shows("left with 2")
    assert "ssh reads this terminal, too" in here.text()
    assert b"\x1b[?1049h" not in here.written
    here.ended()
    here.until(far.nothing_is_left, "an empty far side", WITHIN_S)


def test_ssh_may_ask_before_the_screen_opens(far, near, tmp_path) -> None:
    asking = ("-o", "StrictHostKeyChecking=ask", "-o", f"UserKnownHostsFile={tmp_path}/none")
    here = near(piped(far.server.command("-n", *asking, remote=[*IPCVIZ, "record", "pipeline", "-o", "-"])))
    here.until_shows("Are you sure you want to continue connecting")
    here.read_for(1)
    assert b"\x1b[?1049h" not in here.written
    here.type(b"yes\n")
    here.until_shows("LIVE from")
    here.type(b"q")
    here.ended()
    here.check_restored()


def test_an_ssh_that_cannot_connect(far, near) -> None:
    here = near(piped(far.server.command("-n", port=1, remote="true")))
    here.until_shows("left with 2")
    assert "Connection refused" in here.text()
    assert "The stream is empty" in here.text()
    assert b"\x1b[?1049h" not in here.written


@pytest.mark.parametrize("end", ["near", "far", "line"])
def test_a_stream_that_breaks(far, wire, near, end) -> None:
    record = [*IPCVIZ, "record", *NAMED, "-o", "-"]
    here = near(piped(far.server.command("-n", port=wire.port, remote=record)))
    here.until_shows("LIVE from", "printer")
    far.shows_a_run()
    broken(end, far, wire, here)
    here.until(far.nothing_is_left, "an empty far side", WITHIN_S)
    here.until_shows("STREAM CUT", "The stream was cut. This is what came")
    # What ssh and the shell have said of it is drawn over again.
    here.until(lambda: here.text().startswith(" pipeline"), "the whole picture")
    here.type(b"q")
    here.until_shows("left with 0")
    here.ended()
    here.check_restored()
    assert "ipcviz: The stream: It was cut; everything up to 00:" in here.after_the_screen()


@pytest.mark.parametrize("output", [("run", "--json"), ("run", "--plain"), ("record", "-o", "-")])
def test_a_run_without_a_terminal_ends_with_its_connection(far, output) -> None:
    command, *options = output
    remote = [*IPCVIZ, command, *NAMED, *options]
    ssh = subprocess.Popen(far.server.command("-n", remote=remote), stdout=subprocess.PIPE)
    assert ssh.stdout is not None
    assert ssh.stdout.read(100)
    far.shows_a_run()
    ssh.kill()
    begun = time.monotonic()
    while not far.nothing_is_left():
        assert time.monotonic() - begun < WITHIN_S, "something is left on the far side"
        time.sleep(0.02)
    ssh.stdout.close()
    ssh.wait()


def test_a_line_that_goes_silent(far, wire, near) -> None:
    """Nobody is told until the connection is given up; the screen says that nothing comes."""
    record = [*IPCVIZ, "record", *NAMED, "-o", "-"]
    here = near(piped(far.server.command("-n", port=wire.port, remote=record)))
    here.until_shows("LIVE from", "printer")
    far.shows_a_run()
    wire.hold()
    here.until_shows("SILENT for 4 s")
    wire.cut()
    here.until(far.nothing_is_left, "an empty far side", WITHIN_S)
    here.until_shows("STREAM CUT")
    here.type(b"q")
    here.ended()
    here.check_restored()
