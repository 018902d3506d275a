"""Figures as people read them, each with its unit; and text that a terminal may safely show."""

from __future__ import annotations

from collections.abc import Sequence

SECOND = 1_000_000_000


def rate(value: float) -> str:
    """Events a second: 0/s, 9.5/s, 120/s, 82.1 k/s, 1.2 M/s."""
    return f"{_scaled(value)}/s"


def count(value: int) -> str:
    """A number of things: 7, 4,121, 51.2 k, 3.4 M."""
    return f"{value:,}" if value < 10_000 else _scaled(float(value))


def size(value: float) -> str:
    """Bytes: 64 B, 5.1 KiB, 1.0 MiB."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1000 or unit == "GiB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"


def micros(value: float | None) -> str:
    """Microseconds: 0 µs, 118 µs, 2.4 ms, 1.7 s; – for none."""
    if value is None:
        return "–"
    if value < 1:
        return "0 µs" if value < 0.05 else f"{value:.1f} µs"
    if value < 999.5:
        return f"{value:.0f} µs"
    if value < 999_500:
        return f"{value / 1000:.1f} ms" if value < 99_950 else f"{value / 1000:.0f} ms"
    return f"{value / 1_000_000:.1f} s"


def span(nanoseconds: int) -> str:
    """A duration: 0.4 s, 12.3 s, 04:05."""
    seconds = nanoseconds / SECOND
    return f"{seconds:.1f} s" if seconds < 99.95 else clock(max(nanoseconds, 100 * SECOND))


def lasted(nanoseconds: int) -> str:
    """How long something took or has lasted: 0 µs, 45 µs, 340 ms, 12.3 s, 04:05."""
    if nanoseconds >= SECOND:
        return span(nanoseconds)
    micro = max(0, nanoseconds) // 1000
    return f"{micro} µs" if micro < 1000 else f"{micro // 1000} ms"


def clock(nanoseconds: int) -> str:
    """Since the start: 00:42, 1:02:03."""
    minutes, seconds = divmod(nanoseconds // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def stamp(nanoseconds: int) -> str:
    """An instant since the start, to the microsecond: 42.118 204."""
    micro = nanoseconds // 1000
    return f"{micro // 1_000_000}.{micro // 1000 % 1000:03} {micro % 1000:03}"


def percent(part: float) -> str:
    """A share: 0 %, 0.4 %, 61 %."""
    value = part * 100
    return f"{value:.1f} %" if 0.05 <= value < 1 else f"{value:.0f} %"


def quantity(value: int | None, unit: str) -> str:
    """An amount in the unit that a probe gave it: 10, 64 KiB; ? when it is unknown."""
    if value is None:
        return "?"
    return size(value) if unit.startswith("bytes") else f"{value:,}"


def depth(now: int | None, capacity: int | None, unit: str) -> str:
    """What waits and what it has room for: 10 of 10, 64 KiB of 1 MiB; only what waits without a limit."""
    if now is not None and capacity is None:
        return quantity(now, unit)
    return f"{quantity(now, unit)} of {quantity(capacity, unit)}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a; a and b; a, b and c."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def printable(text: str) -> str:
    """The text with every character that a terminal would obey written out: \\x1b, \\n, \\u202e."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _written_out(char) for char in text)


def preview(payload: bytes) -> str:
    """A payload's beginning as text that can be shown; bytes that are no text written out."""
    return printable(payload.decode("utf-8", "backslashreplace"))


def _written_out(char: str) -> str:
    code = ord(char)
    named = {9: "\\t", 10: "\\n", 13: "\\r", 0: "\\0"}
    if code in named:
        return named[code]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _scaled(value: float) -> str:
    for unit in ("", " k", " M"):
        if value < 999.5 or unit == " M":
            break
        value /= 1000
    if not unit:
        return f"{value:.1f}" if 0 < value < 9.95 else f"{value:.0f}"
    return f"{value:.1f}{unit}" if value < 99.95 else f"{value:.0f}{unit}"
