"""Reaching definitions: the bindings of a name that can be in effect at a place, on the target Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from loopwise.semantics.bindings import EXCLUSIVE, Binding, Branch, Kind, branches_of
from loopwise.syntax import LOOPS, Node, span_of
from loopwise.text import Span

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


def reaching_bindings(
    bindings: tuple[Binding, ...], unit: Node, path: tuple[Node, ...], use: Node
) -> tuple[Binding, ...]:
    """The bindings that can be in effect at ``use``: an approximation of reaching definitions."""
    here = span_of(use).shifted(-unit.start_byte)
    # The place is the bound name itself.
    own = tuple(binding for binding in bindings if binding.at == here)
    if own:
        return own
    around = branches_of(path, unit)
    possible = [b for b in bindings if not _exclusive(b.branches, around)]
    before = [b for b in possible if b.at.start < here.start and not _holds(b, here)]
    # Bindings before one that certainly runs are overwritten by it.
    last = max((i for i, b in enumerate(before) if _dominates(b, around)), default=None)
    reaching = before[last:] if last is not None else before
    loops = [branch for branch in around if branch.kind in LOOPS]
    for binding in possible:
        later = binding.at.start >= here.start or _holds(binding, here)
        repeated = [branch for branch in loops if branch in binding.branches]
        # A binding below may come from the previous iteration of a common loop.
        if later and repeated and not (last is not None and repeated[-1] in before[last].branches):
            reaching.append(binding)
    declared = [b for b in bindings if b.kind is Kind.DECLARE]
    return tuple(reaching) or tuple(declared) or bindings


def is_bound_before(bindings: tuple[Binding, ...], unit: Node, use: Node) -> bool:
    """Is one of the bindings before ``use`` in the source, or is ``use`` itself the bound name?"""
    here = span_of(use).shifted(-unit.start_byte)
    return any(b.at == here or (b.at.start < here.start and not _holds(b, here)) for b in bindings)


def _holds(binding: Binding, here: Span) -> bool:
    """Is the use in the binding's own value (``x = f(x)``)?"""
    span = binding.value
    inside = span is not None and span.start <= here.start and here.end <= span.end
    return inside and binding.kind in {Kind.ASSIGN, Kind.FOR, Kind.WITH}


def _dominates(binding: Binding, around: tuple[Branch, ...]) -> bool:
    arms = {(branch.statement, branch.arm) for branch in around}
    # The body of ``with`` always runs.
    inner = [branch for branch in binding.branches if branch.kind != "with_statement"]
    return all((branch.statement, branch.arm) in arms for branch in inner)


def _exclusive(branches: tuple[Branch, ...], around: tuple[Branch, ...]) -> bool:
    arms = {branch.statement: branch.arm for branch in around}
    return any(branch.kind in EXCLUSIVE and arms.get(branch.statement, branch.arm) != branch.arm for branch in branches)


# The form that PEP 484 asks type checkers to understand.
_VERSION_TEST = re.compile(r"sys\.version_info\s*(>=|<|==|>|<=)\s*\(\s*(\d+)\s*(?:,\s*(\d+))?")
_PLATFORM_TEST = re.compile(r"sys\.platform\s*(==|!=)\s*[\"'](\w+)[\"']")


def alive(ev: Evaluator, bindings: tuple[Binding, ...]) -> tuple[Binding, ...]:
    """The bindings that the target Python and platform do not exclude."""
    kept = tuple(b for b in bindings if all(_may_run(ev, branch) for branch in b.branches if branch.guards))
    return kept or bindings


def _may_run(ev: Evaluator, branch: Branch) -> bool:
    return all(_decided(ev, text) in {None, wanted} for text, wanted in branch.guards)


def _decided(ev: Evaluator, test: str) -> bool | None:
    """Is a condition on version or platform true?  ``None`` if that is undecided."""
    if test in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
        return True
    if " and " in test:
        parts = [_decided(ev, part.strip()) for part in test.split(" and ")]
        return False if False in parts else (None if None in parts else True)
    version = _VERSION_TEST.fullmatch(test.rstrip(" )"))
    if version is not None:
        wanted = (int(version[2]), int(version[3] or 0))
        order: dict[str, Callable[[], bool]] = {
            ">=": lambda: ev.version >= wanted,
            ">": lambda: ev.version > wanted,
            "<": lambda: ev.version < wanted,
            "<=": lambda: ev.version <= wanted,
            "==": lambda: ev.version == wanted,
        }
        return order[version[1]]()
    platform = _PLATFORM_TEST.fullmatch(test)
    if platform is not None:
        return (ev.platform == platform[2]) is (platform[1] == "==")
    return None
