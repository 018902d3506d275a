"""Options of mechanisms: what is typed, and what it means."""

from __future__ import annotations

import pytest

from ipcviz.mechanisms import LOCKS, MECHANISMS
from ipcviz.options import OptionError, chosen_words, infos, options_of, split

TCP = MECHANISMS["tcp"].options


@pytest.mark.parametrize(
    ("typed", "name", "options"),
    [
        ("tcp", "tcp", ""),
        ("tcp:nodelay=no", "tcp", "nodelay=no"),
        ("file:path=/tmp/a:b", "file", "path=/tmp/a:b"),
        ("", "", ""),
    ],
)
def test_a_choice_in_two(typed: str, name: str, options: str) -> None:
    assert split(typed) == (name, options)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("", {}),
        ("nodelay=no", {"nodelay": "no"}),
        ("nodelay=off,sndbuf=4096", {"nodelay": "no", "sndbuf": "4096"}),
        ("nodelay=yes", {}),
        ("port=0,rcvbuf=1", {"rcvbuf": "1"}),
    ],
)
def test_what_differs_from_the_default_is_kept(text: str, chosen: dict[str, str]) -> None:
    assert chosen_words(options_of(TCP, "tcp", text)) == chosen


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nodely=no", "tcp has no option 'nodely'; did you mean nodelay?"),
        ("x=1", "tcp has no option 'x'; it takes nodelay, sndbuf, rcvbuf, port."),
        ("nodelay", "tcp takes nodelay=VALUE (yes | no), and not 'nodelay'."),
        ("nodelay=maybe", "Option 'nodelay' of tcp cannot be 'maybe'; it takes: yes | no."),
        ("sndbuf=-1", "Option 'sndbuf' of tcp cannot be '-1'; it takes: int from 0 to 1073741824."),
        ("sndbuf=", "Option 'sndbuf' of tcp cannot be ''; it takes: int from 0 to 1073741824."),
    ],
)
def test_what_cannot_be_is_said(text: str, sentence: str) -> None:
    with pytest.raises(OptionError) as caught:
        options_of(TCP, "tcp", text)
    assert str(caught.value) == sentence


def test_one_that_takes_none() -> None:
    with pytest.raises(OptionError, match="unix-stream has no option 'x'; it takes none"):
        options_of(MECHANISMS["unix-stream"].options, "unix-stream", "x=1")


@pytest.mark.parametrize("name", [*MECHANISMS, *LOCKS])
def test_every_option_says_what_it_does_and_its_default_can_be_typed(name: str) -> None:
    kind = {**MECHANISMS, **LOCKS}[name].options
    for info in infos(kind):
        assert info.about
        assert info.type
        assert options_of(kind, name, f"{info.name}={info.default}") == kind()
