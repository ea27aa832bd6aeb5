"""Kinds of code actions, and the test for those a client asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lsprotocol import types


def is_wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Does the client ask for this kind, or for a kind that contains it?"""
    if only is None:
        return True
    return any(kind == each or kind.startswith(f"{each}.") for each in (_text(one) for one in only))


def may_be_assist(only: Sequence[str] | None) -> bool:
    """Does the client ask for any kind of refactoring?"""
    return is_wanted("refactor", only) or any(_text(kind).startswith("refactor.") for kind in only or ())


def _text(kind: Any) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else str(kind)
