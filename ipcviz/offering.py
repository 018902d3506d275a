"""The offer of a file of somebody's own, made in a process of its own.

Such a file may print, never end, crash, or end the process that runs it; the screen that asks must not
notice. `python -m ipcviz.offering` reads a question as a line of JSON and writes the offer.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec

from ipcviz import catalog
from ipcviz.offer import Offer, offer
from ipcviz.runtime.request import SessionRequest

PATIENCE_S = 10
"""How long the file and its `build` may take, before they are given up."""


class Question(msgspec.Struct, frozen=True):
    """What `offer` takes."""

    request: SessionRequest
    channel: str = ""
    lock: str = ""


class Asking:
    """A question that another process works on; `answer` waits for it, `give_up` ends it."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ipcviz.offering"],  # -P: as the supervisor is started
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=_environment(),
        )

    def answer(self) -> Offer:
        """The offer; that of a process that ended or took too long says so."""
        try:
            told, _ = self.process.communicate(msgspec.json.encode(self._question), PATIENCE_S)
            return msgspec.json.decode(told, type=Offer)
        except subprocess.TimeoutExpired:
            self.give_up()
            self.process.communicate()
            why = f"ran for {PATIENCE_S} s and was not done; what takes time belongs into the processes"
        except msgspec.DecodeError:
            why = f"ended the process that ran it, with status {self.process.returncode}"
        return Offer(sentence=f"{self._question.request.demo} {why}.", wrong="demo")

    def give_up(self) -> None:
        """Nobody wants to know any more."""
        with contextlib.suppress(ProcessLookupError):
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """The other process finds the same ipcviz as this one."""
    root = str(Path(__file__).resolve().parent.parent)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}


def main() -> None:
    """Answer the question on standard input; what the file prints goes nowhere."""
    signal.alarm(PATIENCE_S + 5)  # whoever asked may be gone
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    told = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nowhere, number)
    with contextlib.suppress(catalog.CatalogError):
        sys.path.append(
            str(catalog.find(question.request.demo).parent)
        )  # a demo may import what lies beside it
    answer = msgspec.json.encode(offer(question.request, question.channel, question.lock))
    with open(told, "wb") as pipe:
        pipe.write(answer)
        pipe.flush()
    os._exit(0)  # threads and exit functions of the file's own have no say


if __name__ == "__main__":
    main()
