"""A spool file: records appended by some and followed by others; what was not read stays on the disk.

The spool lies in the run's folder and goes with it, or at a `path` of the user's choice, where it stays.
How far it was read stands beside it, in one word for all receivers of a channel and one for each of a
broadcast. Appending and reading on are done under a lock on the file; a reader without news sleeps until
the kernel tells that the file was written (inotify(7)).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    CannotCreate,
    KernelChannel,
    Limits,
    Mechanism,
    Options,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.mechanisms.ends import ReceiverEnd, SenderEnd
from ipcviz.mechanisms.files import remove
from ipcviz.mechanisms.frames import LARGEST_FRAME
from ipcviz.mechanisms.records import Lifeline
from ipcviz.mechanisms.region import RegionChannel
from ipcviz.mechanisms.spool import Marks, SpoolPut, SpoolTake, claimed, count_records
from ipcviz.traits import Traits

LARGEST = LARGEST_FRAME - ENVELOPE


class FileOptions(Options, frozen=True):
    """What can be chosen of a spool file."""

    lock: Annotated[
        Literal["flock", "fcntl", "none"], Meta(description="what keeps writers and readers apart")
    ] = "flock"
    path: Annotated[
        str, Meta(description="where the spool lies and stays; empty: with the run, and gone")
    ] = ""


class SpoolChannel(KernelChannel):
    """One spool, the marks beside it, and the lifeline."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._path = plan.options.path or plan.path
        self._keep = bool(plan.options.path)
        self._marks_path = f"{self._path}.read"
        broadcast = plan.kind == "broadcast"
        self._words = {end: number if broadcast else 0 for number, end in enumerate(plan.receivers)}
        self._claim: int | None = None
        self._make()
        self._found = self.in_flight() if self._keep else 0
        try:
            self._lifeline = Lifeline(plan)
        except CannotCreate:
            self._close()
            raise

    def _make(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | (0 if self._keep else os.O_EXCL)
        made: list[str] = []
        try:
            for path, size in ((self._path, 0), (self._marks_path, Marks.size(len(self.plan.receivers)))):
                descriptor = os.open(path, flags, 0o600)
                made.append(path)
                if size:
                    os.posix_fallocate(descriptor, 0, size)
                os.close(descriptor)
            if self._keep:
                self._claim = claimed(self._marks_path)
            self._marks = Marks(self._marks_path, len(self.plan.receivers))
        except (OSError, ValueError) as error:
            close_quietly(self._claim)
            for path in () if self._keep else made:
                remove(path)
            why = error.strerror if isinstance(error, OSError) else str(error)
            if isinstance(error, BlockingIOError):
                why = "another channel or run uses it; give each a path of its own"
            raise CannotCreate(
                f"channel {self.plan.channel!r}: the spool {self._path} could not be made ({why})"
            ) from None

    def __getstate__(self) -> dict[str, object]:
        """Pickled for an exec'd worker, which maps the marks anew."""
        return {name: value for name, value in vars(self).items() if name != "_marks"}

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The lifeline; the files are found by their paths."""
        return (self._lifeline.descriptor(endpoint),)

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """Open the spool by its path."""
        lifeline = self._lifeline.descriptor(endpoint)
        lock = self.plan.options.lock
        if endpoint in self.plan.senders:
            put = SpoolPut(self._path, lock, lifeline, watch)
            return SenderEnd(self.plan.channel, endpoint, LARGEST, put, watch)
        marks = Marks(self._marks_path, len(self.plan.receivers))
        # Unread pages may be given back to the disk once nobody can want them again.
        alone = self.plan.kind != "broadcast" and not self._keep
        take = SpoolTake(self._path, lock, marks, self._words[endpoint], alone, lifeline, watch)
        return ReceiverEnd(self.plan.channel, take, watch)

    def release(self) -> None:
        """Let go of the lifeline here."""
        self._lifeline.release()

    def depth(self, reach: Reach) -> Depth:
        """The bytes that were written and not read by all; only the disk limits them."""
        try:
            size = os.stat(self._path).st_size
        except OSError as error:
            return Depth(unit="bytes", reason=f"{self._path}: {error.strerror}")
        unread = max(0, *(size - self._marks.get(word) for word in set(self._words.values())))
        return Depth(unread, None, None, "bytes", "exact")

    def address(self) -> str:
        """Its path."""
        return self._path

    def found(self) -> int:
        """What an earlier run has left in a spool that stays."""
        return self._found

    def hold(self, reach: Reach) -> None:
        """The disk keeps it."""

    def in_flight(self) -> int:
        """Count the whole records that were not read, by each receiver of a broadcast."""
        return sum(count_records(self._path, self._marks.get(word)) for word in set(self._words.values()))

    def destroy(self) -> None:
        """Remove the files, unless they are to stay."""
        self.release()
        self._close()

    def _close(self) -> None:
        self._marks.close()
        claim, self._claim = self._claim, None
        close_quietly(claim)
        if not self._keep:
            remove(self._path)
            remove(self._marks_path)


class File(Mechanism):
    """The registry's entry."""

    name = "file"
    family = "file"
    about = "Records appended to a file and read from it, at once or much later."
    depth_source = "st_size, stat(2), less how far it was read: the bytes that wait"
    manual = ("open(2), O_APPEND", "flock(2)", "inotify(7)")
    good = "Simple, and what was written is still there when all processes have ended."
    bad = "Slow, not real-time, needs locks, and grows until the disk is full."
    traits = Traits(
        kinds=("channel", "broadcast", "call", "region"), fans_out=True, persistent=True, backpressure=False
    )
    options = FileOptions

    def limits(self) -> Limits:
        """What is left of the disk."""
        space = os.statvfs(tempfile.gettempdir())
        return {
            "largest_message_bytes": LARGEST,
            "free_bytes_on_disk": space.f_bavail * space.f_frsize,
        }

    def largest(self, senders: int) -> int:
        """Any length would do; this is what a stream carries."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The spool and its marks, unless they are to stay."""
        if plan.options.path:
            return ()
        if plan.kind == "region":
            return (("file", plan.kernel_name),)
        return (("file", plan.kernel_name), ("file", f"{plan.kernel_name}.read"))

    def create(self, plan: Plan) -> KernelChannel:
        """Make the spool; a region is a file that is mapped."""
        if plan.kind == "region":
            return RegionChannel(plan, plan.path, "choose another mechanism with -m shm")
        return SpoolChannel(plan)
