"""What can be done to a process or a channel of a run, and the command that an answer makes of it. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ipcviz.events import FaultKind
from ipcviz.runtime.request import Command, excess
from ipcviz.traits import gives
from ipcviz.tui.selection import Kind
from ipcviz.view import ChannelView, ProcessView, View

_SPAN = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(us|µs|ms|s)")
_PARTS = {"us": 1_000_000, "µs": 1_000_000, "ms": 1_000, "s": 1}
"""Of a second."""
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_COUNT = re.compile(r"\d{1,18}")


class WrongAmount(ValueError):
    """What was typed is no amount of this act; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act: its name, what it does, the question for its amount ("" for none), and a first answer."""

    fault: FaultKind
    label: str
    help: str
    question: str = ""
    answer: str = ""
    objection: str = ""


HOW_MANY = "How many of its messages? 3 is the next three, 25 % every fourth from now on, 0 none any more."
HOW_LONG = (
    "How long, and which? 200 ms is the next message, 200 ms 25 % every fourth, 200 ms 3 the next three, "
    "0 ends it."
)


def acts_on(kind: Kind, name: str, view: View) -> list[Act]:
    """What can be done to it, those that cannot with the reason; nothing for what is not in the view."""
    for process in view.processes:
        if kind == "process" and process.name == name:
            return _on_process(process, view)
    for channel in view.channels:
        if kind == "channel" and channel.info.name == name:
            return _on_channel(channel)
    return []


def _on_process(process: ProcessView, view: View) -> list[Act]:
    over = "" if process.status == "running" else f"{process.name} has ended."
    ends = [end for channel in view.channels for end in channel.ends if end.process == process.name]
    takes = any(not gives(end.role) for end in ends)
    pause = Act("pause", "pause", "Stop it (SIGSTOP) until it is let go on.", objection=over)
    resume = Act("resume", "resume", "Let it go on (SIGCONT).", objection=over)
    return [
        resume if process.paused else pause,
        Act("kill", "kill", "End it at once (SIGKILL); what it holds stays as it is.", objection=over),
        Act(
            "slow",
            "slow down",
            "Make it pause at each message that it takes.",
            "How long at each message? 50 ms, or 0 to end it.",
            "50 ms",
            over or ("" if takes else f"{process.name} takes no messages."),
        ),
        Act(
            "rate",
            "change its pace",
            "Make it produce faster or slower, if it keeps a pace (`paced`).",
            "How many times as fast? 2 is twice as fast, 0.5 half as fast, 1 as before.",
            "2",
            over,
        ),
    ]


def _on_channel(channel: ChannelView) -> list[Act]:
    none = "A region has no messages." if channel.is_region else ""
    return [
        Act("delay", "delay", "Hold its messages back before they are sent.", HOW_LONG, "200 ms", none),
        Act("drop", "drop", "Throw messages away in place of sending them.", HOW_MANY, "1", none),
        Act("duplicate", "duplicate", "Send messages twice.", HOW_MANY, "1", none),
        Act("corrupt", "corrupt", "Flip bits of the payload.", HOW_MANY, "1", none),
        Act("send", "send by hand", "Put a message of your own into it.", "What should it say?", "", none),
    ]


def command_of(act: Act, kind: Kind, name: str, answer: str) -> Command:
    """The command; raises `WrongAmount` for an answer that is none, or that the run would refuse."""
    command = _command(act, kind, name, answer)
    trouble = excess(command)
    if trouble:
        raise WrongAmount(trouble)
    return command


def _command(act: Act, kind: Kind, name: str, answer: str) -> Command:
    process, channel = (name, "") if kind == "process" else ("", name)
    made = Command(act.fault, process=process, channel=channel)
    if not act.question:
        return made
    if act.fault == "send":
        return Command("send", channel=channel, payload=answer.encode())
    text = answer.strip().lower()
    if act.fault == "rate":
        return Command("rate", process=process, amount=_factor(text))
    if text == "0":
        return made
    if act.fault == "slow":
        return Command("slow", process=process, amount=_whole(_SPAN, text, "a time such as 50 ms"))
    amount = 0.0
    if act.fault == "delay":
        span = _SPAN.match(text)
        if span is None:
            raise WrongAmount(f"{answer!r} does not begin with a time such as 200 ms.")
        amount = float(span[1]) / _PARTS[span[2]]
        text = text[span.end() :].strip() or "1"
    count, share = _messages(text)
    return Command(act.fault, channel=channel, amount=amount, count=count, share=share)


def objection(act: Act, kind: Kind, name: str, answer: str) -> str:
    """Why that answer cannot be, "" if it can."""
    try:
        command_of(act, kind, name, answer)
    except WrongAmount as error:
        return str(error)
    return ""


def _whole(pattern: re.Pattern[str], text: str, what: str) -> float:
    found = pattern.fullmatch(text)
    if found is None:
        raise WrongAmount(f"{text!r} is not {what}.")
    return float(found[1]) / _PARTS[found[2]]


def _factor(text: str) -> float:
    try:
        factor = float(text.removesuffix("x").removesuffix("×"))
    except ValueError:
        factor = -1.0
    if not 0 < factor < math.inf:
        raise WrongAmount(f"{text!r} is not a factor such as 2 or 0.5.")
    return factor


def _messages(text: str) -> tuple[int, float]:
    """The next so many, or a share of all."""
    share = _SHARE.fullmatch(text)
    if share is not None and float(share[1]) <= 100:
        return 0, float(share[1]) / 100
    if _COUNT.fullmatch(text):
        return int(text), 0.0
    raise WrongAmount(f"{text!r} is neither a number of messages nor a share such as 25 %.")
