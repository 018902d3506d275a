"""A real sshd(8) on loopback, its keys and configuration its own, and a line to it: counted, held, cut."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import selectors
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 20.0
"""Seconds after which a daemon that does not answer is not going to."""
PRIVATE = Path("/run/sshd")
"""Where sshd, started as root, shuts itself in; it begins only if that is there."""


class CannotServe(Exception):
    """There is no sshd here, or it does not run; the message says why."""


class Sshd:
    """A daemon in a folder; every session in it has exactly `environment` more than sshd gives by itself."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Raises `CannotServe`."""
        self._folder = folder
        self._user = pwd.getpwuid(os.getuid()).pw_name
        self.port = _free_port()
        daemon = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if daemon is None or not all(map(shutil.which, ("ssh", "ssh-keygen"))):
            raise CannotServe("needs ssh and sshd (openssh-server)")
        if os.getuid() == 0:
            with contextlib.suppress(OSError):
                PRIVATE.mkdir(mode=0o755, exist_ok=True)
        self._configure(environment)
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [daemon, "-D", "-e", "-f", str(folder / "sshd_config")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"]},
            )
        self._until_it_answers()

    def command(self, *options: str, remote: Sequence[str] | str, port: int | None = None) -> list[str]:
        """What to type: ssh(1) with these options, which come first, for that command on the far side."""
        settings = {
            "HostKeyAlias": "far",
            "IdentityFile": str(self._folder / "key"),
            "IdentitiesOnly": "yes",
            "LogLevel": "ERROR",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": str(self._folder / "known"),
        }
        given = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        words = remote if isinstance(remote, str) else shlex.join(remote)
        to = ["-p", str(port or self.port), f"{self._user}@127.0.0.1"]
        return ["ssh", "-F", "none", *options, *given, *to, f"exec {words}"]

    def sessions(self) -> list[int]:
        """The processes of sshd that serve a connection, by pid."""
        found, asked = [], [self.process.pid]
        while asked:
            for pid in _children(asked.pop()):
                if _name(pid).startswith("sshd"):
                    found.append(pid)
                    asked.append(pid)
        return found

    def close(self) -> None:
        """End it and every connection."""
        for pid in (self.process.pid, *self.sessions()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        self.process.wait(PATIENCE)

    def _configure(self, environment: Mapping[str, str]) -> None:
        folder = self._folder
        for name in ("host", "key"):
            made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(folder / name)]
            subprocess.run(made, check=True, stdin=subprocess.DEVNULL)
        (folder / "known").write_text("far " + (folder / "host.pub").read_text())
        given = " ".join(f'"{name}={value}"' for name, value in environment.items())
        lines = (
            f"ListenAddress 127.0.0.1:{self.port}",
            f"HostKey {folder}/host",
            f"AuthorizedKeysFile {folder}/key.pub",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password",
            "PrintMotd no",
            "PrintLastLog no",
            "PidFile none",
            "MaxStartups 100",
            f"SetEnv {given}",
        )
        (folder / "sshd_config").write_text("\n".join(lines) + "\n")

    def _until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            asked = subprocess.run(
                self.command("-n", "-o", "ConnectTimeout=5", remote="true"), capture_output=True, text=True
            )
            if asked.returncode == 0:
                return
            if "refused" not in asked.stderr:
                break
            time.sleep(0.02)
        said = self._log.read_text(errors="replace").strip().splitlines()
        self.close()
        raise CannotServe(f"sshd does not serve here: {' / '.join(said[-3:])}")


class Wire:
    """A line to a port of this host: what crosses it is counted, and it can go silent or be cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        """Where it begins."""
        self.up = self.down = 0
        """Bytes to the port and from it."""
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._woken, self._waker = socket.socketpair()
        self._held = self._closing = False
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def hold(self) -> None:
        """From now on nothing crosses it and nobody is told: a cable that is pulled out."""
        self._held = True
        self._waker.send(b"h")

    def cut(self) -> None:
        """Both sides learn at once that it is gone (a TCP reset)."""
        for pair in self._pairs:
            for end in pair:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """End it; idempotent."""
        if not self._closing:
            self._closing = True
            self._waker.send(b"c")
            self._thread.join(PATIENCE)

    def _carry(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._closing:
                for key, _ in selector.select():
                    if key.fileobj is self._woken:
                        self._woken.recv(1)
                    elif key.fileobj is self._listener:
                        self._accept(selector)
                    elif not self._held:
                        self._pass_on(selector, key.fileobj, *key.data)
                if self._held:
                    for end in [end for pair in self._pairs for end in pair if end in selector.get_map()]:
                        selector.unregister(end)
        for end in (self._listener, self._woken, self._waker, *(end for pair in self._pairs for end in pair)):
            end.close()

    def _accept(self, selector: selectors.BaseSelector) -> None:
        near, _ = self._listener.accept()
        far = socket.create_connection(("127.0.0.1", self._to))
        self._pairs.append((near, far))
        selector.register(near, selectors.EVENT_READ, (far, True))
        selector.register(far, selectors.EVENT_READ, (near, False))

    def _pass_on(
        self, selector: selectors.BaseSelector, end: socket.socket, other: socket.socket, up: bool
    ) -> None:
        piece = b""
        with contextlib.suppress(OSError):
            piece = end.recv(1 << 16)
        if piece:
            if up:
                self.up += len(piece)
            else:
                self.down += len(piece)
            with contextlib.suppress(OSError):
                other.sendall(piece)
                return
        selector.unregister(end)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, file.read_text().split())
    return found


def _name(pid: int) -> str:
    with contextlib.suppress(OSError):
        named = re.search(r"\((.*)\)", Path(f"/proc/{pid}/stat").read_text())
        return named[1] if named else ""
    return ""
