"""Kinds of code actions, and which of them a client asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lsprotocol import types


def is_wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Is a kind, or one that holds it, among those asked for?"""
    if only is None:
        return True
    return any(kind == each or kind.startswith(f"{each}.") for each in (_text(one) for one in only))


def may_be_assist(only: Sequence[str] | None) -> bool:
    """Is any kind of refactoring among those asked for?"""
    return is_wanted("refactor", only) or any(_text(kind).startswith("refactor.") for kind in only or ())


def _text(kind: Any) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else str(kind)
