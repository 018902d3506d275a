"""Events as JSON arrays: `[type, field, field, ...]` in the order of `events.py`, one a line.

A field that a later version adds stands last and has a default: so a reader takes older lines, and passes
over what it does not know.
"""

from __future__ import annotations

import types
import typing
from functools import cache
from typing import Any

import msgspec

from ipcviz import events as ev

KINDS: tuple[Any, ...] = typing.get_args(ev.AnyEvent)


@cache
def _twin(kind: Any) -> Any:
    """The same Struct, told as an array."""
    hints = typing.get_type_hints(kind)
    fields: list[Any] = []
    for field in msgspec.structs.fields(kind):
        told = _twin_type(hints[field.name])
        if field.required:
            fields.append((field.name, told))
        elif field.default is not msgspec.NODEFAULT:
            fields.append((field.name, told, field.default))
        else:
            fields.append((field.name, told, msgspec.field(default_factory=field.default_factory)))
    tag = kind.__struct_config__.tag
    return msgspec.defstruct(
        f"{kind.__name__}Array", fields, array_like=True, tag=tag, frozen=True, kw_only=True
    )


def _twin_type(hint: Any) -> Any:
    """The type of a field, with arrays for the Structs in it."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _twin(hint)
    arguments = typing.get_args(hint)
    if not arguments or typing.get_origin(hint) is typing.Literal:
        return hint
    told = tuple(_twin_type(argument) for argument in arguments)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.Union[told]  # noqa: UP007 - made of a tuple
    return typing.get_origin(hint)[told]


TWINS = {kind: _twin(kind) for kind in KINDS}
_ORIGINALS = {twin: kind for kind, twin in TWINS.items()}
_AnyTwin: Any = typing.Union[tuple(TWINS.values())]  # noqa: UP007 - made of a tuple
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_AnyTwin)


def twin_of(event: ev.AnyEvent) -> Any:
    """The event as its array type."""
    return msgspec.convert(event, TWINS[type(event)], from_attributes=True)


def original_of(twin: Any) -> ev.AnyEvent:
    """The event of an array type; raises `msgspec.ValidationError`."""
    event: ev.AnyEvent = msgspec.convert(twin, _ORIGINALS[type(twin)], from_attributes=True)
    return event


def encode(event: ev.AnyEvent) -> bytes:
    """One line of JSON, without its newline."""
    try:
        return _encoder.encode(twin_of(event))
    except UnicodeEncodeError:
        # What stands for bytes that are no text is written out, as in the stream.
        return _encoder.encode(twin_of(ev.decode(ev.encode(event))))


def decode(line: bytes) -> ev.AnyEvent:
    """The event of one line; raises `msgspec.DecodeError`."""
    return original_of(_decoder.decode(line))
