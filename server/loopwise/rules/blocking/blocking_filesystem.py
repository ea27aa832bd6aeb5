"""Copying or removing whole files and directory trees stops every task until the disk is done.

The time that ``shutil.rmtree``, ``shutil.copytree`` and ``extractall`` of an archive take depends on the amount of
data.  The event loop's thread waits all that time.

Run them in a thread: ``await asyncio.to_thread(shutil.rmtree, path)``.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-filesystem"

RULE = Rule(
    code="LW211",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME),
    triggers=words(_NAME),
    **page(__doc__),
    peers=(),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import asyncio
import shutil

async def clean(path):
    shutil.rmtree(path, ignore_errors=True)
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import shutil

async def clean(path):
    await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
""",
            ),
        ),
        Example(
            good="""\
import shutil

def work(path):
    shutil.rmtree(path)
"""
        ),
    ),
)
