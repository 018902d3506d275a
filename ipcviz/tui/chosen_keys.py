"""The keys that somebody has chosen for actions: whether there are such, and whether they are free. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from string import ascii_lowercase, punctuation

from textual.keys import Keys

from ipcviz import units
from ipcviz.tui.actions import SCREENS, key_name, overridden

UNHEARD = ("return", "ctrl+h", "ctrl+i", "ctrl+m", "ctrl-at")
"""A terminal sends these as Enter, Backspace, Tab and Enter; Textual knows them by those names."""
NAMED = frozenset(
    [key.value for key in Keys if not key.value.startswith("<") and key.value not in UNHEARD]
    + [key_name(character) for character in punctuation]
    + [f"alt+{letter}" for letter in ascii_lowercase]
)
"""Keys that have a name of several letters."""
KEYS = "a key is one character, or a name such as space, enter, pageup, f5, ctrl+r, alt+x, shift+up"


def wrong_keys(keys: Mapping[str, str]) -> str:
    """Why these keys for actions cannot be, as a sentence; "" if they can."""
    known = list(dict.fromkeys(action.id for actions in SCREENS.values() for action in actions))
    for name, chosen in keys.items():
        if name not in known:
            hint = _meant(name, known) or f"there are {units.listed(known)}."
            return f"[keys] has {name!r}, which is no action; {hint}"
        objection = next(filter(None, map(_no_key, chosen.split(","))), "")
        if objection:
            return f"[keys] {name} = {chosen!r}: {objection}"
    for name, chosen in keys.items():
        wanted = {key_name(key) for key in chosen.split(",")}
        for actions in SCREENS.values():
            taken = [a.id for a in overridden(actions, keys) if wanted & set(a.keys.split(","))]
            if name in taken and len(taken) > 1:
                return f"[keys] gives {chosen!r} to {' and '.join(taken)}; one key does one thing."
    return ""


def _no_key(text: str) -> str:
    """Why that is no key, as the end of a sentence; "" if it is one."""
    key = text.strip()
    if not key:
        return f"a key is missing; {KEYS}; several have commas between them."
    if (len(key) == 1 and key.isprintable()) or key in NAMED:
        return ""
    return f"there is no key {key!r}; {_meant(key, sorted(NAMED)) or KEYS + '.'}"


def _meant(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.85)
    return f"did you mean {' or '.join(near)}?" if near else ""
