"""Finds every place of each kind in a file that the completion benchmark could ask about, in the syntax tree."""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from completion.lookup import (
    Definition,
    Function,
    Module,
    attribute_values,
    class_of_object,
    is_async_context_manager,
    is_async_iterable,
    is_coroutine_function,
    is_name,
    looked_up,
    method,
    read_module,
    resolve,
)
from completion.types import type_of_object

TAKES_COROUTINES = {"create_task", "ensure_future", "gather", "run", "wait_for", "shield"}
METHODS_TAKE_COROUTINES = {"create_task", "run_until_complete", "ensure_future"}
# Which argument is the function, by the name of what is called.
TAKES_FUNCTIONS = {
    "to_thread": 0,
    "start_server": 0,
    "add_done_callback": 0,
    "call_soon": 0,
    "call_soon_threadsafe": 0,
    "call_later": 1,
    "call_at": 1,
    "run_in_executor": 1,
    "add_signal_handler": 1,
    "add_reader": 1,
    "add_writer": 1,
}


@dataclass(frozen=True, order=True)
class Place:
    project: str  # with its version: the name of its folder
    path: str  # relative to the project's root, with slashes
    offset: int  # where the wanted word starts, in code points of the decoded file
    end: int  # where its logical line ends
    kind: str
    accepted: tuple[str, ...]  # an inserted text that starts with one of them is right
    needs: str  # who defines the name: "asyncio", "file" or "project"

    def text(self, whole: str, typed: int) -> tuple[str, int]:
        """Return the file with `typed` letters of the wanted word, and the cursor in it."""
        cursor = self.offset + typed
        return whole[:cursor] + whole[self.end :], cursor


def places_in(root: Path, relative: str, kept: dict) -> list[Place]:
    """Return every place of a file that could be asked about."""
    module = read_module(root, relative, kept) if b"async" in (root / relative).read_bytes() else None
    if module is None:
        return []
    finder = _Finder(module, kept)
    for node in ast.walk(module.tree):
        for kind, at, accepted, needs in finder.wanted(node):
            finder.add(kind, at, accepted, needs)
    return finder.places


Wanted = tuple[str, tuple[int, int], tuple[str, ...], str]


