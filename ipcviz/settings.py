"""What a person has set once for all: `ipcviz/config.toml` in their folder of configurations.

    theme = "light"          # dark, light, terminal
    glyphs = "plain"         # unicode, plain, ascii
    fps = 5                  # pictures a second, 1 to 60
    motion = false           # marks that move along the links
    [keys]
    restart = "ctrl+r"       # an action by its name, and its keys: characters or names, with commas between

The folder is $XDG_CONFIG_HOME, or ~/.config (XDG Base Directory Specification). A flag is stronger.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from ipcviz.terminal import GlyphSet, ThemeName

FASTEST = 60
"""Pictures a second, at most; terminals draw no more."""
THEMES = ("dark", "light", "terminal")
NAMES = "theme, glyphs, fps, motion and [keys]"
_LONGEST = 40


class SettingsError(Exception):
    """The file cannot be used; the message is a sentence that names it."""


class Settings(msgspec.Struct, frozen=True):
    """What the file says; None for what it does not."""

    theme: ThemeName | None = None
    glyphs: GlyphSet | None = None
    fps: int | None = None
    motion: bool | None = None
    keys: dict[str, str] = {}


def path() -> Path:
    """Where the file is, if there is one."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(base) / "ipcviz" / "config.toml"


def load(file: Path | None = None) -> Settings:
    """What is set; raises `SettingsError` for a file that cannot be read or says what cannot be.

    Whether there are such actions and keys is for the screens to say (`tui.chosen_keys`).
    """
    file = file or path()
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}.") from None
    for name, value in found.items():
        objection = _objection(name, value)
        if objection:
            raise SettingsError(f"{file}: {objection}")
    return Settings(**found)


def _objection(name: str, value: Any) -> str:
    """Why this cannot be set, as a sentence without the file; "" if it can."""
    accepted = {
        "theme": _one_of(THEMES, value),
        "glyphs": _one_of(get_args(GlyphSet), value),
        "fps": "" if type(value) is int and 1 <= value <= FASTEST else f"a whole number from 1 to {FASTEST}",
        "motion": "" if isinstance(value, bool) else "true or false",
        "keys": "" if isinstance(value, dict) else 'a table of actions, such as restart = "ctrl+r"',
    }
    if name not in accepted:
        return f"there is no setting {_shown(name)}; there are {NAMES}."
    if accepted[name]:
        return f"{name} is {accepted[name]}, and not {_shown(value)}."
    return _no_text(value) if name == "keys" else ""


def _no_text(keys: Mapping[str, Any]) -> str:
    return next(
        (
            f'[keys] {name} is a text such as "ctrl+r" or "x,f5", and not {_shown(value)}.'
            for name, value in keys.items()
            if not isinstance(value, str)
        ),
        "",
    )


def _one_of(known: tuple[str, ...], value: Any) -> str:
    """The words to choose from; "" where it is one of them."""
    return "" if value in known else f"{', '.join(known[:-1])} or {known[-1]}"


def _shown(value: Any) -> str:
    """A value as the file has it, for the most part."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
