"""Regions that several processes change without keeping out of each other's way.

No kernel sees that a copy is half old and half new, or that somebody wrote over what he had not read: only a
process that knows what the bytes mean can count it. Who uses a region and reports a number `torn` or `lost`
(or `lost_updates`), by `ipcviz.report`, has counted such copies, or such additions, and the finding says so.
"""

from __future__ import annotations

from ipcviz.events import FindingKind, FindingRaised
from ipcviz.findings.making import agree, named, raised
from ipcviz.view import ChannelView, ProcessView, View

TORN = ("torn",)
LOST_UPDATES = ("lost", "lost_updates")
"""The names of reports that count."""


def torn_reads(view: View) -> list[FindingRaised]:
    """Every region of which a process has counted torn copies."""
    return _counted(view, "torn read", TORN)


def lost_updates(view: View) -> list[FindingRaised]:
    """Every region of which a process has counted updates that are gone."""
    return _counted(view, "lost update", LOST_UPDATES)


def _counted(view: View, kind: FindingKind, reports: tuple[str, ...]) -> list[FindingRaised]:
    """One finding for each choice of regions that those who count use: a count does not say which."""
    regions = [channel for channel in view.channels if channel.is_region]
    if not regions:
        return []
    told: dict[tuple[int, ...], dict[str, int]] = {}
    for process in view.processes:
        count = _count(process, reports)
        used = tuple(
            number
            for number, region in enumerate(regions)
            if any(end.process == process.name for end in region.ends)
        )
        if count and used:
            told.setdefault(used, {})[process.name] = count
    return [
        _finding(view, kind, [regions[number] for number in used], counts) for used, counts in told.items()
    ]


def _count(process: ProcessView, reports: tuple[str, ...]) -> int:
    """The number that it has reported under one of these names; 0 for none."""
    for name in reports:
        value = process.reports.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return 0


def _finding(
    view: View, kind: FindingKind, regions: list[ChannelView], counts: dict[str, int]
) -> FindingRaised:
    names = [region.info.name for region in regions]
    total, tellers = sum(counts.values()), list(counts)
    place = " or ".join(names)
    counted = f"as {named(tellers)} {agree(tellers, 'has', 'have')} counted"
    sentence = f"{kind.capitalize()}: {_what(kind, total, place)}, {counted}; {_cause(view, regions)}."
    writers = [writer for region in regions for writer in region.givers]
    return raised(view, kind, f"{kind}:{'|'.join(names)}", sentence, [*names, *tellers, *writers])


def _what(kind: FindingKind, total: int, place: str) -> str:
    one = total == 1
    if kind == "torn read":
        copies = "1 copy" if one else f"{total:,} copies"
        return f"{copies} of {place} {'was' if one else 'were'} torn, half old and half new"
    updates = "1 update" if one else f"{total:,} updates"
    return f"{updates} of {place} {'is' if one else 'are'} gone"


def _cause(view: View, regions: list[ChannelView]) -> str:
    """Who writes, and whether there is a lock that could keep them apart."""
    writers = list(dict.fromkeys(writer for region in regions for writer in region.givers))
    users = set(writers)
    writing = f"{named(writers)} {agree(writers, 'writes', 'write')} it"
    locks = [lock.info.name for lock in view.locks if users <= set(lock.info.users)]
    return f"{writing}, and {named(locks)} did not keep them apart" if locks else f"{writing} without a lock"
