"""Waiting for keyboard input stops every task until a key is pressed.

``input``, ``getpass.getpass`` and reading from ``sys.stdin`` block the event loop's thread: timers do not fire, and
connections are not answered.
``await asyncio.to_thread(input, …)`` waits in a thread.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-input"

RULE = Rule(
    code="LW209",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME, safe=True),
    triggers=words(_NAME),
    **page(__doc__),
    peers=("ASYNC250", "S7501"),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import asyncio

async def ask():
    name = input("Who are you? ")
#          ^^^^^^^^^^^^^^^^^^^^^^
    return name.strip()
""",
            fixed=(
                """\
import asyncio

async def ask():
    name = await asyncio.to_thread(input, "Who are you? ")
    return name.strip()
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def other():
    return await asyncio.to_thread(input, "Who are you? ")
"""
        ),
    ),
)
