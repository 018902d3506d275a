"""Packets are what tshark reads of them, and what the draft of the format says."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from helpers import data_exports as made
from helpers import foreign

from ipcviz import events as ev
from ipcviz.exports import Readable
from ipcviz.exports.pcapng import said_of, shown_by
from ipcviz.exports.saved import SavedStream
from ipcviz.units import SECOND

FIELDS = (
    *("frame.number", "frame.time_epoch", "frame.interface_name", "frame.interface_description"),
    *("frame.comment", "_ws.col.Source", "_ws.col.Destination", "frame.len", "frame.cap_len"),
    *("exported_pdu.exported_pdu", "frame.protocols"),
)
SECTION, INTERFACE, NAMES, STATISTICS, PACKET = 0x0A0D0D0A, 1, 4, 5, 6


class Block(NamedTuple):
    kind: int
    body: bytes


def blocks(file: bytes) -> Iterator[Block]:
    """The blocks of a file; each says its length twice, in steps of four bytes."""
    at = 0
    while at < len(file):
        kind, length = struct.unpack_from("<II", file, at)
        assert length % 4 == 0
        assert length >= 12
        assert struct.unpack_from("<I", file, at + length - 4) == (length,)
        yield Block(kind, file[at + 8 : at + length - 4])
        at += length
    assert at == len(file)


def options(body: bytes, at: int) -> dict[int, bytes]:
    found = {}
    while at < len(body):
        code, length = struct.unpack_from("<HH", body, at)
        if code == 0:
            break
        found[code] = body[at + 4 : at + 4 + length]
        at += 4 + -(-length // 4) * 4
    return found


def rows(recording: Readable, folder: Path, **window: int) -> list[list[str]]:
    """The fields of every packet, as tshark reads them."""
    wanted = [argument for field in FIELDS for argument in ("-e", field)]
    packets = made.written("pcapng", recording, **window)
    lines = foreign.tshark(packets, folder, "-T", "fields", *wanted)
    return [line.split("\t") for line in lines]


def messages(recording: Readable) -> list[ev.Message]:
    found = [event for event in recording.events() if isinstance(event, ev.Message)]
    return sorted(found, key=lambda message: message.t)


def absolute(session: ev.SessionStarted, t: int) -> str:
    """Seconds since 1970, to the nanosecond."""
    start = round(datetime.fromisoformat(session.started_at).timestamp() * 1000) * 1_000_000
    return f"{(start + t) // SECOND}.{(start + t) % SECOND:09}"


def payload_of(value: str) -> bytes:
    return bytes.fromhex(value.replace(":", ""))


def test_tshark_reads_every_message_of_a_real_run(tmp_path: Path) -> None:
    recording = made.calls()
    sent = messages(recording)
    read = rows(recording, tmp_path)
    assert len(read) == len(sent) > 50
    infos = {info.name: info for info in recording.session.channels}
    for row, message in zip(read, sent, strict=True):
        _, time, channel, about, comment, source, destination, length, kept, payload, _ = row
        assert time == absolute(recording.session, message.t)
        assert channel == message.channel
        assert infos[channel].mechanism in about
        assert comment == said_of(message)
        assert (source, destination) == (message.sender, message.receiver)
        assert int(length) - int(kept) == message.size - len(message.payload)
        assert payload_of(payload) == message.payload


def test_tshark_reads_hostile_names_and_payloads(tmp_path: Path) -> None:
    recording = made.workshop()
    read = rows(recording, tmp_path)
    sent = messages(recording)
    assert [payload_of(row[9]) for row in read] == [message.payload for message in sent]
    assert {row[6] for row in read} == {"consumer", "기록"}
    assert {row[10].split(":")[-1] for row in read} == {"data-text-lines", "data", "json"}
    assert all(row[4].isprintable() for row in read)


def test_json_that_was_kept_whole_can_be_searched(tmp_path: Path) -> None:
    recording = made.workshop()
    packets = made.written("pcapng", recording)
    found = foreign.tshark(packets, tmp_path, "-Y", "json", "-T", "fields", "-e", "frame.interface_name")
    wanted = [m.channel for m in messages(recording) if m.payload == b'{"a": [1, 2]}']
    assert found == wanted != []


def test_packets_are_in_the_order_of_their_times_and_nothing_is_malformed(tmp_path: Path) -> None:
    packets = made.written("pcapng", made.calls())
    assert "Strict time order:   True" in foreign.capinfos(packets, tmp_path, "-o")
    for file in (packets, made.written("pcapng", made.workshop()), made.written("pcapng", made.joined())):
        assert foreign.tshark(file, tmp_path, "-Y", "_ws.malformed || _ws.expert.severity >= 6291456") == []


def test_what_a_flow_graph_shows_are_processes(tmp_path: Path) -> None:
    graph = foreign.tshark(made.written("pcapng", made.calls()), tmp_path, "-q", "-z", "flow,any,standard")
    heads = "\n".join(graph[:4])
    for name in made.calls().session.processes:
        assert name in heads


def test_a_message_that_was_not_kept_whole_tells_its_whole_length(tmp_path: Path) -> None:
    session = made.session()
    long = msgspec.structs.replace(made.message(1, SECOND, b"x" * 64), size=5000)
    empty = msgspec.structs.replace(made.message(2, 2 * SECOND, b""), size=700)
    [first, second] = rows(SavedStream([*made.started(session), long, empty]), tmp_path)
    assert int(first[7]) - int(first[8]) == 4936
    assert int(second[7]) - int(second[8]) == 700
    assert second[9] == "<MISSING>"


def test_only_the_window_is_told_with_the_counts_of_it() -> None:
    session = made.session()
    frames = [made.frame(session, n * SECOND, n * 100) for n in range(1, 6)]
    between = [made.message(n, n * SECOND + 5) for n in range(1, 6)]
    recording = SavedStream(sorted([*made.started(session), *frames, *between], key=lambda event: event.t))
    found = list(blocks(made.written("pcapng", recording, start=2 * SECOND, end=4 * SECOND)))
    assert [block.kind for block in found] == [SECTION, INTERFACE, NAMES, PACKET, PACKET, STATISTICS]
    counts = options(found[-1].body, 12)
    # 4: what came out of the channel by both ends' counters; 8: the packets of this file
    assert struct.unpack("<Q", counts[4]) == (2 * 200,)
    assert struct.unpack("<Q", counts[8]) == (2,)


def test_every_interface_has_the_name_of_its_channel_and_nanoseconds() -> None:
    recording = made.workshop()
    found = [block for block in blocks(made.written("pcapng", recording)) if block.kind == INTERFACE]
    told = [options(block.body, 8) for block in found]
    assert [one[2].decode() for one in told] == [info.name for info in recording.session.channels]
    assert all(one[9] == b"\x09" for one in told)
    assert {struct.unpack_from("<H", block.body) for block in found} == {(252,)}


def test_joined_sessions_have_interfaces_of_their_own() -> None:
    found = list(blocks(made.written("pcapng", made.joined())))
    names = [options(b.body, 8)[2].decode() for b in found if b.kind == INTERFACE]
    assert names == ["lines", "words", "lines"]
    assert [struct.unpack_from("<I", b.body)[0] for b in found if b.kind == PACKET] == [0, 1]
    assert len([b for b in found if b.kind == STATISTICS]) == 3


def test_what_is_joined_goes_on_in_the_time_of_the_first_part_and_says_when_it_was_run(
    tmp_path: Path,
) -> None:
    first = made.session()
    for began in ("2025-12-31T23:59:00.000+00:00", "2026-03-02T09:00:00.000+00:00"):
        second = msgspec.structs.replace(made.session(t=3 * SECOND), started_at=began)
        recording = SavedStream(
            [
                *made.started(first),
                made.message(1, SECOND),
                ev.Gap(t=2 * SECOND, left_out=60 * SECOND),
                made.message(2, 3 * SECOND - 5),
                *made.started(second),
                made.message(1, 3 * SECOND + 5),
                made.message(2, 4 * SECOND),
            ]
        )
        read = rows(recording, tmp_path)
        seconds = (SECOND, 63 * SECOND - 5, 63 * SECOND + 5, 64 * SECOND)
        assert [row[1] for row in read] == [absolute(first, t) for t in seconds]
        assert [began in row[4] for row in read] == [False, False, True, False]
        packets = made.written("pcapng", recording)
        assert "Strict time order:   True" in foreign.capinfos(packets, tmp_path, "-o")
        said = [
            options(block.body, 8).get(1, b"").decode()
            for block in blocks(packets)
            if block.kind == INTERFACE
        ]
        assert [began in comment for comment in said] == [False, True]


def test_what_a_joined_session_had_counted_before_it_is_entered_counts_as_nothing() -> None:
    found = [b for b in blocks(made.written("pcapng", made.entered_late())) if b.kind == STATISTICS]
    assert [struct.unpack("<Q", options(b.body, 12)[4]) for b in found] == [(60,), (14,)]


def test_what_was_cut_out_is_no_part_of_the_time_of_day(tmp_path: Path) -> None:
    session = made.session()
    gap = ev.Gap(t=SECOND + 5, left_out=60 * SECOND)
    recording = SavedStream(
        [*made.started(session), made.message(1, SECOND), gap, made.message(2, 2 * SECOND)]
    )
    times = [row[1] for row in rows(recording, tmp_path)]
    assert times == [absolute(session, SECOND), absolute(session, 62 * SECOND)]


@pytest.mark.parametrize(
    ("payload", "size", "shown"),
    [
        (b'{"a": 1}', 8, "json"),
        (b'{"a": 1}', 9, "data-text-lines"),
        (b"plain\ttext\r\n", 12, "data-text-lines"),
        ("한글".encode(), 6, "data-text-lines"),
        ("한글".encode()[:5], 6, "data-text-lines"),
        ("한글".encode()[:5], 5, "data"),
        (b"\xff\xfe", 64, "data"),
        (b"\x1b[31m", 5, "data"),
        (b"", 9, "data"),
    ],
)
def test_a_payload_is_shown_as_what_it_is(payload: bytes, size: int, shown: str) -> None:
    message = msgspec.structs.replace(made.message(1, SECOND, payload), size=size)
    assert shown_by(message) == shown


def test_a_comment_says_from_whom_to_whom_and_how_long() -> None:
    assert said_of(made.message(7, SECOND)) == "a → b, lines #7, 6 B, 1 µs"
