"""What `ipcviz list` and `ipcviz mechanisms` tell, as plain values and as lines."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from ipcviz import catalog, options, units
from ipcviz.catalog import CatalogError
from ipcviz.choice import able_for_all, able_for_all_locks, near
from ipcviz.mechanisms import LOCKS, MECHANISMS
from ipcviz.mechanisms.contract import LockMechanism, Mechanism
from ipcviz.parameters import words_of

__all__ = ["CatalogError", "demo_lines", "demos", "mechanism", "mechanism_lines", "mechanisms"]

GROUPS = (
    "Passing messages",
    "Sharing work",
    "One to many",
    "Full and empty",
    "Shared state",
    "Locks",
    "What lasts",
    "When things fail",
)
"""What the demos teach, in the order in which a course would go; others follow."""
_WIDTH = 100


def demos() -> list[dict[str, Any]]:
    """The demos that come with ipcviz, by what they teach; raises `CatalogError` if one is broken."""
    known = [_demo(name) for name in catalog.names()]
    order = {group: number for number, group in enumerate(GROUPS)}
    return sorted(known, key=lambda demo: (order.get(demo["teaches"], len(GROUPS)), demo["name"]))


def mechanisms() -> list[dict[str, Any]]:
    """Every mechanism and lock, available or not."""
    return [_entry(known) for known in _everything().values()]


def mechanism(name: str) -> dict[str, Any]:
    """One of them; raises `CatalogError` where there is none of that name."""
    known = _everything()
    if name not in known:
        raise CatalogError(f"There is no mechanism or lock {name!r}; {near(name, known)}")
    return _entry(known[name])


def _everything() -> dict[str, Mechanism | LockMechanism]:
    return {**MECHANISMS, **LOCKS}


def _entry(known: Mechanism | LockMechanism) -> dict[str, Any]:
    reason = known.unavailable()
    return {
        "name": known.name,
        "family": known.family,
        "about": known.about,
        "available": reason is None,
        "reason": reason or "",
        "traits": known.traits.as_dict(),
        "limits": known.limits() if reason is None else {},
        "options": [
            {"name": info.name, "type": info.type, "default": info.default, "about": info.about}
            for info in options.infos(known.options)
        ],
        "depth_source": known.depth_source,
        "good": known.good,
        "bad": known.bad,
        "manual": list(known.manual),
    }


def demo_lines(known: list[dict[str, Any]]) -> Iterator[str]:
    """The groups, and one paragraph a demo."""
    for group, members in groupby(known, key=lambda demo: demo["teaches"]):
        yield f"── {group or 'Others'} ──"
        yield ""
        for demo in members:
            yield from _demo_paragraph(demo)
    yield "Run one with: ipcviz run NAME"


def _demo_paragraph(demo: dict[str, Any]) -> Iterator[str]:
    yield demo["name"]
    yield from textwrap.wrap(demo["about"], _WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield from textwrap.wrap(demo["look"], _WIDTH, initial_indent="  ", subsequent_indent="  ")
    for parameter in demo["parameters"]:
        yield f"    --set {parameter['name']}={words_of(parameter['default'])}  ({parameter['type']})"
    yield from textwrap.wrap(
        meaning_of_parameters(demo["name"]), _WIDTH, initial_indent="    ", subsequent_indent="    "
    )
    if demo["channels"]:
        yield from _wrapped_names("runs on ", demo["mechanisms"] or ["a mechanism for each channel"])
    if demo["has_locks"]:
        yield from _wrapped_names("locks: ", demo["locks"] or ["a kind for each lock"])
    yield ""


def _wrapped_names(begin: str, names: list[str]) -> list[str]:
    return textwrap.wrap(
        begin + ", ".join(names),
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )


def matrix() -> dict[str, Any]:
    """Which demo runs on which mechanism and lock: all of its channels, all of its locks."""
    known = demos()
    return {
        "mechanisms": list(MECHANISMS),
        "locks": list(LOCKS),
        "unavailable": {
            name: reason for name, item in _everything().items() if (reason := item.unavailable()) is not None
        },
        "demos": [
            {
                "name": demo["name"],
                "teaches": demo["teaches"],
                "mechanisms": demo["mechanisms"],
                "locks": demo["locks"],
            }
            for demo in known
        ],
    }


def matrix_lines(table: dict[str, Any]) -> Iterator[str]:
    """A row for each demo, a column for each mechanism and lock, their names written downwards."""
    columns = [*table["mechanisms"], "", *table["locks"]]
    width = max(len(demo["name"]) for demo in table["demos"])
    height = max(map(len, columns))
    for row in range(height):
        letters = (name.rjust(height)[row] for name in columns)
        yield f"{'':{width}}  {' '.join(letters)}".rstrip()
    for demo in table["demos"]:
        can = {*demo["mechanisms"], *demo["locks"]}
        marks = (" " if not name else "●" if name in can else "·" for name in columns)
        yield f"{demo['name']:{width}}  {' '.join(marks)}"
    yield ""
    yield "● all channels, or all locks, of the demo can be of that kind; · they cannot."
    for name, reason in table["unavailable"].items():
        yield f"{name} is not available here: {reason}."


def mechanism_lines(known: list[dict[str, Any]]) -> Iterator[str]:
    """One paragraph a mechanism."""
    for item in known:
        yield from _head(item)
        yield from (f"  {line}" for line in _trait_words(item["traits"]))
        for name, value in item["limits"].items():
            yield f"    {name.replace('_', ' ')}: {_limit(name, value)}"
        yield ""
    yield "One page on each: ipcviz mechanisms NAME"


def mechanism_page(item: dict[str, Any]) -> Iterator[str]:
    """One page on one mechanism or lock."""
    yield from _head(item)
    yield ""
    yield from _labelled("For it", item["good"])
    yield from _labelled("Against it", item["bad"])
    yield from _labelled("Known by", item["depth_source"])
    yield ""
    yield "Traits"
    yield from (f"  {line}" for line in _trait_words(item["traits"]))
    if item["limits"]:
        yield "This machine's limits"
    for name, value in item["limits"].items():
        yield f"  {name.replace('_', ' ')}: {_limit(name, value)}"
    if item["options"]:
        yield f"Options, as in {'-l' if 'lock' in item['traits']['kinds'] else '-m'} {_example(item)}"
        for option in item["options"]:
            default = option["default"] or "empty"
            yield f"  {option['name']}={default}  ({option['type']}; {option['about']})"
    yield from _labelled("To read", ", ".join(item["manual"]))


def _head(item: dict[str, Any]) -> Iterator[str]:
    state = "" if item["available"] else f"  NOT AVAILABLE: {item['reason']}"
    yield f"{item['name']}  ({item['family']}){state}"
    yield f"  {item['about']}"


def _labelled(label: str, text: str) -> list[str]:
    if not text:
        return []
    return textwrap.wrap(
        text, _WIDTH, initial_indent=f"{label:11} ", subsequent_indent=" " * 12, break_on_hyphens=False
    )


def _example(item: dict[str, Any]) -> str:
    option = item["options"][0]
    return f"{item['name']}:{option['name']}={option['default'] or 'VALUE'}"


def meaning_of_parameters(name: str) -> str:
    """What the demo's `build` says of its parameters."""
    return " ".join((inspect.getdoc(catalog.load(catalog.find(name)).build) or "").split())


