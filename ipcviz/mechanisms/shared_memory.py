"""POSIX shared memory, shm_overview(7): a ring for messages, a region for state."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ipcviz.mechanisms.contract import KernelChannel, Limits, Mechanism, Plan
from ipcviz.mechanisms.region import RegionChannel
from ipcviz.mechanisms.ring import LARGEST, RingChannel, RingOptions
from ipcviz.traits import Traits

FOLDER = "/dev/shm"
"""Where glibc keeps POSIX shared memory."""


class SharedMemory(Mechanism):
    """The registry's entry."""

    name = "shm"
    family = "shared memory"
    about = "A ring of slots in shared memory: payloads cross without a copy through the kernel."
    depth_source = "FIONREAD of the pipe that carries the filled positions"
    manual = ("shm_overview(7)", "shm_open(3)", "mmap(2)")
    good = "The fastest for bulk data: payloads are written once and read where they are."
    bad = "Nothing keeps readers and writers apart but what you add; hard to debug."
    traits = Traits(kinds=("channel", "broadcast", "call", "region"), boundaries=True)
    options = RingOptions

    def unavailable(self) -> str | None:
        """It needs a writable /dev/shm."""
        return no_shared_memory()

    def limits(self) -> Limits:
        """The ring's own, and what is left of /dev/shm."""
        return ring_limits(FOLDER)

    def largest(self, senders: int) -> int:
        """One slot, less its length and the envelope."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The memory's name."""
        return (("shm", plan.kernel_name),)

    def create(self, plan: Plan) -> KernelChannel:
        """Make it, with its memory reserved so that a full /dev/shm is found now."""
        path = f"{FOLDER}/{plan.kernel_name}"
        made = RegionChannel if plan.kind == "region" else RingChannel
        return made(plan, path, "choose another mechanism with -m pipe")


def no_shared_memory() -> str | None:
    """Why this machine has no POSIX shared memory; None if it has."""
    if os.access(FOLDER, os.W_OK | os.X_OK):
        return None
    return f"{FOLDER} cannot be written; mount a tmpfs there (mount -t tmpfs tmpfs {FOLDER})"


def ring_limits(folder: str) -> Limits:
    """Of a ring in a file in that folder."""
    space = os.statvfs(folder)
    return {
        "slots": RingOptions().slots,
        "largest_message_bytes": LARGEST,
        f"free_bytes_in_{folder.strip('/').replace('/', '_')}": space.f_bavail * space.f_frsize,
    }
