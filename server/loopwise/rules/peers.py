"""The equivalent rules of other tools, in words and with links to their pages."""

from __future__ import annotations

import re

from loopwise.analysis.rule import Rule

# Pages of ruff's rules, which are named after the rule and not after its code.
_RUFF = {
    "ASYNC109": "async-function-with-timeout",
    "ASYNC110": "async-busy-wait",
    "ASYNC115": "async-zero-sleep",
    "ASYNC116": "long-sleep-not-forever",
    "ASYNC210": "blocking-http-call-in-async-function",
    "ASYNC212": "blocking-http-call-httpx-in-async-function",
    "ASYNC220": "create-subprocess-in-async-function",
    "ASYNC221": "run-process-in-async-function",
    "ASYNC222": "wait-for-process-in-async-function",
    "ASYNC230": "blocking-open-call-in-async-function",
    "ASYNC240": "blocking-path-method-in-async-function",
    "ASYNC250": "blocking-input-in-async-function",
    "ASYNC251": "blocking-sleep-in-async-function",
    "F841": "unused-variable",
    "PLE1142": "await-outside-async",
    "PLE1700": "yield-from-in-async-function",
    "PT024": "pytest-unnecessary-asyncio-mark-on-fixture",
    "RUF006": "asyncio-dangling-task",
    "RUF029": "unused-async",
    "UP041": "timeout-error-alias",
}
_TOOLS = (
    (re.compile(r"ASYNC(\d+)"), "flake8-async", "https://flake8-async.readthedocs.io/en/latest/rules.html#async{}"),
    (re.compile(r"S(\d{4})"), "Sonar", "https://rules.sonarsource.com/python/RSPEC-{}/"),
    (
        re.compile(r"(report\w+)"),
        "pyright",
        "https://github.com/microsoft/pyright/blob/main/docs/configuration.md#{}",
    ),
    (re.compile(r"[EW](\d{4})"), "pylint", ""),
)


def same_as(rule: Rule) -> str:
    """``Same as ruff [ASYNC251](…), Sonar [S7488](…)``, in Markdown; empty if no other tool reports it."""
    return "Same as " + ", ".join(map(_named, rule.peers)) if rule.peers else ""


def _named(code: str) -> str:
    if code in _RUFF:
        return f"ruff [{code}](https://docs.astral.sh/ruff/rules/{_RUFF[code]}/)"
    for pattern, tool, page in _TOOLS:
        found = pattern.fullmatch(code)
        if found is not None:
            return f"{tool} [{code}]({page.format(found[1])})" if page else f"{tool} `{code}`"
    return f"`{code}`"
