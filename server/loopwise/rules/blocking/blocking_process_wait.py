"""Waiting for another process to exit stops every task until it does.

``os.waitpid`` and similar functions, and ``wait`` and ``communicate`` of a ``subprocess.Popen``, block the event loop's
thread.  So does reading from the process's pipes.
With ``os.WNOHANG`` or a timeout of 0 they only check, and are not reported.

Run the call in a thread, or start the process with ``asyncio.create_subprocess_exec``, whose ``wait`` can be awaited.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-process-wait"

RULE = Rule(
    code="LW205",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME, safe=True),
    triggers=words(_NAME),
    **page(__doc__),
    peers=("ASYNC222", "S7489"),
    cards=("asyncio.create_subprocess_exec", "asyncio.subprocess.Process.wait"),
    examples=(
        Example(
            bad="""\
import asyncio
import os

async def reap(pid):
    return os.waitpid(pid, 0)
#          ^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import os

async def reap(pid):
    return await asyncio.to_thread(os.waitpid, pid, 0)
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import subprocess

async def reap(process: subprocess.Popen, other: asyncio.subprocess.Process):
    await asyncio.to_thread(process.wait)
    await other.wait()
    await other.communicate()
"""
        ),
    ),
)
