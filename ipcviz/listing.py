"""What `ipcviz list` and `ipcviz mechanisms` tell, as plain values and as lines."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ipcviz import catalog, units
from ipcviz.catalog import CatalogError
from ipcviz.choice import able_for_all
from ipcviz.mechanisms import LOCKS, MECHANISMS

__all__ = ["CatalogError", "demo_lines", "demos", "mechanism_lines", "mechanisms"]


def demos() -> list[dict[str, Any]]:
    """The demos that come with ipcviz; raises `CatalogError` if one is broken."""
    return [_demo(name) for name in catalog.names()]


def mechanisms() -> list[dict[str, Any]]:
    """Every mechanism and lock, available or not."""
    return [
        {
            "name": known.name,
            "family": known.family,
            "about": known.about,
            "available": known.unavailable() is None,
            "reason": known.unavailable() or "",
            "traits": known.traits.as_dict(),
            "limits": known.limits() if known.unavailable() is None else {},
        }
        for known in MECHANISMS.values()
    ] + [
        {
            "name": lock.name,
            "family": lock.family,
            "about": lock.about,
            "available": lock.unavailable() is None,
            "reason": lock.unavailable() or "",
            "traits": {"kinds": ["lock"]},
            "limits": lock.limits() if lock.unavailable() is None else {},
        }
        for lock in LOCKS.values()
    ]


def demo_lines(known: list[dict[str, Any]]) -> Iterator[str]:
    """One paragraph a demo."""
    for demo in known:
        yield demo["name"]
        yield f"  {demo['about']}"
        for parameter in demo["parameters"]:
            yield f"    --set {parameter['name']}={parameter['default']}  ({parameter['type']})"
        yield f"    {meaning_of_parameters(demo['name'])}"
        yield f"  runs on {', '.join(demo['mechanisms']) or 'locks only'}"
        yield ""
    yield "Run one with: ipcviz run NAME"


def mechanism_lines(known: list[dict[str, Any]]) -> Iterator[str]:
    """One paragraph a mechanism."""
    for item in known:
        state = "" if item["available"] else f"  NOT AVAILABLE: {item['reason']}"
        yield f"{item['name']}  ({item['family']}){state}"
        yield f"  {item['about']}"
        yield from (f"  {line}" for line in _trait_words(item["traits"]))
        for name, value in item["limits"].items():
            yield f"    {name.replace('_', ' ')}: {_limit(name, value)}"
        yield ""


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
        "about": demo.about,
        "parameters": parameters,
        "mechanisms": able_for_all(topology),
    }


def _trait_words(traits: dict[str, Any]) -> Iterator[str]:
    if "senders" not in traits:
        return
    yield f"{_many(traits['senders'], 'sender')}, {_many(traits['receivers'], 'receiver')}"
    yes = [name.replace("_", " ") for name, value in traits.items() if value is True]
    yield f"carries {', '.join(traits['kinds'])}; {', '.join(yes)}; {traits['reach']}"


def _many(most: int | None, noun: str) -> str:
    if most is None:
        return f"any number of {noun}s"
    return f"one {noun}" if most == 1 else f"at most {most} {noun}s"


def _limit(name: str, value: int | str) -> str:
    if isinstance(value, int) and "bytes" in name:
        return f"{value:,} ({units.size(value)})"
    return f"{value:,}" if isinstance(value, int) else value
