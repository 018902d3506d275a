"""Word count: map, shuffle and reduce give the same as one process."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("word_count")).build.__globals__)


def test_as_few_messages_as_it_takes() -> None:
    lines = [b"x" * 30] * 10
    messages = demo.packed(lines, 100)
    assert [len(message.splitlines()) for message in messages] == [3, 3, 3, 1]
    assert b"\n".join(messages).splitlines() == lines


@pytest.mark.parametrize("mechanism", ["posix-mq", "shm", "file", "mp-queue"])
def test_the_totals_are_those_of_one_process(mechanism: str, tmp_path: Path, own_runtime: Path) -> None:
    texts = ["the cat and the hat\n" * 50, "The dog, (the cat).", "", "한글 단어 the 한글"]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "picture").write_bytes(b"\0\1\2 not counted")
    settings = {"folder": tmp_path, "rate": 0}
    summary = summary_of(run("word_count", mechanism=mechanism, settings=settings))
    counted = Counter(word for text in texts for word in demo.words(text.encode()))
    collected = summary.reports["collector"]
    assert collected["words"] == counted.total() == sum(len(text.split()) for text in texts)
    assert collected["different"] == len(counted)
    assert collected["top"].startswith("103 the, ")
    assert sum(report.get("skipped", 0) for report in summary.reports.values()) == 1
