"""Workers that fail, misbehave, or will not end: told with the author's line, and gone in the end."""

from __future__ import annotations

import importlib.util
import signal
from pathlib import Path

import pytest

RAISING = """
        def build():
            topology = Topology("raising")
            numbers = topology.channel("numbers")
            topology.process("giver", give, numbers.sender)
            topology.process("taker", take, numbers.receiver)
            return topology
        def give(numbers):
            for number in range(3):
                numbers.send(b"%d" % number)
        def take(numbers):
            for number in numbers:
                halve(int(number))
        def halve(number):
            return 10 // (number - 2)
        """


def test_a_worker_that_raises_shows_its_author_the_line(ipcviz) -> None:
    result = ipcviz("run", ipcviz.demo(RAISING), "--json")
    assert (result.status, result.err) == (1, "")
    (failed,) = (event for event in result.of("process_exited") if event["failed"])
    assert (failed["process"], failed["exit"], failed["signal"]) == ("taker", 1, None)
    assert failed["reason"].startswith("ZeroDivisionError: ")
    assert failed["reason"].endswith("(mine.py, line 16).")
    assert "return 10 // (number - 2)" in failed["detail"]
    assert "halve(int(number))" in failed["detail"]
    assert str(Path(importlib.util.find_spec("ipcviz").origin).parent) not in failed["detail"]
    (finding,) = result.summary["findings"]
    assert finding["kind"] == "failed process"
    assert "ZeroDivisionError" in finding["sentence"]


def test_the_same_in_plain_words(ipcviz) -> None:
    result = ipcviz("run", ipcviz.demo(RAISING), "--plain")
    assert (result.status, result.err) == (1, "")
    assert "taker ended with status 1: ZeroDivisionError" in result.out
    assert "mine.py, line 16" in result.out
    assert "return 10 // (number - 2)" in result.out
    assert str(Path(importlib.util.find_spec("ipcviz").origin).parent) not in result.out


ONE = """
        import os, signal, subprocess, sys, time
        def build(what: str = ""):
            topology = Topology("one")
            topology.process("worker", work, what)
            return topology
        def work(what):
            exec(what)
        """


def run_one(ipcviz, what: str, *arguments: str):
    """A demo of one worker that does this."""
    result = ipcviz("run", ipcviz.demo(ONE), "--json", "--set", f"what={what}", *arguments)
    assert result.err == ""
    (ended,) = result.of("process_exited")
    (process,) = result.summary["processes"]
    assert (process["exit"], process["signal"]) == (ended["exit"], ended["signal"])
    return result, ended


@pytest.mark.parametrize(
    ("what", "status", "number"),
    [
        ("os._exit(3)", 3, None),
        ("sys.exit(2)", 2, None),
        ("sys.exit(256 + 7)", 7, None),
        ("os.kill(os.getpid(), signal.SIGKILL)", None, signal.SIGKILL),
        ("os.kill(os.getpid(), signal.SIGSEGV)", None, signal.SIGSEGV),
        ("os.abort()", None, signal.SIGABRT),
        ("raise KeyboardInterrupt", 1, None),
        ("os.closerange(0, 1000); os._exit(4)", 4, None),
    ],
)
def test_ends_that_are_failures(ipcviz, what, status, number) -> None:
    result, ended = run_one(ipcviz, what)
    assert result.status == 1
    assert (ended["exit"], ended["signal"], ended["failed"]) == (status, number, True)
    (finding,) = result.summary["findings"]
    assert finding["kind"] == "failed process"
    assert (f"status {status}" if number is None else f"signal {int(number)}") in finding["sentence"]


@pytest.mark.parametrize("what", ["sys.exit()", "sys.exit(0)", "os._exit(0)", "pass"])
def test_ends_that_are_none(ipcviz, what) -> None:
    result, ended = run_one(ipcviz, what)
    assert (result.status, ended["exit"], ended["failed"]) == (0, 0, False)
    assert result.summary["findings"] == []


def test_an_exit_with_a_sentence(ipcviz) -> None:
    result, ended = run_one(ipcviz, "sys.exit('out of luck')")
    assert (result.status, ended["exit"]) == (1, 1)
    assert "out of luck" in ended["reason"]


