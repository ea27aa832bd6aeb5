"""Output formats of ``loopwise graph``: each module in this folder is one, under its own name.

The first line of a module's docstring describes the format, and its function ``drawn`` makes the text of a
:class:`~loopwise.graph.Chart`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loopwise.graph import Chart

__all__ = ["names", "writer"]


def names() -> tuple[str, ...]:
    """The names of all formats; ``text``, the default, comes first."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(found, key=lambda name: name != "text"))


def writer(name: str) -> Callable[[Chart], str]:
    """The function that makes a format's text; only its module is imported."""
    drawn: Callable[[Chart], str] = importlib.import_module(f"{__name__}.{name}").drawn
    return drawn
