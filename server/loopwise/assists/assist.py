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

    In ``before`` is ``$0``, the cursor, or two of them, the ends of a selection.  ``after`` is what each edit that
    is offered makes, in order; none: nothing is offered.
    """

    before: str
    after: tuple[str, ...] = ()
    refused: str = ""
    """A part of the reason for which it is refused."""
    files: Mapping[str, str] = {}
    """Other modules of the project, by name."""
    target: str = ""
    """The Pythons: ``3.10``, ``3.11-3.14``; empty: the newest."""


class Assist(msgspec.Struct, frozen=True):
    """One assist; from it come the menu's entry, the page and the tests."""

    name: str
    """``make-async``."""
    kind: str
    """Of the protocol's kinds of code actions: ``refactor.rewrite``, ``refactor.extract``, ``refactor.inline``."""
    offer: Callable[[tuple[Node, ...], Span, Unit], Iterator[Fix]]
    """What can be done at a place: gets the nodes around it, outermost first, and the selection (empty: a cursor)."""
    title: str
    """What it does, in one line."""
    text: str
    """When to use it, when not: Markdown."""
    examples: tuple[Example, ...]
    general: bool = False
    """Can it be done in many places?  Then it is below the others in a menu."""
