"""Speaker notes: what a presentation tells over a local socket, and who follows it on a second terminal.

The socket (unix(7)) lies in a folder that only its user may enter, has mode 0600, and the kernel is asked for
the peer's user (SO_PEERCRED). One line of JSON tells all there is; the newest replaces what was told before.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import select
import socket
import stat
import struct
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ipcviz.runtime.ledger import base_folder

LONGEST_LINE = 1 << 20
MOST_READERS = 16
PATIENCE_S = 1.0


class NotesState(msgspec.Struct, frozen=True):
    """Where the presentation is: times in ns, `position` of `end` by the clock on its screen, chapter
    `number` of `chapters`.

    `next_in` is how much of the session there is until the next chapter, whose title is "" if none follows;
    `began` is when it did, by a clock that all processes share (CLOCK_MONOTONIC, clock_gettime(2)).
    """

    position: int
    end: int
    playing: bool
    number: int
    chapters: int
    label: str
    caption: str
    note: str
    next_label: str = ""
    next_in: int = 0
    began: int = 0


class NotesError(Exception):
    """Notes cannot be told or followed; the message is a sentence."""


def socket_path(recording: str | Path) -> Path:
    """Where the notes of that file are told: one place for each file, whatever it is called by."""
    whole = os.path.realpath(recording)
    return base_folder() / f"notes-{hashlib.sha256(os.fsencode(whole)).hexdigest()[:16]}"


def left_behind() -> list[Path]:
    """Sockets of this user's presentations that were killed: nobody listens there any more."""
    try:
        found = sorted(base_folder().glob("notes-*"))
    except OSError:
        return []
    return [path for path in found if _is_left(path)]


def clean() -> list[Path]:
    """Remove them; what was really removed."""
    return [path for path in left_behind() if _remove(path)]


class NotesServer:
    """Tells whoever follows; never waits for anybody, and leaves out who does not read."""

    def __init__(self, recording: str | Path) -> None:
        self.path = socket_path(recording)
        self._listening: socket.socket | None = None
        self._readers: list[socket.socket] = []
        self._told = b""

    def open(self) -> str:
        """Begin to listen; why that cannot be as a sentence, "" if it can."""
        try:
            _make_private(self.path.parent)
            if _is_served(self.path):
                return "Another presentation of this recording is open: speaker notes follow that one."
            self.path.unlink(missing_ok=True)
            self._listening = _listen(self.path)
        except (OSError, NotesError) as error:
            return f"Speaker notes cannot follow: {error}"
        return ""

    def tell(self, state: NotesState) -> None:
        """Tell everybody, if it is another than before."""
        if self._listening is None:
            return
        line = msgspec.json.encode(state) + b"\n"
        fresh = self._accepted()
        readers = self._readers + fresh if line != self._told else fresh
        self._told = line
        self._readers += fresh
        for reader in readers:
            self._send(reader, line)

    def close(self) -> None:
        """Listen no more, and leave nothing behind; idempotent."""
        for reader in self._readers:
            reader.close()
        self._readers = []
        if self._listening is not None:
            self._listening.close()
            self._listening = None
            _remove(self.path)

    def _accepted(self) -> list[socket.socket]:
        """Those who have come since, and belong to this user."""
        fresh: list[socket.socket] = []
        listening = self._listening
        while listening is not None:
            try:
                reader, _ = listening.accept()
            except OSError:
                break
            reader.setblocking(False)
            if _is_own(reader) and len(self._readers) + len(fresh) < MOST_READERS:
                fresh.append(reader)
            else:
                reader.close()
        return fresh

    def _send(self, reader: socket.socket, line: bytes) -> None:
        """A reader that is so far behind that a line does not fit is left out, and may come again."""
        try:
            whole = reader.send(line) == len(line)
        except OSError:
            whole = False
        if not whole:
            reader.close()
            self._readers.remove(reader)


class NotesFollower:
    """Follows the presentation of one recording, whenever there is one."""

    def __init__(self, recording: str | Path) -> None:
        self.path = socket_path(recording)
        self._socket: socket.socket | None = None
        self._rest = b""

    @property
    def is_connected(self) -> bool:
        """There is a presentation."""
        return self._socket is not None

    def wait(self, seconds: float, keys: Sequence[int] = ()) -> NotesState | None:
        """What was told last within so many seconds; None if nothing was, there is nobody to tell it, or one
        of the descriptors `keys` has something to read.
        """
        if self._socket is None and not self._connect():
            select.select(keys, [], [], seconds)
            return None
        connected = self._socket
        if connected is None:
            return None
        descriptor = connected.fileno()
        if descriptor not in select.select([descriptor, *keys], [], [], seconds)[0]:
            return None
        try:
            piece = connected.recv(1 << 16)
        except OSError:
            piece = b""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if not piece or len(self._rest) > LONGEST_LINE:
            self.close()
        return _state_of(lines[-1]) if lines else None

    def close(self) -> None:
        """Follow no more; idempotent."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._rest = None, b""

    def _connect(self) -> bool:
        """Nobody but this user is listened to."""
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(PATIENCE_S)
        try:
            made.connect(str(self.path))
        except OSError:
            made.close()
            return False
        if not _is_own(made):
            made.close()
            return False
        self._socket = made
        return True


def _is_left(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISSOCK(found.st_mode) and found.st_uid == os.getuid() and not _is_served(path)


def _remove(path: Path) -> bool:
    """The socket, and its folder where nothing else is in it."""
    try:
        path.unlink()
    except OSError:
        return False
    with contextlib.suppress(OSError):
        path.parent.rmdir()
    return True


def _state_of(line: bytes) -> NotesState | None:
    try:
        return msgspec.json.decode(line, type=NotesState)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _listen(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.bind(str(path))
        made.listen(MOST_READERS)  # at once: what nobody listens at is taken for left behind
        os.chmod(path, 0o600)  # nobody else can enter the folder meanwhile
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def _make_private(folder: Path) -> None:
    """The folder, of this user alone; raises `NotesError` where it is somebody else's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise NotesError(f"{folder} belongs to somebody else; set XDG_RUNTIME_DIR to a folder of yours.")
    if found.st_mode & 0o077:
        folder.chmod(0o700)


def _is_served(path: Path) -> bool:
    """Somebody listens there: also who is stopped and takes nobody in (EAGAIN, connect(2))."""
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as trial:
        trial.settimeout(PATIENCE_S)
        try:
            trial.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
    return True


def _is_own(peer: socket.socket) -> bool:
    """The process at the other end runs as this user; where no kernel tells, the folder has to do."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    credentials = peer.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", credentials)
    return bool(user == os.getuid())
