"""What the terminal is: whether the screen can be shown at all, and how it should look there."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Literal

GlyphSet = Literal["unicode", "plain", "ascii"]
ThemeName = Literal["dark", "light", "terminal", "none"]


@dataclass(frozen=True, slots=True)
class Profile:
    """How the screen is shown here: `ticks` a second, marks that move, mouse, glyphs, colours, theme.

    `low_bandwidth`: the line may be slow, so nothing is sent that only pleases.
    """

    ticks: int = 10
    motion: bool = True
    mouse: bool = True
    glyphs: GlyphSet = "unicode"
    colours: bool = True
    theme: ThemeName = "dark"
    low_bandwidth: bool = False


def why_no_screen() -> str | None:
    """Why no screen can be shown here, as a sentence with the way out; None if one can."""
    instead = "run it with --plain or --json instead"
    if not sys.stdout.isatty():
        return f"The output is not a terminal, so no screen can be shown; {instead}."
    if not sys.stdin.isatty():
        return f"The input is not a terminal, so no key could be read; {instead}."
    if os.environ.get("TERM", "") in ("", "dumb"):
        return f"This terminal (TERM={os.environ.get('TERM', '')}) cannot show a screen; {instead}."
    return None


def glyph_set() -> GlyphSet:
    """unicode where everything is UTF-8; plain on the Linux console, whose font is small; else ascii.

    The screen is written to standard error, whose encoding PYTHONIOENCODING may have set to another one.
    """
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    locale = next((name for name in names if name), "")
    if not (_is_utf8(locale) or (locale == "" and sys.flags.utf8_mode)):
        return "ascii"
    written = sys.__stderr__
    if written is not None and not _is_utf8(written.encoding or ""):
        return "ascii"
    return "plain" if _is_linux_console() else "unicode"


def colour_depth() -> int:
    """How many colours there are: 0, 16, 256 or 1 << 24, as COLORTERM and TERM tell (terminfo(5))."""
    if no_color():
        return 0
    if os.environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return 1 << 24
    term = os.environ.get("TERM", "").strip().lower()
    if term.endswith(("-direct", "kitty", "alacritty", "foot", "ghostty", "wezterm")):
        return 1 << 24  # SSH does not pass COLORTERM on
    return 256 if term.endswith("256color") else 16


def _is_utf8(name: str) -> bool:
    return "utf8" in name.lower().replace("-", "").replace("_", "")


def _is_linux_console() -> bool:
    return os.environ.get("TERM", "").partition("-")[0] == "linux"


def no_color() -> bool:
    """NO_COLOR is set to anything (no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))


def over_ssh() -> bool:
    """This is a session of sshd(8)."""
    return bool(os.environ.get("SSH_CONNECTION"))


def ticks_per_second() -> int:
    """How often the screen is drawn: less often over a line that may be slow."""
    return 4 if over_ssh() else 10


def profile(
    fps: int | None = None,
    low_bandwidth: bool = False,
    glyphs: GlyphSet | None = None,
    theme: ThemeName | None = None,
) -> Profile:
    """What suits this terminal, unless it was said otherwise; `fps` is pictures a second.

    Where there are 16 colours they are the terminal's own: ours would come out as others, or as none.
    """
    slow = low_bandwidth or over_ssh()
    return Profile(
        ticks=fps or (4 if slow else 10),
        motion=not slow,
        mouse=not slow,
        glyphs=glyphs or glyph_set(),
        colours=not no_color(),
        theme=theme or ("terminal" if colour_depth() == 16 else "dark"),
        low_bandwidth=slow,
    )
