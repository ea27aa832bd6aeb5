"""Reads typeshed's stubs of asyncio: annotated signatures, and names that exist on Windows only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, int]
Definition = ast.FunctionDef | ast.AsyncFunctionDef

LOOP_CLASSES = ("AbstractEventLoop", "BaseEventLoop", "BaseSelectorEventLoop", "_UnixSelectorEventLoop")


@dataclass(frozen=True)
class Target:
    """The Python for which conditions in the stubs are evaluated."""

    version: Version
    platform: str = "linux"


@dataclass(frozen=True)
class Base:
    """A base of a class, with the names that replace its type variables there."""

    node: ast.ClassDef
    renamed: Mapping[str, str]


class Stubs:
    """typeshed's ``stdlib`` folder, limited to asyncio."""

    def __init__(self, stdlib: Path) -> None:
        paths = [*sorted((stdlib / "asyncio").glob("*.pyi")), stdlib / "_asyncio.pyi"]
        self._bodies = {path.stem: ast.parse(path.read_text(encoding="utf-8")).body for path in paths}

    def public_names(self, target: Target) -> set[str]:
        """``asyncio.__all__`` plus the other names assigned by the package's own stub."""
        names: set[str] = set()
        for node in unconditional(self._bodies["__init__"], target):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                if isinstance(node.value, ast.Tuple):
                    names |= set(ast.literal_eval(node.value))
                names.add(node.targets[0].id)
        return {name for name in names if not name.startswith("_")}

    def types(self, symbol: str, target: Target) -> list[str]:
        """The annotated signatures of a function, class or member; several if it is overloaded."""
        names = symbol.removeprefix("asyncio.").removeprefix("subprocess.").removeprefix("trsock.").split(".")
        if len(names) == 1:
            return self._own_types(names[0], target)
        classes = LOOP_CLASSES if names[0] == "loop" else names[:1]
        for cls in classes:
            for base in self._lineage(cls, target):
                if found := types_in(base.node.body, names[1], target):
                    return found
        return []

    def members(self, cls: str, target: Target) -> dict[str, str]:
        """The kind of each public member that a class itself defines."""
        found: dict[str, str] = {}
        for base in self._lineage(cls, target)[:1]:
            for node in unconditional(base.node.body, target):
                if isinstance(node, Definition) and not node.name.startswith("_"):
                    found[node.name] = "coroutine method" if isinstance(node, ast.AsyncFunctionDef) else "method"
        return found

    def bases(self, cls: str, target: Target) -> list[str]:
        """The names of the classes that a class inherits from, nearest first."""
        return [base.node.name for base in self._lineage(cls, target)[1:]]

    def module(self, name: str, target: Target) -> str:
        """The name of the module that defines something."""
        return next(f"asyncio.{module}" for module, node in self._definitions(name, target))

    def type_parameters(self, cls: str, target: Target) -> list[str]:
        """The type variables of a generic class."""
        lineage = self._lineage(cls, target)
        return variables(lineage[0].node) if lineage else []

    def deprecated_since(self, symbol: str, target: Target) -> str | None:
        """The version named in a ``@deprecated`` as its beginning."""
        name = symbol.rpartition(".")[2]
        for _, node in self._definitions(name, target):
            for decorator in getattr(node, "decorator_list", ()):
                if found := re.search(r"[Dd]eprecated since Python (3\.\d+)", ast.unparse(decorator)):
                    return found[1]
        return None

    def result_of(self, cls: str, methods: tuple[str, ...], target: Target) -> str | None:
        """The result of the first of the methods that does not just return ``Self``; else ``Self``."""
        found = None
        for method in methods:
            for base in self._lineage(cls, target):
                for node in unconditional(base.node.body, target):
                    if (
                        isinstance(node, Definition)
                        and node.name == method
                        and node.returns
                        and found in (None, "Self")
                    ):
                        found = renamed(ast.unparse(item_type(node.returns)), base.renamed)
        return found

    def _own_types(self, name: str, target: Target) -> list[str]:
        for module, node in self._definitions(name, target):
            if isinstance(node, ast.ClassDef):
                lineage = self._lineage(name, target)
                return next((found for base in lineage if (found := types_in(base.node.body, "__init__", target))), [])
            return types_in(self._bodies[module], name, target)
        return []

    def _definitions(self, name: str, target: Target) -> Iterator[tuple[str, ast.stmt]]:
        """The definitions of a name, following ``Name = OtherName``."""
        for module, body in self._bodies.items():
            for node in unconditional(body, target):
                if (isinstance(node, Definition | ast.ClassDef) and node.name == name) or (
                    isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name
                ):
                    yield module, node
                elif (
                    isinstance(node, ast.Assign)
                    and ast.unparse(node.targets[0]) == name
                    and isinstance(node.value, ast.Name)
                ):
                    yield from self._definitions(node.value.id, target)

    def _lineage(self, cls: str, target: Target) -> list[Base]:
        """A class and the classes it inherits from, depth first."""
        node = next((node for _, node in self._definitions(cls, target) if isinstance(node, ast.ClassDef)), None)
        if node is None:
            return []
        lineage = [Base(node, {})]
        for base in node.bases:
            name = ast.unparse(base.value if isinstance(base, ast.Subscript) else base).rpartition(".")[2]
            given = arguments(base)
            for ancestor in self._lineage(name, target):
                lineage.append(
                    Base(ancestor.node, ancestor.renamed or dict(zip(variables(ancestor.node), given, strict=False)))
                )
        return lineage


