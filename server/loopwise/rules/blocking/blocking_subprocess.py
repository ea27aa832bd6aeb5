"""A process that is started by a blocking call stops every task.

``subprocess.run`` and its like wait until the other program has ended; ``subprocess.Popen`` waits only until it has
begun,
which takes milliseconds on a busy machine.
``asyncio.create_subprocess_exec`` takes the program and its arguments one by one, and what it gives can be awaited.

Where the output is all that is wanted, ``await asyncio.to_thread(subprocess.run, …)`` is a small change.
"""

from __future__ import annotations

from loopwise.rules.blocking_calls import words
from loopwise.rules.blocking_fixes import checking
from loopwise.rules.rule import Example, Rule, Severity
from loopwise.rules.write import about

_NAME = "blocking-subprocess"

RULE = Rule(
    code="LW204",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME),
    words=words(_NAME),
    **about(__doc__),
    peers=("ASYNC220", "ASYNC221", "S7487"),
    about=("asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"),
    examples=(
        Example(
            bad="""\
import asyncio
import subprocess

async def version(program):
    return subprocess.run([program, "--version"], capture_output=True).stdout
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import subprocess

async def version(program):
    return (await asyncio.to_thread(subprocess.run, [program, "--version"], capture_output=True)).stdout
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import subprocess

async def run(command):
    await asyncio.create_subprocess_shell(command)
    await asyncio.to_thread(subprocess.run, command)

def work(command):
    subprocess.run(command)
"""
        ),
    ),
)
