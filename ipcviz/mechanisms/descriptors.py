"""Descriptors: closed once and quietly, kept for the end of a run, and why the kernel gives no more."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence

from ipcviz.mechanisms.contract import Reach


class Own:
    """Descriptors to close once, and not again when their numbers may mean something else."""

    def __init__(self, *descriptors: int) -> None:
        self._open = list(descriptors)

    def add(self, descriptor: int) -> None:
        """One more."""
        self._open.append(descriptor)

    def take(self, pair: tuple[int, int]) -> tuple[int, int]:
        """Add two, and give them on."""
        self._open.extend(pair)
        return pair

    def close(self) -> None:
        """Close all of them; idempotent."""
        descriptors, self._open = self._open, []
        close_quietly(*descriptors)


class Held:
    """What the supervisor keeps of the workers' descriptors, to count what they leave behind."""

    def __init__(self) -> None:
        self._descriptors: list[int] = []

    def keep(self, reach: Reach, endpoint: int, descriptor: int) -> bool:
        """Keep a duplicate; False if that worker, or its end, is gone."""
        duplicate = reach.borrow(endpoint, descriptor)
        if duplicate is None:
            return False
        self._descriptors.append(duplicate)
        return True

    def keep_any(self, reach: Reach, endpoints: Sequence[int], descriptor: int) -> None:
        """Keep one duplicate of what all these endpoints share."""
        if not self._descriptors:
            any(self.keep(reach, endpoint, descriptor) for endpoint in endpoints)

    def count(self, counted: Callable[[int], int]) -> int:
        """The sum over all that is kept."""
        return sum(counted(descriptor) for descriptor in self._descriptors)

    def count_together(self, counted: Callable[[Sequence[int]], int]) -> int:
        """What all that is kept holds together."""
        return counted(self._descriptors)

    def close(self) -> None:
        """Let go of everything; idempotent."""
        descriptors, self._descriptors = self._descriptors, []
        close_quietly(*descriptors)


def reason_of(error: OSError) -> str:
    """Why the kernel refused, as the end of a sentence, with what to do where that is known."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return f"{error.strerror}; raise the limit with ulimit -n, or declare fewer channels"
    return str(error.strerror)


def close_quietly(*descriptors: int | None) -> None:
    """Close what is still open."""
    for descriptor in descriptors:
        if descriptor is not None and descriptor >= 0:
            try:
                os.close(descriptor)
            except OSError:
                continue
