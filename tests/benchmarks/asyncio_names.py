"""Names of places in asyncio's stubs and sources, names in hovers, and whether two names mean the same."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path, PurePosixPath

# Names that stand for another class: what `asyncio.SelectorEventLoop` and the like are on one platform.
SAME_CLASS = {
    "loop": "AbstractEventLoop",
    "SelectorEventLoop": "BaseSelectorEventLoop",
    "UnixSelectorEventLoop": "BaseSelectorEventLoop",
    "WindowsSelectorEventLoop": "BaseSelectorEventLoop",
    "EventLoop": "BaseEventLoop",
    "DefaultEventLoopPolicy": "AbstractEventLoopPolicy",
    "UnixDefaultEventLoopPolicy": "AbstractEventLoopPolicy",
    "WindowsSelectorEventLoopPolicy": "AbstractEventLoopPolicy",
    "WindowsProactorEventLoopPolicy": "AbstractEventLoopPolicy",
    "BaseDefaultEventLoopPolicy": "AbstractEventLoopPolicy",
    "PyTask": "Task",
    "CTask": "Task",
    "PyFuture": "Future",
    "CFuture": "Future",
}
# What the classes of the stubs inherit from each other (a stub read later adds to it).
BASES: dict[str, set[str]] = {
    "Task": {"Future"},
    "BaseEventLoop": {"AbstractEventLoop"},
    "BaseSelectorEventLoop": {"BaseEventLoop"},
    "ProactorEventLoop": {"BaseEventLoop"},
    "Server": {"AbstractServer"},
    "PriorityQueue": {"Queue"},
    "LifoQueue": {"Queue"},
    "BoundedSemaphore": {"Semaphore"},
    "TimerHandle": {"Handle"},
    "ReadTransport": {"BaseTransport"},
    "WriteTransport": {"BaseTransport"},
    "Transport": {"ReadTransport", "WriteTransport"},
    "DatagramTransport": {"BaseTransport"},
    "SubprocessTransport": {"BaseTransport"},
    "Protocol": {"BaseProtocol"},
    "DatagramProtocol": {"BaseProtocol"},
    "SubprocessProtocol": {"BaseProtocol"},
    "BufferedProtocol": {"BaseProtocol"},
    "StreamReaderProtocol": {"Protocol"},
    "BaseChildWatcher": {"AbstractChildWatcher"},
    "SafeChildWatcher": {"BaseChildWatcher"},
    "FastChildWatcher": {"BaseChildWatcher"},
    "MultiLoopChildWatcher": {"AbstractChildWatcher"},
    "ThreadedChildWatcher": {"AbstractChildWatcher"},
    "PidfdChildWatcher": {"AbstractChildWatcher"},
    "SubprocessStreamProtocol": {"SubprocessProtocol", "StreamReaderProtocol"},
}
# asyncio's exceptions that are, on new Pythons, a builtin under its own name.
BUILTIN_TWINS = {"TimeoutError"}
MODULES_OF_ASYNCIO = {"_asyncio"}


def asyncio_module(path: str) -> str | None:
    """Return `asyncio.tasks` for a path in asyncio's stubs or sources, else None."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    stem = PurePosixPath(parts[-1]).stem if parts else ""
    if stem in MODULES_OF_ASYNCIO:
        return stem
    in_library = len(parts) >= 3 and (parts[-3] == "stdlib" or re.fullmatch(r"python\d(\.\d+)?t?", parts[-3]))
    if in_library and parts[-2] == "asyncio":
        return "asyncio" if stem == "__init__" else f"asyncio.{stem}"
    return None


def name_at(path: str, line: int) -> tuple[str, str | None]:
    """Return the name on a line (from 0): ("asyncio", "Queue.get"), ("asyncio", None) for a module, ("other", …)."""
    module = asyncio_module(path)
    if module is None:
        name = _definitions(path).get(line + 1, "")
        if path.endswith("builtins.pyi") and name in BUILTIN_TWINS:
            return "asyncio", name
        return "other", f"{PurePosixPath(path).name}:{name or line + 1}"
    name = _definitions(path).get(line + 1)
    if name is None:
        return "asyncio", module.removeprefix("asyncio.") if line == 0 else None
    name = name.removesuffix(".__init__").removesuffix(".__new__")
    # A submodule that is used under its own name: asyncio.subprocess.Process.
    return "asyncio", f"{module.rpartition('.')[2]}.{name}" if module in (
        "asyncio.subprocess",
        "asyncio.trsock",
    ) else name


