"""Waiting for a person at the keyboard stops every task until the key is pressed.

``input``, ``getpass.getpass`` and reading from ``sys.stdin`` hold the event loop's thread: timers do not fire,
connections are not answered.
``await asyncio.to_thread(input, …)`` waits in a thread.
"""

from __future__ import annotations

from loopwise.rules.blocking_calls import words
from loopwise.rules.blocking_fixes import checking
from loopwise.rules.rule import Example, Rule, Severity
from loopwise.rules.write import about

_NAME = "blocking-input"

RULE = Rule(
    code="LW209",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME, safe=True),
    words=words(_NAME),
    **about(__doc__),
    peers=("ASYNC250", "S7501"),
    about=("asyncio.to_thread",),
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
