"""Resolves names from the syntax trees of one project alone: enough to tell whether a server could know them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

from lsp_client import read_source

Function = (ast.FunctionDef, ast.AsyncFunctionDef)
Scope = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Module:
    """One file of a project, parsed; `ast.parse` may raise."""

    def __init__(self, root: Path, relative: str) -> None:
        self.root, self.relative = root, relative
        self.text = read_source(root / relative)
        self.tree = ast.parse(self.text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def aliases(self) -> set[str]:
        """Return the local names of asyncio itself."""
        found = [alias for node in ast.walk(self.tree) if isinstance(node, ast.Import) for alias in node.names]
        return {alias.asname or alias.name for alias in found if alias.name == "asyncio"}

    @cached_property
    def symbols(self) -> dict[str, str]:
        """Map local names that come from asyncio to their names there."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom)]
        own = [node for node in found if node.module == "asyncio" and not node.level]
        return {alias.asname or alias.name: alias.name for node in own for alias in node.names}

    def asyncio_name(self, node: ast.AST | None) -> str | None:
        """Return `sleep` for `asyncio.sleep`, or for a `sleep` that is imported from asyncio."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self.aliases:
            return node.attr
        return self.symbols.get(node.id) if isinstance(node, ast.Name) else None

    def above(self, node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> list[ast.AST]:
        """Return the ancestors of these kinds of a node, innermost first."""
        found = []
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, kinds):
                found.append(node)
        return found

    def own_class(self, node: ast.AST) -> ast.ClassDef | None:
        """Return the class whose `self` a node sees: that of the enclosing method, through nested functions."""
        for function in self.above(node, Function):
            parent = self.parents[function]
            if isinstance(parent, ast.ClassDef):
                names = [argument.arg for argument in function.args.posonlyargs + function.args.args]
                return parent if names[:1] == ["self"] else None
        return None


def project_files(root: Path) -> list[str]:
    """Return the project's Python files, with slashes, sorted."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py") if path.is_file())


def read_module(root: Path, relative: str, kept: dict[tuple[Path, str], Module | None]) -> Module | None:
    """Return the module of a file; None if it is not readable Python."""
    if (root, relative) not in kept:
        try:
            kept[root, relative] = Module(root, relative)
        except (SyntaxError, ValueError, OSError, RecursionError):
            kept[root, relative] = None
    return kept[root, relative]


