"""Each public asyncio name and member, on each Python that has it: written in code, it gets its own hover."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from loopwise.cards.api import load_api
from loopwise.cards.catalogue import builtin
from loopwise.features.hover.kinds import HolderHover, SymbolHover
from loopwise.features.hover.present import markdown
from loopwise.features.hover.resolve import hover
from loopwise.project.view import View
from loopwise.semantics.bindings.files import File
from loopwise.semantics.infer.evaluator import Evaluator, StubValues
from loopwise.semantics.modules import Project
from loopwise.text import Source
from loopwise.versions import Target, Version, version_text
from marked import cursor, subject

LOOPS = ("asyncio.AbstractEventLoop", "asyncio.BaseEventLoop")
# The stubs leave these out, or give them to another class; a hover on an instance does not name them.
UNSEEN = {
    "asyncio.BaseEventLoop.slow_callback_duration": "in no stub",
    "asyncio.loop.slow_callback_duration": "in no stub",
}


def view_of(text: str, version: Version, platform: str, stubs: StubValues) -> View:
    file = File("code", "code.py", Source.of(text))
    evaluator = Evaluator(Project((Path("nowhere"),)), version, platform, stubs)
    return View(file, evaluator, builtin, load_api(), Target(version, version))


def code_for(name: str) -> str:
    """Return a use of the name, as people write it."""
    owner, _, member = name.rpartition(".")
    if owner in {"asyncio", "asyncio.subprocess", "asyncio.trsock"}:
        return f"import asyncio, asyncio.subprocess, asyncio.trsock\n{name}$0\n"
    cls = "asyncio.AbstractEventLoop" if owner == "asyncio.loop" else owner
    return f"import asyncio, asyncio.trsock\ndef use(thing: {cls}):\n    thing.{member}$0\n"


def shown_name(name: str) -> str:
    """Return the name shown in a hover: a member of a loop class is documented as the loop's."""
    owner, _, member = name.rpartition(".")
    return f"asyncio.loop.{member}" if owner in LOOPS else name


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("version", load_api().known, ids=version_text)
def test_every_name_has_its_hover(version: Version, seed: int) -> None:
    """In any order: facts kept from one hover serve the next."""
    wrong = []
    kept = {"linux": StubValues(), "win32": StubValues()}
    symbols = list(load_api().symbols.items())
    random.Random(seed).shuffle(symbols)  # noqa: S311 - an order, no secret
    for name, found in symbols:
        facts = load_api().facts(name)
        if facts is None or not facts.available(version) or found.kind == "module" or name in UNSEEN:
            continue
        text, offset = cursor(code_for(name))
        platform = "win32" if facts.platforms == ("windows",) else "linux"
        view = view_of(text, version, platform, kept[platform])
        got = hover(view, offset)
        if not isinstance(got, SymbolHover) or got.name != shown_name(name):
            wrong.append(f"{name}: {got.name if isinstance(got, (SymbolHover, HolderHover)) else got}")
        elif subject(markdown(got, view.target)) != got.name:
            wrong.append(f"{name}: {markdown(got, view.target)[:80]}")
    assert not wrong, "\n".join(wrong)
