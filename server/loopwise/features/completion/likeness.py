"""Counts words that a name shares with the surrounding code: ``self._reconnect_task = create_task(self._re``."""

from __future__ import annotations

import re

import msgspec

from loopwise.features.completion.place import Place
from loopwise.syntax import Node, field, text_of

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# Said of anything: that two names share them means nothing.
_EMPTY = frozenset(
    "self cls async await the a an to of in on do is it new my get set run result ret res value data".split()
)
# A target named after its kind, such as ``task``, does not say which coroutine it is for.
_KINDS = frozenset("task fut future coro handle timer loop queue lock event".split())
_CALLED_LATER = frozenset({"handle", "timer"})  # what `loop.call_later` and its like give
_SHORTEST = 3  # letters of an abbreviation: `sem` of a semaphore


class Likeness(msgspec.Struct, frozen=True):
    """The words around the cursor."""

    target: frozenset[str]
    """The words of the assignment's target, of the name after ``as``, or of the keyword."""
    function: frozenset[str]
    """The words of the function's name."""
    name: str
    """The function's name."""

    def points(self, name: str) -> float:
        """The points for a dotted name's similarity to the surrounding code."""
        words = words_of(name)
        last = name.rpartition(".")[2]
        # The target's words weigh most; beyond two shared words more say nothing new. See ``scores``.
        total = 8.0 * min(len(words & (self.target - _KINDS)), 2) + 2.5 * min(len(words & self.function), 2)
        return total + (8.0 if last == self.name and "." in name.removeprefix("self.") else 0.0)

    def is_named(self, name: str) -> bool:
        """Does an asyncio name match the target: ``Lock`` for ``self._lock``, ``create_task`` for ``task``?"""
        words = words_of(name)
        if self.target & _CALLED_LATER and name.startswith("call_"):
            return True
        return any(word.startswith(own) for word in words for own in self.target if len(own) >= _SHORTEST)


def likeness(place: Place) -> Likeness:
    """The words of the assignment's target, and of the function around the cursor."""
    function = next((node for node in reversed(place.path) if node.type == "function_definition"), None)
    name = text_of(field(function, "name") or function) if function is not None else ""
    return Likeness(frozenset(_targets(place)), words_of(name), name)


def words_of(name: str) -> frozenset[str]:
    """The words of a name, in lower case and singular."""
    found = (word.lower() for word in _WORD.findall(name))
    return frozenset(word[:-1] if word.endswith("s") and len(word) > _SHORTEST else word for word in found) - _EMPTY


def _targets(place: Place) -> frozenset[str]:
    words: frozenset[str] = frozenset()
    for outer, inner in zip(place.path, place.path[1:], strict=False):
        named = _named_by(outer, inner)
        if named is not None:
            words |= words_of(text_of(named))
        if outer.type == "assignment" and (annotation := field(outer, "type")) is not None:
            words |= words_of(text_of(annotation))
    rest = place.typed.rest.strip()
    if rest.startswith(b"as "):
        words |= words_of(rest[3:].rstrip(b": ").decode("utf-8", "replace"))
    return words


def _named_by(outer: Node, inner: Node) -> Node | None:
    """The node that names the value of which ``inner`` is a part."""
    if outer.type in {"assignment", "augmented_assignment"} and field(outer, "right") == inner:
        return field(outer, "left")
    if outer.type in {"keyword_argument", "named_expression"} and field(outer, "value") == inner:
        return field(outer, "name")
    return None
