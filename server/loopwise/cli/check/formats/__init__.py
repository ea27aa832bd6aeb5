"""Output formats of ``loopwise check``: each module of this folder is one, under its own name.

A module says in the first line of its docstring what the format is for, and has a function ``write`` that puts a
:class:`~loopwise.cli.check.result.RunResult` on standard output.
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
    """The names of all formats, ``text``, which is the default, first."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(found, key=lambda name: name != "text"))


def descriptions() -> Mapping[str, str]:
    """What each format is for, in a sentence; read from the modules' texts, none of which is imported."""
    texts = {name: disk.text(Path(__path__[0], f"{name}.py")) for name in names()}
    first = {name: (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0] for name, text in texts.items()}
    return MappingProxyType(first)


def writer(name: str) -> Callable[[RunResult], None]:
    """The function that writes a format; only its module is imported."""
    write: Callable[[RunResult], None] = importlib.import_module(f"{__name__}.{name}").write
    return write
