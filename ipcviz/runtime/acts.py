"""Acts given beforehand, as they are typed: `2.5 drop lines 25%` is a command at 2.5 seconds."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable, Sequence
from typing import cast, get_args

from ipcviz.choice import CarriedChannel, near
from ipcviz.events import FaultKind
from ipcviz.runtime.request import MOST_TIMES, Act, Command, excess

FORMS: dict[FaultKind, str] = {
    "pause": "pause PROCESS",
    "resume": "resume PROCESS",
    "kill": "kill PROCESS",
    "slow": "slow PROCESS TIME [from CHANNEL]",
    "rate": "rate PROCESS FACTOR",
    "delay": "delay CHANNEL TIME [COUNT or SHARE] [from PROCESS]",
    "drop": "drop CHANNEL COUNT or SHARE [from PROCESS]",
    "duplicate": "duplicate CHANNEL COUNT or SHARE [from PROCESS]",
    "corrupt": "corrupt CHANNEL COUNT or SHARE [from PROCESS]",
    "send": "send CHANNEL TEXT [from PROCESS]",
}
"""What comes after the seconds."""

_TIME = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(us|µs|ms|s)(?=\s|$)\s*")
_PARTS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0}
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_COUNT = re.compile(r"\d{1,9}")
_ON_PROCESSES = ("pause", "resume", "kill", "slow", "rate")


class WrongAct(ValueError):
    """What was typed is no act; the message is a sentence."""


def parse(text: str) -> Act:
    """One act: seconds after the start, what to do, to what, and how much; raises `WrongAct`."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise WrongAct(f"the act {text!r} cannot be read: {str(error).lower()}.") from None
    if len(words) < 2:
        raise WrongAct(f"an act is SECONDS, what to do and to what, as in '2.5 kill consumer', not {text!r}.")
    at = _seconds(words[0])
    kinds = get_args(FaultKind)
    if words[1] not in kinds:
        raise WrongAct(f"{words[1]!r} is no act; {near(words[1], kinds)}")
    kind = cast(FaultKind, words[1])
    rest, other = _without_from(words[2:])
    if not rest:
        raise _wrong_form(kind, text)
    command = _command(kind, rest[0], other, rest[1:], text)
    trouble = excess(command)
    if trouble:
        raise WrongAct(f"the act {text!r} cannot be: {trouble[0].lower()}{trouble[1:]}")
    return Act(at, command)


def typed(act: Act) -> str:
    """The act as it is typed; parsed, it is the same again, but for a payload that is no text."""
    command = act.command
    on_process = command.do in _ON_PROCESSES
    target, other = (command.process, command.channel)[:: 1 if on_process else -1]
    words = [f"{act.at:.12g}", command.do, shlex.quote(target)]
    if command.do == "send":
        words.append(shlex.quote(command.payload.decode("utf-8", "surrogateescape")))
    elif command.do == "rate":
        words.append(f"{command.amount:.12g}")
    elif command.do == "slow":
        words.append(f"{command.amount * 1000:.12g}ms")
    elif command.do not in ("pause", "resume", "kill"):
        if command.do == "delay" and command.amount:
            words.append(f"{command.amount * 1000:.12g}ms")
        words.append(f"{command.share * 100:.12g}%" if command.share else str(command.count))
    return " ".join(words + (["from", shlex.quote(other)] if other else []))


def check_names(acts: Iterable[Act], processes: Iterable[str], channels: Sequence[CarriedChannel]) -> None:
    """Raises `WrongAct` for an act on what the run will not have."""
    names = {name: None for made in channels for name in (made.part_of or made.name, made.name)}
    known = {"process": list(processes), "channel": list(names)}
    for act in acts:
        for what, name in (("process", act.command.process), ("channel", act.command.channel)):
            if name and name not in known[what]:
                raise WrongAct(f"There is no {what} {name!r} to act on; {near(name, known[what])}")


def _seconds(text: str) -> float:
    try:
        at = float(text)
    except ValueError:
        at = -1.0
    if not (math.isfinite(at) and at >= 0):
        raise WrongAct(f"an act begins with seconds from the start, as in '2 kill consumer', not {text!r}.")
    return at


def _without_from(words: list[str]) -> tuple[list[str], str]:
    """The words before `from NAME` at the end, and that name."""
    if len(words) >= 3 and words[-2] == "from":
        return words[:-2], words[-1]
    return words, ""


def _command(kind: FaultKind, target: str, other: str, rest: list[str], text: str) -> Command:
    on_process = kind in _ON_PROCESSES
    process, channel = (target, other) if on_process else (other, target)
    amount = " ".join(rest)
    if kind in ("pause", "resume", "kill"):
        if amount or other:
            raise _wrong_form(kind, text)
        return Command(kind, process)
    if kind == "send":
        return Command(kind, process, channel, payload=amount.encode("utf-8", "surrogateescape"))
    if kind == "rate":
        return Command(kind, process, amount=_factor(amount, text))
    if kind == "slow":
        seconds, left = _time(amount, kind, text)
        if left:
            raise _wrong_form(kind, text)
        return Command(kind, process, channel, seconds)
    if kind == "delay" and amount != "0":
        seconds, left = _time(amount, kind, text)
        count, share = _messages(left or "1", kind, text)
        return Command(kind, process, channel, seconds, count, share)
    count, share = _messages(amount, kind, text)
    return Command(kind, process, channel, 0.0, count, share)


def _time(amount: str, kind: FaultKind, text: str) -> tuple[float, str]:
    """Seconds, and what comes behind them; 0 needs no unit."""
    if amount == "0":
        return 0.0, ""
    found = _TIME.match(amount)
    if found is None:
        raise _wrong_form(kind, text)
    return float(found[1]) * _PARTS[found[2]], amount[found.end() :]


def _messages(amount: str, kind: FaultKind, text: str) -> tuple[int, float]:
    """The next so many, or a share of all."""
    share = _SHARE.fullmatch(amount)
    if share is not None and float(share[1]) <= 100:
        return 0, float(share[1]) / 100
    if _COUNT.fullmatch(amount):
        return int(amount), 0.0
    raise _wrong_form(kind, text)


def _factor(amount: str, text: str) -> float:
    try:
        factor = float(amount.removesuffix("x"))
    except ValueError:
        factor = 0.0
    if not factor > 0:
        raise _wrong_form("rate", text)
    return factor


def _wrong_form(kind: FaultKind, text: str) -> WrongAct:
    hint = "; a TIME is 50ms or 1.5s" if "TIME" in FORMS[kind] else ""
    hint += "; a COUNT is 3, a SHARE 25%" if "SHARE" in FORMS[kind] else ""
    factors = f"{1 / MOST_TIMES:g} to {MOST_TIMES:g}"
    hint += f"; a FACTOR is {factors}, 2 is twice as fast" if kind == "rate" else ""
    return WrongAct(f"the act is typed 'SECONDS {FORMS[kind]}', not {text!r}{hint}.")
