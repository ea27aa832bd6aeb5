"""Opening a file waits for the disk on the event loop's thread.

On a local disk that takes microseconds, on a network share or a busy disk it can take seconds, and no other task runs
meanwhile.
What is then read or written takes longer than the opening.

For small local files it is fine as it stands.
Else make a function of all that is done with the file, and give it to ``asyncio.to_thread``.
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