STUBBORN = {
    "ignores the signal": "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(10)",
    "blocks the signal": "signal.pthread_sigmask(signal.SIG_BLOCK, [15])\nwhile True: time.sleep(10)",
    "catches everything": "while True:\n try: time.sleep(10)\n except BaseException: pass",
    "is stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "is busy in C": "sum(range(10 ** 15))",
}


@pytest.mark.slow
@pytest.mark.parametrize("case", STUBBORN)
def test_who_does_not_stop_is_killed_and_that_is_no_failure(ipcviz, case) -> None:
    result, ended = run_one(ipcviz, STUBBORN[case], "--seconds", "0.5")
    assert result.status == 0
    assert (ended["signal"], ended["failed"]) == (signal.SIGKILL, False)
    assert "did not stop within 1 s" in ended["reason"]
    assert 1.5 <= result.summary["seconds"] < 5


@pytest.mark.parametrize("what", ["while True: pass", "time.sleep(1000)", "signal.pause()"])
def test_who_can_stop_stops_at_once(ipcviz, what) -> None:
    result, ended = run_one(ipcviz, what, "--seconds", "0.3")
    assert (result.status, ended["exit"], ended["failed"]) == (0, 0, False)
    assert "killed" not in ended["reason"]


def test_printing_much_blocks_nobody_and_losses_are_counted(ipcviz) -> None:
    what = "for n in range(150_000): print('x' * 66)\nreport(printed=n + 1)"
    result, ended = run_one(ipcviz, what)
    assert (result.status, ended["failed"]) == (0, False)
    assert result.summary["reports"]["worker"]["printed"] == 150_000
    notes = result.of("note")
    assert all(note["text"] == "x" * 66 for note in notes)
    assert len(notes) + result.summary["stream"]["lost"] == 150_000
    assert len(notes) > 1000


def test_printing_for_ever_from_a_child_that_outlives_the_worker(ipcviz) -> None:
    result, _ = run_one(ipcviz, "subprocess.Popen(['yes'], start_new_session=True)")
    assert result.status == 0


def test_lines_without_an_end_and_bytes_that_are_no_text(ipcviz) -> None:
    what = "os.write(1, b'y' * 40_000 + b'\\xff\\x00\\n' + b'unfinished')"
    result, _ = run_one(ipcviz, what)
    texts = [note["text"] for note in result.of("note")]
    assert "".join(texts[:-1]) == "y" * 40_000 + "\\xff\x00"
    assert texts[-1] == "unfinished"


HOSTILE = "\\x1b]0;owned\\x07\\x1b[2J\\x9b31m\\r\\u202e"


@pytest.mark.parametrize(
    "what", [f"print('{HOSTILE}')", f"report(found='{HOSTILE}')", f"raise OSError('{HOSTILE}')"]
)
def test_escape_sequences_reach_no_terminal(ipcviz, what) -> None:
    result = ipcviz("run", ipcviz.demo(ONE), "--plain", "--set", f"what={what}")
    assert "\\x1b]0;owned\\x07\\x1b[2J" in result.out
    assert all(line.isprintable() for line in result.out.split("\n"))


def test_reports_of_any_value(ipcviz) -> None:
    what = "report(a=1, b=2.5, c=True, d=None, e='한\\udc80', f=[1], g=10**30, h=float('nan'), i=b'x', j={})"
    result, ended = run_one(ipcviz, what)
    assert (result.status, ended["failed"]) == (0, False)
    found = result.summary["reports"]["worker"]
    assert (found["a"], found["b"], found["c"], found["d"]) == (1, 2.5, True, None)
    assert found["e"] == "한\\udc80"
    assert found["f"] == "[1]"
    assert found["g"] == str(10**30)
    assert found["h"] == "nan"


def test_a_report_that_is_too_long_is_the_authors_mistake(ipcviz) -> None:
    result, ended = run_one(ipcviz, "report(x='y' * 10_000)")
    assert result.status == 1
    assert "can report" in ended["reason"]
    assert "4080 bytes" in ended["reason"]


@pytest.mark.parametrize("message", ["'x' * 100_000", "'\\udc80'", "'\\n' * 5000", "chr(0) * 100"])
def test_any_message_of_an_exception_is_told(ipcviz, message) -> None:
    result, ended = run_one(ipcviz, f"raise ValueError({message})")
    assert result.status == 1
    assert ended["reason"].startswith("ValueError: ")
    assert len(ended["reason"]) < 3000


