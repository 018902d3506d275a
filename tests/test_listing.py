"""What `ipcviz list` and `ipcviz mechanisms` tell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ipcviz import catalog, listing
from ipcviz.catalog import CatalogError
from ipcviz.cli import ipcviz
from ipcviz.mechanisms import LOCKS, MECHANISMS


def said(*words: str) -> Result:
    return CliRunner().invoke(ipcviz, list(words))


@pytest.mark.parametrize("name", [*MECHANISMS, *LOCKS])
def test_the_page_on_one(name: str) -> None:
    page = said("mechanisms", name).output
    known = {**MECHANISMS, **LOCKS}[name]
    assert page.startswith(f"{name}  (")
    flat = " ".join(page.split())
    for part in (known.about, known.good, known.bad, known.depth_source, *known.manual):
        assert part
        assert part in flat
    for limit in known.limits() if known.unavailable() is None else ():
        assert limit.replace("_", " ") in page
    assert all(len(line) <= 130 for line in page.splitlines())
    assert json.loads(said("mechanisms", name, "--json").output)["name"] == name


def test_a_name_that_nobody_has() -> None:
    with pytest.raises(CatalogError, match="There is no mechanism or lock 'tpc'; did you mean tcp"):
        listing.mechanism("tpc")


def test_every_demo_is_told_in_its_group_with_what_to_look_at() -> None:
    text = said("list").output
    demos: list[dict[str, Any]] = json.loads(said("list", "--json").output)
    assert [demo["name"] for demo in demos] != sorted(catalog.names())
    assert {demo["name"] for demo in demos} == set(catalog.names())
    assert {demo["teaches"] for demo in demos} == set(listing.GROUPS)
    for demo in demos:
        assert f"\n{demo['name']}\n" in text
        assert len(demo["look"]) > 60
    places = [text.index(f"── {group} ──") for group in listing.GROUPS]
    assert places == sorted(places)
