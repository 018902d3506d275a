"""A race without a screen, as lines of JSON or of text.

The lines of JSON, each with its "type"; times are seconds, to the microsecond, `lane` is a label, None is
not known:

- `race_started`: schema, topology, parameters, how ("at once", "in turn"), lanes, mechanisms and locks of
  each as they were asked for, seconds (the limit of each lane), warm_up_s, started_at, host.
- `race_lane_started`: lane, after_s (since the race began), mechanisms (what carries its channels), unit
  (what is counted: messages, acquisitions, writes).
- `race_second`, once a second: t_s, and for each lane: lane, state, age_s, count, rate (the median so far,
  None before the warm-up is over), ratio.
- `race_finding`: lane, kind, sentence; each once.
- `race_lane_ended`: lane, state ("finished" by itself, "cut", "failed", "refused", "left out"), age_s,
  count, sentence (why it failed).
- `race_summary`, the last: how, unit, seconds, to_the_finish, lanes, decided (the sentences), status. Each
  lane: lane, mechanisms, state, place, age_s, count, lost, rate, spread, ratio, noise, p50_us, p99_us,
  slowest (the channel of those), blocked_send, blocked_receive (shares), cpu_us and switches (for each
  message), window_s, best (in which columns), watching_ns (what counting adds to cpu_us). Ratios are to the
  first lane: of medians over the window, or of times where both have finished.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from ipcviz import events as ev
from ipcviz import units
from ipcviz.race_result import LaneResult, Result
from ipcviz.race_verdict import age_words, cost_words, precise, ratio_words, verdict
from ipcviz.racing import Racer
from ipcviz.units import SECOND

SCHEMA = 1


class Printer(Protocol):
    """Makes lines of a race as it goes."""

    def news(self, racer: Racer) -> Iterator[str]:
        """What there is to say now; asked whenever something may have come."""

    def closing(self, racer: Racer) -> Iterator[str]:
        """The end, after all sources are closed."""


class Changes:
    """What has happened since the last look: lanes that began, found something, ended; another second."""

    def __init__(self) -> None:
        self.begun: set[int] = set()
        self.ended: set[int] = set()
        self._found: set[tuple[int, str]] = set()
        self._second = 0

    def lanes_begun(self, result: Result) -> list[LaneResult]:
        """Those that have told what they are since the last look."""
        new = [n for n, lane in enumerate(result.lanes) if lane.view.session and n not in self.begun]
        self.begun.update(new)
        return [result.lanes[n] for n in new]

    def lanes_ended(self, result: Result) -> list[LaneResult]:
        """Those that have ended since the last look."""
        living = ("waiting", "starting", "running")
        new = [n for n, lane in enumerate(result.lanes) if lane.state not in living and n not in self.ended]
        self.ended.update(new)
        return [result.lanes[n] for n in new]

    def findings(self, result: Result) -> list[tuple[str, ev.FindingRaised]]:
        """Each once, with its lane's label."""
        told = []
        for number, lane in enumerate(result.lanes):
            for finding in lane.view.findings:
                if (number, finding.key) not in self._found:
                    self._found.add((number, finding.key))
                    told.append((lane.label, finding))
        return told

    def is_due(self, clock: int) -> bool:
        """Another second has gone by."""
        if clock // SECOND <= self._second:
            return False
        self._second = clock // SECOND
        return True