def test_an_exception_that_cannot_be_shown(ipcviz) -> None:
    result, ended = run_one(ipcviz, "class E(Exception):\n def __str__(self): 1 / 0\nraise E")
    assert result.status == 1
    assert "cannot be shown" in ended["reason"]


TWO = """
        import os, signal, sys, time
        def build(give: str = "", take: str = ""):
            topology = Topology("two")
            data = topology.channel("data")
            topology.process("giver", work, give, data.sender)
            topology.process("taker", work, take, data.receiver)
            return topology
        def work(what, data):
            exec(what, {**globals(), "data": data})
        """


@pytest.mark.parametrize("mechanism", ["pipe", "unix-stream", "posix-mq", "shm"])
def test_who_closes_early(ipcviz, mechanism) -> None:
    give = "give=data.send(b'one'); data.close(); time.sleep(0.5)"
    take = "take=report(got=[m for m in data] == [b'one'])"
    result = ipcviz("run", ipcviz.demo(TWO), "--json", "-m", mechanism, "--set", give, "--set", take)
    assert (result.status, result.err) == (0, "")
    assert result.summary["reports"]["taker"] == {"got": True}


@pytest.mark.parametrize("mechanism", ["pipe", "unix-stream", "posix-mq", "shm"])
def test_a_reader_that_is_gone_is_told_to_its_sender(ipcviz, mechanism) -> None:
    give = "give=time.sleep(0.3)\nwhile True: data.send(b'x' * 100)"
    result = ipcviz(
        "run", ipcviz.demo(TWO), "--json", "-m", mechanism, "--set", give, "--set", "take=data.receive()"
    )
    assert (result.status, result.err) == (1, "")
    (failed,) = (event for event in result.of("process_exited") if event["failed"])
    assert failed["process"] == "giver"
    assert failed["reason"].startswith("ReaderGone: ")
    assert "'data'" in failed["reason"]
    (channel,) = result.summary["channels"]
    assert channel["lost"] + channel["in_flight"] + channel["received"] == channel["sent"]


@pytest.mark.parametrize("mechanism", ["pipe", "unix-stream", "posix-mq", "shm"])
def test_channels_that_lock_each_other_up(ipcviz, mechanism) -> None:
    demo = ipcviz.demo(
        """
        def build():
            topology = Topology("ring")
            there, back = topology.channel("there"), topology.channel("back")
            topology.process("left", wait, there.sender, back.receiver)
            topology.process("right", wait, back.sender, there.receiver)
            return topology
        def wait(sender, receiver):
            sender.send(receiver.receive())
        """
    )
    run = ipcviz.start("run", demo, "--json", "-m", mechanism)
    finding = run.until_type("finding_raised", kind="deadlock")
    assert {"left", "right", "there", "back"} == set(finding["members"])
    run.send(signal.SIGINT)
    result = run.end()
    assert (result.status, result.err) == (128 + signal.SIGINT, "")
    assert [finding["kind"] for finding in result.summary["findings"]] == ["deadlock"]


def test_many_processes(ipcviz) -> None:
    """Of 120 workers everyone is started, heard and ended."""
    demo = ipcviz.demo(
        """
        def build(n: int = 120):
            topology = Topology("many")
            numbers = topology.channel("numbers")
            for number in range(n):
                topology.process(f"giver {number}", give, numbers.sender, number)
            topology.process("taker", take, numbers.receiver)
            return topology
        def give(numbers, number):
            numbers.send(b"%d" % number)
        def take(numbers):
            report(total=sum(map(int, numbers)))
        """
    )
    result = ipcviz("run", demo, "--json", "-m", "posix-mq")
    assert (result.status, result.err) == (0, "")
    assert result.summary["reports"]["taker"]["total"] == sum(range(120))
    assert len(result.of("process_exited")) == 121


def test_a_worker_that_ends_the_supervisor(ipcviz) -> None:
    demo = ipcviz.demo(ONE)
    result = ipcviz("run", demo, "--json", "--set", "what=os.kill(os.getppid(), 9); time.sleep(1000)")
    assert result.status == 1
    assert result.err == "ipcviz: The supervisor was killed by signal 9.\n"
    assert result.summary["topology"] == "one"
