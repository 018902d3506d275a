"""Fan-in: small records stay whole, large ones are torn by others."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of
from hypothesis import given
from hypothesis import strategies as st

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("fan_in")).build.__globals__)


@pytest.mark.parametrize(("size", "largest"), [(10, 4000), (20_000, 4000), (5000, 100)])
def test_the_pieces_hold_the_record_and_fit(size: int, largest: int) -> None:
    content = bytes(number % 251 for number in range(size))
    messages = list(demo.pieces(3, 7, content, largest))
    assert all(len(message) <= largest for message in messages)
    assert b"".join(message.split(b" ", 3)[3] for message in messages) == content


def test_a_record_that_another_came_between_is_torn(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, int] = {}
    monkeypatch.setitem(demo.keep.__globals__, "report", told.update)
    demo.keep([b"1 1 1/2 a", b"2 1 1/1 b", b"1 1 2/2 a", b"2 2 1/2 b", b"2 2 2/2 b"])
    assert told == {"whole": 2, "torn": 1}
    demo.keep(
        [b"1 1 1/2 a", b"\xce 1 2/2 a", b"1 2 1/2 a", b"1 2 2/2 b", b"1 3 1/2 a", b"\xce", b"1 3 2/2 a"]
    )
    assert told == {"whole": 1, "torn": 1}  # what is damaged belongs to no record


def test_small_records_of_many_writers_stay_whole(own_runtime: Path) -> None:
    summary = summary_of(run("fan_in", mechanism="pipe", settings={"rate": 0, "size": 1000}, seconds=1))
    assert summary.reports["logger"]["torn"] == 0
    assert summary.reports["logger"]["whole"] > 10


def test_large_records_of_many_writers_are_torn(own_runtime: Path) -> None:
    summary = summary_of(run("fan_in", mechanism="pipe", settings={"rate": 0, "size": 50_000}, seconds=1.5))
    assert summary.reports["logger"]["torn"] > 0


@given(st.lists(st.integers(0, 2), max_size=40), st.lists(st.integers(1, 4), min_size=3, max_size=3))
def test_torn_is_what_is_not_side_by_side(order: list[int], sizes: list[int]) -> None:
    """Three writers with records of so many pieces each; `order` says whose piece is next."""
    log: list[bytes] = []
    places: dict[tuple[int, int], list[int]] = {}
    written = [0, 0, 0]
    for place, writer in enumerate(order):
        record, piece = divmod(written[writer], sizes[writer])
        log.append(b"%d %d %d/%d x" % (writer, record, piece + 1, sizes[writer]))
        places.setdefault((writer, record), []).append(place)
        written[writer] += 1
    told: dict[str, int] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(demo.keep.__globals__, "report", lambda **values: told.update(values))
        demo.keep(log)
    complete = [found for (writer, _), found in places.items() if len(found) == sizes[writer]]
    whole = sum(found[-1] - found[0] == len(found) - 1 for found in complete)
    assert told == {"whole": whole, "torn": len(complete) - whole}
