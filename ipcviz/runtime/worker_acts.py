"""In a worker: obeying what the supervisor asks while the author's function runs.

The supervisor writes into the telemetry page and sends SIGURG, which does nothing to a process that does not
expect it (signal(7)). Its handler puts faults in the way of messages or takes them out again, changes the
pace, and sends a message by hand, if nothing of ours is half done at that moment; else the supervisor sends
the signal again soon.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

from ipcviz import ends
from ipcviz.mechanisms.contract import Watch
from ipcviz.mechanisms.ends import Put, ReceiverEnd, SenderEnd, Take
from ipcviz.mechanisms.faults import FaultyPut, SlowTake
from ipcviz.runtime.desk import ByHand
from ipcviz.runtime.fault_words import SLOW, EndJudge
from ipcviz.runtime.moments import nothing_half_done
from ipcviz.runtime.telemetry import WAIT, Page, state_of
from ipcviz.units import SECOND

POKE = signal.SIGURG
FULL = "full"
"""What a worker tells of a message by hand for which there was no room."""
_HELD_BACK = (signal.SIGTERM, signal.SIGALRM, signal.SIGIO, POKE)

Teller = Callable[[int, str], None]


class EndActs:
    """One endpoint: its ends, and what is asked of them."""

    def __init__(self, page: Page, row: int, first_row: int, calls: bool, answers: bool) -> None:
        self.calls = calls
        """It waits for replies in the same row in which it sends."""
        self._answers = answers
        self._words = page.row_words(row)
        self._faults = page.fault_words(row)
        own, of_all = page.fault_words(row), page.fault_words(first_row)
        self._judge = EndJudge(own, of_all, page.descriptor, first_row, not answers)
        self._senders: list[SenderEnd] = []
        self._receivers: list[ReceiverEnd] = []
        self._faulty = False
        self._slow = False

    def attach(self, end: object) -> None:
        """One more end of it."""
        if isinstance(end, SenderEnd):
            self._senders.append(end)
            end.lead_through(self._faulty_put if self._faulty else None)
        elif isinstance(end, ReceiverEnd):
            self._receivers.append(end)
            end.lead_through(self._slow_take if self._slow else None)

    def follow(self) -> None:
        """Put faults in the way, or take them out."""
        faulty, slow = self._judge.is_asked, self._slowness() > 0
        if faulty != self._faulty:
            self._faulty = faulty
            for sender in self._senders:
                sender.lead_through(self._faulty_put if faulty else None)
        if slow != self._slow:
            self._slow = slow
            for receiver in self._receivers:
                receiver.lead_through(self._slow_take if slow else None)

    @property
    def sender(self) -> SenderEnd | None:
        """Through which a message can be sent by hand; replies belong to requests."""
        return self._senders[0] if self._senders and not self._answers else None

    @property
    def waits(self) -> bool:
        """It is in the middle of a message of its own, or of a call."""
        return state_of(self._words[WAIT])[0] != 0

    def _faulty_put(self, straight: Put, watch: Watch) -> Put:
        return FaultyPut(straight, self._judge, watch)

    def _slow_take(self, straight: Take) -> Take:
        return SlowTake(straight, self._slowness)

    def _slowness(self) -> float:
        return self._faults[SLOW] / SECOND


class WorkerActs:
    """All that is asked of this worker."""

    def __init__(self, page: Page, worker: int, tell: Teller) -> None:
        """`tell` passes on what became of the message by hand of that number: FULL, why not, or nothing."""
        self._page, self._tell = page, tell
        self._desk = page.desk(worker)
        self._ends: dict[int, EndActs] = {}
        self._dealt_with = 0

    def end(self, row: int, first_row: int, role: str, kind: str) -> EndActs:
        """The acts on an endpoint; `kind` is its channel's."""
        calls, answers = (kind == "call" and role == one for one in ("caller", "responder"))
        self._ends[row] = EndActs(self._page, row, first_row, calls, answers)
        return self._ends[row]

    def begin(self) -> None:
        """Obey from now on."""
        ends.pace.tell = self._desk.note_pace
        signal.signal(POKE, self._poked)
        self._follow()

    def end_all(self) -> None:
        """The author's function is over."""
        signal.signal(POKE, signal.SIG_IGN)

    def _poked(self, number: int, frame: FrameType | None) -> None:
        """Nothing may come in between: another handler could raise in the middle of this."""
        held_back = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
        try:
            self._follow()
            request = self._desk.asked()
            if request.number != self._dealt_with:
                self._send_by_hand(request, frame)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held_back)

    def _follow(self) -> None:
        ends.pace.factor = self._desk.factor
        for end in self._ends.values():
            end.follow()

    def _send_by_hand(self, request: ByHand, frame: FrameType | None) -> None:
        end = self._ends.get(request.row)
        sender = None if end is None else end.sender
        if end is None or sender is None:
            self._deal_with(request, "it has no end to send from")
        elif end.waits and not end.calls:
            self._deal_with(request, FULL)
        elif nothing_half_done(frame) and not end.waits and not sender.is_holding:
            self._send(request, sender)
        else:
            sender.do_first(self._before_next)

    def _before_next(self) -> None:
        """At the beginning of the next message or call, when the one before is over."""
        held_back = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
        try:
            request = self._desk.asked()
            sender = self._ends[request.row].sender
            if sender is not None and request.number != self._dealt_with:
                self._send(request, sender)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held_back)

    def _send(self, request: ByHand, sender: SenderEnd) -> None:
        trouble = ""
        try:
            sender.send_by_hand(request.payload)
        except TimeoutError:
            trouble = FULL
        except Exception as error:
            trouble = str(error)
        self._deal_with(request, trouble)

    def _deal_with(self, request: ByHand, trouble: str) -> None:
        self._dealt_with = request.number
        self._tell(request.number, trouble)
