"""The shape of an assist."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from loopwise.analysis.rule import Fix
from loopwise.text import Span

if TYPE_CHECKING:
    from loopwise.analysis.unit import Unit
    from loopwise.syntax import Node


class Example(msgspec.Struct, frozen=True):
    """Code before and after.

    ``before`` contains one ``$0``, the cursor, or two, the ends of a selection.  ``after`` is the result of each
    offered edit, in order; if empty, nothing is offered.
    """

    before: str
    after: tuple[str, ...] = ()
    refused: str = ""
    """A part of the reason for the refusal."""
    files: Mapping[str, str] = {}
    """Other modules of the project, by name."""
    target: str = ""
    """The target Pythons: ``3.10``, ``3.11-3.14``; if empty, the newest."""


class Assist(msgspec.Struct, frozen=True):
    """One assist; the menu entry, its page and its tests are generated from it."""

    name: str
    """``make-async``, for example."""
    kind: str
    """One of the protocol's kinds of code actions: ``refactor.rewrite``, ``refactor.extract``, ``refactor.inline``."""
    offer: Callable[[tuple[Node, ...], Span, Unit], Iterator[Fix]]
    """Yields the fixes at a place: takes the nodes around it, outermost first, and the selection (empty: a cursor)."""
    title: str
    """A one-line description."""
    text: str
    """When to use it and when not: Markdown."""
    examples: tuple[Example, ...]
    general: bool = False
    """Does it apply in many places?  If so, it comes last in a menu."""
