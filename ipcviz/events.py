"""The vocabulary: every event of a session's stream, one JSON object a line, each with its "type".

Times named `t`, `since`, `sent`, `received` are nanoseconds on the machine's monotonic clock since
the session began. A reader that knows schema N accepts older ones and refuses newer ones.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

SCHEMA = 1

# gc=False: what there are thousands of has no reference to itself, and the collector need not look for one.

Quality = Literal["exact", "at least", "estimate", "unknown"]
Activity = Literal["", "sending", "receiving"]
FindingKind = Literal[
    "deadlock",
    "failed process",
    "orphaned lock",
    "died holding",
    "lost",
    "torn read",
    "lost update",
    "no reader",
    "leaked object",
    "backlog",
    "starvation",
    "convoy",
    "reordered",
]
"""In the order of their weight."""
FaultKind = Literal[
    "pause", "resume", "kill", "slow", "rate", "delay", "drop", "duplicate", "corrupt", "send"
]
Plain = str | int | float | bool | None


class EndpointInfo(msgspec.Struct, frozen=True):
    """One process's end of a channel; `role` is sender, receiver, caller or responder."""

    process: str
    role: str


class ChannelInfo(msgspec.Struct, frozen=True):
    """A channel as the session made it: `largest` payload in bytes, `part_of` the call it belongs to.

    `options` differ from the mechanism's defaults, `address` is where other programs find it, `source`
    how its depth is known; `size` is of a region, in bytes. Without `backpressure` nobody ever waits to send;
    with `priorities` a message may overtake those of less.
    """

    name: str
    kind: str
    mechanism: str
    endpoints: list[EndpointInfo]
    largest: int
    part_of: str | None = None
    options: dict[str, str] = {}
    address: str = ""
    source: str = ""
    size: int = 0
    lossless: bool = True
    backpressure: bool = True
    priorities: bool = False


class LockInfo(msgspec.Struct, frozen=True):
    """A lock as the session made it: `count` may hold it at once, or with `shared` many readers.

    `after_death` is what becomes of it when its holder is killed, `source` how its holders are known.
    """

    name: str
    mechanism: str
    count: int
    users: list[str]
    shared: bool = False
    options: dict[str, str] = {}
    after_death: str = "stuck"
    source: str = ""


class Host(msgspec.Struct, frozen=True):
    """Where the processes run."""

    name: str
    system: str
    cpus: int
    python: str
    ipcviz: str


class Depth(msgspec.Struct, frozen=True, gc=False):
    """What waits in a channel. `now` is None when unknown, `max` is the highest that a probe saw.

    `quality` says how far to trust it and `reason` why it is not exact.
    """

    now: int | None = None
    max: int | None = None
    capacity: int | None = None
    unit: str = "messages"
    quality: Quality = "unknown"
    reason: str = ""


class EndState(msgspec.Struct, frozen=True, gc=False):
    """One endpoint's counters, in the order of `ChannelInfo.endpoints`.

    `blocked_*` are nanoseconds spent waiting so far, a wait that still lasts included; `activity` is
    what it waits in since `since`; one message in `stride` is stamped and sampled. Of what was sent,
    `faulted` messages were delayed, dropped, duplicated or corrupted by an act.
    """

    sent: int = 0
    sent_bytes: int = 0
    received: int = 0
    received_bytes: int = 0
    activity: Activity = ""
    since: int = 0
    blocked_send: int = 0
    blocked_receive: int = 0
    stride: int = 1
    closed: bool = False
    timed: bool = False
    faulted: int = 0


class Latency(msgspec.Struct, frozen=True, gc=False):
    """Percentiles in microseconds over `count` stamped messages (or waits); None without any."""

    p50: float | None = None
    p99: float | None = None
    count: int = 0


