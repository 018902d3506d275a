"""Files that somebody made to do harm are refused with a sentence, in little memory and time."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from helpers import events as made

from ipcviz.recording import layout
from ipcviz.recording.layout import Entry, Header, RecordingError, Totals
from ipcviz.recording.maker import recorded
from ipcviz.recording.reader import Recording
from ipcviz.units import SECOND

SESSION = made.session(["a", "b"], [made.channel("c", "a>", ">b")])
MIB = 1 << 20


def packed(text: bytes) -> bytes:
    return zstandard.ZstdCompressor(3, write_checksum=True).compress(text)


def file_of(*chunks: tuple[bytes, int], events: int = 1) -> bytes:
    """A recording whose every CRC is right, of frames and the length that they say they have."""
    header = Header(layout.FORMAT, 1, "0", "2026-01-01T00:00:00+00:00", SESSION)
    file = layout.header_bytes(header)
    _, crc = layout.read_header(file)
    entries = []
    for number, (data, length) in enumerate(chunks):
        offset = len(file) + layout.INDEX_SIZE
        entry = Entry(number, 0, 0, events, 0, offset, len(data), length, zlib.crc32(data))
        file += layout.index_bytes(entry, crc) + data
        entries.append(entry)
    return file + layout.end_bytes(entries, Totals(0, 0), crc)


def text_file(text: bytes, events: int = 1) -> bytes:
    return file_of((packed(text), len(text)), events=events)


def refused(file: bytes) -> str:
    with pytest.raises(RecordingError) as error:
        list(Recording(io.BytesIO(file)).events())
    return str(error.value)


FRAME = recorded([SESSION, made.frame(0, [made.state()])])


def test_the_way_these_files_are_made_makes_good_ones_too() -> None:
    text = b'["chunk",0,1]\n["lost",0,5]\n'
    assert len(list(Recording(io.BytesIO(text_file(text))).events())) == 1


@pytest.mark.parametrize(
    "text",
    [
        b"\n",
        b"{}\n",
        b'["chunk",0,1]\n["lost",0,5]',
        b'["chunk",0,1]\n["nothing",0]\n',
        b'["chunk",0,1]\n["lost","x",5]\n',
        b'["chunk",0,1]\n["then"]\n',
        b'["chunk",0,1]\n\xff\xfe\n',
        b'["chunk",0,1]\n' + b"[" * 100_000 + b"\n",
        b'["chunk",0,1]\n' + b'["reported",0,"a",{"x":' * 30_000 + b"\n",
        b'["chunk",0,1]\n["columns",[1,1,1]]\n["lost",0,5]\n',
        b'["chunk",0,1]\n["lost",0,5]\n["lost",0,5]\n',
        b'["chunk",0,1]\n["lost",7,5]\n',
    ],
    ids=range(12),
)
def test_lines_that_are_none(text: bytes) -> None:
    assert refused(text_file(text))


def frame_line() -> bytes:
    recording = Recording(io.BytesIO(FRAME))
    entry = recording.chunks[0]
    text = zstandard.ZstdDecompressor().decompress(FRAME[entry.offset : entry.offset + entry.data_length])
    return next(line for line in text.split(b"\n") if line.startswith(b'["frame"'))


@pytest.mark.parametrize(
    "columns",
    [
        b'["columns",[1,1,1,1]]',
        b'["columns",[-1,1,1]]',
        b'["columns",[0,1,1]]',
        b'["columns",[1,-2,1]]',
        b'["columns",[1,1,"x"]]',
        b'["columns",[1,9223372036854775807,9223372036854775807]]',
        b'["columns",[1,0,0,"x"]]',
        b'["columns",[1,0,5,1]]',
        b'["columns",[1]]',
        b'["columns",[]]',
        b'["columns",5]',
        b'["columns",[1,1,1],[9999,1,1]]',
        b'["columns",[1,-1,0,[1,2]]]',
    ],
)
def test_columns_that_do_not_fit(columns: bytes) -> None:
    text = b'["chunk",0,2]\n' + frame_line() + b'\n["then"]\n' + columns + b"\n"
    assert refused(text_file(text, events=2))


def test_what_unpacks_to_more_than_it_says() -> None:
    bomb = packed(bytes(64 * MIB))
    assert len(bomb) < 10_000
    assert refused(file_of((bomb, 100)))
    assert Recording(io.BytesIO(file_of((bomb, 64 * MIB)))).cut, "the index alone says too much"


def test_a_frame_without_its_checksum_or_its_size() -> None:
    text = b'["chunk",0,1]\n["lost",0,5]\n'
    bare = zstandard.ZstdCompressor(3, write_checksum=False).compress(text)
    unsized = zstandard.ZstdCompressor(3, write_checksum=True, write_content_size=False).compress(text)
    for data in (bare, unsized, packed(text) + packed(text), packed(text) + b"x"):
        assert refused(file_of((data, len(text))))


def test_a_newer_format_and_a_newer_schema_are_told() -> None:
    newer = Header((2, 0), 1, "9", "2026-01-01T00:00:00+00:00", SESSION)
    assert "install a newer ipcviz" in refused(layout.header_bytes(newer))
    schema = Header(layout.FORMAT, 9, "9", "2026-01-01T00:00:00+00:00", SESSION)
    assert "install a newer ipcviz" in refused(layout.header_bytes(schema))


def test_a_newer_minor_format_is_read_and_unknown_keys_are_passed_over() -> None:
    header = layout.header_bytes(Header((1, 7), 1, "9", "2026-01-01T00:00:00+00:00", SESSION))
    text = header[20:-1] + b',"later":[1,2]}'
    begin = header[:4] + (12 + len(text)).to_bytes(4, "little") + header[8:16]
    crc = zlib.crc32(text, zlib.crc32(begin)).to_bytes(4, "little")
    recording = Recording(io.BytesIO(begin + crc + text))
    assert recording.session == SESSION
    assert recording.cut.startswith("It was cut")


def test_an_end_of_other_chunks() -> None:
    text = b'["chunk",0,1]\n["lost",0,5]\n'
    one, two = text_file(text), file_of((packed(text), len(text)), (packed(text), len(text)))
    first = Recording(io.BytesIO(one)).chunks[0]
    end_of_two = two[len(two) - (len(two) - _end_of(two)) :]
    mixed = one[: first.offset + first.data_length] + end_of_two
    assert "seek table" in Recording(io.BytesIO(mixed)).cut


def _end_of(file: bytes) -> int:
    last = Recording(io.BytesIO(file)).chunks[-1]
    return last.offset + last.data_length


def test_chunks_in_another_order_and_of_another_recording() -> None:
    text = b'["chunk",0,1]\n["lost",0,5]\n'
    data = packed(text)
    two = file_of((data, len(text)), (data, len(text)))
    first, second = Recording(io.BytesIO(two)).chunks
    begin = first.offset - layout.INDEX_SIZE
    one_chunk = two[begin : first.offset + first.data_length]
    again = Recording(io.BytesIO(two[: second.offset - layout.INDEX_SIZE] + one_chunk))
    assert len(again.chunks) == 1
    assert "does not follow" in again.cut
    other = layout.header_bytes(Header(layout.FORMAT, 1, "1", "2026-01-01T00:00:00+00:00", SESSION))
    assert "damaged" in Recording(io.BytesIO(other + one_chunk)).cut


def test_what_follows_the_end_is_told() -> None:
    recording = Recording(io.BytesIO(FRAME + b"more"))
    assert recording.totals is not None
    assert "more follows after its end" in recording.cut


READ = """
import resource, sys
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.reader import Recording
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    recording = Recording(sys.argv[1])
    count = sum(1 for event in recording.events())
    print(count, recording.cut)
