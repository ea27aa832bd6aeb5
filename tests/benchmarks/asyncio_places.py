"""Places in a project where asyncio may be in use, found by spelling alone, without assuming an answer."""

from __future__ import annotations

import ast
import asyncio
import asyncio.subprocess
import inspect
import random
import re
from dataclasses import dataclass
from pathlib import Path

from lsp_client import read_source, source_lines

SYMBOL, MEMBER, VARIABLE = "symbol", "member", "variable"
# Attributes that only instances have, so that no class shows them.
INSTANCE_ATTRIBUTES = {"pid", "returncode", "stdin", "stdout", "stderr", "partial", "expected", "consumed"}
ASYNC_NAME = re.compile(
    r"(task|fut|queue|loop|lock|event|reader|writer|sem|transport|server|proc|cond|waiter|timeout|runner|barrier)"
    r"s?\d*$|^(q|t|f|r|w)$",
    re.IGNORECASE,
)
MAKERS = {
    "create_task",
    "create_future",
    "ensure_future",
    "get_event_loop",
    "get_running_loop",
    "new_event_loop",
    "call_later",
    "call_at",
    "call_soon",
    "start_server",
    "run_in_executor",
    "TaskGroup",
    "Runner",
}


@dataclass(frozen=True, order=True)
class Place:
    path: str  # relative to the project's root, with slashes
    line: int  # from 0
    column: int  # from 0, in UTF-16 units
    kind: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.line}:{self.column}"


def _member_names() -> frozenset[str]:
    classes = [one for module in (asyncio, asyncio.subprocess) for one in vars(module).values() if inspect.isclass(one)]
    owned = [one for one in classes if one.__module__.startswith(("asyncio", "_asyncio"))]
    return frozenset({name for one in owned for name in dir(one) if not name.startswith("_")} | INSTANCE_ATTRIBUTES)


MEMBER_NAMES = _member_names()


def asyncio_files(root: Path) -> list[str]:
    """Return the project's Python files that import asyncio by name."""
    found = []
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root).as_posix()
        if path.is_file() and re.search(r"^\s*(import|from)\s+asyncio\b", read_source(path), re.MULTILINE):
            found.append(relative)
    return found


def places_in(root: Path, relative: str) -> list[Place]:
    try:
        tree = ast.parse(read_source(root / relative))
    except (SyntaxError, ValueError):
        return []
    finder = _Finder(relative, source_lines(root / relative))
    finder.collect(tree)
    return sorted(set(finder.places))


class _Finder:
    def __init__(self, relative: str, lines: list[str]) -> None:
        self.relative, self.lines = relative, lines
        self.places: list[Place] = []
        self.modules: set[str] = set()  # local names of asyncio and its submodules
        self.symbols: set[str] = set()  # local names that come from asyncio
        self.holders: set[str] = set()  # names and attributes that may hold asyncio objects

    def collect(self, tree: ast.Module) -> None:
        nodes = list(ast.walk(tree))
        for node in nodes:
            self._imports(node)
        for node in nodes:
            self._assigned(node)
        for node in nodes:
            if isinstance(node, ast.Attribute):
                self._attribute(node)
            elif isinstance(node, ast.Name):
                if node.id in self.symbols:
                    self._add(SYMBOL, node.id, node.lineno, node.col_offset)
                elif node.id in self.holders:
                    self._add(VARIABLE, node.id, node.lineno, node.col_offset)
            elif isinstance(node, ast.arg) and node.arg in self.holders:
                self._add(VARIABLE, node.arg, node.lineno, node.col_offset)

    def _imports(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "asyncio":
                    self.modules.add(alias.asname or "asyncio")
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "asyncio":
            for alias in node.names:
                if alias.name != "*":
                    known = alias.asname or alias.name
                    self.symbols.add(known)
                    # `from asyncio import events`: what follows is a module's
                    if alias.name.islower() and inspect.ismodule(getattr(asyncio, alias.name, None)):
                        self.modules.add(known)
                    self._add(SYMBOL, alias.name, alias.lineno, alias.col_offset)

    def _assigned(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            pairs = [(node.target, node.value), (node.target, getattr(node, "annotation", None))]
        elif isinstance(node, (ast.withitem,)):
            pairs = [(node.optional_vars, node.context_expr)]
        elif isinstance(node, ast.arg):
            if ASYNC_NAME.search(node.arg) or self._speaks_of_asyncio(node.annotation):
                self.holders.add(node.arg)
            return
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            pairs = [(node.target, None)]
        else:
            return
        for target, value in pairs:
            for one in ast.walk(target) if target is not None else ():
                name = one.id if isinstance(one, ast.Name) else one.attr if isinstance(one, ast.Attribute) else None
                if name and isinstance(one.ctx, ast.Store):
                    if ASYNC_NAME.search(name) or self._speaks_of_asyncio(value):
                        self.holders.add(name)

    def _speaks_of_asyncio(self, node: ast.AST | None) -> bool:
        for one in ast.walk(node) if node is not None else ():
            if isinstance(one, ast.Name) and (one.id in self.modules or one.id in self.symbols):
                return True
            if isinstance(one, ast.Attribute) and one.attr in MAKERS:
                return True
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and "asyncio." in one.value:
                return True
        return False

    def _attribute(self, node: ast.Attribute) -> None:
        start = node.end_col_offset - len(node.attr.encode())
        if self._is_module(node.value):
            self._add(SYMBOL, node.attr, node.end_lineno, start)
        elif node.attr in MEMBER_NAMES:
            self._add(MEMBER, node.attr, node.end_lineno, start)
        elif node.attr in self.holders:
            self._add(VARIABLE, node.attr, node.end_lineno, start)

    def _is_module(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.modules
        if isinstance(node, ast.Attribute) and self._is_module(node.value):
            return inspect.ismodule(getattr(asyncio, node.attr, None))
        return False

    @staticmethod
    def _is_internal(name: str) -> bool:
        """Is it a private name or one of asyncio's internal modules, which have no documentation?"""
        return name.startswith("_") or (name != "subprocess" and inspect.ismodule(getattr(asyncio, name, None)))

    def _add(self, kind: str, name: str, line: int, byte_column: int) -> None:
        if kind == SYMBOL and self._is_internal(name):
            return
        row = self.lines[line - 1]
        before = row.encode()[:byte_column].decode(errors="replace")
        if row[len(before) :].startswith(name):  # not so within f-strings on Pythons that misplace them
            self.places.append(Place(self.relative, line - 1, len(before.encode("utf-16-le")) // 2, kind, name))


def sample(root: Path, files: list[str], seed: str, limits: dict[str, int], per_file: int = 40) -> list[Place]:
    """A seeded sample of up to `limits[kind]` places of each kind: at most `per_file` of a file, more if too few."""
    chance = random.Random(seed)
    first: dict[str, list[Place]] = {kind: [] for kind in limits}
    spare: dict[str, list[Place]] = {kind: [] for kind in limits}
    files = list(files)
    chance.shuffle(files)
    for relative in files:
        found = places_in(root, relative)
        chance.shuffle(found)
        count = dict.fromkeys(limits, 0)
        for place in found:
            count[place.kind] += 1
            (first if count[place.kind] <= per_file else spare)[place.kind].append(place)
    result = []
    for kind, limit in limits.items():
        chance.shuffle(first[kind])
        chance.shuffle(spare[kind])
        result += (first[kind] + spare[kind])[:limit]
    return result
