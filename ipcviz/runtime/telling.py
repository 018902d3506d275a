"""Findings as events: told when they come, told again when their sentence changes, and when they are over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ipcviz import events as ev
from ipcviz import findings
from ipcviz.units import SECOND
from ipcviz.view import View

RAISE_AGAIN = SECOND
"""A finding whose sentence changes is told again at most this often, but for the last time."""


class FindingTeller:
    """What is known to be wrong, as it was told last."""

    def __init__(self) -> None:
        self._raised: dict[str, ev.FindingRaised] = {}

    def news(
        self, view: View, now: int, last: bool = False, more: Iterable[ev.FindingRaised] = ()
    ) -> Iterator[ev.FindingRaised | ev.FindingCleared]:
        """What there is to tell of the view, at `now` nanoseconds; the `last` word has the newest figures.

        `more` holds, too, which no view tells.
        """
        current = {finding.key: finding for finding in findings.find(view, frozenset(self._raised))}
        current |= {finding.key: finding for finding in more}
        for key, finding in current.items():
            before = self._raised.get(key)
            if before is None:
                yield self._raise(msgspec.structs.replace(finding, t=now))
            elif before.sentence != finding.sentence and (last or now - before.t >= RAISE_AGAIN):
                yield self._raise(msgspec.structs.replace(finding, t=now, since=before.since))
        for key in [key for key in self._raised if key not in current]:
            del self._raised[key]
            yield ev.FindingCleared(t=now, key=key)

    def added(self, more: Iterable[ev.FindingRaised], now: int) -> Iterator[ev.FindingRaised]:
        """Those of `more` that are new; what was told before stands."""
        for finding in more:
            before = self._raised.get(finding.key)
            if before is None or before.sentence != finding.sentence:
                yield self._raise(msgspec.structs.replace(finding, t=now))

    def _raise(self, finding: ev.FindingRaised) -> ev.FindingRaised:
        self._raised[finding.key] = finding
        return finding
