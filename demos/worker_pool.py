"""One process hands out files, several work on them, one collects: size and checksum of a whole folder.

Look at the workers: each takes the next file as soon as it is free, so a large file holds up nobody else.
"""

from __future__ import annotations

import os
import re
import zlib
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from ipcviz import Folder, Receiver, Sender, Topology, paced, report

RESULT = re.compile(rb"(\d+) ([0-9a-f]{8}) ")


def build(
    folder: Folder = Path(os.__file__).parent / "encodings",
    workers: Annotated[int, Meta(ge=1, le=64)] = 4,
    rate: Annotated[float, Meta(ge=0)] = 25,
) -> Topology:
    """`rate` files a second are handed out, 0 for as fast as it goes."""
    topology = Topology(
        "worker_pool",
        about="Files of a folder are handed to whoever is free, and their checksums collected.",
        teaches="Sharing work",
    )
    files = topology.channel("files")
    results = topology.channel("results")
    topology.process("source", hand_out, folder, files.sender, rate)
    for n in range(1, workers + 1):
        topology.process(f"worker {n}", check, folder, files.receiver, results.sender)
    topology.process("sink", collect, results.receiver)
    return topology


def hand_out(folder: Path, files: Sender, rate: float) -> None:
    """Send the name of every regular file under the folder."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    for path in paced(found, rate):
        files.send(os.fsencode(path.relative_to(folder)))


def check(folder: Path, files: Receiver, results: Sender) -> None:
    """Read each file in pieces; one that cannot be read is told as such."""
    for done, name in enumerate(files, 1):
        try:
            size, checksum = measure(folder / os.fsdecode(name))
            results.send(b"%d %08x %b" % (size, checksum, name))
        except OSError:
            results.send(b"unreadable - %b" % name)
        report(files=done)


def collect(results: Receiver) -> None:
    """Add up; the checksum of all does not depend on the order in which they came."""
    files = total = unreadable = combined = 0
    for result in results:
        if found := RESULT.match(result):
            files += 1
            total += int(found[1])
            combined ^= int(found[2], 16)
        else:  # or damaged on the way
            unreadable += 1
        report(files=files, bytes=total, unreadable=unreadable, checksum=f"{combined:08x}")


def measure(path: Path) -> tuple[int, int]:
    """Size in bytes and CRC-32 of a file."""
    size = checksum = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 16):
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)
    return size, checksum
