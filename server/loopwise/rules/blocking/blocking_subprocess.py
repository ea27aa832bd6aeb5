"""Starting a process with a blocking call stops every task.

``subprocess.run`` and similar functions wait until the other program has exited; ``subprocess.Popen`` waits only until
it has started, which takes milliseconds on a busy machine.
``asyncio.create_subprocess_exec`` takes the program and its arguments separately, and returns a process whose methods
can be awaited.

If only the output is needed, ``await asyncio.to_thread(subprocess.run, …)`` is a small change.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-subprocess"

RULE = Rule(
    code="LW204",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME),
    triggers=words(_NAME),
    **page(__doc__),
    peers=("ASYNC220", "ASYNC221", "S7487"),
    cards=("asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"),
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
