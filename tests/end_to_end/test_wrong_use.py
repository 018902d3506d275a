"""Bad input: one sentence that says what was wrong and what to do, status 2, and nothing left behind."""

from __future__ import annotations

import importlib.util
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest


def check_refused(result, *words: str) -> None:
    """Status 2, nothing on standard output, one sentence with these words, and no traceback of ours."""
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("ipcviz: ")
    sentence, *rest = result.err.splitlines()
    assert sentence[-1] in ".?"
    for word in words:
        assert word in sentence
    assert "Traceback" not in result.err
    package = str(Path(importlib.util.find_spec("ipcviz").origin).parent)
    assert not any(package in line for line in rest)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run",), ("DEMO", "--help")),
        (("rum", "pipeline"), ("rum",)),
        (("run", "pipeline", "--nonsense"), ("--nonsense",)),
        (("run", "pipeline", "--seconds", "0"), ("--seconds", "more than 0")),
        (("run", "pipeline", "--seconds", "-1"), ("--seconds", "more than 0", "-1")),
        (("run", "pipeline", "--seconds", "nan"), ("--seconds", "nan")),
        (("run", "pipeline", "--seconds", "inf"), ("--seconds", "inf")),
        (("run", "pipeline", "--seconds", "abc"), ("--seconds", "abc")),
        (("run", "pipeline", "--plain", "--json"), ("--plain", "--json")),
        (("run", "pipeline", "--json", "--set", "rate"), ("--set", "NAME=VALUE", "'rate'")),
        (("run", "pipeline", "--json", "--set", "=3"), ("--set", "NAME=VALUE")),
        (("run", "pipeline", "--json", "-m", "lines="), ("-m", "CHANNEL=NAME", "'lines='")),
        (("run", "pipeline", "--json", "-m", ""), ("-m", "CHANNEL=NAME")),
        (("run", "pipeline", "--json", "-l", "=posix-sem"), ("-l", "LOCK=NAME")),
        (("run", "pipeline"), ("not a terminal", "--plain", "--json")),
        (("list", "extra"), ("extra", "--help")),
        (("notes", "gone.ipcz"), ("gone.ipcz", "No such file")),
        (("notes", "/etc/passwd"), ("/etc/passwd", "no ipcviz recording")),
        (("notes", "."), (". is a folder",)),
        (("run", "pipeline", "--svg", "x.svg", "--json"), ("--svg", "--json")),
        (("run", "pipeline", "--svg", "x.svg", "--plain"), ("--svg", "--plain")),
        (("run", "pipeline", "--svg", ""), ("--svg", "name of a file")),
        (("run", "pipeline", "--svg", "x.svg", "--redact"), ("--redact", "--svg")),
        (("run", "pipeline", "--record", "", "--json"), ("--record", "name of a file")),
        (("record", "pipeline", "-o", ""), ("-o", "name of a file")),
        (("export", "x.ipcz", "--to", "html", "-o", ""), ("-o", "name of a file")),
        (("race", "pipeline", "-m", "pipe", "-m", "shm", "--record", ""), ("--record", "name of a file")),
        (("race", "pipeline", "-m", "pipe", "-m", "shm", "--redact"), ("--redact", "--record FILE")),
        (("run", "pipeline", "--svg", "gone/x.svg"), ("gone/x.svg", "No such file")),
        (("run", "pipeline", "--svg", "."), (". cannot be written",)),
    ],
)
def test_the_command_line_itself(ipcviz, arguments, words) -> None:
    check_refused(ipcviz(*arguments), *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pipelin",), ("no demo 'pipelin'", "did you mean pipeline?")),
        (("bufer",), ("'bufer'", "bounded_buffer")),
        (("zzzz",), ("'zzzz'", "pipeline", "philosophers", "request_reply")),
        (("",), ("no demo ''", "pipeline")),
        (("pipeline", "-m", "pip"), ("no mechanism 'pip'", "did you mean pipe")),
        (("pipeline", "-m", "zzzz"), ("'zzzz'", "pipe", "unix-stream", "posix-mq", "shm")),
        (("pipeline", "-m", "line=pipe"), ("no channel 'line'", "did you mean lines?")),
        (("pipeline", "-m", "lines=pip"), ("no mechanism 'pip'",)),
        (("philosophers", "-l", "posix-sen"), ("no lock 'posix-sen'", "posix-sem")),
        (("philosophers", "-l", "fork 9=posix-sem"), ("'fork 9'", "did you mean fork")),
        (("philosophers", "-m", "x=pipe"), ("'x'", "has no channels")),
        (("pipeline", "--set", "rat=1"), ("no parameter 'rat'", "did you mean rate?")),
        (("pipeline", "--set", "zzzz=1"), ("'zzzz'", "text", "stages", "rate")),
        (("pipeline", "--set", "stages=two"), ("'stages'", "'two'", "int from 1 to 12")),
        (("pipeline", "--set", "stages=2.5"), ("'stages'", "'2.5'")),
        (("pipeline", "--set", "stages="), ("'stages'", "''")),
        (("pipeline", "--set", "stages=0"), ("'stages'", "'0'", "from 1")),
        (("pipeline", "--set", "stages=13"), ("'stages'", "'13'", "to 12")),
        (("pipeline", "--set", "stages=" + "9" * 500), ("'stages'",)),
        (("pipeline", "--set", "rate=-1"), ("'rate'", "'-1'", "from 0")),
        (("pipeline", "--set", "rate=nan"), ("'rate'", "'nan'")),
        (("pipeline", "--set", "rate=inf"), ("'rate'", "'inf'")),
        (("philosophers", "--set", "strategy=greedy"), ("'greedy'", "naive | ordered | waiter")),
        (("pipeline", "--set", "text=missing.txt"), ("'text'", "missing.txt", "is not there")),
        (("pipeline", "--set", "text=."), ("'text'", "is not a file")),
        (("pipeline", "--set", "text=/dev/zero"), ("'text'", "/dev/zero", "is not a file")),
        (("worker_pool", "--set", "folder=missing"), ("'folder'", "missing", "is not there")),
        (("worker_pool", "--set", "folder=/dev/null"), ("'folder'", "is not a folder")),
        (("worker_pool", "-m", "pipe"), ("worker_pool cannot run on pipe", "receivers", "posix-mq", "shm")),
        (("worker_pool", "-m", "files=pipe"), ("files", "pipe", "can carry files")),
        (("./missing.py",), ("missing.py", "no file")),
        (("/",), ("folder",)),
        (("~nobody-has-this-name/x.py",), ("~nobody-has-this-name",)),
        (("./" + "x" * 300 + ".py",), ("xxx.py",)),
        (("/dev/zero",), ("/dev/zero", "not a file")),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_what_the_demo_and_the_machine_do_not_have(ipcviz, arguments, words) -> None:
    check_refused(ipcviz("run", *arguments, "--json"), *words)


def test_a_text_that_is_none(ipcviz) -> None:
    (ipcviz.folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    result = ipcviz("run", "pipeline", "--json", "--set", "text=picture.png")
    check_refused(result, "'text'", "picture.png", "not text")


def test_a_name_that_is_not_utf_8(ipcviz) -> None:
    check_refused(ipcviz("run", os.fsdecode(b"./\xff.py"), "--json"), "xff.py", "UTF-8")


BROKEN = {
    "syntax": ("x = 1\ndef build(:\n", "mine.py, line 3", ("invalid syntax",)),
    "import": ("1 / 0\n", "mine.py, line 2", ("ZeroDivisionError: division by zero",)),
    "missing module": ("import nowhere_to_be_found\n", "mine.py, line 2", ("nowhere_to_be_found",)),
    "exit": ("import sys\nsys.exit(3)\n", "mine.py, line 3", ("SystemExit",)),
    "no build": ("def biuld(): pass\n", "mine.py", ("build",)),
    "build is no function": ("build = 3\n", "mine.py", ("build",)),
    "no default": ("def build(n: int): pass\n", "mine.py", ("'n'", "default")),
    "build raises": ("def build():\n    raise ValueError('no good')\n", "mine.py, line 3", ("no good",)),
    "build gives nothing": ("def build(): pass\n", "mine.py", ("None", "not a Topology")),
    "no process": ("def build(): return Topology('empty')\n", "mine.py", ("no process",)),
    "no name": ("def build(): return Topology('')\n", "mine.py", ("1 to 40 printable",)),
    "name with an escape": ("def build(): return Topology('\\x1b[2J')\n", "mine.py", ("printable",)),
    "name with a line": ("def build(): return Topology('a\\nb')\n", "mine.py", ("printable",)),
    "no receiver": (
        "def build():\n t = Topology('t')\n t.process('p', print, t.channel('c').sender)\n return t\n",
        "mine.py",
        ("channel 'c' has no receiver", "c.receiver"),
    ),
    "twice": (
        "def build():\n t = Topology('t')\n t.process('p', print)\n t.process('p', print)\n return t\n",
        "mine.py",
        ("'p'", "taken"),
    ),
    "hostile message": (
        "raise ValueError('\\x1b[2J\\x9b2J\\r\\ud800')\n",
        "mine.py, line 2",
        ("\\x1b[2J\\x9b",),
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_demo_of_ones_own_that_is_broken(ipcviz, case) -> None:
    source, where, words = BROKEN[case]
    demo = ipcviz.demo("")
    (ipcviz.folder / demo).write_text("from ipcviz import *\n" + source)
    result = ipcviz("run", demo, "--json")
    check_refused(result, where, *words)
    assert "\x1b" not in result.err


def test_the_author_sees_their_own_line(ipcviz) -> None:
    demo = ipcviz.demo("def build():\n    return helper()\ndef helper():\n    return {}['nothing']\n")
    result = ipcviz("run", demo, "--json")
    check_refused(result, "mine.py, line 5", "KeyError: 'nothing'")
    assert "return {}['nothing']" in result.err
    assert "return helper()" in result.err


QUIET = """
        print("while importing")
        import os; os.write(1, b"straight to the descriptor\\n"); os.system("echo from a child")
        import sys; assert sys.stdin.read() == ""
        def build():
            print("while building")
            topology = Topology("loud")
            topology.process("p", print, "in the worker")
            return topology
        """


def test_what_a_demo_prints_does_not_disturb_the_stream(ipcviz) -> None:
    result = ipcviz("run", ipcviz.demo(QUIET), "--json")
    assert (result.status, result.err) == (0, "")
    assert [note["text"] for note in result.of("note")] == ["in the worker"]


def test_a_demo_may_import_what_lies_beside_it_but_hides_nothing_of_ours(ipcviz) -> None:
    (ipcviz.folder / "beside.py").write_text("NAME = 'found'\n")
    for name in ("json", "socket", "msgspec", "platform", "selectors"):
        (ipcviz.folder / f"{name}.py").write_text("raise RuntimeError('the wrong one')\n")
    demo = ipcviz.demo(
        """
        import beside
        def build():
            topology = Topology(beside.NAME)
            topology.process("p", print)
            return topology
        """
    )
    # As it is installed, where the current folder is not searched for modules.
    program = [sys.executable, "-P", "-m", "ipcviz"]
    result = ipcviz("run", demo, "--json", program=program)
    assert (result.status, result.err) == (0, "")
    assert result.summary["topology"] == "found"


def test_a_demo_that_never_ends_building_can_be_interrupted(ipcviz, until) -> None:
    (ipcviz.folder / "loop.py").write_text("open('begun', 'w').close()\nwhile True: pass\n")
    run = ipcviz.start("run", "./loop.py", "--json")
    until((ipcviz.folder / "begun").exists)
    run.send(signal.SIGINT)
    result = run.end()
    assert (result.status, result.out, result.err) == (128 + signal.SIGINT, "", "")


def test_a_demo_that_never_ends_building_goes_with_its_reader(ipcviz, until, gone) -> None:
    (ipcviz.folder / "loop.py").write_text("open('begun', 'w').close()\nwhile True: pass\n")
    run = ipcviz.start("run", "./loop.py", "--json")
    until((ipcviz.folder / "begun").exists)
    supervisor = run.find_supervisor()
    run.send(signal.SIGKILL)
    until(lambda: gone(supervisor))


def test_a_demo_that_leaves_threads_and_exit_functions_behind(ipcviz) -> None:
    demo = ipcviz.demo(
        """
        import atexit, os, sys, threading, time
        atexit.register(time.sleep, 1000)
        threading.Thread(target=time.sleep, args=(1000,)).start()
        def build():
            sys.stdout.close()
            os.close(2)
            topology = Topology("left")
            topology.process("p", print, "in the worker")
            return topology
        """
    )
    result = ipcviz("run", demo, "--json", environment={"PYTHONWARNINGS": "ignore"})
    assert (result.status, result.err) == (0, "")
    assert [note["text"] for note in result.of("note")] == ["in the worker"]


def test_an_importing_demo_that_ends_its_process(ipcviz) -> None:
    result = ipcviz("run", ipcviz.demo("import os; os._exit(0)"), "--json")
    assert (result.status, result.out) == (1, "")
    assert result.err == "ipcviz: The supervisor ended with status 0.\n"


def test_a_dumb_terminal_is_told_so(ipcviz) -> None:
    main, side = pty.openpty()
    try:
        run = ipcviz.start("run", "pipeline", environment={"TERM": "dumb"}, stdin=side, stdout=side)
        _, err = run.process.communicate(timeout=20)
    finally:
        os.close(main)
        os.close(side)
    assert run.process.returncode == 2
    assert err.decode().startswith("ipcviz: This terminal (TERM=dumb) cannot show a screen")
    assert "--plain or --json" in err.decode()


def test_without_a_terminal_to_read_keys_from(ipcviz) -> None:
    main, side = pty.openpty()
    try:
        run = ipcviz.start("run", "pipeline", environment={"TERM": "xterm"}, stdout=side)
        _, err = run.process.communicate(timeout=20)
    finally:
        os.close(main)
        os.close(side)
    assert run.process.returncode == 2
    assert "The input is not a terminal" in err.decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("theme = 'blue'", "theme is dark, light or terminal, and not 'blue'."),
        ("[keys]\nfreeze = 'nokey'", "there is no key 'nokey'; a key is one character"),
    ],
)
def test_a_configuration_that_is_broken_makes_no_picture(ipcviz, text, words) -> None:
    file = ipcviz.folder / ".config/ipcviz/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    check_refused(ipcviz("run", "echo", "--seconds", "1", "--svg", "x.svg"), str(file), words)
    assert not (ipcviz.folder / "x.svg").exists()


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "GeneratorExit", "BaseException"])
def test_a_demo_that_raises_what_is_no_usual_error(ipcviz, error) -> None:
    (ipcviz.folder / "odd.py").write_text(f"raise {error}\n")
    check_refused(ipcviz("run", "odd.py", "--json"), f"odd.py, line 1 raised {error}")
    (ipcviz.folder / "late.py").write_text(f"def build():\n    raise {error}\n")
    check_refused(ipcviz("run", "late.py", "--json"), f"late.py, line 2 raised {error}")