def inside(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a scope, without those in nested functions and classes."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, (*Definition, ast.Lambda)):
            yield from inside(child)


@cache
def bound_by(scope: ast.AST, name: str) -> list[tuple[ast.AST, ast.AST | None]]:
    """Return the bindings of a name in a function or module, each with its value or definition if that is plain."""
    found: list[tuple[ast.AST, ast.AST | None]] = []
    if isinstance(scope, Scope):
        every = [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs, scope.args.vararg, scope.args.kwarg]
        found += [(one, one.annotation) for one in every if one is not None and one.arg == name]
    for node in inside(scope):
        if isinstance(node, Definition) and node.name == name:
            found.append((node, node))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found += [(node, alias) for alias in node.names if (alias.asname or alias.name.split(".")[0]) == name]
        elif isinstance(node, ast.ExceptHandler) and node.name == name:
            found.append((node, None))
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and is_name(node.targets[0], name):
            found.append((node, node.value))
        elif isinstance(node, ast.AnnAssign) and is_name(node.target, name):
            found.append((node, node.annotation))
        elif isinstance(node, ast.withitem) and is_name(node.optional_vars, name):
            found.append((node, node.context_expr))
        elif isinstance(node, ast.Assign) and (given := _unpacked(node, name)):
            found.append((node, given))
        elif isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            found.append((node, None))
    plain = {part for node, _ in found if not isinstance(node, ast.Name) for part in ast.walk(node)}
    return [pair for pair in found if not (isinstance(pair[0], ast.Name) and pair[0] in plain)]


def is_name(node: ast.AST | None, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _unpacked(node: ast.Assign, name: str) -> ast.AST | None:
    """Return the element of an unpacked value, as a subscript that is not in the source."""
    for target in node.targets:
        if isinstance(target, ast.Tuple):
            for index, one in enumerate(target.elts):
                if is_name(one, name):
                    return ast.Subscript(value=node.value, slice=ast.Constant(index), ctx=ast.Load())
    return None


def looked_up(module: Module, place: ast.AST, name: str) -> tuple[ast.AST, list[tuple[ast.AST, ast.AST | None]]]:
    """Return the scope that binds a name at a place, and its bindings; the module and nothing if it is unbound."""
    for scope in [*module.above(place, Scope), module.tree]:
        if found := bound_by(scope, name):
            return scope, found
    return module.tree, []


def resolve(module: Module, place: ast.AST, name: str, kept: dict) -> tuple[Module, ast.AST] | None:
    """Return the project's only definition of a name at a place, through imports, with its module."""
    _, found = looked_up(module, place, name)
    if len(found) != 1:
        return None
    node, given = found[0]
    if isinstance(given, Definition):
        return module, given
    if isinstance(node, ast.ImportFrom) and isinstance(given, ast.alias):
        return _imported(module, node, given.name, kept, 5)
    return None


def _imported(module: Module, node: ast.ImportFrom, name: str, kept: dict, depth: int) -> tuple[Module, ast.AST] | None:
    target = _file_of(module, node)
    there = read_module(module.root, target, kept) if target else None
    if there is None or depth == 0:
        return None
    found = bound_by(there.tree, name)
    if len(found) != 1:
        return None
    binder, given = found[0]
    if isinstance(given, Definition):
        return there, given
    if isinstance(binder, ast.ImportFrom) and isinstance(given, ast.alias):
        return _imported(there, binder, given.name, kept, depth - 1)
    return None


def _file_of(module: Module, node: ast.ImportFrom) -> str | None:
    """Return the file of the project that is imported from."""
    parts = (node.module or "").split(".") if node.module else []
    if node.level:
        folder = Path(module.relative).parent
        for _ in range(node.level - 1):
            folder = folder.parent
        bases = [folder]
    else:
        bases = [Path(), Path("src")]
    for base in bases:
        stem = base.joinpath(*parts)
        for one in (stem.with_suffix(".py") if parts else stem / "__init__.py", stem / "__init__.py"):
            if (module.root / one).is_file():
                return one.as_posix()
    return None


def attribute_values(owner: ast.ClassDef, name: str) -> list[ast.AST]:
    """Return the values assigned to an attribute in a class, or its annotations if there are any."""
    return _assigned(owner).get(name, [])


@cache
def _assigned(owner: ast.ClassDef) -> dict[str, list[ast.AST]]:
    found: dict[str, list[ast.AST]] = {}
    for node in ast.walk(owner):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Attribute) and is_name(target.value, "self"):
                    given = node.value if isinstance(node, ast.Assign) else node.annotation
                    found.setdefault(target.attr, []).append(given)
    return found


def method(module: Module, owner: ast.ClassDef | None, name: str) -> ast.AST | None:
    """Return a method of a class, or of its bases if they are at the top level of the same file."""
    seen: set[ast.AST] = set()
    left = [owner] if owner else []
    while left:
        one = left.pop(0)
        if one in seen:
            continue
        seen.add(one)
        for node in one.body:
            if isinstance(node, Function) and node.name == name:
                return node
        bases = {base.id for base in one.bases if isinstance(base, ast.Name)}
        left += [node for node in module.tree.body if isinstance(node, ast.ClassDef) and node.name in bases]
    return None


def class_of_object(module: Module, place: ast.AST, node: ast.AST, kept: dict) -> tuple[Module, ast.ClassDef] | None:
    """Return the project's class of the object in a name, or in an attribute of `self`, if all bindings agree."""
    if isinstance(node, ast.Name):
        givers = [given for _, given in looked_up(module, place, node.id)[1]]
    elif isinstance(node, ast.Attribute) and is_name(node.value, "self") and (owner := module.own_class(node)):
        givers = attribute_values(owner, node.attr)
    else:
        return None
    found = {_class_given(module, place, given, kept) for given in givers if not _is_none(given)}
    return found.pop() if len(found) == 1 else None


def _class_given(
    module: Module, place: ast.AST, given: ast.AST | None, kept: dict
) -> tuple[Module, ast.ClassDef] | None:
    """Return the class that is called, or that an annotation names."""
    if isinstance(given, ast.BinOp) and _is_none(given.right):
        given = given.left
    if isinstance(given, ast.Subscript) and is_name(given.value, "Optional"):
        given = given.slice
    if isinstance(given, ast.Constant) and isinstance(given.value, str) and given.value.isidentifier():
        given = ast.Name(given.value)
    if isinstance(given, ast.Call):
        given = given.func
    found = resolve(module, place, given.id, kept) if isinstance(given, ast.Name) else None
    return (found[0], found[1]) if found and isinstance(found[1], ast.ClassDef) else None


def _is_none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


# Decorators after which an `async def` still is what it says.
PLAIN_DECORATORS = {"abstractmethod", "classmethod", "final", "override", "staticmethod"}


def is_coroutine_function(node: ast.AST | None) -> bool:
    return isinstance(node, ast.AsyncFunctionDef) and not _yields(node) and _is_plain(node)


def is_async_iterable(node: ast.AST | None) -> bool:
    if isinstance(node, ast.ClassDef):
        return _has(node, "__aiter__")
    return isinstance(node, ast.AsyncFunctionDef) and _yields(node) and _is_plain(node)


def is_async_context_manager(node: ast.AST | None) -> bool:
    if isinstance(node, ast.ClassDef):
        return _has(node, "__aenter__")
    return isinstance(node, Function) and any(_last(one) == "asynccontextmanager" for one in node.decorator_list)


def _yields(node: ast.AsyncFunctionDef) -> bool:
    return any(isinstance(one, (ast.Yield, ast.YieldFrom)) for one in inside(node))


def _is_plain(node: ast.AsyncFunctionDef) -> bool:
    return all(_last(one) in PLAIN_DECORATORS for one in node.decorator_list)


def _has(node: ast.ClassDef, name: str) -> bool:
    return any(isinstance(one, Function) and one.name == name for one in node.body)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
