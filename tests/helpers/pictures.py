"""Pictures of panels as text: rows and style runs, compared with what is kept under tests/tui/expected/.

A picture is what `Panel.content` gives: lines of (text, style) pieces. Kept, it looks like this:

    |▸ jobs        posix-mq      every message   |
    |  ▂▃▅▇▇▇▆▇▇▇   82.1 k/s   5.1 MB/s          |
    styles
    1 accent "▸ "  strong "jobs"  dim "every message"
    2 bar "▂▃▅▇▇▇▆▇▇▇"

The rows are padded to their width in cells; the runs name the style of all that is not plain text, row by
row. `same_picture` fails with a unified diff. Run the tests with IPCVIZ_EXPECTED=write in the environment
to keep the pictures as they are now, and read the diff of the files before it is committed.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from pathlib import Path

from rich.cells import cell_len

EXPECTED = Path(__file__).parent.parent / "tui" / "expected"

Lines = Iterable[list[tuple[str, str]]]


def picture(lines: Lines, width: int) -> str:
    """The rows, then the runs of styles other than "text"."""
    kept = list(lines)
    rows = []
    for line in kept:
        text = "".join(text for text, _ in line)
        rows.append(f"|{text}{' ' * (width - cell_len(text))}|")
    runs = [f"{number} {told}" for number, line in enumerate(kept, 1) if (told := _runs(line))]
    return "\n".join([*rows, "styles", *runs, ""])


def _runs(line: list[tuple[str, str]]) -> str:
    joined: list[list[str]] = []
    for text, style in line:
        if joined and joined[-1][1] == style:
            joined[-1][0] += text
        else:
            joined.append([text, style])
    return "  ".join(f'{style} "{text}"' for text, style in joined if style != "text" and text.strip())


def same_picture(name: str, lines: Lines, width: int) -> None:
    """Fail with a diff unless the picture is the one kept as tests/tui/expected/NAME.txt."""
    file = EXPECTED / f"{name}.txt"
    seen = picture(lines, width)
    if os.environ.get("IPCVIZ_EXPECTED") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(seen, encoding="utf-8")
        return
    assert file.exists(), f"{file.name} is not kept yet: run this test with IPCVIZ_EXPECTED=write"
    kept = file.read_text(encoding="utf-8")
    if seen != kept:
        diff = difflib.unified_diff(kept.splitlines(), seen.splitlines(), "kept", "seen", lineterm="", n=2)
        raise AssertionError(f"{name} looks different:\n" + "\n".join(diff))
