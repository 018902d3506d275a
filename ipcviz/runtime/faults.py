"""Acts on a run: the supervisor obeys a command, and says in an event what it did or why it could not.

Signals stop, continue and kill a worker. What is done to messages, paces and takers is written into the
telemetry page, and the worker poked to look (`worker_acts`). No act waits for a worker.
"""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import cast

from ipcviz import events as ev
from ipcviz.runtime import fault_sentences as words
from ipcviz.runtime.assembly import Assembly
from ipcviz.runtime.by_hand import HandQueue
from ipcviz.runtime.fault_words import ALL, OWN, SLOW, MessageFault, ask
from ipcviz.runtime.request import MOST_MESSAGES, Command, excess
from ipcviz.runtime.targets import CannotAct, End, Targets
from ipcviz.runtime.telemetry import Page
from ipcviz.runtime.worker_acts import FULL, POKE
from ipcviz.runtime.workers import Worker, Workers
from ipcviz.units import SECOND

Tell = Callable[[ev.FaultInjected | ev.ProcessSignalled], object]


class Faults:
    """Obeys; `tell` takes events, `now` gives nanoseconds since the run began."""

    def __init__(
        self, assembly: Assembly, page: Page, workers: Workers, tell: Tell, now: Callable[[], int]
    ) -> None:
        self._page, self._workers, self._tell, self._now = page, workers, tell, now
        self._targets = Targets(assembly, page, workers)
        self._paused: set[str] = set()
        self._ending = False
        self._hands = {
            name: HandQueue(worker, page.desk(number), self._became_of)
            for number, (name, worker) in enumerate(workers.all.items())
        }

    def obey(self, command: Command) -> None:
        """Do it, or say why not; never raises."""
        try:
            if self._ending and command.do != "kill":
                raise CannotAct("The run is ending.")
            trouble = excess(command)
            if trouble:
                raise CannotAct(trouble)
            self._do(command)
        except CannotAct as error:
            self._say(command, str(error), done=False)

    def heard(self, worker: Worker) -> None:
        """Pass on what a worker said of messages by hand."""
        for number, trouble in worker.by_hand:
            self._hands[worker.name].heard(number, trouble, self._now())
        worker.by_hand.clear()

    def ended(self, worker: Worker) -> None:
        """What it was still to do it will not do."""
        self._paused.discard(worker.name)
        self._hands[worker.name].give_up()

    def poke(self) -> int | None:
        """Ask again whom it is time to ask; when the next one is due, in ns, None if nobody is."""
        for hands in self._hands.values():
            hands.poke(self._now())
        return min((due for hands in self._hands.values() if (due := hands.due()) is not None), default=None)

    def let_end(self) -> None:
        """The run is over: who is paused must hear it, too."""
        self._ending = True
        for name in sorted(self._paused):
            self._signal(self._workers.all[name], signal.SIGCONT)

    def _do(self, command: Command) -> None:
        if command.do == "pause":
            self._pause(command)
        elif command.do == "resume":
            self._resume(command)
        elif command.do == "kill":
            self._kill(command)
        elif command.do == "slow":
            self._slow(command)
        elif command.do == "rate":
            self._rate(command)
        elif command.do == "send":
            self._send(command)
        else:
            self._fault(command)

    def _pause(self, command: Command) -> None:
        worker = self._targets.process(command.process)
        if worker.name in self._paused:
            raise CannotAct(f"{worker.name} is paused already.")
        self._signal(worker, signal.SIGSTOP)
        self._paused.add(worker.name)
        self._say(command, f"{worker.name} is paused.")

    def _resume(self, command: Command) -> None:
        worker = self._targets.process(command.process)
        if worker.name not in self._paused:
            raise CannotAct(f"{worker.name} is not paused.")
        self._signal(worker, signal.SIGCONT)
        self._paused.discard(worker.name)
        self._say(command, f"{worker.name} goes on.")

    def _kill(self, command: Command) -> None:
        worker = self._targets.process(command.process)
        if worker.killed:
            raise CannotAct(f"{worker.name} was killed already.")
        worker.killed = True
        self._signal(worker, signal.SIGKILL)
        self._say(command, f"{worker.name} is killed.")

    def _signal(self, worker: Worker, number: signal.Signals) -> None:
        """To the worker, and to what it has started itself."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(worker.pidfd, number)
        with suppress(OSError):
            os.killpg(worker.pid, number)
        self._tell(ev.ProcessSignalled(t=self._now(), process=worker.name, signal=number))

    def _slow(self, command: Command) -> None:
        ends = self._targets.takers(command.process, command.channel)
        for end in ends:
            self._page.fault_words(end.row)[SLOW] = round(command.amount * SECOND)
        self._poke_all(ends)
        for end in ends:
            name = end.made.chosen.name
            sentence = words.slow(end.process, name if len(ends) > 1 else "", command.amount)
            self._say(command, sentence, channel=name)

    def _rate(self, command: Command) -> None:
        worker = self._targets.process(command.process)
        desk = self._page.desk(list(self._workers.all).index(worker.name))
        if not desk.keeps_pace:
            raise CannotAct(f"{worker.name} keeps no pace that could be changed: it goes as fast as it can.")
        desk.factor = command.amount
        self._poke(worker)
        self._say(command, words.rate(worker.name, command.amount), channel="")

    def _fault(self, command: Command) -> None:
        """Delay, drop, duplicate or corrupt messages."""
        kind = cast(MessageFault, command.do)
        for made in self._targets.channels(command.channel):
            name = made.chosen.name
            ends = self._targets.senders(made, command.process)
            if kind == "duplicate" and all(end.answers for end in ends):
                raise CannotAct(f"{ends[0].process} answers on {name}, and a reply is not sent twice.")
            if command.process:
                for end in ends:
                    self._ask(end.row, OWN, command)
            else:
                self._ask(made.first_row, ALL, command)
            self._poke_all(ends)
            sentence = words.of_messages(
                kind, name, command.process, command.count, command.share, command.amount
            )
            self._say(command, sentence, channel=name)

    def _ask(self, row: int, block: int, command: Command) -> None:
        kind = cast(MessageFault, command.do)
        ask(self._page.fault_words(row), block, kind, command.count, command.share, command.amount)

    def _send(self, command: Command) -> None:
        for made in self._targets.channels(command.channel):
            ends = [end for end in self._targets.senders(made, command.process) if not end.answers]
            if not ends and command.process:
                raise CannotAct(f"{command.process} answers on {made.chosen.name}: a reply needs a request.")
            if not ends:
                raise CannotAct(f"Nobody asks on {made.chosen.name} any more.")
            free = [end for end in ends if end.process not in self._paused]
            if not free:
                raise CannotAct(f"{ends[0].process} is paused, and so cannot send.")
            self._lay(command, free[0])

    def _lay(self, command: Command, end: End) -> None:
        hands = self._hands[end.process]
        if hands.is_full:
            raise CannotAct(f"{end.process} has not yet sent what it was asked to send by hand.")
        asked = Command("send", end.process, end.made.chosen.name, payload=command.payload)
        hands.add(asked, end.row, self._now())

    def _became_of(self, command: Command, trouble: str | None) -> None:
        """A worker has dealt with a message by hand, or is gone."""
        if trouble is None:
            self._say(command, words.sent(command.payload, command.channel, command.process))
            return
        why = {FULL: "it is full", "": f"{command.process} has ended"}.get(trouble, trouble)
        sentence = f"Nothing was sent into {command.channel} by hand: {why.rstrip('.')}."
        self._say(command, sentence, done=False)

    def _poke_all(self, ends: Iterable[End]) -> None:
        for worker in self._targets.workers_of(ends):
            self._poke(worker)

    def _poke(self, worker: Worker) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(worker.pidfd, POKE)

    def _say(self, command: Command, sentence: str, channel: str | None = None, done: bool = True) -> None:
        self._tell(
            ev.FaultInjected(
                t=self._now(),
                fault=cast(ev.FaultKind, command.do),
                sentence=sentence,
                process=command.process,
                channel=command.channel if channel is None else channel,
                amount=command.amount if math.isfinite(command.amount) else 0.0,
                count=max(-1, min(command.count, MOST_MESSAGES + 1)),
                share=command.share,
                payload=command.payload,
                done=done,
            )
        )
