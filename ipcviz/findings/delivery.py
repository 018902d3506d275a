"""Messages that do not arrive, arrive twice, or in another order; and channels that nobody reads."""

from __future__ import annotations

from typing import NamedTuple

from ipcviz import units
from ipcviz.events import FaultKind, FindingRaised
from ipcviz.findings.making import agree, named, over, raised, running
from ipcviz.traits import gives
from ipcviz.units import SECOND
from ipcviz.view import ChannelView, EndView, Order, View

PACE_AFTER = SECOND
"""Of a shorter time a rate says nothing: what comes first comes at once."""
ALONE_FOR = SECOND // 2
"""A sender may not have noticed sooner that the last receiver is gone."""


def losses(view: View) -> list[FindingRaised]:
    """Every channel that has lost messages: they were dropped, or nobody is left to receive them.

    What one of the sentences counts, the others leave out.
    """
    return [*_drops(view), *_drops_by_hand(view), *_gaps(view), *_unreceived(view)]


def _drops(view: View) -> list[FindingRaised]:
    found = []
    for channel in view.channels:
        if not channel.dropped:
            continue
        takers = channel.takers
        pace = f"; {named(takers)} {agree(takers, 'takes', 'take')} {channel.rate:,.0f}/s"
        sentence = (
            f"Lost: the kernel has dropped {channel.dropped:,} of {channel.sent:,} messages sent into "
            f"{channel.info.name}, because there was no room{pace if view.t >= PACE_AFTER else ''}."
        )
        name = channel.info.name
        found.append(raised(view, "lost", f"dropped:{name}", sentence, [name, *takers]))
    return found


def _drops_by_hand(view: View) -> list[FindingRaised]:
    found = []
    for channel in view.channels:
        name, count = channel.info.name, _dropped_by_hand(channel)
        if not count:
            continue
        were, them = ("was", "it") if count == 1 else ("were", "them")
        sentence = (
            f"Lost: {count:,} of {channel.sent:,} messages sent into {name} {were} dropped by hand, "
            f"before {named(channel.takers)} could get {them}."
        )
        found.append(raised(view, "lost", f"by hand:{name}", sentence, [name, *channel.takers]))
    return found


def _dropped_by_hand(channel: ChannelView) -> int:
    """As `sent` counts: of a broadcast once for each receiver."""
    copies = len(channel.takers) if channel.info.kind == "broadcast" else 1
    return min(channel.sent, channel.faulted.get("drop", 0) * copies)


def _gaps(view: View) -> list[FindingRaised]:
    """Where nobody counts what is dropped, the numbers of the messages that did arrive tell it."""
    found = []
    for channel in view.channels:
        info = channel.info
        if info.kind not in ("channel", "broadcast") or not channel.orders or channel.dropped is not None:
            continue
        missing = [] if info.lossless else _missing(channel)
        if missing:
            found.append(_gap(view, channel, missing))
    return found


def _gap(view: View, channel: ChannelView, missing: list[Missing]) -> FindingRaised:
    name = channel.info.name
    parts = [
        f"{gap.messages:,} of {gap.sent:,} {'has' if gap.messages == 1 else 'have'} not come to "
        f"{named(gap.receivers)}"
        for gap in missing
    ]
    sentence = (
        f"Lost: of the messages sent into {name}, at least {named(parts)}, as the gaps between their numbers "
        f"tell; {channel.info.mechanism} does not count its losses."
    )
    receivers = [receiver for gap in missing for receiver in gap.receivers]
    return raised(view, "lost", f"gaps:{name}", sentence, [name, *receivers])


class Missing(NamedTuple):
    """So many of so many messages have not come to these receivers."""

    messages: int
    sent: int
    receivers: list[str]


def _missing(channel: ChannelView) -> list[Missing]:
    """What is missing, most of it first: of a broadcast at each receiver, else at all of them together."""
    takers = [end for end in channel.ends if not gives(end.role)]
    groups = [[end] for end in takers] if channel.info.kind == "broadcast" else [takers]
    found = []
    for ends in groups:
        receivers = [end.process for end in ends]
        sent = _known_sent(channel, receivers)
        count = sent - sum(end.state.received for end in ends) - channel.faulted.get("drop", 0)
        if count > 0:
            found.append(Missing(count, sent, receivers))
    return sorted(found, key=lambda gap: -gap.messages)


