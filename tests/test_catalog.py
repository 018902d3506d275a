"""Demos: finding, loading, setting and building them, and the sentence for everything that can be wrong."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from ipcviz import catalog
from ipcviz.catalog import CatalogError

HEAD = "from ipcviz import *\nfrom typing import *\nfrom msgspec import Meta\nfrom pathlib import Path\n"
BODY = """
def build({signature}):
    topology = Topology("mine")
    channel = topology.channel("c")
    topology.process("one", print, channel.sender, channel.receiver)
    {more}
    return topology
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write a demo file; its path."""

    def written(text: str, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return path

    return written


@pytest.fixture
def demo(write: Any) -> Any:
    """A demo of that signature."""

    def made(signature: str = "", more: str = "pass") -> catalog.Demo:
        return catalog.load(write(HEAD + BODY.format(signature=signature, more=more)))

    return made


def refusal(call: Any, *arguments: Any) -> CatalogError:
    with pytest.raises(CatalogError) as caught:
        call(*arguments)
    text = str(caught.value)
    assert text.endswith((".", "?")), text
    assert "Traceback" not in text
    assert "ipcviz/catalog.py" not in text + caught.value.detail
    return caught.value


# ---- finding -------------------------------------------------------------------------------------------


def test_the_demos_that_come_along() -> None:
    assert catalog.names() == sorted(catalog.names())
    assert {"bounded_buffer", "philosophers", "pipeline", "request_reply", "worker_pool"} <= set(
        catalog.names()
    )
    for name in catalog.names():
        demo = catalog.load(catalog.find(name))
        assert demo.name == name
        assert demo.about
        topology = catalog.build(demo, catalog.values(demo, {}))
        assert topology.name == name
        assert topology.about.endswith(".")


@pytest.mark.parametrize(
    ("wanted", "near"),
    [("pipelin", "pipeline"), ("philosopher", "philosophers"), ("worker-pool", "worker_pool")],
)
def test_an_unknown_demo_gets_the_nearest_names(wanted: str, near: str) -> None:
    assert str(refusal(catalog.find, wanted)) == f"There is no demo {wanted!r}; did you mean {near}?"


@pytest.mark.parametrize("wanted", ["zzz", "", "_hidden", "*"])
def test_an_unknown_demo_like_no_other_gets_all_names(wanted: str) -> None:
    sentence = str(refusal(catalog.find, wanted))
    assert sentence == f"There is no demo {wanted!r}; there are {', '.join(catalog.names())}."


def test_a_demo_of_ones_own(write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("x = 1", "own.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for wanted in (str(path), "own.py", "./own.py", "~/own.py"):
        assert catalog.find(wanted) == path.resolve()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert str(refusal(catalog.find, f"{tmp_path}/no.py")) == f"There is no file {tmp_path}/no.py."
    assert str(refusal(catalog.find, f"{tmp_path}/")) == f"{tmp_path} is a folder; a demo is a Python file."


@pytest.mark.parametrize("wanted", ["~nobody-of-that-name/x.py", "./" + "x" * 5000 + ".py"])
def test_a_path_that_cannot_be(wanted: str) -> None:
    refusal(catalog.find, wanted)


# ---- loading -------------------------------------------------------------------------------------------


def test_the_signature_is_the_list_of_parameters(demo: Any) -> None:
    loaded = demo(
        "n: Annotated[int, Meta(ge=1, le=9)] = 3, pace: Annotated[float, Meta(gt=0, lt=5)] = 1.5, "
        'how: Literal["a", "b"] = "a", on: bool = True, text: TextFile = Path("t"), '
        'where: Folder = Path("."), any_path: Path = Path("p"), word: str = "w", untyped="u"'
    )
    assert [(parameter.name, parameter.type, parameter.default) for parameter in loaded.parameters] == [
        ("n", "int from 1 to 9", 3),
        ("pace", "float above 0 below 5", 1.5),
        ("how", "a | b", "a"),
        ("on", "yes | no", True),
        ("text", "text file", Path("t")),
        ("where", "folder", Path(".")),
        ("any_path", "path", Path("p")),
        ("word", "str", "w"),
        ("untyped", "str", "u"),
    ]


def test_the_first_line_of_the_docstring_is_what_it_is_about(write: Any) -> None:
    assert catalog.load(write('"""What it is.\n\nMore."""\ndef build(): ...')).about == "What it is."
    assert catalog.load(write("def build(): ...")).about == ""


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert str(refusal(catalog.load, tmp_path / "gone.py")).endswith(
        "gone.py cannot be read: No such file or directory."
    )


def test_a_syntax_error_shows_the_authors_line(write: Any) -> None:
    path = write("x = 1\ny = = 2\n")
    error = refusal(catalog.load, path)
    assert str(error) == f"{path}, line 2: invalid syntax."
    assert error.detail == "    y = = 2"


def test_a_syntax_error_in_a_module_of_the_authors_names_that_file(
    write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = write("a = 1\nb = 2\nc = (\n", "my_broken_helper.py")
    path = write("import my_broken_helper\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert str(refusal(catalog.load, path)) == f"{helper}, line 3: '(' was never closed."


@pytest.mark.parametrize("text", ["\0", "x = '\udc80'"])
def test_a_file_that_is_no_python(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.py"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert str(path) in str(refusal(catalog.load, path))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero."),
        ("import a_module_that_is_not_there", "No module named 'a_module_that_is_not_there'."),
        ("raise SystemExit(3)", "SystemExit: 3."),
        ("exit('enough.')", "SystemExit: enough."),
        ("nobody", "NameError: name 'nobody' is not defined."),
        ("eval('1 +')", "SyntaxError: invalid syntax (<string>, line 1)."),
    ],
)
def test_an_exception_while_it_is_loaded_shows_the_authors_line(write: Any, line: str, sentence: str) -> None:
    path = write(f"import os\n\ndef helper():\n    {line}\n\nhelper()\n")
    error = refusal(catalog.load, path)
    assert str(error).startswith(f"{path}, line 4: ")
    assert str(error).endswith(sentence)
    assert f'File "{path}", line 6' in error.detail
    assert f'File "{path}", line 4, in helper' in error.detail
    assert "catalog.py" not in error.detail


def test_a_file_without_build(write: Any) -> None:
    path = write("x = 1\n")
    sentence = f"{path} has no function `build`; a demo needs one that returns a Topology."
    assert str(refusal(catalog.load, path)) == sentence
    assert str(refusal(catalog.load, write("build = 3\n"))) == sentence


def test_a_parameter_without_a_default(write: Any) -> None:
    path = write("def build(n: int): ...\n")
    assert str(refusal(catalog.load, path)) == f"{path}: parameter 'n' of `build` needs a default."


@pytest.mark.parametrize(
    "build",
    [
        "def build(n: Nothing = 1): ...",
        "def build(n: '1 +' = 1): ...",
        "import os\ndef build(n: 'os.nothing' = 1): ...",
        "build = type",
    ],
)
def test_a_signature_that_cannot_be_read(write: Any, build: str) -> None:
    path = write(f"from __future__ import annotations\n{build}\n")
    assert str(refusal(catalog.load, path)).startswith(f"{path}: ")


# ---- setting -------------------------------------------------------------------------------------------


def test_values_are_converted_and_the_others_stay_at_their_default(demo: Any) -> None:
    loaded = demo(
        "n: Annotated[int, Meta(ge=1)] = 3, pace: float = 1, on: bool = False, "
        'how: Literal["a", "b"] = "a", word: str = "w", m: int = 8'
    )
    settings = {"n": "7", "pace": "2.5", "on": "true", "how": "b", "word": "12"}
    chosen = catalog.values(loaded, settings)
    assert chosen == {"n": 7, "pace": 2.5, "on": True, "how": "b", "word": "12", "m": 8}
    assert {type(value) for value in chosen.values()} == {int, float, bool, str}


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("n", "x", "int from 1 to 9"),
        ("n", "", "int from 1 to 9"),
        ("n", "0", "int from 1 to 9"),
        ("n", "10", "int from 1 to 9"),
        ("n", "2.5", "int from 1 to 9"),
        ("pace", "nan", "float from 0"),
        ("pace", "inf", "float from 0"),
        ("pace", "-inf", "float from 0"),
        ("pace", "1e999", "float from 0"),
        ("pace", "-1", "float from 0"),
        ("pace", "fast", "float from 0"),
        ("free", "nan", "float"),
        ("free", "-Infinity", "float"),
        ("how", "c", "a | b"),
        ("how", "A", "a | b"),
        ("on", "perhaps", "yes | no"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_accepted(demo: Any, name: str, value: str, takes: str) -> None:
    loaded = demo(
        "n: Annotated[int, Meta(ge=1, le=9)] = 3, pace: Annotated[float, Meta(ge=0)] = 1, free: float = 1, "
        'how: Literal["a", "b"] = "a", on: bool = True'
    )
    error = refusal(catalog.values, loaded, {name: value})
    assert str(error) == f"Parameter {name!r} cannot be {value!r}; it takes: {takes}."


def test_an_unknown_parameter(demo: Any) -> None:
    loaded = demo("stages: int = 1, rate: int = 2")
    assert str(refusal(catalog.values, loaded, {"stage": "4"})) == (
        "mine has no parameter 'stage'; did you mean stages?"
    )
    assert str(refusal(catalog.values, loaded, {"xyz": "4"})) == (
        "mine has no parameter 'xyz'; it takes stages, rate."
    )
    assert str(refusal(catalog.values, demo(), {"n": "4"})) == "mine has no parameter 'n'; it takes none."


@pytest.fixture
def files(demo: Any, tmp_path: Path) -> Any:
    """A demo that takes a text file and a folder."""
    (tmp_path / "good.txt").write_text("text\n")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "binary").write_bytes(b"ELF\0\1")
    os.mkfifo(tmp_path / "fifo")
    return demo("text: TextFile = Path(__file__), folder: Folder = Path(__file__).parent")


@pytest.mark.parametrize(
    ("name", "file", "wrong"),
    [
        ("text", "nothing.txt", "is not there; it takes a text file."),
        ("text", ".", "is not a file; it takes a text file."),
        ("text", "fifo", "is not a file; it takes a text file."),
        ("text", "binary", "is not text (it holds NUL bytes)."),
        ("text", "x" * 300, "cannot be read (File name too long)."),
        ("folder", "nothing", "is not there."),
        ("folder", "good.txt", "is not a folder."),
        ("folder", "x" * 300, "cannot be read (File name too long)."),
    ],
)
def test_a_file_that_cannot_be_used(files: Any, tmp_path: Path, name: str, file: str, wrong: str) -> None:
    path = tmp_path / file
    assert str(refusal(catalog.values, files, {name: str(path)})) == f"Parameter {name!r}: {path} {wrong}"


@pytest.mark.parametrize("name", ["text", "folder"])
def test_the_home_of_nobody(files: Any, name: str) -> None:
    error = refusal(catalog.values, files, {name: "~nobody-of-that-name/x"})
    assert str(error).startswith(f"Parameter {name!r}: ~nobody-of-that-name/x ")


def test_files_that_can_be_used(files: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("good.txt", "empty.txt"):
        assert catalog.values(files, {"text": f"~/{name}"})["text"] == tmp_path / name
    assert catalog.values(files, {"folder": str(tmp_path)})["folder"] == tmp_path
    assert catalog.values(files, {})["folder"] == tmp_path


def test_a_default_that_is_not_there_is_told_too(demo: Any) -> None:
    loaded = demo('text: TextFile = Path("/nowhere/at/all.txt")')
    assert "Parameter 'text': /nowhere/at/all.txt is not there" in str(refusal(catalog.values, loaded, {}))


# ---- building ------------------------------------------------------------------------------------------


def test_what_build_is_given(demo: Any) -> None:
    loaded = demo("n: int = 1", 'topology.process("more", print, n)')
    topology = catalog.build(loaded, catalog.values(loaded, {"n": "5"}))
    assert topology.processes["more"].arguments == (5,)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero."),
        ("raise SystemExit(3)", "SystemExit: 3."),
        ('raise RuntimeError("Too bad.")', "RuntimeError: Too bad."),
        ("topology.process('x', print).y", "AttributeError: 'NoneType' object has no attribute 'y'."),
        ("topology.nothing()", "AttributeError: 'Topology' object has no attribute 'nothing'."),
    ],
)
def test_an_exception_while_it_is_built_shows_the_authors_line(demo: Any, line: str, sentence: str) -> None:
    loaded = demo("", line)
    error = refusal(catalog.build, loaded, {})
    number = loaded.path.read_text().split("\n").index(f"    {line}") + 1
    assert str(error) == f"{loaded.path}, line {number}: {sentence}"
    assert error.detail.startswith(f'  File "{loaded.path}", line {number}, in build')
    assert line in error.detail


def test_an_exception_deep_in_other_code_names_the_authors_last_line(demo: Any) -> None:
    loaded = demo("", 'import json; json.loads("{")')
    error = refusal(catalog.build, loaded, {})
    assert "JSONDecodeError" in str(error)
    assert f"{loaded.path}, line " in str(error)
    assert "json/decoder.py" in error.detail


@pytest.mark.parametrize("returned", ["None", "3", "Topology", "[]"])
def test_build_that_returns_something_else(demo: Any, returned: str) -> None:
    error = refusal(catalog.build, demo("", f"return {returned}"), {})
    assert "`build` returned" in str(error)
    assert "which is not a Topology." in str(error)


def test_a_wrong_declaration_is_told_in_its_own_words(demo: Any) -> None:
    error = refusal(catalog.build, demo("", 'topology.channel("c")'), {})
    assert str(error).endswith("mine.py: channel 'c': that name is taken already.")
    error = refusal(catalog.build, demo("", 'topology.channel("unused")'), {})
    assert "channel 'unused' has no sender" in str(error)


def test_a_demo_whose_own_module_can_be_found(write: Any) -> None:
    path = write("", "mine.py")
    lines = [
        '"""Mine."""',
        f"assert __file__ == {str(path)!r}",
        "import sys",
        "assert __name__ in sys.modules",
    ]
    path.write_text("\n".join([*lines, "def build(): ..."]))
    assert catalog.load(path).about == "Mine."
    assert sys.modules["ipcviz_demo_mine"].__file__ == str(path)
