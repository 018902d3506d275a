"""A request as the command that a person would type, quoted for a POSIX shell."""

from __future__ import annotations

import shlex

from ipcviz.runtime.request import SessionRequest


def command_words(request: SessionRequest) -> list[str]:
    """The program and its arguments, unquoted; parsed by `ipcviz run` they give the request again."""
    words = ["ipcviz", "run", request.demo]
    for option, chosen in (("-m", request.mechanisms), ("-l", request.locks)):
        for name, text in chosen.items():
            words += [option, f"{name}={text}" if name else text]
    for name, text in request.settings.items():
        words += ["--set", f"{name}={text}"]
    if request.seconds is not None:
        words += ["--seconds", f"{request.seconds:g}"]
    return words + (_acts(request) if request.acts else [])


def command_line(request: SessionRequest) -> str:
    """One line to paste into a shell: sh, bash, zsh."""
    return " ".join(map(quoted, command_words(request)))


def quoted(word: str) -> str:
    """The word as a shell takes it: name=value with the value alone in quotes, where that is enough.

    What a terminal would obey is written out in dollar quotes, which bash, zsh and POSIX.1-2024 know.
    """
    if not word.isprintable():
        return "$'" + "".join(map(_in_dollar_quotes, word)) + "'"
    name, equals, value = word.partition("=")
    if equals and value and name == shlex.quote(name):
        return f"{name}={shlex.quote(value)}"
    return shlex.quote(word)


def _acts(request: SessionRequest) -> list[str]:
    # What they stand on takes longer to import than the first picture of the home screen may.
    from ipcviz.runtime.acts import typed

    return [word for act in request.acts for word in ("--act", typed(act))]


def _in_dollar_quotes(char: str) -> str:
    if char in "'\\":
        return "\\" + char
    if char.isprintable():
        return char
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))