class ChannelState(msgspec.Struct, frozen=True, gc=False):
    """A channel at an instant; `latency` covers about the last two seconds.

    `dropped` is what the kernel has thrown away so far, None where it does not count; `content` the first
    bytes of a region. Of a region's ends, `sent` are writes and `received` reads. `histogram` counts all
    stamped messages so far by their latency: a bucket's number, its count, the next one's number, and so on,
    without the empty ones (the buckets of runtime/histogram.py, eight an octave). By kind of fault, `faulted`
    is how many messages were hit so far (one that was hit by two counts for both), and `pending` how many of
    "the next so many" still are to be.
    """

    ends: list[EndState]
    depth: Depth
    latency: Latency
    dropped: int | None = None
    content: bytes = b""
    histogram: list[int] = []
    faulted: dict[str, int] = {}
    pending: dict[str, int] = {}


class LockUse(msgspec.Struct, frozen=True, gc=False):
    """One process's use of a lock: `state` since `since`, in the order of `LockInfo.users`.

    `shared` if it holds it together with others that read; `died` if it ended without giving it back.
    """

    state: Literal["", "waiting", "holding"] = ""
    since: int = 0
    acquisitions: int = 0
    contended: int = 0
    waited: int = 0
    timed: bool = False
    shared: bool = False
    died: bool = False


class LockState(msgspec.Struct, frozen=True, gc=False):
    """A lock at an instant; `value`, `waiters` and `holders` (pids) are the kernel's own word.

    None is not known, and `reason` says why.
    """

    uses: list[LockUse]
    value: int | None
    waiters: int | None
    quality: Quality
    reason: str
    wait: Latency
    holders: list[int] | None = None


class ProcessState(msgspec.Struct, frozen=True, gc=False):
    """A process as the kernel sees it: `cpu` in percent of one core, memory in bytes, switches so far.

    `descriptors` are open now; None where nobody has counted them.
    """

    state: str = "unknown"
    cpu: float = 0.0
    memory: int = 0
    voluntary: int = 0
    involuntary: int = 0
    descriptors: int | None = None


