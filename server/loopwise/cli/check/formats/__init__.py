"""Output formats of ``loopwise check``: each module in this folder is one, under its own name.

The first line of a module's docstring describes the format, and its function ``write`` writes a
:class:`~loopwise.cli.check.result.RunResult` to standard output.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from loopwise import disk

if TYPE_CHECKING:
    from loopwise.cli.check.result import RunResult

__all__ = ["descriptions", "names", "writer"]


def names() -> tuple[str, ...]:
    """The names of all formats; ``text``, the default, comes first."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(found, key=lambda name: name != "text"))


def descriptions() -> Mapping[str, str]:
    """A one-sentence description of each format, read from the modules' texts without importing them."""
    texts = {name: disk.text(Path(__path__[0], f"{name}.py")) for name in names()}
    first = {name: (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0] for name, text in texts.items()}
    return MappingProxyType(first)


def writer(name: str) -> Callable[[RunResult], None]:
    """The function that writes a format; only its module is imported."""
    write: Callable[[RunResult], None] = importlib.import_module(f"{__name__}.{name}").write
    return write
