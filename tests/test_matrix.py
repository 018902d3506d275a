"""Every demo on every mechanism and every kind of lock that its topology allows, for a second each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from helpers.runs import run, summary_of

from ipcviz import catalog
from ipcviz import events as ev
from ipcviz.choice import able_for_all, able_for_all_locks
from ipcviz.cli import ipcviz
from ipcviz.mechanisms import LOCKS, MECHANISMS
from ipcviz.mechanisms.sysv import KINDS
from ipcviz.topology import Topology

SECONDS = 1.0


def _topology(name: str) -> Topology:
    demo = catalog.load(catalog.find(name))
    return catalog.build(demo, catalog.values(demo, {}))


DEMOS = {name: _topology(name) for name in catalog.names()}
ON_MECHANISMS = [(name, mechanism) for name, demo in DEMOS.items() for mechanism in able_for_all(demo)]
ON_LOCKS = [(name, lock) for name, demo in DEMOS.items() for lock in able_for_all_locks(demo)]


def _sysv_keys() -> set[str]:
    """The keys of all System V queues and semaphores that there are."""
    tables = [Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:] for kind in KINDS.values()]
    return {line.split()[0] for table in tables for line in table}


def check(events: list[ev.AnyEvent], runtime: Path) -> ev.Summary:
    """Nobody failed, every message is accounted for, only who may lose has lost, nothing is left."""
    summary = summary_of(events)
    exits = [event for event in events if isinstance(event, ev.ProcessExited)]
    assert [event for event in exits if event.failed] == []
    killed = [event for event in exits if event.signal and "was meant to be killed" not in event.reason]
    assert killed == [], "all have stopped when they were asked to"
    (started,) = (event for event in events if isinstance(event, ev.SessionStarted))
    infos = {info.name: info for info in started.channels}
    for channel in summary.channels:
        assert channel.sent == channel.received + channel.in_flight + channel.lost, channel
        assert channel.lost == 0 or not infos[channel.name].lossless, channel
    pids = [event.pid for event in events if isinstance(event, ev.ProcessStarted)]
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert not runtime.exists()
    return summary


@pytest.mark.slow
@pytest.mark.parametrize(("name", "mechanism"), ON_MECHANISMS)
def test_a_demo_on_a_mechanism(name: str, mechanism: str, own_runtime: Path) -> None:
    reason = MECHANISMS[mechanism].unavailable()
    if reason is not None:
        pytest.skip(reason)
    events = run(name, mechanism=mechanism, seconds=SECONDS)
    summary = check(events, own_runtime)
    used = {channel.mechanism for channel in (*summary.channels, *summary.regions)}
    assert mechanism in used
    assert (
        sum(channel.sent for channel in summary.channels) + sum(r.writes + r.reads for r in summary.regions)
        > 0
    )
    (started,) = (event for event in events if isinstance(event, ev.SessionStarted))
    keys = {str(int(info.address[6:], 16)) for info in started.channels if info.address.startswith("key 0x")}
    assert bool(keys) == (mechanism == "sysv-mq")
    assert keys.isdisjoint(_sysv_keys())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "lock"), ON_LOCKS)
def test_a_demo_with_a_lock(name: str, lock: str, own_runtime: Path) -> None:
    reason = LOCKS[lock].unavailable()
    if reason is not None:
        pytest.skip(reason)
    events = run(name, locks={"": lock}, seconds=SECONDS)
    summary = check(events, own_runtime)
    assert {item.mechanism for item in summary.locks} == {lock}


def test_the_table_names_every_demo_mechanism_and_lock() -> None:
    told: dict[str, Any] = json.loads(CliRunner().invoke(ipcviz, ["list", "--matrix", "--json"]).output)
    assert told["mechanisms"] == list(MECHANISMS)
    assert told["locks"] == list(LOCKS)
    rows = {row["name"]: row for row in told["demos"]}
    assert set(rows) == set(DEMOS)
    for name, demo in DEMOS.items():
        assert rows[name]["mechanisms"] == able_for_all(demo)
        assert rows[name]["locks"] == able_for_all_locks(demo)
        assert rows[name]["mechanisms"] or rows[name]["locks"]


def test_the_table_as_text_has_a_mark_for_each_pair() -> None:
    lines = CliRunner().invoke(ipcviz, ["list", "--matrix"]).output.splitlines()
    marks = {line.split()[0]: line for line in lines if line.split() and line.split()[0] in DEMOS}
    for name, demo in DEMOS.items():
        assert marks[name].count("●") == len(able_for_all(demo)) + len(able_for_all_locks(demo))
