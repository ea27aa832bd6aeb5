"""Accessing the file system waits for the disk on the event loop's thread.

Methods of ``pathlib.Path`` that access the disk, and functions of ``os`` and ``os.path``, take microseconds on a local
disk, and any amount of time on a network share.
Reading whole files and walking through directories take longest; a single ``exists`` or ``mkdir`` is not reported,
one in a loop is.

For a few small local files this is acceptable, and tests are not reported.
Otherwise, run it in a thread: ``await asyncio.to_thread(path.read_text)``.
Functions that yield names one by one (``glob``, ``iterdir``, ``os.walk``) must be turned into a list there.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-path"

RULE = Rule(
    code="LW208",
    name=_NAME,
    severity=Severity.HINT,
    nodes=("call",),
    check=checking(_NAME),
    triggers=words(_NAME),
    **page(__doc__),
    peers=("ASYNC240",),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import asyncio
from pathlib import Path

async def load(folder: Path):
    return (folder / "config.json").read_text(encoding="utf-8").strip()
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
from pathlib import Path

async def load(folder: Path):
    return (await asyncio.to_thread((folder / "config.json").read_text, encoding="utf-8")).strip()
""",
            ),
        ),
        Example(
            bad="""\
import asyncio
from pathlib import Path

async def show(folder: Path):
    for path in folder.glob("*.py"):
#               ^^^^^^^^^^^^^^^^^^^
        print(path)
""",
            fixed=(
                """\
import asyncio
from pathlib import Path

async def show(folder: Path):
    for path in await asyncio.to_thread(lambda: list(folder.glob("*.py"))):
        print(path)
""",
            ),
        ),
        Example(
            good="""\
from pathlib import Path

async def look(path: Path):
    return path.with_suffix(".py").name

def work(path: Path):
    return path.read_text()
"""
        ),
    ),
)
