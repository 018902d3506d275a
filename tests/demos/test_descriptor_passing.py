"""Descriptor passing: what the workers read is what the files hold, and nothing stays open."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.runs import run, summary_of

from ipcviz import EndOfMessages, catalog, ends

demo = SimpleNamespace(**catalog.load(catalog.find("descriptor_passing")).build.__globals__)


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(ends, "_reporter", kept.update)
    return kept


class Passing:
    """Keeps duplicates as a kernel would, up to so many messages, and hands them out again."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.passed: list[tuple[bytes, list[int]]] = []

    def send_descriptors(self, payload: bytes, descriptors: list[int]) -> None:
        if len(self.passed) == self.most:
            raise KeyboardInterrupt
        self.passed.append((payload, [os.dup(descriptor) for descriptor in descriptors]))

    def receive_descriptors(self) -> tuple[bytes, list[int]]:
        if not self.passed:
            raise EndOfMessages
        return self.passed.pop(0)


def open_descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


def test_files_are_read_through_what_was_passed_and_closed_everywhere(
    tmp_path: Path, reports: dict[str, Any]
) -> None:
    contents = {"a": b"1", "b": b"", "c/d": os.urandom(200_000)}
    (tmp_path / "c").mkdir()
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    before = open_descriptors()
    files = Passing(6)
    with pytest.raises(KeyboardInterrupt):
        demo.open_all(tmp_path, files, 0)
    assert [name for name, _ in files.passed] == [b"a", b"b", b"d"] * 2
    assert (reports["opened"], reports["unreadable"]) == (6, 0)
    del files.passed[3:]
    for descriptor in (int(name) for name in open_descriptors() - before):
        if not any(descriptor in descriptors for _, descriptors in files.passed):
            os.close(descriptor)
    demo.check(files)
    combined = 0
    for content in contents.values():
        combined ^= zlib.crc32(content)
    assert (reports["files"], reports["bytes"]) == (3, 200_001)
    assert reports["checksum"] == f"{combined:08x}"
    assert open_descriptors() == before


def test_an_offset_that_stands_elsewhere_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    with (tmp_path / "file").open("rb") as file:
        file.seek(4)
        assert demo.measure(file.fileno()) == (7, zlib.crc32(b"content"))


def test_an_empty_folder_ends_at_once(tmp_path: Path, reports: dict[str, Any]) -> None:
    demo.open_all(tmp_path, Passing(0), 0)
    assert reports == {}


@pytest.mark.parametrize("mechanism", ["unix-seqpacket", "unix-datagram"])
def test_a_run(mechanism: str, tmp_path: Path, own_runtime: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "only").write_bytes(b"x" * 123_457)
    settings = {"folder": folder, "rate": 50}
    summary = summary_of(run("descriptor_passing", mechanism=mechanism, settings=settings, seconds=1))
    (files,) = summary.channels
    assert (files.mechanism, files.lost) == (mechanism, 0)
    assert files.sent == files.received + files.in_flight
    workers = [values for name, values in summary.reports.items() if name.startswith("worker")]
    assert workers
    for worker in workers:
        assert worker["bytes"] == worker["files"] * 123_457
        checksum = zlib.crc32(b"x" * 123_457) if worker["files"] % 2 else 0
        assert worker["checksum"] == f"{checksum:08x}"
