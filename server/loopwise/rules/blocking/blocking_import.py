"""Importing a module by its name reads files, and runs the module, while every task waits.

The first ``importlib.import_module`` of a name searches for files, reads them and executes them, with all that they
import; this takes from milliseconds to seconds.
A module that is imported already costs nothing.

Import it before the event loop runs, or in a thread: ``await asyncio.to_thread(importlib.import_module, name)``.
Nothing is reported in tests, whose loop has nothing else to do, and for a fixed name, which is a late ``import``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import argument
from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import checking
from loopwise.syntax import Node, parts_of

_NAME = "blocking-import"
_BLOCKING = checking(_NAME)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    name = argument(node, 0)
    is_fixed = name is not None and name.type == "string" and all(one.type != "interpolation" for one in parts_of(name))
    if not is_fixed:
        yield from _BLOCKING(node, unit)


RULE = Rule(
    code="LW222",
    name=_NAME,
    severity=Severity.HINT,
    nodes=("call",),
    check=check,
    triggers=words(_NAME),
    **page(__doc__),
    peers=(),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import importlib

async def setup(plugin):
    module = importlib.import_module(f"plugins.{plugin}")
#            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    return module.setup()
""",
            fixed=(
                """\
import asyncio
import importlib

async def setup(plugin):
    module = await asyncio.to_thread(importlib.import_module, f"plugins.{plugin}")
    return module.setup()
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import importlib

def load(plugin):
    return importlib.import_module(f"plugins.{plugin}")

async def setup(plugin):
    module = await asyncio.to_thread(load, plugin)
    return module.setup()
"""
        ),
    ),
)
