"""What a person has set once for all: `ipcviz/config.toml` in their folder of configurations.

    theme = "light"          # dark, light, terminal
    glyphs = "plain"         # unicode, plain, ascii
    fps = 5                  # pictures a second, 1 to 60
    motion = false           # marks that move along the links
    [keys]
    restart = "ctrl+r"       # an action of the help by its name, and its keys in Textual's words

The folder is $XDG_CONFIG_HOME, or ~/.config (XDG Base Directory Specification). A flag is stronger.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import msgspec

from ipcviz.terminal import GlyphSet, ThemeName

FASTEST = 60
"""Pictures a second, at most; terminals draw no more."""


class SettingsError(Exception):
    """The file cannot be used; the message is a sentence that names it."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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
    """What is set; raises `SettingsError` for a file that cannot be read or says what cannot be."""
    file = file or path()
    try:
        found = tomllib.loads(file.read_text("utf-8"))
        settings = msgspec.convert(found, Settings)
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}.") from None
    except msgspec.ValidationError as error:
        raise SettingsError(f"{file}: {error}.") from None
    if settings.fps is not None and not 1 <= settings.fps <= FASTEST:
        raise SettingsError(f"{file}: fps is 1 to {FASTEST}, and not {settings.fps}.")
    return settings
