"""Opening a file waits for the disk on the event loop's thread.

On a local disk this takes microseconds, on a network share or a busy disk it can take seconds, and no other task can
run in the meantime.
Reading or writing the file then takes longer than opening it.

For small local files this is acceptable.
Otherwise, move all work on the file into one function and pass it to ``asyncio.to_thread``.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-open"

RULE = Rule(
    code="LW206",
    name=_NAME,
    severity=Severity.HINT,
    nodes=("call",),
    check=checking(_NAME),
    triggers=words(_NAME),
    **page(__doc__),
    peers=("ASYNC230", "ASYNC231", "S7493"),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import asyncio

async def opened(path):
    file = open(path, encoding="utf-8")
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    return file
""",
            fixed=(
                """\
import asyncio

async def opened(path):
    file = await asyncio.to_thread(open, path, encoding="utf-8")
    return file
""",
            ),
        ),
        Example(
            good="""\
def work(path):
    with open(path) as file:
        return file.read()
"""
        ),
    ),
)