def test_a_picture_never_replaces_a_file(ipcviz) -> None:
    file = ipcviz.folder / "talk.ipcz"
    file.write_bytes(b"a recording")
    check_refused(ipcviz("run", "echo", "--seconds", "60", "--svg", "talk.ipcz"), "talk.ipcz", "exists")
    assert file.read_bytes() == b"a recording"


def test_of_a_demo_that_is_refused_no_picture_is_left(ipcviz) -> None:
    check_refused(ipcviz("run", "pipelin", "--svg", "x.svg"), "pipeline")
    assert not (ipcviz.folder / "x.svg").exists()


def test_a_picture_of_a_run_that_was_ended_is_not_begun(ipcviz, until, gone) -> None:
    run = ipcviz.start("run", "echo", "--seconds", "60", "--svg", "x.svg")
    run.find_supervisor()
    run.send(signal.SIGTERM)
    assert run.process.wait(20) == -signal.SIGTERM
    until(lambda: gone(run.supervisor))
    assert not (ipcviz.folder / "x.svg").exists()


def test_a_demo_that_ends_its_process_makes_no_picture(ipcviz) -> None:
    demo = ipcviz.demo("import os\nos._exit(3)\n")
    result = ipcviz("run", demo, "--seconds", "60", "--svg", "x.svg")
    assert (result.status, result.err) == (1, "ipcviz: The supervisor ended with status 3.\n")
    assert not (ipcviz.folder / "x.svg").exists()


