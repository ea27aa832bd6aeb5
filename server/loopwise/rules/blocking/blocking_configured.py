"""A call that the project declares as blocking stops every task until it returns.

The setting ``blocking`` names the project's own functions, and those of libraries that Loopwise does not know:

```toml
[tool.loopwise.blocking]
"acme.db.query" = "acme.db.query_async"
"acme.sdk.*" = ""
```

The key is a full name or a pattern, the value the function to await with the same arguments, or an empty string if
there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.blocking import CONFIGURED, blocking
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import finding
from loopwise.syntax import Node


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if not unit.view.settings.blocking or not unit.on_loop(node) or unit.is_awaited(node):
        return
    found = blocking(unit, node)
    if found is not None and found.rule == CONFIGURED:
        yield finding(unit, node, found)


RULE = Rule(
    code="LW217",
    name=CONFIGURED,
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=frozenset({"async"}),
    **page(__doc__),
    peers=("ASYNC200",),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import acme.db

async def work():
    acme.db.query("select 1")
#   ^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import acme.db

async def work():
    await acme.db.query_async("select 1")
""",
            ),
            files={"pyproject.toml": '[tool.loopwise.blocking]\n"acme.db.query" = "acme.db.query_async"\n'},
        ),
    ),
)
