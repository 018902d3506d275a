"""The filter of the messages: a few words, all of which must hold.

    coffee              the payload, or a name, contains it, in any case
    "two words"         the same, with spaces in it
    channel:orders      it went through a channel whose name contains this
    from:producer 1     a process with such a name sent it; in "quotes" it ends where they do
    to:consumer         one received it
    process:log         one sent or received it
    size>100            bytes of the whole payload: > < >= <= =, also 4k, 4KiB, 1MiB
    latency>1ms         from sent to received: ns, us, ms, s

Bytes that are no text are found as they are shown, with their backslash: \\x1b.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ipcviz import units
from ipcviz.events import Message
from ipcviz.view import View

Test = Callable[[Message], bool]

_WORD = re.compile(r'((?:channel|from|to|process):|(?:size|latency)(?:[<>]=?|[=:]))?("[^"]*"?|\S+)?', re.I)
_NEXT = re.compile(r"\s+(\S+)")
_FIGURE = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-zµ]*)", re.I)
_COMPARE = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "=": operator.eq}
_BYTES = {"": 1, "b": 1, "k": 1024, "kb": 1024, "kib": 1024, "m": 1 << 20, "mb": 1 << 20, "mib": 1 << 20}
_TIMES = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": units.SECOND}


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What a typed text asks for; `wrong` says what of it cannot be understood, and that part is left out."""

    text: str = ""
    tests: tuple[Test, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    """Parts of names that were asked for: "channel" or "process", and the part."""
    wrong: str = ""
    words: tuple[str, ...] = field(default=())
    """The free words, to be found again in a row."""

    def passing(self, items: Sequence[Message], numbers: Iterable[int], first: int) -> list[int]:
        """Those of the numbers whose messages it lets through; `first` is the number of the first item."""
        found = list(numbers)
        for test in self.tests:
            found = [number for number in found if test(items[number - first])]
        return found

    def objection(self, view: View) -> str:
        """What is wrong with it: a word that is none, or a name that nobody has; "" if nothing is."""
        if self.wrong:
            return self.wrong
        names = {
            "channel": [channel.info.name for channel in view.channels],
            "process": [process.name for process in view.processes],
        }
        for kind, part in self.named:
            if not any(part in name.casefold() for name in names[kind]):
                return f"no {kind} is named {units.printable(part)}"
        return ""


def parse(text: str, names: Sequence[str] = ()) -> MessageFilter:
    """The filter that a text asks for; never fails: what is wrong is said in `wrong`.

    A name goes on over a space as long as one of `names` does, too.
    """
    tests: list[Test] = []
    named: list[tuple[str, str]] = []
    words: list[str] = []
    wrong = ""
    for head, told in _parts(text, [name.casefold() for name in names]):
        word = told.strip('"').casefold()
        prefix = head.casefold()
        if not prefix:
            if word:
                words.append(word)
                tests.append(_free(word))
        elif prefix.startswith(("size", "latency")):
            made = _figure_test(prefix, word)
            if isinstance(made, str):
                wrong = wrong or made
            else:
                tests.append(made)
        elif word:
            named.append(("channel" if prefix == "channel:" else "process", word))
            tests.append(_name_test(prefix[:-1], word))
        else:
            wrong = wrong or f"{prefix} needs a name, such as {prefix}{_example(prefix)}"
    return MessageFilter(text, tuple(tests), tuple(named), wrong, tuple(words))


def _parts(text: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The words, each with what stands before it: channel:, size> or nothing."""
    at = 0
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None or found.end() == at:
            at += 1
            continue
        head, told = found[1] or "", found[2] or ""
        at = found.end()
        while head.endswith(":") and told and not told.startswith('"'):
            following = _NEXT.match(text, at)
            longer = f"{told} {following[1]}" if following else ""
            if following is None or not any(longer.casefold() in name for name in names):
                break
            told, at = longer, following.end()
        yield head, told


def _example(prefix: str) -> str:
    return "orders" if prefix == "channel:" else "worker 1"


def _figure_test(prefix: str, word: str) -> Test | str:
    """A comparison, or the sentence that says why it is none."""
    what = "size" if prefix.startswith("size") else "latency"
    sign = prefix.removeprefix(what)
    example = "size>100" if what == "size" else "latency>1ms"
    if sign == ":":
        return f"{what} is compared, as in {example}"
    figure = _FIGURE.fullmatch(word)
    scale = (_BYTES if what == "size" else _TIMES).get(figure[2] if figure else "none")
    if figure is None or scale is None:
        unit = "bytes" if what == "size" else "a time with its unit"
        return f"{what}{sign} needs {unit}, as in {example}"
    compare, limit = _COMPARE[sign], float(figure[1]) * scale
    if what == "size":
        return lambda message: compare(message.size, limit)
    return lambda message: compare(message.t - message.sent, limit)


def _name_test(prefix: str, part: str) -> Test:
    contains = _Contains(part)
    if prefix == "channel":
        return lambda message: contains[message.channel]
    if prefix == "from":
        return lambda message: contains[message.sender]
    if prefix == "to":
        return lambda message: contains[message.receiver]
    return lambda message: contains[message.sender] or contains[message.receiver]


def _free(word: str) -> Test:
    """In a name, or in the payload as it is shown; bytes are compared where that says the same."""
    contains = _Contains(word)
    as_bytes = word.encode("utf-8", "surrogatepass")
    simple = word.isascii() and "\\" not in word

    def test(message: Message) -> bool:
        if contains[message.channel] or contains[message.sender] or contains[message.receiver]:
            return True
        if simple:
            return as_bytes in message.payload.lower()
        return word in units.preview(message.payload).casefold()

    return test


class _Contains(dict[str, bool]):
    """Whether a name contains a part; names are few, and each is looked at once."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part

    def __missing__(self, name: str) -> bool:
        found = self[name] = self._part in name.casefold()
        return found
