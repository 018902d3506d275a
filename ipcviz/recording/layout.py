"""The bytes of a recording between its chunks: header, index frames and end, as FORMAT.md tells. Pure.

A recording is a row of zstd frames (RFC 8878): those of ours are skippable (`zstdcat` passes over them),
and each has a CRC-32 of all its other bytes.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import msgspec

from ipcviz import events as ev

FORMAT = (1, 0)
"""Major and minor; a reader refuses a greater major, and passes over keys that it does not know."""
HEADER_MAGIC, INDEX_MAGIC, END_MAGIC = 0x184D2A50, 0x184D2A51, 0x184D2A5E
HEADER_TAG, END_TAG = b"IPCVIZ1\n", b"IPCVIZE\n"
LARGEST_HEADER = 8 << 20
LARGEST_TEXT = 8 << 20
"""Bytes of one chunk's lines."""
LARGEST_DATA = LARGEST_TEXT + (1 << 16)
"""Bytes of one chunk's zstd frame: what cannot be made smaller grows a little."""
MOST_EVENTS = 1 << 16
"""Of one chunk."""
MOST_CHUNKS = 1 << 18
"""Of one recording: three days of one a second."""
MOST_CHAPTERS = 10_000
LARGEST_END = (24 * MOST_CHUNKS) + (8 << 20)

_frame = struct.Struct("<II")
_index = struct.Struct("<IqqIQIII")
_crc = struct.Struct("<I")
_entry = struct.Struct("<Qqq")
_footer = struct.Struct("<IIII")
INDEX_SIZE = _frame.size + _index.size + _crc.size
"""Bytes of an index frame, all in all."""
FOOTER_SIZE = _footer.size + len(END_TAG)


class RecordingError(ev.StreamError):
    """What cannot be read or written as a recording; the message is a sentence."""


