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


class Into:
    """A sender that keeps what it is given."""

    def __init__(self, largest: int = 200) -> None:
        self.largest = largest
        self.sent: list[bytes] = []

    def send(self, payload: bytes) -> None:
        assert 0 < len(payload) <= self.largest
        self.sent.append(payload)


def test_a_word_always_goes_to_the_same_reducer(tmp_path: Path) -> None:
    (tmp_path / "caf\udce9").write_bytes(b"a b c d e \xff\xfe A, (a) " * 3 + b"w" * 500)
    (tmp_path / "two").write_bytes(b"a b c d e f")
    names = [b"caf\xe9", b"two", b"gone"]
    shuffle = [Into(), Into(), Into()]
    demo.count(tmp_path, names, shuffle)
    words = [
        {line.split(b" ", 1)[1] for message in part.sent for line in message.splitlines()} for part in shuffle
    ]
    assert set.union(*words) == {b"a", b"b", b"c", b"d", b"e", b"f", b"\xff\xfe", b"w" * 100}
    assert sum(map(len, words)) == 8, "no word in two parts"


def test_reducers_add_up_and_the_collector_takes_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, object] = {}
    for function in (demo.add, demo.collect):
        monkeypatch.setitem(function.__globals__, "report", lambda **values: told.update(values))
    totals = Into()
    demo.add(0, [b"3 the\n1 \xff", b"2 the\n1 of"], totals)
    demo.add(1, [b"4 and"], totals)
    demo.collect(totals.sent)
    known = {"words": 11, "different": 4, "top": "5 the, 4 and, 1 \ufffd, 1 of"}
    assert told == known
    damaged = [b"\xcf\n6\n3", b"0\n\xc9\n3\n5 the", b""]
    demo.collect([*damaged, *totals.sent, totals.sent[-1] + b"\n\xcb and"])
    assert told == known
    demo.add(2, [b"\xcb and\n3 \xff"], Into())
    assert (told["words"], told["different"]) == (3, 1)


def test_all_files_but_compiled_python_and_links_are_handed_out(tmp_path: Path) -> None:
    for name in ("a", "in/b c", "in/__pycache__/b.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    files = Into()
    demo.hand_out(tmp_path, files, 0)
    assert files.sent == [b"a", b"in/b c"]


def test_a_folder_without_words(tmp_path: Path, own_runtime: Path) -> None:
    summary = summary_of(run("word_count", settings={"folder": tmp_path, "rate": 0}))
    assert summary.reports["collector"] == {"words": 0, "different": 0}