@cache
def _definitions(path: str) -> dict[int, str]:
    """Map lines to the qualified names that a module and its classes define; record the classes' bases."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    found: dict[int, str] = {}
    learn = asyncio_module(path) is not None

    def walk(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                found[node.lineno] = prefix + node.name
                if learn and not prefix:
                    bases = {ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases}
                    BASES.setdefault(plain_class(node.name), set()).update(map(plain_class, bases))
                walk(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[node.lineno] = prefix + node.name
                if prefix:  # the attributes that a method of a source file sets
                    for part in ast.walk(node):
                        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                            if isinstance(part.value, ast.Name) and part.value.id == "self":
                                found.setdefault(part.lineno, prefix + part.attr)
            elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Name):
                        found[node.lineno] = prefix + target.id
            elif isinstance(node, (ast.If, ast.Try)):
                walk(node.body, prefix)
                walk(node.orelse, prefix)
                for handler in getattr(node, "handlers", []):
                    walk(handler.body, prefix)

    walk(tree.body, "")
    return found


def defines_class(path: str, line: int) -> bool:
    """Is there a class statement on that line (from 0)?"""
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()[line].lstrip().startswith("class ")
    except (OSError, IndexError):
        return False


# -- what a hover names

_BOLD = re.compile(r"\*\*\s*`([^`]+)`\s*\*\*")
_CODE = re.compile(r"`([^`]+)`")
_TYPED = re.compile(r"^[\w.\[\]'\"]+\s*:\s*(.+)$")
_FENCED = re.compile(r"^```.*?^```\s*$", re.MULTILINE | re.DOTALL)


def hover_markdown(answer: object) -> str:
    """Return the text of a hover's answer, in whichever shape of the protocol."""
    contents = answer.get("contents") if isinstance(answer, dict) else None
    parts = contents if isinstance(contents, list) else [contents]
    return "\n".join(part.get("value", "") if isinstance(part, dict) else part or "" for part in parts)


def named_symbol(markdown: str) -> str | None:
    """Return the full name on a hover's first line: a symbol's own, or the class of a variable's type."""
    return named(markdown)[1]


def named(markdown: str) -> tuple[str | None, str | None]:
    """Return ("symbol", "asyncio.Queue.get"), ("variable", "asyncio.Queue") or (None, None)."""
    lines = _FENCED.sub("", markdown).strip().splitlines()
    first = lines[0] if lines else ""
    code = _BOLD.search(first) or _CODE.search(first)
    if code is None:
        return None, None
    text = code.group(1).strip()
    typed = _TYPED.match(text)
    if typed:
        return "variable", _class_of_type(typed.group(1))
    name = re.match(r"(?:await |async |def |class |\(\w+\) )*([\w.]+)", text)
    return ("symbol", name.group(1)) if name else (None, None)


def _class_of_type(text: str) -> str | None:
    """Return `asyncio.Queue` for `asyncio.Queue[int] | None`; the first class of asyncio's in a union."""
    depth, part, parts = 0, "", []
    for char in text + "|":
        depth += (char in "[(") - (char in "])")
        if char == "|" and not depth:
            parts.append(part.strip())
            part = ""
        else:
            part += char
    names = []
    for one in parts:
        inner = re.fullmatch(r"(?:typing\.)?Optional\[(.*)\]", one)
        names.append(_class_of_type(inner.group(1)) if inner else one.partition("[")[0])
    names = [name for name in names if name and name != "None"]
    return next((name for name in names if is_asyncio(name)), names[0] if names else None)


def is_asyncio(name: str | None) -> bool:
    return bool(name) and (name == "asyncio" or name.startswith("asyncio."))


# -- comparing


def plain_class(name: str) -> str:
    name = name.rpartition(".")[2].lstrip("_")
    return SAME_CLASS.get(name, name)


def _ancestors(name: str) -> set[str]:
    seen: set[str] = set()
    todo = [name]
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo.extend(BASES.get(one, ()))
    return seen - {"object", "Generic", "Protocol[Any]"}


def related(one: str, other: str) -> bool:
    """Is one class the other, or a subclass of it?"""
    a, b = plain_class(one), plain_class(other)
    return a in _ancestors(b) or b in _ancestors(a)


def _split(name: str) -> tuple[str | None, str]:
    """Split "asyncio.Queue.get" into ("Queue", "get"), "asyncio.tasks.gather" into (None, "gather")."""
    parts = [part for part in name.split(".") if part]
    if len(parts) > 1 and (parts[-2][:1].isupper() or parts[-2].lstrip("_")[:1].isupper() or parts[-2] == "loop"):
        return parts[-2], parts[-1]
    return None, parts[-1]


def same_symbol(expected: str, got: str) -> bool:
    """Do two names under asyncio mean the same symbol, allowing for inherited members and renamed classes?"""
    want_class, want = _split(expected)
    got_class, have = _split(got)
    if bool(want_class) != bool(got_class):
        return False
    if want_class:
        return want == have and related(want_class, got_class)
    return _platform_free(want) == _platform_free(have)


def _platform_free(name: str) -> str:
    """Return `SelectorEventLoop` for the stub's `_UnixSelectorEventLoop`."""
    return name.lstrip("_").removeprefix("Unix")


def same_class(expected: str, got: str) -> bool:
    """Is a variable's class the reference's, or a related one? Any loop counts as a loop."""
    return related(expected, got)
