"""What the author of a demo imports: `from ipcviz import Receiver, Sender, Topology`."""

from ipcviz.ends import (
    Caller,
    ChannelError,
    EndOfMessages,
    Lock,
    MessageTooLarge,
    ReaderGone,
    Receiver,
    Region,
    Request,
    Responder,
    Sender,
    WouldDeadlock,
    die,
    paced,
    report,
)
from ipcviz.topology import Folder, TextFile, Topology

__all__ = [
    "Caller",
    "ChannelError",
    "EndOfMessages",
    "Folder",
    "Lock",
    "MessageTooLarge",
    "ReaderGone",
    "Receiver",
    "Region",
    "Request",
    "Responder",
    "Sender",
    "TextFile",
    "Topology",
    "WouldDeadlock",
    "die",
    "paced",
    "report",
]

__version__ = "0.1.0"