except RecordingError as error:
    print("refused:", error)
"""


def many_frames() -> bytes:
    """Frames that take nine bytes each and are large."""
    ends = ",".join(['[0,0,0,0,"",0,0,0,1,false,false,0]'] * 2_000)
    channel = f'[[{ends}],[null,null,null,"messages","unknown",""],[null,null,0],null,"",[],{{}},{{}}]'
    line = f'["frame",0,[{channel}],[],[],[0.0,0.0]]'.encode()
    return b'["chunk",0,60001]\n' + line + b"\n" + b'["then"]\n' * 60_000 + b'["columns"]\n'


def growing_histogram() -> bytes:
    """A histogram that is told anew by every one of many frames, each time larger."""
    pairs = ",".join(f"{n},1" for n in range(60_000))
    state = f'[[],[null,null,null,"messages","unknown",""],[null,null,0],null,"",[{pairs}],{{}},{{}}]'
    line = f'["frame",0,[{state}],[],[],[0.0,0.0]]'.encode()
    grown = ",".join("0,[1,1]" for _ in range(20_000))
    columns = f'["columns",[13,-1,{grown}]]'.encode()
    return b'["chunk",0,20001]\n' + line + b"\n" + b'["then"]\n' * 20_000 + columns + b"\n"


def short_lines() -> bytes:
    return b'["chunk",0,600000]\n' + b'["lost",0,0]\n' * 600_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "make", [many_frames, growing_histogram, short_lines, lambda: b"[" * (7 * MIB), lambda: bytes(8 * MIB)]
)
def test_little_that_makes_much_is_refused_in_bounded_memory(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    text = make()
    file = tmp_path / "bomb.ipcz"
    file.write_bytes(file_of(*[(packed(text), len(text))] * 20, events=min(layout.MOST_EVENTS, 60_001)))
    assert file.stat().st_size < MIB
    command = [sys.executable, "-c", READ, str(file), str(512 * MIB)]  # of addresses, libraries included
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.startswith("refused: "), done.stderr
    assert "MemoryError" not in done.stderr


@pytest.mark.slow
def test_a_million_chunks_and_a_hole_of_terabytes_end_soon(tmp_path: Path) -> None:
    text = b'["chunk",0,1]\n["lost",0,5]\n'
    data = packed(text)
    header = Header(layout.FORMAT, 1, "0", "2026-01-01T00:00:00+00:00", SESSION)
    file = layout.header_bytes(header)
    _, crc = layout.read_header(file)
    path = tmp_path / "many.ipcz"
    with path.open("wb") as out:
        out.write(file)
        for number in range(layout.MOST_CHUNKS + 10):
            entry = Entry(number, 0, 0, 1, 0, 0, len(data), len(text), zlib.crc32(data))
            out.write(layout.index_bytes(entry, crc) + data)
    with Recording(path) as recording:
        assert len(recording.chunks) == layout.MOST_CHUNKS
        assert "does not follow" in recording.cut
    hole = tmp_path / "hole.ipcz"
    hole.write_bytes(FRAME[:-1])
    with hole.open("r+b") as out:
        out.truncate(1 << 40)
    with Recording(hole) as recording:
        assert recording.cut
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1 << 20


def test_times_that_are_too_far_apart() -> None:
    """A day between two events is a day, and no more chunks than events."""
    events = [SESSION, made.frame(1), made.frame(86_400 * SECOND), made.frame(1 << 62)]
    recording = Recording(io.BytesIO(recorded(events)))
    assert list(recording.events()) == events
    assert len(recording.chunks) == 3
