"""Demos: finding them, loading their file, and turning `--set name=value` into what `build` takes.

The signature of `build` is the list of parameters. Everything that can be wrong raises `CatalogError`
with one sentence; for an exception of a demo's own, `detail` holds the author's part of the traceback.
"""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import sys
import traceback
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ipcviz.parameters import path_of, type_words, value_of
from ipcviz.topology import Topology, TopologyError


class CatalogError(Exception):
    """A demo cannot be found, loaded or built; the message is a sentence, `detail` more lines."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a demo: its name, its type in words, its default."""

    name: str
    type: str
    default: Any
    annotation: Any


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo file, loaded: of its docstring, `about` is the first line, `look` the paragraph after it."""

    name: str
    path: Path
    about: str
    look: str
    parameters: tuple[Parameter, ...]
    build: Callable[..., Topology]


def folder() -> Path:
    """Where the demos that come with ipcviz are: inside the installed package, or beside it."""
    package = Path(__file__).resolve().parent
    inside = package / "demos"
    return inside if inside.is_dir() else package.parent / "demos"


def names() -> list[str]:
    """The demos that come with ipcviz."""
    return sorted(path.stem for path in folder().glob("*.py") if not path.stem.startswith("_"))


def find(wanted: str) -> Path:
    """The file of a demo by its name, or by a path that ends in .py or has a slash."""
    if wanted.endswith(".py") or "/" in wanted:
        return _own_file(path_of(wanted))
    path = folder() / f"{wanted}.py"
    if wanted in names():
        return path
    near = difflib.get_close_matches(wanted, names(), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names())}."
    raise CatalogError(f"There is no demo {wanted!r}; {hint}")


def load(path: Path) -> Demo:
    """Run the demo's file and read the signature of its `build`."""
    module = _module(path)
    build = getattr(module, "build", None)
    if not callable(build):
        raise CatalogError(f"{path} has no function `build`; a demo needs one that returns a Topology.")
    try:
        hints = typing.get_type_hints(build, include_extras=True)
        signature = inspect.signature(build)
    except Exception as error:  # an annotation may be any expression
        why = str(error).rstrip(".")
        raise CatalogError(f"{path}: the signature of `build` cannot be read: {why}.") from None
    parameters = tuple(
        _parameter(path, item, hints.get(name, str)) for name, item in signature.parameters.items()
    )
    about, _, rest = inspect.cleandoc(module.__doc__ or "").partition("\n")
    look = " ".join(rest.strip().split("\n\n")[0].split())
    return Demo(path.stem, path, about, look, parameters, build)


def values(demo: Demo, settings: Mapping[str, str]) -> dict[str, Any]:
    """Every parameter's value: the default, or what was set, converted and checked."""
    known = {parameter.name: parameter for parameter in demo.parameters}
    for name in settings:
        if name not in known:
            raise CatalogError(_unknown_parameter(demo, name))
    chosen = {
        name: _converted(parameter, settings[name]) if name in settings else parameter.default
        for name, parameter in known.items()
    }
    for name, value in chosen.items():
        _check_file(name, value, known[name].type)
    return chosen


def build(demo: Demo, chosen: Mapping[str, Any]) -> Topology:
    """Call `build` and check what it declares."""
    try:
        topology = demo.build(**chosen)
        if not isinstance(topology, Topology):
            raise CatalogError(f"{demo.path}: `build` returned {topology!r}, which is not a Topology.")
        topology.check()
    except TopologyError as error:
        raise CatalogError(f"{demo.path}: {error}.") from None
    except CatalogError:
        raise
    except (Exception, SystemExit) as error:
        raise _author_error(demo.path, error) from None
    return topology


def _own_file(path: Path) -> Path:
    try:
        if path.is_dir():
            raise CatalogError(f"{path} is a folder; a demo is a Python file.")
        if not path.exists():
            raise CatalogError(f"There is no file {path}.")
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}.") from None
    return path.resolve()


def _module(path: Path) -> ModuleType:
    name = f"ipcviz_demo_{path.stem}"
    specification = importlib.util.spec_from_loader(name, loader=None)
    if specification is None:
        raise CatalogError(f"{path} cannot be loaded.")
    module = importlib.util.module_from_spec(specification)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}.") from None
    except (Exception, SystemExit) as error:
        raise _author_error(path, error) from None
    return module


def _author_error(path: Path, error: BaseException) -> CatalogError:
    """The error where the author can see it: frames of their own files, none of ours."""
    if isinstance(error, SyntaxError) and not (error.filename or "").startswith("<"):
        where = f"line {error.lineno}" if error.lineno else "a line"
        source = (error.text or "").rstrip()
        file = error.filename or path  # a module that the demo imports may be the one
        return CatalogError(f"{file}, {where}: {error.msg}.", f"    {source.strip()}" if source else "")
    line, detail = author_traceback(error, path)
    where = f"{path}, line {line}" if line else str(path)
    return CatalogError(f"{where}: {type(error).__name__}: {error}".rstrip(".") + ".", detail)


def author_traceback(error: BaseException, path: Path) -> tuple[int | None, str]:
    """The last line number in the demo's own file, and the traceback from there on."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [number for number, frame in enumerate(frames) if frame.filename == str(path)]
    if not own:
        return None, ""
    package = str(Path(__file__).resolve().parent) + "/"
    shown = [
        frame
        for frame in frames[own[0] :]
        if not frame.filename.startswith(package) or "/demos/" in frame.filename
    ]
    return frames[own[-1]].lineno, "".join(traceback.format_list(shown)).rstrip()


def _parameter(path: Path, item: inspect.Parameter, annotation: Any) -> Parameter:
    if item.default is inspect.Parameter.empty:
        raise CatalogError(f"{path}: parameter {item.name!r} of `build` needs a default.")
    return Parameter(item.name, type_words(annotation), item.default, annotation)


def _converted(parameter: Parameter, text: str) -> Any:
    value = value_of(text, parameter.annotation)
    if value is None:
        raise CatalogError(f"Parameter {parameter.name!r} cannot be {text!r}; it takes: {parameter.type}.")
    return value


def _unknown_parameter(demo: Demo, name: str) -> str:
    known = [parameter.name for parameter in demo.parameters]
    if not known:
        return f"{demo.name} has no parameter {name!r}; it takes none."
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}."
    return f"{demo.name} has no parameter {name!r}; {hint}"


def _check_file(name: str, value: Any, kind: str) -> None:
    if kind == "text file":
        _check_text(name, value)
    elif kind == "folder":
        _check_folder(name, value)


def _check_folder(name: str, path: Path) -> None:
    try:
        if path.is_dir():
            return
        what = "is not a folder" if path.exists() else "is not there"
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
    raise CatalogError(f"Parameter {name!r}: {path} {what}.")


def _check_text(name: str, path: Path) -> None:
    """A text file can be read and its first 64 KiB hold no NUL byte, which is how grep(1) tells, too."""
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "is not there"
            raise CatalogError(f"Parameter {name!r}: {path} {what}; it takes a text file.")
        with path.open("rb") as file:
            binary = b"\0" in file.read(65536)
    except OSError as error:
        raise CatalogError(f"Parameter {name!r}: {path} cannot be read ({error.strerror}).") from None
    if binary:
        raise CatalogError(f"Parameter {name!r}: {path} is not text (it holds NUL bytes).")
