"""Writes everything that is generated: ``python -m loopwise.docs``."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

from loopwise import disk, docs_vscode
from loopwise.analysis.rule import Rule
from loopwise.diagnosis.selection import known_rules
from loopwise.rules.rule_card import rule_section
from loopwise.settings import Field, Settings, fields, shown

_SERVER = Path(__file__).resolve().parent.parent

_SETTINGS = """\
# Settings

Written by `python -m loopwise.docs` from `server/loopwise/settings/fields.py`; change that file, not this one.

In `pyproject.toml` settings stand below `[tool.loopwise]`, in an editor behind `loopwise.`:

```toml
[tool.loopwise]
target-version = "3.11-3.14"
hover.samples = "all"
```

The nearest `pyproject.toml` with such a table holds for a file; one without it, between the two, changes the target
Python alone.
So a workspace of uv, Poetry, Hatch or PDM can have its settings at its top, and its packages know each other's
coroutines.

The editor's settings go before those of the file.
A setting that is unknown or not allowed is reported, and its default holds; `loopwise check` then ends with exit
code 2.
"""

_RULES = """\
# Rules

Written by `python -m loopwise.docs` from the modules below `server/loopwise/rules`; change those, not this file.

`loopwise explain dangling-task` shows the same in a terminal, and a hover over the name in a comment in the editor.

## Choosing rules

A rule is named by its name, its code, the start of its code, or `ALL` for every one:

```toml
[tool.loopwise]
extend-select = ["unused-async"]
ignore = ["LW5"]
per-file-ignores = { "tests/**" = ["blocking-sleep"] }
severity = { dangling-task = "error" }
```

Where two words name a rule, the more exact one holds: `ignore = ["LW2"]` with `extend-select = ["LW201"]` leaves
`LW201` on.
[SETTINGS.md](SETTINGS.md) has all settings.

## Comments

A comment silences rules on the line where a finding starts or ends, or on the last line of its statement:

```python
time.sleep(1)  # loopwise: ignore[blocking-sleep]
time.sleep(1)  # noqa: LW201
time.sleep(1)  # loopwise: ignore
```

`# loopwise: ignore-file[blocking-sleep]` and `# ruff: noqa: LW201`, `# flake8: noqa: LW201` on a line of their own
speak of the whole file.
So do those without names, for every rule.

What is written for another tool is understood where that tool finds the same: `# noqa: ASYNC251`,
`# pyright: ignore[reportUnusedCoroutine]`, `# type: ignore[unused-coroutine]`, `# pylint: disable=await-outside-async`.
So are pylint's `disable-next=` and its blocks (`disable=` on a line of its own, to the end of the block or to
`enable=`), and ruff's `# ruff: ignore[…]` above a statement and its ranges from `disable[…]` to `enable[…]`: each
holds on the lines on which it holds for that tool.

ruff takes our codes for slips of the pen; `external = ["LW"]` below its `[tool.ruff.lint]` tells it otherwise.
`# loopwise: ignore[…]` needs no such thing.

## Beside other linters

With `companion = "auto"`, the default, Loopwise leaves a finding to ruff, flake8-async, pylint, pyright, mypy, ty or
pyrefly where that tool reports the same place; its fixes stay on offer.

- It goes by the finding, not by the rule. What each tool reports was measured with the real tools and is in
  `knowledge/companions.toml`: ruff reports `requests.get(url)`, not `self.session.get(url)`, so the second is shown.
- It goes by the file. Each tool's configuration for the file is read: the nearest one, exclusions, ignores for some
  files, `ignore_errors`, the version that is pinned (where none is, the newest counts).
- In doubt a finding is shown: in code that a type checker may take to be unreachable, in a file with a syntax error,
  in a version of the tool that reports less.

`check` says in its last line how many findings were left to other tools.
A rule that is named one by one, in `select`, `extend-select` or `severity`, is always shown.
`companion = ["ruff"]` leaves findings to ruff alone, `companion = "off"` to no tool.

## All rules
"""

_FAMILIES = {
    "LW0": "Loopwise itself",
    "LW1": "Lost work",
    "LW2": "The loop is blocked",
    "LW3": "Cancellation, timeouts and groups",
    "LW4": "Loops, contexts and the rest",
    "LW5": "Newer ways",
}


def generated() -> Mapping[Path, str]:
    """What each generated file should hold."""
    pages = {_SERVER / "SETTINGS.md": settings_page(), _SERVER / "RULES.md": rules_page()}
    return {**pages, **docs_vscode.package(describe)}


def rules_page() -> str:
    """RULES.md: how rules are chosen and silenced, a table of all, and a section for each, under its name."""
    rules = known_rules()
    families = [_family(title, [r for r in rules if r.code.startswith(start)]) for start, title in _FAMILIES.items()]
    return "\n".join([_RULES, *(part for part in families if part), *(rule_section(rule) for rule in rules)])


def settings_page() -> str:
    """SETTINGS.md: each setting, what may be written, the default and what it does."""
    return "\n".join([_SETTINGS, *(_setting(field) for field in fields())])


def describe(field: Field) -> str:
    """The docstring below the field's definition."""
    return _docstrings()[field.owner.__name__, field.name]


def main() -> None:
    """Write each file that is not as it should be, and say so."""
    for path, text in generated().items():
        if not path.exists() or disk.text(path) != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.name}")


def _family(title: str, rules: list[Rule]) -> str:
    """A table of the rules that belong together."""
    if not rules:
        return ""
    head = f"### {title}\n\n| Code | Rule | Severity | Fix | What is found |\n|---|---|---|---|---|\n"
    return head + "".join(map(_row, rules))


def _row(rule: Rule) -> str:
    severity = rule.severity.value if rule.default_on else f"{rule.severity.value}, off by default"
    fix = "yes" if any(example.fixed for example in rule.examples) else ""
    what = rule.title.replace("|", "\\|")
    return f"| {rule.code} | [{rule.name}](#{rule.name}) | {severity} | {fix} | {what} |\n"


def _setting(field: Field) -> str:
    default = shown(field.default)
    quoted = default if field.default is None else f"`{default}`"
    return f"## {field.key}\n\n{describe(field)}\n\nAllowed: {field.allowed}.\nDefault: {quoted}.\n"


@cache
def _docstrings() -> Mapping[tuple[str, str], str]:
    """By class and attribute; Python itself does not keep what stands below an attribute."""
    classes = [
        node
        for node in ast.parse(inspect.getsource(inspect.getmodule(Settings) or Settings)).body
        if isinstance(node, ast.ClassDef)
    ]
    return {
        (owner.name, field.target.id): inspect.cleandoc(text.value.value)
        for owner in classes
        for field, text in pairwise(owner.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


if __name__ == "__main__":
    main()
