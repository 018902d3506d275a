"""What recordings cost: ten minutes of 50 channels at 20 frames a second with 120,000 messages."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from ipcviz.bench.made_session import events
from ipcviz.recording.player import PlayerSource
from ipcviz.recording.reader import Recording
from ipcviz.recording.writer import Writer

SEEKS = 100


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one recording: its size and messages, and what it takes, in seconds and bytes.

    `writing` is processor time of all that makes the file. `seeks` are sorted, each for the world and its
    View at a random time after the index was made: processor time, which other programs do not lengthen;
    `waits` are the same by the clock.
    """

    size: int
    messages: int
    writing: float
    opening: float
    indexing: float
    index_size: int
    seeks: list[float]
    waits: list[float]


def measure(seconds: int) -> Cost:
    """Record a made session of that length, open it and seek in it."""
    with tempfile.TemporaryDirectory(prefix="ipcviz-bench-") as folder:
        path = Path(folder) / "made.ipcz"
        writing = _write(path, seconds)
        began = time.perf_counter()
        recording = Recording(path)
        opening = time.perf_counter() - began
        player = PlayerSource(recording)
        try:
            began = time.perf_counter()
            player.wait_for_index()
            indexing = time.perf_counter() - began
            seeks = [_seek(player, t) for t in _times(recording)]
        finally:
            player.close()
        messages = recording.chunks[-1].messages
        held = player.past.index.bytes
        by_processor, by_clock = (sorted(times) for times in zip(*seeks, strict=True))
        return Cost(recording.size, messages, writing, opening, indexing, held, by_processor, by_clock)


def _write(path: Path, seconds: int) -> float:
    """Processor time of the writer alone."""
    writer = Writer(path)
    spent, began = 0.0, time.process_time()
    for number, event in enumerate(events(seconds)):
        writer.put(event)
        if number % 200 == 0:
            writer.wait_until_written()
    writer.close()
    spent = time.process_time() - began
    began = time.process_time()
    for _ in events(seconds):
        pass
    return spent - (time.process_time() - began)


def _times(recording: Recording) -> list[int]:
    chance = random.Random(7)
    return [chance.randrange(recording.start, recording.end) for _ in range(SEEKS)]


def _seek(player: PlayerSource, t: int) -> tuple[float, float]:
    """By the processor, and by the clock."""
    began, began_by_clock = time.thread_time(), time.perf_counter()
    player.seek(t).view()
    return time.thread_time() - began, time.perf_counter() - began_by_clock


def table(seconds: int, record: Path | None = None) -> None:
    """Measure and print; `record` gets the same as JSON."""
    import msgspec

    cost = measure(seconds)
    print(f"{seconds} s, 50 channels, 20 frames a second, {cost.messages:,} messages")
    print(f"size      {cost.size / 1e6:8.2f} MB")
    print(f"writing   {cost.writing:8.2f} s of processor time, {cost.writing / seconds:.2%} of one")
    print(f"opening   {cost.opening * 1000:8.1f} ms")
    print(f"indexing  {cost.indexing:8.1f} s beside the screen, {cost.index_size / 1e6:.1f} MB held")
    for name, times in (("processor time", cost.seeks), ("the clock", cost.waits)):
        middle, most = statistics.median(times) * 1000, times[-1] * 1000
        print(f"a seek    {middle:8.1f} ms in the middle, {most:.1f} ms at most, of {SEEKS}, by {name}")
    if record is not None:
        record.write_bytes(msgspec.json.encode(asdict(cost)))
