"""What the README says is so: its commands run, its keys are the screen's, its demo works."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ipcviz.tui.actions import SCREENS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
RECORDINGS = README[README.index("## Record,") :].partition("\n## ")[0]
STORY = [line for line in RECORDINGS.splitlines() if line.startswith("ipcviz ")]
"""Commands that build on each other."""
COMMANDS = [line for line in SHELL.splitlines() if line.startswith("ipcviz ") and line not in STORY]
WITHOUT_SCREEN = ("--json", "--plain", "--svg", "--once")


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command as the README has it; where it would open a screen, as JSON for a second."""
    words = shlex.split(command)[1:] or ["--help"]
    if words[0] in ("run", "race"):
        if not any(option in words for option in WITHOUT_SCREEN):
            words.append("--json")
        if "--seconds" in words:
            words[words.index("--seconds") + 1] = "1"
        else:
            words += ["--seconds", "1"]
    if "--present" in words:
        words.remove("--present")
    if words[0] == "play" and not any(option in words for option in WITHOUT_SCREEN):
        words.append("--plain")
    return subprocess.run(
        [sys.executable, "-m", "ipcviz", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_there_are_commands():
    assert len(COMMANDS) > 10


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_it_says(command, tmp_path):
    (demo,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "adding.py").write_text(demo, encoding="utf-8")
    done = run(command, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    if "--svg" in command:
        assert (tmp_path / "deadlock.svg").read_text(encoding="utf-8").startswith("<svg")
    else:
        assert done.stdout


@pytest.mark.slow
def test_a_recording_is_made_played_edited_and_exported(tmp_path):
    for command in STORY:
        done = run(command, tmp_path)
        assert done.returncode == 0, f"{command}: {done.stderr}"
    made = {file.name for file in tmp_path.iterdir()}
    assert made == {"deadlock.ipcz", "talk.ipcz", "talk.html", "moment.svg", "talk.mmd"}


def test_the_demo_of_ones_own_adds_up(tmp_path):
    (demo,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "adding.py").write_text(demo, encoding="utf-8")
    words = ["run", "./adding.py", "--json", "--set", "rate=0"]
    done = subprocess.run(
        [sys.executable, "-m", "ipcviz", *words], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["reports"] == {"adder": {"total": 500_500}}


def test_the_tables_of_keys_are_the_screens():
    tables = README[README.index("## Keys") :].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", tables, re.MULTILINE)
    run, *others = ([(a.key, a.help) for a in actions if a.help] for actions in SCREENS.values())
    assert rows == [*run, *(key for keys in others for key in keys if key not in run)]


def test_it_opens_with_a_picture_that_ipcviz_drew():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert README.index("![") < README.index("## ")
    for picture in pictures:
        svg = (ROOT / picture).read_text(encoding="utf-8")
        assert svg.startswith("<svg")
        assert "ipcviz" in svg


def test_the_two_commands_that_set_up_everything():
    setups = [line for line in SHELL.splitlines() if line.startswith("python3 -m venv")]
    assert len(setups) == 2
    assert setups[0].endswith(".venv/bin/ipcviz run pipeline")
    assert "-m pytest" in setups[1]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"]["ipcviz"] == "ipcviz.cli:main"
    assert "test" in project["optional-dependencies"]
