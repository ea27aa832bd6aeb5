"""Describes the tree in words, the same in the terminal and in editors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property

import msgspec

from loopwise.graph.project import Graph
from loopwise.graph.tree import Branch
from loopwise.graph.words import VERBS


class Chart(msgspec.Struct, frozen=True, dict=True):
    """One answer."""

    title: str
    root: str
    """The folder that paths are shown relative to."""
    graph: Graph
    branches: tuple[Branch, ...]
    callers: tuple[Branch, ...] = ()
    """The callers of the function that was asked for."""

    @cached_property
    def prefix(self) -> str:
        """The package that contains all the modules, with its dot; it is omitted from labels."""
        heads = {module.module.partition(".")[0] for module in self.graph.modules.values()}
        # With a single module its name would be lost.
        return f"{heads.pop()}." if len(heads) == 1 and len(self.graph.modules) > 1 else ""

    def label(self, branch: Branch) -> str:
        """The target's name, without its module if that is the caller's, else without the common package."""
        ref, place = branch.ref, branch.place
        if ref is not None and place is not None and ref.path == place.path and ref.name and ref != place:
            return ref.name
        return branch.label.removeprefix(self.prefix)

    def place(self, branch: Branch) -> str:
        """``app/net.py:12``, relative to the root."""
        path = self.path(branch)
        if not path or branch.kind == "fold":
            return ""
        return f"{os.path.relpath(path, self.root) if path.startswith(self.root) else path}:{branch.line + 1}"

    def path(self, branch: Branch) -> str:
        """The file that contains the call or the entry point."""
        ref = branch.place or branch.ref
        return ref.path if ref is not None else ""

    def words(self, branch: Branch) -> str:
        """``starts task``, ``blocks on``; empty for an entry point."""
        return VERBS.get(branch.kind, "")

    def notes(self, branch: Branch) -> tuple[str, ...]:
        """Further notes on a call."""
        found = list(branch.within)
        if branch.lost:
            found.append("not stored")
        if branch.overridden:
            found.append(f"or {branch.overridden} override{'s' if branch.overridden > 1 else ''}")
        if branch.why:
            found.append(branch.why)
        if branch.again:
            found.append("see above")
        return tuple(found)

    def summary(self) -> str:
        """A one-line summary in numbers."""
        functions = [function for _, function in self.graph.functions()]
        kinds = [edge.kind for function in functions for edge in function.edges]
        started = sum(kinds.count(kind) for kind in ("task", "group", "gathers"))
        handed = kinds.count("thread") + kinds.count("process")
        lost = sum(edge.lost for function in functions for edge in function.edges)
        figures = (
            (len(self.graph.modules), "module"),
            (sum(function.is_async for function in functions), "async function"),
            (started, "place that starts tasks", "places that start tasks"),
            (handed, "call in a thread or process", "calls in threads or processes"),
            (sum(len(function.locks) for function in functions), "block that holds a lock", "blocks that hold a lock"),
            (sum(1 for _ in self.blocking()), "blocking call on the event loop", "blocking calls on the event loop"),
            (lost, "task not stored", "tasks not stored"),
        )
        return " · ".join(f"{n} {words[0] if n == 1 else words[-1]}" + _plural(n, words) for n, *words in figures if n)

    def blocking(self) -> Iterator[Branch]:
        """The branches that block the event loop."""
        return (one for one in self.all() if one.kind == "blocks")

    def all(self) -> Iterator[Branch]:
        ahead = list(self.branches)
        while ahead:
            one = ahead.pop()
            yield one
            ahead.extend(one.branches)


def _plural(count: int, words: list[str]) -> str:
    return "s" if len(words) == 1 and count != 1 else ""
