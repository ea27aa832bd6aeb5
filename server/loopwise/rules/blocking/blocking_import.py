"""Importing a module by its name reads files, and runs the module, while every task waits.

The first ``importlib.import_module`` of a name searches for files, reads them and executes them, with all that they
import; this takes from milliseconds to seconds.
A module that is imported already costs nothing.

Import it before the event loop runs, or in a thread: ``await asyncio.to_thread(importlib.import_module, name)``.
Nothing is reported in tests, whose loop has nothing else to do.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-import"

RULE = Rule(
    code="LW222",
    name=_NAME,
    severity=Severity.HINT,
    nodes=("call",),
    check=checking(_NAME),
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
