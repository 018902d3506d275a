"""The themes: what each meaning looks like. State is never told by colour alone, so every theme can be read.

Good is a bluish green and bad a vermilion in both coloured themes: those two are told apart by the
colour-blind, too. "terminal" uses the 16 colours of the terminal's own, "none" no colour at all.
"""

from __future__ import annotations

from rich.style import Style

from ipcviz.terminal import ThemeName

THEMES: tuple[ThemeName, ...] = ("dark", "light", "terminal")
"""Those that the key goes through; "none" is for NO_COLOR."""

BACKGROUNDS: dict[ThemeName, str] = {
    "dark": "#0e1318",
    "light": "#f8f9fa",
    "terminal": "ansi_default",
    "none": "ansi_default",
}
"""The background of the screen, as Textual's style sheets name it."""


def _coloured(background: str, colours: dict[str, str], badge_text: str, selected: str) -> dict[str, Style]:
    bold = ("strong", "title", "bad", "ring", "key")
    styles = {name: Style(color=colour, bold=name in bold or None) for name, colour in colours.items()}
    styles["flow"] = styles["accent"]
    styles["focus"] = styles["accent"]
    styles["key"] = styles["accent"] + Style(bold=True)
    styles["ring"] = styles["bad"]
    for name, meaning in _BADGES.items():
        styles[name] = Style(color=badge_text, bgcolor=colours[meaning], bold=True)
    styles["selected"] = Style(color=colours["strong"], bgcolor=selected)
    return {name: Style(bgcolor=background) + style for name, style in styles.items()}


_BADGES = {"badge": "good", "badge warn": "warn", "badge bad": "bad", "badge calm": "title"}

_DARK = _coloured(
    BACKGROUNDS["dark"],
    {
        "text": "#d3dbe4",
        "dim": "#7c8b99",
        "strong": "#f4f7fa",
        "title": "#aab7c4",
        "frame": "#38444f",
        "accent": "#58b9f0",
        "good": "#5fd0a0",
        "warn": "#f0bd4f",
        "bad": "#ff7a5c",
        "bar": "#4aa3d8",
        "edge": "#5b6b7a",
    },
    badge_text="#0e1318",
    selected="#1d2a36",
)

_LIGHT = _coloured(
    BACKGROUNDS["light"],
    {
        "text": "#25303b",
        "dim": "#66727d",
        "strong": "#0b1117",
        "title": "#43505c",
        "frame": "#c3ccd4",
        "accent": "#0b69ad",
        "good": "#0a7a55",
        "warn": "#8f5a00",
        "bad": "#c23a12",
        "bar": "#2b7fb8",
        "edge": "#8896a3",
    },
    badge_text="#ffffff",
    selected="#dbe7f1",
)

_TERMINAL = {
    "text": Style(color="default"),
    "dim": Style(color="bright_black"),
    "strong": Style(color="default", bold=True),
    "title": Style(color="default", bold=True),
    "frame": Style(color="bright_black"),
    "focus": Style(color="cyan", bold=True),
    "accent": Style(color="cyan"),
    "good": Style(color="green"),
    "warn": Style(color="yellow"),
    "bad": Style(color="red", bold=True),
    "bar": Style(color="blue"),
    "edge": Style(color="bright_black"),
    "flow": Style(color="cyan"),
    "ring": Style(color="red", bold=True),
    "badge": Style(color="green", reverse=True, bold=True),
    "badge warn": Style(color="yellow", reverse=True, bold=True),
    "badge bad": Style(color="red", reverse=True, bold=True),
    "badge calm": Style(reverse=True, bold=True),
    "key": Style(color="cyan", bold=True),
    "selected": Style(reverse=True),
}

_NONE = {
    "text": Style(),
    "dim": Style(dim=True),
    "strong": Style(bold=True),
    "title": Style(bold=True),
    "frame": Style(dim=True),
    "focus": Style(bold=True),
    "accent": Style(bold=True),
    "good": Style(),
    "warn": Style(bold=True),
    "bad": Style(bold=True, underline=True),
    "bar": Style(),
    "edge": Style(dim=True),
    "flow": Style(),
    "ring": Style(bold=True),
    "badge": Style(reverse=True),
    "badge warn": Style(reverse=True, bold=True),
    "badge bad": Style(reverse=True, bold=True),
    "badge calm": Style(reverse=True, dim=True),
    "key": Style(bold=True),
    "selected": Style(reverse=True),
}

STYLES: dict[ThemeName, dict[str, Style]] = {
    "dark": _DARK,
    "light": _LIGHT,
    "terminal": _TERMINAL,
    "none": _NONE,
}
"""Of each theme, the style of each meaning."""
