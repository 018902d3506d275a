"""Lines that a supervisor hears: whole ones, and none through a descriptor that is another's by now."""

from __future__ import annotations

import os

from ipcviz.runtime.workers import LineReader


def test_lines_are_whole_and_the_last_comes_with_the_end() -> None:
    reading, writing = os.pipe()
    reader = LineReader(reading)
    assert reader.read() == []
    os.write(writing, b"one\ntw")
    assert reader.read() == [b"one"]
    os.write(writing, b"o\nthr")
    assert reader.read() == [b"two"]
    os.close(writing)
    assert (reader.read(), reader.ended) == ([b"thr"], True)
    assert reader.read() == []
    reader.close()


def test_a_closed_reader_takes_nothing_from_who_has_its_number_now() -> None:
    reading, writing = os.pipe()
    reader = LineReader(reading)
    reader.close()
    other, sending = os.pipe()
    assert other == reading
    os.write(sending, b"not for it\n")
    assert reader.read() == []
    assert os.read(other, 100) == b"not for it\n"
    for descriptor in (writing, other, sending):
        os.close(descriptor)