def _demo(name: str) -> dict[str, Any]:
    demo = catalog.load(catalog.find(name))
    defaults = {parameter.name: parameter.default for parameter in demo.parameters}
    topology = catalog.build(demo, defaults)
    parameters = [
        {
            "name": p.name,
            "type": p.type,
            "default": str(p.default) if isinstance(p.default, Path) else p.default,
        }
        for p in demo.parameters
    ]
    return {
        "name": demo.name,
        "teaches": topology.teaches,
        "about": demo.about,
        "look": demo.look,
        "parameters": parameters,
        "mechanisms": able_for_all(topology),
        "locks": able_for_all_locks(topology),
        "channels": list(topology.channels),
        "has_locks": bool(topology.locks),
    }


def _trait_words(traits: dict[str, Any]) -> Iterator[str]:
    if "senders" not in traits:
        yield from _lock_words(traits)
        return
    yield f"{_many(traits['senders'], 'sender')}, {_many(traits['receivers'], 'receiver')}"
    yes = [name.replace("_", " ") for name, value in traits.items() if value is True]
    no = [name.replace("_", " ") for name, value in traits.items() if value is False]
    yield f"carries {', '.join(traits['kinds'])}; {traits['reach']}"
    yield f"yes: {', '.join(yes) or 'nothing'}"
    yield f"no: {', '.join(no) or 'nothing'}"


def _lock_words(traits: dict[str, Any]) -> Iterator[str]:
    most = "as many as the topology says" if traits["most"] is None else "one"
    yield f"held by {most}{', or shared by many that read' if traits['shared'] else ''}"
    yield f"the kernel {'knows' if traits['owner'] else 'does not know'} who holds it"
    yield f"after its holder is killed: {traits['after_death']}"
    yield "a deadlock is refused by the kernel" if traits["detects_deadlock"] else "no deadlock is detected"


def _many(most: int | None, noun: str) -> str:
    if most is None:
        return f"any number of {noun}s"
    return f"one {noun}" if most == 1 else f"at most {most} {noun}s"


def _limit(name: str, value: int | str) -> str:
    if isinstance(value, int) and "bytes" in name:
        return f"{value:,} ({units.size(value)})"
    return f"{value:,}" if isinstance(value, int) else value
