"""Texts and lines of a mermaid sequence diagram; no text can be taken for anything else. Pure.

https://mermaid.js.org/syntax/sequenceDiagram.html: a character is written as `#`, its number, and `;`, as in
`#35;` for a hash, which would begin a comment and cut the text; a semicolon would end the line.
"""

from __future__ import annotations

import textwrap

from ipcviz import units

PLAIN = frozenset(" .,-_/+=()'*?!")
"""Signs of ASCII that mean nothing in a text; letters and digits do not, either."""
MARKS = frozenset("ﬂ°¶ß")
"""With these mermaid itself marks what was written as a number."""
LONGEST_NAME = 40
NOTE_WIDTH = 48
"""Characters of one line of a note."""
LONGEST_NOTE = 400


def escaped(text: str) -> str:
    """The text, shown as it is: what a terminal would obey is written out, what mermaid would is numbered."""
    return "".join(char if _is_plain(char) else f"#{ord(char)};" for char in units.printable(text))


def shortened(text: str, length: int) -> str:
    """At most so many characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def participant(number: str, name: str) -> str:
    """A column of the diagram, called `number` in all other lines."""
    shown = shortened(units.printable(name), LONGEST_NAME)
    return f"    participant {number} as {escaped(shown) if shown.strip() else number}"


def arrow(start: str, end: str, text: str, answers: bool = False) -> str:
    """Something that goes from one to the other; dashed if it `answers`."""
    return f"    {start}{'-->>' if answers else '->>'}{end}: {escaped(text)}"


def note(first: str, last: str, text: str) -> str:
    """A note over all columns from the first to the last, in lines that can be read."""
    lines = textwrap.wrap(shortened(units.printable(text), LONGEST_NOTE), NOTE_WIDTH) or [""]
    over = first if first == last else f"{first},{last}"
    return f"    Note over {over}: {'<br/>'.join(map(escaped, lines))}"


def length_of(line: str) -> int:
    """What mermaid counts of it against the most that it takes: units of UTF-16, and the newline."""
    return len(line.encode("utf-16-le", "surrogatepass")) // 2 + 1


def _is_plain(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char in PLAIN
    return char not in MARKS
