"""One suite that every mechanism passes, with real processes and real kernel objects; and the double."""

from __future__ import annotations

import fcntl
import gc
import os
import random
import resource
import signal
import socket
import struct
import termios
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from ipcviz.ends import ChannelError, EndOfMessages, MessageTooLarge, ReaderGone
from ipcviz.mechanisms import MECHANISMS
from ipcviz.mechanisms.contract import ENVELOPE, RECEIVING, SENDING, TIMED, CannotCreate, Plan
from ipcviz.runtime import names
from tests.mechanisms.conftest import CHANNELS, Carrier

# The suite forks while a runner may have threads of its own; the children touch nothing of those.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

REAL = list(CHANNELS)
STREAMS = ["pipe", "unix-stream", "fifo", "tcp"]
PAIRS = ["unix-stream", "tcp"]
WAITING = [name for name, entry in CHANNELS.items() if entry.traits.backpressure]
LOSSLESS = [name for name, entry in CHANNELS.items() if entry.traits.lossless]
IN_KERNEL = [name for name in LOSSLESS if CHANNELS[name].traits.in_kernel]
MANY_RECEIVERS = [name for name in LOSSLESS if MECHANISMS[name].traits.receivers is None] + ["memory"]
COUNTED = ["zmq-ipc", "zmq-tcp"]
"""No kernel knows their queues: the processes count."""
ASKS_NOBODY = ["posix-mq", "sysv-mq", "file", "udp", "mp-queue"]
"""What the supervisor can see of these needs no descriptor of a worker's."""
MORE = 64
"""Messages of 3000 bytes that no full channel takes: TCP overdraws its buffer by a packet of 64 KiB."""
FRAME = 4  # bytes that precede a message in a byte stream

only = pytest.mark.parametrize
real = only("carrier", REAL, indirect=True)
waiting = only("carrier", [*WAITING, "memory"], indirect=True)
real_waiting = only("carrier", WAITING, indirect=True)
lossless = only("carrier", [*LOSSLESS, "memory"], indirect=True)


