"""Python calls this special method itself without awaiting it, so it must not return a coroutine.

``async def __init__`` raises a ``TypeError`` when an instance is created, ``async def __len__`` and ``__str__`` when
they are called.  Worse are methods whose result is only tested: ``async def __contains__`` is always true, and the
result of an ``async def __exit__`` counts as true, so every exception is suppressed.

So are methods that a library calls, as pydantic and attrs do, and ``run`` of a ``threading.Thread``.

``__aenter__``, ``__aexit__``, ``__anext__`` and ``__call__`` may be coroutine functions, and operators may return an
awaitable (``await store[key]``).  To create an object with ``await``, write a class method: ``async def create(cls)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from loopwise.analysis.flow import waits
from loopwise.analysis.known_names import TRANSPARENT_DECORATORS
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import ClassObject, decorator_names, inheritance, is_generator
from loopwise.syntax import Node, decorators_of, field, is_async, parts_of, span_of, text_of
from loopwise.text import Edit, Span
from loopwise.writing import replace

_NOT = "; Python requires {} and raises TypeError"
_SAYINGS: Mapping[str, str] = MappingProxyType(
    {
        ", so creating an instance raises TypeError": "init",
        ", so it never runs": (
            "post_init attrs_post_init attrs_pre_init init_subclass set_name del setattr delattr setitem delitem set"
            " delete"
        ),
        ", so its result is always true": ("contains eq ne lt le gt ge instancecheck subclasscheck"),
        ", so 'with' enters nothing and binds a coroutine": "enter",
        ", so 'with' suppresses every exception": "exit",
        ", so 'for' receives coroutines and never ends": "next",
        _NOT.format("an iterator"): "iter await",
        _NOT.format("an async iterator"): "aiter",
        _NOT.format("a bool"): "bool",
        _NOT.format("a number"): "len length_hint hash int float complex index sizeof",
        _NOT.format("a string"): "str repr format",
        _NOT.format("bytes"): "bytes",
        _NOT.format("a path"): "fspath",
        _NOT.format("a list"): "dir",
    }
)
_SAID = {f"__{word}__": saying for saying, words in _SAYINGS.items() for word in words.split()}
_TWINS: Mapping[str, str] = MappingProxyType(
    {"__enter__": "__aenter__", "__exit__": "__aexit__", "__next__": "__anext__", "__iter__": "__aiter__"}
)
_CALLED_BY_HAND = re.compile(rb"await\s+[\w.]+\.__(?:post_)?init__\(|async\s+def\s+__new__|metaclass\s*=")
_PYDANTIC = re.compile(rb"^\s*(?:from|import) pydantic\b", re.MULTILINE)
# Decorators of attrs and dataclasses, without which ``__attrs_post_init__`` is an ordinary method.
_ATTRS = frozenset({"define", "s", "attrs", "mutable", "frozen", "dataclass", "attr"})
# Decorators of pydantic 1 and 2.
_HOOKS = frozenset(
    "field_validator model_validator validator root_validator field_serializer model_serializer computed_field".split()
)
_THREADS = frozenset({"threading.Thread", "threading.Timer", "multiprocessing.context.Process"})
_UNDERSTOOD = TRANSPARENT_DECORATORS | _HOOKS | {"abstractmethod", "property", "setter", "deleter", "default"}
_SUPER = re.compile(rb"await\s+super\([^)]*\)\.__(?:post_)?init__\(")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    name = field(node, "name")
    # Any other decorator may make of it what Python wants.
    if name is None or not is_async(node) or not _UNDERSTOOD.issuperset(decorator_names(node)):
        return
    if text_of(name) not in _SAID:
        yield from _hooked(node, unit, name)
        return
    owner, method = unit.owner(node), text_of(name)
    if owner is None or _is_meant(unit, node, owner, method):
        return
    yield Finding(
        span_of(name),
        f"Special method {method} is never awaited{_SAID[method]}",
        lambda: tuple(_fixes(unit, node, method)),
    )


def _hooked(function: Node, unit: Unit, name: Node) -> Iterator[Finding]:
    """Setters and deleters of properties, and hooks that pydantic calls."""
    marks = [text_of(mark).partition("(")[0] for mark in decorators_of(function)]
    if any(mark in {f"{text_of(name)}.setter", f"{text_of(name)}.deleter"} for mark in marks):
        what = "Setter" if any(mark.endswith(".setter") for mark in marks) else "Deleter"
        message = f"{what} '{text_of(name)}' is never awaited, so it never runs"
    elif _PYDANTIC.search(unit.file.source.data) and (
        text_of(name) == "model_post_init" or _HOOKS & {mark.rpartition(".")[2] for mark in marks}
    ):
        message = f"Method '{text_of(name)}' is not awaited by pydantic, so its coroutine replaces the result"
    elif _is_attrs_hook(unit, function, marks):
        message = f"Method '{text_of(name)}' is not awaited by attrs, so its coroutine replaces the result"
    elif text_of(name) == "run" and not marks and _is_thread(unit, function):
        message = "Method run() of a thread is never awaited, so it never runs"
    else:
        return
    yield Finding(span_of(name), message, lambda: tuple(_fixes(unit, function, text_of(name))))


def _is_attrs_hook(unit: Unit, function: Node, marks: list[str]) -> bool:
    """Does attrs call it: ``@size.default``, ``@size.validator``?"""
    owner = unit.owner(function)
    is_hook = len(marks) == 1 and marks[0].count(".") == 1 and marks[0].endswith((".default", ".validator"))
    return is_hook and owner is not None and not _ATTRS.isdisjoint(decorator_names(owner.node))


def _is_thread(unit: Unit, function: Node) -> bool:
    """Is it a method of a thread or process, and of nothing that may run it otherwise?"""
    owner = unit.owner(function)
    order = inheritance.mro(unit.ev, owner) if owner is not None else ()
    return any(base.fullname in _THREADS for base in order)


def _is_meant(unit: Unit, function: Node, owner: ClassObject, method: str) -> bool:
    # An async generator function is the usual ``__aiter__``: its call returns the iterator.
    if method == "__aiter__":
        return is_generator(function)
    if method.startswith("__attrs_"):
        return not _ATTRS & set(decorator_names(owner.node))
    if method == "__post_init__":
        return "dataclass" not in decorator_names(owner.node) or _is_by_hand(unit, owner)
    return method == "__init__" and _is_by_hand(unit, owner)


def _is_by_hand(unit: Unit, owner: ClassObject) -> bool:
    """Does readable code await ``__init__``, or might an unreadable base do so?"""
    order = inheritance.mro(unit.ev, owner)
    # A subclass that awaits its base's ``__init__`` does not show that anything awaits its own.
    if any(_CALLED_BY_HAND.search(_SUPER.sub(b"", base.node.text or b"")) for base in order if not base.file.is_stub):
        return True
    # A metaclass may await ``__init__`` in its ``__call__``.
    if any(base.fullname == "builtins.type" for base in order):
        return True
    # A base that cannot be read may be the one that awaits.
    return any(len(list(inheritance.bases(unit.ev, base))) < _written(base) for base in order if not base.file.is_stub)


def _written(cls: ClassObject) -> int:
    listed = field(cls.node, "superclasses")
    return sum(n.type not in {"keyword_argument", "comment"} for n in parts_of(listed)) if listed is not None else 0


def _fixes(unit: Unit, function: Node, method: str) -> Iterator[Fix]:
    name = field(function, "name")
    if method in _TWINS and name is not None and (method != "__iter__" or is_generator(function)):
        yield Fix(f"Rename the method to {_TWINS[method]}", (replace(name, _TWINS[method]),), safe=False)
    body = field(function, "body")
    if body is not None and next(waits(body), None) is None and not is_generator(function):
        first, second = function.children[0], function.children[1]
        yield Fix("Convert to a plain method", (Edit(Span(first.start_byte, second.start_byte), b""),))


RULE = Rule(
    code="LW116",
    name="async-dunder",
    severity=Severity.ERROR,
    nodes=("function_definition",),
    check=check,
    triggers=frozenset(_SAID) | _HOOKS | {"setter", "deleter", "default", "model_post_init", "run"},
    **page(__doc__),
    cards=("corof",),
    examples=(
        Example(
            bad="""\
class Basket:
    async def __len__(self):
#             ^^^^^^^
        return 3
""",
            fixed=(
                """\
class Basket:
    def __len__(self):
        return 3
""",
            ),
        ),
        Example(
            bad="""\
class Session:
    async def __exit__(self, *exc):
#             ^^^^^^^^
        await self.close()

    async def close(self): ...
""",
            fixed=(
                """\
class Session:
    async def __aexit__(self, *exc):
        await self.close()

    async def close(self): ...
""",
            ),
        ),
        Example(
            good="""\
class Rows:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc): ...

    def __aiter__(self):
        return self

    async def __anext__(self):
        raise StopAsyncIteration
"""
        ),
    ),
)