class Watching(msgspec.Struct, frozen=True, gc=False):
    """What watching costs.

    `ns_per_message` is calibrated on this machine before the start: one message's counting, on both
    ends. `share` is the part of one core that all watching takes: those nanoseconds at the present rates,
    plus the supervisor's own processor time.
    """

    ns_per_message: float
    share: float


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something that happened at `t`."""

    t: int


class FaultInjected(Event, frozen=True, kw_only=True, tag="fault_injected"):
    """Somebody acted on the run: on a process, on a channel, or on a process's end of a channel.

    `amount` is seconds a message for "slow" and "delay", a factor of the pace for "rate"; `count` the next
    so many messages, or else `share` (0 to 1) of all from now on. A share, a factor or a slowness of the
    same `fault` at the same place replaces the one before; "delay", "drop", "duplicate" and "corrupt" end
    with `count` 0 and `share` 0, "slow" with `amount` 0, "rate" with `amount` 1. `sentence` says it in words;
    a fault that could not be done has `done` false, and its sentence says why.
    """

    fault: FaultKind
    sentence: str
    process: str = ""
    channel: str = ""
    amount: float = 0.0
    count: int = 0
    share: float = 0.0
    payload: bytes = b""
    done: bool = True


class SessionStarted(Event, frozen=True, kw_only=True, tag="session_started"):
    """The first event: what runs, where, and since when (`started_at`, ISO 8601 with its zone)."""

    schema: int = SCHEMA
    topology: str
    about: str
    parameters: dict[str, Plain]
    processes: list[str]
    channels: list[ChannelInfo]
    locks: list[LockInfo]
    host: Host
    started_at: str
    tick: int


class Refused(Event, frozen=True, kw_only=True, tag="refused"):
    """The session could not start; `sentence` says what was wrong and what to do."""

    sentence: str
    detail: str = ""


class ProcessStarted(Event, frozen=True, kw_only=True, tag="process_started"):
    """A worker runs."""

    process: str
    pid: int


class ProcessSignalled(Event, frozen=True, kw_only=True, tag="process_signalled"):
    """The supervisor sent a signal to a worker."""

    process: str
    signal: int


class ProcessExited(Event, frozen=True, kw_only=True, tag="process_exited"):
    """A worker ended: `exit` its status or `signal` what killed it; `failed` unless it was meant to end.

    `reason` is a sentence when it failed, `detail` the author's traceback.
    """

    process: str
    pid: int
    exit: int | None
    signal: int | None
    failed: bool
    reason: str = ""
    detail: str = ""


class Frame(Event, frozen=True, kw_only=True, gc=False, tag="frame"):
    """All counters at an instant, in the order of `SessionStarted`."""

    channels: list[ChannelState]
    locks: list[LockState]
    processes: list[ProcessState]
    watching: Watching


class Message(Event, frozen=True, kw_only=True, gc=False, tag="message"):
    """A sampled message, told when it was received.

    `payload` holds its first 64 bytes (base64 in JSON), `size` the length of all of it in bytes.
    """

    channel: str
    sender: str
    receiver: str
    sequence: int
    sent: int
    size: int
    payload: bytes


class LockEvent(Event, frozen=True, kw_only=True, gc=False, tag="lock"):
    """A process waited for, acquired or released a lock (`waited` nanoseconds, for an acquisition)."""

    lock: str
    process: str
    action: Literal["waited", "acquired", "released"]
    waited: int = 0


class Reported(Event, frozen=True, kw_only=True, tag="reported"):
    """What a process said it found; a value that a line of JSON cannot carry is told as its text."""

    process: str
    values: dict[str, Plain]

    def __post_init__(self) -> None:
        """A process may report anything."""
        if not all(map(_is_plain, self.values.values())):
            told = {name: value if _is_plain(value) else str(value) for name, value in self.values.items()}
            msgspec.structs.force_setattr(self, "values", told)


class Note(Event, frozen=True, kw_only=True, tag="note"):
    """A line that a process printed."""

    process: str
    text: str


class FindingRaised(Event, frozen=True, kw_only=True, tag="finding_raised"):
    """Something is wrong since `since`; raised again under the same `key` when its sentence changes."""

    key: str
    kind: FindingKind
    sentence: str
    since: int
    members: list[str]
    ring: bool = False


class FindingCleared(Event, frozen=True, kw_only=True, tag="finding_cleared"):
    """It is no longer so."""

    key: str


class Chapter(Event, frozen=True, kw_only=True, tag="chapter", omit_defaults=True):
    """A part of the session begins, which lasts until the next: where a talk stops, and where a reader goes.

    `caption` is for all to read, `note` for the speaker alone; `auto` if nobody set it by hand. One at the
    same `t` takes the place of the one before.
    """

    label: str
    caption: str = ""
    note: str = ""
    auto: bool = False


class Gap(Event, frozen=True, kw_only=True, tag="gap"):
    """Of the session, `left_out` nanoseconds were cut out here, and all later times are less by them.

    What still happened in them is told at `t`; counters went on, so that no rate reaches over it.
    """

    left_out: int


class Lost(Event, frozen=True, kw_only=True, tag="lost", omit_defaults=True):
    """How many events the stream itself has dropped so far: samples (messages, locks) and printed lines.

    Of `previews` messages, a recording that had no time tells the size without the payload.
    """

    events: int
    previews: int = 0


class ProcessSummary(msgspec.Struct, frozen=True):
    """How a process ended; both None if it was still running."""

    name: str
    pid: int
    exit: int | None
    signal: int | None


class Percentiles(msgspec.Struct, frozen=True):
    """Over the whole session; None when nothing was measured."""

    p50: float | None
    p99: float | None


class DepthSummary(msgspec.Struct, frozen=True):
    """The depth at the end, and the highest that a probe saw."""

    now: int | None
    max: int | None
    capacity: int | None
    unit: str
    quality: Quality


class BlockedSummary(msgspec.Struct, frozen=True):
    """Seconds that the ends of a channel spent waiting in it, all together, but not while paused by hand."""

    send: float
    receive: float


class ChannelSummary(msgspec.Struct, frozen=True):
    """A channel over the whole session; `rate` is messages received a second.

    `in_flight` was still in the channel at the end: sent == received + in_flight + lost; where an earlier
    run had left messages, `found` of them, sent + found. What a broadcast sends counts once for each
    receiver. `dropped` is what the kernel says it has thrown away.
    """

    name: str
    kind: str
    mechanism: str
    sent: int
    received: int
    bytes: int
    lost: int
    rate: float
    latency_us: Percentiles
    depth: DepthSummary
    blocked_s: BlockedSummary
    in_flight: int
    dropped: int | None = None
    found: int = 0


class RegionSummary(msgspec.Struct, frozen=True):
    """A region over the whole session: how often it was written and read, and its first bytes at the end."""

    name: str
    mechanism: str
    size: int
    writes: int
    reads: int
    content: bytes


class LockSummary(msgspec.Struct, frozen=True):
    """A lock over the whole session; holders and waiters as they were at the end.

    `wait_us` are waits as the processes measured them: time for which they were paused by hand is in them.
    """

    name: str
    mechanism: str
    holders: list[str]
    waiters: list[str]
    acquisitions: int
    contended: int
    wait_us: Percentiles


class FindingSummary(msgspec.Struct, frozen=True):
    """A finding that stood at the end, `since_s` seconds after the start."""

    kind: FindingKind
    sentence: str
    since_s: float


class StreamSummary(msgspec.Struct, frozen=True):
    """How many events the stream carried before this one, and how many it dropped."""

    events: int
    lost: int


class Summary(msgspec.Struct, frozen=True, tag_field="type", tag="summary"):
    """The last event: the session in figures."""

    topology: str
    seconds: float
    processes: list[ProcessSummary]
    channels: list[ChannelSummary]
    locks: list[LockSummary]
    findings: list[FindingSummary]
    reports: dict[str, dict[str, Plain]]
    stream: StreamSummary
    watching: Watching
    regions: list[RegionSummary] = []


AnyEvent = (
    SessionStarted
    | Refused
    | ProcessStarted
    | ProcessSignalled
    | ProcessExited
    | Frame
    | Message
    | LockEvent
    | FaultInjected
    | Reported
    | Note
    | FindingRaised
    | FindingCleared
    | Chapter
    | Gap
    | Lost
    | Summary
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


class StreamError(Exception):
    """A line of a stream cannot be read; the message is a sentence."""


class _Header(msgspec.Struct, frozen=True):
    """What even a newer stream's first line is sure to have."""

    type: str = ""
    schema: int = 0