class JsonLines:
    """Lines of JSON."""

    def __init__(self, about: Mapping[str, str]) -> None:
        """`about` says what each mechanism is, for the sentences."""
        self._about = about
        self._changes = Changes()

    def news(self, racer: Racer) -> Iterator[str]:
        """What is new."""
        result = racer.result()
        first = not self._changes.begun
        for lane in self._changes.lanes_begun(result):
            if first:
                yield self._line(_started(racer, lane))
                first = False
            yield self._line(_lane_started(racer, lane))
        for label, finding in self._changes.findings(result):
            yield self._line(
                {"type": "race_finding", "lane": label, "kind": finding.kind, "sentence": finding.sentence}
            )
        if result.status == "live" and self._changes.is_due(result.clock):
            lanes = [_brief(lane) for lane in result.lanes]
            yield self._line({"type": "race_second", "t_s": _seconds(result.clock), "lanes": lanes})
        for lane in self._changes.lanes_ended(result):
            brief = {name: value for name, value in _brief(lane).items() if name not in ("rate", "ratio")}
            yield self._line({"type": "race_lane_ended", **brief, "sentence": lane.sentence})

    def closing(self, racer: Racer) -> Iterator[str]:
        """The summary."""
        yield from self.news(racer)
        if self._changes.begun:
            yield self._line(summary(racer.result(), verdict(racer.result(), self._about), racer.failed))

    @staticmethod
    def _line(item: dict[str, Any]) -> str:
        return json.dumps(item, ensure_ascii=False, separators=(",", ":"))


def summary(result: Result, decided: list[str], failed: bool) -> dict[str, Any]:
    """The last line of JSON; `status` is the exit status of a race that nothing has interrupted."""
    return {
        "type": "race_summary",
        "topology": result.topology,
        "how": result.how,
        "unit": result.unit,
        "seconds": _seconds(result.clock),
        "to_the_finish": result.to_the_finish,
        "lanes": [_whole(lane) for lane in result.lanes],
        "decided": decided,
        "status": int(failed),
    }


def _started(racer: Racer, lane: LaneResult) -> dict[str, Any]:
    session = lane.view.session
    assert session is not None  # it has begun
    return {
        "type": "race_started",
        "schema": SCHEMA,
        "topology": session.topology,
        "parameters": session.parameters,
        "how": racer.how,
        "lanes": [entry.label for entry in racer.entries],
        "mechanisms": [entry.request.mechanisms for entry in racer.entries],
        "locks": [entry.request.locks for entry in racer.entries],
        "seconds": racer.seconds,
        "warm_up_s": _seconds(racer.warm_up),
        "started_at": session.started_at,
        "host": json.loads(ev.encode(session))["host"],
    }


def _lane_started(racer: Racer, lane: LaneResult) -> dict[str, Any]:
    number = [entry.label for entry in racer.entries].index(lane.label)
    return {
        "type": "race_lane_started",
        "lane": lane.label,
        "after_s": _seconds(racer.starts.get(number, 0)),
        "mechanisms": list(lane.carriers),
        "unit": racer.lanes[number].unit,
    }


def _brief(lane: LaneResult) -> dict[str, Any]:
    return {
        "lane": lane.label,
        "state": lane.state,
        "age_s": _seconds(lane.age),
        "count": lane.count,
        "rate": _rounded(lane.figures.rate, 1),
        "ratio": _rounded(lane.ratio, 4),
    }


def _whole(lane: LaneResult) -> dict[str, Any]:
    figures = lane.figures
    return {
        "lane": lane.label,
        "mechanisms": list(lane.carriers),
        "state": lane.state,
        "place": lane.place or None,
        "age_s": _seconds(lane.age),
        "count": lane.count,
        "lost": lane.lost,
        "rate": _rounded(figures.rate, 1),
        "spread": _rounded(figures.spread, 4),
        "ratio": _rounded(lane.ratio, 4),
        "noise": _rounded(lane.noise, 4),
        "p50_us": _rounded(figures.p50, 3),
        "p99_us": _rounded(figures.p99, 3),
        "slowest": figures.slowest,
        "blocked_send": _rounded(figures.send, 4),
        "blocked_receive": _rounded(figures.receive, 4),
        "cpu_us": _rounded(figures.cpu, 3),
        "switches": _rounded(figures.switches, 4),
        "window_s": round(figures.seconds, 6),
        "best": sorted(lane.best),
        "watching_ns": lane.view.watching.ns_per_message,
        "sentence": lane.sentence,
    }