def unconditional(body: list[ast.stmt], target: Target) -> Iterator[ast.stmt]:
    """A body's statements, with ``if sys.version_info …`` decided."""
    for node in body:
        if isinstance(node, ast.If):
            yield from unconditional(node.body if holds(node.test, target) else node.orelse, target)
        else:
            yield node


def holds(test: ast.expr, target: Target) -> bool:
    """Evaluate a condition on ``sys.version_info`` or ``sys.platform``."""
    if isinstance(test, ast.BoolOp):
        decided = [holds(value, target) for value in test.values]
        return all(decided) if isinstance(test.op, ast.And) else any(decided)
    if isinstance(test, ast.UnaryOp):
        return not holds(test.operand, target)
    if not isinstance(test, ast.Compare):
        return False
    operator, literal = test.ops[0], test.comparators[0]
    if ast.unparse(test.left) == "sys.platform":
        platform: str = ast.literal_eval(literal)
        return (target.platform == platform) == isinstance(operator, ast.Eq)
    since: Version = ast.literal_eval(literal)
    return target.version >= since if isinstance(operator, ast.GtE) else target.version < since


def types_in(body: list[ast.stmt], name: str, target: Target) -> list[str]:
    """The types of all definitions of a name in a body."""
    found = []
    for node in unconditional(body, target):
        if (
            isinstance(node, ast.AnnAssign)
            and ast.unparse(node.target) == name
            and ast.unparse(node.annotation) != "Final"
        ):
            found.append(f": {ast.unparse(node.annotation)}")
        elif isinstance(node, Definition) and node.name == name:
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            if "property" in decorators and node.returns:
                found.append(f": {ast.unparse(node.returns)}")
            elif f"{name}.setter" not in decorators:
                found.append(annotated(node))
    return found


def annotated(node: Definition) -> str:
    """A signature as typeshed writes it."""
    prefix = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{prefix}({ast.unparse(node.args)}){returns}"


def arguments(base: ast.expr) -> list[str]:
    """The source of the type arguments of a base class."""
    if not isinstance(base, ast.Subscript):
        return []
    inner = base.slice
    return [ast.unparse(item) for item in (inner.elts if isinstance(inner, ast.Tuple) else [inner])]


def variables(node: ast.ClassDef) -> list[str]:
    """A class's type variables, from its own type parameters or its bases' arguments."""
    found = [parameter.name for parameter in getattr(node, "type_params", ())]
    for base in node.bases:
        found += [name for name in arguments(base) if re.fullmatch(r"_[A-Z]\w*|\w+T", name)]
    return list(dict.fromkeys(found))


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Replace type variables by their values."""
    for old, new in names.items():
        text = re.sub(rf"\b{old}\b", new, text)
    return text


def item_type(returns: ast.expr) -> ast.expr:
    """``X`` in ``Generator[Any, None, X]``, ``Iterator[X]`` and ``AsyncIterator[X]``; any other type unchanged."""
    if isinstance(returns, ast.Subscript):
        name, inner = ast.unparse(returns.value), returns.slice
        if name == "Generator" and isinstance(inner, ast.Tuple):
            return inner.elts[-1]
        if name in ("Iterator", "AsyncIterator"):
            return inner
    return returns