def encode(event: AnyEvent) -> bytes:
    """One line of JSON, newline included."""
    try:
        return _encoder.encode(event) + b"\n"
    except UnicodeEncodeError:
        return _encoder.encode(_all_unicode(msgspec.to_builtins(event))) + b"\n"


def decode(line: bytes | str) -> AnyEvent:
    """The event of one line; raises `StreamError` for what is not one, or is of a newer schema."""
    try:
        event = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _refuse_newer(_schema_of(line))
        raise StreamError(f"this is not an event of an ipcviz stream: {error}") from None
    if isinstance(event, SessionStarted):
        _refuse_newer(event.schema)
    return event


def _schema_of(line: bytes | str) -> int:
    try:
        header = msgspec.json.decode(line, type=_Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0
    return header.schema if header.type == "session_started" else 0


def _refuse_newer(schema: int) -> None:
    if schema > SCHEMA:
        raise StreamError(
            f"this stream has schema {schema} and this ipcviz reads up to {SCHEMA}; "
            "install a newer ipcviz to read it"
        )


def _is_plain(value: object) -> bool:
    finite = not isinstance(value, float) or value - value == 0
    return finite and isinstance(value, str | int | float | None)


def _unicode(text: str) -> str:
    """The text with what stands for bytes that are no text (os.fsdecode) written out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _all_unicode(value: Any) -> Any:
    if isinstance(value, str):
        return _unicode(value)
    if isinstance(value, list):
        return [_all_unicode(item) for item in value]
    if isinstance(value, dict):
        return {_unicode(name): _all_unicode(item) for name, item in value.items()}
    return value