def _known_sent(channel: ChannelView, receivers: list[str]) -> int:
    """Each sender has sent as many as the highest number that came from it."""
    highest: dict[str, int] = {}
    for order in channel.orders:
        if order.receiver in receivers:
            highest[order.sender] = max(highest.get(order.sender, 0), order.highest)
    return sum(highest.values())


def _unreceived(view: View) -> list[FindingRaised]:
    found = []
    ended = over(view)
    for channel in view.channels:
        takers = channel.takers
        missing = channel.sent - channel.received - (channel.dropped or 0) - _dropped_by_hand(channel)
        gone = bool(takers) and ended.issuperset(takers)
        if channel.is_region or missing <= 0 or not gone or _stays(channel):
            continue
        name = channel.info.name
        sentence = (
            f"Lost: {missing:,} of {channel.sent:,} messages sent into {name} will not be "
            f"received; {named(takers)} ended before."
        )
        found.append(raised(view, "lost", f"lost:{name}", sentence, [name, *takers]))
    return found


def _stays(channel: ChannelView) -> bool:
    """It lies at a path of the user's choice, and the next run receives what is left in it."""
    return "path" in channel.info.options


def no_readers(view: View) -> list[FindingRaised]:
    """Every channel that is still sent into, or waited for, after its last receiver has gone."""
    found = []
    alive = running(view)
    for channel in view.channels:
        unread = channel.unread
        if unread is None or channel.is_region or view.framed - unread.since < ALONE_FOR:
            continue
        givers = [end for end in channel.ends if gives(end.role) and _goes_on(end, alive)]
        waiting = [end.process for end in givers if _waits(view, end)]
        if givers and (unread.sent or waiting):
            found.append(_no_reader(view, channel, [end.process for end in givers], waiting))
    return found


def _goes_on(end: EndView, alive: frozenset[str]) -> bool:
    return end.process in alive and not end.state.closed


def _waits(view: View, end: EndView) -> bool:
    return end.state.activity == "sending" and view.framed - end.state.since >= ALONE_FOR


def _no_reader(view: View, channel: ChannelView, givers: list[str], waiting: list[str]) -> FindingRaised:
    name, unread = channel.info.name, channel.unread
    sent = unread.sent if unread else 0
    since = unread.since if unread else view.t
    what = []
    if sent:
        what.append(f"{named(givers)} {agree(givers, 'has', 'have')} sent {sent:,} messages into {name}")
    if waiting:
        place = "it" if sent else name
        what.append(f"{named(waiting)} {agree(waiting, 'waits', 'wait')} to send into {place}")
    takers = channel.takers
    sentence = (
        f"No reader: {' and '.join(what)} since its last receiver has gone at {units.clock(since)} "
        f"({named(takers)})."
    )
    return raised(view, "no reader", f"unread:{name}", sentence, [name, *givers, *takers], since)


def disorder(view: View) -> list[FindingRaised]:
    """Every sender whose messages came late or twice; with priorities some are meant to come first."""
    found = []
    for channel in view.channels:
        for order in channel.orders:
            overtaken = 0 if channel.info.priorities else order.overtaken
            if overtaken or order.repeated:
                found.append(_disordered(view, channel, order, overtaken))
    return found


def _disordered(view: View, channel: ChannelView, order: Order, overtaken: int) -> FindingRaised:
    name = channel.info.name
    what = []
    if overtaken and order.late:
        late, before = order.late
        what.append(f"{overtaken:,} came after later ones (the last: {late:,} after {before:,})")
    if order.repeated:
        what.append(f"{order.repeated:,} came twice")
    one_in = f" (1 in {channel.stride})" if channel.stride > 1 else ""
    hand = _done_by_hand(view, name, "delay", "duplicate")
    sentence = (
        f"{'Reordered' if overtaken else 'Duplicates'}: of {order.samples:,} messages looked at{one_in} from "
        f"{order.sender} to {order.receiver} on {name}, {' and '.join(what)}"
        f"{'; somebody does that by hand' if hand else ''}."
    )
    key = f"order:{name}:{order.sender}:{order.receiver}"
    return raised(view, "reordered", key, sentence, [name, order.sender, order.receiver])


def _done_by_hand(view: View, channel: str, *faults: FaultKind) -> bool:
    """Somebody has injected such a fault there, now or before."""
    return any(fault.channel == channel and fault.fault in faults and fault.done for fault in view.faults)