class PlainRace:
    """Lines of text: each lane once a second, what happens, a table and the sentences at the end."""

    def __init__(self, about: Mapping[str, str]) -> None:
        self._about = about
        self._changes = Changes()

    def news(self, racer: Racer) -> Iterator[str]:
        """What is new; nothing in it that a terminal would obey."""
        yield from map(units.printable, self._news(racer))

    def _news(self, racer: Racer) -> Iterator[str]:
        result = racer.result()
        clock = units.clock(result.clock)
        width = max(len(lane.label) for lane in result.lanes)
        if not self._changes.begun and result.topology:
            yield f"{clock}  {result.topology}: {', '.join(e.label for e in racer.entries)}, {result.how}"
        for lane in self._changes.lanes_begun(result):
            yield f"{clock}  {lane.label} has begun, on {', '.join(lane.carriers) or 'nothing but processes'}"
        for label, finding in self._changes.findings(result):
            yield f"{clock}  ▲ {label}: {finding.sentence}"
        if result.status == "live" and self._changes.is_due(result.clock):
            for lane in (lane for lane in result.lanes if lane.state == "running"):
                yield f"{clock}  {_plain_line(lane, width, result)}"
        for lane in self._changes.lanes_ended(result):
            yield f"{clock}  {lane.label} {ending(lane)}"

    def closing(self, racer: Racer) -> Iterator[str]:
        """The table and what decided."""
        yield from self.news(racer)
        result = racer.result()
        if not self._changes.begun:
            return
        width = max(4, *(len(lane.label) for lane in result.lanes))
        yield ""
        yield (
            f"{'lane':{width}}  {'to ' + result.lanes[0].label:>10.10}  {'rate':>10}  {'spread':>6}"
            f"  {'p50':>8}  {'p99':>8}  {'send':>6}  {'receive':>7}  {'CPU':>8}  {'switches':>8}"
            f"  {result.unit:>12}"
        )
        for lane in result.lanes:
            yield units.printable(_table_row(lane, width))
        yield ""
        yield from map(units.printable, verdict(result, self._about))


def ending(lane: LaneResult) -> str:
    """How it ended, in words."""
    words = {"finished": f"has finished after {age_words(lane.age)}", "left out": "has not begun"}
    words["cut"] = f"has ended after {lane.age / SECOND:.1f} s"
    return words.get(lane.state, f"is out of the race: {lane.sentence.rstrip('.')}.")


def _plain_line(lane: LaneResult, width: int, result: Result) -> str:
    figures = lane.figures
    rate = "warming up" if figures.rate is None else units.rate(figures.rate)
    return (
        f"{lane.label:{width}}  {rate:>10}{spread_words(figures.spread):>7}  {ratio_words(lane.ratio):>6}"
        f"  p50 {units.micros(figures.p50)} p99 {units.micros(figures.p99)}"
        f"  {units.count(lane.count)} {result.unit}"
    )


def spread_words(spread: float | None) -> str:
    """By how much the rate varies: ±3 %."""
    return "" if spread is None else f"±{units.percent(spread)}"


def _table_row(lane: LaneResult, width: int) -> str:
    figures = lane.figures
    rate = "–" if figures.rate is None else units.rate(figures.rate)
    waits = ["–" if share is None else units.percent(share) for share in (figures.send, figures.receive)]
    cpu = "–" if figures.cpu is None else precise(figures.cpu)
    return (
        f"{lane.label:{width}}  {ratio_words(lane.ratio):>10}  {rate:>10}  {spread_words(figures.spread):>6}"
        f"  {units.micros(figures.p50):>8}  {units.micros(figures.p99):>8}  {waits[0]:>6}  {waits[1]:>7}"
        f"  {cpu:>8}  {cost_words(figures.switches):>8}  {lane.count:>12,}"
    )


def _seconds(nanoseconds: int) -> float:
    return round(nanoseconds / SECOND, 6)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
