"""Keys of one's own: such as there are, each for one thing, and heard when they are pressed."""

from __future__ import annotations

from string import punctuation

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import _character_to_key

from ipcviz.tui.actions import RUN, SCREENS, key_name, overridden
from ipcviz.tui.chosen_keys import NAMED, wrong_keys

SEQUENCES = [keys for keys in ANSI_SEQUENCES_KEYS.values() if isinstance(keys, tuple)]


def test_keys_are_overridden_by_the_name_of_the_action() -> None:
    changed = {action.id: action for action in overridden(RUN, {"restart": "f5, ctrl+r", "help": "+"})}
    assert (changed["restart"].keys, changed["restart"].key) == ("f5,ctrl+r", "f5 ctrl+r")
    assert (changed["help"].keys, changed["help"].key) == ("plus", "+")
    assert changed["leave"] in RUN


@pytest.mark.parametrize("character", [*punctuation, "a", "Z", "7", "é", "한", " ", "€"])
def test_a_character_has_the_name_that_it_arrives_under(character: str) -> None:
    assert key_name(f"x{character}") == f"x{character}".strip()
    if character != " ":
        assert key_name(character) == _character_to_key(character)


def test_every_named_key_arrives_under_its_name() -> None:
    """As the table of sequences has them that Textual reads."""
    heard = {str(getattr(key, "value", key)) for keys in SEQUENCES for key in keys}
    heard |= {_character_to_key(character) for character in punctuation}
    heard |= {f"alt+{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"}
    assert heard >= NAMED


def test_every_key_of_the_tables_could_be_chosen() -> None:
    keys = {key for actions in SCREENS.values() for action in actions for key in action.keys.split(",")}
    assert not {key for key in keys if len(key) > 1} - NAMED


def test_keys_that_can_be() -> None:
    for chosen in (
        "ctrl+r",
        "x",
        "X",
        "f9",
        "alt+x",
        "ctrl+f5",
        "€",
        "#",
    ):
        assert wrong_keys({"restart": chosen}) == "", chosen
    assert wrong_keys({}) == ""
    assert wrong_keys({"restart": "x, ctrl+r"}) == ""


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"restrat": "R"}, "[keys] has 'restrat', which is no action; did you mean restart?"),
        ({"xyz": "R"}, "[keys] has 'xyz', which is no action; there are freeze, "),
        (
            {"freeze": "nokey"},
            "[keys] freeze = 'nokey': there is no key 'nokey'; a key is one character, or ",
        ),
        ({"freeze": "Ctrl+R"}, "[keys] freeze = 'Ctrl+R': there is no key 'Ctrl+R'; did you mean ctrl+r"),
        ({"freeze": "ctrl+i"}, "[keys] freeze = 'ctrl+i': there is no key 'ctrl+i'; "),
        ({"freeze": "<any>"}, "[keys] freeze = '<any>': there is no key '<any>'; "),
        (
            {"freeze": ""},
            "[keys] freeze = '': a key is missing; a key is one character, or a name such as space,",
        ),
        ({"freeze": "x,,y"}, "[keys] freeze = 'x,,y': a key is missing; "),
        ({"freeze": " "}, "[keys] freeze = ' ': a key is missing; "),
        ({"freeze": "\t"}, "[keys] freeze = '\\t': a key is missing; "),
        ({"restart": "q"}, "[keys] gives 'q' to restart and leave; one key does one thing."),
        ({"restart": "/"}, "[keys] gives '/' to filter and restart; one key does one thing."),
    ],
)
def test_keys_that_cannot_be_are_named(keys: dict[str, str], why: str) -> None:
    told = wrong_keys(keys)
    assert told.startswith(why)
    assert told[-1] in ".?"