def letters(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


def test_a_message_arrives_whole(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    sender.ask("send", b"hello")
    assert receiver.ask("receive") == b"hello"


def test_an_empty_message_is_a_message(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    sender.ask("send_all", [b"", b"x", b""])
    assert receiver.ask("receive_some", 3) == [b"", b"x", b""]


def test_every_byte_passes(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    payload = bytes(range(256)) * 8
    sender.ask("send", payload)
    assert receiver.ask("receive") == payload


@only("senders", [1, 3])
def test_the_largest_message_and_one_byte_more(carrier: Any, senders: int) -> None:
    peers, (receiver,) = carrier.start(senders)
    largest = carrier.mechanism.largest(senders)
    payload = letters(largest)
    for sender in peers:
        assert sender.ask("largest") == largest
        sender.begin("send", payload)
        assert receiver.ask("receive") == payload
        sender.answer()
        with pytest.raises(MessageTooLarge) as caught:
            sender.ask("send", payload + b"x")
        for part in ("'talk'", str(largest), str(largest + 1)):
            assert part in str(caught.value)
        sender.ask("send", b"still whole")
        assert receiver.ask("receive") == b"still whole"


@lossless
@only("senders", [1, 3])
def test_many_senders_keep_their_own_order(carrier: Any, senders: int) -> None:
    peers, (receiver,) = carrier.start(senders)
    sent = [_numbered(number, 300) for number in range(senders)]
    receiver.begin("drain")
    for peer, payloads in zip(peers, sent, strict=True):
        peer.begin("send_all", payloads)
    for peer in peers:
        assert peer.answer() == 300
        peer.ask("close")
    received = receiver.answer()
    for number, payloads in enumerate(sent):
        assert [payload for payload in received if payload[0] == number] == payloads
    assert len(received) == 300 * senders


@only("carrier", MANY_RECEIVERS, indirect=True)
def test_each_message_goes_to_one_receiver(carrier: Any) -> None:
    senders, receivers = carrier.start(3, 3)
    sent = [_numbered(number, 200) for number in range(3)]
    for receiver in receivers:
        receiver.begin("drain")
    for peer, payloads in zip(senders, sent, strict=True):
        peer.begin("send_all", payloads)
    for peer in senders:
        peer.answer()
        peer.ask("close")
    received = [receiver.answer() for receiver in receivers]
    assert Counter(chain(*received)) == Counter(chain(*sent))
    for share in received:
        for number, payloads in enumerate(sent):
            mine = [payload for payload in share if payload[0] == number]
            assert mine == sorted(mine, key=payloads.index), "one sender's messages overtook each other"


def _numbered(sender: int, count: int) -> list[bytes]:
    """Messages of all sizes up to what an atomic write to a pipe holds, each with its own content."""
    chance = random.Random(sender)
    return [
        struct.pack("<BH", sender, number) + chance.randbytes(chance.randrange(3000))
        for number in range(count)
    ]


@only("senders", [1, 3])
def test_the_end_comes_after_everything_that_was_sent(carrier: Any, senders: int) -> None:
    peers, (receiver,) = carrier.start(senders)
    for number, peer in enumerate(peers):
        peer.ask("send_all", [b"%d" % number] * 3)
    for peer in peers[:-1]:
        peer.ask("close")
    assert len(receiver.ask("receive_some", 3 * senders)) == 3 * senders
    with pytest.raises(TimeoutError):
        receiver.ask("receive", timeout=0)  # one sender is left: this is not the end
    peers[-1].ask("close")
    for _ in range(2):
        with pytest.raises(EndOfMessages, match="'talk'"):
            receiver.ask("receive")


@only("carrier", IN_KERNEL, indirect=True)
@only("waiting", [True, False])
def test_the_end_comes_when_the_last_sender_is_killed(carrier: Any, waiting: bool) -> None:
    (first, second), (receiver,) = carrier.start(2)
    first.ask("send_all", [b"1", b"2"])
    second.ask("send", b"3")
    first.kill()
    receiver.begin("drain")
    if waiting:
        receiver.until_it_waits()
    second.kill()
    assert sorted(receiver.answer()) == [b"1", b"2", b"3"]


@only("carrier", STREAMS, indirect=True)
def test_half_a_message_is_no_message(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    sender.ask("send", b"whole")
    sender.begin("send", letters(carrier.mechanism.largest(1)))
    sender.until_it_waits()
    sender.kill()
    assert receiver.ask("receive") == b"whole"
    with pytest.raises(EndOfMessages):
        receiver.ask("receive")


@only("carrier", PAIRS, indirect=True)
def test_half_a_message_of_one_sender_does_not_hide_the_others(carrier: Any) -> None:
    (sender, other), (receiver,) = carrier.start(2)
    sender.begin("send", letters(carrier.mechanism.largest(2)))
    sender.until_it_waits()
    sender_stopped(sender, True)
    other.ask("send", b"from the other")
    assert receiver.ask("receive") == b"from the other"


def test_a_sender_learns_that_the_receiver_has_closed(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    sender.ask("send", b"x")
    receiver.ask("receive")
    receiver.ask("close")
    for _ in range(2):
        with pytest.raises(ReaderGone, match="'talk'"):
            sender.ask("send", b"y")


@real
def test_a_sender_learns_that_the_receiver_was_killed(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    sender.ask("send", b"never read")
    receiver.kill()
    with pytest.raises(ReaderGone):
        sender.ask("send", b"y")


@waiting
def test_a_sender_that_waits_learns_that_the_receiver_has_closed(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    assert sender.ask("fill", b"x" * 3000) > 0
    sender.begin("send_all", [b"x" * 3000] * MORE)
    sender.until_it_waits()
    receiver.ask("close")
    with pytest.raises(ReaderGone):
        sender.answer()


@real_waiting
def test_a_sender_that_waits_learns_that_the_receiver_was_killed(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    sender.ask("fill", b"x" * 3000)
    sender.begin("send_all", [b"x" * 3000] * MORE)
    sender.until_it_waits()
    receiver.kill()
    with pytest.raises(ReaderGone):
        sender.answer()


@only("carrier", MANY_RECEIVERS, indirect=True)
def test_the_reader_is_gone_with_the_last_receiver_only(carrier: Any) -> None:
    (sender,), (first, second) = carrier.start(1, 2)
    first.ask("close")
    sender.ask("send", b"for the second")
    assert second.ask("receive") == b"for the second"
    second.ask("close")
    with pytest.raises(ReaderGone):
        sender.ask("send", b"for nobody")


def test_an_end_that_was_closed_says_so(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    for peer in (sender, receiver):
        peer.ask("close")
        peer.ask("close")
    with pytest.raises(ReaderGone, match="this process has closed"):
        sender.ask("send", b"x")
    with pytest.raises(EndOfMessages, match="this process has closed"):
        receiver.ask("receive")


@waiting
@only("timeout", [0, 0.02])
def test_a_send_that_times_out_tears_nothing(carrier: Any, timeout: float) -> None:
    (sender,), (receiver,) = carrier.start()
    payload = letters(3000)
    count = sender.ask("fill", payload)
    assert count > 1
    for _ in range(3):
        with pytest.raises(TimeoutError, match="'talk' was still full"):
            sender.ask("send", b"too late" * 300, timeout=timeout)
    assert receiver.ask("receive_some", count) == [payload] * count
    sender.ask("send_all", [b"after", payload])
    assert receiver.ask("receive_some", 2) == [b"after", payload]
    with pytest.raises(TimeoutError):
        receiver.ask("receive", timeout=0)


@only("carrier", STREAMS, indirect=True)
def test_a_message_that_has_begun_is_finished_whatever_its_timeout(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    payload = letters(carrier.mechanism.largest(1))
    sender.begin("send", payload, timeout=0)
    sender.until_it_waits()
    assert receiver.ask("receive") == payload
    sender.answer()


@only("carrier", PAIRS, indirect=True)
def test_senders_of_several_streams_are_served_in_turn(carrier: Any) -> None:
    (first, second), (receiver,) = carrier.start(2)
    first.ask("send_all", [b"1"] * 10)
    second.ask("send_all", [b"2"] * 10)
    assert receiver.ask("receive_some", 6) == [b"1", b"2"] * 3


@waiting
def test_a_sender_goes_on_when_there_is_room_again(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    count = sender.ask("fill", b"a" * 3000)
    sender.begin("send", b"b" * 3000, timeout=20)
    sender.until_it_waits()
    received = receiver.ask("receive_some", count + 1)
    sender.answer()
    assert received == [b"a" * 3000] * count + [b"b" * 3000]


@only("timeout", [0, 0.02])
def test_a_receive_that_times_out_loses_nothing(carrier: Any, timeout: float) -> None:
    (sender,), (receiver,) = carrier.start()
    with pytest.raises(TimeoutError, match=f"'talk' within {timeout} s"):
        receiver.ask("receive", timeout=timeout)
    sender.ask("send", b"then")
    assert receiver.ask("receive", timeout=20) == b"then"


@only("carrier", STREAMS, indirect=True)
def test_a_receive_that_times_out_in_the_middle_of_a_message_loses_nothing(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    payload = letters(carrier.mechanism.largest(1))
    sender.begin("send", payload)
    sender.until_it_waits()
    sender_stopped(sender, True)
    with pytest.raises(TimeoutError):
        receiver.ask("receive", timeout=0)
    sender_stopped(sender, False)
    assert receiver.ask("receive") == payload
    sender.answer()


def sender_stopped(peer: Any, stopped: bool) -> None:
    """Halt a peer as SIGSTOP does, or let it go on."""
    os.kill(peer.pid, signal.SIGSTOP if stopped else signal.SIGCONT)
    if stopped:
        os.waitid(os.P_PID, peer.pid, os.WSTOPPED | os.WNOWAIT)


# ---- what the kernel says ------------------------------------------------------------------------------


def test_the_depth_is_what_was_put_in(carrier: Any) -> None:
    plan = carrier.plan(2)
    channel = carrier.create(plan)
    # Duplicates of our own, to ask the kernel without ipcviz.
    sockets = [os.dup(channel.descriptors(end)[0]) for end in plan.senders if channel.descriptors(end)]
    senders, (receiver,) = carrier.start_peers()
    try:
        senders[0].ask("send_all", [b"x" * 100] * 5)
        senders[1].ask("send_all", [b"y" * 1000] * 2)
        receiver.ask("receive_some", 0)
        _check_depth(carrier.mechanism.name, carrier.depth(), sockets)
        receiver.ask("receive_some", 7)
        carrier.until(lambda: carrier.depth().now == 0)
        assert carrier.depth().quality in ("exact", "estimate")
    finally:
        for descriptor in sockets:
            os.close(descriptor)


PAYLOAD = 5 * (100 + ENVELOPE) + 2 * (1000 + ENVELOPE)
BYTES = {
    "pipe": PAYLOAD + 7 * FRAME,
    "fifo": PAYLOAD + 7 * FRAME,
    "file": PAYLOAD + 7 * FRAME,
    "sysv-mq": PAYLOAD,
}
"""Where the kernel tells bytes: how many wait."""


def _check_depth(name: str, depth: Any, sockets: list[int]) -> None:
    """Of five messages of 100 bytes and two of 1000."""
    if name == "unix-datagram":
        assert (depth.now, depth.unit, depth.quality) == (100 + ENVELOPE, "bytes", "at least")
        return
    assert depth.quality == ("estimate" if name in COUNTED else "exact")
    if name in BYTES:
        assert (depth.now, depth.unit) == (BYTES[name], "bytes")
    elif depth.unit == "bytes of socket memory":
        assert depth.now > PAYLOAD
        if name.startswith("unix"):
            # Senders that share a socket share its count.
            counts = {os.fstat(descriptor).st_ino: _unreceived(descriptor) for descriptor in sockets}
            assert depth.now == sum(counts.values())
    else:
        assert (depth.now, depth.unit) == (7, "messages")
    if name == "pipe":
        assert depth.capacity == fcntl.fcntl(sockets[0], fcntl.F_GETPIPE_SZ)
    assert depth.capacity is None or depth.capacity > depth.now


def _unreceived(descriptor: int) -> int:
    return int(struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)))[0])


@waiting
def test_a_full_channel_is_at_its_capacity(carrier: Any) -> None:
    (sender,), _ = carrier.start()
    # 512 bytes with frame and envelope: then the pages of a pipe are filled to the last byte.
    count = sender.ask("fill", b"x" * (512 - ENVELOPE - FRAME))
    depth = carrier.depth()
    if depth.capacity is None:
        assert carrier.mechanism.name in ("unix-datagram", *COUNTED)
        if carrier.mechanism.name == "unix-datagram":
            assert count == carrier.mechanism.limits()["messages"]
        else:
            assert depth.now == count >= 20  # both sides keep ten, and the kernel some more
    elif depth.unit == "bytes of socket memory" or carrier.mechanism.name == "sysv-mq":
        assert depth.now >= depth.capacity * 0.85  # the last one sent may go a little over it, or not fit
    else:
        assert depth.now == depth.capacity
        assert count == depth.capacity // (512 if depth.unit == "bytes" else 1)


@only("carrier", ["unix-stream"], indirect=True)
def test_the_depth_of_a_socket_whose_sender_has_ended_says_at_least(carrier: Any) -> None:
    (sender, other), (receiver,) = carrier.start(2)
    sender.ask("send", b"x" * 100)
    other.ask("close")
    sender.kill()
    receiver.ask("receive_some", 0)
    depth = carrier.depth()
    assert (depth.now, depth.quality) == (100 + ENVELOPE + FRAME, "at least")
    assert "ended" in depth.reason
    receiver.ask("receive")
    depth = carrier.depth()
    assert (depth.now, depth.quality) == (0, "exact")


@real
def test_a_kernel_that_does_not_let_us_look_is_said_so(carrier: Any) -> None:
    carrier.start()

    class Shut:
        def borrow(self, endpoint: int, descriptor: int) -> int | None:
            raise PermissionError(1, "Operation not permitted")

        def counted(self) -> tuple[int, int]:
            return 0, 0

    depth = carrier.channel.depth(Shut())
    if carrier.mechanism.name in ASKS_NOBODY:
        assert (depth.now, depth.quality) == (0, "exact")
    elif carrier.mechanism.name in COUNTED:
        assert (depth.now, depth.quality) == (0, "estimate")
    else:
        assert (depth.now, depth.quality) == (None, "unknown")
        assert "Operation not permitted" in depth.reason


@real
def test_asking_for_the_depth_keeps_no_end_alive(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    before = _open_descriptors()
    sender.ask("send", b"x")
    for _ in range(20):
        assert carrier.depth().now > 0
    assert _open_descriptors() == before
    sender.ask("close")
    assert receiver.ask("drain") == [b"x"]
    carrier.depth()


@only("reads", [0, 2])
def test_what_is_in_flight_after_the_workers_ended(carrier: Any, reads: int) -> None:
    (first, second), (receiver,) = carrier.start(2)
    first.ask("send_all", [b"x" * 700] * 3)
    second.ask("send_all", [b""] * 2)
    receiver.ask("receive_some", reads)
    carrier.channel.hold(carrier)
    for peer in (first, second, receiver):
        peer.end()
    assert carrier.channel.in_flight() == 5 - reads


@only("carrier", STREAMS, indirect=True)
def test_half_a_message_is_not_in_flight(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    sender.ask("send_all", [b"one", b"two"])
    sender.begin("send", letters(carrier.mechanism.largest(1)))
    sender.until_it_waits()
    receiver.ask("receive_some", 0)
    carrier.channel.hold(carrier)
    sender.kill()
    receiver.kill()
    assert carrier.channel.in_flight() == 2


@only("carrier", [name for name in REAL if name not in COUNTED], indirect=True)
def test_who_waits_takes_no_processor_time(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    receiver.begin("receive")
    receiver.until_it_waits()
    _takes_no_time(receiver)
    sender.ask("send", b"x")
    receiver.answer()
    if not carrier.mechanism.traits.backpressure or carrier.mechanism.name == "mp-queue":
        return  # a semaphore cannot be waited for together with the lifeline: its senders look now and then
    sender.ask("fill", b"x" * 3000)
    sender.begin("send_all", [b"x" * 3000] * MORE)
    sender.until_it_waits()
    _takes_no_time(sender)


def _takes_no_time(peer: Any) -> None:
    """While we spend a tenth of a second of processor time, the other does not run a single time."""
    before = peer.spent()
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    assert peer.spent() == before


# ---- made and removed ----------------------------------------------------------------------------------


def _open_descriptors() -> set[str]:
    gc.collect()  # what earlier tests have dropped closes its descriptors now, and not in between
    with os.scandir("/proc/self/fd") as entries:
        names = {entry.name for entry in entries}
    return {name for name in names if os.path.exists(f"/proc/self/fd/{name}") or _is_open(int(name))}


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _is_there(carrier: Any, plan: Plan) -> bool:
    """Anything of that name, whatever it is."""
    if any(plan.kernel_name in name for folder in ("/dev/shm", plan.folder) for name in os.listdir(folder)):
        return True
    return any(names.there(kind, plan.kernel_name, Path(plan.folder), 0) for kind in names.KINDS)


@only("released", [True, False])
def test_nothing_is_left_of_a_channel(carrier: Any, released: bool) -> None:
    before = _open_descriptors()
    plan = carrier.plan(3)
    channel = carrier.mechanism.create(plan)
    listed = carrier.mechanism.names(plan)
    assert all(name.startswith(plan.kernel_name) for _, name in listed)
    assert all(names.there(kind, name, Path(plan.folder), 0) for kind, name in listed)
    assert _is_there(carrier, plan) == bool(listed), "the ledger must list what has a name, and only that"
    if released:
        channel.release()
    channel.destroy()
    assert not _is_there(carrier, plan)
    assert _open_descriptors() == before
    channel.destroy()
    channel.release()


def test_releasing_twice_closes_nobody_elses_descriptors(carrier: Any) -> None:
    channel = carrier.create(carrier.plan(3))
    channel.release()
    others = [os.open(os.devnull, os.O_RDONLY) for _ in range(12)]
    try:
        channel.release()
        channel.destroy()
        channel.destroy()
        channel.release()
        for descriptor in others:
            os.fstat(descriptor)
    finally:
        for descriptor in others:
            if _is_open(descriptor):
                os.close(descriptor)


@only("carrier", ["posix-mq", "shm"], indirect=True)
def test_a_name_that_is_taken_is_left_alone(carrier: Any) -> None:
    plan = carrier.plan()
    carrier.create(plan)
    with pytest.raises(CannotCreate, match="'talk'"):
        carrier.mechanism.create(plan)
    assert _is_there(carrier, plan)


@pytest.mark.slow
@real
def test_without_descriptors_nothing_is_left_behind(carrier: Any) -> None:
    plan = carrier.plan(2)
    outcomes = _in_child(lambda: _create_with_few_descriptors(carrier, plan))
    assert "made" in outcomes
    assert "refused" in outcomes
    assert set(outcomes) <= {"made", "refused"}


def _create_with_few_descriptors(carrier: Any, plan: Plan) -> list[str]:
    outcomes = []
    first = carrier.mechanism.create(plan)  # whatever it loads is loaded now: that needs descriptors, too
    first.release()
    first.destroy()
    for free in range(8):
        before = _open_descriptors()
        with _limit(resource.RLIMIT_NOFILE, _lowest_free(free)):
            try:
                channel = carrier.mechanism.create(plan)
            except CannotCreate as refusal:
                outcomes.append("refused" if "'talk'" in str(refusal) else f"no channel named: {refusal}")
            else:
                outcomes.append("made")
                channel.release()
                channel.destroy()
        if _open_descriptors() != before:
            outcomes.append(f"with {free} free, descriptors were left open")
        if _is_there(carrier, plan):
            outcomes.append(f"with {free} free, the kernel object was left")
            carrier.mechanism.create(plan)
    return outcomes


def _lowest_free(count: int) -> int:
    """The limit under which so many descriptors can still be opened."""
    made = [os.open(os.devnull, os.O_RDONLY) for _ in range(count + 1)]
    for descriptor in made:
        os.close(descriptor)
    return made[-1]


@contextmanager
def _limit(what: int, soft: int) -> Iterator[None]:
    before = resource.getrlimit(what)
    resource.setrlimit(what, (soft, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(what, before)


def _in_child(work: Callable[[], Any]) -> Any:
    """What it gives in a process of its own, whose limits may be changed."""
    from multiprocessing import Pipe

    mine, theirs = Pipe()
    pid = os.fork()
    if pid == 0:
        try:
            theirs.send(work())
        except BaseException as error:
            theirs.send(error)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    outcome = mine.recv()
    mine.close()
    theirs.close()
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


@only("carrier", ["shm"], indirect=True)
def test_no_room_for_the_ring(carrier: Any) -> None:
    plan = carrier.plan()

    def work() -> None:
        with _limit(resource.RLIMIT_FSIZE, 65536):
            carrier.mechanism.create(plan)

    with pytest.raises(CannotCreate, match=r"'talk' needs 1024 KiB in /dev/shm .* -m pipe"):
        _in_child(work)
    assert not _is_there(carrier, plan)


@only("carrier", ["posix-mq"], indirect=True)
def test_no_room_for_the_queue(carrier: Any) -> None:
    plan = carrier.plan()

    def work() -> None:
        with _limit(resource.RLIMIT_MSGQUEUE, 1000):
            carrier.mechanism.create(plan)

    with pytest.raises(CannotCreate, match=r"'talk'.*RLIMIT_MSGQUEUE.*-m shm"):
        _in_child(work)
    assert not _is_there(carrier, plan)


@real
def test_the_registry_tells_what_it_is(carrier: Any) -> None:
    mechanism = carrier.mechanism
    assert mechanism.unavailable() is None
    assert all(isinstance(value, int | str) for value in mechanism.limits().values())
    assert mechanism.limits()
    assert mechanism.about.endswith(".")
    assert mechanism.largest(1) >= mechanism.largest(2) > 1000


# ---- what a watch is told ------------------------------------------------------------------------------


@waiting
def test_the_watch_of_a_sender(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    sender.ask("send_all", [b"abc", b""])
    assert sender.ask("heard") == [("stamp", 1000), ("sent", 3), ("stamp", 1001), ("sent", 0)]
    with pytest.raises(MessageTooLarge):
        sender.ask("send", bytes(carrier.mechanism.largest(1) + 1))
    assert len(sender.ask("heard")) == 4
    sender.ask("fill", b"x" * 3000)
    told = sender.ask("heard")
    assert told[-3:] == [("stamp", told[-3][1]), ("blocked", SENDING | TIMED), ("unblocked",)]
    sender.begin("send_all", [b"y" * 3000] * MORE)
    sender.until_it_waits()
    receiver.begin("drain")
    sender.answer()
    told = sender.ask("heard")
    waited = told.index(("blocked", SENDING))
    assert told[waited : waited + 3] == [("blocked", SENDING), ("unblocked",), ("sent", 3000)]
    sender.ask("close")
    sender.ask("close")
    assert sender.ask("heard")[-2:] == [("sent", 3000), ("closed",)]
    receiver.answer()


def test_the_watch_of_a_receiver(carrier: Any) -> None:
    (first, second), (receiver,) = carrier.start(2)
    second.ask("send", b"from the second")
    receiver.ask("receive")
    before = len(receiver.ask("heard")) - 1
    # A thread brings it, sooner or later.
    assert before == 0 or carrier.mechanism.name in (*COUNTED, "mp-queue")
    assert receiver.ask("heard")[before:] == [("received", 15, 1000, 1, 1, b"from the second")]
    with pytest.raises(TimeoutError):
        receiver.ask("receive", timeout=0.001)
    assert receiver.ask("heard")[before + 1 :] == [("blocked", RECEIVING | TIMED), ("unblocked",)]
    receiver.begin("receive")
    receiver.until_it_waits()
    first.ask("send", b"")
    receiver.answer()
    told = receiver.ask("heard")[before + 3 :]
    assert told == [("blocked", RECEIVING), ("unblocked",), ("received", 0, 1000, 0, 1, b"")]
    first.ask("close")
    second.ask("close")
    assert receiver.ask("drain") == []
    assert ("closed",) in receiver.ask("heard")


def test_sequence_numbers_count_each_senders_messages(carrier: Any) -> None:
    senders, (receiver,) = carrier.start(2)
    for sender in senders:
        sender.ask("send_all", [b"a", b"b"])
        with pytest.raises(MessageTooLarge):
            sender.ask("send", bytes(carrier.mechanism.largest(2) + 1))
        sender.ask("send", b"c")
    receiver.ask("receive_some", 6)
    told = [item for item in receiver.ask("heard") if item[0] == "received"]
    for endpoint in (0, 1):
        mine = [(item[4], item[5]) for item in told if item[3] == endpoint]
        assert mine == [(1, b"a"), (2, b"b"), (3, b"c")]


# ---- calls over one kernel object ----------------------------------------------------------------------

calls = only("carrier", [name for name in REAL if MECHANISMS[name].traits.two_way], indirect=True)


@calls
def test_every_caller_gets_its_own_answers(carrier: Any) -> None:
    callers, (responder,) = carrier.start(3, kind="call")
    responder.begin("answer_all")
    for turn in range(20):
        for number, caller in enumerate(callers):
            caller.begin("call", b"caller %d turn %d" % (number, turn))
        for number, caller in enumerate(callers):
            assert caller.answer() == b"CALLER %d TURN %d" % (number, turn)
    for caller in callers:
        caller.ask("close")
    assert responder.answer() == 60


@calls
def test_calls_of_no_and_of_many_bytes(carrier: Any) -> None:
    (caller,), (responder,) = carrier.start(kind="call")
    responder.begin("answer_all")
    largest = carrier.mechanism.largest(1)
    for size in (0, 1, 100_000, largest):
        assert caller.ask("call", b"a" * size) == b"A" * size
    with pytest.raises(MessageTooLarge):
        caller.ask("call", b"a" * (largest + 1))
    assert caller.ask("call", b"on") == b"ON"


@calls
def test_an_answer_that_comes_too_late_is_dropped(carrier: Any) -> None:
    (caller,), (responder,) = carrier.start(kind="call")
    with pytest.raises(TimeoutError):
        caller.ask("call", b"first", timeout=0.001)
    assert responder.ask("answer_one", b"answer to the first") == b"first"
    caller.begin("call", b"second")
    assert responder.ask("answer_one", b"answer to the second") == b"second"
    assert caller.answer() == b"answer to the second"


@calls
def test_a_caller_learns_that_the_responder_was_killed(carrier: Any) -> None:
    (caller, other), (responder,) = carrier.start(2, kind="call")
    caller.begin("call", b"x")
    caller.until_it_waits()
    responder.kill()
    with pytest.raises(ReaderGone):
        caller.answer()
    with pytest.raises(ReaderGone):
        other.ask("call", b"x")


@only(
    "carrier", [name for name in REAL if CHANNELS[name].traits.two_way and name not in COUNTED], indirect=True
)
def test_a_caller_that_was_killed_does_not_disturb_the_others(carrier: Any) -> None:
    (caller, other), (responder,) = carrier.start(2, kind="call")
    caller.begin("call", b"asked and never heard")
    caller.until_it_waits()
    caller.kill()
    with pytest.raises(ReaderGone):
        responder.ask("answer_one", b"for nobody")
    responder.begin("answer_all")
    assert other.ask("call", b"x") == b"X"
    other.ask("close")
    assert responder.answer() == 1


@calls
def test_what_is_in_flight_of_a_call_goes_both_ways(carrier: Any) -> None:
    (caller, other), (responder,) = carrier.start(2, kind="call")
    for peer in (caller, other):
        with pytest.raises(TimeoutError):
            peer.ask("call", b"request", timeout=0.001)
    responder.ask("answer_one", b"reply")
    depth = carrier.depth()
    assert depth.now > 0
    assert depth.quality == ("estimate" if carrier.mechanism.name in COUNTED else "exact")
    carrier.channel.hold(carrier)
    for peer in (caller, other, responder):
        peer.kill()
    assert carrier.channel.in_flight() == 2


# ---- names, ports and permissions of the real world ------------------------------------------------------

NAMED = [
    name
    for name in MECHANISMS
    if name in ("fifo", "file", "mmap-file", "unix-datagram", "zmq-ipc", "sysv-mq")
]


@only("carrier", NAMED, indirect=True)
def test_what_an_earlier_crash_left_is_not_taken_for_ours(carrier: Any) -> None:
    plan = carrier.plan()
    if carrier.mechanism.name == "sysv-mq":
        carrier.create(plan)
        with pytest.raises(CannotCreate, match="'talk'"):
            carrier.mechanism.create(plan)
        return
    left = [Path(plan.folder, name) for _, name in carrier.mechanism.names(plan)]
    for path in left:
        path.write_bytes(b"somebody's")
    try:
        with pytest.raises(CannotCreate, match="'talk'"):
            carrier.mechanism.create(plan)
        assert [path.read_bytes() for path in left] == [b"somebody's"] * len(left)
    finally:
        for path in left:
            path.unlink()


@pytest.mark.parametrize(("name", "kind"), [("tcp", socket.SOCK_STREAM), ("udp", socket.SOCK_DGRAM)])
def test_a_port_that_is_in_use_is_named(name: str, kind: int, until: Any) -> None:
    carrier = Carrier(MECHANISMS[name], until)
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        plan = replace(carrier.plan(), options=carrier.mechanism.options(port=port))
        with pytest.raises(
            CannotCreate, match=rf"'talk': port {port} .*Address already in use.*-m {name}:port="
        ):
            carrier.mechanism.create(plan)
    carrier.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become nobody")
@only("carrier", [name for name in NAMED if name != "sysv-mq"], indirect=True)
def test_a_folder_that_may_not_be_written_is_said_so(carrier: Any) -> None:
    plan = carrier.plan(2)
    os.chmod(plan.folder, 0o700)

    def work() -> str:
        os.setuid(65534)
        try:
            carrier.mechanism.create(plan)
        except CannotCreate as refusal:
            return str(refusal)
        return "made"

    told = _in_child(work)
    assert "'talk'" in told
    assert "Permission denied" in told


@only("carrier", ["posix-mq", "sysv-mq"], indirect=True)
def test_the_urgent_overtakes(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    for payload, priority in ((b"later", 0), (b"soon", 5), (b"also soon", 5), (b"now", 32767)):
        sender.ask("send", payload, priority=priority)
    assert receiver.ask("receive_some", 4) == [b"now", b"soon", b"also soon", b"later"]
    with pytest.raises(ValueError, match="0 to 32767"):
        sender.ask("send", b"x", priority=32768)


@only("carrier", ["unix-seqpacket", "unix-datagram"], indirect=True)
def test_descriptors_travel_with_a_message(carrier: Any, tmp_path: Path) -> None:
    (sender,), (receiver,) = carrier.start()
    (tmp_path / "file").write_bytes(b"read through the descriptor")
    sender.ask("send_open", b"here it is", str(tmp_path / "file"))
    assert receiver.ask("receive_open") == (b"here it is", b"read through the descriptor")
    sender.ask("send", b"without")
    assert receiver.ask("receive") == b"without"


@only("carrier", ["file", "zmq-ipc", "zmq-tcp"], indirect=True)
def test_a_broadcast_reaches_everybody(carrier: Any) -> None:
    (sender,), receivers = carrier.start(1, 3, kind="broadcast")
    if carrier.mechanism.name != "file":  # a subscription takes a while to arrive
        for receiver in receivers:
            receiver.begin("receive")
        while not all(receiver.answered for receiver in receivers):
            sender.ask("send", b"are you there")
            time.sleep(0.001)
        for receiver in receivers:
            receiver.answer()
    sender.ask("send_all", [b"one", b"two"])
    sender.begin("close")
    for receiver in receivers:
        assert receiver.ask("drain")[-2:] == [b"one", b"two"]
    sender.answer()


@only("kind", ["channel", "broadcast", "call"])
@only("carrier", ["zmq-ipc", "zmq-tcp"], indirect=True)
def test_zeromq_encrypted(carrier: Any, kind: str) -> None:
    plan = replace(carrier.plan(1, 1, kind), options=carrier.mechanism.options(curve=True))
    carrier.create(plan)
    (sender,), (receiver,) = carrier.start_peers()
    if kind == "call":
        receiver.begin("answer_all")
        assert sender.ask("call", b"secret") == b"SECRET"
    elif kind == "channel":
        sender.ask("send", b"secret")
        assert receiver.ask("receive") == b"secret"
    else:
        receiver.begin("receive")
        while not receiver.answered:
            sender.ask("send", b"secret")
            time.sleep(0.001)
        assert receiver.answer() == b"secret"


def test_a_file_is_still_there_for_who_comes_later(until: Any, tmp_path: Path) -> None:
    spool = str(tmp_path / "spool")
    options = MECHANISMS["file"].options(path=spool)
    for turn, count in enumerate((3, 2)):
        carrier = Carrier(MECHANISMS["file"], until)
        plan = replace(carrier.plan(), options=options)
        channel = carrier.create(plan)
        assert channel.found() == (0, 2)[turn]
        with pytest.raises(CannotCreate, match=r"'talk': .*another channel or run uses it"):
            carrier.mechanism.create(plan)
        (sender,), (receiver,) = carrier.start_peers()
        if turn == 0:
            sender.ask("send_all", [b"1", b"2", b"3", b"4", b"5"])
            assert receiver.ask("receive_some", count) == [b"1", b"2", b"3"]
            sender.kill()
            receiver.kill()
        else:
            assert receiver.ask("receive_some", count) == [b"4", b"5"]
        carrier.close()
    assert os.path.exists(spool)


def test_a_disk_that_is_full_is_said_so_and_nothing_is_torn(until: Any) -> None:
    carrier = Carrier(MECHANISMS["file"], until)
    (sender,), (receiver,) = carrier.start()
    sender.ask("send", b"fits")
    sender.ask("limit_files", 4096)
    with pytest.raises(ChannelError, match=r"spool .* could not be written \(File too large\); free some"):
        sender.ask("send", b"x" * 8000)
    sender.ask("send", b"fits, too")
    assert receiver.ask("receive_some", 2) == [b"fits", b"fits, too"]
    carrier.close()


# ---- looking does not disturb ----------------------------------------------------------------------------


@real
def test_two_hundred_looks_do_not_wake_who_waits(carrier: Any) -> None:
    if carrier.mechanism.name in COUNTED:
        return  # a thread of its own wakes it; no descriptor of it is looked at
    _, (receiver,) = carrier.start()
    receiver.begin("receive")
    receiver.until_it_waits()
    before = receiver.spent()
    for _ in range(200):
        carrier.depth()
    assert receiver.spent() == before


@only("carrier", ["pipe", "fifo", "unix-stream", "unix-seqpacket", "tcp"], indirect=True)
def test_looking_revives_nothing_that_has_no_reader(carrier: Any) -> None:
    (sender,), (receiver,) = carrier.start()
    receiver.kill()
    for _ in range(20):
        carrier.depth()
    with pytest.raises(ReaderGone):
        sender.ask("send", b"for nobody")


@only("carrier", ["fifo"], indirect=True)
def test_looking_does_not_let_in_who_waits_for_a_reader(carrier: Any) -> None:
    _, (receiver,) = carrier.start()
    receiver.kill()
    path = carrier.channel.address()
    opener = os.fork()
    if opener == 0:
        os.open(path, os.O_WRONLY)  # blocks as long as nobody reads, fifo(7)
        os._exit(0)
    try:
        carrier.until(lambda: Path(f"/proc/{opener}/stat").read_text().rpartition(")")[2].split()[0] == "S")
        for _ in range(50):
            carrier.depth()
        assert os.waitpid(opener, os.WNOHANG) == (0, 0), "it still waits"
    finally:
        os.kill(opener, signal.SIGKILL)
        os.waitpid(opener, 0)
