"""The page: what it holds are the screen's cells, it asks for nothing, and a browser shows it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from helpers import exported

from ipcviz.units import SECOND

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
DATA = re.compile(r'<script type="application/octet-stream" id="data">([^<]*)</script>')


def lines_in(page: str) -> list[Any]:
    """What the page's script reads."""
    [data] = DATA.findall(page)
    return [json.loads(line) for line in gzip.decompress(base64.b64decode(data)).decode().splitlines()]


def pictures_in(lines: list[Any], rows: int) -> Iterator[tuple[int, list[list[Any]]]]:
    """Each picture's time in ms and its rows of runs, told by somebody else's reading of the format."""
    kinds: list[list[Any]] = []
    shown: list[list[Any]] = [[]] * rows
    for ms, *changes in lines:
        for y, told in zip(changes[::2], changes[1::2], strict=True):
            if isinstance(told, list):
                kinds.append(told)
            shown[y] = told if isinstance(told, list) else kinds[told]
        yield ms, list(shown)


def test_the_page_holds_what_the_screen_shows() -> None:
    page = exported.written("html", exported.workshop(), start=2 * SECOND, size=(80, 24)).decode()
    *lines, facts = lines_in(page)
    assert (facts["columns"], facts["rows"], facts["duration"]) == (80, 24, 10_000)
    told = dict(pictures_in(lines, 24))
    now: list[list[Any]] = []
    for t, grid in exported.grids(exported.workshop(), start=2 * SECOND, size=(80, 24)):
        now = told.get((t - 2 * SECOND) // 1_000_000, now)
        texts = ["".join(text for text in runs[1::3]) for runs in now]
        assert "\n".join(texts) == exported.text_of(grid)
        assert all(sum(runs[2::3]) == 80 for runs in now)
        for runs, row in zip(now, grid, strict=True):
            column = 0
            for number, cells in zip(runs[::3], runs[2::3], strict=True):
                assert f".p{number}{{color:{row[column].paint.colour}" in page
                column += cells


def test_chapters_are_there_and_notes_are_not() -> None:
    page = exported.written("html", exported.workshop(), start=SECOND).decode()
    *lines, facts = lines_in(page)
    assert facts["chapters"] == [
        [2000, 'Full </script> "&\\x1b[31m', "It is full."],
        [6250, "한글 장", ""],
    ]
    assert "for the speaker" not in page + json.dumps(lines)


def test_nothing_is_fetched_and_nothing_else_may_run() -> None:
    page = exported.written("html", exported.workshop()).decode()
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0])
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy.startswith("default-src 'none';")
    for kind, text in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    addresses = set(re.findall(r"\w+://[^\s\"'()%]+", page))
    assert not addresses, "the page names places in the network"
    assert page.count("<script") == page.count("</script") == 2


def test_two_times_give_the_same_bytes() -> None:
    assert exported.written("html", exported.workshop(), end=SECOND) == exported.written(
        "html", exported.workshop(), end=SECOND
    )


def browsed(page: Path, fragment: str) -> str:
    """The text that a browser shows after the page's script has run; it may not reach any network."""
    assert BROWSER is not None
    read = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-extensions",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={page.parent / 'profile'}",
            "--virtual-time-budget=5000",
            "--dump-dom",
            f"{page.as_uri()}#{fragment}",
        ],
        capture_output=True,
        timeout=100,
        check=True,
    )
    shown = read.stdout.decode()
    assert 'data-ready="yes"' in shown, "the script did not run to its end"
    [screen] = re.findall(r'<main id="screen"[^>]*>(.*?)</main>', shown, re.DOTALL)
    rows = re.findall(r"<div>(.*?)</div>", screen, re.DOTALL)
    return "\n".join(unescape(re.sub(r"<[^>]*>", "", row)) for row in rows)


@needs_browser
@pytest.mark.slow
@pytest.mark.parametrize(
    ("fragment", "seconds"), [("", 0), ("t=8.5", 8.5), ("t=11.95", 11.9), ("t=1e9", 1.0)]
)
def test_a_browser_shows_the_text_of_the_moment_that_the_address_asks_for(
    tmp_path: Path, fragment: str, seconds: float
) -> None:
    recording = exported.workshop()
    page = tmp_path / "workshop 한글.html"
    page.write_bytes(exported.written("html", recording))
    at = round(seconds * SECOND)
    *_, (_, grid) = exported.grids(recording, start=at, end=at)
    assert browsed(page, fragment) == exported.text_of(grid)
