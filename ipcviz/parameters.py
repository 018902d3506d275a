"""Parameters of demos and options of mechanisms: their types in words, and texts turned into values."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

FILE_WORDS = ("text file", "folder", "path")
_YES = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def type_words(annotation: Any) -> str:
    """int, float from 0, naive | ordered | waiter, text file, yes | no, ..."""
    if get_origin(annotation) is Literal:
        return " | ".join(map(str, get_args(annotation)))
    if get_origin(annotation) is typing.Annotated:
        inner, *extras = get_args(annotation)
        words = [extra for extra in extras if isinstance(extra, str)]
        if words:
            return words[0]
        ranges = [extra for extra in extras if isinstance(extra, msgspec.Meta)]
        return " ".join([type_words(inner), *filter(None, map(_range_words, ranges))])
    if annotation is bool:
        return "yes | no"
    return str(getattr(annotation, "__name__", annotation)).replace("Path", "path")


def value_of(text: str, annotation: Any) -> Any:
    """The text as a value of that type; None if it is none."""
    if type_words(annotation) in FILE_WORDS:
        return path_of(text)
    inner = get_args(annotation)[0] if get_origin(annotation) is typing.Annotated else annotation
    plain = _YES.get(text.lower(), text) if inner is bool else text
    try:
        value = msgspec.convert(plain, annotation, strict=False)
    except msgspec.ValidationError:
        return None
    # "nan" and "inf" are floats that no pace or size can be.
    return None if isinstance(value, float) and value - value != 0 else value


def words_of(value: Any) -> str:
    """A value as it is typed: True is yes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def path_of(text: str) -> Path:
    """The path; one that begins with the home of a user who is not there stays as it is."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _range_words(meta: msgspec.Meta) -> str:
    bounds = ((meta.ge, "from"), (meta.gt, "above"), (meta.le, "to"), (meta.lt, "below"))
    return " ".join(f"{word} {bound}" for bound, word in bounds if bound is not None)
