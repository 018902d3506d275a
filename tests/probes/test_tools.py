"""What ipcviz says of a channel, beside what independent tools say of the same kernel objects."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import Any

import pytest

from ipcviz.mechanisms import MECHANISMS, libc, sysv
from ipcviz.probes.sockets import udp_socket
from tests.mechanisms.conftest import Carrier

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

PAYLOADS = [b"x" * 100] * 5 + [b"y" * 1000] * 2


def tool(name: str, *arguments: str) -> str:
    """What it prints; the test is left out where it is not installed."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return subprocess.run([name, *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def carried(until: Any) -> Any:
    """A channel of a mechanism that holds seven messages, with the senders' descriptors duplicated."""
    made: list[Carrier] = []
    kept: list[int] = []

    def start(name: str) -> tuple[Carrier, list[int], list[int]]:
        carrier = Carrier(MECHANISMS[name], until)
        made.append(carrier)
        plan = carrier.plan()
        channel = carrier.create(plan)
        near = [os.dup(number) for number in channel.descriptors(plan.senders[0])]
        far = [os.dup(number) for number in channel.descriptors(plan.receivers[0])]
        kept.extend((*near, *far))
        (sender,), _ = carrier.start_peers()
        sender.ask("send_all", PAYLOADS)
        return carrier, near, far

    yield start
    for descriptor in kept:
        os.close(descriptor)
    for carrier in made:
        carrier.close()


@pytest.mark.parametrize("name", ["unix-stream", "unix-seqpacket"])
def test_ss_tells_the_same_memory_of_a_unix_socket(carried: Any, name: str) -> None:
    carrier, (near, *_), _ = carried(name)
    inode = str(os.fstat(near).st_ino)
    rows = [line.split() for line in tool("ss", "-xH").splitlines()]
    (row,) = [row for row in rows if row[5] == inode]
    assert carrier.depth().now == int(row[3]) > sum(map(len, PAYLOADS))


def _memory(line: str) -> dict[str, int]:
    """The skmem words of a row of ss."""
    (words,) = re.findall(r"skmem:\((.*?)\)", line)
    return {letters: int(number) for letters, number in re.findall(r"([a-z]+)(\d+)", words)}


def test_ss_tells_the_same_memory_of_a_tcp_connection(carried: Any, until: Any) -> None:
    carrier, (near, *_), (far, *_) = carried("tcp")
    ports = [_port(descriptor) for descriptor in (near, far)]

    def seen() -> list[dict[str, int]]:
        lines = tool("ss", "-tnmHO", "state", "established").splitlines()
        found = {line.split()[2].rpartition(":")[2]: line for line in lines}
        return [_memory(found[port]) for port in ports]

    until(lambda: seen()[0]["w"] == 0)  # all of it has been acknowledged
    sender, receiver = seen()
    depth = carrier.depth()
    assert depth.now == sender["w"] + receiver["r"] > sum(map(len, PAYLOADS))
    assert depth.capacity == sender["tb"] + receiver["rb"]


def _port(descriptor: int) -> str:
    import socket

    duplicate = socket.socket(fileno=os.dup(descriptor))
    with duplicate:
        return str(duplicate.getsockname()[1])


def test_ss_tells_the_same_drops_of_a_udp_socket(carried: Any) -> None:
    carrier, _, (far, *_) = carried("udp")
    sender = carrier.peers[0]
    sender.ask("send_all", [b"z" * 4000] * 400)  # far more than the buffer holds, and nobody reads
    rows = tool("ss", "-unmHOa").splitlines()
    (row,) = [row for row in rows if row.split()[3].endswith(f":{_port(far)}")]
    assert carrier.depth().now == int(row.split()[1]) > 0
    dropped = carrier.channel.dropped(carrier)
    assert dropped == _memory(row)["d"] > 100
    received = carrier.peers[1].ask("receive_some", len(PAYLOADS) + 400 - dropped)
    assert len(received) == len(PAYLOADS) + 400 - dropped, "what was not dropped is there"
    with pytest.raises(TimeoutError):
        carrier.peers[1].ask("receive", timeout=0)


def test_ipcs_tells_the_same_queue(carried: Any) -> None:
    carrier, _, _ = carried("sysv-mq")
    key = f"0x{sysv.key_of(carrier.channel.plan.kernel_name):08x}"
    (row,) = [line.split() for line in tool("ipcs", "-q").splitlines() if line.startswith(key)]
    assert (carrier.depth().now, carrier.channel.in_flight()) == (int(row[4]), int(row[5]))


def test_the_status_text_of_a_posix_queue_counts_the_same_bytes(carried: Any) -> None:
    carrier, _, _ = carried("posix-mq")
    queue = libc.mq_open(f"/{carrier.channel.plan.kernel_name}", os.O_RDONLY)
    try:
        status = os.pread(queue, 200, 0).decode()  # mq_overview(7): reading tells the status, no message
    finally:
        os.close(queue)
    (size,) = re.findall(r"QSIZE:(\d+)", status)
    assert int(size) == sum(len(payload) + 16 for payload in PAYLOADS)
    assert carrier.depth().now == len(PAYLOADS)


def test_lsof_sees_only_the_workers_at_a_fifo(carried: Any) -> None:
    carrier, _, _ = carried("fifo")
    for _ in range(20):
        assert carrier.depth().now > 0
    pids = {str(peer.pid) for peer in carrier.peers.values()}  # type: ignore[attr-defined]
    told = tool("lsof", "-w", "-F", "p", carrier.channel.address())
    assert {line[1:] for line in told.splitlines() if line.startswith("p")} == pids


def test_a_table_that_is_not_there_is_said_so(
    carried: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    carrier, _, _ = carried("sysv-mq")
    monkeypatch.setattr(sysv, "_FOLDER", tmp_path)
    depth = carrier.depth()
    assert (depth.now, depth.quality) == (None, "unknown")
    assert "No such file" in depth.reason
    with pytest.raises(FileNotFoundError):
        udp_socket(1, tmp_path / "udp")


def test_a_udp_table_that_cannot_be_read_is_said_so(carried: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ipcviz.mechanisms import udp

    carrier, _, _ = carried("udp")

    def shut(inode: int) -> None:
        raise PermissionError(13, "Permission denied", "/proc/net/udp")

    monkeypatch.setattr(udp, "udp_socket", shut)
    depth = carrier.depth()
    assert (depth.now, depth.quality) == (None, "unknown")
    assert depth.reason == "/proc/net/udp: Permission denied"
    assert carrier.channel.dropped(carrier) is None