class _Finder:
    def __init__(self, module: Module, kept: dict) -> None:
        self.module, self.kept = module, kept
        self.places: list[Place] = []
        self.starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", module.text))]
        self.ends = sorted(_line_ends(module.text, self.starts))

    def add(self, kind: str, at: tuple[int, int], accepted: tuple[str, ...], needs: str) -> None:
        offset = self._offset(*at)
        text = self.module.text
        end = next((end for end in self.ends if end >= offset), len(text))
        # Not so within f-strings, on Pythons that misplace them; nor is there a choice to make in a short word.
        if any(text.startswith(word, offset) and len(word) > 2 for word in accepted):
            self.places.append(
                Place(self.module.root.name, self.module.relative, offset, end, kind, tuple(accepted), needs)
            )

    def wanted(self, node: ast.AST) -> Iterator[Wanted]:
        yield from self._any(node)
        if isinstance(node, ast.Await):
            yield from self._awaited(node.value)
        elif isinstance(node, ast.AsyncWith):
            for item in node.items:
                yield from self._entered(item.context_expr)
        elif isinstance(node, (ast.AsyncFor, ast.comprehension)):
            if isinstance(node, ast.AsyncFor) or node.is_async:
                yield from self._iterated(node.iter)
        elif isinstance(node, ast.Raise):
            yield from self._error(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
        elif isinstance(node, ast.ExceptHandler):
            for one in node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]:
                yield from self._error(one)
        elif isinstance(node, ast.ImportFrom) and node.module == "asyncio" and not node.level:
            for alias in node.names:
                if public(alias.name):
                    yield "import-asyncio", (alias.lineno, alias.col_offset), (alias.name,), "asyncio"
        elif isinstance(node, ast.Call):
            yield from self._called(node)
            yield from self._arguments(node)
            yield from self._keywords(node)
        elif isinstance(node, ast.Attribute) and not self._stands_in(node, ast.Await):
            yield from self._member("member", node)

    def _awaited(self, value: ast.expr) -> Iterator[Wanted]:
        if isinstance(value, ast.Name):
            if self._is_local(value):
                yield "await-variable", _start(value), (value.id,), "file"
        elif isinstance(value, ast.Call):
            yield from self._dotted("await-dotted", value.func, is_coroutine_function)
            yield from self._of_asyncio("await-asyncio", value.func)
            yield from self._own_coroutine("await-function", "await-self", value.func)
            if isinstance(value.func, ast.Attribute):
                yield from self._member("await-member", value.func)

    def _any(self, node: ast.AST) -> Iterator[Wanted]:
        """Yield the name at a node of any kind, whether or not a server could know it."""
        if isinstance(node, ast.Await):
            yield from _whole("any-await", node.value)
            if isinstance(node.value, ast.Call):
                text = _dotted_text(node.value.func)
                if text.startswith("self."):
                    line, column = _start(node.value)
                    rest = text.removeprefix("self.")
                    yield "any-await-self", (line, column + 5), (rest, rest.partition(".")[0]), "project"
        elif isinstance(node, ast.AsyncWith):
            yield from _whole("any-with", node.items[0].context_expr)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            if name in {"create_task", "ensure_future"}:
                yield from _whole("any-argument", node.args[0])

    def _dotted(self, kind: str, func: ast.expr, fits: Callable[[ast.AST | None], bool]) -> Iterator[Wanted]:
        """Yield `self.storage.get` as a whole, if the class of the object before the last dot is the project's own."""
        if not isinstance(func, ast.Attribute):
            return
        owner = self.module.own_class(func) if is_name(func.value, "self") else None
        found = method(self.module, owner, func.attr) if owner else self._member_of_own(func)
        of_asyncio = kind == "await-dotted" and type_of_object(self.module, func, func.value) is not None
        if fits(found) or of_asyncio:
            yield kind, _start(func), (ast.unparse(func),), "project"
            if kind == "await-dotted" and not owner and not of_asyncio:
                yield "member-of-own", _name_start(func), (func.attr,), "project"

    def _member_of_own(self, func: ast.Attribute) -> ast.AST | None:
        found = class_of_object(self.module, func, func.value, self.kept)
        return method(*found, func.attr) if found else None

    def _own_coroutine(self, plain: str, of_self: str, func: ast.expr) -> Iterator[Wanted]:
        if isinstance(func, ast.Name):
            found = resolve(self.module, func, func.id, self.kept)
            if found and is_coroutine_function(found[1]):
                yield plain, _start(func), (func.id,), self._owner(found[0])
        elif isinstance(func, ast.Attribute) and is_name(func.value, "self"):
            found = method(self.module, self.module.own_class(func), func.attr)
            if is_coroutine_function(found):
                yield of_self, _name_start(func), (func.attr,), "file"

    def _entered(self, value: ast.expr) -> Iterator[Wanted]:
        func = value.func if isinstance(value, ast.Call) else value
        yield from self._of_asyncio("with-asyncio", func)
        if isinstance(func, ast.Name):
            if isinstance(value, ast.Name) and self._is_local(value):
                yield "with-name", _start(value), (value.id,), "file"
            found = resolve(self.module, func, func.id, self.kept)
            if found and is_async_context_manager(found[1]):
                yield "with-name", _start(func), (func.id,), self._owner(found[0])
        elif isinstance(func, ast.Attribute) and is_name(func.value, "self") and self._is_own(func):
            yield "with-self", _start(func), (f"self.{func.attr}",), "file"
            yield "with-attribute", _name_start(func), (func.attr,), "file"

    def _iterated(self, value: ast.expr) -> Iterator[Wanted]:
        func = value.func if isinstance(value, ast.Call) else value
        yield from self._dotted("for-dotted", func, is_async_iterable)
        if isinstance(func, ast.Name):
            found = resolve(self.module, func, func.id, self.kept)
            if found and is_async_iterable(found[1]):
                yield "for-name", _start(func), (func.id,), self._owner(found[0])
            elif isinstance(value, ast.Name) and self._is_local(value):
                yield "for-name", _start(value), (value.id,), "file"
        elif isinstance(func, ast.Attribute) and is_name(func.value, "self") and self._is_own(func):
            yield "for-self", _name_start(func), (func.attr,), "file"

    def _error(self, node: ast.expr | None) -> Iterator[Wanted]:
        if isinstance(node, ast.Attribute) and is_error(self.module.asyncio_name(node)):
            yield "error-asyncio", _name_start(node), (node.attr,), "asyncio"

    def _called(self, node: ast.Call) -> Iterator[Wanted]:
        if not self._stands_in(node, ast.Await, ast.withitem, ast.Raise):
            yield from self._of_asyncio("call-asyncio", node.func)

    def _of_asyncio(self, kind: str, func: ast.expr) -> Iterator[Wanted]:
        if isinstance(func, ast.Attribute) and public(self.module.asyncio_name(func)):
            yield kind, _name_start(func), (func.attr,), "asyncio"

    def _member(self, kind: str, node: ast.Attribute) -> Iterator[Wanted]:
        owner = type_of_object(self.module, node, node.value)
        if owner is not None and hasattr(owner, node.attr) and not node.attr.startswith("_"):
            yield kind, _name_start(node), (node.attr,), "asyncio"

    def _arguments(self, node: ast.Call) -> Iterator[Wanted]:
        name = self.module.asyncio_name(node.func)
        attribute = node.func.attr if isinstance(node.func, ast.Attribute) else None
        if name in TAKES_COROUTINES or attribute in METHODS_TAKE_COROUTINES:
            for argument in node.args if name == "gather" else node.args[:1]:
                if isinstance(argument, ast.Call):
                    yield from self._dotted("argument-dotted", argument.func, is_coroutine_function)
                    yield from self._own_coroutine("coroutine-argument", "coroutine-of-self", argument.func)
        index = TAKES_FUNCTIONS.get(name or attribute or "")
        if index is not None and index < len(node.args):
            yield from self._function(node.args[index])

    def _function(self, node: ast.expr) -> Iterator[Wanted]:
        if isinstance(node, ast.Name):
            found = resolve(self.module, node, node.id, self.kept)
            if found and isinstance(found[1], Function):
                yield "function-argument", _start(node), (node.id,), self._owner(found[0])
        elif isinstance(node, ast.Attribute) and is_name(node.value, "self"):
            if method(self.module, self.module.own_class(node), node.attr):
                yield "function-argument", _name_start(node), (node.attr,), "file"

    def _keywords(self, node: ast.Call) -> Iterator[Wanted]:
        name = self.module.asyncio_name(node.func)
        known = parameters(name) if public(name) else set()
        for one in node.keywords:
            if one.arg in known:
                yield "keyword", (one.lineno, one.col_offset), (one.arg,), "asyncio"
            if one.arg == "return_when" and name == "wait" and self.module.asyncio_name(one.value):
                value = str(self.module.asyncio_name(one.value))
                yield "enumerated", _start(one.value), (ast.unparse(one.value), value), "asyncio"

    def _is_local(self, node: ast.Name) -> bool:
        """Does a function around a name bind it, as a value, above it?"""
        if node.id == "self":
            return False
        scope, found = looked_up(self.module, node, node.id)
        above = any(one.lineno < node.lineno for one, _ in found if hasattr(one, "lineno"))
        return scope is not self.module.tree and above and not any(isinstance(one, Definition) for one, _ in found)

    def _is_own(self, node: ast.Attribute) -> bool:
        owner = self.module.own_class(node)
        if owner is None:
            return False
        return method(self.module, owner, node.attr) is not None or bool(attribute_values(owner, node.attr))

    def _owner(self, module: Module) -> str:
        return "file" if module is self.module else "project"

    def _stands_in(self, node: ast.AST, *kinds: type[ast.AST]) -> bool:
        """Is a node, or its call, awaited, entered or raised?"""
        parent = self.module.parents[node]
        if isinstance(parent, ast.Call) and parent.func is node:
            parent = self.module.parents[parent]
        return isinstance(parent, kinds)

    def _offset(self, line: int, column: int) -> int:
        start = self.starts[line - 1]
        row = self.module.text[start : self.starts[line] if line < len(self.starts) else None]
        return start + len(row.encode()[:column].decode(errors="replace"))


