"""Regions: bytes that several processes share, on every mechanism that has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ipcviz.mechanisms import MECHANISMS
from ipcviz.mechanisms.contract import CannotCreate, Unwatched
from ipcviz.mechanisms.region import RegionEnd
from tests.mechanisms.conftest import Carrier

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

REGIONS = [name for name, entry in MECHANISMS.items() if "region" in entry.traits.kinds]


@pytest.fixture(params=REGIONS)
def shared(request: pytest.FixtureRequest, until: Any) -> Any:
    """A region of 20 bytes with a writer and a reader, each in a process of its own."""
    carrier = Carrier(MECHANISMS[request.param], until)
    carrier.create(replace(carrier.plan(kind="region"), size=20))
    carrier.start_peers()
    yield carrier
    carrier.close()


def test_what_one_writes_the_other_reads(shared: Any) -> None:
    writer, reader = shared.peers[0], shared.peers[1]
    assert reader.ask("read") == bytes(20)
    writer.ask("store", 2**64 - 1, 1)
    writer.ask("write", b"hello", 15)
    assert reader.ask("read") == bytes(8) + b"\xff" * 7 + b"hello"
    assert reader.ask("load", 0) == 0
    assert writer.ask("read", 15, 5) == b"hello"
    assert shared.channel.content() == bytes(8) + b"\xff" * 7 + b"hello"


@pytest.mark.parametrize(
    ("order", "arguments"),
    [("write", (b"x" * 25,)), ("write", (b"x", 24)), ("read", (0, 30)), ("load", (3,)), ("store", (1, 3))],
)
def test_what_does_not_fit_is_refused(shared: Any, order: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="region 'talk' has 20 bytes"):
        shared.peers[0].ask(order, *arguments)


@pytest.mark.parametrize(("order", "arguments"), [("write", (b"x",)), ("store", (1,))])
def test_a_reader_may_not_write(shared: Any, order: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="to read, and not to write"):
        shared.peers[1].ask(order, *arguments)


def test_reads_and_writes_are_counted(shared: Any) -> None:
    writer, reader = shared.peers[0], shared.peers[1]
    writer.ask("store", 5)
    writer.ask("write", b"abc")
    reader.ask("load")
    assert (writer.counted(), reader.counted()) == ((2, 0), (0, 1))
    assert shared.depth().now is None
    assert "no queue" in shared.depth().reason


def test_a_writer_that_was_killed_leaves_what_it_wrote(shared: Any) -> None:
    shared.peers[0].ask("store", 77)
    shared.peers[0].kill()
    assert shared.peers[1].ask("load") == 77


def test_the_kernel_keeps_a_reader_from_writing(shared: Any) -> None:
    channel = shared.channel
    end = RegionEnd("talk", channel.address(), 20, False, Unwatched())
    with pytest.raises(TypeError, match="read-only"):
        end._bytes[0] = 1
    end.close()
    end.close()


@pytest.mark.parametrize("name", REGIONS)
def test_a_name_that_is_taken(name: str, until: Any) -> None:
    carrier = Carrier(MECHANISMS[name], until)
    plan = replace(carrier.plan(kind="region"), size=8)
    carrier.create(plan)
    with pytest.raises(CannotCreate, match="'talk'"):
        carrier.mechanism.create(plan)
    carrier.close()
