"""`record` and `play` as a person has them: in files and through pipes, cut, damaged, and killed."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ipcviz.recording.reader import Recording

TALK = """
    def build(count: int = 40):
        topology = Topology("talk", about="")
        words = topology.channel("words")
        topology.process("teller", tell, words.sender, count)
        topology.process("hearer", hear, words.receiver)
        return topology

    def tell(words: Sender, count: int) -> None:
        for n in range(count):
            words.send(b"the secret word %d" % n)
        print("a secret line")

    def hear(words: Receiver) -> None:
        report(heard=sum(1 for _ in words), last="a secret text")
"""


@pytest.fixture
def talk(ipcviz: Any) -> str:
    return str(ipcviz.demo(TALK))


def test_a_run_is_recorded_and_played(ipcviz: Any, talk: str) -> None:
    told = ipcviz("record", talk, "-o", "talk.ipcz")
    assert (told.status, told.out) == (0, "")
    assert told.err.startswith("talk.ipcz: ")
    file = ipcviz.folder / "talk.ipcz"
    assert file.stat().st_mode & 0o777 == 0o600
    played = ipcviz("play", "talk.ipcz", "--json")
    assert (played.status, played.err) == (0, "")
    assert played.events[0]["type"] == "session_started"
    assert played.summary["channels"][0]["received"] == 40
    assert len(played.of("message")) == 40
    assert ipcviz("play", "talk.ipcz", "--json").out == played.out
    lines = ipcviz("play", "talk.ipcz", "--plain")
    assert "words: sent 40, received 40, in flight 0, lost 0" in lines.out
    assert "teller: a secret line" in lines.out


def test_the_lines_are_read_by_another_program(ipcviz: Any, talk: str) -> None:
    ipcviz("record", talk, "-o", "talk.ipcz")
    try:
        read = subprocess.run(["zstdcat", ipcviz.folder / "talk.ipcz"], capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("zstd(1) is not installed")
    rows = [json.loads(line) for line in read.stdout.splitlines()]
    assert rows[0][0] == "chunk"
    assert sum(row[0] == "message" for row in rows) == 40
    assert rows[-1][0] == "columns" or rows[-1][0] == "summary"
    tested = subprocess.run(["zstd", "-t", ipcviz.folder / "talk.ipcz"], capture_output=True, check=False)
    assert tested.returncode == 0, tested.stderr


def test_redacted_there_is_no_payload_and_no_printed_line(ipcviz: Any, talk: str) -> None:
    ipcviz("record", talk, "-o", "talk.ipcz", "--redact")
    played = ipcviz("play", "talk.ipcz", "--json")
    assert "secret" not in played.out
    assert "c2VjcmV0" not in played.out
    assert [message["size"] for message in played.of("message")][:3] == [17, 17, 17]
    assert played.summary["reports"]["hearer"]["heard"] == 40
    with Recording(ipcviz.folder / "talk.ipcz") as recording:
        assert recording.header.redacted
        assert b"secret" not in b"".join(recording.text(n) for n in range(len(recording.chunks)))


def test_a_stream_through_a_pipe_ends_with_the_same_summary(ipcviz: Any, talk: str) -> None:
    reading, writing = os.pipe()
    record = ipcviz.start("record", talk, "-o", "-", stdout=writing)
    os.close(writing)
    play = ipcviz.start("play", "-", "--json", stdin=reading)
    os.close(reading)
    played = play.end()
    record.process.wait()
    assert (record.process.returncode, played.status, played.err) == (0, 0, "")
    assert played.summary["channels"][0]["received"] == 40
    assert played.summary["reports"] == {"hearer": {"heard": 40, "last": "a secret text"}}


def test_whoever_reads_no_more_ends_the_run(ipcviz: Any) -> None:
    reading, writing = os.pipe()
    record = ipcviz.start("record", "ring", "-o", "-", stdout=writing)
    os.close(writing)
    assert os.read(reading, 100)
    os.close(reading)
    _, err = record.process.communicate(timeout=20)
    assert record.process.returncode == 128 + signal.SIGPIPE
    assert err == b""


def test_a_stream_that_is_cut_is_told(ipcviz: Any, talk: str) -> None:
    ipcviz("record", talk, "-o", "talk.ipcz")
    whole = (ipcviz.folder / "talk.ipcz").read_bytes()
    for piece, said in (
        (whole[:-1], "everything up to 00:0"),
        (whole[:30], "cut before anything was recorded"),
        (b"", "It is empty"),
    ):
        (ipcviz.folder / "piece").write_bytes(piece)
        with (ipcviz.folder / "piece").open("rb") as stream:
            played = ipcviz("play", "-", "--json", stdin=stream)
        assert said in played.err
        assert played.status == (0 if len(piece) > 30 else 2)
    assert ipcviz("play", "piece", "--plain").status == 2


def test_a_damaged_file_plays_up_to_the_damage(ipcviz: Any) -> None:
    ipcviz("record", "ring", "-o", "ring.ipcz", "--seconds", "2")
    file = ipcviz.folder / "ring.ipcz"
    bytes_ = bytearray(file.read_bytes())
    with Recording(file) as recording:
        bytes_[recording.chunks[1].offset + 20] ^= 4
    file.write_bytes(bytes_)
    played = ipcviz("play", "ring.ipcz", "--json")
    assert played.status == 1
    assert played.err.startswith("ipcviz: ring.ipcz: It is damaged after 00:0")
    assert played.events


def test_a_time_once_and_from_a_time_on(ipcviz: Any) -> None:
    ipcviz("record", "ring", "-o", "ring.ipcz", "--seconds", "1.5")
    once = ipcviz("play", "ring.ipcz", "--at", "1", "--once", "--json")
    (world,) = once.events
    assert (world["type"], world["t"], world["status"]) == ("world", 1_000_000_000, "live")
    assert len(world["processes"]) == 6
    page = ipcviz("play", "ring.ipcz", "--at", "0:01", "--once")
    assert page.out.startswith("ring at 1.0 s of ")
    later = ipcviz("play", "ring.ipcz", "--at", "1", "--json")
    assert later.events[0]["type"] == "session_started"
    assert min(event["t"] for event in later.of("frame")) >= 1_000_000_000
    assert len(later.of("process_started")) == 6
    assert later.summary


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("record", "ring", "-o", "there"), "there is there already; choose another name."),
        (("record", "ring", "-o", "no/where"), "no/where cannot be written: No such file or directory."),
        (("record", "nothing_of_that_name", "-o", "x"), "nothing_of_that_name"),
        (("play", "absent", "--plain"), "absent cannot be read: No such file or directory."),
        (("play", ".", "--plain"), ". is a folder, and no recording."),
        (("play", "there", "--json"), "there: It is no ipcviz recording."),
        (("play", "-", "--at", "3", "--json"), "A stream has no past: --at and --once need a file."),
        (("play", "there", "--at", "soon", "--once"), "A time is seconds as in 12.5"),
        (("play", "there", "--json", "--plain"), "--plain and --json exclude each other."),
    ],
)
def test_what_cannot_be_is_one_sentence(ipcviz: Any, arguments: tuple[str, ...], sentence: str) -> None:
    (ipcviz.folder / "there").write_text("something else, and longer than a header has to be")
    result = ipcviz(*arguments)
    assert (result.status, result.out) == (2, "")
    assert sentence in result.err
    assert result.err.startswith("ipcviz: ")
    assert not (ipcviz.folder / "x").exists(), "nothing was recorded"
    assert (ipcviz.folder / "there").read_text().startswith("something else")


def test_a_worker_that_fails_is_recorded_and_told(ipcviz: Any) -> None:
    demo = ipcviz.demo("""
        def build():
            topology = Topology("bad", about="")
            topology.process("one", fail)
            return topology

        def fail() -> None:
            raise ValueError("a secret")
    """)
    recorded = ipcviz("record", demo, "-o", "bad.ipcz", "--redact")
    assert recorded.status == 1
    played = ipcviz("play", "bad.ipcz", "--json")
    assert played.status == 0
    assert "ValueError" in played.of("process_exited")[0]["reason"]
    assert "secret" not in played.out


def test_ended_by_a_signal_it_is_whole(ipcviz: Any) -> None:
    live = ipcviz.start("record", "ring", "-o", "ring.ipcz")
    file = ipcviz.folder / "ring.ipcz"
    _wait_for_chunks(file, 1)
    live.send(signal.SIGTERM)
    assert live.end().status == 128 + signal.SIGTERM
    with Recording(file) as recording:
        assert recording.cut == ""
        assert recording.totals is not None


@pytest.mark.slow
def test_killed_altogether_it_plays_to_within_two_seconds_of_the_kill(ipcviz: Any) -> None:
    live = ipcviz.start("record", "ring", "-o", "ring.ipcz")
    file = ipcviz.folder / "ring.ipcz"
    _wait_for_chunks(file, 3)
    killed = time.time()
    for pid in [live.find_supervisor(), live.process.pid]:
        os.kill(pid, signal.SIGKILL)
    live.process.wait()
    with Recording(file) as recording:
        assert "was cut, or is still being written" in recording.cut
        begun = datetime.fromisoformat(recording.session.started_at).timestamp()
        assert 0 < killed - begun - recording.end / 1e9 < 2
        assert len(list(recording.events())) == sum(entry.events for entry in recording.chunks)
    played = ipcviz("play", "ring.ipcz", "--plain")
    assert (played.status, played.err.count("\n")) == (0, 1)
    ipcviz("clean")


def test_an_output_that_is_full_ends_what_only_records(ipcviz: Any) -> None:
    with open("/dev/full", "wb") as full:
        live = ipcviz.start("record", "ring", "-o", "-", stdout=full)
        _, err = live.process.communicate(timeout=20)
    assert live.process.returncode == 1
    assert err.startswith(b"ipcviz: The output cannot be written any more: No space left on device;")


@pytest.mark.slow
def test_where_the_disk_is_full_the_run_goes_on(ipcviz: Any) -> None:
    live = ipcviz.start("run", "ring", "--json", "--seconds", "3", "--record", "ring.ipcz")
    live.started()
    file = ipcviz.folder / "ring.ipcz"
    _wait_for_chunks(file, 1)
    limit = file.stat().st_size + 700
    resource.prlimit(live.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    result = live.end()
    assert result.status == 1
    assert result.summary["seconds"] >= 3, "it did not go on"
    assert result.err == (
        "ipcviz: ring.ipcz cannot be written any more: File too large; the recording ends here, "
        "and what was written plays.\n"
    )
    assert file.stat().st_size == limit
    played = ipcviz("play", "ring.ipcz", "--json")
    assert played.status == 0
    assert "It was cut" in played.err
    assert played.of("frame")


def _wait_for_chunks(file: Path, count: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception), Recording(file) as recording:
            if len(recording.chunks) >= count:
                return
        time.sleep(0.02)
    pytest.fail("nothing was written")


@pytest.mark.slow
def test_a_stream_takes_a_few_kilobytes_a_second(ipcviz: Any) -> None:
    ipcviz("record", "pipeline", "-o", "pipeline.ipcz", "--seconds", "5")
    assert 100 < (ipcviz.folder / "pipeline.ipcz").stat().st_size / 5 < 8_000
