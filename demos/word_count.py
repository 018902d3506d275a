"""Map, shuffle, reduce: the words of a whole folder are counted by several processes at once.

Look at the middle: every mapper sends to every reducer, and the same word always goes to the same one, so
that one has the final count of it. It ends by itself, from left to right, and the collector's `words` are
those that one process would have counted.
"""

from __future__ import annotations

import os
import re
import zlib
from collections import Counter
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from ipcviz import Folder, Receiver, Sender, Topology, paced, report

COUNTED = re.compile(rb"(\d+) (.+)", re.DOTALL)
TOTALS = re.compile(rb"(\d+)\n(\d+)\n(\d+)(?:\n|$)")

Few = Annotated[int, Meta(ge=1, le=12)]


def build(
    folder: Folder = Path(os.__file__).parent / "email",
    mappers: Few = 3,
    reducers: Few = 2,
    rate: Annotated[float, Meta(ge=0)] = 5,
) -> Topology:
    """`rate` files a second are handed out, 0 for as fast as it goes."""
    topology = Topology(
        "word_count", about="Mappers and reducers count a folder's words.", teaches="Sharing work"
    )
    files = topology.channel("files", needs=("lossless",))
    shuffle = [topology.channel(f"words {n}", needs=("lossless",)) for n in range(1, reducers + 1)]
    totals = topology.channel("totals", needs=("lossless",))
    topology.process("source", hand_out, folder, files.sender, rate)
    for n in range(1, mappers + 1):
        topology.process(f"mapper {n}", count, folder, files.receiver, [words.sender for words in shuffle])
    for n in range(reducers):
        topology.process(f"reducer {n + 1}", add, n, shuffle[n].receiver, totals.sender)
    topology.process("collector", collect, totals.receiver)
    return topology


def hand_out(folder: Path, files: Sender, rate: float) -> None:
    """Send the name of every regular file under the folder, but not of compiled Python."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    for path in paced((path for path in found if "__pycache__" not in path.parts), rate):
        files.send(os.fsencode(path.relative_to(folder)))


def count(folder: Path, files: Receiver, shuffle: list[Sender]) -> None:
    """Count the words of each file, and send each count to the reducer of its word."""
    skipped = 0
    for done, name in enumerate(files, 1):
        try:
            content = (folder / os.fsdecode(name)).read_bytes()
        except OSError:
            content = b"\0"
        skipped += b"\0" in content  # unreadable, or no text
        parts: list[list[bytes]] = [[] for _ in shuffle]
        for word, times in Counter(words(content)).items():
            parts[zlib.crc32(word) % len(shuffle)].append(b"%d %b" % (times, word))
        for reducer, lines in zip(shuffle, parts, strict=True):
            for message in packed(lines, min(reducer.largest, 4000)):
                reducer.send(message)
        report(files=done, skipped=skipped)


def words(content: bytes) -> list[bytes]:
    """The words of a text, small and without the marks around them; there are as many as wc(1) counts."""
    found = [] if b"\0" in content else content.split()
    return [(word.strip(b"\"'.,:;!?()[]{}").lower() or word)[:100] for word in found]


def packed(lines: list[bytes], size: int) -> list[bytes]:
    """The lines in as few messages of that size as it takes."""
    messages: list[bytes] = []
    for line in lines:
        if messages and len(messages[-1]) + 1 + len(line) <= size:
            messages[-1] += b"\n" + line
        else:
            messages.append(line)
    return messages


def add(number: int, counts: Receiver, totals: Sender) -> None:
    """Add up, and tell after each message how far it is, with the most frequent words.

    Lines that are damaged are not counted.
    """
    total: Counter[bytes] = Counter()
    for message in counts:
        for found in filter(None, map(COUNTED.match, message.splitlines())):
            total[found[2]] += int(found[1])
        state = [b"%d" % number, b"%d" % total.total(), b"%d" % len(total)]
        totals.send(b"\n".join(state + [b"%d %b" % (times, word) for word, times in total.most_common(5)]))
        report(words=total.total(), different=len(total))


def collect(totals: Receiver) -> None:
    """Put together what each reducer told last."""
    latest: dict[bytes, tuple[int, int, list[bytes]]] = {}
    report(words=0, different=0)
    for message in totals:
        found = TOTALS.match(message)
        if not found:  # damaged; the next one tells it all again
            continue
        top = filter(COUNTED.match, message[found.end() :].splitlines())
        latest[found[1]] = int(found[2]), int(found[3]), list(top)
        lines = [line for _, _, lines in latest.values() for line in lines]
        best = sorted(lines, key=lambda line: int(line.split()[0]), reverse=True)[:5]
        report(
            words=sum(words for words, _, _ in latest.values()),
            different=sum(different for _, different, _ in latest.values()),
            top=b", ".join(best).decode(errors="replace"),
        )