class Header(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a recording says of itself: `created` is ISO 8601 with its zone, `session` the whole session.

    `redacted` if payloads, contents and printed lines were left out, `title` what somebody called it,
    `begins` the nanosecond of the session with which it begins, and `automatic` unless it has no chapters but
    those that are in it.
    """

    format: tuple[int, int]
    schema: int
    ipcviz: str
    created: str
    session: ev.SessionStarted
    redacted: bool = False
    title: str = ""
    begins: int = 0
    automatic: bool = True


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One chunk: its number, the times of its first and last event (ns), how many events it has, how many
    messages there are up to its end, where its zstd frame lies, how long that is, and its text.
    """

    number: int
    start: int
    end: int
    events: int
    messages: int
    offset: int
    data_length: int
    text_length: int
    data_crc: int


class Totals(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the end of a recording says: its chapters, how many events and messages it has, and for how many
    of them there was no time: messages left out, and previews of messages left out.
    """

    events: int
    messages: int
    chapters: list[ev.Chapter] = []
    left_out: int = 0
    previews_left_out: int = 0


def header_bytes(header: Header) -> bytes:
    """The frame that a recording begins with."""
    text = msgspec.json.encode(header)
    if len(text) > LARGEST_HEADER - 64:
        raise RecordingError("The session has too many processes and channels to be recorded.")
    body = _frame.pack(HEADER_MAGIC, len(HEADER_TAG) + _crc.size + len(text)) + HEADER_TAG
    return body + _crc.pack(zlib.crc32(text, zlib.crc32(body))) + text


def header_length(begin: bytes) -> int:
    """Of the whole header frame, from its first 20 bytes; raises `RecordingError` for what is none."""
    if len(begin) < 16 or begin[8:16] != HEADER_TAG or _frame.unpack_from(begin)[0] != HEADER_MAGIC:
        raise RecordingError("It is no ipcviz recording.")
    length = int(_frame.unpack_from(begin)[1])
    if length > LARGEST_HEADER:
        raise RecordingError("Its header is damaged.")
    return _frame.size + length


def read_header(frame: bytes) -> tuple[Header, int]:
    """The header and its CRC, with which those of the index frames begin; raises `RecordingError`."""
    prefix = _frame.size + len(HEADER_TAG)
    if len(frame) < prefix + _crc.size or header_length(frame) != len(frame):
        raise RecordingError("It was cut within its header, so that nothing of it can be read.")
    (crc,) = _crc.unpack_from(frame, prefix)
    text = frame[prefix + _crc.size :]
    if zlib.crc32(text, zlib.crc32(frame[:prefix])) != crc:
        raise RecordingError("Its header is damaged.")
    _refuse_newer(text)
    try:
        return msgspec.json.decode(text, type=Header), crc
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"Its header cannot be read: {error}.") from None


class _Versions(msgspec.Struct):
    """What even a newer header is sure to have."""

    format: tuple[int, int] = FORMAT
    schema: int = ev.SCHEMA


def _refuse_newer(text: bytes) -> None:
    try:
        versions = msgspec.json.decode(text, type=_Versions)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"Its header cannot be read: {error}.") from None
    major = versions.format[0]
    if major > FORMAT[0] or versions.schema > ev.SCHEMA:
        raise RecordingError(
            f"It has format {major} and schema {versions.schema}, and this ipcviz reads up to {FORMAT[0]} "
            f"and {ev.SCHEMA}; install a newer ipcviz to play it."
        )


def index_bytes(entry: Entry, header_crc: int) -> bytes:
    """The frame before a chunk's own; its `offset` is where it stands, and is not told."""
    body = _frame.pack(INDEX_MAGIC, _index.size + _crc.size) + _index.pack(
        entry.number,
        entry.start,
        entry.end,
        entry.events,
        entry.messages,
        entry.data_length,
        entry.text_length,
        entry.data_crc,
    )
    return body + _crc.pack(zlib.crc32(body, header_crc))


def read_index(frame: bytes, header_crc: int, before: Entry | None, offset: int) -> Entry:
    """The entry of a frame that ends at `offset`, after the entry `before`; raises `RecordingError`."""
    if len(frame) != INDEX_SIZE or _frame.unpack_from(frame) != (INDEX_MAGIC, _index.size + _crc.size):
        raise RecordingError("an index frame was expected")
    if _crc.unpack_from(frame, INDEX_SIZE - _crc.size)[0] != zlib.crc32(frame[: -_crc.size], header_crc):
        raise RecordingError("an index frame is damaged")
    number, start, end, events, messages, data, text, crc = _index.unpack_from(frame, _frame.size)
    entry = Entry(number, start, end, events, messages, offset, data, text, crc)
    last_number, last_end, last_messages = (
        (before.number, before.end, before.messages) if before else (-1, 0, 0)
    )
    fits = (
        number == last_number + 1
        and number < MOST_CHUNKS
        and last_end <= start <= end
        and 0 < events <= MOST_EVENTS
        and last_messages <= messages <= last_messages + events
        and 0 < data <= LARGEST_DATA
        and 0 < text <= LARGEST_TEXT
    )
    if not fits:
        raise RecordingError("an index frame does not follow from the one before it")
    return entry


def end_bytes(entries: list[Entry], totals: Totals, header_crc: int) -> bytes:
    """The frame that a recording ends with: the seek table, the totals as JSON, a footer to find it by."""
    table = b"".join(_entry.pack(entry.offset, entry.start, entry.end) for entry in entries)
    text = msgspec.json.encode(totals)
    length = len(table) + len(text) + FOOTER_SIZE
    body = _frame.pack(END_MAGIC, length) + table + text
    numbers = (len(entries), len(text), _frame.size + length)
    crc = zlib.crc32(END_TAG, zlib.crc32(struct.pack("<III", *numbers), zlib.crc32(body, header_crc)))
    return body + _footer.pack(*numbers, crc) + END_TAG


def end_length(begin: bytes) -> int:
    """Of the whole end frame, from its first 8 bytes; 0 if it is none."""
    magic, length = _frame.unpack_from(begin)
    return _frame.size + length if magic == END_MAGIC and FOOTER_SIZE <= length <= LARGEST_END else 0


def read_end(frame: bytes, entries: list[Entry], header_crc: int) -> Totals:
    """The totals of an end frame that agrees with the chunks before it; raises `RecordingError`."""
    start = len(frame) - FOOTER_SIZE
    count, text_length, length, crc = _footer.unpack_from(frame, start)
    counted = zlib.crc32(END_TAG, zlib.crc32(frame[: -len(END_TAG) - _crc.size], header_crc))
    table = start - text_length - _frame.size
    if frame[-len(END_TAG) :] != END_TAG or crc != counted or length != len(frame) or table < 0:
        raise RecordingError("its end is damaged")
    expected = b"".join(_entry.pack(entry.offset, entry.start, entry.end) for entry in entries)
    if count != len(entries) or frame[_frame.size : _frame.size + table] != expected:
        raise RecordingError("its seek table is of other chunks")
    return _totals(frame[start - text_length : start])


def _totals(text: bytes) -> Totals:
    try:
        totals: Any = msgspec.json.decode(text, type=Totals)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"its end cannot be read: {error}") from None
    if len(totals.chapters) > MOST_CHAPTERS:
        raise RecordingError("it has too many chapters")
    return totals  # type: ignore[no-any-return]  # decoded as one
