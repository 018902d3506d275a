"""Acts on a run in words."""

from __future__ import annotations

from ipcviz import units
from ipcviz.runtime.fault_words import MessageFault

_DONE_TO: dict[MessageFault, str] = {
    "delay": "delayed",
    "drop": "dropped",
    "duplicate": "sent twice",
    "corrupt": "corrupted",
}
_PREVIEW = 24


def seconds_text(seconds: float) -> str:
    """A time that somebody chose: 50 ms, 1.5 s, 200 µs."""
    for scale, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= scale or unit == "µs":
            break
    return f"{seconds / scale:.4g} {unit}"


def of_messages(
    kind: MessageFault, channel: str, process: str, count: int, share: float, amount: float
) -> str:
    """The next 3 messages on lines are dropped."""
    where = f"that {process} sends on {channel}" if process else f"on {channel}"
    what = _DONE_TO[kind] + (f" by {seconds_text(amount)}" if kind == "delay" and amount else "")
    if count == 1:
        return f"The next message {where} is {what}."
    if count:
        return f"The next {count:,} messages {where} are {what}."
    if share == 1:
        return f"All messages {where} are {what} from now on."
    if share:
        return f"{_share_text(share)} of the messages {where} are {what} from now on."
    return f"No more messages {where} are {what}."


def slow(process: str, channel: str, seconds: float) -> str:
    """consumer is slowed by 50 ms a message; the channel is named where there are several."""
    where = f" from {channel}" if channel else ""
    if not seconds:
        return f"{process} is no longer slowed{f' when it takes{where}' if channel else ''}."
    return f"{process} is slowed by {seconds_text(seconds)} a message{where}."


def rate(process: str, factor: float) -> str:
    """producer goes at 2 times its own pace."""
    if factor == 1:
        return f"{process} goes at its own pace again."
    return f"{process} goes at {factor:.4g} times its own pace."


def sent(payload: bytes, channel: str, process: str) -> str:
    """'hello' was sent into lines by hand, through reader."""
    shown = units.preview(payload[:_PREVIEW]) + ("…" if len(payload) > _PREVIEW else "")
    return f"{shown!r} was sent into {channel} by hand, through {process}."


def _share_text(share: float) -> str:
    return f"{share * 100:.4g} %"