@pytest.mark.parametrize("command", ["list", "mechanisms", "doctor", "clean", "--help", "play"])
def test_a_full_disk_is_told_in_a_sentence(ipcviz, command) -> None:
    with open("/dev/full", "wb") as full:
        run = ipcviz.start(command, stdout=full)
        _, err = run.process.communicate(timeout=20)
    assert run.process.returncode == 1
    assert err.decode() == "ipcviz: The output could not be written: No space left on device.\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
def test_closed_descriptors(ipcviz, closed) -> None:
    ran = subprocess.run(
        f"exec {' '.join(ipcviz.program)} run pipeline --json --seconds 0.3 {closed}",
        shell=True,
        capture_output=True,
        text=True,
        timeout=20,
        env=ipcviz.environment,
        cwd=ipcviz.folder,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    if ">&-" not in closed:
        assert json.loads(ran.stdout.splitlines()[-1])["type"] == "summary"


def test_a_sentence_that_nobody_hears_stays_out_of_the_output(ipcviz) -> None:
    ran = subprocess.run(
        f"exec {' '.join(ipcviz.program)} run pipelin --json 2>&-",
        shell=True,
        capture_output=True,
        text=True,
        timeout=20,
        env=ipcviz.environment,
        cwd=ipcviz.folder,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", "")


def test_a_folder_that_is_gone(ipcviz) -> None:
    (ipcviz.folder / "gone").mkdir()
    ran = subprocess.run(
        f"cd gone && rmdir ../gone && exec {sys.executable} -P -m ipcviz run pipeline --json --seconds 0.3",
        shell=True,
        capture_output=True,
        text=True,
        timeout=20,
        env=ipcviz.environment,
        cwd=ipcviz.folder,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


# What the machine does not have.


def test_a_user_without_room_for_queues(ipcviz) -> None:
    limit = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_MSGQUEUE, (0, 0)); "
    program = [sys.executable, "-c", limit + "os.execv(sys.argv[1], sys.argv[1:])", *ipcviz.program]
    result = ipcviz("run", "pipeline", "--json", "-m", "posix-mq", program=program)
    check_refused(result, "message queue", "RLIMIT_MSGQUEUE", "-m shm")


def test_a_machine_without_queues(ipcviz) -> None:
    """Its kernel answers ENOSYS, wherever ipcviz is imported: sitecustomize says so in every process."""
    (ipcviz.folder / "site").mkdir()
    (ipcviz.folder / "site" / "sitecustomize.py").write_text(
        "import errno\n"
        "from ipcviz.mechanisms import libc\n"
        "def refuse(*arguments):\n"
        "    raise OSError(errno.ENOSYS, 'Function not implemented')\n"
        "libc.mq_open = libc.mq_create = refuse\n"
    )
    path = os.pathsep.join([str(ipcviz.folder / "site"), *filter(None, sys.path)])
    environment = {"PYTHONPATH": path}
    check_refused(
        ipcviz("run", "pipeline", "--json", "-m", "posix-mq", environment=environment),
        *("posix-mq is not available here", "CONFIG_POSIX_MQUEUE", "pipe", "shm"),
    )
    assert ipcviz("run", "pipeline", "--json", "--seconds", "0.3", environment=environment).status == 0
    known = json.loads(ipcviz("mechanisms", "--json", environment=environment).out)
    (queue,) = (mechanism for mechanism in known if mechanism["name"] == "posix-mq")
    assert not queue["available"]
    assert "CONFIG_POSIX_MQUEUE" in queue["reason"]
    assert queue["limits"] == {}


SMALL = "mount -t tmpfs -o size={size} tmpfs /dev/shm"


def in_small_memory(ipcviz, size: str) -> list[str]:
    """The program where /dev/shm is that small, in a mount namespace of its own; skips if not permitted."""
    enter = [*("unshare", "--mount"), *(() if os.getuid() == 0 else ("--map-root-user",))]
    tried = subprocess.run([*enter, "sh", "-c", SMALL.format(size=size)], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"a mount namespace is not permitted here: {tried.stderr.decode().strip()}")
    return [*enter, "sh", "-c", f'{SMALL.format(size=size)} && exec "$@"', "sh", *ipcviz.program]


@pytest.mark.skipif(shutil.which("unshare") is None, reason="unshare(1) is not there")
def test_full_shared_memory(ipcviz) -> None:
    program = in_small_memory(ipcviz, "1536k")
    result = ipcviz("run", "pipeline", "--json", "-m", "shm", program=program)
    check_refused(result, "'counts'", "1024 KiB in /dev/shm", "no room", "-m pipe")


@pytest.mark.skipif(shutil.which("unshare") is None, reason="unshare(1) is not there")
def test_no_shared_memory_for_a_lock(ipcviz) -> None:
    program = in_small_memory(ipcviz, "4k")
    check_refused(ipcviz("run", "philosophers", "--json", program=program), "lock", "no room in /dev/shm")


def test_too_few_descriptors(ipcviz) -> None:
    program = ["sh", "-c", 'ulimit -n 40; exec "$@"', "sh", *ipcviz.program]
    result = ipcviz("run", "worker_pool", "--json", "-m", "posix-mq", "--set", "workers=30", program=program)
    check_refused(result, "could not be started", "Too many open files", "fewer")
    result = ipcviz("run", "pipeline", "--json", "-m", "shm", "--set", "stages=12", program=program)
    check_refused(result, "Too many open files")


def test_a_list_of_runs_that_cannot_be_kept(ipcviz) -> None:
    (ipcviz.runtime / "ipcviz").write_text("")
    result = ipcviz("run", "pipeline", "--json")
    (ipcviz.runtime / "ipcviz").unlink()
    check_refused(result, "list of what a run makes", str(ipcviz.runtime), "XDG_RUNTIME_DIR")


def unprivileged(ipcviz) -> list[str]:
    """The program as nobody, who may not read everybody's home: with an interpreter that they can start."""
    path = os.pathsep.join([str(Path(importlib.util.find_spec("ipcviz").origin).parent.parent), *sys.path])
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    become = ["setpriv", "--reuid=nobody", "--clear-groups", "env", f"PYTHONPATH={path}"]
    for python in filter(None, (sys.executable, shutil.which(version, path="/usr/bin:/usr/local/bin"))):
        tried = [*become, python, "-c", "import click, msgspec, psutil, ipcviz.cli"]
        if subprocess.run(tried, capture_output=True, check=False, cwd="/").returncode == 0:
            return [*become, "XDG_RUNTIME_DIR=", python, "-m", "ipcviz"]
    return pytest.skip("no interpreter with these libraries can be started by nobody")


@pytest.mark.skipif(os.getuid() != 0 or shutil.which("setpriv") is None, reason="only root can become nobody")
@pytest.mark.parametrize("mechanism", ["pipe", "unix-stream", "posix-mq", "shm"])
def test_an_ordinary_user(ipcviz, mechanism) -> None:
    program = unprivileged(ipcviz)
    chosen = ("--seconds", "0.5", "-m", mechanism)
    result = ipcviz(
        "run", "pipeline", "--json", *chosen, program=program, cwd="/", environment={"HOME": "/tmp"}
    )
    assert (result.status, result.err) == (0, "")
    for channel in result.summary["channels"]:
        assert channel["sent"] == channel["received"] + channel["in_flight"] > 0
        assert channel["depth"]["quality"] == "exact"
