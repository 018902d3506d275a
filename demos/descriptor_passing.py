"""One process opens files and passes the open descriptors on; the others read them and never open a path.

A message carries its text and, beside it, the right to use an open file (SCM_RIGHTS, unix(7)): what
arrives is a new number for the same open file. Look at `bytes`, beside the workers: they add up what they
read. That is how a process without rights of its own gets to use what another may open.
"""

from __future__ import annotations

import os
import zlib
from itertools import cycle
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from ipcviz import EndOfMessages, Folder, Receiver, Sender, Topology, paced, report

CHUNK = 1 << 16  # bytes that are read at once


def build(
    folder: Folder = Path(os.__file__).parent / "encodings",
    workers: Annotated[int, Meta(ge=1, le=32)] = 3,
    rate: Annotated[float, Meta(ge=0)] = 25,
) -> Topology:
    """The files of `folder` are opened round and round, `rate` a second, 0 for as fast as it goes."""
    topology = Topology(
        "descriptor_passing",
        about="Open files travel in messages: the workers read what only the opener may open.",
        teaches="Passing messages",
    )
    files = topology.channel("open files", prefer="unix-seqpacket", needs=("descriptors",))
    topology.process("opener", open_all, folder, files.sender, rate)
    for number in range(1, workers + 1):
        topology.process(f"worker {number}", check, files.receiver)
    return topology


def open_all(folder: Path, files: Sender, rate: float) -> None:
    """Open each regular file, pass it on, and close it here: it stays open where it goes."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    opened = unreadable = 0
    for path in paced(cycle(found), rate):
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError:
            unreadable += 1
        else:
            try:
                files.send_descriptors(os.fsencode(path.name), [descriptor])
            finally:
                os.close(descriptor)
            opened += 1
        report(opened=opened, unreadable=unreadable)


def check(files: Receiver) -> None:
    """Read whatever is passed, and add up sizes and checksums."""
    read = total = combined = 0
    while True:
        try:
            _, descriptors = files.receive_descriptors()
        except EndOfMessages:
            return
        for descriptor in descriptors:
            size, checksum = measure(descriptor)
            read, total, combined = read + 1, total + size, combined ^ checksum
            os.close(descriptor)
        report(files=read, bytes=total, checksum=f"{combined:08x}")


def measure(descriptor: int) -> tuple[int, int]:
    """Size in bytes and CRC-32 of an open file, wherever its offset stands."""
    size = checksum = 0
    while piece := os.pread(descriptor, CHUNK, size):
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
    return size, checksum
