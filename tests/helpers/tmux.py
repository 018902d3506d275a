"""A real terminal to type into and to read: tmux with a server of its own, one window, no configuration."""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PATIENCE = 30.0
"""Seconds after which what the screen does not show is not going to come."""


class Terminal:
    """One window of so many columns and rows; `run` starts a command in its shell."""

    def __init__(self, folder: Path, columns: int, rows: int, environment: dict[str, str]) -> None:
        self._server = f"ipcviz-{secrets.token_hex(4)}"
        clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        clean |= {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "TMUX_TMPDIR": str(folder)}
        clean["XDG_STATE_HOME"] = str(folder / "state")  # what runs save by themselves
        self._environment = {**clean, **environment}
        size = ["-x", str(columns), "-y", str(rows)]
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "sh")
        self._tmux("set-option", "-g", "remain-on-exit", "on")

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._server, *words],
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def run(self, command: Sequence[str]) -> None:
        """Type a command into the shell, which tells the exit status when it is over."""
        self.type(f"{shlex.join(command)}; echo left with $?")
        self.press("Enter")

    def press(self, *keys: str) -> None:
        """Keys by their names in tmux(1), or single letters."""
        for key in keys:
            self._tmux("send-keys", key)

    def type(self, text: str) -> None:
        """Letters, as they are."""
        self._tmux("send-keys", "-l", text)

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self) -> str:
        """What stands there now."""
        return self._tmux("capture-pane", "-p")

    def until(self, wanted: Callable[[str], bool], what: str) -> str:
        """Look until the screen is as wanted; fails with what stands there."""
        deadline = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            if wanted(screen):
                return screen
            assert time.monotonic() < deadline, f"the screen never showed {what}:\n{screen}"
            time.sleep(0.05)

    def until_shows(self, *texts: str) -> str:
        """Look until all these texts are there."""
        return self.until(
            lambda screen: all(text in screen for text in texts), " and ".join(map(repr, texts))
        )

    def press_until_shows(self, key: str, *texts: str) -> str:
        """Press a key as often as it takes, each time after the screen has answered."""
        deadline = time.monotonic() + PATIENCE
        while not all(text in self.screen() for text in texts):
            assert time.monotonic() < deadline, f"{key} never led to {texts}:\n{self.screen()}"
            before = self.screen()
            self.press(key)
            again = time.monotonic() + 1
            while self.screen() == before and time.monotonic() < again:
                time.sleep(0.05)
        return self.screen()

    def until_gone(self, text: str) -> str:
        """Look until that text is not there."""
        return self.until(lambda screen: text not in screen, f"no {text!r}")

    def close(self) -> None:
        """End it with everything in it."""
        subprocess.run(
            ["tmux", "-L", self._server, "kill-server"],
            env=self._environment,
            capture_output=True,
            check=False,
        )
