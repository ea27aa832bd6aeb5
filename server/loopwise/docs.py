"""Writes everything that is generated: ``python -m loopwise.docs``."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

from loopwise import settings_fields
from loopwise.settings import Field, fields, shown

_SERVER = Path(__file__).resolve().parent.parent

_SETTINGS = """\
# Settings

Written by `python -m loopwise.docs` from `server/loopwise/settings_fields.py`; change that file, not this one.

In `pyproject.toml` settings stand below `[tool.loopwise]`, in an editor behind `loopwise.`:

```toml
[tool.loopwise]
target-version = "3.11-3.14"
hover.samples = "all"
```

The editor's settings go before those of the file.
A setting that is unknown or not allowed is reported, and its default holds.
"""


def generated() -> Mapping[Path, str]:
    """What each generated file should hold."""
    return {_SERVER / "SETTINGS.md": settings_page()}


def settings_page() -> str:
    """SETTINGS.md: each setting, what may be written, the default and what it does."""
    return "\n".join([_SETTINGS, *(_setting(field) for field in fields())])


def describe(field: Field) -> str:
    """The docstring below the field's definition."""
    return _docstrings()[field.owner.__name__, field.name]


def main() -> None:
    """Write each file that is not as it should be, and say so."""
    for path, text in generated().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.name}")


def _setting(field: Field) -> str:
    default = shown(field.default)
    quoted = default if field.default is None else f"`{default}`"
    return f"## {field.key}\n\n{describe(field)}\n\nAllowed: {field.allowed}.\nDefault: {quoted}.\n"


@cache
def _docstrings() -> Mapping[tuple[str, str], str]:
    """By class and attribute; Python itself does not keep what stands below an attribute."""
    classes = [node for node in ast.parse(inspect.getsource(settings_fields)).body if isinstance(node, ast.ClassDef)]
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
