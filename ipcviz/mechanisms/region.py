"""A region: bytes that several processes share, mapped from a file, with nothing that keeps them apart.

A reader's mapping cannot be written (PROT_READ): the kernel would kill it. Numbers are stored and loaded
as whole aligned 8-byte items; everything longer is copied byte by byte, and can be torn.
"""

from __future__ import annotations

from collections.abc import Sequence

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import KernelChannel, Plan, Reach, Watch
from ipcviz.mechanisms.files import map_file, remove, reserve

SHOWN = 64
"""Bytes of a region that the supervisor tells."""
_WORD = 8


class RegionEnd:
    """A `Region` over a mapping."""

    def __init__(self, region: str, path: str, size: int, writable: bool, watch: Watch) -> None:
        self.size = size
        self._region = region
        self._writable = writable
        # Whole words, so that the last bytes can be loaded as one, too.
        self._map = map_file(path, _whole_words(size), writable)
        self._bytes = memoryview(self._map)
        self._words = self._bytes.cast("Q")
        self._watch = watch

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        """Copy bytes out; see `ipcviz.ends.Region`."""
        end = self.size if size is None else offset + size
        self._check(offset, end)
        data = bytes(self._bytes[offset:end])
        self._watch.received(len(data), 0, 0, 0, b"")
        return data

    def write(self, data: bytes, offset: int = 0) -> None:
        """Copy bytes in; see `ipcviz.ends.Region`."""
        self._check(offset, offset + len(data))
        self._check_writable()
        self._bytes[offset : offset + len(data)] = data
        self._watch.sent(len(data))

    def load(self, word: int = 0) -> int:
        """One number out; see `ipcviz.ends.Region`."""
        self._check(word * _WORD, (word + 1) * _WORD)
        value = self._words[word]
        self._watch.received(_WORD, 0, 0, 0, b"")
        return value

    def store(self, value: int, word: int = 0) -> None:
        """One number in; see `ipcviz.ends.Region`."""
        self._check(word * _WORD, (word + 1) * _WORD)
        self._check_writable()
        self._words[word] = value
        self._watch.sent(_WORD)

    def close(self) -> None:
        """Unmap it; idempotent."""
        if self._map.closed:
            return
        self._watch.closed()
        self._words.release()
        self._bytes.release()
        self._map.close()

    def _check(self, start: int, end: int) -> None:
        if not 0 <= start <= end <= _whole_words(self.size):
            raise ValueError(f"region {self._region!r} has {self.size} bytes, and not {start} to {end}")

    def _check_writable(self) -> None:
        if not self._writable:
            raise ValueError(f"this process was given region {self._region!r} to read, and not to write")


class RegionChannel(KernelChannel):
    """One region in the file at `path`."""

    def __init__(self, plan: Plan, path: str, remedy: str) -> None:
        self.plan = plan
        self._path = path
        reserve(path, _whole_words(plan.size), plan.channel, remedy)

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """None: it is found by its name."""
        return ()

    def open(self, endpoint: int, watch: Watch) -> RegionEnd:
        """Map it."""
        return RegionEnd(self.plan.channel, self._path, self.plan.size, endpoint in self.plan.senders, watch)

    def release(self) -> None:
        """Nothing is held."""

    def depth(self, reach: Reach) -> Depth:
        """It has none: nothing waits in it."""
        return Depth(None, None, self.plan.size, "bytes", "exact", "a region has no queue")

    def content(self) -> bytes:
        """Its first bytes."""
        try:
            with open(self._path, "rb") as file:
                return file.read(min(SHOWN, self.plan.size))
        except OSError:
            return b""

    def address(self) -> str:
        """Its path."""
        return self._path

    def hold(self, reach: Reach) -> None:
        """Nothing needs holding."""

    def in_flight(self) -> int:
        """Nothing ever is."""
        return 0

    def destroy(self) -> None:
        """Remove its name."""
        remove(self._path)


def _whole_words(size: int) -> int:
    return -(-size // _WORD) * _WORD
