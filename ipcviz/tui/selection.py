"""What a person has chosen: one process, channel or lock, and one message; every panel marks the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ipcviz.events import Message

Kind = Literal["", "process", "channel", "lock"]


@dataclass(slots=True)
class Selection:
    """Shared by the panels of one screen; `kind` is "" while nothing is chosen."""

    kind: Kind = ""
    name: str = ""
    message: Message | None = None

    def choose(self, kind: Kind, name: str) -> bool:
        """Choose a process, a channel or a lock; False if it was chosen already."""
        if (kind, name) == (self.kind, self.name):
            return False
        self.kind, self.name = kind, name
        return True

    def is_on(self, kind: Kind, name: str) -> bool:
        """This is what is chosen."""
        return (kind, name) == (self.kind, self.name)

    def touches(self, channel: str, process: str) -> bool:
        """The chosen message went through this channel, and out of or into this process."""
        message = self.message
        return (
            message is not None
            and message.channel == channel
            and process in (message.sender, message.receiver)
        )
