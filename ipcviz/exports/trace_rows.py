"""The rows of a trace for one process and for one lock: when it was alive, waited, was paused, held what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ipcviz import events as ev
from ipcviz import units
from ipcviz.exports.settled import Settled
from ipcviz.exports.trace_file import Arguments, Seats, TraceFile
from ipcviz.lanes import LockLane, ProcessLane, Span

NEVER = 1 << 63
"""A time after all others: what has settled by then is all there is."""
_WAITS = {"receiving": "to receive", "sending": "to send into", "locking": "for"}


class ProcessRows:
    """One process, from its start on; its spans come in any order, and are told by their ends."""

    def __init__(self, file: TraceFile, name: str, pid: int, since: int) -> None:
        self._file = file
        self._alive_since: int | None = since
        self.last_sent: tuple[str, int, int] | None = None
        """Channel, number and time of the last message of which the send was told."""
        self.group = file.group(name, "process", pid)
        self.life = file.track(self.group, name, 0, main=True)
        self.messages = file.track(self.group, "messages", 1)
        self._waits = Seats(file, self.group, "waits", 2)
        self._holds = Seats(file, self.group, "holds", 3)
        self._pauses = Seats(file, self.group, "paused", 4)
        self._settled_waits, self._settled_pauses = Settled(), Settled()

    def end(self, t: int) -> None:
        """It ended at t, or is told no further."""
        if self._alive_since is not None:
            self._file.slice(self.life, "process", "alive", self._alive_since, t, {})
            self._alive_since = None

    def settled(self, lane: ProcessLane, settled: int) -> list[Span]:
        """Its waits and pauses that nothing can change any more, up to `settled` ns."""
        last = settled == NEVER
        waits = self._settled_waits.take(lane.waits, lane.since, settled)
        pauses = self._settled_pauses.take(lane.pauses, 0, settled)
        return [*waits, *pauses, *(lane.waits.open if last else ()), *(lane.pauses.open if last else ())]

    def tell(self, spans: Iterable[Span]) -> None:
        """Tell spans that were not told yet."""
        for start, end, together in _joined(spans):
            self._tell(start, end, together)

    def _tell(self, start: int, end: int, spans: list[Span]) -> None:
        first = spans[0]
        if first.what == "holding":
            self._file.slice(self._holds.take(start, end), "hold", first.name, start, end, shared(first))
        elif first.what == "paused":
            self._file.slice(self._pauses.take(start, end), "pause", "paused", start, end, {})
        elif first.share < 1:
            told: Arguments = {
                f"{_WAITS[span.what]} {span.name}, ns": round(span.share * (end - start)) for span in spans
            }
            name = f"waits {units.percent(sum(span.share for span in spans))} of the time"
            self._file.slice(self._waits.take(start, end), "wait in part", name, start, end, told)
        else:
            name = f"waits {_WAITS[first.what]} {first.name}"
            self._file.slice(self._waits.take(start, end), "wait", name, start, end, _why(first))


class LockRows:
    """One lock."""

    def __init__(self, file: TraceFile, info: ev.LockInfo) -> None:
        self._file = file
        self.group = file.group(f"lock {info.name} ({info.mechanism})", "lock")
        self._seats = Seats(file, self.group, "held by", 0)
        self._settled = Settled()
        self._last: dict[str, int] = {}

    def settled(self, lane: LockLane, settled: int) -> list[Span]:
        """How it was held, up to `settled` ns."""
        spans = self._settled.take(lane.holds, lane.since, settled)
        for span in spans:
            self._last[span.process] = span.end
        if settled == NEVER:  # the last frame may tell again of what the end of the session gave back
            spans += [span for span in lane.holds.open if span.start >= self._last.get(span.process, 0)]
        return spans

    def tell(self, span: Span) -> None:
        """Somebody held it."""
        track = self._seats.take(span.start, span.end)
        self._file.slice(track, "hold", span.process, span.start, span.end, shared(span))


def shared(span: Span) -> Arguments:
    """Whether others held the lock, too."""
    return {"shared": True} if span.shared else {}


def _why(span: Span) -> Arguments:
    told: Arguments = {"for": span.name, "end known by": "stamp or count" if span.exact else "sight"}
    if span.by is not None:
        told |= {"ended by": span.by.process or None, "how": span.by.how}
    return told


def _joined(spans: Iterable[Span]) -> Iterator[tuple[int, int, list[Span]]]:
    """Spans in the order of their ends; shares of the same time are one."""
    together: dict[tuple[int, int, str, str], list[Span]] = {}
    for span in spans:
        is_part = span.share < 1
        what: str = "" if is_part else span.what
        key = (span.end, span.start, what, "" if is_part else span.name)
        together.setdefault(key, []).append(span)
    for key in sorted(together):
        yield key[1], key[0], together[key]
