"""Has the index of a recording made by a process of its own, which must not slow the screen down."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from ipcviz.recording.index import Index
from ipcviz.recording.indexing import LENGTH, Told

_decoder = msgspec.msgpack.Decoder(Told)


class Background:
    """Makes the index of a file; without it, or if it fails, seeks are slower, and nothing else is."""

    def __init__(self, path: str, index: Index) -> None:
        """Raises `OSError` where no process can be started."""
        self._index = index
        root = str(Path(__file__).resolve().parent.parent.parent)
        paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ipcviz.recording.indexing", path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
        )
        self._thread = threading.Thread(target=self._take, name="ipcviz-index", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Nothing is added any more."""
        return not self._thread.is_alive()

    def wait(self, seconds: float | None = None) -> bool:
        """Until the index is made; False if it takes longer."""
        self._thread.join(seconds)
        return self.over

    def close(self) -> None:
        """End it; idempotent."""
        self._process.kill()
        self._process.wait()
        self._thread.join()

    def _take(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            while len(length := pipe.read(LENGTH)) == LENGTH:
                packed = pipe.read(int.from_bytes(length, "little"))
                try:
                    part, changed = _decoder.decode(packed)
                except msgspec.DecodeError:  # it was killed within a part
                    return
                self._index.add(part, changed)
