"""`run --plain`: what a person reads in a log, or over a line that shows no screen."""

from __future__ import annotations

import re
import signal

import pytest

CHANNEL = re.compile(
    r"^00:0(\d)  (lines |counts)  pipe  +\d+/s  +[\d.]+ [KMG]?i?B/s  depth \d+ B of [\d.]+ KiB .*"
    r"p50 \S+ (µs|ms) p99 \S+ (µs|ms)  blocked send \S+ % receive \S+ %$"
)


def test_a_line_for_each_channel_every_second(ipcviz) -> None:
    result = ipcviz("run", "pipeline", "--plain", "--seconds", "2.5")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0].startswith("00:00  pipeline (text=")
    assert "lines  pipe  reader → counter" in lines[1]
    found = [match for match in map(CHANNEL.match, lines) if match]
    assert [(match[1], match[2].strip()) for match in found] == [
        ("1", "lines"),
        ("1", "counts"),
        ("2", "lines"),
        ("2", "counts"),
    ]
    after = lines.index(next(line for line in lines if line.startswith("After 2.5 s")))
    assert re.match(r"  lines: sent \d+, received \d+, in flight \d, lost 0; ", lines[after + 1])
    assert any(line.startswith("  printer reports words=") for line in lines[after:])


@pytest.mark.slow
def test_findings_are_lines(ipcviz) -> None:
    run = ipcviz.start(
        "run", "philosophers", "--plain", "--seconds", "6", "--set", "n=3", "--set", "hesitate=1"
    )
    result = run.end()
    assert result.status == 0
    (raised,) = (line for line in result.out.splitlines() if re.match(r"00:0\d  ▲ ", line))
    assert "Deadlock of 3" in raised
    assert "philosopher 2 holds fork 2 and waits for fork 3" in raised
    assert re.search(r"^  ▲ Deadlock of 3", result.out, re.MULTILINE)
    assert re.search(r"00:0\d  fork 1  posix-sem  value 0  held by philosopher 1  waited for by", result.out)


def test_a_signal_still_sums_up(ipcviz) -> None:
    run = ipcviz.start("run", "pipeline", "--plain")
    line = run.process.stdout.readline()
    assert line.startswith(b"00:00  pipeline")
    run.send(signal.SIGTERM)
    out, err = run.process.communicate(timeout=20)
    assert (run.process.returncode, err) == (128 + signal.SIGTERM, b"")
    assert b"\nAfter 0." in out or b"\nAfter 1." in out


def test_what_processes_print_is_shown_and_not_obeyed(ipcviz) -> None:
    demo = ipcviz.demo(
        """
        def build():
            topology = Topology("printing", about="\\x1b[2J")
            topology.process("p", print, "a\\tb\\x1b[31mred\\x07", "\\x9b2J", "한글")
            return topology
        """
    )
    result = ipcviz("run", demo, "--plain")
    assert "p: a\\tb\\x1b[31mred\\x07 \\x9b2J 한글" in result.out
    assert all(line.isprintable() for line in result.out.split("\n"))


def test_a_locale_without_arrows(ipcviz) -> None:
    latin = {"PYTHONIOENCODING": "ascii"}
    result = ipcviz("run", "pipeline", "--plain", "--seconds", "1.2", environment=latin)
    assert (result.status, result.err) == (0, "")
    assert result.out.isascii()
    assert "reader \\u2192 counter" in result.out
    assert re.search(r"^After \d+\.\d s:$", result.out, re.MULTILINE)
