"""Sampled messages as packets, for Wireshark and tshark: an interface a channel, an address a process.

A packet's time is when its message was received. It has the tags of an exported PDU, then the message: its
original length is that of all of it, of which only the first bytes were kept. Addresses (127.0.0.0/8) and
ports stand for processes and channels, so that conversations and flow graphs work; the file says which
process an address is. How many messages a channel carried in all is told by each interface's statistics.

What was joined has the time of day of the first part, which goes on, so that packets stand in the order of
their times; when a later part was really run is said by comments of its interfaces and of its first packet.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, NamedTuple

from ipcviz import events as ev
from ipcviz import units
from ipcviz.exports import Progress, Readable
from ipcviz.exports import pcap_blocks as blocks
from ipcviz.exports.options import Options
from ipcviz.exports.reading import in_order, told

LOOPBACK = 127 << 24
MOST_ADDRESSES = (1 << 24) - 2
FIRST_PORT = 1024
_decoder = codecs.getincrementaldecoder("utf-8")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECEIVED, DROPPED, DELIVERED = 4, 5, 8
"""isb_ifrecv: messages that came out of a channel; isb_ifdrop: what the kernel threw away; isb_usrdeliv:
those of which the file has a packet."""


def write(recording: Readable, out: BinaryIO, options: Options, progress: Progress) -> None:
    """Write the packets of the window."""
    start, end = options.window(recording)
    session = recording.session
    comment = f"{session.topology}: {session.about}".strip(": ")
    out.write(
        blocks.section(
            [
                (blocks.COMMENT, blocks.text(units.printable(comment))),
                (3, blocks.text(units.printable(session.host.system))),
                (4, blocks.text(units.printable(f"ipcviz {session.host.ipcviz}"))),
            ]
        )
    )
    capture = _Capture(out, start, end)
    for packet in in_order(capture.packets(told(recording, end, progress))):
        capture.tell(packet)
    capture.end()
    progress(1.0)


class _Interface:
    """A channel: its number in the file, and what was counted of it in the window.

    `joined` is what there is to say of its part of the recording; all channels of a part share the list.
    """

    def __init__(self, number: int, info: ev.ChannelInfo, joined: list[str]) -> None:
        self.number, self.info, self.joined = number, info, joined
        self.packets = 0
        self.before: tuple[int, int] | None = None
        self.now = (0, 0)


class _Packet(NamedTuple):
    """A message, received at t (ns of the session), which is `absolute` since 1970."""

    t: int
    absolute: int
    interface: _Interface
    message: ev.Message


class _Capture:
    """Writes packets of the window from `start` to `end` (ns), and what they need."""

    def __init__(self, out: BinaryIO, start: int, end: int) -> None:
        self._out, self._start, self._end = out, start, end
        self._now = self._entered = start
        self._began = 0
        self._interfaces: dict[str, _Interface] = {}
        self._all: list[_Interface] = []
        self._addresses: dict[str, bytes] = {}
        self._clock: list[tuple[int, int]] = []

    def packets(self, events: Iterator[ev.AnyEvent]) -> Iterator[_Packet]:
        """The messages of the window; takes in all else on the way."""
        for event in events:
            if isinstance(event, ev.Event) and not isinstance(event, ev.SessionStarted):
                self._now = max(self._now, event.t)
            if isinstance(event, ev.Message):
                if event.t >= self._start and event.channel in self._interfaces:
                    absolute = self._since_1970(event.t)
                    yield _Packet(event.t, absolute, self._interfaces[event.channel], event)
            elif isinstance(event, ev.SessionStarted):
                self._begin(event)
            elif isinstance(event, ev.Frame):
                self._count(event)
            elif isinstance(event, ev.Gap):
                self._clock.append((event.t, self._clock[-1][1] + event.left_out))

    def tell(self, packet: _Packet) -> None:
        """One packet."""
        message, interface = packet.message, packet.interface
        interface.packets += 1
        kept = message.payload[: max(0, message.size)]
        content = blocks.pdu(self._tags(message, interface), kept)
        missing = max(0, message.size - len(kept))
        comments = [said_of(message), *interface.joined]
        interface.joined.clear()
        self._out.write(blocks.packet(interface.number, packet.absolute, content, missing, comments))

    def end(self) -> None:
        """What each interface has counted."""
        start, end = self._since_1970(self._start), self._since_1970(self._end)
        for interface in self._all:
            before = interface.before or (0, 0)
            received, dropped = (now - then for now, then in zip(interface.now, before, strict=True))
            counts = {RECEIVED: max(0, received), DROPPED: max(0, dropped), DELIVERED: interface.packets}
            self._out.write(blocks.statistics(interface.number, end, start, end, counts))

    def _begin(self, session: ev.SessionStarted) -> None:
        """Interfaces for all channels of a session, and addresses for its processes."""
        joined = [_said_of_part(session)] if self._clock else []
        if not self._clock:
            self._clock.append((session.t, _nanoseconds(session.started_at) - session.t))
        self._entered, self._began = self._now, session.t
        new = {}
        for name in session.processes:
            if name not in self._addresses:
                place = LOOPBACK + 1 + len(self._addresses) % MOST_ADDRESSES
                self._addresses[name] = new[name] = place.to_bytes(4, "big")
        self._interfaces = {}
        for info in session.channels:
            ends = ", ".join(f"{end.role} {end.process}" for end in info.endpoints)
            description = f"{info.kind} over {info.mechanism}: {ends}"
            self._out.write(
                blocks.interface(units.printable(info.name), units.printable(description), joined)
            )
            interface = self._interfaces[info.name] = _Interface(len(self._all), info, joined)
            self._all.append(interface)
        if new:
            self._out.write(blocks.names((address, units.printable(name)) for name, address in new.items()))

    def _count(self, frame: ev.Frame) -> None:
        """The counters of the last frame before the session was entered, and of the newest."""
        for interface, state in zip(self._interfaces.values(), frame.channels, strict=False):
            interface.now = sum(end.received for end in state.ends), state.dropped or 0
            if self._entered > self._began and (frame.t <= self._entered or interface.before is None):
                interface.before = interface.now

    def _tags(self, message: ev.Message, interface: _Interface) -> Iterator[tuple[int, bytes]]:
        yield blocks.DISSECTOR, shown_by(message).encode()
        yield blocks.SOURCE, self._address(message.sender)
        yield blocks.DESTINATION, self._address(message.receiver)
        port = (FIRST_PORT + interface.number % 60_000).to_bytes(4, "big")
        yield blocks.PORT_TYPE, blocks.UDP_PORT.to_bytes(4, "big")
        yield blocks.SOURCE_PORT, port
        yield blocks.DESTINATION_PORT, port
        about = f"{interface.info.name} ({interface.info.mechanism})"
        yield blocks.PROTOCOL, blocks.text(units.printable(about))
        yield blocks.INFORMATION, blocks.text(units.printable(figures_of(message)))

    def _address(self, process: str) -> bytes:
        """Of a process that the session told of; 127.255.255.255 for any other."""
        return self._addresses.get(process, b"\x7f\xff\xff\xff")

    def _since_1970(self, t: int) -> int:
        """The time of day, in ns: by the clock of the first session, and with what was cut out before t."""
        base = next((base for since, base in reversed(self._clock) if since <= t), self._clock[0][1])
        return max(0, base + t)


def said_of(message: ev.Message) -> str:
    """A packet's comment: who sent it to whom, its number, how long it was on its way."""
    way = f"{message.sender} → {message.receiver}"
    return units.printable(f"{way}, {message.channel} {figures_of(message)}")


def _said_of_part(session: ev.SessionStarted) -> str:
    """What a joined part is, and when it was run in truth."""
    about = (
        f"A part that was joined begins here: {session.topology}, a run that began at {session.started_at}; "
    )
    return units.printable(about + "its times go on from those of the part before.")


def figures_of(message: ev.Message) -> str:
    """Its number, its size, how long it was on its way."""
    latency = units.micros(max(0, message.t - message.sent) / 1000)
    return f"#{message.sequence}, {message.size} B, {latency}"


def shown_by(message: ev.Message) -> str:
    """Wireshark's dissector for a payload: for JSON that was kept whole, for text, or for mere bytes."""
    payload = message.payload
    whole = len(payload) == message.size
    if whole and payload[:1] in (b"{", b"[") and payload[-1:] in (b"}", b"]"):
        return "json"
    try:
        text = _decoder().decode(payload, final=whole)
    except UnicodeDecodeError:
        return "data"
    shows = text and all(char.isprintable() or char in "\t\r\n" for char in text)
    return "data-text-lines" if shows else "data"


def _nanoseconds(started_at: str) -> int:
    """Since 1970; 0 for what is no time."""
    try:
        moment = datetime.fromisoformat(started_at)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000
