"""A file in the Trace Event Format: groups of tracks, with slices, instants, counters and flows in them.

https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU, which Perfetto and
chrome://tracing read. Its times are microseconds; told with three decimals they are exact to the nanosecond.
"""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

import msgspec

from ipcviz import units

FIRST_NUMBER = 1 << 22
"""Numbers of groups and tracks that are no process of the kernel's: its pids are less (PID_MAX_LIMIT)."""

Value = str | int | float | bool | None
Arguments = dict[str, Value]
_encode = msgspec.json.Encoder().encode


class Track(NamedTuple):
    """A row of the trace: the number of its group (a pid there) and its own (a tid)."""

    group: int
    number: int


class TraceFile:
    """Writes the file as its parts become known; the reader sorts them by time."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._numbers = FIRST_NUMBER
        self._groups: set[int] = set()
        self._counters: dict[tuple[int, str, str], tuple[bytes, float | None]] = {}
        self._between = b"\n"
        out.write(b'{"displayTimeUnit":"ns","traceEvents":[')

    def group(self, name: str, label: str, pid: int = 0) -> int:
        """A group of tracks, of a process of the kernel's where a `pid` is given; its number."""
        number = pid if pid and pid not in self._groups else self._number()
        for what, told in (
            ("process_name", {"name": units.printable(name)}),
            ("process_labels", {"labels": units.printable(label)}),
            ("process_sort_index", {"sort_index": len(self._groups)}),
        ):
            self._tell(ph="M", pid=number, name=what, args=told)
        self._groups.add(number)
        return number

    def track(self, group: int, name: str, place: int, main: bool = False) -> Track:
        """A row in a group, which readers may show in the order of `place`; `main` of one row of a group."""
        track = Track(group, group if main else self._number())
        for what, told in (
            ("thread_name", {"name": units.printable(name)}),
            ("thread_sort_index", {"sort_index": place}),
        ):
            self._tell(ph="M", pid=group, tid=track.number, name=what, args=told)
        return track

    def slice(
        self, track: Track, category: str, name: str, start: int, end: int, arguments: Arguments
    ) -> None:
        """Something that lasted; the slices of one track must not overlap in part."""
        self._at("X", track, start, dur=_micros(max(0, end - start)), cat=category, name=name, args=arguments)

    def instant(self, track: Track, category: str, name: str, t: int, arguments: Arguments) -> None:
        """Something that happened."""
        self._at("i", track, t, s="t", cat=category, name=name, args=arguments)

    def flow(
        self, number: int, category: str, name: str, begin: tuple[Track, int], end: tuple[Track, int]
    ) -> None:
        """An arrow between two slices, each told by its track and a time of it; `number` is its own."""
        self._at("s", *begin, id=number, cat=category, name=name)
        self._at("f", *end, id=number, bp="e", cat=category, name=name)

    def counter(self, group: int, name: str, unit: str, t: int, value: float) -> None:
        """A figure that stays until it is told anew; told only where it is another than before."""
        key = group, name, unit
        begin, before = self._counters.get(key) or (_counter(group, name, unit), None)
        if before == value:
            return
        self._counters[key] = begin, value
        self._out.write(b'%b%b%b},"ts":%b}' % (self._between, begin, _encode(value), _micros(t)))
        self._between = b",\n"

    def close(self, about: Arguments) -> None:
        """The end of the file, with what is known of all of it."""
        self._out.write(b'\n],"otherData":' + _encode(_printable(about)) + b"}\n")

    def _at(self, kind: str, track: Track, t: int, **fields: object) -> None:
        for key in ("name", "cat", "args"):
            value = fields.get(key)
            if isinstance(value, str):
                fields[key] = units.printable(value)
            elif isinstance(value, dict):
                fields[key] = _printable(value)
        self._tell(ph=kind, pid=track.group, tid=track.number, ts=_micros(t), **fields)

    def _tell(self, **fields: object) -> None:
        self._out.write(self._between + _encode(fields))
        self._between = b",\n"

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers - 1


class Seats:
    """Rows for slices that may overlap: as many as there are at once. They come by their ends."""

    def __init__(self, file: TraceFile, group: int, name: str, place: int) -> None:
        self._file = file
        self._named = group, name, place
        self._seats: list[tuple[Track, int]] = []

    def take(self, start: int, end: int) -> Track:
        """A row that is free from `start` on."""
        for number, (track, until) in enumerate(self._seats):
            if until <= start:
                self._seats[number] = track, end
                return track
        group, name, place = self._named
        told = f"{name} {len(self._seats) + 1}" if self._seats else name
        track = self._file.track(group, told, place)
        self._seats.append((track, end))
        return track


def _counter(group: int, name: str, unit: str) -> bytes:
    """What is the same in all that is told of a counter."""
    told = _encode({"ph": "C", "pid": group, "name": units.printable(name)})
    return told[:-1] + b',"args":{' + _encode(units.printable(unit)) + b":"


def _micros(nanoseconds: int) -> msgspec.Raw:
    nanoseconds = max(0, nanoseconds)
    return msgspec.Raw(f"{nanoseconds // 1000}.{nanoseconds % 1000:03}".encode())


def _printable(arguments: Arguments) -> Arguments:
    return {
        units.printable(key): units.printable(value) if isinstance(value, str) else value
        for key, value in arguments.items()
        if value is not None
    }