def _whole(kind: str, node: ast.expr) -> Iterator[Wanted]:
    text = _dotted_text(node.func if isinstance(node, ast.Call) else node)
    if text:
        yield kind, _start(node), (text,), "project"


def _dotted_text(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if re.fullmatch(r"\w+(\.\w+)*", text) else ""


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _name_start(node: ast.Attribute) -> tuple[int, int]:
    return int(node.end_lineno or 0), int(node.end_col_offset or 0) - len(node.attr.encode())


def _line_ends(text: str, starts: list[int]) -> Iterator[int]:
    """Yield the end of each logical line: after its comment, before its line end."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type == tokenize.NEWLINE:
                yield starts[token.start[0] - 1] + token.start[1]
    except (tokenize.TokenError, IndentationError):
        return


def public(name: str | None) -> bool:
    """Does asyncio have this name, which is neither private nor an internal module?"""
    found = getattr(asyncio, name or "", None)
    return bool(name) and found is not None and not str(name).startswith("_") and not inspect.ismodule(found)


def is_error(name: str | None) -> bool:
    found = getattr(asyncio, name or "", None)
    return isinstance(found, type) and issubclass(found, BaseException)


def parameters(name: str | None) -> set[str]:
    """Return the parameters of a function or class of asyncio that can be passed by name."""
    try:
        found = inspect.signature(getattr(asyncio, name or "")).parameters.values()
    except (ValueError, TypeError):
        return set()
    return {one.name for one in found if one.kind in (one.KEYWORD_ONLY, one.POSITIONAL_OR_KEYWORD)}
