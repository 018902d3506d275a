"""Options of mechanisms and locks: `tcp:nodelay=no,sndbuf=4096`, declared like a demo's parameters."""

from __future__ import annotations

import difflib
import typing
from dataclasses import dataclass
from typing import Any

import msgspec

from ipcviz.mechanisms.contract import Options
from ipcviz.parameters import type_words, value_of, words_of


class OptionError(Exception):
    """An option cannot be; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class OptionInfo:
    """One option in words, `about` what it does."""

    name: str
    type: str
    default: str
    about: str


def split(choice: str) -> tuple[str, str]:
    """A choice as it is typed, in the mechanism's name and the options after the colon."""
    name, _, options = choice.partition(":")
    return name, options


def options_of(kind: type[Options], name: str, text: str) -> Options:
    """The options of this class that the text chooses; raises `OptionError`."""
    hints = typing.get_type_hints(kind, include_extras=True)
    chosen: dict[str, Any] = {}
    for item in filter(None, text.split(",")):
        option, equals, value = item.partition("=")
        if option not in hints:
            raise OptionError(_unknown(name, option, list(hints)))
        if not equals:
            raise OptionError(f"{name} takes {option}=VALUE ({type_words(hints[option])}), and not {item!r}.")
        chosen[option] = value_of(value, hints[option])
        if chosen[option] is None:
            takes = type_words(hints[option])
            raise OptionError(f"Option {option!r} of {name} cannot be {value!r}; it takes: {takes}.")
    return kind(**chosen)


def infos(kind: type[Options]) -> list[OptionInfo]:
    """Every option of the class, in words."""
    defaults = kind()
    hints = typing.get_type_hints(kind, include_extras=True)
    return [
        OptionInfo(name, type_words(hint), words_of(getattr(defaults, name)), _about(hint))
        for name, hint in hints.items()
    ]


def chosen_words(options: Options) -> dict[str, str]:
    """What differs from the default, as it is typed."""
    defaults = type(options)()
    return {
        name: words_of(value)
        for name, value in msgspec.structs.asdict(options).items()
        if value != getattr(defaults, name)
    }


def _about(hint: Any) -> str:
    metas = (extra for extra in typing.get_args(hint)[1:] if isinstance(extra, msgspec.Meta))
    return next((meta.description for meta in metas if meta.description), "")


def _unknown(name: str, option: str, known: list[str]) -> str:
    if not known:
        return f"{name} has no option {option!r}; it takes none."
    close = difflib.get_close_matches(option, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"it takes {', '.join(known)}."
    return f"{name} has no option {option!r}; {hint}"
