"""Help: there for every command, with an example, and quick, because no screen is loaded for it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from ipcviz import __version__

COMMANDS = ("run", "list", "mechanisms", "doctor", "clean")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(ipcviz, command) -> None:
    result = ipcviz(command, "--help")
    assert (result.status, result.err) == (0, "")
    assert f"Usage: ipcviz {command}" in result.out.replace("python -m ipcviz", "ipcviz")
    example = result.out.partition("Example:\n")[2]
    assert example.strip().startswith(f"ipcviz {command}")


def test_the_group_names_them_all(ipcviz) -> None:
    result = ipcviz("--help")
    assert (result.status, result.err) == (0, "")
    assert all(f"\n  {command} " in result.out for command in COMMANDS)
    assert "ipcviz run pipeline" in result.out
    assert ipcviz("-h").out == result.out


def test_without_arguments_it_says_what_it_takes(ipcviz) -> None:
    result = ipcviz()
    assert result.status == 2
    assert "Usage:" in result.out


def test_the_version(ipcviz) -> None:
    result = ipcviz("--version")
    assert (result.status, result.out, result.err) == (0, f"ipcviz, version {__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [["--help"], *([command, "--help"] for command in COMMANDS), ["list"], ["mechanisms"], ["clean"]],
)
def test_no_screen_is_loaded_without_need(ipcviz, arguments) -> None:
    code = (
        "import contextlib, io, json, sys\n"
        "from ipcviz.cli import main\n"
        f"sys.argv = ['ipcviz', *{arguments!r}]\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main()\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=20,
        env=ipcviz.environment,
        check=True,
    )
    loaded = json.loads(ran.stdout)
    assert "ipcviz" in loaded
    assert not {"textual", "rich", "asyncio"} & set(loaded)
