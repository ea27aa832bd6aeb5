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
    (re.compile(r"[EFW](\d{4})"), "pylint", ""),
)
# Who reports what type checkers name in words; a test compares it with what is measured.
_CHECKERS = {
    "arg-type": "mypy",
    "attr-defined": "mypy",
    "bad-argument-type": "pyrefly",
    "bad-context-manager": "pyrefly",
    "bad-index": "pyrefly",
    "call-arg": "mypy",
    "call-overload": "mypy",
    "comparison-overlap": "mypy",
    "deprecated": "ty and pyrefly",
    "index": "mypy",
    "invalid-argument-type": "ty",
    "invalid-await": "ty",
    "invalid-context-manager": "ty",
    "invalid-syntax": "ty and pyrefly",
    "invalid-yield": "pyrefly",
    "misc": "mypy",
    "missing-attribute": "ty and pyrefly",
    "missing-module-attribute": "pyrefly",
    "missing-module-member": "ty",
    "name-defined": "mypy",
    "no-matching-overload": "ty and pyrefly",
    "not-async": "pyrefly",
    "not-iterable": "ty and pyrefly",
    "not-subscriptable": "ty",
    "operator": "mypy",
    "redundant-condition": "ty",
    "truthy-bool": "mypy",
    "unexpected-keyword": "pyrefly",
    "unknown-argument": "ty",
    "unsupported-operation": "pyrefly",
    "unsupported-operator": "ty",
    "unused-awaitable": "mypy and ty",
    "unused-coroutine": "mypy and pyrefly",
}


def same_as(rule: Rule, separator: str = ", ") -> str:
    """``Same as ruff [ASYNC251](…), Sonar [S7488](…)``, in Markdown; empty if no tool known by name reports it."""
    by_tool: dict[str, list[str]] = {}
    for tool, shown in filter(None, map(_named, rule.peers)):
        by_tool.setdefault(tool, []).append(shown)
    tools = [f"{tool} {', '.join(shown)}" for tool, shown in by_tool.items()]
    return "Same as " + separator.join(tools) if tools else ""


def _named(code: str) -> tuple[str, str] | None:
    """The tool and its rule; ``None`` for a code by which our rule can be looked up, but whose tool few people know."""
    if code in _RUFF:
        return "ruff", f"[{code}](https://docs.astral.sh/ruff/rules/{_RUFF[code]}/)"
    if code in _CHECKERS:
        return _CHECKERS[code], f"`{code}`"
    for pattern, tool, page in _TOOLS:
        found = pattern.fullmatch(code)
        if found is not None:
            return tool, f"[{code}]({page.format(found[1])})" if page else f"`{code}`"
    return None
