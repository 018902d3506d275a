"""Moments in a worker at which a signal may do more than note that it came."""

from __future__ import annotations

from types import FrameType

from ipcviz.mechanisms.waiting import interruptible_code

OURS = ("ipcviz.mechanisms", "ipcviz.runtime.telemetry")


def nothing_half_done(frame: FrameType | None) -> bool:
    """Whether the frame is in nothing of ours, or in a wait that may be broken off."""
    inside = False
    while frame is not None:
        if frame.f_code in interruptible_code:
            return True
        module = frame.f_globals.get("__name__", "")
        inside = inside or module.startswith(OURS)
        frame = frame.f_back
    return not inside
