"""A file that all map, mmap(2) with MAP_SHARED: shared memory that has a place on a disk."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

from ipcviz.mechanisms.contract import KernelChannel, Limits, Mechanism, Plan
from ipcviz.mechanisms.region import RegionChannel
from ipcviz.mechanisms.ring import LARGEST, RingChannel, RingOptions
from ipcviz.mechanisms.shared_memory import ring_limits
from ipcviz.traits import Traits


class MmapFile(Mechanism):
    """The registry's entry."""

    name = "mmap-file"
    family = "shared memory"
    about = "A file that all processes map: the same pages in each, written back to the disk in time."
    depth_source = "FIONREAD of the pipe that carries the filled positions"
    manual = ("mmap(2)", "msync(2)")
    good = "As fast as shared memory, of any size, and the file is still there afterwards."
    bad = "What is on the disk after a crash of the machine is anybody's guess without msync(2)."
    traits = Traits(kinds=("channel", "broadcast", "call", "region"), boundaries=True)
    options = RingOptions

    def limits(self) -> Limits:
        """The ring's own, and what is left of the disk."""
        return ring_limits(tempfile.gettempdir())

    def largest(self, senders: int) -> int:
        """One slot, less its length and the envelope."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The file in the run's folder."""
        return (("file", plan.kernel_name),)

    def create(self, plan: Plan) -> KernelChannel:
        """Make the file, with its room on the disk reserved."""
        made = RegionChannel if plan.kind == "region" else RingChannel
        return made(plan, plan.path, "choose another mechanism with -m pipe")
