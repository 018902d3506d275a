"""The blocks of a pcapng file, little-endian: bytes in, bytes out. Pure.

IETF draft-ietf-opsawg-pcapng; payloads are "exported PDUs" (LINKTYPE_WIRESHARK_UPPER_PDU, 252): tags that say
whose they are and what shows them, then the bytes (Wireshark's epan/exported_pdu.h).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

LINKTYPE_UPPER_PDU = 252
NANOSECONDS = 9
"""if_tsresol: times count 10 to the power of -9 seconds."""
LONGEST_OPTION = 60_000
"""Bytes of a text; what is longer is cut. The format has 16 bits for a length."""
BIGGEST = (1 << 32) - 1
"""That a packet's original length can be; a payload that was longer is told as that."""

Options = list[tuple[int, bytes]]
COMMENT = 1
SECTION, INTERFACE, NAMES, STATISTICS, PACKET = 0x0A0D0D0A, 1, 4, 5, 6
DISSECTOR, SOURCE, DESTINATION, PORT_TYPE, SOURCE_PORT, DESTINATION_PORT = 12, 20, 21, 24, 25, 26
PROTOCOL, INFORMATION = 33, 40
"""Texts of columns; the second is for Wireshark 4.2 and newer, which others pass over."""
UDP_PORT = 3
"""The kind of port with which programs tell conversations apart."""


def section(options: Options) -> bytes:
    """What the file begins with: byte order, version 1.0, a length that is not told."""
    return block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _options(options))


def interface(name: str, description: str, comments: Iterable[str] = ()) -> bytes:
    """Where packets come from; the next one's number is one more."""
    told: Options = [(COMMENT, text(comment)) for comment in comments]
    told += [(2, text(name)), (3, text(description)), (9, bytes([NANOSECONDS]))]
    return block(INTERFACE, struct.pack("<HHI", LINKTYPE_UPPER_PDU, 0, 0) + _options(told))


def names(addresses: Iterable[tuple[bytes, str]]) -> bytes:
    """What IPv4 addresses are called."""
    records = b""
    for address, name in addresses:
        value = address + text(name).replace(b"\0", b"") + b"\0"
        records += struct.pack("<HH", 1, len(value)) + _padded(value)
    return block(NAMES, records + bytes(4))


def packet(number: int, t: int, content: bytes, missing: int, comments: Iterable[str]) -> bytes:
    """At t (ns since 1970) on an interface; of its payload, `missing` bytes were not kept."""
    high, low = divmod(t & (1 << 64) - 1, 1 << 32)
    length = min(len(content) + missing, BIGGEST)
    head = struct.pack("<IIIII", number, high, low, len(content), length)
    return block(
        PACKET, head + _padded(content) + _options([(COMMENT, text(comment)) for comment in comments])
    )


def statistics(number: int, t: int, start: int, end: int, counts: dict[int, int]) -> bytes:
    """What an interface has counted from `start` to `end` (ns since 1970), by the numbers of its options."""
    high, low = divmod(t & (1 << 64) - 1, 1 << 32)
    told: Options = [(2, _moment(start)), (3, _moment(end))]
    told += [(code, struct.pack("<Q", value & (1 << 64) - 1)) for code, value in counts.items()]
    return block(STATISTICS, struct.pack("<III", number, high, low) + _options(told))


def pdu(tags: Iterable[tuple[int, bytes]], payload: bytes) -> bytes:
    """An exported PDU: big-endian tags whose values are padded to four bytes, then the payload."""
    head = b"".join(struct.pack(">HH", tag, -(-len(value) // 4) * 4) + _padded(value) for tag, value in tags)
    return head + bytes(4) + payload


def block(kind: int, body: bytes) -> bytes:
    """A block with its length before and behind."""
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def text(value: str) -> bytes:
    """UTF-8 of a length that an option can have."""
    return value.encode("utf-8", "replace")[:LONGEST_OPTION]


def _moment(t: int) -> bytes:
    return struct.pack("<II", *divmod(t & (1 << 64) - 1, 1 << 32))


def _options(options: Options) -> bytes:
    told = b"".join(struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options)
    return told + bytes(4) if told else b""


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)
