"""What the home screen lists: demos by what they teach, own demos and recordings nearby.

A demo that comes with ipcviz is loaded to be listed; of somebody's own file only the syntax is looked at.
"""

from __future__ import annotations

import ast
import difflib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

YOURS = "Yours"
RECORDINGS = "Recordings"
SHIPPED = "Recordings of ipcviz"
"""Those that come with it."""
OTHERS = "Others"
LARGEST_SOURCE = 1 << 20
"""Bytes; a longer Python file is no demo."""
MOST_FILES = 5_000
"""So many names of a folder are looked at: it may be anybody's, such as one full of downloads."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list. `demo` is what is typed behind `ipcviz run`, "" for a recording.

    `size` is in bytes and `changed` in seconds since the epoch, both of the file.
    """

    kind: Literal["demo", "own", "recording"]
    demo: str
    title: str
    group: str
    path: Path
    about: str = ""
    look: str = ""
    size: int = 0
    changed: float = 0.0

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return self.demo or str(self.path)


def everything(folder: Path) -> list[Entry]:
    """All that can be chosen: whoever keeps demos of their own in this folder looks for those first."""
    from ipcviz import catalog

    ours = catalog.folder()
    nearby = recordings(folder)
    known = {entry.path.resolve() for entry in nearby}
    come_with = [e for e in recordings(ours / "recordings", SHIPPED) if e.path.resolve() not in known]
    return [*own(folder, ours), *shipped(), *nearby, *come_with]


def shipped() -> list[Entry]:
    """The demos that come with ipcviz in the order of a course; a broken one is among the others."""
    from ipcviz import catalog
    from ipcviz.listing import GROUPS

    order = {group: number for number, group in enumerate(GROUPS)}
    entries = []
    for name in catalog.names():
        about = look = group = ""
        path = catalog.find(name)
        try:
            demo = catalog.load(path)
            about, look = demo.about, demo.look
            group = catalog.build(demo, catalog.values(demo, {})).teaches
        except catalog.CatalogError:
            pass  # its sentence is shown when it is chosen
        entries.append(Entry("demo", name, name, group or OTHERS, path, about, look))
    return sorted(entries, key=lambda entry: (order.get(entry.group, len(order)), entry.group, entry.title))


def own(folder: Path, but: Path | None = None) -> list[Entry]:
    """The Python files of a folder that import ipcviz and have a `build`; none of the folder `but`."""
    if but is not None and folder.resolve() == but.resolve():
        return []
    here = folder.resolve() == Path.cwd()
    entries = []
    for path, status in _files(folder, ".py"):
        about = _about(path) if status.st_size <= LARGEST_SOURCE else None
        if about is not None:
            typed = f"./{path.name}" if here else str(path)
            entries.append(Entry("own", typed, path.name, YOURS, path, about))
    return sorted(entries, key=lambda entry: entry.title)


def recordings(folder: Path, group: str = RECORDINGS) -> list[Entry]:
    """The recordings of a folder: the newest first, those that come with ipcviz by their names."""
    found = [
        Entry("recording", "", path.stem, group, path, size=status.st_size, changed=status.st_mtime)
        for path, status in _files(folder, ".ipcz")
    ]
    return sorted(found, key=lambda entry: (0 if group == SHIPPED else -entry.changed, entry.title))


def matching(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """Those that have every word of it in their name, or begin a word with it in their group or text."""
    words = typed.casefold().split()
    return [entry for entry in entries if all(_has(entry, word) for word in words)]


def best(entries: Sequence[Entry], typed: str) -> int:
    """Which of them to choose first: the one whose name begins with it, or has it, or any."""
    wanted = typed.casefold().strip()
    for fits in (str.startswith, str.__contains__):
        for number, entry in enumerate(entries):
            if fits(entry.title.casefold(), wanted):
                return number
    return 0


def nearest(entries: Sequence[Entry], typed: str) -> str:
    """The name that looks most like it; "" for none."""
    close = difflib.get_close_matches(typed.strip(), [entry.title for entry in entries], n=1, cutoff=0.4)
    return close[0] if close else ""


def _has(entry: Entry, word: str) -> bool:
    if word in entry.title.casefold():
        return True
    text = f" {entry.group} {entry.about} {entry.look}".casefold()
    return re.search(r"[\W_]" + re.escape(word), text) is not None


def _files(folder: Path, suffix: str) -> Iterator[tuple[Path, os.stat_result]]:
    """Ordinary files only: to open a FIFO would wait for ever. Names that are no UTF-8 cannot be typed."""
    try:
        with os.scandir(folder) as names:
            for name in islice(names, MOST_FILES):
                if not name.name.endswith(suffix) or name.name.startswith("."):
                    continue
                if any("\ud800" <= char <= "\udfff" for char in name.name):
                    continue
                status = _status(name)
                if status is not None and stat.S_ISREG(status.st_mode):
                    yield Path(name.path), status
    except OSError:
        return


def _status(name: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return name.stat()
    except OSError:
        return None


def _about(path: Path) -> str | None:
    """The first line of its docstring if the file is a demo, None if it is none. Runs nothing.

    A file whose syntax is wrong may be a demo that is being written: it is listed, and choosing it tells.
    """
    try:
        source = path.read_bytes()
    except OSError:
        return None
    if b"ipcviz" not in source or b"def build" not in source:
        return None
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    has_build = any(isinstance(node, ast.FunctionDef) and node.name == "build" for node in module.body)
    if not has_build or not any(map(_imports_ipcviz, ast.walk(module))):
        return None
    return (ast.get_docstring(module) or "").partition("\n")[0]


def _imports_ipcviz(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level == 0 and (node.module or "").partition(".")[0] == "ipcviz"
    return isinstance(node, ast.Import) and any(
        alias.name.partition(".")[0] == "ipcviz" for alias in node.names
    )
